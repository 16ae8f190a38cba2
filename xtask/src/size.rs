//! Compressed sizes against the budgets of ARCHITECTURE.md.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::build;

const KB: u64 = 1024;

pub fn run() -> Result<()> {
    let dist = build::site()?;
    let files = walk(&dist)?;
    let name = |path: &Path| path.strip_prefix(&dist).unwrap_or(path).to_string_lossy().into_owned();
    let group = |path: &Path| {
        let name = name(path);
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("woff2") => "fonts",
            Some("wasm" | "js") if name.starts_with("engine") => "engine",
            Some("wasm" | "js") if name.starts_with("account") => "account",
            Some("wasm" | "js" | "css" | "html") => "page",
            _ => "other",
        }
    };
    let mut over = Vec::new();
    let mut sums = std::collections::BTreeMap::new();
    println!("{:<52} {:>10} {:>10}", "file", "raw", "brotli");
    for path in &files {
        let bytes = fs::read(path)?;
        let group = group(path);
        // Fonts are compressed already.
        let small = if group == "fonts" { bytes.len() as u64 } else { brotli_size(&bytes)? };
        println!(
            "{:<52} {:>8.1}KB {:>8.1}KB",
            name(path),
            bytes.len() as f64 / KB as f64,
            small as f64 / KB as f64
        );
        *sums.entry(group).or_insert(0) += small;
        if bytes.len() as u64 > 25 * KB * KB {
            over.push(format!("{} is over 25 MB", name(path)));
        }
    }
    println!();
    for (group, budget, what) in [
        ("page", 500 * KB, "page: html + css + js + wasm, brotli"),
        ("fonts", 120 * KB, "fonts, woff2"),
        ("account", 500 * KB, "account worker, brotli"),
        ("engine", 1536 * KB, "data engine, brotli"),
    ] {
        let size = sums.get(group).copied().unwrap_or(0);
        println!("{what:<52} {:>8.1}KB of {:>6}KB", size as f64 / KB as f64, budget / KB);
        if size > budget {
            over.push(format!("{what} is over its budget"));
        }
        if size == 0 {
            over.push(format!("{what}: nothing was built"));
        }
    }
    if over.is_empty() { Ok(()) } else { bail!("{}", over.join("; ")) }
}

fn brotli_size(bytes: &[u8]) -> Result<u64> {
    let mut compressor = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 24);
    compressor.write_all(bytes)?;
    Ok(compressor.into_inner().len() as u64)
}

fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(walk(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}
