//! The Web Lock `sluice:<account>`: one tab owns an account.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::port::sleep;
use crate::sync::answer;

#[wasm_bindgen]
extern "C" {
    type LockManager;

    /// web-sys holds the Web Locks interface back as unstable.
    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, callback: &Function) -> Result<Promise, JsValue>;
}

/// A tab that is being left, or reloaded, lets its lock go a moment after the next one asks for it.
const PATIENCE_MILLIS: f64 = 1_000.0;
const PAUSE_MILLIS: f64 = 40.0;

/// Takes the lock for as long as this worker lives. False if another tab has it. A browser without Web Locks has no second tab to tell of: true.
pub(crate) async fn take(navigator: &JsValue, account: &str) -> bool {
    let locks = Reflect::get(navigator, &"locks".into()).unwrap_or(JsValue::UNDEFINED);
    if locks.is_undefined() || locks.is_null() {
        return true;
    }
    let name = format!("sluice:{account}");
    let started = js_sys::Date::now();
    loop {
        if try_take(locks.unchecked_ref(), &name).await {
            return true;
        }
        if js_sys::Date::now() - started > PATIENCE_MILLIS {
            return false;
        }
        sleep(PAUSE_MILLIS).await;
    }
}

async fn try_take(locks: &LockManager, name: &str) -> bool {
    let (answerer, granted) = answer();
    let mut answerer = Some(answerer);
    let callback = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |lock: JsValue| {
        let held = !lock.is_null() && !lock.is_undefined();
        if let Some(answerer) = answerer.take() {
            answerer.send(held);
        }
        if held {
            // Never settled: the lock ends with the worker.
            Promise::new(&mut |_, _| {}).into()
        } else {
            JsValue::UNDEFINED
        }
    });
    let options = Object::new();
    let asked = Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE).and_then(|_| locks.request(name, &options, callback.as_ref().unchecked_ref()));
    match asked {
        Ok(_) => granted.await.unwrap_or(false),
        // Refused outright, as in a frame whose storage is blocked: there is nothing to share either.
        Err(_) => true,
    }
}
