//! What a delivery stream is set up to do, as ExtendedS3DestinationConfiguration says it.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::convert::Conversion;
use super::jq::Query;
use super::keys::{Partitioning, check_prefixes};
use super::processing::Processing;
use super::zone::Zone;
use crate::account::{ApiError, Params};
use crate::gather::object;

pub(super) const DEFAULT_SIZE_MB: i64 = 5;
pub(super) const DEFAULT_INTERVAL: i64 = 300;
/// Of buffers with dynamic partitioning or format conversion, in MB: the default and the least.
const DEFAULT_LARGE_MB: i64 = 128;
const LEAST_LARGE_MB: i64 = 64;

/// Where records come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    DirectPut,
    /// A stream of the account, and the role that reads it.
    Kinesis {
        stream: String,
        arn: String,
        role: String,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compression {
    #[default]
    Uncompressed,
    Gzip,
    Zip,
}

impl Compression {
    pub fn as_str(self) -> &'static str {
        match self {
            Compression::Uncompressed => "UNCOMPRESSED",
            Compression::Gzip => "GZIP",
            Compression::Zip => "ZIP",
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Compression::Uncompressed => "",
            Compression::Gzip => ".gz",
            Compression::Zip => ".zip",
        }
    }
}

/// An S3 destination.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Destination {
    pub role: String,
    pub bucket: String,
    pub prefix: Option<String>,
    pub error_prefix: Option<String>,
    pub extension: Option<String>,
    /// `CustomTimeZone`; `None`: UTC.
    pub time_zone: Option<String>,
    /// BufferingHints: megabytes and seconds. `None`: the defaults.
    pub hints: Option<(i64, i64)>,
    pub compression: Compression,
    /// The legacy S3DestinationConfiguration made it.
    pub legacy: bool,
    /// What ProcessingConfiguration says.
    pub steps: Processing,
    /// S3BackupMode Enabled: where records go as they came.
    pub backup: Option<Box<Destination>>,
    pub conversion: Option<Conversion>,
    /// DynamicPartitioningConfiguration, with its RetryOptions in seconds.
    pub partitioning: Option<i64>,
    /// As they were given: CloudWatchLoggingOptions, ProcessingConfiguration.
    pub logging: Option<Value>,
    pub processing: Option<Value>,
    /// BufferingHints of accounts of before there were defaults that depend on the rest.
    #[serde(skip_serializing)]
    pub(super) size_mb: i64,
    #[serde(skip_serializing)]
    pub(super) interval: i64,
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArgumentException", message)
}

pub(super) fn not_done(what: &str) -> ApiError {
    ApiError::new("NotImplemented", format!("Sluice does not do firehose with {what} yet."))
}

impl Destination {
    fn is_large(&self) -> bool {
        self.conversion.is_some() || self.partitioning.is_some()
    }

    pub fn size_mb(&self) -> i64 {
        let default = if self.is_large() { DEFAULT_LARGE_MB } else { DEFAULT_SIZE_MB };
        self.hints.map_or(default, |(size, _)| size)
    }

    /// Seconds.
    pub fn interval(&self) -> i64 {
        self.hints.map_or(DEFAULT_INTERVAL, |(_, interval)| interval)
    }

    /// Whether records' data is looked at before they are in a buffer.
    pub fn looks(&self) -> bool {
        self.steps.looks() || self.conversion.is_some()
    }

    /// Makes what an older snapshot said what it is now.
    pub(super) fn restored(&mut self) {
        if self.size_mb > 0 {
            self.hints = Some((self.size_mb, self.interval));
            (self.size_mb, self.interval) = (0, 0);
        }
        if let Some(given) = self.processing.as_ref().and_then(Value::as_object)
            && self.steps == Processing::default()
        {
            self.steps = Processing::read(&Params::of(given)).unwrap_or_default();
        }
    }

    /// Sets what a configuration or an update says; what it leaves out stays. Errors: `InvalidArgumentException`; `NotImplemented` by name.
    pub(super) fn merge(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        let text = |name: &str| params.text(name).map(ToString::to_string);
        if let Some(role) = text("RoleARN") {
            self.role = role;
        }
        if let Some(arn) = params.text("BucketARN") {
            let bucket = arn.rsplit(":::").next().unwrap_or_default();
            if bucket.is_empty() || !arn.starts_with("arn:") || !arn.contains(":s3:::") {
                return Err(invalid(format!("Invalid S3 bucket ARN: {arn}")));
            }
            self.bucket = bucket.to_string();
        }
        self.prefix = text("Prefix").or(self.prefix.take()).filter(|prefix| !prefix.is_empty());
        self.error_prefix = text("ErrorOutputPrefix").or(self.error_prefix.take()).filter(|prefix| !prefix.is_empty());
        if let Some(extension) = params.text("FileExtension") {
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!-_.*'()".contains(c);
            let fits = extension.is_empty() || (extension.len() > 1 && extension.starts_with('.') && extension.chars().all(allowed));
            if !fits || extension.len() > 128 {
                return Err(invalid(format!(
                    "FileExtension {extension} must match ^$|\\.[0-9a-z!\\-_.*'()]+ and be at most 128 characters"
                )));
            }
            self.extension = Some(extension.to_string()).filter(|extension| !extension.is_empty());
        }
        if let Some(name) = params.text("CustomTimeZone") {
            if Zone::named(name).is_none() {
                let error = invalid(format!("CustomTimeZone {name} is not one that is known"));
                return Err(error.with_help("Sluice knows UTC, zones with one offset, and those of Europe and North America."));
            }
            self.time_zone = Some(name.to_string()).filter(|name| !matches!(name.as_str(), "" | "UTC"));
        }
        if let Some(hints) = params.structure("BufferingHints") {
            match (hints.integer("SizeInMBs"), hints.integer("IntervalInSeconds")) {
                (Some(size), Some(interval)) => self.hints = Some((size, interval)),
                (None, None) => {}
                _ => return Err(invalid("BufferingHints must have both SizeInMBs and IntervalInSeconds, or neither")),
            }
        }
        if let Some(format) = params.text("CompressionFormat") {
            self.compression = match format {
                "UNCOMPRESSED" => Compression::Uncompressed,
                "GZIP" => Compression::Gzip,
                "ZIP" => Compression::Zip,
                other => return Err(not_done(&format!("CompressionFormat {other}"))),
            };
        }
        if let Some(encryption) = params.structure("EncryptionConfiguration") {
            let key = encryption.structure("KMSEncryptionConfig");
            if key.is_some_and(|config| config.has("AWSKMSKeyARN")) {
                return Err(not_done("EncryptionConfiguration.KMSEncryptionConfig: give the bucket a default key instead"));
            }
        }
        self.logging = params.get("CloudWatchLoggingOptions").cloned().or(self.logging.take());
        if let Some(conversion) = params.structure("DataFormatConversionConfiguration") {
            let given = params.get("DataFormatConversionConfiguration").unwrap_or(&Value::Null);
            self.conversion = match conversion.boolean("Enabled").unwrap_or(true) {
                true => Some(Conversion::read(&conversion, given)?),
                false => None,
            };
        }
        self.merge_partitioning(params)?;
        self.merge_backup(params)?;
        if let Some(processing) = params.structure("ProcessingConfiguration") {
            self.steps = Processing::read(&processing)?;
            self.processing = params.get("ProcessingConfiguration").cloned();
        }
        Ok(())
    }

    fn merge_partitioning(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        let Some(partitioning) = params.structure("DynamicPartitioningConfiguration") else {
            return Ok(());
        };
        let enabled = partitioning.boolean("Enabled") == Some(true);
        if self.partitioning.is_some() && !enabled {
            return Err(invalid("Dynamic partitioning can't be disabled on a Firehose stream that has it enabled"));
        }
        let retry = partitioning.structure("RetryOptions").and_then(|retry| retry.integer("DurationInSeconds"));
        if retry.is_some_and(|retry| !(0..=7_200).contains(&retry)) {
            return Err(invalid("RetryOptions.DurationInSeconds must be from 0 to 7200"));
        }
        self.partitioning = enabled.then_some(retry.unwrap_or(300));
        Ok(())
    }

    fn merge_backup(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        let given = params.structure("S3BackupConfiguration").or_else(|| params.structure("S3BackupUpdate"));
        match params.text("S3BackupMode") {
            Some("Disabled") if self.backup.is_some() => {
                return Err(invalid("S3BackupMode can't be changed from Enabled to Disabled"));
            }
            Some("Disabled") => return Ok(()),
            Some("Enabled") => {}
            Some(other) => return Err(invalid(format!("S3BackupMode {other} is none of Disabled, Enabled"))),
            None if self.backup.is_none() => return Ok(()),
            None => {}
        }
        let mut backup = self.backup.take().map(|backup| *backup);
        if let Some(given) = given {
            let merged = backup.get_or_insert_default();
            merged.merge(&given)?;
            if merged.role.is_empty() || merged.bucket.is_empty() {
                return Err(invalid("S3BackupConfiguration must have RoleARN and BucketARN"));
            }
        }
        let backup = backup.ok_or_else(|| invalid("S3BackupConfiguration must be specified when S3BackupMode is Enabled"))?;
        check_prefixes(backup.prefix.as_deref(), backup.error_prefix.as_deref(), None)?;
        self.backup = Some(Box::new(backup));
        Ok(())
    }

    /// Where a configuration or update ends up must make sense as a whole. `before`: what an update changes. Errors: `InvalidArgumentException`.
    pub(super) fn check(&self, before: Option<&Destination>) -> Result<(), ApiError> {
        let query = self.steps.query.as_deref().map(Query::read).transpose().map_err(invalid)?;
        let partitioning = self.partitioning.map(|_| Partitioning {
            query: query.as_ref(),
            lambda: self.steps.lambda.is_some(),
        });
        if before.is_some_and(|before| before.partitioning.is_none()) && self.partitioning.is_some() {
            return Err(invalid("Dynamic partitioning can only be enabled when a Firehose stream is created"));
        }
        if partitioning.is_none() && query.is_some() {
            return Err(invalid("MetadataExtraction processor can only be present when Dynamic Partitioning is enabled"));
        }
        if self.partitioning.is_some() {
            if self.size_mb() < LEAST_LARGE_MB {
                return Err(invalid(format!(
                    "BufferingHints.SizeInMBs must be at least {LEAST_LARGE_MB} when Dynamic Partitioning is enabled."
                )));
            }
            if self.interval() == 0 {
                return Err(invalid(
                    "BufferingHints.IntervalInSeconds must be at least 60 when Dynamic Partitioning is enabled.",
                ));
            }
        }
        if self.conversion.is_some() {
            if self.compression != Compression::Uncompressed {
                return Err(invalid(
                    "CompressionFormat must be UNCOMPRESSED when data format conversion is enabled: the format compresses itself",
                ));
            }
            if self.size_mb() < LEAST_LARGE_MB {
                return Err(invalid(format!(
                    "BufferingHints.SizeInMBs must be at least {LEAST_LARGE_MB} when data format conversion is enabled."
                )));
            }
            if self.steps.delimiter.is_some() {
                return Err(invalid("AppendDelimiterToRecord can't be used when data format conversion is enabled"));
            }
        }
        check_prefixes(self.prefix.as_deref(), self.error_prefix.as_deref(), partitioning)
    }

    /// As DescribeDeliveryStream shows it: the extended description, or the legacy one.
    pub(super) fn shown(&self, legacy: bool) -> Value {
        let mut shown = object([
            ("RoleARN".to_string(), json!(self.role)),
            ("BucketARN".to_string(), json!(format!("arn:aws:s3:::{}", self.bucket))),
            (
                "BufferingHints".to_string(),
                json!({"SizeInMBs": self.size_mb(), "IntervalInSeconds": self.interval()}),
            ),
            ("CompressionFormat".to_string(), json!(self.compression.as_str())),
            ("EncryptionConfiguration".to_string(), json!({"NoEncryptionConfig": "NoEncryption"})),
            (
                "CloudWatchLoggingOptions".to_string(),
                self.logging.clone().unwrap_or_else(|| json!({"Enabled": false})),
            ),
        ]);
        let mut set = |name: &str, value: Option<Value>| value.into_iter().for_each(|value| drop(shown.insert(name.to_string(), value)));
        set("Prefix", self.prefix.as_ref().map(|prefix| json!(prefix)));
        set("ErrorOutputPrefix", self.error_prefix.as_ref().map(|prefix| json!(prefix)));
        if !legacy {
            set("S3BackupMode", Some(json!(if self.backup.is_some() { "Enabled" } else { "Disabled" })));
            set("S3BackupDescription", self.backup.as_ref().map(|backup| backup.shown(true)));
            set("ProcessingConfiguration", self.processing.clone());
            set(
                "DataFormatConversionConfiguration",
                self.conversion.as_ref().map(|conversion| conversion.given.clone()),
            );
            set(
                "DynamicPartitioningConfiguration",
                self.partitioning
                    .map(|retry| json!({"Enabled": true, "RetryOptions": {"DurationInSeconds": retry}})),
            );
            set("FileExtension", self.extension.as_ref().map(|extension| json!(extension)));
            set("CustomTimeZone", Some(json!(self.time_zone.as_deref().unwrap_or("UTC"))));
        }
        Value::Object(shown)
    }
}
