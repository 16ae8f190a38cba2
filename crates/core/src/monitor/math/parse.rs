use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// An expression, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Number(f64),
    Text(String),
    /// An id of another query, or a word like `REPEAT`.
    Name(String),
    List(Vec<Expr>),
    Negative(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

const LEVELS: &[&[(&str, Operator)]] = &[
    &[("||", Operator::Or), ("OR", Operator::Or)],
    &[("&&", Operator::And), ("AND", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
];

/// Levels of parentheses and signs.
const MAX_DEPTH: usize = 40;

struct Reader<'a> {
    rest: &'a str,
    length: usize,
}

/// Reads an expression. Error: what is wrong and at which character.
pub fn parse(text: &str) -> Result<Expr, String> {
    let mut reader = Reader {
        rest: text,
        length: text.len(),
    };
    let expr = reader.level(0, 0)?;
    reader.space();
    if reader.rest.is_empty() {
        Ok(expr)
    } else {
        Err(reader.wrong("Unexpected text"))
    }
}

impl Reader<'_> {
    fn wrong(&self, what: &str) -> String {
        format!("{what} at character {}", self.length - self.rest.len() + 1)
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, symbol: &str) -> bool {
        self.space();
        let Some(rest) = self.rest.strip_prefix(symbol) else { return false };
        // A word ends where its letters end.
        let is_word = symbol.bytes().all(|byte| byte.is_ascii_alphabetic());
        if is_word && rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = rest;
        true
    }

    fn level(&mut self, level: usize, depth: usize) -> Result<Expr, String> {
        let Some(operators) = LEVELS.get(level) else { return self.power(depth) };
        let mut left = self.level(level + 1, depth)?;
        let mut chain = 0;
        while let Some((_, operator)) = operators.iter().find(|(symbol, _)| self.take(symbol)) {
            chain += 1;
            if chain > 200 {
                return Err(self.wrong("Too many operators"));
            }
            let right = self.level(level + 1, depth)?;
            left = Expr::Binary(*operator, left.into(), right.into());
        }
        Ok(left)
    }

    /// A sign binds less than `^`, which goes from right to left.
    fn power(&mut self, depth: usize) -> Result<Expr, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("Too many levels"));
        }
        if self.take("-") {
            return Ok(Expr::Negative(self.power(depth + 1)?.into()));
        }
        let base = self.atom(depth)?;
        if self.take("^") {
            return Ok(Expr::Binary(Operator::Power, base.into(), self.power(depth + 1)?.into()));
        }
        Ok(base)
    }

    fn list(&mut self, end: &str, depth: usize) -> Result<Vec<Expr>, String> {
        let mut items = Vec::new();
        if self.take(end) {
            return Ok(items);
        }
        loop {
            items.push(self.level(0, depth + 1)?);
            if self.take(end) {
                return Ok(items);
            }
            if !self.take(",") {
                return Err(self.wrong(&format!("\"{end}\" or a comma is missing")));
            }
        }
    }

    fn atom(&mut self, depth: usize) -> Result<Expr, String> {
        self.space();
        if self.take("(") {
            let inner = self.level(0, depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err(self.wrong("\")\" is missing")) };
        }
        if self.take("[") {
            return Ok(Expr::List(self.list("]", depth)?));
        }
        if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let inner = self.rest.get(1..).unwrap_or_default();
            let Some((text, rest)) = inner.split_once(quote) else {
                return Err(self.wrong("A quote is not closed"));
            };
            self.rest = rest;
            return Ok(Expr::Text(text.to_string()));
        }
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            let number: f64 = word.parse().map_err(|_| self.wrong("A number is expected"))?;
            if !number.is_finite() {
                return Err(self.wrong("A number is too large"));
            }
            self.rest = rest;
            return Ok(Expr::Number(number));
        }
        if word.is_empty() || word.contains('.') {
            return Err(self.wrong("A number, an id or a function is expected"));
        }
        let word = word.to_string();
        self.rest = rest;
        if self.take("(") {
            return Ok(Expr::Call(word, self.list(")", depth)?));
        }
        Ok(Expr::Name(word))
    }
}
