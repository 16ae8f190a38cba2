//! `CREATE TABLE` as Flink has it: columns, computed and METADATA columns, WATERMARK FOR, PRIMARY KEY, WITH.
//!
//! Source: Flink's documentation, "CREATE Statements".

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sqlparser::ast::Expr;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use crate::dialect::{expression, is, is_word, place};
use crate::error::{Error, Result};
use crate::value::Type;

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub ty: Type,
    /// What it is computed from; `None` for one that rows bring. METADATA columns are brought, under the key of FROM.
    pub computed: Option<Expr>,
    pub key: String,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub watermark: Option<(String, Expr, Location)>,
    pub primary_key: Vec<String>,
    pub options: BTreeMap<String, String>,
}

const CONNECTORS: [&str; 4] = ["kinesis", "filesystem", "datagen", "print"];

/// Reads what stands behind CREATE TABLE.
pub fn table(tokens: &[TokenWithSpan]) -> Result<Table> {
    let mut at = 0;
    if is_word(tokens.first(), "IF") {
        at = 3;
    }
    let name = name(tokens.get(at))?;
    at += 1;
    expect(tokens.get(at), &Token::LParen)?;
    let (body, mut rest) = parenthesised(tokens, at)?;
    let mut table = Table {
        name,
        columns: Vec::new(),
        watermark: None,
        primary_key: Vec::new(),
        options: BTreeMap::new(),
    };
    for item in commas(body) {
        element(&mut table, item)?;
    }
    while let Some(token) = rest.first() {
        if is_word(Some(token), "COMMENT") {
            rest = rest.get(2..).unwrap_or_default();
        } else if is_word(Some(token), "WITH") {
            let (body, after) = parenthesised(rest, 1)?;
            for item in commas(body) {
                expect(item.get(1), &Token::Eq)?;
                table.options.insert(string(item.first())?, string(item.get(2))?);
            }
            rest = after;
        } else {
            return Err(Error::uncovered(place(Some(token)), format!("{} in CREATE TABLE", token.token)));
        }
    }
    if let Some(connector) = table.options.get("connector")
        && !CONNECTORS.contains(&connector.as_str())
    {
        return Err(Error::uncovered(
            place(tokens.first()),
            format!("The connector '{connector}' (there are {})", CONNECTORS.join(", ")),
        ));
    }
    Ok(table)
}

fn element(table: &mut Table, item: &[TokenWithSpan]) -> Result<()> {
    let first = item.first();
    if is_word(first, "WATERMARK") && is_word(item.get(1), "FOR") {
        if !is_word(item.get(3), "AS") {
            return Err(Error::at(place(item.get(3).or(first)), "WATERMARK FOR column AS expression is expected"));
        }
        table.watermark = Some((name(item.get(2))?, expression(item.get(4..).unwrap_or_default())?, place(first)));
        return Ok(());
    }
    let from_key = item.iter().position(|token| is_word(Some(token), "PRIMARY"));
    if from_key == Some(0) || is_word(first, "CONSTRAINT") {
        let key = from_key.unwrap_or(0) + 2;
        for column in commas(parenthesised(item, key)?.0) {
            table.primary_key.push(name(column.first())?);
        }
        return Ok(());
    }
    let column = name(first)?;
    if is_word(item.get(1), "AS") {
        let end = item.iter().position(|token| is_word(Some(token), "COMMENT")).unwrap_or(item.len());
        table.columns.push(Column {
            key: column.clone(),
            name: column,
            ty: Type::Null,
            computed: Some(expression(item.get(2..end).unwrap_or_default())?),
        });
        return Ok(());
    }
    let (ty, mut rest) = data_type(item.get(1..).unwrap_or_default(), place(first))?;
    let mut key = column.clone();
    while let Some(token) = rest.first() {
        let skip = if is_word(Some(token), "METADATA") {
            if is_word(rest.get(1), "FROM") {
                key = string(rest.get(2))?;
                3
            } else {
                1
            }
        } else if is_word(Some(token), "PRIMARY") {
            table.primary_key.push(column.clone());
            2
        } else if is_word(Some(token), "COMMENT") || is_word(Some(token), "NOT") && is_word(rest.get(1), "NULL") {
            2
        } else if ["NULL", "VIRTUAL", "ENFORCED", "NOT"].iter().any(|word| is_word(Some(token), word)) {
            1
        } else {
            return Err(Error::at(place(Some(token)), format!("{} is not expected in a column", token.token)));
        };
        rest = rest.get(skip..).unwrap_or_default();
    }
    table.columns.push(Column {
        name: column,
        ty,
        computed: None,
        key,
    });
    Ok(())
}

/// A type and what stands behind it.
fn data_type(tokens: &[TokenWithSpan], before: Location) -> Result<(Type, &[TokenWithSpan])> {
    let word = match tokens.first().map(|token| &token.token) {
        Some(Token::Word(word)) => word.value.to_uppercase(),
        _ => return Err(Error::at(before, "a column needs a type")),
    };
    let Some(ty) = named_type(&word) else {
        return Err(Error::uncovered(place(tokens.first()), format!("The type {word}")));
    };
    let mut rest = tokens.get(1..).unwrap_or_default();
    if is(rest.first(), &Token::LParen) {
        rest = parenthesised(rest, 0)?.1;
    }
    while ["WITH", "WITHOUT", "LOCAL", "TIME", "ZONE", "PRECISION"]
        .iter()
        .any(|word| is_word(rest.first(), word))
    {
        rest = rest.get(1..).unwrap_or_default();
    }
    Ok((ty, rest))
}

pub fn named_type(name: &str) -> Option<Type> {
    let ty = match name {
        "BOOLEAN" => Type::Boolean,
        "INT" | "INTEGER" => Type::Int,
        "BIGINT" => Type::BigInt,
        "DOUBLE" => Type::Double,
        "STRING" | "VARCHAR" => Type::String,
        "TIMESTAMP" | "TIMESTAMP_LTZ" => Type::Timestamp,
        _ => return None,
    };
    Some(ty)
}

pub fn name(token: Option<&TokenWithSpan>) -> Result<String> {
    match token.map(|token| &token.token) {
        Some(Token::Word(word)) => Ok(word.value.clone()),
        _ => Err(Error::at(place(token), "a name is expected")),
    }
}

fn string(token: Option<&TokenWithSpan>) -> Result<String> {
    match token.map(|token| &token.token) {
        Some(Token::SingleQuotedString(text)) => Ok(text.to_string()),
        _ => Err(Error::at(place(token), "a text in quotes is expected")),
    }
}

fn expect(token: Option<&TokenWithSpan>, other: &Token) -> Result<()> {
    if is(token, other) {
        Ok(())
    } else {
        Err(Error::at(place(token), format!("{other} is expected")))
    }
}

/// What stands within the parentheses that open at `at`, and what stands behind them.
fn parenthesised(tokens: &[TokenWithSpan], at: usize) -> Result<(&[TokenWithSpan], &[TokenWithSpan])> {
    expect(tokens.get(at), &Token::LParen)?;
    let mut depth = 0;
    for (end, token) in tokens.iter().enumerate().skip(at) {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((tokens.get(at + 1..end).unwrap_or_default(), tokens.get(end + 1..).unwrap_or_default()));
        }
    }
    Err(Error::at(place(tokens.get(at)), "this parenthesis is not closed"))
}

fn commas(tokens: &[TokenWithSpan]) -> Vec<&[TokenWithSpan]> {
    let mut depth = 0;
    let parts = tokens.split(|token| {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        depth == 0 && token.token == Token::Comma
    });
    parts.filter(|part| !part.is_empty()).collect()
}
