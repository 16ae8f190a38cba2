//! Compressed sizes against the budgets of ARCHITECTURE.md.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{build, split};

const KB: u64 = 1024;

pub fn run() -> Result<()> {
    let dist = build::site()?;
    let manifest = split::manifest()?;
    let mut over = Vec::new();
    let mut sums = BTreeMap::new();
    let mut chunks = BTreeMap::new();
    println!("{:<52} {:>10} {:>10}", "file", "raw", "brotli");
    for path in walk(&dist)? {
        let name = path.strip_prefix(&dist).unwrap_or(&path).to_string_lossy().into_owned();
        let bytes = fs::read(&path)?;
        // Fonts are compressed already.
        let small = if is(&path, "woff2") { bytes.len() as u64 } else { brotli_size(&bytes)? };
        println!("{name:<52} {:>8.1}KB {:>8.1}KB", kilobytes(bytes.len() as u64), kilobytes(small));
        if manifest.values().flat_map(BTreeMap::values).any(|files| files.contains(&name)) {
            chunks.insert(name.clone(), small);
        } else {
            *sums.entry(group(&path, &name)).or_insert(0) += small;
        }
        if bytes.len() as u64 > 25 * KB * KB {
            over.push(format!("{name} is over 25 MB"));
        }
    }
    println!();
    let mut check = |what: &str, size: u64, budget: u64| {
        println!("{what:<52} {:>8.1}KB of {:>6}KB", kilobytes(size), budget / KB);
        if size > budget {
            over.push(format!("{what} is over its budget"));
        }
        if size == 0 {
            over.push(format!("{what}: nothing was built"));
        }
    };
    let sum = |group: &str| sums.get(group).copied().unwrap_or(0);
    let part = |files: &[String]| -> Result<u64> {
        let sizes = files
            .iter()
            .map(|file| chunks.get(file).copied().with_context(|| format!("dist/ lacks {file}")));
        sizes.sum()
    };
    // A reader waits for the page and the chunks of the screen they open: the dearest screen holds the budget.
    for (chunk, files) in manifest.get("sluice-web").into_iter().flatten() {
        check(
            &format!("page with chunk `{chunk}`: html, css, js, wasm, brotli"),
            sum("page") + part(files)?,
            500 * KB,
        );
    }
    // The worker starts beside the page; its parts come with the first calls that need them.
    check("account worker at its start, brotli", sum("account"), 500 * KB);
    for (chunk, files) in manifest.get("account").into_iter().flatten() {
        check(&format!("account worker's part `{chunk}`, brotli"), part(files)?, 250 * KB);
    }
    check("fonts, woff2", sum("fonts"), 120 * KB);
    check("data engine, brotli", sum("engine"), 1536 * KB);
    if over.is_empty() { Ok(()) } else { bail!("{}", over.join("; ")) }
}

/// The part of the site that every reader of it fetches the file with.
fn group(path: &Path, name: &str) -> &'static str {
    let code = is(path, "wasm") || is(path, "js");
    if is(path, "woff2") {
        "fonts"
    } else if code && name.starts_with("engine") {
        "engine"
    } else if code && name.starts_with("account") {
        "account"
    } else if code || is(path, "css") || is(path, "html") {
        "page"
    } else {
        "other"
    }
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / KB as f64
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
