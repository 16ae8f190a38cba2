//! JSON text of the messages.
//!
//! Both ways go through `serde_json::Value`, as calls and snapshots do: a module then holds one instance of each type's
//! (de)serialiser instead of two, which the page and the account worker feel in their size.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a message. The error names the place in the text, or the member that does not fit.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    // By reference, as snapshots and responses are read: a value taken apart by value is a deserialiser of its own for each type.
    let value: serde_json::Value = serde_json::from_str(text)?;
    T::deserialize(&value)
}

/// Writes a message.
pub fn encode<T: Serialize + ?Sized>(message: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(&serde_json::to_value(message)?)
}
