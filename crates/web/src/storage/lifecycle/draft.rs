//! A rule while it is edited: texts, as they are typed, to and from the API's form.

use serde_json::{Map, Value, json};

/// A transition: when (days, or a date `2027-01-01`), where to, and for noncurrent versions how many stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub when: String,
    pub class: String,
    pub newer: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub id: String,
    pub enabled: bool,
    pub prefix: String,
    /// `key=value`, one a line or comma.
    pub tags: String,
    pub larger: String,
    pub smaller: String,
    pub transitions: Vec<Step>,
    pub expiration: String,
    pub expired_marker: bool,
    pub noncurrent: Vec<Step>,
    pub noncurrent_expiration: String,
    pub noncurrent_newer: String,
    pub abort: String,
}

impl Default for Draft {
    fn default() -> Self {
        Draft {
            id: String::new(),
            enabled: true,
            prefix: String::new(),
            tags: String::new(),
            larger: String::new(),
            smaller: String::new(),
            transitions: Vec::new(),
            expiration: String::new(),
            expired_marker: false,
            noncurrent: Vec::new(),
            noncurrent_expiration: String::new(),
            noncurrent_newer: String::new(),
            abort: String::new(),
        }
    }
}

fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Days, or the day of a date.
fn when(value: &Value) -> String {
    let days = text(value, "/Days");
    if days.is_empty() {
        text(value, "/Date").get(..10).unwrap_or_default().to_owned()
    } else {
        days
    }
}

/// A whole number as one; any other text as it is, for the account to say what is wrong with it.
fn number(text: &str) -> Value {
    text.trim().parse::<i64>().map_or_else(|_| Value::from(text.trim()), Value::from)
}

/// `Days` or `Date`.
fn put_when(into: &mut Map<String, Value>, when: &str) {
    let name = if when.contains('-') && !when.trim_start().starts_with('-') {
        "Date"
    } else {
        "Days"
    };
    into.insert(name.into(), if name == "Date" { Value::from(when.trim()) } else { number(when) });
}

impl Draft {
    pub fn of(rule: &Value) -> Draft {
        let filter = rule.get("Filter").cloned().unwrap_or_default();
        // One member stands in the filter itself, several in its And.
        let of = |name: &str| {
            let inside = text(&filter, &format!("/And/{name}"));
            if inside.is_empty() { text(&filter, &format!("/{name}")) } else { inside }
        };
        let tags = filter
            .pointer("/And/Tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .chain(filter.get("Tag"));
        let tags: Vec<String> = tags.map(|tag| format!("{}={}", text(tag, "/Key"), text(tag, "/Value"))).collect();
        let prefix = of("Prefix");
        let steps = |name: &str| rule.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        Draft {
            id: text(rule, "/ID"),
            enabled: rule.get("Status").is_some_and(|status| status == "Enabled"),
            prefix: if prefix.is_empty() { text(rule, "/Prefix") } else { prefix },
            tags: tags.join(", "),
            larger: of("ObjectSizeGreaterThan"),
            smaller: of("ObjectSizeLessThan"),
            transitions: steps("Transitions")
                .iter()
                .map(|step| Step {
                    when: when(step),
                    class: text(step, "/StorageClass"),
                    newer: String::new(),
                })
                .collect(),
            expiration: rule.get("Expiration").map(when).unwrap_or_default(),
            expired_marker: rule.pointer("/Expiration/ExpiredObjectDeleteMarker") == Some(&Value::Bool(true)),
            noncurrent: steps("NoncurrentVersionTransitions")
                .iter()
                .map(|step| Step {
                    when: text(step, "/NoncurrentDays"),
                    class: text(step, "/StorageClass"),
                    newer: text(step, "/NewerNoncurrentVersions"),
                })
                .collect(),
            noncurrent_expiration: text(rule, "/NoncurrentVersionExpiration/NoncurrentDays"),
            noncurrent_newer: text(rule, "/NoncurrentVersionExpiration/NewerNoncurrentVersions"),
            abort: text(rule, "/AbortIncompleteMultipartUpload/DaysAfterInitiation"),
        }
    }

    /// The API's `LifecycleRule`.
    pub fn to_rule(&self) -> Value {
        let mut rule = Map::new();
        if !self.id.trim().is_empty() {
            rule.insert("ID".into(), self.id.trim().into());
        }
        rule.insert("Status".into(), if self.enabled { "Enabled" } else { "Disabled" }.into());
        rule.insert("Filter".into(), self.filter());
        if !self.transitions.is_empty() {
            let steps = self.transitions.iter().map(|step| {
                let mut out = Map::new();
                put_when(&mut out, &step.when);
                out.insert("StorageClass".into(), step.class.as_str().into());
                Value::Object(out)
            });
            rule.insert("Transitions".into(), steps.collect());
        }
        let mut expiration = Map::new();
        if !self.expiration.trim().is_empty() {
            put_when(&mut expiration, &self.expiration);
        }
        if self.expired_marker {
            expiration.insert("ExpiredObjectDeleteMarker".into(), true.into());
        }
        if !expiration.is_empty() {
            rule.insert("Expiration".into(), expiration.into());
        }
        let with_newer = |days: &str, newer: &str| {
            let mut out = Map::from_iter([("NoncurrentDays".to_owned(), number(days))]);
            if !newer.trim().is_empty() {
                out.insert("NewerNoncurrentVersions".into(), number(newer));
            }
            out
        };
        if !self.noncurrent.is_empty() {
            let steps = self.noncurrent.iter().map(|step| {
                let mut out = with_newer(&step.when, &step.newer);
                out.insert("StorageClass".into(), step.class.as_str().into());
                Value::Object(out)
            });
            rule.insert("NoncurrentVersionTransitions".into(), steps.collect());
        }
        if !self.noncurrent_expiration.trim().is_empty() {
            rule.insert(
                "NoncurrentVersionExpiration".into(),
                with_newer(&self.noncurrent_expiration, &self.noncurrent_newer).into(),
            );
        }
        if !self.abort.trim().is_empty() {
            rule.insert("AbortIncompleteMultipartUpload".into(), json!({ "DaysAfterInitiation": number(&self.abort) }));
        }
        Value::Object(rule)
    }

    fn filter(&self) -> Value {
        let mut members = Map::new();
        if !self.prefix.is_empty() {
            members.insert("Prefix".into(), self.prefix.as_str().into());
        }
        for (name, size) in [("ObjectSizeGreaterThan", &self.larger), ("ObjectSizeLessThan", &self.smaller)] {
            if !size.trim().is_empty() {
                members.insert(name.into(), number(size));
            }
        }
        let mut tags: Vec<Value> = self
            .tags
            .split([',', '\n'])
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .map(|tag| {
                let (key, value) = tag.split_once('=').unwrap_or((tag, ""));
                json!({ "Key": key.trim(), "Value": value.trim() })
            })
            .collect();
        match (members.len(), tags.len()) {
            (0, 1) => json!({ "Tag": tags.pop() }),
            (0 | 1, 0) => members.into(),
            (_, 0) => json!({ "And": members }),
            _ => {
                members.insert("Tags".into(), tags.into());
                json!({ "And": members })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_survives_its_draft() {
        for rule in [
            json!({ "ID": "a", "Status": "Enabled", "Filter": {}, "Expiration": { "Days": 400 } }),
            json!({ "ID": "b", "Status": "Disabled", "Filter": { "Tag": { "Key": "k", "Value": "v" } }, "Transitions": [{ "Date": "2027-01-01", "StorageClass": "GLACIER" }] }),
            json!({ "ID": "c", "Status": "Enabled", "Filter": { "And": { "Prefix": "raw/", "ObjectSizeGreaterThan": 5, "Tags": [{ "Key": "k", "Value": "" }] } },
                "NoncurrentVersionTransitions": [{ "NoncurrentDays": 30, "NewerNoncurrentVersions": 2, "StorageClass": "STANDARD_IA" }],
                "NoncurrentVersionExpiration": { "NoncurrentDays": 90 }, "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 } }),
        ] {
            assert_eq!(Draft::of(&rule).to_rule(), rule);
        }
    }

    #[test]
    fn what_is_no_number_is_left_to_the_account() {
        let draft = Draft {
            expiration: "soon".into(),
            ..Draft::default()
        };
        assert_eq!(draft.to_rule()["Expiration"], json!({ "Days": "soon" }));
    }
}
