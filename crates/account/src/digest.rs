//! The two digests of a blob, taken while its bytes stream by.

use sha2::{Digest as _, Sha256};
use sluice_core::account::BlobRef;

/// SHA-256 (the blob's address) and MD5 (the ETag of a single-part upload) of bytes given in any number of pieces.
#[derive(Clone)]
pub struct Digest {
    sha256: Sha256,
    md5: md5::Context,
    size: u64,
}

impl Default for Digest {
    fn default() -> Self {
        Digest {
            sha256: Sha256::new(),
            md5: md5::Context::new(),
            size: 0,
        }
    }
}

impl Digest {
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.md5.consume(bytes);
        self.size += bytes.len() as u64;
    }

    pub fn finish(self) -> BlobRef {
        BlobRef {
            id: hex(&self.sha256.finalize()),
            size: self.size,
            md5: hex(&self.md5.finalize().0),
            seal: None,
        }
    }

    pub fn of(bytes: &[u8]) -> BlobRef {
        let mut digest = Digest::default();
        digest.update(bytes);
        digest.finish()
    }
}

/// Lower-case hex, two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)] as char, DIGITS[usize::from(byte & 15)] as char])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_whole_agree_with_published_digests() {
        let mut digest = Digest::default();
        digest.update(b"a");
        digest.update(b"");
        digest.update(b"bc");
        let blob = digest.finish();
        // FIPS 180-2 appendix B.1 and RFC 1321 appendix A.5.
        assert_eq!(blob.id, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(blob.md5, "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(blob.size, 3);
        assert_eq!(Digest::of(b"").md5, "d41d8cd98f00b204e9800998ecf8427e");
    }
}
