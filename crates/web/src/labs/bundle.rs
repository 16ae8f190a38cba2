//! The labs that the page was built with.

use serde::Deserialize;
use serde_json::{Value, json};
use sluice_core::account::Call;
use sluice_core::lab::Lab;

/// A lab and its texts as HTML, rendered when the page was built.
#[derive(Clone, Debug, Deserialize)]
pub struct BundledLab {
    pub lab: Lab,
    /// By step, in the lab's order.
    pub steps: Vec<StepText>,
    pub closing: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct StepText {
    pub text: String,
    pub point: String,
    pub concept: String,
    #[serde(rename = "do")]
    pub exactly: String,
}

/// Every lab, by folder name.
pub fn bundled() -> Vec<BundledLab> {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/labs.json"))).unwrap_or_else(|error| {
        leptos::logging::error!("the bundled labs could not be read: {error}");
        Vec::new()
    })
}

pub fn find(id: &str) -> Option<BundledLab> {
    bundled().into_iter().find(|bundled| bundled.lab.id == id)
}

/// The call that evaluates a lab against the account as it stands.
pub fn evaluation(lab: &Lab) -> Call {
    Call::new("sluice", "EvaluateLab", json!({ "Lab": lab }))
}

/// What an evaluation says of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StepState {
    pub id: String,
    pub done: bool,
    pub evidence: String,
    pub objectives: Vec<ObjectiveState>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ObjectiveState {
    pub id: String,
    pub done: bool,
    pub evidence: String,
}

/// The steps of an `EvaluateLab` response.
pub fn states(response: &Value) -> Vec<StepState> {
    let steps = response.get("Steps").cloned().unwrap_or_default();
    serde_json::from_value(steps).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_lab_has_a_text_for_each_step() {
        let labs = bundled();
        assert!(!labs.is_empty());
        for bundled in labs {
            assert_eq!(bundled.lab.steps.len(), bundled.steps.len());
            for step in &bundled.steps {
                for text in [&step.text, &step.point, &step.concept, &step.exactly] {
                    assert!(text.starts_with("<p>"), "{text}");
                }
            }
        }
    }
}
