use alloc::vec::Vec;
use core::fmt;

use aes_gcm::aead::AeadInPlace;
use aes_gcm::{Aes256Gcm, KeyInit};
use sha2::{Digest, Sha256};

use crate::{SALT, TAG};

/// A frame that is not what was sealed: changed, moved, cut off, or under another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unopened {
    pub number: u32,
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frame {} is not what was sealed: its bytes were changed, moved or cut off", self.number)
    }
}

impl core::error::Error for Unopened {}

/// The keys of one blob, a layer each.
#[derive(Clone)]
pub struct Keys {
    layers: Vec<[u8; 32]>,
    prefix: [u8; 8],
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} layers)", self.layers.len())
    }
}

impl Keys {
    /// Keys from a data key, and a salt that no other blob has.
    pub fn derive(data_key: &[u8; 32], salt: &[u8; SALT], layers: u8) -> Self {
        let layer = |number: u8| {
            let mut hash = Sha256::new();
            hash.update(b"sluice frames 1");
            hash.update([number]);
            hash.update(salt);
            hash.update(data_key);
            hash.finalize().into()
        };
        let mut prefix = [0; 8];
        prefix.copy_from_slice(&salt[..8]);
        Keys {
            layers: (0..layers).map(layer).collect(),
            prefix,
        }
    }

    /// The AES-256 keys, innermost first: for a host that has a faster AES than this one.
    pub fn layers(&self) -> &[[u8; 32]] {
        &self.layers
    }

    /// GCM's 96-bit nonce of a frame.
    pub fn nonce(&self, number: u32) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.prefix);
        nonce[8..].copy_from_slice(&number.to_be_bytes());
        nonce
    }

    /// What is authenticated beside a frame's bytes.
    pub fn associated(number: u32, last: bool) -> [u8; 9] {
        let mut data = *b"SLF1\0\0\0\0\0";
        data[4..8].copy_from_slice(&number.to_be_bytes());
        data[8] = u8::from(last);
        data
    }

    /// Seals the plaintext of a frame in place; it grows by a tag a layer.
    pub fn seal(&self, number: u32, last: bool, bytes: &mut Vec<u8>) {
        for key in &self.layers {
            let cipher = Aes256Gcm::new(key.into());
            let tag = cipher
                .encrypt_in_place_detached(&self.nonce(number).into(), &Self::associated(number, last), bytes)
                .expect("a frame is shorter than what GCM takes");
            bytes.extend_from_slice(&tag);
        }
    }

    /// Opens a frame in place. After an error the bytes are of no use.
    pub fn open(&self, number: u32, last: bool, bytes: &mut Vec<u8>) -> Result<(), Unopened> {
        for key in self.layers.iter().rev() {
            let inner = bytes.len().checked_sub(TAG).ok_or(Unopened { number })?;
            let tag: [u8; TAG] = bytes.get(inner..).and_then(|tag| tag.try_into().ok()).ok_or(Unopened { number })?;
            bytes.truncate(inner);
            Aes256Gcm::new(key.into())
                .decrypt_in_place_detached(&self.nonce(number).into(), &Self::associated(number, last), bytes, &tag.into())
                .map_err(|_| Unopened { number })?;
        }
        Ok(())
    }
}
