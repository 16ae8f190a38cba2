use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Check;

/// A lab as `lab.json` holds it. An unknown member is an error, so that a misspelt check is not a check that never fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// The name of its folder, and of its address `#/labs/<id>`.
    pub id: String,
    pub title: String,
    /// One sentence for the list of labs.
    pub summary: String,
    /// How long it takes a person who has not done it before.
    pub minutes: u32,
    pub steps: Vec<Step>,
    /// Markdown file in the lab's folder, shown when every step is done.
    #[serde(default)]
    pub closing: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Unique in the lab.
    pub id: String,
    pub title: String,
    /// Markdown file in the lab's folder.
    pub text: String,
    /// The screen the step is done on, as an address (`#/storage`).
    #[serde(default)]
    pub screen: Option<String>,
    #[serde(default)]
    pub actions: Vec<Action>,
    /// The step is done when all of them are met; a step without objectives is never done.
    pub objectives: Vec<Objective>,
    pub hints: Hints,
}

/// Help of the page's that a step offers as a button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Uploads the generated sample under `prefix`, into the bucket that the lab works in.
    PutSample { file: String, rows: u64, seed: u64, prefix: String },
    /// Hands the same file to the learner.
    DownloadSample { file: String, rows: u64, seed: u64 },
}

/// One thing that the account must show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Unique in the step.
    pub id: String,
    pub text: String,
    pub check: Check,
}

/// Three levels of help, in Markdown: where to look, the idea behind it, exactly what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hints {
    pub point: String,
    pub concept: String,
    #[serde(rename = "do")]
    pub steps: String,
}
