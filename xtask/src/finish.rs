//! The last step of a build, which Trunk runs as its hook before it puts the site in its place.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use anyhow::{Context, Result};

use crate::{pack, sh, split};

/// Cuts page and account worker into chunks; in a release build, also optimises the small modules and minifies scripts and styles.
pub fn run() -> Result<()> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .context("TRUNK_STAGING_DIR is not set: Trunk runs this, as a hook")?;
    let release = std::env::var("TRUNK_PROFILE").as_deref() == Ok("release");
    split::all(&staging, if release { "release" } else { "debug" })?;
    if !release {
        return Ok(());
    }
    styles(&staging)?;
    let mut small = files(&staging, "wasm")?;
    // The data engine is large and hot: minutes of wasm-opt make it no smaller after brotli. What is fetched first is small: seconds buy a tenth.
    small.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("engine")));
    optimise_all(&small)?;
    pack::all(&staging)?;
    for path in files(&staging, "js")? {
        minify(&path, &["--format=esm"])?;
    }
    Ok(())
}

/// Puts the style sheets of the page, in their order, into one: twelve small files compress worse than one.
fn styles(staging: &Path) -> Result<()> {
    let index = staging.join("index.html");
    let page = fs::read_to_string(&index)?;
    let (mut kept, mut sheets, mut place) = (Vec::new(), String::new(), None);
    for line in page.lines() {
        let href = line
            .trim()
            .strip_prefix("<link rel=\"stylesheet\" href=\"./")
            .and_then(|rest| Some(rest.split_once('"')?.0));
        let Some(name) = href else {
            kept.push(line.to_owned());
            continue;
        };
        let path = staging.join(name);
        sheets += &fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
        fs::remove_file(&path)?;
        place.get_or_insert(kept.len());
    }
    let place = place.context("index.html links no style sheet")?;
    let mut hash = DefaultHasher::new();
    hash.write(sheets.as_bytes());
    let name = format!("style-{:016x}.css", hash.finish());
    let path = staging.join(&name);
    fs::write(&path, sheets)?;
    minify(&path, &[])?;
    kept.insert(place, format!("    <link rel=\"stylesheet\" href=\"./{name}\"/>"));
    fs::write(&index, kept.join("\n") + "\n")?;
    Ok(())
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} is missing", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn minify(path: &Path, more: &[&str]) -> Result<()> {
    sh::run_command(
        sh::command("esbuild")
            .arg(path)
            .args(["--minify", "--log-level=warning", "--allow-overwrite"])
            .args(more)
            .arg(format!("--outfile={}", path.display()))
            .stdin(Stdio::null()),
    )
}

/// Bytes from which a module has a process of its own.
const LARGE: u64 = 256 * 1024;

/// The large modules one after the other on one core, and on another all the small ones, of which there are hundreds, in one process.
fn optimise_all(paths: &[PathBuf]) -> Result<()> {
    let (mut large, mut small) = (Vec::new(), Vec::new());
    for path in paths {
        let list = if fs::metadata(path)?.len() >= LARGE { &mut large } else { &mut small };
        list.push(path);
    }
    thread::scope(|scope| {
        let together = scope.spawn(|| optimise_together(&small));
        let alone: Result<()> = large.iter().try_for_each(|path| optimise(path));
        let together = together.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        alone.and(together)
    })
}

fn optimise_together(paths: &[&PathBuf]) -> Result<()> {
    sh::run_command(
        sh::command("node")
            .arg("xtask/npm/optimise.mjs")
            .arg(sh::root().join("target/tools/node_modules/binaryen/index.js"))
            .args(paths)
            .stdin(Stdio::null()),
    )
}

fn optimise(path: &Path) -> Result<()> {
    let before = fs::metadata(path)?.len();
    let temporary = path.with_extension("opt");
    sh::run_command(
        sh::command("wasm-opt")
            .args([
                "-Oz",
                "--enable-simd",
                "--enable-bulk-memory",
                "--enable-nontrapping-float-to-int",
                "--enable-sign-ext",
            ])
            .args(["--enable-mutable-globals", "--enable-reference-types", "--enable-multivalue"])
            .arg(path)
            .arg("-o")
            .arg(&temporary)
            .stdin(Stdio::null()),
    )?;
    let after = fs::metadata(&temporary)?.len();
    fs::rename(&temporary, path)?;
    eprintln!("{}: {} KB -> {} KB", path.display(), before / 1024, after / 1024);
    Ok(())
}
