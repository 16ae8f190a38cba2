//! Record format conversion: which records fit the schema of a catalog table, and what they say in its columns. The columnar file itself is written by the host's
//! data engine, from rows as JSON lines.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::config::{invalid, not_done};
use crate::account::{ApiError, Params};
use crate::etl::{DataType, Field, format_date, format_timestamp, string_to_date, string_to_decimal, string_to_timestamp};

/// `DataFormatConversionConfiguration`: from JSON to Parquet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversion {
    pub database: String,
    pub table: String,
    pub region: String,
    pub version: String,
    pub case_insensitive: bool,
    pub dots: bool,
    /// By column: the key of the JSON that it is read from.
    pub mappings: BTreeMap<String, String>,
    /// SNAPPY, GZIP or UNCOMPRESSED.
    pub compression: String,
    /// As it was given.
    pub given: Value,
}

/// Why a record is not converted: code and message.
pub type Misfit = (&'static str, String);

impl Conversion {
    /// What a `DataFormatConversionConfiguration` sets up. Errors: `InvalidArgumentException`; `NotImplemented` by name.
    pub(super) fn read(params: &Params<'_>, given: &Value) -> Result<Conversion, ApiError> {
        let part = |name: &str| {
            let part = params.structure(name);
            part.ok_or_else(|| invalid(format!("{name} must be specified when data format conversion is enabled")))
        };
        let schema = part("SchemaConfiguration")?;
        let needed = |name: &str| {
            let text = schema.text(name).filter(|text| !text.is_empty());
            text.ok_or_else(|| invalid(format!("SchemaConfiguration.{name} must be specified when data format conversion is enabled")))
        };
        let input = part("InputFormatConfiguration")?;
        let deserializer = input.structure("Deserializer");
        let deserializer = deserializer.ok_or_else(|| invalid("InputFormatConfiguration must have a Deserializer"))?;
        let (open, hive) = (deserializer.structure("OpenXJsonSerDe"), deserializer.structure("HiveJsonSerDe"));
        let open = match (open, hive) {
            (Some(open), None) => Some(open),
            (None, Some(hive)) if hive.list("TimestampFormats").is_empty() => None,
            (None, Some(_)) => return Err(not_done("HiveJsonSerDe.TimestampFormats")),
            _ => return Err(invalid("Exactly one deserializer must be specified, OpenXJsonSerDe or HiveJsonSerDe")),
        };
        let serializer = part("OutputFormatConfiguration")?.structure("Serializer");
        let serializer = serializer.ok_or_else(|| invalid("OutputFormatConfiguration must have a Serializer"))?;
        let parquet = match (serializer.structure("ParquetSerDe"), serializer.has("OrcSerDe")) {
            (Some(parquet), false) => parquet,
            (None, true) => return Err(not_done("OrcSerDe")),
            _ => return Err(invalid("Exactly one serializer must be specified, ParquetSerDe or OrcSerDe")),
        };
        let compression = parquet.text("Compression").unwrap_or("SNAPPY");
        if !["SNAPPY", "GZIP", "UNCOMPRESSED"].contains(&compression) {
            return Err(invalid(format!("ParquetSerDe.Compression {compression} is none of UNCOMPRESSED, GZIP, SNAPPY")));
        }
        for (name, least) in [("BlockSizeBytes", 67_108_864), ("PageSizeBytes", 65_536), ("MaxPaddingBytes", 0)] {
            if parquet.integer(name).is_some_and(|value| value < least) {
                return Err(invalid(format!("ParquetSerDe.{name} must be at least {least}")));
            }
        }
        let mapped = open.as_ref().and_then(|open| open.map("ColumnToJsonKeyMappings"));
        let mappings = mapped.into_iter().flatten();
        Ok(Conversion {
            database: needed("DatabaseName")?.to_string(),
            table: needed("TableName")?.to_string(),
            region: schema.text("Region").unwrap_or_default().to_string(),
            version: schema.text("VersionId").unwrap_or("LATEST").to_string(),
            case_insensitive: open.as_ref().and_then(|open| open.boolean("CaseInsensitive")).unwrap_or(true),
            dots: open
                .as_ref()
                .and_then(|open| open.boolean("ConvertDotsInJsonKeysToUnderscores"))
                .unwrap_or(false),
            mappings: mappings
                .filter_map(|(column, key)| Some((column.to_lowercase(), key.as_str()?.to_string())))
                .collect(),
            compression: compression.to_string(),
            given: given.clone(),
        })
    }

    /// What a failed record says of the table.
    pub(super) fn shown_table(&self, account: &str) -> Value {
        json!({
            "catalogId": account,
            "databaseName": self.database,
            "tableName": self.table,
            "region": self.region,
            "versionId": self.version,
            "catalogArn": null,
        })
    }

    /// The rows in a record, as JSON lines with the table's columns in order. One record may hold several objects one after the other.
    pub fn rows(&self, columns: &[Field], data: &[u8]) -> Result<String, Misfit> {
        const MALFORMED: &str = "DataFormatConversion.ParseError";
        let mut lines = String::new();
        let mut objects = serde_json::Deserializer::from_slice(data).into_iter::<Value>();
        for object in &mut objects {
            match object {
                Ok(Value::Object(object)) => self.row(columns, &object, &mut lines)?,
                Ok(_) => return Err((MALFORMED, "The record is JSON, but not an object.".to_string())),
                Err(error) => return Err((MALFORMED, format!("Encountered malformed JSON. {error}"))),
            }
        }
        if lines.is_empty() {
            return Err((MALFORMED, "The record holds no JSON object.".to_string()));
        }
        Ok(lines)
    }

    fn row(&self, columns: &[Field], object: &Map<String, Value>, lines: &mut String) -> Result<(), Misfit> {
        lines.push('{');
        for (index, column) in columns.iter().enumerate() {
            let mapped = self.mappings.get(&column.name.to_lowercase());
            let key = mapped.map_or(column.name.as_str(), String::as_str);
            let value = self.member(object, key);
            if index > 0 {
                lines.push(',');
            }
            lines.push_str(&Value::from(column.name.as_str()).to_string());
            lines.push(':');
            self.fit(&column.name, value, &column.data_type, lines)?;
        }
        lines.push_str("}\n");
        Ok(())
    }

    fn member<'a>(&self, object: &'a Map<String, Value>, key: &str) -> &'a Value {
        let is = |name: &str| {
            let dotted = self.dots && name.contains('.');
            let name = if dotted { name.replace('.', "_") } else { name.to_string() };
            name == key || (self.case_insensitive && name.eq_ignore_ascii_case(key))
        };
        object
            .get(key)
            .or_else(|| object.iter().find(|(name, _)| is(name)).map(|(_, value)| value))
            .unwrap_or(&Value::Null)
    }

    /// Writes a value as one of a type.
    fn fit(&self, name: &str, value: &Value, to: &DataType, out: &mut String) -> Result<(), Misfit> {
        let wrong = || {
            let kind = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            let message = format!(
                "Data does not match the schema. Column {name} is {}, and the record has a {kind} that does not fit.",
                to.to_catalog()
            );
            ("DataFormatConversion.MalformedData", message)
        };
        let text = match value {
            Value::Null => {
                out.push_str("null");
                return Ok(());
            }
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let scalar = !value.is_array() && !value.is_object();
        match to {
            DataType::String => out.push_str(&Value::String(text).to_string()),
            DataType::Boolean => match text.to_ascii_lowercase().as_str() {
                truth @ ("true" | "false") if scalar => out.push_str(truth),
                _ => return Err(wrong()),
            },
            DataType::Byte | DataType::Short | DataType::Int | DataType::Long => {
                let number = text.trim().parse::<i64>().ok().filter(|number| match to {
                    DataType::Byte => i8::try_from(*number).is_ok(),
                    DataType::Short => i16::try_from(*number).is_ok(),
                    DataType::Int => i32::try_from(*number).is_ok(),
                    _ => true,
                });
                out.push_str(&number.filter(|_| !value.is_boolean()).ok_or_else(wrong)?.to_string());
            }
            DataType::Float | DataType::Double => {
                let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
                let number = number.filter(|_| !value.is_boolean()).and_then(serde_json::Number::from_f64);
                out.push_str(&number.ok_or_else(wrong)?.to_string());
            }
            DataType::Decimal { precision, scale } => {
                string_to_decimal(text.trim(), *precision, *scale).filter(|_| scalar).ok_or_else(wrong)?;
                out.push_str(&Value::String(text.trim().to_string()).to_string());
            }
            DataType::Date => {
                let date = string_to_date(&text).filter(|_| value.is_string()).ok_or_else(wrong)?;
                out.push_str(&Value::String(format_date(date)).to_string());
            }
            DataType::Timestamp => {
                let micros = match value {
                    Value::String(text) => string_to_timestamp(text),
                    // Of an epoch: seconds, or milliseconds where they are too large for that.
                    Value::Number(number) => number.as_f64().map(|number| {
                        const SECONDS_UP_TO: f64 = 1e11;
                        let scale = if libm::fabs(number) < SECONDS_UP_TO { 1e6 } else { 1e3 };
                        libm::round(number * scale) as i64
                    }),
                    _ => None,
                };
                out.push_str(&Value::String(format_timestamp(micros.ok_or_else(wrong)?)).to_string());
            }
            DataType::Array(item) => {
                let Value::Array(items) = value else { return Err(wrong()) };
                out.push('[');
                for (index, one) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.fit(name, one, item, out)?;
                }
                out.push(']');
            }
            DataType::Map(_, of) => {
                let Value::Object(members) = value else { return Err(wrong()) };
                out.push('{');
                for (index, (key, one)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&Value::from(key.as_str()).to_string());
                    out.push(':');
                    self.fit(name, one, of, out)?;
                }
                out.push('}');
            }
            DataType::Struct(fields) => {
                let Value::Object(members) = value else { return Err(wrong()) };
                out.push('{');
                for (index, field) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&Value::from(field.name.as_str()).to_string());
                    out.push(':');
                    self.fit(&format!("{name}.{}", field.name), self.member(members, &field.name), &field.data_type, out)?;
                }
                out.push('}');
            }
            DataType::Binary | DataType::Null => return Err(wrong()),
        }
        Ok(())
    }
}

/// The columns of a conversion that no format can hold: those are refused by name. Error: which.
pub(super) fn check_columns(columns: &[Field]) -> Result<(), String> {
    match columns.iter().find(|column| column.data_type == DataType::Binary) {
        Some(column) => Err(format!("Sluice does not convert into the binary column {} yet.", column.name)),
        None if columns.is_empty() => Err("The table has no columns.".to_string()),
        None => Ok(()),
    }
}

/// What a columnar file is made of, told to the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Converted {
    pub conversion: Conversion,
    pub columns: Vec<Field>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversion() -> Conversion {
        let given = json!({
            "SchemaConfiguration": {"DatabaseName": "d", "TableName": "t"},
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {"ConvertDotsInJsonKeysToUnderscores": true, "ColumnToJsonKeyMappings": {"ts": "timestamp"}}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        });
        Conversion::read(&Params::of(given.as_object().unwrap()), &given).unwrap()
    }

    #[test]
    fn rows_have_the_columns_of_the_table() {
        let columns: Vec<Field> = [
            ("id", "int"),
            ("name", "string"),
            ("ts", "timestamp"),
            ("price", "decimal(6,2)"),
            ("a_b", "double"),
            ("tags", "array<string>"),
            ("at", "struct<lat:double,lon:double>"),
        ]
        .iter()
        .map(|(name, kind)| Field::new(*name, DataType::parse_catalog(kind).unwrap()))
        .collect();
        let rows = |data: &str| conversion().rows(&columns, data.as_bytes());
        assert_eq!(
            rows(r#"{"ID": "7", "name": 5, "timestamp": 1767225600, "price": 1.5, "a.b": 2, "tags": ["x", 1], "at": {"lon": 1, "lat": 2.5}} {"id": 8}"#)
                .unwrap(),
            "{\"id\":7,\"name\":\"5\",\"ts\":\"2026-01-01 00:00:00\",\"price\":\"1.5\",\"a_b\":2.0,\"tags\":[\"x\",\"1\"],\"at\":{\"lat\":2.5,\"lon\":1.0}}\n\
             {\"id\":8,\"name\":null,\"ts\":null,\"price\":null,\"a_b\":null,\"tags\":null,\"at\":null}\n"
        );
        for data in [
            "",
            "[1]",
            "{\"id\":",
            "{\"id\": \"x\"}",
            "{\"id\": 3000000000}",
            "{\"id\": 1.5}",
            "{\"tags\": 1}",
            "{\"price\": 123456}",
            "{\"timestamp\": \"soon\"}",
        ] {
            assert!(rows(data).is_err(), "{data}");
        }
    }
}
