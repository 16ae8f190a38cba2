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
            ],
        )
    }

    pub fn question(&self) -> Value {
        json!({
            "RecordsPerSecond": self.rate, "RecordBytes": self.bytes, "Shape": self.shape, "Hours": self.hours, "WindowMinutes": self.window, "DeadlineMinutes": self.deadline,
            "Batch": {"IntervalMinutes": self.interval, "FailedShare": self.failed / 100.0},
            "Stream": {"Shards": self.shards, "OutageAtHour": 12.0_f64.min(self.hours / 2.0), "OutageMinutes": self.outage},
            "Seed": self.seed as u64, "PriceList": self.prices,
        })
    }
}
