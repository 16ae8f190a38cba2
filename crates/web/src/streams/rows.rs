//! A file as rows: CSV with a header, or one JSON object a line.
//!
//! Belongs here: how a text becomes rows and times. Does not belong here: what is done with them.

use serde_json::{Map, Value};
use sluice_core::account::ApiError;
use sluice_core::etl::csv::{Dialect, split_line};
use sluice_core::sim::SimTime;

use crate::host::Host;

/// Rows of a file that are read: a call that holds them is kept with the account.
const ROWS: usize = 20_000;
/// Bytes of a file that are read.
const BYTES: f64 = 8.0 * 1_048_576.0;

/// A file's rows as JSON objects, and its columns in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub columns: Vec<String>,
    pub rows: Vec<Map<String, Value>>,
    /// There is more in the file than is read.
    pub cut: bool,
}

/// Error: the line that does not read, and why.
pub fn parse(text: &str) -> Result<Parsed, String> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mut parsed = Parsed::default();
    let json_lines = text.trim_start().starts_with('{');
    let dialect = Dialect::new(',', Some('"'), None);
    let mut cells = Vec::new();
    let mut split = |line: &str, number: usize| -> Result<Vec<Option<String>>, String> {
        cells.clear();
        split_line(line.as_bytes(), &dialect, &mut cells).map_err(|fault| format!("Line {}: {fault}", number + 1))?;
        Ok(cells.iter().map(|cell| cell.value().map(str::to_owned)).collect())
    };
    if !json_lines {
        let Some((number, header)) = lines.next() else {
            return Err("The file is empty.".into());
        };
        parsed.columns = split(header, number)?.into_iter().map(Option::unwrap_or_default).collect();
    }
    for (number, line) in lines {
        if parsed.rows.len() == ROWS {
            parsed.cut = true;
            break;
        }
        let row = if json_lines {
            match serde_json::from_str::<Value>(line) {
                Ok(Value::Object(row)) => row,
                Ok(_) => return Err(format!("Line {}: it is no JSON object.", number + 1)),
                Err(error) => return Err(format!("Line {}: {error}", number + 1)),
            }
        } else {
            let cells = split(line, number)?;
            let named = parsed.columns.iter().cloned().zip(cells);
            named.map(|(name, cell)| (name, cell.map_or(Value::Null, Value::from))).collect()
        };
        for name in row.keys() {
            if !parsed.columns.contains(name) {
                parsed.columns.push(name.clone());
            }
        }
        parsed.rows.push(row);
    }
    if parsed.rows.is_empty() {
        Err("The file has no rows.".into())
    } else {
        Ok(parsed)
    }
}

/// A cell as a text; empty for none.
pub fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Seconds since the epoch of a time: ISO 8601, or a number of seconds or milliseconds since the epoch.
pub fn seconds(text: &str) -> Option<f64> {
    if let Ok(number) = text.trim().parse::<f64>() {
        return Some(if number > 1e11 { number / 1_000.0 } else { number });
    }
    let iso = text.trim().replacen(' ', "T", 1);
    SimTime::parse(&iso).map(|time| time.micros() as f64 / 1e6)
}

/// The rows of an object, said as `bucket/key`. Error: the path, the store's, or the line that does not read.
pub async fn of_object(host: Host, path: &str) -> Result<Parsed, ApiError> {
    let wrong = |message: String| ApiError::new("InvalidFile", message);
    let path = path.trim().trim_start_matches("s3://");
    let (bucket, key) = path.split_once('/').ok_or_else(|| wrong("A file is said as bucket/key.".into()))?;
    let blob = host.fetch(bucket, key, serde_json::json!({})).await?;
    if blob.size() > BYTES {
        return Err(wrong("The file is larger than 8 MB, which is the most that is read here.".into()));
    }
    let text = wasm_bindgen_futures::JsFuture::from(blob.text())
        .await
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default();
    parse(&text).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_json_lines_become_rows() {
        let csv = parse("id,time,note\n1,2026-01-01T00:00:05Z,\"a, b\"\n\n2,2026-01-01T00:00:00Z,\n").unwrap();
        assert_eq!(csv.columns, ["id", "time", "note"]);
        assert_eq!(csv.rows[0]["note"], "a, b");
        assert_eq!(csv.rows[1]["note"], Value::Null);
        let lines = parse("{\"a\": 1}\n{\"b\": 2}\n").unwrap();
        assert_eq!(lines.columns, ["a", "b"]);
    }

    #[test]
    fn bad_files_name_the_place() {
        assert_eq!(parse("{\"a\": 1}\n[2]\n"), Err("Line 2: it is no JSON object.".into()));
        assert!(parse("").is_err() && parse("a,b\n").is_err());
    }

    #[test]
    fn times_are_read_in_three_forms() {
        assert_eq!(seconds("1700000000"), Some(1.7e9));
        assert_eq!(seconds("1700000000500"), Some(1_700_000_000.5));
        assert_eq!(seconds("1970-01-01 00:00:05Z"), Some(5.0));
        assert_eq!(seconds("soon"), None);
    }
}
