//! What a store holds besides what calls ask for: collecting blobs that nothing names, clearing, counting.

use sluice_core::account::ApiError;

use crate::host::Host;
use crate::log::Header;
use crate::store::{Folder, Store, StoreError};

impl<S: Store> Host<S> {
    /// Keeps blobs from being collected while something outside reads them.
    pub fn pin(&self, id: &str) {
        *self.pinned.borrow_mut().entry(id.to_owned()).or_default() += 1;
    }

    pub fn unpin(&self, id: &str) {
        let mut pinned = self.pinned.borrow_mut();
        if let Some(count) = pinned.get_mut(id) {
            *count -= 1;
            if *count == 0 {
                pinned.remove(id);
            }
        }
    }

    /// Deletes the blobs that nothing names any more, and says how many.
    pub async fn collect(&self) -> Result<usize, StoreError> {
        if self.read_only {
            return Ok(0);
        }
        let state = self.state.lock().await;
        if state.stale {
            return Ok(0);
        }
        let live = state.account.live_blobs();
        let mut deleted = 0;
        for (id, _) in self.store.list(Folder::Blobs).await? {
            if !live.contains(&id) && !self.pinned.borrow().contains_key(&id) {
                self.store.delete(Folder::Blobs, &id).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    /// Deletes everything and begins an empty account.
    pub async fn clear(&self) -> Result<(), ApiError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let _documents = self.documents.lock().await;
        let mut state = self.state.lock().await;
        state.stale = true;
        state.log_end = 0;
        state.header = Header::new(self.options.seed);
        self.delete_everything().await.map_err(|error| error.to_api_error())?;
        self.recover(&mut state).await.map_err(|error| error.to_api_error())
    }

    /// In an order that leaves, wherever it is cut off, the whole account or none of it.
    async fn delete_everything(&self) -> Result<(), StoreError> {
        for folder in [Folder::Snapshots, Folder::Blobs, Folder::Documents, Folder::Notes] {
            for (name, _) in self.store.list(folder).await? {
                self.store.delete(folder, &name).await?;
            }
            if folder == Folder::Snapshots {
                self.store.log_truncate(0).await?;
            }
        }
        // What is left there takes room and nothing else.
        let _ = self.store.sweep().await;
        Ok(())
    }

    /// Bytes of everything that is kept, and how many blobs are.
    pub async fn usage(&self) -> Result<(u64, u64), StoreError> {
        let mut used = self.store.log_len().await?;
        let mut blobs = 0;
        for folder in Folder::ALL {
            let files = self.store.list(folder).await?;
            used += files.iter().map(|(_, size)| size).sum::<u64>();
            if folder == Folder::Blobs {
                blobs = files.len() as u64;
            }
        }
        Ok((used, blobs))
    }
}
