//! Functions that stand for Lambda functions in a delivery stream: a small expression language over a record's JSON. A model of ours: AWS Lambda runs programs.
//!
//! An expression makes of each record a value, which is the record's new data: `if level == "debug" then Dropped else with(record, {total: price * count})`.
//! Names are the record's fields, `a.b[0]` goes into them, `record` is all of it. `Ok(value)`, `Ok(value, {key: …})` with partition keys, `Dropped` and
//! `ProcessingFailed` are the results of Firehose's contract; a value alone is `Ok`. A record on which the expression cannot be computed is `ProcessingFailed`.

mod eval;
mod parse;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

pub(super) use parse::Expression;

/// What a function makes of one record.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The record's new data, and what the prefix may name by `partitionKeyFromLambda`.
    Ok(Vec<u8>, BTreeMap<String, String>),
    Dropped,
    /// Why.
    Failed(String),
}

/// A function that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Function(Expression);

/// Bytes of a function's source.
const MAX_SOURCE: usize = 8_192;

impl Function {
    /// Error: what is wrong and at which character.
    pub fn read(source: &str) -> Result<Function, String> {
        if source.len() > MAX_SOURCE {
            return Err(format!("A function has at most {MAX_SOURCE} bytes."));
        }
        parse::read(source).map(Function)
    }

    /// What it makes of a record's data.
    pub fn run(&self, data: &[u8]) -> Outcome {
        let Ok(record) = serde_json::from_slice::<Value>(data) else {
            return Outcome::Failed("The record is not JSON.".to_string());
        };
        eval::run(&self.0, &record).unwrap_or_else(Outcome::Failed)
    }
}

/// The text of a value where a text is wanted: strings as they are, others as JSON.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::*;

    fn run(source: &str, data: &str) -> Outcome {
        Function::read(source).unwrap_or_else(|error| panic!("{source}: {error}")).run(data.as_bytes())
    }

    fn ok(source: &str, data: &str) -> String {
        match run(source, data) {
            Outcome::Ok(data, _) => String::from_utf8(data).unwrap(),
            other => panic!("{source}: {other:?}"),
        }
    }

    #[test]
    fn values_are_computed() {
        let record = r#"{"a": 6, "b": {"c": [1, 2.5]}, "s": "Hello", "big": 9007199254740993, "none": null}"#;
        for (source, value) in [
            ("a * 2 + 1", "13"),
            ("a / 4", "1.5"),
            ("a % 4 - -1", "3"),
            ("b.c[1] * 2", "5"),
            ("big", "9007199254740993"),
            ("(1 + 2) * 3 == 9 and not false", "true"),
            ("1 < 2 or x.y > 3", "true"),
            ("missing == null", "true"),
            ("lower(s) + \"!\"", "hello!"),
            ("upper(substring(s, 1, 3))", "EL"),
            ("length(s) + length(b.c)", "7"),
            ("contains(s, \"ell\") and starts_with(s, \"H\") and ends_with(s, \"o\")", "true"),
            ("replace(trim(\"  a-b \"), \"-\", \"+\")", "a+b"),
            ("number(\"1.50\") + round(2.5) + floor(-1.5) + abs(-1)", "3.5"),
            ("text(a) + text(b)", r#"6{"c":[1,2.5]}"#),
            ("coalesce(none, missing, 7)", "7"),
            ("{a, \"x y\": a > 5, ...b}", r#"{"a":6,"c":[1,2.5],"x y":true}"#),
            ("with(b, {d: [a, \"z\"]})", r#"{"c":[1,2.5],"d":[6,"z"]}"#),
            ("without(record, \"b\", \"big\", \"none\")", r#"{"a":6,"s":"Hello"}"#),
            ("if a > 5 then \"many\" else if a > 2 then \"some\" else \"few\"", "many"),
            ("Ok({a: a})", r#"{"a":6}"#),
        ] {
            assert_eq!(ok(source, record), value, "{source}");
        }
    }

    #[test]
    fn results_are_those_of_the_contract() {
        assert_eq!(run("if level == \"debug\" then Dropped else record", r#"{"level":"debug"}"#), Outcome::Dropped);
        assert!(matches!(run("ProcessingFailed", "{}"), Outcome::Failed(_)));
        assert!(matches!(run("ProcessingFailed(\"no price\")", "{}"), Outcome::Failed(why) if why == "no price"));
        assert!(matches!(run("price * 2", r#"{"price":"x"}"#), Outcome::Failed(_)));
        assert!(matches!(run("1 / a", r#"{"a":0}"#), Outcome::Failed(_)));
        assert!(matches!(run("record", "not json"), Outcome::Failed(_)));
        let Outcome::Ok(_, keys) = run("Ok(record, {customer: id, day: 3})", r#"{"id":"c1"}"#) else {
            panic!()
        };
        assert_eq!(
            keys,
            BTreeMap::from([("customer".to_string(), "c1".to_string()), ("day".to_string(), "3".to_string())])
        );
    }

    #[test]
    fn what_is_no_expression_is_refused_with_its_place() {
        for source in ["", "a +", "if a then b", "1 + Dropped", "nope(1)", "lower()", "{a: 1", "\"open", "a b", "@"] {
            assert!(Function::read(source).is_err(), "{source}");
        }
        assert_eq!(Function::read("a + + b").unwrap_err(), "A value is expected at character 5, not \"+\".");
        assert!(Function::read(&"(".repeat(5_000)).is_err());
        assert!(Function::read(&"not ".repeat(2_000)).is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(source in "[a-c0-9 .+*/%()\\[\\]{}\"=<>!,:-]{0,40}", data in "[\\[\\]{}a-c0-9\":, ]{0,30}") {
            if let Ok(function) = Function::read(&source) {
                let _ = function.run(data.as_bytes());
                let _ = function.run(br#"{"a":1,"b":{"a":[1,2,3]},"c":"x"}"#);
            }
            prop_assert!(Function::read("record").is_ok());
        }
    }
}
