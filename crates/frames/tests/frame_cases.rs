//! Fixed cases, run in a browser too: what one program sealed another opens.

use serde_json::Value;
use sha2::{Digest, Sha256};
use sluice_frames::{FRAME, Keys, Layout};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn sealed(plain: &[u8], keys: &Keys) -> Vec<u8> {
    let count = plain.chunks(FRAME).count();
    let mut stored = Vec::new();
    for (number, chunk) in plain.chunks(FRAME).enumerate() {
        let mut frame = chunk.to_vec();
        keys.seal(number as u32, number + 1 == count, &mut frame);
        stored.extend(frame);
    }
    stored
}

/// Sealed by another implementation, so that what one program wrote another opens, natively and in wasm.
#[test]
fn what_another_implementation_sealed_is_sealed_and_opened_alike() {
    let cases: Value = serde_json::from_str(include_str!("../../../tests/cases/frames.json")).expect("the cases are JSON");
    let cases = cases["cases"].as_array().expect("a list");
    assert!(cases.len() >= 5);
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let number = |member: &str| case[member].as_u64().expect("a number");
        let keys = Keys::derive(&bytes(&case["data_key"]), &bytes(&case["salt"]), number("layers") as u8);
        let plain: Vec<u8> = (0..number("length")).map(|at| (at / 3 % 251) as u8).collect();
        let stored = sealed(&plain, &keys);
        assert_eq!(stored.len() as u64, number("stored_length"), "{name}");
        assert_eq!(Sha256::digest(&stored)[..], bytes::<32>(&case["stored_sha256"]), "{name}");
        let layout = Layout::new(number("length"), number("layers") as u8);
        let opened: Vec<u8> = (0..layout.frames())
            .filter_map(|number| layout.frame(number as u32))
            .flat_map(|frame| {
                let mut bytes = stored[frame.stored_at as usize..(frame.stored_at + frame.stored) as usize].to_vec();
                keys.open(frame.number, frame.last, &mut bytes).expect(name);
                bytes
            })
            .collect();
        assert!(opened == plain, "{name}");
    }
}

fn bytes<const N: usize>(hex: &Value) -> [u8; N] {
    let text = hex.as_str().expect("hexadecimal digits");
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hexadecimal digits"))
}
