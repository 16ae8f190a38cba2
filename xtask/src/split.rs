//! Cutting the page's wasm into one chunk a screen, at the functions that `sluice-web` marks with `wasm_split`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::{Options, transform};

use crate::sh;

/// Replaces the page's module in `staging` (Trunk's output folder) by a smaller one, a loader and chunks, all named after the page's hash.
pub fn page(staging: &Path, profile: &str) -> Result<()> {
    let name = page_name(staging)?;
    let hash = name.strip_prefix("sluice-web").unwrap_or_default();
    let linked = sh::root().join("target/wasm32-unknown-unknown").join(profile).join("sluice-web.wasm");
    let wasm = fs::read(&linked).with_context(|| format!("{} is missing", linked.display()))?;
    let work = sh::root().join("target/split");
    // What an earlier build cut must not be taken for this one's.
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let main = work.join("main.wasm");
    let loader = format!("./screens{hash}.js");
    let script = format!("./{name}.js");
    let mut options = Options::new(&wasm);
    options.output_dir = &work;
    options.main_out_path = &main;
    options.main_module = &script;
    options.link_name = &loader;
    let cut = transform(options).map_err(|error| anyhow!("cutting {} failed: {error:?}", linked.display()))?;
    let mut links = fs::read_to_string(work.join(&loader))?;
    for chunk in &cut.split_modules {
        let stem = chunk.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let file = format!("{stem}{hash}.wasm");
        let (from, to) = (format!("\"./{stem}.wasm\""), format!("\"./{file}\""));
        if !links.contains(&from) {
            bail!("the loader does not name the chunk {stem}");
        }
        links = links.replace(&from, &to);
        fs::copy(chunk, staging.join(file))?;
    }
    fs::write(staging.join(&loader), links)?;
    // What a reader of each screen fetches beside the page, for `size`.
    let mut fetched = BTreeMap::new();
    for (screen, chunks) in &cut.prefetch_map {
        let files: Vec<String> = chunks.iter().map(|chunk| format!("{chunk}{hash}.wasm")).collect();
        fetched.insert(screen.clone(), files);
    }
    fs::write(manifest(), serde_json::to_string_pretty(&fetched)?)?;
    sh::run_command(
        sh::command("wasm-bindgen")
            .args(["--target=web", "--keep-lld-exports", "--no-demangle", "--no-typescript"])
            .arg(format!("--out-name={name}"))
            .arg("--out-dir")
            .arg(staging)
            .arg(&main),
    )
}

/// Where [`page`] leaves the names of the files that each chunk consists of.
pub fn manifest() -> PathBuf {
    sh::root().join("target/split/manifest.json")
}

/// `sluice-web-<hash>`, as Trunk named the page's script.
fn page_name(staging: &Path) -> Result<String> {
    let names: Vec<PathBuf> = fs::read_dir(staging)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    let mut found = names.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        name.strip_suffix("_bg.wasm").filter(|name| name.starts_with("sluice-web")).map(str::to_owned)
    });
    found.next().with_context(|| format!("{} holds no page", staging.display()))
}
