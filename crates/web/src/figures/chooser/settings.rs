//! The settings of the chooser: the workload, its texts in a link, and the question it makes.

use serde_json::{Value, json};

use super::super::address::{self, Texts};

#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Operations a second, of all clients together.
    pub reads: f64,
    pub writes: f64,
    /// Bytes of one operation.
    pub read_bytes: f64,
    pub write_bytes: f64,
    /// GB at rest, and bytes of one object or file.
    pub total_gb: f64,
    pub object_bytes: f64,
    /// Clients that share the data, and the Availability Zones that they run in.
    pub instances: f64,
    pub zones: f64,
    pub survive_zone_loss: bool,
    /// Milliseconds that an operation may take on average.
    pub latency: Option<f64>,
    /// Dollars a month.
    pub budget: Option<f64>,
    pub interface: String,
    /// Prefixes that requests to S3 spread over.
    pub prefixes: f64,
    pub prices: String,
    /// The way that is looked at, by its name; empty: the cheapest.
    pub option: String,
}

/// Values of `Interface`, with what they mean.
pub const INTERFACES: [(&str, &str); 4] = [
    ("Any", "whatever serves"),
    ("Object", "objects over HTTP"),
    ("File", "files and directories"),
    ("Block", "a device"),
];

/// A workload by name: what a link says as `scene=<name>`.
pub struct Scene {
    pub name: &'static str,
    pub title: &'static str,
    make: fn() -> Workload,
}

pub const SCENES: [Scene; 7] = [
    Scene {
        name: "shared-20k",
        title: "20,000 operations a second by many clients",
        make: Workload::default,
    },
    Scene {
        name: "one-20k",
        title: "The same by one instance",
        make: || Workload {
            instances: 1.0,
            zones: 1.0,
            interface: "Block".into(),
            ..Workload::default()
        },
    },
    Scene {
        name: "over-100k",
        title: "Over 100,000 by one instance, within 1 ms",
        make: || Workload {
            reads: 80_000.0,
            writes: 40_000.0,
            instances: 1.0,
            zones: 1.0,
            latency: Some(1.0),
            interface: "Block".into(),
            ..Workload::default()
        },
    },
    Scene {
        name: "data-lake",
        title: "A data lake",
        make: || Workload {
            reads: 100.0,
            writes: 5.0,
            read_bytes: 8_388_608.0,
            write_bytes: 8_388_608.0,
            total_gb: 100_000.0,
            object_bytes: 134_217_728.0,
            instances: 50.0,
            latency: Some(500.0),
            interface: "Object".into(),
            ..Workload::default()
        },
    },
    Scene {
        name: "training",
        title: "Training shards within 10 ms",
        make: || Workload {
            reads: 50_000.0,
            writes: 0.0,
            read_bytes: 65_536.0,
            write_bytes: 65_536.0,
            total_gb: 2_000.0,
            instances: 64.0,
            zones: 1.0,
            latency: Some(10.0),
            interface: "Object".into(),
            ..Workload::default()
        },
    },
    Scene {
        name: "home-directories",
        title: "Files shared by a team",
        make: || Workload {
            reads: 200.0,
            writes: 40.0,
            read_bytes: 65_536.0,
            write_bytes: 65_536.0,
            total_gb: 500.0,
            instances: 20.0,
            survive_zone_loss: true,
            interface: "File".into(),
            ..Workload::default()
        },
    },
    Scene {
        name: "archive",
        title: "An archive that may take a day",
        make: || Workload {
            reads: 0.0001,
            writes: 0.0,
            read_bytes: 104_857_600.0,
            write_bytes: 104_857_600.0,
            total_gb: 10_000.0,
            object_bytes: 104_857_600.0,
            instances: 1.0,
            zones: 1.0,
            latency: Some(86_400_000.0),
            ..Workload::default()
        },
    },
];

impl Default for Workload {
    /// The course's question: 20,000 operations a second of clients that share the data.
    fn default() -> Self {
        Workload {
            reads: 10_000.0,
            writes: 10_000.0,
            read_bytes: 4_096.0,
            write_bytes: 4_096.0,
            total_gb: 1_000.0,
            object_bytes: 1_048_576.0,
            instances: 100.0,
            zones: 3.0,
            survive_zone_loss: false,
            latency: None,
            budget: None,
            interface: "Any".into(),
            prefixes: 1.0,
            prices: "aws-us-east-1".into(),
            option: String::new(),
        }
    }
}

/// Ranges of the settings, within those of the call.
pub const RATE: (f64, f64) = (0.0001, 1e6);
pub const BYTES: (f64, f64) = (1.0, 5e9);
pub const GB: (f64, f64) = (1.0, 1e7);
pub const COUNT: (f64, f64) = (1.0, 10_000.0);

impl Workload {
    /// What the address says; what it does not say, or says wrongly, is as in its scene, or as by default.
    pub fn from_address() -> Workload {
        let base = address::get("scene").and_then(|name| Workload::scene(&name)).unwrap_or_default();
        let within = |name: &str, range: (f64, f64), base: f64| address::number(name, range.0, range.1).unwrap_or(base);
        let rate = |name: &str, base: f64| within(name, (0.0, RATE.1), base);
        let maybe = |name: &str, most: f64, base: Option<f64>| match address::get(name).as_deref() {
            None => base,
            Some("any") => None,
            Some(_) => address::number(name, 0.001, most),
        };
        Workload {
            reads: rate("reads", base.reads),
            writes: rate("writes", base.writes),
            read_bytes: within("read-bytes", BYTES, base.read_bytes).round(),
            write_bytes: within("write-bytes", BYTES, base.write_bytes).round(),
            total_gb: within("gb", GB, base.total_gb),
            object_bytes: within("object-bytes", BYTES, base.object_bytes).round(),
            instances: within("clients", COUNT, base.instances).round(),
            zones: within("zones", (1.0, 6.0), base.zones).round(),
            survive_zone_loss: address::get("survive").map_or(base.survive_zone_loss, |text| text == "yes"),
            latency: maybe("latency", 1e9, base.latency),
            budget: maybe("budget", 1e9, base.budget),
            interface: address::get("interface")
                .filter(|text| INTERFACES.iter().any(|(value, _)| value == text))
                .unwrap_or(base.interface),
            prefixes: within("prefixes", COUNT, base.prefixes).round(),
            prices: address::get("prices").unwrap_or(base.prices),
            option: address::get("option").unwrap_or(base.option),
        }
    }

    pub fn scene(name: &str) -> Option<Workload> {
        let scene = SCENES.into_iter().find(|scene| scene.name == name)?;
        Some((scene.make)())
    }

    /// The scene whose workload this is, whatever way is looked at.
    pub fn name(&self) -> Option<&'static str> {
        let any = Workload {
            option: String::new(),
            ..self.clone()
        };
        let scene = SCENES.into_iter().find(|scene| (scene.make)() == any)?;
        Some(scene.name)
    }

    /// What a link says.
    pub fn texts(&self) -> Texts {
        let maybe = |value: Option<f64>| value.map_or_else(|| "any".to_owned(), |value| value.to_string());
        let workload = vec![
            ("reads", self.reads.to_string()),
            ("writes", self.writes.to_string()),
            ("read-bytes", self.read_bytes.to_string()),
            ("write-bytes", self.write_bytes.to_string()),
            ("gb", self.total_gb.to_string()),
            ("object-bytes", self.object_bytes.to_string()),
            ("clients", self.instances.to_string()),
            ("zones", self.zones.to_string()),
            ("survive", if self.survive_zone_loss { "yes" } else { "no" }.to_owned()),
            ("latency", maybe(self.latency)),
            ("budget", maybe(self.budget)),
            ("interface", self.interface.clone()),
            ("prefixes", self.prefixes.to_string()),
            ("prices", self.prices.clone()),
        ];
        let mut texts = address::texts(self.name(), workload);
        texts.push(("option", self.option.clone()));
        texts
    }

    /// The members of `sluice:ChooseStorage`.
    pub fn question(&self) -> Value {
        let mut workload = json!({
            "ReadsPerSecond": self.reads,
            "WritesPerSecond": self.writes,
            "ReadBytes": self.read_bytes as u64,
            "WriteBytes": self.write_bytes as u64,
            "TotalGB": self.total_gb,
            "ObjectBytes": self.object_bytes as u64,
            "Instances": self.instances as u64,
            "AvailabilityZones": self.zones as u64,
            "SurviveZoneLoss": self.survive_zone_loss,
            "Interface": self.interface,
            "Prefixes": self.prefixes as u64,
        });
        if let Some(latency) = self.latency {
            workload["LatencyMs"] = latency.into();
        }
        if let Some(budget) = self.budget {
            workload["BudgetPerMonth"] = budget.into();
        }
        json!({"PriceList": self.prices, "Workload": workload})
    }

    pub fn operations(&self) -> f64 {
        self.reads + self.writes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluice_core::storage::chooser::choose_storage;

    #[test]
    fn a_scene_is_known_by_its_workload() {
        for scene in SCENES {
            let mut workload = (scene.make)();
            assert_eq!(workload.name(), Some(scene.name));
            workload.option = "gp3".into();
            let said: Vec<_> = workload.texts().into_iter().filter(|(_, text)| !text.is_empty()).collect();
            assert_eq!(said, [("scene", scene.name.to_owned()), ("option", "gp3".to_owned())]);
        }
    }

    #[test]
    fn every_scene_has_an_answer_with_a_way_that_can() {
        for scene in SCENES {
            let answer = choose_storage(&(scene.make)().question()).unwrap();
            let answer: super::super::answer::Answer = serde_json::from_value(answer).unwrap();
            assert!(answer.cheapest.is_some(), "{}", scene.name);
            for option in &answer.options {
                assert!(option.feasible == option.deciding.is_none(), "{} of {}", option.name, scene.name);
            }
        }
    }

    /// The course's question and its answer: EFS serves many clients, EBS does not, and it is sharing that decides.
    #[test]
    fn sharing_decides_the_courses_question() {
        let answer = choose_storage(&Workload::default().question()).unwrap();
        let answer: super::super::answer::Answer = serde_json::from_value(answer).unwrap();
        let option = |name: &str| answer.options.iter().find(|option| option.name == name).unwrap();
        assert!(option("efs-regional-elastic").feasible);
        assert_eq!(option("io2").deciding.as_ref().unwrap().name, "Sharing");
    }
}
