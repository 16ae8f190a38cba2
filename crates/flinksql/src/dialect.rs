//! sqlparser under Flink's words: tokens of a script, cut into statements, and windowing table functions said so that sqlparser reads them.
//!
//! sqlparser reads no `TABLE t` as an argument: `TABLE(TUMBLE(TABLE t, …))` goes to it as `TUMBLE(t, …)`, and `TABLE t PARTITION BY a, b` as `PARTITIONED(t, a, b)`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sqlparser::ast::{Expr, Query};
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Word};

use crate::error::{Error, Result};

#[derive(Debug)]
pub struct Flink;

impl Dialect for Flink {
    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_' || ch == '$'
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '`'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_timestamp_versioning(&self) -> bool {
        true
    }

    fn require_interval_qualifier(&self) -> bool {
        true
    }
}

pub type Tokens = Vec<TokenWithSpan>;

/// What Flink SQL has and this subset has not, where one word gives it away.
const UNCOVERED: [&str; 12] = [
    "MATCH_RECOGNIZE",
    "PROCTIME",
    "LATERAL",
    "UNNEST",
    "PIVOT",
    "GROUPING",
    "CUBE",
    "ROLLUP",
    "EXCEPT",
    "INTERSECT",
    "MODEL",
    "ML_PREDICT",
];

/// The statements of a script, without comments and the semicolons between them. Errors: a text that does not end; words that are not covered.
pub fn statements(script: &str) -> Result<Vec<Tokens>> {
    let tokens = Tokenizer::new(&Flink, script)
        .tokenize_with_location()
        .map_err(|error| Error::at(error.location, error.message))?;
    let mut statements = Vec::from([Tokens::new()]);
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::SemiColon => {
                statements.push(Tokens::new());
                continue;
            }
            Token::Word(word) if word.quote_style.is_none() => {
                if let Some(name) = UNCOVERED.iter().find(|name| word.value.eq_ignore_ascii_case(name)) {
                    return Err(Error::uncovered(token.span.start, name));
                }
            }
            _ => {}
        }
        if let Some(last) = statements.last_mut() {
            last.push(token);
        }
    }
    statements.retain(|statement| !statement.is_empty());
    Ok(statements)
}

pub fn is_word(token: Option<&TokenWithSpan>, name: &str) -> bool {
    matches!(token.map(|token| &token.token), Some(Token::Word(word)) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(name))
}

pub fn is(token: Option<&TokenWithSpan>, other: &Token) -> bool {
    token.is_some_and(|token| token.token == *other)
}

pub fn place(token: Option<&TokenWithSpan>) -> Location {
    token.map_or(Location::new(0, 0), |token| token.span.start)
}

fn table_functions(tokens: &[TokenWithSpan]) -> Result<Tokens> {
    let mut out = Tokens::new();
    let mut depth = 0;
    // Depths at which a TABLE( stands whose closing parenthesis goes too.
    let mut dropped = Vec::new();
    let mut partitioned: Option<usize> = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let (next, after) = (tokens.get(at + 1), tokens.get(at + 2));
        if is_word(Some(token), "TABLE") && is(next, &Token::LParen) {
            let known = ["TUMBLE", "HOP", "CUMULATE", "SESSION"].iter().any(|name| is_word(after, name));
            if !known {
                return Err(Error::uncovered(place(after), "a table function other than TUMBLE, HOP, CUMULATE and SESSION"));
            }
            depth += 1;
            dropped.push(depth);
            at += 2;
            continue;
        }
        if is_word(Some(token), "TABLE") && !dropped.is_empty() && matches!(next.map(|next| &next.token), Some(Token::Word(_))) {
            if is_word(after, "PARTITION") && is_word(tokens.get(at + 3), "BY") {
                let word = Token::Word(Word {
                    value: String::from("PARTITIONED"),
                    quote_style: None,
                    keyword: Keyword::NoKeyword,
                });
                out.push(TokenWithSpan::new(word, token.span));
                out.push(TokenWithSpan::new(Token::LParen, token.span));
                out.extend(next.cloned());
                out.push(TokenWithSpan::new(Token::Comma, token.span));
                partitioned = Some(depth);
                at += 4;
            } else {
                at += 1;
            }
            continue;
        }
        if partitioned == Some(depth) && (is_word(Some(token), "DESCRIPTOR") || is(Some(token), &Token::RParen)) {
            let comma = out.pop();
            out.push(TokenWithSpan::new(Token::RParen, token.span));
            out.extend(comma);
            partitioned = None;
        }
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => {
                if dropped.last() == Some(&depth) {
                    dropped.pop();
                    depth -= 1;
                    at += 1;
                    continue;
                }
                depth -= 1;
            }
            _ => {}
        }
        out.push(token.clone());
        at += 1;
    }
    Ok(out)
}

pub fn query(tokens: &[TokenWithSpan]) -> Result<Query> {
    let mut parser = Parser::new(&Flink).with_tokens_with_locations(table_functions(tokens)?);
    let query = parser.parse_query()?;
    end(&parser)?;
    Ok(*query)
}

pub fn expression(tokens: &[TokenWithSpan]) -> Result<Expr> {
    let mut parser = Parser::new(&Flink).with_tokens_with_locations(tokens.to_vec());
    let expr = parser.parse_expr()?;
    end(&parser)?;
    Ok(expr)
}

fn end(parser: &Parser) -> Result<()> {
    let next = parser.peek_token();
    match next.token {
        Token::EOF => Ok(()),
        ref token => Err(Error::at(next.span.start, format!("{token} is not expected here"))),
    }
}
