//! Encryption at rest: what a bucket's new objects are encrypted with, and what one object is.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::section::Section;
use crate::components::Fault;
use crate::host::{Host, query, use_host};
use crate::router::{Route, Security};
use crate::security::{asked, keys};

/// S3's names of the algorithms, the console's, and what each is.
const ALGORITHMS: [(&str, &str, &str); 3] = [
    ("AES256", "SSE-S3", "Keys of S3’s own: nothing to manage, nothing to switch off."),
    ("aws:kms", "SSE-KMS", "A key of KMS: it has a policy, a switch, and a count of its uses."),
    ("aws:kms:dsse", "DSSE-KMS", "Two layers of encryption under a key of KMS."),
];

#[derive(Clone, Debug, Default, PartialEq)]
struct Rule {
    algorithm: String,
    /// As the bucket names it; empty: `aws/s3`.
    key: String,
    bucket_key: bool,
    blocks_customer_keys: bool,
}

impl Rule {
    fn is_kms(&self) -> bool {
        self.algorithm.starts_with("aws:kms")
    }

    fn configuration(&self) -> Value {
        let mut default = json!({ "SSEAlgorithm": self.algorithm });
        if self.is_kms() && !self.key.is_empty() {
            default["KMSMasterKeyID"] = json!(self.key);
        }
        let blocked = if self.blocks_customer_keys { "SSE-C" } else { "NONE" };
        json!({ "Rules": [{
            "ApplyServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": self.bucket_key && self.algorithm == "aws:kms",
            "BlockedEncryptionTypes": { "EncryptionType": [blocked] },
        }] })
    }
}

async fn read(host: Host, bucket: String) -> Result<Rule, ApiError> {
    let response = host.call("s3", "GetBucketEncryption", json!({ "Bucket": bucket })).await?;
    let rule = &response["ServerSideEncryptionConfiguration"]["Rules"][0];
    let default = &rule["ApplyServerSideEncryptionByDefault"];
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(Rule {
        algorithm: word(&default["SSEAlgorithm"]),
        key: word(&default["KMSMasterKeyID"]),
        bucket_key: rule["BucketKeyEnabled"].as_bool().unwrap_or(false),
        blocks_customer_keys: rule["BlockedEncryptionTypes"]["EncryptionType"]
            .as_array()
            .is_some_and(|types| types.contains(&json!("SSE-C"))),
    })
}

/// Properties › Default encryption, to be changed.
#[component]
pub fn Encryption(bucket: String) -> impl IntoView {
    let host = use_host();
    let bucket = StoredValue::new(bucket);
    let answer = asked(host, move || Some(bucket.get_value()), read);
    let known = asked(host, || Some(()), keys);
    let draft = RwSignal::new(Rule::default());
    let kept = RwSignal::new(Rule::default());
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if let Some(Ok(now)) = answer.get() {
            draft.set(now.clone());
            kept.set(now);
        }
    });
    // The keys of the account's own, each by the ARN that the rule will name; and what the rule names now, if it is none of them.
    let choices = Memo::new(move |_| {
        let mut choices = vec![(String::new(), "aws/s3 (AWS managed)".to_owned(), String::new())];
        known.with(|known| {
            for key in known.iter().flatten().flatten().filter(|key| !key.is_aws) {
                let name = match key.state.as_str() {
                    "Enabled" => key.name(),
                    "Disabled" => format!("{} (disabled)", key.name()),
                    _ => format!("{} (pending deletion)", key.name()),
                };
                choices.push((key.arn.clone(), name, key.id.clone()));
            }
        });
        let named = draft.with(|draft| draft.key.clone());
        if !choices.iter().any(|(arn, _, id)| *arn == named || *id == named) {
            choices.push((named.clone(), named, String::new()));
        }
        choices
    });
    let is_kms = move || draft.with(Rule::is_kms);
    let save = move |_| {
        let params = json!({ "Bucket": bucket.get_value(), "ServerSideEncryptionConfiguration": draft.with_untracked(Rule::configuration) });
        spawn_local(async move {
            match host.call("s3", "PutBucketEncryption", params).await {
                Ok(_) => {
                    refused.set(None);
                    host.toast_done("Saved the default encryption.");
                    host.announce("Saved the default encryption.");
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Section title="Default encryption" about="For new objects that do not ask for another. What is there stays under what it was written with.">
            <div class="encryption">
            <fieldset class="switches">
                <legend class="visually-hidden">"Encryption type"</legend>
                {ALGORITHMS
                    .into_iter()
                    .map(|(value, name, what)| {
                        view! {
                            <label class="pick one">
                                <input
                                    type="radio"
                                    name="default-encryption"
                                    prop:checked=move || draft.with(|draft| draft.algorithm == value)
                                    on:change=move |_| draft.update(|draft| draft.algorithm = value.to_owned())
                                />
                                <span>
                                    <b>{name}</b>
                                    <span class="meta">{what}</span>
                                </span>
                            </label>
                        }
                    })
                    .collect_view()}
            </fieldset>
            <div class="field key" hidden=move || !is_kms()>
                <label for="encryption-key">"KMS key"</label>
                <select
                    id="encryption-key"
                    class="select"
                    on:change=move |event| draft.update(|draft| draft.key = event_target_value(&event))
                >
                    {move || {
                        let named = draft.with(|draft| draft.key.clone());
                        choices
                            .get()
                            .into_iter()
                            .map(|(arn, name, id)| {
                                let here = arn == named || (!id.is_empty() && (id == named));
                                view! {
                                    <option value=arn selected=here>
                                        {name}
                                    </option>
                                }
                            })
                            .collect_view()
                    }}
                </select>
                <p class="hint">
                    <a href=Route::Security(Security::Keys).href()>"Keys of this account"</a>
                </p>
            </div>
            <label class="pick one" hidden=move || draft.with(|draft| draft.algorithm != "aws:kms")>
                <input
                    type="checkbox"
                    class="check"
                    prop:checked=move || draft.with(|draft| draft.bucket_key)
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        draft.update(|draft| draft.bucket_key = on);
                    }
                />
                <span>
                    <b>"Bucket key"</b>
                    <span class="meta">"S3 keeps a key for the bucket for a while and asks KMS far less often: fewer requests, fewer entries in the trail, a smaller bill."</span>
                </span>
            </label>
            <label class="pick one">
                <input
                    type="checkbox"
                    class="check"
                    prop:checked=move || draft.with(|draft| draft.blocks_customer_keys)
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        draft.update(|draft| draft.blocks_customer_keys = on);
                    }
                />
                <span>
                    <b>"Block SSE-C"</b>
                    <span class="meta">"Uploads with a key that the caller keeps (SSE-C) are refused. New buckets block them."</span>
                </span>
            </label>
            {move || match answer.get() {
                Some(Err(error)) => Some(view! { <Fault error=error /> }),
                _ => refused.get().map(|error| view! { <Fault error=error /> }),
            }}
            <p class="acts" hidden=move || draft.get() == kept.get()>
                <button type="button" class="btn primary" on:click=save>
                    "Save default encryption"
                </button>
                <button type="button" class="btn" on:click=move |_| draft.set(kept.get_untracked())>
                    "Discard"
                </button>
            </p>
            </div>
        </Section>
    }
}

/// Of one object: the algorithm, and the way to the key. For a list of facts.
#[component]
pub fn EncryptedWith(
    /// As S3 names it: `AES256`, `aws:kms`, `aws:kms:dsse`; empty: a key of the caller's.
    algorithm: String,
    /// The key's ARN.
    key: Option<String>,
    bucket_key: bool,
) -> impl IntoView {
    let host = use_host();
    let asked_for = StoredValue::new(key.clone());
    let aliases = query(host, move || {
        asked_for.get_value().map(|key| Call::new("kms", "ListAliases", json!({ "KeyId": key })))
    })
    .answer;
    let words = match ALGORITHMS.iter().find(|(value, ..)| *value == algorithm) {
        Some((value, name, _)) => format!("{name} ({value})"),
        None => "SSE-C: a key that the caller keeps".to_owned(),
    };
    let name = move |id: &str| {
        aliases.with(|aliases| {
            let first = aliases
                .as_ref()
                .and_then(|aliases| aliases.as_ref().ok())
                .and_then(|aliases| aliases["Aliases"][0]["AliasName"].as_str());
            first.map_or_else(|| id.to_owned(), |alias| alias.trim_start_matches("alias/").to_owned())
        })
    };
    view! {
        <dt>"Encryption"</dt>
        <dd>{words} {bucket_key.then_some(", with a bucket key")}</dd>
        {key
            .and_then(|arn| arn.rsplit('/').next().map(str::to_owned))
            .map(|id| {
                let route = Route::Security(Security::Key(id.clone()));
                view! {
                    <dt>"KMS key"</dt>
                    <dd>
                        <a href=route.href()>{move || name(&id)}</a>
                    </dd>
                }
            })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_a_key_only_with_kms() {
        let mut rule = Rule {
            algorithm: "AES256".into(),
            key: "arn".into(),
            bucket_key: true,
            blocks_customer_keys: false,
        };
        assert_eq!(
            rule.configuration(),
            json!({ "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" }, "BucketKeyEnabled": false, "BlockedEncryptionTypes": { "EncryptionType": ["NONE"] } }] })
        );
        rule.algorithm = "aws:kms".into();
        assert_eq!(rule.configuration()["Rules"][0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"], "arn");
        assert_eq!(rule.configuration()["Rules"][0]["BucketKeyEnabled"], true);
    }
}
