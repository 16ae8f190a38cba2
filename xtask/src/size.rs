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
    let screens = screens()?;
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
        match group(&path, &name) {
            Group::Chunk => drop(chunks.insert(name.clone(), small)),
            Group::Of(group) => *sums.entry(group).or_insert(0) += small,
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
    // A reader fetches the page and the chunks of the screen they open: the dearest screen holds the page's budget.
    for (screen, files) in &screens {
        let mut size = sum("page");
        for file in files {
            size += chunks.get(file).with_context(|| format!("dist/ lacks {file}"))?;
        }
        check(&format!("page and chunk `{screen}`: html, css, js, wasm, brotli"), size, 500 * KB);
    }
    check("fonts, woff2", sum("fonts"), 120 * KB);
    check("account worker, brotli", sum("account"), 500 * KB);
    check("data engine, brotli", sum("engine"), 1536 * KB);
    if over.is_empty() { Ok(()) } else { bail!("{}", over.join("; ")) }
}

enum Group {
    /// Fetched by every reader of a part of the site.
    Of(&'static str),
    /// Fetched with a screen.
    Chunk,
}

fn group(path: &Path, name: &str) -> Group {
    let code = is(path, "wasm") || is(path, "js");
    if is(path, "woff2") {
        Group::Of("fonts")
    } else if code && name.starts_with("engine") {
        Group::Of("engine")
    } else if code && name.starts_with("account") {
        Group::Of("account")
    } else if is(path, "wasm") && !name.starts_with("sluice-web") {
        Group::Chunk
    } else if code || is(path, "css") || is(path, "html") {
        Group::Of("page")
    } else {
        Group::Of("other")
    }
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// The files of each chunk, as the build left their names.
fn screens() -> Result<BTreeMap<String, Vec<String>>> {
    let path = split::manifest();
    let text = fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
    Ok(serde_json::from_str(&text)?)
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
