//! Salts of blobs: the one thing that a host draws by chance. Nothing that an account answers depends on them.

use sluice_core::storage::s3::seal::SALT_BYTES;

/// Bytes that were not drawn before.
#[cfg(target_arch = "wasm32")]
pub(crate) fn draw() -> [u8; SALT_BYTES] {
    use wasm_bindgen::JsCast;
    let mut salt = [0; SALT_BYTES];
    let scope = js_sys::global().dyn_into::<web_sys::WorkerGlobalScope>();
    let drawn = scope
        .ok()
        .and_then(|scope| scope.crypto().ok()?.get_random_values_with_u8_array(&mut salt).ok());
    if drawn.is_none() {
        for byte in &mut salt {
            *byte = (js_sys::Math::random() * 256.0) as u8;
        }
    }
    salt
}

/// The standard library's only door to the system's randomness is the key of its hasher.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn draw() -> [u8; SALT_BYTES] {
    use std::hash::{BuildHasher, RandomState};
    use std::time::{SystemTime, UNIX_EPOCH};
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let mut salt = [0; SALT_BYTES];
    for half in salt.chunks_exact_mut(SALT_BYTES / 2) {
        half.copy_from_slice(&RandomState::new().hash_one(now).to_be_bytes());
    }
    salt
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_salt_comes_twice() {
        let drawn: BTreeSet<_> = (0..10_000).map(|_| super::draw()).collect();
        assert_eq!(drawn.len(), 10_000);
        assert!(drawn.iter().all(|salt| salt[..8] != salt[8..]));
    }
}
