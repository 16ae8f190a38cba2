//! Tables of the Data Catalog, and the storage descriptors that say how their files are read.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::database::{CATALOG_ID, Catalog, PAGE, fold, no_database, with_token};
use super::glob::Glob;
use super::partition::Partition;
use super::shape::{self, COUNT, DESCRIPTION, Kind, Member, NAME, NAMES, OBJECTS, TEXT, TEXTS, may, need};
use crate::account::{ApiError, ObjectFormat, TableInput};
use crate::etl::{DataType, Field};
use crate::sim::SimTime;

const COLUMN: Kind = Kind::Structure(&[
    need("Name", NAME),
    may("Type", Kind::Text(0, 131_072)),
    may("Comment", Kind::Text(0, 255)),
    may("Parameters", Kind::Map),
]);
const COLUMNS: Kind = Kind::List(&COLUMN, 0, usize::MAX);

pub(super) const STORAGE_DESCRIPTOR: Kind = Kind::Structure(&[
    may("Columns", COLUMNS),
    may("Location", Kind::Text(0, 2056)),
    may("AdditionalLocations", TEXTS),
    may("InputFormat", Kind::Text(0, 128)),
    may("OutputFormat", Kind::Text(0, 128)),
    may("Compressed", Kind::Boolean),
    may("NumberOfBuckets", Kind::Integer(i32::MIN as i64, i32::MAX as i64)),
    may(
        "SerdeInfo",
        Kind::Structure(&[may("Name", NAME), may("SerializationLibrary", NAME), may("Parameters", Kind::Map)]),
    ),
    may("BucketColumns", NAMES),
    may(
        "SortColumns",
        Kind::List(&Kind::Structure(&[need("Column", NAME), need("SortOrder", Kind::Integer(0, 1))]), 0, usize::MAX),
    ),
    may("Parameters", Kind::Map),
    may("SkewedInfo", Kind::Object),
    may("StoredAsSubDirectories", Kind::Boolean),
    may("SchemaReference", Kind::Object),
]);

const TABLE_INPUT: Kind = Kind::Structure(&[
    need("Name", NAME),
    may("Description", DESCRIPTION),
    may("Owner", NAME),
    may("LastAccessTime", Kind::Time),
    may("LastAnalyzedTime", Kind::Time),
    may("Retention", COUNT),
    may("StorageDescriptor", STORAGE_DESCRIPTOR),
    may("PartitionKeys", COLUMNS),
    may("ViewOriginalText", Kind::Text(0, 409_600)),
    may("ViewExpandedText", Kind::Text(0, 409_600)),
    may("TableType", Kind::Text(0, 255)),
    may("Parameters", Kind::Map),
    may("TargetTable", Kind::Object),
    may("FederatedTable", Kind::Object),
    may("ViewDefinition", Kind::Object),
]);

/// A column as the catalog stores it. `Type` is a Hive type name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "Type", skip_serializing_if = "String::is_empty")]
    pub(super) data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) parameters: BTreeMap<String, String>,
}

impl Column {
    pub(super) fn new(name: impl Into<String>, data_type: &DataType) -> Self {
        Column {
            name: name.into(),
            data_type: data_type.to_catalog(),
            ..Column::default()
        }
    }

    /// A type that is not understood reads as `string`, as an unknown type would in an import.
    pub(super) fn field(&self) -> Field {
        Field::new(self.name.clone(), DataType::parse_catalog(&self.data_type).unwrap_or(DataType::String))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SerDeInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) serialization_library: String,
    pub(super) parameters: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct StorageDescriptor {
    pub(super) columns: Vec<Column>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) location: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) input_format: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) output_format: String,
    pub(super) compressed: bool,
    pub(super) number_of_buckets: i64,
    pub(super) serde_info: SerDeInfo,
    pub(super) bucket_columns: Vec<String>,
    pub(super) sort_columns: Vec<Value>,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) stored_as_sub_directories: bool,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

/// How files of a format are read: Hive's class names.
pub(super) struct HiveFormat {
    pub(super) input: &'static str,
    pub(super) output: &'static str,
    pub(super) serde: &'static str,
}

const TEXT_INPUT: &str = "org.apache.hadoop.mapred.TextInputFormat";
const TEXT_OUTPUT: &str = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";

/// The classes that crawlers and sinks write for a classification; `None` for one that has none here.
pub(super) fn hive_format(classification: &str) -> Option<HiveFormat> {
    Some(match classification {
        "csv" => HiveFormat {
            input: TEXT_INPUT,
            output: TEXT_OUTPUT,
            serde: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        },
        "json" => HiveFormat {
            input: TEXT_INPUT,
            output: TEXT_OUTPUT,
            serde: "org.openx.data.jsonserde.JsonSerDe",
        },
        "parquet" => HiveFormat {
            input: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            output: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            serde: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        },
        _ => return None,
    })
}

/// A table: `TableInput` of the API, and what the catalog adds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Table {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    pub(super) retention: i64,
    pub(super) storage_descriptor: StorageDescriptor,
    pub(super) partition_keys: Vec<Column>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) table_type: String,
    pub(super) parameters: BTreeMap<String, String>,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
    #[serde(rename = "SluiceState")]
    pub(super) state: TableState,
}

/// What the catalog keeps beside the table's definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct TableState {
    pub(super) created: SimTime,
    pub(super) updated: SimTime,
    pub(super) created_by: String,
    pub(super) version: u64,
    /// By the values, joined as [`super::partition::key`] does.
    pub(super) partitions: BTreeMap<String, Partition>,
}

impl Table {
    pub(super) fn show(&self, database: &str, catalog_id: &str) -> Value {
        let mut shown = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(members) = &mut shown {
            members.remove("SluiceState");
            members.insert("DatabaseName".to_string(), json!(fold(database)));
            members.insert("CreateTime".to_string(), json!(self.state.created.to_string()));
            members.insert("UpdateTime".to_string(), json!(self.state.updated.to_string()));
            if !self.state.created_by.is_empty() {
                members.insert("CreatedBy".to_string(), json!(self.state.created_by));
            }
            members.insert("IsRegisteredWithLakeFormation".to_string(), json!(false));
            members.insert("CatalogId".to_string(), json!(catalog_id));
            members.insert("VersionId".to_string(), json!(self.state.version.to_string()));
        }
        shown
    }

    pub(super) fn fields(&self) -> Vec<Field> {
        self.storage_descriptor.columns.iter().map(Column::field).collect()
    }

    pub(super) fn input(&self) -> TableInput {
        TableInput {
            columns: self.fields(),
            partition_keys: self.partition_keys.iter().map(Column::field).collect(),
            skip_lines: self
                .parameter("skip.header.line.count")
                .and_then(|count| count.trim().parse().ok())
                .unwrap_or(0),
        }
    }

    /// A parameter of the table, else of its storage descriptor, else of its SerDe.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let descriptor = &self.storage_descriptor;
        [&self.parameters, &descriptor.parameters, &descriptor.serde_info.parameters]
            .into_iter()
            .find_map(|parameters| parameters.get(name))
            .map(String::as_str)
    }

    /// How its files are laid out: by the SerDe, else by the `classification` parameter. `None`: not known.
    pub(super) fn format(&self) -> Option<ObjectFormat> {
        let library = self.storage_descriptor.serde_info.serialization_library.to_lowercase();
        let classification = self.parameter("classification").unwrap_or_default().to_lowercase();
        if library.contains("opencsvserde") {
            return Some(ObjectFormat::Csv {
                delimiter: self.character("separatorChar").unwrap_or(','),
                quote: Some(self.character("quoteChar").unwrap_or('"')),
                escape: Some(self.character("escapeChar").unwrap_or('\\')),
                header: false,
                multiline: false,
            });
        }
        if library.contains("json") || (library.is_empty() && classification == "json") {
            return Some(ObjectFormat::Json { multiline: false });
        }
        if library.contains("parquet") || (library.is_empty() && classification == "parquet") {
            return Some(ObjectFormat::Parquet);
        }
        if library.contains("lazysimpleserde") || (library.is_empty() && classification == "csv") {
            // Hive's own default delimiter is Ctrl-A; a classification of csv alone means commas.
            let default = if classification == "csv" { ',' } else { '\u{1}' };
            return Some(ObjectFormat::Csv {
                delimiter: self.character("field.delim").or_else(|| self.character("delimiter")).unwrap_or(default),
                quote: None,
                escape: self.character("escape.delim"),
                header: false,
                multiline: false,
            });
        }
        None
    }

    fn character(&self, name: &str) -> Option<char> {
        let text = self.parameter(name)?;
        match text {
            "\\t" => Some('\t'),
            "\\001" | "\\u0001" => Some('\u{1}'),
            _ => text.chars().next(),
        }
    }
}

/// Folds the names that the catalog folds.
fn folded(mut table: Table) -> Table {
    table.name = fold(&table.name);
    table
}

const TABLE_CALL: [Member; 4] = [CATALOG_ID, need("DatabaseName", NAME), may("Name", NAME), may("TransactionId", NAME)];

fn with(members: &[Member]) -> Vec<Member> {
    TABLE_CALL.iter().chain(members).copied().collect()
}

impl Catalog {
    pub(super) fn create_table(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &with(&[
                need("TableInput", TABLE_INPUT),
                may("PartitionIndexes", OBJECTS),
                may("OpenTableFormatInput", Kind::Object),
            ]),
        )?;
        let database = shape::text(params, "DatabaseName");
        let mut table = folded(shape::read(params, "TableInput")?.unwrap_or_default());
        let tables = self.tables_mut(database).ok_or_else(|| no_database(database))?;
        if tables.contains_key(&table.name) {
            return Err(ApiError::new("AlreadyExistsException", "Table already exists."));
        }
        table.state = TableState {
            created: now,
            updated: now,
            ..TableState::default()
        };
        tables.insert(table.name.clone(), table);
        Ok(json!({}))
    }

    /// Replaces the definition; partitions stay.
    pub(super) fn update_table(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &with(&[
                need("TableInput", TABLE_INPUT),
                may("SkipArchive", Kind::Boolean),
                may("VersionId", NAME),
                may("ViewUpdateAction", Kind::OneOf(&["ADD", "REPLACE", "ADD_OR_REPLACE", "DROP"])),
                may("Force", Kind::Boolean),
                may("UpdateOpenTableFormatInput", Kind::Object),
            ]),
        )?;
        let mut table = folded(shape::read(params, "TableInput")?.unwrap_or_default());
        let old = self.find_mut(shape::text(params, "DatabaseName"), &table.name)?;
        table.state = core::mem::take(&mut old.state);
        table.state.updated = now;
        table.state.version += 1;
        *old = table;
        Ok(json!({}))
    }

    pub(super) fn get_table(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[
                CATALOG_ID,
                need("DatabaseName", NAME),
                need("Name", NAME),
                may("TransactionId", NAME),
                may("QueryAsOfTime", Kind::Time),
                may("AuditContext", Kind::Object),
                may("IncludeStatusDetails", Kind::Boolean),
                may("AttributesToGet", TEXTS),
            ],
        )?;
        let database = shape::text(params, "DatabaseName");
        let table = self.find(database, shape::text(params, "Name"))?;
        Ok(json!({ "Table": table.show(database, &self.id) }))
    }

    /// `Expression`: names with `*` or `.*` for any text and `|` between alternatives, the part of the pattern language that AWS documents by example.
    pub(super) fn get_tables(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[
                CATALOG_ID,
                need("DatabaseName", NAME),
                may("Expression", Kind::Text(0, 2048)),
                may("NextToken", TEXT),
                may("MaxResults", Kind::Integer(1, PAGE as i64)),
                may("TransactionId", NAME),
                may("QueryAsOfTime", Kind::Time),
                may("AuditContext", Kind::Object),
                may("ResourceShareType", Kind::OneOf(&["FEDERATED", "ALL"])),
                may("IncludeStatusDetails", Kind::Boolean),
                may("AttributesToGet", TEXTS),
            ],
        )?;
        let database = shape::text(params, "DatabaseName");
        let tables = self.tables(database).ok_or_else(|| no_database(database))?;
        let patterns: Vec<Glob> = shape::text(params, "Expression")
            .split('|')
            .filter(|pattern| !pattern.is_empty())
            .map(|pattern| Glob::new(&pattern.replace(".*", "*").to_lowercase()))
            .collect();
        let found = tables
            .values()
            .filter(|table| patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(&table.name)))
            .collect();
        let (page, next) = shape::page(params, found, PAGE)?;
        let list: Vec<Value> = page.into_iter().map(|table| table.show(database, &self.id)).collect();
        Ok(with_token(json!({ "TableList": list }), next))
    }

    pub(super) fn delete_table(&mut self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[CATALOG_ID, need("DatabaseName", NAME), need("Name", NAME), may("TransactionId", NAME)],
        )?;
        let (database, name) = (shape::text(params, "DatabaseName"), shape::text(params, "Name"));
        self.find(database, name)?;
        if let Some(tables) = self.tables_mut(database) {
            tables.remove(&fold(name));
        }
        Ok(json!({}))
    }
}
