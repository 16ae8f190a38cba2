//! The page's own texts: durable, and no commands.

use serde::{Deserialize, Serialize};
use sluice_core::account::ApiError;
use sluice_protocol::DocumentEntry;

use crate::digest::Digest;
use crate::host::Host;
use crate::log::{self, Snapshot};
use crate::record;
use crate::store::{Folder, Store, StoreError};

#[derive(Serialize, Deserialize)]
struct Document {
    key: String,
    text: String,
}

/// File names are short and of few characters, keys are anything: what doesn't fit goes by its digest.
const LONGEST: usize = 160;

fn file_name(key: &str) -> String {
    let mut name = String::new();
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            _ => {
                name.push('%');
                name.push_str(&crate::digest::hex(&[byte]));
            }
        }
    }
    if name.len() > LONGEST || name.is_empty() {
        return format!("~{}", Digest::of(key.as_bytes()).id);
    }
    name
}

/// The key that a file name stands for, where the name says it.
fn key_of(name: &str) -> Option<String> {
    if name.starts_with('~') {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

impl<S: Store> Host<S> {
    /// Durable when it answers.
    pub async fn put_document(&self, key: &str, text: &str) -> Result<(), ApiError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let document = Document {
            key: key.to_owned(),
            text: text.to_owned(),
        };
        let json = serde_json::to_vec(&document).map_err(|error| StoreError::failed(error.to_string()).to_api_error())?;
        let _turn = self.documents.lock().await;
        self.store
            .put(Folder::Documents, &file_name(key), &record::frame(&json))
            .await
            .map_err(|error| error.to_api_error())
    }

    /// `None` if there is none of this key, or its file is damaged.
    pub async fn document(&self, key: &str) -> Result<Option<String>, StoreError> {
        let _turn = self.documents.lock().await;
        Ok(self
            .read_document(&file_name(key))
            .await?
            .filter(|document| document.key == key)
            .map(|document| document.text))
    }

    pub async fn delete_document(&self, key: &str) -> Result<(), ApiError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let _turn = self.documents.lock().await;
        self.store
            .delete(Folder::Documents, &file_name(key))
            .await
            .map_err(|error| error.to_api_error())
    }

    /// Those whose keys begin with `prefix`, by key. `bytes` is what the file takes.
    pub async fn list_documents(&self, prefix: &str) -> Result<Vec<DocumentEntry>, StoreError> {
        let _turn = self.documents.lock().await;
        let mut entries = Vec::new();
        for (name, bytes) in self.store.list(Folder::Documents).await? {
            let key = match key_of(&name) {
                Some(key) => Some(key),
                None => self.read_document(&name).await?.map(|document| document.key),
            };
            if let Some(key) = key.filter(|key| key.starts_with(prefix)) {
                entries.push(DocumentEntry { key, bytes });
            }
        }
        entries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Ok(entries)
    }

    async fn read_document(&self, name: &str) -> Result<Option<Document>, StoreError> {
        let bytes = self.store.get(Folder::Documents, name).await?;
        Ok(bytes.as_deref().and_then(record::unframe).and_then(|json| serde_json::from_slice(json).ok()))
    }

    /// The newest snapshot, every record of the log, and what was set aside: one JSON text a line.
    pub async fn export_log(&self) -> Result<Vec<u8>, StoreError> {
        let _state = self.state.lock().await;
        let mut lines = Vec::new();
        let json = |error: serde_json::Error| StoreError::failed(error.to_string());
        for generation in Snapshot::generations(self.store.as_ref()).await? {
            if let Some(snapshot) = Snapshot::read(self.store.as_ref(), generation).await? {
                lines.extend(serde_json::to_vec(&snapshot).map_err(json)?);
                lines.push(b'\n');
                break;
            }
        }
        let log = self.store.log_read(0).await?;
        for range in record::scan(&log).records {
            lines.extend(log.get(range).unwrap_or_default());
            lines.push(b'\n');
        }
        for aside in log::read_aside(self.store.as_ref()).await? {
            lines.extend(serde_json::to_vec(&serde_json::json!({ "set_aside": aside })).map_err(json)?);
            lines.push(b'\n');
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_say_their_keys_or_are_a_digest_of_them() {
        for key in ["job/Daily load", "prefs", "größe", "a%b", "../..", "."] {
            let name = file_name(key);
            assert!(
                name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'%')),
                "{name}"
            );
            assert_eq!(key_of(&name).as_deref(), Some(key));
        }
        let long = "job/".repeat(100);
        assert_eq!(file_name(&long).len(), 65);
        assert_eq!(key_of(&file_name(&long)), None);
        assert_ne!(file_name("A"), file_name("a"), "file systems that ignore case must not mix them up");
    }
}
