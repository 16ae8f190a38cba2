//! Windowing table functions and the aggregates over them (`WindowTableFunctionOperator`, `SlicingWindowOperator`, `UnslicingWindowOperator`).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use sluice_core::event_time::EventTime;
use sluice_core::event_time::window::window_start;

use super::group::{Aggregate, Group};
use super::{Change, Counts, Operator, values};
use crate::error::{Error, Result};
use crate::expr::Expr;
use crate::value::{Row, Value};

/// Milliseconds, all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigner {
    Tumble { size: i64, offset: i64 },
    Hop { slide: i64, size: i64, offset: i64 },
    Cumulate { step: i64, size: i64, offset: i64 },
    Session { gap: i64 },
}

impl Assigner {
    /// The windows of a row, by their end. A session is not merged yet.
    pub fn windows(self, ts: i64) -> Vec<(i64, i64)> {
        let mut windows = Vec::new();
        match self {
            Assigner::Tumble { size, offset } => {
                let start = window_start(EventTime(ts), offset, size).0;
                windows.push((start, start + size));
            }
            Assigner::Hop { slide, size, offset } => {
                let mut start = window_start(EventTime(ts), offset, slide).0;
                while start > ts - size {
                    windows.push((start, start + size));
                    start -= slide;
                }
                windows.reverse();
            }
            Assigner::Cumulate { step, size, offset } => {
                let start = window_start(EventTime(ts), offset, size).0;
                let mut end = start + step;
                while end <= start + size {
                    if end > ts {
                        windows.push((start, end));
                    }
                    end += step;
                }
            }
            Assigner::Session { gap } => windows.push((ts, ts + gap)),
        }
        windows
    }
}

pub fn rowtime(row: &Row, at: usize) -> Result<i64> {
    let ts = row.get(at).and_then(Value::time);
    let ts = ts.ok_or_else(|| Error::run("RowTime field should not be null, please convert it to a non-null long value."))?;
    // A computed time may be anything; windows reckon with what has an interval's room to both ends.
    if ts.unsigned_abs() > 1 << 60 {
        return Err(Error::run(format!("The time {ts} is out of range")));
    }
    Ok(ts)
}

/// Adds window_start, window_end and window_time to each row, once for each of its windows.
pub struct Assign {
    pub assigner: Assigner,
    pub time: usize,
}

impl Operator for Assign {
    fn row(&mut self, change: Change, out: &mut Vec<Change>, _: &mut Counts) -> Result<()> {
        for (start, end) in self.assigner.windows(rowtime(&change.row, self.time)?) {
            let mut row = change.row.clone();
            row.extend([Value::Time(start), Value::Time(end), Value::Time(end - 1)]);
            out.push(Change { kind: change.kind, row });
        }
        Ok(())
    }
}

/// Windows fire in order of their ends, then starts; keys of a window in the order in which they came.
pub struct WindowAgg {
    pub assigner: Assigner,
    pub time: usize,
    pub keys: Vec<Expr>,
    pub aggregates: Vec<Aggregate>,
    pub watermark: i64,
    /// By (end, start): keys with their groups.
    pub windows: BTreeMap<(i64, i64), Vec<(Row, Group)>>,
    /// The rows of sessions, which merge.
    pub sessions: BTreeMap<Row, Vec<Session>>,
}

pub struct Session {
    start: i64,
    end: i64,
    rows: Vec<Change>,
}

impl WindowAgg {
    pub fn new(assigner: Assigner, time: usize, keys: Vec<Expr>, aggregates: Vec<Aggregate>) -> WindowAgg {
        WindowAgg {
            assigner,
            time,
            keys,
            aggregates,
            watermark: i64::MIN,
            windows: BTreeMap::new(),
            sessions: BTreeMap::new(),
        }
    }

    fn session(&mut self, key: Row, start: i64, end: i64, change: Change, counts: &mut Counts) {
        let sessions = self.sessions.entry(key).or_default();
        let (mut merged, mut apart) = (Session { start, end, rows: Vec::new() }, Vec::new());
        for session in core::mem::take(sessions) {
            // Sessions that touch are one.
            if session.start <= end && session.end >= start {
                merged.start = merged.start.min(session.start);
                merged.end = merged.end.max(session.end);
                merged.rows.extend(session.rows);
            } else {
                apart.push(session);
            }
        }
        // Judged after merging.
        if merged.end - 1 <= self.watermark {
            counts.late += 1;
        } else {
            merged.rows.push(change);
            apart.push(merged);
        }
        *sessions = apart;
    }
}

impl Operator for WindowAgg {
    fn row(&mut self, change: Change, _: &mut Vec<Change>, counts: &mut Counts) -> Result<()> {
        let ts = rowtime(&change.row, self.time)?;
        let key = values(&self.keys, &change.row)?;
        let mut late = true;
        for (start, end) in self.assigner.windows(ts) {
            if let Assigner::Session { .. } = self.assigner {
                self.session(key, start, end, change, counts);
                return Ok(());
            }
            if end - 1 <= self.watermark {
                continue;
            }
            late = false;
            let groups = self.windows.entry((end, start)).or_default();
            let at = match groups.iter().position(|(of, _)| *of == key) {
                Some(at) => at,
                None => {
                    groups.push((key.clone(), Group::new(&self.aggregates)));
                    groups.len() - 1
                }
            };
            if let Some((_, group)) = groups.get_mut(at) {
                group.take(&self.aggregates, &change)?;
            }
        }
        counts.late += u64::from(late);
        Ok(())
    }

    fn watermark(&mut self, watermark: i64, out: &mut Vec<Change>) -> Result<()> {
        self.watermark = watermark;
        for (key, sessions) in &mut self.sessions {
            let (due, open) = core::mem::take(sessions).into_iter().partition(|session| session.end - 1 <= watermark);
            *sessions = open;
            let due: Vec<Session> = due;
            for session in due {
                let mut group = Group::new(&self.aggregates);
                for change in &session.rows {
                    group.take(&self.aggregates, change)?;
                }
                self.windows.entry((session.end, session.start)).or_default().push((key.clone(), group));
            }
        }
        self.sessions.retain(|_, sessions| !sessions.is_empty());
        while let Some(entry) = self.windows.first_entry() {
            let (end, start) = *entry.key();
            if end - 1 > watermark {
                break;
            }
            for (key, group) in entry.remove() {
                if group.rows == 0 {
                    continue;
                }
                let mut row = key;
                row.extend([Value::Time(start), Value::Time(end), Value::Time(end - 1)]);
                row.extend(group.values(&self.aggregates));
                out.push(Change::insert(row));
            }
        }
        Ok(())
    }
}
