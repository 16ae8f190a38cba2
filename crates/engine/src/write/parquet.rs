//! Parquet files. A row group is flushed when it holds enough, so that memory does not grow with the file.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{BrotliLevel, Compression, GzipLevel};
use parquet::file::properties::WriterProperties;
use sluice_core::account::BlobRef;
use sluice_core::etl::{Field, ParquetCompression, batch};

use super::{PartWriter, WriteError};
use crate::output::OutputFile;

const ROW_GROUP_BYTES: usize = 24 << 20;
const ROW_GROUP_ROWS: usize = 1 << 20;

/// The Parquet writer asks for `Send`, which a file of the browser is not: it writes here, and the bytes are handed on after each row group.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn take(&self) -> Vec<u8> {
        self.0.lock().map(|mut bytes| std::mem::take(&mut *bytes)).unwrap_or_default()
    }
}

impl Write for Buffer {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut bytes = self.0.lock().map_err(|_| io::Error::other("an earlier write panicked"))?;
        bytes.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub struct ParquetPart {
    file: Box<dyn OutputFile>,
    buffer: Buffer,
    writer: Option<ArrowWriter<Buffer>>,
}

impl ParquetPart {
    pub fn new(file: Box<dyn OutputFile>, fields: &[Field], compression: ParquetCompression) -> Result<Self, WriteError> {
        let codec = match compression {
            ParquetCompression::Snappy => Compression::SNAPPY,
            ParquetCompression::Gzip => Compression::GZIP(GzipLevel::default()),
            ParquetCompression::Brotli => Compression::BROTLI(BrotliLevel::default()),
            ParquetCompression::Lz4 => Compression::LZ4_RAW,
            ParquetCompression::Uncompressed | ParquetCompression::None => Compression::UNCOMPRESSED,
            ParquetCompression::Lzo => return Err(WriteError("LZO is not supported for writing".to_owned())),
        };
        // A page is compressed in one go: the slow codecs get small ones, so that a cancel is heard.
        let page = if matches!(codec, Compression::GZIP(_) | Compression::BROTLI(_)) {
            128 << 10
        } else {
            1 << 20
        };
        let properties = WriterProperties::builder()
            .set_compression(codec)
            .set_created_by(concat!("sluice version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_data_page_size_limit(page)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let buffer = Buffer::default();
        // Spark and Glue know no embedded Arrow schema.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(buffer.clone(), batch::arrow_schema(fields), options)?;
        Ok(ParquetPart {
            file,
            buffer,
            writer: Some(writer),
        })
    }

    fn drain(&mut self) -> io::Result<()> {
        let bytes = self.buffer.take();
        if bytes.is_empty() { Ok(()) } else { self.file.write_all(&bytes) }
    }
}

impl PartWriter for ParquetPart {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        let Some(writer) = &mut self.writer else {
            return Err(WriteError("the file is finished".to_owned()));
        };
        writer.write(batch)?;
        if writer.memory_size() >= ROW_GROUP_BYTES {
            writer.flush()?;
        }
        Ok(self.drain()?)
    }

    fn buffered(&self) -> usize {
        self.writer.as_ref().map_or(0, ArrowWriter::memory_size)
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        if let Some(writer) = &mut self.writer {
            writer.flush()?;
        }
        Ok(self.drain()?)
    }

    fn finish(&mut self) -> Result<BlobRef, WriteError> {
        if let Some(writer) = self.writer.take() {
            writer.close()?;
        }
        self.drain()?;
        Ok(self.file.finish()?)
    }
}
