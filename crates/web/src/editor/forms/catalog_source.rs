//! A table of the Data Catalog, as source or as target.

use leptos::prelude::*;
use sluice_core::etl::{NodeId, NodeKind};

use super::{Choice, Problems, change};
use crate::editor::model::use_editor;

fn chosen(kind: &NodeKind) -> (String, String) {
    match kind {
        NodeKind::CatalogSource(source) | NodeKind::S3CatalogSource(source) => (source.database.clone(), source.table.clone()),
        NodeKind::S3CatalogTarget(target) => (target.database.clone(), target.table.clone()),
        _ => Default::default(),
    }
}

fn choose(kind: &mut NodeKind, database: Option<String>, table: String) {
    let (own_database, own_table) = match kind {
        NodeKind::CatalogSource(source) | NodeKind::S3CatalogSource(source) => (&mut source.database, &mut source.table),
        NodeKind::S3CatalogTarget(target) => (&mut target.database, &mut target.table),
        _ => return,
    };
    if let Some(database) = database {
        *own_database = database;
    }
    *own_table = table;
}

#[component]
pub fn CatalogTable(id: NodeId, target: bool) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let now = Memo::new(move |_| node.with_value(|id| editor.node(id)).map(|node| chosen(&node.kind)).unwrap_or_default());
    let databases = Memo::new(move |_| {
        let mut options = vec![(String::new(), "choose a database".to_owned())];
        options.extend(editor.databases.get().into_iter().map(|name| (name.clone(), name)));
        let (database, _) = now.get();
        if !database.is_empty() && !options.iter().any(|(name, _)| *name == database) {
            options.push((database.clone(), format!("{database} (not there)")));
        }
        options
    });
    let tables = Memo::new(move |_| {
        let (database, table) = now.get();
        let mut options = vec![(String::new(), "choose a table".to_owned())];
        options.extend(editor.tables.with(|tables| {
            tables
                .keys()
                .filter(|(other, _)| *other == database)
                .map(|(_, name)| (name.clone(), name.clone()))
                .collect::<Vec<_>>()
        }));
        if !table.is_empty() && !options.iter().any(|(name, _)| *name == table) {
            options.push((table.clone(), format!("{table} (not there)")));
        }
        options
    });
    view! {
        <Choice
            label="Database"
            value=Signal::derive(move || now.get().0)
            options=databases
            on_change=Callback::new(move |name: String| {
                node.with_value(|id| change(editor, id, "Database", "Changed the database", |kind| choose(kind, Some(name), String::new())));
            })
        />
        <Problems id=id.clone() field="Database" />
        <Choice
            label="Table"
            value=Signal::derive(move || now.get().1)
            options=tables
            on_change=Callback::new(move |name: String| {
                node.with_value(|id| change(editor, id, "Table", "Changed the table", |kind| choose(kind, None, name)));
            })
        />
        <Problems id=id field="Table" />
        <p class="meta">
            {if target { "Rows are written where the table points to, in its format." } else { "Columns and types are those of the table." }}
        </p>
        {move || {
            editor
                .tables
                .with(|tables| tables.is_empty())
                .then(|| view! { <p class="meta">"There are no tables yet: a " <a href="#/catalog/crawlers">"crawler"</a> " makes them from files."</p> })
        }}
    }
}
