//! Tables for a screen: pages of cells as text, and profiles of columns.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use sluice_core::etl::{DataType, Field, Value, batch};
use sluice_protocol::{ColumnProfile, ProfileBin, TableColumn, TablePage};

/// Most columns that a page holds.
pub const MAX_PAGE_COLUMNS: usize = 512;

/// Most rows that a page holds, whatever is asked for.
pub const MAX_PAGE_ROWS: u32 = 1_000;

/// Most characters of a cell.
const MAX_CELL_CHARS: usize = 2_000;

/// Cells that are looked at for profiles; further columns have none.
const MAX_PROFILED_CELLS: u64 = 1_000_000;

const MAX_DISTINCT: usize = 10_000;
const MAX_BINS: usize = 12;

/// A page of rows that are all in memory.
pub fn page(fields: &[Field], batches: &[RecordBatch], offset: u64, rows: u32, complete: bool, profiles: bool) -> TablePage {
    let total: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    let shown = fields.get(..fields.len().min(MAX_PAGE_COLUMNS)).unwrap_or_default();
    let mut page = TablePage {
        columns: shown
            .iter()
            .enumerate()
            .map(|(index, field)| TableColumn {
                name: field.name.clone(),
                data_type: field.data_type.clone(),
                profile: (profiles && (index as u64 + 1) * total <= MAX_PROFILED_CELLS).then(|| {
                    let arrays: Vec<&ArrayRef> = batches.iter().filter_map(|batch| batch.columns().get(index)).collect();
                    profile(&arrays, &field.data_type)
                }),
            })
            .collect(),
        rows: Vec::new(),
        offset,
        total,
        complete,
        total_columns: u32::try_from(fields.len()).unwrap_or(u32::MAX),
    };
    let mut before = 0;
    let wanted = u64::from(rows.min(MAX_PAGE_ROWS));
    for batch in batches {
        let count = batch.num_rows() as u64;
        let from = offset.saturating_sub(before).min(count);
        let to = (offset + wanted).saturating_sub(before).min(count);
        for row in from..to {
            page.rows.push(row_cells(shown, batch, row as usize));
        }
        before += count;
    }
    page
}

/// The cells of one row as text.
pub fn row_cells(fields: &[Field], batch: &RecordBatch, row: usize) -> Vec<Option<String>> {
    fields
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| batch::display_at(column, &field.data_type, row).map(cut))
        .collect()
}

fn cut(text: String) -> String {
    if text.len() <= MAX_CELL_CHARS {
        return text;
    }
    match text.char_indices().nth(MAX_CELL_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// A number or time on a line, for minimum, maximum and ranges.
fn measure(value: &Value) -> Option<f64> {
    match value {
        Value::Long(value) => Some(*value as f64),
        Value::Float(value) => Some(f64::from(*value)),
        Value::Double(value) => Some(*value),
        Value::Decimal { unscaled, scale } => Some(*unscaled as f64 / 10f64.powi(i32::from(*scale))),
        Value::Date(days) => Some(f64::from(*days)),
        Value::Timestamp(micros) => Some(*micros as f64),
        _ => None,
    }
    .filter(|value| value.is_finite())
}

fn label(at: f64, data_type: &DataType) -> String {
    match data_type {
        DataType::Date => Value::Date(at as i32).display(data_type).unwrap_or_default(),
        DataType::Timestamp => Value::Timestamp(at as i64).display(data_type).unwrap_or_default(),
        DataType::Byte | DataType::Short | DataType::Int | DataType::Long => format!("{}", at.round() as i64),
        _ => {
            let text = format!("{at:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// Counts over one column.
pub fn profile(arrays: &[&ArrayRef], data_type: &DataType) -> ColumnProfile {
    let mut profile = ColumnProfile::default();
    let ranged = data_type.is_numeric() || matches!(data_type, DataType::Date | DataType::Timestamp);
    let mut counts: HashMap<String, u64> = HashMap::new();
    let mut overflow = false;
    let mut numbers: Vec<f64> = Vec::new();
    let mut low: Option<Value> = None;
    let mut high: Option<Value> = None;
    let mut text_bounds: Option<(String, String)> = None;
    for array in arrays {
        profile.rows += array.len() as u64;
        if *data_type == DataType::Null {
            profile.nulls += array.len() as u64;
            continue;
        }
        let texts = array.as_string_opt::<i32>();
        for row in 0..array.len() {
            if array.is_null(row) {
                profile.nulls += 1;
                continue;
            }
            if let Some(texts) = texts {
                let text = texts.value(row);
                if text.is_empty() {
                    profile.empty += 1;
                }
                match &mut text_bounds {
                    None => text_bounds = Some((text.to_owned(), text.to_owned())),
                    Some((min, max)) => {
                        if text < min.as_str() {
                            *min = text.to_owned();
                        } else if text > max.as_str() {
                            *max = text.to_owned();
                        }
                    }
                }
                count(&mut counts, &mut overflow, text);
                continue;
            }
            let value = batch::value_at(array, data_type, row);
            if let Some(number) = measure(&value) {
                numbers.push(number);
                if low.as_ref().is_none_or(|low| value.group_cmp(low).is_lt()) {
                    low = Some(value.clone());
                }
                if high.as_ref().is_none_or(|high| value.group_cmp(high).is_gt()) {
                    high = Some(value.clone());
                }
            }
            if let Some(text) = value.display(data_type) {
                count(&mut counts, &mut overflow, &text);
            }
        }
    }
    profile.distinct = (!overflow).then_some(counts.len() as u64);
    if let Some((min, max)) = text_bounds {
        profile.min = Some(cut(min));
        profile.max = Some(cut(max));
    }
    if let (Some(low), Some(high)) = (&low, &high) {
        profile.min = low.display(data_type);
        profile.max = high.display(data_type);
    }
    profile.bins = if ranged && counts.len() > MAX_BINS {
        ranges(&numbers, data_type)
    } else {
        frequent(counts, overflow)
    };
    profile
}

fn count(counts: &mut HashMap<String, u64>, overflow: &mut bool, text: &str) {
    if let Some(count) = counts.get_mut(text) {
        *count += 1;
    } else if counts.len() < MAX_DISTINCT {
        counts.insert(text.to_owned(), 1);
    } else {
        *overflow = true;
    }
}

fn ranges(numbers: &[f64], data_type: &DataType) -> Vec<ProfileBin> {
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let width = (high - low) / MAX_BINS as f64;
    if !width.is_finite() || width <= 0.0 {
        return Vec::new();
    }
    let mut counts = [0u64; MAX_BINS];
    for number in numbers {
        let bin = (((number - low) / width) as usize).min(MAX_BINS - 1);
        if let Some(count) = counts.get_mut(bin) {
            *count += 1;
        }
    }
    counts
        .iter()
        .enumerate()
        .map(|(bin, count)| ProfileBin {
            label: format!(
                "{} – {}",
                label(low + width * bin as f64, data_type),
                label(low + width * (bin + 1) as f64, data_type)
            ),
            count: *count,
        })
        .collect()
}

/// Most frequent first, equal counts by value. Nothing where most values were not counted.
fn frequent(counts: HashMap<String, u64>, overflow: bool) -> Vec<ProfileBin> {
    if overflow {
        return Vec::new();
    }
    let sorted: BTreeMap<(std::cmp::Reverse<u64>, String), ()> = counts.into_iter().map(|(text, count)| ((std::cmp::Reverse(count), text), ())).collect();
    sorted
        .into_keys()
        .take(MAX_BINS)
        .map(|(count, text)| ProfileBin {
            label: cut(text),
            count: count.0,
        })
        .collect()
}
