//! Expressions: read out of sqlparser's tree against the columns there are, and evaluated with three-valued logic.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sqlparser::ast::{self, BinaryOperator, DateTimeField, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned, UnaryOperator};

use crate::ddl::named_type;
use crate::error::{Error, Result};
use crate::value::{Row, Type, Value, civil, read_timestamp};

/// What a column is to windows and joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// A time attribute in event time.
    Rowtime,
    WindowStart,
    WindowEnd,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub table: String,
    pub name: String,
    pub ty: Type,
    pub role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fun {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
    Not,
    IsNull,
    Neg,
    Concat,
    Upper,
    Lower,
    Length,
    Trim,
    Substring,
    Like,
    Coalesce,
    NullIf,
    Abs,
    Floor,
    Ceil,
    ToTimestamp,
    ToTimestampLtz,
    Extract(Unit),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Column(usize),
    Literal(Value),
    Call(Fun, Vec<Expr>, Type),
    /// Conditions with results, and ELSE.
    Case(Vec<(Expr, Expr)>, Box<Expr>),
    Cast(Box<Expr>, Type),
}

/// What names mean where an expression stands.
pub trait Scope {
    fn fields(&self) -> &[Field];

    /// An expression that this place reads in its own way: an aggregate, a key of GROUP BY.
    fn special(&self, _expr: &ast::Expr) -> Result<Option<(Expr, Type)>> {
        Ok(None)
    }
}

impl Scope for [Field] {
    fn fields(&self) -> &[Field] {
        self
    }
}

/// The same under its length known.
pub struct Fields<'a>(pub &'a [Field]);

impl Scope for Fields<'_> {
    fn fields(&self) -> &[Field] {
        self.0
    }
}

fn resolve(scope: &dyn Scope, table: Option<&str>, name: &ast::Ident) -> Result<(Expr, Type)> {
    let place = name.span.start;
    let same = |field: &Field| field.name == name.value && table.is_none_or(|table| field.table == table);
    let mut found = scope.fields().iter().enumerate().filter(|(_, field)| same(field));
    match (found.next(), found.next()) {
        (Some((at, field)), None) => Ok((Expr::Column(at), field.ty)),
        (None, _) => Err(Error::at(place, format!("Column '{}' not found in any table", name.value))),
        _ => Err(Error::at(place, format!("Column '{}' is ambiguous", name.value))),
    }
}

/// The arguments of a function, all of them expressions. Error: `*`, names.
pub fn arguments(function: &ast::Function) -> Result<Vec<&ast::Expr>> {
    let FunctionArguments::List(list) = &function.args else {
        return Ok(Vec::new());
    };
    let one = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Ok(expr),
        _ => Err(Error::uncovered(function.name.span().start, format!("This argument of {}", function.name))),
    };
    list.args.iter().map(one).collect()
}

/// An interval in milliseconds. Errors: months and years; what is no number.
pub fn interval(expr: &ast::Expr) -> Result<i64> {
    let place = expr.span().start;
    let ast::Expr::Interval(interval) = expr else {
        return Err(Error::at(place, format!("an INTERVAL is expected, not {expr}")));
    };
    let unit = match &interval.leading_field {
        Some(DateTimeField::Day | DateTimeField::Days) => 86_400_000.0,
        Some(DateTimeField::Hour | DateTimeField::Hours) => 3_600_000.0,
        Some(DateTimeField::Minute | DateTimeField::Minutes) => 60_000.0,
        Some(DateTimeField::Second | DateTimeField::Seconds) => 1_000.0,
        other => {
            return Err(Error::uncovered(
                place,
                format!("An interval of {}", other.as_ref().map_or(String::from("no unit"), ToString::to_string)),
            ));
        }
    };
    let text = interval.value.to_string();
    let number: f64 = text
        .trim_matches('\'')
        .trim()
        .parse()
        .map_err(|_| Error::at(place, format!("{text} is no interval")))?;
    let ms = libm::round(number * unit);
    if interval.last_field.is_some() || !ms.is_finite() || libm::fabs(ms) > 9.0e15 {
        return Err(Error::uncovered(place, format!("{expr}")));
    }
    Ok(ms as i64)
}

/// Reads an expression. Errors: columns that are not there, types that do not go together, what is not covered.
pub fn compile(expr: &ast::Expr, scope: &dyn Scope) -> Result<(Expr, Type)> {
    if let Some(special) = scope.special(expr)? {
        return Ok(special);
    }
    let place = expr.span().start;
    let one = |expr: &ast::Expr| compile(expr, scope);
    let call = |fun: Fun, arguments: &[&ast::Expr], ty: Option<Type>| -> Result<(Expr, Type)> {
        let compiled = arguments.iter().map(|argument| one(argument)).collect::<Result<Vec<_>>>()?;
        let types: Vec<Type> = compiled.iter().map(|(_, ty)| *ty).collect();
        let ty = match ty {
            Some(ty) => ty,
            None => result(fun, &types).ok_or_else(|| {
                let names: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
                Error::at(place, format!("{fun:?} does not take {}", names.join(", ")))
            })?,
        };
        Ok((Expr::Call(fun, compiled.into_iter().map(|(expr, _)| expr).collect(), ty), ty))
    };
    let not = |(expr, _), negated| {
        if negated {
            (Expr::Call(Fun::Not, Vec::from([expr]), Type::Boolean), Type::Boolean)
        } else {
            (expr, Type::Boolean)
        }
    };
    match expr {
        ast::Expr::Identifier(name) => resolve(scope, None, name),
        ast::Expr::CompoundIdentifier(names) => match names.as_slice() {
            [table, name] => resolve(scope, Some(&table.value), name),
            _ => Err(Error::uncovered(place, format!("{expr}"))),
        },
        ast::Expr::Nested(inner) => one(inner),
        ast::Expr::Value(value) => literal(&value.value).ok_or_else(|| Error::uncovered(place, format!("{expr}"))),
        ast::Expr::Interval(_) => Ok((Expr::Literal(Value::Interval(interval(expr)?)), Type::Interval)),
        ast::Expr::TypedString(typed) => match (data_type(&typed.data_type), &typed.value.value) {
            (Some(Type::Timestamp), ast::Value::SingleQuotedString(text)) => {
                let at = read_timestamp(text).ok_or_else(|| Error::at(place, format!("'{text}' is no timestamp")))?;
                Ok((Expr::Literal(Value::Time(at)), Type::Timestamp))
            }
            _ => Err(Error::uncovered(place, format!("{expr}"))),
        },
        ast::Expr::UnaryOp { op, expr } => match op {
            UnaryOperator::Not => call(Fun::Not, &[expr], None),
            UnaryOperator::Minus => call(Fun::Neg, &[expr], None),
            UnaryOperator::Plus => one(expr),
            op => Err(Error::uncovered(place, format!("The operator {op}"))),
        },
        ast::Expr::BinaryOp { left, op, right } => {
            let fun = match op {
                BinaryOperator::Plus => Fun::Add,
                BinaryOperator::Minus => Fun::Sub,
                BinaryOperator::Multiply => Fun::Mul,
                BinaryOperator::Divide => Fun::Div,
                BinaryOperator::Modulo => Fun::Rem,
                BinaryOperator::Eq => Fun::Eq,
                BinaryOperator::NotEq => Fun::Ne,
                BinaryOperator::Lt => Fun::Lt,
                BinaryOperator::LtEq => Fun::Le,
                BinaryOperator::Gt => Fun::Gt,
                BinaryOperator::GtEq => Fun::Ge,
                BinaryOperator::And => Fun::And,
                BinaryOperator::Or => Fun::Or,
                BinaryOperator::StringConcat => Fun::Concat,
                op => return Err(Error::uncovered(place, format!("The operator {op}"))),
            };
            call(fun, &[left, right], None)
        }
        ast::Expr::IsNull(expr) => call(Fun::IsNull, &[expr], None),
        ast::Expr::IsNotNull(expr) => Ok(not(call(Fun::IsNull, &[expr], None)?, true)),
        ast::Expr::Between { expr, negated, low, high } => {
            let (low, _) = call(Fun::Ge, &[expr, low], None)?;
            let (high, _) = call(Fun::Le, &[expr, high], None)?;
            let both = Expr::Call(Fun::And, Vec::from([low, high]), Type::Boolean);
            Ok(not((both, Type::Boolean), *negated))
        }
        ast::Expr::InList { expr, list, negated } => {
            let mut any = Expr::Literal(Value::Bool(false));
            for item in list {
                let (same, _) = call(Fun::Eq, &[expr, item], None)?;
                any = Expr::Call(Fun::Or, Vec::from([any, same]), Type::Boolean);
            }
            Ok(not((any, Type::Boolean), *negated))
        }
        ast::Expr::Like {
            negated,
            any: false,
            expr,
            pattern,
            escape_char: None,
        } => Ok(not(call(Fun::Like, &[expr, pattern], None)?, *negated)),
        ast::Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let (mut cases, mut ty) = (Vec::new(), Type::Null);
            for when in conditions {
                let condition = match operand {
                    Some(operand) => call(Fun::Eq, &[operand, &when.condition], None)?.0,
                    None => one(&when.condition)?.0,
                };
                let (result, of) = one(&when.result)?;
                ty = common(ty, of).ok_or_else(|| Error::at(place, "the results of CASE differ in type"))?;
                cases.push((condition, result));
            }
            let (otherwise, of) = else_result.as_ref().map_or(Ok((Expr::Literal(Value::Null), Type::Null)), |expr| one(expr))?;
            ty = common(ty, of).ok_or_else(|| Error::at(place, "the results of CASE differ in type"))?;
            Ok((Expr::Case(cases, Box::new(otherwise)), ty))
        }
        ast::Expr::Cast {
            expr: inner, data_type: to, ..
        } => {
            let ty = data_type(to).ok_or_else(|| Error::uncovered(place, format!("A cast to {to}")))?;
            Ok((Expr::Cast(Box::new(one(inner)?.0), ty), ty))
        }
        ast::Expr::Floor {
            expr: inner,
            field: ast::CeilFloorKind::DateTimeField(DateTimeField::NoDateTime),
        } => call(Fun::Floor, &[inner], None),
        ast::Expr::Ceil {
            expr: inner,
            field: ast::CeilFloorKind::DateTimeField(DateTimeField::NoDateTime),
        } => call(Fun::Ceil, &[inner], None),
        ast::Expr::Trim {
            expr,
            trim_where: None,
            trim_what: None,
            trim_characters: None,
        } => call(Fun::Trim, &[expr], None),
        ast::Expr::Substring {
            expr,
            substring_from: Some(from),
            substring_for,
            ..
        } => match substring_for {
            Some(length) => call(Fun::Substring, &[expr, from, length], None),
            None => call(Fun::Substring, &[expr, from], None),
        },
        ast::Expr::Extract { field, expr, .. } => {
            let unit = match field {
                DateTimeField::Year => Unit::Year,
                DateTimeField::Month => Unit::Month,
                DateTimeField::Day => Unit::Day,
                DateTimeField::Hour => Unit::Hour,
                DateTimeField::Minute => Unit::Minute,
                DateTimeField::Second => Unit::Second,
                field => return Err(Error::uncovered(place, format!("EXTRACT({field})"))),
            };
            call(Fun::Extract(unit), &[expr], None)
        }
        ast::Expr::Function(function) => {
            let name = function.name.to_string().to_uppercase();
            let fun = match name.as_str() {
                "UPPER" => Fun::Upper,
                "LOWER" => Fun::Lower,
                "CHAR_LENGTH" | "CHARACTER_LENGTH" => Fun::Length,
                "CONCAT" => Fun::Concat,
                "COALESCE" | "IFNULL" => Fun::Coalesce,
                "NULLIF" => Fun::NullIf,
                "ABS" => Fun::Abs,
                "MOD" => Fun::Rem,
                "TO_TIMESTAMP" => Fun::ToTimestamp,
                "TO_TIMESTAMP_LTZ" => Fun::ToTimestampLtz,
                _ => return Err(Error::uncovered(place, format!("The function {name}"))),
            };
            if function.over.is_some() || function.filter.is_some() {
                return Err(Error::uncovered(place, format!("OVER or FILTER on {name}")));
            }
            call(fun, &arguments(function)?, None)
        }
        other => Err(Error::uncovered(place, format!("{other}"))),
    }
}

fn data_type(ty: &ast::DataType) -> Option<Type> {
    let text = ty.to_string().to_uppercase();
    named_type(text.split(['(', ' ']).next().unwrap_or_default())
}

fn literal(value: &ast::Value) -> Option<(Expr, Type)> {
    let (value, ty) = match value {
        ast::Value::Number(text, _) => match text.parse::<i64>() {
            Ok(number) => (Value::Int(number), if i32::try_from(number).is_ok() { Type::Int } else { Type::BigInt }),
            Err(_) => (Value::Double(text.parse().ok()?), Type::Double),
        },
        ast::Value::SingleQuotedString(text) => (Value::Str(text.clone()), Type::String),
        ast::Value::Boolean(value) => (Value::Bool(*value), Type::Boolean),
        ast::Value::Null => (Value::Null, Type::Null),
        _ => return None,
    };
    Some((Expr::Literal(value), ty))
}

/// The type that both go into.
pub fn common(a: Type, b: Type) -> Option<Type> {
    match (a, b) {
        (a, b) if a == b => Some(a),
        (Type::Null, other) | (other, Type::Null) => Some(other),
        (Type::Double, Type::Int | Type::BigInt) | (Type::Int | Type::BigInt, Type::Double) => Some(Type::Double),
        (Type::Int, Type::BigInt) | (Type::BigInt, Type::Int) => Some(Type::BigInt),
        _ => None,
    }
}

fn result(fun: Fun, types: &[Type]) -> Option<Type> {
    let number = |ty: Type| ty.is_number().then_some(ty);
    let fits = |wanted: Type| types.iter().all(|ty| *ty == wanted || *ty == Type::Null);
    match (fun, types) {
        (Fun::Add | Fun::Sub, [Type::Timestamp, Type::Interval]) | (Fun::Add, [Type::Interval, Type::Timestamp]) => Some(Type::Timestamp),
        (Fun::Add | Fun::Sub, [Type::Interval, Type::Interval]) | (Fun::Sub, [Type::Timestamp, Type::Timestamp]) => Some(Type::Interval),
        (Fun::Add | Fun::Sub | Fun::Mul | Fun::Div | Fun::Rem, [a, b]) => number(common(*a, *b)?),
        (Fun::Eq | Fun::Ne | Fun::Lt | Fun::Le | Fun::Gt | Fun::Ge, [a, b]) => common(*a, *b).map(|_| Type::Boolean),
        (Fun::And | Fun::Or, [_, _]) | (Fun::Not, [_]) => fits(Type::Boolean).then_some(Type::Boolean),
        (Fun::IsNull, [_]) => Some(Type::Boolean),
        (Fun::Neg | Fun::Abs | Fun::Floor | Fun::Ceil, [a]) => number(*a),
        (Fun::Concat, [_, ..]) => fits(Type::String).then_some(Type::String),
        (Fun::Upper | Fun::Lower | Fun::Trim, [_]) => fits(Type::String).then_some(Type::String),
        (Fun::Length, [_]) => fits(Type::String).then_some(Type::Int),
        (Fun::Substring, [Type::String, Type::Int] | [Type::String, Type::Int, Type::Int]) => Some(Type::String),
        (Fun::Like, [_, _]) => fits(Type::String).then_some(Type::Boolean),
        (Fun::Coalesce, [first, rest @ ..]) => rest.iter().try_fold(*first, |ty, other| common(ty, *other)),
        (Fun::NullIf, [a, b]) => common(*a, *b).map(|_| *a),
        (Fun::ToTimestamp, [Type::String]) => Some(Type::Timestamp),
        (Fun::ToTimestampLtz, [Type::BigInt | Type::Int, Type::Int]) => Some(Type::Timestamp),
        (Fun::Extract(_), [Type::Timestamp]) => Some(Type::BigInt),
        _ => None,
    }
}

impl Expr {
    /// Its value for a row. Error: a division of integers by 0.
    pub fn value(&self, row: &Row) -> Result<Value> {
        match self {
            Expr::Column(at) => Ok(row.get(*at).cloned().unwrap_or(Value::Null)),
            Expr::Literal(value) => Ok(value.clone()),
            Expr::Cast(inner, ty) => Ok(cast(inner.value(row)?, *ty)?),
            Expr::Case(cases, otherwise) => {
                for (condition, result) in cases {
                    if condition.holds(row)? {
                        return result.value(row);
                    }
                }
                otherwise.value(row)
            }
            Expr::Call(fun, arguments, ty) => {
                let values = arguments.iter().map(|argument| argument.value(row)).collect::<Result<Vec<_>>>()?;
                apply(*fun, &values, *ty)
            }
        }
    }

    /// Whether it is TRUE: not FALSE, not UNKNOWN.
    pub fn holds(&self, row: &Row) -> Result<bool> {
        Ok(self.value(row)? == Value::Bool(true))
    }
}

/// A number as wide as its type: an INT wraps as Java's does.
pub fn fit(value: i64, ty: Type) -> Value {
    Value::Int(if ty == Type::Int { i64::from(value as i32) } else { value })
}

fn apply(fun: Fun, values: &[Value], ty: Type) -> Result<Value> {
    let a = values.first().unwrap_or(&Value::Null);
    let b = values.get(1).unwrap_or(&Value::Null);
    match fun {
        Fun::IsNull => return Ok(Value::Bool(a.is_null())),
        Fun::Coalesce => return Ok(values.iter().find(|value| !value.is_null()).cloned().unwrap_or(Value::Null)),
        Fun::And | Fun::Or => {
            let decides = Value::Bool(fun == Fun::Or);
            return Ok(match () {
                () if *a == decides || *b == decides => decides,
                () if a.is_null() || b.is_null() => Value::Null,
                () => Value::Bool(fun == Fun::And),
            });
        }
        Fun::NullIf => return Ok(if !b.is_null() && a == b { Value::Null } else { a.clone() }),
        _ => {}
    }
    if values.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let value = match (fun, a, b) {
        (Fun::Eq, ..) => Value::Bool(a == b),
        (Fun::Ne, ..) => Value::Bool(a != b),
        (Fun::Lt, ..) => Value::Bool(a < b),
        (Fun::Le, ..) => Value::Bool(a <= b),
        (Fun::Gt, ..) => Value::Bool(a > b),
        (Fun::Ge, ..) => Value::Bool(a >= b),
        (Fun::Not, Value::Bool(value), _) => Value::Bool(!value),
        (Fun::Add, Value::Int(a), Value::Int(b)) => fit(a.wrapping_add(*b), ty),
        (Fun::Sub, Value::Int(a), Value::Int(b)) => fit(a.wrapping_sub(*b), ty),
        (Fun::Mul, Value::Int(a), Value::Int(b)) => fit(a.wrapping_mul(*b), ty),
        (Fun::Div | Fun::Rem, Value::Int(_), Value::Int(0)) => return Err(Error::run("java.lang.ArithmeticException: / by zero")),
        (Fun::Div, Value::Int(a), Value::Int(b)) => fit(a.wrapping_div(*b), ty),
        (Fun::Rem, Value::Int(a), Value::Int(b)) => fit(a.wrapping_rem(*b), ty),
        (Fun::Neg, Value::Int(a), _) => fit(a.wrapping_neg(), ty),
        (Fun::Abs, Value::Int(a), _) => fit(a.wrapping_abs(), ty),
        (Fun::Floor | Fun::Ceil, Value::Int(_), _) => a.clone(),
        (Fun::Floor, Value::Double(a), _) => Value::Double(libm::floor(*a)),
        (Fun::Ceil, Value::Double(a), _) => Value::Double(libm::ceil(*a)),
        (Fun::Neg, Value::Double(a), _) => Value::Double(-a),
        (Fun::Abs, Value::Double(a), _) => Value::Double(libm::fabs(*a)),
        (Fun::Add, Value::Time(a), Value::Interval(b)) | (Fun::Add, Value::Interval(a), Value::Time(b)) => Value::Time(a.saturating_add(*b)),
        (Fun::Sub, Value::Time(a), Value::Interval(b)) => Value::Time(a.saturating_sub(*b)),
        (Fun::Sub, Value::Time(a), Value::Time(b)) | (Fun::Sub, Value::Interval(a), Value::Interval(b)) => Value::Interval(a.saturating_sub(*b)),
        (Fun::Add, Value::Interval(a), Value::Interval(b)) => Value::Interval(a.saturating_add(*b)),
        (Fun::Add | Fun::Sub | Fun::Mul | Fun::Div | Fun::Rem, a, b) => {
            let (Some(a), Some(b)) = (a.double(), b.double()) else {
                return Ok(Value::Null);
            };
            Value::Double(match fun {
                Fun::Add => a + b,
                Fun::Sub => a - b,
                Fun::Mul => a * b,
                Fun::Div => a / b,
                _ => libm::fmod(a, b),
            })
        }
        (Fun::Concat, ..) => Value::Str(values.iter().map(Value::text).collect()),
        (Fun::Upper, Value::Str(text), _) => Value::Str(text.to_uppercase()),
        (Fun::Lower, Value::Str(text), _) => Value::Str(text.to_lowercase()),
        (Fun::Trim, Value::Str(text), _) => Value::Str(String::from(text.trim_matches(' '))),
        (Fun::Length, Value::Str(text), _) => Value::Int(text.chars().count() as i64),
        (Fun::Substring, Value::Str(text), Value::Int(from)) => {
            let length = text.chars().count() as i64;
            let start = if *from < 0 { length.saturating_add(*from) } else { (*from).max(1) - 1 };
            let take = values.get(2).and_then(|value| if let Value::Int(take) = value { Some(*take) } else { None });
            if start < 0 {
                return Ok(Value::Str(String::new()));
            }
            Value::Str(text.chars().skip(start as usize).take(take.unwrap_or(length).max(0) as usize).collect())
        }
        (Fun::Like, Value::Str(text), Value::Str(pattern)) => Value::Bool(like(text, pattern)),
        (Fun::ToTimestamp, Value::Str(text), _) => read_timestamp(text).map_or(Value::Null, Value::Time),
        (Fun::ToTimestampLtz, Value::Int(at), Value::Int(precision)) => Value::Time(if *precision == 0 { at.saturating_mul(1_000) } else { *at }),
        (Fun::Extract(unit), Value::Time(at), _) => {
            let ((year, month, day), ms) = (civil(at.div_euclid(86_400_000)), at.rem_euclid(86_400_000));
            Value::Int(match unit {
                Unit::Year => year,
                Unit::Month => month,
                Unit::Day => day,
                Unit::Hour => ms / 3_600_000,
                Unit::Minute => ms / 60_000 % 60,
                Unit::Second => ms / 1_000 % 60,
            })
        }
        _ => Value::Null,
    };
    Ok(value)
}

/// `%` is any text, `_` any one sign. Time is the product of both lengths.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached: Vec<bool> = core::iter::once(true).chain(text.iter().map(|_| false)).collect();
    for sign in pattern.chars() {
        let mut next = Vec::with_capacity(reached.len());
        let mut any = false;
        for at in 0..reached.len() {
            let here = reached.get(at).copied().unwrap_or(false);
            any |= here;
            let before = at.checked_sub(1).and_then(|at| Some((reached.get(at)?, text.get(at)?)));
            next.push(if sign == '%' {
                any
            } else {
                before.is_some_and(|(reached, of)| *reached && (sign == '_' || *of == sign))
            });
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

fn cast(value: Value, ty: Type) -> Result<Value> {
    let fails = |value: &Value| Error::run(format!("For input string: '{}'. Invalid character found: it is no {}", value.text(), ty.name()));
    let out = match (&value, ty) {
        (Value::Null, _) => Value::Null,
        (_, Type::String) => Value::Str(value.text()),
        (Value::Int(number), Type::Int | Type::BigInt) => fit(*number, ty),
        (Value::Double(number), Type::Int) => Value::Int(i64::from(*number as i32)),
        (Value::Double(number), Type::BigInt) => Value::Int(*number as i64),
        (Value::Int(_) | Value::Double(_), Type::Double) => Value::Double(value.double().unwrap_or_default()),
        (Value::Bool(flag), Type::Int | Type::BigInt) => Value::Int(i64::from(*flag)),
        (Value::Int(number), Type::Boolean) => Value::Bool(*number != 0),
        (Value::Str(text), Type::Int) => Value::Int(text.trim().parse::<i32>().map_err(|_| fails(&value))?.into()),
        (Value::Str(text), Type::BigInt) => Value::Int(text.trim().parse().map_err(|_| fails(&value))?),
        (Value::Str(text), Type::Double) => Value::Double(text.trim().parse().map_err(|_| fails(&value))?),
        (Value::Str(text), Type::Timestamp) => Value::Time(read_timestamp(text).ok_or_else(|| fails(&value))?),
        (Value::Bool(_), Type::Boolean) | (Value::Time(_), Type::Timestamp) | (Value::Interval(_), Type::Interval) => value,
        _ => return Err(Error::run(format!("A cast of {} to {} is not covered", value.text(), ty.name()))),
    };
    Ok(out)
}
