//! Python's `re` patterns, as far as an engine without backtracking can run them, in time linear in the text.
//!
//! A pattern is read by Python's rules (`re` of 3.11), written out for `regex-automata`, and matched as `re.match` does: from the start, to anywhere.
//! Not supported, and refused with the place: look-ahead and look-behind, backreferences, conditional groups, atomic groups and possessive quantifiers,
//! `\N{…}`, and the flags `a`, `L` and `x`. `\w` and letter case follow Unicode's properties, which differ from Python's tables in a few scripts.
//!
//! Belongs here: regular expressions. Does not belong here: what a Filter does with them.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::cell::OnceCell;
use core::fmt;
use core::iter::Peekable;
use core::str::CharIndices;

use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};

/// A pattern that has been read. Its automaton is built when it is first needed, so that who only checks a job never carries the builder.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    translated: String,
    regex: OnceCell<Regex>,
}

/// Why a pattern is refused: the place, counted in characters from 0 as Python's `re.error` does, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    pub at: usize,
    pub reason: String,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at position {}", self.reason, self.at)
    }
}

impl core::error::Error for PatternError {}

/// Bytes that a compiled pattern may take: `a{100000}` is refused, not built.
const SIZE_LIMIT: usize = 4 << 20;

impl Pattern {
    /// Reads a pattern by Python's rules; the error names the place.
    pub fn read(python: &str) -> Result<Pattern, PatternError> {
        Ok(Pattern {
            source: python.to_owned(),
            translated: Translator::new(python).run()?,
            regex: OnceCell::new(),
        })
    }

    /// Builds the automaton. Before rows are matched: what is well written can still be too large to build.
    pub fn prepare(&self) -> Result<&Regex, PatternError> {
        if let Some(regex) = self.regex.get() {
            return Ok(regex);
        }
        let regex = Regex::builder()
            .configure(Regex::config().nfa_size_limit(Some(SIZE_LIMIT)))
            .build(&self.translated)
            .map_err(|error| PatternError {
                at: 0,
                reason: if error.size_limit().is_some() {
                    "the pattern is too large, counting from its start".to_owned()
                } else {
                    match error.syntax_error() {
                        Some(syntax) => format!("it cannot be read ({})", last_line(&syntax.to_string())),
                        None => format!("it cannot be built ({error})"),
                    }
                },
            })?;
        Ok(self.regex.get_or_init(|| regex))
    }

    /// `bool(re.match(pattern, text))`.
    pub fn matches(&self, text: &str) -> Result<bool, PatternError> {
        Ok(self.prepare()?.is_match(Input::new(text).anchored(Anchored::Yes)))
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or(text).trim().trim_start_matches("error: ")
}

/// What stands before a quantifier.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    Item,
    Quantifier,
}

struct Translator<'a> {
    pattern: &'a str,
    chars: Peekable<CharIndices<'a>>,
    out: String,
    /// Byte offsets of the open groups, and whether `$` meant line ends outside.
    open: alloc::vec::Vec<(usize, bool)>,
    multi_line: bool,
}

impl<'a> Translator<'a> {
    fn new(pattern: &'a str) -> Self {
        Translator {
            pattern,
            chars: pattern.char_indices().peekable(),
            out: String::with_capacity(pattern.len() + 8),
            open: alloc::vec::Vec::new(),
            multi_line: false,
        }
    }

    fn error<T>(&self, byte: usize, reason: impl Into<String>) -> Result<T, PatternError> {
        let at = self.pattern.get(..byte).map_or(0, |before| before.chars().count());
        Err(PatternError { at, reason: reason.into() })
    }

    fn run(mut self) -> Result<String, PatternError> {
        let mut before = Before::Nothing;
        while let Some((at, c)) = self.chars.next() {
            before = match c {
                '\\' => self.escape(at, false)?,
                '[' => self.class(at)?,
                '(' => self.group(at)?,
                ')' => {
                    let Some((_, multi_line)) = self.open.pop() else {
                        return self.error(at, "unbalanced parenthesis");
                    };
                    self.multi_line = multi_line;
                    self.out.push(')');
                    Before::Item
                }
                '*' | '+' | '?' => self.quantifier(at, before, &c.to_string())?,
                '{' => match self.counts(at) {
                    Some(text) => self.quantifier(at, before, &text)?,
                    None => {
                        self.out.push_str("\\{");
                        Before::Item
                    }
                },
                '}' => {
                    self.out.push_str("\\}");
                    Before::Item
                }
                // Without MULTILINE, Python's `$` also matches before a line end that ends the text.
                '$' if !self.multi_line => {
                    self.out.push_str("(?:\\n?\\z)");
                    Before::Nothing
                }
                '^' | '$' | '|' => {
                    self.out.push(c);
                    Before::Nothing
                }
                other => {
                    self.out.push(other);
                    Before::Item
                }
            };
        }
        if let Some((at, _)) = self.open.last() {
            return self.error(*at, "missing ), unterminated subpattern");
        }
        Ok(self.out)
    }

    fn quantifier(&mut self, at: usize, before: Before, text: &str) -> Result<Before, PatternError> {
        match before {
            Before::Nothing => return self.error(at, "nothing to repeat"),
            Before::Quantifier => return self.error(at, "multiple repeat"),
            Before::Item => {}
        }
        self.out.push_str(text);
        match self.chars.peek().copied() {
            Some((_, '?')) => {
                self.chars.next();
                self.out.push('?');
            }
            Some((plus, '+')) => return self.error(plus, "possessive quantifiers are not supported"),
            _ => {}
        }
        Ok(Before::Quantifier)
    }

    /// The rest of `{m}`, `{m,}`, `{,n}` or `{m,n}`; `None` if the brace is a plain character.
    fn counts(&mut self, at: usize) -> Option<String> {
        let rest = self.pattern.get(at + 1..)?;
        let inner = rest.get(..rest.find('}')?)?;
        let (least, most) = inner.split_once(',').map_or((inner, None), |(least, most)| (least, Some(most)));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(least) || !most.is_none_or(digits) || inner.is_empty() {
            return None;
        }
        for _ in 0..inner.chars().count() + 1 {
            self.chars.next();
        }
        let least = if least.is_empty() { "0" } else { least };
        Some(match most {
            None => format!("{{{least}}}"),
            Some(most) => format!("{{{least},{most}}}"),
        })
    }

    fn group(&mut self, at: usize) -> Result<Before, PatternError> {
        let rest = self.pattern.get(at + 1..).unwrap_or("");
        let skip = |translator: &mut Self, count: usize| {
            for _ in 0..count {
                translator.chars.next();
            }
        };
        let Some(extension) = rest.strip_prefix('?') else {
            self.open.push((at, self.multi_line));
            self.out.push('(');
            return Ok(Before::Nothing);
        };
        for (prefix, name) in [
            ("=", "look-ahead is"),
            ("!", "look-ahead is"),
            ("<=", "look-behind is"),
            ("<!", "look-behind is"),
            ("P=", "backreferences are"),
            ("(", "conditional groups are"),
            (">", "atomic groups are"),
        ] {
            if extension.starts_with(prefix) {
                return self.error(at, format!("{name} not supported"));
            }
        }
        if extension.starts_with('#') {
            let Some(end) = extension.find(')') else {
                return self.error(at, "missing ), unterminated comment");
            };
            let comment = extension.get(..end).map_or(0, |text| text.chars().count());
            skip(self, comment + 2);
            // A comment between an item and its quantifier is rare; the quantifier is then refused.
            return Ok(Before::Nothing);
        }
        if let Some(named) = extension.strip_prefix("P<") {
            let Some(name) = named.find('>').and_then(|end| named.get(..end)) else {
                return self.error(at, "missing >, unterminated name");
            };
            let starts = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
            if !starts || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return self.error(at, format!("bad character in group name “{name}”"));
            }
            skip(self, 4 + name.chars().count());
            self.open.push((at, self.multi_line));
            // The name itself means nothing to a yes or no, and Rust's names allow less.
            self.out.push('(');
            return Ok(Before::Nothing);
        }
        self.flags(at, extension, skip)
    }

    /// `(?:`, `(?i)`, `(?i-s:`.
    fn flags(&mut self, at: usize, extension: &str, skip: impl Fn(&mut Self, usize)) -> Result<Before, PatternError> {
        let Some(end) = extension.find([':', ')']) else {
            return self.error(at, "missing -, : or )");
        };
        let flags = extension.get(..end).unwrap_or("");
        let scoped = extension.get(end..).is_some_and(|rest| rest.starts_with(':'));
        let mut written = String::new();
        let mut multi_line = self.multi_line;
        let mut on = true;
        for flag in flags.chars() {
            match flag {
                'i' | 's' => written.push(flag),
                'm' => {
                    multi_line = on;
                    written.push(flag);
                }
                '-' if on && scoped => {
                    on = false;
                    written.push(flag);
                }
                'u' => {}
                'a' | 'L' | 'x' => return self.error(at, format!("the flag “{flag}” is not supported")),
                _ => return self.error(at, format!("unknown extension ?{flag}")),
            }
        }
        let written = written.trim_end_matches('-').to_owned();
        if scoped {
            skip(self, flags.chars().count() + 2);
            self.open.push((at, self.multi_line));
            self.multi_line = multi_line;
            self.out.push_str(&format!("(?{written}:"));
            return Ok(Before::Nothing);
        }
        if at != 0 {
            return self.error(at, "global flags not at the start of the expression");
        }
        skip(self, flags.chars().count() + 2);
        self.multi_line = multi_line;
        if !written.is_empty() {
            self.out.push_str(&format!("(?{written})"));
        }
        Ok(Before::Nothing)
    }

    /// What follows a backslash, in a class or not.
    fn escape(&mut self, at: usize, in_class: bool) -> Result<Before, PatternError> {
        let Some((_, c)) = self.chars.next() else {
            return self.error(at, "bad escape (end of pattern)");
        };
        match c {
            'd' | 'D' | 'w' | 'W' => {
                self.out.push('\\');
                self.out.push(c);
            }
            // Python also counts the separators U+001C to U+001F as white space.
            's' if in_class => self.out.push_str("\\s\\x1c-\\x1f"),
            's' => self.out.push_str("[\\s\\x1c-\\x1f]"),
            'S' => self.out.push_str("[^\\s\\x1c-\\x1f]"),
            'b' if in_class => self.out.push_str("\\x08"),
            'b' | 'B' | 'A' if !in_class => {
                self.out.push('\\');
                self.out.push(c);
                return Ok(Before::Nothing);
            }
            'Z' if !in_class => {
                self.out.push_str("\\z");
                return Ok(Before::Nothing);
            }
            'a' => self.out.push_str("\\x07"),
            'f' => self.out.push_str("\\x0c"),
            'n' => self.out.push_str("\\n"),
            'r' => self.out.push_str("\\r"),
            't' => self.out.push_str("\\t"),
            'v' => self.out.push_str("\\x0b"),
            'x' => self.code(at, 2)?,
            'u' => self.code(at, 4)?,
            'U' => self.code(at, 8)?,
            '0' => self.octal(at, 0, 2)?,
            '1'..='9' => {
                let digits: String = self.pattern.get(at + 1..).unwrap_or("").chars().take(3).collect();
                let octal = digits.len() == 3 && digits.starts_with(['1', '2', '3']) && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
                if in_class || octal {
                    if !c.is_digit(8) {
                        return self.error(at, format!("bad escape \\{c}"));
                    }
                    self.octal(at, u32::from(c) - u32::from('0'), 2)?;
                } else {
                    return self.error(at, "backreferences are not supported");
                }
            }
            c if c.is_ascii_alphabetic() => return self.error(at, format!("bad escape \\{c}")),
            c => self.literal(c),
        }
        Ok(Before::Item)
    }

    fn code(&mut self, at: usize, length: usize) -> Result<(), PatternError> {
        let mut code = 0_u32;
        for _ in 0..length {
            match self.chars.next().and_then(|(_, c)| c.to_digit(16)) {
                Some(digit) => code = code.wrapping_mul(16).wrapping_add(digit),
                None => return self.error(at, "incomplete escape"),
            }
        }
        match char::from_u32(code) {
            Some(c) => {
                self.literal(c);
                Ok(())
            }
            None => self.error(at, "the escape is no character"),
        }
    }

    fn octal(&mut self, at: usize, first: u32, more: usize) -> Result<(), PatternError> {
        let mut code = first;
        for _ in 0..more {
            match self.chars.peek().and_then(|(_, c)| c.to_digit(8)) {
                Some(digit) => {
                    self.chars.next();
                    code = code * 8 + digit;
                }
                None => break,
            }
        }
        match char::from_u32(code) {
            Some(c) if code <= 0o377 => {
                self.literal(c);
                Ok(())
            }
            _ => self.error(at, "octal escape value outside of range 0-0o377"),
        }
    }

    /// A character that stands for itself, in a class or not.
    fn literal(&mut self, c: char) {
        if c.is_ascii_punctuation() && c != '<' && c != '>' {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    fn class(&mut self, at: usize) -> Result<Before, PatternError> {
        self.out.push('[');
        if matches!(self.chars.peek(), Some((_, '^'))) {
            self.chars.next();
            self.out.push('^');
        }
        let mut first = true;
        while let Some((here, c)) = self.chars.next() {
            match c {
                ']' if !first => {
                    self.out.push(']');
                    return Ok(Before::Item);
                }
                '\\' => {
                    self.escape(here, true)?;
                }
                // A hyphen is a range only between two characters; both engines agree on that.
                '-' if !first && !matches!(self.chars.peek(), Some((_, ']'))) => self.out.push('-'),
                other => self.literal(other),
            }
            first = false;
        }
        self.error(at, "unterminated character set")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        match Pattern::read(pattern).and_then(|pattern| pattern.matches(text)) {
            Ok(matches) => matches,
            Err(error) => panic!("{pattern}: {error}"),
        }
    }

    #[test]
    fn anchored_at_the_start_only() {
        assert!(matches("email", "email@x.y"));
        assert!(!matches("email", "an email"));
        assert!(matches("a|b", "bx"));
        assert!(matches("", "anything"));
        assert!(matches("ab$", "ab\n"));
        assert!(!matches("ab\\Z", "ab\n"));
        assert!(matches("(?m)ab$", "ab\ncd"));
        assert!(!matches("ab$", "ab\ncd"));
    }

    #[test]
    fn pythons_syntax() {
        assert!(matches(r"[[a]", "["));
        assert!(matches(r"[]a]+", "]a"));
        assert!(matches(r"[a&&b]+$", "&ab"));
        assert!(matches(r"x{,2}y", "xxy"));
        assert!(!matches(r"x{,2}y", "xxxy"));
        assert!(matches(r"a{b}", "a{b}"));
        assert!(matches(r"a{", "a{"));
        assert!(matches(r"\<b", "<b"));
        assert!(matches(r"(?P<year>\d{4})-\d\d", "2022-01"));
        assert!(matches(r"(?i)paid", "PAID"));
        assert!(matches(r"(?i:p)aid", "Paid"));
        assert!(matches(r"a(?#note)b", "ab"));
        assert!(matches(r"\x41\u00e9\101", "AéA"));
        assert!(matches(r"[\w.-]+@\w+", "a.b-c@d"));
        assert!(matches(r"[+--]", "-"));
        assert!(matches(r"\s", "\u{1c}"));
        assert!(matches(r"[\b]", "\u{8}"));
        assert!(matches(r"\.\*", ".*"));
        assert!(matches("é.", "é😀"));
    }

    #[test]
    fn refused_with_place() {
        for (pattern, at, reason) in [
            (r"ab(?=c)", 2, "look-ahead is not supported"),
            (r"é(?<!c)", 1, "look-behind is not supported"),
            (r"(a)\1", 3, "backreferences are not supported"),
            (r"(?P<n>a)(?P=n)", 8, "backreferences are not supported"),
            (r"a**", 2, "multiple repeat"),
            (r"*a", 0, "nothing to repeat"),
            (r"a++", 2, "possessive quantifiers are not supported"),
            (r"(a", 0, "missing ), unterminated subpattern"),
            (r"a)", 1, "unbalanced parenthesis"),
            (r"[a", 0, "unterminated character set"),
            (r"\q", 0, "bad escape \\q"),
            ("a\\", 1, "bad escape (end of pattern)"),
            (r"a(?i)b", 1, "global flags not at the start of the expression"),
        ] {
            let error = Pattern::read(pattern).expect_err(pattern);
            assert_eq!((error.at, error.reason.as_str()), (at, reason), "{pattern}");
        }
        assert!(Pattern::read(&"(".repeat(5000)).is_err());
        for too_large in ["(a{1000}){1000}", &format!("{}{}", "(".repeat(5000), ")".repeat(5000))] {
            assert!(Pattern::read(too_large).and_then(|pattern| pattern.matches("a")).is_err());
        }
    }
}
