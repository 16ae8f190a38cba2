//! Bundles the labs into the page: every folder of `labs/`, its Markdown rendered to HTML here, so that the page carries no Markdown parser.
//! And asks the linker for what the cut into screens needs.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Options, Parser, html};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    // The build cuts the linked module into chunks, and follows the relocations to know what each screen reaches.
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../labs");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut folders: Vec<PathBuf> = fs::read_dir(&root)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("lab.json").is_file())
        .collect();
    folders.sort();
    let mut labs = Vec::new();
    for folder in folders {
        println!("cargo::rerun-if-changed={}", folder.display());
        labs.push(bundle(&folder).map_err(|error| format!("{}: {error}", folder.display()))?);
    }
    let target = PathBuf::from(std::env::var("OUT_DIR")?).join("labs.json");
    fs::write(target, serde_json::to_string(&labs)?)?;
    Ok(())
}

/// `{ "lab": the lab.json, "steps": [{ "text", "point", "concept", "do" }], "closing" }`, the texts as HTML.
fn bundle(folder: &Path) -> Result<Value, Box<dyn Error>> {
    let lab: Value = serde_json::from_str(&fs::read_to_string(folder.join("lab.json"))?)?;
    let file = |name: &Value| -> Result<String, Box<dyn Error>> {
        let name = name.as_str().ok_or("a text is no file name")?;
        let path = folder.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        Ok(to_html(&fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?))
    };
    let mut steps = Vec::new();
    for step in lab["steps"].as_array().ok_or("lab.json has no steps")? {
        let hint = |level: &str| to_html(step["hints"][level].as_str().unwrap_or_default());
        steps.push(json!({ "text": file(&step["text"])?, "point": hint("point"), "concept": hint("concept"), "do": hint("do") }));
    }
    let closing = match &lab["closing"] {
        Value::Null => None,
        name => Some(file(name)?),
    };
    Ok(json!({ "lab": lab, "steps": steps, "closing": closing }))
}

fn to_html(markdown: &str) -> String {
    let mut text = String::new();
    html::push_html(&mut text, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    // A link of a lab leads away from the learner's work.
    text.replace("<a href=\"http", "<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"http")
}
