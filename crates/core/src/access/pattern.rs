//! Wildcards and policy variables.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::context::Context;
use super::document::Version;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`
    One,
    /// `*`
    Any,
}

/// A pattern with its variables put in; what a variable stands for is text, wildcards in it included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

impl Pattern {
    /// Wildcards only.
    pub fn new(text: &str) -> Self {
        Pattern(text.chars().map(wild).collect())
    }

    /// Wildcards, and in the later version of the language variables. `None`: a variable that the request has no single value for, and that has no default.
    /// Such a statement does not apply ("IAM policy elements: Variables and tags").
    pub fn resolve(text: &str, version: Version, context: &Context) -> Option<Self> {
        let pieces = pieces(text, version);
        let mut tokens = Vec::with_capacity(text.len());
        for piece in pieces {
            match piece {
                Piece::Text(text) => tokens.extend(text.chars().map(wild)),
                Piece::Variable { .. } => tokens.extend(value_of(&piece, context)?.chars().map(Token::Literal)),
            }
        }
        Some(Pattern(tokens))
    }

    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        matches(&self.0, &text)
    }

    /// Every one of the first five parts of an ARN by itself, then the rest. A pattern of fewer parts matches as plain text ("IAM JSON policy elements: Resource").
    pub fn matches_arn(&self, arn: &str) -> bool {
        let text: Vec<char> = arn.chars().collect();
        let parts: Vec<&[char]> = text.splitn(6, |c| *c == ':').collect();
        let patterns: Vec<&[Token]> = self.0.splitn(6, |token| *token == Token::Literal(':')).collect();
        if patterns.len() < 6 || parts.len() < 6 {
            return matches(&self.0, &text);
        }
        patterns.iter().zip(&parts).all(|(pattern, part)| matches(pattern, part))
    }
}

fn wild(c: char) -> Token {
    match c {
        '*' => Token::Any,
        '?' => Token::One,
        other => Token::Literal(other),
    }
}

/// Linear but for the last `*`: on a mismatch it takes one character more.
fn matches(pattern: &[Token], text: &[char]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(c) = text.get(from) {
        match pattern.get(at) {
            Some(Token::Any) => {
                retry = Some((at, from));
                at += 1;
                continue;
            }
            Some(Token::One) => {
                at += 1;
                from += 1;
                continue;
            }
            Some(Token::Literal(literal)) if literal == c => {
                at += 1;
                from += 1;
                continue;
            }
            _ => {}
        }
        let Some((star, taken)) = retry else { return false };
        retry = Some((star, taken + 1));
        at = star + 1;
        from = taken + 1;
    }
    pattern.get(at..).unwrap_or_default().iter().all(|token| *token == Token::Any)
}

/// Text, or a variable in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    Variable { name: &'a str, default: Option<&'a str> },
}

/// A policy text in its pieces. What is not closed or empty is text.
pub fn pieces(text: &str, version: Version) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let next = |rest| variable(rest).filter(|_| version == Version::V2012);
    while let Some((before, inside, after)) = next(rest) {
        if !before.is_empty() {
            found.push(Piece::Text(before));
        }
        let (name, default) = match inside.split_once(',') {
            Some((name, default)) => {
                let default = default.trim();
                let quoted = default.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
                (name.trim(), Some(quoted.unwrap_or(default)))
            }
            None => (inside.trim(), None),
        };
        found.push(Piece::Variable { name, default });
        rest = after;
    }
    if !rest.is_empty() || found.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

/// What is before the first `${…}`, in it, and behind it.
fn variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, tail) = text.split_once("${")?;
    let (inside, after) = tail.split_once('}')?;
    Some((before, inside, after))
}

/// Whether the text has a variable, or would have one in the later version.
pub fn has_variable(text: &str) -> bool {
    pieces(text, Version::V2012).iter().any(|piece| matches!(piece, Piece::Variable { .. }))
}

fn value_of<'a>(piece: &Piece<'a>, context: &'a Context) -> Option<Cow<'a, str>> {
    let Piece::Variable { name, default } = piece else { return None };
    // The three characters that would mean something.
    if ["*", "?", "$"].contains(name) {
        return Some(Cow::Borrowed(name));
    }
    match context.get(name) {
        Some([one]) => Some(Cow::Borrowed(one)),
        Some(_) => None,
        None => default.map(Cow::Borrowed),
    }
}

/// A text with its variables put in, wildcards left as they are; for operators that know none.
pub fn substitute(text: &str, version: Version, context: &Context) -> Option<String> {
    let mut whole = String::new();
    for piece in pieces(text, version) {
        match &piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Variable { .. } => whole.push_str(&value_of(&piece, context)?),
        }
    }
    Some(whole)
}

/// Wildcards without regard to case, as actions are compared.
pub fn matches_action(pattern: &str, action: &str) -> bool {
    Pattern::new(&pattern.to_ascii_lowercase()).matches(&action.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "abcd", false),
            ("a*b*c", "a-b-b-c", true),
            ("?", "", false),
            ("a?c", "a\u{e9}c", true),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} {text}");
        }
        assert!(Pattern::new("arn:aws:s3:::b/*").matches_arn("arn:aws:s3:::b/x:y"));
        assert!(!Pattern::new("arn:*:b/x").matches_arn("arn:aws:s3:::b/y"));
        assert!(!Pattern::new("arn:aws:*:::b").matches_arn("arn:aws:s3:x::b"));
    }

    #[test]
    fn variables() {
        let mut context = Context::default();
        context.set("aws:username", "a*b");
        let of = |text| Pattern::resolve(text, Version::V2012, &context);
        assert!(of("home/${aws:username}/*").unwrap().matches("home/a*b/x"));
        assert!(!of("home/${aws:username}/*").unwrap().matches("home/aXb/x"));
        assert_eq!(of("${aws:PrincipalTag/team}"), None);
        assert!(of("${aws:PrincipalTag/team, 'none'}").unwrap().matches("none"));
        assert!(of("${*}${$}${?}").unwrap().matches("*$?"));
        assert!(
            Pattern::resolve("${aws:username}", Version::V2008, &context)
                .unwrap()
                .matches("${aws:username}")
        );
    }
}
