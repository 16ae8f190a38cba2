//! The answers of `sluice:PlanStorage` and `sluice:BestStoragePlan` as the figure reads them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::format::count;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Plan {
    pub fidelity: String,
    pub price_list: String,
    pub as_of: String,
    pub start: String,
    pub end: Option<String>,
    pub total: String,
    pub by_group: BTreeMap<String, String>,
    pub by_class: BTreeMap<String, String>,
    pub months: Vec<Month>,
    pub timelines: Vec<Timeline>,
    #[serde(default)]
    pub break_even: Vec<BreakEven>,
    pub unconfirmed: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Month {
    pub month: String,
    pub total: String,
    pub cost: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Part {
    pub group: String,
    pub amount: String,
    #[serde(default)]
    pub storage_class: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Timeline {
    pub spans: Vec<Span>,
    pub removal: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Span {
    pub from: String,
    pub to: String,
    pub storage_class: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BreakEven {
    pub storage_class: String,
    pub pays_from_day: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Best {
    pub total: String,
    pub given: String,
    pub without_rules: String,
    pub candidates: u64,
    pub lifecycle_configuration: Option<Value>,
    pub sizes: Vec<SizePlan>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SizePlan {
    pub best: Option<Candidate>,
    /// The best of every chain of classes.
    pub chains: Vec<Candidate>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Candidate {
    pub transitions: Vec<Transition>,
    pub cost: String,
    pub above: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Transition {
    pub days: u32,
    pub storage_class: String,
}

impl Candidate {
    pub fn text(&self) -> String {
        if self.transitions.is_empty() {
            return "stay in STANDARD".into();
        }
        let steps: Vec<String> = self
            .transitions
            .iter()
            .map(|step| format!("{} on day {}", step.storage_class, step.days))
            .collect();
        steps.join(", ")
    }
}

/// Dollars of a decimal text, for drawing; nothing is summed from them but heights.
pub fn dollars(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

/// To the cent from a dollar on; below it three significant digits.
pub fn money(text: &str) -> String {
    let value = dollars(text);
    let sign = if value < 0.0 { "−" } else { "" };
    let size = value.abs();
    if size == 0.0 {
        return "$0.00".into();
    }
    let cents = (size * 100.0).round();
    if cents >= 100.0 {
        return format!("{sign}${}.{:02}", count((cents / 100.0) as u64), (cents % 100.0) as u64);
    }
    let places = (2 - size.log10().floor() as i32).clamp(2, 12) as usize;
    format!("{sign}${size:.places$}")
}

impl Month {
    /// Dollars of a band: of a class, or of a part of the bill.
    pub fn band(&self, name: &str, by_part: bool) -> f64 {
        self.cost
            .iter()
            .filter(|part| part.band(by_part) == name)
            .map(|part| dollars(&part.amount))
            .sum()
    }
}

impl Part {
    pub fn band(&self, by_part: bool) -> &str {
        if by_part {
            &self.group
        } else {
            self.storage_class.as_deref().unwrap_or("other")
        }
    }
}

/// The bands that the months have, in the order in which objects go down the classes or a bill lists its parts.
pub fn bands(plan: &Plan, by_part: bool) -> Vec<String> {
    const CLASSES: [&str; 9] = [
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "INTELLIGENT_TIERING",
        "STANDARD_IA",
        "ONEZONE_IA",
        "GLACIER_IR",
        "GLACIER",
        "DEEP_ARCHIVE",
        "other",
    ];
    const PARTS: [&str; 9] = [
        "storage",
        "minimum-size",
        "requests",
        "transition",
        "retrieval",
        "early-delete",
        "monitoring",
        "encryption",
        "transfer",
    ];
    let sums = if by_part { &plan.by_group } else { &plan.by_class };
    let order = if by_part { PARTS } else { CLASSES };
    let has = |name: &&str| sums.get(*name).is_some_and(|amount| dollars(amount) != 0.0);
    order.into_iter().filter(has).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_cents_or_three_digits() {
        assert_eq!(money("1234.567"), "$1,234.57");
        assert_eq!(money("0.996"), "$1.00");
        assert_eq!(money("0.0000012345"), "$0.00000123");
        assert_eq!(money("0.5"), "$0.500");
        assert_eq!(money("-2"), "−$2.00");
        assert_eq!(money("0"), "$0.00");
    }
}
