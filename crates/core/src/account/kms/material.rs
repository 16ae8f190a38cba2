use crate::sim::{Rng, fnv1a};

/// The data key of one version of an object: 32 bytes.
///
/// `key`: the KMS key's ARN, or the empty text for S3's own key; `version`: how often it had been rotated; `salt`: what tells the version from others.
/// A model: the generator is no key derivation function, and the seed is no secret.
pub fn data_key(seed: u64, key: &str, version: u32, salt: u64) -> [u8; 32] {
    let material = Rng::stream(fnv1a(seed, key.as_bytes()), u64::from(version)).next_u64();
    bytes(Rng::stream(material, salt))
}

/// 64 hex digits that name a key's material, as `CurrentKeyMaterialId` shows it.
pub(super) fn material_id(seed: u64, key: &str, version: u32) -> alloc::string::String {
    let bytes = bytes(Rng::stream(fnv1a(!seed, key.as_bytes()), u64::from(version)));
    bytes.iter().fold(alloc::string::String::new(), |text, byte| alloc::format!("{text}{byte:02x}"))
}

fn bytes(mut rng: Rng) -> [u8; 32] {
    let mut key = [0; 32];
    for part in key.chunks_exact_mut(8) {
        part.copy_from_slice(&rng.next_u64().to_le_bytes());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_and_stay() {
        let key = data_key(1, "arn:aws:kms:us-east-1:123456789012:key/a", 0, 7);
        assert_eq!(key, data_key(1, "arn:aws:kms:us-east-1:123456789012:key/a", 0, 7));
        for other in [
            data_key(2, "arn:aws:kms:us-east-1:123456789012:key/a", 0, 7),
            data_key(1, "arn:aws:kms:us-east-1:123456789012:key/b", 0, 7),
            data_key(1, "arn:aws:kms:us-east-1:123456789012:key/a", 1, 7),
            data_key(1, "arn:aws:kms:us-east-1:123456789012:key/a", 0, 8),
            data_key(1, "", 0, 7),
        ] {
            assert_ne!(key, other);
        }
    }
}
