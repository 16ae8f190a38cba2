//! Any object as a table, and what a crawler sees of it.

use std::cell::Cell;
use std::rc::Rc;

use arrow::array::RecordBatch;
use sluice_core::account::{ApiError, CrawledObject, ObjectFormat, ObjectInput, SourceInput};
use sluice_core::catalog::classify;
use sluice_core::etl::csv::{Dialect, is_blank, split_line};
use sluice_core::etl::{Field, ReadMode};
use sluice_protocol::{PREVIEW_ROWS, PeekReply, PeekRequest, TableColumn, TablePage};

use crate::bytes::{ByteSource, SourceReader, read_head};
use crate::format::compress::{Compression, decompressed_head};
use crate::format::csv::check_encoding;
use crate::format::lines::first_line;
use crate::format::parquet::{Footer, ParquetReader, read_footer};
use crate::format::{Next, ReadError, Wanted};
use crate::page::{MAX_PAGE_COLUMNS, MAX_PAGE_ROWS, row_cells};
use crate::source::{Open, Planner, SourceNext, TableReader};

/// Bytes of each object that a crawler reads (AWS: the first megabyte).
const CRAWL_BYTES: usize = 1 << 20;

fn unreadable(object: &ObjectInput, error: &ReadError) -> ApiError {
    let error = error.clone().in_object(&object.bucket, &object.key);
    ApiError::new("UnreadableObject", error.message)
}

/// A page of rows of an object. Rows are counted as far as they were read: to the end of the page, and at least as far as a preview reads.
pub fn peek(request: &PeekRequest, open: &Open) -> Result<PeekReply, ApiError> {
    let object = &request.object;
    peek_object(request, open).map_err(|error| unreadable(object, &error))
}

fn peek_object(request: &PeekRequest, open: &Open) -> Result<PeekReply, ReadError> {
    let object = &request.object;
    let source = open(object)?;
    let format = match &request.format {
        Some(format) => format.clone(),
        None => guess_format(&source)?,
    };
    if format == ObjectFormat::Parquet {
        return peek_parquet(request, source);
    }
    let input = Rc::new(SourceInput {
        objects: vec![object.clone()],
        format: format.clone(),
        table: None,
        mode: ReadMode::Permissive,
    });
    let mut planner = Planner::new(input.clone(), open.clone(), Some(PREVIEW_ROWS));
    let plan = loop {
        match planner.step(&[])? {
            Some(plan) => break plan,
            None => continue,
        }
    };
    let fields = plan.fields.clone();
    let live = (0..fields.len()).map(|index| index < MAX_PAGE_COLUMNS).collect();
    let mut reader = TableReader::new(input, plan, open.clone(), live);
    let mut page = empty_page(&fields, request.offset);
    let wanted = u64::from(request.rows.min(MAX_PAGE_ROWS));
    let read_to = (request.offset + wanted + 1).max(PREVIEW_ROWS);
    let mut done = 0;
    loop {
        match reader.step() {
            Ok(SourceNext::End) => {
                page.complete = true;
                break;
            }
            Ok(SourceNext::Working) => {}
            Ok(SourceNext::Batch(batch)) => {
                take_rows(&mut page, &fields, &batch, done, wanted);
                done += batch.num_rows() as u64;
                if done >= read_to {
                    break;
                }
            }
            // What came before the damage is shown.
            Err(error) if done == 0 => return Err(error),
            Err(_) => break,
        }
    }
    page.total = done;
    Ok(PeekReply {
        format,
        page,
        facts: Vec::new(),
        bad_rows: reader.bad_rows(),
        bad_samples: reader.bad_samples(),
    })
}

fn empty_page(fields: &[Field], offset: u64) -> TablePage {
    TablePage {
        columns: fields
            .iter()
            .take(MAX_PAGE_COLUMNS)
            .map(|field| TableColumn {
                name: field.name.clone(),
                data_type: field.data_type.clone(),
                profile: None,
            })
            .collect(),
        rows: Vec::new(),
        offset,
        total: 0,
        complete: false,
        total_columns: u32::try_from(fields.len()).unwrap_or(u32::MAX),
    }
}

/// Adds the rows of `batch`, which starts at row `first`, that are on the page.
fn take_rows(page: &mut TablePage, fields: &[Field], batch: &RecordBatch, first: u64, wanted: u64) {
    let shown = fields.get(..fields.len().min(MAX_PAGE_COLUMNS)).unwrap_or_default();
    let count = batch.num_rows() as u64;
    let from = page.offset.saturating_sub(first).min(count);
    let to = (page.offset + wanted).saturating_sub(first).min(count);
    for row in from..to {
        page.rows.push(row_cells(shown, batch, row as usize));
    }
}

fn peek_parquet(request: &PeekRequest, source: Rc<dyn ByteSource>) -> Result<PeekReply, ReadError> {
    let footer = read_footer(source)?;
    let facts = parquet_facts(&footer);
    let fields = footer.fields.clone();
    let total = u64::try_from(footer.metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
    let wanted_columns: Vec<Wanted> = fields
        .iter()
        .enumerate()
        .map(|(index, field)| Wanted {
            name: field.name.clone(),
            data_type: field.data_type.clone(),
            file_column: (index < MAX_PAGE_COLUMNS).then_some(index),
        })
        .collect();
    let mut page = empty_page(&fields, request.offset);
    page.total = total;
    page.complete = true;
    let wanted = u64::from(request.rows.min(MAX_PAGE_ROWS));
    if request.offset < total && wanted > 0 {
        let mut reader = ParquetReader::new(footer, &wanted_columns, Rc::new(Cell::new(0)), Some(request.offset))?;
        let shown: Vec<Field> = fields.iter().take(MAX_PAGE_COLUMNS).cloned().collect();
        while (page.rows.len() as u64) < wanted {
            let Next::Columns { rows, mut columns } = reader.step()? else { break };
            columns.sort_by_key(|(target, _)| *target);
            for row in 0..rows.min(usize::try_from(wanted).unwrap_or(usize::MAX) - page.rows.len()) {
                page.rows.push(
                    shown
                        .iter()
                        .zip(&columns)
                        .map(|(field, (_, column))| sluice_core::etl::batch::display_at(column, &field.data_type, row))
                        .collect(),
                );
            }
        }
    }
    Ok(PeekReply {
        format: ObjectFormat::Parquet,
        page,
        facts,
        bad_rows: 0,
        bad_samples: Vec::new(),
    })
}

fn parquet_facts(footer: &Footer) -> Vec<(String, String)> {
    let metadata = footer.metadata.metadata();
    let file = metadata.file_metadata();
    let mut codecs: Vec<String> = Vec::new();
    let (mut stored, mut raw) = (0i64, 0i64);
    for group in metadata.row_groups() {
        for column in group.columns() {
            let codec = column.compression().to_string();
            let codec = codec.split('(').next().unwrap_or_default().to_owned();
            if !codecs.contains(&codec) {
                codecs.push(codec);
            }
            stored = stored.saturating_add(column.compressed_size());
            raw = raw.saturating_add(column.uncompressed_size());
        }
    }
    vec![
        ("Rows".to_owned(), file.num_rows().to_string()),
        ("Columns".to_owned(), footer.fields.len().to_string()),
        ("Row groups".to_owned(), metadata.num_row_groups().to_string()),
        ("Compression".to_owned(), codecs.join(", ")),
        ("Compressed bytes".to_owned(), stored.to_string()),
        ("Uncompressed bytes".to_owned(), raw.to_string()),
        ("Written by".to_owned(), file.created_by().unwrap_or("not said").to_owned()),
        ("Format version".to_owned(), file.version().to_string()),
    ]
}

/// What the bytes look like, for showing them: Parquet by its first bytes, JSON by its first record, else CSV if it is text.
///
/// A crawler is stricter: this takes a first row of words for a header, and one column for a table.
pub fn guess_format(source: &Rc<dyn ByteSource>) -> Result<ObjectFormat, ReadError> {
    let magic = read_head(source.as_ref(), 16)?;
    if magic.starts_with(b"PAR1") {
        return Ok(ObjectFormat::Parquet);
    }
    let (head, complete) = decompressed_head(Compression::of(&magic), Box::new(SourceReader::new(source.clone())), 64 << 10)?;
    check_encoding(&head)?;
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let control = text.iter().filter(|byte| **byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t' | 1)).count();
    // A stray NUL in a short file is a bad row, and no reason to show nothing.
    if control > 3 && control * 50 > text.len() {
        return Err(ReadError::new("the bytes are not text, and no format that can be shown as a table"));
    }
    match text.iter().find(|byte| **byte > b' ') {
        Some(b'{') => {
            let mut rest = text;
            while !rest.is_empty() {
                let (line, _, took) = first_line(rest);
                if !is_blank(line) {
                    let whole = serde_json::from_slice::<serde_json::Value>(line).is_ok();
                    let cut_off = took == rest.len() && !complete;
                    return Ok(ObjectFormat::Json { multiline: !whole && !cut_off });
                }
                rest = rest.get(took..).unwrap_or_default();
            }
            Ok(ObjectFormat::Json { multiline: true })
        }
        Some(b'[') if looks_like_json_array(text) => Ok(ObjectFormat::Json { multiline: true }),
        _ => Ok(guess_csv(text, complete)),
    }
}

fn looks_like_json_array(text: &[u8]) -> bool {
    let mut found = text.iter().filter(|byte| **byte > b' ').skip(1);
    matches!(found.next(), Some(b'{' | b'[' | b'"' | b']' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n'))
}

fn guess_csv(text: &[u8], complete: bool) -> ObjectFormat {
    let mut lines: Vec<&[u8]> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && lines.len() < 50 {
        let (line, _, took) = first_line(rest);
        if !is_blank(line) && (complete || took < rest.len()) {
            lines.push(line);
        }
        rest = rest.get(took..).unwrap_or_default();
    }
    let mut cells = Vec::new();
    let mut best = (0, ',');
    for delimiter in [',', '|', '\t', ';', '\u{1}'] {
        let dialect = Dialect::new(delimiter, Some('"'), None);
        let mut widths = lines.iter().map(|line| {
            let _ = split_line(line, &dialect, &mut cells);
            cells.len()
        });
        let Some(first) = widths.next() else { continue };
        let same = 1 + widths.filter(|width| *width == first).count();
        if first > 1 && same > best.0 {
            best = (same, delimiter);
        }
    }
    let delimiter = best.1;
    let header = lines.first().is_some_and(|line| {
        let _ = split_line(line, &Dialect::new(delimiter, Some('"'), None), &mut cells);
        let wordy = |text: &str| !text.is_empty() && text.len() < 150 && text.parse::<f64>().is_err();
        let last = cells.len().saturating_sub(1);
        cells
            .iter()
            .enumerate()
            .all(|(index, cell)| wordy(cell.text.trim()) || (index == last && index > 0 && cell.text.is_empty()))
    });
    ObjectFormat::Csv {
        delimiter,
        quote: Some('"'),
        escape: None,
        header: header && (lines.len() > 1 || !complete || text.contains(&b',')),
        multiline: true,
    }
}

/// What the built-in classifiers see in each object.
pub fn crawl(objects: &[ObjectInput], open: &Open) -> Vec<CrawledObject> {
    objects.iter().map(|object| crawl_object(object, open)).collect()
}

/// One object; what cannot be read is UNKNOWN, with the reason.
pub fn crawl_object(object: &ObjectInput, open: &Open) -> CrawledObject {
    let mut crawled = CrawledObject {
        bucket: object.bucket.clone(),
        key: object.key.clone(),
        size: object.blob.size,
        classification: "UNKNOWN".to_owned(),
        compression: "none".to_owned(),
        format: None,
        columns: Vec::new(),
        sample_rows: 0,
        sample_bytes: 0,
        notes: Vec::new(),
    };
    if let Err(error) = classify_object(object, open, &mut crawled) {
        crawled.notes.push(error.message);
    }
    crawled
}

fn classify_object(object: &ObjectInput, open: &Open, crawled: &mut CrawledObject) -> Result<(), ReadError> {
    let source = open(object)?;
    let magic = read_head(source.as_ref(), 16)?;
    if magic.is_empty() {
        return Err(ReadError::new("the object is empty"));
    }
    if magic.starts_with(b"PAR1") {
        let footer = read_footer(source)?;
        crawled.classification = "parquet".to_owned();
        crawled.format = Some(ObjectFormat::Parquet);
        crawled.columns = footer.fields;
        crawled.sample_rows = u64::try_from(footer.metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
        crawled.sample_bytes = object.blob.size;
        return Ok(());
    }
    let compression = Compression::of(&magic);
    crawled.compression = compression.name().to_owned();
    let raw = SourceReader::new(source.clone());
    let position = raw.position();
    let (head, complete) = decompressed_head(compression, Box::new(raw), CRAWL_BYTES)?;
    check_encoding(&head)?;
    let classified = classify(&head, complete);
    crawled.sample_rows = classified.rows;
    // Of a compressed object, the stored bytes that the rows took.
    crawled.sample_bytes = match compression {
        Compression::None => classified.bytes,
        _ if head.is_empty() => 0,
        _ => (position.get() as f64 * (classified.bytes as f64 / head.len() as f64)) as u64,
    };
    crawled.classification = classified.classification;
    crawled.format = classified.format;
    crawled.columns = classified.columns;
    crawled.notes = classified.notes;
    Ok(())
}
