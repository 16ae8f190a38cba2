//! The data worker: hears requests, works in slices between which it hears a cancel, and answers.
//!
//! Belongs here: messages, slices, the browser's clock, files and blobs. Does not belong here: what a run or a preview is (the library).

mod ahead;
mod blob;
mod scratch;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;

use js_sys::{Array, Object, Promise, Reflect};
use sluice_core::account::{ObjectInput, RunPlan};
use sluice_engine::{Clock, Open, PreviewCache, Run, RunResult, Step, crawl_object, peek, preview, sniff};
use sluice_protocol::{EngineNotice, EngineReply, EngineRequest, PROTOCOL_VERSION, RunEnd, RunInputs};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

use scratch::Scratch;

/// Milliseconds of work between two looks at the messages.
const SLICE: f64 = 20.0;

/// Milliseconds between two notices of progress.
const PROGRESS: f64 = 100.0;

thread_local! {
    /// The request being worked at: what a panic answers.
    static CURRENT: Cell<u32> = const { Cell::new(0) };
}

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    clock: Clock,
    scratch: Scratch,
    cache: RefCell<PreviewCache>,
    cancelled: RefCell<BTreeSet<String>>,
    running: RefCell<BTreeSet<String>>,
}

fn post(scope: &DedicatedWorkerGlobalScope, id: u32, body: &str, blobs: &[Blob]) -> Result<(), JsValue> {
    let message = Object::new();
    Reflect::set(&message, &"v".into(), &PROTOCOL_VERSION.into())?;
    Reflect::set(&message, &"id".into(), &id.into())?;
    Reflect::set(&message, &"body".into(), &body.into())?;
    Reflect::set(&message, &"blobs".into(), &blobs.iter().collect::<Array>())?;
    scope.post_message(&message)
}

/// Wasm memory only grows: its size is its high-water mark.
fn memory_bytes() -> u64 {
    core::arch::wasm32::memory_size(0) as u64 * 65_536
}

/// Comes back after the messages that wait have been heard. A message channel and not a timer: timers of a hidden tab are slowed down.
async fn breathe() {
    let promise = Promise::new(&mut |resolve, _| {
        let Ok(channel) = MessageChannel::new() else {
            let _ = resolve.call0(&JsValue::NULL);
            return;
        };
        let port = channel.port1();
        let ended = port.clone();
        let heard = Closure::once_into_js(move || {
            ended.close();
            let _ = resolve.call0(&JsValue::NULL);
        });
        port.set_onmessage(Some(heard.unchecked_ref()));
        let _ = channel.port2().post_message(&JsValue::NULL);
    });
    // The promise is never rejected.
    let _ = JsFuture::from(promise).await;
}

/// Sets the worker up and says that it can hear.
pub fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    let panicked = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        let reply = EngineReply::Failed {
            message: format!("The data engine failed: {info}"),
        };
        if let Ok(body) = serde_json::to_string(&reply) {
            let _ = post(&panicked, CURRENT.with(Cell::get), &body, &[]);
        }
    }));
    let performance = scope.performance();
    let clock: Clock = Rc::new(move || performance.as_ref().map_or(0.0, |performance| performance.now()));
    let worker = Rc::new(Worker {
        scope: scope.clone(),
        clock,
        scratch: Scratch::new(),
        cache: RefCell::default(),
        cancelled: RefCell::default(),
        running: RefCell::default(),
    });
    let hears = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| worker.hear(&event.data()));
    scope.set_onmessage(Some(hears.as_ref().unchecked_ref()));
    hears.forget();
    if let Ok(body) = serde_json::to_string(&EngineNotice::Ready) {
        let _ = post(&scope, 0, &body, &[]);
    }
}

impl Worker {
    fn reply(&self, id: u32, reply: &EngineReply, blobs: &[Blob]) {
        let body = serde_json::to_string(reply).or_else(|error| {
            serde_json::to_string(&EngineReply::Failed {
                message: format!("an answer has no JSON form: {error}"),
            })
        });
        if let Ok(body) = body
            && let Err(error) = post(&self.scope, id, &body, blobs)
        {
            web_sys::console::error_2(&"a message could not be posted".into(), &error);
        }
    }

    fn fail(&self, id: u32, message: impl Into<String>) {
        self.reply(id, &EngineReply::Failed { message: message.into() }, &[]);
    }

    fn hear(self: &Rc<Self>, data: &JsValue) {
        let get = |name: &str| Reflect::get(data, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let id = get("id").as_f64().map_or(0, |id| id as u32);
        let version = get("v").as_f64();
        if version != Some(f64::from(PROTOCOL_VERSION)) {
            return self.fail(
                id,
                format!("The data engine speaks protocol {PROTOCOL_VERSION}, and this message is of another version: load the page again."),
            );
        }
        let body = get("body").as_string().unwrap_or_default();
        let blobs: Vec<Blob> = get("blobs")
            .dyn_into::<Array>()
            .map(|list| list.iter().filter_map(|blob| blob.dyn_into().ok()).collect())
            .unwrap_or_default();
        let request = match serde_json::from_str::<EngineRequest>(&body) {
            Ok(request) => request,
            Err(error) => return self.fail(id, format!("The request could not be read: {error}")),
        };
        CURRENT.with(|current| current.set(id));
        match request {
            EngineRequest::Hello { scratch } => {
                let worker = self.clone();
                spawn_local(async move {
                    worker.scratch.open(&worker.scope, scratch.as_deref()).await;
                    worker.reply(id, &EngineReply::Hello { version: PROTOCOL_VERSION }, &[]);
                });
            }
            EngineRequest::Cancel { run_id } => {
                if self.running.borrow().contains(&run_id) {
                    self.cancelled.borrow_mut().insert(run_id);
                }
            }
            EngineRequest::Run { plan, inputs } => {
                self.running.borrow_mut().insert(plan.run_id.clone());
                let open = opener(inputs, blobs);
                let worker = self.clone();
                spawn_local(async move { worker.run(id, plan, open).await });
            }
            EngineRequest::Preview { request, inputs } => {
                let result = preview(&request, &opener(inputs, blobs), &mut self.cache.borrow_mut(), &self.clock);
                self.reply(id, &EngineReply::Previewed { result }, &[]);
            }
            EngineRequest::Peek { request, inputs } => {
                let result = peek(&request, &opener(inputs, blobs));
                self.reply(id, &EngineReply::Peeked { result }, &[]);
            }
            EngineRequest::Sniff { request, inputs } => {
                let result = sniff(&request, &opener(inputs, blobs));
                self.reply(id, &EngineReply::Sniffed { result }, &[]);
            }
            EngineRequest::Crawl { objects, inputs } => {
                let open = opener(inputs, blobs);
                let worker = self.clone();
                spawn_local(async move {
                    let mut crawled = Vec::with_capacity(objects.len());
                    for object in &objects {
                        crawled.push(crawl_object(object, &open));
                        breathe().await;
                        CURRENT.with(|current| current.set(id));
                    }
                    worker.reply(id, &EngineReply::Crawled { objects: crawled }, &[]);
                });
            }
        }
    }

    async fn run(self: Rc<Self>, id: u32, plan: RunPlan, open: Open) {
        self.scratch.open_ahead().await;
        let run_id = plan.run_id.clone();
        let mut run = Run::new(plan, open, Box::new(self.scratch.clone()), self.clock.clone());
        let mut told = (self.clock)();
        let mut result = loop {
            if self.cancelled.borrow_mut().remove(&run_id) {
                run.cancel();
            }
            CURRENT.with(|current| current.set(id));
            let end = (self.clock)() + SLICE;
            if let Step::Done(result) = run.step(&mut || (self.clock)() < end) {
                break *result;
            }
            if (self.clock)() - told >= PROGRESS {
                told = (self.clock)();
                self.progress(&run);
            }
            self.scratch.open_ahead().await;
            breathe().await;
        };
        self.progress(&run);
        result.report.memory = memory_bytes();
        drop(run);
        self.running.borrow_mut().remove(&run_id);
        self.cancelled.borrow_mut().remove(&run_id);
        match self.hand_over(result).await {
            Ok((reply, blobs)) => self.reply(id, &reply, &blobs),
            Err(error) => self.fail(id, format!("An output could not be handed over: {error}")),
        }
        self.scratch.clear();
    }

    async fn hand_over(&self, result: RunResult) -> io::Result<(EngineReply, Vec<Blob>)> {
        let mut blobs = Vec::new();
        let mut files = Vec::new();
        if result.end == RunEnd::Succeeded {
            for name in &result.files {
                let (blob, file) = self.scratch.take(name).await?;
                blobs.push(blob);
                files.push(file);
            }
        }
        let reply = EngineReply::Ran {
            end: result.end,
            report: result.report,
            outputs: result.outputs,
            files,
        };
        Ok((reply, blobs))
    }

    fn progress(&self, run: &Run) {
        let notice = EngineNotice::Progress(run.progress(memory_bytes()));
        if let Ok(body) = serde_json::to_string(&notice) {
            let _ = post(&self.scope, 0, &body, &[]);
        }
    }
}

/// Opens the inputs that came with a message, by content address.
fn opener(inputs: RunInputs, blobs: Vec<Blob>) -> Open {
    let with = inputs.secrets.into_iter().zip(blobs);
    let blobs: std::collections::BTreeMap<String, (Option<[u8; 32]>, Blob)> = inputs.ids.into_iter().zip(with).collect();
    Rc::new(move |object: &ObjectInput| {
        let (secret, blob) = blobs
            .get(&object.blob.id)
            .ok_or_else(|| io::Error::other("the object's bytes did not reach the data engine"))?;
        ahead::open(&object.blob, secret.as_ref(), blob.clone())
    })
}
