//! Answers about streams and their traffic.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::super::apply::kind;
use super::super::params::{Member, NAME, Shape, optional, required};
use super::super::{Account, ApiError, Params};
use super::events::refusal;
use crate::sim::SimTime;

const TRAFFIC: &[Member] = &[
    required("StreamName", NAME),
    optional("Keys", Shape::Integer { min: Some(0) }),
    optional("Points", Shape::Integer { min: Some(0) }),
];

/// Answers a reading operation of `sluice:` about streams; `None` for another.
pub(in crate::account) fn read(account: &Account, now: SimTime, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
    match operation {
        "GetStreamTraffic" => Some(account.stream_traffic(now, params)),
        "GetTraceEvents" => Some(account.trace_events(params)),
        "ExplainEvent" => Some(account.explain_event(params)),
        _ => account.traffic.read(&account.kinesis, now, operation, params),
    }
}

impl Account {
    fn stream_traffic(&self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, TRAFFIC)?;
        let name = params.required_text("StreamName")?;
        let stream = self.kinesis.stream(name).ok_or_else(|| {
            ApiError::new(
                "ResourceNotFoundException",
                format!("Stream {name} under account {} not found.", self.options.account_id),
            )
        })?;
        let keys = params.integer("Keys").unwrap_or(40).clamp(0, 1_000) as usize;
        let points = params.integer("Points").unwrap_or(60).clamp(0, 3_600);
        let mut shown = self.traffic.shown(&self.kinesis, stream, now, keys);
        shown["History"] = self.stream_history(name, now, points);
        Ok(shown)
    }

    /// `[{At, Accepted, Throttled, Offered}]` by second, the newest last: what applications put in each of the last `points` seconds, read from the trace.
    fn stream_history(&self, name: &str, now: SimTime, points: i64) -> Value {
        let last = now.micros().div_euclid(1_000_000);
        let first = last - points + 1;
        let mut seconds: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        let shard_prefix = format!("{name}/");
        let mut at = self.trace.len();
        while at > 0 {
            at -= 1;
            let Some(row) = self.trace.get(at) else { break };
            let second = row.time.micros().div_euclid(1_000_000);
            if second < first {
                break;
            }
            let resource = self.names.name(row.resource).unwrap_or_default();
            match row.kind {
                kind::SENT if resource == name => seconds.entry(second).or_default().0 += row.argument,
                kind::THROTTLED if resource.starts_with(&shard_prefix) => seconds.entry(second).or_default().1 += refusal(row.argument).0 as f64,
                _ => {}
            }
        }
        let shown = (first..=last).map(|second| {
            let (accepted, throttled) = seconds.get(&second).copied().unwrap_or_default();
            json!({
                "At": SimTime::from_micros(second * 1_000_000).to_string(),
                "Accepted": accepted,
                "Throttled": throttled,
                "Offered": accepted + throttled,
            })
        });
        Value::Array(shown.collect::<Vec<_>>())
    }
}
