//! What time did to objects and what it will do: `sluice:GetStorageEvents` and `sluice:GetObjectSchedule`.
//!
//! CloudTrail knows nothing of lifecycle actions; in AWS they are seen in event notifications, whose names these events have ("Supported event types for SQS, SNS,
//! and Lambda").

use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::apply::kind;
use super::params::{NAME, Shape, TIMESTAMP, optional, required};
use super::{Account, ApiError, Params};
use crate::sim::{SimTime, TraceRow};
use crate::storage::s3::What;

/// Events of one answer, where the call names no number.
const PAGE: i64 = 100;
const MOST: i64 = 1_000;
/// Steps of one schedule: more than the waterfall has classes, with a restore and an expiry.
const STEPS: usize = 12;

const EVENTS: &[super::params::Member] = &[
    optional("Since", TIMESTAMP),
    optional("Bucket", NAME),
    optional("MaxEvents", Shape::Integer { min: Some(1) }),
];
const SCHEDULE: &[super::params::Member] = &[required("Bucket", NAME), required("Key", NAME)];

/// The event's name; `None` for a row that is no act of time.
const fn event_of(row: &TraceRow) -> Option<&'static str> {
    Some(match row.kind {
        kind::TRANSITIONED => "s3:LifecycleTransition",
        kind::EXPIRED | kind::MARKER_REMOVED => "s3:LifecycleExpiration:Delete",
        kind::MARKER_CREATED => "s3:LifecycleExpiration:DeleteMarkerCreated",
        kind::TIERED => "s3:IntelligentTiering",
        kind::RESTORED => "s3:ObjectRestore:Completed",
        kind::COPY_EXPIRED => "s3:ObjectRestore:Delete",
        // No notification tells of it; the name of the rule's action.
        kind::UPLOAD_ABORTED => "AbortIncompleteMultipartUpload",
        _ => return None,
    })
}

const fn event_to_be(what: What) -> &'static str {
    match what {
        What::Transitioned(_) => "s3:LifecycleTransition",
        What::Expired | What::MarkerRemoved => "s3:LifecycleExpiration:Delete",
        What::MarkerCreated => "s3:LifecycleExpiration:DeleteMarkerCreated",
        What::Tiered(_) => "s3:IntelligentTiering",
        What::Restored => "s3:ObjectRestore:Completed",
        What::RestoredCopyExpired => "s3:ObjectRestore:Delete",
        What::UploadAborted => "AbortIncompleteMultipartUpload",
    }
}

/// A row's argument: the name of the class or tier gone to, and of the lifecycle rule, each 0 for none.
pub(super) fn argument(to: u32, rule: u32) -> f64 {
    f64::from(rule) * RULE + f64::from(to)
}

const RULE: f64 = (1_u64 << 24) as f64;

/// What [`argument`] put together: numbers of names are whole and small.
pub(super) fn to_and_rule(argument: f64) -> (u32, u32) {
    let rule = libm::floor(argument / RULE);
    ((argument - rule * RULE) as u32, rule as u32)
}

fn event(time: SimTime, name: &str, bucket: &str, key: &str, to: &str, rule: &str) -> Value {
    let mut event = json!({"Time": time.to_string(), "Event": name, "Bucket": bucket, "Key": key});
    if !to.is_empty() {
        event["To"] = json!(to);
    }
    if !rule.is_empty() {
        event["RuleId"] = json!(rule);
    }
    event
}

impl Account {
    /// `{Events: [{Time, Event, Bucket, Key, To?, RuleId?}], Count, Truncated}`: what time did to objects after `Since`, the earliest first. `To`: the class or tier gone to;
    /// `RuleId`: the lifecycle rule that did it.
    /// Read from the event trace, which reaches back to the last snapshot.
    pub(super) fn storage_events(&self, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, EVENTS)?;
        let since = params.time("Since");
        let bucket = params.text("Bucket");
        let most = usize::try_from(params.integer("MaxEvents").unwrap_or(PAGE).min(MOST)).unwrap_or_default();
        let name = |number: u32| self.names.name(number).unwrap_or_default();
        let mut count = 0_usize;
        let mut events = Vec::new();
        for (_, row) in self.trace.rows() {
            let Some(what) = event_of(row) else { continue };
            if since.is_some_and(|since| row.time <= since) || bucket.is_some_and(|bucket| name(row.resource) != bucket) {
                continue;
            }
            count += 1;
            if events.len() < most {
                let (to, rule) = to_and_rule(row.argument);
                events.push(event(row.time, what, name(row.resource), name(row.subject), name(to), name(rule)));
            }
        }
        Ok(json!({"Events": events, "Count": count, "Truncated": count > events.len()}))
    }

    /// `{Steps: [{Time, Event, Bucket, Key, To?, RuleId?}]}`: what time will do to a key's versions if nothing else changes, at most twelve steps. Error: `NoSuchBucket`.
    pub(super) fn object_schedule(&self, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, SCHEDULE)?;
        let (bucket, key) = (params.required_text("Bucket")?, params.required_text("Key")?);
        let steps = self.s3.foresee(bucket, key, STEPS)?;
        let steps: Vec<Value> = steps
            .iter()
            .map(|step| {
                let rule = step.rule.as_deref().unwrap_or_default();
                event(step.at, event_to_be(step.what), &step.bucket, &step.key, step.what.target(), rule)
            })
            .collect();
        Ok(json!({"Steps": steps}))
    }
}
