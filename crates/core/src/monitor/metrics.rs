use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::statistics::Bucket;
use crate::sim::{Shared, SimTime};

/// What names a metric. Dimensions are sorted by name; the unit is not part of the name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricId {
    pub namespace: String,
    pub name: String,
    #[serde(default)]
    pub dimensions: Vec<(String, String)>,
}

impl MetricId {
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> MetricId {
        let mut dimensions: Vec<_> = dimensions.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        dimensions.sort();
        MetricId {
            namespace: namespace.to_string(),
            name: name.to_string(),
            dimensions,
        }
    }
}

/// What a datum says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample {
    Value { value: f64, count: f64 },
    Set { sum: f64, minimum: f64, maximum: f64, count: f64 },
}

/// Seconds of a point, and seconds that it is kept so ("Metrics retention"). What is older goes over into the next; what leaves the last is gone.
const TIERS: [(i64, i64); 4] = [(1, 3 * 3_600), (60, 15 * 86_400), (300, 63 * 86_400), (3_600, 455 * 86_400)];

/// Points of one metric under one unit: by tier, by the second at which they begin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Points {
    #[serde(default)]
    tiers: [Tier; 4],
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Tier(BTreeMap<i64, Bucket>);

impl Serialize for Tier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl<'de> Deserialize<'de> for Tier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Tier(Vec::<(i64, Bucket)>::deserialize(deserializer)?.into_iter().collect()))
    }
}

/// A metric: its points by unit, when it last had one, and the trace row that brought it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Series {
    units: BTreeMap<String, Points>,
    /// The newest instant of a point.
    last: SimTime,
    #[serde(default)]
    cause: Option<u32>,
}

/// Every metric of the account. Clones share what they do not change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    series: BTreeMap<MetricId, Shared<Series>>,
    /// Metrics that got a point from the call that is being applied: its row is not known before [`Metrics::caused`].
    fresh: Vec<MetricId>,
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.series)
    }
}

impl<'de> Deserialize<'de> for Metrics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let series = Vec::<(MetricId, Shared<Series>)>::deserialize(deserializer)?;
        Ok(Metrics {
            series: series.into_iter().collect(),
            fresh: Vec::new(),
        })
    }
}

impl Metrics {
    /// Takes a sample of a metric at `at`. `resolution`: 1 or 60 seconds. `now` decides what has become old.
    pub fn record(&mut self, now: SimTime, id: &MetricId, at: SimTime, unit: &str, resolution: i64, sample: Sample) {
        let series = self.series.entry(id.clone()).or_default().make_mut();
        series.last = series.last.max(at);
        let points = series.units.entry(unit.to_string()).or_default();
        let second = at.micros().div_euclid(1_000_000);
        let tier = usize::from(resolution >= 60);
        let bucket = points.tiers[tier].0.entry(second - second.rem_euclid(TIERS[tier].0)).or_default();
        match sample {
            Sample::Value { value, count } => bucket.add(value, count),
            Sample::Set { sum, minimum, maximum, count } => bucket.add_set(sum, minimum, maximum, count),
        }
        let now = now.micros().div_euclid(1_000_000);
        for points in series.units.values_mut() {
            points.roll_up(now);
        }
    }

    /// Notes which trace row brought a metric's newest points; `None`: the row of the call that is being applied, which is not known yet.
    pub fn mark(&mut self, id: &MetricId, cause: Option<u32>) {
        match (cause, self.series.get_mut(id)) {
            (Some(_), Some(series)) => series.make_mut().cause = cause,
            (None, Some(_)) if !self.fresh.contains(id) => self.fresh.push(id.clone()),
            _ => {}
        }
    }

    /// Says which trace row brought the points recorded since the last time.
    pub fn caused(&mut self, row: u32) {
        for id in core::mem::take(&mut self.fresh) {
            if let Some(series) = self.series.get_mut(&id) {
                series.make_mut().cause = Some(row);
            }
        }
    }

    /// The row that brought the newest points of a metric.
    pub fn cause(&self, id: &MetricId) -> Option<u32> {
        self.series.get(id)?.cause
    }

    /// The newest instant at which a metric has a point.
    pub fn last(&self, id: &MetricId) -> Option<SimTime> {
        self.series.get(id).map(|series| series.last)
    }

    /// The first unit that a metric has points under.
    pub fn unit(&self, id: &MetricId) -> Option<&str> {
        self.series.get(id)?.units.keys().next().map(String::as_str)
    }

    /// Metrics by namespace, name and dimensions, with the instant of their newest point.
    pub fn iter(&self) -> impl Iterator<Item = (&MetricId, SimTime)> {
        self.series.iter().map(|(id, series)| (id, series.last))
    }

    /// What a metric has from a second to another, that one excluded; `unit` alone where one is named. Points coarser than `period` seconds do not count, and the kept
    /// life of each is that at `now`.
    pub fn bucket(&self, now: SimTime, id: &MetricId, unit: Option<&str>, from: i64, to: i64, period: i64) -> Bucket {
        let mut found = Bucket::default();
        let Some(series) = self.series.get(id) else { return found };
        let now = now.micros().div_euclid(1_000_000);
        for (name, points) in &series.units {
            if unit.is_some_and(|unit| unit != name) {
                continue;
            }
            for (tier, (seconds, kept)) in points.tiers.iter().zip(TIERS) {
                for (at, bucket) in tier.0.range(from..to.max(from)) {
                    // A point past its life is read at the next resolution, as if it had gone over there.
                    let mut resolution = seconds;
                    let mut life = kept;
                    for (coarser, longer) in TIERS {
                        if now - at > life && coarser > resolution {
                            (resolution, life) = (coarser, longer);
                        }
                    }
                    if resolution <= period.max(1) && now - at <= life {
                        found.merge(bucket);
                    }
                }
            }
        }
        found
    }

    /// Whether a metric has a point from a second on.
    pub fn any_since(&self, id: &MetricId, from: i64) -> bool {
        self.last(id).is_some_and(|last| last.micros().div_euclid(1_000_000) >= from)
    }
}

impl Points {
    fn roll_up(&mut self, now: i64) {
        for (tier, (_, kept)) in TIERS.iter().enumerate() {
            let keep_from = now - kept;
            if self.tiers[tier].0.first_key_value().is_none_or(|(at, _)| *at >= keep_from) {
                continue;
            }
            let young = self.tiers[tier].0.split_off(&keep_from);
            let old = core::mem::replace(&mut self.tiers[tier].0, young);
            if let Some((seconds, _)) = TIERS.get(tier + 1) {
                for (at, bucket) in old {
                    self.tiers[tier + 1].0.entry(at - at.rem_euclid(*seconds)).or_default().merge(&bucket);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Statistic;

    #[test]
    fn points_grow_coarse_with_age() {
        let id = MetricId::new("N", "M", &[("b", "1"), ("a", "2")]);
        assert_eq!(id.dimensions[0].0, "a");
        let mut metrics = Metrics::default();
        let at = |seconds: i64| SimTime::from_micros(seconds * 1_000_000);
        let put = |metrics: &mut Metrics, seconds: i64, value: f64| {
            metrics.record(at(seconds), &id, at(seconds), "None", 1, Sample::Value { value, count: 1.0 });
        };
        put(&mut metrics, 30, 1.0);
        put(&mut metrics, 31, 2.0);
        let sum = |metrics: &Metrics, now: i64, from: i64, to: i64, period: i64| metrics.bucket(at(now), &id, None, from, to, period).statistic(Statistic::Sum);
        assert_eq!(sum(&metrics, 60, 30, 31, 1), Some(1.0));
        let later = 4 * 3_600;
        assert_eq!(sum(&metrics, later, 30, 31, 1), None);
        assert_eq!(sum(&metrics, later, 0, 60, 60), Some(3.0));
        put(&mut metrics, later, 5.0);
        assert_eq!(sum(&metrics, later, 0, 60, 60), Some(3.0));
        assert_eq!(sum(&metrics, 16 * 86_400, 0, 60, 60), None);
        assert_eq!(sum(&metrics, 16 * 86_400, 0, 300, 300), Some(3.0));
        assert_eq!(sum(&metrics, 456 * 86_400, 0, 3_600, 3_600), None);
        let text = serde_json::to_string(&metrics).unwrap();
        let again: Metrics = serde_json::from_str(&text).unwrap();
        assert_eq!(again.series, metrics.series);
    }
}
