//! What the encoder writes, the decoder reads back.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};

use brotli::{CompressorWriter, Decompressor};
use proptest::prelude::*;

fn compressed(parts: &[&[u8]], flush: bool) -> Vec<u8> {
    let mut writer = CompressorWriter::new(Vec::new(), 4096, 1, 22);
    for part in parts {
        writer.write_all(part).unwrap();
        if flush {
            writer.flush().unwrap();
        }
    }
    writer.into_inner().unwrap()
}

fn back(stream: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Decompressor::new(stream, 4096).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Bytes that look random and are the same each time.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

#[test]
fn streams_read_back() {
    let csv: String = (0..60_000_u64)
        .map(|n| format!("{n},Toronto,{},PARK ON PRIVATE PROPERTY,{}\n", n % 97, n * n % 10_007))
        .collect();
    let cases: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"a".to_vec(),
        b"ab".to_vec(),
        b"abc".to_vec(),
        vec![0; 3_000_000],
        noise(300_000),
        (0..=255).collect::<Vec<u8>>().repeat(3_000),
        csv.into_bytes(),
        (0..200_000_i32).flat_map(|n| (n / 7).to_le_bytes()).collect(),
        [noise(70_000), noise(70_000)].concat(),
    ];
    for bytes in cases {
        for flush in [false, true] {
            assert!(back(&compressed(&[&bytes], flush)) == bytes, "{} bytes", bytes.len());
        }
    }
}

#[test]
fn what_repeats_gets_small_and_noise_hardly_grows() {
    let line = b"2022-01-31,5,PARK-SIGNED HIGHWAY-PROHIBIT DY/TM,50,1037,NR,15 MAITLAND PL\n";
    let lines = line.repeat(10_000);
    assert!(compressed(&[&lines], false).len() < 300);
    let noise = noise(1 << 20);
    assert!(compressed(&[&noise], false).len() < noise.len() + 100);
}

#[test]
fn a_dropped_writer_ends_its_stream() {
    let mut out = Vec::new();
    CompressorWriter::new(&mut out, 4096, 1, 22).write_all(b"some text").unwrap();
    assert_eq!(back(&out), b"some text");
}

proptest! {
    #[test]
    fn any_bytes_read_back(
        parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..400), 1_usize..60), 0..6),
        letters in 1_u8..=255,
        flush in any::<bool>(),
    ) {
        let parts: Vec<Vec<u8>> = parts
            .into_iter()
            .map(|(bytes, times)| bytes.into_iter().map(|byte| byte % letters).collect::<Vec<u8>>().repeat(times))
            .collect();
        let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(back(&compressed(&slices, flush)), parts.concat());
    }
}
