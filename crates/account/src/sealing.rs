//! Bytes on their way into the store, which are sealed as they come, and out of it.
//!
//! Belongs here: frames read and written through a store. Does not belong here: what they are sealed under (the account says), the cipher (`cipher`), when a call is applied (`host`).

use md5::Context as Md5;
use sha2::{Digest as _, Sha256};
use sluice_core::account::{Account, BlobRef, BodyRange, ObjectInput};
use sluice_core::storage::s3::encryption::ObjectEncryption;
use sluice_core::storage::s3::seal::Seal;
use sluice_frames::{FRAME, Keys, Layout};

use crate::cipher;
use crate::digest::hex;
use crate::salt;
use crate::store::{Store, StoreError};

/// The data key of an object's bytes.
pub type Secret = [u8; 32];

/// Plaintext that is read piece by piece: an object's bytes, or a file that becomes one.
#[allow(async_fn_in_trait, reason = "hosts are single-threaded, in the browser and natively")]
pub trait Plaintext {
    /// Bytes from `offset` on, some at least; none at the end.
    async fn piece(&self, offset: u64) -> Result<Vec<u8>, StoreError>;
}

/// A range of an object's bytes, and the key that opens them.
#[derive(Clone)]
pub struct Body {
    pub range: BodyRange,
    secret: Option<Secret>,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.range.fmt(f)
    }
}

impl Body {
    /// `customer`: the key that the request brought, if it did.
    pub(crate) fn new(account: &Account, range: BodyRange, customer: Option<&Secret>) -> Body {
        Body {
            secret: secret(account, &range.blob, customer),
            range,
        }
    }

    /// All bytes of an object that a reader without a key of its own may see.
    pub(crate) fn of(account: &Account, object: &ObjectInput) -> Body {
        let range = BodyRange {
            offset: 0,
            length: object.blob.size,
            blob: object.blob.clone(),
        };
        Body::new(account, range, None)
    }
}

pub(crate) fn secret(account: &Account, blob: &BlobRef, customer: Option<&Secret>) -> Option<Secret> {
    let seal = blob.seal.as_ref()?;
    seal.data_key(account.options().seed).or(customer.copied())
}

/// The keys of a blob's frames. Error: nobody brought the data key.
fn keys(blob: &BlobRef, seal: &Seal, secret: Option<&Secret>) -> Result<Keys, StoreError> {
    let missing = || StoreError::failed(format!("the bytes {} are under a key that is not at hand", blob.id));
    let salt = seal.salt().ok_or_else(missing)?;
    Ok(Keys::derive(secret.ok_or_else(missing)?, &salt, seal.layers()))
}

/// Reads the plaintext of a body: whole frames are read and opened, of which the bytes asked for are given.
pub(crate) struct Reader<'a, S: Store> {
    store: &'a S,
    body: &'a Body,
}

impl<'a, S: Store> Reader<'a, S> {
    pub fn new(store: &'a S, body: &'a Body) -> Self {
        Reader { store, body }
    }
}

impl<S: Store> Plaintext for Reader<'_, S> {
    /// At most a frame, up to the next frame's begin.
    async fn piece(&self, offset: u64) -> Result<Vec<u8>, StoreError> {
        let BodyRange { blob, offset: from, length } = &self.body.range;
        let left = length.saturating_sub(offset);
        if left == 0 {
            return Ok(Vec::new());
        }
        let past_end = || StoreError::damaged(format!("of the bytes {}, byte {offset} is past the end", blob.id));
        let (blob, at) = blob.piece_at(from.saturating_add(offset)).ok_or_else(past_end)?;
        let stored = self.store.blob(&blob.id).await?;
        let stored = stored.ok_or_else(|| StoreError::failed(format!("the bytes {} are missing from the store", blob.id)))?;
        let Some(seal) = &blob.seal else {
            return self.store.read(&stored, at, left.min(FRAME as u64)).await;
        };
        let damaged = |reason: String| StoreError::damaged(format!("of the bytes {}, {reason}", blob.id));
        let layout = Layout::new(blob.size, seal.layers());
        let frame = layout.at(at).ok_or_else(|| damaged(format!("byte {at} is past the end")))?;
        let mut bytes = self.store.read(&stored, frame.stored_at, frame.stored).await?;
        if bytes.len() as u64 != frame.stored {
            return Err(damaged(format!(
                "frame {} is cut off: {} bytes of {} are there",
                frame.number,
                bytes.len(),
                frame.stored
            )));
        }
        let keys = keys(blob, seal, self.body.secret.as_ref())?;
        cipher::open(&keys, frame.number, frame.last, &mut bytes)
            .await
            .map_err(|error| damaged(error.to_string()))?;
        let skip = usize::try_from(at - frame.from).unwrap_or(usize::MAX);
        bytes.drain(..skip.min(bytes.len()));
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        Ok(bytes)
    }
}

/// What a body is sealed with on its way in.
pub(crate) struct Sealing {
    seal: Seal,
    secret: Option<Secret>,
    /// Whether SHA-256 of the plaintext is asked for.
    checked: bool,
}

impl Sealing {
    /// Under a fresh salt. `customer`: the key that the request brought, for an object under such a key.
    pub fn new(account: &Account, encryption: &ObjectEncryption, customer: Option<&Secret>, checked: bool) -> Sealing {
        let seal = Seal::new(encryption, salt::draw());
        Sealing {
            secret: seal.data_key(account.options().seed).or(customer.copied()),
            seal,
            checked,
        }
    }
}

/// A body on its way into the store.
pub struct Staging<S: Store> {
    staged: S::Staged,
    sealing: Sealing,
    keys: Keys,
    /// Plaintext that may be in the last frame.
    open: Vec<u8>,
    next: u32,
    stored: Sha256,
    plain: Option<Sha256>,
    md5: Md5,
    size: u64,
}

/// A body that is in the store but for its name.
pub struct Sealed<S: Store> {
    pub(crate) staged: S::Staged,
    pub(crate) blob: BlobRef,
}

impl<S: Store> Staging<S> {
    pub(crate) async fn begin(store: &S, sealing: Sealing) -> Result<Self, StoreError> {
        Ok(Staging {
            keys: keys(&BlobRef::empty(), &sealing.seal, sealing.secret.as_ref())?,
            staged: store.stage().await?,
            plain: sealing.checked.then(Sha256::new),
            sealing,
            open: Vec::new(),
            next: 0,
            stored: Sha256::new(),
            md5: Md5::new(),
            size: 0,
        })
    }

    pub(crate) async fn write(&mut self, store: &S, mut bytes: &[u8]) -> Result<(), StoreError> {
        self.md5.consume(bytes);
        if let Some(plain) = &mut self.plain {
            plain.update(bytes);
        }
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            // A full frame waits for a byte after it: until then it may be the last.
            if self.open.len() == FRAME {
                self.frame(store, false).await?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(FRAME - self.open.len()));
            self.open.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    async fn frame(&mut self, store: &S, last: bool) -> Result<(), StoreError> {
        let mut bytes = std::mem::take(&mut self.open);
        cipher::seal(&self.keys, self.next, last, &mut bytes).await;
        self.next = self
            .next
            .checked_add(1)
            .ok_or_else(|| StoreError::failed("the body has more frames than there are numbers"))?;
        self.stored.update(&bytes);
        store.write(&mut self.staged, &bytes).await?;
        bytes.clear();
        self.open = bytes;
        Ok(())
    }

    /// Seals the last frame. A body that can't be written to its end is abandoned.
    pub(crate) async fn finish(mut self, store: &S) -> Result<Sealed<S>, StoreError> {
        if !self.open.is_empty()
            && let Err(error) = self.frame(store, true).await
        {
            store.abandon(self.staged).await;
            return Err(error);
        }
        let blob = BlobRef {
            id: hex(&self.stored.finalize()),
            size: self.size,
            md5: hex(&self.md5.finalize().0),
            seal: None,
        };
        let sha256 = self.plain.map(|plain| hex(&plain.finalize()));
        let seal = Seal { sha256, ..self.sealing.seal };
        Ok(Sealed {
            staged: self.staged,
            blob: if blob.size == 0 { blob } else { blob.sealed(seal) },
        })
    }

    /// Seals all of a plaintext. Nothing is left of one that can't be read, or written, to its end.
    pub(crate) async fn all<P: Plaintext>(store: &S, sealing: Sealing, parts: &[P]) -> Result<Sealed<S>, StoreError> {
        let mut staging = Staging::begin(store, sealing).await?;
        for part in parts {
            let mut offset = 0;
            loop {
                let written = match part.piece(offset).await {
                    Ok(bytes) if bytes.is_empty() => break,
                    Ok(bytes) => {
                        offset += bytes.len() as u64;
                        staging.write(store, &bytes).await
                    }
                    Err(error) => Err(error),
                };
                if let Err(error) = written {
                    store.abandon(staging.staged).await;
                    return Err(error);
                }
            }
        }
        staging.finish(store).await
    }

    pub(crate) async fn abandon(self, store: &S) {
        store.abandon(self.staged).await;
    }
}

impl Plaintext for Vec<u8> {
    async fn piece(&self, offset: u64) -> Result<Vec<u8>, StoreError> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(self.get(from..).unwrap_or_default().to_vec())
    }
}
