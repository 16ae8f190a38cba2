use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CallAs, Effect};
use crate::sim::SimTime;
use crate::storage::s3::seal::Seal;

/// One act on the account, in the JSON form that the page, the CLI, scripts and the log share.
///
/// `service` is the AWS CLI's name in lower case (`s3`, `glue`, `iam`, `cloudtrail`), or one of ours: `clock`, `sluice`, `effect`.
/// `operation` is the API operation (`CreateBucket`). `params` uses botocore's member names; timestamps are ISO 8601 UTC strings, blobs base64.
///
/// A logged `s3:PutObject` carries no `Body`: the host stores the bytes first and puts a [`BlobRef`] under `SluiceBlob` in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub service: String,
    pub operation: String,
    #[serde(default)]
    pub params: Value,
    /// Who makes the call; left out: the owner of the account.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub caller: Option<CallAs>,
}

impl Call {
    pub fn new(service: &str, operation: &str, params: Value) -> Self {
        Call {
            service: service.into(),
            operation: operation.into(),
            params,
            caller: None,
        }
    }
}

/// Names bytes in the blob store: the address of what rests there, and size and MD5 of the plaintext, which S3 shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobRef {
    /// SHA-256 of the bytes as they rest, 64 lower-case hex digits. The blob's address.
    pub id: String,
    /// Bytes of the plaintext.
    pub size: u64,
    /// MD5 of the plaintext, 32 lower-case hex digits.
    pub md5: String,
    /// What they rest under. `None`: they rest as they are, as all did before there were frames, and as no bytes do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Box<Seal>>,
}

impl BlobRef {
    /// No bytes: the body of a folder object, and of a PutObject without `Body`. A store need not hold it.
    pub fn empty() -> Self {
        BlobRef {
            id: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into(),
            size: 0,
            md5: "d41d8cd98f00b204e9800998ecf8427e".into(),
            seal: None,
        }
    }
}

/// The bytes a response needs from the blob store: `length` bytes of the plaintext of `blob` from `offset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRange {
    pub blob: BlobRef,
    pub offset: u64,
    pub length: u64,
}

/// What a successful call answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The response in AWS's shape, without `Body`.
    pub response: Value,
    /// For `s3:GetObject`: the bytes that the host puts into the response's `Body` as base64, or streams.
    pub body: Option<BodyRange>,
    /// Work that the host must get done outside the core; each is answered by an `effect:` call.
    pub effects: Vec<Effect>,
}

/// One line of the command log: position, the account's clock, and the call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// [`super::Account::position`] before the call was applied: the first entry has 0.
    pub position: u64,
    pub at: SimTime,
    pub call: Call,
}
