use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{Meter, Month, Usage};
use crate::storage::money::Picos;
use crate::storage::price::{PriceList, as_float};

/// One line of a bill: a quantity of one thing in one month at one price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub month: Month,
    pub usage: Usage,
    /// `quantity / scale` units.
    pub quantity: u128,
    pub scale: u128,
    pub unit: String,
    /// For `per` units.
    pub price: Picos,
    pub per: u64,
    /// Units of the month from which this price holds, where a price has steps.
    pub from_units: u64,
    pub up_to_units: Option<u64>,
    /// Rounded to the nearest pico-dollar.
    pub amount: Picos,
    /// `K` where the price is not confirmed.
    pub confidence: Option<String>,
}

/// What a meter's usage costs. The total is the sum of the lines, to the pico-dollar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    pub price_list: String,
    pub as_of: String,
    pub currency: String,
    /// By month, then by usage, then by step.
    pub lines: Vec<Line>,
    /// Usage that the list has no price for; it is in no line.
    pub unpriced: Vec<(Month, Usage)>,
}

impl Bill {
    pub fn of(meter: &Meter, prices: &PriceList) -> Bill {
        let mut bill = Bill {
            price_list: prices.id.clone(),
            as_of: prices.as_of.clone(),
            currency: prices.currency.clone(),
            lines: Vec::new(),
            unpriced: Vec::new(),
        };
        let mut current = None;
        // What the month has had under a price, since the steps go by month.
        let mut used: BTreeMap<String, u128> = BTreeMap::new();
        for (month, usage, quantity) in meter.iter() {
            if current != Some(month) {
                current = Some(month);
                used.clear();
            }
            let key = usage.price_key();
            let Some(price) = prices.price(&key) else {
                bill.unpriced.push((month, usage));
                continue;
            };
            let scale = usage.scale(month);
            let before = used.entry(key).or_default();
            for charge in price.charges(*before, quantity, scale) {
                let previous = charge.step.checked_sub(1).and_then(|step| price.steps.get(step));
                bill.lines.push(Line {
                    month,
                    usage,
                    quantity: charge.quantity,
                    scale,
                    unit: price.unit.clone(),
                    price: charge.price,
                    per: price.per,
                    from_units: previous.and_then(|step| step.up_to).unwrap_or(0),
                    up_to_units: price.steps.get(charge.step).and_then(|step| step.up_to),
                    amount: charge.amount,
                    confidence: price.confidence.clone(),
                });
            }
            *before = before.saturating_add(quantity);
        }
        bill
    }

    pub fn total(&self) -> Picos {
        self.lines.iter().map(|line| line.amount).sum()
    }

    pub fn by_month(&self) -> BTreeMap<Month, Picos> {
        let mut months = BTreeMap::new();
        for line in &self.lines {
            *months.entry(line.month).or_insert(Picos::ZERO) += line.amount;
        }
        months
    }

    /// The amounts of one usage, over all months.
    pub fn of_usage(&self, usage: Usage) -> Picos {
        self.lines.iter().filter(|line| line.usage == usage).map(|line| line.amount).sum()
    }

    /// `{PriceList, AsOf, Currency, Total, Months: [{Month, Total}], Lines: [{Month, Service, Usage, UsageType, Group, StorageClass?, Description, Quantity, Unit,
    /// UnitPrice, Per, From?, UpTo?, Amount, Confidence?}], Unpriced?: [{Month, Usage}]}`. Amounts and prices are decimal text, exact; quantities are the nearest float.
    pub fn to_json(&self) -> Value {
        let months: Vec<Value> = self.by_month().iter().map(|(month, total)| json!({"Month": month, "Total": total})).collect();
        let mut answer = json!({
            "PriceList": self.price_list,
            "AsOf": self.as_of,
            "Currency": self.currency,
            "Total": self.total(),
            "Months": months,
            "Lines": self.lines.iter().map(Line::to_json).collect::<Vec<_>>(),
        });
        if !self.unpriced.is_empty() {
            let unpriced: Vec<Value> = self.unpriced.iter().map(|(month, usage)| json!({"Month": month, "Usage": usage})).collect();
            answer["Unpriced"] = unpriced.into();
        }
        answer
    }
}

impl Line {
    /// Units, as the nearest float.
    pub fn units(&self) -> f64 {
        as_float(self.quantity, self.scale)
    }

    fn to_json(&self) -> Value {
        let mut line = json!({
            "Month": self.month,
            "Service": self.usage.service(),
            "Usage": self.usage,
            "UsageType": self.usage.usage_type(),
            "Group": self.usage.group(),
            "Description": self.description(),
            "Quantity": self.units(),
            "Unit": self.unit,
            "UnitPrice": self.price,
            "Per": self.per,
            "Amount": self.amount,
        });
        if let Some(class) = self.usage.class() {
            line["StorageClass"] = json!(class);
        }
        if self.from_units > 0 {
            line["From"] = self.from_units.into();
        }
        if let Some(bound) = self.up_to_units {
            line["UpTo"] = bound.into();
        }
        if let Some(mark) = &self.confidence {
            line["Confidence"] = mark.as_str().into();
        }
        line
    }

    fn description(&self) -> String {
        let what = self.usage.description();
        match (self.from_units, self.up_to_units) {
            (0, None) => what,
            (0, Some(bound)) => format!("{what}, first {bound} {}", self.unit),
            (from, Some(bound)) => format!("{what}, {from} to {bound} {}", self.unit),
            (from, None) => format!("{what}, over {from} {}", self.unit),
        }
        .to_string()
    }
}
