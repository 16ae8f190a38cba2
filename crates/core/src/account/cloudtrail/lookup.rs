use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::trail::{Trail, TrailEvent, TrailKind, oldest_kept};
use crate::account::params::{BOOLEAN, Member, NAME, Shape, TEXT, TIMESTAMP, optional, required};
use crate::account::{AccountOptions, ApiError, Params};
use crate::sim::{Rng, SimTime, fnv1a};

/// Events of one page, at most and where nothing is said.
const PAGE: i64 = 50;

const ATTRIBUTE: &[Member] = &[required("AttributeKey", TEXT), required("AttributeValue", NAME)];

const LOOKUP_EVENTS: &[Member] = &[
    optional(
        "LookupAttributes",
        Shape::List {
            of: &Shape::Structure(ATTRIBUTE),
            min: 0,
        },
    ),
    optional("StartTime", TIMESTAMP),
    optional("EndTime", TIMESTAMP),
    optional("EventCategory", TEXT),
    optional("MaxResults", Shape::Integer { min: Some(1) }),
    optional("NextToken", TEXT),
    optional("SluiceIncludeDataEvents", BOOLEAN),
];

/// What LookupEvents is asked for.
struct Query<'a> {
    attribute: Option<(&'a str, &'a str)>,
    start: SimTime,
    end: Option<SimTime>,
    data_events: bool,
    /// Commands of ours are listed, and every event says its kind and its place in the log.
    ours: Option<bool>,
}

impl Query<'_> {
    fn wants(&self, options: &AccountOptions, event: &TrailEvent) -> bool {
        let listed = match event.kind {
            TrailKind::Aws => (!event.data || self.data_events) && (reached_aws(event) || self.ours == Some(true)),
            TrailKind::Sluice | TrailKind::Effect => self.ours == Some(true),
        };
        listed
            && event.at >= self.start
            && self.end.is_none_or(|end| event.at.whole_second() <= end)
            && self.attribute.is_none_or(|(key, value)| match key {
                "EventId" => event_id(options, event) == value,
                "EventName" => event.operation == value,
                "ReadOnly" => value == if reads(event) { "true" } else { "false" },
                "Username" => username(event) == value,
                "ResourceType" => event.resources.iter().any(|(kind, _)| kind == value),
                "ResourceName" => event.resources.iter().any(|(_, name)| name == value),
                "EventSource" => event_source(event) == value,
                // No event has an access key: nobody signs a request here.
                _ => false,
            })
    }
}

/// Whether the operation changes nothing, as its name says.
fn reads(event: &TrailEvent) -> bool {
    ["Get", "Head", "List", "Describe", "Lookup", "BatchGet", "SubscribeToShard"]
        .iter()
        .any(|prefix| event.operation.starts_with(prefix))
}

/// A resource's ARN: a bucket is named by its name alone.
fn arn(kind: &str, name: &str) -> String {
    if kind == "AWS::S3::Bucket" {
        format!("arn:aws:s3:::{name}")
    } else {
        name.into()
    }
}

/// AWS has no record of a call that an SDK would not have sent, nor of one that stops at what Sluice does not do.
fn reached_aws(event: &TrailEvent) -> bool {
    let code = event.error.as_ref().map(|error| error.code.as_str());
    !matches!(code, Some("ParamValidation" | "NotImplemented" | "InvalidAction" | "InvalidClientTokenId"))
}

const ATTRIBUTE_KEYS: [&str; 8] = [
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
];

impl Trail {
    /// `cloudtrail:LookupEvents` at `now`, newest first, of the last 90 days.
    ///
    /// `SluiceIncludeDataEvents` is ours: where it is given, every event has `SluicePosition` (its call's place in the command log) and `SluiceKind` (`aws`, `sluice`,
    /// `effect`); where it is true, data events and our own commands are listed too.
    /// Errors: `InvalidLookupAttributesException`, `InvalidTimeRangeException`, `InvalidMaxResultsException`, `InvalidNextTokenException`,
    /// `InvalidEventCategoryException`; `ParamValidation`.
    pub fn lookup(&self, options: &AccountOptions, now: SimTime, params: &Value) -> Result<Map<String, Value>, ApiError> {
        let checked = Params::check(params, LOOKUP_EVENTS)?;
        let max = checked.integer("MaxResults").unwrap_or(PAGE);
        if max > PAGE {
            return Err(ApiError::new(
                "InvalidMaxResultsException",
                format!("The specified MaxResults value {max} is not valid. Specify a value between 1 and {PAGE}."),
            ));
        }
        if let Some(category) = checked.text("EventCategory") {
            let message = format!("The event category {category} is not available for this account.");
            return Err(ApiError::new("InvalidEventCategoryException", message).with_help("There are no Insights events here; leave EventCategory out."));
        }
        let query = self.query(&checked, now)?;
        let digest = query_digest(&checked);
        let after = match checked.text("NextToken") {
            None => None,
            Some(token) => Some(read_token(token, digest).ok_or_else(|| {
                ApiError::new(
                    "InvalidNextTokenException",
                    "Invalid token or a token that was previously used in a request with different parameters.",
                )
            })?),
        };
        let mut wanted = self.events.iter().rev().filter(|event| {
            let unseen = after.is_none_or(|after| (event.position, event.sequence) < after);
            unseen && query.wants(options, event)
        });
        let page: Vec<&TrailEvent> = wanted.by_ref().take(max as usize).collect();
        let mut response = Map::new();
        if let (Some(last), Some(_)) = (page.last(), wanted.next()) {
            response.insert("NextToken".to_string(), json!(write_token(last, digest)));
        }
        let events = page.into_iter().map(|event| shown(options, event, query.ours.is_some()));
        response.insert("Events".to_string(), events.collect());
        Ok(response)
    }

    fn query<'a>(&self, params: &Params<'a>, now: SimTime) -> Result<Query<'a>, ApiError> {
        let attributes: Vec<_> = params.structures("LookupAttributes").collect();
        let attribute = match attributes.as_slice() {
            [] => None,
            [one] => {
                let key = one.required_text("AttributeKey")?;
                if !ATTRIBUTE_KEYS.contains(&key) {
                    return Err(invalid_attributes().with_help(format!("AttributeKey is one of {}.", ATTRIBUTE_KEYS.join(", "))));
                }
                Some((key, one.required_text("AttributeValue")?))
            }
            _ => return Err(invalid_attributes().with_help("LookupAttributes has one attribute at most.")),
        };
        let end = params.time("EndTime");
        let start = params.time("StartTime");
        if let (Some(start), Some(end)) = (start, end)
            && start > end
        {
            return Err(ApiError::new("InvalidTimeRangeException", "The start time occurs after the end time."));
        }
        let oldest = oldest_kept(now);
        let ours = params.boolean("SluiceIncludeDataEvents");
        Ok(Query {
            attribute,
            start: start.map_or(oldest, |start| start.max(oldest)),
            end,
            data_events: ours.unwrap_or(self.data_events),
            ours,
        })
    }
}

fn invalid_attributes() -> ApiError {
    ApiError::new("InvalidLookupAttributesException", "Invalid lookup attributes were specified.")
}

/// A token goes on with the query that it came from, whatever its page size.
fn query_digest(params: &Params<'_>) -> u64 {
    let names = ["LookupAttributes", "StartTime", "EndTime", "SluiceIncludeDataEvents"];
    let text: String = names
        .iter()
        .map(|name| params.get(name).map(Value::to_string).unwrap_or_default() + "\n")
        .collect();
    fnv1a(0, text.as_bytes())
}

fn write_token(last: &TrailEvent, digest: u64) -> String {
    STANDARD.encode(format!("{}.{}.{digest:016x}", last.position, last.sequence))
}

fn read_token(token: &str, digest: u64) -> Option<(u64, u32)> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    let mut parts = text.split('.');
    let (position, sequence, seal) = (parts.next()?, parts.next()?, parts.next()?);
    (seal == format!("{digest:016x}")).then_some((position.parse().ok()?, sequence.parse().ok()?))
}

/// An id in the form of a UUID version 4: a function of the account's seed and the event's place.
fn uuid(options: &AccountOptions, event: &TrailEvent, purpose: u64) -> String {
    let place = (event.position << 24) ^ (u64::from(event.sequence) << 4) ^ purpose;
    Rng::stream(options.seed, place).uuid()
}

fn event_id(options: &AccountOptions, event: &TrailEvent) -> String {
    uuid(options, event, 0)
}

fn event_source(event: &TrailEvent) -> String {
    match event.kind {
        TrailKind::Aws if event.service == "s3control" => "s3.amazonaws.com".to_string(),
        TrailKind::Aws if event.service == "cloudwatch" => "monitoring.amazonaws.com".to_string(),
        TrailKind::Aws => format!("{}.amazonaws.com", event.service),
        TrailKind::Sluice | TrailKind::Effect => "sluice".to_string(),
    }
}

/// The session name that Glue's jobs have.
const JOB_SESSION: &str = "GlueJobRunnerSession";

fn source_ip(event: &TrailEvent) -> &str {
    match (&event.identity, &event.role) {
        (Some(identity), _) => &identity.source_ip,
        (None, Some(_)) => "glue.amazonaws.com",
        (None, None) => "127.0.0.1",
    }
}

fn username(event: &TrailEvent) -> &str {
    if let Some(identity) = &event.identity {
        return &identity.username;
    }
    if event.role.is_some() { JOB_SESSION } else { "root" }
}

fn user_identity(options: &AccountOptions, event: &TrailEvent) -> Value {
    let account = &options.account_id;
    if let Some(identity) = &event.identity {
        return identity.element.clone();
    }
    match &event.role {
        None => json!({"type": "Root", "principalId": account, "arn": format!("arn:aws:iam::{account}:root"), "accountId": account}),
        Some(role) => {
            let role = role.rsplit('/').next().unwrap_or(role);
            json!({
                "type": "AssumedRole",
                "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{JOB_SESSION}"),
                "accountId": account,
                "invokedBy": "glue.amazonaws.com",
            })
        }
    }
}

/// An event as LookupEvents lists it; `CloudTrailEvent` is the whole record as JSON text (record version 1.11).
fn shown(options: &AccountOptions, event: &TrailEvent, with_ours: bool) -> Value {
    let time = event.at.whole_second().to_string();
    let id = event_id(options, event);
    let source = event_source(event);
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": user_identity(options, event),
        "eventTime": time,
        "eventSource": source,
        "eventName": event.operation,
        "awsRegion": options.region,
        "sourceIPAddress": source_ip(event),
        "userAgent": if event.role.is_some() { "glue.amazonaws.com" } else { "sluice" },
        "requestParameters": event.request,
        "responseElements": event.response,
        "requestID": uuid(options, event, 1),
        "eventID": id,
        "readOnly": reads(event),
        "resources": event.resources.iter().map(|(kind, name)| json!({"type": kind, "ARN": arn(kind, name)})).collect::<Vec<_>>(),
        "eventType": "AwsApiCall",
        "managementEvent": !event.data,
        "recipientAccountId": options.account_id,
        "eventCategory": if event.data { "Data" } else { "Management" },
    });
    if let Some(error) = &event.error {
        record["errorCode"] = json!(error.code);
        record["errorMessage"] = json!(error.message);
    }
    let resources: Vec<_> = event
        .resources
        .iter()
        .map(|(kind, name)| json!({"ResourceType": kind, "ResourceName": name}))
        .collect();
    let mut listed = json!({
        "EventId": id,
        "EventName": event.operation,
        "ReadOnly": if reads(event) { "true" } else { "false" },
        "EventTime": time,
        "EventSource": source,
        "Username": username(event),
        "Resources": resources,
        "CloudTrailEvent": record.to_string(),
    });
    if with_ours {
        listed["SluicePosition"] = json!(event.position);
        listed["SluiceKind"] = json!(event.kind);
    }
    listed
}
