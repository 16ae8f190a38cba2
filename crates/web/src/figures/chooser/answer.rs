//! The answer of `sluice:ChooseStorage` as the figure reads it.

use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    pub fidelity: String,
    pub model: String,
    pub sources: Vec<Source>,
    pub price_list: String,
    pub options: Vec<Way>,
    #[serde(default)]
    pub cheapest: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Source {
    pub service: String,
    pub as_of: String,
}

/// One way to store the data.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Way {
    pub name: String,
    pub title: String,
    pub service: String,
    pub feasible: bool,
    #[serde(default)]
    pub deciding: Option<Limit>,
    pub limits: Vec<Limit>,
    /// Use over capacity of the load that is nearest to its own. `None`: more than can be said.
    pub utilisation: Option<f64>,
    #[serde(default)]
    pub read_latency_ms: Option<f64>,
    #[serde(default)]
    pub write_latency_ms: Option<f64>,
    #[serde(default)]
    pub saturation: Option<Saturation>,
    pub curve: Vec<Point>,
    pub cost: String,
    pub lines: Vec<Line>,
    pub notes: Vec<String>,
    #[serde(default)]
    pub confidence: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Limit {
    pub name: String,
    pub holds: bool,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Saturation {
    pub operations_per_second: f64,
    pub limit: String,
}

/// A point of the queueing curve, which ends short of saturation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Point {
    pub operations_per_second: f64,
    pub utilisation: f64,
    pub read_latency_ms: f64,
    pub write_latency_ms: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Line {
    pub text: String,
    pub amount: String,
    #[serde(default)]
    pub confidence: Option<String>,
}

impl Way {
    /// Whether anything of it rests on a fact that nobody confirmed.
    pub fn is_unconfirmed(&self) -> bool {
        self.confidence.is_some() || self.lines.iter().any(|line| line.confidence.is_some())
    }

    /// Whether it can, in two words.
    pub fn verdict(&self) -> &'static str {
        match (self.feasible, self.utilisation) {
            (false, _) => "cannot",
            (true, Some(share)) if share > 0.8 => "near its limit",
            (true, _) => "can",
        }
    }
}

impl Answer {
    /// The way of a name, else the cheapest that can, else the first.
    pub fn way(&self, name: &str) -> Option<&Way> {
        let find = |name: &str| self.options.iter().find(|way| way.name == name);
        find(name).or_else(|| find(self.cheapest.as_deref()?)).or_else(|| self.options.first())
    }
}
