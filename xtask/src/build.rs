//! Building the site into `dist/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::{sh, tools};

/// Installs what is missing, builds everything in release, optimises the small modules, and answers where the site is.
pub fn site() -> Result<PathBuf> {
    tools::for_build()?;
    let dist = sh::root().join("dist");
    // Trunk reads NO_COLOR as a value of its own flag and refuses "1".
    sh::run_command(sh::command("trunk").args(["build", "--release"]).env_remove("NO_COLOR"))?;
    for path in wasm_files(&dist)? {
        // The data engine is large and hot: minutes of wasm-opt make it no smaller after brotli. Page and account worker are small: seconds buy a tenth.
        if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("engine")) {
            optimise(&path)?;
        }
    }
    Ok(dist)
}

pub fn wasm_files(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dist).with_context(|| format!("{} is missing: run `cargo xtask build`", dist.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
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
                "--enable-mutable-globals",
            ])
            .args(["--enable-reference-types", "--enable-multivalue"])
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
