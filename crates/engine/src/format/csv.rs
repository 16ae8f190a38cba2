//! CSV into record batches. The rules of a record are core's (`sluice_core::etl::csv`); here are the buffers, the columns and the bad rows.
//!
//! A path source reads as Spark's CSV reader: every column `string`, an unquoted empty field null, a quoted one `""`.
//! A catalog table without quote character reads as Hive's `LazySimpleSerDe`: columns by position, `\N` null, an empty field of a string column stays `""`,
//! what does not read as the column's type is null. A catalog table with one reads by position too, with Spark's rule for empty fields.

use std::sync::Arc;

use arrow::array::builder::NullBufferBuilder;
use arrow::array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::filter;
use sluice_core::account::{ObjectFormat, TableInput};
use sluice_core::etl::csv::{self, CsvFault, Dialect, Fed, MAX_COLUMNS, Record};
use sluice_core::etl::{DataType, ReadMode, batch};

use super::lines::{LineReader, Region, first_line};
use super::{BadRows, Next, ReadError, Wanted};

/// How the bytes of a file are to be read; the same for every object of a source.
#[derive(Clone, Debug)]
pub struct CsvShape {
    pub dialect: Dialect,
    pub header: bool,
    pub multiline: bool,
    /// Leading lines that are no data.
    pub skip_lines: u32,
    /// Hive's `LazySimpleSerDe`.
    pub lazy: bool,
    /// Columns come from the table, by position.
    pub positional: bool,
}

impl CsvShape {
    /// `None` if the format is not CSV.
    pub fn new(format: &ObjectFormat, table: Option<&TableInput>) -> Option<Self> {
        let ObjectFormat::Csv {
            delimiter,
            quote,
            escape,
            header,
            multiline,
        } = format
        else {
            return None;
        };
        Some(CsvShape {
            dialect: Dialect::new(*delimiter, *quote, *escape),
            // A table's header lines are counted by `skip_lines`.
            header: *header && table.is_none(),
            multiline: *multiline,
            skip_lines: table.map_or(0, |table| table.skip_lines),
            lazy: table.is_some() && quote.is_none(),
            positional: table.is_some(),
        })
    }
}

/// Names of the columns that the head of a file shows; none for a file without a record. `complete`: the head is the whole file.
///
/// `Ok(None)`: the first record does not end within the head.
pub fn head_columns(head: &[u8], complete: bool, shape: &CsvShape) -> Result<Option<Vec<String>>, ReadError> {
    check_encoding(head)?;
    let mut rest = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut record = Record::default();
    let mut skipped = 0;
    let mut open = false;
    loop {
        if rest.is_empty() {
            if !complete {
                return Ok(None);
            }
            if !open {
                return Ok(Some(Vec::new()));
            }
            record.close();
            break;
        }
        let (line, end, took) = first_line(rest);
        if took == end && !complete {
            return Ok(None);
        }
        if skipped < shape.skip_lines {
            skipped += 1;
            rest = rest.get(took..).unwrap_or_default();
            continue;
        }
        if !open && csv::is_blank(line) {
            rest = rest.get(took..).unwrap_or_default();
            continue;
        }
        if !open {
            record.clear();
        }
        open = record.feed(line, &shape.dialect) == Fed::Open;
        if open && shape.multiline {
            record.feed_line_end(rest.get(end..took).unwrap_or_default());
            rest = rest.get(took..).unwrap_or_default();
            continue;
        }
        record.close();
        break;
    }
    if record.len() > MAX_COLUMNS {
        return Err(ReadError::new(format!(
            "the first row has {} columns; a CSV file may have at most {MAX_COLUMNS}",
            record.len()
        )));
    }
    if !shape.header {
        return Ok(Some(csv::positional_names(record.len())));
    }
    let texts: Vec<Option<String>> = (0..record.len())
        .map(|index| record.cell(index).map(|(text, _)| String::from_utf8_lossy(text).into_owned()))
        .collect();
    let names: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
    Ok(Some(csv::header_names(&names)))
}

/// Errors: UTF-16 and UTF-32, by their byte order mark or by the zeros that Latin text has in them.
pub fn check_encoding(head: &[u8]) -> Result<(), ReadError> {
    let sample = head.get(..head.len().min(512)).unwrap_or_default();
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let pairs = sample.len() / 2;
    let utf16 = sample.starts_with(&[0xff, 0xfe]) || sample.starts_with(&[0xfe, 0xff]) || (pairs >= 4 && (zeros(0) * 2 > pairs) != (zeros(1) * 2 > pairs));
    if utf16 {
        return Err(ReadError::new("the file is UTF-16; convert it to UTF-8 first"));
    }
    Ok(())
}

const UNWANTED: u32 = u32::MAX;

/// One column being built from text.
struct TextColumn {
    /// Index in the source's columns.
    target: usize,
    name: String,
    data_type: DataType,
    offsets: Vec<i32>,
    values: Vec<u8>,
    nulls: NullBufferBuilder,
}

impl TextColumn {
    fn new(target: usize, wanted: &Wanted) -> Self {
        TextColumn {
            target,
            name: wanted.name.clone(),
            data_type: wanted.data_type.clone(),
            offsets: vec![0],
            values: Vec::new(),
            nulls: NullBufferBuilder::new(0),
        }
    }

    #[inline]
    fn push(&mut self, text: &[u8]) {
        self.values.extend_from_slice(text);
        self.offsets.push(self.values.len() as i32);
        self.nulls.append_non_null();
    }

    fn push_null(&mut self) {
        self.offsets.push(self.values.len() as i32);
        self.nulls.append_null();
    }

    fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        self.values.truncate(self.offsets.last().map_or(0, |end| *end as usize));
        self.nulls.truncate(rows);
    }

    fn pad(&mut self, rows: usize) {
        while self.offsets.len() <= rows {
            self.push_null();
        }
    }

    fn finish(&mut self) -> Result<StringArray, ReadError> {
        let rows = self.offsets.len();
        let bytes = self.values.len();
        let offsets = std::mem::replace(&mut self.offsets, Vec::with_capacity(rows + rows / 8));
        self.offsets.push(0);
        let values = std::mem::replace(&mut self.values, Vec::with_capacity(bytes + bytes / 8));
        let nulls = self.nulls.finish();
        StringArray::try_new(OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from_vec(values), nulls).map_err(ReadError::from)
    }
}

struct Rows {
    columns: Vec<TextColumn>,
    /// File column → `columns` index.
    slots: Vec<u32>,
    width: usize,
    rows: usize,
    /// Line, and where it stands in the buffer, of each row: kept where a cast may find it bad.
    origins: Vec<(u64, usize, usize)>,
    typed: bool,
    lazy: bool,
}

impl Rows {
    #[inline]
    fn push(&mut self, index: usize, text: &[u8], quoted: bool) {
        let Some(slot) = self.slots.get(index) else { return };
        let Some(column) = self.columns.get_mut(*slot as usize) else { return };
        let null = if self.lazy { text == b"\\N" } else { text.is_empty() && !quoted };
        if null {
            column.push_null();
        } else {
            column.push(text);
        }
    }

    /// Cells of a line without quotes, escapes or odd bytes; gives how many there are.
    #[inline]
    fn push_plain(&mut self, line: &[u8], delimiter: u8) -> usize {
        let mut start = 0;
        let mut index = 0;
        for at in memchr::memchr_iter(delimiter, line) {
            self.push(index, line.get(start..at).unwrap_or_default(), false);
            start = at + 1;
            index += 1;
        }
        self.push(index, line.get(start..).unwrap_or_default(), false);
        index + 1
    }

    fn end_row(&mut self, keep: bool) {
        if keep {
            self.rows += 1;
            for column in &mut self.columns {
                column.pad(self.rows);
            }
        } else {
            for column in &mut self.columns {
                column.truncate(self.rows);
            }
        }
    }
}

/// Reads one CSV object.
pub struct CsvReader {
    lines: LineReader,
    shape: CsvShape,
    mode: ReadMode,
    rows: Rows,
    record: Record,
    bad: BadRows,
    /// 1-based number of the next line.
    line: u64,
    started: bool,
    to_skip: u32,
    header_due: bool,
    done: bool,
}

impl CsvReader {
    /// `names`: the file's columns, as [`head_columns`] or the table gives them. `wanted`: the source's columns, and which file column feeds each.
    pub fn new(lines: LineReader, shape: CsvShape, mode: ReadMode, width: usize, wanted: &[Wanted], bad: BadRows) -> Self {
        let mut slots = vec![UNWANTED; width];
        let mut columns = Vec::new();
        for (target, wanted) in wanted.iter().enumerate() {
            if let Some(slot) = wanted.file_column.and_then(|index| slots.get_mut(index)) {
                *slot = columns.len() as u32;
                columns.push(TextColumn::new(target, wanted));
            }
        }
        let typed = columns.iter().any(|column| column.data_type != DataType::String);
        CsvReader {
            rows: Rows {
                columns,
                slots,
                width,
                rows: 0,
                origins: Vec::new(),
                typed,
                lazy: shape.lazy,
            },
            to_skip: shape.skip_lines,
            header_due: shape.header,
            lines,
            shape,
            mode,
            record: Record::default(),
            bad,
            line: 1,
            started: false,
            done: false,
        }
    }

    /// Reads at most one region.
    pub fn step(&mut self) -> Result<Next, ReadError> {
        if self.done {
            return Ok(Next::End);
        }
        let region = self.lines.step().map_err(ReadError::from)?;
        match region {
            None => Ok(Next::Working),
            Some(Region::End) => {
                self.done = true;
                Ok(Next::End)
            }
            Some(Region::Oversize { head }) => {
                if self.line == 1 {
                    check_encoding(&head)?;
                }
                let line = self.line;
                self.line += 1;
                self.started = true;
                if self.to_skip > 0 {
                    self.to_skip -= 1;
                    return Ok(Next::Working);
                }
                if self.header_due {
                    return Err(ReadError::new(format!(
                        "line {line}: the header is longer than {} MiB",
                        csv::MAX_RECORD_BYTES >> 20
                    )));
                }
                let keep = self.bad.add(self.mode, line, &head, &CsvFault::TooLong)?;
                self.rows.end_row(keep);
                self.batch()
            }
            Some(Region::Lines { start, end, last }) => self.region(start, end, last),
        }
    }

    fn region(&mut self, start: usize, end: usize, last: bool) -> Result<Next, ReadError> {
        let bytes = self.lines.bytes(start, end);
        let mut at = 0;
        if !self.started {
            check_encoding(bytes)?;
            if bytes.starts_with(b"\xef\xbb\xbf") {
                at = 3;
            }
            self.started = true;
        }
        let quote = self.shape.dialect.quote.map(|quote| quote.first());
        let has = |byte: Option<u8>| byte.is_some_and(|byte| memchr::memchr(byte, bytes).is_some());
        let has_quote = has(quote);
        let has_cr = has(Some(b'\r'));
        let has_nul = has(Some(0));
        let utf8 = std::str::from_utf8(bytes).is_ok();
        let plain_delimiter = if has(self.shape.dialect.escape.map(|escape| escape.first())) {
            None
        } else {
            self.shape.dialect.delimiter.single()
        };
        let mut retry = false;
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let (line, line_end, took) = if has_cr {
                first_line(rest)
            } else {
                match memchr::memchr(b'\n', rest) {
                    Some(end) => (rest.get(..end).unwrap_or_default(), end, end + 1),
                    None => (rest, rest.len(), rest.len()),
                }
            };
            if self.to_skip > 0 {
                self.to_skip -= 1;
                self.line += 1;
                at += took;
                continue;
            }
            if csv::is_blank(line) {
                self.line += 1;
                at += took;
                continue;
            }
            if let Some(delimiter) = plain_delimiter
                && !(has_quote && quote.is_some_and(|quote| memchr::memchr(quote, line).is_some()))
                && utf8
                && !has_nul
                && !self.header_due
            {
                let found = self.rows.push_plain(line, delimiter);
                let keep = if found == self.rows.width {
                    true
                } else {
                    let fault = width_fault(self.rows.width, found)?;
                    self.bad.add(self.mode, self.line, line, &fault)?
                };
                if self.rows.typed && keep {
                    self.rows.origins.push((self.line, start + at, start + at + line_end));
                }
                if found < self.rows.width || !keep {
                    self.rows.end_row(keep);
                } else {
                    self.rows.rows += 1;
                }
                self.line += 1;
                at += took;
                continue;
            }
            // The careful way.
            let mut fault = None;
            let mut lines_taken = 1;
            let mut used = took;
            let lossy;
            let text = if utf8 || std::str::from_utf8(line).is_ok() {
                line
            } else {
                fault = Some(CsvFault::InvalidUtf8);
                lossy = String::from_utf8_lossy(line).into_owned();
                lossy.as_bytes()
            };
            if has_nul && memchr::memchr(0, line).is_some() {
                fault = Some(CsvFault::Nul);
            }
            self.record.clear();
            let mut fed = self.record.feed(text, &self.shape.dialect);
            if fed == Fed::Open && self.shape.multiline {
                self.record.feed_line_end(rest.get(line_end..took).unwrap_or_default());
                loop {
                    let more = rest.get(used..).unwrap_or_default();
                    if more.is_empty() || used > csv::MAX_RECORD_BYTES {
                        break;
                    }
                    let (next, next_end, next_took) = first_line(more);
                    let next_lossy;
                    let next_text = if utf8 || std::str::from_utf8(next).is_ok() {
                        next
                    } else {
                        fault = Some(CsvFault::InvalidUtf8);
                        next_lossy = String::from_utf8_lossy(next).into_owned();
                        next_lossy.as_bytes()
                    };
                    fed = self.record.feed(next_text, &self.shape.dialect);
                    used += next_took;
                    lines_taken += 1;
                    if fed == Fed::Done {
                        break;
                    }
                    self.record.feed_line_end(more.get(next_end..next_took).unwrap_or_default());
                }
                if fed == Fed::Open {
                    if !last && self.lines.have_from(start + at) < csv::MAX_RECORD_BYTES {
                        retry = true;
                        break;
                    }
                    // Only the line with the quote is bad; reading goes on after it.
                    self.record.clear();
                    self.record.feed(text, &self.shape.dialect);
                    used = took;
                    lines_taken = 1;
                }
            }
            if fed == Fed::Open {
                self.record.close();
                fault = Some(CsvFault::QuoteOpen {
                    multiline: self.shape.multiline,
                });
            }
            if self.header_due {
                self.header_due = false;
                self.line += lines_taken;
                at += used;
                continue;
            }
            let found = self.record.len();
            if fault.is_none() && found != self.rows.width {
                fault = Some(width_fault(self.rows.width, found)?);
            }
            for index in 0..found.min(self.rows.width) {
                if let Some((text, quoted)) = self.record.cell(index) {
                    self.rows.push(index, text, quoted);
                }
            }
            let raw = rest.get(..used).unwrap_or_default();
            let keep = match &fault {
                None => true,
                Some(fault) => self.bad.add(self.mode, self.line, trim_line_end(raw), fault)?,
            };
            if self.rows.typed && keep {
                self.rows.origins.push((self.line, start + at, start + at + used));
            }
            self.rows.end_row(keep);
            self.line += lines_taken;
            at += used;
        }
        let next = self.batch()?;
        self.lines.consume(start + at);
        if retry {
            self.lines.grow();
        }
        Ok(next)
    }

    fn batch(&mut self) -> Result<Next, ReadError> {
        let rows = std::mem::take(&mut self.rows.rows);
        let origins = std::mem::take(&mut self.rows.origins);
        if rows == 0 {
            return Ok(Next::Working);
        }
        let mut columns = Vec::with_capacity(self.rows.columns.len());
        let mut dropped: Vec<bool> = Vec::new();
        let mut faulty: Vec<bool> = Vec::new();
        for column in &mut self.rows.columns {
            let text = column.finish()?;
            if column.data_type == DataType::String {
                columns.push((column.target, Arc::new(text) as ArrayRef));
                continue;
            }
            let text: ArrayRef = Arc::new(text);
            let cast = batch::cast_array(&text, &DataType::String, &column.data_type).map_err(ReadError::from)?;
            if cast.null_count() > text.null_count() {
                let texts = text.as_any().downcast_ref::<StringArray>();
                for row in 0..rows {
                    let lost = cast.is_null(row) && !text.is_null(row) && !(self.shape.lazy && texts.is_some_and(|t| t.value(row).is_empty()));
                    if !lost {
                        continue;
                    }
                    faulty.resize(rows, false);
                    if faulty.get(row) == Some(&true) {
                        continue;
                    }
                    if let Some(flag) = faulty.get_mut(row) {
                        *flag = true;
                    }
                    let (line, from, to) = origins.get(row).copied().unwrap_or_default();
                    let raw = trim_line_end(self.lines.bytes(from, to));
                    let fault = CsvFault::Cast {
                        column: column.name.clone(),
                        data_type: column.data_type.to_string(),
                    };
                    if !self.bad.add(self.mode, line, raw, &fault)? {
                        dropped.resize(rows, false);
                        if let Some(flag) = dropped.get_mut(row) {
                            *flag = true;
                        }
                    }
                }
            }
            columns.push((column.target, cast));
        }
        if dropped.is_empty() {
            return Ok(Next::Columns { rows, columns });
        }
        let keep: BooleanArray = (0..rows).map(|row| Some(dropped.get(row) != Some(&true))).collect();
        let rows = keep.true_count();
        let columns = columns
            .into_iter()
            .map(|(target, array)| Ok((target, filter(&array, &keep)?)))
            .collect::<Result<Vec<_>, ReadError>>()?;
        Ok(Next::Columns { rows, columns })
    }

    pub fn bad(&self) -> &BadRows {
        &self.bad
    }
}

fn width_fault(expected: usize, found: usize) -> Result<CsvFault, ReadError> {
    if found > MAX_COLUMNS {
        return Err(ReadError::new(format!("a row has {found} columns; a CSV file may have at most {MAX_COLUMNS}")));
    }
    Ok(if found < expected {
        CsvFault::TooFew { expected, found }
    } else {
        CsvFault::TooMany { expected, found }
    })
}

fn trim_line_end(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    raw.strip_suffix(b"\r").unwrap_or(raw)
}
