//! The CSV rules of a source, without IO: how a line becomes cells, what a header is called, what makes a row bad.
//!
//! Nulls, blank lines, headers and the treatment of ragged rows follow Spark's reader (`CSVOptions`, `CSVExprUtils`, `CSVHeaderChecker`, `UnivocityParser`,
//! `FailureSafeParser`); quotes and escapes follow Glue's `quoteChar` and `escaper`. A doubled quote inside quotes is one quote.
//! Belongs here: rules over one record. Does not belong here: buffers of a file, arrays, types.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Most columns a record may have (Spark `CSVOptions.maxColumns`).
pub const MAX_COLUMNS: usize = 20_480;

/// Most bytes a record may take, line ends inside quotes included. Ours: Spark has no limit a column by default, a browser tab's memory does.
pub const MAX_RECORD_BYTES: usize = 8 << 20;

/// Most characters of a bad row's line that a report carries.
pub const MAX_RAW_CHARS: usize = 400;

/// A separator of one character as UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    bytes: [u8; 4],
    len: u8,
}

impl Mark {
    pub fn new(mark: char) -> Self {
        let mut bytes = [0; 4];
        let len = mark.encode_utf8(&mut bytes).len() as u8;
        Mark { bytes, len }
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The byte itself, where one byte is the whole mark.
    pub fn single(&self) -> Option<u8> {
        (self.len == 1).then_some(self.bytes[0])
    }

    pub fn first(&self) -> u8 {
        self.bytes[0]
    }

    fn at(&self, text: &[u8], at: usize) -> bool {
        text.get(at) == Some(&self.bytes[0]) && (self.len == 1 || text.get(at..).is_some_and(|rest| rest.starts_with(self.bytes())))
    }
}

/// The separators of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: Mark,
    /// `None`: quotes are data.
    pub quote: Option<Mark>,
    /// What follows it is taken as it is, but for `n`, `r`, `t` and `0` (Glue `escaper`). `None`: a backslash is data.
    pub escape: Option<Mark>,
}

impl Dialect {
    /// An escape that equals the quote is no escape: doubled quotes are read as one anyway.
    pub fn new(delimiter: char, quote: Option<char>, escape: Option<char>) -> Self {
        Dialect {
            delimiter: Mark::new(delimiter),
            quote: quote.map(Mark::new),
            escape: escape.filter(|e| Some(*e) != quote).map(Mark::new),
        }
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Dialect::new(',', Some('"'), None)
    }
}

/// Why a row is bad. `Display` is the reason that a person reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsvFault {
    TooFew { expected: usize, found: usize },
    TooMany { expected: usize, found: usize },
    QuoteOpen { multiline: bool },
    InvalidUtf8,
    Nul,
    TooLong,
    Cast { column: String, data_type: String },
}

impl fmt::Display for CsvFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CsvFault::TooFew { expected, found } => write!(f, "{found} fields where {expected} are expected: the missing ones are null"),
            CsvFault::TooMany { expected, found } => write!(f, "{found} fields where {expected} are expected: the rest is left out"),
            CsvFault::QuoteOpen { multiline: false } => f.write_str("a quote is opened and not closed on this line"),
            CsvFault::QuoteOpen { multiline: true } => {
                write!(
                    f,
                    "a quote is opened and not closed before the end of the file or within {} MiB",
                    MAX_RECORD_BYTES >> 20
                )
            }
            CsvFault::InvalidUtf8 => f.write_str("the line is not valid UTF-8: what could not be decoded is shown as \u{fffd}"),
            CsvFault::Nul => f.write_str("the line holds a NUL byte"),
            CsvFault::TooLong => write!(f, "the line is longer than {} MiB: every column is null", MAX_RECORD_BYTES >> 20),
            CsvFault::Cast { column, data_type } => write!(f, "column \"{column}\" does not read as {data_type}: it is null"),
        }
    }
}

/// Whether a record is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    Done,
    /// A quote is open: feed the line end and the next line, or close.
    Open,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
    quoted: bool,
}

/// The cells of one record, unescaped; its buffers are kept from record to record.
#[derive(Clone, Debug, Default)]
pub struct Record {
    text: Vec<u8>,
    cells: Vec<Span>,
    open: bool,
    cell_start: usize,
}

impl Record {
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.open = false;
        self.cell_start = 0;
    }

    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Cell `index` and whether it was quoted.
    pub fn cell(&self, index: usize) -> Option<(&[u8], bool)> {
        let span = self.cells.get(index)?;
        Some((self.text.get(span.start..span.end)?, span.quoted))
    }

    fn end_cell(&mut self, quoted: bool) {
        self.cells.push(Span {
            start: self.cell_start,
            end: self.text.len(),
            quoted,
        });
        self.cell_start = self.text.len();
        self.open = false;
    }

    /// Takes the line (without its end) that starts or goes on with the record.
    ///
    /// After [`Fed::Open`] feed the line end with [`Record::feed_line_end`] and the next line, or end the record with [`Record::close`].
    /// A quote inside a quoted cell that is followed by neither a quote nor the delimiter makes the cell an unquoted one up to the next delimiter, quotes kept
    /// (Spark's default `unescapedQuoteHandling`, `STOP_AT_DELIMITER`).
    pub fn feed(&mut self, line: &[u8], dialect: &Dialect) -> Fed {
        let delimiter = dialect.delimiter;
        let mut at = 0;
        loop {
            if !self.open {
                match dialect.quote {
                    Some(quote) if quote.at(line, at) => {
                        at += quote.bytes().len();
                        self.open = true;
                    }
                    _ => match self.unquoted(line, at, dialect) {
                        Some(next) => {
                            self.end_cell(false);
                            at = next;
                            continue;
                        }
                        None => {
                            self.end_cell(false);
                            return Fed::Done;
                        }
                    },
                }
            }
            let Some(quote) = dialect.quote else { return Fed::Done };
            // Inside quotes.
            loop {
                if at >= line.len() {
                    return Fed::Open;
                }
                if let Some(escape) = dialect.escape
                    && escape.at(line, at)
                {
                    at += escape.bytes().len();
                    at = self.escaped(line, at);
                    continue;
                }
                if !quote.at(line, at) {
                    let Some(byte) = line.get(at) else { return Fed::Open };
                    self.text.push(*byte);
                    at += 1;
                    continue;
                }
                at += quote.bytes().len();
                if quote.at(line, at) {
                    self.text.extend_from_slice(quote.bytes());
                    at += quote.bytes().len();
                    continue;
                }
                // A closing quote may be followed by blanks (univocity's CsvParser skips them).
                let mut after = at;
                while line.get(after).is_some_and(|b| *b <= b' ') && !delimiter.at(line, after) {
                    after += 1;
                }
                if after >= line.len() {
                    self.end_cell(true);
                    return Fed::Done;
                }
                if delimiter.at(line, after) {
                    self.end_cell(true);
                    at = after + delimiter.bytes().len();
                    break;
                }
                let quoted = self.text.split_off(self.cell_start);
                self.text.extend_from_slice(quote.bytes());
                self.text.extend_from_slice(&quoted);
                self.text.extend_from_slice(quote.bytes());
                self.open = false;
                match self.unquoted(line, at, dialect) {
                    Some(next) => {
                        self.end_cell(false);
                        at = next;
                        break;
                    }
                    None => {
                        self.end_cell(false);
                        return Fed::Done;
                    }
                }
            }
        }
    }

    /// The line end inside an open quote is data.
    pub fn feed_line_end(&mut self, end: &[u8]) {
        if self.open {
            self.text.extend_from_slice(end);
        }
    }

    /// Ends a record whose quote stays open: what came after the quote is the cell.
    pub fn close(&mut self) {
        if self.open {
            self.end_cell(true);
        }
    }

    /// Takes bytes up to the next delimiter, and gives the place after it; `None` at the end of the line.
    fn unquoted(&mut self, line: &[u8], from: usize, dialect: &Dialect) -> Option<usize> {
        let delimiter = dialect.delimiter;
        let mut at = from;
        if dialect.escape.is_none()
            && let Some(byte) = delimiter.single()
        {
            let rest = line.get(from..).unwrap_or_default();
            return match memchr::memchr(byte, rest) {
                Some(end) => {
                    self.text.extend_from_slice(rest.get(..end).unwrap_or_default());
                    Some(from + end + 1)
                }
                None => {
                    self.text.extend_from_slice(rest);
                    None
                }
            };
        }
        while let Some(byte) = line.get(at) {
            if delimiter.at(line, at) {
                return Some(at + delimiter.bytes().len());
            }
            if let Some(escape) = dialect.escape
                && escape.at(line, at)
            {
                at = self.escaped(line, at + escape.bytes().len());
                continue;
            }
            self.text.push(*byte);
            at += 1;
        }
        None
    }

    fn escaped(&mut self, line: &[u8], at: usize) -> usize {
        let Some(byte) = line.get(at) else { return at };
        self.text.push(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'0' => 0,
            other => *other,
        });
        at + 1
    }
}

/// A cell on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub quoted: bool,
}

impl Cell {
    /// Spark's reading: an unquoted empty field is null, a quoted one is `""` (`CSVOptions.nullValue` and `emptyValue`).
    pub fn value(&self) -> Option<&str> {
        (self.quoted || !self.text.is_empty()).then_some(self.text.as_str())
    }
}

/// Splits one line (without its end) into `cells`, which are cleared first. Bytes that are no UTF-8 become U+FFFD.
///
/// Errors: [`CsvFault::QuoteOpen`]; `cells` then hold what was read, the open cell last.
pub fn split_line(line: &[u8], dialect: &Dialect, cells: &mut Vec<Cell>) -> Result<(), CsvFault> {
    let mut record = Record::default();
    let fed = record.feed(line, dialect);
    record.close();
    cells.clear();
    for index in 0..record.len() {
        if let Some((text, quoted)) = record.cell(index) {
            cells.push(Cell {
                text: String::from_utf8_lossy(text).into_owned(),
                quoted,
            });
        }
    }
    match fed {
        Fed::Done => Ok(()),
        Fed::Open => Err(CsvFault::QuoteOpen { multiline: false }),
    }
}

/// Whether Spark's reader passes over the line: nothing but characters up to U+0020 (`CSVExprUtils.filterCommentAndEmpty`, Java's `trim`).
pub fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| *byte <= b' ')
}

/// Column names of a header row, as Spark's `CSVUtils.makeSafeHeader` makes them (case-insensitive).
///
/// An empty or null name becomes `_c<index>`; names that occur more than once each get their index appended.
/// Where that makes a name that another column has, the index is appended again.
pub fn header_names(row: &[Option<&str>]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in row.iter().flatten() {
        *counts.entry(name.to_lowercase()).or_default() += 1;
    }
    let mut seen = BTreeSet::new();
    row.iter()
        .enumerate()
        .map(|(index, name)| {
            let mut safe = match name {
                None | Some("") => format!("_c{index}"),
                Some(name) if counts.get(&name.to_lowercase()).is_some_and(|n| *n > 1) => format!("{name}{index}"),
                Some(name) => (*name).to_owned(),
            };
            while !seen.insert(safe.to_lowercase()) {
                safe = format!("{safe}_{index}");
            }
            safe
        })
        .collect()
}

/// Column names of a file without header: Glue's `col0`, `col1`, …
pub fn positional_names(width: usize) -> Vec<String> {
    (0..width).map(|index| format!("col{index}")).collect()
}

/// The raw line of a bad row as a report carries it.
pub fn raw_excerpt(line: &[u8]) -> String {
    // A character takes at most four bytes.
    let head = line.get(..line.len().min(MAX_RAW_CHARS * 4)).unwrap_or_default();
    String::from_utf8_lossy(head).chars().take(MAX_RAW_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn cells(line: &str, dialect: &Dialect) -> Vec<Option<String>> {
        let mut out = Vec::new();
        split_line(line.as_bytes(), dialect, &mut out).unwrap();
        out.iter().map(|cell| cell.value().map(ToOwned::to_owned)).collect()
    }

    fn some(values: &[&str]) -> Vec<Option<String>> {
        values.iter().map(|v| Some((*v).to_owned())).collect()
    }

    #[test]
    fn fields_nulls_and_quotes() {
        let d = Dialect::default();
        assert_eq!(cells("a,b,c", &d), some(&["a", "b", "c"]));
        assert_eq!(cells("a,,\"\"", &d), vec![Some("a".into()), None, Some(String::new())]);
        assert_eq!(cells("a,b,", &d), vec![Some("a".into()), Some("b".into()), None]);
        assert_eq!(cells("\"a,b\",c", &d), some(&["a,b", "c"]));
        assert_eq!(cells("\"a \"\"b\"\" c\",d", &d), some(&["a \"b\" c", "d"]));
        assert_eq!(cells("\"a\"  ,b", &d), some(&["a", "b"]));
        assert_eq!(cells(" \"a\",b", &d), some(&[" \"a\"", "b"]));
        assert_eq!(cells("\"a\"x,b", &d), some(&["\"a\"x", "b"]));
        assert_eq!(cells("x\"a,b\"y", &d), some(&["x\"a", "b\"y"]));
    }

    #[test]
    fn quotes_off_and_escapes() {
        assert_eq!(cells("\"a,b\"", &Dialect::new(',', None, None)), some(&["\"a", "b\""]));
        let d = Dialect::new(',', Some('"'), Some('\\'));
        assert_eq!(cells("\"a\\\"b\",c\\nd,e\\,f", &d), some(&["a\"b", "c\nd", "e,f"]));
        assert_eq!(cells("a¦b¦«c¦d«", &Dialect::new('¦', Some('«'), None)), some(&["a", "b", "c¦d"]));
    }

    #[test]
    fn open_quote_is_a_fault() {
        let mut out = Vec::new();
        assert_eq!(
            split_line(b"a,\"b,c", &Dialect::default(), &mut out),
            Err(CsvFault::QuoteOpen { multiline: false })
        );
        assert_eq!(out.len(), 2);
        assert_eq!(out[1].text, "b,c");
    }

    #[test]
    fn a_record_goes_over_lines() {
        let d = Dialect::default();
        let mut record = Record::default();
        assert_eq!(record.feed(b"a,\"b", &d), Fed::Open);
        record.feed_line_end(b"\r\n");
        assert_eq!(record.feed(b"c\",d", &d), Fed::Done);
        assert_eq!(record.cell(1), Some((&b"b\r\nc"[..], true)));
        assert_eq!(record.len(), 3);
    }

    #[test]
    fn headers() {
        assert_eq!(
            header_names(&[Some("a"), None, Some(""), Some("B"), Some("b")]),
            vec!["a", "_c1", "_c2", "B3", "b4"]
        );
        let names = header_names(&[Some("a"), Some("a"), Some("a1")]);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 3);
    }
}
