use alloc::format;
use alloc::string::{String, ToString};

use serde_json::Value;

use super::super::caller::Caller;
use super::super::{ApiError, Call};
use crate::access::Principal;
use crate::sim::SimTime;

/// One record ("Amazon S3 server access log format"): what is not known is `-`.
#[derive(Clone, Debug, Default)]
pub struct Line<'a> {
    pub owner: &'a str,
    pub bucket: &'a str,
    pub region: &'a str,
    pub at: SimTime,
    pub remote_ip: &'a str,
    /// `None`: an anonymous request.
    pub requester: Option<String>,
    /// Sixteen hexadecimal digits, from the place of the call in the command log.
    pub request_id: u64,
    pub operation: String,
    pub key: Option<&'a str>,
    /// Method, and what stands behind the key: `?policy`.
    pub request: Option<(&'a str, String)>,
    pub status: Option<u16>,
    pub error: Option<&'a str>,
    pub bytes_sent: Option<u64>,
    pub object_size: Option<u64>,
    pub version_id: Option<&'a str>,
    pub secure: bool,
    pub signed: bool,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_string(), |value| value.to_string())
}

impl Line<'_> {
    /// The record without its line end. Times of our own are not modelled, and neither are referer and agent.
    pub fn text(&self) -> String {
        let civil = self.at.civil();
        let month = usize::from(civil.month)
            .checked_sub(1)
            .and_then(|month| MONTHS.get(month))
            .copied()
            .unwrap_or("-");
        let time = format!(
            "{:02}/{month}/{:04}:{:02}:{:02}:{:02} +0000",
            civil.day, civil.year, civil.hour, civil.minute, civil.second
        );
        let key = self.key.map(escaped);
        let uri = match &self.request {
            None => "-".to_string(),
            Some((method, query)) => {
                let path = key.as_deref().map(|key| format!("/{key}")).unwrap_or_default();
                format!("\"{method} /{}{path}{query} HTTP/1.1\"", self.bucket)
            }
        };
        let served = self.request.is_some();
        let host = format!("{}.s3.{}.amazonaws.com", self.bucket, self.region);
        let secure = served && self.secure;
        [
            self.owner.to_string(),
            self.bucket.to_string(),
            format!("[{time}]"),
            self.remote_ip.to_string(),
            or_dash(self.requester.as_deref()),
            format!("{:016X}", self.request_id),
            self.operation.clone(),
            or_dash(key),
            uri,
            or_dash(self.status),
            or_dash(self.error),
            or_dash(self.bytes_sent.filter(|bytes| *bytes > 0)),
            or_dash(self.object_size),
            // Total time, turn-around time, referer, user agent.
            "-".to_string(),
            "-".to_string(),
            "\"-\"".to_string(),
            "\"-\"".to_string(),
            or_dash(self.version_id),
            // Host id.
            "-".to_string(),
            or_dash((served && self.signed).then_some("SigV4")),
            or_dash(secure.then_some("TLS_AES_128_GCM_SHA256")),
            or_dash((served && self.signed).then_some("AuthHeader")),
            or_dash(served.then_some(host)),
            or_dash(secure.then_some("TLSv1.3")),
            // Access point, and whether an ACL was needed.
            "-".to_string(),
            "-".to_string(),
        ]
        .join(" ")
    }
}

/// Keys are URL-encoded, their slashes kept.
fn escaped(key: &str) -> String {
    key.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

/// As the log shows a requester: the canonical user of the account's owner, the ARN of a user or of a role's session.
pub(super) fn requester(caller: &Caller, own_account: &str, owner: &str) -> Option<String> {
    match &caller.principal {
        Principal::Anonymous => None,
        Principal::Root { account } if account == own_account => Some(owner.to_string()),
        Principal::Service(name) => Some(format!("svc:{name}")),
        other => other.caller_arn(),
    }
}

/// The operation as `REST.HTTP_method.resource_type`, the method, and what stands behind the key.
pub(super) fn operation(call: &Call) -> (String, &'static str, String) {
    let text = |name: &str| call.params.get(name).and_then(Value::as_str);
    let version = text("VersionId").map_or_else(String::new, |id| format!("?versionId={id}"));
    let part = || {
        let number = call.params.get("PartNumber").and_then(Value::as_i64).unwrap_or_default();
        format!("?partNumber={number}&uploadId={}", text("UploadId").unwrap_or_default())
    };
    let upload = || format!("?uploadId={}", text("UploadId").unwrap_or_default());
    let (name, method, query) = match call.operation.as_str() {
        "GetObject" => ("REST.GET.OBJECT", "GET", version),
        "PutObject" => ("REST.PUT.OBJECT", "PUT", String::new()),
        "CopyObject" => ("REST.COPY.OBJECT", "PUT", String::new()),
        "DeleteObject" => ("REST.DELETE.OBJECT", "DELETE", version),
        "DeleteObjects" => ("REST.POST.MULTI_OBJECT_DELETE", "POST", "?delete".to_string()),
        "CreateMultipartUpload" => ("REST.POST.UPLOADS", "POST", "?uploads".to_string()),
        "UploadPart" => ("REST.PUT.PART", "PUT", part()),
        "UploadPartCopy" => ("REST.COPY.PART", "PUT", part()),
        "CompleteMultipartUpload" => ("REST.POST.UPLOAD", "POST", upload()),
        "AbortMultipartUpload" => ("REST.DELETE.UPLOAD", "DELETE", upload()),
        "RestoreObject" => ("REST.POST.RESTORE", "POST", "?restore".to_string()),
        "PutObjectTagging" => ("REST.PUT.OBJECT_TAGGING", "PUT", "?tagging".to_string()),
        "DeleteObjectTagging" => ("REST.DELETE.OBJECT_TAGGING", "DELETE", "?tagging".to_string()),
        "CreateBucket" => ("REST.PUT.BUCKET", "PUT", String::new()),
        "DeleteBucket" => ("REST.DELETE.BUCKET", "DELETE", String::new()),
        other => return setting(other),
    };
    (name.to_string(), method, query)
}

/// `PutBucketPolicy` is `REST.PUT.BUCKETPOLICY` on `?policy`.
fn setting(operation: &str) -> (String, &'static str, String) {
    let (method, rest) = ["Put", "Delete", "Get"]
        .iter()
        .find_map(|verb| operation.strip_prefix(verb).map(|rest| (*verb, rest)))
        .unwrap_or(("Post", operation));
    let method = match method {
        "Put" => "PUT",
        "Delete" => "DELETE",
        "Get" => "GET",
        _ => "POST",
    };
    let (resource, query) = match rest {
        "BucketPolicy" => ("BUCKETPOLICY", "?policy"),
        "BucketVersioning" => ("VERSIONING", "?versioning"),
        "BucketLogging" => ("LOGGING_STATUS", "?logging"),
        "BucketLifecycleConfiguration" | "BucketLifecycle" => ("LIFECYCLE", "?lifecycle"),
        "BucketTagging" => ("TAGGING", "?tagging"),
        "BucketEncryption" => ("ENCRYPTION", "?encryption"),
        "BucketAcl" => ("ACL", "?acl"),
        "ObjectAcl" => ("ACL", "?acl"),
        "BucketOwnershipControls" => ("OWNERSHIP_CONTROLS", "?ownershipControls"),
        "PublicAccessBlock" => ("PUBLIC_ACCESS_BLOCK", "?publicAccessBlock"),
        "BucketIntelligentTieringConfiguration" => ("INTELLIGENT_TIERING", "?intelligent-tiering"),
        other => return (format!("REST.{method}.{}", other.to_ascii_uppercase()), method, String::new()),
    };
    (format!("REST.{method}.{resource}"), method, query.to_string())
}

/// The status of the answer ("Error responses", list of error codes).
pub(super) fn status(operation: &str, ranged: bool, error: Option<&ApiError>) -> u16 {
    let Some(error) = error else {
        return match operation {
            "GetObject" if ranged => 206,
            "RestoreObject" => 202,
            _ if operation.starts_with("Delete") && operation != "DeleteObjects" || operation == "AbortMultipartUpload" => 204,
            _ => 200,
        };
    };
    match error.code.as_str() {
        "AccessDenied" | "InvalidObjectState" | "ObjectNotInActiveTierError" => 403,
        "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" | "BucketNotEmpty" | "OperationAborted" | "RestoreAlreadyInProgress" => 409,
        "InvalidRange" => 416,
        "MethodNotAllowed" => 405,
        "PreconditionFailed" => 412,
        "InternalError" => 500,
        "304" => 304,
        code if code.starts_with("NoSuch") => 404,
        code => code.parse().unwrap_or(400),
    }
}
