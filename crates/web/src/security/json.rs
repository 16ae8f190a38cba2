//! Policy documents as text: how one is written, and where in a text a place such as `Statement[1].Effect` is.
//!
//! Belongs here: text, lines and spans. Does not belong here: what a policy means, which is core's.

use core::ops::Range;

use serde_json::Value;

/// Elements in the order that AWS writes them; others follow by name.
const ORDER: [&str; 12] = [
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// A document with two spaces an indent and its elements in AWS's order. Text that is a document is written so too; other text stays as it is.
pub fn pretty(document: &Value) -> String {
    if let Value::String(text) = document {
        return match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => pretty(&value),
            _ => text.clone(),
        };
    }
    let mut out = String::new();
    write(document, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.extend(core::iter::repeat_n("  ", depth));
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            let place = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
            members.sort_by_key(|(name, _)| (place(name), name.as_str()));
            out.push('{');
            for (index, (name, member)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                out.push_str(&Value::String(name.clone()).to_string());
                out.push_str(": ");
                write(member, depth + 1, out);
            }
            line(depth, out);
            out.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                write(item, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Where a place is in a text: the bytes of its value, a member's name included. `place` is as core names it: `Statement[1].Condition.StringEquals`.
/// Of a place that is not there, the innermost part that is. `None`: the text is no JSON up to there, or the place is empty.
pub fn locate(text: &str, place: &str) -> Option<Range<usize>> {
    let steps = steps(place);
    if steps.is_empty() {
        return None;
    }
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        steps: &steps,
        best: None,
    };
    // A text that ends early has been read as far as it goes.
    let _ = reader.value(Some(0));
    reader.best.map(|(_, span)| span).filter(|span| text.get(span.clone()).is_some())
}

/// The bytes of a statement, counted from 0; a `Statement` that is one object is its own first.
pub fn statement(text: &str, index: usize) -> Option<Range<usize>> {
    let place = format!("Statement[{index}]");
    let span = locate(text, &place)?;
    // A list that has no such entry would be found itself.
    let found = text.get(span.clone())?;
    let is_one = found.trim_start().starts_with('{') || found.starts_with('"') && index == 0;
    is_one.then_some(span)
}

/// The line, from 1, that a byte is on.
pub fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

/// The line that serde's words name: `expected value at line 3 column 5`.
pub fn line_in(words: &str) -> Option<usize> {
    let (_, rest) = words.rsplit_once(" at line ")?;
    rest.split(' ').next()?.parse().ok()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

fn steps(place: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for part in place.split('.').filter(|part| !part.is_empty()) {
        let (name, rest) = part.split_once('[').map_or((part, ""), |(name, rest)| (name, rest));
        if !name.is_empty() {
            steps.push(Step::Member(name));
        }
        if let Ok(index) = rest.trim_end_matches(']').parse() {
            steps.push(Step::Item(index));
        }
    }
    steps
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    steps: &'a [Step<'a>],
    /// The deepest part of the place that was found: how many steps, and its bytes.
    best: Option<(usize, Range<usize>)>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blank(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Notes that `depth` steps lead to what begins at `from` and ends here.
    fn found(&mut self, depth: usize, from: usize) {
        if self.best.as_ref().is_none_or(|(best, _)| *best < depth) {
            self.best = Some((depth, from..self.at));
        }
    }

    /// Reads one value; `depth`: so many steps lead to it, `None`: it is off the way.
    fn value(&mut self, depth: Option<usize>) -> Option<()> {
        self.blank();
        match self.peek()? {
            b'{' => self.members(depth),
            b'[' => self.items(depth),
            b'"' => self.string().map(|_| ()),
            _ => {
                while self
                    .peek()
                    .is_some_and(|byte| !matches!(byte, b',' | b'}' | b']') && !byte.is_ascii_whitespace())
                {
                    self.at += 1;
                }
                Some(())
            }
        }
    }

    fn members(&mut self, depth: Option<usize>) -> Option<()> {
        // A statement that is not in a list is what `Statement[0]` means.
        let depth = match depth.map(|depth| (depth, self.steps.get(depth))) {
            Some((depth, Some(Step::Item(0)))) => Some(depth + 1),
            _ => depth,
        };
        self.at += 1;
        loop {
            self.blank();
            match self.peek()? {
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                b',' => self.at += 1,
                b'"' => {
                    let from = self.at;
                    let name = self.string()?;
                    let next = depth.filter(
                        |depth| matches!(self.steps.get(*depth), Some(Step::Member(wanted)) if self.bytes.get(name.clone()) == Some(wanted.as_bytes())),
                    );
                    self.blank();
                    if self.peek()? == b':' {
                        self.at += 1;
                    }
                    let read = self.value(next.map(|depth| depth + 1));
                    if let Some(depth) = next {
                        self.found(depth + 1, from);
                    }
                    read?;
                }
                _ => return None,
            }
        }
    }

    fn items(&mut self, depth: Option<usize>) -> Option<()> {
        self.at += 1;
        let mut index = 0;
        loop {
            self.blank();
            match self.peek()? {
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                b',' => {
                    self.at += 1;
                    index += 1;
                }
                _ => {
                    let next = depth.filter(|depth| self.steps.get(*depth) == Some(&Step::Item(index)));
                    let from = self.at;
                    let read = self.value(next.map(|depth| depth + 1));
                    if let Some(depth) = next {
                        self.found(depth + 1, from);
                    }
                    read?;
                    // Nothing was read: the text is no JSON here.
                    if self.at == from {
                        return None;
                    }
                }
            }
        }
    }

    /// Reads a string; the bytes between its quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        self.at += 1;
        let from = self.at;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(from..self.at - 1);
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "a\"]", "Effect": "Allow", "Action": ["s3:*", "x"] },
    {
      "Effect": "Deny",
      "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    }
  ]
}"#;

    fn found(place: &str) -> Option<&'static str> {
        locate(TEXT, place).and_then(|span| TEXT.get(span))
    }

    #[test]
    fn a_place_is_found_in_a_text() {
        assert_eq!(found("Version"), Some(r#""Version": "2012-10-17""#));
        assert_eq!(found("Statement[0].Effect"), Some(r#""Effect": "Allow""#));
        assert_eq!(found("Statement[1].Effect"), Some(r#""Effect": "Deny""#));
        assert_eq!(found("Statement[0].Action[1]"), Some(r#""x""#));
        assert_eq!(found("Statement[1].Condition.Bool"), Some(r#""Bool": { "aws:SecureTransport": "false" }"#));
        assert_eq!(locate(TEXT, "Statement[1].Effect").map(|span| line_of(TEXT, span.start)), Some(6));
        assert_eq!(locate(TEXT, "Nothing"), None);
        assert_eq!(locate(TEXT, ""), None);
    }

    #[test]
    fn what_is_not_there_is_pointed_at_from_around() {
        assert!(found("Statement[1].Principal").is_some_and(|text| text.starts_with('{') && text.contains("Deny")));
        assert_eq!(statement(TEXT, 2), None);
        assert!(
            statement(TEXT, 0)
                .and_then(|span| TEXT.get(span))
                .is_some_and(|text| text.starts_with("{ \"Sid\"") && text.ends_with('}'))
        );
    }

    #[test]
    fn one_statement_needs_no_list() {
        let text = r#"{"Statement": {"Effect": "Allow"}}"#;
        assert_eq!(statement(text, 0).and_then(|span| text.get(span)), Some(r#""Statement": {"Effect": "Allow"}"#));
        assert_eq!(
            locate(text, "Statement[0].Effect").and_then(|span| text.get(span)),
            Some(r#""Effect": "Allow""#)
        );
    }

    #[test]
    fn no_text_panics() {
        for text in [
            "",
            "{",
            "[",
            "{\"Statement\"",
            "{\"Statement\":[",
            "{\"Statement\":[}",
            "{\"Statement\":[]]}",
            "\"\\",
            "{\"a\" 1",
            "ü{ö:[ä",
            "{\"Statement\":[{\"Effect\":\"ü",
        ] {
            let _ = locate(text, "Statement[0].Effect");
            let _ = statement(text, 3);
            let _ = line_of(text, usize::MAX);
        }
    }

    #[test]
    fn documents_are_written_as_aws_does() {
        let document = json!({"Statement": [{"Resource": "*", "Effect": "Allow", "Action": ["a", "b"], "Condition": {}}], "Version": "2012-10-17"});
        let text = pretty(&document);
        assert_eq!(
            text,
            "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"a\",\n        \"b\"\n      ],\n      \"Resource\": \"*\",\n      \"Condition\": {}\n    }\n  ]\n}"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(document));
        assert_eq!(pretty(&json!("{\"Version\":1}")), "{\n  \"Version\": 1\n}");
        assert_eq!(pretty(&json!("no json")), "no json");
    }

    #[test]
    fn serde_names_the_line() {
        assert_eq!(line_in("expected `,` or `}` at line 3 column 5"), Some(3));
        assert_eq!(line_in("unknown element"), None);
    }
}
