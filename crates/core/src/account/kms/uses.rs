//! What S3 asks of a key, and how often: one request an object, or, with a bucket key, one every few minutes.

use alloc::format;
use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

use super::state::{KeyState, Kms, key_arn};
use crate::account::{AccountOptions, ApiError};
use crate::sim::SimTime;

/// Seconds that S3 keeps a bucket-level key for a requester. S3 says "time-limited" and no more; this is our figure.
const BUCKET_KEY_SECONDS: i64 = 300;

/// Requests that S3 made to KMS for one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    pub generate_data_key: u64,
    pub decrypt: u64,
    /// Requests that bucket keys made unnecessary.
    pub saved: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// A new object: `kms:GenerateDataKey`.
    Encrypt,
    /// A read: `kms:Decrypt`.
    Decrypt,
}

impl KeyUse {
    pub const fn action(self) -> &'static str {
        match self {
            KeyUse::Encrypt => "kms:GenerateDataKey",
            KeyUse::Decrypt => "kms:Decrypt",
        }
    }
}

/// A key as an object remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef {
    pub id: String,
    pub arn: String,
    pub version: u32,
}

impl Kms {
    /// The key that S3 is asked to use, checked that it can be used. The error codes are S3's: KMS's with `KMS.` before them, 400.
    ///
    /// `key`: as the request or the bucket names it; `None`: `aws/s3`, which is made when it is first used ([`Kms::s3_key`]).
    pub fn usable(&self, options: &AccountOptions, now: SimTime, key: Option<&str>) -> Result<KeyRef, ApiError> {
        let via_s3 = |error: ApiError| ApiError {
            code: format!("KMS.{}", error.code),
            ..error
        };
        let id = match key {
            None => self.s3_key_id(options),
            Some(text) => self.resolve(options, now, text).map_err(via_s3)?,
        };
        let arn = key_arn(options, &id);
        let Some(found) = self.key(now, &id) else {
            if key.is_none() {
                return Ok(KeyRef { id, arn, version: 0 });
            }
            return Err(ApiError::new("KMS.NotFoundException", format!("Key '{arn}' does not exist")));
        };
        match found.state {
            KeyState::Enabled => Ok(KeyRef {
                version: found.version(now),
                id,
                arn,
            }),
            KeyState::Disabled => Err(ApiError::new("KMS.DisabledException", format!("{arn} is disabled."))
                .with_help("Objects under a disabled key cannot be read. EnableKey makes them readable again.")),
            KeyState::PendingDeletion => Err(ApiError::new("KMS.KMSInvalidStateException", format!("{arn} is pending deletion."))
                .with_help("CancelKeyDeletion, then EnableKey, make its objects readable again; once the key is deleted nothing does.")),
        }
    }

    /// The ARN of the key that a bucket's rule means, usable or not; `None`: there is no such key.
    pub fn arn(&self, options: &AccountOptions, now: SimTime, key: Option<&str>) -> Option<String> {
        let id = match key {
            None => self.s3_key_id(options),
            Some(text) => self.resolve(options, now, text).ok()?,
        };
        Some(key_arn(options, &id))
    }

    /// Counts a request of S3, and answers whether KMS was asked. `bucket_key`: the bucket and the requester, where a bucket-level key serves.
    pub fn count(&mut self, now: SimTime, key: &KeyRef, what: KeyUse, bucket_key: Option<(&str, &str)>) -> bool {
        let usage = self.usage.entry(key.id.clone()).or_default();
        if let Some((bucket, requester)) = bucket_key {
            let last = self.bucket_keys.entry(format!("{bucket} {} {requester}", key.id)).or_insert(SimTime::EPOCH);
            if now < last.plus_seconds(BUCKET_KEY_SECONDS) {
                usage.saved += 1;
                return false;
            }
            *last = now;
        }
        match what {
            KeyUse::Encrypt => usage.generate_data_key += 1,
            KeyUse::Decrypt => usage.decrypt += 1,
        }
        true
    }

    /// Requests of S3, by key ARN.
    pub fn usage(&self, options: &AccountOptions) -> impl Iterator<Item = (String, Usage)> {
        self.usage.iter().map(|(id, usage)| (key_arn(options, id).to_string(), *usage))
    }
}
