//! What a crawl does to the catalog: tables and partitions that are new, changed or gone.
//!
//! Belongs here: the crawler's update and delete policies, and the shape of the tables it writes. Does not belong here: which objects make a table (see `crawl`).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::classifier::FIRST_COLUMN;
use super::crawl::{Counts, FoundPartition, FoundTable, MAX_NAME, sanitize};
use super::database::{Catalog, fold};
use super::hash::md5_hex;
use super::location::normal;
use super::partition::{Partition, key};
use super::table::{Column, SerDeInfo, StorageDescriptor, Table, TableState, hive_format};
use crate::account::ObjectFormat;
use crate::etl::{DataType, Field, catalog_names};
use crate::sim::SimTime;

/// `SchemaChangePolicy` and the `CrawlerOutput` part of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) update: Update,
    pub(super) delete: Delete,
    /// `Partitions.AddOrUpdateBehavior: InheritFromTable`.
    pub(super) inherit: bool,
    /// Only some folders were crawled: what was not seen is not gone.
    pub(super) partial: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Update {
    InDatabase,
    /// `MergeNewColumns`: columns are added, none is removed or retyped.
    NewColumns,
    Log,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delete {
    Log,
    FromDatabase,
    Deprecate,
}

/// Who crawls, and into what.
pub(super) struct Crawl<'a> {
    pub(super) crawler: &'a str,
    pub(super) crawl_id: &'a str,
    pub(super) database: &'a str,
    pub(super) prefix: &'a str,
    /// Include paths, normalised.
    pub(super) includes: &'a [String],
    /// Folders and objects that were seen, `UNKNOWN` too, normalised.
    pub(super) seen: &'a BTreeSet<String>,
    pub(super) policy: Policy,
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Changes {
    pub(super) tables_created: u64,
    pub(super) tables_updated: u64,
    pub(super) tables_deleted: u64,
    pub(super) partitions_created: u64,
    pub(super) partitions_updated: u64,
    pub(super) partitions_deleted: u64,
    /// In words, in order.
    pub(super) messages: Vec<String>,
}

impl Catalog {
    /// Brings the crawl's database up to what was found.
    pub(super) fn discover(&mut self, now: SimTime, crawl: &Crawl<'_>, found: Vec<FoundTable>) -> Changes {
        let mut changes = Changes::default();
        self.ensure_database(now, crawl.database);
        let mut touched = BTreeSet::new();
        for table in found {
            if let Some(tables) = self.tables_mut(crawl.database) {
                let name = place(tables, crawl, &table, &touched);
                touched.insert(name.clone());
                write_table(tables, now, crawl, &name, &table, &mut changes);
            }
        }
        if !crawl.policy.partial
            && let Some(tables) = self.tables_mut(crawl.database)
        {
            sweep(tables, now, crawl, &touched, &mut changes);
        }
        changes
    }
}

/// The name of the table that the find belongs to: the one at its location, else a free one, with a hash of the location where the plain name is taken.
fn place(tables: &BTreeMap<String, Table>, crawl: &Crawl<'_>, found: &FoundTable, touched: &BTreeSet<String>) -> String {
    let plain = cut(&format!("{}{}", sanitize_prefix(crawl.prefix), found.name), MAX_NAME);
    let at = normal(&found.location);
    let hashed = {
        let hash = md5_hex(at.as_bytes());
        format!("{}_{hash}", cut(&plain, MAX_NAME - hash.len() - 1))
    };
    let here = |name: &String| tables.get(name).is_some_and(|table| normal(&table.storage_descriptor.location) == at);
    if here(&plain) {
        plain
    } else if here(&hashed) || tables.contains_key(&plain) || touched.contains(&plain) {
        hashed
    } else {
        plain
    }
}

fn sanitize_prefix(prefix: &str) -> String {
    sanitize(prefix)
}

fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

fn write_table(tables: &mut BTreeMap<String, Table>, now: SimTime, crawl: &Crawl<'_>, name: &str, found: &FoundTable, changes: &mut Changes) {
    let mut table = build(crawl, name, found);
    match tables.get_mut(name) {
        None => {
            table.state = TableState {
                created: now,
                updated: now,
                created_by: crawl.crawler.to_string(),
                ..TableState::default()
            };
            changes.tables_created += 1;
            changes.messages.push(format!("Created table {name} in database {}.", fold(crawl.database)));
            tables.insert(name.to_string(), table);
        }
        Some(old) => {
            let changed = definition(old) != definition(&table);
            match crawl.policy.update {
                Update::Log if changed => changes
                    .messages
                    .push(format!("Table {name} has changed; the update behavior LOG keeps its definition.")),
                _ if !changed => {}
                policy => {
                    if policy == Update::NewColumns {
                        keep_columns(old, &mut table);
                    }
                    let keys_differ = old.partition_keys.len() != table.partition_keys.len();
                    table.state = core::mem::take(&mut old.state);
                    if keys_differ {
                        changes.partitions_deleted += table.state.partitions.len() as u64;
                        table.state.partitions.clear();
                    }
                    table.state.updated = now;
                    table.state.version += 1;
                    *old = table;
                    changes.tables_updated += 1;
                    changes.messages.push(format!("Updated table {name}."));
                }
            }
        }
    }
    let Some(table) = tables.get_mut(name) else { return };
    if found.partition_keys.len() != table.partition_keys.len() {
        if !found.partitions.is_empty() {
            changes.messages.push(format!(
                "The partitions of {name} were left out: the table has {} partition keys.",
                table.partition_keys.len()
            ));
        }
        return;
    }
    for partition in &found.partitions {
        write_partition(table, now, crawl, found, partition, changes);
    }
}

/// The table without what every crawl changes.
fn definition(table: &Table) -> Table {
    let mut table = Table {
        state: TableState::default(),
        ..table.clone()
    };
    table.parameters.remove("CRAWL_RUN_ID");
    table.storage_descriptor.parameters.remove("CRAWL_RUN_ID");
    table
}

fn keep_columns(old: &Table, new: &mut Table) {
    let mut columns = old.storage_descriptor.columns.clone();
    for column in core::mem::take(&mut new.storage_descriptor.columns) {
        if !columns.iter().any(|known| known.name == column.name) {
            columns.push(column);
        }
    }
    new.storage_descriptor.columns = columns;
    let mut parameters = old.parameters.clone();
    parameters.append(&mut new.parameters);
    new.parameters = parameters;
}

fn write_partition(table: &mut Table, now: SimTime, crawl: &Crawl<'_>, found: &FoundTable, partition: &FoundPartition, changes: &mut Changes) {
    let mut descriptor = describe(crawl, found, &partition.location, &partition.columns, partition.counts);
    descriptor.parameters.remove("partition_filtering.enabled");
    if crawl.policy.inherit {
        descriptor.columns = table.storage_descriptor.columns.clone();
    }
    let new = Partition {
        values: partition.values.clone(),
        parameters: descriptor.parameters.clone(),
        storage_descriptor: descriptor,
        created: now,
        ..Partition::default()
    };
    match table.state.partitions.get_mut(&key(&new.values)) {
        None => {
            table.add_partition(now, new);
            changes.partitions_created += 1;
        }
        Some(old) => {
            let bare = |partition: &Partition| {
                let mut partition = Partition {
                    created: now,
                    ..partition.clone()
                };
                partition.parameters.remove("CRAWL_RUN_ID");
                partition.storage_descriptor.parameters.remove("CRAWL_RUN_ID");
                partition
            };
            if crawl.policy.update == Update::InDatabase && bare(old) != bare(&new) {
                *old = Partition { created: old.created, ..new };
                changes.partitions_updated += 1;
            }
        }
    }
}

/// Deals with tables and partitions of this crawler whose objects are gone.
fn sweep(tables: &mut BTreeMap<String, Table>, now: SimTime, crawl: &Crawl<'_>, touched: &BTreeSet<String>, changes: &mut Changes) {
    let within = |location: &str| crawl.includes.iter().any(|include| is_at_or_below(location, include));
    let gone = |location: &str| {
        let at = normal(location);
        let below = format!("{at}/");
        within(&at) && !crawl.seen.contains(&at) && crawl.seen.range(below.clone()..).next().is_none_or(|next| !next.starts_with(&below))
    };
    let own: Vec<String> = tables
        .iter()
        .filter(|(_, table)| table.parameters.get("UPDATED_BY_CRAWLER").is_some_and(|by| by == crawl.crawler))
        .map(|(name, _)| name.clone())
        .collect();
    for name in own {
        let Some(table) = tables.get_mut(&name) else { continue };
        if !touched.contains(&name) && gone(&table.storage_descriptor.location) {
            match crawl.policy.delete {
                Delete::Log => changes
                    .messages
                    .push(format!("The objects of table {name} are gone; the delete behavior LOG keeps the table.")),
                Delete::FromDatabase => {
                    tables.remove(&name);
                    changes.tables_deleted += 1;
                    changes.messages.push(format!("Deleted table {name}: its objects are gone."));
                }
                Delete::Deprecate if table.parameters.contains_key("DEPRECATED_BY_CRAWLER") => {}
                Delete::Deprecate => {
                    table.parameters.insert("DEPRECATED_BY_CRAWLER".into(), now.millis().to_string());
                    table.state.updated = now;
                    changes.tables_deleted += 1;
                    changes.messages.push(format!("Marked table {name} as deprecated: its objects are gone."));
                }
            }
            continue;
        }
        let lost: Vec<String> = table
            .state
            .partitions
            .iter()
            .filter(|(_, partition)| gone(&partition.storage_descriptor.location))
            .map(|(key, _)| key.clone())
            .collect();
        for key in lost {
            match crawl.policy.delete {
                Delete::Log => {}
                Delete::FromDatabase => {
                    table.state.partitions.remove(&key);
                    changes.partitions_deleted += 1;
                }
                Delete::Deprecate => {
                    if let Some(partition) = table.state.partitions.get_mut(&key)
                        && partition.parameters.insert("DEPRECATED_BY_CRAWLER".into(), now.millis().to_string()).is_none()
                    {
                        changes.partitions_deleted += 1;
                    }
                }
            }
        }
    }
}

fn is_at_or_below(location: &str, include: &str) -> bool {
    location.strip_prefix(include).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The table as a crawler writes it.
fn build(crawl: &Crawl<'_>, name: &str, found: &FoundTable) -> Table {
    let mut descriptor = describe(crawl, found, &found.location, &found.columns, found.counts);
    if !found.partition_keys.is_empty() {
        descriptor.parameters.insert("partition_filtering.enabled".into(), "true".into());
    }
    Table {
        name: name.to_string(),
        owner: Some("owner".into()),
        parameters: descriptor.parameters.clone(),
        storage_descriptor: descriptor,
        partition_keys: found.partition_keys.iter().map(|key| Column::new(key.clone(), &DataType::String)).collect(),
        table_type: "EXTERNAL_TABLE".into(),
        ..Table::default()
    }
}

/// Parameters and classes as crawlers write them; `NumberOfBuckets` is -1.
fn describe(crawl: &Crawl<'_>, found: &FoundTable, location: &str, columns: &[Field], counts: Counts) -> StorageDescriptor {
    let mut parameters = BTreeMap::new();
    let mut put = |name: &str, value: String| {
        parameters.insert(name.to_string(), value);
    };
    put("classification", found.classification.clone());
    put("compressionType", found.compression.clone());
    put("typeOfData", "file".into());
    put("objectCount", counts.objects.to_string());
    put("recordCount", counts.records.to_string());
    put("averageRecordSize", counts.average_record().to_string());
    put("sizeKey", counts.bytes.to_string());
    put("UPDATED_BY_CRAWLER", crawl.crawler.to_string());
    put("CrawlerSchemaSerializerVersion", "1.0".into());
    put("CrawlerSchemaDeserializerVersion", "1.0".into());
    put("CRAWL_RUN_ID", crawl.crawl_id.to_string());
    let mut serde_parameters = BTreeMap::new();
    match &found.format {
        Some(ObjectFormat::Csv { delimiter, header, .. }) => {
            put("delimiter", delimiter.to_string());
            put("columnsOrdered", "true".into());
            put("areColumnsQuoted", found.quoted.to_string());
            if *header {
                put("skip.header.line.count", "1".into());
            }
            serde_parameters.insert("field.delim".to_string(), delimiter.to_string());
        }
        Some(ObjectFormat::Json { .. }) => {
            let mut paths: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            paths.sort_unstable();
            serde_parameters.insert("paths".to_string(), paths.join(","));
        }
        Some(ObjectFormat::Parquet) => {
            serde_parameters.insert("serialization.format".to_string(), "1".to_string());
        }
        None => {}
    }
    let hive = hive_format(&found.classification);
    let class = |pick: fn(&super::table::HiveFormat) -> &'static str| hive.as_ref().map(pick).unwrap_or_default().to_string();
    StorageDescriptor {
        columns: columns_of(columns),
        location: location.to_string(),
        input_format: class(|hive| hive.input),
        output_format: class(|hive| hive.output),
        compressed: found.compression != "none",
        number_of_buckets: -1,
        serde_info: SerDeInfo {
            name: None,
            serialization_library: class(|hive| hive.serde),
            parameters: serde_parameters,
        },
        parameters,
        ..StorageDescriptor::default()
    }
}

/// Columns with catalog names: lower case, unique; a name that is nothing but space becomes `col<position>`.
pub(super) fn columns_of(fields: &[Field]) -> Vec<Column> {
    let names: Vec<String> = fields
        .iter()
        .enumerate()
        .map(|(position, field)| {
            let name: String = field.name.chars().filter(|c| !c.is_control()).take(255).collect();
            if name.trim().is_empty() {
                format!("col{}", position + FIRST_COLUMN)
            } else {
                name
            }
        })
        .collect();
    catalog_names(names.iter().map(String::as_str))
        .into_iter()
        .zip(fields)
        .map(|(name, field)| Column::new(name, &field.data_type))
        .collect()
}
