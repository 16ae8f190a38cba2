//! Operators: rows and watermarks in, rows and watermarks out.
//!
//! Source: flink-table-runtime, the class that each file names.

pub mod group;
pub mod join;
pub mod rank;
pub mod window;

use alloc::vec::Vec;

use crate::error::Result;
use crate::expr::Expr;
use crate::value::{Kind, Row, Value};

#[derive(Clone, Debug)]
pub struct Change {
    pub kind: Kind,
    pub row: Row,
}

impl Change {
    pub fn insert(row: Row) -> Change {
        Change { kind: Kind::Insert, row }
    }
}

#[derive(Clone, Debug)]
pub enum Event {
    Row(Change),
    Watermark(i64),
    /// Idle, or active again.
    Idle(bool),
}

/// What an operator counts beside its rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// `numLateRecordsDropped`.
    pub late: u64,
}

/// An operator of one input.
pub trait Operator {
    fn row(&mut self, change: Change, out: &mut Vec<Change>, counts: &mut Counts) -> Result<()>;

    /// The watermark rose. It goes on behind what comes out.
    fn watermark(&mut self, _watermark: i64, _out: &mut Vec<Change>) -> Result<()> {
        Ok(())
    }
}

pub fn values(exprs: &[Expr], row: &Row) -> Result<Vec<Value>> {
    exprs.iter().map(|expr| expr.value(row)).collect()
}

/// Filter, then projection.
pub struct Calc {
    pub filter: Option<Expr>,
    pub project: Option<Vec<Expr>>,
}

impl Operator for Calc {
    fn row(&mut self, change: Change, out: &mut Vec<Change>, _: &mut Counts) -> Result<()> {
        if let Some(filter) = &self.filter
            && !filter.holds(&change.row)?
        {
            return Ok(());
        }
        let row = match &self.project {
            Some(project) => values(project, &change.row)?,
            None => change.row,
        };
        out.push(Change { kind: change.kind, row });
        Ok(())
    }
}
