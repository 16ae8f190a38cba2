//! The page's side of the account worker: requests and replies, notices as signals, `window.sluice`.
//!
//! Belongs here: workers, messages, what the browser says about them. Does not belong here: what any screen does with an answer.
//! No component holds the account; every view is asked for, and asked again when `position` moves.

mod feedback;
mod link;
mod query;
mod script;

use std::collections::BTreeMap;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use sluice_core::account::{ApiError, Call};
use sluice_core::sim::SimTime;
use sluice_protocol::{Notice, Opened, PageReply, PageRequest, RunProgress, StoreInfo};
use web_sys::Blob;

pub use feedback::{Feedback, Toast, ToastKind};
pub use query::{Query, parse, query};
pub use script::install as install_script;

use crate::settings::Settings;
use link::Link;

/// How far the account worker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    Starting,
    /// Not answered for some seconds; it still may.
    Slow,
    Open,
    /// Nothing works until the page is loaded again: a heading, and what happened.
    Failed {
        title: String,
        detail: String,
    },
}

/// A handle on the account; `Copy`, provided as context by the app.
#[derive(Clone, Copy)]
pub struct Host {
    link: StoredValue<Rc<Link>, LocalStorage>,
    pub phase: RwSignal<Phase>,
    /// What the worker said when it opened the account.
    pub opened: RwSignal<Option<Opened>>,
    /// Calls logged so far. Views read it so that they ask again when it moves.
    pub position: RwSignal<u64>,
    /// The account's clock as of the last change.
    pub now: RwSignal<SimTime>,
    /// The latest progress of each run, by run id. Entries stay after the run.
    pub progress: RwSignal<BTreeMap<String, RunProgress>>,
    /// Uploads under way: bytes taken and bytes in all, by bucket and key.
    pub uploads: RwSignal<BTreeMap<(String, String), (u64, u64)>>,
    pub feedback: Feedback,
}

/// The host, from any component.
pub fn use_host() -> Host {
    expect_context::<Host>()
}

impl Host {
    /// Starts the worker and opens the account.
    pub fn start(settings: &Settings) -> Host {
        let link = Rc::new(Link::default());
        let host = Host {
            link: StoredValue::new_local(link.clone()),
            phase: RwSignal::new(Phase::Starting),
            opened: RwSignal::new(None),
            position: RwSignal::new(0),
            now: RwSignal::new(SimTime::EPOCH),
            progress: RwSignal::new(BTreeMap::new()),
            uploads: RwSignal::new(BTreeMap::new()),
            feedback: Feedback::new(),
        };
        let open = PageRequest::Open {
            account: settings.account.clone(),
            backend: settings.backend,
        };
        link.start(host);
        spawn_local(async move {
            link.heard().await;
            match link.exchange(&open, &[]).await.0 {
                PageReply::Opened(opened) => {
                    host.position.set(opened.position);
                    host.now.set(opened.now);
                    host.opened.set(Some(opened));
                    host.phase.set(Phase::Open);
                    link.opened();
                }
                PageReply::Failed { message } => host.fail("The account could not be opened", &message),
                _ => host.fail(
                    "The account could not be opened",
                    "The account worker gave an answer that does not belong to the question.",
                ),
            }
        });
        set_timeout(
            move || {
                if host.phase.get_untracked() == Phase::Starting {
                    host.phase.set(Phase::Slow);
                }
            },
            core::time::Duration::from_secs(6),
        );
        host
    }

    /// Any API operation, in AWS's shape; a failure is what AWS would have answered.
    pub async fn call(&self, service: &str, operation: &str, params: Value) -> Result<Value, ApiError> {
        let call = Call::new(service, operation, params);
        match self.request(PageRequest::Call { call }, Vec::new()).await.0 {
            PageReply::Called { result } => result,
            other => Err(unexpected(other)),
        }
    }

    /// One request and its reply, with the blobs of each. Waits for the account to be open.
    ///
    /// A worker that is gone answers `PageReply::Failed`.
    pub async fn request(&self, request: PageRequest, blobs: Vec<Blob>) -> (PageReply, Vec<Blob>) {
        let Some(link) = self.link.try_get_value() else {
            return (failed("The page is closing."), Vec::new());
        };
        link.ready().await;
        link.exchange(&request, &blobs).await
    }

    /// Stores a file as an object, with other members of PutObject; its progress appears in `uploads`. The answer is PutObject's.
    pub async fn upload(&self, bucket: &str, key: &str, content_type: &str, more: Value, file: Blob) -> Result<Value, ApiError> {
        let id = (bucket.to_owned(), key.to_owned());
        let total = file.size() as u64;
        self.uploads.update(|uploads| {
            uploads.insert(id.clone(), (0, total));
        });
        let request = PageRequest::Upload {
            bucket: bucket.into(),
            key: key.into(),
            content_type: content_type.into(),
            more,
        };
        let reply = self.request(request, vec![file]).await.0;
        self.uploads.update(|uploads| {
            uploads.remove(&id);
        });
        match reply {
            PageReply::Called { result } => result,
            other => Err(unexpected(other)),
        }
    }

    /// An object's bytes, by a GetObject with these other members.
    pub async fn fetch(&self, bucket: &str, key: &str, more: Value) -> Result<Blob, ApiError> {
        let request = PageRequest::Fetch {
            bucket: bucket.into(),
            key: key.into(),
            more,
        };
        match self.request(request, Vec::new()).await {
            (PageReply::Fetched { result: Err(error) }, _) => Err(error),
            (PageReply::Fetched { result: Ok(_) }, blobs) => blobs
                .into_iter()
                .next()
                .ok_or_else(|| ApiError::new("InternalError", "The account worker sent no bytes.")),
            (other, _) => Err(unexpected(other)),
        }
    }

    /// A document of the page's own, such as a draft or a preference; `None` when there is none.
    pub async fn document(&self, key: &str) -> Option<String> {
        match self.request(PageRequest::GetDocument { key: key.into() }, Vec::new()).await.0 {
            PageReply::Document { text } => text,
            _ => None,
        }
    }

    /// Keeps a document; a failure is a message for a person.
    pub async fn put_document(&self, key: &str, text: &str) -> Result<(), String> {
        let request = PageRequest::PutDocument {
            key: key.into(),
            text: text.into(),
        };
        match self.request(request, Vec::new()).await.0 {
            PageReply::DocumentPut => Ok(()),
            other => Err(unexpected(other).message),
        }
    }

    pub async fn store_info(&self) -> Result<StoreInfo, ApiError> {
        match self.request(PageRequest::StoreInfo, Vec::new()).await.0 {
            PageReply::Store(info) => Ok(info),
            other => Err(unexpected(other)),
        }
    }

    /// Says it in the polite live region; at most one text in 700 ms is spoken, the last one wins.
    pub fn announce(&self, text: impl Into<String>) {
        self.feedback.announce(text.into());
    }

    /// Shows a refusal as AWS words it, with our line of help.
    pub fn toast_error(&self, error: &ApiError) {
        self.feedback.toast(Toast::error(error));
    }

    /// Shows that something went well; gone by itself.
    pub fn toast_done(&self, message: impl Into<String>) {
        self.feedback.toast(Toast::done(message.into()));
    }

    pub(crate) fn fail(&self, title: &str, detail: &str) {
        // The first failure is the cause of those that follow it.
        if self.phase.with_untracked(|phase| !matches!(phase, Phase::Failed { .. })) {
            self.phase.set(Phase::Failed {
                title: title.into(),
                detail: detail.into(),
            });
        }
    }

    fn notice(&self, notice: Notice) {
        match notice {
            Notice::Changed { position, now } => {
                self.now.set(now);
                self.position.set(position);
            }
            Notice::Progress(progress) => self.progress.update(|runs| {
                runs.insert(progress.run_id.clone(), progress);
            }),
            Notice::UploadProgress { bucket, key, done, total } => self.uploads.update(|uploads| {
                // A notice that arrives after its reply would bring a finished upload back.
                if let Some(upload) = uploads.get_mut(&(bucket, key)) {
                    *upload = (done, total);
                }
            }),
            Notice::EngineRestarted { message } => self.feedback.toast(Toast {
                kind: ToastKind::Error,
                code: Some("The data worker was started again".into()),
                message,
                help: Some("The account and its objects are as they were. What was running has failed and can be run again.".into()),
            }),
        }
    }
}

/// A reply that is no answer to the question: a failure of the worker, or a fault of ours.
pub fn unexpected(reply: PageReply) -> ApiError {
    match reply {
        PageReply::Failed { message } => ApiError::new("InternalError", message),
        PageReply::Called { result: Err(error) } => error,
        _ => ApiError::new("InternalError", "The account worker gave an answer that does not belong to the question."),
    }
}

fn failed(message: &str) -> PageReply {
    PageReply::Failed { message: message.into() }
}

/// Prints a panic to the console and puts a message over the page: after one, wasm state cannot be trusted.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        web_sys::console::error_1(&text.as_str().into());
        let Some(document) = web_sys::window().and_then(|window| window.document()) else {
            return;
        };
        let Ok(note) = document.create_element("div") else { return };
        note.set_class_name("crash");
        let _ = note.set_attribute("role", "alert");
        note.set_text_content(Some(&format!(
            "The page has stopped working. What the account acknowledged is kept; load the page again to go on. ({text})"
        )));
        if let Some(body) = document.body() {
            let _ = body.append_child(&note);
        }
    }));
}
