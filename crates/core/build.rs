//! Writes the constants of `storage::s3::rules` from `data/rules-s3.json`, so that a rule's number stands in one place and costs nothing to read.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

type Outcome<T> = Result<T, String>;

fn text<'a>(of: &'a Value, name: &str) -> Outcome<&'a str> {
    of[name].as_str().ok_or_else(|| format!("{name} is no text in {of}"))
}

fn texts(of: &Value) -> Outcome<Vec<&str>> {
    let list = of.as_array().ok_or_else(|| format!("no list: {of}"))?;
    list.iter().map(|item| item.as_str().ok_or_else(|| format!("no text: {item}"))).collect()
}

fn rules(file: &Value) -> Outcome<String> {
    let mut out = String::new();
    let mut say = |line: String| {
        let _ = writeln!(out, "{line}");
    };
    let numbers = file["numbers"].as_object().ok_or("no numbers")?;
    for (name, rule) in numbers {
        let value = rule["value"].as_i64().ok_or_else(|| format!("{name} has no whole value"))?;
        let unconfirmed = if rule.get("confidence").is_some() { "; not confirmed" } else { "" };
        say(format!(
            "/// {}: {} (\"{}\"{unconfirmed}).",
            capital(text(rule, "unit")?),
            text(rule, "means")?,
            text(rule, "source")?
        ));
        say(format!("pub const {name}: {} = {value};", text(rule, "type")?));
    }
    let classes = texts(&file["classes"])?;
    let per_class = |of: &dyn Fn(&str) -> Outcome<i64>| -> Outcome<String> {
        let values: Outcome<Vec<String>> = classes.iter().map(|class| of(class).map(|value| value.to_string())).collect();
        Ok(values?.join(", "))
    };
    let count = classes.len();
    say("/// In the order in which the arrays below have them.".into());
    say("#[cfg(test)]".into());
    say(format!("pub const CLASSES: [&str; {count}] = {classes:?};"));
    let days = &file["min_days"];
    say(format!("/// Days that are billed at least, by class (\"{}\").", text(days, "source")?));
    let listed = per_class(&|class| Ok(days["days"][class].as_i64().unwrap_or(0)))?;
    say(format!("pub const MIN_DAYS: [u32; {count}] = [{listed}];"));
    let least = &file["min_billable"];
    let billed = texts(&least["classes"])?;
    say(format!(
        "/// Whether a class bills [`MIN_BILLABLE`] bytes of an object at least (\"{}\").",
        text(least, "source")?
    ));
    let flags: Vec<bool> = classes.iter().map(|class| billed.contains(class)).collect();
    say(format!("pub const HAS_MIN_BILLABLE: [bool; {count}] = {flags:?};"));
    let waterfall = &file["transitions"];
    say(format!(
        "/// Classes that a lifecycle rule may move to, a bit each, by class (\"{}\").",
        text(waterfall, "source")?
    ));
    let bits = per_class(&|class| match waterfall["to"].get(class) {
        None => Ok(0),
        Some(to) => texts(to)?.into_iter().try_fold(0, |bits, to| {
            let place = classes.iter().position(|class| *class == to).ok_or_else(|| format!("no class {to}"))?;
            Ok(bits | 1 << place)
        }),
    })?;
    say(format!("pub const TRANSITIONS: [u16; {count}] = [{bits}];"));
    let restore = &file["restore_seconds"];
    for (name, of) in [("RESTORE_SECONDS", "archive"), ("RESTORE_SECONDS_DEEP", "deep")] {
        let seconds: Vec<Option<i64>> = ["EXPEDITED", "STANDARD", "BULK"].iter().map(|tier| restore[of][tier].as_i64()).collect();
        say(format!(
            "/// Seconds of an expedited, a standard and a bulk restore (\"{}\").",
            text(restore, "source")?
        ));
        say(format!("pub const {name}: [Option<i64>; 3] = {seconds:?};"));
    }
    let names = &file["names"];
    for name in ["RESERVED_PREFIXES", "RESERVED_SUFFIXES"] {
        let listed = texts(&names[name])?;
        say(format!("/// Of bucket names (\"{}\").", text(names, "source")?));
        say(format!("pub const {name}: [&str; {}] = {listed:?};", listed.len()));
    }
    Ok(out)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn main() -> Outcome<()> {
    const DATA: &str = "data/rules-s3.json";
    println!("cargo::rerun-if-changed={DATA}");
    println!("cargo::rerun-if-changed=build.rs");
    let said = |error: &dyn std::fmt::Display| format!("{DATA}: {error}");
    let file = fs::read_to_string(DATA).map_err(|error| said(&error))?;
    let file: Value = serde_json::from_str(&file).map_err(|error| said(&error))?;
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&out).join("rules_s3.rs"), rules(&file)?).map_err(|error| error.to_string())
}
