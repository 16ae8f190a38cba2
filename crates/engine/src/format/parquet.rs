//! Parquet into columns, through the crate's synchronous reader: a page at a time, only the columns that are wanted.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::rc::Rc;

use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use sluice_core::etl::{Field, batch};

use super::{Next, ReadError, Wanted};
use crate::bytes::ByteSource;

const MAGIC: &[u8] = b"PAR1";

/// The next number, and the sources that are open.
type Sources = (u64, BTreeMap<u64, Rc<dyn ByteSource>>);

thread_local! {
    /// `ChunkReader` asks for `Send`, which a Blob of the browser is not: readers hold a number, and the thread that opened the source finds it here.
    static SOURCES: RefCell<Sources> = const { RefCell::new((0, BTreeMap::new())) };
}

struct Registration(u64);

impl Drop for Registration {
    fn drop(&mut self) {
        // At thread exit the table may be gone already.
        let _ = SOURCES.try_with(|sources| sources.borrow_mut().1.remove(&self.0));
    }
}

/// A handle of a registered source.
#[derive(Clone)]
pub struct Chunks {
    registration: std::sync::Arc<Registration>,
    len: u64,
}

impl Chunks {
    pub fn new(source: Rc<dyn ByteSource>) -> Self {
        let len = source.len();
        let id = SOURCES.with(|sources| {
            let mut sources = sources.borrow_mut();
            sources.0 += 1;
            let id = sources.0;
            sources.1.insert(id, source);
            id
        });
        Chunks {
            registration: std::sync::Arc::new(Registration(id)),
            len,
        }
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let source = SOURCES.with(|sources| sources.borrow().1.get(&self.registration.0).cloned());
        match source {
            Some(source) => source.read_at(offset, buf),
            None => Err(std::io::Error::other("the file was opened by another thread")),
        }
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.len
    }
}

pub struct ChunksRead {
    chunks: Chunks,
    offset: u64,
}

impl Read for ChunksRead {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.chunks.read_at(self.offset, buf)?;
        self.offset += n as u64;
        Ok(n)
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<ChunksRead>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::new(ChunksRead {
            chunks: self.clone(),
            offset: start,
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        // A damaged footer may name any length.
        if start.saturating_add(length as u64) > self.len {
            return Err(ParquetError::EOF(format!(
                "bytes {start} to {} of {}",
                start.saturating_add(length as u64),
                self.len
            )));
        }
        let mut buffer = vec![0; length];
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.read_at(start + done as u64, rest)? {
                0 => return Err(ParquetError::EOF(format!("the file ends at byte {}", start + done as u64))),
                n => done += n,
            }
        }
        Ok(buffer.into())
    }
}

/// The footer of a file, and the columns as ours.
pub struct Footer {
    pub chunks: Chunks,
    pub metadata: ArrowReaderMetadata,
    pub fields: Vec<Field>,
}

/// Whether a file that starts like this is Parquet: the magic, and after it a Thrift header and no text.
///
/// Text may start with the same four letters, as a column's name.
pub fn starts_as_parquet(head: &[u8]) -> bool {
    head.strip_prefix(MAGIC)
        .is_some_and(|rest| rest.first().is_none_or(|byte| *byte < b' ' && !byte.is_ascii_whitespace()))
}

/// Errors say what is wrong with the file: empty, no Parquet at all, cut short, or a footer that cannot be read.
pub fn read_footer(source: Rc<dyn ByteSource>) -> Result<Footer, ReadError> {
    let len = source.len();
    if len == 0 {
        return Err(ReadError::new("the file is empty (0 bytes), and a Parquet file never is"));
    }
    let mut head = [0; 4];
    let mut tail = [0; 4];
    source.read_at(0, &mut head)?;
    if head != MAGIC {
        return Err(ReadError::new("this is no Parquet file: it does not start with PAR1"));
    }
    if len < 12 {
        return Err(ReadError::new("the Parquet file is cut short: it ends before its footer"));
    }
    source.read_at(len - 4, &mut tail)?;
    if tail != MAGIC {
        return Err(ReadError::new(
            "the Parquet file is cut short or damaged: it does not end with PAR1, so its footer is missing",
        ));
    }
    let chunks = Chunks::new(source);
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(&chunks, options).map_err(|error| ReadError::new(format!("the Parquet footer cannot be read: {error}")))?;
    let fields = batch::schema_fields(metadata.schema().fields())?;
    Ok(Footer { chunks, metadata, fields })
}

/// Reads one Parquet object.
pub struct ParquetReader {
    reader: ParquetRecordBatchReader,
    /// (source column, type) in the order of the projected file columns.
    targets: Vec<(usize, sluice_core::etl::DataType)>,
    position: Rc<Cell<u64>>,
    rows_done: u64,
    rows: u64,
    bytes: u64,
}

impl ParquetReader {
    pub fn new(footer: Footer, wanted: &[Wanted], position: Rc<Cell<u64>>, skip: Option<u64>) -> Result<Self, ReadError> {
        let mut by_file: Vec<(usize, usize)> = wanted
            .iter()
            .enumerate()
            .filter_map(|(target, wanted)| Some((wanted.file_column?, target)))
            .collect();
        by_file.sort_unstable();
        let roots: Vec<usize> = by_file.iter().map(|(file, _)| *file).collect();
        let targets = by_file
            .iter()
            .filter_map(|(_, target)| Some((*target, wanted.get(*target)?.data_type.clone())))
            .collect();
        let rows = u64::try_from(footer.metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
        let bytes = footer.chunks.len;
        let mask = ProjectionMask::roots(footer.metadata.parquet_schema(), roots);
        let batch = if by_file.len() > 64 { 1024 } else { 8192 };
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(footer.chunks, footer.metadata)
            .with_projection(mask)
            .with_batch_size(batch);
        if let Some(skip) = skip {
            builder = builder.with_offset(usize::try_from(skip).unwrap_or(usize::MAX));
        }
        let reader = builder.build().map_err(ReadError::from)?;
        Ok(ParquetReader {
            reader,
            targets,
            position,
            rows_done: 0,
            rows,
            bytes,
        })
    }

    pub fn step(&mut self) -> Result<Next, ReadError> {
        let Some(read) = self.reader.next() else {
            self.position.set(self.bytes);
            return Ok(Next::End);
        };
        let read = read.map_err(|error| ReadError::new(format!("the Parquet data cannot be read: {error}")))?;
        self.rows_done += read.num_rows() as u64;
        if self.rows > 0 {
            self.position.set((self.bytes as f64 * (self.rows_done as f64 / self.rows as f64)) as u64);
        }
        let columns = self
            .targets
            .iter()
            .zip(read.columns())
            .map(|((target, data_type), array)| Ok((*target, batch::normalize(array, data_type)?)))
            .collect::<Result<Vec<_>, ReadError>>()?;
        Ok(Next::Columns {
            rows: read.num_rows(),
            columns,
        })
    }
}

impl From<ParquetError> for ReadError {
    fn from(error: ParquetError) -> Self {
        ReadError::new(error.to_string())
    }
}
