//! Keys that callers keep (SSE-C): how a request brings one, and how the log names it without holding it.
//!
//! Belongs here: the key's form in a request, its digest. Does not belong here: what is encrypted with it (`seal`), and whether a read needs it (`encryption`).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::errors::invalid_argument;
use crate::account::{ApiError, Call, Params};

/// Bytes of a key: AES-256.
const KEY_BYTES: usize = 32;
/// Stands before the digest where a log has one in the place of a key.
const DIGESTED: &str = "sluice:md5:";

/// The keys that a request brought: of what it reads or writes, and of a copy's source. They are for the bytes alone, and gone when the request is answered.
#[derive(Clone, Default)]
pub struct CustomerKeys {
    pub key: Option<[u8; KEY_BYTES]>,
    pub source: Option<[u8; KEY_BYTES]>,
}

impl core::fmt::Debug for CustomerKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CustomerKeys(…)")
    }
}

impl CustomerKeys {
    /// Takes the keys out of a call of S3, and leaves `sluice:md5:<base64 of the MD5>:<bytes>` in their place: all that the account asks of a key, so that the log holds none.
    /// What is no key of 32 bytes is taken out as well, since it may be a mistyped one.
    pub fn take(call: &mut Call) -> CustomerKeys {
        let mut keys = CustomerKeys::default();
        if call.service != "s3" {
            return keys;
        }
        for (name, place) in [("SSECustomerKey", &mut keys.key), ("CopySourceSSECustomerKey", &mut keys.source)] {
            if let Some(Value::String(text)) = call.params.get_mut(name) {
                let bytes = key_bytes(text);
                *place = bytes.as_slice().try_into().ok();
                *text = format!("{DIGESTED}{}:{}", STANDARD.encode(md5::compute(&bytes).0), bytes.len());
            }
        }
        keys
    }
}

/// The key is 32 characters, or the base64 of 32 bytes as it travels.
fn key_bytes(text: &str) -> Vec<u8> {
    match STANDARD.decode(text) {
        Ok(bytes) if bytes.len() == KEY_BYTES => bytes,
        _ => text.as_bytes().to_vec(),
    }
}

/// A key's MD5 as base64, and its bytes. Logs of before they were taken out have the keys themselves.
fn digest_of(key: &str) -> (String, usize) {
    let digested = key.strip_prefix(DIGESTED).and_then(|rest| rest.split_once(':'));
    if let Some((md5, length)) = digested
        && let Ok(length) = length.parse()
    {
        return (md5.to_string(), length);
    }
    let bytes = key_bytes(key);
    (STANDARD.encode(md5::compute(&bytes).0), bytes.len())
}

/// The MD5, as base64, of the customer's key that a request brings; `None`: it brings none.
pub(super) fn customer_key(params: &Params<'_>, prefix: &str, secure: bool) -> Result<Option<String>, ApiError> {
    let member = |name: &str| params.text(&format!("{prefix}{name}"));
    let (algorithm, key, md5) = (member("Algorithm"), member("Key"), member("KeyMD5"));
    if algorithm.is_none() && key.is_none() && md5.is_none() {
        return Ok(None);
    }
    if !secure {
        return Err(ApiError::new(
            "InvalidRequest",
            "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.",
        ));
    }
    match algorithm {
        None => {
            return Err(invalid_argument(
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
            ));
        }
        Some("AES256") => {}
        Some(_) => {
            return Err(ApiError::new(
                "InvalidEncryptionAlgorithmError",
                "The Encryption request you specified is not valid. Supported value: AES256.",
            ));
        }
    }
    let key =
        key.ok_or_else(|| invalid_argument("Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key."))?;
    let (digest, length) = digest_of(key);
    if md5.is_some_and(|given| given != digest) {
        return Err(invalid_argument("The calculated MD5 hash of the key did not match the hash that was provided."));
    }
    if length != KEY_BYTES {
        return Err(invalid_argument("The secret key was invalid for the specified algorithm.").with_help("The key has 32 bytes."));
    }
    Ok(Some(digest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_and_its_digest_answer_alike() {
        for key in [
            "01234567890123456789012345678901",
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "short",
            "",
            "sluice:md5:KYvwGXoFFJ42a2u2GDWhwQ==:32",
        ] {
            let plain = json!({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key});
            let mut call = Call::new("s3", "GetObject", plain.clone());
            let keys = CustomerKeys::take(&mut call);
            let text = call.params.to_string();
            assert!(key.is_empty() || !text.contains(key), "{text}");
            let ask = |params: &Value| customer_key(&Params::of(params.as_object().expect("an object")), "SSECustomer", true);
            // A caller who sends the digest in the place of the key has sent a key of other bytes.
            if !key.starts_with(DIGESTED) {
                assert_eq!(
                    ask(&plain).map_err(|error| error.message),
                    ask(&call.params).map_err(|error| error.message),
                    "{key}"
                );
            }
            assert_eq!(keys.key.is_some(), ask(&call.params).is_ok(), "{key}");
        }
    }

    #[test]
    fn the_source_of_a_copy_has_a_key_of_its_own() {
        let params = json!({"SSECustomerKey": "01234567890123456789012345678901", "CopySourceSSECustomerKey": "abcdefghijabcdefghijabcdefghijab"});
        let mut call = Call::new("s3", "CopyObject", params);
        let keys = CustomerKeys::take(&mut call);
        assert_eq!(
            keys.key.as_ref().map(<[u8; 32]>::as_slice),
            Some(b"01234567890123456789012345678901".as_slice())
        );
        assert_eq!(
            keys.source.as_ref().map(<[u8; 32]>::as_slice),
            Some(b"abcdefghijabcdefghijabcdefghijab".as_slice())
        );
        assert!(!call.params.to_string().contains("abcdefghij"));
    }
}
