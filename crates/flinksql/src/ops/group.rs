//! Aggregates, and GROUP BY without a window (`GroupAggFunction`).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Change, Counts, Operator, values};
use crate::error::Result;
use crate::expr::{Expr, fit};
use crate::value::{Kind, Row, Type, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Count,
    Sum,
    Avg,
    Min,
    Max,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    pub function: Function,
    /// `None`: COUNT(*).
    pub argument: Option<Expr>,
    pub distinct: bool,
    pub filter: Option<Expr>,
    pub ty: Type,
}

/// One aggregate of one group. Rows can be taken back.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    count: i64,
    int: i64,
    double: f64,
    /// Kept for MIN, MAX and DISTINCT alone: values with counts.
    seen: BTreeMap<Value, i64>,
}

impl Accumulator {
    fn add(&mut self, value: &Value, sign: i64) {
        self.count += sign;
        match value {
            Value::Int(number) => self.int = self.int.wrapping_add(number.wrapping_mul(sign)),
            Value::Double(number) => self.double += number * sign as f64,
            _ => {}
        }
    }

    pub fn take(&mut self, of: &Aggregate, row: &Row, sign: i64) -> Result<()> {
        if let Some(filter) = &of.filter
            && !filter.holds(row)?
        {
            return Ok(());
        }
        let value = match &of.argument {
            None => Value::Int(0),
            Some(argument) => argument.value(row)?,
        };
        if value.is_null() {
            return Ok(());
        }
        if of.distinct || matches!(of.function, Function::Min | Function::Max) {
            let seen = self.seen.entry(value.clone()).or_default();
            let before = *seen;
            *seen += sign;
            let after = *seen;
            if after == 0 {
                self.seen.remove(&value);
            }
            if of.distinct && (before > 0) == (after > 0) {
                return Ok(());
            }
        }
        self.add(&value, sign);
        Ok(())
    }

    pub fn value(&self, of: &Aggregate) -> Value {
        if of.function == Function::Count {
            return Value::Int(self.count);
        }
        if self.count == 0 {
            return Value::Null;
        }
        match of.function {
            Function::Min => self.seen.keys().next().cloned().unwrap_or(Value::Null),
            Function::Max => self.seen.keys().next_back().cloned().unwrap_or(Value::Null),
            Function::Avg if of.ty == Type::Double => Value::Double(self.double / self.count as f64),
            // AVG of integers is one, cut off towards 0.
            Function::Avg => fit(self.int.wrapping_div(self.count), of.ty),
            _ if of.ty == Type::Double => Value::Double(self.double),
            _ => fit(self.int, of.ty),
        }
    }
}

/// The aggregates of one group.
#[derive(Clone, Debug)]
pub struct Group {
    pub rows: i64,
    accumulators: Vec<Accumulator>,
}

impl Group {
    pub fn new(aggregates: &[Aggregate]) -> Group {
        Group {
            rows: 0,
            accumulators: aggregates.iter().map(|_| Accumulator::default()).collect(),
        }
    }

    pub fn take(&mut self, aggregates: &[Aggregate], change: &Change) -> Result<()> {
        let sign = if change.kind.adds() { 1 } else { -1 };
        self.rows += sign;
        for (accumulator, of) in self.accumulators.iter_mut().zip(aggregates) {
            accumulator.take(of, &change.row, sign)?;
        }
        Ok(())
    }

    pub fn values(&self, aggregates: &[Aggregate]) -> Vec<Value> {
        self.accumulators
            .iter()
            .zip(aggregates)
            .map(|(accumulator, of)| accumulator.value(of))
            .collect()
    }
}

pub struct GroupAgg {
    pub keys: Vec<Expr>,
    pub aggregates: Vec<Aggregate>,
    pub groups: BTreeMap<Row, Group>,
}

impl Operator for GroupAgg {
    fn row(&mut self, change: Change, out: &mut Vec<Change>, _: &mut Counts) -> Result<()> {
        let key = values(&self.keys, &change.row)?;
        let row = |group: &Group| key.iter().cloned().chain(group.values(&self.aggregates)).collect::<Row>();
        let Some(group) = self.groups.get_mut(&key) else {
            // A row taken back that never came is let go.
            if change.kind.adds() {
                let mut group = Group::new(&self.aggregates);
                group.take(&self.aggregates, &change)?;
                out.push(Change::insert(row(&group)));
                self.groups.insert(key, group);
            }
            return Ok(());
        };
        let before = row(group);
        group.take(&self.aggregates, &change)?;
        if group.rows <= 0 {
            out.push(Change {
                kind: Kind::Delete,
                row: before,
            });
            self.groups.remove(&key);
            return Ok(());
        }
        let after = row(group);
        if before != after {
            out.push(Change {
                kind: Kind::UpdateBefore,
                row: before,
            });
            out.push(Change {
                kind: Kind::UpdateAfter,
                row: after,
            });
        }
        Ok(())
    }
}
