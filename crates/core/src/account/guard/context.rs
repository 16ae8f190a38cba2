use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::needs::{Copied, text};
use crate::access::Context;

/// The condition keys that S3 has of its own, from a request's parameters ("Condition keys for Amazon S3").
pub(super) fn add_s3(context: &mut Context, operation: &str, params: &Value, source: Option<&Copied>) {
    let mut from = |key: &str, name: &str| context.set_some(key, text(params, name));
    if operation.starts_with("ListObject") {
        from("s3:prefix", "Prefix");
        from("s3:delimiter", "Delimiter");
        context.set_some("s3:max-keys", params.get("MaxKeys").and_then(Value::as_i64));
        return;
    }
    from("s3:VersionId", "VersionId");
    from("s3:x-amz-acl", "ACL");
    from("s3:x-amz-grant-full-control", "GrantFullControl");
    from("s3:x-amz-grant-read", "GrantRead");
    from("s3:x-amz-grant-read-acp", "GrantReadACP");
    from("s3:x-amz-grant-write", "GrantWrite");
    from("s3:x-amz-grant-write-acp", "GrantWriteACP");
    from("s3:x-amz-storage-class", "StorageClass");
    from("s3:x-amz-server-side-encryption", "ServerSideEncryption");
    from("s3:x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId");
    from("s3:x-amz-server-side-encryption-customer-algorithm", "SSECustomerAlgorithm");
    from("s3:x-amz-metadata-directive", "MetadataDirective");
    from("s3:x-amz-website-redirect-location", "WebsiteRedirectLocation");
    from("s3:x-amz-object-ownership", "ObjectOwnership");
    from("s3:if-match", "IfMatch");
    from("s3:if-none-match", "IfNoneMatch");
    if let Some(source) = source {
        context.set("s3:x-amz-copy-source", format!("{}/{}", source.bucket, source.key));
    }
    let location = params
        .get("CreateBucketConfiguration")
        .and_then(|configuration| text(configuration, "LocationConstraint"));
    context.set_some("s3:locationconstraint", location);
    let tags = request_tags(params);
    for (key, value) in &tags {
        context.set(&format!("s3:RequestObjectTag/{key}"), value);
    }
    if !tags.is_empty() {
        context.set_all("s3:RequestObjectTagKeys", tags.into_iter().map(|(key, _)| key).collect());
    }
}

/// Tags that a put brings: the `Tagging` header's form, or a tag set.
fn request_tags(params: &Value) -> Vec<(String, String)> {
    match params.get("Tagging") {
        Some(Value::String(header)) => {
            let pairs = header.split('&').filter(|pair| !pair.is_empty());
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(key, value)| (decoded(key), decoded(value)))
                .collect()
        }
        Some(tagging) => {
            let set = tagging.get("TagSet").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            set.iter()
                .filter_map(|tag| Some((text(tag, "Key")?.to_string(), text(tag, "Value")?.to_string())))
                .collect()
        }
        None => Vec::new(),
    }
}

/// A form's text with its escapes read.
fn decoded(text: &str) -> String {
    percent_decoded(&text.replace('+', " "))
}

/// A text with its percent escapes read; as it is where they do not read.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits: Option<(char, char)> = rest.next().zip(rest.next()).map(|(high, low)| (char::from(high), char::from(low)));
                match digits.and_then(|(high, low)| Some(high.to_digit(16)? * 16 + low.to_digit(16)?)) {
                    Some(byte) => byte as u8,
                    None => return text.to_string(),
                }
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_string())
}
