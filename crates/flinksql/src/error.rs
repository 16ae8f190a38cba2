//! What is wrong with a script, and where.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use sqlparser::tokenizer::Location;

/// A reason with the line and column it stands at, counted from 1; 0 where it has no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub message: String,
    pub line: u64,
    pub column: u64,
}

pub(crate) type Result<T> = core::result::Result<T, Error>;

impl Error {
    pub(crate) fn at(place: Location, message: impl Into<String>) -> Error {
        Error {
            message: message.into(),
            line: place.line,
            column: place.column,
        }
    }

    /// What Flink has and this subset has not.
    pub(crate) fn uncovered(place: Location, what: impl fmt::Display) -> Error {
        Error::at(place, format!("{what} is not covered"))
    }

    pub(crate) fn run(message: impl Into<String>) -> Error {
        Error::at(Location::new(0, 0), message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return self.message.fmt(f);
        }
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl From<sqlparser::parser::ParserError> for Error {
    fn from(error: sqlparser::parser::ParserError) -> Error {
        // sqlparser says "… at Line: 1, Column: 2".
        let text = error.to_string();
        let place = text.rsplit_once(" at Line: ").and_then(|(message, place)| {
            let (line, column) = place.split_once(", Column: ")?;
            Some((String::from(message), line.parse().ok()?, column.trim().parse().ok()?))
        });
        match place {
            Some((message, line, column)) => Error { message, line, column },
            None => Error::run(text),
        }
    }
}
