//! The settings of the comparison, their texts in a link, and the question they make.

use serde_json::{Value, json};

use super::super::address::{self, Texts};

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub rate: f64,
    pub bytes: f64,
    pub shape: String,
    pub hours: f64,
    /// Minutes of a window, and after its end until its result is due.
    pub window: f64,
    pub deadline: f64,
    /// Minutes between two runs.
    pub interval: f64,
    /// Of a hundred runs.
    pub failed: f64,
    pub shards: f64,
    /// Minutes at noon in which the application stands.
    pub outage: f64,
    pub seed: f64,
    pub prices: String,
    /// Records of each minute, of a file's own times; empty: rate and shape.
    pub counts: Vec<u32>,
}

/// Characters of a link's counts; more are not written.
const MOST: usize = 6_000;
/// Minutes of a file that are looked at: three days.
pub const MINUTES: usize = 4_320;

/// Counts as a link says them: joined by dots, a run of the same number as `number*times`.
fn counts_text(counts: &[u32]) -> String {
    let runs = counts.chunk_by(|one, next| one == next);
    let told: Vec<String> = runs
        .map(|run| match run {
            [one] => one.to_string(),
            [one, ..] => format!("{one}*{}", run.len()),
            [] => String::new(),
        })
        .collect();
    told.join(".")
}

fn counts(text: &str) -> Option<Vec<u32>> {
    let mut counts = Vec::new();
    for part in text.split('.') {
        let (number, times) = part.split_once('*').unwrap_or((part, "1"));
        let (number, times) = (number.parse::<u32>().ok()?, times.parse::<usize>().ok()?);
        if counts.len() + times > MINUTES {
            return None;
        }
        counts.extend(core::iter::repeat_n(number, times));
    }
    Some(counts)
}

pub const SHAPES: [(&str, &str); 3] = [
    ("diurnal", "little at night, much at noon"),
    ("steady", "the same all day"),
    ("bursty", "five times as much in ten minutes of each hour"),
];

/// Settings by name: what a link says as `scene=<name>`.
pub struct Scene {
    pub name: &'static str,
    pub title: &'static str,
    make: fn() -> Settings,
}

pub const SCENES: [Scene; 5] = [
    Scene {
        name: "fraud",
        title: "Fraud: five minutes are too late",
        make: || Settings {
            window: 1.0,
            deadline: 1.0,
            ..Settings::default()
        },
    },
    Scene {
        name: "nightly",
        title: "A bank’s nightly run",
        make: || Settings {
            hours: 72.0,
            interval: 1_440.0,
            window: 1_440.0,
            deadline: 480.0,
            ..Settings::default()
        },
    },
    Scene {
        name: "failed-runs",
        title: "One run of five fails",
        make: || Settings {
            failed: 20.0,
            window: 60.0,
            deadline: 30.0,
            ..Settings::default()
        },
    },
    Scene {
        name: "outage",
        title: "The stream’s application stands for an hour",
        make: || Settings {
            outage: 60.0,
            ..Settings::default()
        },
    },
    Scene {
        name: "too-few-shards",
        title: "One shard for noon’s traffic",
        make: || Settings {
            rate: 800.0,
            ..Settings::default()
        },
    },
];

impl Default for Settings {
    fn default() -> Self {
        Settings {
            rate: 200.0,
            bytes: 500.0,
            shape: "diurnal".into(),
            hours: 24.0,
            window: 5.0,
            deadline: 10.0,
            interval: 60.0,
            failed: 0.0,
            shards: 1.0,
            outage: 0.0,
            seed: 7.0,
            prices: "aws-us-east-1".into(),
            counts: Vec::new(),
        }
    }
}

impl Settings {
    pub fn scene(name: &str) -> Option<Settings> {
        SCENES.iter().find(|scene| scene.name == name).map(|scene| (scene.make)())
    }

    /// The scene whose settings these are.
    pub fn name(&self) -> Option<&'static str> {
        SCENES.iter().find(|scene| (scene.make)() == *self).map(|scene| scene.name)
    }

    pub fn from_address() -> Settings {
        let mut settings = address::get("scene").and_then(|name| Settings::scene(&name)).unwrap_or_default();
        for (name, field, least, most) in [
            ("rate", &mut settings.rate, 0.01, 1e6),
            ("bytes", &mut settings.bytes, 1.0, 1_048_576.0),
            ("hours", &mut settings.hours, 1.0, 72.0),
            ("window", &mut settings.window, 1.0, 1_440.0),
            ("deadline", &mut settings.deadline, 0.0, 2_880.0),
            ("interval", &mut settings.interval, 1.0, 2_880.0),
            ("failed", &mut settings.failed, 0.0, 100.0),
            ("shards", &mut settings.shards, 1.0, 20_000.0),
            ("outage", &mut settings.outage, 0.0, 2_880.0),
            ("seed", &mut settings.seed, 0.0, 4_294_967_295.0),
        ] {
            if let Some(value) = address::number(name, least, most) {
                *field = value;
            }
        }
        if let Some(shape) = address::get("shape").filter(|shape| SHAPES.iter().any(|(name, _)| name == shape)) {
            settings.shape = shape;
        }
        if let Some(prices) = address::get("prices") {
            settings.prices = prices;
        }
        if let Some(counts) = address::get("counts").and_then(|text| counts(&text)) {
            settings.counts = counts;
        }
        settings
    }

    pub fn texts(&self) -> Texts {
        let plain = |value: f64| value.to_string();
        address::texts(
            self.name(),
            vec![
                ("rate", plain(self.rate)),
                ("bytes", plain(self.bytes)),
                ("shape", self.shape.clone()),
                ("hours", plain(self.hours)),
                ("window", plain(self.window)),
                ("deadline", plain(self.deadline)),
                ("interval", plain(self.interval)),
                ("failed", plain(self.failed)),
                ("shards", plain(self.shards)),
                ("outage", plain(self.outage)),
                ("seed", plain(self.seed)),
                ("prices", self.prices.clone()),
                ("counts", self.counts_told().unwrap_or_default()),
            ],
        )
    }

    /// The counts as a link says them; `None` where they are too many.
    pub fn counts_told(&self) -> Option<String> {
        let text = counts_text(&self.counts);
        (text.len() <= MOST).then_some(text)
    }

    pub fn question(&self) -> Value {
        let mut question = json!({
            "RecordsPerSecond": self.rate, "RecordBytes": self.bytes, "Shape": self.shape, "Hours": self.hours, "WindowMinutes": self.window, "DeadlineMinutes": self.deadline,
            "Batch": {"IntervalMinutes": self.interval, "FailedShare": self.failed / 100.0},
            "Stream": {"Shards": self.shards, "OutageAtHour": 12.0_f64.min(self.hours / 2.0), "OutageMinutes": self.outage},
            "Seed": self.seed as u64, "PriceList": self.prices,
        });
        if !self.counts.is_empty() {
            question["Counts"] = json!(self.counts);
        }
        question
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_their_text() {
        let own = vec![0, 0, 0, 12, 12, 7];
        assert_eq!(counts_text(&own), "0*3.12*2.7");
        assert_eq!(counts("0*3.12*2.7"), Some(own));
        assert_eq!((counts("1*99999"), counts("a"), counts("1.-2")), (None, None, None));
    }
}
