//! CSV files as Glue's writer makes them: a header, strings in quotes, an embedded quote doubled, null as nothing between the delimiters.
//!
//! With strings quoted, null and `""` stay apart when Spark reads the file again.

use arrow::array::{Array, AsArray, RecordBatch};
use sluice_core::account::BlobRef;
use sluice_core::etl::{DataType, Field, batch};

use super::{PartWriter, TextSink, WriteError};

pub struct CsvPart {
    sink: TextSink,
    fields: Vec<Field>,
    text: Vec<u8>,
}

fn quote(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

impl CsvPart {
    pub fn new(mut sink: TextSink, fields: Vec<Field>) -> Result<Self, WriteError> {
        let mut text = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            if field.name.contains(['"', ',', '\n', '\r']) || field.name.is_empty() {
                quote(&field.name, &mut text);
            } else {
                text.extend_from_slice(field.name.as_bytes());
            }
        }
        text.push(b'\n');
        sink.write_all(&text)?;
        Ok(CsvPart { sink, fields, text })
    }
}

impl PartWriter for CsvPart {
    fn write(&mut self, rows: &RecordBatch) -> Result<(), WriteError> {
        self.text.clear();
        for row in 0..rows.num_rows() {
            for (index, (field, column)) in self.fields.iter().zip(rows.columns()).enumerate() {
                if index > 0 {
                    self.text.push(b',');
                }
                if column.is_null(row) {
                    continue;
                }
                match field.data_type {
                    DataType::String => quote(column.as_string::<i32>().value(row), &mut self.text),
                    DataType::Boolean
                    | DataType::Byte
                    | DataType::Short
                    | DataType::Int
                    | DataType::Long
                    | DataType::Float
                    | DataType::Double
                    | DataType::Decimal { .. } => {
                        if let Some(text) = batch::display_at(column, &field.data_type, row) {
                            self.text.extend_from_slice(text.as_bytes());
                        }
                    }
                    _ => {
                        if let Some(text) = batch::display_at(column, &field.data_type, row) {
                            quote(&text, &mut self.text);
                        }
                    }
                }
            }
            // A line with nothing on it would be passed over when it is read again; Spark's writer quotes it too.
            if self.fields.len() == 1 && rows.columns().first().is_some_and(|column| column.is_null(row)) {
                self.text.extend_from_slice(b"\"\"");
            }
            self.text.push(b'\n');
        }
        Ok(self.sink.write_all(&self.text)?)
    }

    fn buffered(&self) -> usize {
        0
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<BlobRef, WriteError> {
        Ok(self.sink.finish()?)
    }
}
