//! JSON lines, and with `multiline` whole objects or arrays of objects, into columns.
//!
//! A record that is no JSON object is a bad row: every column null under PERMISSIVE (Spark's `JacksonParser` through `FailureSafeParser`). Members that do not
//! read as their column's type are null, and the row is bad too.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::Value as Json;
use sluice_core::etl::csv::{CsvFault, MAX_RECORD_BYTES, is_blank};
use sluice_core::etl::{Field, JsonSchema, ReadMode, Value, batch};

use super::compress::Compression;
use super::csv::check_encoding;
use super::lines::{LineReader, Region, first_line};
use super::{BadRows, Next, ReadError, Wanted};
use crate::bytes::{ByteSource, SourceReader, read_head};
use crate::json_text::read_value;

/// One record's text and the line it starts on.
struct Records {
    lines: LineReader,
    multiline: bool,
    line: u64,
    started: bool,
    /// Multiline: bytes of the record that is open, and where it began.
    open: Vec<u8>,
    open_line: u64,
    depth: u32,
    in_string: bool,
    escaped: bool,
    in_array: bool,
    position: Rc<Cell<u64>>,
}

enum Step {
    /// (line, text, too long)
    Records(Vec<(u64, Vec<u8>, bool)>),
    End,
}

impl Records {
    fn new(source: &Rc<dyn ByteSource>, multiline: bool) -> Result<Self, ReadError> {
        let head = read_head(source.as_ref(), 16)?;
        let raw = SourceReader::new(source.clone());
        let position = raw.position();
        Ok(Records {
            lines: LineReader::new(Compression::of(&head).reader(raw)),
            multiline,
            line: 1,
            started: false,
            open: Vec::new(),
            open_line: 1,
            depth: 0,
            in_string: false,
            escaped: false,
            in_array: false,
            position,
        })
    }

    fn step(&mut self) -> Result<Step, ReadError> {
        let mut found = Vec::new();
        match self.lines.step()? {
            None => {}
            Some(Region::End) => {
                if self.open.iter().any(|byte| *byte > b' ') {
                    found.push((self.open_line, std::mem::take(&mut self.open), false));
                    return Ok(Step::Records(found));
                }
                return Ok(Step::End);
            }
            Some(Region::Oversize { head }) => {
                if !self.started {
                    check_encoding(&head)?;
                }
                self.started = true;
                found.push((self.line, head, true));
                self.line += 1;
            }
            Some(Region::Lines { start, end, .. }) => {
                let bytes = self.lines.bytes(start, end);
                let mut at = 0;
                if !self.started {
                    check_encoding(bytes)?;
                    if bytes.starts_with(b"\xef\xbb\xbf") {
                        at = 3;
                    }
                    self.started = true;
                }
                if self.multiline {
                    let bytes = bytes.get(at..).unwrap_or_default().to_vec();
                    self.scan(&bytes, &mut found);
                } else {
                    while at < bytes.len() {
                        let (line, _, took) = first_line(bytes.get(at..).unwrap_or_default());
                        if !is_blank(line) {
                            found.push((self.line, line.to_vec(), false));
                        }
                        self.line += 1;
                        at += took;
                    }
                }
                self.lines.consume(end);
            }
        }
        Ok(Step::Records(found))
    }

    /// Cuts the stream into the values of the outermost level; an outermost array is looked into.
    fn scan(&mut self, bytes: &[u8], found: &mut Vec<(u64, Vec<u8>, bool)>) {
        for byte in bytes {
            let byte = *byte;
            if byte == b'\n' {
                self.line += 1;
            }
            if self.in_string {
                self.open.push(byte);
                if self.escaped {
                    self.escaped = false;
                } else if byte == b'\\' {
                    self.escaped = true;
                } else if byte == b'"' {
                    self.in_string = false;
                }
                continue;
            }
            if self.depth == 0 {
                match byte {
                    b'[' if self.open.is_empty() && !self.in_array => {
                        self.in_array = true;
                        continue;
                    }
                    b']' if self.in_array => {
                        self.in_array = false;
                        self.end_value(found);
                        continue;
                    }
                    b',' if self.in_array => {
                        self.end_value(found);
                        continue;
                    }
                    b if b <= b' ' => {
                        self.end_value(found);
                        continue;
                    }
                    _ => {}
                }
            }
            if self.open.is_empty() {
                self.open_line = self.line;
            }
            self.open.push(byte);
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.end_value(found);
                    }
                }
                _ => {}
            }
            if self.open.len() > MAX_RECORD_BYTES {
                let head = self.open.get(..2048).unwrap_or_default().to_vec();
                self.open.clear();
                self.depth = 0;
                self.in_string = false;
                found.push((self.open_line, head, true));
            }
        }
    }

    fn end_value(&mut self, found: &mut Vec<(u64, Vec<u8>, bool)>) {
        if !self.open.is_empty() {
            found.push((self.open_line, std::mem::take(&mut self.open), false));
        }
    }
}

/// Finds the columns of one JSON object, a region a step.
pub struct JsonInference {
    records: Records,
    schema: JsonSchema,
    rows: u64,
    mode: ReadMode,
    bad: BadRows,
}

impl JsonInference {
    pub fn new(source: &Rc<dyn ByteSource>, multiline: bool, mode: ReadMode, bucket: &str, key: &str) -> Result<Self, ReadError> {
        Ok(JsonInference {
            records: Records::new(source, multiline)?,
            schema: JsonSchema::new(),
            rows: 0,
            mode,
            bad: BadRows::new(bucket, key),
        })
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// `false` at the end. Errors: a record that is no JSON, under FAILFAST.
    pub fn step(&mut self) -> Result<bool, ReadError> {
        match self.records.step()? {
            Step::End => Ok(false),
            Step::Records(records) => {
                for (line, text, long) in records {
                    self.rows += 1;
                    let observed = !long && std::str::from_utf8(&text).is_ok_and(|text| self.schema.observe_text(text).is_ok());
                    if !observed && self.mode == ReadMode::FailFast {
                        let reason = if long { CsvFault::TooLong.to_string() } else { not_json(&text) };
                        self.bad.add_reason(self.mode, line, &text, &reason)?;
                    }
                }
                Ok(true)
            }
        }
    }

    pub fn finish(self) -> Vec<Field> {
        self.schema.finish()
    }
}

fn not_json(text: &[u8]) -> String {
    match serde_json::from_slice::<Json>(text) {
        Ok(Json::Object(_)) => "the record is a JSON object".to_owned(),
        Ok(_) => "the record is JSON, but no object".to_owned(),
        Err(error) => format!("the record is not JSON: {error}"),
    }
}

/// Reads one JSON object.
pub struct JsonReader {
    records: Records,
    mode: ReadMode,
    wanted: Vec<Wanted>,
    any_case: bool,
    bad: BadRows,
}

impl JsonReader {
    /// `any_case`: names match whatever their case, as a catalog table's columns do.
    pub fn new(source: &Rc<dyn ByteSource>, multiline: bool, mode: ReadMode, wanted: Vec<Wanted>, any_case: bool, bad: BadRows) -> Result<Self, ReadError> {
        Ok(JsonReader {
            records: Records::new(source, multiline)?,
            mode,
            wanted,
            any_case,
            bad,
        })
    }

    pub fn position(&self) -> Rc<Cell<u64>> {
        self.records.position.clone()
    }

    pub fn bad(&self) -> &BadRows {
        &self.bad
    }

    pub fn step(&mut self) -> Result<Next, ReadError> {
        let records = match self.records.step()? {
            Step::End => return Ok(Next::End),
            Step::Records(records) => records,
        };
        let live: Vec<usize> = self
            .wanted
            .iter()
            .enumerate()
            .filter(|(_, wanted)| wanted.file_column.is_some())
            .map(|(index, _)| index)
            .collect();
        let mut columns: Vec<Vec<Value>> = live.iter().map(|_| Vec::with_capacity(records.len())).collect();
        let mut rows = 0;
        for (line, text, long) in records {
            let mut fault: Option<String> = None;
            let members = if long {
                fault = Some(CsvFault::TooLong.to_string());
                None
            } else {
                match serde_json::from_slice::<Json>(&text) {
                    Ok(Json::Object(members)) => Some(members),
                    _ => {
                        fault = Some(not_json(&text));
                        None
                    }
                }
            };
            let mut row = Vec::with_capacity(live.len());
            for index in &live {
                let Some(wanted) = self.wanted.get(*index) else { continue };
                let member = members.as_ref().and_then(|members| {
                    members.get(&wanted.name).or_else(|| {
                        let found = members.iter().find(|(name, _)| self.any_case && name.eq_ignore_ascii_case(&wanted.name));
                        found.map(|(_, member)| member)
                    })
                });
                row.push(match member {
                    None => Value::Null,
                    Some(member) => match read_value(member, &wanted.data_type) {
                        Some(value) => value,
                        None => {
                            fault.get_or_insert_with(|| {
                                CsvFault::Cast {
                                    column: wanted.name.clone(),
                                    data_type: wanted.data_type.to_string(),
                                }
                                .to_string()
                            });
                            Value::Null
                        }
                    },
                });
            }
            if let Some(fault) = fault
                && !self.bad.add_reason(self.mode, line, &text, &fault)?
            {
                continue;
            }
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(Next::Working);
        }
        let columns = live
            .iter()
            .zip(columns)
            .filter_map(|(index, column)| Some((*index, self.wanted.get(*index)?, column)))
            .map(|(index, wanted, column)| Ok((index, batch::from_values(&wanted.data_type, column)?)))
            .collect::<Result<Vec<_>, ReadError>>()?;
        Ok(Next::Columns { rows, columns })
    }
}
