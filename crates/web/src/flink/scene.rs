//! The scenes: events, settings, where the clock opens, what to try. Another seed draws other events of the same kind.

use super::about;
use super::settings::Settings;
use crate::streams::about::About;

/// An event as a reader moves it; times in milliseconds since the job's start.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: String,
    pub key: String,
    pub value: f64,
    pub time: f64,
    pub arrival: f64,
    pub split: usize,
}

/// How far the plane reaches; milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Least and greatest event time.
    pub times: (f64, f64),
    /// The end of processing time.
    pub ends: f64,
    pub splits: usize,
}

/// Events of one's own may reach so far.
pub const WIDEST: Extent = Extent {
    times: (0.0, 3_600_000.0),
    ends: 3_700_000.0,
    splits: 16,
};

impl Extent {
    /// As far as the events reach, and a tenth more.
    pub fn of(events: &[Event]) -> Extent {
        let round = |ms: f64| ((ms * 1.1 / 5_000.0).ceil() * 5_000.0).max(10_000.0);
        let greatest = |read: fn(&Event) -> f64| events.iter().map(read).fold(0.0, f64::max);
        Extent {
            times: (0.0, round(greatest(|event| event.time))),
            ends: round(greatest(|event| event.arrival)),
            splits: events.iter().map(|event| event.split + 1).max().unwrap_or(1),
        }
    }
}

/// A change to try: its label, and what it does to the settings.
pub struct Cure {
    pub label: &'static str,
    pub change: fn(&mut Settings),
}

pub struct Scene {
    pub about: About,
    /// The seed whose events are drawn by hand.
    pub seed: u64,
    pub extent: Extent,
    pub opens: f64,
    /// Marks go by this.
    pub snap: f64,
    pub view: &'static str,
    /// The event that is selected at first.
    pub selected: &'static str,
    /// What an event's value is.
    pub unit: &'static str,
    pub settings: fn() -> Settings,
    pub events: &'static [Row],
    pub cures: &'static [Cure],
}

/// Id, key, value, event time and arrival in seconds, split.
type Row = (&'static str, &'static str, f64, f64, f64, usize);

const SCENES: [Scene; 4] = [
    Scene {
        about: about::LATE_DATA,
        seed: 41,
        extent: Extent {
            times: (0.0, 180_000.0),
            ends: 165_000.0,
            splits: 1,
        },
        opens: 152_000.0,
        snap: 500.0,
        view: "plane",
        selected: "k",
        unit: "fare",
        settings: || Settings {
            bound: 20_000.0,
            lateness: 30_000.0,
            ..Settings::default()
        },
        events: &[
            ("a", "city", 9.5, 8.0, 12.0, 0),
            ("b", "city", 14.0, 30.0, 33.0, 0),
            ("c", "city", 11.0, 22.0, 40.0, 0),
            ("d", "city", 15.0, 55.0, 58.0, 0),
            ("e", "city", 8.0, 68.0, 71.0, 0),
            ("f", "city", 12.0, 47.0, 80.0, 0),
            ("g", "city", 21.5, 92.0, 96.0, 0),
            ("i", "city", 6.5, 50.0, 108.0, 0),
            ("h", "city", 13.0, 111.0, 114.0, 0),
            ("j", "city", 17.0, 128.0, 133.0, 0),
            ("k", "city", 10.0, 40.0, 150.0, 0),
            ("l", "city", 9.0, 150.0, 154.0, 0),
        ],
        cures: &[
            Cure {
                label: "Keep windows 90 s longer",
                change: |settings| settings.lateness = 90_000.0,
            },
            Cure {
                label: "Allow no lateness",
                change: |settings| settings.lateness = 0.0,
            },
            Cure {
                label: "Wait longer: 60 s out of order",
                change: |settings| settings.bound = 60_000.0,
            },
        ],
    },
    Scene {
        about: about::IDLE_PARTITION,
        seed: 12,
        extent: Extent {
            times: (0.0, 150_000.0),
            ends: 150_000.0,
            splits: 2,
        },
        opens: 120_000.0,
        snap: 500.0,
        view: "plane",
        selected: "q",
        unit: "reading",
        settings: || Settings {
            bound: 2_000.0,
            size: 30_000.0,
            aggregate: "count".into(),
            ..Settings::default()
        },
        events: &[
            ("a", "sensor", 1.0, 3.0, 4.0, 0),
            ("p", "sensor", 1.0, 6.0, 7.0, 1),
            ("b", "sensor", 1.0, 14.0, 15.0, 0),
            ("q", "sensor", 1.0, 21.0, 22.0, 1),
            ("c", "sensor", 1.0, 29.0, 30.0, 0),
            ("d", "sensor", 1.0, 41.0, 42.0, 0),
            ("e", "sensor", 1.0, 55.0, 56.0, 0),
            ("f", "sensor", 1.0, 67.0, 68.0, 0),
            ("g", "sensor", 1.0, 80.0, 81.0, 0),
            ("h", "sensor", 1.0, 93.0, 94.0, 0),
            ("i", "sensor", 1.0, 104.0, 105.0, 0),
            ("j", "sensor", 1.0, 118.0, 119.0, 0),
            ("r", "sensor", 1.0, 70.0, 128.0, 1),
            ("k", "sensor", 1.0, 131.0, 132.0, 0),
            ("s", "sensor", 1.0, 133.0, 134.0, 1),
        ],
        cures: &[
            Cure {
                label: "Silent for 10 s is idle",
                change: |settings| settings.idle = 10_000.0,
            },
            Cure {
                label: "Idle, and late events are kept a minute",
                change: |settings| {
                    settings.idle = 10_000.0;
                    settings.lateness = 60_000.0;
                },
            },
        ],
    },
    Scene {
        about: about::SESSIONS,
        seed: 5,
        extent: Extent {
            times: (0.0, 120_000.0),
            ends: 130_000.0,
            splits: 1,
        },
        opens: 62_000.0,
        snap: 500.0,
        view: "lanes",
        selected: "x",
        unit: "points",
        settings: || Settings {
            bound: 10_000.0,
            lateness: 60_000.0,
            assigner: "session".into(),
            gap: 15_000.0,
            ..Settings::default()
        },
        events: &[
            ("a", "ada", 10.0, 4.0, 5.0, 0),
            ("b", "ada", 20.0, 14.0, 15.0, 0),
            ("m", "bob", 5.0, 18.0, 20.0, 0),
            ("c", "ada", 15.0, 40.0, 41.0, 0),
            ("d", "ada", 25.0, 48.0, 49.0, 0),
            ("n", "bob", 30.0, 52.0, 54.0, 0),
            ("o", "bob", 8.0, 60.0, 61.0, 0),
            ("x", "ada", 40.0, 27.0, 66.0, 0),
            ("e", "ada", 12.0, 78.0, 80.0, 0),
            ("p", "bob", 14.0, 92.0, 93.0, 0),
            ("f", "ada", 9.0, 110.0, 112.0, 0),
        ],
        cures: &[
            Cure {
                label: "A longer gap: 25 s",
                change: |settings| settings.gap = 25_000.0,
            },
            Cure {
                label: "Allow no lateness",
                change: |settings| settings.lateness = 0.0,
            },
        ],
    },
    Scene {
        about: about::RECOVERY,
        seed: 23,
        extent: Extent {
            times: (0.0, 90_000.0),
            ends: 90_000.0,
            splits: 2,
        },
        opens: 24_600.0,
        snap: 500.0,
        view: "flow",
        selected: "f",
        unit: "orders",
        settings: || Settings {
            bound: 1_000.0,
            size: 10_000.0,
            aggregate: "count".into(),
            sources: 2.0,
            parallelism: 2.0,
            delay: 1_200.0,
            checkpoints: 12_000.0,
            restart: 4_000.0,
            end_of_input: true,
            ..Settings::default()
        },
        events: &[
            ("a", "north", 1.0, 1.0, 1.5, 0),
            ("b", "south", 1.0, 2.0, 3.0, 1),
            ("c", "north", 1.0, 5.0, 6.0, 1),
            ("d", "south", 1.0, 8.0, 8.5, 0),
            ("e", "north", 1.0, 12.0, 12.5, 0),
            ("f", "south", 1.0, 13.0, 14.0, 1),
            ("g", "north", 1.0, 17.0, 17.5, 0),
            ("h", "south", 1.0, 19.0, 20.0, 1),
            ("i", "north", 1.0, 22.0, 22.5, 0),
            ("j", "south", 1.0, 23.0, 24.0, 1),
            ("k", "north", 1.0, 27.0, 27.5, 1),
            ("l", "south", 1.0, 31.0, 31.5, 0),
            ("m", "north", 1.0, 34.0, 35.0, 1),
            ("n", "south", 1.0, 38.0, 38.5, 0),
            ("o", "north", 1.0, 42.0, 43.0, 1),
            ("p", "south", 1.0, 47.0, 47.5, 0),
            ("q", "north", 1.0, 52.0, 52.5, 0),
            ("r", "south", 1.0, 57.0, 58.0, 1),
            ("s", "north", 1.0, 63.0, 64.0, 0),
            ("t", "south", 1.0, 68.0, 68.5, 1),
        ],
        cures: &[
            Cure {
                label: "A sink that commits with checkpoints",
                change: |settings| settings.sink = "exactly_once".into(),
            },
            Cure {
                label: "Checkpoints that do not wait",
                change: |settings| settings.mode = "AT_LEAST_ONCE".into(),
            },
            Cure {
                label: "No checkpoints at all",
                change: |settings| settings.checkpoints = 0.0,
            },
        ],
    },
];

pub fn scene(id: &str) -> Option<&'static Scene> {
    const { &SCENES }.iter().find(|scene| scene.about.id == id)
}

impl Scene {
    /// The events of a seed: the scene's own, or as many others with the same keys, spread alike, delayed by chance.
    pub fn draw(&self, seed: u64) -> Vec<Event> {
        let own = self.events.iter().map(|(id, key, value, time, arrival, split)| Event {
            id: (*id).into(),
            key: (*key).into(),
            value: *value,
            time: time * 1_000.0,
            arrival: arrival * 1_000.0,
            split: *split,
        });
        if seed == self.seed {
            return own.collect();
        }
        let mut state = seed;
        let mut chance = move || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        let last = self.events.iter().map(|row| row.3).fold(0.0, f64::max) * 1_000.0;
        let snap = |ms: f64| (ms / self.snap).round() * self.snap;
        own.map(|event| {
            let time = snap(chance() * last);
            // Most come soon, one in six much later.
            let delay = if chance() < 1.0 / 6.0 {
                20_000.0 + chance() * 70_000.0
            } else {
                500.0 + chance() * 6_000.0
            };
            Event {
                value: (event.value * (0.5 + chance()) * 2.0).round() / 2.0,
                time,
                arrival: snap((time + delay).min(self.extent.ends - self.snap)),
                ..event
            }
        })
        .collect()
    }
}

/// Events as a link holds them: `id.key.value.time.arrival.split`, times in milliseconds.
pub fn events_text(events: &[Event]) -> String {
    let one = |event: &Event| format!("{}~{}~{}~{}~{}~{}", event.id, event.key, event.value, event.time, event.arrival, event.split);
    events.iter().map(one).collect::<Vec<_>>().join("!")
}

/// The events that a link holds; `None` where one of them cannot be read.
pub fn events_of(text: &str, within: &Extent) -> Option<Vec<Event>> {
    let one = |text: &str| {
        let parts: Vec<&str> = text.split('~').collect();
        let [id, key, value, time, arrival, split] = parts.as_slice() else {
            return None;
        };
        let time_in = |text: &str, (least, most): (f64, f64)| text.parse().ok().filter(|ms: &f64| (least..=most).contains(ms));
        Some(Event {
            id: Some(*id).filter(|id| !id.is_empty() && id.chars().count() <= 12)?.into(),
            key: Some(*key).filter(|key| !key.is_empty() && key.chars().count() <= 24)?.into(),
            value: value.parse().ok().filter(|value: &f64| value.abs() <= 1e9)?,
            time: time_in(time, within.times)?,
            arrival: time_in(arrival, (0.0, within.ends))?,
            split: split.parse().ok().filter(|split| *split < within.splits)?,
        })
    };
    let events: Vec<Event> = text.split('!').map(one).collect::<Option<_>>()?;
    let mut ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    (ids.len() == events.len() && events.len() <= 200).then_some(events)
}

#[cfg(test)]
mod tests {
    use super::about::ALL;
    use super::*;

    #[test]
    fn events_survive_a_link() {
        for about in ALL {
            let scene = scene(about.id).expect("every scene that is listed is there");
            let events = scene.draw(scene.seed);
            assert_eq!(events_of(&events_text(&events), &scene.extent), Some(events));
            let other = scene.draw(77);
            assert_eq!(other.len(), scene.events.len());
            assert_eq!(events_of(&events_text(&other), &scene.extent), Some(other.clone()));
            assert_eq!(scene.draw(77), other);
            assert!(events_of("a~b~1~2", &scene.extent).is_none());
            assert!(events_of("a~b~1~0~0~0!a~b~1~0~0~0", &scene.extent).is_none());
        }
    }
}
