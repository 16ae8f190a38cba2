//! One data worker: started when it is needed, asked one thing at a time, ended when it fails.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use sluice_protocol::{EngineNotice, EngineReply, EngineRequest, PROTOCOL_VERSION, RunProgress, decode};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, ErrorEvent, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::port::{Envelope, to_json};
use crate::sync::{Answerer, Guard, Mutex, answer};

pub(crate) type Answered = Result<(EngineReply, Vec<Blob>), String>;

/// Called with each progress notice.
pub(crate) type OnProgress = Rc<dyn Fn(RunProgress)>;

pub(crate) struct Lane {
    name: &'static str,
    turns: Mutex<()>,
    live: Rc<Live>,
    on_progress: OnProgress,
}

/// What the listeners share with the lane.
#[derive(Default)]
struct Live {
    worker: RefCell<Option<Running>>,
    last_id: Cell<u32>,
    ready: Cell<Option<Answerer<Result<(), String>>>>,
    /// The request that the worker is at.
    pending: Cell<Option<(u32, Answerer<Answered>)>>,
}

struct Running {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Live {
    /// Ends the worker; what it was doing is answered with the message.
    fn kill(&self, message: &str) {
        if let Some(running) = self.worker.borrow_mut().take() {
            running.worker.set_onmessage(None);
            running.worker.set_onerror(None);
            running.worker.terminate();
        }
        if let Some(ready) = self.ready.take() {
            ready.send(Err(message.to_owned()));
        }
        if let Some((_, pending)) = self.pending.take() {
            pending.send(Err(message.to_owned()));
        }
    }

    fn hear(&self, data: &JsValue, on_progress: &OnProgress) -> Result<(), String> {
        let envelope = Envelope::read(data);
        if envelope.version != Some(PROTOCOL_VERSION) {
            return Err("The data engine is of another version than this page: load the page again.".into());
        }
        if envelope.id != 0 {
            let reply = decode::<EngineReply>(&envelope.body).map_err(|error| format!("The data engine's answer could not be read: {error}"))?;
            if let Some((id, pending)) = self.pending.take() {
                if id == envelope.id {
                    pending.send(Ok((reply, envelope.blobs)));
                } else {
                    // The reply to something that nobody waits for any more.
                    self.pending.set(Some((id, pending)));
                }
            }
            return Ok(());
        }
        match decode(&envelope.body).map_err(|error| format!("The data engine's notice could not be read: {error}"))? {
            EngineNotice::Ready => {
                if let Some(ready) = self.ready.take() {
                    ready.send(Ok(()));
                }
            }
            EngineNotice::Progress(progress) => on_progress(progress),
        }
        Ok(())
    }
}

impl Lane {
    pub fn new(name: &'static str, on_progress: OnProgress) -> Self {
        Lane {
            name,
            turns: Mutex::new(()),
            live: Rc::default(),
            on_progress,
        }
    }

    /// Waits until nothing else is asked of this worker.
    pub async fn turn(&self) -> Guard<'_, ()> {
        self.turns.lock().await
    }

    pub fn kill(&self, message: &str) {
        self.live.kill(message);
    }

    /// Starts the worker if there is none, and waits until it can hear.
    pub async fn wake(&self, scratch: Option<Vec<String>>) -> Result<(), String> {
        if self.live.worker.borrow().is_some() {
            return Ok(());
        }
        let (ready, started) = answer();
        self.live.ready.set(Some(ready));
        self.spawn().map_err(|error| {
            let (name, message) = crate::store::js::error_text(&error);
            format!("The data engine could not be started: {name}: {message}")
        })?;
        started.await.unwrap_or_else(|| Err("The data engine was ended while it started.".into()))?;
        match self.ask(&EngineRequest::Hello { scratch }, &[]).await? {
            (EngineReply::Hello { version }, _) if version == PROTOCOL_VERSION => Ok(()),
            (EngineReply::Hello { version }, _) => {
                let message = format!("The data engine speaks protocol {version} and the account worker {PROTOCOL_VERSION}: load the page again.");
                self.kill(&message);
                Err(message)
            }
            (EngineReply::Failed { message }, _) => {
                self.kill(&message);
                Err(message)
            }
            _ => {
                self.kill("");
                Err("The data engine gave an answer that does not belong to the question.".into())
            }
        }
    }

    fn spawn(&self) -> Result<(), JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(self.name);
        // Relative to this worker's own script, beside which it is served.
        let worker = Worker::new_with_options("./engine_loader.js", &options)?;
        let (live, on_progress) = (self.live.clone(), self.on_progress.clone());
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Err(message) = live.hear(&event.data(), &on_progress) {
                live.kill(&message);
            }
        });
        let live = self.live.clone();
        let on_error = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            // Handled here: it must not end the account worker too.
            event.prevent_default();
            let detail = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).filter(|message| !message.is_empty());
            let detail = detail.unwrap_or_else(|| "its program could not be loaded".into());
            live.kill(&format!("The data engine stopped: {detail}"));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        *self.live.worker.borrow_mut() = Some(Running {
            worker,
            _on_message: on_message,
            _on_error: on_error,
        });
        Ok(())
    }

    /// Asks and waits. Only with a turn, and of a worker that is awake.
    pub async fn ask(&self, request: &EngineRequest, blobs: &[Blob]) -> Answered {
        let id = self.live.last_id.get().checked_add(1).unwrap_or(1);
        self.live.last_id.set(id);
        let (answerer, answered) = answer();
        self.live.pending.set(Some((id, answerer)));
        if let Err(message) = self.post(id, request, blobs) {
            self.live.pending.take();
            return Err(message);
        }
        answered.await.unwrap_or_else(|| Err("The data engine was ended.".into()))
    }

    /// Tells the worker something that has no answer of its own.
    pub fn tell(&self, request: &EngineRequest) -> Result<(), String> {
        let id = self.live.last_id.get().checked_add(1).unwrap_or(1);
        self.live.last_id.set(id);
        self.post(id, request, &[])
    }

    fn post(&self, id: u32, request: &EngineRequest, blobs: &[Blob]) -> Result<(), String> {
        let worker = self.live.worker.borrow();
        let running = worker.as_ref().ok_or("The data engine is not running.")?;
        let body = to_json(request)?;
        let posted = Envelope::write(id, &body, blobs).and_then(|message| running.worker.post_message(&message));
        posted.map_err(|error| {
            let (name, message) = crate::store::js::error_text(&error);
            format!("The data engine could not be told: {name}: {message}")
        })
    }
}
