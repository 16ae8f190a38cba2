//! The shapes of what is durable besides blobs: the log's records, snapshots, and what was set aside.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluice_core::account::{Account, AccountOptions, ApiError, Call, LogEntry};
use sluice_core::sim::SimTime;

use crate::record;
use crate::store::{Folder, Store, StoreError};

/// The first record of a log: what the account was made of, so that a replay makes the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the log's format.
    pub sluice_log: u32,
    pub account_id: String,
    pub region: String,
    pub seed: u64,
}

impl Header {
    pub fn new(seed: u64) -> Self {
        Header {
            sluice_log: 1,
            account_id: "123456789012".into(),
            region: "us-east-1".into(),
            seed,
        }
    }

    pub(crate) fn account(&self) -> Account {
        Account::new(AccountOptions {
            account_id: self.account_id.clone(),
            region: self.region.clone(),
            seed: self.seed,
        })
    }
}

/// One logged call, and the code of the error it was answered with, if it was: a failing call is part of the audit trail, and a replay must fail alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub position: u64,
    pub at: SimTime,
    pub call: Call,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Record {
    pub fn new(entry: LogEntry, error: Option<&ApiError>) -> Self {
        Record {
            position: entry.position,
            at: entry.at,
            call: entry.call,
            error: error.map(|error| error.code.clone()),
        }
    }
}

/// Something of the log that could not be replayed. The account goes on without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// Where it begins in the log, bytes.
    pub offset: u64,
    /// The log position, where the record could still be read.
    pub position: Option<u64>,
    /// `s3:PutObject`.
    pub operation: Option<String>,
    pub reason: String,
}

impl std::fmt::Display for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.position, &self.operation) {
            (Some(position), Some(operation)) => write!(f, "Log entry {position} ({operation}) was set aside: {}", self.reason),
            _ => write!(f, "The log at byte {} was set aside: {}", self.offset, self.reason),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub sluice_snapshot: u32,
    pub generation: u64,
    /// Bytes of the log that the account has seen.
    pub log: u64,
    pub header: Header,
    pub account: Value,
}

/// Snapshots kept; the older ones stand in for a newest that turns out damaged.
const KEPT: usize = 2;

fn file_name(generation: u64) -> String {
    format!("{generation:012}")
}

impl Snapshot {
    /// Writes the snapshot, and removes those it makes superfluous.
    pub async fn write<S: Store>(&self, store: &S) -> Result<(), StoreError> {
        let json = serde_json::to_vec(self).map_err(|error| StoreError::failed(format!("the snapshot could not be written as JSON: {error}")))?;
        store.put(Folder::Snapshots, &file_name(self.generation), &record::frame(&json)).await?;
        let mut generations = Snapshot::generations(store).await?;
        generations.retain(|generation| *generation <= self.generation);
        for old in generations.iter().skip(KEPT) {
            store.delete(Folder::Snapshots, &file_name(*old)).await?;
        }
        Ok(())
    }

    /// Newest first.
    pub async fn generations<S: Store>(store: &S) -> Result<Vec<u64>, StoreError> {
        let mut generations: Vec<u64> = store
            .list(Folder::Snapshots)
            .await?
            .into_iter()
            .filter_map(|(name, _)| name.parse().ok())
            .collect();
        generations.sort_unstable_by(|a, b| b.cmp(a));
        Ok(generations)
    }

    /// `None` if it is not there or damaged.
    pub async fn read<S: Store>(store: &S, generation: u64) -> Result<Option<Snapshot>, StoreError> {
        let bytes = store.get(Folder::Snapshots, &file_name(generation)).await?;
        Ok(bytes.as_deref().and_then(record::unframe).and_then(|json| serde_json::from_slice(json).ok()))
    }
}

const ASIDE: &str = "set-aside";

/// Everything that was ever set aside, oldest first.
pub(crate) async fn read_aside<S: Store>(store: &S) -> Result<Vec<Aside>, StoreError> {
    let bytes = store.get(Folder::Notes, ASIDE).await?;
    Ok(bytes
        .as_deref()
        .and_then(record::unframe)
        .and_then(|json| serde_json::from_slice(json).ok())
        .unwrap_or_default())
}

pub(crate) async fn add_aside<S: Store>(store: &S, more: &[Aside]) -> Result<(), StoreError> {
    let mut all = read_aside(store).await?;
    all.extend(more.iter().filter(|aside| !all.contains(aside)).cloned().collect::<Vec<_>>());
    let json = serde_json::to_vec(&all).map_err(|error| StoreError::failed(error.to_string()))?;
    store.put(Folder::Notes, ASIDE, &record::frame(&json)).await
}
