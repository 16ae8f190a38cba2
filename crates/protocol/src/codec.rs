//! JSON text of the messages.
//!
//! Both ways go through `serde_json::Value`, as calls and snapshots do: one instance of each type's (de)serialiser in a module instead of two is a tenth of the
//! page's and the account worker's size.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a message. The error names the place in the text, or the member that does not fit.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::from_str(text)?)
}

/// Writes a message.
pub fn encode<T: Serialize + ?Sized>(message: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(&serde_json::to_value(message)?)
}
