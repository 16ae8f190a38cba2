//! `sluice:RunEventTime`'s answer. Times are milliseconds.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Milliseconds: a number, or a text outside ±2⁵³ (Flink's least and greatest `long`).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Ms(pub f64);

impl<'de> Deserialize<'de> for Ms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ms, D::Error> {
        let value = Value::deserialize(deserializer)?;
        value
            .as_f64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
            .map(Ms)
            .ok_or_else(|| serde::de::Error::custom("a time must be a number of milliseconds"))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Trace {
    pub events: Vec<EventTrace>,
    pub panes: Vec<Pane>,
    pub firings: Vec<Firing>,
    pub watermarks: Watermarks,
    pub checkpoints: Vec<Checkpoint>,
    pub attempts: Vec<Attempt>,
    pub end_time: Ms,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EventTrace {
    pub id: String,
    pub key: String,
    pub value: f64,
    pub split: usize,
    pub event_time: Ms,
    pub arrival_time: Ms,
    pub reached_at: Option<Ms>,
    pub subtask: Option<usize>,
    pub watermark: Option<Ms>,
    pub behind_watermark: bool,
    pub outcome: String,
    pub windows: Vec<Met>,
    pub firings: Vec<usize>,
}

/// A window that an event met.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Met {
    pub start: Option<Ms>,
    pub end: Option<Ms>,
    pub late: bool,
    pub pane: Option<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Pane {
    pub pane: usize,
    pub key: String,
    pub subtask: usize,
    pub start: Option<Ms>,
    pub end: Option<Ms>,
    pub cleanup_time: Option<Ms>,
    pub created_at: Ms,
    pub events: Vec<String>,
    pub firings: Vec<usize>,
    pub cleared_at: Option<Ms>,
    pub merged_into: Option<usize>,
    pub lost_at: Option<Ms>,
    pub restored_at: Vec<Ms>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Firing {
    pub firing: usize,
    pub pane: usize,
    pub at: Ms,
    pub watermark: Option<Ms>,
    pub kind: String,
    pub value: Value,
    pub events: Vec<String>,
    pub committed_at: Option<Ms>,
    pub discarded_at: Option<Ms>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Watermarks {
    pub splits: Vec<Line>,
    pub sources: Vec<Line>,
    pub subtasks: Vec<Line>,
}

/// A watermark over processing time.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Line {
    /// When, and the watermark from then on; `None` before there is one.
    pub steps: Vec<(Ms, Option<Ms>)>,
    pub idle: Vec<(Ms, Option<Ms>)>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Checkpoint {
    pub id: u64,
    pub triggered_at: Ms,
    pub barriers: Vec<Barrier>,
    pub snapshots: Vec<Snapshot>,
    pub completed_at: Option<Ms>,
    pub aborted_at: Option<Ms>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Barrier {
    pub subtask: usize,
    pub channel: usize,
    pub at: Ms,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Snapshot {
    pub subtask: usize,
    pub at: Ms,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Attempt {
    pub started_at: Ms,
    pub failed_at: Option<Ms>,
    pub restored_checkpoint: Option<u64>,
}

/// What became of an event, as a reader of the plane tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It has not reached the operator.
    Ahead,
    OnTime,
    /// Behind the watermark, and its window had not fired yet.
    Behind,
    /// Its window had fired, and was kept: it fires again.
    Late,
    LateOutput,
    Dropped,
    NoWindow,
}

impl Fate {
    pub fn words(self) -> &'static str {
        match self {
            Fate::Ahead => "has not reached the windows",
            Fate::OnTime => "on time",
            Fate::Behind => "behind the watermark, its window still open",
            Fate::Late => "late, and accepted: its window fires again",
            Fate::LateOutput => "too late: late side output",
            Fate::Dropped => "too late: dropped",
            Fate::NoWindow => "in no window",
        }
    }

    /// The shape and colour of its mark.
    pub fn class(self) -> &'static str {
        match self {
            Fate::Ahead => "ahead",
            Fate::OnTime | Fate::Behind => "on-time",
            Fate::Late => "late",
            Fate::LateOutput | Fate::Dropped | Fate::NoWindow => "gone",
        }
    }
}

impl EventTrace {
    pub fn fate(&self) -> Fate {
        match self.outcome.as_str() {
            "Windowed" => {
                let fired = |met: &Met| !met.late && met.end.is_some_and(|end| self.watermark.is_some_and(|watermark| watermark.0 >= end.0 - 1.0));
                if self.windows.iter().any(fired) {
                    Fate::Late
                } else if self.behind_watermark {
                    Fate::Behind
                } else {
                    Fate::OnTime
                }
            }
            "LateOutput" => Fate::LateOutput,
            "Dropped" => Fate::Dropped,
            "NoWindow" => Fate::NoWindow,
            _ => Fate::Ahead,
        }
    }

    /// What it is at an instant.
    pub fn fate_at(&self, now: f64) -> Fate {
        if self.reached_at.is_some_and(|reached| reached.0 <= now) {
            self.fate()
        } else {
            Fate::Ahead
        }
    }
}

impl Line {
    /// The watermark at an instant.
    pub fn at(&self, now: f64) -> Option<f64> {
        let step = self.steps.iter().take_while(|(at, _)| at.0 <= now).last()?;
        step.1.map(|watermark| watermark.0)
    }

    pub fn is_idle(&self, now: f64) -> bool {
        self.idle.iter().any(|(from, until)| from.0 <= now && until.is_none_or(|until| until.0 > now))
    }
}

impl Pane {
    /// Whether its state is kept at an instant.
    pub fn is_open(&self, now: f64, panes: &[Pane]) -> bool {
        let merged = self.merged_into.and_then(|into| panes.get(into)).is_some_and(|into| into.created_at.0 <= now);
        self.created_at.0 <= now && self.cleared_at.is_none_or(|at| at.0 > now) && self.lost_at.is_none_or(|at| at.0 > now) && !merged
    }
}

impl Trace {
    pub fn event(&self, id: &str) -> Option<&EventTrace> {
        self.events.iter().find(|event| event.id == id)
    }

    /// The least watermark of the operator's subtasks: what all of them have reached.
    pub fn watermark(&self, now: f64) -> Option<f64> {
        let mut least = f64::INFINITY;
        for line in &self.watermarks.subtasks {
            least = least.min(line.at(now)?);
        }
        least.is_finite().then_some(least)
    }

    pub fn open_panes(&self, now: f64) -> usize {
        self.panes.iter().filter(|pane| pane.is_open(now, &self.panes)).count()
    }

    pub fn fired(&self, now: f64) -> usize {
        self.firings.iter().filter(|firing| firing.at.0 <= now).count()
    }

    pub fn too_late(&self, now: f64) -> usize {
        self.events
            .iter()
            .filter(|event| matches!(event.fate_at(now), Fate::LateOutput | Fate::Dropped))
            .count()
    }

    /// Which of its pane's firings one is, from 1.
    pub fn ordinal(&self, firing: &Firing) -> usize {
        let pane = self.panes.get(firing.pane);
        pane.and_then(|pane| pane.firings.iter().position(|number| *number == firing.firing))
            .unwrap_or(0)
            + 1
    }
}

/// A result as a text.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Number(number) => number.as_f64().map_or_else(String::new, |number| {
            if number.fract() == 0.0 {
                format!("{number:.0}")
            } else {
                let text = format!("{number:.2}");
                text.trim_end_matches('0').to_owned()
            }
        }),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(value_text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
