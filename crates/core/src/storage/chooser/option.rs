use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Queue, Workload};
use crate::storage::ebs::Volume;
use crate::storage::money::Picos;
use crate::storage::price::{PriceList, as_float};

/// One thing that an option must be able to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// A word for the page: `Interface`, `Sharing`, `Zones`, `Size`, `ReadRate`, `WriteRate`, `Iops`, `Throughput`, `ClientThroughput`, `Latency`, `Budget`.
    pub name: &'static str,
    pub needed: f64,
    pub available: f64,
    pub unit: &'static str,
    /// Whether use over capacity is a load that queues; the others only hold or don't.
    pub load: bool,
    pub holds: bool,
    pub text: String,
}

/// A line of an option's cost in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct CostLine {
    pub key: String,
    pub text: String,
    /// Units of the price.
    pub quantity: f64,
    pub unit: String,
    pub price: Picos,
    pub per: u64,
    pub amount: Picos,
    pub confidence: Option<String>,
}

/// One way to store the data of a workload.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageOption {
    pub name: String,
    pub title: String,
    /// `S3`, `EFS` or `EBS`.
    pub service: &'static str,
    pub limits: Vec<Limit>,
    /// Seconds of a read and of a write without load.
    pub read_base: f64,
    pub write_base: f64,
    pub lines: Vec<CostLine>,
    pub volume: Option<Volume>,
    pub notes: Vec<String>,
    /// `K` where a limit is unconfirmed.
    pub confidence: Option<String>,
}

impl StorageOption {
    pub fn new(service: &'static str, name: &str, title: &str) -> StorageOption {
        StorageOption {
            name: name.to_string(),
            title: title.to_string(),
            service,
            limits: Vec::new(),
            read_base: 0.0,
            write_base: 0.0,
            lines: Vec::new(),
            volume: None,
            notes: Vec::new(),
            confidence: None,
        }
    }

    /// A rate with a capacity.
    pub fn load(&mut self, name: &'static str, needed: f64, available: f64, unit: &'static str) {
        self.limits.push(Limit {
            name,
            needed,
            available,
            unit,
            load: true,
            holds: needed <= available,
            text: format!("{} {unit} of {}", shown(needed), shown(available)),
        });
    }

    /// A count that must not be more than it may be.
    pub fn most(&mut self, name: &'static str, needed: f64, available: f64, unit: &'static str, text: impl Into<String>) {
        self.limits.push(Limit {
            name,
            needed,
            available,
            unit,
            load: false,
            holds: needed <= available,
            text: text.into(),
        });
    }

    /// A property that it has or has not.
    pub fn must(&mut self, name: &'static str, holds: bool, text: impl Into<String>) {
        self.most(name, 1.0, if holds { 1.0 } else { 0.0 }, "", text);
    }

    /// Adds `quantity / scale` units at a price, a line a step. A thing that the list doesn't sell is noted.
    pub fn charge(&mut self, prices: &PriceList, key: &str, text: &str, quantity: u128, scale: u128) {
        let Some(price) = prices.price(key) else {
            self.notes.push(format!("{text}: the price list has no price."));
            return;
        };
        for charge in price.charges(0, quantity, scale) {
            self.lines.push(CostLine {
                key: key.to_string(),
                text: text.to_string(),
                quantity: as_float(charge.quantity, scale),
                unit: price.unit.clone(),
                price: charge.price,
                per: price.per,
                amount: charge.amount,
                confidence: price.confidence.clone(),
            });
        }
    }

    /// Judges latency and budget, which follow from the rest. Call it last.
    pub fn finish(mut self, workload: &Workload) -> StorageOption {
        if let Some(target) = workload.latency_ms {
            let found = self.latencies(1.0).map(|(read, write)| {
                let slowest = if workload.reads > 0.0 { read } else { 0.0 };
                1_000.0 * if workload.writes > 0.0 { slowest.max(write) } else { slowest }
            });
            let text = match found {
                Some(found) => format!("{} ms on average, {} ms allowed", shown(found), shown(target)),
                None => format!("saturated, {} ms allowed", shown(target)),
            };
            self.most("Latency", found.unwrap_or(f64::INFINITY), target, "ms", text);
        }
        if let Some(budget) = workload.budget {
            let cost = self.cost();
            let text = format!("{} of {} dollars a month", shown(cost.dollars()), shown(budget.dollars()));
            self.most("Budget", cost.dollars(), budget.dollars(), "USD", text);
            if let Some(limit) = self.limits.last_mut() {
                limit.holds = cost <= budget;
            }
        }
        self
    }

    pub fn cost(&self) -> Picos {
        self.lines.iter().map(|line| line.amount).sum()
    }

    pub fn feasible(&self) -> bool {
        self.limits.iter().all(|limit| limit.holds)
    }

    /// The limit that decides: the first that does not hold, in the order in which they are looked at.
    pub fn deciding(&self) -> Option<&Limit> {
        self.limits.iter().find(|limit| !limit.holds)
    }

    /// The load that is nearest to its capacity.
    pub fn bottleneck(&self) -> Option<&Limit> {
        let loads = self.limits.iter().filter(|limit| limit.load);
        loads.max_by(|a, b| use_of(a).total_cmp(&use_of(b)))
    }

    /// Use over capacity of the bottleneck.
    pub fn utilisation(&self) -> f64 {
        self.bottleneck().map_or(0.0, use_of)
    }

    /// Seconds of a read and of a write at a multiple of the workload's load; `None` where it is saturated.
    pub fn latencies(&self, load: f64) -> Option<(f64, f64)> {
        let Some(bottleneck) = self.bottleneck() else {
            return Some((self.read_base, self.write_base));
        };
        let utilisation = use_of(bottleneck) * load;
        let base = |base: f64| {
            Queue {
                capacity: bottleneck.available,
                base,
            }
            .latency(utilisation)
        };
        Some((base(self.read_base)?, base(self.write_base)?))
    }
}

fn use_of(limit: &Limit) -> f64 {
    if limit.needed <= 0.0 {
        0.0
    } else if limit.available > 0.0 {
        limit.needed / limit.available
    } else {
        f64::MAX
    }
}

/// A number for a sentence: whole from 100 on, else with two places at most.
pub(super) fn shown(number: f64) -> String {
    if number.abs() >= 100.0 {
        return format!("{}", libm::round(number));
    }
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
