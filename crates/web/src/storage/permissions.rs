//! The Permissions tab of a bucket.

use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;
use sluice_core::account::Call;

use super::section::Section;
use crate::components::Fault;
use crate::host::{query, use_host};

/// `GetPublicAccessBlock`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Answer {
    public_access_block_configuration: Block,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Block {
    block_public_acls: bool,
    ignore_public_acls: bool,
    block_public_policy: bool,
    restrict_public_buckets: bool,
}

#[component]
pub fn Permissions(bucket: String) -> impl IntoView {
    let host = use_host();
    let block = query(host, move || Some(Call::new("s3", "GetPublicAccessBlock", json!({ "Bucket": bucket }))));
    let switches = move |block: Block| {
        [
            ("BlockPublicAcls", block.block_public_acls),
            ("IgnorePublicAcls", block.ignore_public_acls),
            ("BlockPublicPolicy", block.block_public_policy),
            ("RestrictPublicBuckets", block.restrict_public_buckets),
        ]
        .map(|(name, on)| {
            view! {
                <dt class="mono">{name}</dt>
                <dd>{if on { "On" } else { "Off" }}</dd>
            }
        })
        .collect_view()
    };
    view! {
        <Section title="Block Public Access" about="Four switches that stand before every policy and every ACL.">
            {move || match block.read::<Answer>() {
                None => ().into_any(),
                Some(Ok(answer)) => view! { <dl class="facts">{switches(answer.public_access_block_configuration)}</dl> }.into_any(),
                // S3 answers so after DeletePublicAccessBlock: none of the four is on.
                Some(Err(error)) if error.code == "NoSuchPublicAccessBlockConfiguration" => {
                    view! { <dl class="facts">{switches(Block::default())}</dl> }.into_any()
                }
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
            }}
        </Section>
    }
}
