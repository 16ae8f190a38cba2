//! Answers about streams as the page reads them: `sluice:GetStreamTraffic`, `sluice:HashKey`.
//!
//! Belongs here: shapes, and the words of one member. Does not belong here: how anything is drawn. Counts are numbers that may have fractions; times ISO 8601.

use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Traffic {
    pub stream_name: String,
    pub mode: String,
    pub status: String,
    pub retention_hours: f64,
    pub open_shards: f64,
    pub last_second: Second,
    pub shards: Vec<Shard>,
    pub keys: Vec<KeyRate>,
    pub producers: Vec<Producer>,
    pub consumers: Vec<Consumer>,
    pub history: Vec<Past>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Second {
    pub offered_records: f64,
    pub accepted_records: f64,
    pub accepted_bytes: f64,
    pub throttled_records: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Past {
    pub at: String,
    pub accepted: f64,
    pub throttled: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Shard {
    pub shard_id: String,
    pub parent_shard_id: Option<String>,
    pub adjacent_parent_shard_id: Option<String>,
    pub starting_hash_key: String,
    pub ending_hash_key: String,
    /// Shares of the hash line.
    pub from: f64,
    pub to: f64,
    pub state: String,
    pub opened_at: String,
    pub closed_at: Option<String>,
    pub readable_until: Option<String>,
    pub heat: f64,
    pub last_second: Use,
    pub retained: Amount,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Amount {
    pub records: f64,
    pub bytes: f64,
}

/// What a shard took and gave in the last second, against its limits.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Use {
    pub records: f64,
    pub records_limit: f64,
    pub bytes: f64,
    pub bytes_limit: f64,
    pub read_bytes: f64,
    pub read_bytes_limit: f64,
    pub read_calls: f64,
    pub read_calls_limit: f64,
    pub throttled: f64,
    pub reads_throttled: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct KeyRate {
    pub key: String,
    pub hash_key: String,
    pub position: f64,
    pub shard_id: Option<String>,
    pub offered_per_second: f64,
    pub throttled_per_second: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Producer {
    pub name: String,
    pub client_kind: String,
    pub records_per_second: f64,
    /// As AddProducer takes them.
    pub pattern: Value,
    pub rate: Value,
    pub max_bytes: f64,
    /// As AddProducer takes them: how many, and what they begin with.
    pub keys: Value,
    pub template: Option<String>,
    /// Rows of a file that it replays; 0: it makes records up.
    pub rows: f64,
    pub client: String,
    pub offered_per_second: f64,
    pub offered: f64,
    pub accepted: f64,
    pub throttled: f64,
    pub retried: f64,
    pub given_up: f64,
    pub outstanding: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Consumer {
    pub name: String,
    pub kind: String,
    pub label: String,
    pub millis_behind: f64,
    pub records: f64,
    pub reads_throttled: f64,
    pub dead_letters: f64,
    pub given_up: f64,
    pub missed: f64,
}

/// `sluice:HashKey` of one key.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Hashed {
    pub key: String,
    pub md5: String,
    pub hash_key: String,
    pub position: f64,
    pub shard_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HashedKeys {
    pub keys: Vec<Hashed>,
}

impl Traffic {
    pub fn shard(&self, id: &str) -> Option<&Shard> {
        self.shards.iter().find(|shard| shard.shard_id == id)
    }

    /// Open shards in the order of the hash line.
    pub fn open(&self) -> Vec<&Shard> {
        let mut open: Vec<&Shard> = self.shards.iter().filter(|shard| shard.state == "OPEN").collect();
        open.sort_by(|a, b| a.from.total_cmp(&b.from));
        open
    }
}

/// `5` of `shardId-000000000005`.
pub fn short(shard_id: &str) -> &str {
    let number = shard_id.trim_start_matches("shardId-").trim_start_matches('0');
    if number.is_empty() { "0" } else { number }
}

/// A hash key `share` of the way through a shard; `None` for a range that cannot be split there.
pub fn point_in(shard: &Shard, share: f64) -> Option<u128> {
    let (start, end) = (shard.starting_hash_key.parse::<u128>().ok()?, shard.ending_hash_key.parse::<u128>().ok()?);
    let parts = (share.clamp(0.0, 1.0) * 1_000_000.0).round() as u128;
    let point = start + (end.checked_sub(start)? / 1_000_000).checked_mul(parts)?;
    (point > start && point <= end).then_some(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_called_by_its_number() {
        assert_eq!([short("shardId-000000000000"), short("shardId-000000000105")], ["0", "105"]);
    }

    #[test]
    fn a_point_lies_inside_its_shard() {
        let shard = Shard {
            starting_hash_key: "0".into(),
            ending_hash_key: u128::MAX.to_string(),
            ..Shard::default()
        };
        assert_eq!(point_in(&shard, 0.0), None);
        assert_eq!(point_in(&shard, 0.5), Some(u128::MAX / 1_000_000 * 500_000));
        assert!(point_in(&shard, 1.0).is_some_and(|point| point > u128::MAX / 2));
    }
}
