//! JSON lines as Spark's `JacksonGenerator` makes them: null columns are left out (`ignoreNullFields`), times in ISO 8601.

use arrow::array::{Array, RecordBatch};
use sluice_core::account::BlobRef;
use sluice_core::etl::{Field, batch};

use super::{PartWriter, TextSink, WriteError};
use crate::json_text::{write_string, write_value};

pub struct JsonPart {
    sink: TextSink,
    fields: Vec<Field>,
    text: Vec<u8>,
}

impl JsonPart {
    pub fn new(sink: TextSink, fields: Vec<Field>) -> Self {
        JsonPart {
            sink,
            fields,
            text: Vec::new(),
        }
    }
}

impl PartWriter for JsonPart {
    fn write(&mut self, rows: &RecordBatch) -> Result<(), WriteError> {
        self.text.clear();
        for row in 0..rows.num_rows() {
            self.text.push(b'{');
            let mut first = true;
            for (field, column) in self.fields.iter().zip(rows.columns()) {
                if column.is_null(row) {
                    continue;
                }
                if !first {
                    self.text.push(b',');
                }
                first = false;
                write_string(&field.name, &mut self.text);
                self.text.push(b':');
                write_value(&batch::value_at(column, &field.data_type, row), &field.data_type, &mut self.text);
            }
            self.text.extend_from_slice(b"}\n");
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
