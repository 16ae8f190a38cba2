//! A source node: several objects as one table.
//!
//! Columns of path sources are the union by name of what the objects have, in order of first appearance, as a DynamicFrame's records describe themselves.
//! Columns of catalog sources are the table's, partition columns last. An object without bytes gives no columns and no rows.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray, new_null_array};
use arrow::datatypes::SchemaRef;
use sluice_core::account::{BadRow, ObjectFormat, ObjectInput, SourceInput};
use sluice_core::etl::{DataType, Field, batch, csv};

use crate::bytes::{ByteSource, SourceReader as ByteReader, read_head};
use crate::format::compress::{Compression, decompressed_head};
use crate::format::csv::{CsvReader, CsvShape, head_columns};
use crate::format::json::{JsonInference, JsonReader};
use crate::format::lines::LineReader;
use crate::format::parquet::{ParquetReader, read_footer, starts_as_parquet};
use crate::format::{BAD_SAMPLES, BadRows, Next, ReadError, Wanted};

/// Opens the bytes of an object.
pub type Open = Rc<dyn Fn(&ObjectInput) -> io::Result<Rc<dyn ByteSource>>>;

const HIVE_NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";
const SMALL_HEAD: usize = 64 << 10;

/// What a source is, once its objects have been looked at.
#[derive(Clone, Debug)]
pub struct SourcePlan {
    pub fields: Vec<Field>,
    objects: Vec<PlannedObject>,
}

#[derive(Clone, Debug, Default)]
struct PlannedObject {
    /// Names of the file's columns; for a CSV of a table the table's.
    columns: Vec<String>,
    empty: bool,
}

/// Looks at the objects of a source, one step at a time.
pub struct Planner {
    input: Rc<SourceInput>,
    open: Open,
    objects: Vec<PlannedObject>,
    fields: Vec<Field>,
    json: Option<JsonInference>,
    json_rows: u64,
    sample: Option<u64>,
}

impl Planner {
    /// `saved`: the columns that the node shows before a run, used where the objects have none to show. `sample`: rows from which JSON types are inferred;
    /// `None` reads all of them, as Spark does (`samplingRatio` 1).
    pub fn new(input: Rc<SourceInput>, open: Open, sample: Option<u64>) -> Self {
        Planner {
            input,
            open,
            objects: Vec::new(),
            fields: Vec::new(),
            json: None,
            json_rows: 0,
            sample,
        }
    }

    fn add(&mut self, fields: Vec<Field>) {
        for field in fields {
            match self.fields.iter_mut().find(|known| known.name == field.name) {
                None => self.fields.push(field),
                Some(known) => {
                    if known.data_type != field.data_type {
                        known.data_type = wider(&known.data_type, &field.data_type);
                    }
                }
            }
        }
    }

    /// Looks at one object, or at a part of it. `Ok(Some)` when all are known.
    pub fn step(&mut self, saved: &[Field]) -> Result<Option<SourcePlan>, ReadError> {
        let index = self.objects.len();
        let Some(object) = self.input.objects.get(index).cloned() else {
            let mut fields = match &self.input.table {
                Some(table) => table.columns.iter().chain(&table.partition_keys).cloned().collect(),
                None => std::mem::take(&mut self.fields),
            };
            if fields.is_empty() {
                fields = saved.to_vec();
            }
            return Ok(Some(SourcePlan {
                fields,
                objects: std::mem::take(&mut self.objects),
            }));
        };
        let planned = self.look(&object).map_err(|error| error.in_object(&object.bucket, &object.key))?;
        if let Some((planned, fields)) = planned {
            self.objects.push(planned);
            if self.input.table.is_none() {
                self.add(fields);
            }
        }
        Ok(None)
    }

    fn look(&mut self, object: &ObjectInput) -> Result<Option<(PlannedObject, Vec<Field>)>, ReadError> {
        let source = (self.open)(object)?;
        match &self.input.format {
            ObjectFormat::Csv { .. } => {
                refuse_parquet(&source, "CSV")?;
                let Some(shape) = CsvShape::new(&self.input.format, self.input.table.as_ref()) else {
                    return Ok(None);
                };
                if let Some(table) = &self.input.table {
                    let columns = table.columns.iter().map(|field| field.name.clone()).collect();
                    return Ok(Some((
                        PlannedObject {
                            columns,
                            empty: source.is_empty(),
                        },
                        Vec::new(),
                    )));
                }
                let columns = csv_columns(&source, &shape)?;
                let fields = columns.iter().map(|name| Field::new(name.clone(), DataType::String)).collect();
                Ok(Some((
                    PlannedObject {
                        empty: columns.is_empty(),
                        columns,
                    },
                    fields,
                )))
            }
            ObjectFormat::Json { multiline } => {
                if self.json.is_none() {
                    refuse_parquet(&source, "JSON")?;
                }
                if let Some(table) = &self.input.table {
                    let columns = table.columns.iter().map(|field| field.name.clone()).collect();
                    return Ok(Some((
                        PlannedObject {
                            columns,
                            empty: source.is_empty(),
                        },
                        Vec::new(),
                    )));
                }
                if self.sample.is_some_and(|sample| self.json_rows >= sample) {
                    return Ok(Some((PlannedObject::default(), Vec::new())));
                }
                let multiline = *multiline;
                let mode = self.input.mode;
                let inference = match &mut self.json {
                    Some(inference) => inference,
                    None => self.json.insert(JsonInference::new(&source, multiline, mode, &object.bucket, &object.key)?),
                };
                let more = inference.step()?;
                let enough = self.sample.is_some_and(|sample| self.json_rows + inference.rows() >= sample);
                if more && !enough {
                    return Ok(None);
                }
                let Some(inference) = self.json.take() else { return Ok(None) };
                self.json_rows += inference.rows();
                let fields = inference.finish();
                Ok(Some((
                    PlannedObject {
                        columns: fields.iter().map(|field| field.name.clone()).collect(),
                        empty: false,
                    },
                    fields,
                )))
            }
            ObjectFormat::Parquet => {
                let footer = read_footer(source)?;
                Ok(Some((
                    PlannedObject {
                        columns: footer.fields.iter().map(|field| field.name.clone()).collect(),
                        empty: false,
                    },
                    footer.fields,
                )))
            }
        }
    }
}

/// Parquet has line ends in it too, and would come out as rows of junk.
fn refuse_parquet(source: &Rc<dyn ByteSource>, expected: &str) -> Result<(), ReadError> {
    if starts_as_parquet(&read_head(source.as_ref(), 8)?) {
        return Err(ReadError::new(format!("this is a Parquet file, not {expected}")));
    }
    Ok(())
}

/// The type that holds values of both, for objects of one source that disagree: the wider number, else string.
fn wider(a: &DataType, b: &DataType) -> DataType {
    fn rank(data_type: &DataType) -> Option<u8> {
        Some(match data_type {
            DataType::Byte => 1,
            DataType::Short => 2,
            DataType::Int => 3,
            DataType::Long => 4,
            DataType::Float => 5,
            DataType::Double => 6,
            _ => return None,
        })
    }
    match (a, b) {
        (DataType::Null, other) | (other, DataType::Null) => other.clone(),
        (a, b) if a == b => a.clone(),
        (DataType::Struct(left), DataType::Struct(right)) => {
            let mut fields = left.clone();
            for field in right {
                match fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => known.data_type = wider(&known.data_type, &field.data_type),
                    None => fields.push(field.clone()),
                }
            }
            DataType::Struct(fields)
        }
        (DataType::Array(left), DataType::Array(right)) => DataType::Array(Box::new(wider(left, right))),
        (a, b) => match (rank(a), rank(b)) {
            // An integer that a float cannot hold exactly goes to double.
            (Some(x), Some(y)) if x.max(y) == 5 && x.min(y) > 2 => DataType::Double,
            (Some(x), Some(y)) => {
                if x >= y {
                    a.clone()
                } else {
                    b.clone()
                }
            }
            _ => DataType::String,
        },
    }
}

/// The columns of one CSV object, from as much of its head as its first record takes.
pub fn csv_columns(source: &Rc<dyn ByteSource>, shape: &CsvShape) -> Result<Vec<String>, ReadError> {
    let compression = Compression::of(&read_head(source.as_ref(), 16)?);
    for limit in [SMALL_HEAD, 1 << 20, csv::MAX_RECORD_BYTES + 1] {
        let (head, complete) = decompressed_head(compression, Box::new(ByteReader::new(source.clone())), limit)?;
        if let Some(columns) = head_columns(&head, complete, shape)? {
            return Ok(columns);
        }
    }
    if shape.header {
        return Err(ReadError::new(format!(
            "line 1: the header does not end within {} MiB",
            csv::MAX_RECORD_BYTES >> 20
        )));
    }
    Err(ReadError::new(format!(
        "line 1 is longer than {} MiB, and the columns are counted on it",
        csv::MAX_RECORD_BYTES >> 20
    )))
}

/// One step of a source.
pub enum SourceNext {
    Batch(RecordBatch),
    Working,
    End,
}

enum ObjectReader {
    Csv(Box<CsvReader>),
    Json(Box<JsonReader>),
    Parquet(Box<ParquetReader>),
}

impl ObjectReader {
    fn step(&mut self) -> Result<Next, ReadError> {
        match self {
            ObjectReader::Csv(reader) => reader.step(),
            ObjectReader::Json(reader) => reader.step(),
            ObjectReader::Parquet(reader) => reader.step(),
        }
    }

    fn bad(&self) -> Option<&BadRows> {
        match self {
            ObjectReader::Csv(reader) => Some(reader.bad()),
            ObjectReader::Json(reader) => Some(reader.bad()),
            ObjectReader::Parquet(_) => None,
        }
    }
}

/// Reads the objects of a source one after the other.
pub struct TableReader {
    input: Rc<SourceInput>,
    plan: SourcePlan,
    open: Open,
    schema: SchemaRef,
    /// Columns that somebody downstream needs; the others are nulls.
    live: Vec<bool>,
    next_object: usize,
    current: Option<ObjectReader>,
    position: Rc<Cell<u64>>,
    bytes_before: u64,
    current_bytes: u64,
    bad_before: u64,
    bad_samples: Vec<BadRow>,
    nulls: BTreeMap<usize, ArrayRef>,
    partition: Vec<Option<String>>,
}

impl TableReader {
    pub fn new(input: Rc<SourceInput>, plan: SourcePlan, open: Open, live: Vec<bool>) -> Self {
        TableReader {
            schema: batch::arrow_schema(&plan.fields),
            input,
            plan,
            open,
            live,
            next_object: 0,
            current: None,
            position: Rc::new(Cell::new(0)),
            bytes_before: 0,
            current_bytes: 0,
            bad_before: 0,
            bad_samples: Vec::new(),
            nulls: BTreeMap::new(),
            partition: Vec::new(),
        }
    }

    /// Bytes of the objects (as stored) that are read.
    pub fn bytes_done(&self) -> u64 {
        self.bytes_before + self.position.get().min(self.current_bytes)
    }

    pub fn bad_rows(&self) -> u64 {
        self.bad_before + self.current.as_ref().and_then(ObjectReader::bad).map_or(0, |bad| bad.count)
    }

    pub fn bad_samples(&self) -> Vec<BadRow> {
        let current = self
            .current
            .as_ref()
            .and_then(ObjectReader::bad)
            .map(|bad| bad.samples.as_slice())
            .unwrap_or_default();
        self.bad_samples.iter().chain(current).take(BAD_SAMPLES).cloned().collect()
    }

    pub fn step(&mut self) -> Result<SourceNext, ReadError> {
        let Some(reader) = &mut self.current else {
            return self.open_next();
        };
        let next = reader.step();
        let object = self.next_object.checked_sub(1).and_then(|index| self.input.objects.get(index));
        let next = next.map_err(|error| match object {
            Some(object) => error.in_object(&object.bucket, &object.key),
            None => error,
        })?;
        match next {
            Next::Working => Ok(SourceNext::Working),
            Next::End => {
                self.bad_before = self.bad_rows();
                self.bad_samples = self.bad_samples();
                self.current = None;
                self.bytes_before += self.current_bytes;
                self.current_bytes = 0;
                self.position.set(0);
                Ok(SourceNext::Working)
            }
            Next::Columns { rows, columns } => Ok(SourceNext::Batch(self.assemble(rows, columns)?)),
        }
    }

    fn open_next(&mut self) -> Result<SourceNext, ReadError> {
        let index = self.next_object;
        let (Some(object), Some(planned)) = (self.input.objects.get(index).cloned(), self.plan.objects.get(index).cloned()) else {
            return Ok(SourceNext::End);
        };
        self.next_object += 1;
        if planned.empty {
            self.bytes_before += object.blob.size;
            return Ok(SourceNext::Working);
        }
        let reader = self
            .open_object(&object, &planned)
            .map_err(|error| error.in_object(&object.bucket, &object.key))?;
        self.current_bytes = object.blob.size;
        self.current = Some(reader);
        self.partition = match &self.input.table {
            None => Vec::new(),
            Some(table) => table
                .partition_keys
                .iter()
                .map(|key| {
                    let value = object.partition.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key.name));
                    value.map(|(_, value)| value.clone()).filter(|value| value != HIVE_NULL_PARTITION)
                })
                .collect(),
        };
        Ok(SourceNext::Working)
    }

    fn open_object(&mut self, object: &ObjectInput, planned: &PlannedObject) -> Result<ObjectReader, ReadError> {
        let source = (self.open)(object)?;
        let table = self.input.table.as_ref();
        let own = table.map_or(self.plan.fields.len(), |table| table.columns.len());
        let wanted: Vec<Wanted> = self
            .plan
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| {
                let live = index < own && self.live.get(index).copied().unwrap_or(true);
                let file_column = match (table, &self.input.format) {
                    _ if !live => None,
                    (Some(_), ObjectFormat::Csv { .. }) => Some(index),
                    (Some(_), _) => planned.columns.iter().position(|name| name.eq_ignore_ascii_case(&field.name)),
                    (None, _) => planned.columns.iter().position(|name| *name == field.name),
                };
                Wanted {
                    name: field.name.clone(),
                    data_type: field.data_type.clone(),
                    file_column,
                }
            })
            .collect();
        let bad = BadRows::new(&object.bucket, &object.key);
        Ok(match &self.input.format {
            ObjectFormat::Csv { .. } => {
                let Some(shape) = CsvShape::new(&self.input.format, table) else {
                    return Err(ReadError::new("the format is not CSV"));
                };
                let raw = ByteReader::new(source.clone());
                self.position = raw.position();
                let lines = LineReader::new(Compression::of(&read_head(source.as_ref(), 16)?).reader(raw));
                ObjectReader::Csv(Box::new(CsvReader::new(lines, shape, self.input.mode, planned.columns.len(), &wanted, bad)))
            }
            ObjectFormat::Json { multiline } => {
                let reader = JsonReader::new(&source, *multiline, self.input.mode, wanted, table.is_some(), bad)?;
                self.position = reader.position();
                ObjectReader::Json(Box::new(reader))
            }
            ObjectFormat::Parquet => {
                let footer = read_footer(source)?;
                let mut wanted = wanted;
                if table.is_some() {
                    for (index, column) in wanted.iter_mut().enumerate() {
                        if index < own && self.live.get(index).copied().unwrap_or(true) {
                            column.file_column = footer.fields.iter().position(|field| field.name.eq_ignore_ascii_case(&column.name));
                        }
                    }
                }
                self.position = Rc::new(Cell::new(0));
                ObjectReader::Parquet(Box::new(ParquetReader::new(footer, &wanted, self.position.clone(), None)?))
            }
        })
    }

    fn assemble(&mut self, rows: usize, columns: Vec<(usize, ArrayRef)>) -> Result<RecordBatch, ReadError> {
        let own = self.input.table.as_ref().map_or(usize::MAX, |table| table.columns.len());
        let mut arrays: Vec<Option<ArrayRef>> = vec![None; self.plan.fields.len()];
        for (target, array) in columns {
            if let Some(place) = arrays.get_mut(target) {
                *place = Some(array);
            }
        }
        let mut done = Vec::with_capacity(arrays.len());
        for (index, array) in arrays.into_iter().enumerate() {
            let Some(field) = self.plan.fields.get(index) else { continue };
            done.push(match array {
                Some(array) => array,
                None => match index.checked_sub(own).and_then(|key| self.partition.get(key)) {
                    Some(Some(value)) => {
                        let text: ArrayRef = Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value.as_str(), rows)));
                        batch::cast_array(&text, &DataType::String, &field.data_type)?
                    }
                    _ => {
                        let known = self.nulls.get(&index).filter(|nulls| nulls.len() >= rows).cloned();
                        let nulls = match known {
                            Some(nulls) => nulls,
                            None => {
                                let nulls = new_null_array(&batch::arrow_type(&field.data_type), rows.next_power_of_two().max(64));
                                self.nulls.insert(index, nulls.clone());
                                nulls
                            }
                        };
                        nulls.slice(0, rows)
                    }
                },
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), done, &options)?)
    }
}
