//! What the editor of one job holds: the document, one signal a node position, the viewport, selection, and what is derived from them.
//!
//! Belongs here: state and its derivations. Does not belong here: views, messages to workers.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use leptos::prelude::*;
use sluice_core::account::{NodeReport, RunFailure, TableInput};
use sluice_core::etl::geometry::{Edge, Point, Rect, Viewport, edges};
use sluice_core::etl::layout::reading_order;
use sluice_core::etl::{Change, Document, Edit, Field, NewNode, Node, NodeId, NodeKind, NodeSchema, Problem, Severity, propagate, validate};
use sluice_core::gather::{Gather, Order};
use sluice_protocol::PreviewReply;

use super::announce::{Status, status};
use super::drag::{Drag, GhostTarget, WireTarget};
use crate::host::{Host, use_host};

/// What the arrow keys do.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Mode {
    #[default]
    Browse,
    /// Arrows go between the ports that `from` may feed; `at` is the place in `targets`.
    Connect {
        from: NodeId,
        targets: Vec<(NodeId, usize)>,
        at: usize,
    },
    Move,
}

/// Where the next node goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// After the current node, or on its own.
    After(Option<NodeId>),
    Before(NodeId),
    On(Edge),
    /// At a place of the canvas, fed by a node or on its own.
    At(Option<NodeId>, Point),
}

/// A job as the account had it when the document was last equal to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// `CodeGenConfigurationNodes`, as text.
    pub nodes: String,
    /// Documents of the same graph and read modes are saved ones.
    pub revision: Option<u64>,
    /// `LastModifiedOn` of the job as it was opened; none once it was saved here.
    pub opened: Option<String>,
}

/// The last run that was started or looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunView {
    pub id: String,
    /// Glue's word: `RUNNING`, `SUCCEEDED`, `FAILED`, `STOPPED`, …
    pub state: String,
    pub error: Option<String>,
    pub started: String,
    pub seconds: i64,
    pub nodes: BTreeMap<NodeId, NodeReport>,
    pub outputs: Vec<(NodeId, String, String, u64)>,
    pub failure: Option<RunFailure>,
    /// High-water mark of the data worker's memory at the end of the run, bytes; 0 where it is not known.
    pub memory: u64,
    /// Revision of the document that ran; results are stale after.
    pub revision: u64,
}

impl RunView {
    pub fn is_active(&self) -> bool {
        matches!(self.state.as_str(), "STARTING" | "RUNNING" | "STOPPING" | "WAITING")
    }
}

/// The latest preview, and the question it answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    pub reply: PreviewReply,
    pub focus: Option<NodeId>,
    pub errors: BTreeMap<NodeId, (Option<String>, String)>,
    /// Of the job as a whole.
    pub error: Option<String>,
    /// A newer one is on its way.
    pub waiting: bool,
    /// Something was previewed at all.
    pub known: bool,
}

pub type Tables = BTreeMap<(String, String), TableInput>;

/// The state of one job's editor; `Copy`, provided as context by its screen.
#[derive(Clone, Copy)]
pub struct Editor {
    pub host: Host,
    pub job: StoredValue<String>,
    pub document: RwSignal<Document>,
    /// Keys of all nodes, in key order: what cards are made for.
    pub ids: Memo<Vec<NodeId>>,
    pub edges: Memo<Vec<Edge>>,
    /// In reading order: what the keyboard and the outline go through.
    pub order: Memo<Vec<NodeId>>,
    places: StoredValue<BTreeMap<NodeId, ArcRwSignal<Point>>>,
    pub viewport: RwSignal<Viewport>,
    /// Of the canvas, CSS pixels.
    pub size: RwSignal<(f64, f64)>,
    pub selection: RwSignal<BTreeSet<NodeId>>,
    /// The node that keys act on and the inspector shows.
    pub current: RwSignal<Option<NodeId>>,
    pub edge: RwSignal<Option<Edge>>,
    pub drag: RwSignal<Drag>,
    /// Where the wire under way comes from, by pointer or by key. Cards read this and not `drag`, which changes with every move.
    pub wiring: Memo<Option<NodeId>>,
    /// What the wire is over.
    pub aim: Memo<Option<WireTarget>>,
    /// The rail that a dragged card or palette entry would be spliced into.
    pub aimed_edge: Memo<Option<Edge>>,
    /// The card that a palette entry would be appended to.
    pub append_to: Memo<Option<NodeId>>,
    pub moving: Memo<Vec<NodeId>>,
    /// Nodes up and down the flow of the selection; empty when nothing is selected.
    pub lineage: Memo<BTreeSet<NodeId>>,
    pub statuses: Memo<BTreeMap<NodeId, Status>>,
    pub mode: RwSignal<Mode>,
    pub menu: RwSignal<Option<Slot>>,
    /// One line over the canvas: why something was refused, what a mode waits for.
    pub hint: RwSignal<Option<String>>,
    pub tables: RwSignal<Tables>,
    pub databases: RwSignal<Vec<String>>,
    pub schemas: Memo<BTreeMap<NodeId, NodeSchema>>,
    /// Of the graph alone.
    pub problems: Memo<Vec<Problem>>,
    all: Memo<Vec<Problem>>,
    pub preview: RwSignal<Preview>,
    pub offset: RwSignal<u64>,
    pub run: RwSignal<Option<RunView>>,
    /// The call that starts the run is on its way.
    pub starting: RwSignal<bool>,
    pub saved: RwSignal<Saved>,
    pub outline: RwSignal<bool>,
    /// Bumped to move the focus to the current node once it is drawn.
    pub focus_node: RwSignal<u32>,
    pub focus_form: RwSignal<u32>,
    pub focus_rows: RwSignal<u32>,
    pub tab: RwSignal<Tab>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Fields,
    Schema,
    Code,
    Note,
}

pub fn use_editor() -> Editor {
    expect_context::<Editor>()
}

impl Editor {
    pub fn new(job: String, document: Document, saved_nodes: String, modified: String) -> Editor {
        let document = RwSignal::new(document);
        let ids = Memo::new(move |_| document.with(|document| document.graph().nodes.keys().cloned().collect::<Vec<_>>()));
        let edges = Memo::new(move |_| document.with(|document| edges(document.graph())));
        let order = Memo::new(move |_| document.with(|document| reading_order(document.graph(), document.layout())));
        let tables = RwSignal::new(Tables::new());
        let graph = Memo::new(move |_| document.with(|document| document.graph().clone()));
        let schemas = Memo::new(move |_| graph.with(|graph| tables.with(|tables| propagate(graph, tables))));
        let problems = Memo::new(move |_| graph.with(|graph| tables.with(|tables| validate(graph, tables))));
        let preview = RwSignal::new(Preview::default());
        let run = RwSignal::new(None);
        let all = Memo::new(move |_| {
            let revision = document.with(Document::revision);
            problems.with(|problems| preview.with(|preview| run.with(|run| gather(problems, preview, run.as_ref(), revision))))
        });
        let drag = RwSignal::new(Drag::Idle);
        let mode = RwSignal::new(Mode::Browse);
        let selection: RwSignal<BTreeSet<NodeId>> = RwSignal::new(BTreeSet::new());
        let wiring = Memo::new(move |_| {
            drag.with(|drag| if let Drag::Wire { from, .. } = drag { Some(from.clone()) } else { None })
                .or_else(|| mode.with(|mode| if let Mode::Connect { from, .. } = mode { Some(from.clone()) } else { None }))
        });
        let aim = Memo::new(move |_| drag.with(|drag| if let Drag::Wire { over, .. } = drag { over.clone() } else { None }));
        let aimed_edge = Memo::new(move |_| {
            drag.with(|drag| match drag {
                Drag::Nodes { over: Some(over), .. }
                | Drag::Ghost {
                    over: Some(GhostTarget::Edge(over)),
                    ..
                } => Some(over.clone()),
                _ => None,
            })
        });
        let append_to = Memo::new(move |_| {
            drag.with(|drag| match drag {
                Drag::Ghost {
                    over: Some(GhostTarget::Append(id)),
                    ..
                } => Some(id.clone()),
                _ => None,
            })
        });
        let moving = Memo::new(move |_| drag.with(|drag| if let Drag::Nodes { ids, .. } = drag { ids.clone() } else { Vec::new() }));
        let lineage = Memo::new(move |_| {
            let chosen: Vec<NodeId> = selection.with(|selection| selection.iter().cloned().collect());
            if chosen.is_empty() {
                return BTreeSet::new();
            }
            document.with(|document| {
                let mut lineage = document.upstream(&chosen);
                lineage.extend(document.downstream(&chosen));
                lineage
            })
        });
        let none = Memo::new(|_| BTreeMap::new());
        let mut editor = Editor {
            host: use_host(),
            job: StoredValue::new(job),
            document,
            ids,
            edges,
            order,
            places: StoredValue::new(BTreeMap::new()),
            viewport: RwSignal::new(Viewport { x: 32.0, y: 80.0, zoom: 1.0 }),
            size: RwSignal::new((0.0, 0.0)),
            selection,
            current: RwSignal::new(None),
            edge: RwSignal::new(None),
            drag,
            wiring,
            aim,
            aimed_edge,
            append_to,
            moving,
            lineage,
            statuses: none,
            mode,
            menu: RwSignal::new(None),
            hint: RwSignal::new(None),
            tables,
            databases: RwSignal::new(Vec::new()),
            schemas,
            problems,
            all,
            preview,
            offset: RwSignal::new(0),
            run,
            starting: RwSignal::new(false),
            saved: RwSignal::new(Saved {
                nodes: saved_nodes,
                revision: None,
                opened: Some(modified).filter(|modified| !modified.is_empty()),
            }),
            outline: RwSignal::new(false),
            focus_node: RwSignal::new(0),
            focus_form: RwSignal::new(0),
            focus_rows: RwSignal::new(0),
            tab: RwSignal::new(Tab::Fields),
        };
        let seen = editor;
        editor.statuses = Memo::new(move |_| seen.ids.with(|ids| ids.iter().map(|id| (id.clone(), status(seen, id))).gather()));
        editor.place_all();
        editor
    }

    /// The state of a node as its card shows it.
    pub fn status(&self, id: &NodeId) -> Status {
        self.statuses.with(|statuses| statuses.get(id).cloned()).unwrap_or_default()
    }

    /// The signal of a node's place. A node that is gone has one too, which nothing draws.
    pub fn place(&self, id: &NodeId) -> ArcRwSignal<Point> {
        if let Some(place) = self.places.with_value(|places| places.get(id).cloned()) {
            return place;
        }
        let place = ArcRwSignal::new(self.document.with_untracked(|document| document.at(id)));
        self.places.update_value(|places| {
            places.insert(id.clone(), place.clone());
        });
        place
    }

    /// Puts every place signal where the document has it.
    fn place_all(&self) {
        self.document.with_untracked(|document| {
            for (id, at) in document.layout() {
                let place = self.place(id);
                if place.get_untracked() != *at {
                    place.set(*at);
                }
            }
            self.places.update_value(|places| places.retain(|id, _| document.layout().contains_key(id)));
        });
    }

    /// Applies a change; a refusal is shown as a hint.
    pub fn apply(&self, change: Change) -> bool {
        let label = change.label.clone();
        let quiet = change.group.is_some();
        let applied = self.document.try_update_untracked(|document| document.apply(change));
        match applied {
            None | Some(Ok(false)) => false,
            Some(Ok(true)) => {
                self.settle();
                if !quiet {
                    self.host.announce(format!("{label}."));
                }
                true
            }
            Some(Err(error)) => {
                self.say(error.to_string());
                false
            }
        }
    }

    /// After the document changed: places, selection and current node follow it.
    fn settle(&self) {
        // Into place first: a card that is drawn for the first time reads its own signal.
        self.place_all();
        self.document.notify();
        let gone = |id: &NodeId| self.document.with_untracked(|document| document.node(id).is_none());
        if self.selection.with_untracked(|selection| selection.iter().any(gone)) {
            self.selection.update(|selection| selection.retain(|id| !gone(id)));
        }
        if self.current.with_untracked(|current| current.as_ref().is_some_and(gone)) {
            self.current.set(None);
        }
        if self
            .edge
            .with_untracked(|edge| edge.as_ref().is_some_and(|edge| !self.edges.with_untracked(|edges| edges.contains(edge))))
        {
            self.edge.set(None);
        }
    }

    pub fn undo(&self) {
        self.step(Document::undo, "Undone", "Nothing to undo");
    }

    pub fn redo(&self) {
        self.step(Document::redo, "Done again", "Nothing to redo");
    }

    fn step(&self, step: fn(&mut Document) -> Option<String>, done: &str, none: &str) {
        match self.document.try_update_untracked(step).flatten() {
            Some(label) => {
                self.settle();
                self.host.announce(format!("{done}: {label}."));
            }
            None => self.host.announce(format!("{none}.")),
        }
    }

    /// Shows one line over the canvas and says it.
    pub fn say(&self, text: String) {
        self.host.announce(text.clone());
        self.hint.set(Some(text.clone()));
        let hint = self.hint;
        set_timeout(
            move || {
                if hint.try_with_untracked(|now| now.as_ref() == Some(&text)) == Some(true) {
                    hint.set(None);
                }
            },
            core::time::Duration::from_secs(6),
        );
    }

    pub fn node(&self, id: &NodeId) -> Option<Node> {
        self.document.with(|document| document.node(id).cloned())
    }

    pub fn name(&self, id: &NodeId) -> String {
        self.document
            .with(|document| document.node(id).map(|node| node.name.clone()).unwrap_or_default())
    }

    /// Selects one node and makes it the current one.
    pub fn select(&self, id: &NodeId) {
        self.edge.set(None);
        if self.current.with_untracked(|current| current.as_ref() != Some(id)) {
            self.current.set(Some(id.clone()));
            self.offset.set(0);
        }
        self.selection.set(iter::once(id.clone()).gather());
    }

    /// Adds or takes a node from the selection.
    pub fn toggle(&self, id: &NodeId) {
        self.selection.update(|selection| {
            if !selection.remove(id) {
                selection.insert(id.clone());
            }
        });
        self.current.set(Some(id.clone()));
    }

    pub fn clear_selection(&self) {
        self.selection.set(BTreeSet::new());
        self.edge.set(None);
        self.current.set(None);
    }

    /// Selected nodes, or else the current one.
    pub fn chosen(&self) -> Vec<NodeId> {
        let chosen: Vec<NodeId> = self.selection.with_untracked(|selection| selection.iter().cloned().collect());
        if chosen.is_empty() {
            self.current.get_untracked().into_iter().collect()
        } else {
            chosen
        }
    }

    /// Moves the keyboard's focus to the current node's card and brings it into view.
    pub fn focus_current(&self) {
        if let Some(id) = self.current.get_untracked() {
            self.reveal(&id);
        }
        // At once where the card is there: the next key must not fall into the void.
        super::canvas::focus_card(*self);
        self.focus_node.update(|n| *n = n.wrapping_add(1));
    }

    pub fn reveal(&self, id: &NodeId) {
        let (width, height) = self.size.get_untracked();
        if width > 0.0 {
            let at = self.document.with_untracked(|document| document.at(id));
            let now = self.viewport.get_untracked();
            let next = now.revealing(Rect::card(at), width, height, 48.0);
            if next != now {
                self.viewport.set(next);
            }
        }
    }

    /// The columns that enter a node at its first port.
    pub fn input_columns(&self, id: &NodeId) -> Option<Vec<Field>> {
        let parent = self.document.with(|document| document.node(id)?.inputs.first().cloned().flatten())?;
        self.columns_of(&parent)
    }

    /// The columns that leave a node, as the schemas say, else as the last preview saw them.
    pub fn columns_of(&self, id: &NodeId) -> Option<Vec<Field>> {
        self.schemas
            .with(|schemas| schemas.get(id).and_then(|schema| schema.columns.clone()))
            .or_else(|| {
                self.preview
                    .with(|preview| preview.reply.nodes.get(id).map(|node| node.schema.clone()).filter(|schema| !schema.is_empty()))
            })
    }

    /// Problems of one node, of the graph and of what was run.
    pub fn problems_of(&self, id: &NodeId) -> Vec<Problem> {
        self.all
            .with(|all| all.iter().filter(|problem| problem.node.as_ref() == Some(id)).cloned().collect())
    }

    /// What validation, the last preview and the last run say, errors first.
    pub fn all_problems(&self) -> Vec<Problem> {
        self.all.get()
    }

    /// Changes what a node does. Strokes of one field in a row are one unit of undo.
    pub fn set_kind(&self, id: &NodeId, kind: NodeKind, field: &str, label: &str) {
        let edit = Edit::SetKind {
            id: id.clone(),
            kind: Box::new(kind),
        };
        self.apply(Change::new(label, edit).grouped(format!("{id}:{field}")));
    }

    /// A new node's id, as the visual editor of Glue writes them.
    pub fn fresh_id(&self) -> NodeId {
        let mut millis = js_sys::Date::now() as u64;
        self.document.with_untracked(|document| {
            while document.graph().nodes.contains_key(&NodeId(format!("node-{millis}"))) {
                millis += 1;
            }
        });
        NodeId(format!("node-{millis}"))
    }

    /// Puts a new node into a slot, selects it and moves the focus to it.
    pub fn add(&self, entry: &str, slot: Slot) {
        let Some(entry) = NodeKind::palette().iter().find(|palette| palette.id == entry) else {
            return;
        };
        let id = self.fresh_id();
        let new = NewNode {
            id: id.clone(),
            name: entry.label.into(),
            kind: entry.kind(),
        };
        let change = self.document.with_untracked(|document| match &slot {
            Slot::After(after) => Ok(document.append(after.as_ref(), new, None)),
            Slot::Before(before) => document.prepend(before, 0, new),
            Slot::On(edge) => document.insert_on_edge(edge, new),
            Slot::At(after, at) => Ok(document.append(after.as_ref(), new, Some(*at))),
        });
        match change {
            Ok(mut change) => {
                let fed = match &slot {
                    Slot::After(Some(after)) | Slot::At(Some(after), _) => Some(after.clone()),
                    _ => None,
                };
                if let Some(parent) = fed.filter(|_| entry.inputs > 0) {
                    change.label = format!(
                        "Added {} after {}",
                        entry.label,
                        self.document.with_untracked(|d| d.node(&parent).map(|n| n.name.clone()).unwrap_or_default())
                    );
                }
                if self.apply(change) {
                    self.select(&id);
                    self.tab.set(Tab::Fields);
                    self.focus_current();
                }
            }
            Err(refusal) => self.say(refusal.to_string()),
        }
    }

    pub fn delete_chosen(&self) {
        if let Some(edge) = self.edge.get_untracked() {
            let change = self.document.with_untracked(|document| document.disconnect(&edge));
            self.apply(change);
            return;
        }
        let chosen = self.chosen();
        if chosen.is_empty() {
            return;
        }
        // The focus goes on to what stood before, as if the rail had closed under it.
        let heir = self.document.with_untracked(|document| {
            let parent = |id: &NodeId| document.node(id).and_then(|node| node.inputs.iter().flatten().next().cloned());
            let mut heir = chosen.first().and_then(parent);
            while let Some(id) = heir.clone().filter(|id| chosen.contains(id)) {
                heir = parent(&id);
            }
            heir.or_else(|| self.order.with_untracked(|order| order.iter().find(|id| !chosen.contains(id)).cloned()))
        });
        let change = self.document.with_untracked(|document| {
            let healed = matches!(chosen.as_slice(), [one] if document.heals(one));
            let mut change = document.remove(&chosen);
            if healed {
                change.label.push_str(", rejoined the rail");
            }
            change
        });
        if self.apply(change) {
            match heir {
                Some(id) => {
                    self.select(&id);
                    self.focus_current();
                }
                None => {
                    self.clear_selection();
                    self.focus_current();
                }
            }
        }
    }

    pub fn connect(&self, from: &NodeId, to: &NodeId, port: usize) -> bool {
        match self.document.with_untracked(|document| document.connect(from, to, port)) {
            Ok(change) => self.apply(change),
            Err(refusal) => {
                self.say(refusal.to_string());
                false
            }
        }
    }
}

/// One list of what validation, a preview and a run of this very revision say, errors first.
fn gather(problems: &[Problem], preview: &Preview, run: Option<&RunView>, revision: u64) -> Vec<Problem> {
    let mut all = problems.to_vec();
    for (id, (field, message)) in &preview.errors {
        if !all
            .iter()
            .any(|problem| problem.node.as_ref() == Some(id) && problem.severity == Severity::Error)
        {
            all.push(Problem {
                node: Some(id.clone()),
                field: field.clone(),
                severity: Severity::Error,
                message: message.clone(),
            });
        }
    }
    if let Some(failure) = run.filter(|run| run.revision == revision).and_then(|run| run.failure.as_ref())
        && !all.iter().any(|problem| problem.message == failure.error.message)
    {
        all.push(Problem {
            node: failure.error.node.clone(),
            field: failure.error.field.clone(),
            severity: Severity::Error,
            message: failure.error.message.clone(),
        });
    }
    all.order_by_key(|problem| problem.severity != Severity::Error);
    all
}
