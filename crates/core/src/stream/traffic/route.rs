//! `sluice:RouteKeys`: how many keys of a row of keys fall into each shard, as PutRecord would route them. Stores nothing.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::account::params::{Member, NAME, Shape, TEXT, optional, param_error, required};
use crate::account::{ApiError, Params};
use crate::stream::kinesis::{Kinesis, Ring, hash_of_bytes, initial_ranges, shard_id};

/// Keys of one call: a second or so of work in a tab.
const MAX_KEYS: i64 = 2_000_000;
/// The most shards that UpdateShardCount takes.
const MAX_SHARDS: i64 = 10_000;
/// Characters of a partition key, less the digits of the greatest number.
const MAX_PREFIX: usize = 256 - 7;

const ROUTE: &[Member] = &[
    optional("Prefix", TEXT),
    required("Count", Shape::Integer { min: Some(1) }),
    optional("Shards", Shape::Integer { min: Some(1) }),
    optional("StreamName", NAME),
];

fn wrong(name: &str, value: i64, most: i64) -> ApiError {
    param_error(format!("Invalid value for parameter {name}, value: {value}, valid max value: {most}"))
}

/// Routes `Prefix0`, `Prefix1`, … over the open shards of a stream, or over those of a new stream of so many shards.
///
/// Errors: `ParamValidation`; `ResourceNotFoundException` for a stream that is not there.
pub(super) fn keys(kinesis: &Kinesis, params: &Value) -> Result<Value, ApiError> {
    let params = Params::check(params, ROUTE)?;
    let prefix = params.text("Prefix").unwrap_or_default();
    let letters = prefix.chars().count();
    if letters > MAX_PREFIX {
        return Err(wrong("Prefix", letters as i64, MAX_PREFIX as i64));
    }
    let count = params.integer("Count").unwrap_or(1);
    if count > MAX_KEYS {
        return Err(wrong("Count", count, MAX_KEYS));
    }
    let ring = match (params.text("StreamName"), params.integer("Shards")) {
        (Some(name), None) => {
            let stream = kinesis.stream(name);
            let missing = || ApiError::new("ResourceNotFoundException", format!("There is no stream \"{name}\"."));
            stream.ok_or_else(missing)?.ring().clone()
        }
        (None, Some(shards)) if shards > MAX_SHARDS => return Err(wrong("Shards", shards, MAX_SHARDS)),
        (None, Some(shards)) => Ring::new(initial_ranges(u32::try_from(shards).unwrap_or(1)).zip(0..)),
        _ => return Err(param_error("Either Shards or StreamName should be provided.")),
    };
    let counts = route(prefix, count, &ring);
    let total = count as f64;
    let shards = ring.shards().iter().zip(&counts);
    let shards: Vec<Value> = shards
        .map(|(shard, keys)| json!({"ShardId": shard_id(*shard), "Keys": keys, "Share": f64::from(*keys) / total}))
        .collect();
    Ok(json!({"Keys": counts.iter().map(|keys| u64::from(*keys)).sum::<u64>(), "Shards": shards}))
}

/// Keys by place on the ring.
fn route(prefix: &str, count: i64, ring: &Ring) -> Vec<u32> {
    let mut counts = vec![0u32; ring.len()];
    let mut key = prefix.as_bytes().to_vec();
    key.push(b'0');
    for _ in 0..count {
        if let Some(keys) = ring.place_of(hash_of_bytes(&key)).and_then(|place| counts.get_mut(place)) {
            *keys += 1;
        }
        next(&mut key, prefix.len());
    }
    counts
}

/// Counts the decimal digits from `at` on up by one.
fn next(key: &mut Vec<u8>, at: usize) {
    for digit in key.iter_mut().skip(at).rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    key.insert(at, b'1');
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::stream::kinesis::hash_of;

    #[test]
    fn digits_count_up() {
        let mut key = b"k9-0".to_vec();
        for number in 1..=1_200 {
            next(&mut key, 3);
            assert_eq!(String::from_utf8(key.clone()).unwrap(), format!("k9-{number}"));
        }
    }

    #[test]
    fn keys_are_counted_where_each_falls() {
        let kinesis = Kinesis::default();
        let answer = keys(&kinesis, &json!({"Prefix": "vehicle-", "Count": 2_345, "Shards": 7})).unwrap();
        let ring = Ring::new(initial_ranges(7).zip(0..));
        let mut expected = [0u64; 7];
        for number in 0..2_345 {
            expected[ring.shard_of(hash_of(&format!("vehicle-{number}"))).unwrap() as usize] += 1;
        }
        let found: Vec<u64> = answer["Shards"]
            .as_array()
            .unwrap()
            .iter()
            .map(|shard| shard["Keys"].as_u64().unwrap())
            .collect();
        assert_eq!(found, expected);
        assert_eq!(answer["Keys"], 2_345);
        assert_eq!(answer["Shards"][6]["ShardId"], "shardId-000000000006");
        assert_eq!(answer["Shards"][6]["Share"], expected[6] as f64 / 2_345.0);
    }

    #[test]
    fn limits_and_missing_streams() {
        let kinesis = Kinesis::default();
        let code = |params: Value| keys(&kinesis, &params).unwrap_err().code;
        assert_eq!(code(json!({"Count": 2_000_001, "Shards": 1})), "ParamValidation");
        assert_eq!(code(json!({"Count": 1, "Shards": 10_001})), "ParamValidation");
        assert_eq!(code(json!({"Count": 1})), "ParamValidation");
        assert_eq!(code(json!({"Count": 1, "Shards": 1, "StreamName": "s"})), "ParamValidation");
        assert_eq!(code(json!({"Count": 1, "Shards": 1, "Prefix": "x".repeat(250)})), "ParamValidation");
        assert_eq!(code(json!({"Count": 1, "StreamName": "s"})), "ResourceNotFoundException");
    }
}
