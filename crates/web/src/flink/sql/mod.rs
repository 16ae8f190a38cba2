//! Flink SQL: a script and rows in, each query's changes out over time, and what they add up to at any instant.
//!
//! Belongs here: the pane. Does not belong here: what SQL means, which `sluice:RunFlinkSql` answers.

mod examples;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sluice_core::account::ApiError;

use super::answer::Ms;
use super::time::instant;
use crate::components::Fault;
use crate::figures::{Choice, address};
use crate::format::plural;
use crate::host::{parse, use_host};
use examples::EXAMPLES;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Answer {
    queries: Vec<Query>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Query {
    sink: String,
    columns: Vec<Column>,
    plan: Vec<String>,
    explain: bool,
    rows: Vec<Row>,
    num_late_records_dropped: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Column {
    name: String,
    #[serde(rename = "Type")]
    kind: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Row {
    kind: String,
    row: Vec<Value>,
    at: Ms,
    /// `None`: there was none yet; null: the end of input.
    #[serde(deserialize_with = "said")]
    watermark: Option<Value>,
}

/// What is said, null too.
fn said<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The tables of a text: a line `name:` begins one, each other line is a row of it as a JSON object. Error: the line that does not read.
fn tables(text: &str) -> Result<Value, String> {
    let mut tables = Map::new();
    let mut name = String::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if let Some(of) = line.strip_suffix(':').filter(|of| !of.contains(['{', '"'])) {
            of.trim().clone_into(&mut name);
            tables.insert(name.clone(), json!([]));
            continue;
        }
        let row: Value = serde_json::from_str(line).map_err(|error| format!("Rows, line {}: {error}", number + 1))?;
        match tables.get_mut(&name).and_then(Value::as_array_mut) {
            Some(rows) => rows.push(row),
            None => {
                return Err(format!(
                    "Rows, line {}: there is no table yet; begin one with its name and a colon.",
                    number + 1
                ));
            }
        }
    }
    Ok(Value::Object(tables))
}

/// What changes add up to by an instant, in the order in which rows came.
fn standing(rows: &[Row], now: f64) -> Vec<Vec<Value>> {
    let mut standing: Vec<Vec<Value>> = Vec::new();
    for row in rows.iter().filter(|row| row.at.0 <= now) {
        if matches!(row.kind.as_str(), "+I" | "+U") {
            standing.push(row.row.clone());
        } else if let Some(at) = standing.iter().position(|kept| *kept == row.row) {
            standing.remove(at);
        }
    }
    standing
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::String(text) => text.strip_suffix(".000").unwrap_or(text).to_owned(),
        other => other.to_string(),
    }
}

#[component]
pub fn SqlPane() -> impl IntoView {
    let host = use_host();
    let first = address::get("example").unwrap_or_default();
    let example = RwSignal::new(EXAMPLES.iter().find(|example| example.id == first).unwrap_or(&EXAMPLES[0]).id.to_owned());
    let find = move |id: &str| EXAMPLES.iter().find(|example| example.id == id);
    let text = |read: fn(&examples::Example) -> &'static str| find(&example.get_untracked()).map(read).unwrap_or_default().to_owned();
    let (script, rows) = (RwSignal::new(text(|example| example.script)), RwSignal::new(text(|example| example.rows)));
    let answer = RwSignal::new(None::<Result<Answer, ApiError>>);
    let busy = RwSignal::new(false);
    let now = RwSignal::new(f64::INFINITY);
    let run = move || {
        if busy.get_untracked() {
            return;
        }
        let tables = match tables(&rows.get_untracked()) {
            Ok(tables) => tables,
            Err(message) => {
                answer.set(Some(Err(ApiError::new("InvalidRows", message))));
                return;
            }
        };
        busy.set(true);
        let params = json!({"Script": script.get_untracked(), "Tables": tables});
        spawn_local(async move {
            let ran = host.call("sluice", "RunFlinkSql", params).await.and_then(|answer| parse::<Answer>(&answer));
            let _ = busy.try_set(false);
            let said = match &ran {
                Ok(ran) => format!("{} rows came out.", ran.queries.iter().map(|query| query.rows.len()).sum::<usize>()),
                Err(error) => error.message.clone(),
            };
            host.announce(said);
            let _ = now.try_set(f64::INFINITY);
            let _ = answer.try_set(Some(ran));
        });
    };
    run();
    let pick = Callback::new(move |id: String| {
        if let Some(example) = find(&id) {
            script.set(example.script.into());
            rows.set(example.rows.into());
        }
        address::put(&vec![("example", if id == EXAMPLES[0].id { String::new() } else { id.clone() })]);
        example.set(id);
        run();
    });
    on_cleanup(|| address::put(&vec![("example", String::new())]));
    let options = Signal::stored(
        EXAMPLES
            .iter()
            .map(|example| (example.id.to_owned(), example.title.to_owned()))
            .collect::<Vec<_>>(),
    );
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            run();
        }
    };
    let last = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Ok(answer)) => answer.queries.iter().flat_map(|query| &query.rows).map(|row| row.at.0).fold(0.0, f64::max),
            _ => 0.0,
        })
    });
    let at = Memo::new(move |_| now.get().min(last.get()));
    view! {
        <article class="sql-pane">
            <header>
                <h1>"Flink SQL"</h1>
                <p class="lead">
                    "Tables with watermarks, windows, joins in event time: run by Flink 2.3’s rules on the rows below. What is not covered says so by name and line."
                </p>
            </header>
            <div class="sql-in">
                <Choice label="Begin with" choices=options value=example.into() set=pick />
                <label class="field">
                    <span class="label">"Script"</span>
                    <textarea
                        class="input mono"
                        rows="22"
                        spellcheck="false"
                        autocapitalize="none"
                        prop:value=move || script.get()
                        on:input=move |event| script.set(event_target_value(&event))
                        on:keydown=keys
                    ></textarea>
                </label>
                <label class="field">
                    <span class="label">"Rows: a table’s name and a colon, then a JSON object a line; arrival in milliseconds"</span>
                    <textarea
                        class="input mono"
                        rows="12"
                        spellcheck="false"
                        autocapitalize="none"
                        prop:value=move || rows.get()
                        on:input=move |event| rows.set(event_target_value(&event))
                        on:keydown=keys
                    ></textarea>
                </label>
                <button type="button" class="btn primary" title="Ctrl+Enter" disabled=move || busy.get() on:click=move |_| run()>
                    "Run"
                </button>
            </div>
            <div class="sql-out">
                {move || answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned())).map(|error| view! { <Fault error=error /> })}
                {move || {
                    (last.get() > 0.0)
                        .then(|| {
                            view! {
                                <label class="span">
                                    <span>"Up to processing time"</span>
                                    <b class="mono">{move || instant(at.get())}</b>
                                    <input
                                        type="range"
                                        min="0"
                                        max=move || last.get()
                                        step="500"
                                        aria-label="Up to processing time"
                                        aria-valuetext=move || instant(at.get())
                                        prop:value=move || at.get().to_string()
                                        on:input=move |event| {
                                            if let Ok(value) = event_target_value(&event).parse::<f64>() {
                                                now.set(value);
                                            }
                                        }
                                    />
                                </label>
                            }
                        })
                }}
                {move || {
                    answer
                        .with(|answer| match answer {
                            Some(Ok(answer)) => answer.queries.iter().cloned().map(|query| view! { <Results query=query at=at /> }).collect::<Vec<_>>(),
                            _ => Vec::new(),
                        })
                }}
            </div>
        </article>
    }
}

#[component]
fn Results(query: Query, at: Memo<f64>) -> impl IntoView {
    let title = if query.sink.is_empty() {
        "Result".to_owned()
    } else {
        format!("Into {}", query.sink)
    };
    let heading = title.clone();
    let late = query.num_late_records_dropped;
    let plan = query.plan.join("\n");
    if query.explain {
        return view! {
            <section class="sql-result">
                <h2>"Plan"</h2>
                <pre class="mono">{plan}</pre>
            </section>
        }
        .into_any();
    }
    let heads = move |more: &[&'static str], columns: &[Column]| {
        let more: Vec<_> = more.iter().map(|name| view! { <th scope="col">{*name}</th> }).collect();
        let own: Vec<_> = columns
            .iter()
            .map(|column| view! { <th scope="col" title=column.kind.clone()>{column.name.clone()}</th> })
            .collect();
        view! { <tr>{more}{own}</tr> }
    };
    let (standing_head, changes_head) = (heads(&[], &query.columns), heads(&["at", "watermark", "op"], &query.columns));
    let query = StoredValue::new(query);
    let stands = move || {
        let at = at.get();
        query.with_value(|query| {
            standing(&query.rows, at)
                .into_iter()
                .map(|row| view! { <tr>{row.iter().map(|value| view! { <td>{cell(value)}</td> }).collect_view()}</tr> })
                .collect_view()
        })
    };
    let changes = move || {
        let at = at.get();
        query.with_value(|query| {
            query
                .rows
                .iter()
                .filter(|row| row.at.0 <= at)
                .map(|row| {
                    let watermark = match &row.watermark {
                        None => "–".to_owned(),
                        Some(said) => said.as_f64().map_or_else(|| "∞".to_owned(), instant),
                    };
                    view! {
                        <tr class:back=matches!(row.kind.as_str(), "-U" | "-D")>
                            <td>{instant(row.at.0)}</td>
                            <td>{watermark}</td>
                            <td>{row.kind.clone()}</td>
                            {row.row.iter().map(|value| view! { <td>{cell(value)}</td> }).collect_view()}
                        </tr>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <section class="sql-result" aria-label=title>
            <h2>{heading}</h2>
            {(late > 0).then(|| view! { <p class="meta">{format!("Too late and dropped: {} (numLateRecordsDropped).", plural(late, "row", "rows"))}</p> })}
            <div class="table-scroll" tabindex="0" role="region" aria-label="As it stands">
                <table class="list" aria-label="As it stands">
                    <thead>{standing_head}</thead>
                    <tbody>{stands}</tbody>
                </table>
            </div>
            <details open>
                <summary>"Changes, as they came out"</summary>
                <div class="table-scroll" tabindex="0" role="region" aria-label="Changes">
                    <table class="list mono" aria-label="Changes">
                        <thead>{changes_head}</thead>
                        <tbody>{changes}</tbody>
                    </table>
                </div>
            </details>
            <details>
                <summary>"Plan"</summary>
                <pre class="mono">{plan}</pre>
            </details>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_under_their_table() {
        let read = tables("a:\n{\"x\": 1}\n\nb:\n{\"y\": \"c:\"}\n{\"y\": 2}\n").unwrap();
        assert_eq!(read, json!({"a": [{"x": 1}], "b": [{"y": "c:"}, {"y": 2}]}));
        assert!(tables("{\"x\": 1}").unwrap_err().starts_with("Rows, line 1: there is no table"));
        assert!(tables("a:\n{x}").unwrap_err().starts_with("Rows, line 2:"));
    }

    #[test]
    fn changes_add_up() {
        let row = |kind: &str, value: i32, at: f64| Row {
            kind: kind.into(),
            row: vec![json!(value)],
            at: Ms(at),
            watermark: None,
        };
        let rows = [row("+I", 1, 0.0), row("-U", 1, 5.0), row("+U", 2, 5.0), row("+I", 3, 9.0)];
        assert_eq!(standing(&rows, 0.0), [[json!(1)]]);
        assert_eq!(standing(&rows, 6.0), [[json!(2)]]);
        assert_eq!(standing(&rows, 9.0), [[json!(2)], [json!(3)]]);
    }
}
