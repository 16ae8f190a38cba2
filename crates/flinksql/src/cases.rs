//! Runs the suite `sql` of `tests/cases/flink-cases.json`: what Apache Flink 2.3.0 answered.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value as Json, json};

use crate::ops::Change;
use crate::run::{Arrival, Script, run as run_script};
use crate::value::{Kind, Value, timestamp};

/// Whether a case passes. Error: what was expected and what came, or what of it does not read.
pub fn run(case: &Json) -> Result<(), String> {
    let input = &case["input"];
    let mut text = String::new();
    let tables = input["tables"].as_array().ok_or("tables are missing")?;
    for table in tables {
        text += &create(table)?;
    }
    text += input["sql"].as_str().ok_or("sql is missing")?;
    let mut script = Script::read(&text).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for (given, table) in tables.iter().zip(&script.catalog.tables) {
        let mut of_table = Vec::new();
        for given in given["rows"].as_array().ok_or("rows are missing")? {
            let mut cells = given.as_array().ok_or("a row is a list")?.as_slice();
            let mut kind = Kind::Insert;
            if let Some((Json::String(short), rest)) = cells.split_first()
                && cells.len() == table.columns.len() + 1
            {
                kind = [Kind::Insert, Kind::UpdateBefore, Kind::UpdateAfter, Kind::Delete]
                    .into_iter()
                    .find(|kind| kind.short() == short)
                    .ok_or("a row's kind")?;
                cells = rest;
            }
            let row = table
                .columns
                .iter()
                .zip(cells)
                .map(|(column, cell)| Value::read(cell, column.ty))
                .collect::<Result<_, _>>()?;
            of_table.push(Arrival {
                at: 0,
                change: Change { kind, row },
            });
        }
        rows.push(of_table);
    }
    let ran = run_script(&mut script, rows).map_err(|error| error.to_string())?;
    let say = |value: &Value| value.time().map_or_else(|| value.json(), |at| Json::String(timestamp(at, 'T', true)));
    let got: Vec<Json> = ran
        .rows
        .iter()
        .flatten()
        .map(|out| core::iter::once(json!(out.change.kind.short())).chain(out.change.row.iter().map(say)).collect())
        .collect();
    let expected = &case["expect"]["rows"];
    if *expected == json!(got) {
        Ok(())
    } else {
        Err(format!("expected {expected}, got {}", json!(got)))
    }
}

fn create(table: &Json) -> Result<String, String> {
    let name = |value: &Json| value.as_str().map(|name| format!("`{name}`")).ok_or_else(|| format!("{value} is no name"));
    let mut parts = Vec::new();
    for column in table["columns"].as_array().ok_or("columns are missing")? {
        let ty = match column[1].as_str() {
            Some("TS") => "TIMESTAMP(3)",
            Some(ty) => ty,
            None => return Err(String::from("a column needs a type")),
        };
        parts.push(format!("{} {ty}", name(&column[0])?));
    }
    if let Some(watermark) = table["watermark"].as_array() {
        let expr = watermark.get(1).and_then(Json::as_str).ok_or("a watermark is a column and an expression")?;
        parts.push(format!("WATERMARK FOR {} AS {expr}", name(watermark.first().unwrap_or(&Json::Null))?));
    }
    if let Some(key) = table["primaryKey"].as_array() {
        let columns = key.iter().map(name).collect::<Result<Vec<_>, _>>()?;
        parts.push(format!("PRIMARY KEY ({}) NOT ENFORCED", columns.join(", ")));
    }
    Ok(format!("CREATE TABLE {} ({});\n", name(&table["name"])?, parts.join(", ")))
}

/// As `sluice_core::event_time::cases` has it, so that a host can ask one after the other.
pub fn is_sql(case: &Json) -> bool {
    case["suite"] == "sql"
}
