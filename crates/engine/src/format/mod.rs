//! Readers: the bytes of one object into columns, a step at a time, in bounded memory.
//!
//! Belongs here: file formats and their errors. Does not belong here: several objects as one source (`source`), transforms.

pub mod compress;
pub mod csv;
pub mod json;
pub mod lines;
pub mod parquet;

use std::fmt;
use std::io;

use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use sluice_core::account::BadRow;
use sluice_core::etl::csv::{CsvFault, raw_excerpt};
use sluice_core::etl::{DataType, ReadMode};

/// Bad rows that a report shows.
pub const BAD_SAMPLES: usize = 10;

/// What one step of a reader gave. A step takes a few milliseconds.
pub enum Next {
    /// Rows, as (index of the source's column, array); columns that are not listed are null.
    Columns {
        rows: usize,
        columns: Vec<(usize, ArrayRef)>,
    },
    /// Work was done, and there is more.
    Working,
    End,
}

/// A column of the source, as a reader must give it.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub name: String,
    pub data_type: DataType,
    /// The file's column that feeds it; `None` where the file has none or nobody downstream needs it.
    pub file_column: Option<usize>,
}

/// Why an object could not be read. `row` is set when a row failed a source that is read FAILFAST.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadError {
    pub message: String,
    pub row: Option<Box<BadRow>>,
}

impl ReadError {
    pub fn new(message: impl Into<String>) -> Self {
        ReadError {
            message: message.into(),
            row: None,
        }
    }

    /// Names the object in front of the reason, if it isn't there yet.
    #[must_use]
    pub fn in_object(mut self, bucket: &str, key: &str) -> Self {
        let place = format!("s3://{bucket}/{key}: ");
        if !self.message.starts_with(&place) {
            self.message.insert_str(0, &place);
        }
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        ReadError::new(error.to_string())
    }
}

impl From<ArrowError> for ReadError {
    fn from(error: ArrowError) -> Self {
        ReadError::new(error.to_string())
    }
}

/// The bad rows of one object, counted; the first few are kept.
#[derive(Clone, Debug, Default)]
pub struct BadRows {
    pub bucket: String,
    pub key: String,
    pub count: u64,
    pub samples: Vec<BadRow>,
}

impl BadRows {
    pub fn new(bucket: &str, key: &str) -> Self {
        BadRows {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            ..BadRows::default()
        }
    }

    /// Counts a bad row and says whether it is kept, as Spark's `FailureSafeParser` does by mode.
    ///
    /// Errors: under FAILFAST, naming the row.
    pub fn add(&mut self, mode: ReadMode, line: u64, raw: &[u8], fault: &CsvFault) -> Result<bool, ReadError> {
        self.add_reason(mode, line, raw, fault)
    }

    pub fn add_reason(&mut self, mode: ReadMode, line: u64, raw: &[u8], reason: &dyn fmt::Display) -> Result<bool, ReadError> {
        self.count += 1;
        let row = || BadRow {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            line,
            raw: raw_excerpt(raw),
            reason: reason.to_string(),
        };
        if mode == ReadMode::FailFast {
            let row = row();
            return Err(ReadError {
                message: format!("line {line}: {reason} (the source is read FAILFAST)"),
                row: Some(Box::new(row)),
            });
        }
        if self.samples.len() < BAD_SAMPLES {
            let row = row();
            self.samples.push(row);
        }
        Ok(mode == ReadMode::Permissive)
    }
}
