//! The part of jq 1.6 that MetadataExtraction queries are made of: an object of paths, with a few filters after a pipe. The rest of jq is refused by name.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use crate::sim::{Civil, SimTime};

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
    /// A date of seconds since the epoch.
    Strftime(String),
    ToString,
    Lower,
    Upper,
    Floor,
    Divide(f64),
}

/// `{name: .path | filter, …}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Query(Vec<(String, Vec<Step>)>);

fn not_done(what: &str) -> String {
    format!("Sluice does not do {what} of jq in a MetadataExtractionQuery yet")
}

impl Query {
    /// Error: what is wrong, or not done, in a sentence without its stop.
    pub fn read(text: &str) -> Result<Query, String> {
        let inner = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let inner = inner.ok_or("MetadataExtractionQuery must be an object of partition keys, as {key: .path}")?;
        let mut keys: Vec<(String, Vec<Step>)> = Vec::new();
        for member in split(inner, ',') {
            let member = member.trim();
            let (name, path) = match split(member, ':').as_slice() {
                [name, path] => (name.trim(), path.trim()),
                // {a} is {a: .a}.
                [name] => (name.trim(), ""),
                _ => return Err(format!("The query has \"{member}\", which is not one key and one path")),
            };
            let bare = name.trim_matches('"');
            if bare.is_empty() || !bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(format!("The query has the key \"{name}\": keys are letters, digits and underscores"));
            }
            let steps = if path.is_empty() {
                [Step::Member(bare.to_string())].into()
            } else {
                steps(path)?
            };
            if keys.iter().any(|(key, _)| key == bare) {
                return Err(format!("The query names the key {bare} twice"));
            }
            keys.push((bare.to_string(), steps));
        }
        Ok(Query(keys))
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// The partition keys of a record. Error: why there are none.
    pub fn run(&self, record: &Value) -> Result<BTreeMap<String, String>, String> {
        let mut keys = BTreeMap::new();
        for (key, steps) in &self.0 {
            let mut value = record.clone();
            for step in steps {
                value = step.run(&value)?;
            }
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
                _ => String::new(),
            };
            if text.is_empty() {
                return Err("partitionKeys values must not be null or empty".to_string());
            }
            keys.insert(key.clone(), text);
        }
        Ok(keys)
    }
}

/// Cuts at a sign that stands outside of brackets and texts.
fn split(text: &str, sign: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0i32, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' | '(' if !quoted => depth += 1,
            '}' | ']' | ')' if !quoted => depth -= 1,
            _ if c == sign && depth == 0 && !quoted => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn steps(text: &str) -> Result<Vec<Step>, String> {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    let mut steps = Vec::new();
    for (index, part) in split(text, '|').into_iter().enumerate() {
        let part = part.trim();
        let call = part
            .split_once('(')
            .map(|(name, rest)| (name.trim(), rest.strip_suffix(')').unwrap_or(rest).trim()));
        match (part, call) {
            ("tostring", _) if index > 0 => steps.push(Step::ToString),
            ("ascii_downcase", _) if index > 0 => steps.push(Step::Lower),
            ("ascii_upcase", _) if index > 0 => steps.push(Step::Upper),
            ("floor", _) if index > 0 => steps.push(Step::Floor),
            (_, Some(("strftime", format))) if index > 0 => {
                let format = format.trim_matches('"').to_string();
                strftime(&format, SimTime::EPOCH)?;
                steps.push(Step::Strftime(format));
            }
            _ if part.starts_with('.') => path(part, &mut steps)?,
            _ => return Err(not_done(&format!("\"{part}\""))),
        }
    }
    Ok(steps)
}

/// `.a.b[0]."c d"["e"]`, and a number that it is divided by.
fn path(text: &str, steps: &mut Vec<Step>) -> Result<(), String> {
    let (text, divisor) = match split(text, '/').as_slice() {
        [path, by] => {
            let by = by.trim().parse::<f64>().ok().filter(|by| *by != 0.0 && by.is_finite());
            ((*path).trim(), Some(by.ok_or_else(|| not_done(&format!("\"{text}\"")))?))
        }
        _ => (text, None),
    };
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest
            .strip_prefix(".\"")
            .or_else(|| rest.strip_prefix("[\""))
            .or_else(|| rest.strip_prefix(".[\""))
        {
            let (name, after) = after.split_once('"').ok_or_else(|| format!("The path {text} has a text that does not end"))?;
            steps.push(Step::Member(name.to_string()));
            rest = after.strip_prefix(']').unwrap_or(after);
        } else if let Some(after) = rest.strip_prefix('[').or_else(|| rest.strip_prefix(".[")) {
            let (index, after) = after
                .split_once(']')
                .ok_or_else(|| format!("The path {text} has a bracket that does not end"))?;
            let index = index.trim().parse().map_err(|_| not_done(&format!("\"[{index}]\"")))?;
            steps.push(Step::Item(index));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            if name.is_empty() && !after.is_empty() {
                return Err(not_done(&format!("\"{text}\"")));
            }
            if !name.is_empty() {
                steps.push(Step::Member(name.to_string()));
            }
            rest = after;
        } else {
            return Err(not_done(&format!("\"{text}\"")));
        }
    }
    steps.extend(divisor.map(Step::Divide));
    Ok(())
}

impl Step {
    fn run(&self, value: &Value) -> Result<Value, String> {
        let text = |change: fn(&str) -> String| match value {
            Value::String(text) => Ok(Value::String(change(text))),
            other => Err(format!("{other} is not a string")),
        };
        let number = || value.as_f64().ok_or_else(|| format!("{value} is not a number"));
        match self {
            Step::Member(name) => match value {
                Value::Object(members) => Ok(members.get(name).cloned().unwrap_or(Value::Null)),
                Value::Null => Ok(Value::Null),
                other => Err(format!("Cannot index {} with \"{name}\"", kind(other))),
            },
            Step::Item(index) => match value {
                Value::Array(items) => Ok(items.get(*index).cloned().unwrap_or(Value::Null)),
                Value::Null => Ok(Value::Null),
                other => Err(format!("Cannot index {} with number", kind(other))),
            },
            Step::Strftime(format) => {
                let seconds = libm::floor(number()?);
                // The years 0 to 9999.
                if !(-62_167_219_200.0..253_402_300_800.0).contains(&seconds) {
                    return Err(format!("{value} is no time of day"));
                }
                strftime(format, SimTime::from_micros(seconds as i64 * 1_000_000)).map(Value::String)
            }
            Step::ToString => Ok(Value::String(super::function::text_of(value))),
            Step::Lower => text(str::to_ascii_lowercase),
            Step::Upper => text(str::to_ascii_uppercase),
            Step::Floor => Ok(Value::from(libm::floor(number()?) as i64)),
            Step::Divide(by) => Ok(Value::from(number()? / by)),
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Error: a letter that is not done.
fn strftime(format: &str, at: SimTime) -> Result<String, String> {
    let civil = at.civil();
    let mut text = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = civil;
        match chars.next() {
            Some('Y') => text.push_str(&format!("{year:04}")),
            Some('y') => text.push_str(&format!("{:02}", year.rem_euclid(100))),
            Some('m') => text.push_str(&format!("{month:02}")),
            Some('d') => text.push_str(&format!("{day:02}")),
            Some('H') => text.push_str(&format!("{hour:02}")),
            Some('M') => text.push_str(&format!("{minute:02}")),
            Some('S') => text.push_str(&format!("{second:02}")),
            Some('F') => text.push_str(&format!("{year:04}-{month:02}-{day:02}")),
            Some('T') => text.push_str(&format!("{hour:02}:{minute:02}:{second:02}")),
            Some('%') => text.push('%'),
            Some(other) => return Err(not_done(&format!("%{other} in strftime"))),
            None => return Err("The format of strftime ends with %".to_string()),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_taken_from_records() {
        let record = json!({"type": {"device": "Mobile", "user": "u"}, "customer_id": "123", "event_timestamp": 1_565_382_027, "ms": 1_565_382_027_500i64, "list": [{"a": 7}], "x y": true});
        let keys = |query: &str| Query::read(query).unwrap_or_else(|error| panic!("{query}: {error}")).run(&record);
        let of = |pairs: &[(&str, &str)]| Ok(pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect());
        // The query of AWS's page on partitioning keys.
        assert_eq!(
            keys(
                "{customer_id:.customer_id, device: .type.device, year: .event_timestamp| strftime(\"%Y\"), month: .event_timestamp|strftime(\"%m\"), hour: .event_timestamp|strftime(\"%H\")}"
            ),
            of(&[("customer_id", "123"), ("device", "Mobile"), ("hour", "20"), ("month", "08"), ("year", "2019")])
        );
        assert_eq!(
            keys("{customer_id, \"n\": .list[0].a, b: .[\"x y\"]}"),
            of(&[("customer_id", "123"), ("n", "7"), ("b", "true")])
        );
        assert_eq!(
            keys("{d: (.type.device | ascii_downcase), t: .ms/1000|strftime(\"%F\")}"),
            of(&[("d", "mobile"), ("t", "2019-08-09")])
        );
        assert!(keys("{a: .missing}").unwrap_err().contains("must not be null or empty"));
        assert!(keys("{a: .customer_id.b}").unwrap_err().contains("Cannot index string"));
    }

    #[test]
    fn the_rest_of_jq_is_refused() {
        for query in [
            "",
            ".a",
            "{a: .b | test(\"x\")}",
            "{a: .b + 1}",
            "{a: .[]}",
            "{a: .b, a: .c}",
            "{a: .b|strftime(\"%j\")}",
            "{a: if .b then 1 else 2 end}",
        ] {
            assert!(Query::read(query).is_err(), "{query}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(query in "[{}a-c.:,|\"\\[\\]() 0-9/]{0,30}") {
            if let Ok(query) = Query::read(&query) {
                let _ = query.run(&json!({"a": {"b": [1]}}));
            }
            let plain = Query::read("{a:.a}");
            prop_assert!(plain.is_ok());
        }
    }
}
