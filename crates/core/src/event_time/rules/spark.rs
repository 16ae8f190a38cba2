//! Windowed aggregation of Spark Structured Streaming in micro-batches.
//!
//! Source: Spark's guide "Structured Streaming: handling late data and watermarking", and what Spark 4.3 answers (`tests/cases/spark-streaming.json`): its guide says that
//! state is kept until `max − delay > T`, and it is evicted at `>=`.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::event_time::EventTime;
use crate::event_time::window::{Aggregate, Assigner, Element, TimeWindow};

/// `outputMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A window comes out once, when it is over.
    Append,
    /// A window comes out with every batch that changed it.
    Update,
}

/// `withWatermark(…).groupBy(window(…), key)`.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Milliseconds.
    pub delay: i64,
    pub assigner: Assigner,
    pub aggregate: Aggregate,
    pub mode: Mode,
    /// `spark.sql.streaming.noDataMicroBatches.enabled`: a batch without data follows one that moved the watermark.
    pub no_data_batches: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Whose it is to whoever put it in.
    pub id: usize,
    pub key: String,
    pub time: EventTime,
    pub value: f64,
}

/// What a micro-batch, and the one without data behind it, answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// In order of windows and keys.
    pub rows: Vec<(TimeWindow, String, Value)>,
    /// By which state was evicted last.
    pub watermark: i64,
    /// Rows that no window took.
    pub dropped: Vec<usize>,
    /// Windows that did not take a row, since the query began: `numRowsDroppedByWatermark`.
    pub dropped_total: u64,
}

/// A query and its state.
#[derive(Clone, Debug)]
pub struct StructuredStreaming {
    query: Query,
    state: BTreeMap<(TimeWindow, String), Vec<Element>>,
    /// Of the batch that runs next.
    watermark: i64,
    /// Of the batch that ran last: rows are late by it.
    last: i64,
    greatest: i64,
    dropped: u64,
}

impl StructuredStreaming {
    pub fn new(query: Query) -> StructuredStreaming {
        StructuredStreaming {
            query,
            state: BTreeMap::new(),
            watermark: 0,
            last: 0,
            greatest: i64::MIN,
            dropped: 0,
        }
    }

    /// Runs a batch. Error: what the assigner does not take.
    pub fn batch(&mut self, rows: &[Row]) -> Result<Batch, String> {
        let late = if self.query.no_data_batches { self.watermark } else { self.last };
        let mut touched: BTreeSet<(TimeWindow, String)> = BTreeSet::new();
        let mut dropped = Vec::new();
        for row in rows {
            self.greatest = self.greatest.max(row.time.0);
            let mut taken = false;
            for window in self.query.assigner.assign(row.time, 0)? {
                if window.end.0 <= late {
                    self.dropped += 1;
                    continue;
                }
                taken = true;
                let place = (window, row.key.clone());
                touched.insert(place.clone());
                self.state.entry(place).or_default().push(Element {
                    ts: row.time,
                    value: row.value,
                    id: 0,
                });
            }
            if !taken {
                dropped.push(row.id);
            }
        }
        let mut out = match self.query.mode {
            Mode::Append => Vec::new(),
            Mode::Update => touched.into_iter().filter_map(|place| self.result(place)).collect(),
        };
        self.evict(&mut out);
        self.last = self.watermark;
        self.watermark = self.watermark.max(self.greatest.saturating_sub(self.query.delay));
        if self.query.no_data_batches && self.watermark > self.last {
            self.evict(&mut out);
            self.last = self.watermark;
        }
        Ok(Batch {
            rows: out,
            watermark: self.last,
            dropped,
            dropped_total: self.dropped,
        })
    }

    fn result(&self, place: (TimeWindow, String)) -> Option<(TimeWindow, String, Value)> {
        let value = self.query.aggregate.of(self.state.get(&place)?)?;
        Some((place.0, place.1, value))
    }

    /// State of windows that are over goes; in append mode that is when they come out.
    fn evict(&mut self, out: &mut Vec<(TimeWindow, String, Value)>) {
        let over: Vec<(TimeWindow, String)> = self.state.keys().filter(|(window, _)| window.end.0 <= self.watermark).cloned().collect();
        for place in over {
            if self.query.mode == Mode::Append {
                out.extend(self.result(place.clone()));
            }
            self.state.remove(&place);
        }
    }
}
