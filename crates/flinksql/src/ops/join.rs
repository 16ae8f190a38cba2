//! Joins of two inputs: interval (`TimeIntervalJoin`), window (`WindowJoinOperator`), temporal (`TemporalRowTimeJoinOperator`) and without bound
//! (`StreamingJoinOperator`, inner alone).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::window::rowtime;
use super::{Change, Counts, values};
use crate::error::Result;
use crate::expr::Expr;
use crate::value::{Row, Value};

/// Columns of both sides that are equal, and what else must hold of a pair (left row, then right row).
pub struct On {
    pub keys: [Vec<Expr>; 2],
    pub rest: Option<Expr>,
    pub left_outer: bool,
    pub right_width: usize,
}

impl On {
    /// A row's key; `None` where a part of it is NULL, which equals nothing.
    fn key(&self, side: usize, row: &Row) -> Result<Option<Row>> {
        let key = values(self.keys.get(side).map_or(&[], Vec::as_slice), row)?;
        Ok((!key.iter().any(Value::is_null)).then_some(key))
    }

    fn pair(&self, left: &Row, right: &Row) -> Result<Option<Row>> {
        let row: Row = left.iter().chain(right).cloned().collect();
        Ok(match &self.rest {
            Some(rest) if !rest.holds(&row)? => None,
            _ => Some(row),
        })
    }

    fn padded(&self, left: &Row) -> Row {
        left.iter().cloned().chain((0..self.right_width).map(|_| Value::Null)).collect()
    }
}

/// An operator of two inputs: 0 is left, 1 right.
pub trait Join {
    fn row(&mut self, side: usize, change: Change, out: &mut Vec<Change>, counts: &mut Counts) -> Result<()>;

    /// The lesser of both watermarks rose.
    fn watermark(&mut self, _watermark: i64, _out: &mut Vec<Change>) -> Result<()> {
        Ok(())
    }
}

pub struct UnionAll;

impl Join for UnionAll {
    fn row(&mut self, _: usize, change: Change, out: &mut Vec<Change>, _: &mut Counts) -> Result<()> {
        out.push(change);
        Ok(())
    }
}

/// Rows of one side by key, with their times.
type Cache = BTreeMap<Row, Vec<(i64, Row)>>;

pub struct IntervalJoin {
    pub on: On,
    pub times: [usize; 2],
    /// left time − right time is within, milliseconds, both ends included.
    pub lower: i64,
    pub upper: i64,
    /// 0 before there is one, as `RowTimeIntervalJoin` starts.
    pub watermark: i64,
    pub caches: [Cache; 2],
}

impl Join for IntervalJoin {
    fn row(&mut self, side: usize, change: Change, out: &mut Vec<Change>, _: &mut Counts) -> Result<()> {
        let ts = rowtime(&change.row, if side == 0 { self.times[0] } else { self.times[1] })?;
        let Some(key) = self.on.key(side, &change.row)? else { return Ok(()) };
        let (low, high) = if side == 0 {
            (ts - self.upper, ts - self.lower)
        } else {
            (ts + self.lower, ts + self.upper)
        };
        let [left, right] = &mut self.caches;
        let (own, others) = if side == 0 { (left, right) } else { (right, left) };
        for (_, other) in others.get(&key).into_iter().flatten().filter(|(at, _)| (low..=high).contains(at)) {
            let pair = if side == 0 {
                self.on.pair(&change.row, other)?
            } else {
                self.on.pair(other, &change.row)?
            };
            out.extend(pair.map(Change::insert));
        }
        // A late row still meets what is kept; it is kept itself where a partner may come.
        if self.watermark < high {
            own.entry(key).or_default().push((ts, change.row));
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: i64, _: &mut Vec<Change>) -> Result<()> {
        self.watermark = watermark.max(0);
        for (side, cache) in self.caches.iter_mut().enumerate() {
            let reach = if side == 0 { -self.lower } else { self.upper };
            for rows in cache.values_mut() {
                rows.retain(|(ts, _)| ts.saturating_add(reach) >= watermark);
            }
            cache.retain(|_, rows| !rows.is_empty());
        }
        Ok(())
    }
}

#[derive(Default)]
pub struct Sides {
    rows: [Vec<Row>; 2],
}

pub struct WindowJoin {
    pub on: On,
    /// window_start and window_end of each side.
    pub columns: [(usize, usize); 2],
    pub watermark: i64,
    pub windows: BTreeMap<(i64, i64), Sides>,
}

impl Join for WindowJoin {
    fn row(&mut self, side: usize, change: Change, _: &mut Vec<Change>, counts: &mut Counts) -> Result<()> {
        let (start, end) = if side == 0 { self.columns[0] } else { self.columns[1] };
        let window = (rowtime(&change.row, end)?, rowtime(&change.row, start)?);
        if window.0 - 1 <= self.watermark {
            counts.late += 1;
            return Ok(());
        }
        let sides = self.windows.entry(window).or_default();
        if side == 0 { &mut sides.rows[0] } else { &mut sides.rows[1] }.push(change.row);
        Ok(())
    }

    fn watermark(&mut self, watermark: i64, out: &mut Vec<Change>) -> Result<()> {
        self.watermark = watermark;
        while let Some(entry) = self.windows.first_entry()
            && entry.key().0 - 1 <= watermark
        {
            let [left, right] = entry.remove().rows;
            let mut by_key = BTreeMap::<Row, Vec<&Row>>::new();
            for row in &right {
                if let Some(key) = self.on.key(1, row)? {
                    by_key.entry(key).or_default().push(row);
                }
            }
            for row in &left {
                let before = out.len();
                if let Some(others) = self.on.key(0, row)?.and_then(|key| by_key.get(&key)) {
                    for other in others {
                        out.extend(self.on.pair(row, other)?.map(Change::insert));
                    }
                }
                if out.len() == before && self.on.left_outer {
                    out.push(Change::insert(self.on.padded(row)));
                }
            }
        }
        Ok(())
    }
}

pub struct TemporalJoin {
    pub on: On,
    pub times: [usize; 2],
    pub waiting: Vec<(i64, Row)>,
    /// By key, then by the time at which a version began; `None`: the key was deleted then.
    pub versions: BTreeMap<Row, BTreeMap<i64, Option<Row>>>,
}

impl Join for TemporalJoin {
    fn row(&mut self, side: usize, change: Change, _: &mut Vec<Change>, _: &mut Counts) -> Result<()> {
        if side == 0 {
            self.waiting.push((rowtime(&change.row, self.times[0])?, change.row));
            return Ok(());
        }
        let ts = rowtime(&change.row, self.times[1])?;
        if let Some(key) = self.on.key(1, &change.row)? {
            let row = change.kind.adds().then_some(change.row);
            self.versions.entry(key).or_default().insert(ts, row);
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: i64, out: &mut Vec<Change>) -> Result<()> {
        let (due, waiting) = core::mem::take(&mut self.waiting).into_iter().partition(|(ts, _)| *ts <= watermark);
        self.waiting = waiting;
        let due: Vec<(i64, Row)> = due;
        for (ts, row) in due {
            let versions = self.on.key(0, &row)?.and_then(|key| self.versions.get(&key));
            let version = versions.and_then(|versions| versions.range(..=ts).next_back()?.1.as_ref());
            let pair = version.map(|version| self.on.pair(&row, version)).transpose()?.flatten();
            match pair {
                Some(pair) => out.push(Change::insert(pair)),
                None if self.on.left_outer => out.push(Change::insert(self.on.padded(&row))),
                None => {}
            }
        }
        // The newest version at the watermark stays, older ones nobody can ask for.
        for versions in self.versions.values_mut() {
            if let Some(newest) = versions.range(..=watermark).next_back().map(|(ts, _)| *ts) {
                *versions = versions.split_off(&newest);
            }
        }
        Ok(())
    }
}

/// Keeps all rows of both sides for ever, as Flink does without `table.exec.state.ttl`.
pub struct RegularJoin {
    pub on: On,
    pub rows: [BTreeMap<Row, Vec<Row>>; 2],
}

impl Join for RegularJoin {
    fn row(&mut self, side: usize, change: Change, out: &mut Vec<Change>, _: &mut Counts) -> Result<()> {
        let Some(key) = self.on.key(side, &change.row)? else { return Ok(()) };
        let [left, right] = &mut self.rows;
        let (own, others) = if side == 0 { (left, right) } else { (right, left) };
        for other in others.get(&key).into_iter().flatten() {
            let pair = if side == 0 {
                self.on.pair(&change.row, other)?
            } else {
                self.on.pair(other, &change.row)?
            };
            out.extend(pair.map(|row| Change { kind: change.kind, row }));
        }
        let own = own.entry(key).or_default();
        if change.kind.adds() {
            own.push(change.row);
        } else if let Some(at) = own.iter().position(|row| *row == change.row) {
            own.remove(at);
        }
        Ok(())
    }
}
