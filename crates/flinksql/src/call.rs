//! `sluice:RunFlinkSql`: a script with rows in, what its queries make of them out.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value as Json, json};

use crate::ddl::Table;
use crate::error::{Error, Result};
use crate::ops::Change;
use crate::run::{Arrival, Ran, Script, run};
use crate::value::{Kind, Row, Value};

/// The most rows of a call, over all tables.
const MOST_ROWS: usize = 100_000;

/// Answers `{Script, Tables?: {name: [{column: value, …, "arrival"?: ms, "kind"?: "+I"}]}}`:
/// `{Queries: [{Sink, Columns: [{Name, Type}], Plan: [line], Rows: [{Kind, Row: [cell], At, Watermark?}], NumLateRecordsDropped}], Watermarks: {table: [[at, watermark]]}}`.
/// `At` and `arrival` are milliseconds of processing time; a watermark is left out before there is one, and `null` at the end of input.
///
/// # Errors
/// What is wrong, with line and column of the script or table and row.
pub fn call(params: &Json) -> core::result::Result<Json, String> {
    answer(params).map_err(|error| error.to_string())
}

fn answer(params: &Json) -> Result<Json> {
    let text = params["Script"].as_str().ok_or_else(|| Error::run("Script is missing"))?;
    let mut script = Script::read(text)?;
    let given = params["Tables"].as_object();
    for name in given.into_iter().flat_map(Map::keys) {
        if !script.catalog.tables.iter().any(|table| table.name == *name) {
            return Err(Error::run(format!("Tables: the script creates no table '{name}'")));
        }
    }
    let count: usize = given.into_iter().flat_map(Map::values).filter_map(Json::as_array).map(Vec::len).sum();
    if count > MOST_ROWS {
        return Err(Error::run(format!("Tables: {count} rows are more than {MOST_ROWS}")));
    }
    let tables = script.catalog.tables.iter();
    let rows = tables
        .map(|table| rows(table, given.and_then(|given| given.get(&table.name))))
        .collect::<Result<Vec<_>>>()?;
    let ran = run(&mut script, rows)?;
    Ok(say(&script, &ran))
}

fn rows(table: &Table, given: Option<&Json>) -> Result<Vec<Arrival>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let wrong = |at: usize, reason: String| Error::run(format!("Tables: {}[{at}]: {reason}", table.name));
    let list = given
        .as_array()
        .ok_or_else(|| Error::run(format!("Tables: {} is no list of rows", table.name)))?;
    let mut rows = Vec::new();
    for (at, given) in list.iter().enumerate() {
        let cells = given.as_object().ok_or_else(|| wrong(at, String::from("it is no object")))?;
        let mut row = Row::new();
        for column in &table.columns {
            row.push(match (&column.computed, cells.get(&column.key)) {
                (None, Some(cell)) => Value::read(cell, column.ty).map_err(|reason| wrong(at, format!("{}: {reason}", column.name)))?,
                _ => Value::Null,
            });
        }
        let kind = match cells
            .get("kind")
            .and_then(Json::as_str)
            .filter(|_| table.columns.iter().all(|column| column.key != "kind"))
        {
            None | Some("+I") => Kind::Insert,
            Some("-U") => Kind::UpdateBefore,
            Some("+U") => Kind::UpdateAfter,
            Some("-D") => Kind::Delete,
            Some(other) => return Err(wrong(at, format!("kind {other:?} is none of +I, -U, +U, -D"))),
        };
        let arrival = match cells.get("arrival").filter(|_| table.columns.iter().all(|column| column.key != "arrival")) {
            None => 0,
            Some(arrival) => arrival
                .as_i64()
                .filter(|at| at.unsigned_abs() < 1 << 53)
                .ok_or_else(|| wrong(at, format!("arrival {arrival} is no instant in milliseconds")))?,
        };
        rows.push(Arrival {
            at: arrival,
            change: Change { kind, row },
        });
    }
    Ok(rows)
}

fn say(script: &Script, ran: &Ran) -> Json {
    let watermark = |of: i64| if of == i64::MAX { Json::Null } else { json!(of) };
    let queries = script.queries.iter().zip(&ran.rows).zip(&ran.late).map(|((query, rows), late)| {
        let columns: Vec<Json> = query.planned.fields.iter().map(|field| json!({"Name": field.name, "Type": field.ty.name()})).collect();
        let rows = rows.iter().map(|out| {
            let cells: Vec<Json> = out.change.row.iter().map(Value::json).collect();
            let mut said = json!({"Kind": out.change.kind.short(), "Row": cells, "At": out.at});
            if out.watermark != i64::MIN {
                said["Watermark"] = watermark(out.watermark);
            }
            said
        });
        json!({
            "Sink": query.sink, "Columns": columns, "Plan": query.planned.explain, "Explain": query.explain, "Rows": rows.collect::<Vec<_>>(), "NumLateRecordsDropped": late,
        })
    });
    let watermarks: Map<String, Json> = ran
        .watermarks
        .iter()
        .map(|(table, said)| (table.to_string(), said.iter().map(|(at, of)| json!([at, watermark(*of)])).collect()))
        .collect();
    json!({"Queries": queries.collect::<Vec<_>>(), "Watermarks": watermarks})
}
