use serde_json::{Map, json};

use super::super::access::BucketPolicy;
use super::super::state::S3;
use super::settings::Response;
use crate::access::{MAX_BUCKET_POLICY, Policy, PolicyKind, is_public};
use crate::account::{ApiError, Params};
use crate::gather::object;

fn no_policy() -> ApiError {
    ApiError::new("NoSuchBucketPolicy", "The bucket policy does not exist")
}

impl S3 {
    /// Errors: `MalformedPolicy` with the place; `PolicyTooLarge`. That a public policy is refused under Block Public Access is the account's to say, which knows who asks.
    pub(super) fn put_bucket_policy(&mut self, params: &Params<'_>) -> Response {
        let name = params.required_text("Bucket")?;
        let text = params.required_text("Policy")?;
        let bucket = self.named_bucket_mut(params)?;
        if text.len() > MAX_BUCKET_POLICY {
            return Err(
                ApiError::new("PolicyTooLarge", "Policy exceeds the maximum allowed document size.").with_help(alloc::format!(
                    "A bucket policy has at most {MAX_BUCKET_POLICY} bytes; this one has {}.",
                    text.len()
                )),
            );
        }
        let policy = Policy::parse(text, PolicyKind::Bucket(name))?;
        bucket.access_mut().policy = Some(BucketPolicy::new(name, text, policy));
        Ok(Map::new())
    }

    /// The text as it was put.
    pub(super) fn get_bucket_policy(&self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        let policy = bucket.access().policy.as_ref().ok_or_else(no_policy)?;
        Ok(object([("Policy".into(), json!(policy.text()))]))
    }

    pub(super) fn delete_bucket_policy(&mut self, params: &Params<'_>) -> Response {
        self.named_bucket_mut(params)?.access_mut().policy = None;
        Ok(Map::new())
    }

    pub(super) fn get_bucket_policy_status(&self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        let policy = bucket.access().policy.as_ref().ok_or_else(no_policy)?;
        Ok(object([("PolicyStatus".into(), json!({"IsPublic": is_public(policy.policy())}))]))
    }
}
