use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::document::{Change, Document, Edit, EditError};
use super::document_check::check;
use super::document_plan::{NewNode, Refusal, empty_inputs};
use super::geometry::{Edge, Point, edges};
use super::history::HISTORY_LIMIT;
use super::layout::{layers, reading_order};
use super::*;

fn source() -> NodeKind {
    NodeKind::CatalogSource(CatalogSource {
        database: "parking".into(),
        table: "tickets".into(),
        ..Default::default()
    })
}

fn drop_fields(columns: &[&str]) -> NodeKind {
    NodeKind::DropFields {
        paths: columns.iter().map(|column| vec![String::from(*column)]).collect(),
    }
}

fn kind(choice: u8) -> NodeKind {
    match choice % 7 {
        0 => source(),
        1 => drop_fields(&["a"]),
        2 => NodeKind::Filter(Filter::default()),
        3 => NodeKind::Union(Union::default()),
        4 => NodeKind::S3GlueParquetTarget(S3GlueParquetTarget::default()),
        5 => NodeKind::Other {
            member: "SparkSQL".into(),
            value: Default::default(),
        },
        _ => NodeKind::DropDuplicates(DropDuplicates::default()),
    }
}

fn new_node(id: &str, name: &str, kind: NodeKind) -> NewNode {
    NewNode {
        id: id.into(),
        name: name.into(),
        kind,
    }
}

/// source → filter → target, placed by appending.
fn chain() -> Document {
    let mut document = Document::new();
    for (after, id, name, kind) in [
        (None, "s", "Tickets", source()),
        (Some("s"), "f", "Filter", kind(2)),
        (Some("f"), "t", "Results", kind(4)),
    ] {
        let change = document.append(after.map(NodeId::from).as_ref(), new_node(id, name, kind), None);
        assert_eq!(document.apply(change), Ok(true));
    }
    document
}

/// All of the file but its history.
fn content(document: &Document) -> String {
    serde_json::to_string(&(document.graph(), document.layout(), document.notes())).expect("a document is JSON")
}

#[test]
fn appending_wires_and_places_to_the_right() {
    let document = chain();
    let wires: Vec<String> = edges(document.graph())
        .iter()
        .map(|edge| format!("{}→{}:{}", edge.from, edge.to, edge.port))
        .collect();
    assert_eq!(wires, ["s→f:0", "f→t:0"]);
    assert_eq!(document.at(&"t".into()), Point::new(608.0, 0.0));
    assert_eq!(
        document.history().units().iter().map(|unit| unit.label.as_str()).collect::<Vec<_>>(),
        ["Added Tickets", "Added Filter", "Added Results"]
    );
}

#[test]
fn a_second_child_takes_the_next_free_row() {
    let mut document = chain();
    let change = document.append(Some(&"f".into()), new_node("g", "Filter", kind(2)), None);
    document.apply(change).expect("appends");
    assert_eq!(document.at(&"g".into()), Point::new(608.0, 128.0));
    assert_eq!(document.node(&"g".into()).expect("there").name, "Filter 2");
}

#[test]
fn removing_heals_and_undo_restores_the_bytes() {
    let mut document = chain();
    let before = content(&document);
    assert!(document.heals(&"f".into()));
    let change = document.remove(&["f".into()]);
    assert_eq!(change.label, "Deleted Filter");
    document.apply(change).expect("removes");
    assert_eq!(document.node(&"t".into()).expect("kept").inputs, [Some("s".into())]);
    assert_eq!(document.undo().as_deref(), Some("Deleted Filter"));
    assert_eq!(content(&document), before);
    assert_eq!(document.redo().as_deref(), Some("Deleted Filter"));
    assert_eq!(document.graph().nodes.len(), 2);
}

#[test]
fn removing_a_whole_run_heals_across_it() {
    let mut document = chain();
    let edge = Edge {
        from: "f".into(),
        to: "t".into(),
        port: 0,
    };
    document
        .apply(document.insert_on_edge(&edge, new_node("d", "Drop Fields", drop_fields(&["x"]))).expect("fits"))
        .expect("inserts");
    document.apply(document.remove(&["f".into(), "d".into()])).expect("removes");
    assert_eq!(document.node(&"t".into()).expect("kept").inputs, [Some("s".into())]);
}

#[test]
fn inserting_on_an_edge_makes_room_downstream() {
    let mut document = chain();
    let edge = Edge {
        from: "s".into(),
        to: "f".into(),
        port: 0,
    };
    let change = document.insert_on_edge(&edge, new_node("d", "Drop Fields", drop_fields(&["x"]))).expect("fits");
    document.apply(change).expect("inserts");
    assert_eq!(document.at(&"d".into()).x, 304.0);
    assert_eq!(document.at(&"f".into()).x, 608.0);
    assert_eq!(document.at(&"t".into()).x, 912.0);
    assert_eq!(
        document.insert_on_edge(&edge, new_node("x", "Source", source())),
        Err(Refusal::NoInput { to: "Source".into() })
    );
    assert!(document.undo().is_some());
    assert_eq!(document.at(&"t".into()).x, 608.0);
}

#[test]
fn refusals_say_why() {
    let mut document = chain();
    document.apply(document.append(None, new_node("u", "Union", kind(3)), None)).expect("adds");
    let reason = |from: &str, to: &str, port| document.can_connect(&from.into(), &to.into(), port).map_err(|refusal| refusal.to_string());
    assert_eq!(reason("f", "f", 0), Err("A node cannot read its own output.".into()));
    assert_eq!(reason("t", "u", 0), Err("Results is a target: no rows leave it.".into()));
    assert_eq!(reason("f", "s", 0), Err("Tickets is a source: it takes no input.".into()));
    assert_eq!(reason("s", "t", 0), Err("Results already has an input.".into()));
    assert_eq!(reason("s", "u", 1), Ok(()));
    assert_eq!(reason("s", "u", 2), Err("That node is gone.".into()));
    document.apply(document.connect(&"f".into(), &"u".into(), 0).expect("free")).expect("connects");
    assert_eq!(
        document.can_connect(&"f".into(), &"u".into(), 1).map_err(|r| r.to_string()),
        Err("Filter already feeds Union.".into())
    );
    assert_eq!(document.free_port(&"s".into(), &"u".into()), Ok(1));
    document
        .apply(document.disconnect(&Edge {
            from: "s".into(),
            to: "f".into(),
            port: 0,
        }))
        .expect("cuts");
    assert_eq!(document.can_connect(&"u".into(), &"f".into(), 0), Err(Refusal::Loop));
}

#[test]
fn a_refused_batch_leaves_nothing_behind() {
    let mut document = chain();
    let before = content(&document);
    let edit = Edit::Batch(vec![
        Edit::Rename {
            id: "s".into(),
            name: "Other".into(),
        },
        Edit::SetInput {
            id: "f".into(),
            port: 0,
            from: None,
        },
        Edit::RemoveNode { id: "f".into() },
    ]);
    assert_eq!(document.apply(Change::new("Broke it", edit)), Err(EditError::InUse("f".into())));
    assert_eq!(content(&document), before);
    assert_eq!(document.history().units().len(), 3);
}

#[test]
fn strokes_of_one_group_are_one_unit() {
    let mut document = chain();
    for name in ["R", "Re", "Res"] {
        let edit = Edit::Rename {
            id: "f".into(),
            name: name.into(),
        };
        document.apply(Change::new("Renamed Filter", edit).grouped("name:f")).expect("renames");
    }
    assert_eq!(document.history().units().len(), 4);
    document.undo();
    assert_eq!(document.node(&"f".into()).expect("there").name, "Filter");
    document.redo();
    let edit = Edit::Rename {
        id: "f".into(),
        name: "Rest".into(),
    };
    document.apply(Change::new("Renamed Filter", edit).grouped("name:f")).expect("renames");
    assert_eq!(document.history().units().len(), 5, "a redo ends the group");
}

#[test]
fn what_changes_nothing_is_no_unit() {
    let mut document = chain();
    let edit = Edit::Move {
        id: "f".into(),
        to: document.at(&"f".into()),
    };
    assert_eq!(document.apply(Change::new("Moved Filter", edit)), Ok(false));
    assert_eq!(document.history().units().len(), 3);
}

#[test]
fn history_is_bounded_and_survives_its_file() {
    let mut document = chain();
    for step in 0..HISTORY_LIMIT + 20 {
        let edit = Edit::Move {
            id: "f".into(),
            to: Point::new(step as f64, 500.0),
        };
        document.apply(Change::new("Moved Filter", edit)).expect("moves");
    }
    assert_eq!(document.history().units().len(), HISTORY_LIMIT);
    document.undo();
    let text = serde_json::to_string(&document).expect("JSON");
    assert!(text.starts_with("{\"format\":\"sluice-job\",\"version\":1,"));
    let mut read: Document = serde_json::from_str(&text).expect("reads back");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), text);
    assert_eq!(read.redo().as_deref(), Some("Moved Filter"));
    assert_eq!(read.at(&"f".into()).x, (HISTORY_LIMIT + 19) as f64);
}

#[test]
fn files_from_elsewhere_are_refused_with_the_reason() {
    let error = |text: &str| {
        serde_json::from_str::<Document>(text)
            .map_err(|error| error.to_string())
            .err()
            .unwrap_or_default()
    };
    assert!(error(r#"{"format":"x","version":1,"graph":{"nodes":{}}}"#).contains("the format is \"x\""));
    assert!(error(r#"{"format":"sluice-job","version":9,"graph":{"nodes":{}}}"#).contains("version 9"));
    let dangling = r#"{"format":"sluice-job","version":1,"graph":{"nodes":{"a":{"name":"A","kind":{"DropFields":{"paths":[]}},"inputs":["b"]}}}}"#;
    assert!(error(dangling).contains("reads from b"));
    let mut document: Document = serde_json::from_str(r#"{"format":"sluice-job","version":1,"graph":{"nodes":{}},"history":{"units":[],"cursor":7}}"#)
        .expect("a bad history is left behind");
    assert_eq!(document.undo(), None);
}

#[test]
fn layout_is_layered_and_keeps_branch_order() {
    let mut document = Document::new();
    for id in ["a", "b"] {
        document.apply(document.append(None, new_node(id, id, source()), None)).expect("adds");
    }
    for (after, id) in [("a", "l"), ("a", "m"), ("b", "n")] {
        document
            .apply(document.append(Some(&after.into()), new_node(id, id, kind(2)), None))
            .expect("adds");
    }
    document
        .apply(document.append(Some(&"l".into()), new_node("u", "u", kind(3)), None))
        .expect("adds");
    document.apply(document.connect(&"b".into(), &"u".into(), 1).expect("free")).expect("connects");
    // The user put m above l.
    document
        .apply(Change::new(
            "Moved m",
            Edit::Move {
                id: "m".into(),
                to: Point::new(300.0, -400.0),
            },
        ))
        .expect("moves");
    document.apply(document.arrange()).expect("arranges");
    let places: Vec<String> = document
        .layout()
        .iter()
        .map(|(id, at)| format!("{id} {} {}", at.x / 304.0, at.y / 128.0))
        .collect();
    insta::assert_snapshot!(places.join(", "), @"a 0 0, b 0 1, l 1 2, m 1 0, n 1 3, u 2 1");
    assert_eq!(layers(document.graph())[&NodeId::from("u")], 2);
    let order: Vec<String> = reading_order(document.graph(), document.layout()).iter().map(ToString::to_string).collect();
    assert_eq!(order, ["a", "m", "l", "b", "u", "n"]);
}

#[test]
fn duplicating_keeps_the_edges_among_the_copies() {
    let mut document = chain();
    let change = document.duplicate(&["f".into(), "t".into()], &["f2".into(), "t2".into()]);
    document.apply(change).expect("duplicates");
    assert_eq!(document.node(&"t2".into()).expect("copied").inputs, [Some("f2".into())]);
    assert_eq!(document.node(&"f2".into()).expect("copied").inputs, [None]);
    assert_eq!(document.node(&"f2".into()).expect("copied").name, "Filter 2");
}

/// A random gesture or a raw edit, most of which hit, some of which must be refused.
fn stir(document: &mut Document, (op, a, b, c): (u8, u8, u8, i16)) {
    let ids: Vec<NodeId> = document.graph().nodes.keys().cloned().collect();
    let pick = |n: u8| ids.get(n as usize % ids.len().max(1)).cloned().unwrap_or_else(|| "none".into());
    let (first, second) = (pick(a), pick(b));
    let fresh = NodeId(format!("node-{}", document.revision()));
    let place = Point::new(f64::from(c), f64::from(a) * 0.3);
    let new = NewNode {
        id: fresh.clone(),
        name: format!("N{}", a % 5),
        kind: kind(b),
    };
    let wires = edges(document.graph());
    let wire = wires.get(a as usize % wires.len().max(1)).cloned();
    // Small enough to be quick, large enough to tangle.
    let op = if ids.len() > 40 { 4 } else { op };
    let change = match op % 14 {
        0 => Some(document.append(None, new, Some(place))),
        1 | 2 => Some(document.append(Some(&first), new, None)),
        3 => wire.and_then(|wire| document.insert_on_edge(&wire, new).ok()),
        4 => Some(document.remove(&[first, second])),
        5 => document.connect(&first, &second, (c & 1) as usize).ok(),
        6 => wire.map(|wire| document.disconnect(&wire)),
        7 => Some(document.move_by(&[first, second], f64::from(c), 16.0).grouped("drag")),
        8 => Some(document.arrange()),
        9 => Some(document.duplicate(&[first, second], &[fresh, NodeId(format!("copy-{}", document.revision()))])),
        10 => Some(
            Change::new(
                "Changed",
                Edit::SetKind {
                    id: first,
                    kind: Box::new(kind(c as u8)),
                },
            )
            .grouped("kind"),
        ),
        11 => Some(
            Change::new(
                "Renamed",
                Edit::Rename {
                    id: first,
                    name: format!("n{c}"),
                },
            )
            .grouped("name"),
        ),
        12 => Some(Change::new(
            "Noted",
            Edit::SetNote {
                id: first,
                note: if c > 0 { format!("{c}") } else { String::new() },
            },
        )),
        _ => Some(Change::new(
            "Wired",
            Edit::SetInput {
                id: first,
                port: (b & 3) as usize,
                from: Some(second),
            },
        )),
    };
    if let Some(change) = change {
        let before = content(document);
        if document.apply(change).is_err() {
            assert_eq!(content(document), before, "a refused edit changes nothing");
        }
    }
    check(document.graph()).expect("I4 holds after every edit");
    assert_eq!(document.layout().len(), document.graph().nodes.len());
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(16) })]

    /// I3 and I4: a thousand random edits, each checked; undoing all that the history holds gives the bytes back, redoing them too.
    #[test]
    fn a_thousand_edits_undo_to_the_byte(strokes in prop::collection::vec(any::<(u8, u8, u8, i16)>(), 1000)) {
        let mut document = Document::new();
        document.history_mut().limit = usize::MAX;
        // The content after each unit.
        let mut states = vec![content(&document)];
        for stroke in strokes {
            stir(&mut document, stroke);
            // A merged stroke writes the last state over, a refused one writes the same again.
            states.truncate(document.history().cursor());
            states.push(content(&document));
        }
        let units = document.history().units().len();
        let end = content(&document);
        prop_assert_eq!(&end, states.last().expect("never empty"));
        let mut undone = 0;
        while document.undo().is_some() {
            undone += 1;
            check(document.graph()).expect("I4 holds after every undo");
            let expected = states.iter().rev().nth(undone).expect("a state for each unit");
            prop_assert_eq!(&content(&document), expected);
        }
        prop_assert_eq!(undone, units);
        while document.redo().is_some() {}
        prop_assert_eq!(content(&document), end);
    }

    #[test]
    fn any_text_is_refused_or_sound(text in "\\PC{0,200}") {
        if let Ok(document) = serde_json::from_str::<Document>(&text) {
            check(document.graph()).expect("I4 holds for what was read");
        }
    }
}

#[test]
fn empty_inputs_match_the_kind() {
    assert_eq!(empty_inputs(&kind(3)).len(), 2);
    assert_eq!(empty_inputs(&kind(0)).len(), 0);
}
