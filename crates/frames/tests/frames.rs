//! Sealing and opening whole blobs.

use proptest::prelude::*;
use sluice_frames::{FRAME, Frame, Keys, Layout, SALT, TAG};

const KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

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

fn open(stored: &[u8], frame: Frame, keys: &Keys) -> Option<Vec<u8>> {
    let mut bytes = stored.get(frame.stored_at as usize..(frame.stored_at + frame.stored) as usize)?.to_vec();
    keys.open(frame.number, frame.last, &mut bytes).ok()?;
    Some(bytes)
}

fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at / 3 % 251) as u8).collect()
}

#[test]
fn a_blob_opens_to_what_was_sealed_at_every_size_around_a_frame() {
    for layers in [1, 2] {
        let keys = Keys::derive(&KEY, &[7; SALT], layers);
        for size in [0, 1, 15, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 5] {
            let plain = sample(size);
            let stored = sealed(&plain, &keys);
            let layout = Layout::new(size as u64, layers);
            assert_eq!(stored.len() as u64, layout.stored(), "{size} bytes, {layers} layers");
            let mut opened = Vec::new();
            for number in 0..layout.frames() {
                let frame = layout.frame(number as u32).expect("a frame of the layout");
                assert_eq!(frame.from, opened.len() as u64);
                opened.extend(open(&stored, frame, &keys).expect("it was just sealed"));
            }
            assert!(opened == plain, "{size} bytes, {layers} layers");
            assert_eq!(layout.frame(layout.frames() as u32), None);
            assert_eq!(layout.at(size as u64), None);
        }
    }
}

#[test]
fn frames_that_are_changed_moved_or_cut_off_do_not_open() {
    let keys = Keys::derive(&KEY, &[1; SALT], 1);
    let plain = sample(2 * FRAME + 100);
    let stored = sealed(&plain, &keys);
    let layout = Layout::new(plain.len() as u64, 1);
    let frames: Vec<Frame> = (0..3).filter_map(|number| layout.frame(number)).collect();
    for at in [0, 1000, FRAME, FRAME + TAG - 1] {
        let mut changed = stored.clone();
        changed[at] ^= 1;
        assert_eq!(open(&changed, frames[0], &keys), None, "byte {at}");
        assert!(open(&changed, frames[1], &keys).is_some(), "the others are as they were");
    }
    // The second in the place of the first.
    let mut moved = stored.clone();
    moved.copy_within(FRAME + TAG..2 * (FRAME + TAG), 0);
    assert_eq!(open(&moved, frames[0], &keys), None);
    // Cut at a frame's end, and said to be so long: the frame before was not sealed as the last one.
    let shorter = Layout::new(2 * FRAME as u64, 1);
    assert_eq!(open(&stored, shorter.frame(1).expect("a frame"), &keys), None);
    // Longer than it was.
    let mut last = stored[frames[2].stored_at as usize..].to_vec();
    assert!(keys.open(2, false, &mut last).is_err());
    let mut short = vec![0; TAG - 1];
    assert!(keys.open(0, true, &mut short).is_err());
}

#[test]
fn other_keys_salts_and_layers_do_not_open_it() {
    let salt = [3; SALT];
    let keys = Keys::derive(&KEY, &salt, 1);
    let mut frame = b"text".to_vec();
    keys.seal(0, true, &mut frame);
    let mut other = salt;
    other[15] ^= 1;
    for wrong in [Keys::derive(&[0; 32], &salt, 1), Keys::derive(&KEY, &other, 1), Keys::derive(&KEY, &salt, 2)] {
        assert!(wrong.open(0, true, &mut frame.clone()).is_err());
    }
    assert!(keys.open(0, true, &mut frame).is_ok());
}

#[test]
fn no_two_frames_share_key_and_nonce() {
    let keys = Keys::derive(&KEY, &[3; SALT], 2);
    assert_ne!(keys.layers()[0], keys.layers()[1]);
    assert_ne!(keys.nonce(0), keys.nonce(1));
    assert_ne!(keys.nonce(1), keys.nonce(1 << 24));
}

proptest! {
    #[test]
    fn a_byte_is_in_the_frame_that_the_layout_says(size in 1u64..20_000_000, offset in 0u64..20_000_000, layers in 1u8..3) {
        let layout = Layout::new(size, layers);
        match layout.at(offset) {
            None => prop_assert!(offset >= size),
            Some(frame) => {
                prop_assert!(frame.from <= offset && offset < frame.from + frame.length);
                prop_assert_eq!(frame.last, frame.from + frame.length == size);
                prop_assert_eq!(frame.stored_at + frame.stored == layout.stored(), frame.last);
            }
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..100), number: u32, last: bool) {
        prop_assert!(Keys::derive(&KEY, &[9; SALT], 2).open(number, last, &mut bytes).is_err());
    }
}
