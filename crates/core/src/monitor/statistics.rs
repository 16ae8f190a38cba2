use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// What a period of a metric holds: values with their counts in order of value, and statistic sets.
///
/// Sums go over that order, so that the order in which points came changes no bit of a result (I2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Value and count, each value once, ascending.
    #[serde(default, rename = "v")]
    values: Vec<(f64, f64)>,
    /// Sum, minimum, maximum, sample count; ascending.
    #[serde(default, rename = "s", skip_serializing_if = "Vec::is_empty")]
    sets: Vec<[f64; 4]>,
}

/// A statistic of a period, under the names of `Statistic` and `ExtendedStatistic` ("CloudWatch statistics definitions").
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p99`: percent, over 0 to 100.
    Percentile(f64),
    /// `tm90`, `TM(10%:90%)`, `TM(80:500)` and `IQM`: the mean between the bounds.
    TrimmedMean(Bounds),
    /// `tc`.
    TrimmedCount(Bounds),
    /// `ts`.
    TrimmedSum(Bounds),
    /// `wm`: what lies beyond the bounds counts as lying on them.
    WinsorizedMean(Bounds),
    /// `PR(100:2000)`: percent of the samples between two values.
    PercentileRank(Bounds),
}

/// From and to, as percents of the samples or as values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    Percent(f64, f64),
    Values(Option<f64>, Option<f64>),
}

impl Statistic {
    /// Reads one of the five plain statistics.
    pub fn plain(name: &str) -> Option<Statistic> {
        Some(match name {
            "SampleCount" => Statistic::SampleCount,
            "Average" => Statistic::Average,
            "Sum" => Statistic::Sum,
            "Minimum" => Statistic::Minimum,
            "Maximum" => Statistic::Maximum,
            _ => return None,
        })
    }

    /// Reads an extended statistic.
    pub fn extended(name: &str) -> Option<Statistic> {
        if name.eq_ignore_ascii_case("IQM") {
            return Some(Statistic::TrimmedMean(Bounds::Percent(25.0, 75.0)));
        }
        let head = name.get(..2)?.to_ascii_lowercase();
        if let (Some(rest), "tm" | "tc" | "ts" | "wm" | "pr") = (name.get(2..), head.as_str()) {
            let bounds = match rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                Some(inner) => Bounds::parse(inner)?,
                None if head == "pr" => return None,
                None => Bounds::Percent(0.0, percent(rest)?),
            };
            return Some(match head.as_str() {
                "tm" => Statistic::TrimmedMean(bounds),
                "tc" => Statistic::TrimmedCount(bounds),
                "ts" => Statistic::TrimmedSum(bounds),
                "wm" => Statistic::WinsorizedMean(bounds),
                _ if matches!(bounds, Bounds::Percent(..)) => return None,
                _ => Statistic::PercentileRank(bounds),
            });
        }
        let rest = name.strip_prefix(['p', 'P'])?;
        Some(Statistic::Percentile(percent(rest)?))
    }

    /// Reads what `Stat` of a metric query takes: any of them.
    pub fn any(name: &str) -> Option<Statistic> {
        Statistic::plain(name).or_else(|| Statistic::extended(name))
    }

    /// Samples under which a percentile of a period says little ("Percentile-based CloudWatch alarms and low data samples"); 0 for what is no percentile.
    pub fn enough_samples(self) -> f64 {
        match self {
            // In percents, so that p90 asks for 100 and not for a hair more.
            Statistic::Percentile(percent) if percent >= 50.0 => 1_000.0 / (100.0 - percent),
            Statistic::Percentile(percent) if percent > 0.0 => 1_000.0 / percent,
            _ => 0.0,
        }
    }
}

/// A number of percents as CloudWatch writes it: digits and at most ten decimals, 0 to 100.
fn percent(text: &str) -> Option<f64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 3) || !digits(decimals, 10) {
        return None;
    }
    text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent))
}

impl Bounds {
    fn parse(text: &str) -> Option<Bounds> {
        let (from, to) = text.split_once(':')?;
        if from.ends_with('%') || to.ends_with('%') {
            let bound = |text: &str, open: f64| match text {
                "" => Some(open),
                text => percent(text.strip_suffix('%')?),
            };
            let (from, to) = (bound(from, 0.0)?, bound(to, 100.0)?);
            return (from < to).then_some(Bounds::Percent(from, to));
        }
        let bound = |text: &str| match text {
            "" => Some(None),
            text => text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Some),
        };
        let (from, to) = (bound(from)?, bound(to)?);
        let ordered = !matches!((from, to), (Some(from), Some(to)) if from >= to);
        (ordered && (from.is_some() || to.is_some())).then_some(Bounds::Values(from, to))
    }
}

impl Bucket {
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.sets.is_empty()
    }

    /// Adds `count` samples of a value.
    pub fn add(&mut self, value: f64, count: f64) {
        // One zero.
        let value = if value == 0.0 { 0.0 } else { value };
        match self.values.binary_search_by(|(known, _)| known.total_cmp(&value)) {
            Ok(at) => self.values[at].1 += count,
            Err(at) => self.values.insert(at, (value, count)),
        }
    }

    /// Adds a statistic set. One whose samples are all alike is that value.
    pub fn add_set(&mut self, sum: f64, minimum: f64, maximum: f64, count: f64) {
        if count == 1.0 || minimum == maximum {
            return self.add(minimum, count);
        }
        self.insert_set([sum, minimum, maximum, count]);
    }

    fn insert_set(&mut self, set: [f64; 4]) {
        let order = |a: &[f64; 4], b: &[f64; 4]| a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
        let at = self.sets.partition_point(|known| order(known, &set).is_some_and(core::cmp::Ordering::is_lt));
        self.sets.insert(at, set);
    }

    /// Adds all that another holds.
    pub fn merge(&mut self, other: &Bucket) {
        for (value, count) in &other.values {
            self.add(*value, *count);
        }
        for set in &other.sets {
            self.insert_set(*set);
        }
    }

    pub fn count(&self) -> f64 {
        self.values.iter().map(|(_, count)| count).sum::<f64>() + self.sets.iter().map(|set| set[3]).sum::<f64>()
    }

    fn sum(&self) -> f64 {
        self.values.iter().map(|(value, count)| value * count).sum::<f64>() + self.sets.iter().map(|set| set[0]).sum::<f64>()
    }

    /// The statistic; `None` without samples, and for one that needs the values themselves where there are statistic sets.
    pub fn statistic(&self, statistic: Statistic) -> Option<f64> {
        let count = self.count();
        if count <= 0.0 {
            return None;
        }
        let sets = |at: usize| self.sets.iter().map(move |set| set[at]);
        let plain = match statistic {
            Statistic::SampleCount => Some(count),
            Statistic::Sum => Some(self.sum()),
            Statistic::Average => Some(self.sum() / count),
            Statistic::Minimum => self.values.first().map(|(value, _)| *value).into_iter().chain(sets(1)).reduce(f64::min),
            Statistic::Maximum => self.values.last().map(|(value, _)| *value).into_iter().chain(sets(2)).reduce(f64::max),
            _ => None,
        };
        if plain.is_some() || !self.sets.is_empty() {
            return plain;
        }
        match statistic {
            Statistic::Percentile(percent) => self.at(percent, count),
            Statistic::TrimmedMean(bounds) => {
                let (sum, kept) = self.between(bounds, count);
                (kept > 0.0).then_some(sum / kept)
            }
            Statistic::TrimmedCount(bounds) => Some(self.between(bounds, count).1),
            Statistic::TrimmedSum(bounds) => Some(self.between(bounds, count).0),
            Statistic::PercentileRank(bounds) => Some(100.0 * self.between(bounds, count).1 / count),
            Statistic::WinsorizedMean(bounds) => {
                let (low, high) = match bounds {
                    Bounds::Percent(from, to) => (self.at(from, count)?, self.at(to, count)?),
                    Bounds::Values(from, to) => (from.unwrap_or(f64::NEG_INFINITY), to.unwrap_or(f64::INFINITY)),
                };
                let sum: f64 = self.values.iter().map(|(value, count)| value.max(low).min(high) * count).sum();
                Some(sum / count)
            }
            _ => None,
        }
    }

    /// The value at a percentile by nearest rank. CloudWatch publishes no method; its own sketches differ from it by little.
    fn at(&self, percent: f64, count: f64) -> Option<f64> {
        let rank = libm::ceil(percent / 100.0 * count).max(1.0);
        let mut seen = 0.0;
        for (value, count) in &self.values {
            seen += count;
            if seen >= rank {
                return Some(*value);
            }
        }
        self.values.last().map(|(value, _)| *value)
    }

    /// Sum and count of the samples within bounds. Percents cut by rank, whole samples; values are `(from, to]`.
    fn between(&self, bounds: Bounds, count: f64) -> (f64, f64) {
        let (mut sum, mut kept, mut seen) = (0.0, 0.0, 0.0);
        for (value, samples) in &self.values {
            let inside = match bounds {
                Bounds::Percent(from, to) => {
                    let (first, last) = (libm::floor(from / 100.0 * count), libm::ceil(to / 100.0 * count));
                    ((seen + samples).min(last) - seen.max(first)).max(0.0)
                }
                Bounds::Values(from, to) if from.is_none_or(|from| *value > from) && to.is_none_or(|to| *value <= to) => *samples,
                Bounds::Values(..) => 0.0,
            };
            seen += samples;
            kept += inside;
            sum += value * inside;
        }
        (sum, kept)
    }
}

/// A number as Java prints a double between 10^-3 and 10^7, which is how CloudWatch's texts have it: `80.0`, `99.5`.
pub fn java(value: f64) -> String {
    let text = value.to_string();
    if text.contains('.') || !value.is_finite() { text } else { text + ".0" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(values: &[f64]) -> Bucket {
        let mut bucket = Bucket::default();
        for value in values {
            bucket.add(*value, 1.0);
        }
        bucket
    }

    #[test]
    fn statistics_of_ten() {
        let bucket = bucket(&[10.0, 1.0, 9.0, 2.0, 8.0, 3.0, 7.0, 4.0, 6.0, 5.0]);
        let of = |name: &str| bucket.statistic(Statistic::any(name).unwrap()).unwrap();
        assert_eq!(
            [of("SampleCount"), of("Sum"), of("Average"), of("Minimum"), of("Maximum")],
            [10.0, 55.0, 5.5, 1.0, 10.0]
        );
        assert_eq!([of("p50"), of("p90"), of("p99"), of("p100")], [5.0, 9.0, 10.0, 10.0]);
        assert_eq!([of("tm90"), of("tc90"), of("ts90")], [5.0, 9.0, 45.0]);
        assert_eq!([of("TM(10%:90%)"), of("PR(:3)"), of("PR(3:7)"), of("TC(8:)")], [5.5, 30.0, 40.0, 2.0]);
        assert_eq!(of("wm80"), (36.0 + 8.0 + 8.0) / 10.0);
        for wrong in ["p", "p101", "p-1", "pNaN", "PR(1%:2%)", "tm", "TM(5:1)", "TM(:)", "x", "", "é"] {
            assert_eq!(Statistic::any(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sets_answer_plain_statistics_alone() {
        let mut bucket = bucket(&[4.0]);
        bucket.add_set(10.0, 1.0, 9.0, 2.0);
        assert_eq!(bucket.statistic(Statistic::Maximum), Some(9.0));
        assert_eq!(bucket.statistic(Statistic::Average), Some(14.0 / 3.0));
        assert_eq!(bucket.statistic(Statistic::Percentile(50.0)), None);
    }
}
