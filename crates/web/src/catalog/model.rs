//! Glue's responses as the screen needs them, read leniently: a member that is missing is empty.

use serde_json::Value;

use crate::format::plural;

pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: String,
    pub comment: String,
    pub partition: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub database: String,
    pub name: String,
    pub location: String,
    pub classification: String,
    /// Partition keys last, as a query engine shows them.
    pub columns: Vec<Column>,
    pub created: String,
    pub updated: String,
    pub serde: String,
    pub input_format: String,
    pub output_format: String,
    pub kind: String,
    pub records: Option<u64>,
    pub crawler: Option<String>,
    /// Name and value, in name order.
    pub parameters: Vec<(String, String)>,
}

impl Table {
    pub fn of(table: &Value) -> Table {
        let columns = |pointer: &str, partition: bool| -> Vec<Column> {
            let columns = list(table, pointer).iter();
            columns
                .map(|column| Column {
                    name: text(column, "/Name"),
                    kind: text(column, "/Type"),
                    comment: text(column, "/Comment"),
                    partition,
                })
                .collect()
        };
        let mut all = columns("/StorageDescriptor/Columns", false);
        all.extend(columns("/PartitionKeys", true));
        let mut parameters: Vec<(String, String)> = table
            .get("Parameters")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect();
        parameters.sort();
        let parameter = |name: &str| parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
        Table {
            database: text(table, "/DatabaseName"),
            name: text(table, "/Name"),
            location: text(table, "/StorageDescriptor/Location"),
            classification: parameter("classification").unwrap_or_default(),
            columns: all,
            created: text(table, "/CreateTime"),
            updated: text(table, "/UpdateTime"),
            serde: text(table, "/StorageDescriptor/SerdeInfo/SerializationLibrary"),
            input_format: text(table, "/StorageDescriptor/InputFormat"),
            output_format: text(table, "/StorageDescriptor/OutputFormat"),
            kind: text(table, "/TableType"),
            records: parameter("recordCount").and_then(|count| count.parse().ok()),
            crawler: parameter("UPDATED_BY_CRAWLER").filter(|name| !name.is_empty()),
            parameters,
        }
    }

    pub fn keys(&self) -> usize {
        self.columns.iter().filter(|column| column.partition).count()
    }
}

/// The folder of an S3 path as bucket and key prefix.
pub fn s3_parts(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("s3://")?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then_some((bucket, key))
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crawler {
    pub name: String,
    /// `READY`, `RUNNING`, `STOPPING`.
    pub state: String,
    pub database: String,
    pub role: String,
    pub prefix: String,
    pub schedule: String,
    pub paths: Vec<String>,
    /// `SUCCEEDED`, `FAILED`, `CANCELLED`; empty when it never ran.
    pub last: String,
    pub last_error: String,
    pub last_at: String,
    pub created: String,
    pub update_behavior: String,
    pub delete_behavior: String,
}

impl Crawler {
    pub fn of(crawler: &Value) -> Crawler {
        Crawler {
            name: text(crawler, "/Name"),
            state: text(crawler, "/State"),
            database: text(crawler, "/DatabaseName"),
            role: text(crawler, "/Role"),
            prefix: text(crawler, "/TablePrefix"),
            schedule: text(crawler, "/Schedule/ScheduleExpression"),
            paths: list(crawler, "/Targets/S3Targets").iter().map(|target| text(target, "/Path")).collect(),
            last: text(crawler, "/LastCrawl/Status"),
            last_error: text(crawler, "/LastCrawl/ErrorMessage"),
            last_at: text(crawler, "/LastCrawl/StartTime"),
            created: text(crawler, "/CreationTime"),
            update_behavior: text(crawler, "/SchemaChangePolicy/UpdateBehavior"),
            delete_behavior: text(crawler, "/SchemaChangePolicy/DeleteBehavior"),
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(self.state.as_str(), "RUNNING" | "STOPPING")
    }
}

/// One crawl of `ListCrawls`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crawl {
    pub id: String,
    pub state: String,
    pub start: String,
    pub end: String,
    /// What changed, in words: `1 table created`.
    pub changes: String,
    pub error: String,
    pub messages: Vec<String>,
}

impl Crawl {
    pub fn of(crawl: &Value) -> Crawl {
        Crawl {
            id: text(crawl, "/CrawlId"),
            state: text(crawl, "/State"),
            start: text(crawl, "/StartTime"),
            end: text(crawl, "/EndTime"),
            changes: changes(&text(crawl, "/Summary")),
            error: text(crawl, "/ErrorMessage"),
            messages: list(crawl, "/SluiceMessages").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }
}

/// The Summary of a crawl, JSON text such as `{"TABLE":{"ADD":1}}`, in words. A count may stand as a number, as `{"Count":1}` or as a list of names.
fn changes(summary: &str) -> String {
    let summary: Value = serde_json::from_str(summary).unwrap_or_default();
    let mut parts = Vec::new();
    for (member, one, many) in [("TABLE", "table", "tables"), ("PARTITION", "partition", "partitions")] {
        for (act, done) in [("ADD", "created"), ("UPDATE", "updated"), ("DELETE", "deleted")] {
            let value = summary.get(member).and_then(|kind| kind.get(act));
            let count = match value {
                Some(Value::Array(names)) => names.len() as u64,
                Some(Value::Object(object)) => object.get("Count").and_then(Value::as_u64).unwrap_or(0),
                Some(value) => value.as_u64().unwrap_or(0),
                None => 0,
            };
            if count > 0 {
                parts.push(format!("{} {done}", plural(count, one, many)));
            }
        }
    }
    if parts.is_empty() { "no changes".into() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_summary_reads_in_words() {
        assert_eq!(
            changes(r#"{"TABLE":{"ADD":1,"UPDATE":0},"PARTITION":{"ADD":12}}"#),
            "1 table created, 12 partitions created"
        );
        assert_eq!(changes(""), "no changes");
        assert_eq!(changes("[3]"), "no changes");
    }

    #[test]
    fn a_table_lists_its_partition_keys_last() {
        let table = Table::of(
            &json!({ "Name": "t", "DatabaseName": "d", "StorageDescriptor": { "Columns": [{ "Name": "a", "Type": "bigint" }] },
            "PartitionKeys": [{ "Name": "year", "Type": "string" }], "Parameters": { "classification": "csv", "recordCount": "20" } }),
        );
        assert_eq!(table.columns.len(), 2);
        assert!(table.columns[1].partition);
        assert_eq!((table.keys(), table.records, table.classification.as_str()), (1, Some(20), "csv"));
        assert_eq!(Table::of(&Value::Null), Table::default());
    }

    #[test]
    fn a_path_splits_into_bucket_and_key() {
        assert_eq!(s3_parts("s3://b/k/l/"), Some(("b", "k/l/")));
        assert_eq!(s3_parts("s3://b"), Some(("b", "")));
        assert_eq!(s3_parts("hdfs://b"), None);
        assert_eq!(s3_parts("s3:///k"), None);
    }
}
