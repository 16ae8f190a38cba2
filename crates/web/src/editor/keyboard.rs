//! The canvas by keyboard: one table of keys, arrows along the flow, connect and move modes.

use leptos::prelude::*;
use sluice_core::etl::NodeId;
use sluice_core::etl::geometry::{Edge, GRID};
use sluice_core::gather::{Gather, Order};
use web_sys::KeyboardEvent;

use super::announce::everything;
use super::canvas::{fit, zoom_to};
use super::drag::Drag;
use super::gesture::abandon;
use super::model::{Editor, Mode, Slot};
use crate::keys::{Key, KeyGroup, is, is_typing};

macro_rules! keys {
    ($($keys:literal $action:literal),* $(,)?) => { &[$(Key { keys: $keys, action: $action }),*] };
}

pub const KEYS: KeyGroup = KeyGroup {
    title: "Job canvas",
    keys: keys![
        "Tab" "enter or leave the canvas",
        "← →" "go along the flow",
        "↑ ↓" "go to a sibling branch",
        "Home End" "go to the first source, the last target",
        "Enter" "configure the node",
        "/" "add a node after this one",
        "Shift+A" "insert a node before this one, or on the rail",
        "C" "connect: arrows choose the port, Enter connects",
        "X" "disconnect the rail, or the node's input",
        "M" "move: arrows by the grid, Shift four times as far",
        "I" "say everything about the node",
        "P" "go to the rows",
        "F2" "rename the node",
        "F8" "go to the next problem",
        "Delete" "delete the node and rejoin the rail",
        "Ctrl+D" "duplicate",
        "Ctrl+A" "select all",
        "Ctrl+Z" "undo",
        "Ctrl+Shift+Z" "redo",
        "Ctrl+S" "save the job",
        "Ctrl+Enter" "save and run",
        "0" "zoom to 100 %",
        "1" "fit the graph",
        "Shift+L" "arrange the canvas",
        "O" "show or hide the outline",
    ],
};

/// Keys that hold in the whole editor, fields included where no text is typed.
pub fn on_screen_key(editor: Editor, event: &KeyboardEvent) {
    if event.default_prevented() {
        return;
    }
    let taken = if is(event, "Ctrl+Enter") {
        super::run::start(editor);
        true
    } else if is(event, "Ctrl+S") {
        super::save::save(editor);
        true
    } else if is(event, "F8") {
        next_problem(editor);
        true
    } else if is_typing(event) {
        // Text fields keep the browser's own undo.
        false
    } else if is(event, "Ctrl+Z") {
        editor.undo();
        true
    } else if is(event, "Ctrl+Shift+Z") || is(event, "Ctrl+Y") {
        editor.redo();
        true
    } else {
        false
    };
    if taken {
        event.prevent_default();
    }
}

/// Keys while the canvas or a card has the focus.
pub fn on_key(editor: Editor, event: &KeyboardEvent) {
    if event.default_prevented() || is_typing(event) {
        return;
    }
    let taken = match editor.mode.get_untracked() {
        Mode::Connect { .. } => connect_key(editor, event),
        Mode::Move => move_key(editor, event),
        Mode::Browse => browse_key(editor, event),
    };
    if taken {
        event.prevent_default();
        event.stop_propagation();
    }
}

fn browse_key(editor: Editor, event: &KeyboardEvent) -> bool {
    let current = editor.current.get_untracked();
    let edge = editor.edge.get_untracked();
    if is(event, "Esc") {
        if editor.drag.with_untracked(|drag| *drag != Drag::Idle) {
            abandon(editor);
        } else if current.is_some() || edge.is_some() {
            editor.clear_selection();
            editor.focus_current();
        } else {
            return false;
        }
        return true;
    }
    for (key, step) in [
        ("ArrowRight", Step::Down),
        ("ArrowLeft", Step::Up),
        ("ArrowDown", Step::Next),
        ("ArrowUp", Step::Previous),
    ] {
        if is(event, key) {
            go(editor, current.as_ref(), step);
            return true;
        }
    }
    if is(event, "Home") || is(event, "End") {
        let last = is(event, "End");
        let to = editor
            .order
            .with_untracked(|order| if last { order.last().cloned() } else { order.first().cloned() });
        if let Some(id) = to {
            editor.select(&id);
            editor.focus_current();
        }
    } else if is(event, "Enter") {
        match current {
            Some(_) => editor.focus_form.update(|n| *n = n.wrapping_add(1)),
            None => go(editor, None, Step::Down),
        }
    } else if is(event, "/") || is(event, "A") {
        editor.menu.set(Some(match edge {
            Some(edge) => Slot::On(edge),
            None => Slot::After(current),
        }));
    } else if is(event, "Shift+A") {
        match (edge, current) {
            (Some(edge), _) => editor.menu.set(Some(Slot::On(edge))),
            (None, Some(id)) => editor.menu.set(Some(Slot::Before(id))),
            (None, None) => editor.menu.set(Some(Slot::After(None))),
        }
    } else if is(event, "C") {
        match current {
            Some(id) => connect_from(editor, &id),
            None => editor.say("Choose the node to connect from first.".into()),
        }
    } else if is(event, "X") {
        disconnect(editor, current, edge);
    } else if is(event, "M") {
        if current.is_some() {
            editor.mode.set(Mode::Move);
            editor.say("Move mode: arrows move the node, Enter ends, Esc takes it back.".into());
        }
    } else if is(event, "I") {
        if let Some(id) = current {
            editor.host.announce(everything(editor, &id));
        }
    } else if is(event, "P") {
        editor.focus_rows.update(|n| *n = n.wrapping_add(1));
    } else if is(event, "F2") {
        if current.is_some() {
            rename();
        }
    } else if is(event, "Delete") || is(event, "Backspace") {
        editor.delete_chosen();
    } else if is(event, "Ctrl+D") {
        duplicate(editor);
    } else if is(event, "Ctrl+A") {
        let all = editor.ids.get_untracked();
        editor.host.announce(format!("{} nodes selected.", all.len()));
        editor.selection.set(all.into_iter().gather());
    } else if is(event, "0") {
        zoom_to(editor, 1.0);
    } else if is(event, "1") {
        fit(editor);
    } else if is(event, "+") || is(event, "=") {
        zoom_to(editor, editor.viewport.get_untracked().zoom * 1.25);
    } else if is(event, "-") {
        zoom_to(editor, editor.viewport.get_untracked().zoom / 1.25);
    } else if is(event, "Shift+L") {
        arrange(editor);
    } else if is(event, "O") {
        editor.outline.update(|on| *on = !*on);
    } else {
        return false;
    }
    true
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Down,
    Up,
    Next,
    Previous,
}

fn go(editor: Editor, current: Option<&NodeId>, step: Step) {
    let order = editor.order.get_untracked();
    let to = match current {
        None => order.first().cloned(),
        Some(id) => editor.document.with_untracked(|document| {
            let children = |id: &NodeId| -> Vec<NodeId> {
                let mut children: Vec<NodeId> = document.graph().children(id).into_iter().map(|(child, _)| child).collect();
                children.order_by_key(|child| order.iter().position(|other| other == child));
                children.dedup();
                children
            };
            let parents = |id: &NodeId| -> Vec<NodeId> {
                document
                    .node(id)
                    .map(|node| node.inputs.iter().flatten().cloned().collect())
                    .unwrap_or_default()
            };
            match step {
                Step::Down => children(id).first().cloned(),
                Step::Up => parents(id).first().cloned(),
                Step::Next | Step::Previous => {
                    // Siblings: what the same parent feeds, else what feeds the same child, else the other sources.
                    let mut siblings: Vec<NodeId> = parents(id).first().map(children).unwrap_or_default();
                    if siblings.len() < 2 {
                        siblings = children(id).first().map(parents).unwrap_or_default();
                    }
                    if siblings.len() < 2 {
                        let x = document.at(id).x;
                        siblings = order.iter().filter(|other| (document.at(other).x - x).abs() < 112.0).cloned().collect();
                        siblings.order_by(|a, b| document.at(a).y < document.at(b).y);
                    }
                    let at = siblings.iter().position(|other| other == id)?;
                    let next = if step == Step::Next { at + 1 } else { at.checked_sub(1)? };
                    siblings.get(next).cloned()
                }
            }
        }),
    };
    match to {
        Some(id) => {
            editor.select(&id);
            editor.focus_current();
        }
        None => editor.host.announce(match step {
            Step::Down => "Nothing reads from here.",
            Step::Up => "Nothing feeds this node.",
            Step::Next | Step::Previous => "No other branch.",
        }),
    }
}

/// Starts connect mode: every node in reading order that `from` may feed.
pub fn connect_from(editor: Editor, from: &NodeId) {
    let targets: Vec<(NodeId, usize)> = editor.document.with_untracked(|document| {
        editor
            .order
            .get_untracked()
            .into_iter()
            .filter_map(|to| {
                let ports = document.node(&to)?.inputs.len();
                let open: Vec<(NodeId, usize)> = (0..ports)
                    .filter(|port| document.can_connect(from, &to, *port).is_ok())
                    .map(|port| (to.clone(), port))
                    .collect();
                Some(open)
            })
            .flatten()
            .collect()
    });
    if targets.is_empty() {
        let why = if editor
            .document
            .with_untracked(|document| document.node(from).is_some_and(|node| !node.kind.ports().output))
        {
            format!("{} is a target: no rows leave it.", editor.name(from))
        } else {
            format!(
                "No node can take the rows of {}: every input is taken, or it would create a loop.",
                editor.name(from)
            )
        };
        editor.say(why);
        return;
    }
    editor.mode.set(Mode::Connect {
        from: from.clone(),
        targets,
        at: 0,
    });
    tell_target(editor);
}

fn tell_target(editor: Editor) {
    if let Mode::Connect { from, targets, at } = editor.mode.get_untracked()
        && let Some((to, port)) = targets.get(at)
    {
        let ports = editor.document.with_untracked(|document| document.node(to).map_or(1, |node| node.inputs.len()));
        let port = if ports > 1 { format!(", input {}", port + 1) } else { String::new() };
        let text = format!(
            "{} to {}{port}? {} of {}. Enter connects, Esc leaves.",
            editor.name(&from),
            editor.name(to),
            at + 1,
            targets.len()
        );
        editor.host.announce(text.clone());
        editor.hint.set(Some(text));
        editor.reveal(to);
    }
}

fn connect_key(editor: Editor, event: &KeyboardEvent) -> bool {
    let Mode::Connect { from, targets, at } = editor.mode.get_untracked() else {
        return false;
    };
    let step = |by: usize| {
        editor.mode.set(Mode::Connect {
            from: from.clone(),
            targets: targets.clone(),
            at: (at + by) % targets.len().max(1),
        });
        tell_target(editor);
    };
    if is(event, "Esc") || is(event, "C") {
        editor.mode.set(Mode::Browse);
        editor.hint.set(None);
        editor.host.announce("Left connect mode.");
    } else if is(event, "ArrowRight") || is(event, "ArrowDown") {
        step(1);
    } else if is(event, "ArrowLeft") || is(event, "ArrowUp") {
        step(targets.len().saturating_sub(1));
    } else if is(event, "Enter") {
        editor.mode.set(Mode::Browse);
        editor.hint.set(None);
        if let Some((to, port)) = targets.get(at)
            && editor.connect(&from, to, *port)
        {
            editor.select(to);
            editor.focus_current();
        }
    } else if is(event, "I") {
        let reasons: Vec<String> = editor.document.with_untracked(|document| {
            editor
                .order
                .get_untracked()
                .iter()
                .filter(|to| **to != from)
                .filter_map(|to| document.free_port(&from, to).err())
                .map(|refusal| refusal.to_string())
                .collect()
        });
        editor.host.announce(if reasons.is_empty() {
            "Every other node takes it.".into()
        } else {
            reasons.join(" ")
        });
    } else {
        return event.key() != "Tab";
    }
    true
}

fn move_key(editor: Editor, event: &KeyboardEvent) -> bool {
    let ids = editor.chosen();
    let by = if event.shift_key() { 4.0 * GRID } else { GRID };
    let (dx, dy) = match event.key().as_str() {
        "ArrowRight" => (by, 0.0),
        "ArrowLeft" => (-by, 0.0),
        "ArrowDown" => (0.0, by),
        "ArrowUp" => (0.0, -by),
        "Enter" | "m" | "M" => {
            leave_move(editor, "Moved.");
            return true;
        }
        "Escape" => {
            let moved = editor
                .document
                .with_untracked(|document| document.history().undoable().is_some_and(|unit| unit.group.as_deref() == Some("move mode")));
            if moved {
                editor.undo();
            }
            leave_move(editor, "Put back.");
            return true;
        }
        _ => return event.key() != "Tab",
    };
    let change = editor.document.with_untracked(|document| document.move_by(&ids, dx, dy)).grouped("move mode");
    editor.apply(change);
    if let Some(id) = ids.first() {
        editor.reveal(id);
    }
    true
}

fn leave_move(editor: Editor, say: &str) {
    editor.document.update(|document| document.close_group());
    editor.mode.set(Mode::Browse);
    editor.hint.set(None);
    editor.host.announce(say);
}

fn disconnect(editor: Editor, current: Option<NodeId>, edge: Option<Edge>) {
    let edge = edge.or_else(|| {
        let to = current?;
        editor.document.with_untracked(|document| {
            let node = document.node(&to)?;
            let (port, from) = node.inputs.iter().enumerate().rev().find_map(|(port, from)| Some((port, from.clone()?)))?;
            Some(Edge { from, to: to.clone(), port })
        })
    });
    match edge {
        Some(edge) => {
            let change = editor.document.with_untracked(|document| document.disconnect(&edge));
            editor.apply(change);
        }
        None => editor.say("There is no rail to disconnect here.".into()),
    }
}

pub fn duplicate(editor: Editor) {
    let chosen = editor.chosen();
    if chosen.is_empty() {
        return;
    }
    let mut millis = js_sys::Date::now() as u64;
    let fresh: Vec<NodeId> = chosen
        .iter()
        .map(|_| {
            while editor
                .document
                .with_untracked(|document| document.node(&NodeId(format!("node-{millis}"))).is_some())
            {
                millis += 1;
            }
            let id = NodeId(format!("node-{millis}"));
            millis += 1;
            id
        })
        .collect();
    let change = editor.document.with_untracked(|document| document.duplicate(&chosen, &fresh));
    if editor.apply(change)
        && let Some(first) = fresh.first()
    {
        editor.select(first);
        editor.selection.set(fresh.into_iter().gather());
        editor.focus_current();
    }
}

pub fn arrange(editor: Editor) {
    let change = editor.document.with_untracked(|document| document.arrange());
    if !editor.apply(change) {
        editor.host.announce("The canvas is arranged already.");
    }
    fit(editor);
}

pub fn next_problem(editor: Editor) {
    let problems: Vec<NodeId> = editor.all_problems().into_iter().filter_map(|problem| problem.node).collect();
    let current = editor.current.get_untracked();
    let at = problems.iter().position(|id| current.as_ref() == Some(id));
    // Several problems of one node are one stop.
    let next = match at {
        Some(at) => problems.iter().skip(at).find(|id| current.as_ref() != Some(id)).or_else(|| problems.first()),
        None => problems.first(),
    };
    match next.cloned() {
        Some(id) => {
            editor.select(&id);
            editor.focus_current();
            let text = editor.problems_of(&id).into_iter().map(|problem| problem.message).collect::<Vec<_>>().join(" ");
            editor.host.announce(format!("{}: {text}", editor.name(&id)));
        }
        None => editor.host.announce("No problems."),
    }
}

/// Puts the focus on the inspector's name field.
pub fn rename() {
    use wasm_bindgen::JsCast;
    if let Some(input) = document()
        .get_element_by_id("node-name")
        .and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok())
    {
        let _ = input.focus();
        input.select();
    }
}
