//! Cutting a module of the site at the functions that its program marks with `wasm_split`: one chunk a screen for the page, one a part for the account worker.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::{Options, transform};

use crate::sh;

/// One program of the site, as Trunk left it.
struct Program {
    /// As cargo names it.
    linked: &'static str,
    /// Of its script and its module in the site, without extension.
    name: String,
    /// Before and after the name of each chunk.
    around: (&'static str, String),
    /// The script that fetches chunks.
    loader: String,
}

/// Cuts page and account worker in `staging`, Trunk's output folder: a smaller module, a loader and chunks stand where one module stood.
pub fn all(staging: &Path, profile: &str) -> Result<()> {
    let name = page_name(staging)?;
    let hash = name.strip_prefix("sluice-web").unwrap_or_default().to_owned();
    let page = Program {
        linked: "sluice-web",
        loader: format!("screens{hash}.js"),
        around: ("", hash),
        name,
    };
    let account = Program {
        linked: "account",
        name: "account".into(),
        around: ("account_", String::new()),
        loader: "account_parts.js".into(),
    };
    let mut manifest = BTreeMap::new();
    for program in [page, account] {
        manifest.insert(program.linked.to_owned(), program.cut(staging, profile)?);
    }
    write_manifest(&manifest)
}

/// For each program the names of the files that each of its chunks consists of, as the last build left them.
pub fn manifest() -> Result<BTreeMap<String, BTreeMap<String, Vec<String>>>> {
    let path = manifest_path();
    let text = fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// Writes what [`manifest`] reads.
pub fn write_manifest(manifest: &BTreeMap<String, BTreeMap<String, Vec<String>>>) -> Result<()> {
    Ok(fs::write(manifest_path(), serde_json::to_string_pretty(manifest)?)?)
}

fn manifest_path() -> PathBuf {
    sh::root().join("target/split/manifest.json")
}

impl Program {
    fn cut(&self, staging: &Path, profile: &str) -> Result<BTreeMap<String, Vec<String>>> {
        let linked = sh::root()
            .join("target/wasm32-unknown-unknown")
            .join(profile)
            .join(self.linked)
            .with_extension("wasm");
        let wasm = fs::read(&linked).with_context(|| format!("{} is missing", linked.display()))?;
        let work = sh::root().join("target/split").join(self.linked);
        // What an earlier build cut must not be taken for this one's.
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work)?;
        let main = work.join("main.wasm");
        let (script, loader) = (format!("./{}.js", self.name), format!("./{}", self.loader));
        let mut options = Options::new(&wasm);
        options.output_dir = &work;
        options.main_out_path = &main;
        options.main_module = &script;
        options.link_name = &loader;
        let cut = transform(options).map_err(|error| anyhow!("cutting {} failed: {error:?}", linked.display()))?;
        let mut links = fs::read_to_string(work.join(&self.loader))?;
        for chunk in &cut.split_modules {
            let stem = chunk.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let file = self.file(&stem);
            let (from, to) = (format!("\"./{stem}.wasm\""), format!("\"./{file}\""));
            if !links.contains(&from) {
                bail!("the loader {} does not name the chunk {stem}", self.loader);
            }
            links = links.replace(&from, &to);
            fs::copy(chunk, staging.join(file))?;
        }
        fs::write(staging.join(&self.loader), links)?;
        sh::run_command(
            sh::command("wasm-bindgen")
                .args(["--target=web", "--keep-lld-exports", "--no-demangle", "--no-typescript"])
                .arg(format!("--out-name={}", self.name))
                .arg("--out-dir")
                .arg(staging)
                .arg(&main),
        )?;
        let files = |stems: Vec<String>| stems.iter().map(|stem| self.file(stem)).collect();
        Ok(cut.prefetch_map.into_iter().map(|(chunk, stems)| (chunk, files(stems))).collect())
    }

    fn file(&self, stem: &str) -> String {
        let (before, after) = &self.around;
        format!("{before}{stem}{after}.wasm")
    }
}

/// `sluice-web-<hash>`, as Trunk named the page's script.
pub fn page_name(staging: &Path) -> Result<String> {
    let names: Vec<PathBuf> = fs::read_dir(staging)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    let mut found = names.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        name.strip_suffix("_bg.wasm").filter(|name| name.starts_with("sluice-web")).map(str::to_owned)
    });
    found.next().with_context(|| format!("{} holds no page", staging.display()))
}
