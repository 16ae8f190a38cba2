//! `sluice:CompareBatchAndStream`'s answer. Times in seconds since the start.

use serde::Deserialize;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Answer {
    pub seconds: f64,
    pub records: f64,
    pub batch: Way,
    pub stream: Way,
    pub price_list: PriceList,
    pub fidelity: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PriceList {
    pub title: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Way {
    pub p50_seconds: Option<f64>,
    pub p95_seconds: Option<f64>,
    pub max_seconds: Option<f64>,
    pub not_yet: f64,
    pub windows: f64,
    pub missed: f64,
    pub missed_at: Vec<f64>,
    pub most_waiting: f64,
    /// Time, records arrived, records usable.
    pub curve: Vec<(f64, f64, f64)>,
    pub cost: Cost,
    pub runs: Vec<Run>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Run {
    pub at: f64,
    pub end: f64,
    pub failed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Cost {
    pub total: String,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Line {
    pub text: String,
    pub quantity: f64,
    pub unit: String,
    pub amount: String,
    pub confidence: Option<String>,
}
