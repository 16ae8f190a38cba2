//! ROW_NUMBER() with a bound: Top-N (`AppendOnlyTopNFunction`, `RetractableTopNFunction`), Window Top-N (`WindowRankOperator`) and deduplication
//! (`RowTimeDeduplicateFunction`).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::window::rowtime;
use super::{Change, Counts, Operator, values};
use crate::error::Result;
use crate::expr::Expr;
use crate::value::{Kind, Row, Value};

/// How rows are ordered, and how many of them stay.
pub struct Ranking {
    pub partition: Vec<Expr>,
    /// With whether it goes down.
    pub order: Vec<(Expr, bool)>,
    pub limit: usize,
    /// Whether the number is a column of what comes out; else it is NULL there, and nobody reads it.
    pub numbered: bool,
}

impl Ranking {
    fn compare(&self, a: &Row, b: &Row) -> Result<Ordering> {
        for (expr, down) in &self.order {
            let order = expr.value(a)?.cmp(&expr.value(b)?);
            if order != Ordering::Equal {
                return Ok(if *down { order.reverse() } else { order });
            }
        }
        Ok(Ordering::Equal)
    }

    /// Puts a row behind those that are not after it: an equal newcomer displaces nobody.
    fn put(&self, rows: &mut Vec<Row>, row: Row) -> Result<()> {
        let mut at = rows.len();
        while let Some(before) = at.checked_sub(1).and_then(|at| rows.get(at))
            && self.compare(before, &row)? == Ordering::Greater
        {
            at -= 1;
        }
        rows.insert(at, row);
        Ok(())
    }

    fn out(&self, mut row: Row, at: usize) -> Row {
        row.push(if self.numbered { Value::Int(at as i64 + 1) } else { Value::Null });
        row
    }
}

pub struct TopN {
    pub ranking: Ranking,
    pub partitions: BTreeMap<Row, Vec<Row>>,
}

impl Operator for TopN {
    fn row(&mut self, change: Change, out: &mut Vec<Change>, _: &mut Counts) -> Result<()> {
        let ranking = &self.ranking;
        let rows = self.partitions.entry(values(&ranking.partition, &change.row)?).or_default();
        let before: Vec<Row> = rows.iter().take(ranking.limit).cloned().collect();
        if change.kind.adds() {
            ranking.put(rows, change.row)?;
        } else if let Some(at) = rows.iter().position(|row| *row == change.row) {
            rows.remove(at);
        }
        let after = rows.get(..rows.len().min(ranking.limit)).unwrap_or_default();
        let say = |kind, row: &Row, at| Change {
            kind,
            row: ranking.out(row.clone(), at),
        };
        if ranking.numbered {
            for at in 0..before.len().max(after.len()) {
                match (before.get(at), after.get(at)) {
                    (Some(old), Some(new)) if old != new => {
                        out.push(say(Kind::UpdateBefore, old, at));
                        out.push(say(Kind::UpdateAfter, new, at));
                    }
                    (None, Some(new)) => out.push(say(Kind::Insert, new, at)),
                    (Some(old), None) => out.push(say(Kind::Delete, old, at)),
                    _ => {}
                }
            }
            return Ok(());
        }
        // Multisets: what left, then what came.
        let mut came: Vec<&Row> = after.iter().collect();
        let mut left = Vec::new();
        for row in &before {
            match came.iter().position(|other| *other == row) {
                Some(at) => {
                    came.remove(at);
                }
                None => left.push(row),
            }
        }
        out.extend(left.into_iter().map(|row| say(Kind::Delete, row, 0)));
        out.extend(came.into_iter().map(|row| say(Kind::Insert, row, 0)));
        Ok(())
    }
}

/// The rows of a window by partition, in the order in which partitions came.
type Partitions = Vec<(Row, Vec<Row>)>;

/// Fires at the end of each window.
pub struct WindowTopN {
    pub ranking: Ranking,
    pub start: usize,
    pub end: usize,
    pub watermark: i64,
    pub windows: BTreeMap<(i64, i64), Partitions>,
}

impl Operator for WindowTopN {
    fn row(&mut self, change: Change, _: &mut Vec<Change>, counts: &mut Counts) -> Result<()> {
        let window = (rowtime(&change.row, self.end)?, rowtime(&change.row, self.start)?);
        if window.0 - 1 <= self.watermark {
            counts.late += 1;
            return Ok(());
        }
        let key = values(&self.ranking.partition, &change.row)?;
        let partitions = self.windows.entry(window).or_default();
        match partitions.iter_mut().find(|(of, _)| *of == key) {
            Some((_, rows)) => {
                self.ranking.put(rows, change.row)?;
                rows.truncate(self.ranking.limit);
            }
            None => partitions.push((key, Vec::from([change.row]))),
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: i64, out: &mut Vec<Change>) -> Result<()> {
        self.watermark = watermark;
        while let Some(entry) = self.windows.first_entry()
            && entry.key().0 - 1 <= watermark
        {
            for (_, rows) in entry.remove() {
                let rows = rows.into_iter().take(self.ranking.limit).enumerate();
                out.extend(rows.map(|(at, row)| Change::insert(self.ranking.out(row, at))));
            }
        }
        Ok(())
    }
}

/// The first row of a key in event time waits for the watermark; the last one replaces what was.
pub struct Deduplicate {
    pub keys: Vec<Expr>,
    pub time: usize,
    pub last: bool,
    pub watermark: i64,
    pub rows: BTreeMap<Row, (i64, Row, bool)>,
}

impl Operator for Deduplicate {
    fn row(&mut self, change: Change, out: &mut Vec<Change>, counts: &mut Counts) -> Result<()> {
        let ts = rowtime(&change.row, self.time)?;
        let key = values(&self.keys, &change.row)?;
        let mut row = change.row;
        row.push(Value::Int(1));
        if self.last {
            match self.rows.get(&key) {
                Some((old, ..)) if ts < *old => {}
                Some((_, old, _)) => {
                    out.push(Change {
                        kind: Kind::UpdateBefore,
                        row: old.clone(),
                    });
                    out.push(Change {
                        kind: Kind::UpdateAfter,
                        row: row.clone(),
                    });
                    self.rows.insert(key, (ts, row, true));
                }
                None => {
                    out.push(Change::insert(row.clone()));
                    self.rows.insert(key, (ts, row, true));
                }
            }
            return Ok(());
        }
        if ts <= self.watermark {
            counts.late += 1;
            return Ok(());
        }
        if self.rows.get(&key).is_none_or(|(old, _, said)| !said && ts < *old) {
            self.rows.insert(key, (ts, row, false));
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: i64, out: &mut Vec<Change>) -> Result<()> {
        self.watermark = watermark;
        if self.last {
            return Ok(());
        }
        let mut due: Vec<&mut (i64, Row, bool)> = self.rows.values_mut().filter(|(ts, _, said)| !said && *ts <= watermark).collect();
        due.sort_by_key(|(ts, ..)| *ts);
        for (_, row, said) in due {
            *said = true;
            out.push(Change::insert(row.clone()));
        }
        Ok(())
    }
}
