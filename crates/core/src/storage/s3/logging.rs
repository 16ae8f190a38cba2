//! Where a bucket's server access logs go ("Enabling Amazon S3 server access logging").
//!
//! Belongs here: the setting, and how log objects are named. Does not belong here: lines and their delivery (`account::access_log`), and the operations (`commands::logging`).

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Bucket;
use super::acl::Acl;
use crate::sim::SimTime;

/// `LoggingEnabled` of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logging {
    pub target: String,
    pub prefix: String,
    #[serde(default)]
    pub key_format: KeyFormat,
    /// `TargetGrants`: what log objects are granted beside their owner's full control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Acl>,
}

/// `TargetObjectKeyFormat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyFormat {
    /// `[prefix][YYYY]-[MM]-[DD]-[hh]-[mm]-[ss]-[UniqueString]`.
    #[default]
    Simple,
    /// `[prefix][account]/[region]/[bucket]/[YYYY]/[MM]/[DD]/[YYYY]-[MM]-[DD]-[hh]-[mm]-[ss]-[UniqueString]`, by the day of the requests: an object a day, its time 00-00-00.
    EventTime,
    /// The same by the time of the delivery.
    DeliveryTime,
}

impl Bucket {
    pub fn logging(&self) -> Option<&Logging> {
        self.logging.as_ref()
    }
}

impl Logging {
    /// `LoggingEnabled` as it was put.
    pub(crate) fn to_json(&self, owner: &str) -> Value {
        let mut enabled = json!({"TargetBucket": self.target, "TargetPrefix": self.prefix});
        if let Some(grants) = &self.grants {
            enabled["TargetGrants"] = grants.show(owner);
        }
        match self.key_format {
            KeyFormat::Simple => {}
            KeyFormat::EventTime => enabled["TargetObjectKeyFormat"] = json!({"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}),
            KeyFormat::DeliveryTime => enabled["TargetObjectKeyFormat"] = json!({"PartitionedPrefix": {"PartitionDateSource": "DeliveryTime"}}),
        }
        enabled
    }

    /// The key of a log object. `event`: the time of its first line; `unique`: what tells it from others of the same second.
    pub fn key(&self, account: &str, region: &str, bucket: &str, event: SimTime, delivery: SimTime, unique: u64) -> String {
        let at = if self.key_format == KeyFormat::EventTime { event } else { delivery };
        let civil = at.civil();
        let day = format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
        let time = match self.key_format {
            KeyFormat::EventTime => String::from("00-00-00"),
            _ => format!("{:02}-{:02}-{:02}", civil.hour, civil.minute, civil.second),
        };
        let name = format!("{day}-{time}-{unique:016X}");
        match self.key_format {
            KeyFormat::Simple => format!("{}{name}", self.prefix),
            _ => format!(
                "{}{account}/{region}/{bucket}/{:04}/{:02}/{:02}/{name}",
                self.prefix, civil.year, civil.month, civil.day
            ),
        }
    }
}
