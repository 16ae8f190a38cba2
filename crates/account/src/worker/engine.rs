//! The data workers as the session sees them: runs and crawls in one lane, what a person waits for beside them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use sluice_core::account::{NodeReport, RunReport};
use sluice_protocol::{EngineReply, EngineRequest, Notice, RunProgress};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::lane::{Answered, Lane};
use super::port::{PagePort, sleep};

/// How long a run may take to end after it was told to.
const CANCEL_MILLIS: f64 = 1_000.0;

pub(crate) struct Engine {
    port: PagePort,
    scratch: Option<Vec<String>>,
    /// Runs and crawls; and everything else while there are none.
    first: Lane,
    /// Previews and pages of tables while a run is going.
    second: Lane,
    /// Runs and crawls that wait or go.
    working: Cell<u32>,
    runs: Rc<RefCell<BTreeMap<String, RunState>>>,
    last_preview: Cell<u64>,
}

#[derive(Default)]
struct RunState {
    going: bool,
    cancelled: bool,
    progress: RunProgress,
}

/// What to do about a cancelled run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// It had not begun: it is stopped by saying so.
    BeforeStart,
    /// Its own answer comes.
    Told,
    /// It has ended already.
    Gone,
}

/// A preview that a newer one has taken the place of.
pub(crate) struct Superseded;

impl Engine {
    pub fn new(port: PagePort, scratch: Option<Vec<String>>) -> Rc<Self> {
        let runs: Rc<RefCell<BTreeMap<String, RunState>>> = Rc::default();
        let (seen, page) = (runs.clone(), port.clone());
        let on_progress = Rc::new(move |progress: RunProgress| {
            if let Some(state) = seen.borrow_mut().get_mut(&progress.run_id) {
                state.progress = progress.clone();
            }
            page.notice(&Notice::Progress(progress));
        });
        Rc::new(Engine {
            port,
            scratch,
            first: Lane::new("engine", on_progress.clone()),
            second: Lane::new("engine-live", on_progress),
            working: Cell::new(0),
            runs,
            last_preview: Cell::new(0),
        })
    }

    /// Asks something that a person waits for.
    pub async fn ask(&self, request: &EngineRequest, blobs: &[Blob]) -> Answered {
        let lane = self.free_lane();
        let _turn = lane.turn().await;
        self.ask_in(lane, request, blobs).await
    }

    /// As [`Engine::ask`], unless a newer preview comes while this one waits.
    pub async fn preview(&self, request: &EngineRequest, blobs: &[Blob]) -> Result<Answered, Superseded> {
        let ticket = self.last_preview.get() + 1;
        self.last_preview.set(ticket);
        let lane = self.free_lane();
        let _turn = lane.turn().await;
        if self.last_preview.get() != ticket {
            return Err(Superseded);
        }
        Ok(self.ask_in(lane, request, blobs).await)
    }

    fn free_lane(&self) -> &Lane {
        if self.working.get() > 0 { &self.second } else { &self.first }
    }

    async fn ask_in(&self, lane: &Lane, request: &EngineRequest, blobs: &[Blob]) -> Answered {
        let answered = match lane.wake(self.scratch.clone()).await {
            Ok(()) => lane.ask(request, blobs).await,
            Err(message) => Err(message),
        };
        let message = match answered {
            Ok((EngineReply::Failed { message }, _)) | Err(message) => message,
            answered => return answered,
        };
        // After a failure nothing is known about the worker's memory: the next question starts another.
        lane.kill(&message);
        self.port.notice(&Notice::EngineRestarted { message: message.clone() });
        Err(message)
    }

    /// Asks for a crawl, in turn with runs.
    pub async fn crawl(&self, request: &EngineRequest, blobs: &[Blob]) -> Answered {
        self.working.set(self.working.get() + 1);
        let turn = self.first.turn().await;
        let answered = self.ask_in(&self.first, request, blobs).await;
        drop(turn);
        self.working.set(self.working.get() - 1);
        answered
    }

    /// Makes a run known, so that it can be cancelled from now on.
    pub fn announce(&self, run_id: &str) {
        self.working.set(self.working.get() + 1);
        self.runs.borrow_mut().insert(run_id.to_owned(), RunState::default());
    }

    /// Runs an announced run in its turn. `None` if it was cancelled before it began.
    pub async fn run(&self, run_id: &str, request: &EngineRequest, blobs: &[Blob]) -> Option<Answered> {
        let _turn = self.first.turn().await;
        let cancelled = || self.runs.borrow().get(run_id).is_none_or(|state| state.cancelled);
        if cancelled() {
            return None;
        }
        if let Err(message) = self.first.wake(self.scratch.clone()).await {
            self.first.kill(&message);
            self.port.notice(&Notice::EngineRestarted { message: message.clone() });
            return Some(Err(message));
        }
        if cancelled() {
            return None;
        }
        if let Some(state) = self.runs.borrow_mut().get_mut(run_id) {
            state.going = true;
        }
        let answered = self.ask_in(&self.first, request, blobs).await;
        if let Some(state) = self.runs.borrow_mut().get_mut(run_id) {
            state.going = false;
        }
        Some(answered)
    }

    /// Forgets a run, and says what was known of it: whether it was cancelled, and the counts of its last notice.
    pub fn forget(&self, run_id: &str) -> (bool, RunReport) {
        self.working.set(self.working.get().saturating_sub(1));
        let state = self.runs.borrow_mut().remove(run_id).unwrap_or_default();
        let report = |rows: &sluice_protocol::NodeProgress| NodeReport {
            rows_in: rows.rows_in,
            rows_out: rows.rows_out,
            ..NodeReport::default()
        };
        let nodes = state.progress.nodes.iter().map(|(node, rows)| (node.clone(), report(rows))).collect();
        let memory = state.progress.memory;
        (state.cancelled, RunReport { nodes, memory })
    }

    /// Stops a run: the worker is told, and ended if it doesn't listen.
    pub fn cancel(self: &Rc<Self>, run_id: &str) -> Cancelled {
        let going = match self.runs.borrow_mut().get_mut(run_id) {
            None => return Cancelled::Gone,
            Some(state) => {
                state.cancelled = true;
                state.going
            }
        };
        if !going {
            return Cancelled::BeforeStart;
        }
        let run_id = run_id.to_owned();
        // A worker that can't be told is ended below.
        let _ = self.first.tell(&EngineRequest::Cancel { run_id: run_id.clone() });
        let engine = self.clone();
        spawn_local(async move {
            sleep(CANCEL_MILLIS).await;
            let going = engine.runs.borrow().get(&run_id).is_some_and(|state| state.going);
            if going {
                engine.first.kill("The data engine did not stop when it was told to, and was ended.");
            }
        });
        Cancelled::Told
    }

    /// Ends both workers; whatever they were doing fails with the message.
    pub fn end(&self, message: &str) {
        self.first.kill(message);
        self.second.kill(message);
    }
}
