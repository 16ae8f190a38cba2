//! `ProcessingConfiguration`: which processors a delivery stream has, and with which parameters.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::config::{invalid, not_done};
use super::jq::Query;
use crate::account::{ApiError, Params};

/// How one record is taken apart into several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Deaggregation {
    /// JSON values one after the other, or an array of them.
    Json,
    Delimited(Vec<u8>),
}

/// A Lambda processor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lambda {
    pub arn: String,
    pub function: String,
    /// Bytes that are gathered for one invocation.
    pub bytes: u64,
    /// Seconds.
    pub interval: i64,
    pub retries: u32,
}

/// What is done to records between intake and buffer, in this order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Processing {
    pub deaggregation: Option<Deaggregation>,
    pub lambda: Option<Lambda>,
    /// MetadataExtractionQuery.
    pub query: Option<String>,
    /// AppendDelimiterToRecord.
    pub delimiter: Option<String>,
}

/// `\n` and its like as AWS writes them in a parameter: two characters.
fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")
}

impl Processing {
    /// Whether records' data is looked at on the way.
    pub fn looks(&self) -> bool {
        self.deaggregation.is_some() || self.lambda.is_some() || self.query.is_some()
    }

    /// What is set up. Errors: `InvalidArgumentException`; `NotImplemented` by name.
    pub(super) fn read(processing: &Params<'_>) -> Result<Processing, ApiError> {
        let mut read = Processing::default();
        if processing.boolean("Enabled") != Some(true) {
            return Ok(read);
        }
        let mut kinds: Vec<&str> = Vec::new();
        for processor in processing.structures("Processors") {
            let kind = processor.text("Type").unwrap_or_default();
            if kinds.contains(&kind) {
                return Err(invalid(format!("ProcessingConfiguration has more than one processor of type {kind}")));
            }
            kinds.push(kind);
            let allowed: &[&str] = match kind {
                "AppendDelimiterToRecord" => &["Delimiter"],
                "RecordDeAggregation" => &["SubRecordType", "Delimiter"],
                "MetadataExtraction" => &["MetadataExtractionQuery", "JsonParsingEngine"],
                "Lambda" => &["LambdaArn", "NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"],
                "Decompression" | "CloudWatchLogProcessing" => return Err(not_done(&format!("a processor {kind}"))),
                other => {
                    return Err(invalid(format!(
                        "Processor type {other} is none of RecordDeAggregation, Decompression, CloudWatchLogProcessing, Lambda, MetadataExtraction, AppendDelimiterToRecord"
                    )));
                }
            };
            for parameter in processor.structures("Parameters") {
                let name = parameter.text("ParameterName").unwrap_or_default();
                if !allowed.contains(&name) {
                    return Err(invalid(format!("The parameter {name} is not one of the processor {kind}")));
                }
            }
            let value = |name: &str| {
                let found = processor
                    .structures("Parameters")
                    .find(|parameter| parameter.text("ParameterName") == Some(name));
                found.and_then(|parameter| parameter.text("ParameterValue"))
            };
            let needed = |name: &str| value(name).ok_or_else(|| invalid(format!("The processor {kind} must have the parameter {name}")));
            match kind {
                "AppendDelimiterToRecord" => read.delimiter = Some(unescaped(value("Delimiter").unwrap_or("\\n"))),
                "RecordDeAggregation" => {
                    read.deaggregation = Some(match needed("SubRecordType")? {
                        "JSON" => Deaggregation::Json,
                        "DELIMITED" => {
                            let text = needed("Delimiter")?;
                            let delimiter = STANDARD.decode(text).ok().filter(|delimiter| !delimiter.is_empty());
                            Deaggregation::Delimited(delimiter.ok_or_else(|| invalid("The delimiter of RecordDeAggregation must be base64"))?)
                        }
                        other => return Err(invalid(format!("SubRecordType {other} is none of JSON, DELIMITED"))),
                    });
                }
                "MetadataExtraction" => {
                    match needed("JsonParsingEngine")? {
                        "JQ-1.6" => {}
                        other => return Err(invalid(format!("JsonParsingEngine {other} is not JQ-1.6"))),
                    }
                    let query = needed("MetadataExtractionQuery")?;
                    Query::read(query).map_err(invalid)?;
                    read.query = Some(query.to_string());
                }
                _ => read.lambda = Some(lambda(needed("LambdaArn")?, &value)?),
            }
        }
        Ok(read)
    }
}

fn lambda<'a>(arn: &str, value: &dyn Fn(&str) -> Option<&'a str>) -> Result<Lambda, ApiError> {
    let parts: Vec<&str> = arn.split(':').collect();
    let function = match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", name] | ["arn", _, "lambda", _, _, "function", name, _] if !name.is_empty() => (*name).to_string(),
        _ => return Err(invalid(format!("Invalid Lambda function ARN: {arn}"))),
    };
    let number = |name: &str, default: f64, low: f64, high: f64| {
        let Some(text) = value(name) else { return Ok(default) };
        let number = text.parse::<f64>().ok().filter(|number| (low..=high).contains(number));
        number.ok_or_else(|| invalid(format!("{name} {text} of the processor Lambda must be a number from {low} to {high}")))
    };
    Ok(Lambda {
        arn: arn.to_string(),
        function,
        bytes: libm::round(number("BufferSizeInMBs", 1.0, 0.2, 3.0)? * 1_048_576.0) as u64,
        interval: number("BufferIntervalInSeconds", 60.0, 0.0, 900.0)? as i64,
        retries: number("NumberOfRetries", 3.0, 0.0, 300.0)? as u32,
    })
}

impl Deaggregation {
    /// The records in a record. Error: why it cannot be taken apart.
    pub fn split(&self, data: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        match self {
            Deaggregation::Delimited(delimiter) => {
                let (mut parts, mut start) = (Vec::new(), 0);
                let mut at = 0;
                while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
                    if rest.starts_with(delimiter) {
                        parts.push(data.get(start..at).unwrap_or_default());
                        at += delimiter.len();
                        start = at;
                    } else {
                        at += 1;
                    }
                }
                parts.push(data.get(start..).unwrap_or_default());
                Ok(parts.into_iter().filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect())
            }
            Deaggregation::Json => {
                let mut parts = Vec::new();
                let mut values = serde_json::Deserializer::from_slice(data).into_iter::<serde::de::IgnoredAny>();
                let mut start = 0;
                while let Some(value) = values.next() {
                    value.map_err(|error| format!("Encountered malformed JSON. {error}"))?;
                    let text = data.get(start..values.byte_offset()).unwrap_or_default().trim_ascii();
                    start = values.byte_offset();
                    match serde_json::from_slice::<Vec<serde_json::Value>>(text) {
                        Ok(items) => parts.extend(items.iter().map(|item| item.to_string().into_bytes())),
                        Err(_) => parts.push(text.to_vec()),
                    }
                }
                Ok(parts)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_taken_apart() {
        let texts = |of: Deaggregation, data: &str| -> Vec<String> {
            let parts = of.split(data.as_bytes()).unwrap();
            parts.into_iter().map(|part| String::from_utf8(part).unwrap()).collect()
        };
        assert_eq!(
            texts(Deaggregation::Json, "{\"a\": 1}{\"a\":2}\n[3, {\"b\":4}]"),
            ["{\"a\": 1}", "{\"a\":2}", "3", "{\"b\":4}"]
        );
        assert_eq!(texts(Deaggregation::Delimited(b"||".to_vec()), "a||b||||c||"), ["a", "b", "c"]);
        assert!(Deaggregation::Json.split(b"{\"a\":").is_err());
    }
}
