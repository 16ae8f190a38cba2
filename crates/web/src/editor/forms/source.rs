//! The Amazon S3 source: path, format and how its files are read.

use leptos::prelude::*;
use sluice_core::etl::{Change, Edit, NodeId, NodeKind, QuoteChar, ReadMode, S3CsvSource, S3JsonSource, S3ParquetSource, Separator};

use super::path::PathField;
use super::{Check, Choice, Problems, Text, change, pairs};
use crate::editor::model::use_editor;
use crate::format::plural;

const SEPARATORS: [(&str, &str, Separator); 5] = [
    ("comma", "Comma (,)", Separator::Comma),
    ("ctrla", "Ctrl+A (0x01)", Separator::CtrlA),
    ("pipe", "Pipe (|)", Separator::Pipe),
    ("semicolon", "Semicolon (;)", Separator::Semicolon),
    ("tab", "Tab", Separator::Tab),
];
const QUOTES: [(&str, &str, QuoteChar); 4] = [
    ("quote", "Double quote (\")", QuoteChar::Quote),
    ("quillemet", "Guillemet («)", QuoteChar::Quillemet),
    ("single_quote", "Single quote (')", QuoteChar::SingleQuote),
    ("disabled", "None", QuoteChar::Disabled),
];
const MODES: [(&str, &str, ReadMode); 3] = [
    ("PERMISSIVE", "PERMISSIVE: keep the row, null what is missing", ReadMode::Permissive),
    ("DROPMALFORMED", "DROPMALFORMED: leave the row out", ReadMode::DropMalformed),
    ("FAILFAST", "FAILFAST: end the run with an error", ReadMode::FailFast),
];

/// A select's options: value and label of each (value, label, meaning).
fn options<T>(choices: &[(&'static str, &'static str, T)]) -> Signal<Vec<(String, String)>> {
    Signal::stored(choices.iter().map(|(value, label, _)| ((*value).to_owned(), (*label).to_owned())).collect())
}

/// The value whose meaning it is; empty for none.
fn value_of<T: PartialEq>(choices: &[(&'static str, &'static str, T)], meaning: T) -> String {
    let found = choices.iter().find(|(.., other)| *other == meaning);
    found.map(|(value, ..)| (*value).to_owned()).unwrap_or_default()
}

/// What every S3 source has.
fn set_paths(kind: &mut NodeKind, next: Vec<String>) {
    match kind {
        NodeKind::S3CsvSource(source) => source.paths = next,
        NodeKind::S3JsonSource(source) => source.paths = next,
        NodeKind::S3ParquetSource(source) => source.paths = next,
        _ => {}
    }
}

fn recurse(kind: &mut NodeKind) -> Option<&mut bool> {
    match kind {
        NodeKind::S3CsvSource(source) => Some(&mut source.recurse),
        NodeKind::S3JsonSource(source) => Some(&mut source.recurse),
        NodeKind::S3ParquetSource(source) => Some(&mut source.recurse),
        _ => None,
    }
}

/// The same paths in another format; columns are read anew.
fn as_format(kind: &NodeKind, format: &str) -> NodeKind {
    let paths = kind.paths().to_vec();
    let recursive = recurse(&mut kind.clone()).is_none_or(|recurse| *recurse);
    match format {
        "json" => NodeKind::S3JsonSource(S3JsonSource {
            paths,
            recurse: recursive,
            ..S3JsonSource::default()
        }),
        "parquet" => NodeKind::S3ParquetSource(S3ParquetSource {
            paths,
            recurse: recursive,
            ..S3ParquetSource::default()
        }),
        _ => NodeKind::S3CsvSource(S3CsvSource {
            paths,
            recurse: recursive,
            ..S3CsvSource::default()
        }),
    }
}

#[component]
pub fn S3Source(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let kind = Memo::new(move |_| node.with_value(|id| editor.node(id)).map(|node| node.kind));
    let csv = Memo::new(move |_| match kind.get() {
        Some(NodeKind::S3CsvSource(source)) => Some(source),
        _ => None,
    });
    let is_csv = Memo::new(move |_| csv.with(Option::is_some));
    let format = Memo::new(move |_| match kind.get() {
        Some(NodeKind::S3JsonSource(_)) => "json".to_owned(),
        Some(NodeKind::S3ParquetSource(_)) => "parquet".into(),
        _ => "csv".into(),
    });
    let mode = Memo::new(move |_| {
        let mode = node.with_value(|id| editor.node(id)).map(|node| node.read_mode).unwrap_or_default();
        value_of(&MODES, mode)
    });
    let edit = move |field: &'static str, label: &'static str, f: Box<dyn FnOnce(&mut NodeKind)>| node.with_value(|id| change(editor, id, field, label, f));
    let edit_csv = move |field: &'static str, label: &'static str, f: Box<dyn FnOnce(&mut S3CsvSource)>| {
        edit(
            field,
            label,
            Box::new(move |kind| {
                if let NodeKind::S3CsvSource(source) = kind {
                    f(source);
                }
            }),
        );
    };
    let columns = move || kind.get().and_then(|kind| kind.columns().map(<[_]>::len));
    let bad = move || {
        node.with_value(|id| {
            editor.preview.with(|preview| {
                preview
                    .reply
                    .nodes
                    .get(id)
                    .map(|node| (node.bad_rows, node.bad_samples.clone()))
                    .unwrap_or_default()
            })
        })
    };
    view! {
        <PathField
            id=id.clone()
            field="Paths"
            label="S3 URL"
            value=Signal::derive(move || kind.with(|kind| kind.as_ref().and_then(|kind| kind.paths().first().cloned()).unwrap_or_default()))
            on_input=Callback::new(move |path: String| {
                edit(
                    "Paths",
                    "Changed the path",
                    Box::new(move |kind| {
                        let mut paths = kind.paths().to_vec();
                        match paths.first_mut() {
                            Some(first) => *first = path,
                            None => paths.push(path),
                        }
                        paths.retain(|path| !path.is_empty());
                        set_paths(kind, paths);
                    }),
                );
            })
        />
        {move || {
            let more = kind.with(|kind| kind.as_ref().map_or(0, |kind| kind.paths().len().saturating_sub(1)));
            (more > 0).then(|| view! { <p class="meta">{format!("and {}", plural(more as u64, "more path", "more paths"))}</p> })
        }}
        <div class="two">
            <Choice
                label="Data format"
                value=format
                options=Signal::stored(pairs(&[("csv", "CSV"), ("json", "JSON"), ("parquet", "Parquet")]))
                on_change=Callback::new(move |format: String| {
                    edit("Format", "Changed the data format", Box::new(move |kind| *kind = as_format(kind, &format)));
                })
            />
            {move || {
                is_csv
                    .get()
                    .then(|| {
                        view! {
                            <Choice
                                label="Delimiter"
                                value=Signal::derive(move || {
                                    let now = csv.with(|csv| csv.as_ref().map(|csv| csv.separator).unwrap_or_default());
                                    value_of(&SEPARATORS, now)
                                })
                                options=options(&SEPARATORS)
                                on_change=Callback::new(move |value: String| {
                                    if let Some((_, _, separator)) = SEPARATORS.into_iter().find(|(other, ..)| *other == value) {
                                        edit_csv("Separator", "Changed the delimiter", Box::new(move |csv| csv.separator = separator));
                                    }
                                })
                            />
                        }
                    })
            }}
        </div>
        {move || {
            is_csv
                .get()
                .then(|| {
                    view! {
                        <Choice
                            label="Quote character"
                            value=Signal::derive(move || {
                                let now = csv.with(|csv| csv.as_ref().map(|csv| csv.quote_char).unwrap_or_default());
                                value_of(&QUOTES, now)
                            })
                            options=options(&QUOTES)
                            on_change=Callback::new(move |value: String| {
                                if let Some((_, _, quote)) = QUOTES.into_iter().find(|(other, ..)| *other == value) {
                                    edit_csv("QuoteChar", "Changed the quote character", Box::new(move |csv| csv.quote_char = quote));
                                }
                            })
                        />
                        <Check
                            label="First line of the file is a header"
                            value=Signal::derive(move || csv.with(|csv| csv.as_ref().is_some_and(|csv| csv.with_header)))
                            on_change=Callback::new(move |on| edit_csv("WithHeader", "Changed the header", Box::new(move |csv| csv.with_header = on)))
                        />
                        <Check
                            label="A quoted field may hold line ends"
                            value=Signal::derive(move || csv.with(|csv| csv.as_ref().is_some_and(|csv| csv.multiline)))
                            on_change=Callback::new(move |on| edit_csv("Multiline", "Changed multiline", Box::new(move |csv| csv.multiline = on)))
                        />
                        <Text
                            id=node.get_value()
                            field="Escaper"
                            label="Escape character"
                            placeholder="none"
                            value=Signal::derive(move || csv.with(|csv| csv.as_ref().map(|csv| csv.escaper.clone()).unwrap_or_default()))
                            on_input=Callback::new(move |text: String| edit_csv("Escaper", "Changed the escape character", Box::new(move |csv| csv.escaper = text)))
                        />
                    }
                })
        }}
        {move || {
            (format.get() == "json")
                .then(|| {
                    view! {
                        <Check
                            label="Records span lines"
                            value=Signal::derive(move || matches!(kind.get(), Some(NodeKind::S3JsonSource(source)) if source.multiline))
                            on_change=Callback::new(move |on| {
                                edit(
                                    "Multiline",
                                    "Changed multiline",
                                    Box::new(move |kind| {
                                        if let NodeKind::S3JsonSource(source) = kind {
                                            source.multiline = on;
                                        }
                                    }),
                                );
                            })
                        />
                    }
                })
        }}
        <Check
            label="Read the folders inside (recursive)"
            value=Signal::derive(move || kind.with(|kind| kind.clone().is_some_and(|mut kind| recurse(&mut kind).is_some_and(|on| *on))))
            on_change=Callback::new(move |on| {
                edit(
                    "Recurse",
                    "Changed recursion",
                    Box::new(move |kind| {
                        if let Some(recurse) = recurse(kind) {
                            *recurse = on;
                        }
                    }),
                );
            })
        />
        <div class="ours">
            <Choice
                label="Rows that do not fit"
                value=mode
                options=options(&MODES)
                on_change=Callback::new(move |value: String| {
                    if let Some((_, _, read_mode)) = MODES.into_iter().find(|(other, ..)| *other == value) {
                        editor.apply(Change::new("Changed the read mode", Edit::SetReadMode { id: node.get_value(), read_mode }));
                    }
                })
                hint="Sluice only, named as Spark names it. Lost when the job leaves for Glue."
            />
        </div>
        {move || {
            let (rows, samples) = bad();
            (rows > 0)
                .then(|| {
                    view! {
                        <div class="bad-rows">
                            <p class="problem remark">{format!("{} in the preview", plural(rows, "row does not fit", "rows do not fit"))}</p>
                            {samples
                                .into_iter()
                                .take(3)
                                .map(|row| {
                                    view! {
                                        <p>
                                            <b>{format!("{} line {}", row.key, row.line)}</b>
                                            {format!(": {}", row.reason)}
                                            <code>{row.raw}</code>
                                        </p>
                                    }
                                })
                                .collect_view()}
                        </div>
                    }
                })
        }}
        <p class="meta">
            {move || match columns() {
                Some(columns) => {
                    let typed = if is_csv.get() { ", every one a string, as Glue reads CSV" } else { "" };
                    format!("{} found{typed}.", plural(columns as u64, "column", "columns"))
                }
                None => "The columns are read once the path names an object.".into(),
            }}
        </p>
        <Problems id=id field="OutputSchemas" />
    }
}
