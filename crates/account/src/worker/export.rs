//! Archives as `Blob`s: the bytes leave the worker's memory as they are read.

use js_sys::{Array, Uint8Array};
use sluice_core::account::ApiError;
use sluice_protocol::PageReply;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::port::wall;
use crate::Host;
use crate::store::browser::BrowserStore;
use crate::zip::{Pieces, Zip};

struct Parts(Array);

fn bytes_of(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

impl Pieces for Parts {
    fn reserve(&mut self) -> usize {
        self.0.push(&bytes_of(&[])) as usize - 1
    }

    fn fill(&mut self, place: usize, bytes: &[u8]) {
        // Places are those of pieces, which JavaScript counts in 32 bits.
        self.0.set(u32::try_from(place).unwrap_or(u32::MAX), bytes_of(bytes));
    }

    fn push(&mut self, bytes: &[u8]) {
        self.0.push(&bytes_of(bytes));
    }
}

/// The account's storage for a real account, as an archive.
pub async fn storage(host: &Host<BrowserStore>) -> (PageReply, Vec<Blob>) {
    let answered = |result| PageReply::StorageExported { result };
    let mut zip = Zip::new(Parts(Array::new()));
    let exported = match host.export_storage(wall(), &mut zip).await {
        Ok(exported) => exported,
        Err(error) => return (answered(Err(error)), Vec::new()),
    };
    match Blob::new_with_u8_array_sequence(&zip.finish().0) {
        Ok(blob) => (answered(Ok(exported.notes)), vec![blob]),
        Err(error) => {
            let text = crate::store::js::error_text(&error).1;
            (answered(Err(ApiError::new("InternalError", text))), Vec::new())
        }
    }
}
