//! Keys of delivered objects: the prefix with its expressions, then the object's own name ("Understand custom prefixes for Amazon S3 objects").

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::buffer::Keys;
use super::config::{Destination, invalid};
use super::jq::Query;
use super::zone::Zone;
use crate::account::ApiError;
use crate::sim::{Rng, SimTime};

/// What a prefix without an expression of time is followed by.
const DEFAULT_TIME: &str = "yyyy/MM/dd/HH/";
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A prefix in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Timestamp(&'a str),
    RandomString,
    ErrorType,
    FromQuery(&'a str),
    FromLambda(&'a str),
}

fn pieces(prefix: &str) -> Result<Vec<Piece<'_>>, ApiError> {
    let mut pieces = Vec::new();
    let mut rest = prefix;
    while let Some((before, after)) = rest.split_once("!{") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let (expression, following) = after
            .split_once('}')
            .ok_or_else(|| invalid(format!("The prefix {prefix} has an expression that does not end: \"!{{\" may only begin one")))?;
        pieces.push(match expression.split_once(':') {
            Some(("timestamp", pattern)) => Piece::Timestamp(pattern),
            Some(("firehose", "random-string")) => Piece::RandomString,
            Some(("firehose", "error-output-type")) => Piece::ErrorType,
            Some(("partitionKeyFromQuery", key)) if !key.is_empty() => Piece::FromQuery(key),
            Some(("partitionKeyFromLambda", key)) if !key.is_empty() => Piece::FromLambda(key),
            _ => {
                return Err(invalid(format!(
                    "Prefix {prefix} has the expression !{{{expression}}}; expressions are !{{timestamp:…}}, !{{firehose:random-string}}, !{{firehose:error-output-type}}, !{{partitionKeyFromQuery:…}} and !{{partitionKeyFromLambda:…}}"
                )));
            }
        });
        rest = following;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// Where dynamic partitioning takes its keys from.
#[derive(Clone, Copy, Debug)]
pub struct Partitioning<'a> {
    pub query: Option<&'a Query>,
    pub lambda: bool,
}

/// Keys that a prefix names: by the query, and by the function.
pub fn partition_keys(prefix: Option<&str>) -> (Vec<String>, Vec<String>) {
    let pieces = pieces(prefix.unwrap_or_default()).unwrap_or_default();
    let of = |take: fn(&Piece<'_>) -> Option<String>| pieces.iter().filter_map(take).collect();
    let query = of(|piece| if let Piece::FromQuery(key) = piece { Some((*key).to_string()) } else { None });
    let lambda = of(|piece| if let Piece::FromLambda(key) = piece { Some((*key).to_string()) } else { None });
    (query, lambda)
}

/// Checks a stream's prefixes. Error: `InvalidArgumentException`, for the semantic rules of the pages on custom prefixes and on dynamic partitioning.
pub fn check_prefixes(prefix: Option<&str>, error_prefix: Option<&str>, partitioning: Option<Partitioning<'_>>) -> Result<(), ApiError> {
    let of = pieces(prefix.unwrap_or_default())?;
    let of_errors = pieces(error_prefix.unwrap_or_default())?;
    let is_expression = |piece: &Piece<'_>| !matches!(piece, Piece::Text(_));
    let is_key = |piece: &Piece<'_>| matches!(piece, Piece::FromQuery(_) | Piece::FromLambda(_));
    for piece in of.iter().chain(&of_errors) {
        if let Piece::Timestamp(pattern) = piece {
            timestamp(pattern, SimTime::EPOCH, 0)?;
        }
    }
    if of.contains(&Piece::ErrorType) {
        return Err(invalid(
            "Prefix can't contain !{firehose:error-output-type}; it may only be used in ErrorOutputPrefix",
        ));
    }
    if of_errors.iter().any(is_key) {
        return Err(invalid("ErrorOutputPrefix can't contain partitionKeyFromQuery or partitionKeyFromLambda"));
    }
    match partitioning {
        None if of.iter().any(is_key) => {
            return Err(invalid(
                "Dynamic Partitioning must be enabled when Prefix contains partitionKeyFromQuery or partitionKeyFromLambda",
            ));
        }
        None => {}
        Some(_) if !of.iter().any(is_key) => {
            return Err(invalid(
                "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled",
            ));
        }
        Some(partitioning) => {
            for piece in &of {
                match (piece, partitioning.query) {
                    (Piece::FromQuery(_), None) => {
                        return Err(invalid(
                            "MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace.",
                        ));
                    }
                    (Piece::FromQuery(key), Some(query)) if !query.keys().any(|known| known == *key) => {
                        return Err(invalid(format!(
                            "Prefix names the partition key {key}, which MetadataExtractionQuery does not have"
                        )));
                    }
                    (Piece::FromLambda(_), _) if !partitioning.lambda => {
                        return Err(invalid(
                            "Lambda processor should be present when S3 Prefix has partitionKeyFromLambda namespace.",
                        ));
                    }
                    _ => {}
                }
            }
            let unused = partitioning
                .query
                .and_then(|query| query.keys().find(|key| !of.contains(&Piece::FromQuery(key))));
            if let Some(key) = unused {
                return Err(invalid(format!(
                    "Prefix must use every partition key of MetadataExtractionQuery: it does not use {key}"
                )));
            }
        }
    }
    if error_prefix.is_none() && of.iter().any(is_expression) {
        return Err(invalid("ErrorOutputPrefix can't be null when Prefix contains expressions"));
    }
    if of_errors.iter().any(is_expression) && !of_errors.contains(&Piece::ErrorType) {
        return Err(invalid(
            "ErrorOutputPrefix must contain !{firehose:error-output-type} when it contains expressions",
        ));
    }
    for text in [prefix, error_prefix].into_iter().flatten() {
        if text.chars().count() > 1_024 {
            return Err(invalid("A prefix can't be longer than 1024 characters"));
        }
    }
    Ok(())
}

/// A time by a pattern of Java's DateTimeFormatter, in English. `at`: by the zone's clock, which is `offset` seconds ahead of UTC. Error: `InvalidArgumentException` for a letter that it does not have here.
fn timestamp(pattern: &str, at: SimTime, offset: i64) -> Result<String, ApiError> {
    let civil = at.civil();
    let days = at.micros().div_euclid(86_400_000_000);
    let first = days - day_of_year(at) + 1;
    let weekday = (days + 3).rem_euclid(7) as usize;
    let wrong = |what: &str| invalid(format!("The timestamp pattern {pattern} is invalid: {what}"));
    let mut text = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(letter) = chars.next() {
        if letter == '\'' {
            // Two quotes are one; what stands between single ones is text.
            if chars.peek() == Some(&'\'') {
                chars.next();
                text.push('\'');
                continue;
            }
            loop {
                match chars.next() {
                    Some('\'') if chars.peek() == Some(&'\'') => {
                        chars.next();
                        text.push('\'');
                    }
                    Some('\'') => break,
                    Some(other) => text.push(other),
                    None => return Err(wrong("a quote is not closed")),
                }
            }
            continue;
        }
        if !letter.is_ascii_alphabetic() {
            text.push(letter);
            continue;
        }
        let mut count = 1;
        while chars.peek() == Some(&letter) {
            chars.next();
            count += 1;
        }
        let hour = i64::from(civil.hour);
        let number = |value: i64| format!("{value:0count$}");
        let one_or_two = |value: i64| if count <= 2 { Ok(number(value)) } else { Err(wrong("too many letters")) };
        let named = |name: &str| match count {
            1..=3 => Ok(name.chars().take(3).collect::<String>()),
            4 => Ok(name.to_string()),
            5 => Ok(name.chars().take(1).collect()),
            _ => Err(wrong("too many letters")),
        };
        text.push_str(&match letter {
            'y' | 'u' | 'Y' if count == 2 => format!("{:02}", civil.year.rem_euclid(100)),
            'y' | 'u' => number(i64::from(civil.year)),
            'M' | 'L' if count <= 2 => number(i64::from(civil.month)),
            'M' | 'L' => named(MONTHS.get(usize::from(civil.month).saturating_sub(1)).copied().unwrap_or_default())?,
            'd' => one_or_two(i64::from(civil.day))?,
            'D' if count <= 3 => number(days - first + 1),
            'H' => one_or_two(hour)?,
            'k' => one_or_two(if hour == 0 { 24 } else { hour })?,
            'h' => one_or_two(if hour % 12 == 0 { 12 } else { hour % 12 })?,
            'K' => one_or_two(hour % 12)?,
            'm' => one_or_two(i64::from(civil.minute))?,
            's' => one_or_two(i64::from(civil.second))?,
            'S' if count <= 9 => format!("{:06}000", civil.micros).chars().take(count).collect(),
            'a' if count == 1 => if hour < 12 { "AM" } else { "PM" }.to_string(),
            'E' => named(DAYS.get(weekday).copied().unwrap_or_default())?,
            'e' if count == 1 => ((weekday + 1) % 7 + 1).to_string(),
            'X' if offset == 0 && count <= 3 => "Z".to_string(),
            'Z' | 'X' => {
                let sign = if offset < 0 { '-' } else { '+' };
                let (hours, minutes) = (offset.abs() / 3_600, offset.abs() / 60 % 60);
                match (letter, count) {
                    ('X', 1) if minutes == 0 => format!("{sign}{hours:02}"),
                    ('Z', 1..=3) | ('X', 1..=2) => format!("{sign}{hours:02}{minutes:02}"),
                    ('X', 3) => format!("{sign}{hours:02}:{minutes:02}"),
                    _ => return Err(wrong("too many letters")),
                }
            }
            other => return Err(wrong(&format!("{other} {count} times is no letter of it"))),
        });
    }
    Ok(text)
}

/// 1 on the first of January.
fn day_of_year(at: SimTime) -> i64 {
    let civil = at.civil();
    let start = SimTime::from_civil(crate::sim::Civil { month: 1, day: 1, ..civil });
    start.map_or(1, |start| {
        at.micros().div_euclid(86_400_000_000) - start.micros().div_euclid(86_400_000_000) + 1
    })
}

/// What goes into the key of one object.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    pub stream: &'a str,
    /// Version of the configuration.
    pub version: u32,
    /// The arrival of the oldest record in the object.
    pub oldest: SimTime,
    /// `None`: good records; otherwise the error-output-type.
    pub error: Option<&'a str>,
    pub keys: &'a Keys,
}

/// The key of an object. Randomness comes from `rng` alone. A prefix that was checked has no error; a wrong expression stays as text.
pub fn object_key(destination: &Destination, moment: &Moment<'_>, rng: &mut Rng) -> String {
    let zone = Zone::named(destination.time_zone.as_deref().unwrap_or_default()).unwrap_or_default();
    let (local, offset) = (zone.local(moment.oldest), zone.offset(moment.oldest));
    let prefix = match moment.error {
        None => destination.prefix.as_deref(),
        Some(_) => destination.error_prefix.as_deref(),
    };
    let pieces = pieces(prefix.unwrap_or_default()).unwrap_or_default();
    // A prefix of partition keys says the folders itself.
    let has_time = pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Timestamp(_) | Piece::FromQuery(_) | Piece::FromLambda(_)));
    let mut key = String::new();
    for piece in &pieces {
        match piece {
            Piece::Text(text) => key.push_str(text),
            Piece::Timestamp(pattern) => key.push_str(&timestamp(pattern, local, offset).unwrap_or_default()),
            Piece::RandomString => key.push_str(&random_string(rng)),
            Piece::ErrorType => key.push_str(moment.error.unwrap_or_default()),
            Piece::FromQuery(name) => key.push_str(moment.keys.query.get(*name).map(String::as_str).unwrap_or_default()),
            Piece::FromLambda(name) => key.push_str(moment.keys.lambda.get(*name).map(String::as_str).unwrap_or_default()),
        }
    }
    if let Some(error) = moment.error
        && prefix.is_none()
    {
        key.push_str(error);
        key.push('/');
    }
    if !has_time {
        key.push_str(&timestamp(DEFAULT_TIME, local, offset).unwrap_or_default());
    }
    let name_time = timestamp("yyyy-MM-dd-HH-mm-ss", local, offset).unwrap_or_default();
    let extension = destination.extension.as_deref().unwrap_or(match &destination.conversion {
        Some(_) => ".parquet",
        None => destination.compression.extension(),
    });
    let extension = if moment.error.is_some() { "" } else { extension };
    format!("{key}{}-{}-{name_time}-{}{extension}", moment.stream, moment.version, rng.uuid())
}

/// Eleven characters.
fn random_string(rng: &mut Rng) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..11)
        .filter_map(|_| LETTERS.get(rng.below(36) as usize))
        .map(|letter| char::from(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::*;

    #[test]
    fn expressions_are_those_of_the_page() {
        let at = SimTime::parse("2018-08-27T10:30:05.25Z").unwrap();
        for (pattern, text) in [
            ("yyyy/MM/dd/HH", "2018/08/27/10"),
            ("yy-M-d h:mm a", "18-8-27 10:30 AM"),
            ("EEE, d MMM yyyy", "Mon, 27 Aug 2018"),
            ("EEEE MMMM D", "Monday August 239"),
            ("'year='yyyy''SSS", "year=2018'250"),
        ] {
            assert_eq!(timestamp(pattern, at, 0).unwrap(), text, "{pattern}");
        }
        assert!(timestamp("yyyy-'open", at, 0).is_err());
        assert!(timestamp("ddd", at, 0).is_err());
        let destination = Destination {
            prefix: Some("myFirehose/DeliveredYear=!{timestamp:yyyy}/anyMonth/rand=!{firehose:random-string}".to_string()),
            ..Destination::default()
        };
        let moment = Moment {
            stream: "s",
            version: 2,
            oldest: at,
            error: None,
            keys: &Keys::default(),
        };
        let key = object_key(&destination, &moment, &mut Rng::new(1));
        let rest = key.strip_prefix("myFirehose/DeliveredYear=2018/anyMonth/rand=").unwrap();
        assert_eq!(rest.len(), 11 + "s-2-2018-08-27-10-30-05-".len() + 36);
        assert_eq!(&rest[11..35], "s-2-2018-08-27-10-30-05-");
    }

    #[test]
    fn rules_of_prefixes() {
        assert!(check_prefixes(Some("clicks"), None, None).is_ok());
        assert!(
            check_prefixes(Some("a/!{timestamp:yyyy}/"), None, None)
                .unwrap_err()
                .message
                .contains("can't be null")
        );
        assert!(check_prefixes(Some("a/!{timestamp:yyyy}/"), Some("errors/"), None).is_ok());
        assert!(check_prefixes(None, Some("e/!{timestamp:yyyy}/"), None).is_err());
        assert!(check_prefixes(Some("!{firehose:error-output-type}/"), Some("e/"), None).is_err());
        assert!(check_prefixes(Some("!{open"), Some("e/"), None).is_err());
        let query = Query::read("{a:.a, b:.b}").unwrap();
        let by = |query, lambda| Some(Partitioning { query, lambda });
        assert!(check_prefixes(Some("!{partitionKeyFromQuery:a}/"), Some("e/"), None).is_err());
        assert!(check_prefixes(Some("!{partitionKeyFromQuery:a}/"), Some("e/"), by(Some(&query), false)).is_err());
        assert!(
            check_prefixes(
                Some("!{partitionKeyFromQuery:a}/!{partitionKeyFromQuery:b}"),
                Some("e/"),
                by(Some(&query), false)
            )
            .is_ok()
        );
        assert!(check_prefixes(Some("!{partitionKeyFromQuery:a}/"), Some("e/"), by(None, true)).is_err());
        assert!(check_prefixes(Some("!{partitionKeyFromLambda:a}/"), Some("e/"), by(None, true)).is_ok());
        assert!(check_prefixes(Some("plain"), Some("e/"), by(None, true)).is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(pattern in ".{0,30}", micros: i64) {
            let at = SimTime::from_micros(micros % 200_000_000_000_000_000);
            let _ = timestamp(&pattern, at, 0);
            prop_assert!(check_prefixes(Some("plain"), None, None).is_ok());
            let _ = check_prefixes(Some(&pattern), Some(&pattern), None);
        }
    }
}
