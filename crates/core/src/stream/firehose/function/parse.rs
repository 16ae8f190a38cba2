use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

/// How deep an expression may go: what reads it and what computes it call themselves.
const DEEPEST: u32 = 48;

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
    Remainder,
}

/// What a record becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ok,
    Dropped,
    Failed,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Literal(Value),
    Record,
    /// A field of the record.
    Field(String),
    Member(Box<Expression>, String),
    Index(Box<Expression>, Box<Expression>),
    /// Members; `None`: all of that object's.
    Object(Vec<(Option<String>, Expression)>),
    Array(Vec<Expression>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    If(Box<[Expression; 3]>),
    Call(Name, Vec<Expression>),
    Verdict(Verdict, Vec<Expression>),
}

macro_rules! names {
    ($($name:ident $text:literal $least:literal $most:literal),* $(,)?) => {
        /// A function of the language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Name { $($name),* }

        /// By name: the fewest and most arguments.
        const NAMES: &[(&str, Name, usize, usize)] = &[$(($text, Name::$name, $least, $most)),*];
    };
}

names! {
    Lower "lower" 1 1,
    Upper "upper" 1 1,
    Trim "trim" 1 1,
    Length "length" 1 1,
    Substring "substring" 2 3,
    Contains "contains" 2 2,
    StartsWith "starts_with" 2 2,
    EndsWith "ends_with" 2 2,
    Replace "replace" 3 3,
    Number "number" 1 1,
    Text "text" 1 1,
    Round "round" 1 1,
    Floor "floor" 1 1,
    Abs "abs" 1 1,
    Coalesce "coalesce" 1 16,
    With "with" 2 2,
    Without "without" 2 16,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(Value),
    Sign(&'static str),
}

const SIGNS: [&str; 24] = [
    "...", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{", "}", ",", ":", ".", "&&", "||", "!",
];

/// Tokens with the characters at which they begin, from 1.
fn tokens(source: &str) -> Result<Vec<(usize, Token)>, String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let place = source.chars().count() - rest.chars().count() + 1;
        if first.is_whitespace() {
            rest = rest.trim_start();
        } else if first == '#' {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if first == '"' {
            let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let text = match strings.next() {
                Some(Ok(text)) => text,
                _ => return Err(format!("The text at character {place} does not end, or has an escape that is none.")),
            };
            rest = rest.get(strings.byte_offset()..).unwrap_or_default();
            tokens.push((place, Token::Text(text)));
        } else if first.is_ascii_digit() {
            let length = rest
                .char_indices()
                .take_while(|(at, c)| {
                    let exponent = rest.get(..*at).is_some_and(|before| before.ends_with(['e', 'E']));
                    c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || (exponent && matches!(c, '+' | '-'))
                })
                .count();
            let (number, after) = rest.split_at(length);
            let value: Result<Value, _> = serde_json::from_str(number);
            let value = value.map_err(|_| format!("\"{number}\" at character {place} is not a number."))?;
            tokens.push((place, Token::Number(value)));
            rest = after;
        } else if first.is_alphabetic() || first == '_' || first == '$' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            tokens.push((place, Token::Word(word.to_string())));
            rest = after;
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| format!("\"{first}\" at character {place} is nothing of the language."))?;
            tokens.push((place, Token::Sign(sign)));
            rest = rest.get(sign.len()..).unwrap_or_default();
        }
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: u32,
    end: usize,
}

/// Reads an expression. Error: what is wrong and at which character.
pub fn read(source: &str) -> Result<Expression, String> {
    let tokens = tokens(source)?;
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        end: source.chars().count() + 1,
    };
    let expression = parser.expression(0)?;
    if parser.peek().is_some() {
        return Err(parser.unexpected("The end"));
    }
    check(&expression, true, 0)?;
    Ok(expression)
}

/// Results stand where nothing more is done with them, and nothing goes too deep.
fn check(expression: &Expression, tail: bool, depth: u32) -> Result<(), String> {
    use Expression as E;
    let depth = depth + 1;
    if depth > DEEPEST {
        return Err(format!("The expression goes deeper than {DEEPEST}."));
    }
    let inner = |part: &Expression| check(part, false, depth);
    match expression {
        E::Verdict(_, _) if !tail => Err("Ok, Dropped and ProcessingFailed are results: nothing can be computed from them.".to_string()),
        E::Verdict(_, parts) | E::Call(_, parts) | E::Array(parts) => parts.iter().try_for_each(inner),
        E::If(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            inner(condition)?;
            check(then, tail, depth)?;
            check(otherwise, tail, depth)
        }
        E::Object(members) => members.iter().try_for_each(|(_, member)| inner(member)),
        E::Not(of) | E::Negative(of) | E::Member(of, _) => inner(of),
        E::Binary(_, left, right) | E::Index(left, right) => {
            inner(left)?;
            inner(right)
        }
        E::Literal(_) | E::Record | E::Field(_) => Ok(()),
    }
}

fn operator(token: &Token) -> Option<(Operator, u8)> {
    use Operator as O;
    let word = match token {
        Token::Word(word) => word.as_str(),
        Token::Sign(sign) => sign,
        _ => return None,
    };
    Some(match word {
        "or" | "||" => (O::Or, 1),
        "and" | "&&" => (O::And, 2),
        "==" => (O::Equal, 3),
        "!=" => (O::NotEqual, 3),
        "<" => (O::Less, 4),
        "<=" => (O::LessOrEqual, 4),
        ">" => (O::Greater, 4),
        ">=" => (O::GreaterOrEqual, 4),
        "+" => (O::Add, 5),
        "-" => (O::Subtract, 5),
        "*" => (O::Multiply, 6),
        "/" => (O::Divide, 6),
        "%" => (O::Remainder, 6),
        _ => return None,
    })
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        self.at += usize::from(is);
        is
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.at += usize::from(is);
        is
    }

    fn unexpected(&self, wanted: &str) -> String {
        match self.tokens.get(self.at) {
            None => format!("{wanted} is expected at character {}, not the end.", self.end),
            Some((place, token)) => {
                let said = match token {
                    Token::Word(word) => word.clone(),
                    Token::Text(text) => text.clone(),
                    Token::Number(number) => number.to_string(),
                    Token::Sign(sign) => (*sign).to_string(),
                };
                format!("{wanted} is expected at character {place}, not \"{said}\".")
            }
        }
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take_sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("\"{sign}\"")))
        }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), String> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("\"{word}\"")))
        }
    }

    /// An expression whose operators bind tighter than `least`.
    fn expression(&mut self, least: u8) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("The expression goes deeper than {DEEPEST}."));
        }
        let mut left = self.prefix()?;
        let mut steps = 0;
        while let Some((operator, binds)) = self.peek().and_then(operator).filter(|(_, binds)| *binds > least) {
            self.at += 1;
            steps += 1;
            if steps > DEEPEST {
                return Err(format!("More than {DEEPEST} operators stand in a row: use parentheses."));
            }
            let right = self.expression(binds)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Expression, String> {
        if self.take_word("if") {
            let condition = self.expression(0)?;
            self.expect_word("then")?;
            let then = self.expression(0)?;
            self.expect_word("else")?;
            let otherwise = self.expression(0)?;
            return Ok(Expression::If(Box::new([condition, then, otherwise])));
        }
        if self.take_word("not") || self.take_sign("!") {
            // Looser than comparisons: not a == b is not (a == b).
            return Ok(Expression::Not(Box::new(self.expression(2)?)));
        }
        if self.take_sign("-") {
            return Ok(Expression::Negative(Box::new(self.expression(6)?)));
        }
        let mut value = self.primary()?;
        let mut steps = 0;
        loop {
            steps += 1;
            if steps > DEEPEST {
                return Err(format!("A path has more than {DEEPEST} steps."));
            }
            if self.take_sign(".") {
                let Some(Token::Word(name) | Token::Text(name)) = self.peek().cloned() else {
                    return Err(self.unexpected("A field"));
                };
                self.at += 1;
                value = Expression::Member(Box::new(value), name);
            } else if self.take_sign("[") {
                let index = self.expression(0)?;
                self.expect("]")?;
                value = Expression::Index(Box::new(value), Box::new(index));
            } else {
                return Ok(value);
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, String> {
        let Some(token) = self.peek().cloned() else {
            return Err(self.unexpected("A value"));
        };
        match token {
            Token::Text(text) => {
                self.at += 1;
                Ok(Expression::Literal(Value::String(text)))
            }
            Token::Number(number) => {
                self.at += 1;
                Ok(Expression::Literal(number))
            }
            Token::Sign("(") => {
                self.at += 1;
                let inner = self.expression(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => {
                self.at += 1;
                Ok(Expression::Array(self.list("]")?))
            }
            Token::Sign("{") => {
                self.at += 1;
                self.object()
            }
            Token::Word(word) => self.word(&word),
            Token::Sign(_) => Err(self.unexpected("A value")),
        }
    }

    fn word(&mut self, word: &str) -> Result<Expression, String> {
        if matches!(word, "then" | "else" | "and" | "or") {
            return Err(self.unexpected("A value"));
        }
        self.at += 1;
        let verdict = match word {
            "true" => return Ok(Expression::Literal(Value::Bool(true))),
            "false" => return Ok(Expression::Literal(Value::Bool(false))),
            "null" => return Ok(Expression::Literal(Value::Null)),
            "record" => return Ok(Expression::Record),
            "Ok" => Some((Verdict::Ok, 1, 2)),
            "Dropped" => Some((Verdict::Dropped, 0, 0)),
            "ProcessingFailed" => Some((Verdict::Failed, 0, 1)),
            _ => None,
        };
        let called = self.take_sign("(");
        let arguments = if called { self.list(")")? } else { Vec::new() };
        let count = |least: usize, most: usize| {
            if (least..=most).contains(&arguments.len()) {
                return Ok(());
            }
            Err(format!("{word} takes {least} to {most} arguments, not {}.", arguments.len()))
        };
        if let Some((verdict, least, most)) = verdict {
            count(least, most)?;
            return Ok(Expression::Verdict(verdict, arguments));
        }
        if !called {
            return Ok(Expression::Field(word.to_string()));
        }
        let Some((_, name, least, most)) = NAMES.iter().find(|(name, ..)| *name == word) else {
            let all: Vec<&str> = NAMES.iter().map(|(name, ..)| *name).collect();
            return Err(format!("There is no function {word}. There are {}.", all.join(", ")));
        };
        count(*least, *most)?;
        Ok(Expression::Call(*name, arguments))
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expression>, String> {
        let mut parts = Vec::new();
        while !self.take_sign(end) {
            if !parts.is_empty() {
                self.expect(",")?;
            }
            parts.push(self.expression(0)?);
        }
        Ok(parts)
    }

    fn object(&mut self) -> Result<Expression, String> {
        let mut members = Vec::new();
        while !self.take_sign("}") {
            if !members.is_empty() {
                self.expect(",")?;
            }
            if self.take_sign("...") {
                members.push((None, self.expression(0)?));
                continue;
            }
            let (name, is_word) = match self.peek().cloned() {
                Some(Token::Word(name)) => (name, true),
                Some(Token::Text(name)) => (name, false),
                _ => return Err(self.unexpected("The name of a member")),
            };
            self.at += 1;
            let value = if self.take_sign(":") {
                self.expression(0)?
            } else if is_word {
                // {a} is {a: a}.
                Expression::Field(name.clone())
            } else {
                return Err(self.unexpected("\":\""));
            };
            members.push((Some(name), value));
        }
        Ok(Expression::Object(members))
    }
}
