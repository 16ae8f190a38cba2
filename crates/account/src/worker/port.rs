//! Messages `{ v, id, body, blobs }`, the clock and timers.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use serde::Serialize;
use sluice_core::sim::SimTime;
use sluice_protocol::{Notice, PROTOCOL_VERSION, PageReply};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope};

/// A message as it came; what is missing or of another type is empty.
pub(crate) struct Envelope {
    pub version: Option<u32>,
    pub id: u32,
    pub body: String,
    pub blobs: Vec<Blob>,
}

fn number(value: &JsValue) -> Option<u32> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number)).then_some(number as u32)
}

impl Envelope {
    pub fn read(data: &JsValue) -> Self {
        let get = |name: &str| Reflect::get(data, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let blobs = get("blobs")
            .dyn_into::<Array>()
            .map(|list| list.iter().filter_map(|blob| blob.dyn_into().ok()).collect());
        Envelope {
            version: number(&get("v")),
            id: number(&get("id")).unwrap_or_default(),
            body: get("body").as_string().unwrap_or_default(),
            blobs: blobs.unwrap_or_default(),
        }
    }

    pub fn write(id: u32, body: &str, blobs: &[Blob]) -> Result<JsValue, JsValue> {
        let message = Object::new();
        Reflect::set(&message, &"v".into(), &PROTOCOL_VERSION.into())?;
        Reflect::set(&message, &"id".into(), &id.into())?;
        Reflect::set(&message, &"body".into(), &body.into())?;
        Reflect::set(&message, &"blobs".into(), &blobs.iter().collect::<Array>())?;
        Ok(message.into())
    }
}

/// The way to the page.
#[derive(Clone)]
pub(crate) struct PagePort(Rc<Inner>);

struct Inner {
    scope: DedicatedWorkerGlobalScope,
    /// When the page was last told that views are stale, and whether it will be told again.
    told: Cell<f64>,
    due: Cell<bool>,
}

/// Milliseconds between two notices that views are stale: one frame.
const FRAME: f64 = 16.0;

impl PagePort {
    pub fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        PagePort(Rc::new(Inner {
            scope,
            told: Cell::new(0.0),
            due: Cell::new(false),
        }))
    }

    pub fn scope(&self) -> &DedicatedWorkerGlobalScope {
        &self.0.scope
    }

    pub fn ready(&self) {
        self.post(0, "\"Ready\"", &[]);
    }

    pub fn reply(&self, id: u32, reply: &PageReply, blobs: &[Blob]) {
        match to_json(reply) {
            Ok(body) => self.post(id, &body, blobs),
            Err(message) => {
                if let Ok(body) = to_json(&PageReply::Failed { message }) {
                    self.post(id, &body, &[]);
                }
            }
        }
    }

    pub fn notice(&self, notice: &Notice) {
        if let Ok(body) = to_json(notice) {
            self.post(0, &body, &[]);
        }
    }

    /// Runs `tell` at once, or at the next frame if the page was told in this one; once for any number of asks.
    pub fn once_a_frame<F: Future<Output = ()> + 'static>(&self, tell: impl FnOnce() -> F + 'static) {
        if self.0.due.replace(true) {
            return;
        }
        let port = self.clone();
        spawn_local(async move {
            let wait = port.0.told.get() + FRAME - js_sys::Date::now();
            if wait > 0.0 {
                sleep(wait.min(FRAME)).await;
            }
            port.0.told.set(js_sys::Date::now());
            port.0.due.set(false);
            tell().await;
        });
    }

    fn post(&self, id: u32, body: &str, blobs: &[Blob]) {
        let posted = Envelope::write(id, body, blobs).and_then(|message| self.0.scope.post_message(&message));
        if let Err(error) = posted {
            web_sys::console::error_2(&"a message could not be posted to the page".into(), &error);
        }
    }
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<String, String> {
    sluice_protocol::encode(value).map_err(|error| format!("An answer has no JSON form: {error}"))
}

/// The wall clock.
pub(crate) fn wall() -> SimTime {
    SimTime::from_millis(js_sys::Date::now() as i64)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: f64) -> JsValue;
}

pub(crate) async fn sleep(milliseconds: f64) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, milliseconds);
    });
    // A timer's promise is never rejected.
    let _ = JsFuture::from(promise).await;
}
