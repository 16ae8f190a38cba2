use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::check::{Faults, invalid};
use super::{Response, Setting, one, shown_arn};
use crate::account::{AccountOptions, ApiError, Params};
use crate::gather::object;
use crate::stream::kinesis::change::Change;
use crate::stream::kinesis::state::{CREATE_SECONDS, Kinesis, Mode, ON_DEMAND_SHARDS, Status, Stream};

const DAY: i64 = 86_400_000_000;
const METRICS: [&str; 7] = [
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
];
const MAX_TAGS: usize = 50;
const ON_DEMAND_LIMIT: usize = 50;

/// Open shards that an account may have ("Quotas and limits").
pub(super) fn shard_limit(options: &AccountOptions) -> i64 {
    match options.region.as_str() {
        "us-east-1" | "us-west-2" | "eu-west-1" => 20_000,
        _ => 1_000,
    }
}

impl Kinesis {
    /// Error: `LimitExceededException` where `more` open shards would be too many.
    pub(super) fn room_for(&self, setting: &Setting<'_>, more: i64) -> Result<(), ApiError> {
        let (limit, open) = (shard_limit(setting.options), self.open_shards());
        if open + more <= limit {
            return Ok(());
        }
        Err(ApiError::new(
            "LimitExceededException",
            format!(
                "This request would exceed the shard limit for the account {} in {}. Current shard count for the account: {open}. Limit: {limit}. Number of additional shards that would have resulted from this request: {more}. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.",
                setting.options.account_id, setting.options.region
            ),
        ))
    }

    pub(super) fn create_stream(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "ShardCount", 1, 100_000);
        faults.range(params, "MaxRecordSizeInKiB", 1_024, 10_240);
        faults.name(params, "StreamName");
        let details = params.structure("StreamModeDetails");
        if let Some(details) = &details {
            faults.one_of(details, "StreamMode", &["PROVISIONED", "ON_DEMAND"]);
        }
        let on_demand = details.as_ref().is_some_and(|details| details.text("StreamMode") == Some("ON_DEMAND"));
        if !on_demand && !params.has("ShardCount") {
            faults.add("null", "ShardCount", "not be null");
        }
        faults.done()?;
        let name = params.required_text("StreamName")?;
        for not_done in ["WarmThroughputMiBps", "RecordDistributionStrategy"] {
            if params.get(not_done).is_some_and(|value| value.as_str() != Some("USER_PARTITION_KEY")) {
                return Err(super::not_done(&format!("CreateStream with {not_done}")));
            }
        }
        if self.streams.contains_key(name) {
            return Err(ApiError::new(
                "ResourceInUseException",
                format!("Stream {name} under account {} already exists.", setting.options.account_id),
            ));
        }
        let mode = details
            .and_then(|details| Mode::parse(details.text("StreamMode")?))
            .unwrap_or(Mode::Provisioned);
        let shards = match (mode, params.integer("ShardCount")) {
            (Mode::OnDemand, Some(_)) => {
                return Err(invalid("ShardCount must not be provided when the StreamMode is ON_DEMAND."));
            }
            (Mode::OnDemand, None) if self.streams.values().filter(|stream| stream.mode == Mode::OnDemand).count() >= ON_DEMAND_LIMIT => {
                return Err(ApiError::new(
                    "LimitExceededException",
                    format!(
                        "This request would exceed the limit of {ON_DEMAND_LIMIT} on-demand streams of the account {}.",
                        setting.options.account_id
                    ),
                ));
            }
            (Mode::OnDemand, None) => ON_DEMAND_SHARDS,
            (Mode::Provisioned, shards) => {
                let shards = shards.unwrap_or(1);
                self.room_for(setting, shards)?;
                u32::try_from(shards).unwrap_or(u32::MAX)
            }
        };
        let mut stream = Stream::new(name, setting.now, mode, shards);
        stream.tags = tags_of(params, "Tags");
        check_tags(setting, &stream, &stream.tags)?;
        stream.max_record_kib = params.integer("MaxRecordSizeInKiB").unwrap_or(stream.max_record_kib);
        self.streams.insert(name.to_string(), stream);
        Ok(Map::new())
    }

    pub(super) fn delete_stream(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let enforce = params.boolean("EnforceConsumerDeletion").unwrap_or(false);
        let stream = self.the_mut(setting, params)?;
        if !stream.consumers.is_empty() && !enforce {
            return Err(ApiError::new(
                "ResourceInUseException",
                format!("Stream {} has consumers registered, and EnforceConsumerDeletion is not set.", stream.name),
            ));
        }
        stream.status = Status::Deleting;
        stream.change = Some((setting.now.plus_seconds(CREATE_SECONDS), Change::Delete));
        Ok(Map::new())
    }

    pub(super) fn describe_stream(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "Limit", 1, 10_000);
        faults.name(params, "ExclusiveStartShardId");
        faults.done()?;
        let stream = self.the(setting, params)?;
        let after = params.text("ExclusiveStartShardId");
        let limit = params.integer("Limit").unwrap_or(100).clamp(1, 1_000) as usize;
        let mut shards: Vec<Value> = stream
            .shards()
            .filter(|shard| !stream.is_expired(setting.now, shard))
            .filter(|shard| after.is_none_or(|after| shard.id().as_str() > after))
            .take(limit + 1)
            .map(|shard| stream.shown_shard(shard))
            .collect();
        let more = shards.len() > limit;
        shards.truncate(limit);
        let mut shown = summary(setting, stream);
        shown.insert("Shards".to_string(), Value::Array(shards));
        shown.insert("HasMoreShards".to_string(), json!(more));
        Ok(one("StreamDescription", Value::Object(shown)))
    }

    pub(super) fn describe_summary(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let stream = self.the(setting, params)?;
        let mut shown = summary(setting, stream);
        shown.insert("OpenShardCount".to_string(), json!(stream.ring.len()));
        shown.insert("ConsumerCount".to_string(), json!(stream.consumers.len()));
        shown.insert("MaxRecordSizeInKiB".to_string(), json!(stream.max_record_kib));
        Ok(one("StreamDescriptionSummary", Value::Object(shown)))
    }

    pub(super) fn list_streams(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "Limit", 1, 10_000);
        faults.name(params, "ExclusiveStartStreamName");
        faults.done()?;
        let after = params.text("NextToken").or(params.text("ExclusiveStartStreamName"));
        let limit = params.integer("Limit").unwrap_or(100).clamp(1, 10_000) as usize;
        let mut streams: Vec<&Stream> = self
            .streams
            .values()
            .filter(|stream| after.is_none_or(|after| stream.name.as_str() > after))
            .take(limit + 1)
            .collect();
        let more = streams.len() > limit;
        streams.truncate(limit);
        let summaries = streams.iter().map(|stream| {
            json!({
                "StreamName": stream.name,
                "StreamARN": shown_arn(setting, &stream.name),
                "StreamStatus": stream.status.as_str(),
                "StreamModeDetails": {"StreamMode": stream.mode.as_str()},
                "StreamCreationTimestamp": stream.created.to_string(),
            })
        });
        let mut response = object([
            ("StreamNames".to_string(), streams.iter().map(|stream| json!(stream.name)).collect()),
            ("HasMoreStreams".to_string(), json!(more)),
            ("StreamSummaries".to_string(), summaries.collect()),
        ]);
        if let Some(last) = streams.last().filter(|_| more) {
            response.insert("NextToken".to_string(), json!(last.name));
        }
        Ok(response)
    }

    pub(super) fn describe_limits(&mut self, setting: &Setting<'_>, _: &Params<'_>) -> Response {
        let on_demand = self.streams.values().filter(|stream| stream.mode == Mode::OnDemand).count();
        Ok(object([
            ("ShardLimit".to_string(), json!(shard_limit(setting.options))),
            ("OpenShardCount".to_string(), json!(self.open_shards())),
            ("OnDemandStreamCount".to_string(), json!(on_demand)),
            ("OnDemandStreamCountLimit".to_string(), json!(ON_DEMAND_LIMIT)),
        ]))
    }

    pub(super) fn retention(&mut self, setting: &Setting<'_>, params: &Params<'_>, increase: bool) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "RetentionPeriodHours", 1, 8_760);
        faults.name(params, "StreamName");
        faults.done()?;
        let hours = params.integer("RetentionPeriodHours").unwrap_or(0);
        let stream = self.the_mut(setting, params)?;
        if hours < 24 {
            return Err(invalid(format!(
                "Minimum allowed retention period is 24 hours. Requested retention period ({hours} hours) is too short."
            )));
        }
        let (has, name) = (stream.retention_hours, stream.name.clone());
        let wrong = |what: &str, other: &str| {
            invalid(format!(
                "Requested retention period ({hours} hours) for stream {name} can not be {what} than existing retention period ({has} hours). Use {other}RetentionPeriod API."
            ))
        };
        if increase && hours < has {
            return Err(wrong("shorter", "Decrease"));
        }
        if !increase && hours > has {
            return Err(wrong("longer", "Increase"));
        }
        // What has expired under the shorter time does not come back under a longer one.
        let retention = stream.retention().min(hours * super::super::state::HOUR);
        for shard in &mut stream.shards {
            let horizon = shard.records.horizon(setting.now, retention);
            shard.make_mut().records.trim(horizon);
        }
        stream.retention_hours = hours;
        Ok(Map::new())
    }

    pub(super) fn add_tags(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let tags = tags_of(params, "Tags");
        let mut faults = Faults::default();
        if params.map("Tags").is_none_or(Map::is_empty) {
            faults.add("{}", "Tags", "have length greater than or equal to 1");
        }
        if tags.len() > 200 {
            faults.add("{…}", "Tags", "have length less than or equal to 200");
        }
        tag_lengths(&tags, &mut faults);
        faults.name(params, "StreamName");
        faults.done()?;
        let stream = self.the_mut(setting, params)?;
        check_tags(setting, stream, &tags)?;
        stream.tags.extend(tags);
        Ok(Map::new())
    }

    pub(super) fn remove_tags(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let stream = self.the_mut(setting, params)?;
        let keys: Vec<&str> = params.texts("TagKeys").collect();
        if keys.iter().any(|key| !legal_tag(key)) {
            return Err(illegal_tags());
        }
        stream.tags.retain(|key, _| !keys.contains(&key.as_str()));
        Ok(Map::new())
    }

    pub(super) fn list_tags(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "Limit", 1, 50);
        if let Some(key) = params.text("ExclusiveStartTagKey") {
            faults.length(key, "ExclusiveStartTagKey", 128);
        }
        faults.done()?;
        let stream = self.the(setting, params)?;
        let after = params.text("ExclusiveStartTagKey");
        let limit = params.integer("Limit").unwrap_or(50).clamp(1, 50) as usize;
        let mut tags: Vec<Value> = stream
            .tags
            .iter()
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
            .take(limit + 1)
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        let more = tags.len() > limit;
        tags.truncate(limit);
        Ok(object([("Tags".to_string(), Value::Array(tags)), ("HasMoreTags".to_string(), json!(more))]))
    }

    pub(super) fn tag_resource(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let added = tags_of(params, "Tags");
        if let Some(name) = self.consumer_of(setting, params)? {
            self.consumer_tags(setting, &name, |tags| tags.extend(added))?;
            return Ok(Map::new());
        }
        let stream = self.the_mut(setting, params)?;
        check_tags(setting, stream, &added)?;
        stream.tags.extend(added);
        Ok(Map::new())
    }

    pub(super) fn untag_resource(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let keys: Vec<&str> = params.texts("TagKeys").collect();
        if let Some(name) = self.consumer_of(setting, params)? {
            self.consumer_tags(setting, &name, |tags| tags.retain(|key, _| !keys.contains(&key.as_str())))?;
            return Ok(Map::new());
        }
        self.the_mut(setting, params)?.tags.retain(|key, _| !keys.contains(&key.as_str()));
        Ok(Map::new())
    }

    pub(super) fn list_resource_tags(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut shown = BTreeMap::new();
        if let Some(name) = self.consumer_of(setting, params)? {
            self.consumer_tags(setting, &name, |tags| shown = tags.clone())?;
        } else {
            shown = self.the(setting, params)?.tags.clone();
        }
        let tags = shown.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
        Ok(one("Tags", tags.collect()))
    }

    pub(super) fn encryption(&mut self, setting: &Setting<'_>, params: &Params<'_>, start: bool) -> Response {
        let mut faults = Faults::default();
        faults.one_of(params, "EncryptionType", &["NONE", "KMS"]);
        faults.done()?;
        let key = params.required_text("KeyId")?;
        if params.text("EncryptionType") != Some("KMS") {
            return Err(invalid("EncryptionType must be KMS."));
        }
        let stream = self.active_mut(setting, params)?;
        if start {
            setting.around.usable(key)?;
        }
        stream.key_id = start.then(|| key.to_string());
        stream.status = Status::Updating;
        stream.change = Some((setting.now.plus_seconds(CREATE_SECONDS), Change::Settle));
        Ok(Map::new())
    }

    pub(super) fn monitoring(&mut self, setting: &Setting<'_>, params: &Params<'_>, on: bool) -> Response {
        let mut faults = Faults::default();
        for (at, metric) in params.texts("ShardLevelMetrics").enumerate() {
            if metric != "ALL" && !METRICS.contains(&metric) {
                faults.add(
                    metric,
                    &format!("ShardLevelMetrics.{}.member", at + 1),
                    &format!("satisfy enum value set: [{}, ALL]", METRICS.join(", ")),
                );
            }
        }
        faults.done()?;
        let asked: Vec<&str> = params.texts("ShardLevelMetrics").collect();
        let stream = self.active_mut(setting, params)?;
        let before: Vec<String> = stream.monitored.iter().cloned().collect();
        for metric in METRICS.iter().filter(|metric| asked.contains(metric) || asked.contains(&"ALL")) {
            if on {
                stream.monitored.insert((*metric).to_string());
            } else {
                stream.monitored.remove(*metric);
            }
        }
        let name = stream.name.clone();
        let after: Vec<String> = stream.monitored.iter().cloned().collect();
        stream.status = Status::Updating;
        stream.change = Some((setting.now.plus_seconds(CREATE_SECONDS), Change::Settle));
        Ok(object([
            ("StreamName".to_string(), json!(name)),
            ("CurrentShardLevelMetrics".to_string(), json!(before)),
            ("DesiredShardLevelMetrics".to_string(), json!(after)),
            ("StreamARN".to_string(), shown_arn(setting, &name)),
        ]))
    }

    pub(super) fn update_mode(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let details = params.structure("StreamModeDetails").unwrap_or(*params);
        let mut faults = Faults::default();
        faults.one_of(&details, "StreamMode", &["PROVISIONED", "ON_DEMAND"]);
        faults.done()?;
        let mode = details.text("StreamMode").and_then(Mode::parse).unwrap_or(Mode::Provisioned);
        let now = setting.now;
        let stream = self.active_mut(setting, params)?;
        stream.switched.retain(|at| now.micros() - at.micros() < DAY);
        if stream.mode == mode {
            return Err(invalid(format!("Stream {} is already in {} mode.", stream.name, mode.as_str())));
        }
        if stream.switched.len() >= 2 {
            return Err(ApiError::new(
                "LimitExceededException",
                format!(
                    "Stream {} has switched between on-demand and provisioned twice within 24 hours, which is the most.",
                    stream.name
                ),
            ));
        }
        stream.switched.push(now);
        stream.mode = mode;
        stream.scale_at = (mode == Mode::OnDemand).then(|| now.plus_seconds(super::super::poll::SCALE_SECONDS));
        stream.status = Status::Updating;
        stream.change = Some((now.plus_seconds(CREATE_SECONDS), Change::Settle));
        Ok(Map::new())
    }

    pub(super) fn update_record_size(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "MaxRecordSizeInKiB", 1_024, 10_240);
        faults.done()?;
        let size = params.integer("MaxRecordSizeInKiB").unwrap_or(1_024);
        let stream = self.active_mut(setting, params)?;
        stream.max_record_kib = size;
        stream.status = Status::Updating;
        stream.change = Some((setting.now.plus_seconds(CREATE_SECONDS), Change::Settle));
        Ok(Map::new())
    }
}

fn summary(setting: &Setting<'_>, stream: &Stream) -> Map<String, Value> {
    let monitored: Vec<&String> = stream.monitored.iter().collect();
    let mut shown = object([
        ("StreamName".to_string(), json!(stream.name)),
        ("StreamARN".to_string(), shown_arn(setting, &stream.name)),
        ("StreamStatus".to_string(), json!(stream.status.as_str())),
        ("StreamModeDetails".to_string(), json!({"StreamMode": stream.mode.as_str()})),
        ("RetentionPeriodHours".to_string(), json!(stream.retention_hours)),
        ("StreamCreationTimestamp".to_string(), json!(stream.created.to_string())),
        ("EnhancedMonitoring".to_string(), json!([{"ShardLevelMetrics": monitored}])),
        ("EncryptionType".to_string(), json!(if stream.key_id.is_some() { "KMS" } else { "NONE" })),
    ]);
    if let Some(key) = &stream.key_id {
        shown.insert("KeyId".to_string(), json!(key));
    }
    shown
}

fn tags_of(params: &Params<'_>, name: &str) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for (key, value) in params.map(name).into_iter().flatten() {
        tags.insert(key.clone(), value.as_str().unwrap_or_default().to_string());
    }
    tags
}

fn tag_lengths(tags: &BTreeMap<String, String>, faults: &mut Faults) {
    if tags.keys().any(|key| key.is_empty() || key.chars().count() > 128) {
        faults.add("{…}", "Tags", "have keys of 1 to 128 characters");
    }
    if tags.values().any(|value| value.chars().count() > 256) {
        faults.add("{…}", "Tags", "have values of at most 256 characters");
    }
}

/// Letters, digits, white space and `_ . / = + - @`, of every script ("AddTagsToStream").
fn legal_tag(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_./=+-@:".contains(c))
}

fn illegal_tags() -> ApiError {
    invalid("Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.")
}

fn check_tags(setting: &Setting<'_>, stream: &Stream, added: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if added.iter().any(|(key, value)| !legal_tag(key) || !legal_tag(value)) {
        return Err(illegal_tags());
    }
    let more = added.keys().filter(|key| !stream.tags.contains_key(*key)).count();
    if stream.tags.len() + more > MAX_TAGS && more > 0 {
        return Err(invalid(format!(
            "Failed to add tags to stream {} under account {} because a given stream cannot have more than {MAX_TAGS} tags associated with it.",
            stream.name, setting.options.account_id
        )));
    }
    Ok(())
}
