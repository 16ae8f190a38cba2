//! What a job is: watermark strategy, window, trigger, lateness, parallelism, checkpoints; its texts in a link and its parameters of `sluice:RunEventTime`.
//!
//! Times and spans are milliseconds; a span of 0 is "off" where a field says so.

use serde_json::{Value, json};

use super::time::span;
use crate::figures::address::{self, Texts};

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// bounded, ascending, punctuated, none.
    pub strategy: String,
    pub bound: f64,
    pub lateness: f64,
    /// 0: off.
    pub idle: f64,
    /// 0: no ticks.
    pub emit: f64,
    /// tumbling, sliding, session, global, count.
    pub assigner: String,
    pub size: f64,
    pub slide: f64,
    pub offset: f64,
    pub gap: f64,
    /// Elements of a count window.
    pub count: f64,
    /// event or processing.
    pub domain: String,
    /// default, continuous, count.
    pub trigger: String,
    /// Of a continuous trigger.
    pub every: f64,
    /// Of a count trigger.
    pub each: f64,
    pub purging: bool,
    /// none, count, time: what an evictor leaves.
    pub evictor: String,
    /// Elements, or milliseconds.
    pub keep: f64,
    pub aggregate: String,
    pub side_output: bool,
    pub end_of_input: bool,
    pub sources: f64,
    pub parallelism: f64,
    pub delay: f64,
    /// Between checkpoints; 0: off.
    pub checkpoints: f64,
    pub mode: String,
    pub sink: String,
    pub restart: f64,
    /// When a task manager dies.
    pub failures: Vec<f64>,
}

pub const STRATEGIES: [(&str, &str); 4] = [
    ("bounded", "bounded out-of-orderness"),
    ("ascending", "monotonous timestamps"),
    ("punctuated", "punctuated: at every event"),
    ("none", "none"),
];
pub const ASSIGNERS: [(&str, &str); 5] = [
    ("tumbling", "tumbling"),
    ("sliding", "sliding"),
    ("session", "session"),
    ("global", "global"),
    ("count", "count"),
];
pub const DOMAINS: [(&str, &str); 2] = [("event", "event time"), ("processing", "processing time")];
pub const TRIGGERS: [(&str, &str); 3] = [
    ("default", "the window’s own"),
    ("continuous", "continuous: also every so often"),
    ("count", "count: at every n-th event"),
];
pub const EVICTORS: [(&str, &str); 3] = [("none", "none"), ("count", "keeps the last n"), ("time", "keeps the last so long")];
pub const AGGREGATES: [(&str, &str); 8] = [
    ("sum", "sum"),
    ("count", "count"),
    ("avg", "average"),
    ("min", "least"),
    ("max", "greatest"),
    ("distinct", "distinct values"),
    ("top", "the three greatest"),
    ("list", "the values as they came"),
];
pub const MODES: [(&str, &str); 2] = [
    ("EXACTLY_ONCE", "exactly once: aligned barriers"),
    ("AT_LEAST_ONCE", "at least once: no waiting"),
];
pub const SINKS: [(&str, &str); 2] = [
    ("at_least_once", "at least once: writes at once"),
    ("exactly_once", "exactly once: commits with checkpoints"),
];

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            strategy: "bounded".into(),
            bound: 20_000.0,
            lateness: 0.0,
            idle: 0.0,
            emit: 200.0,
            assigner: "tumbling".into(),
            size: 60_000.0,
            slide: 30_000.0,
            offset: 0.0,
            gap: 15_000.0,
            count: 4.0,
            domain: "event".into(),
            trigger: "default".into(),
            every: 10_000.0,
            each: 2.0,
            purging: false,
            evictor: "none".into(),
            keep: 2.0,
            aggregate: "sum".into(),
            side_output: true,
            end_of_input: false,
            sources: 1.0,
            parallelism: 1.0,
            delay: 0.0,
            checkpoints: 0.0,
            mode: "EXACTLY_ONCE".into(),
            sink: "at_least_once".into(),
            restart: 5_000.0,
            failures: Vec::new(),
        }
    }
}

impl Settings {
    fn numbers(&mut self) -> [(&'static str, &mut f64, f64, f64); 15] {
        [
            ("bound", &mut self.bound, 0.0, 3_600_000.0),
            ("lateness", &mut self.lateness, 0.0, 3_600_000.0),
            ("idle", &mut self.idle, 0.0, 3_600_000.0),
            ("emit", &mut self.emit, 0.0, 60_000.0),
            ("size", &mut self.size, 1.0, 3_600_000.0),
            ("slide", &mut self.slide, 1.0, 3_600_000.0),
            ("offset", &mut self.offset, -3_600_000.0, 3_600_000.0),
            ("gap", &mut self.gap, 1.0, 3_600_000.0),
            ("count", &mut self.count, 1.0, 1_000.0),
            ("every", &mut self.every, 1.0, 3_600_000.0),
            ("each", &mut self.each, 1.0, 1_000.0),
            ("keep", &mut self.keep, 1.0, 3_600_000.0),
            ("delay", &mut self.delay, 0.0, 60_000.0),
            ("checkpoints", &mut self.checkpoints, 0.0, 3_600_000.0),
            ("restart", &mut self.restart, 0.0, 600_000.0),
        ]
    }

    fn few(&mut self) -> [(&'static str, &mut f64); 2] {
        [("sources", &mut self.sources), ("parallelism", &mut self.parallelism)]
    }

    fn names(&mut self) -> [(&'static str, &mut String, &'static [(&'static str, &'static str)]); 8] {
        [
            ("strategy", &mut self.strategy, &STRATEGIES),
            ("assigner", &mut self.assigner, &ASSIGNERS),
            ("domain", &mut self.domain, &DOMAINS),
            ("trigger", &mut self.trigger, &TRIGGERS),
            ("evictor", &mut self.evictor, &EVICTORS),
            ("aggregate", &mut self.aggregate, &AGGREGATES),
            ("mode", &mut self.mode, &MODES),
            ("sink", &mut self.sink, &SINKS),
        ]
    }

    fn flags(&mut self) -> [(&'static str, &mut bool); 3] {
        [("purging", &mut self.purging), ("side", &mut self.side_output), ("end", &mut self.end_of_input)]
    }

    /// The scene's settings with what the address says instead.
    pub fn from_address(scene: &Settings) -> Settings {
        let mut settings = scene.clone();
        for (name, field, least, most) in settings.numbers() {
            *field = address::number(name, least, most).unwrap_or(*field);
        }
        for (name, field) in settings.few() {
            *field = address::number(name, 1.0, 4.0).map_or(*field, f64::round);
        }
        for (name, field, known) in settings.names() {
            if let Some(text) = address::get(name).filter(|text| known.iter().any(|(known, _)| known == text)) {
                *field = text;
            }
        }
        for (name, field) in settings.flags() {
            match address::get(name).as_deref() {
                Some("on") => *field = true,
                Some("off") => *field = false,
                _ => {}
            }
        }
        if let Some(list) = address::get("failures") {
            settings.failures = list
                .split(',')
                .filter_map(|text| text.parse().ok())
                .filter(|at: &f64| *at >= 0.0)
                .take(8)
                .collect();
        }
        settings
    }

    /// What differs from the scene's settings.
    pub fn texts(&self, scene: &Settings) -> Texts {
        let (mut own, mut scene) = (self.clone(), scene.clone());
        let mut texts = Texts::new();
        let differs = |differs: bool, text: String| if differs { text } else { String::new() };
        for ((name, field, ..), (_, of_scene, ..)) in own.numbers().into_iter().zip(scene.numbers()) {
            texts.push((name, differs(field != of_scene, field.to_string())));
        }
        for ((name, field), (_, of_scene)) in own.few().into_iter().zip(scene.few()) {
            texts.push((name, differs(field != of_scene, field.to_string())));
        }
        for ((name, field, _), (_, of_scene, _)) in own.names().into_iter().zip(scene.names()) {
            texts.push((name, differs(field != of_scene, field.clone())));
        }
        for ((name, field), (_, of_scene)) in own.flags().into_iter().zip(scene.flags()) {
            texts.push((name, differs(field != of_scene, if *field { "on" } else { "off" }.into())));
        }
        let failures: Vec<String> = self.failures.iter().map(f64::to_string).collect();
        texts.push(("failures", differs(self.failures != scene.failures, failures.join(","))));
        texts
    }

    /// Parameters of `sluice:RunEventTime` but for the events and the ends.
    pub fn params(&self) -> Value {
        let whole = |ms: f64| ms.round() as i64;
        let assigner = match self.assigner.as_str() {
            "sliding" => json!({"type": "sliding", "size": whole(self.size), "slide": whole(self.slide), "offset": whole(self.offset), "time": self.domain}),
            "session" => json!({"type": "session", "gap": whole(self.gap), "time": self.domain}),
            "global" => json!({"type": "global"}),
            "count" => json!({"type": "count", "size": whole(self.count)}),
            _ => json!({"type": "tumbling", "size": whole(self.size), "offset": whole(self.offset), "time": self.domain}),
        };
        let trigger = match (self.trigger.as_str(), self.domain.as_str()) {
            ("continuous", "processing") => json!({"continuous_processing_time": whole(self.every)}),
            ("continuous", _) => json!({"continuous_event_time": whole(self.every)}),
            ("count", _) => json!({"count": whole(self.each)}),
            (_, domain) if self.purging && self.has_own_time() => json!(format!("{domain}_time")),
            _ => Value::Null,
        };
        let trigger = if self.purging && !trigger.is_null() {
            json!({"purging": trigger})
        } else {
            trigger
        };
        let evictor = match self.evictor.as_str() {
            "count" => json!({"count": whole(self.keep)}),
            "time" => json!({"time": whole(self.keep)}),
            _ => Value::Null,
        };
        let aggregate = if self.aggregate == "top" { json!({"top": 3}) } else { json!(self.aggregate) };
        let mut params = json!({
            "Strategy": {"type": self.strategy, "outOfOrderness": whole(self.bound)},
            "EmitInterval": whole(self.emit),
            "Assigner": assigner,
            "Trigger": trigger,
            "Evictor": evictor,
            "Aggregate": aggregate,
            "AllowedLateness": whole(self.lateness),
            "SideOutput": self.side_output,
            "SourceParallelism": whole(self.sources),
            "Parallelism": whole(self.parallelism),
            "NetworkDelay": whole(self.delay),
            "RestartDelay": whole(self.restart),
            "Sink": self.sink,
            "Failures": self.failures.iter().map(|at| whole(*at)).collect::<Vec<_>>(),
            "EndOfInput": self.end_of_input,
        });
        if let Some(params) = params.as_object_mut() {
            if self.idle > 0.0 {
                params.insert("IdleTimeout".into(), json!(whole(self.idle)));
            }
            if self.checkpoints > 0.0 {
                params.insert("Checkpoints".into(), json!({"Interval": whole(self.checkpoints), "Mode": self.mode}));
            }
        }
        params
    }

    /// Whether its windows end by a time.
    pub fn has_own_time(&self) -> bool {
        matches!(self.assigner.as_str(), "tumbling" | "sliding" | "session")
    }

    /// The job in a line: `tumbling 1 min · sum`.
    pub fn line(&self) -> String {
        let window = match self.assigner.as_str() {
            "sliding" => format!("sliding {} every {}", span(self.size), span(self.slide)),
            "session" => format!("session, gap {}", span(self.gap)),
            "global" => "global window".to_owned(),
            "count" => format!("count of {}", self.count),
            _ => format!("tumbling {}", span(self.size)),
        };
        let domain = if self.domain == "processing" && self.has_own_time() {
            " (processing time)"
        } else {
            ""
        };
        let aggregate = AGGREGATES
            .iter()
            .find(|(name, _)| *name == self.aggregate)
            .map_or(self.aggregate.as_str(), |(_, label)| label);
        format!("{window}{domain} · {aggregate}")
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn what_is_off_is_not_asked() {
        let params = Settings::default().params();
        assert!(params.get("IdleTimeout").is_none() && params.get("Checkpoints").is_none());
        let with = Settings {
            idle: 2_000.0,
            checkpoints: 10_000.0,
            trigger: "count".into(),
            purging: true,
            ..Settings::default()
        };
        let params = with.params();
        assert_eq!(params["IdleTimeout"], 2_000);
        assert_eq!(params["Checkpoints"]["Mode"], "EXACTLY_ONCE");
        assert_eq!(params["Trigger"], serde_json::json!({"purging": {"count": 2}}));
    }

    #[test]
    fn a_line_says_the_job() {
        assert_eq!(Settings::default().line(), "tumbling 1 min · sum");
    }
}
