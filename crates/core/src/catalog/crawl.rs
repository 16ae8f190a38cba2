//! Grouping: from classified objects to tables and partitions.
//!
//! Belongs here: which folders are one table, its columns, partition keys and name. Does not belong here: what the catalog already holds (see `discover`).
//! Rules: Glue developer guide, "How does a crawler determine when to create partitions?", "Creating a single schema for each S3 include path",
//! and the re:Post article on crawlers that make too many tables.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::location::Location;
use crate::account::{CrawledObject, ObjectFormat};
use crate::etl::{Field, merge_types};

/// More than this share of the folders must have matching schemas.
const PARTITION_THRESHOLD: f64 = 0.7;
/// No more different schemas than this among folders that become one table.
const MAX_SCHEMAS: usize = 5;
/// Schemas match when more than this share of their columns agree.
const SCHEMA_SIMILARITY: f64 = 0.7;
/// A table's name is cut to this.
pub(super) const MAX_NAME: usize = 128;

/// The part of a crawler's configuration that decides on tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Grouping {
    /// `TableGroupingPolicy: CombineCompatibleSchemas`, "Create a single schema for each S3 path".
    pub(super) combine: bool,
    /// `TableLevelConfiguration`: no table above this level; the bucket is level 1.
    pub(super) level: Option<u64>,
}

/// Counts of the objects behind a table or partition.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) objects: u64,
    pub(super) bytes: u64,
    /// Estimated from the sample.
    pub(super) records: u64,
    sample_rows: u64,
    sample_bytes: u64,
}

impl Counts {
    fn of(object: &CrawledObject) -> Self {
        let records = match object.sample_bytes {
            0 => object.sample_rows,
            // A sample that reaches the object's size is a count, not an estimate.
            bytes if bytes >= object.size => object.sample_rows,
            bytes => u64::try_from(u128::from(object.sample_rows) * u128::from(object.size) / u128::from(bytes)).unwrap_or(u64::MAX),
        };
        Counts {
            objects: 1,
            bytes: object.size,
            records,
            sample_rows: object.sample_rows,
            sample_bytes: object.sample_bytes,
        }
    }

    fn add(&mut self, other: Counts) {
        self.objects += other.objects;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.records = self.records.saturating_add(other.records);
        self.sample_rows += other.sample_rows;
        self.sample_bytes = self.sample_bytes.saturating_add(other.sample_bytes);
    }

    /// Bytes.
    pub(super) fn average_record(&self) -> u64 {
        self.sample_bytes.checked_div(self.sample_rows).unwrap_or(0)
    }
}

/// A table that the crawl would make.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FoundTable {
    /// Without the crawler's prefix; lower case, letters, digits and `_`.
    pub(super) name: String,
    /// `s3://bucket/folder/`, or the path of one object.
    pub(super) location: String,
    pub(super) classification: String,
    pub(super) compression: String,
    pub(super) format: Option<ObjectFormat>,
    /// Names as in the files.
    pub(super) columns: Vec<Field>,
    /// Names of the partition keys; each is a `string`.
    pub(super) partition_keys: Vec<String>,
    pub(super) partitions: Vec<FoundPartition>,
    pub(super) counts: Counts,
    pub(super) quoted: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct FoundPartition {
    pub(super) values: Vec<String>,
    pub(super) location: String,
    pub(super) columns: Vec<Field>,
    pub(super) counts: Counts,
}

/// Folder or file that reads as one.
#[derive(Clone, Debug)]
struct Unit {
    /// Key of the object, or of the folder with its slash.
    key: String,
    classification: String,
    compression: String,
    format: Option<ObjectFormat>,
    columns: Vec<Field>,
    leaves: Vec<Leaf>,
    quoted: bool,
}

/// A folder with files of one schema.
#[derive(Clone, Debug)]
struct Leaf {
    /// Folder names below the unit's key.
    folders: Vec<String>,
    key: String,
    columns: Vec<Field>,
    counts: Counts,
}

#[derive(Default)]
struct Folder<'a> {
    files: Vec<&'a CrawledObject>,
    folders: BTreeMap<&'a str, Folder<'a>>,
}

/// The tables of one include path. `objects`: what lies there, classified, `UNKNOWN` left out.
pub(super) fn group(include: &Location, objects: &[&CrawledObject], grouping: Grouping) -> Vec<FoundTable> {
    let single = objects.iter().any(|object| object.key == include.key);
    let base = if single { String::new() } else { include.folder() };
    if single {
        return objects.iter().map(|object| table(&include.bucket, file(object))).collect();
    }
    let mut root = Folder::default();
    for object in objects {
        let Some(relative) = object.key.strip_prefix(base.as_str()) else { continue };
        let mut folder = &mut root;
        let mut segments = relative.split('/').peekable();
        while let Some(segment) = segments.next() {
            if segments.peek().is_some() {
                folder = folder.folders.entry(segment).or_default();
            }
        }
        folder.files.push(object);
    }
    // Bucket = 1, and one more for each folder of the include path.
    let level = 1 + base.matches('/').count() as u64;
    solve(&root, &base, level, grouping)
        .into_iter()
        .map(|unit| table(&include.bucket, unit))
        .collect()
}

/// Keys have at most 1,024 bytes, so folders nest at most 1,024 deep.
fn solve(folder: &Folder<'_>, key: &str, level: u64, grouping: Grouping) -> Vec<Unit> {
    let files: Vec<Unit> = folder.files.iter().map(|object| file(object)).collect();
    if folder.folders.is_empty() {
        return match unite(&files, grouping.combine) {
            Some((columns, first)) => {
                let mut counts = Counts::default();
                for unit in &files {
                    unit.leaves.iter().for_each(|leaf| counts.add(leaf.counts));
                }
                Vec::from([Unit {
                    key: key.to_string(),
                    columns: columns.clone(),
                    leaves: Vec::from([Leaf {
                        folders: Vec::new(),
                        key: key.to_string(),
                        columns,
                        counts,
                    }]),
                    quoted: files.iter().any(|unit| unit.quoted),
                    ..first
                }])
            }
            None => files,
        };
    }
    let children: Vec<(&str, Vec<Unit>)> = folder
        .folders
        .iter()
        .map(|(name, child)| (*name, solve(child, &format!("{key}{name}/"), level + 1, grouping)))
        .collect();
    let above_level = grouping.level.is_some_and(|wanted| level < wanted);
    let whole: Vec<(&str, &Unit)> = children
        .iter()
        .filter_map(|(name, units)| match units.as_slice() {
            [unit] if unit.key.ends_with('/') => Some((*name, unit)),
            _ => None,
        })
        .collect();
    if files.is_empty() && !above_level && whole.len() == children.len() {
        let units: Vec<Unit> = whole.iter().map(|(_, unit)| (*unit).clone()).collect();
        let depths: Vec<usize> = units.iter().flat_map(|unit| unit.leaves.iter().map(|leaf| leaf.folders.len())).collect();
        let level_depth = depths.windows(2).all(|pair| pair.first() == pair.last());
        if level_depth && let Some((columns, first)) = unite(&units, grouping.combine) {
            let mut leaves = Vec::new();
            for (name, unit) in whole {
                for leaf in &unit.leaves {
                    let mut leaf = leaf.clone();
                    leaf.folders.insert(0, name.to_string());
                    leaves.push(leaf);
                }
            }
            return Vec::from([Unit {
                key: key.to_string(),
                columns,
                leaves,
                quoted: units.iter().any(|unit| unit.quoted),
                ..first
            }]);
        }
    }
    // Files beside folders have no partition of their own: each becomes a table.
    files.into_iter().chain(children.into_iter().flat_map(|(_, units)| units)).collect()
}

fn file(object: &CrawledObject) -> Unit {
    Unit {
        key: object.key.clone(),
        classification: object.classification.clone(),
        compression: object.compression.clone(),
        format: object.format.clone(),
        columns: object.columns.clone(),
        leaves: Vec::from([Leaf {
            folders: Vec::new(),
            key: object.key.clone(),
            columns: object.columns.clone(),
            counts: Counts::of(object),
        }]),
        quoted: object.notes.iter().any(|note| note.starts_with(super::classifier::QUOTED)),
    }
}

/// The columns of all units together and the first of them, if they read as one table. `combine`: schemas need not match.
fn unite(units: &[Unit], combine: bool) -> Option<(Vec<Field>, Unit)> {
    let first = units.first()?;
    let alike = |unit: &Unit| {
        unit.classification == first.classification && unit.compression == first.compression && same_layout(unit.format.as_ref(), first.format.as_ref())
    };
    if !units.iter().all(alike) || !(combine || schemas_match(units)) {
        return None;
    }
    let mut columns: Vec<Field> = Vec::new();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for unit in units {
        merge_columns(&mut columns, &mut index, &unit.columns);
    }
    Some((columns, first.clone()))
}

/// JSON on one line or over many is still JSON to the SerDe; CSV must agree on delimiter and header.
fn same_layout(left: Option<&ObjectFormat>, right: Option<&ObjectFormat>) -> bool {
    match (left, right) {
        (Some(ObjectFormat::Json { .. }), Some(ObjectFormat::Json { .. })) => true,
        _ => left == right,
    }
}

fn merge_columns(columns: &mut Vec<Field>, index: &mut BTreeMap<String, usize>, new: &[Field]) {
    // Within one file a name that repeats is another column: it merges with the same occurrence of the name.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for field in new {
        let folded = field.name.to_lowercase();
        let occurrence = seen.entry(folded.clone()).or_insert(0);
        *occurrence += 1;
        let key = format!("{folded}\n{occurrence}");
        match index.get(&key).and_then(|at| columns.get_mut(*at)) {
            Some(column) => column.data_type = merge_types(&column.data_type, &field.data_type).0,
            None => {
                index.insert(key, columns.len());
                columns.push(field.clone());
            }
        }
    }
}

fn schemas_match(units: &[Unit]) -> bool {
    // The first schema of each cluster stands for it.
    let mut clusters: Vec<(&[Field], usize)> = Vec::new();
    for unit in units {
        if let Some((_, size)) = clusters.iter_mut().find(|(columns, _)| similar(columns, &unit.columns)) {
            *size += 1;
        } else if clusters.len() == MAX_SCHEMAS {
            return false;
        } else {
            clusters.push((&unit.columns, 1));
        }
    }
    let largest = clusters.iter().map(|(_, size)| *size).max().unwrap_or(0);
    largest as f64 > PARTITION_THRESHOLD * units.len() as f64
}

/// Share of columns in both, of all their columns; a column whose types do not go together counts half.
fn similar(left: &[Field], right: &[Field]) -> bool {
    if left == right {
        return true;
    }
    let types: BTreeMap<String, &Field> = left.iter().map(|field| (field.name.to_lowercase(), field)).collect();
    let names: BTreeMap<String, &Field> = right.iter().map(|field| (field.name.to_lowercase(), field)).collect();
    let mut agreement = 0.0;
    let mut common = 0_usize;
    for (name, field) in &names {
        if let Some(other) = types.get(name) {
            common += 1;
            agreement += if merge_types(&other.data_type, &field.data_type).1 { 0.5 } else { 1.0 };
        }
    }
    let all = types.len() + names.len() - common;
    agreement > SCHEMA_SIMILARITY * all as f64
}

fn table(bucket: &str, unit: Unit) -> FoundTable {
    let mut counts = Counts::default();
    unit.leaves.iter().for_each(|leaf| counts.add(leaf.counts));
    let name = match unit.key.trim_end_matches('/').rsplit('/').next() {
        None | Some("") => bucket,
        Some(name) => name,
    };
    let depth = unit.leaves.first().map_or(0, |leaf| leaf.folders.len());
    let partition_keys = partition_keys(&unit, depth);
    let partitions = if depth == 0 {
        Vec::new()
    } else {
        unit.leaves
            .iter()
            .map(|leaf| FoundPartition {
                values: leaf
                    .folders
                    .iter()
                    .zip(&partition_keys)
                    .map(|(folder, key)| match folder.split_once('=') {
                        Some((name, value)) if name.to_lowercase() == *key => unescape(value),
                        _ => folder.clone(),
                    })
                    .collect(),
                location: format!("s3://{bucket}/{}", leaf.key),
                columns: leaf.columns.clone(),
                counts: leaf.counts,
            })
            .collect()
    };
    FoundTable {
        name: sanitize(name),
        location: format!("s3://{bucket}/{}", unit.key),
        classification: unit.classification,
        compression: unit.compression,
        format: unit.format,
        columns: unit.columns,
        partition_keys,
        partitions,
        counts,
        quoted: unit.quoted,
    }
}

/// `key=value` folders give `key`; others `partition_<level>`, counted from 0. A key that is a column's name too falls back to the latter.
fn partition_keys(unit: &Unit, depth: usize) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for at in 0..depth {
        let mut names = unit.leaves.iter().map(|leaf| {
            leaf.folders
                .get(at)
                .and_then(|folder| folder.split_once('='))
                .map(|(name, _)| name.to_lowercase())
                .filter(|name| !name.is_empty())
        });
        let first = names.next().flatten();
        let key = first
            .filter(|key| names.all(|name| name.as_deref() == Some(key.as_str())))
            .filter(|key| !keys.contains(key) && !unit.columns.iter().any(|column| column.name.to_lowercase() == *key))
            .unwrap_or_else(|| format!("partition_{at}"));
        keys.push(key);
    }
    keys
}

/// Hive writes characters that a path can't hold as `%XX` (`FileUtils.escapePathName`).
pub(super) fn unescape(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|pair| core::str::from_utf8(pair).ok()).filter(|_| *first == b'%');
        match digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).to_string()
}

/// A table name as a crawler writes it: lower case, what is no letter, digit or `_` becomes `_`.
pub(super) fn sanitize(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .take(MAX_NAME)
        .collect()
}
