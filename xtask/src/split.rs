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
        manifest.insert(program.linked, program.cut(staging, profile)?);
    }
    fs::write(manifest_path(), serde_json::to_string_pretty(&manifest)?)?;
    Ok(())
}

/// For each program the names of the files that each of its chunks consists of, as the last build left them.
pub fn manifest() -> Result<BTreeMap<String, BTreeMap<String, Vec<String>>>> {
    let path = manifest_path();
    let text = fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// The screen that is first, and those that are near the page's budget: a chunk is packed only with chunks that the same of these need, so that none of them
/// fetches more for it. The others may.
const SPARED: [&str; 4] = ["start", "browse", "editor", "panels"];
/// Bytes under which a chunk is packed.
const SMALL: u64 = 16 * 1024;

/// Puts the page's small chunks into a few files. What screens share is cut into as many chunks as there are sets of screens that share something, and each
/// file compresses by itself: fifteen small ones are some ten kilobytes more than four. A pack is a module whose custom sections are the chunks.
pub fn pack(staging: &Path) -> Result<()> {
    let mut manifest = manifest()?;
    let page = manifest.get_mut("sluice-web").context("the manifest does not know the page")?;
    let hash = page_name(staging)?.strip_prefix("sluice-web").unwrap_or_default().to_owned();
    let mut screens: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (screen, files) in &*page {
        for file in files.iter().filter(|file| file.starts_with("chunk_")) {
            screens.entry(file.clone()).or_default().push(screen.clone());
        }
    }
    let mut packs: BTreeMap<Vec<&str>, Vec<String>> = BTreeMap::new();
    for (file, screens) in screens {
        if fs::metadata(staging.join(&file))?.len() < SMALL {
            let spared = SPARED.into_iter().filter(|spared| screens.iter().any(|screen| screen == spared));
            packs.entry(spared.collect()).or_default().push(file);
        }
    }
    let path = staging.join(format!("screens{hash}.js"));
    let mut links = fs::read_to_string(&path)?;
    for (number, files) in packs.into_values().filter(|files| files.len() > 1).enumerate() {
        let name = format!("pack_{number}{hash}.wasm");
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for file in &files {
            let chunk = staging.join(file);
            section(&mut module, file, &fs::read(&chunk)?);
            fs::remove_file(&chunk)?;
            links = packed(&links, file, &name).with_context(|| format!("the loader does not fetch {file} as it did"))?;
        }
        fs::write(staging.join(&name), module)?;
        for own in page.values_mut() {
            let before = own.len();
            own.retain(|file| !files.contains(file));
            if own.len() < before {
                own.push(name.clone());
            }
        }
    }
    fs::write(&path, links + PACKS)?;
    fs::write(manifest_path(), serde_json::to_string_pretty(&manifest)?)?;
    Ok(())
}

/// A pack is fetched once, for the first of its chunks that is wanted; a fetch that failed is tried again with the next.
const PACKS: &str = r"
const packs = new Map();
function packed(file, name) {
    let pack = packs.get(file);
    if (pack === undefined) {
        pack = WebAssembly.compileStreaming(fetch(new URL(file, import.meta.url)));
        pack.catch(() => packs.delete(file));
        packs.set(file, pack);
    }
    return async (imports) => WebAssembly.instantiate(WebAssembly.Module.customSections(await pack, name)[0], imports);
}
";

/// The loader with one chunk taken from a pack; `None` where it does not hold the fetch of that chunk.
fn packed(links: &str, file: &str, pack: &str) -> Option<String> {
    let fetch = format!("const src = fetch(new URL(\"./{file}\", import.meta.url));");
    let from = links.find(&fetch)?;
    let last = "return async (imports) => (WebAssembly.instantiateStreaming(src, imports));";
    let to = from + links.get(from..)?.find(last)? + last.len();
    Some(format!("{}return packed(\"./{pack}\", \"{file}\");{}", links.get(..from)?, links.get(to..)?))
}

/// Appends a custom section: its id, its size, its name and its bytes, as the binary format of WebAssembly has it.
fn section(module: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let mut named = Vec::new();
    leb128(&mut named, name.len());
    named.extend_from_slice(name.as_bytes());
    module.push(0);
    leb128(module, named.len() + bytes.len());
    module.extend(named);
    module.extend_from_slice(bytes);
}

fn leb128(out: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
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
fn page_name(staging: &Path) -> Result<String> {
    let names: Vec<PathBuf> = fs::read_dir(staging)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    let mut found = names.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        name.strip_suffix("_bg.wasm").filter(|name| name.starts_with("sluice-web")).map(str::to_owned)
    });
    found.next().with_context(|| format!("{} holds no page", staging.display()))
}
