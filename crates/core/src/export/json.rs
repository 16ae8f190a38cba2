//! JSON as text of ASCII alone, laid out for a reader: on one line where it fits, else one member a line.
//!
//! Belongs here: layout and escapes. Does not belong here: shell quoting, which is applied to what comes out.

use alloc::string::String;
use core::fmt::Write;

use serde_json::Value;

/// Columns that a line may take.
const WIDTH: usize = 130;

/// A text as it stands between the quotes of a JSON string.
pub(super) fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    // Writing to a String does not fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
}

/// Escapes what is beyond ASCII in a text that is JSON already, where it can only stand inside strings.
pub(super) fn to_ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            let mut buffer = [0; 4];
            escape(character.encode_utf8(&mut buffer), &mut out);
        }
    }
    out
}

/// Writes a value; `string` writes the inside of a string, which may hold variables, and is told the member that it belongs to.
pub(super) fn write(value: &Value, indent: usize, member: &str, string: &dyn Fn(&str, &str, &mut String), out: &mut String) {
    let mut line = String::new();
    flat(value, member, string, &mut line);
    if indent + line.len() <= WIDTH || !(value.is_array() || value.is_object()) {
        out.push_str(&line);
        return;
    }
    let inner = indent + 2;
    let new_line = |out: &mut String, indent: usize| {
        out.push('\n');
        out.extend(core::iter::repeat_n(' ', indent));
    };
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                new_line(out, inner);
                write(item, inner, member, string, out);
            }
            new_line(out, indent);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, item)) in members.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                new_line(out, inner);
                name_of(name, out);
                write(item, inner, name, string, out);
            }
            new_line(out, indent);
            out.push('}');
        }
        _ => {}
    }
}

fn name_of(name: &str, out: &mut String) {
    out.push('"');
    escape(name, out);
    out.push_str("\": ");
}

fn flat(value: &Value, member: &str, string: &dyn Fn(&str, &str, &mut String), out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Value::String(text) => {
            out.push('"');
            string(member, text, out);
            out.push('"');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                flat(item, member, string, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, item)) in members.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                name_of(name, out);
                flat(item, name, string, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let value = serde_json::json!({
            "a\n\"\\": ["é", "\u{1f600}", "\u{1}", {"long": "x".repeat(200)}, {}, []],
            "n": [1, -2.5, true, null],
        });
        let mut out = String::new();
        write(&value, 0, "", &|_, text, out| escape(text, out), &mut out);
        assert!(out.is_ascii() && out.contains('\n'), "{out}");
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), value);
        let text = value.to_string();
        assert_eq!(serde_json::from_str::<Value>(&to_ascii(&text)).unwrap(), value);
    }
}
