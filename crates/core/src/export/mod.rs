//! The account's storage in forms that a real account takes: a script of `aws` calls, and a CloudFormation template.
//!
//! Belongs here: IAM's users, roles and policies, KMS's keys, S3's buckets and objects, said in other words than our own. Nothing here changes the account.
//! Does not belong here: bytes of objects. A script names the file of each body, and the host writes it ([`Account::stored_bytes`]).

mod json;
mod names;
mod order;
mod script;
mod shell;
mod template;

use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::account::{Account, ApiError, Params};
use crate::sim::SimTime;

/// Answers an operation; `None` for one that is not here.
///
/// `sluice:ExportScript {}`: `Script`, the text of a bash script; `Bodies`, the files that it reads: each `Path` holds `Length` bytes from `Offset` of the version
/// `VersionId` of `Key` in `Bucket`; `Notes`, what the script leaves out. `sluice:ExportCloudFormation {}`: `TemplateBody`, a template as JSON text, and `Notes`.
pub(crate) fn call(account: &Account, now: SimTime, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
    let answer = match operation {
        "ExportScript" => script::write,
        "ExportCloudFormation" => template::write,
        _ => return None,
    };
    Some(Params::check(params, &[]).map(|_| answer(account, now)))
}

/// Bytes that a script reads from a file.
struct Body<'a> {
    path: alloc::string::String,
    bucket: &'a str,
    key: &'a str,
    version_id: &'a str,
    offset: u64,
    length: u64,
}

impl Body<'_> {
    fn to_json(&self) -> Value {
        json!({
            "Path": self.path,
            "Bucket": self.bucket,
            "Key": self.key,
            "VersionId": self.version_id,
            "Offset": self.offset,
            "Length": self.length,
        })
    }
}

fn bodies_json(bodies: &[Body<'_>]) -> Value {
    Value::Array(bodies.iter().map(Body::to_json).collect::<Vec<_>>())
}
