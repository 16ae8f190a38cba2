//! Sample files for tests and benchmarks, from the product's own seeded generator.

use std::fs::File;
use std::io::{BufWriter, Write};

use anyhow::{Context, Result, bail};
use sluice_core::lab::ParkingSample;

/// Rows made at a time: memory stays small however many are asked for.
const CHUNK: u64 = 10_000;

pub fn run(args: &[String]) -> Result<()> {
    let mut rows = None;
    let mut out = None;
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} wants a value"))?;
        match word.as_str() {
            "--rows" => rows = Some(value.parse::<u64>().with_context(|| format!("--rows wants a number, not {value}"))?),
            "--out" => out = Some(value),
            _ => bail!("usage: cargo xtask sample --rows N --out FILE"),
        }
    }
    let (Some(rows), Some(out)) = (rows, out) else {
        bail!("usage: cargo xtask sample --rows N --out FILE")
    };
    let mut file = BufWriter::new(File::create(out).with_context(|| format!("cannot write {out}"))?);
    let mut sample = ParkingSample::new(rows, SEED);
    loop {
        let text = sample.next_chunk(CHUNK);
        if text.is_empty() {
            break;
        }
        file.write_all(text.as_bytes())?;
    }
    file.flush()?;
    Ok(())
}

const SEED: u64 = 2022;
