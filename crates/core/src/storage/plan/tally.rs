use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::sim::SimTime;
use crate::storage::cost::{Meter, Month, Usage};
use crate::storage::money::Picos;
use crate::storage::price::{Price, PriceList};

/// A meter over a fixed row of months, for many additions: usage by slot, months by index.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    months: Rc<[Span]>,
    slots: BTreeMap<Usage, usize>,
    rows: Vec<Vec<u128>>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    month: Month,
    start: i64,
    end: i64,
}

/// A part of a span of time that lies in one month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Index of the month.
    pub month: usize,
    pub from: SimTime,
    pub to: SimTime,
    /// Whether the span goes on after the month.
    pub at_month_end: bool,
}

impl Tally {
    pub fn new(start: SimTime, months: u32) -> Tally {
        let mut spans = Vec::new();
        let mut month = Month::of(start);
        for _ in 0..months {
            spans.push(Span {
                month,
                start: month.start().micros(),
                end: month.end().micros(),
            });
            month = month.next();
        }
        Tally {
            months: spans.into(),
            slots: BTreeMap::new(),
            rows: Vec::new(),
        }
    }

    /// The instant after the last month.
    pub fn end(&self) -> SimTime {
        SimTime::from_micros(self.months.last().map_or(0, |span| span.end))
    }

    pub fn len(&self) -> usize {
        self.months.len()
    }

    pub fn months(&self) -> Vec<Month> {
        self.months.iter().map(|span| span.month).collect()
    }

    pub fn slot(&mut self, usage: Usage) -> usize {
        let next = self.rows.len();
        let slot = *self.slots.entry(usage).or_insert(next);
        if slot == next {
            self.rows.push(vec![0; self.months.len()]);
        }
        slot
    }

    pub fn add(&mut self, slot: usize, month: usize, quantity: u128) {
        if let Some(sum) = self.rows.get_mut(slot).and_then(|row| row.get_mut(month)) {
            *sum = sum.saturating_add(quantity);
        }
    }

    /// Index of the month that holds an instant; `None` outside of the run.
    pub fn month_of(&self, at: SimTime) -> Option<usize> {
        let after = self.months.partition_point(|span| span.start <= at.micros());
        let index = after.checked_sub(1)?;
        self.months.get(index).filter(|span| at.micros() < span.end).map(|_| index)
    }

    /// Cuts a span by month.
    pub fn pieces(&self, from: SimTime, to: SimTime) -> impl Iterator<Item = Piece> + use<> {
        let first = self.month_of(from).unwrap_or(self.months.len());
        let months = Rc::clone(&self.months);
        let last = months.partition_point(|span| span.start < to.micros());
        (first..last)
            .filter_map(move |index| months.get(index).map(|span| (index, *span)))
            .map(move |(index, span)| Piece {
                month: index,
                from: SimTime::from_micros(span.start.max(from.micros())),
                to: SimTime::from_micros(span.end.min(to.micros())),
                at_month_end: to.micros() >= span.end,
            })
    }

    /// What each month costs: as a bill would have it, or, without `steps`, all at the first step of each price and without what the list does not sell.
    ///
    /// Transfer out to the internet is left out without `steps`: it is the same whatever the class, and its first step is free.
    pub fn cost(&self, prices: &PriceList, steps: bool) -> Vec<Picos> {
        let mut costs = vec![Picos::ZERO; self.months.len()];
        // Usages with one price share its steps, in the order of a bill.
        let mut keys: Vec<String> = Vec::new();
        let mut sold: Vec<(Usage, &Price, usize, &[u128])> = Vec::new();
        for (usage, slot) in &self.slots {
            let key = usage.price_key();
            let (Some(price), Some(row)) = (prices.price(&key), self.rows.get(*slot)) else {
                continue;
            };
            if (*usage == Usage::TransferOut && !steps) || row.iter().all(|quantity| *quantity == 0) {
                continue;
            }
            let index = keys.iter().position(|held| *held == key).unwrap_or(keys.len());
            if index == keys.len() {
                keys.push(key);
            }
            sold.push((*usage, price, index, row));
        }
        let mut used = vec![0_u128; keys.len()];
        for (index, (span, cost)) in self.months.iter().zip(&mut costs).enumerate() {
            used.fill(0);
            for (usage, price, key, row) in &sold {
                let quantity = row.get(index).copied().unwrap_or(0);
                let Some(before) = used.get_mut(*key).filter(|_| quantity > 0) else {
                    continue;
                };
                let scale = usage.scale(span.month);
                if steps && price.steps.len() > 1 {
                    *cost += price.charges(*before, quantity, scale).iter().map(|charge| charge.amount).sum();
                    *before = before.saturating_add(quantity);
                } else {
                    *cost += price.first_step(quantity, scale);
                }
            }
        }
        costs
    }

    /// Takes out what was added and what it costs at the first step of each price; transfer out is left out.
    pub fn take_first_steps(&mut self, prices: &PriceList) -> Picos {
        let mut cost = Picos::ZERO;
        for (usage, slot) in &self.slots {
            let Some(row) = self.rows.get_mut(*slot).filter(|row| row.iter().any(|quantity| *quantity > 0)) else {
                continue;
            };
            if let Some(price) = prices.price(&usage.price_key()).filter(|_| *usage != Usage::TransferOut) {
                let months = self.months.iter().zip(row.iter()).filter(|(_, quantity)| **quantity > 0);
                cost += months.map(|(span, quantity)| price.first_step(*quantity, usage.scale(span.month))).sum();
            }
            row.fill(0);
        }
        cost
    }

    pub fn into_meter(self) -> Meter {
        let mut meter = Meter::default();
        for (usage, slot) in &self.slots {
            for (span, quantity) in self.months.iter().zip(self.rows.get(*slot).into_iter().flatten()) {
                meter.add(span.month, *usage, *quantity);
            }
        }
        meter
    }
}
