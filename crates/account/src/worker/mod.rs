//! The account worker: hears the page, owns the session, and supervises the data workers.
//!
//! Belongs here: messages, timers, the order of things. Does not belong here: what a call does (host, core), what a file holds (engine).

mod effects;
mod engine;
mod export;
mod lane;
mod lock;
mod port;
mod session;
mod upload;

use std::cell::RefCell;
use std::rc::Rc;

use sluice_protocol::{PROTOCOL_VERSION, PageReply, PageRequest, decode};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::parts::Bring;
use crate::sync::Mutex;
use port::{Envelope, PagePort};
use session::Session;

struct App {
    port: PagePort,
    session: RefCell<Option<Rc<Session>>>,
    /// Held while an account is opened; what comes meanwhile waits for it.
    opening: Mutex<()>,
    bring: Bring,
}

/// Listens to the page. Called once, when the module starts. `bring` fetches the parts that the program was cut into.
pub fn start(bring: Bring) {
    std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&info.to_string().into())));
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let app = Rc::new(App {
        port: PagePort::new(scope.clone()),
        session: RefCell::new(None),
        opening: Mutex::new(()),
        bring,
    });
    let port = app.port.clone();
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let app = app.clone();
        spawn_local(async move { app.hear(&event.data()).await });
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    // The listener lives as long as the worker.
    hear.forget();
    port.ready();
}

impl App {
    async fn hear(&self, data: &JsValue) {
        let envelope = Envelope::read(data);
        let (reply, blobs) = self.answer(&envelope).await;
        self.port.reply(envelope.id, &reply, &blobs);
    }

    async fn answer(&self, envelope: &Envelope) -> (PageReply, Vec<Blob>) {
        if envelope.version != Some(PROTOCOL_VERSION) {
            let theirs = envelope.version.map_or_else(|| "none".to_owned(), |version| version.to_string());
            let message = format!(
                "The page speaks protocol {theirs} and the account worker {PROTOCOL_VERSION}: one of them comes from an old cache. Load the page again; nothing was changed."
            );
            return failed(message);
        }
        let request: PageRequest = match decode(&envelope.body) {
            Ok(request) => request,
            Err(error) => return failed(format!("The account worker does not understand the request: {error}")),
        };
        if let PageRequest::Open { account, backend } = request {
            let _turn = self.opening.lock().await;
            if self.session.borrow().is_some() {
                return failed("The account is already open.".to_owned());
            }
            return match Session::open(self.port.clone(), &account, backend, self.bring.clone()).await {
                Ok((session, opened)) => {
                    *self.session.borrow_mut() = Some(session);
                    (PageReply::Opened(opened), Vec::new())
                }
                Err(error) => failed(format!("The account \"{account}\" could not be opened: {error}")),
            };
        }
        drop(self.opening.lock().await);
        let session = self.session.borrow().clone();
        match session {
            Some(session) => session.request(request, &envelope.blobs).await,
            None => failed("The account is not open.".to_owned()),
        }
    }
}

fn failed(message: String) -> (PageReply, Vec<Blob>) {
    (PageReply::Failed { message }, Vec::new())
}
