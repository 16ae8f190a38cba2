use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::poll::Happened;
use super::super::state::{CREATE_SECONDS, DeliveryStream, Firehose, Status, delivery_arn};
use super::super::{Because, Destination, Source};
use super::members::OTHER_DESTINATIONS;
use super::{Response, Setting, invalid, name_of, not_done};
use crate::account::{ApiError, Params};
use crate::gather::object;
use crate::stream::kinesis::Faults;

/// Delivery streams of an account in a Region ("Amazon Data Firehose quota").
const MAX_STREAMS: usize = 5_000;
const MAX_TAGS: usize = 50;
const DESTINATION_ID: &str = "destinationId-000000000001";

fn ranges(destination: &Params<'_>, path: &str) -> Result<(), ApiError> {
    let mut faults = Faults::default();
    if let Some(hints) = destination.structure("BufferingHints") {
        for (name, low, high) in [("SizeInMBs", 1, 128), ("IntervalInSeconds", 0, 900)] {
            let Some(value) = hints.integer(name) else { continue };
            let path = format!("{path}.BufferingHints.{name}");
            if value < low {
                faults.add(&value.to_string(), &path, &format!("have value greater than or equal to {low}"));
            } else if value > high {
                faults.add(&value.to_string(), &path, &format!("have value less than or equal to {high}"));
            }
        }
    }
    for name in ["S3BackupConfiguration", "S3BackupUpdate"] {
        if let Some(backup) = destination.structure(name) {
            ranges(&backup, &format!("{path}.{name}"))?;
        }
    }
    let formats = ["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"];
    if let Some(format) = destination.text("CompressionFormat").filter(|format| !formats.contains(format)) {
        let constraint = alloc::format!("satisfy enum value set: [{}]", formats.join(", "));
        faults.add(format, &alloc::format!("{path}.CompressionFormat"), &constraint);
    }
    if let Some(role) = destination.text("RoleARN").filter(|role| !role.starts_with("arn:") || !role.contains(":role/")) {
        faults.add(role, &format!("{path}.RoleARN"), "satisfy regular expression pattern: arn:.*");
    }
    faults.done()
}

fn tags_of(params: &Params<'_>) -> impl Iterator<Item = (String, String)> {
    params.structures("Tags").map(|tag| {
        let text = |name: &str| tag.text(name).unwrap_or_default().to_string();
        (text("Key"), text("Value"))
    })
}

impl Firehose {
    pub(super) fn create(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let name = name_of(params)?;
        for other in OTHER_DESTINATIONS {
            if params.has(&format!("{other}Configuration")) {
                return Err(not_done(&format!("CreateDeliveryStream with {other}Configuration")));
            }
        }
        let kind = params.text("DeliveryStreamType").unwrap_or("DirectPut");
        let mut faults = Faults::default();
        faults.one_of(
            params,
            "DeliveryStreamType",
            &["DirectPut", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"],
        );
        faults.done()?;
        let source = match (kind, params.structure("KinesisStreamSourceConfiguration")) {
            ("DirectPut", None) => Source::DirectPut,
            ("DirectPut", Some(_)) => {
                return Err(invalid(
                    "KinesisStreamSourceConfiguration must only be specified when DeliveryStreamType is KinesisStreamAsSource",
                ));
            }
            ("KinesisStreamAsSource", None) => {
                return Err(invalid(
                    "KinesisStreamSourceConfiguration must be specified when DeliveryStreamType is KinesisStreamAsSource",
                ));
            }
            ("KinesisStreamAsSource", Some(config)) => kinesis_source(setting, &config)?,
            (other, _) => return Err(not_done(&format!("CreateDeliveryStream of type {other}"))),
        };
        let (extended, legacy) = (
            params.structure("ExtendedS3DestinationConfiguration"),
            params.structure("S3DestinationConfiguration"),
        );
        let (config, path, is_legacy) = match (extended, legacy) {
            (Some(config), None) => (config, "ExtendedS3DestinationConfiguration", false),
            (None, Some(config)) => (config, "S3DestinationConfiguration", true),
            _ => return Err(invalid("Exactly one destination configuration is supported for a Firehose")),
        };
        ranges(&config, path)?;
        let mut destination = Destination {
            legacy: is_legacy,
            ..Destination::default()
        };
        destination.merge(&config)?;
        destination.check(None)?;
        if self.streams.contains_key(&name) {
            return Err(ApiError::new(
                "ResourceInUseException",
                format!("Firehose {name} under accountId {} already exists", setting.options.account_id),
            ));
        }
        if self.streams.len() >= MAX_STREAMS {
            return Err(ApiError::new(
                "LimitExceededException",
                format!("You have already consumed your firehose quota of {MAX_STREAMS} hoses."),
            ));
        }
        let mut stream = DeliveryStream::new(setting.options, &name, setting.now, source, destination);
        stream.tags.extend(tags_of(params));
        if let Some(input) = params.structure("DeliveryStreamEncryptionConfigurationInput") {
            stream.encryption = Some(encryption_of(&stream, &input)?);
        }
        let arn = delivery_arn(setting.options, &name);
        self.streams.insert(name, stream);
        Ok(object([("DeliveryStreamARN".to_string(), json!(arn))]))
    }

    pub(super) fn describe(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let stream = self.the(setting, params)?;
        let (kind, source) = match &stream.source {
            Source::DirectPut => ("DirectPut", None),
            Source::Kinesis { arn, role, .. } => (
                "KinesisStreamAsSource",
                Some(json!({"KinesisStreamSourceDescription": {
                    "KinesisStreamARN": arn,
                    "RoleARN": role,
                    "DeliveryStartTimestamp": stream.created.to_string(),
                }})),
            ),
        };
        let mut destination = object([
            ("DestinationId".to_string(), json!(DESTINATION_ID)),
            ("S3DestinationDescription".to_string(), stream.destination.shown(true)),
        ]);
        if !stream.destination.legacy {
            destination.insert("ExtendedS3DestinationDescription".to_string(), stream.destination.shown(false));
        }
        let encryption = match &stream.encryption {
            None => json!({"Status": "DISABLED"}),
            Some((kind, None)) => json!({"KeyType": kind, "Status": "ENABLED"}),
            Some((kind, Some(key))) => json!({"KeyARN": key, "KeyType": kind, "Status": "ENABLED"}),
        };
        let mut shown = json!({
            "DeliveryStreamName": stream.name,
            "DeliveryStreamARN": delivery_arn(setting.options, &stream.name),
            "DeliveryStreamStatus": stream.status.as_str(),
            "DeliveryStreamEncryptionConfiguration": encryption,
            "DeliveryStreamType": kind,
            "VersionId": stream.version.to_string(),
            "CreateTimestamp": stream.created.to_string(),
            "Destinations": [destination],
            "HasMoreDestinations": false,
        });
        if let Some(updated) = stream.updated {
            shown["LastUpdateTimestamp"] = json!(updated.to_string());
        }
        if let Some(source) = source {
            shown["Source"] = source;
        }
        Ok(object([("DeliveryStreamDescription".to_string(), shown)]))
    }

    pub(super) fn list(&mut self, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "Limit", 1, 10_000);
        faults.done()?;
        let after = params.text("ExclusiveStartDeliveryStreamName");
        let limit = params.integer("Limit").unwrap_or(10).clamp(1, 10_000) as usize;
        let of_kind = |stream: &&DeliveryStream| match params.text("DeliveryStreamType") {
            None => true,
            Some("DirectPut") => stream.source == Source::DirectPut,
            Some("KinesisStreamAsSource") => stream.source != Source::DirectPut,
            Some(_) => false,
        };
        let mut names: Vec<&str> = self
            .streams
            .values()
            .filter(|stream| after.is_none_or(|after| stream.name.as_str() > after))
            .filter(of_kind)
            .map(|stream| stream.name.as_str())
            .take(limit + 1)
            .collect();
        let more = names.len() > limit;
        names.truncate(limit);
        Ok(object([
            ("DeliveryStreamNames".to_string(), json!(names)),
            ("HasMoreDeliveryStreams".to_string(), json!(more)),
        ]))
    }

    pub(super) fn delete(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let stream = self.the_mut(setting, params)?;
        if stream.status == Status::Deleting {
            return Ok(Map::new());
        }
        if stream.status == Status::Creating {
            return Err(ApiError::new(
                "ResourceInUseException",
                format!("Firehose {} is being created, and cannot be deleted.", stream.name),
            ));
        }
        stream.status = Status::Deleting;
        stream.reader = None;
        stream.discover_at = None;
        stream.cause = None;
        stream.change_at = Some(setting.now.plus_seconds(CREATE_SECONDS));
        Ok(Map::new())
    }

    pub(super) fn update(&mut self, setting: &Setting<'_>, params: &Params<'_>, happened: &mut Vec<Happened>) -> Response {
        for other in OTHER_DESTINATIONS {
            if params.has(&format!("{other}Update")) {
                return Err(not_done(&format!("UpdateDestination with {other}Update")));
            }
        }
        let (seed, now) = (setting.options.seed, setting.now);
        let (extended, legacy) = (params.structure("ExtendedS3DestinationUpdate"), params.structure("S3DestinationUpdate"));
        let (update, path) = match (extended, legacy) {
            (Some(update), None) => (update, "ExtendedS3DestinationUpdate"),
            (None, Some(update)) => (update, "S3DestinationUpdate"),
            _ => return Err(invalid("Exactly one destination update is supported for a Firehose")),
        };
        ranges(&update, path)?;
        let stream = self.active_mut(setting, params)?;
        let version = params.required_text("CurrentDeliveryStreamVersionId")?;
        if params.required_text("DestinationId")? != DESTINATION_ID {
            return Err(invalid(format!(
                "Destination {} is not a destination of Firehose {}",
                params.required_text("DestinationId")?,
                stream.name
            )));
        }
        if version != stream.version.to_string() {
            return Err(ApiError::new(
                "ConcurrentModificationException",
                format!(
                    "Cannot update firehose: {} since the current version id: {} and specified version id: {version} do not match",
                    stream.name, stream.version
                ),
            ));
        }
        let mut destination = Destination::clone(&stream.destination);
        destination.merge(&update)?;
        destination.check(Some(&stream.destination))?;
        let name = stream.name.clone();
        // What came before is delivered as it was set up then.
        self.flush_all(seed, now, &name, Because::End, happened);
        if let Some(stream) = self.streams.get_mut(&name) {
            stream.destination = destination.into();
            stream.version += 1;
            stream.updated = Some(now);
        }
        Ok(Map::new())
    }

    pub(super) fn encryption(&mut self, setting: &Setting<'_>, params: &Params<'_>, start: bool) -> Response {
        let stream = self.active_mut(setting, params)?;
        if stream.source != Source::DirectPut {
            return Err(invalid("This operation is not permitted on KinesisStreamAsSource delivery stream type."));
        }
        stream.encryption = if start {
            Some(match params.structure("DeliveryStreamEncryptionConfigurationInput") {
                Some(input) => encryption_of(stream, &input)?,
                None => ("AWS_OWNED_CMK".to_string(), None),
            })
        } else {
            None
        };
        Ok(Map::new())
    }

    pub(super) fn tag(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let stream = self.the_mut(setting, params)?;
        let more = tags_of(params).filter(|(key, _)| !stream.tags.contains_key(key)).count();
        if stream.tags.len() + more > MAX_TAGS {
            return Err(ApiError::new(
                "LimitExceededException",
                format!("Firehose {} cannot have more than {MAX_TAGS} tags.", stream.name),
            ));
        }
        stream.tags.extend(tags_of(params));
        Ok(Map::new())
    }

    pub(super) fn untag(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let keys: Vec<&str> = params.texts("TagKeys").collect();
        self.the_mut(setting, params)?.tags.retain(|key, _| !keys.contains(&key.as_str()));
        Ok(Map::new())
    }

    pub(super) fn list_tags(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "Limit", 1, 50);
        faults.done()?;
        let after = params.text("ExclusiveStartTagKey");
        let limit = params.integer("Limit").unwrap_or(50).clamp(1, 50) as usize;
        let stream = self.the(setting, params)?;
        let later = stream.tags.iter().filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
        let mut tags: Vec<Value> = later.take(limit + 1).map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let more = tags.len() > limit;
        tags.truncate(limit);
        Ok(object([("Tags".to_string(), Value::Array(tags)), ("HasMoreTags".to_string(), json!(more))]))
    }
}

/// Error: `InvalidArgumentException`; `ResourceNotFoundException` for a stream that is not there.
fn kinesis_source(setting: &Setting<'_>, config: &Params<'_>) -> Result<Source, ApiError> {
    let arn = config.required_text("KinesisStreamARN")?;
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let stream = match parts.as_slice() {
        ["arn", _, "kinesis", _, account, resource] if *account == setting.options.account_id => resource.strip_prefix("stream/"),
        _ => None,
    };
    let stream = stream.ok_or_else(|| invalid(format!("Invalid Kinesis stream ARN of this account: {arn}")))?;
    if setting.kinesis.stream(stream).is_none() {
        return Err(ApiError::new(
            "ResourceNotFoundException",
            format!("Stream {stream} under account {} not found.", setting.options.account_id),
        ));
    }
    Ok(Source::Kinesis {
        stream: stream.to_string(),
        arn: arn.to_string(),
        role: config.required_text("RoleARN")?.to_string(),
    })
}

fn encryption_of(stream: &DeliveryStream, input: &Params<'_>) -> Result<(String, Option<String>), ApiError> {
    let (kind, key) = (input.required_text("KeyType")?, input.text("KeyARN"));
    if stream.source != Source::DirectPut {
        return Err(invalid(
            "DeliveryStreamEncryptionConfigurationInput must only be specified when DeliveryStreamType is DirectPut",
        ));
    }
    match (kind, key) {
        ("AWS_OWNED_CMK", None) | ("CUSTOMER_MANAGED_CMK", Some(_)) => Ok((kind.to_string(), key.map(ToString::to_string))),
        ("AWS_OWNED_CMK", Some(_)) => Err(invalid("KeyARN must not be specified when KeyType is AWS_OWNED_CMK")),
        ("CUSTOMER_MANAGED_CMK", None) => Err(invalid("KeyARN must be specified when KeyType is CUSTOMER_MANAGED_CMK")),
        _ => Err(invalid(format!("KeyType {kind} is none of AWS_OWNED_CMK, CUSTOMER_MANAGED_CMK"))),
    }
}
