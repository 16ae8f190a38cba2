//! The Filter node: the predicate that Glue Studio's generated Python lambda computes.
//!
//! The script is `Filter.apply(frame, f=lambda row: (row["n"] >= 0 and bool(re.match("^x", row["s"]))))`. Constants take the type of the column
//! they stand beside: numbers and booleans are written bare, everything else as text. `EQ` is `==`, a negated one `!=`: neither raises, so with a null
//! `EQ` is false and a negated `EQ` true. `<`, `>`, `<=`, `>=` and `re.match` raise TypeError on a null or on kinds that do not compare, and then the
//! row is dropped whole (`awsglue.dynamicframe.DynamicFrame.filter` turns KeyError, ValueError and TypeError into False), negated or not.
//! `and` and `or` stop at the first side that decides.
//!
//! Belongs here: compiling and evaluating predicates. Does not belong here: regular expressions as such (`pattern`).

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::cast::{parse_decimal_exact, parse_python_float};
use super::pattern::Pattern;
use super::suggest::did_you_mean;
use super::value::compare_decimals;
use super::{DataType, Field, FieldPath, Filter, FilterExpression, FilterLogicalOperator, FilterOperation, FilterValue, FilterValueType, Value};
use crate::account::NodeError;

/// A compiled Filter. One value of the row is looked at only when Python would look at it.
#[derive(Clone, Debug)]
pub struct RowFilter {
    /// `OR`; else `AND`.
    pub any: bool,
    pub terms: Vec<Term>,
}

#[derive(Clone, Debug)]
pub struct Term {
    pub negated: bool,
    pub test: Test,
}

#[derive(Clone, Debug)]
pub enum Test {
    Compare {
        comparison: Comparison,
        left: Operand,
        right: Operand,
    },
    /// `re.match`: anchored at the start, not at the end.
    Matches {
        value: Operand,
        pattern: Pattern,
    },
    IsNull(Operand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// The column's index, then the index of a struct member at each level below.
    Column(Vec<usize>),
    Constant(Value),
}

/// A cell as Python sees it, borrowed from wherever the row is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    Null,
    Boolean(bool),
    Long(i64),
    Double(f64),
    Decimal {
        unscaled: i128,
        scale: i8,
    },
    Text(&'a str),
    Bytes(&'a [u8]),
    Date(i32),
    Timestamp(i64),
    /// A list, dict or row: equal only to an equal one, and in no order.
    Nested(&'a Value),
}

impl<'a> From<&'a Value> for Scalar<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Scalar::Null,
            Value::Boolean(value) => Scalar::Boolean(*value),
            Value::Long(value) => Scalar::Long(*value),
            Value::Float(value) => Scalar::Double(f64::from(*value)),
            Value::Double(value) => Scalar::Double(*value),
            Value::Decimal { unscaled, scale } => Scalar::Decimal {
                unscaled: *unscaled,
                scale: *scale,
            },
            Value::String(text) => Scalar::Text(text),
            Value::Binary(bytes) => Scalar::Bytes(bytes),
            Value::Date(days) => Scalar::Date(*days),
            Value::Timestamp(micros) => Scalar::Timestamp(*micros),
            Value::Array(_) | Value::Map(_) | Value::Struct(_) => Scalar::Nested(value),
        }
    }
}

/// Python raised: the row is dropped.
struct Raised;

impl RowFilter {
    /// Resolves columns and constants. Errors have field `Filters`; the node is left for the caller to name.
    pub fn compile(filter: &Filter, columns: &[Field]) -> Result<RowFilter, NodeError> {
        if filter.filters.is_empty() {
            return Err(error("Filter has no condition"));
        }
        let terms = filter
            .filters
            .iter()
            .enumerate()
            .map(|(index, expression)| Term::compile(expression, columns).map_err(|message| error(&format!("condition {}: {message}", index + 1))))
            .collect::<Result<_, _>>()?;
        Ok(RowFilter {
            any: filter.logical_operator == FilterLogicalOperator::Or,
            terms,
        })
    }

    /// Builds what the conditions match with; an error is a pattern that is well written and still too large. Before rows are tested.
    pub fn prepare(&self) -> Result<(), NodeError> {
        for (index, term) in self.terms.iter().enumerate() {
            if let Test::Matches { pattern, .. } = &term.test {
                pattern
                    .prepare()
                    .map_err(|fault| error(&format!("condition {}: the regular expression is not right: {fault}", index + 1)))?;
            }
        }
        Ok(())
    }

    /// Whether Glue keeps the row. A column that the row does not have counts as null.
    pub fn keeps(&self, row: &[Value]) -> bool {
        self.test(&|path| look_up(row, path))
    }

    /// As [`RowFilter::keeps`], over cells that `cell` finds by path (see [`Operand::Column`]). `None`: a struct above the member is null.
    pub fn test<'a>(&'a self, cell: &impl Fn(&[usize]) -> Option<Scalar<'a>>) -> bool {
        for term in &self.terms {
            match term.holds(cell) {
                Err(Raised) => return false,
                Ok(holds) if holds == self.any => return holds,
                Ok(_) => {}
            }
        }
        !self.any
    }

    /// The top-level columns that the predicate reads, in order, each once.
    pub fn columns(&self) -> Vec<usize> {
        let mut found: Vec<usize> = self.terms.iter().flat_map(Term::operands).filter_map(Operand::column).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The cell at `path`; `None` where a struct above it is null, which Python answers with a TypeError ("not subscriptable").
pub(crate) fn look_up<'a>(row: &'a [Value], path: &[usize]) -> Option<Scalar<'a>> {
    let (first, rest) = path.split_first()?;
    let mut value = row.get(*first).unwrap_or(&Value::Null);
    for index in rest {
        match value {
            Value::Struct(members) => value = members.get(*index).unwrap_or(&Value::Null),
            _ => return None,
        }
    }
    Some(Scalar::from(value))
}

fn error(message: &str) -> NodeError {
    NodeError {
        node: None,
        field: Some("Filters".to_owned()),
        message: message.to_owned(),
    }
}

impl Operand {
    fn column(&self) -> Option<usize> {
        match self {
            Operand::Column(path) => path.first().copied(),
            Operand::Constant(_) => None,
        }
    }

    fn get<'a>(&'a self, cell: &impl Fn(&[usize]) -> Option<Scalar<'a>>) -> Result<Scalar<'a>, Raised> {
        match self {
            Operand::Column(path) => cell(path).ok_or(Raised),
            Operand::Constant(value) => Ok(Scalar::from(value)),
        }
    }
}

impl Term {
    fn compile(expression: &FilterExpression, columns: &[Field]) -> Result<Term, String> {
        let negated = expression.negated;
        let comparison = match expression.operation {
            FilterOperation::Eq => Comparison::Equal,
            FilterOperation::Lt => Comparison::Less,
            FilterOperation::Gt => Comparison::Greater,
            FilterOperation::Lte => Comparison::LessOrEqual,
            FilterOperation::Gte => Comparison::GreaterOrEqual,
            FilterOperation::Regex => {
                let (value, pattern) = match expression.values.as_slice() {
                    [value, pattern] if pattern.value_type == FilterValueType::Constant => (value, pattern),
                    [pattern, value] if pattern.value_type == FilterValueType::Constant => (value, pattern),
                    [_, _] => return Err("a regular expression must be a constant".to_owned()),
                    values => return Err(format!("REGEX needs a column and a pattern, not {} values", values.len())),
                };
                let pattern = Pattern::read(constant_text(pattern)?).map_err(|error| format!("the regular expression is not right: {error}"))?;
                let value = if value.value_type == FilterValueType::Constant {
                    Operand::Constant(Value::String(constant_text(value)?.to_owned()))
                } else {
                    resolve(value, columns)?.0
                };
                return Ok(Term {
                    negated,
                    test: Test::Matches { value, pattern },
                });
            }
            FilterOperation::IsNull => {
                let Some(value) = expression.values.iter().find(|value| value.value_type == FilterValueType::ColumnExtracted) else {
                    return Err("ISNULL needs a column".to_owned());
                };
                return Ok(Term {
                    negated,
                    test: Test::IsNull(resolve(value, columns)?.0),
                });
            }
        };
        let [left, right] = expression.values.as_slice() else {
            return Err(format!("a comparison needs two values, not {}", expression.values.len()));
        };
        let (left, right) = match (left.value_type, right.value_type) {
            (FilterValueType::ColumnExtracted, FilterValueType::ColumnExtracted) => (resolve(left, columns)?.0, resolve(right, columns)?.0),
            (FilterValueType::ColumnExtracted, FilterValueType::Constant) => {
                let (column, data_type) = resolve(left, columns)?;
                (column, typed_constant(right, data_type)?)
            }
            (FilterValueType::Constant, FilterValueType::ColumnExtracted) => {
                let (column, data_type) = resolve(right, columns)?;
                (typed_constant(left, data_type)?, column)
            }
            (FilterValueType::Constant, FilterValueType::Constant) => (typed_constant(left, &DataType::String)?, typed_constant(right, &DataType::String)?),
        };
        Ok(Term {
            negated,
            test: Test::Compare { comparison, left, right },
        })
    }

    fn operands(&self) -> impl Iterator<Item = &Operand> {
        let (first, second) = match &self.test {
            Test::Compare { left, right, .. } => (left, Some(right)),
            Test::Matches { value, .. } => (value, None),
            Test::IsNull(value) => (value, None),
        };
        core::iter::once(first).chain(second)
    }

    fn holds<'a>(&'a self, cell: &impl Fn(&[usize]) -> Option<Scalar<'a>>) -> Result<bool, Raised> {
        let plain = match &self.test {
            Test::Compare { comparison, left, right } => compare(*comparison, left.get(cell)?, right.get(cell)?)?,
            Test::Matches { value, pattern } => match value.get(cell)? {
                Scalar::Text(text) => pattern.matches(text).map_err(|_| Raised)?,
                _ => return Err(Raised),
            },
            Test::IsNull(value) => value.get(cell)? == Scalar::Null,
        };
        Ok(plain != self.negated)
    }
}

fn constant_text(value: &FilterValue) -> Result<&str, String> {
    match value.value.as_slice() {
        [text] => Ok(text),
        [] => Err("the constant is missing".to_owned()),
        _ => Err("a constant is one text".to_owned()),
    }
}

/// The constant as the script has it beside a column of `data_type`.
fn typed_constant(value: &FilterValue, data_type: &DataType) -> Result<Operand, String> {
    let text = constant_text(value)?;
    let trimmed = text.trim();
    let constant = match data_type {
        DataType::Boolean if trimmed.eq_ignore_ascii_case("true") => Value::Boolean(true),
        DataType::Boolean if trimmed.eq_ignore_ascii_case("false") => Value::Boolean(false),
        DataType::Boolean => return Err(format!("“{text}” is not true or false")),
        numeric if numeric.is_numeric() => number(trimmed).ok_or_else(|| format!("“{text}” is not a number"))?,
        _ => Value::String(text.to_owned()),
    };
    Ok(Operand::Constant(constant))
}

/// A Python number literal: an integer if it has neither point nor exponent, else a float.
fn number(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse::<i64>() {
            Ok(value) => Some(Value::Long(value)),
            // Python's integers have no bound; beyond 38 digits a float says the same of any column.
            Err(_) => parse_decimal_exact(text)
                .map(|unscaled| Value::Decimal { unscaled, scale: 0 })
                .or_else(|| parse_python_float(text).map(Value::Double)),
        };
    }
    parse_python_float(text).map(Value::Double)
}

fn resolve<'a>(value: &FilterValue, columns: &'a [Field]) -> Result<(Operand, &'a DataType), String> {
    let (path, data_type) = find_path(&value.value, columns)?;
    Ok((Operand::Column(path), data_type))
}

/// Finds a path among columns, by exact names. The error is for a person, with the nearest name.
pub(crate) fn find_path<'a>(path: &FieldPath, columns: &'a [Field]) -> Result<(Vec<usize>, &'a DataType), String> {
    let mut members = columns;
    let mut indices = Vec::with_capacity(path.len());
    let mut found = None;
    for (depth, name) in path.iter().enumerate() {
        let Some(index) = members.iter().position(|field| field.name == *name) else {
            let hint = did_you_mean(name, members.iter().map(|field| field.name.as_str()));
            return Err(match path.get(..depth) {
                None | Some([]) => format!("no column “{name}”{hint}"),
                Some(above) => format!("no member “{name}” in “{}”{hint}", above.join(".")),
            });
        };
        indices.push(index);
        let data_type = members.get(index).map(|field| &field.data_type);
        members = match data_type {
            Some(DataType::Struct(fields)) => fields,
            _ => &[],
        };
        found = data_type;
    }
    match found {
        Some(data_type) => Ok((indices, data_type)),
        None => Err("no column is chosen".to_owned()),
    }
}

fn compare(comparison: Comparison, left: Scalar<'_>, right: Scalar<'_>) -> Result<bool, Raised> {
    if comparison == Comparison::Equal {
        return Ok(equal(left, right));
    }
    // Ordered kinds only; a NaN is in no order and every comparison with it is false.
    let order = match order(left, right) {
        Some(order) => order,
        None if is_number(left) && is_number(right) => return Ok(false),
        None => return Err(Raised),
    };
    Ok(match comparison {
        Comparison::Less => order == Ordering::Less,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
        Comparison::Equal => order == Ordering::Equal,
    })
}

fn equal(left: Scalar<'_>, right: Scalar<'_>) -> bool {
    match (left, right) {
        (Scalar::Null, Scalar::Null) => true,
        (Scalar::Nested(left), Scalar::Nested(right)) => left == right,
        _ => order(left, right) == Some(Ordering::Equal),
    }
}

fn is_number(scalar: Scalar<'_>) -> bool {
    matches!(scalar, Scalar::Boolean(_) | Scalar::Long(_) | Scalar::Double(_) | Scalar::Decimal { .. })
}

/// The exact value of a Python bool, int or Decimal as a decimal; `None` for a float.
fn exact(scalar: Scalar<'_>) -> Option<(i128, i8)> {
    match scalar {
        Scalar::Boolean(value) => Some((i128::from(value), 0)),
        Scalar::Long(value) => Some((i128::from(value), 0)),
        Scalar::Decimal { unscaled, scale } => Some((unscaled, scale)),
        _ => None,
    }
}

fn order(left: Scalar<'_>, right: Scalar<'_>) -> Option<Ordering> {
    match (left, right) {
        (Scalar::Text(left), Scalar::Text(right)) => Some(left.cmp(right)),
        (Scalar::Bytes(left), Scalar::Bytes(right)) => Some(left.cmp(right)),
        (Scalar::Date(left), Scalar::Date(right)) => Some(left.cmp(&right)),
        (Scalar::Timestamp(left), Scalar::Timestamp(right)) => Some(left.cmp(&right)),
        (Scalar::Long(left), Scalar::Long(right)) => Some(left.cmp(&right)),
        (Scalar::Double(left), Scalar::Double(right)) => left.partial_cmp(&right),
        (Scalar::Double(left), right) => order_float(left, exact(right)?),
        (left, Scalar::Double(right)) => order_float(right, exact(left)?).map(Ordering::reverse),
        (left, right) => Some(compare_decimals(exact(left)?, exact(right)?)),
    }
}

/// A float against an exact number, by exact value as Python compares them.
fn order_float(float: f64, (unscaled, scale): (i128, i8)) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if scale <= 0 || float.is_infinite() || libm::fabs(float) >= 1.7e38 {
        // Whole numbers: compare the whole part, then the fraction.
        let whole = libm::trunc(float);
        if libm::fabs(whole) >= 1.7e38 {
            return Some(if float > 0.0 { Ordering::Greater } else { Ordering::Less });
        }
        let by_whole = compare_decimals((whole as i128, 0), (unscaled, scale));
        return Some(by_whole.then_with(|| (float - whole).partial_cmp(&0.0).unwrap_or(Ordering::Equal)));
    }
    // A decimal with a fraction: the whole parts first, then the fractions, which fit a comparison of exact binary digits.
    let power = 10_i128.checked_pow(u32::try_from(scale).ok()?)?;
    let whole = libm::trunc(float);
    let by_whole = (whole as i128).cmp(&(unscaled / power));
    if by_whole != Ordering::Equal {
        return Some(by_whole);
    }
    Some(order_fraction(float - whole, unscaled % power, power))
}

/// `fraction` (a float in (-1, 1)) against `part / power`, by doubling both: each step takes one binary digit off each.
fn order_fraction(fraction: f64, part: i128, power: i128) -> Ordering {
    let sign = fraction.partial_cmp(&0.0).unwrap_or(Ordering::Equal);
    let part_sign = part.cmp(&0);
    if sign != part_sign {
        return sign.cmp(&part_sign);
    }
    let (mut float, mut part) = (libm::fabs(fraction), part.unsigned_abs());
    let power = power.unsigned_abs();
    let mut order = Ordering::Equal;
    while order == Ordering::Equal && (float > 0.0 || part > 0) {
        // `part` is below `power`, at most 10^38, so twice of it is below 2^128.
        (float, part) = (float * 2.0, part * 2);
        let (float_bit, part_bit) = (float >= 1.0, part >= power);
        order = float_bit.cmp(&part_bit);
        if float_bit {
            float -= 1.0;
        }
        if part_bit {
            part -= power;
        }
        if float == 0.0 && part > 0 {
            order = order.then(Ordering::Less);
        } else if part == 0 && float > 0.0 {
            order = order.then(Ordering::Greater);
        }
    }
    if sign == Ordering::Less { order.reverse() } else { order }
}
