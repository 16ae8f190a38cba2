//! Calls of the AWS CLI as lines of a bash script.
//!
//! Belongs here: quoting, variables, comments. Does not belong here: which calls there are.

use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value};

use super::json;
use super::names::{Name, Names, Piece};

/// Bytes of one argument that every system takes: Linux has 128 KiB.
const MAX_ARGUMENT: usize = 100_000;
/// Columns of a comment.
const WIDTH: usize = 110;

/// The variable of the account's canonical user id, which ACLs name. (The `ID`s of rules are as they are.)
pub(super) const OWNER: &str = "OWNER";

/// Members whose values are names or hold them. What a user wrote elsewhere, an object's key or its metadata, is never taken for a name.
const NAMING: [&str; 9] = [
    "AccountId",
    "Bucket",
    "ETag",
    "KMSMasterKeyID",
    "KeyId",
    "PolicyArn",
    "SSEKMSKeyId",
    "TargetKeyId",
    "UploadId",
];
/// Members that are JSON documents: flags, so that they can be read.
const DOCUMENTS: [(&str, &str); 3] = [
    ("Policy", "--policy"),
    ("PolicyDocument", "--policy-document"),
    ("AssumeRolePolicyDocument", "--assume-role-policy-document"),
];

/// One call.
#[derive(Default)]
pub(super) struct Cli {
    /// `s3api put-object`.
    pub command: &'static str,
    pub params: Map<String, Value>,
    /// Where it is not the script's own.
    pub region: Option<String>,
    /// File of the body.
    pub body: Option<String>,
    /// The variable that takes a member of the answer, and the member.
    pub capture: Option<(String, &'static str)>,
}

impl Cli {
    pub fn new(command: &'static str, params: Value) -> Cli {
        Cli {
            command,
            params: match params {
                Value::Object(map) => map,
                _ => Map::new(),
            },
            ..Cli::default()
        }
    }
}

/// A text between single quotes, which a `'` ends and begins again.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The variable of a name.
pub(super) fn variable(name: Name) -> String {
    match name {
        Name::Account => "ACCOUNT".to_string(),
        Name::Bucket(number) => format!("BUCKET_{number}"),
        Name::Key(number) => format!("KEY_{number}"),
    }
}

/// What stands for a variable of the script in a call's parameters, in members that may hold one.
pub(super) fn taken(variable: &str) -> Value {
    Value::String(format!("\u{1}{variable}\u{1}"))
}

/// A script as it grows.
pub(super) struct Script<'a> {
    names: &'a Names<'a>,
    pub text: String,
}

impl<'a> Script<'a> {
    pub fn new(names: &'a Names<'a>) -> Script<'a> {
        Script { names, text: String::new() }
    }

    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A comment. What a user wrote may be part of it: nothing ends a comment but the end of its line, and control characters are shown as escapes.
    pub fn comment(&mut self, text: &str) {
        let mut column = 0;
        for word in text.split(' ') {
            let word: String = word.chars().flat_map(shown).collect();
            let length = word.chars().count();
            if column > 0 && column + 1 + length > WIDTH {
                self.text.push('\n');
                column = 0;
            }
            self.text.push_str(if column == 0 { "# " } else { " " });
            self.text.push_str(&word);
            column += 1 + length;
        }
        self.text.push('\n');
    }

    pub fn heading(&mut self, text: &str) {
        self.text.push('\n');
        self.comment(text);
    }

    pub fn call(&mut self, cli: &Cli) {
        let mut words = format!("aws {}", cli.command);
        if let Some(region) = &cli.region {
            words.push_str(&format!(" --region {}", quoted(region)));
        }
        let mut params = cli.params.clone();
        let mut documents = String::new();
        for (member, flag) in DOCUMENTS {
            if let Some(Value::String(text)) = params.remove(member) {
                documents.push_str(&format!(" \\\n  {flag} '{}'", self.named(&json::to_ascii(&text), false)));
            }
        }
        let mut input = String::new();
        json::write(&Value::Object(params), 2, "", &|member, text, out| self.string(member, text, out), &mut input);
        let piped = input.len() > MAX_ARGUMENT;
        if piped {
            words.push_str(" --cli-input-json file:///dev/stdin");
        } else if input != "{}" {
            words.push_str(&format!(" --cli-input-json '{input}'"));
        }
        words.push_str(&documents);
        if let Some(path) = &cli.body {
            words.push_str(&format!(" --body {path}"));
        }
        let before = if piped { format!("printf '%s' '{input}' | ") } else { String::new() };
        match &cli.capture {
            Some((variable, query)) => self.line(&format!("{variable}=$({before}{words} --query {query} --output text)")),
            None => self.line(&format!("{before}{words} > /dev/null")),
        }
    }

    /// The inside of a JSON string, itself between single quotes.
    fn string(&self, member: &str, text: &str, out: &mut String) {
        if let Some(variable) = text.strip_prefix('\u{1}').and_then(|text| text.strip_suffix('\u{1}'))
            && (NAMING.contains(&member) || member == "ID" && variable == OWNER)
        {
            out.push_str(&format!("'\"${variable}\"'"));
            return;
        }
        if matches!(member, "Bucket" | "TargetBucket")
            && let Some(name) = self.names.bucket(text)
        {
            out.push_str(&format!("'\"${}\"'", variable(name)));
            return;
        }
        if NAMING.contains(&member) {
            out.push_str(&self.named(text, true));
            return;
        }
        let mut escaped = String::new();
        json::escape(text, &mut escaped);
        out.push_str(&escaped.replace('\'', "'\\''"));
    }

    /// A text with variables in the place of names, to stand between single quotes; `as_json`: and inside a JSON string.
    fn named(&self, text: &str, as_json: bool) -> String {
        let mut out = String::new();
        for piece in self.names.split(text) {
            match piece {
                Piece::Name(name) => out.push_str(&format!("'\"${}\"'", variable(name))),
                Piece::Text(text) => {
                    let mut escaped = String::new();
                    if as_json {
                        json::escape(text, &mut escaped);
                    } else {
                        escaped.push_str(text);
                    }
                    out.push_str(&escaped.replace('\'', "'\\''"));
                }
            }
        }
        out
    }
}

fn shown(character: char) -> impl Iterator<Item = char> {
    let escaped = character.is_control().then(|| character.escape_default());
    let plain = (!character.is_control()).then_some(character);
    escaped.into_iter().flatten().chain(plain)
}
