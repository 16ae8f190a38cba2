//! Hive-style folders: which rows go where.

use std::collections::BTreeMap;
use std::fmt::Write;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use sluice_core::account::OutputPartition;
use sluice_core::etl::batch;

use super::{TargetSpec, WriteError};

const HIVE_NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// Escapes a column name or value for a folder, as Spark's `ExternalCatalogUtils.escapePathName` does: `%` and two hex digits.
pub fn escape_path_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(
            c,
            '\u{1}'..='\u{1f}' | '\u{7f}' | '"' | '#' | '%' | '\'' | '*' | '/' | ':' | '=' | '?' | '\\' | '{' | '[' | ']' | '^'
        ) {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{:02X}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// The rows of each folder, without the partition columns. A null or empty value is `__HIVE_DEFAULT_PARTITION__`, as in Spark.
pub fn split(spec: &TargetSpec, rows: &RecordBatch) -> Result<Vec<(Vec<OutputPartition>, RecordBatch)>, WriteError> {
    let mut groups: BTreeMap<Vec<OutputPartition>, Vec<u32>> = BTreeMap::new();
    for row in 0..rows.num_rows() {
        let values = spec
            .partition
            .iter()
            .filter_map(|index| {
                let field = spec.fields.get(*index)?;
                let text = batch::display_at(rows.columns().get(*index)?, &field.data_type, row);
                Some(OutputPartition {
                    name: field.name.clone(),
                    value: text.filter(|text| !text.is_empty()).unwrap_or_else(|| HIVE_NULL_PARTITION.to_owned()),
                })
            })
            .collect();
        groups.entry(values).or_default().push(row as u32);
    }
    let body: Vec<usize> = (0..spec.fields.len()).filter(|index| !spec.partition.contains(index)).collect();
    let rows = rows.project(&body)?;
    groups
        .into_iter()
        .map(|(values, indices)| Ok((values, take_record_batch(&rows, &UInt32Array::from(indices))?)))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_as_spark() {
        assert_eq!(super::escape_path_name("a/b=c d%"), "a%2Fb%3Dc d%25");
        assert_eq!(super::escape_path_name("10:30\n"), "10%3A30%0A");
    }
}
