//! Partitions of a catalog table.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::database::{CATALOG_ID, Catalog, fold, with_token};
use super::shape::{self, Kind, Member, NAME, TEXT, may, need};
use super::table::{STORAGE_DESCRIPTOR, StorageDescriptor, Table};
use crate::account::ApiError;
use crate::sim::SimTime;

/// Partitions on one page of a listing.
const PAGE: usize = 1_000;
const VALUES: Kind = Kind::List(&Kind::Text(1, 1024), 0, usize::MAX);

const PARTITION_INPUT: Kind = Kind::Structure(&[
    may("Values", VALUES),
    may("LastAccessTime", Kind::Time),
    may("StorageDescriptor", STORAGE_DESCRIPTOR),
    may("Parameters", Kind::Map),
    may("LastAnalyzedTime", Kind::Time),
]);

const SEGMENT: Kind = Kind::Structure(&[need("SegmentNumber", Kind::Integer(0, 9)), need("TotalSegments", Kind::Integer(1, 10))]);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Partition {
    /// In the order of the table's partition keys.
    pub(super) values: Vec<String>,
    pub(super) storage_descriptor: StorageDescriptor,
    pub(super) parameters: BTreeMap<String, String>,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
    #[serde(rename = "SluiceCreated")]
    pub(super) created: SimTime,
}

/// One text for the values, equal only for equal lists.
pub(super) fn key(values: &[String]) -> String {
    values.iter().map(|value| format!("{}:{value}/", value.len())).collect()
}

impl Partition {
    fn show(&self, database: &str, table: &str, catalog_id: &str) -> Value {
        let mut shown = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(members) = &mut shown {
            members.remove("SluiceCreated");
            members.insert("DatabaseName".to_string(), json!(fold(database)));
            members.insert("TableName".to_string(), json!(fold(table)));
            members.insert("CreationTime".to_string(), json!(self.created.to_string()));
            members.insert("CatalogId".to_string(), json!(catalog_id));
        }
        shown
    }
}

impl Table {
    /// Partitions in the order of their values.
    pub(super) fn partitions(&self) -> Vec<&Partition> {
        let mut partitions: Vec<&Partition> = self.state.partitions.values().collect();
        partitions.sort_by(|a, b| a.values.cmp(&b.values));
        partitions
    }

    pub(super) fn partition(&self, values: &[String]) -> Option<&Partition> {
        self.state.partitions.get(&key(values))
    }

    /// Adds the partition unless one has its values. True: added.
    pub(super) fn add_partition(&mut self, now: SimTime, mut partition: Partition) -> bool {
        let key = key(&partition.values);
        if self.state.partitions.contains_key(&key) {
            return false;
        }
        partition.created = now;
        self.state.partitions.insert(key, partition);
        true
    }

    fn create_partition(&mut self, now: SimTime, partition: Partition) -> Result<(), ApiError> {
        if partition.values.len() != self.partition_keys.len() || partition.values.is_empty() {
            return Err(ApiError::new(
                "InvalidInputException",
                "The number of partition keys do not match the number of partition values",
            )
            .with_help(format!("The table {} has {} partition keys.", self.name, self.partition_keys.len())));
        }
        if self.add_partition(now, partition) {
            Ok(())
        } else {
            Err(ApiError::new("AlreadyExistsException", "Partition already exists."))
        }
    }
}

const PARTITION_CALL: [Member; 3] = [CATALOG_ID, need("DatabaseName", NAME), need("TableName", NAME)];

fn with(members: &[Member]) -> Vec<Member> {
    PARTITION_CALL.iter().chain(members).copied().collect()
}

fn names(params: &Map<String, Value>) -> (&str, &str) {
    (shape::text(params, "DatabaseName"), shape::text(params, "TableName"))
}

fn no_partition() -> ApiError {
    ApiError::new("EntityNotFoundException", "Cannot find partition.")
}

impl Catalog {
    pub(super) fn create_partition(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &with(&[need("PartitionInput", PARTITION_INPUT)]))?;
        let (database, table) = names(params);
        let partition = shape::read(params, "PartitionInput")?.unwrap_or_default();
        self.find_mut(database, table)?.create_partition(now, partition)?;
        Ok(json!({}))
    }

    /// Partitions that can't be made are listed in `Errors`; the others are made.
    pub(super) fn batch_create_partition(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &with(&[need("PartitionInputList", Kind::List(&PARTITION_INPUT, 0, 100))]))?;
        let (database, table) = names(params);
        let partitions: Vec<Partition> = shape::read(params, "PartitionInputList")?.unwrap_or_default();
        let table = self.find_mut(database, table)?;
        let mut errors = Vec::new();
        for partition in partitions {
            let values = partition.values.clone();
            if let Err(error) = table.create_partition(now, partition) {
                errors.push(json!({ "PartitionValues": values, "ErrorDetail": { "ErrorCode": error.code, "ErrorMessage": error.message } }));
            }
        }
        Ok(json!({ "Errors": errors }))
    }

    pub(super) fn get_partition(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &with(&[need("PartitionValues", VALUES), may("AuditContext", Kind::Object)]))?;
        let (database, table) = names(params);
        let values: Vec<String> = shape::read(params, "PartitionValues")?.unwrap_or_default();
        let partition = self.find(database, table)?.partition(&values).ok_or_else(no_partition)?;
        Ok(json!({ "Partition": partition.show(database, table, &self.id) }))
    }

    pub(super) fn get_partitions(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &with(&[
                may("Expression", Kind::Text(0, 2048)),
                may("NextToken", TEXT),
                may("Segment", SEGMENT),
                may("MaxResults", Kind::Integer(1, PAGE as i64)),
                may("ExcludeColumnSchema", Kind::Boolean),
                may("TransactionId", NAME),
                may("QueryAsOfTime", Kind::Time),
                may("AuditContext", Kind::Object),
            ]),
        )?;
        let (database, name) = names(params);
        let table = self.find(database, name)?;
        if !shape::text(params, "Expression").trim().is_empty() {
            return Err(ApiError::new("InvalidInputException", "Unsupported expression")
                .with_help("Partition expressions are not supported yet: leave Expression out and pick from all partitions."));
        }
        let (number, total) = params.get("Segment").map_or((0, 1), |segment| {
            let member = |name: &str| segment.get(name).and_then(shape::integer).and_then(|n| usize::try_from(n).ok());
            (member("SegmentNumber").unwrap_or(0), member("TotalSegments").unwrap_or(1))
        });
        if number >= total {
            return Err(ApiError::new("InvalidInputException", "SegmentNumber must be less than TotalSegments."));
        }
        let found = table
            .partitions()
            .into_iter()
            .enumerate()
            .filter(|(position, _)| position % total == number)
            .map(|(_, p)| p)
            .collect();
        let (page, next) = shape::page(params, found, PAGE)?;
        let without_columns = params.get("ExcludeColumnSchema").and_then(Value::as_bool).unwrap_or(false);
        let list: Vec<Value> = page
            .into_iter()
            .map(|partition| {
                let mut shown = partition.show(database, name, &self.id);
                if let (true, Some(Value::Object(descriptor))) = (without_columns, shown.get_mut("StorageDescriptor")) {
                    descriptor.remove("Columns");
                }
                shown
            })
            .collect();
        Ok(with_token(json!({ "Partitions": list }), next))
    }

    pub(super) fn delete_partition(&mut self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &with(&[need("PartitionValues", VALUES)]))?;
        let (database, table) = names(params);
        let values: Vec<String> = shape::read(params, "PartitionValues")?.unwrap_or_default();
        self.find_mut(database, table)?
            .state
            .partitions
            .remove(&key(&values))
            .ok_or_else(no_partition)?;
        Ok(json!({}))
    }
}
