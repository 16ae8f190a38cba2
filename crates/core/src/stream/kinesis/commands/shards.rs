use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::check::{Faults, HASH_KEY, invalid};
use super::{Response, Setting, shown_arn};
use crate::account::{ApiError, Params};
use crate::gather::object;
use crate::sim::SimTime;
use crate::stream::kinesis::change::{Change, RESHARD_SECONDS, Reshard};
use crate::stream::kinesis::shard::{ShardState, shard_id};
use crate::stream::kinesis::state::{Kinesis, Mode, Status, Stream};
use crate::stream::kinesis::{Sequence, Shard};

const DAY: i64 = 86_400_000_000;
const MAX_SCALINGS: usize = 10;
const MAX_TARGET: i64 = 10_000;

/// The number in the name of a shard: `shardId-` and digits, or the digits alone.
pub(super) fn shard_index(id: &str) -> Option<u32> {
    let digits = id.split('-').nth(1).unwrap_or(id);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse::<u32>().ok().filter(|index| plain && *index <= 0x7fff_ffff)
}

impl Stream {
    pub(super) fn is_expired(&self, now: SimTime, shard: &Shard) -> bool {
        shard.state(now, self.retention()) == ShardState::Expired
    }

    pub(super) fn shown_shard(&self, shard: &Shard) -> Value {
        let mut shown = json!({
            "ShardId": shard.id(),
            "HashKeyRange": {"StartingHashKey": shard.range.start.to_string(), "EndingHashKey": shard.range.end.to_string()},
            "SequenceNumberRange": {"StartingSequenceNumber": Sequence::first(shard.created, shard.index).text()},
        });
        if let Some(parent) = shard.parent {
            shown["ParentShardId"] = json!(shard_id(parent));
        }
        if let Some(parent) = shard.adjacent_parent {
            shown["AdjacentParentShardId"] = json!(shard_id(parent));
        }
        if let Some(closed) = shard.closed {
            shown["SequenceNumberRange"]["EndingSequenceNumber"] = json!(Sequence::last(shard.created, shard.index, closed).text());
        }
        shown
    }
}

impl Kinesis {
    pub(super) fn list_shards(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "MaxResults", 1, 10_000);
        faults.name(params, "StreamName");
        faults.name(params, "ExclusiveStartShardId");
        if let Some(filter) = params.structure("ShardFilter") {
            faults.one_of(
                &filter,
                "Type",
                &[
                    "AFTER_SHARD_ID",
                    "AT_TRIM_HORIZON",
                    "FROM_TRIM_HORIZON",
                    "AT_LATEST",
                    "AT_TIMESTAMP",
                    "FROM_TIMESTAMP",
                ],
            );
        }
        faults.done()?;
        let named = params.has("StreamName") || params.has("StreamARN");
        let (name, after, filter) = match (params.text("NextToken"), named) {
            (None, false) => return Err(invalid("Either NextToken or StreamName should be provided.")),
            (Some(_), true) => return Err(invalid("NextToken and StreamName cannot be provided together.")),
            (Some(token), false) => {
                let expired = || ApiError::new("ExpiredNextTokenException", "The pagination token is no longer valid.");
                let bytes = STANDARD.decode(token).map_err(|_| invalid("Invalid NextToken."))?;
                let value: Value = serde_json::from_slice(&bytes).map_err(|_| invalid("Invalid NextToken."))?;
                let made = value[3].as_i64().ok_or_else(|| invalid("Invalid NextToken."))?;
                if setting.now.micros() - made > 300_000_000 {
                    return Err(expired());
                }
                (
                    value[0].as_str().unwrap_or_default().to_string(),
                    value[1].as_u64().and_then(|after| u32::try_from(after).ok()),
                    value[2].clone(),
                )
            }
            (None, true) => {
                let after = params.text("ExclusiveStartShardId");
                let after = after
                    .map(|after| shard_index(after).ok_or_else(|| invalid(format!("Invalid ExclusiveStartShardId: {after}"))))
                    .transpose()?;
                (self.named(setting, params)?, after, params.get("ShardFilter").cloned().unwrap_or(Value::Null))
            }
        };
        let stream = self.streams.get(&name).ok_or_else(|| Kinesis::not_found(setting.options, &name))?;
        let passes = filter_of(setting, stream, &filter)?;
        let limit = params.integer("MaxResults").unwrap_or(1_000).clamp(1, 10_000) as usize;
        let found: Vec<&Shard> = stream
            .shards()
            .filter(|shard| after.is_none_or(|after| shard.index > after) && passes(shard))
            .take(limit + 1)
            .collect();
        let page = found.get(..limit).unwrap_or(&found);
        let mut response = object([("Shards".to_string(), page.iter().map(|shard| stream.shown_shard(shard)).collect())]);
        if let Some(last) = page.last().filter(|_| found.len() > limit) {
            let token = json!([name, last.index, filter, setting.now.micros()]).to_string();
            response.insert("NextToken".to_string(), json!(STANDARD.encode(token)));
        }
        Ok(response)
    }

    pub(super) fn split_shard(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.number(params.text("NewStartingHashKey"), "NewStartingHashKey", 39, HASH_KEY);
        faults.name(params, "StreamName");
        faults.name(params, "ShardToSplit");
        faults.done()?;
        let (id, hash) = (params.required_text("ShardToSplit")?, params.required_text("NewStartingHashKey")?);
        let name = self.named(setting, params)?;
        let index = shard_index(id).ok_or_else(|| no_shard(setting, &name, id))?;
        let stream = self.active_mut(setting, params)?;
        provisioned(stream, "SplitShard")?;
        let shard = stream.shard(index).ok_or_else(|| no_shard(setting, &name, &shard_id(index)))?;
        let range = shard.range;
        let at = hash.parse::<u128>().ok().filter(|at| *at > range.start.saturating_add(1) && *at < range.end);
        let Some(at) = at else {
            return Err(invalid(format!(
                "NewStartingHashKey {hash} used in SplitShard() on shard {} in stream {name} under account {} is not both greater than one plus the shard's StartingHashKey {} and less than the shard's EndingHashKey {}.",
                shard.id(),
                setting.options.account_id,
                range.start,
                range.end
            )));
        };
        if !shard.is_open() {
            return Err(closed(setting, &name, index));
        }
        self.room_for(setting, 1)?;
        self.begin(setting, params, Reshard::Split { shard: index, at })
    }

    pub(super) fn merge_shards(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.name(params, "StreamName");
        faults.name(params, "ShardToMerge");
        faults.name(params, "AdjacentShardToMerge");
        faults.done()?;
        let name = self.named(setting, params)?;
        let mut indices = Vec::new();
        for id in [params.required_text("ShardToMerge")?, params.required_text("AdjacentShardToMerge")?] {
            indices.push(shard_index(id).ok_or_else(|| no_shard(setting, &name, id))?);
        }
        let stream = self.active_mut(setting, params)?;
        provisioned(stream, "MergeShards")?;
        let mut ranges = Vec::new();
        for index in &indices {
            ranges.push(stream.shard(*index).ok_or_else(|| no_shard(setting, &name, &shard_id(*index)))?);
        }
        let ([lower, upper], [first, second]) = (indices.as_slice(), ranges.as_slice()) else {
            return Err(invalid("Two shards are merged."));
        };
        if first.range.end == u128::MAX || first.range.end + 1 != second.range.start {
            return Err(invalid(format!(
                "Shards {} and {} in stream {name} under account {} are not an adjacent pair of shards eligible for merging",
                first.id(),
                second.id(),
                setting.options.account_id
            )));
        }
        for shard in [first, second] {
            if !shard.is_open() {
                return Err(closed(setting, &name, shard.index));
            }
        }
        let merge = Reshard::Merge { lower: *lower, upper: *upper };
        self.begin(setting, params, merge)
    }

    fn begin(&mut self, setting: &Setting<'_>, params: &Params<'_>, reshard: Reshard) -> Response {
        let stream = self.the_mut(setting, params)?;
        stream.status = Status::Updating;
        stream.cause = None;
        stream.change = Some((setting.now.plus_seconds(RESHARD_SECONDS), Change::Reshard(reshard)));
        Ok(Map::new())
    }

    pub(super) fn update_shard_count(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.one_of(params, "ScalingType", &["UNIFORM_SCALING"]);
        faults.name(params, "StreamName");
        faults.done()?;
        let (now, target) = (setting.now, params.integer("TargetShardCount").unwrap_or(0));
        let stream = self.active_mut(setting, params)?;
        provisioned(stream, "UpdateShardCount")?;
        stream.scaled.retain(|at| now.micros() - at.micros() < DAY);
        let current = stream.ring.len() as i64;
        let name = stream.name.clone();
        let problem = if stream.scaled.len() >= MAX_SCALINGS {
            Some(format!(
                "UpdateShardCount was called {MAX_SCALINGS} times within 24 hours on stream {name}, which is the most."
            ))
        } else if target > current * 2 {
            Some(format!(
                "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: {current}. Target shard count: {target}"
            ))
        } else if target > MAX_TARGET {
            Some(format!(
                "UpdateShardCount cannot scale a stream to more than {MAX_TARGET} shards. Target shard count: {target}"
            ))
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(ApiError::new("LimitExceededException", problem));
        }
        if target * 2 < current {
            return Err(ApiError::new(
                "LimitExceededException",
                format!(
                    "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: {current}. Target shard count: {target}"
                ),
            ));
        }
        self.room_for(setting, (target - current).max(0))?;
        let stream = self.the_mut(setting, params)?;
        let steps = stream.plan_scaling(u32::try_from(target).unwrap_or(1));
        stream.scaled.push(now);
        stream.cause = None;
        stream.status = Status::Updating;
        stream.change = Some((now.plus_seconds(RESHARD_SECONDS), Change::Scale(steps)));
        Ok(object([
            ("StreamName".to_string(), json!(name)),
            ("CurrentShardCount".to_string(), json!(current)),
            ("TargetShardCount".to_string(), json!(target)),
            ("StreamARN".to_string(), shown_arn(setting, &name)),
        ]))
    }
}

fn provisioned(stream: &Stream, operation: &str) -> Result<(), ApiError> {
    if stream.mode == Mode::Provisioned {
        return Ok(());
    }
    Err(ApiError::new(
        "ValidationException",
        format!(
            "Request is invalid. Stream {} is in ON_DEMAND mode: {operation} is for streams in PROVISIONED mode.",
            stream.name
        ),
    ))
}

pub(super) fn no_shard(setting: &Setting<'_>, stream: &str, id: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("Could not find shard {id} in stream {stream} under account {}.", setting.options.account_id),
    )
}

fn closed(setting: &Setting<'_>, stream: &str, index: u32) -> ApiError {
    invalid(format!(
        "Shard {} in stream {stream} under account {} has already been merged or split, and thus is not eligible for merging or splitting.",
        shard_id(index),
        setting.options.account_id
    ))
}

/// Which shards a filter lets through ("ShardFilter").
fn filter_of<'a>(setting: &Setting<'_>, stream: &'a Stream, filter: &Value) -> Result<alloc::boxed::Box<dyn Fn(&Shard) -> bool + 'a>, ApiError> {
    let (now, retention) = (setting.now, stream.retention());
    let horizon = now.plus_micros(-retention);
    let time = || -> Result<SimTime, ApiError> {
        let map = filter.as_object().map(Params::of);
        let time = map
            .and_then(|map| map.time("Timestamp"))
            .ok_or_else(|| invalid("Timestamp must be specified in ShardFilter for the types AT_TIMESTAMP and FROM_TIMESTAMP."))?;
        if time > now {
            return Err(invalid("The Timestamp of a ShardFilter cannot be in the future."));
        }
        Ok(time.max(horizon))
    };
    let open_at = |at: SimTime| {
        move |shard: &Shard| shard.opened <= at.max(stream.shards().next().map_or(at, |first| first.opened)) && shard.closed.is_none_or(|closed| closed > at)
    };
    let open_from = |at: SimTime| move |shard: &Shard| shard.closed.is_none_or(|closed| closed > at);
    Ok(match filter["Type"].as_str() {
        None => alloc::boxed::Box::new(move |shard| !stream.is_expired(now, shard)),
        Some("AFTER_SHARD_ID") => {
            let id = filter["ShardId"]
                .as_str()
                .ok_or_else(|| invalid("ShardId must be specified in ShardFilter for the type AFTER_SHARD_ID."))?;
            let after = shard_index(id).ok_or_else(|| invalid(format!("Invalid ShardId in ShardFilter: {id}")))?;
            alloc::boxed::Box::new(move |shard| shard.index > after && !stream.is_expired(now, shard))
        }
        Some("AT_LATEST") => alloc::boxed::Box::new(|shard| shard.is_open()),
        Some("AT_TRIM_HORIZON") => alloc::boxed::Box::new(open_at(horizon)),
        Some("FROM_TRIM_HORIZON") => alloc::boxed::Box::new(open_from(horizon)),
        Some("AT_TIMESTAMP") => alloc::boxed::Box::new(open_at(time()?)),
        Some("FROM_TIMESTAMP") => alloc::boxed::Box::new(open_from(time()?)),
        Some(_) => alloc::boxed::Box::new(|_| false),
    })
}

/// The names of children with their parents, as GetRecords and SubscribeToShard give them at a shard's end.
pub(super) fn child_shards(stream: &Stream, parent: u32) -> Value {
    let children = stream.children(parent).map(|child| {
        let parents: Vec<String> = child.parents().into_iter().flatten().map(shard_id).collect();
        json!({
            "ShardId": child.id(),
            "ParentShards": parents,
            "HashKeyRange": {"StartingHashKey": child.range.start.to_string(), "EndingHashKey": child.range.end.to_string()},
        })
    });
    children.collect()
}
