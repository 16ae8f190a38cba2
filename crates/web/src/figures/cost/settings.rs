//! The settings of the storage cost figure: their texts in a link, and the question they make.

use serde_json::{Value, json};

use super::super::address;

/// A transition of the rule, or the expiration where the class is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub days: u32,
    pub class: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Objects that are there at the start.
    pub objects: f64,
    /// Bytes of each.
    pub bytes: f64,
    /// Objects that come each month.
    pub uploads: f64,
    pub pattern: String,
    /// Reads of one object in 30 days.
    pub reads: f64,
    pub steps: Vec<Step>,
    /// `ObjectSizeGreaterThan`; `None`: no filter, so that objects under 128 KB stay where they are.
    pub larger_than: Option<u64>,
    pub prices: String,
    pub years: u32,
    /// Bands are the parts of the bill; otherwise the storage classes.
    pub by_part: bool,
}

pub const PATTERNS: [&str; 4] = ["None", "Steady", "Decaying", "Bursty"];
pub const CLASSES: [&str; 6] = ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];
/// Its steps in a link: `30-STANDARD_IA.90-GLACIER.365-EXPIRE`.
const EXPIRE: &str = "EXPIRE";
const NO_STEPS: &str = "none";

pub struct Scene {
    pub title: &'static str,
    make: fn() -> Cost,
}

fn step(days: u32, class: &str) -> Step {
    Step { days, class: class.into() }
}

pub const SCENES: [Scene; 4] = [
    Scene {
        title: "Logs, kept three years",
        make: Cost::default,
    },
    Scene {
        title: "Small objects: moving costs more than it saves",
        make: || Cost {
            objects: 10_000_000.0,
            bytes: 16_384.0,
            larger_than: Some(1),
            ..Cost::default()
        },
    },
    Scene {
        title: "Read often: retrieval eats the saving",
        make: || Cost {
            pattern: "Steady".into(),
            reads: 4.0,
            steps: vec![step(30, "STANDARD_IA")],
            ..Cost::default()
        },
    },
    Scene {
        title: "Deleted too early",
        make: || Cost {
            steps: vec![step(1, "DEEP_ARCHIVE"), step(60, "")],
            years: 1,
            ..Cost::default()
        },
    },
];

impl Scene {
    pub fn settings(&self) -> Cost {
        (self.make)()
    }
}

impl Default for Cost {
    fn default() -> Self {
        Cost {
            objects: 100_000.0,
            bytes: 10_485_760.0,
            uploads: 0.0,
            pattern: "None".into(),
            reads: 1.0,
            steps: vec![step(30, "STANDARD_IA"), step(90, "GLACIER"), step(365, "DEEP_ARCHIVE")],
            larger_than: None,
            prices: "aws-us-east-1".into(),
            years: 3,
            by_part: false,
        }
    }
}

impl Cost {
    /// What the address says; what it does not say, or says wrongly, is as by default.
    pub fn from_address() -> Cost {
        let standard = Cost::default();
        let number = |name: &str, least: f64, most: f64| address::number(name, least, most);
        Cost {
            objects: number("objects", 1.0, 1e9).unwrap_or(standard.objects).round(),
            bytes: number("bytes", 1.0, 5e12).unwrap_or(standard.bytes).round(),
            uploads: number("uploads", 0.0, 1e9).unwrap_or(standard.uploads).round(),
            pattern: address::get("access")
                .filter(|name| PATTERNS.contains(&name.as_str()))
                .unwrap_or(standard.pattern),
            reads: number("reads", 0.001, 1e4).unwrap_or(standard.reads),
            steps: address::get("rules").and_then(|text| steps(&text)).unwrap_or(standard.steps),
            larger_than: number("over", 0.0, 1e12).map(|bytes| bytes as u64),
            prices: address::get("prices").unwrap_or(standard.prices),
            years: number("years", 1.0, 10.0).map_or(standard.years, |years| years as u32),
            by_part: address::get("by").as_deref() == Some("part"),
        }
    }

    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|step| format!("{}-{}", step.days, if step.class.is_empty() { EXPIRE } else { &step.class }))
            .collect();
        vec![
            ("objects", self.objects.to_string()),
            ("bytes", self.bytes.to_string()),
            ("uploads", self.uploads.to_string()),
            ("access", self.pattern.clone()),
            ("reads", self.reads.to_string()),
            ("rules", if steps.is_empty() { NO_STEPS.into() } else { steps.join(".") }),
            ("over", self.larger_than.map(|bytes| bytes.to_string()).unwrap_or_default()),
            ("prices", self.prices.clone()),
            ("years", self.years.to_string()),
            ("by", if self.by_part { "part".into() } else { String::new() }),
        ]
    }

    /// The members of `sluice:PlanStorage`. The run starts on a fixed day, so that a link gives the same numbers at any time.
    pub fn question(&self) -> Value {
        let mut question = json!({
            "PriceList": self.prices,
            "Start": "2026-01-01T00:00:00Z",
            "Months": self.years * 12,
            "Population": {
                "Objects": self.objects as u64,
                "UploadsPerMonth": self.uploads as u64,
                "Sizes": [{"Bytes": self.bytes as u64}],
            },
            "Access": {"Pattern": self.pattern, "ReadsPerMonth": self.reads},
        });
        if !self.steps.is_empty() {
            question["LifecycleConfiguration"] = self.rules();
        }
        question
    }

    fn rules(&self) -> Value {
        let filter = self
            .larger_than
            .map_or_else(|| json!({"Prefix": ""}), |bytes| json!({"ObjectSizeGreaterThan": bytes}));
        let transitions: Vec<Value> = self
            .steps
            .iter()
            .filter(|step| !step.class.is_empty())
            .map(|step| json!({"Days": step.days, "StorageClass": step.class}))
            .collect();
        let mut rule = json!({"ID": "figure", "Status": "Enabled", "Filter": filter});
        if !transitions.is_empty() {
            rule["Transitions"] = transitions.into();
        }
        if let Some(expire) = self.steps.iter().find(|step| step.class.is_empty()) {
            rule["Expiration"] = json!({"Days": expire.days});
        }
        json!({"Rules": [rule]})
    }
}

fn steps(text: &str) -> Option<Vec<Step>> {
    if text == NO_STEPS {
        return Some(Vec::new());
    }
    text.split('.')
        .map(|part| {
            let (days, class) = part.split_once('-')?;
            let class = match class {
                EXPIRE => "",
                class if CLASSES.contains(&class) => class,
                _ => return None,
            };
            Some(step(days.parse().ok()?, class))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_survive_their_own_text() {
        for scene in SCENES {
            let cost = scene.settings();
            let text = cost.parameters().into_iter().find(|(name, _)| *name == "rules").unwrap().1;
            assert_eq!(steps(&text), Some(cost.steps), "{text}");
        }
        assert_eq!(steps("none"), Some(Vec::new()));
        assert_eq!(steps("30-NOWHERE"), None);
        assert_eq!(steps("x-GLACIER"), None);
    }

    #[test]
    fn an_expiration_is_no_transition() {
        let rules = SCENES[3].settings().rules();
        assert_eq!(rules["Rules"][0]["Expiration"]["Days"], 60);
        assert_eq!(rules["Rules"][0]["Transitions"].as_array().unwrap().len(), 1);
    }
}
