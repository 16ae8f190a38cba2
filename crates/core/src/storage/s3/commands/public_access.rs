use alloc::string::String;

use serde_json::{Map, Value, json};

use super::super::state::S3;
use super::settings::{PUBLIC_ACCESS_BLOCK, Response};
use crate::access::PublicAccess;
use crate::account::params::{Member, Shape, TEXT, required};
use crate::account::{ApiError, Params, param_error};
use crate::gather::object;

fn no_block() -> ApiError {
    ApiError::new("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
}

/// A switch that is not given is off.
fn read(params: &Params<'_>) -> PublicAccess {
    let block = params.structure("PublicAccessBlockConfiguration");
    let on = |name: &str| block.and_then(|block| block.boolean(name)).unwrap_or(false);
    PublicAccess {
        block_public_acls: on("BlockPublicAcls"),
        ignore_public_acls: on("IgnorePublicAcls"),
        block_public_policy: on("BlockPublicPolicy"),
        restrict_public_buckets: on("RestrictPublicBuckets"),
    }
}

fn shown(block: PublicAccess) -> Map<String, Value> {
    let block = json!({
        "BlockPublicAcls": block.block_public_acls,
        "IgnorePublicAcls": block.ignore_public_acls,
        "BlockPublicPolicy": block.block_public_policy,
        "RestrictPublicBuckets": block.restrict_public_buckets,
    });
    object([("PublicAccessBlockConfiguration".into(), block)])
}

const ACCOUNT: &[Member] = &[required("AccountId", TEXT)];
const PUT_ACCOUNT: &[Member] = &[
    required("PublicAccessBlockConfiguration", Shape::Structure(PUBLIC_ACCESS_BLOCK)),
    required("AccountId", TEXT),
];

impl S3 {
    pub(super) fn put_public_access_block(&mut self, params: &Params<'_>) -> Response {
        let block = read(params);
        self.named_bucket_mut(params)?.access_mut().public_access = Some(block);
        Ok(Map::new())
    }

    /// Error: `NoSuchPublicAccessBlockConfiguration` after DeletePublicAccessBlock.
    pub(super) fn get_public_access_block(&self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        bucket.access().public_access.map(shown).ok_or_else(no_block)
    }

    pub(super) fn delete_public_access_block(&mut self, params: &Params<'_>) -> Response {
        self.named_bucket_mut(params)?.access_mut().public_access = None;
        Ok(Map::new())
    }

    /// The operations of service `s3control` (API version 2018-08-20) that concern the account's Block Public Access.
    ///
    /// Errors: `NoSuchPublicAccessBlockConfiguration`, `AccessDenied` for another account, `NotImplemented` naming the operation.
    pub fn control(&mut self, operation: &str, params: &Value) -> Response {
        let members = match operation {
            "PutPublicAccessBlock" => PUT_ACCOUNT,
            "GetPublicAccessBlock" | "DeletePublicAccessBlock" => ACCOUNT,
            _ => {
                return Err(ApiError::new(
                    "NotImplemented",
                    alloc::format!("Sluice does not do s3control:{operation} yet, or S3 Control has no such operation."),
                ));
            }
        };
        let params = Params::check(params, members)?;
        let account = params.required_text("AccountId")?;
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(param_error(alloc::format!(
                "Invalid value for parameter AccountId, value: {account}, twelve digits are expected"
            )));
        }
        if account != self.account_id {
            return Err(ApiError::new("AccessDenied", "Access Denied").with_help(alloc::format!("This account is {}.", self.account_id)));
        }
        match operation {
            "PutPublicAccessBlock" => {
                self.public_access = Some(read(&params));
                Ok(Map::new())
            }
            "GetPublicAccessBlock" => self.public_access.map(shown).ok_or_else(no_block),
            _ => {
                self.public_access = None;
                Ok(Map::new())
            }
        }
    }
}
