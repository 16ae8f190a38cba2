//! Putting the chunks of page and account worker into few files. A cut makes a chunk for each set of screens that share something, five hundred of them, and each
//! file compresses by itself: what a screen needs in one file is a quarter smaller than in its chunks.
//!
//! What many screens need stands in packs that they share; all else a screen needs stands in a bundle of its own, though others have it in theirs: a chunk is taken
//! from the bundle of the screen that needs it first. Packs and bundles are modules whose custom sections are the chunks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::split;

/// How one program is packed.
struct Plan {
    linked: &'static str,
    loader: String,
    /// What packs and bundles are called: before and after their names.
    around: (&'static str, String),
    /// A chunk that at least so many screens need stands in a pack.
    many: usize,
    /// The screen that is first, and the one that is nearest its budget: they fetch packs of what they need alone.
    spared: &'static [&'static str],
}

/// Packs what [`split::all`] cut, after it was optimised.
pub fn all(staging: &Path) -> Result<()> {
    let hash = split::page_name(staging)?.strip_prefix("sluice-web").unwrap_or_default().to_owned();
    let mut manifest = split::manifest()?;
    let plans = [
        Plan {
            linked: "sluice-web",
            loader: format!("screens{hash}.js"),
            around: ("", hash),
            many: 6,
            spared: &["editor", "start"],
        },
        Plan {
            linked: "account",
            loader: "account_parts.js".into(),
            around: ("account_", String::new()),
            // Of parts there is next to nothing that many share.
            many: 6,
            spared: &[],
        },
    ];
    for plan in plans {
        let cut = manifest
            .get_mut(plan.linked)
            .with_context(|| format!("the manifest does not know {}", plan.linked))?;
        plan.pack(staging, cut)?;
    }
    split::write_manifest(&manifest)
}

impl Plan {
    fn pack(&self, staging: &Path, cut: &mut BTreeMap<String, Vec<String>>) -> Result<()> {
        let mut screens: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (screen, files) in &*cut {
            for file in files {
                screens.entry(file).or_default().push(screen);
            }
        }
        let mut packs: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for (file, screens) in screens.iter().filter(|(_, screens)| screens.len() >= self.many) {
            let spared = self.spared.iter().copied().filter(|spared| screens.contains(spared));
            packs.entry(spared.collect()).or_default().push(file);
        }
        let path = staging.join(&self.loader);
        let mut loader = fs::read_to_string(&path)?;
        let mut after: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (number, files) in packs.values().enumerate() {
            let name = self.file(&format!("pack_{number}"));
            together(staging, &name, files)?;
            for file in files {
                loader = taken(&loader, file, &format!("\"./{name}\""))?;
            }
            for (screen, own) in &*cut {
                if own.iter().any(|file| files.contains(&file.as_str())) {
                    after.entry(screen.clone()).or_default().push(name.clone());
                }
            }
        }
        let shared: Vec<&str> = packs.into_values().flatten().collect();
        for (screen, own) in &*cut {
            let files: Vec<&str> = own.iter().map(String::as_str).filter(|file| !shared.contains(file)).collect();
            let name = self.file(&format!("bundle_{screen}"));
            together(staging, &name, &files)?;
            loader = bundled(&loader, screen, &name)?;
            after.entry(screen.clone()).or_default().push(name);
        }
        for file in screens.keys() {
            if !shared.contains(file) {
                loader = taken(&loader, file, "bundle")?;
            }
            fs::remove_file(staging.join(file))?;
        }
        fs::write(&path, loader + PACKS)?;
        *cut = after;
        Ok(())
    }

    fn file(&self, stem: &str) -> String {
        let (before, after) = &self.around;
        format!("{before}{stem}{after}.wasm")
    }
}

/// `bundle` is that of the screen whose load began last: a load asks for all of its chunks before it waits. A pack is fetched once, for the first of its chunks that
/// is wanted; a fetch that failed is tried again with the next.
const PACKS: &str = r"
let bundle;
function bundled(file, load) {
    return () => {
        bundle = file;
        return load();
    };
}
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

/// Writes a module whose custom sections are the files.
fn together(staging: &Path, name: &str, files: &[&str]) -> Result<()> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    for file in files {
        section(&mut module, file, &fs::read(staging.join(file))?);
    }
    Ok(fs::write(staging.join(name), module)?)
}

/// The loader with one chunk taken from a pack; `pack` is an expression of JavaScript.
fn taken(loader: &str, file: &str, pack: &str) -> Result<String> {
    let fetch = format!("const src = fetch(new URL(\"./{file}\", import.meta.url));");
    let last = "return async (imports) => (WebAssembly.instantiateStreaming(src, imports));";
    let from = loader.find(&fetch);
    let to = from.and_then(|from| Some(from + loader.get(from..)?.find(last)? + last.len()));
    let parts = from.zip(to).and_then(|(from, to)| Some((loader.get(..from)?, loader.get(to..)?)));
    let (head, tail) = parts.with_context(|| format!("the loader does not fetch {file} as it did"))?;
    Ok(format!("{head}return packed({pack}, \"{file}\");{tail}"))
}

/// The loader with the load of a screen saying which bundle is its own.
fn bundled(loader: &str, screen: &str, name: &str) -> Result<String> {
    let begins = format!("export const __wasm_split_load_{screen} = wrapAsyncCb(");
    let ends = "]));";
    let from = loader.find(&begins).map(|at| at + begins.len());
    let to = from.and_then(|from| Some(from + loader.get(from..)?.find(ends)? + ends.len() - 2));
    let parts = from
        .zip(to)
        .and_then(|(from, to)| Some((loader.get(..from)?, loader.get(from..to)?, loader.get(to..)?)));
    let (head, load, tail) = parts.with_context(|| format!("the loader does not load {screen} as it did"))?;
    Ok(format!("{head}bundled(\"./{name}\", {load}){tail}"))
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

#[cfg(test)]
mod tests {
    use super::{bundled, taken};

    const LOADER: &str = r#"const __chunk_1 = makeLoad(() => {
    const src = fetch(new URL("./chunk_1.wasm", import.meta.url));
    src.catch(() => {});
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, []);
export const __wasm_split_load_start = wrapAsyncCb(makeLoad(() => {
    return 1;
}
, [__chunk_1]));
"#;

    #[test]
    fn a_loader_takes_chunks_from_packs() {
        let loader = taken(LOADER, "chunk_1.wasm", "bundle").expect("the chunk is fetched");
        assert!(loader.starts_with("const __chunk_1 = makeLoad(() => {\n    return packed(bundle, \"chunk_1.wasm\");\n}\n, []);"));
        let loader = bundled(&loader, "start", "b.wasm").expect("the screen is loaded");
        assert!(loader.ends_with("wrapAsyncCb(bundled(\"./b.wasm\", makeLoad(() => {\n    return 1;\n}\n, [__chunk_1])));\n"));
        assert!(taken(LOADER, "chunk_2.wasm", "bundle").is_err());
    }
}
