//! Runs one case of the schema that `tests/cases/README.md` describes, and says what differs.
//!
//! Belongs here: reading a case and comparing. Does not belong here: any of Flink's rules.

mod streams;
mod windows;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::barriers::{Alignment, Reaction};
use super::cumulate::Cumulate;
use super::keys::{self, KeyGroups};
use super::number::{long, say};
use super::{EventTime, shards};
use crate::stream::kinesis::{Ring, hash_of, initial_ranges};

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Pass,
    /// What was expected and what came, or what in the case does not read.
    Fail(String),
    /// Its suite is not one of this engine's.
    Skipped(String),
}

type Answer = Result<Value, String>;

/// Runs a case.
pub fn run(case: &Value) -> Outcome {
    let (input, expect) = (&case["input"], &case["expect"]);
    let suite = case["suite"].as_str().unwrap_or_default();
    let got = match suite {
        "window_start" => windows::start(input),
        "assign" => windows::assign(input),
        "assigner_invalid" => return outcome(windows::invalid(input, expect)),
        "merge_windows" => windows::merge(input),
        "trigger" => windows::trigger(input),
        "window_operator" => return outcome(windows::operator(input, expect)),
        "watermark_generator" => streams::generator(input),
        "idleness_timer" => streams::idleness(input),
        "watermark_valve" => streams::valve(input),
        "watermark_multiplexer" => streams::multiplexer(input),
        "key_group" => key_group(input),
        "key_group_ranges" => key_group_ranges(input),
        "default_max_parallelism" => default_max_parallelism(input),
        "cumulate_slice" | "cumulate_window_start" => cumulate(suite, input),
        "checkpoint_alignment" => alignment(input, expect),
        "kinesis_shard" => kinesis_shard(input),
        "kinesis_shard_assigner" => shard_assigner(input),
        other => return Outcome::Skipped(format!("there is no suite {other:?} here")),
    };
    outcome(got.and_then(|got| same(expect, &got)))
}

fn outcome(result: Result<(), String>) -> Outcome {
    match result {
        Ok(()) => Outcome::Pass,
        Err(difference) => Outcome::Fail(difference),
    }
}

fn same(expected: &Value, got: &Value) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    Err(format!("expected {expected}, got {got}"))
}

fn number(of: &Value, name: &str) -> Result<i64, String> {
    of.get(name).and_then(long).ok_or_else(|| format!("{name} is missing, or no number"))
}

fn instant(of: &Value, name: &str) -> Result<EventTime, String> {
    number(of, name).map(EventTime)
}

fn small(of: &Value, name: &str) -> Result<u32, String> {
    u32::try_from(number(of, name)?).map_err(|_| format!("{name} is out of range"))
}

fn list<'a>(of: &'a Value, name: &str) -> Result<&'a [Value], String> {
    of.get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .ok_or_else(|| format!("{name} is missing, or no list"))
}

fn text<'a>(of: &'a Value, name: &str) -> Result<&'a str, String> {
    of.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing, or no text"))
}

fn key_group(input: &Value) -> Answer {
    let hash = match text(input, "keyType")? {
        "string" => keys::string_hash(text(input, "key")?),
        "int" => i32::try_from(number(input, "key")?).map_err(|_| String::from("key is no int"))?,
        "long" => keys::long_hash(number(input, "key")?),
        other => return Err(format!("there is no key type {other}")),
    };
    let groups = KeyGroups::new(small(input, "parallelism")?, small(input, "maxParallelism")?)?;
    let group = groups.group(hash);
    Ok(json!({"javaHashCode": hash, "murmurHash": keys::murmur(hash), "keyGroup": group, "operatorIndex": groups.operator(group)}))
}

fn key_group_ranges(input: &Value) -> Answer {
    let groups = KeyGroups::new(small(input, "parallelism")?, small(input, "maxParallelism")?)?;
    let ranges: Vec<[u32; 2]> = (0..groups.parallelism).map(|operator| groups.range(operator).into()).collect();
    Ok(json!({"ranges": ranges}))
}

fn default_max_parallelism(input: &Value) -> Answer {
    Ok(json!({"maxParallelism": keys::default_max_parallelism(small(input, "parallelism")?)}))
}

fn cumulate(suite: &str, input: &Value) -> Answer {
    let windows = Cumulate {
        size: number(input, "maxSize")?,
        step: number(input, "step")?,
        offset: number(input, "offset")?,
    };
    if suite == "cumulate_slice" {
        return Ok(json!({"sliceEnd": say(windows.slice_end(instant(input, "tsLocal")?).0)}));
    }
    Ok(json!({"windowStart": say(windows.window_start(instant(input, "sliceEnd")?).0)}))
}

fn alignment(input: &Value, expect: &Value) -> Answer {
    let index = |of: &Value, name: &str| number(of, name).map(|channel| channel as usize);
    let mut alignment = Alignment::new(index(input, "channels")?);
    let mut triggered = Map::new();
    let mut aborted = Vec::new();
    let mut blocked = Map::new();
    let asked = expect["blockedChannelsAfterIndex"].as_object();
    for (at, item) in list(input, "sequence")?.iter().enumerate() {
        let reaction = if item.get("barrier").is_some() {
            alignment.barrier(index(item, "channel")?, number(item, "barrier")? as u64)
        } else if item.get("endOfPartition").is_some() {
            alignment.end_of_partition(index(item, "endOfPartition")?)
        } else {
            index(item, "buffer")?;
            Reaction::default()
        };
        aborted.extend(reaction.aborted);
        if let Some(id) = reaction.triggered {
            triggered.insert(id.to_string(), Value::from(at));
        }
        let name = at.to_string();
        if asked.is_some_and(|asked| asked.contains_key(&name)) {
            let channels: Vec<usize> = alignment.blocked().collect();
            blocked.insert(name, json!(channels));
        }
    }
    Ok(json!({"triggeredAtIndex": triggered, "abortedCheckpoints": aborted, "blockedChannelsAfterIndex": blocked}))
}

fn kinesis_shard(input: &Value) -> Answer {
    let hash = hash_of(text(input, "partitionKey")?);
    let ring = Ring::new(initial_ranges(small(input, "shards")?).zip(0..));
    Ok(json!({"hashKey": hash.to_string(), "shardIndex": ring.shard_of(hash)}))
}

fn shard_assigner(input: &Value) -> Answer {
    let hash = |name: &str| -> Result<u128, String> { text(input, name)?.parse().map_err(|_| format!("{name} is no hash key")) };
    let subtask = shards::uniform_subtask(
        hash("startHashKey")?,
        hash("endHashKey")?,
        small(input, "parallelism")?,
        small(input, "streamOffset")?,
    );
    Ok(json!({"subtask": subtask}))
}
