//! One event of the history, and its record.

use leptos::prelude::*;
use serde_json::Value;

use crate::components::glyph;
use crate::format::local_time;

/// An element of `LookupEvents`' `Events`, read leniently: a member that is missing is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    pub name: String,
    /// ISO 8601, UTC.
    pub time: String,
    pub source: String,
    pub user: String,
    pub read_only: bool,
    /// Type and name.
    pub resources: Vec<(String, String)>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// The record as indented JSON.
    pub record: String,
}

impl Event {
    pub fn of(event: &Value) -> Event {
        let text = |member: &str| event.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let record: Value = match event.get("CloudTrailEvent") {
            Some(Value::String(record)) => serde_json::from_str(record).unwrap_or_else(|_| Value::String(record.clone())),
            Some(record) => record.clone(),
            None => Value::Null,
        };
        let of_record = |member: &str| record.get(member).and_then(Value::as_str).map(str::to_owned);
        let resources = event.get("Resources").and_then(Value::as_array).into_iter().flatten();
        Event {
            id: text("EventId"),
            name: text("EventName"),
            time: text("EventTime"),
            source: text("EventSource"),
            user: text("Username"),
            // The API has it as the text "true".
            read_only: event.get("ReadOnly").is_some_and(|read| read == "true" || read == &Value::Bool(true)),
            resources: resources
                .map(|resource| {
                    let part = |member: &str| resource.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
                    (part("ResourceType"), part("ResourceName"))
                })
                .collect(),
            error_code: of_record("errorCode"),
            error_message: of_record("errorMessage"),
            record: match &record {
                Value::Null => String::new(),
                record => serde_json::to_string_pretty(record).unwrap_or_default(),
            },
        }
    }
}

/// Everything that is known of an event: what a row has no room for, and the record itself.
#[component]
pub fn Record(event: Event) -> impl IntoView {
    view! {
        <dl class="facts">
            <dt>"Event time"</dt>
            <dd>{local_time(&event.time)} " " <span class="meta">{event.time.clone()}</span></dd>
            <dt>"Event source"</dt>
            <dd class="mono">{event.source}</dd>
            <dt>"User name"</dt>
            <dd>{event.user}</dd>
            <dt>"Event ID"</dt>
            <dd class="mono">{event.id}</dd>
            <dt>"Read-only"</dt>
            <dd>{if event.read_only { "true" } else { "false" }}</dd>
            {event
                .resources
                .into_iter()
                .map(|(kind, name)| {
                    view! {
                        <dt>{if kind.is_empty() { "Resource".to_string() } else { kind }}</dt>
                        <dd class="mono">{name}</dd>
                    }
                })
                .collect_view()}
            {event
                .error_code
                .map(|code| {
                    view! {
                        <dt>"Error"</dt>
                        <dd>
                            <span class="state err">{glyph("warn")} {code}</span>
                            " "
                            {event.error_message}
                        </dd>
                    }
                })}
        </dl>
        <h3>"Event record"</h3>
        <pre class="record" tabindex="0" aria-label="Event record">
            {event.record}
        </pre>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_reads_its_record() {
        let event = Event::of(&json!({
            "EventId": "e", "EventName": "CreateBucket", "ReadOnly": "false", "EventTime": "2026-01-01T00:00:00Z", "EventSource": "s3.amazonaws.com", "Username": "learner",
            "Resources": [{ "ResourceType": "AWS::S3::Bucket", "ResourceName": "parking" }],
            "CloudTrailEvent": "{\"errorCode\":\"BucketAlreadyExists\"}",
        }));
        assert_eq!(event.error_code.as_deref(), Some("BucketAlreadyExists"));
        assert_eq!(event.resources, [("AWS::S3::Bucket".to_string(), "parking".to_string())]);
        assert!(!event.read_only);
    }

    #[test]
    fn what_is_no_event_is_empty() {
        assert_eq!(Event::of(&Value::Null), Event::default());
        assert_eq!(Event::of(&json!({ "CloudTrailEvent": "not json", "Resources": 3 })).record, "\"not json\"");
    }
}
