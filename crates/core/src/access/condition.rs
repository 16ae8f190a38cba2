//! Condition operators ("IAM JSON policy elements: Condition operators").

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::net::IpAddr;

use super::context::Context;
use super::document::Version;
use super::pattern::{Pattern, substitute};
use crate::sim::SimTime;

/// One key under one operator; its values are alternatives. All conditions of a statement must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub operator: Operator,
    pub key: String,
    pub values: Vec<String>,
}

/// `ForAllValues:` or `ForAnyValue:`, the test, `IfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    pub quantifier: Option<Quantifier>,
    pub test: Test,
    pub if_exists: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Every value of the request; true where it has none.
    All,
    /// At least one value of the request; false where it has none.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Order {
    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Order::Less => ordering == Ordering::Less,
            Order::LessOrEqual => ordering != Ordering::Greater,
            Order::Greater => ordering == Ordering::Greater,
            Order::GreaterOrEqual => ordering != Ordering::Less,
            Order::Equal => ordering == Ordering::Equal,
        }
    }
}

/// What a value of the request is held against. `not`: the negated form, which holds where no value of the policy matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    StringEquals { not: bool, ignore_case: bool },
    StringLike { not: bool },
    Numeric { not: bool, order: Order },
    Date { not: bool, order: Order },
    Bool,
    Binary,
    Ip { not: bool },
    Arn { not: bool },
    Null,
}

const TESTS: [(&str, Test); 28] = [
    (
        "StringEquals",
        Test::StringEquals {
            not: false,
            ignore_case: false,
        },
    ),
    ("StringNotEquals", Test::StringEquals { not: true, ignore_case: false }),
    ("StringEqualsIgnoreCase", Test::StringEquals { not: false, ignore_case: true }),
    ("StringNotEqualsIgnoreCase", Test::StringEquals { not: true, ignore_case: true }),
    ("StringLike", Test::StringLike { not: false }),
    ("StringNotLike", Test::StringLike { not: true }),
    (
        "NumericEquals",
        Test::Numeric {
            not: false,
            order: Order::Equal,
        },
    ),
    (
        "NumericNotEquals",
        Test::Numeric {
            not: true,
            order: Order::Equal,
        },
    ),
    (
        "NumericLessThan",
        Test::Numeric {
            not: false,
            order: Order::Less,
        },
    ),
    (
        "NumericLessThanEquals",
        Test::Numeric {
            not: false,
            order: Order::LessOrEqual,
        },
    ),
    (
        "NumericGreaterThan",
        Test::Numeric {
            not: false,
            order: Order::Greater,
        },
    ),
    (
        "NumericGreaterThanEquals",
        Test::Numeric {
            not: false,
            order: Order::GreaterOrEqual,
        },
    ),
    (
        "DateEquals",
        Test::Date {
            not: false,
            order: Order::Equal,
        },
    ),
    (
        "DateNotEquals",
        Test::Date {
            not: true,
            order: Order::Equal,
        },
    ),
    (
        "DateLessThan",
        Test::Date {
            not: false,
            order: Order::Less,
        },
    ),
    (
        "DateLessThanEquals",
        Test::Date {
            not: false,
            order: Order::LessOrEqual,
        },
    ),
    (
        "DateGreaterThan",
        Test::Date {
            not: false,
            order: Order::Greater,
        },
    ),
    (
        "DateGreaterThanEquals",
        Test::Date {
            not: false,
            order: Order::GreaterOrEqual,
        },
    ),
    ("Bool", Test::Bool),
    ("BinaryEquals", Test::Binary),
    ("IpAddress", Test::Ip { not: false }),
    ("NotIpAddress", Test::Ip { not: true }),
    ("ArnEquals", Test::Arn { not: false }),
    ("ArnLike", Test::Arn { not: false }),
    ("ArnNotEquals", Test::Arn { not: true }),
    ("ArnNotLike", Test::Arn { not: true }),
    ("Null", Test::Null),
    // An old spelling that the language still takes.
    ("StringEqualsIgnorecase", Test::StringEquals { not: false, ignore_case: true }),
];

impl Test {
    pub const fn is_negated(self) -> bool {
        matches!(
            self,
            Test::StringEquals { not: true, .. }
                | Test::StringLike { not: true }
                | Test::Numeric { not: true, .. }
                | Test::Date { not: true, .. }
                | Test::Ip { not: true }
                | Test::Arn { not: true }
        )
    }

    /// Whether the value of a policy can be read at all; variables are looked at when a request comes.
    pub fn takes(self, value: &str) -> bool {
        match self {
            Test::Numeric { .. } => number(value).is_some(),
            Test::Date { .. } => date(value).is_some(),
            Test::Bool | Test::Null => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            Test::Ip { .. } => Cidr::parse(value).is_some(),
            _ => true,
        }
    }
}

impl Operator {
    /// Reads an operator's name: `ForAnyValue:StringLikeIfExists`. `None`: there is no such operator. `Null` has no `IfExists`.
    pub fn parse(name: &str) -> Option<Operator> {
        let (quantifier, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Quantifier::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::Any), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (_, test) = TESTS.iter().find(|(name, _)| *name == base)?;
        (*test != Test::Null || !if_exists).then_some(Operator {
            quantifier,
            test: *test,
            if_exists,
        })
    }

    pub fn name(&self) -> String {
        let quantifier = match self.quantifier {
            None => "",
            Some(Quantifier::All) => "ForAllValues:",
            Some(Quantifier::Any) => "ForAnyValue:",
        };
        let base = TESTS.iter().find(|(_, test)| test == &self.test).map_or("", |(name, _)| *name);
        format!("{quantifier}{base}{}", if self.if_exists { "IfExists" } else { "" })
    }
}

impl Condition {
    /// `Err`: why it does not hold, in words.
    pub fn holds(&self, version: Version, context: &Context) -> Result<(), String> {
        let found = context.get(&self.key);
        let holds = match (self.operator.test, found) {
            (Test::Null, found) => {
                let absent = found.is_none_or(<[String]>::is_empty);
                self.values.iter().any(|value| value.eq_ignore_ascii_case("true") == absent)
            }
            (_, Some(values)) if !values.is_empty() => {
                let mut each = values.iter().map(|value| self.admits(value, version, context));
                match self.operator.quantifier {
                    Some(Quantifier::All) => each.all(|admitted| admitted),
                    Some(Quantifier::Any) => each.any(|admitted| admitted),
                    // A negated test of a key of several values: none of them may match.
                    None if self.operator.test.is_negated() => each.all(|admitted| admitted),
                    None => each.any(|admitted| admitted),
                }
            }
            _ if self.operator.if_exists => true,
            _ => match self.operator.quantifier {
                Some(Quantifier::All) => true,
                Some(Quantifier::Any) => false,
                None => self.operator.test.is_negated(),
            },
        };
        if holds {
            return Ok(());
        }
        Err(format!(
            "the condition {} {} {} does not hold: {}",
            self.operator.name(),
            self.key,
            self.values.join(" or "),
            context.shown(&self.key)
        ))
    }

    /// Whether one value of the request passes: it matches one value of the policy, or, negated, none. A variable without a value lets nothing pass.
    fn admits(&self, value: &str, version: Version, context: &Context) -> bool {
        let not = self.operator.test.is_negated();
        let mut matched = false;
        for policy in &self.values {
            match self.matches(value, policy, version, context) {
                None => return false,
                Some(does) => matched |= does,
            }
        }
        matched != not
    }

    fn matches(&self, value: &str, policy: &str, version: Version, context: &Context) -> Option<bool> {
        Some(match self.operator.test {
            Test::StringEquals { ignore_case, .. } => {
                let policy = substitute(policy, version, context)?;
                if ignore_case {
                    policy.to_lowercase() == value.to_lowercase()
                } else {
                    policy == value
                }
            }
            Test::StringLike { .. } => Pattern::resolve(policy, version, context)?.matches(value),
            Test::Arn { .. } => {
                let is_arn = value.splitn(6, ':').count() == 6 && value.starts_with("arn:");
                let pattern = Pattern::resolve(policy, version, context)?;
                is_arn && pattern.matches_arn(value)
            }
            Test::Numeric { order, .. } => {
                let ordering = number(value).zip(number(policy)).and_then(|(value, policy)| value.partial_cmp(&policy));
                ordering.is_some_and(|ordering| order.admits(ordering))
            }
            Test::Date { order, .. } => {
                let times = date(value).zip(date(policy));
                times.is_some_and(|(value, policy)| order.admits(value.cmp(&policy)))
            }
            Test::Bool => value.eq_ignore_ascii_case(policy),
            Test::Binary => value == policy,
            Test::Ip { .. } => {
                let address = value.parse::<IpAddr>().ok();
                address.zip(Cidr::parse(policy)).is_some_and(|(address, range)| range.contains(address))
            }
            Test::Null => false,
        })
    }
}

fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    text.parse().ok()
}

/// ISO 8601, or seconds since the epoch.
fn date(text: &str) -> Option<SimTime> {
    match text.parse::<i64>() {
        Ok(seconds) if text.len() > 4 => Some(SimTime::from_micros(seconds.saturating_mul(1_000_000))),
        _ => SimTime::parse(text),
    }
}

/// A range of addresses; without `/` one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    pub prefix: u32,
}

impl Cidr {
    pub fn parse(text: &str) -> Option<Cidr> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok().filter(|prefix| *prefix <= bits)?,
            Some(_) => return None,
        };
        Some(Cidr { address, prefix })
    }

    pub const fn is_ipv4(&self) -> bool {
        self.address.is_ipv4()
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                shifted(u128::from(own.to_bits()), 32, self.prefix) == shifted(u128::from(other.to_bits()), 32, self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => shifted(own.to_bits(), 128, self.prefix) == shifted(other.to_bits(), 128, self.prefix),
            _ => false,
        }
    }
}

/// The first `prefix` of `bits` bits.
fn shifted(number: u128, bits: u32, prefix: u32) -> u128 {
    number.checked_shr(bits.saturating_sub(prefix)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_by_name() {
        for (name, _) in TESTS {
            let operator = Operator::parse(name).unwrap();
            assert!(Operator::parse(&operator.name()).is_some(), "{name}");
            assert_eq!(Operator::parse(&format!("ForAllValues:{name}IfExists")).is_some(), name != "Null");
        }
        for name in ["stringEquals", "ForSome:Bool", "", "IfExists", "NullIfExists", "NumericLike"] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }

    #[test]
    fn ranges() {
        let contains = |range: &str, address: &str| Cidr::parse(range).unwrap().contains(address.parse().unwrap());
        assert!(contains("203.0.113.0/24", "203.0.113.255"));
        assert!(!contains("203.0.113.0/24", "203.0.114.0"));
        assert!(contains("0.0.0.0/0", "1.2.3.4") && !contains("0.0.0.0/0", "::1"));
        assert!(contains("2001:db8::/32", "2001:db8:1::5") && !contains("2001:db8::/32", "2001:db9::"));
        assert!(contains("::/0", "2001:db8::") && contains("10.0.0.1", "10.0.0.1"));
        for text in ["", "1.2.3", "1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/+8", "x"] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }
}
