//! `window.sluice`: the same API calls for scripts, consoles and tests.
//!
//! `sluice.call(service, operation, params)` is a promise of the response in AWS's shape, as a plain object; it rejects with
//! `{ code, message, help? }`. `sluice.ready` resolves when the account is open.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use serde::Serialize;
use serde_json::Value;
use serde_wasm_bindgen::Serializer;
use sluice_core::account::ApiError;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;

use super::{Host, Phase};

/// Puts `sluice` on the window.
pub fn install(host: Host) {
    let object = Object::new();
    let call = Closure::<dyn Fn(JsValue, JsValue, JsValue) -> Promise>::new(move |service: JsValue, operation: JsValue, params: JsValue| {
        future_to_promise(async move {
            let (Some(service), Some(operation)) = (service.as_string(), operation.as_string()) else {
                return Err(thrown(&ApiError::new(
                    "InvalidParameterType",
                    "sluice.call takes the service and the operation as strings, then the parameters as an object.",
                )));
            };
            let params = params_of(params).map_err(|error| thrown(&error))?;
            let response = host.call(&service, &operation, params).await.map_err(|error| thrown(&error))?;
            plain(&response)
        })
    });
    let ready = future_to_promise(async move {
        if let Some(link) = host.link.try_get_value() {
            link.ready().await;
        }
        match host.phase.get_untracked() {
            Phase::Failed { title, detail } => Err(thrown(&ApiError::new("ServiceUnavailable", format!("{title}: {detail}")))),
            _ => plain(&host.opened.get_untracked()),
        }
    });
    // Nobody has to listen: without this the console would call a worker that failed an unhandled rejection too.
    let ignore = Closure::<dyn FnMut(JsValue)>::new(|_| ());
    let _ = ready.catch(&ignore);
    ignore.forget();
    set(&object, "call", call.as_ref().unchecked_ref::<Function>());
    set(&object, "ready", &ready);
    set(&object, "version", &env!("CARGO_PKG_VERSION").into());
    call.forget();
    set(&window(), "sluice", &object);
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    if Reflect::set(object, &name.into(), value).is_err() {
        leptos::logging::error!("the page could not set {name}");
    }
}

fn params_of(params: JsValue) -> Result<Value, ApiError> {
    if params.is_undefined() || params.is_null() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    // JSON.stringify drops what is undefined, as the SDKs do, and names what has no JSON form.
    let text = js_sys::JSON::stringify(&params).ok().and_then(|text| text.as_string()).ok_or_else(|| {
        ApiError::new("SerializationException", "The parameters have no JSON form.").with_help("Pass a plain object; blobs go as base64 text.")
    })?;
    serde_json::from_str(&text).map_err(|error| ApiError::new("SerializationException", error.to_string()))
}

fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&Serializer::json_compatible()).map_err(JsValue::from)
}

fn thrown(error: &ApiError) -> JsValue {
    plain(error).unwrap_or_else(|fault| fault)
}
