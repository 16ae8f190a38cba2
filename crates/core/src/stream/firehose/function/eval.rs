use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::parse::{Expression, Name, Operator, Verdict};
use super::{Outcome, text_of};

type Computed = Result<Value, String>;

/// The result of an expression for a record. Error: why it cannot be computed.
pub fn run(expression: &Expression, record: &Value) -> Result<Outcome, String> {
    match expression {
        Expression::If(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            let branch = if truth(condition, record)? { then } else { otherwise };
            run(branch, record)
        }
        Expression::Verdict(Verdict::Dropped, _) => Ok(Outcome::Dropped),
        Expression::Verdict(Verdict::Failed, why) => Ok(Outcome::Failed(match why.first() {
            Some(why) => text_of(&value(why, record)?),
            None => "ProcessingFailed status set for record".to_string(),
        })),
        Expression::Verdict(Verdict::Ok, parts) => {
            let data = parts.first().map_or(Ok(Value::Null), |data| value(data, record))?;
            let mut keys = BTreeMap::new();
            if let Some(given) = parts.get(1) {
                let Value::Object(members) = value(given, record)? else {
                    return Err("Partition keys are an object.".to_string());
                };
                for (name, key) in members {
                    keys.insert(name, text_of(&key));
                }
            }
            Ok(Outcome::Ok(text_of(&data).into_bytes(), keys))
        }
        other => Ok(Outcome::Ok(text_of(&value(other, record)?).into_bytes(), BTreeMap::new())),
    }
}

fn truth(expression: &Expression, record: &Value) -> Result<bool, String> {
    match value(expression, record)? {
        Value::Bool(truth) => Ok(truth),
        other => Err(format!("{} is neither true nor false.", shown(&other))),
    }
}

/// A value in a message: not too long.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 {
        return text;
    }
    text.chars().take(40).chain("…".chars()).collect()
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| format!("{} is not a number.", shown(value)))
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("{} is not a text.", shown(value)))
}

/// A number as JSON writes it: whole ones without a point.
fn of_number(number: f64) -> Computed {
    // Up to here every whole number is a double of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if libm::trunc(number) == number && libm::fabs(number) < EXACT {
        return Ok(Value::from(number as i64));
    }
    let number = Number::from_f64(number).ok_or("The result is not a finite number.")?;
    Ok(Value::Number(number))
}

fn member<'a>(of: &'a Value, name: &str) -> &'a Value {
    of.get(name).unwrap_or(&Value::Null)
}

fn value(expression: &Expression, record: &Value) -> Computed {
    use Expression as E;
    Ok(match expression {
        E::Literal(value) => value.clone(),
        E::Record => record.clone(),
        E::Field(name) => member(record, name).clone(),
        E::Member(of, name) => member(&value(of, record)?, name).clone(),
        E::Index(of, index) => {
            let of = value(of, record)?;
            match value(index, record)? {
                Value::String(name) => member(&of, &name).clone(),
                other => {
                    let at = other.as_u64().and_then(|at| usize::try_from(at).ok());
                    at.and_then(|at| of.get(at)).cloned().unwrap_or(Value::Null)
                }
            }
        }
        E::Object(members) => {
            let mut object = Map::new();
            for (name, of) in members {
                match (name, value(of, record)?) {
                    (Some(name), value) => drop(object.insert(name.clone(), value)),
                    (None, Value::Object(all)) => object.extend(all),
                    (None, other) => return Err(format!("{} is not an object.", shown(&other))),
                }
            }
            Value::Object(object)
        }
        E::Array(parts) => Value::Array(parts.iter().map(|part| value(part, record)).collect::<Result<Vec<Value>, String>>()?),
        E::Not(of) => Value::Bool(!truth(of, record)?),
        E::Negative(of) => of_number(-number(&value(of, record)?)?)?,
        E::Binary(operator, left, right) => binary(*operator, left, right, record)?,
        E::If(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            let branch = if truth(condition, record)? { then } else { otherwise };
            value(branch, record)?
        }
        E::Call(name, arguments) => {
            let arguments = arguments
                .iter()
                .map(|argument| value(argument, record))
                .collect::<Result<Vec<Value>, String>>()?;
            call(*name, &arguments)?
        }
        E::Verdict(..) => return Err("A result is no value.".to_string()),
    })
}

fn binary(operator: Operator, left: &Expression, right: &Expression, record: &Value) -> Computed {
    use Operator as O;
    match operator {
        O::And => return Ok(Value::Bool(truth(left, record)? && truth(right, record)?)),
        O::Or => return Ok(Value::Bool(truth(left, record)? || truth(right, record)?)),
        _ => {}
    }
    let (left, right) = (value(left, record)?, value(right, record)?);
    let arithmetic = |compute: fn(f64, f64) -> f64| of_number(compute(number(&left)?, number(&right)?));
    match operator {
        O::Equal => Ok(Value::Bool(equal(&left, &right))),
        O::NotEqual => Ok(Value::Bool(!equal(&left, &right))),
        O::Less => order(&left, &right).map(|order| Value::Bool(order == Ordering::Less)),
        O::LessOrEqual => order(&left, &right).map(|order| Value::Bool(order != Ordering::Greater)),
        O::Greater => order(&left, &right).map(|order| Value::Bool(order == Ordering::Greater)),
        O::GreaterOrEqual => order(&left, &right).map(|order| Value::Bool(order != Ordering::Less)),
        O::Add => match (&left, &right) {
            (Value::String(left), right) => Ok(Value::String(format!("{left}{}", text_of(right)))),
            (left, Value::String(right)) => Ok(Value::String(format!("{}{right}", text_of(left)))),
            _ => arithmetic(|left, right| left + right),
        },
        O::Subtract => arithmetic(|left, right| left - right),
        O::Multiply => arithmetic(|left, right| left * right),
        O::Divide => arithmetic(|left, right| left / right),
        O::Remainder => arithmetic(libm::fmod),
        O::And | O::Or => Ok(Value::Null),
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Result<Ordering, String> {
    if let (Value::String(left), Value::String(right)) = (left, right) {
        return Ok(left.cmp(right));
    }
    let order = number(left)?.partial_cmp(&number(right)?);
    order.ok_or_else(|| "What is not a number has no order.".to_string())
}

fn call(name: Name, arguments: &[Value]) -> Computed {
    let at = |index: usize| arguments.get(index).unwrap_or(&Value::Null);
    let first = at(0);
    Ok(match name {
        Name::Lower => Value::String(text(first)?.to_lowercase()),
        Name::Upper => Value::String(text(first)?.to_uppercase()),
        Name::Trim => Value::String(text(first)?.trim().to_string()),
        Name::Length => match first {
            Value::String(text) => Value::from(text.chars().count()),
            Value::Array(items) => Value::from(items.len()),
            Value::Object(members) => Value::from(members.len()),
            other => return Err(format!("{} has no length.", shown(other))),
        },
        Name::Substring => {
            // From a character, from 0, to before another.
            let place = |value: &Value| value.as_u64().map(|at| usize::try_from(at).unwrap_or(usize::MAX));
            let from = place(at(1)).ok_or_else(|| format!("{} is no place in a text.", shown(at(1))))?;
            let to = place(at(2)).unwrap_or(usize::MAX);
            Value::String(text(first)?.chars().take(to).skip(from).collect())
        }
        Name::Contains => match first {
            Value::Array(items) => Value::Bool(items.iter().any(|item| equal(item, at(1)))),
            other => Value::Bool(text(other)?.contains(text(at(1))?)),
        },
        Name::StartsWith => Value::Bool(text(first)?.starts_with(text(at(1))?)),
        Name::EndsWith => Value::Bool(text(first)?.ends_with(text(at(1))?)),
        Name::Replace => Value::String(text(first)?.replace(text(at(1))?, text(at(2))?)),
        Name::Number => match first {
            Value::Number(_) => first.clone(),
            other => {
                let read = crate::etl::string_to_double(text(other)?);
                of_number(read.ok_or_else(|| format!("{} is not a number.", shown(other)))?)?
            }
        },
        Name::Text => Value::String(text_of(first)),
        Name::Round => of_number(libm::round(number(first)?))?,
        Name::Floor => of_number(libm::floor(number(first)?))?,
        Name::Abs => of_number(libm::fabs(number(first)?))?,
        Name::Coalesce => arguments.iter().find(|argument| !argument.is_null()).cloned().unwrap_or(Value::Null),
        Name::With => {
            let (Value::Object(of), Value::Object(more)) = (first, at(1)) else {
                return Err("with takes two objects.".to_string());
            };
            let mut of = of.clone();
            of.extend(more.clone());
            Value::Object(of)
        }
        Name::Without => {
            let Value::Object(of) = first else {
                return Err("without takes an object.".to_string());
            };
            let mut of = of.clone();
            for name in arguments.iter().skip(1) {
                of.remove(text(name)?);
            }
            Value::Object(of)
        }
    })
}
