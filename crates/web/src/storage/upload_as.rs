//! What uploads become: their storage class, and what they are encrypted with where that is not the bucket's default.
//!
//! Belongs here: the choice and the members of PutObject that it means. Does not belong here: the rules (which is refused the account says), the bucket's own default (`encryption`).

use leptos::prelude::*;
use serde_json::{Value, json};

use super::class::ClassSelect;
use super::client_side;
use super::model::zone_of;
use crate::host::use_host;
use crate::security::{asked, keys};

/// S3's values of `ServerSideEncryption`; none: the bucket's default; `SSE-C`: a key that comes with the request.
const CHOICES: [(&str, &str); 6] = [
    ("", "the bucket’s default"),
    ("AES256", "SSE-S3"),
    ("aws:kms", "SSE-KMS"),
    ("aws:kms:dsse", "DSSE-KMS"),
    ("SSE-C", "SSE-C, a key of yours"),
    (client_side::CHOICE, "client-side, a key of yours"),
];

/// Bytes of a caller's key.
const KEY_BYTES: usize = 32;

#[derive(Clone, Debug, PartialEq)]
pub struct UploadAs {
    pub class: String,
    /// One of [`CHOICES`].
    pub encryption: String,
    /// ARN of the KMS key; empty: `aws/s3`.
    pub key: String,
    /// With SSE-C and client-side: 32 characters, or the base64 of 32 bytes. With SSE-C it goes with each request; it is kept nowhere.
    pub customer_key: String,
}

impl Default for UploadAs {
    fn default() -> Self {
        UploadAs {
            class: "STANDARD".into(),
            encryption: String::new(),
            key: String::new(),
            customer_key: String::new(),
        }
    }
}

impl UploadAs {
    /// What a bucket's uploads are at first: a directory bucket has one class alone.
    pub fn of(bucket: &str) -> UploadAs {
        let mut to = UploadAs::default();
        if zone_of(bucket).is_some() {
            to.class = "EXPRESS_ONEZONE".into();
        }
        to
    }

    /// The members of PutObject.
    pub fn members(&self) -> Value {
        let mut members = json!({ "StorageClass": self.class });
        match self.encryption.as_str() {
            "" | client_side::CHOICE => {}
            "SSE-C" => {
                members["SSECustomerAlgorithm"] = json!("AES256");
                members["SSECustomerKey"] = json!(self.customer_key);
            }
            algorithm => {
                members["ServerSideEncryption"] = json!(algorithm);
                if algorithm.starts_with("aws:kms") && !self.key.is_empty() {
                    members["SSEKMSKeyId"] = json!(self.key);
                }
            }
        }
        members
    }
}

/// The members of a read that bring a caller's key; none for no key.
pub fn with_key(key: &str) -> Value {
    match key {
        "" => json!({}),
        key => json!({ "SSECustomerAlgorithm": "AES256", "SSECustomerKey": key }),
    }
}

/// A key drawn by the browser: 32 letters and digits, which S3's clients take as they are.
fn drawn() -> Option<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = [0; KEY_BYTES];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 64)).copied().map(char::from);
    bytes.into_iter().map(letter).collect()
}

/// The choices over the list of objects.
#[component]
pub fn UploadChoices(to: RwSignal<UploadAs>) -> impl IntoView {
    let host = use_host();
    let class = RwSignal::new(to.with_untracked(|to| to.class.clone()));
    Effect::new(move |_| {
        let class = class.get();
        to.update(|to| to.class = class);
    });
    let chosen = Memo::new(move |_| to.with(|to| to.encryption.clone()));
    let is_kms = move || chosen.with(|chosen| chosen.starts_with("aws:kms"));
    let known = asked(host, move || is_kms().then_some(()), keys);
    let own = move || {
        known.with(|known| {
            let own = known.iter().flatten().flatten().filter(|key| !key.is_aws && key.is_enabled());
            own.map(|key| (key.arn.clone(), key.name())).collect::<Vec<_>>()
        })
    };
    view! {
        <span class="pair">
            <label for="upload-class" class="meta">
                "Upload to"
            </label>
            <ClassSelect id="upload-class" class=class />
        </span>
        <span class="pair">
        <label for="upload-encryption" class="meta">
            "under"
        </label>
        <select id="upload-encryption" class="select" on:change=move |event| to.update(|to| to.encryption = event_target_value(&event))>
            {CHOICES.map(|(value, name)| view! { <option value=value>{name}</option> }).collect_view()}
        </select>
        </span>
        <Show when=is_kms>
            <label for="upload-key" class="visually-hidden">
                "KMS key of uploads"
            </label>
            <select id="upload-key" class="select" on:change=move |event| to.update(|to| to.key = event_target_value(&event))>
                <option value="">"aws/s3 (AWS managed)"</option>
                {move || {
                    own()
                        .into_iter()
                        .map(|(arn, name)| {
                            let selected = to.with_untracked(|to| to.key == arn);
                            view! {
                                <option value=arn selected=selected>
                                    {name}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </Show>
        <Show when=move || chosen.with(|chosen| chosen == "SSE-C" || chosen == client_side::CHOICE)>
            <label for="upload-customer-key" class="visually-hidden">
                "Key of yours"
            </label>
            <input
                id="upload-customer-key"
                class="input mono"
                type="text"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                placeholder="32 characters, or base64 of 32 bytes"
                aria-describedby="upload-customer-hint"
                prop:value=move || to.with(|to| to.customer_key.clone())
                on:input=move |event| to.update(|to| to.customer_key = event_target_value(&event))
            />
            <button
                type="button"
                class="btn"
                on:click=move |_| {
                    if let Some(key) = drawn() {
                        to.update(|to| to.customer_key = key);
                    }
                }
            >
                "Draw a key"
            </button>
            <p class="meta" id="upload-customer-hint">
                {move || {
                    if chosen.with(|chosen| chosen == client_side::CHOICE) {
                        "Keep it: it stays in this tab. Files are sealed before S3 sees them; no crawler, job or preview of the account reads them."
                    } else {
                        "Keep it: the account does not. Nobody reads the object without it, and new buckets refuse such uploads until Properties › Default encryption lets them in."
                    }
                }}
            </p>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_says_what_was_chosen_and_no_more() {
        let mut to = UploadAs {
            key: "arn".into(),
            customer_key: "k".into(),
            ..UploadAs::default()
        };
        assert_eq!(to.members(), json!({"StorageClass": "STANDARD"}));
        to.encryption = "AES256".into();
        assert_eq!(to.members(), json!({"StorageClass": "STANDARD", "ServerSideEncryption": "AES256"}));
        to.encryption = "aws:kms:dsse".into();
        assert_eq!(
            to.members(),
            json!({"StorageClass": "STANDARD", "ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": "arn"})
        );
        to.encryption = "SSE-C".into();
        assert_eq!(
            to.members(),
            json!({"StorageClass": "STANDARD", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k"})
        );
        assert_eq!(with_key(""), json!({}));
        assert_eq!(UploadAs::of("lake--use1-az4--x-s3").members(), json!({"StorageClass": "EXPRESS_ONEZONE"}));
        assert_eq!(UploadAs::of("lake"), UploadAs::default());
    }
}
