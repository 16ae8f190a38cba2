//! Default encryption, as the Properties tab shows it.

use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;
use sluice_core::account::Call;

use super::section::Section;
use crate::components::Fault;
use crate::host::{query, use_host};

/// `GetBucketEncryption`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Answer {
    server_side_encryption_configuration: Configuration,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Rule {
    apply_server_side_encryption_by_default: ByDefault,
    bucket_key_enabled: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct ByDefault {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: String,
    #[serde(rename = "KMSMasterKeyID")]
    key: Option<String>,
}

#[component]
pub fn Encryption(bucket: String) -> impl IntoView {
    let host = use_host();
    let answer = query(host, move || Some(Call::new("s3", "GetBucketEncryption", json!({ "Bucket": bucket }))));
    view! {
        <Section title="Default encryption" about="What S3 encrypts a new object with when the request does not say.">
            {move || match answer.read::<Answer>() {
                None => ().into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(answer)) => {
                    let rule = answer.server_side_encryption_configuration.rules.into_iter().next().unwrap_or_default();
                    view! {
                        <dl class="facts">
                            <dt>"Encryption type"</dt>
                            <dd class="mono">{rule.apply_server_side_encryption_by_default.algorithm}</dd>
                            {rule.apply_server_side_encryption_by_default.key.map(|key| view! { <dt>"KMS key"</dt> <dd class="mono">{key}</dd> })}
                            <dt>"Bucket Key"</dt>
                            <dd>{if rule.bucket_key_enabled { "Enabled" } else { "Disabled" }}</dd>
                        </dl>
                    }
                        .into_any()
                }
            }}
        </Section>
    }
}
