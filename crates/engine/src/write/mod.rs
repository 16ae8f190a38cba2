//! Targets: batches into files in folders.
//!
//! Names are Glue's: `run-<ms>-part-block-0-r-00000-snappy.parquet` for "Glue Parquet", `run-<ms>-part-r-00000` for the others. Glue's writers append,
//! so a name holds the run's start. A target that gets no row writes no file, as Glue's do for an empty frame.
//! Belongs here: parts, folders, the formats' writers. Does not belong here: where the bytes are kept (`output`).

mod csv;
mod json;
mod parquet;
mod partition;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::rc::Rc;

use arrow::array::RecordBatch;
use sluice_core::account::{BlobRef, JobOutput, NodeError, OutputPartition};
use sluice_core::etl::{Field, FieldPath, NodeId, NodeKind, ParquetCompression};

use crate::output::{OutputFile, OutputStore};
pub use partition::escape_path_name;

/// Writers of one target that are open at a time; the one used longest ago is closed for another.
pub const MAX_OPEN_PARTS: usize = 64;

/// Bytes that the open writers of a run may hold before the largest row group is flushed.
const MAX_BUFFERED: usize = 48 << 20;

/// What a file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFormat {
    Parquet { compression: ParquetCompression, block_names: bool },
    Csv { gzip: bool },
    Json { gzip: bool },
}

/// A target node, understood.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    pub node: NodeId,
    pub bucket: String,
    /// Empty, or ending in `/`.
    pub prefix: String,
    pub format: TargetFormat,
    /// Columns (of the input) that become folders, in order.
    pub partition: Vec<usize>,
    pub fields: Vec<Field>,
}

fn error(node: &NodeId, field: &str, message: impl Into<String>) -> NodeError {
    NodeError {
        node: Some(node.clone()),
        field: Some(field.to_owned()),
        message: message.into(),
    }
}

impl TargetSpec {
    /// Errors name the member of the node's form.
    pub fn new(node: &NodeId, kind: &NodeKind, fields: &[Field]) -> Result<Self, NodeError> {
        let (path, keys, format) = match kind {
            NodeKind::S3GlueParquetTarget(target) => (
                &target.path,
                &target.partition_keys,
                TargetFormat::Parquet {
                    compression: target.compression,
                    block_names: true,
                },
            ),
            NodeKind::S3DirectTarget(target) => (&target.path, &target.partition_keys, direct_format(node, &target.format, &target.compression)?),
            NodeKind::S3CatalogTarget(target) => {
                return Err(error(
                    node,
                    "Table",
                    format!(
                        "writing to the table {}.{} by name is not supported; use an Amazon S3 target with the table's location, and let it update the catalog",
                        target.database, target.table
                    ),
                ));
            }
            _ => {
                return Err(NodeError {
                    node: Some(node.clone()),
                    field: None,
                    message: "this node is no target".to_owned(),
                });
            }
        };
        if matches!(
            format,
            TargetFormat::Parquet {
                compression: ParquetCompression::Lzo,
                ..
            }
        ) {
            return Err(error(
                node,
                "Compression",
                "LZO is not supported for writing; choose snappy, gzip, brotli, lz4 or none",
            ));
        }
        let Some((bucket, prefix)) = parse_s3_path(path) else {
            return Err(error(node, "Path", format!("\"{path}\" is no S3 path; it must look like s3://bucket/prefix/")));
        };
        let partition = keys.iter().map(|key| partition_column(node, key, fields)).collect::<Result<Vec<_>, _>>()?;
        if !partition.is_empty() && partition.len() >= fields.len() {
            return Err(error(
                node,
                "PartitionKeys",
                "all columns are partition keys: nothing is left to write into the files",
            ));
        }
        Ok(TargetSpec {
            node: node.clone(),
            bucket,
            prefix,
            format,
            partition,
            fields: fields.to_vec(),
        })
    }
}

/// Bucket, and prefix that is empty or ends in `/`.
pub fn parse_s3_path(path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix("s3://").or_else(|| path.strip_prefix("s3a://"))?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return None;
    }
    let prefix = if prefix.is_empty() || prefix.ends_with('/') {
        prefix.to_owned()
    } else {
        format!("{prefix}/")
    };
    Some((bucket.to_owned(), prefix))
}

fn partition_column(node: &NodeId, key: &FieldPath, fields: &[Field]) -> Result<usize, NodeError> {
    use sluice_core::etl::DataType;
    let name = key.join(".");
    let found = match key.as_slice() {
        [one] => fields.iter().position(|field| field.name == *one),
        _ => None,
    };
    let index = found.ok_or_else(|| error(node, "PartitionKeys", format!("there is no column \"{name}\" to partition by")))?;
    match fields.get(index).map(|field| &field.data_type) {
        Some(DataType::Array(_) | DataType::Map(..) | DataType::Struct(_) | DataType::Binary) => {
            Err(error(node, "PartitionKeys", format!("column \"{name}\" has a type that cannot name a folder")))
        }
        _ => Ok(index),
    }
}

fn direct_format(node: &NodeId, format: &str, compression: &str) -> Result<TargetFormat, NodeError> {
    let compression = compression.to_ascii_lowercase();
    let gzip = || match compression.as_str() {
        "" | "none" | "uncompressed" => Ok(false),
        "gzip" => Ok(true),
        other => Err(error(
            node,
            "Compression",
            format!("\"{other}\" is not supported for {format}; choose gzip or none"),
        )),
    };
    match format.to_ascii_lowercase().as_str() {
        "csv" => Ok(TargetFormat::Csv { gzip: gzip()? }),
        "json" => Ok(TargetFormat::Json { gzip: gzip()? }),
        "parquet" | "glueparquet" => Ok(TargetFormat::Parquet {
            compression: match compression.as_str() {
                "" | "snappy" => ParquetCompression::Snappy,
                "gzip" => ParquetCompression::Gzip,
                "brotli" => ParquetCompression::Brotli,
                "lz4" => ParquetCompression::Lz4,
                "lzo" => ParquetCompression::Lzo,
                "none" | "uncompressed" => ParquetCompression::Uncompressed,
                other => return Err(error(node, "Compression", format!("\"{other}\" is no compression of Parquet"))),
            },
            block_names: format.eq_ignore_ascii_case("glueparquet"),
        }),
        other => Err(error(
            node,
            "Format",
            format!("the format \"{other}\" is not written yet; choose csv, json or parquet"),
        )),
    }
}

/// Why a target could not be written.
#[derive(Debug)]
pub struct WriteError(pub String);

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        WriteError(format!("the output could not be stored: {error}"))
    }
}

impl From<arrow::error::ArrowError> for WriteError {
    fn from(error: arrow::error::ArrowError) -> Self {
        WriteError(error.to_string())
    }
}

impl From<::parquet::errors::ParquetError> for WriteError {
    fn from(error: ::parquet::errors::ParquetError) -> Self {
        WriteError(error.to_string())
    }
}

/// Writes one file.
trait PartWriter {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), WriteError>;
    /// Bytes held that are not in the output yet.
    fn buffered(&self) -> usize;
    fn flush(&mut self) -> Result<(), WriteError>;
    fn finish(&mut self) -> Result<BlobRef, WriteError>;
}

/// The file under a text format: plain or gzip.
enum TextSink {
    Plain(Box<dyn OutputFile>),
    Gzip(Option<flate2::write::GzEncoder<Box<dyn OutputFile>>>),
}

impl TextSink {
    fn new(file: Box<dyn OutputFile>, gzip: bool) -> Self {
        if gzip {
            TextSink::Gzip(Some(flate2::write::GzEncoder::new(file, flate2::Compression::default())))
        } else {
            TextSink::Plain(file)
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            TextSink::Plain(file) => file.write_all(bytes),
            TextSink::Gzip(Some(encoder)) => encoder.write_all(bytes),
            TextSink::Gzip(None) => Err(io::Error::other("the file is finished")),
        }
    }

    fn finish(&mut self) -> io::Result<BlobRef> {
        match self {
            TextSink::Plain(file) => file.finish(),
            TextSink::Gzip(encoder) => match encoder.take() {
                Some(encoder) => encoder.finish()?.finish(),
                None => Err(io::Error::other("the file is finished")),
            },
        }
    }
}

/// The store of a run and the names that are taken in it; its targets share them.
pub struct Outputs {
    store: Box<dyn OutputStore>,
    scratch: String,
    files: u64,
    /// Next part number by folder and name stem: two targets may write to one place.
    parts: BTreeMap<String, u32>,
    stem: String,
}

impl Outputs {
    pub fn new(store: Box<dyn OutputStore>, run_id: &str, started_millis: i64) -> Self {
        Outputs {
            store,
            scratch: run_id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect(),
            files: 0,
            parts: BTreeMap::new(),
            stem: format!("run-{started_millis}-part"),
        }
    }

    fn key(&mut self, spec: &TargetSpec, folder: &str) -> String {
        let place = format!("{}/{}{folder}", spec.bucket, spec.prefix);
        let part = self.parts.entry(place).or_default();
        let number = *part;
        *part += 1;
        let stem = &self.stem;
        let name = match spec.format {
            TargetFormat::Parquet { compression, block_names } => {
                let codec = match compression {
                    ParquetCompression::Snappy => "snappy",
                    ParquetCompression::Gzip => "gzip",
                    ParquetCompression::Brotli => "brotli",
                    ParquetCompression::Lz4 => "lz4",
                    ParquetCompression::Lzo | ParquetCompression::Uncompressed | ParquetCompression::None => "",
                };
                match (block_names, codec) {
                    (true, "") => format!("{stem}-block-0-r-{number:05}.parquet"),
                    (true, codec) => format!("{stem}-block-0-r-{number:05}-{codec}.parquet"),
                    (false, "") => format!("{stem}-r-{number:05}.parquet"),
                    (false, codec) => format!("{stem}-r-{number:05}.{codec}.parquet"),
                }
            }
            TargetFormat::Csv { gzip } | TargetFormat::Json { gzip } => format!("{stem}-r-{number:05}{}", if gzip { ".gz" } else { "" }),
        };
        format!("{}{folder}{name}", spec.prefix)
    }

    fn create(&mut self) -> io::Result<(String, Box<dyn OutputFile>)> {
        let name = format!("{}-{:05}", self.scratch, self.files);
        self.files += 1;
        let file = self.store.create(&name)?;
        Ok((name, file))
    }
}

struct Part {
    key: String,
    scratch: String,
    values: Vec<OutputPartition>,
    writer: Box<dyn PartWriter>,
    rows: u64,
    used: u64,
}

/// A file that a target finished: the output, and its name in the store.
#[derive(Clone, Debug)]
pub struct Written {
    pub output: JobOutput,
    pub scratch: String,
}

/// Writes what reaches one target node.
pub struct TargetWriter {
    pub spec: TargetSpec,
    outputs: Rc<RefCell<Outputs>>,
    open: BTreeMap<Vec<OutputPartition>, Part>,
    tick: u64,
    pub written: Vec<Written>,
}

impl TargetWriter {
    pub fn new(spec: TargetSpec, outputs: Rc<RefCell<Outputs>>) -> Self {
        TargetWriter {
            spec,
            outputs,
            open: BTreeMap::new(),
            tick: 0,
            written: Vec::new(),
        }
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.spec.partition.is_empty() {
            self.write_part(Vec::new(), batch)?;
        } else {
            for (values, part) in partition::split(&self.spec, batch)? {
                self.write_part(values, &part)?;
            }
        }
        self.bound()
    }

    fn write_part(&mut self, values: Vec<OutputPartition>, batch: &RecordBatch) -> Result<(), WriteError> {
        self.tick += 1;
        if !self.open.contains_key(&values) {
            if self.open.len() >= MAX_OPEN_PARTS
                && let Some(oldest) = self.open.iter().min_by_key(|(_, part)| part.used).map(|(values, _)| values.clone())
                && let Some(part) = self.open.remove(&oldest)
            {
                self.close(part)?;
            }
            let part = self.begin(values.clone())?;
            self.open.insert(values.clone(), part);
        }
        if let Some(part) = self.open.get_mut(&values) {
            part.used = self.tick;
            part.rows += batch.num_rows() as u64;
            part.writer.write(batch)?;
        }
        Ok(())
    }

    fn begin(&mut self, values: Vec<OutputPartition>) -> Result<Part, WriteError> {
        let folder: String = values
            .iter()
            .map(|part| format!("{}={}/", escape_path_name(&part.name), escape_path_name(&part.value)))
            .collect();
        let mut outputs = self.outputs.borrow_mut();
        let key = outputs.key(&self.spec, &folder);
        let (scratch, file) = outputs.create()?;
        let body: Vec<Field> = self
            .spec
            .fields
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.spec.partition.contains(index))
            .map(|(_, field)| field.clone())
            .collect();
        let writer: Box<dyn PartWriter> = match self.spec.format {
            TargetFormat::Parquet { compression, .. } => Box::new(parquet::ParquetPart::new(file, &body, compression)?),
            TargetFormat::Csv { gzip } => Box::new(csv::CsvPart::new(TextSink::new(file, gzip), body)?),
            TargetFormat::Json { gzip } => Box::new(json::JsonPart::new(TextSink::new(file, gzip), body)),
        };
        Ok(Part {
            key,
            scratch,
            values,
            writer,
            rows: 0,
            used: 0,
        })
    }

    /// Keeps what the open writers hold under the limit.
    fn bound(&mut self) -> Result<(), WriteError> {
        let held: usize = self.open.values().map(|part| part.writer.buffered()).sum();
        if held > MAX_BUFFERED
            && let Some(part) = self.open.values_mut().max_by_key(|part| part.writer.buffered())
        {
            part.writer.flush()?;
        }
        Ok(())
    }

    fn close(&mut self, mut part: Part) -> Result<(), WriteError> {
        let blob = part.writer.finish()?;
        let content_type = match self.spec.format {
            TargetFormat::Parquet { .. } => "application/vnd.apache.parquet",
            TargetFormat::Csv { gzip: false } => "text/csv",
            TargetFormat::Json { gzip: false } => "application/json",
            TargetFormat::Csv { gzip: true } | TargetFormat::Json { gzip: true } => "application/gzip",
        };
        self.written.push(Written {
            output: JobOutput {
                node: self.spec.node.clone(),
                bucket: self.spec.bucket.clone(),
                key: part.key,
                blob,
                rows: part.rows,
                content_type: content_type.to_owned(),
                partition: part.values,
            },
            scratch: part.scratch,
        });
        Ok(())
    }

    /// Closes one open file; `false` when none is left. One file a call keeps a call short.
    pub fn finish_one(&mut self) -> Result<bool, WriteError> {
        match self.open.pop_first() {
            Some((_, part)) => {
                self.close(part)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}
