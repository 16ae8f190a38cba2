//! The built-in classifiers that look at text: JSON, then CSV.
//!
//! Belongs here: what the head of one object is, and its columns. Does not belong here: Parquet (its footer says), decompression, how objects become tables.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::account::ObjectFormat;
use crate::etl::infer::Shape;
use crate::etl::{DataType, Field, JsonSchema};

/// A crawler's first look at a file (re:Post, "How does the AWS Glue crawler detect the schema?").
pub const SAMPLE_BYTES: usize = 1 << 20;
/// Of a CSV file no more than this many records are read, even within [`SAMPLE_BYTES`].
pub const SAMPLE_RECORDS: usize = 1_000;
/// A JSON file is read on in steps of [`SAMPLE_BYTES`] up to this, until one record is whole.
pub const JSON_SAMPLE_BYTES: usize = 10 << 20;
/// `col0` is the first column of a file without header (the classifier's documentation counts from 1, crawlers from 0).
pub const FIRST_COLUMN: usize = 0;

/// The delimiters of the built-in CSV classifier, in the order in which they are tried.
const DELIMITERS: [char; 5] = [',', '|', '\t', ';', '\u{1}'];

/// How the note begins that says that values are in quotes (the table parameter `areColumnsQuoted` follows it).
pub(super) const QUOTED: &str = "Values are in quotes";

/// What the head of an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classified {
    /// `csv`, `json` or `UNKNOWN`.
    pub classification: String,
    pub format: Option<ObjectFormat>,
    /// Columns in file order, names as in the file.
    pub columns: Vec<Field>,
    /// Data rows in the sample (a header is none), and the bytes of the sample up to the last of them: `rows / bytes` extrapolates to the object.
    pub rows: u64,
    pub bytes: u64,
    /// Why it is `UNKNOWN`, or what was odd.
    pub notes: Vec<String>,
}

impl Classified {
    fn unknown(note: impl Into<String>) -> Self {
        Classified {
            classification: "UNKNOWN".into(),
            format: None,
            columns: Vec::new(),
            rows: 0,
            bytes: 0,
            notes: Vec::from([note.into()]),
        }
    }
}

/// Classifies the (already decompressed) head of a CSV or JSON object. `complete`: the sample is the whole object.
///
/// At most the first [`JSON_SAMPLE_BYTES`] of JSON and [`SAMPLE_BYTES`] or [`SAMPLE_RECORDS`] of CSV are looked at, as crawlers do.
pub fn classify(sample: &[u8], complete: bool) -> Classified {
    if sample.is_empty() {
        return Classified::unknown("The object is empty: there is no data to find a schema in.");
    }
    if sample.starts_with(&[0xFF, 0xFE]) || sample.starts_with(&[0xFE, 0xFF]) {
        return Classified::unknown("The text is UTF-16 (byte order mark at its start). Crawlers read UTF-8: save the file as UTF-8 and upload it again.");
    }
    let sample = sample.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(sample);
    let (text, mut notes) = match decode(head(sample, JSON_SAMPLE_BYTES), complete) {
        Ok(decoded) => decoded,
        Err(note) => return Classified::unknown(note),
    };
    let complete = complete && sample.len() <= JSON_SAMPLE_BYTES;
    let mut found = match text.trim_start().chars().next() {
        None => Classified::unknown("The object holds white space only."),
        Some('{') => match json(&text, complete) {
            Ok(found) => found,
            // Classifiers are tried in turn: what is no JSON may still be CSV.
            Err(note) => {
                let mut found = csv(&text, complete);
                found.notes.insert(0, note);
                found
            }
        },
        Some('[') if is_json_array(&text) => Classified::unknown(
            "The file is one JSON array. The built-in classifier reads whole objects and JSON lines: write one object a line, or give the crawler a custom JSON classifier with the path $[*].",
        ),
        Some(_) => csv(&text, complete),
    };
    found.notes.append(&mut notes);
    found
}

fn head(bytes: &[u8], limit: usize) -> &[u8] {
    bytes.get(..limit).unwrap_or(bytes)
}

/// The sample as text. `Err`: it is no text, and why.
fn decode(bytes: &[u8], complete: bool) -> Result<(Cow<'_, str>, Vec<String>), String> {
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        let even = bytes.iter().step_by(2).take(512).filter(|b| **b == 0).count();
        let odd = bytes.iter().skip(1).step_by(2).take(512).filter(|b| **b == 0).count();
        let half = bytes.len().min(1024) / 4;
        return Err(if bytes.len() >= 4 && (even > half) != (odd > half) {
            "The text is UTF-16 without a byte order mark. Crawlers read UTF-8: save the file as UTF-8 and upload it again.".into()
        } else {
            format!("There is a NUL byte at offset {at}: this is no text file.")
        });
    }
    let (text, fault): (Cow<'_, str>, Option<usize>) = match core::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        // A character cut in two by the end of the sample is no fault.
        Err(error) if error.error_len().is_none() && !complete => {
            (Cow::Borrowed(core::str::from_utf8(head(bytes, error.valid_up_to())).unwrap_or_default()), None)
        }
        Err(error) => (String::from_utf8_lossy(bytes), Some(error.valid_up_to())),
    };
    let strange = text
        .chars()
        .filter(|c| *c == '\u{FFFD}' || (c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{1}' | '\u{C}')))
        .count();
    if strange.saturating_mul(20) > text.chars().count() {
        return Err("More than one character in twenty is a control character or no UTF-8: this is a binary file of no format that is known here.".into());
    }
    let notes = fault
        .map(|at| format!("The byte at offset {at} is no UTF-8: such characters show as \u{FFFD}. Save the file as UTF-8 to keep them."))
        .into_iter()
        .collect();
    Ok((text, notes))
}

fn is_json_array(text: &str) -> bool {
    // `[x],[y]` may be the first line of a CSV file: an array starts with a JSON value.
    let rest = text.trim_start().trim_start_matches('[').trim_start();
    matches!(rest.chars().next(), Some('{' | '[' | ']' | '"' | '-' | '0'..='9' | 't' | 'f' | 'n'))
        && match serde_json::from_str::<Shape>(text.trim()) {
            Ok(_) => true,
            Err(error) => error.is_eof(),
        }
}

/// `Err`: the very first record is no JSON, and why.
fn json(text: &str, complete: bool) -> Result<Classified, String> {
    let mut limit = SAMPLE_BYTES;
    loop {
        let cut = floor_char_boundary(text, limit);
        let whole = complete && cut == text.len();
        let sample = text.get(..cut).unwrap_or(text);
        match json_records(sample, whole)? {
            Some(found) => return Ok(found),
            None if cut < text.len() => limit += SAMPLE_BYTES,
            None => return Ok(Classified::unknown(format!("There is no whole JSON record in the first {cut} bytes."))),
        }
    }
}

fn floor_char_boundary(text: &str, limit: usize) -> usize {
    if limit >= text.len() {
        return text.len();
    }
    (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// `None`: no record is whole.
fn json_records(text: &str, complete: bool) -> Result<Option<Classified>, String> {
    let mut schema = JsonSchema::new();
    let mut rows = 0_u64;
    let mut bytes = 0_usize;
    let mut one_a_line = true;
    let mut records = serde_json::Deserializer::from_str(text).into_iter::<Shape>();
    loop {
        let start = records.byte_offset();
        match records.next() {
            None => break,
            Some(Ok(shape)) => {
                let end = records.byte_offset();
                if !schema.observe_shape(shape) {
                    let line = line_of(text, end);
                    return Ok(Some(Classified::unknown(format!(
                        "Record {} (line {line}) is JSON, but no object: a table needs objects.",
                        rows + 1
                    ))));
                }
                let record = text.get(start..end).unwrap_or_default().trim();
                let follows = text.get(end..).unwrap_or_default();
                let rest_of_line = follows.split(['\n', '\r']).next().unwrap_or_default();
                if record.contains(['\n', '\r']) || !rest_of_line.trim().is_empty() {
                    one_a_line = false;
                }
                rows += 1;
                bytes = end;
            }
            Some(Err(error)) if error.is_eof() && (!complete || rows > 0) => {
                if complete {
                    return Ok(Some(Classified::unknown(format!(
                        "The last record (after {rows} whole ones) ends before its closing brace: the file looks cut off."
                    ))));
                }
                break;
            }
            Some(Err(error)) if rows == 0 => return Err(format!("The file starts with a brace, but is no JSON ({error}).")),
            Some(Err(error)) => {
                return Ok(Some(Classified::unknown(format!(
                    "Line {} is no JSON ({error}), though the file starts like JSON. {rows} records before it are fine.",
                    error.line()
                ))));
            }
        }
    }
    if rows == 0 {
        return Ok(None);
    }
    let notes = schema.notes().to_vec();
    let columns = schema.finish();
    if columns.is_empty() {
        return Ok(Some(Classified::unknown("The JSON objects have no members: there is no column.")));
    }
    Ok(Some(Classified {
        classification: "json".into(),
        format: Some(ObjectFormat::Json { multiline: !one_a_line }),
        columns,
        rows,
        bytes: bytes as u64,
        notes,
    }))
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count() + 1
}

/// One line of the file: its number, counted from 1 and blank lines too, and its text.
struct Line<'a> {
    number: usize,
    text: &'a str,
    /// Bytes with the line end.
    size: usize,
}

/// Lines as Hadoop's LineReader sees them: ended by `\n`, `\r\n` or `\r`. Blank lines hold no record.
fn lines(text: &str, complete: bool) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let (line, next) = match rest.find(['\n', '\r']) {
            Some(at) => {
                let (line, tail) = rest.split_at(at);
                (line, tail.strip_prefix("\r\n").or_else(|| tail.get(1..)).unwrap_or_default())
            }
            // The sample may have cut this line.
            None if !complete => break,
            None => (rest, ""),
        };
        if !line.trim_matches([' ', '\t']).is_empty() || line.contains('\t') {
            found.push(Line {
                number,
                text: line,
                size: rest.len() - next.len(),
            });
        }
        if found.len() > SAMPLE_RECORDS {
            break;
        }
        rest = next;
    }
    found.truncate(SAMPLE_RECORDS + 1);
    found
}

struct Cell<'a> {
    text: Cow<'a, str>,
    quoted: bool,
}

/// Splits a line, seeing double quotes. A quote that is not closed before a delimiter or the end is data.
fn split(line: &str, delimiter: char) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, next) = match quoted(rest, delimiter) {
            Some((text, next)) => (Cell { text, quoted: true }, next),
            None => match rest.split_once(delimiter) {
                Some((cell, next)) => (plain(cell), Some(next)),
                None => (plain(rest), None),
            },
        };
        cells.push(cell);
        match next {
            Some(next) => rest = next,
            None => return cells,
        }
    }
}

fn plain(text: &str) -> Cell<'_> {
    Cell {
        text: Cow::Borrowed(text.trim_matches([' ', '\t'])),
        quoted: false,
    }
}

/// A cell in double quotes at the start of `text`, and what follows its delimiter.
fn quoted(text: &str, delimiter: char) -> Option<(Cow<'_, str>, Option<&str>)> {
    let body = text.trim_start_matches(' ').strip_prefix('"')?;
    let mut from = 0;
    loop {
        let at = from + body.get(from..)?.find('"')?;
        let after = body.get(at + 1..)?;
        if after.starts_with('"') {
            from = at + 2;
            continue;
        }
        let after = after.trim_start_matches(' ');
        let next = match after.strip_prefix(delimiter) {
            Some(next) => Some(next),
            None if after.is_empty() => None,
            None => return None,
        };
        let inner = body.get(..at)?;
        return Some((
            if inner.contains("\"\"") {
                Cow::Owned(inner.replace("\"\"", "\""))
            } else {
                Cow::Borrowed(inner)
            },
            next,
        ));
    }
}

/// What one cell parses as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CellType {
    Empty,
    Boolean,
    Long,
    Double,
    String,
}

fn cell_type(cell: &Cell<'_>) -> CellType {
    let text = cell.text.trim();
    if text.is_empty() {
        CellType::Empty
    } else if cell.quoted {
        // The SerDe hands the quotes on, so the value is no number to it.
        CellType::String
    } else if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        CellType::Boolean
    } else if is_decimal(text) {
        if text.parse::<i64>().is_ok() { CellType::Long } else { CellType::Double }
    } else {
        CellType::String
    }
}

/// Sign, digits with at most one point, exponent. No `NaN`, no `1_000`, no hexadecimal.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent.is_none_or(|e| !e.is_empty() && digits(e))
}

fn merge(seen: CellType, new: CellType) -> CellType {
    use CellType as T;
    match (seen, new) {
        (T::Empty, other) | (other, T::Empty) => other,
        (l, r) if l == r => l,
        (T::Long | T::Double, T::Long | T::Double) => T::Double,
        _ => T::String,
    }
}

fn catalog_type(seen: CellType) -> DataType {
    match seen {
        CellType::Boolean => DataType::Boolean,
        CellType::Long => DataType::Long,
        CellType::Double => DataType::Double,
        // A column without a value is a string.
        CellType::Empty | CellType::String => DataType::String,
    }
}

/// A column name by the catalog's pattern: 1 to 255 characters of one line, no control characters but tab.
fn is_column_name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 255 && text.chars().all(|c| c == '\t' || !c.is_control())
}

fn column_types<'a>(rows: impl Iterator<Item = &'a Vec<Cell<'a>>>, width: usize) -> Vec<CellType> {
    let mut types = alloc::vec![CellType::Empty; width];
    for row in rows {
        for (seen, cell) in types.iter_mut().zip(row) {
            *seen = merge(*seen, cell_type(cell));
        }
    }
    types
}

fn csv(text: &str, complete: bool) -> Classified {
    let cut = floor_char_boundary(text, SAMPLE_BYTES);
    let complete = complete && cut == text.len();
    let sample = text.get(..cut).unwrap_or(text);
    let mut lines = lines(sample, complete);
    if lines.is_empty() {
        return Classified::unknown(format!("There is no line end in the first {cut} bytes: not one whole row was found."));
    }
    lines.truncate(SAMPLE_RECORDS);
    if lines.len() < 2 {
        return Classified::unknown("There is one row only. The CSV classifier needs at least two rows; a header without data is no table.");
    }

    // The delimiter that gives most rows the width of the first one; the earlier in the list wins a tie.
    let mut best: Option<(usize, char, usize)> = None;
    for delimiter in DELIMITERS {
        let Some(width) = lines.first().map(|line| split(line.text, delimiter).len()).filter(|width| *width >= 2) else {
            continue;
        };
        let fitting = lines.iter().filter(|line| split(line.text, delimiter).len() == width).count();
        if best.is_none_or(|(most, ..)| fitting > most) {
            best = Some((fitting, delimiter, width));
        }
    }
    let Some((fitting, delimiter, width)) = best else {
        return Classified::unknown(
            "The first row has one column with each of the delimiters comma, pipe, tab, semicolon and Ctrl-A. The CSV classifier needs at least two columns.",
        );
    };
    if fitting * 2 <= lines.len() {
        return Classified::unknown(format!(
            "Only {fitting} of the first {} rows have as many columns as the first one ({width}, delimiter {}): this is no CSV.",
            lines.len(),
            delimiter_name(delimiter)
        ));
    }

    let rows: Vec<Vec<Cell<'_>>> = lines.iter().map(|line| split(line.text, delimiter)).collect();
    let mut notes = Vec::new();
    if let Some((line, row)) = lines.iter().zip(&rows).find(|(_, row)| row.len() != width) {
        notes.push(format!(
            "{} of the first {} rows do not have {width} columns; the first of them is line {} with {}.",
            lines.len() - fitting,
            lines.len(),
            line.number,
            row.len()
        ));
    }
    if let Some((line, _)) = lines.iter().zip(&rows).find(|(_, row)| row.iter().any(|cell| cell.quoted)) {
        notes.push(format!(
            "{QUOTED} (first in line {}). LazySimpleSerDe keeps the quotes as data and splits inside them: set the table's SerDe to OpenCSVSerDe, or use a custom CSV classifier.",
            line.number
        ));
    }
    if let Some((line, _)) = lines
        .iter()
        .zip(&rows)
        .find(|(_, row)| row.iter().any(|cell| !cell.quoted && cell.text.starts_with('"')))
    {
        notes.push(format!("A quote in line {} is not closed on its line: it is read as data.", line.number));
    }

    let data_types = column_types(rows.iter().skip(1), width);
    let header = rows.first().filter(|header| is_header(header, &data_types));
    let columns = match header {
        Some(header) => header
            .iter()
            .zip(&data_types)
            .enumerate()
            .map(|(position, (cell, seen))| {
                let name = if cell.text.is_empty() {
                    format!("col{}", position + FIRST_COLUMN)
                } else {
                    cell.text.to_string()
                };
                Field::new(name, catalog_type(*seen))
            })
            .collect(),
        None => {
            let types = column_types(rows.iter(), width);
            if types.iter().all(|t| matches!(t, CellType::String | CellType::Empty)) {
                notes.push(
                    "Every column is string in every row, so the first row can't be told from data: it counts as data, and the columns are col0, col1, …"
                        .into(),
                );
            }
            types
                .iter()
                .enumerate()
                .map(|(position, seen)| Field::new(format!("col{}", position + FIRST_COLUMN), catalog_type(*seen)))
                .collect()
        }
    };
    let skipped = usize::from(header.is_some());
    Classified {
        classification: "csv".into(),
        format: Some(ObjectFormat::Csv {
            delimiter,
            quote: None,
            escape: None,
            header: header.is_some(),
            multiline: false,
        }),
        columns,
        rows: (lines.len() - skipped) as u64,
        bytes: lines.iter().map(|line| line.size as u64).sum(),
        notes,
    }
}

/// The four rules of the built-in CSV classifier (Glue developer guide, "Adding classifiers to a crawler").
fn is_header(header: &[Cell<'_>], data_types: &[CellType]) -> bool {
    let last = header.len().saturating_sub(1);
    let cells_fit = header.iter().enumerate().all(|(position, cell)| {
        if position == last && cell.text.is_empty() {
            // Room for a trailing delimiter: the last column may be empty in the whole file.
            return data_types.get(position).is_none_or(|t| *t == CellType::Empty);
        }
        cell_type(cell) == CellType::String && (position == last || cell.text.chars().count() < 150) && is_column_name(&cell.text)
    });
    cells_fit && data_types.iter().any(|t| !matches!(t, CellType::String | CellType::Empty))
}

fn delimiter_name(delimiter: char) -> String {
    match delimiter {
        '\t' => "tab".into(),
        '\u{1}' => "Ctrl-A".into(),
        other => format!("\"{other}\""),
    }
}
