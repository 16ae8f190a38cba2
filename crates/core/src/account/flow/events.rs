//! What happened on streams, read from the trace, and why: `sluice:GetTraceEvents` and `sluice:ExplainEvent`.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::super::apply::kind;
use super::super::params::{INTEGER, Member, Shape, TEXTS, TIMESTAMP, optional, required};
use super::super::storage_events::to_and_rule;
use super::super::{Account, ApiError, Params};
use crate::sim::TraceRow;
use crate::stream::kinesis::{WRITE_BYTES, WRITE_RECORDS};

const EVENTS: &[Member] = &[
    optional("Since", TIMESTAMP),
    optional("Until", TIMESTAMP),
    optional("Kinds", TEXTS),
    optional("Limit", Shape::Integer { min: Some(1) }),
];
const EXPLAIN: &[Member] = &[required("Row", INTEGER)];
/// Steps of one explanation.
const STEPS: usize = 12;

/// The name of a kind of row, as the page has it.
pub(in crate::account) const fn kind_name(number: u16) -> &'static str {
    match number {
        kind::CALL => "call",
        kind::REFUSED => "refused",
        kind::ALARM_STATE => "alarm",
        kind::ALARM_ACTION => "action",
        kind::SHARD_OPENED => "shard-opened",
        kind::SHARD_CLOSED => "shard-closed",
        kind::STREAM_STATUS => "stream",
        kind::SENT => "sent",
        kind::THROTTLED => "throttled",
        kind::READ => "read",
        kind::READ_THROTTLED => "read-throttled",
        kind::GIVEN_UP => "given-up",
        kind::BATCH_FAILED => "batch-failed",
        kind::METRICS => "metrics",
        kind::FLUSHED => "delivery",
        kind::DELIVERED => "delivered",
        kind::DELIVERY_FAILED => "delivery-failed",
        kind::DELIVERY_GIVEN_UP => "drop",
        kind::TRANSFORMED => "transformed",
        kind::RECORDS_DROPPED => "dropped",
        kind::RECORDS_FAILED => "failed",
        kind::TRANSITIONED | kind::EXPIRED | kind::MARKER_CREATED | kind::MARKER_REMOVED | kind::UPLOAD_ABORTED => "lifecycle",
        kind::TIERED => "tiered",
        kind::RESTORED | kind::COPY_EXPIRED => "restore",
        _ => "other",
    }
}

/// The count and the limit of a refusal.
pub(in crate::account) fn refusal(argument: f64) -> (u64, u64) {
    let number = argument.max(0.0) as u64;
    (number / 8, number % 8)
}

fn plural(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

impl Account {
    fn traced(&self, number: u32) -> &str {
        self.names.name(number).unwrap_or_default()
    }

    /// A row in a sentence.
    pub(in crate::account) fn sentence(&self, row: &TraceRow) -> String {
        let (resource, subject) = (self.traced(row.resource), self.traced(row.subject));
        let count = row.argument.max(0.0) as u64;
        let limit = |number: u64| match number {
            1 => format!("{WRITE_RECORDS} records a second"),
            2 => format!("{WRITE_BYTES} bytes a second"),
            3 => "5 GetRecords calls a second".to_string(),
            4 => "2 MiB a second for all that poll".to_string(),
            _ => "its limit".to_string(),
        };
        match row.kind {
            kind::CALL => format!(
                "{resource} was called{}",
                if subject.is_empty() { String::new() } else { format!(" on {subject}") }
            ),
            kind::REFUSED => format!("{resource} was refused: {subject}"),
            kind::SHARD_OPENED => format!("{subject} opened"),
            kind::SHARD_CLOSED => format!("{subject} closed: it takes no more records and is read to its end"),
            kind::STREAM_STATUS => format!("Stream {resource} became {subject}"),
            kind::SENT => format!("{subject} put {} on {resource}", plural(count, "record")),
            kind::THROTTLED => {
                let (count, by) = refusal(row.argument);
                if by == 0 {
                    return format!(
                        "{resource} told {subject} to slow down: {} over what it takes in a second",
                        plural(count, "record")
                    );
                }
                format!(
                    "{resource} refused {} of {}: it takes {}",
                    plural(count, "record"),
                    if subject.is_empty() { "a call" } else { subject },
                    limit(by)
                )
            }
            kind::READ => format!("{subject} read {} of {resource}", plural(count, "record")),
            kind::READ_THROTTLED => {
                let (_, by) = refusal(row.argument);
                format!("{resource} refused a read of {subject}: it gives {}", limit(by))
            }
            kind::GIVEN_UP => format!("{subject} gave up {}", plural(count, "record")),
            kind::BATCH_FAILED => match count {
                0 => format!("{subject} failed on a batch of {resource} and tries it again"),
                count => format!("{subject} passed over {} of {resource} after the last try", plural(count, "record")),
            },
            kind::METRICS => format!("The minute's metrics of {resource} went to CloudWatch: {} came in", plural(count, "record")),
            kind::FLUSHED => format!(
                "{resource} closed a buffer of {}: {}",
                plural(count, "record"),
                match subject {
                    "size" => "it had reached its size",
                    "interval" => "its time was over",
                    _ => "the stream is set up anew, or goes",
                }
            ),
            kind::DELIVERED => format!("{resource} delivered {} to {subject}", plural(count, "record")),
            kind::DELIVERY_FAILED => format!("S3 refused {} of {resource}: {subject}; it tries again", plural(count, "record")),
            kind::DELIVERY_GIVEN_UP => format!("{resource} gave up {} that S3 refused for 24 hours: {subject}", plural(count, "record")),
            kind::TRANSFORMED => format!("{resource} invoked {subject} with {}", plural(count, "record")),
            kind::RECORDS_DROPPED => format!("{subject} dropped {} of {resource}", plural(count, "record")),
            kind::RECORDS_FAILED => format!("{} of {resource} failed and go into an error object: {subject}", plural(count, "record")),
            kind::TRANSITIONED
            | kind::EXPIRED
            | kind::MARKER_CREATED
            | kind::MARKER_REMOVED
            | kind::UPLOAD_ABORTED
            | kind::TIERED
            | kind::RESTORED
            | kind::COPY_EXPIRED => self.storage_sentence(row),
            kind::ALARM_STATE => format!("Alarm {resource} went to {subject}"),
            kind::ALARM_ACTION => format!("Alarm {subject} notified {resource}"),
            _ => format!("{resource} {subject}").trim().to_string(),
        }
    }

    /// What time did to an object, in a sentence.
    fn storage_sentence(&self, row: &TraceRow) -> String {
        let (to, rule) = to_and_rule(row.argument);
        let (to, rule) = (self.traced(to), self.traced(rule));
        let object = format!("{}/{}", self.traced(row.resource), self.traced(row.subject));
        let by = if rule.is_empty() {
            String::new()
        } else {
            format!(" by the lifecycle rule \"{rule}\"")
        };
        match row.kind {
            kind::TRANSITIONED => format!("{object} moved to {to}{by}"),
            kind::TIERED => format!("{object} went to the tier {to}"),
            kind::EXPIRED => format!("{object} was deleted{by}"),
            kind::MARKER_CREATED => format!("{object} went behind a delete marker{by}"),
            kind::MARKER_REMOVED => format!("The delete marker of {object} was removed{by}"),
            kind::UPLOAD_ABORTED => format!("An unfinished upload of {object} was aborted{by}"),
            kind::RESTORED => format!("{object} was restored"),
            _ => format!("The restored copy of {object} expired"),
        }
    }

    fn shown_event(&self, index: u64, row: &TraceRow) -> Value {
        let count = match row.kind {
            kind::THROTTLED | kind::READ_THROTTLED => refusal(row.argument).0 as f64,
            _ => row.argument,
        };
        json!({
            "Row": index,
            "At": row.time.to_string(),
            "Kind": kind_name(row.kind),
            "Resource": self.traced(row.resource),
            "Subject": self.traced(row.subject),
            "Argument": count,
            "Cause": if row.cause == TraceRow::NO_CAUSE { Value::Null } else { json!(row.cause) },
            "Text": self.sentence(row),
        })
    }

    /// `{Events: [{Row, At, Kind, Resource, Subject, Argument, Cause, Text}]}`: the newest first, at most `Limit` (50) of them, of the kinds named.
    pub(super) fn trace_events(&self, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, EVENTS)?;
        let (since, until) = (params.time("Since"), params.time("Until"));
        let kinds: Vec<&str> = params.texts("Kinds").collect();
        let limit = params.integer("Limit").unwrap_or(50).clamp(1, 1_000) as usize;
        let mut events = Vec::new();
        let mut at = self.trace.len();
        while at > 0 && events.len() < limit {
            at -= 1;
            let Some(row) = self.trace.get(at) else { break };
            if since.is_some_and(|since| row.time < since) {
                break;
            }
            if until.is_some_and(|until| row.time > until) || (!kinds.is_empty() && !kinds.contains(&kind_name(row.kind))) {
                continue;
            }
            events.push(self.shown_event(at, row));
        }
        Ok(json!({"Events": events}))
    }

    /// `{Steps: [{Row?, At, Text}]}`: first what a row says, then what it follows from, to the root. A refusal is preceded by what the shard stood at.
    pub(super) fn explain_event(&self, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, EXPLAIN)?;
        let row = params.integer("Row").and_then(|row| u64::try_from(row).ok());
        let mut at = row.filter(|row| self.trace.get(*row).is_some()).ok_or_else(|| {
            ApiError::new(
                "ResourceNotFoundException",
                "There is no such event, or it is from before the account was opened.",
            )
        })?;
        let mut steps = Vec::new();
        while steps.len() < STEPS {
            let Some(row) = self.trace.get(at) else { break };
            steps.push(json!({"Row": at, "At": row.time.to_string(), "Kind": kind_name(row.kind), "Text": self.sentence(row)}));
            if row.kind == kind::THROTTLED {
                steps.extend(
                    self.about_refusal(row)
                        .into_iter()
                        .map(|text| json!({"At": row.time.to_string(), "Text": text})),
                );
            }
            if row.kind == kind::READ_THROTTLED {
                steps.extend(self.about_read(row).into_iter().map(|text| json!({"At": row.time.to_string(), "Text": text})));
            }
            if row.cause == TraceRow::NO_CAUSE || u64::from(row.cause) >= at {
                break;
            }
            at = u64::from(row.cause);
        }
        Ok(json!({"Steps": steps}))
    }

    /// Who read a shard in the second before it refused a read.
    fn about_read(&self, row: &TraceRow) -> Option<String> {
        let since = row.time.plus_micros(-1_000_000);
        // Newest first, up to what is over a second old.
        let mut readers: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        for at in (0..self.trace.len()).rev() {
            let Some(read) = self.trace.get(at).filter(|read| read.time > since) else {
                break;
            };
            if read.resource != row.resource || read.time > row.time {
                continue;
            }
            let tally = readers.entry(self.traced(read.subject)).or_default();
            match read.kind {
                kind::READ => {
                    tally.0 += 1;
                    tally.1 += read.argument.max(0.0) as u64;
                }
                kind::READ_THROTTLED => tally.2 += 1,
                _ => {}
            }
        }
        readers.retain(|_, tally| *tally != (0, 0, 0));
        let of = |(name, (reads, records, refused)): (&&str, &(u64, u64, u64))| {
            let more = if *refused > 0 { format!(", {refused} refused") } else { String::new() };
            format!("{name} {} with {}{more}", plural(*reads, "read"), plural(*records, "record"))
        };
        let told: Vec<String> = readers.iter().map(of).collect();
        (!told.is_empty()).then(|| {
            format!(
                "In the second before, it answered {}. What polls a shard shares its 5 calls and 2 MiB a second; reads that found nothing count too.",
                told.join("; ")
            )
        })
    }

    /// What was going on in a shard that refused: how much it was offered in that second, under which keys.
    fn about_refusal(&self, row: &TraceRow) -> Vec<String> {
        let mut about = Vec::new();
        let Some((stream_name, id)) = self.traced(row.resource).split_once('/') else {
            return about;
        };
        let Some(stream) = self.kinesis.stream(stream_name) else { return about };
        let Some(shard) = stream.shards().find(|shard| shard.id() == id) else {
            return about;
        };
        let since = row.time.plus_micros(-1_000_000);
        // By key: offered in the second before.
        let mut keys: Vec<(String, u64, u128)> = Vec::new();
        let mut in_shard = 0u64;
        let mut all = 0u64;
        for producer in self.traffic.running_on(stream_name) {
            for (key, hash, count) in producer.offered_by_key(since, row.time) {
                all += count;
                if shard.range().contains(hash) {
                    in_shard += count;
                    keys.push((key, count, hash));
                }
            }
        }
        keys.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let taken = shard.records().at_or_after(row.time.plus_micros(1)) - shard.records().at_or_after(since.plus_micros(1));
        about.push(format!(
            "In the second before, applications offered {all} records to {stream_name}; {in_shard} of them have keys that hash into {id}, which took {taken}."
        ));
        if let Some((key, count, hash)) = keys.first()
            && *count * 4 >= in_shard
        {
            about.push(format!(
                "{count} of those carry one key, {key}: its MD5 is {hash:032x}, so that it is in one shard whatever is split."
            ));
        }
        about
    }
}
