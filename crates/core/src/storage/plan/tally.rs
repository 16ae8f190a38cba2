use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::sim::SimTime;
use crate::storage::cost::{Meter, Month, Usage};
use crate::storage::money::Picos;
use crate::storage::price::PriceList;

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

    /// Forgets what was added.
    pub fn clear(&mut self) {
        for row in &mut self.rows {
            row.fill(0);
        }
    }

    /// What each month costs: as a bill would have it, or, without `steps`, all at the first step of each price and without what the list does not sell.
    ///
    /// Transfer out to the internet is left out without `steps`: it is the same whatever the class, and its first step is free.
    pub fn cost(&self, prices: &PriceList, steps: bool) -> Vec<Picos> {
        let mut costs = vec![Picos::ZERO; self.months.len()];
        let keys: Vec<(Usage, usize, String)> = self.slots.iter().map(|(usage, slot)| (*usage, *slot, usage.price_key())).collect();
        let mut used: Vec<(&str, u128)> = Vec::new();
        for (index, (span, cost)) in self.months.iter().zip(&mut costs).enumerate() {
            used.clear();
            for (usage, slot, key) in &keys {
                let quantity = self.rows.get(*slot).and_then(|row| row.get(index)).copied().unwrap_or(0);
                let Some(price) = prices.price(key).filter(|_| quantity > 0) else { continue };
                let scale = usage.scale(span.month);
                if !steps {
                    if *usage != Usage::TransferOut {
                        *cost += price.first_step(quantity, scale);
                    }
                    continue;
                }
                let before = used.iter().filter(|(of, _)| of == key).map(|(_, quantity)| quantity).sum();
                *cost += price.charges(before, quantity, scale).iter().map(|charge| charge.amount).sum();
                used.push((key, quantity));
            }
        }
        costs
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
