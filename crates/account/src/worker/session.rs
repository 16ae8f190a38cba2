//! An open account: answers the page's requests.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::json;
use sluice_core::account::{ApiError, Call, Effect, NodeError};
use sluice_core::etl::{Graph, NodeId};
use sluice_protocol::{
    Backend, EngineReply, EngineRequest, Notice, Opened, PREVIEW_ROWS, PageReply, PageRequest, PeekReply, PeekRequest, PreviewReply, PreviewRequest,
    SniffReply, SniffRequest, StoreInfo,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, StorageEstimate, StorageManager};

use super::engine::{Engine, Superseded};
use super::lock;
use super::port::{PagePort, sleep, wall};
use super::upload::extend;
use crate::parts::Bring;
use crate::store::StoreError;
use crate::store::browser::BrowserStore;
use crate::store::js::resolve;
use crate::{Host, HostOptions};

pub(crate) struct Session {
    host: Host<BrowserStore>,
    engine: RefCell<Rc<Engine>>,
    port: PagePort,
    backend: Backend,
    why_memory: Option<String>,
    /// Of the timer that is set; an older one does nothing when it goes off.
    timer: Cell<u64>,
    collecting: Cell<bool>,
}

/// Longest that a timer is set for, milliseconds: browsers count them in 32 bits.
const LONGEST_TIMER: f64 = 3_600_000.0;
/// Milliseconds after a change before blobs that nothing names are looked for.
const COLLECT_AFTER: f64 = 10_000.0;
/// Milliseconds between two tries to take the log's file from a tab that is being left.
const LOG_PAUSE: f64 = 50.0;
const LOG_TRIES: u32 = 60;

const OUT_OF_PLACE: &str = "The data engine gave an answer that does not belong to the question.";

impl Session {
    pub async fn open(port: PagePort, account: &str, backend: Option<Backend>, bring: Bring) -> Result<(Rc<Session>, Opened), StoreError> {
        let scope = port.scope();
        let (store, why_memory) = BrowserStore::open(scope, account, backend).await?;
        let backend = store.backend();
        // Memory is this tab's alone.
        let owned = backend == Backend::Memory || lock::take(&scope.navigator(), account).await;
        if owned {
            take_log(&store).await?;
        }
        let options = HostOptions {
            read_only: !owned,
            seed: (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
            interruption: "The page was closed",
            bring,
            ..HostOptions::default()
        };
        let scratch = store.scratch();
        let (host, report) = Host::open(Rc::new(store), wall(), options).await?;
        let session = Rc::new(Session {
            host,
            engine: RefCell::new(Engine::new(port.clone(), scratch)),
            port,
            backend,
            why_memory: why_memory.clone(),
            timer: Cell::new(0),
            collecting: Cell::new(false),
        });
        session.set_timer();
        let aside: Vec<String> = report.set_aside.iter().map(ToString::to_string).collect();
        let opened = Opened {
            backend,
            why_memory,
            read_only: !owned,
            position: report.position,
            now: report.now,
            set_aside: (!aside.is_empty()).then(|| aside.join(" ")),
        };
        Ok((session, opened))
    }

    pub fn host(&self) -> &Host<BrowserStore> {
        &self.host
    }

    pub fn port(&self) -> &PagePort {
        &self.port
    }

    pub fn engine(&self) -> Rc<Engine> {
        self.engine.borrow().clone()
    }

    pub async fn request(self: &Rc<Self>, request: PageRequest, blobs: &[Blob]) -> (PageReply, Vec<Blob>) {
        let reply = match request {
            PageRequest::Open { .. } => failed("The account is already open."),
            PageRequest::Call { call } => self.called(call).await,
            PageRequest::Upload {
                bucket,
                key,
                content_type,
                more,
            } => PageReply::Called {
                result: self.upload(bucket, key, &content_type, &more, blobs.first()).await,
            },
            PageRequest::Fetch { bucket, key, more } => {
                let mut params = json!({ "Bucket": bucket, "Key": key });
                extend(&mut params, &more);
                let call = Call::new("s3", "GetObject", params);
                let called = self.host.call(wall(), call).await;
                let (result, blobs) = self.fetched(called).await;
                return (PageReply::Fetched { result }, blobs);
            }
            PageRequest::PutDocument { key, text } => done(self.host.put_document(&key, &text).await),
            PageRequest::DeleteDocument { key } => done(self.host.delete_document(&key).await),
            PageRequest::GetDocument { key } => match self.host.document(&key).await {
                Ok(text) => PageReply::Document { text },
                Err(error) => failed(error),
            },
            PageRequest::ListDocuments { prefix } => match self.host.list_documents(&prefix).await {
                Ok(entries) => PageReply::Documents { entries },
                Err(error) => failed(error),
            },
            PageRequest::Preview { graph, focus, offset, rows } => self.preview(graph, focus, offset, rows).await,
            PageRequest::Peek { bucket, key, offset, rows } => PageReply::Peeked {
                result: self.peek(&bucket, &key, offset, rows).await,
            },
            PageRequest::Sniff { graph, node } => PageReply::Sniffed {
                result: self.sniff(&graph, node).await,
            },
            PageRequest::StoreInfo => match self.store_info().await {
                Ok(info) => PageReply::Store(info),
                Err(error) => failed(error),
            },
            PageRequest::Clear => self.clear().await,
            PageRequest::ExportLog => return self.export().await,
            PageRequest::ExportStorage => return super::export::storage(&self.host).await,
        };
        (reply, Vec::new())
    }

    async fn called(self: &Rc<Self>, call: Call) -> PageReply {
        let mut called = self.host.call(wall(), call).await;
        self.host.fill_body(&mut called).await;
        self.after(called.changed, called.effects);
        PageReply::Called { result: called.result }
    }

    /// What follows every call: its work is started, the page is told, the timer is set anew.
    pub fn after(self: &Rc<Self>, changed: bool, effects: Vec<Effect>) {
        self.start(effects);
        if !changed {
            return;
        }
        let session = self.clone();
        self.port.once_a_frame(move || async move {
            let (position, now) = session.host.at(wall()).await;
            session.port.notice(&Notice::Changed { position, now });
        });
        self.set_timer();
        self.collect_later();
    }

    /// Comes back when the account has something to do.
    fn set_timer(self: &Rc<Self>) {
        let number = self.timer.get() + 1;
        self.timer.set(number);
        let session = self.clone();
        spawn_local(async move {
            let Some(micros) = session.host.poll_in(wall()).await else { return };
            sleep((micros as f64 / 1_000.0).clamp(1.0, LONGEST_TIMER)).await;
            if session.timer.get() != number {
                return;
            }
            let (effects, changed) = session.host.poll(wall()).await;
            if changed {
                session.after(true, effects);
            } else {
                session.set_timer();
            }
        });
    }

    fn collect_later(self: &Rc<Self>) {
        if self.collecting.replace(true) {
            return;
        }
        let session = self.clone();
        spawn_local(async move {
            sleep(COLLECT_AFTER).await;
            session.collecting.set(false);
            // What can't be collected now is at the next opening.
            let _ = session.host.collect().await;
        });
    }

    async fn preview(&self, graph: Graph, focus: Option<NodeId>, offset: u64, rows: u32) -> PageReply {
        let previewed = |result| PageReply::Previewed { result };
        let inputs = match self.host.inputs(&graph).await {
            Ok(inputs) => inputs,
            Err(errors) => return previewed(Err(errors)),
        };
        let read = self.inputs_of(inputs.values().flat_map(|source| &source.objects)).await;
        let blobs = match self.blobs(&read.ids).await {
            Ok(blobs) => blobs,
            Err(error) => return previewed(Err(vec![whole(error.message)])),
        };
        let request = PreviewRequest {
            graph,
            inputs,
            limit: PREVIEW_ROWS,
            focus,
            offset,
            rows,
        };
        let request = EngineRequest::Preview { request, inputs: read };
        match self.engine().preview(&request, &blobs).await {
            Err(Superseded) => PageReply::Superseded,
            Ok(Ok((EngineReply::Previewed { result }, _))) => previewed(result),
            Ok(Ok(_)) => previewed(Err::<PreviewReply, _>(vec![whole(OUT_OF_PLACE.into())])),
            Ok(Err(message)) => previewed(Err(vec![whole(message)])),
        }
    }

    async fn peek(&self, bucket: &str, key: &str, offset: u64, rows: u32) -> Result<PeekReply, ApiError> {
        let object = self.host.readable(wall(), bucket, key).await?;
        let inputs = self.inputs_of(std::iter::once(&object)).await;
        let blobs = self.blobs(&inputs.ids).await.map_err(|error| error.to_api_error())?;
        let request = PeekRequest {
            object,
            format: None,
            offset,
            rows,
        };
        let request = EngineRequest::Peek { request, inputs };
        match self.engine().ask(&request, &blobs).await {
            Ok((EngineReply::Peeked { result }, _)) => result,
            Ok(_) => Err(ApiError::new("InternalError", OUT_OF_PLACE)),
            Err(message) => Err(ApiError::new("InternalError", message)),
        }
    }

    async fn sniff(&self, graph: &Graph, node: NodeId) -> Result<SniffReply, NodeError> {
        let at = |message: String| NodeError {
            node: Some(node.clone()),
            field: None,
            message,
        };
        // The node alone: what is wrong elsewhere in the graph is no concern of its columns.
        let mut alone = Graph::default();
        if let Some(source) = graph.nodes.get(&node) {
            alone.nodes.insert(node.clone(), source.clone());
        }
        let inputs = self.host.inputs(&alone).await;
        let mut inputs = inputs.map_err(|errors| errors.into_iter().next().unwrap_or_else(|| at("The source could not be resolved.".into())))?;
        let source = inputs.remove(&node).ok_or_else(|| at(format!("\"{node}\" is no source.")))?;
        let read = self.inputs_of(source.objects.iter()).await;
        let blobs = self.blobs(&read.ids).await.map_err(|error| at(error.message))?;
        let request = EngineRequest::Sniff {
            request: SniffRequest { node: node.clone(), source },
            inputs: read,
        };
        match self.engine().ask(&request, &blobs).await {
            Ok((EngineReply::Sniffed { result }, _)) => result,
            Ok(_) => Err(at(OUT_OF_PLACE.into())),
            Err(message) => Err(at(message)),
        }
    }

    async fn store_info(&self) -> Result<StoreInfo, StoreError> {
        let (used, objects) = self.host.usage().await?;
        let estimate = self.estimate().await;
        let bytes = |value: Option<f64>| value.map(crate::store::js::size);
        Ok(StoreInfo {
            backend: self.backend,
            why_memory: self.why_memory.clone(),
            used,
            objects,
            quota: bytes(estimate.as_ref().and_then(StorageEstimate::get_quota)),
            usage: bytes(estimate.as_ref().and_then(StorageEstimate::get_usage)),
        })
    }

    async fn estimate(&self) -> Option<StorageEstimate> {
        let storage = js_sys::Reflect::get(&self.port.scope().navigator(), &"storage".into()).ok()?;
        if storage.is_undefined() || storage.is_null() {
            return None;
        }
        let promise = storage.unchecked_ref::<StorageManager>().estimate().ok()?;
        resolve::<js_sys::Object>(promise).await.ok().map(JsCast::unchecked_into)
    }

    async fn clear(self: &Rc<Self>) -> PageReply {
        if let Some(refusal) = self.host.refusal() {
            return failed(refusal);
        }
        self.engine().end("The account was cleared.");
        let scratch = self.host.store().scratch();
        *self.engine.borrow_mut() = Engine::new(self.port.clone(), scratch);
        match self.host.clear().await {
            Ok(()) => {
                self.after(true, Vec::new());
                PageReply::Cleared
            }
            Err(error) => failed(error),
        }
    }

    async fn export(&self) -> (PageReply, Vec<Blob>) {
        let lines = match self.host.export_log().await {
            Ok(lines) => lines,
            Err(error) => return (failed(error), Vec::new()),
        };
        let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(lines.as_slice()));
        match Blob::new_with_u8_array_sequence(&parts) {
            Ok(blob) => (PageReply::Exported, vec![blob]),
            Err(error) => (failed(crate::store::js::error_text(&error).1), Vec::new()),
        }
    }
}

/// A tab that is being left closes the log's file a moment after it lets the lock go.
async fn take_log(store: &BrowserStore) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        match store.take().await {
            Ok(()) => return Ok(()),
            Err(error) if tries == LOG_TRIES => return Err(error),
            Err(_) => tries += 1,
        }
        sleep(LOG_PAUSE).await;
    }
}

fn failed(error: impl ToString) -> PageReply {
    PageReply::Failed { message: error.to_string() }
}

fn done(result: Result<(), ApiError>) -> PageReply {
    match result {
        Ok(()) => PageReply::DocumentPut,
        Err(error) => PageReply::Failed { message: error.message },
    }
}

/// An error of the job as a whole.
fn whole(message: String) -> NodeError {
    NodeError {
        node: None,
        field: None,
        message,
    }
}
