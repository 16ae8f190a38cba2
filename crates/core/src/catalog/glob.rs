//! Glob patterns as crawlers take them for exclusions: `*` and `?` within a folder, `**` across folders, `[abc]`, `[a-z]`, `[!a]`, `{one,two}`.
//!
//! The rules are those of Java's `FileSystem.getPathMatcher`, which the Glue developer guide repeats ("Include and exclude patterns").

use alloc::string::String;
use alloc::vec::Vec;

/// A compiled pattern. A pattern that does not parse (an open bracket or brace) matches its own text only.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    /// One list of tokens for each way to pick from the braces.
    alternatives: Vec<Vec<Token>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(char),
    /// `?`: any one character but `/`.
    One,
    /// `*`: any text without `/`.
    Folder,
    /// `**`: any text.
    Any,
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// Braces multiply; a pattern with more ways than this is taken by its first ones.
const MAX_ALTERNATIVES: usize = 256;
/// Braces after this many groups are data: a pattern may not cost a stack.
const MAX_GROUPS: usize = 32;

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        let characters: Vec<char> = pattern.chars().collect();
        let mut expanded = Vec::new();
        expand(&characters, MAX_GROUPS, &mut expanded);
        Glob {
            alternatives: expanded.iter().map(|way| tokens(way)).collect(),
        }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let characters: Vec<char> = text.chars().collect();
        self.alternatives.iter().any(|tokens| matches(tokens, &characters))
    }

    /// Whether the text holds any of the pattern characters.
    pub(super) fn is_pattern(text: &str) -> bool {
        text.contains(['*', '?', '[', '{'])
    }
}

/// Writes out the first group of braces, and so on for what comes of it. A comma or brace after a backslash is data.
fn expand(pattern: &[char], groups: usize, into: &mut Vec<Vec<char>>) {
    let mut at = 0;
    while let Some(character) = pattern.get(at) {
        match character {
            '\\' => at += 1,
            '{' if groups > 0 => {
                if let Some((options, end)) = group(pattern, at) {
                    for option in options {
                        if into.len() >= MAX_ALTERNATIVES {
                            return;
                        }
                        let mut way: Vec<char> = pattern.iter().take(at).copied().collect();
                        way.extend(option);
                        way.extend(pattern.iter().skip(end));
                        expand(&way, groups - 1, into);
                    }
                    return;
                }
            }
            _ => {}
        }
        at += 1;
    }
    into.push(pattern.to_vec());
}

/// The options of the group that opens at `open`, and where it ends. `None`: it does not close.
fn group(pattern: &[char], open: usize) -> Option<(Vec<Vec<char>>, usize)> {
    let mut options = Vec::from([Vec::new()]);
    let mut at = open + 1;
    loop {
        let character = *pattern.get(at)?;
        match character {
            '}' => return Some((options, at + 1)),
            ',' => options.push(Vec::new()),
            '\\' => {
                let next = *pattern.get(at + 1)?;
                if let Some(option) = options.last_mut() {
                    option.extend([character, next]);
                }
                at += 1;
            }
            _ => {
                if let Some(option) = options.last_mut() {
                    option.push(character);
                }
            }
        }
        at += 1;
    }
}

fn tokens(pattern: &[char]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = pattern.get(at) {
        match character {
            '\\' => {
                at += 1;
                tokens.push(Token::Literal(pattern.get(at).copied().unwrap_or('\\')));
            }
            '?' => tokens.push(Token::One),
            '*' => {
                if pattern.get(at + 1) == Some(&'*') {
                    at += 1;
                    if tokens.last() != Some(&Token::Any) {
                        tokens.push(Token::Any);
                    }
                } else {
                    tokens.push(Token::Folder);
                }
            }
            '[' => match set(pattern, at) {
                Some((token, end)) => {
                    tokens.push(token);
                    at = end;
                }
                None => tokens.push(Token::Literal('[')),
            },
            other => tokens.push(Token::Literal(*other)),
        }
        at += 1;
    }
    tokens
}

/// The set that opens at `open`, and the place of its closing bracket.
fn set(pattern: &[char], open: usize) -> Option<(Token, usize)> {
    let mut at = open + 1;
    let negated = pattern.get(at) == Some(&'!');
    if negated {
        at += 1;
    }
    let mut ranges = Vec::new();
    loop {
        let from = *pattern.get(at)?;
        if from == ']' && !ranges.is_empty() {
            return Some((Token::Set { negated, ranges }, at));
        }
        match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some('-'), Some(to)) if *to != ']' => {
                ranges.push((from, *to));
                at += 3;
            }
            _ => {
                ranges.push((from, from));
                at += 1;
            }
        }
    }
}

/// Linear in pattern times text: `reached` holds the token positions that the text so far can stand at.
fn matches(tokens: &[Token], text: &[char]) -> bool {
    let end = tokens.len();
    let mut reached = alloc::vec![false; end + 1];
    set_reached(&mut reached, tokens, 0);
    for character in text {
        let mut next = alloc::vec![false; end + 1];
        for at in (0..end).filter(|at| reached.get(*at) == Some(&true)) {
            let Some(token) = tokens.get(at) else { continue };
            let (fits, stays) = match token {
                Token::Literal(literal) => (literal == character, false),
                Token::One => (*character != '/', false),
                Token::Folder => (*character != '/', true),
                Token::Any => (true, true),
                Token::Set { negated, ranges } => (
                    *character != '/' && ranges.iter().any(|(from, to)| (from..=to).contains(&character)) != *negated,
                    false,
                ),
            };
            if fits {
                set_reached(&mut next, tokens, if stays { at } else { at + 1 });
            }
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

/// Marks a position, and those after stars, which may stand for nothing.
fn set_reached(reached: &mut [bool], tokens: &[Token], mut at: usize) {
    loop {
        if let Some(flag) = reached.get_mut(at) {
            *flag = true;
        }
        match tokens.get(at) {
            Some(Token::Folder | Token::Any) => at += 1,
            _ => return,
        }
    }
}

/// Whether any of the patterns takes the key out. `relative`: the key below the include path; the whole `s3://` path is tried too.
pub(super) fn excluded(patterns: &[Glob], relative: &str, path: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(relative) || pattern.matches(path))
}

pub(super) fn compile(patterns: &[String]) -> Vec<Glob> {
    patterns
        .iter()
        .filter(|pattern| !pattern.is_empty())
        .map(|pattern| Glob::new(pattern))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_developer_guides_examples() {
        for (pattern, text, fits) in [
            ("*.csv", "a.csv", true),
            ("*.csv", "folder/a.csv", false),
            ("*.*", "a.csv", true),
            ("*.*", "a", false),
            ("*.{csv,avro}", "x.avro", true),
            ("*.{csv,avro}", "x.json", false),
            ("foo.?", "foo.x", true),
            ("foo.?", "foo.xy", false),
            ("myfolder/*", "myfolder/a", true),
            ("myfolder/*", "myfolder/a/b", false),
            ("myfolder/*/*", "myfolder/a/b", true),
            ("myfolder/**", "myfolder/a/b", true),
            ("myfolder**", "myfolder/a/b", true),
            ("**.csv", "a/b/c.csv", true),
            ("[a-c]*", "b1", true),
            ("[!a-c]*", "b1", false),
            ("[!a-c]*", "d1", true),
            ("year=201[0-5]/**", "year=2012/m/x", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("{a,b}{1,2}", "b2", true),
            ("[", "[", true),
            ("{a", "{a", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), fits, "{pattern} against {text}");
        }
    }

    #[test]
    fn many_stars_end() {
        let text: String = "a".repeat(5_000);
        assert!(!Glob::new(&"*a".repeat(40)).matches(&(text + "b")));
        assert_eq!(Glob::new(&"{a,b}".repeat(30)).alternatives.len(), MAX_ALTERNATIVES);
    }
}
