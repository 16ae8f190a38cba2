//! Messages to and from the account worker: `{ v, id, body, blobs }`, paired by id.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures_channel::oneshot;
use js_sys::{Array, Object, Reflect};
use leptos::prelude::*;
use sluice_protocol::{Notice, PROTOCOL_VERSION, PageReply, PageRequest, decode, encode};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, ErrorEvent, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use super::{Host, failed};

type Answer = (PageReply, Vec<Blob>);

/// The worker and the requests that wait for its replies.
#[derive(Default)]
pub struct Link {
    worker: RefCell<Option<Worker>>,
    waiting: RefCell<BTreeMap<u32, oneshot::Sender<Answer>>>,
    last_id: Cell<u32>,
    /// The worker can hear.
    heard: Gate,
    /// The account is open.
    open: Gate,
    /// Why no reply will ever come.
    lost: RefCell<Option<String>>,
}

impl Link {
    /// Starts the module worker beside the page and listens to it.
    pub fn start(self: &std::rc::Rc<Self>, host: Host) {
        let worker = match spawn("./account_loader.js") {
            Ok(worker) => worker,
            Err(error) => {
                self.lose(
                    &host,
                    "The account worker could not be started",
                    &format!("This browser refused to start it: {}", describe(&error)),
                );
                return;
            }
        };
        let link = self.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| link.receive(&host, &event.data()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
        let link = self.clone();
        let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            let detail = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).filter(|message| !message.is_empty());
            if link.heard.is_open() {
                let detail = detail.unwrap_or_else(|| "The worker gave no reason.".into());
                link.lose(&host, "The account worker has stopped", &detail);
            } else {
                let detail =
                    detail.unwrap_or_else(|| "The file account_loader.js is not beside this page, or the server sent it with a type that is no script.".into());
                link.lose(&host, "The account worker could not be started", &detail);
            }
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        on_error.forget();
        *self.worker.borrow_mut() = Some(worker);
    }

    /// Resolves when the worker can hear, or is lost.
    pub async fn heard(&self) {
        self.heard.passed().await;
    }

    /// Resolves when the account is open, or the worker is lost.
    pub async fn ready(&self) {
        self.open.passed().await;
    }

    /// The account is open: lets the waiting requests go.
    pub fn opened(&self) {
        self.open.open();
    }

    /// Sends one request and waits for its reply.
    pub async fn exchange(&self, request: &PageRequest, blobs: &[Blob]) -> Answer {
        if let Some(reason) = self.lost.borrow().as_deref() {
            return (failed(reason), Vec::new());
        }
        let id = self.last_id.get().checked_add(1).unwrap_or(1);
        self.last_id.set(id);
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().insert(id, sender);
        if let Err(reason) = self.post(id, request, blobs) {
            self.waiting.borrow_mut().remove(&id);
            return (failed(&reason), Vec::new());
        }
        receiver.await.unwrap_or_else(|_| (failed("The account worker has stopped."), Vec::new()))
    }

    fn post(&self, id: u32, request: &PageRequest, blobs: &[Blob]) -> Result<(), String> {
        let body = encode(request).map_err(|error| format!("The request has no JSON form: {error}"))?;
        let message = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&message, &name.into(), value).map(drop).map_err(|error| describe(&error));
        set("v", &PROTOCOL_VERSION.into())?;
        set("id", &id.into())?;
        set("body", &body.into())?;
        set("blobs", &blobs.iter().collect::<Array>())?;
        let worker = self.worker.borrow();
        let worker = worker.as_ref().ok_or("The account worker has not been started.")?;
        worker.post_message(&message).map_err(|error| describe(&error))
    }

    fn receive(&self, host: &Host, data: &JsValue) {
        let get = |name: &str| Reflect::get(data, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let version = get("v").as_f64();
        if version != Some(f64::from(PROTOCOL_VERSION)) {
            let theirs = version.map_or_else(|| "none".into(), |version| version.to_string());
            self.lose(
                host,
                "The page and its worker are of different versions",
                &format!(
                    "The page speaks protocol {PROTOCOL_VERSION}, the account worker {theirs}. One of them came from an old cache: load the page again. Nothing was changed."
                ),
            );
            return;
        }
        let body = get("body").as_string().unwrap_or_default();
        let id = get("id").as_f64().unwrap_or_default() as u32;
        let blobs: Vec<Blob> = get("blobs")
            .dyn_into::<Array>()
            .map(|list| list.iter().filter_map(|blob| blob.dyn_into().ok()).collect())
            .unwrap_or_default();
        if id == 0 {
            if body == "\"Ready\"" {
                self.heard.open();
                return;
            }
            match decode::<Notice>(&body) {
                Ok(notice) => host.notice(notice),
                Err(error) => leptos::logging::error!("a notice of the account worker could not be read: {error}"),
            }
            return;
        }
        let Some(sender) = self.waiting.borrow_mut().remove(&id) else {
            leptos::logging::error!("the account worker answered request {id}, which nobody waits for");
            return;
        };
        let reply = decode::<PageReply>(&body).unwrap_or_else(|error| failed(&format!("The account worker's answer could not be read: {error}")));
        // The receiver is gone when its screen is: an answer nobody wants any more.
        let _ = sender.send((reply, blobs));
    }

    /// The worker is no more: answers all that waits, now and later.
    fn lose(&self, host: &Host, title: &str, detail: &str) {
        if self.lost.borrow().is_some() {
            return;
        }
        *self.lost.borrow_mut() = Some(format!("{title}: {detail}"));
        host.fail(title, detail);
        self.waiting.borrow_mut().clear();
        self.heard.open();
        self.open.open();
        if let Some(worker) = self.worker.borrow_mut().take() {
            worker.terminate();
        }
    }
}

/// A door that opens once; whoever came before waits.
#[derive(Default)]
struct Gate {
    open: Cell<bool>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

impl Gate {
    fn is_open(&self) -> bool {
        self.open.get()
    }

    fn open(&self) {
        self.open.set(true);
        for waiting in self.waiting.take() {
            let _ = waiting.send(());
        }
    }

    async fn passed(&self) {
        if self.open.get() {
            return;
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().push(sender);
        let _ = receiver.await;
    }
}

fn spawn(script: &str) -> Result<Worker, JsValue> {
    let base = document().base_uri()?.unwrap_or_default();
    let url = Url::new_with_base(script, &base)?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name("account");
    Worker::new_with_options(&url.href(), &options)
}

/// What a thrown JavaScript value says.
pub fn describe(value: &JsValue) -> String {
    value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| format!("{value:?}"))
}
