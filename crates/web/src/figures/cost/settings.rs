//! The settings of the storage cost figure: their texts in a link, and the question they make.

use serde_json::{Value, json};

use super::super::address::{self, Texts};

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
    /// Reads of one object in 30 days: always, at first, or in a burst.
    pub reads: f64,
    /// Days in which decaying reads halve.
    pub half_life: f64,
    /// Days from one burst to the next, and days of a burst.
    pub every: u32,
    pub lasting: u32,
    /// Reads of one object in each 30 days of its life, for the reader's own pattern.
    pub series: Vec<f64>,
    pub steps: Vec<Step>,
    /// `ObjectSizeGreaterThan`; `None`: no filter, so that objects under 128 KB stay where they are.
    pub larger_than: Option<u64>,
    /// How soon a read must be answered, in the search for the cheapest rules.
    pub readable: String,
    pub prices: String,
    pub years: u32,
    /// Bands are the parts of the bill; otherwise the storage classes.
    pub by_part: bool,
}

/// Values of `Access.Pattern`, with what they mean.
pub const PATTERNS: [(&str, &str); 5] = [
    ("None", "none"),
    ("Steady", "steady"),
    ("Decaying", "decaying"),
    ("Bursty", "bursty"),
    ("Custom", "your own"),
];
/// Values of `Constraint.Readable`, with what they mean.
pub const READABLE: [(&str, &str); 4] = [
    ("Milliseconds", "milliseconds"),
    ("Minutes", "5 minutes"),
    ("Hours", "12 hours"),
    ("Days", "48 hours"),
];
/// Thirty-day spans of ten years.
const MAX_SERIES: usize = 122;
pub const CLASSES: [&str; 6] = ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];
/// Its steps in a link: `30-STANDARD_IA.90-GLACIER.365-EXPIRE`.
const EXPIRE: &str = "EXPIRE";
const NO_STEPS: &str = "none";

/// A set of settings by name: what a link says as `scene=<name>`.
pub struct Scene {
    pub name: &'static str,
    pub title: &'static str,
    make: fn() -> Cost,
}

fn step(days: u32, class: &str) -> Step {
    Step { days, class: class.into() }
}

pub const SCENES: [Scene; 4] = [
    Scene {
        name: "logs",
        title: "Logs, kept three years",
        make: Cost::default,
    },
    Scene {
        name: "small-objects",
        title: "Small objects: moving costs more than it saves",
        make: || Cost {
            objects: 10_000_000.0,
            bytes: 16_384.0,
            larger_than: Some(1),
            ..Cost::default()
        },
    },
    Scene {
        name: "read-often",
        title: "Read often: retrieval eats the saving",
        make: || Cost {
            pattern: "Steady".into(),
            reads: 4.0,
            steps: vec![step(30, "STANDARD_IA")],
            ..Cost::default()
        },
    },
    Scene {
        name: "deleted-early",
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
            half_life: 30.0,
            every: 90,
            lasting: 7,
            series: vec![10.0, 3.0, 1.0],
            steps: vec![step(30, "STANDARD_IA"), step(90, "GLACIER"), step(365, "DEEP_ARCHIVE")],
            larger_than: None,
            readable: "Milliseconds".into(),
            prices: "aws-us-east-1".into(),
            years: 3,
            by_part: false,
        }
    }
}

impl Cost {
    /// What the address says; what it does not say, or says wrongly, is as in its scene, or as by default.
    pub fn from_address() -> Cost {
        let named = address::get("scene").and_then(|name| Cost::scene(&name));
        let base = named.unwrap_or_default();
        let number = |name: &str, least: f64, most: f64| address::number(name, least, most);
        let days = |name: &str, most: f64| number(name, 1.0, most).map(|days| days as u32);
        let one_of = |name: &str, of: &[(&str, &str)]| address::get(name).filter(|text| of.iter().any(|(value, _)| value == text));
        Cost {
            objects: number("objects", 1.0, 1e9).unwrap_or(base.objects).round(),
            bytes: number("bytes", 1.0, 5e12).unwrap_or(base.bytes).round(),
            uploads: number("uploads", 0.0, 1e9).unwrap_or(base.uploads).round(),
            pattern: one_of("access", &PATTERNS).unwrap_or(base.pattern),
            reads: number("reads", 0.001, 1e4).unwrap_or(base.reads),
            half_life: number("half-life", 0.1, 3_650.0).unwrap_or(base.half_life),
            every: days("every", 3_650.0).unwrap_or(base.every),
            lasting: days("lasting", 3_650.0).unwrap_or(base.lasting),
            series: address::get("series").and_then(|text| series(&text, '-')).unwrap_or(base.series),
            steps: address::get("rules").and_then(|text| steps(&text)).unwrap_or(base.steps),
            larger_than: match address::get("over").as_deref() {
                None => base.larger_than,
                Some(NO_STEPS) => None,
                Some(_) => number("over", 0.0, 1e12).map(|bytes| bytes as u64),
            },
            readable: one_of("within", &READABLE).unwrap_or(base.readable),
            prices: address::get("prices").unwrap_or(base.prices),
            years: number("years", 1.0, 10.0).map_or(base.years, |years| years as u32),
            by_part: address::get("by").map_or(base.by_part, |by| by == "part"),
        }
    }

    /// The settings of a scene.
    pub fn scene(name: &str) -> Option<Cost> {
        let scene = SCENES.into_iter().find(|scene| scene.name == name)?;
        Some(scene.settings())
    }

    /// The scene whose settings these are, however it is drawn and searched.
    pub fn name(&self) -> Option<&'static str> {
        let standard = Cost::default();
        let plain = Cost {
            by_part: standard.by_part,
            readable: standard.readable,
            ..self.clone()
        };
        let scene = SCENES.into_iter().find(|scene| scene.settings() == plain)?;
        Some(scene.name)
    }

    /// What a link says.
    pub fn texts(&self) -> Texts {
        let standard = Cost::default();
        let mut texts = address::texts(self.name(), self.parameters());
        let readable = if self.readable == standard.readable { "" } else { &self.readable };
        texts.push(("within", readable.to_owned()));
        texts.push(("by", if self.by_part { "part" } else { "" }.to_owned()));
        texts
    }

    fn parameters(&self) -> Texts {
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|step| format!("{}-{}", step.days, if step.class.is_empty() { EXPIRE } else { &step.class }))
            .collect();
        let only = |pattern: &[&str], text: String| if pattern.contains(&self.pattern.as_str()) { text } else { String::new() };
        vec![
            ("objects", self.objects.to_string()),
            ("bytes", self.bytes.to_string()),
            ("uploads", self.uploads.to_string()),
            ("access", self.pattern.clone()),
            ("reads", only(&["Steady", "Decaying", "Bursty"], self.reads.to_string())),
            ("half-life", only(&["Decaying"], self.half_life.to_string())),
            ("every", only(&["Bursty"], self.every.to_string())),
            ("lasting", only(&["Bursty"], self.lasting.to_string())),
            ("series", only(&["Custom"], series_text(&self.series, "-"))),
            ("rules", if steps.is_empty() { NO_STEPS.into() } else { steps.join(".") }),
            ("over", self.larger_than.map(|bytes| bytes.to_string()).unwrap_or_default()),
            ("prices", self.prices.clone()),
            ("years", self.years.to_string()),
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
            "Access": self.access(),
        });
        if !self.steps.is_empty() {
            question["LifecycleConfiguration"] = self.rules();
        }
        question
    }

    /// The members of `sluice:BestStoragePlan`.
    pub fn search(&self) -> Value {
        let mut question = self.question();
        question["Constraint"] = json!({"Readable": self.readable});
        question
    }

    fn access(&self) -> Value {
        let mut access = json!({"Pattern": self.pattern});
        match self.pattern.as_str() {
            "None" => {}
            "Custom" => access["Series"] = json!(self.series),
            pattern => {
                access["ReadsPerMonth"] = self.reads.into();
                if pattern == "Decaying" {
                    access["HalfLifeDays"] = self.half_life.into();
                }
                if pattern == "Bursty" {
                    access["EveryDays"] = self.every.into();
                    access["LastingDays"] = self.lasting.into();
                }
            }
        }
        access
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

/// Numbers of a reader's own pattern, joined by `between`; `None` where one is none or below 0.
pub fn series(text: &str, between: char) -> Option<Vec<f64>> {
    let numbers: Option<Vec<f64>> = text
        .split(between)
        .map(|part| part.trim().parse().ok().filter(|reads: &f64| (0.0..=1e4).contains(reads)))
        .collect();
    numbers.filter(|numbers| numbers.len() <= MAX_SERIES)
}

pub fn series_text(series: &[f64], between: &str) -> String {
    let numbers: Vec<String> = series.iter().map(f64::to_string).collect();
    numbers.join(between)
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
    fn a_scene_is_known_by_its_settings() {
        for scene in SCENES {
            assert_eq!(scene.settings().name(), Some(scene.name));
            assert_eq!(Cost::scene(scene.name), Some(scene.settings()));
            let said: Vec<_> = scene.settings().texts().into_iter().filter(|(_, text)| !text.is_empty()).collect();
            assert_eq!(said, [("scene", scene.name.to_owned())]);
        }
        let by_part = Cost {
            by_part: true,
            ..Cost::default()
        };
        assert_eq!(by_part.name(), Some("logs"));
        assert!(by_part.texts().contains(&("by", "part".into())));
        let own = Cost { years: 7, ..Cost::default() };
        assert_eq!(own.name(), None);
        assert!(own.texts().contains(&("years", "7".into())));
    }

    #[test]
    fn a_pattern_of_ones_own_survives_its_text() {
        let own = vec![10.0, 0.0, 2.5];
        assert_eq!(series(&series_text(&own, "-"), '-'), Some(own));
        assert_eq!(series("3, 1", ','), Some(vec![3.0, 1.0]));
        assert_eq!((series("3-x", '-'), series("", '-')), (None, None));
    }

    #[test]
    fn an_expiration_is_no_transition() {
        let rules = SCENES[3].settings().rules();
        assert_eq!(rules["Rules"][0]["Expiration"]["Days"], 60);
        assert_eq!(rules["Rules"][0]["Transitions"].as_array().unwrap().len(), 1);
    }
}
