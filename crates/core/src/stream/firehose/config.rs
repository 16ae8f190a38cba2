//! What a delivery stream is set up to do, as ExtendedS3DestinationConfiguration says it.

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::account::{ApiError, Params};

pub(super) const DEFAULT_SIZE_MB: i64 = 5;
pub(super) const DEFAULT_INTERVAL: i64 = 300;

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
}

impl Compression {
    pub fn as_str(self) -> &'static str {
        match self {
            Compression::Uncompressed => "UNCOMPRESSED",
            Compression::Gzip => "GZIP",
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Compression::Uncompressed => "",
            Compression::Gzip => ".gz",
        }
    }
}

/// An S3 destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Destination {
    pub role: String,
    pub bucket: String,
    pub prefix: Option<String>,
    pub error_prefix: Option<String>,
    pub extension: Option<String>,
    /// Minutes east of UTC of `CustomTimeZone`, and its name.
    pub zone: Option<(String, i64)>,
    pub size_mb: i64,
    /// Seconds.
    pub interval: i64,
    pub compression: Compression,
    /// Of NoEncryptionConfig or a key.
    pub key_arn: Option<String>,
    /// AppendDelimiterToRecord.
    pub delimiter: Option<String>,
    /// The legacy S3DestinationConfiguration made it.
    pub legacy: bool,
    /// As they were given: CloudWatchLoggingOptions, ProcessingConfiguration.
    pub logging: Option<Value>,
    pub processing: Option<Value>,
}

impl Default for Destination {
    fn default() -> Self {
        Destination {
            role: String::new(),
            bucket: String::new(),
            prefix: None,
            error_prefix: None,
            extension: None,
            zone: None,
            size_mb: DEFAULT_SIZE_MB,
            interval: DEFAULT_INTERVAL,
            compression: Compression::Uncompressed,
            key_arn: None,
            delimiter: None,
            legacy: false,
            logging: None,
            processing: None,
        }
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArgumentException", message)
}

fn not_done(what: &str) -> ApiError {
    ApiError::new("NotImplemented", alloc::format!("Sluice does not do firehose with {what} yet."))
}

/// Zones of whole hours without summer time, and fixed offsets: what can be said exactly without a table of the world's clock changes.
fn zone(name: &str) -> Result<Option<(String, i64)>, ApiError> {
    let minutes = match name {
        "UTC" | "Etc/UTC" | "GMT" => return Ok(None),
        "Asia/Tokyo" | "Asia/Seoul" => 540,
        "Asia/Kolkata" => 330,
        "Asia/Singapore" | "Asia/Shanghai" | "Asia/Hong_Kong" => 480,
        "America/Phoenix" => -420,
        _ => {
            let fixed = name
                .strip_prefix("Etc/GMT")
                .and_then(|rest| rest.parse::<i64>().ok())
                .filter(|hours| hours.abs() <= 14);
            // Etc/GMT+5 is five hours behind UTC.
            fixed
                .map(|hours| -hours * 60)
                .ok_or_else(|| not_done(&alloc::format!("CustomTimeZone {name}")))?
        }
    };
    Ok(Some((name.to_string(), minutes)))
}

impl Destination {
    /// Sets what a configuration or an update says; what it leaves out stays. Errors: `InvalidArgumentException`; `NotImplemented` by name.
    pub(super) fn merge(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        let text = |name: &str| params.text(name).map(ToString::to_string);
        if let Some(role) = text("RoleARN") {
            self.role = role;
        }
        if let Some(arn) = params.text("BucketARN") {
            let bucket = arn.rsplit(":::").next().unwrap_or_default();
            if bucket.is_empty() || !arn.starts_with("arn:") || !arn.contains(":s3:::") {
                return Err(invalid(alloc::format!("Invalid S3 bucket ARN: {arn}")));
            }
            self.bucket = bucket.to_string();
        }
        self.prefix = text("Prefix").or(self.prefix.take()).filter(|prefix| !prefix.is_empty());
        self.error_prefix = text("ErrorOutputPrefix").or(self.error_prefix.take()).filter(|prefix| !prefix.is_empty());
        if let Some(extension) = params.text("FileExtension") {
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!-_.*'()".contains(c);
            let fits = extension.is_empty() || (extension.len() > 1 && extension.starts_with('.') && extension.chars().all(allowed));
            if !fits || extension.len() > 128 {
                return Err(invalid(alloc::format!(
                    "FileExtension {extension} must match ^$|\\.[0-9a-z!\\-_.*'()]+ and be at most 128 characters"
                )));
            }
            self.extension = Some(extension.to_string()).filter(|extension| !extension.is_empty());
        }
        if let Some(name) = params.text("CustomTimeZone") {
            self.zone = zone(name)?;
        }
        if let Some(hints) = params.structure("BufferingHints") {
            match (hints.integer("SizeInMBs"), hints.integer("IntervalInSeconds")) {
                (Some(size), Some(interval)) => (self.size_mb, self.interval) = (size, interval),
                (None, None) => {}
                _ => return Err(invalid("BufferingHints must have both SizeInMBs and IntervalInSeconds, or neither")),
            }
        }
        if let Some(format) = params.text("CompressionFormat") {
            self.compression = match format {
                "UNCOMPRESSED" => Compression::Uncompressed,
                "GZIP" => Compression::Gzip,
                other => return Err(not_done(&alloc::format!("CompressionFormat {other}"))),
            };
        }
        if let Some(encryption) = params.structure("EncryptionConfiguration") {
            let key = encryption
                .structure("KMSEncryptionConfig")
                .and_then(|config| config.text("AWSKMSKeyARN").map(ToString::to_string));
            if key.is_some() {
                return Err(not_done("EncryptionConfiguration.KMSEncryptionConfig: give the bucket a default key instead"));
            }
        }
        self.logging = params.get("CloudWatchLoggingOptions").cloned().or(self.logging.take());
        if let Some(conversion) = params.structure("DataFormatConversionConfiguration")
            && conversion.boolean("Enabled") == Some(true)
        {
            return Err(not_done("DataFormatConversionConfiguration"));
        }
        if let Some(partitioning) = params.structure("DynamicPartitioningConfiguration")
            && partitioning.boolean("Enabled") == Some(true)
        {
            return Err(not_done("DynamicPartitioningConfiguration"));
        }
        if params.text("S3BackupMode") == Some("Enabled") {
            return Err(not_done("S3BackupMode Enabled"));
        }
        self.processors(params)
    }

    fn processors(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        let Some(processing) = params.structure("ProcessingConfiguration") else {
            return Ok(());
        };
        self.delimiter = None;
        self.processing = params.get("ProcessingConfiguration").cloned();
        if processing.boolean("Enabled") != Some(true) {
            return Ok(());
        }
        for processor in processing.structures("Processors") {
            match processor.text("Type") {
                Some("AppendDelimiterToRecord") => {
                    let given = processor
                        .structures("Parameters")
                        .find(|parameter| parameter.text("ParameterName") == Some("Delimiter"))
                        .and_then(|parameter| parameter.text("ParameterValue"));
                    // The parameter's value is the escape, two characters.
                    self.delimiter = Some(given.unwrap_or("\\n").replace("\\n", "\n").replace("\\t", "\t"));
                }
                other => return Err(not_done(&alloc::format!("a processor {}", other.unwrap_or_default()))),
            }
        }
        Ok(())
    }

    /// Where a configuration or update ends up must make sense as a whole. Errors: `InvalidArgumentException`.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        super::keys::check_prefixes(self.prefix.as_deref(), self.error_prefix.as_deref())
    }

    /// As DescribeDeliveryStream shows it: the extended description, or the legacy one.
    pub(super) fn shown(&self, legacy: bool) -> Value {
        let mut shown = Map::from_iter([
            ("RoleARN".to_string(), json!(self.role)),
            ("BucketARN".to_string(), json!(alloc::format!("arn:aws:s3:::{}", self.bucket))),
            (
                "BufferingHints".to_string(),
                json!({"SizeInMBs": self.size_mb, "IntervalInSeconds": self.interval}),
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
            set("S3BackupMode", Some(json!("Disabled")));
            set("ProcessingConfiguration", self.processing.clone());
            set("FileExtension", self.extension.as_ref().map(|extension| json!(extension)));
            set("CustomTimeZone", Some(json!(self.zone.as_ref().map_or("UTC", |(name, _)| name.as_str()))));
        }
        Value::Object(shown)
    }
}
