//! Buffers: records on the way to one object each.

use alloc::collections::BTreeMap;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::sim::SimTime;
use crate::stream::kinesis::{Entry, Own, Records};

/// Partition keys of dynamic partitioning, by where they come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Keys {
    pub query: BTreeMap<String, String>,
    pub lambda: BTreeMap<String, String>,
}

/// Why records are in an error object: the error-output-type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Failure {
    #[serde(rename = "processing-failed")]
    Processing,
    #[serde(rename = "format-conversion-failed")]
    Conversion,
}

impl Failure {
    pub fn as_str(self) -> &'static str {
        match self {
            Failure::Processing => "processing-failed",
            Failure::Conversion => "format-conversion-failed",
        }
    }
}

/// What an object is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Channel {
    /// Records of one partition; without dynamic partitioning of all.
    Good(Keys),
    Failed(Failure),
    /// Records as they came, for S3BackupMode: they are in another object as well.
    Backup,
}

impl Default for Channel {
    fn default() -> Self {
        Channel::Good(Keys::default())
    }
}

impl Channel {
    /// `records`, `errors` or `backup`.
    pub fn kind(&self) -> &'static str {
        match self {
            Channel::Good(_) => "records",
            Channel::Failed(_) => "errors",
            Channel::Backup => "backup",
        }
    }

    /// Whether its records count: each record is in one channel that does.
    pub fn counts(&self) -> bool {
        *self != Channel::Backup
    }
}

/// Records that wait for their object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Buffer {
    pub records: Records,
    /// When the first came into the buffer.
    pub since: Option<SimTime>,
    /// The earliest arrival.
    pub oldest: Option<SimTime>,
}

impl Buffer {
    /// `entry.bytes` counts data alone.
    pub fn push(&mut self, now: SimTime, entry: Entry, own: Option<Own>) {
        self.since.get_or_insert(now);
        self.oldest = Some(self.oldest.map_or(entry.at, |oldest| oldest.min(entry.at)));
        match own {
            Some(own) => drop(self.records.push_own(entry.at, entry.bytes, own)),
            None => drop(self.records.push(entry)),
        }
    }
}

/// A map whose keys are no texts, as a list of pairs.
pub(super) mod pairs {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Buffer, Channel};

    pub fn serialize<S: Serializer>(map: &BTreeMap<Channel, Buffer>, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs: Vec<(&Channel, &Buffer)> = map.iter().collect();
        pairs.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Channel, Buffer>, D::Error> {
        let pairs = Vec::<(Channel, Buffer)>::deserialize(deserializer)?;
        let mut map = BTreeMap::new();
        for (channel, buffer) in pairs {
            map.insert(channel, buffer);
        }
        Ok(map)
    }
}
