//! Seals: what the bytes of a blob rest under, kept with its reference, so that whoever holds the reference can say which key opens it.
//!
//! Belongs here: the record and what it must agree with. Does not belong here: the frames themselves (`sluice-frames`), which hosts and the data engine write and read.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::encryption::{Algorithm, ObjectEncryption};
use crate::account::{ApiError, BlobRef};

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// The seal of a blob whose bytes rest in frames of AES-256-GCM.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seal {
    #[serde(default)]
    pub algorithm: Algorithm,
    /// ARN of the KMS key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Which key material.
    #[serde(default)]
    pub key_version: u32,
    /// Of the caller's key (SSE-C).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_key_md5: Option<String>,
    /// 32 lower-case hexadecimal digits that no other blob has: what tells its data key from all others under the same key. The host draws them.
    pub salt: String,
    /// SHA-256 of the plaintext, where the request that brought it gave one to check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The blobs whose bytes, one after another, are those of this one, which does not rest by itself: parts under a caller's key, since nobody brings the key that
    /// could join them when their upload is completed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<BlobRef>,
}

impl Seal {
    pub fn new(encryption: &ObjectEncryption, salt: [u8; SALT_BYTES]) -> Seal {
        Seal {
            algorithm: encryption.algorithm,
            key: encryption.key.clone(),
            key_version: encryption.key_version,
            customer_key_md5: encryption.customer_key_md5.clone(),
            salt: salt.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")),
            sha256: None,
            pieces: Vec::new(),
        }
    }

    /// How often the bytes are sealed: twice under DSSE-KMS.
    pub fn layers(&self) -> u8 {
        if self.algorithm == Algorithm::KmsDsse { 2 } else { 1 }
    }

    /// `None` for what is no salt.
    pub fn salt(&self) -> Option<[u8; SALT_BYTES]> {
        let digits = self.salt.as_bytes();
        if digits.len() != 2 * SALT_BYTES || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut salt = [0; SALT_BYTES];
        for (byte, pair) in salt.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(salt)
    }

    /// The data key under the account's seed; `None` for a caller's key, which is its own.
    pub fn data_key(&self, seed: u64) -> Option<[u8; 32]> {
        if self.algorithm == Algorithm::Customer {
            return None;
        }
        let salt = self.salt()?;
        let (mut first, mut second) = ([0; 8], [0; 8]);
        first.copy_from_slice(salt.get(..8)?);
        second.copy_from_slice(salt.get(8..)?);
        let salt = u64::from_be_bytes(first) ^ u64::from_be_bytes(second).rotate_left(32);
        let key = self.key.as_deref().unwrap_or_default();
        Some(crate::account::kms::data_key(seed, key, self.key_version, salt))
    }

    /// Whether it is of what a version says it is encrypted with.
    pub fn is_of(&self, encryption: &ObjectEncryption) -> bool {
        self.algorithm == encryption.algorithm
            && self.key == encryption.key
            && self.key_version == encryption.key_version
            && self.customer_key_md5 == encryption.customer_key_md5
    }
}

impl BlobRef {
    /// The same bytes at rest under a seal.
    pub fn sealed(self, seal: Seal) -> Self {
        BlobRef {
            seal: Some(Box::new(seal)),
            ..self
        }
    }

    /// Blobs of one encryption, one after another, as one.
    pub(super) fn of_pieces(pieces: &[&BlobRef], md5: &str, encryption: &ObjectEncryption) -> BlobRef {
        let seal = Seal {
            pieces: pieces.iter().map(|piece| (*piece).clone()).collect(),
            ..Seal::new(encryption, [0; SALT_BYTES])
        };
        let blob = BlobRef {
            id: pieces.first().map_or_else(|| BlobRef::empty().id, |first| first.id.clone()),
            size: pieces.iter().map(|piece| piece.size).fold(0, u64::saturating_add),
            md5: md5.to_string(),
            seal: None,
        };
        blob.sealed(seal)
    }

    /// The blobs that its bytes rest in: itself, or its pieces.
    pub fn pieces(&self) -> &[BlobRef] {
        match self.seal.as_deref() {
            Some(seal) if !seal.pieces.is_empty() => &seal.pieces,
            _ => core::slice::from_ref(self),
        }
    }

    /// The piece that has a byte, and the byte's place in it; `None` past the end.
    pub fn piece_at(&self, offset: u64) -> Option<(&BlobRef, u64)> {
        let mut before = 0_u64;
        self.pieces().iter().find_map(|piece| {
            let at = offset.checked_sub(before)?;
            before = before.saturating_add(piece.size);
            (at < piece.size).then_some((piece, at))
        })
    }

    /// SHA-256 of the plaintext, lower-case hexadecimal, where it is known.
    pub fn plain_sha256(&self) -> Option<&str> {
        match &self.seal {
            None => Some(&self.id),
            Some(seal) => seal.sha256.as_deref(),
        }
    }

    /// Whether a version under this encryption may have these bytes as they rest. There is nothing to encrypt in no bytes.
    pub fn rests_under(&self, encryption: &ObjectEncryption) -> bool {
        self.size == 0 || self.seal.as_ref().is_some_and(|seal| seal.is_of(encryption))
    }
}

/// Bytes that a host sealed must be sealed as the account decided. Accounts of before there were frames have blobs without a seal, which stay as they are.
pub(crate) fn check_sealed(blob: &BlobRef, encryption: &ObjectEncryption) -> Result<(), ApiError> {
    match &blob.seal {
        Some(seal) if seal.salt().is_none() => Err(crate::account::param_error(
            "Invalid value for parameter SluiceBlob: the salt of a seal has 32 lower-case hexadecimal digits",
        )),
        Some(_) if !blob.rests_under(encryption) => Err(ApiError::new("InternalError", "We encountered an internal error. Please try again.").with_help(
            format!(
                "The host sealed the bytes under {}, and the object is under {}.",
                blob.seal.as_ref().map(|seal| under(seal.algorithm, seal.key.as_deref())).unwrap_or_default(),
                under(encryption.algorithm, encryption.key.as_deref())
            ),
        )),
        _ => Ok(()),
    }
}

fn under(algorithm: Algorithm, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("{} with {key}", algorithm.as_str()),
        None => algorithm.as_str().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_blob_has_a_data_key_of_its_own() {
        let encryption = ObjectEncryption::default();
        let seal = |byte: u8| Seal::new(&encryption, [byte; SALT_BYTES].map(|salt| salt ^ byte.rotate_left(3)));
        assert_eq!(seal(1).salt(), Seal::new(&encryption, seal(1).salt().expect("a salt")).salt());
        let mut salt = [0; SALT_BYTES];
        let zero = Seal::new(&encryption, salt).data_key(1);
        for at in 0..SALT_BYTES {
            salt = [0; SALT_BYTES];
            salt[at] = 1;
            assert_ne!(Seal::new(&encryption, salt).data_key(1), zero, "byte {at}");
        }
        assert_ne!(Seal::new(&encryption, [0; SALT_BYTES]).data_key(2), zero, "another account");
        let customer = ObjectEncryption {
            algorithm: Algorithm::Customer,
            ..encryption
        };
        assert_eq!(Seal::new(&customer, salt).data_key(1), None);
        for wrong in ["", "00", "zz000000000000000000000000000000", "+1000000000000000000000000000000"] {
            let seal = Seal {
                salt: wrong.to_string(),
                ..Seal::new(&customer, salt)
            };
            assert_eq!(seal.salt(), None, "{wrong}");
        }
    }
}
