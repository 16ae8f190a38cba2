//! The answers of `sluice:PlanStorage` and `sluice:BestStoragePlan` as the figure reads them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::text::dollars;

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
    /// Objects in each class at the month's end.
    #[serde(default)]
    pub objects: BTreeMap<String, u64>,
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
    /// Reads of an object in a month from which its month costs more there than in STANDARD.
    #[serde(default)]
    pub reads_per_month: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Best {
    pub total: String,
    pub given: String,
    pub without_rules: String,
    pub candidates: u64,
    #[serde(default)]
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

/// Classes in the order in which objects go down them, then what belongs to none.
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
/// Parts in the order in which a bill lists them.
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

/// A band of the chart: its name, and the pattern that is its own whatever else is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    pub name: String,
    pub pattern: usize,
}

/// The bands that the months have, lowest first.
pub fn bands(plan: &Plan, by_part: bool) -> Vec<Band> {
    let sums = if by_part { &plan.by_group } else { &plan.by_class };
    let order = if by_part { PARTS } else { CLASSES };
    let has = |name: &str| sums.get(name).is_some_and(|amount| dollars(amount) != 0.0);
    let bands = order.into_iter().enumerate().filter(|(_, name)| has(name));
    bands
        .map(|(pattern, name)| Band {
            name: name.to_owned(),
            pattern,
        })
        .collect()
}

/// The pattern of a storage class.
pub fn class_pattern(class: &str) -> usize {
    CLASSES.iter().position(|name| *name == class).unwrap_or(CLASSES.len() - 1)
}
