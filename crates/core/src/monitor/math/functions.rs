use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::parse::Operator;
use crate::sim::SimTime;

/// A time series: values by the second at which their period begins. A missing point is not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub id: String,
    pub label: String,
    /// Seconds.
    pub period: i64,
    pub points: BTreeMap<i64, f64>,
}

/// A value of metric math: S, TS, TS[], and the words that functions take.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Scalar(f64),
    Series(Series),
    Many(Vec<Series>),
    Text(String),
}

/// The seconds that an evaluation is over.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub from: i64,
    pub to: i64,
    /// Periods begin at multiples of themselves; else at `from`.
    pub aligned: bool,
}

/// Most points of one series: what GetMetricData answers in all.
const MAX_POINTS: usize = 100_800;

impl Window {
    /// The seconds at which periods begin.
    pub fn starts(&self, period: i64) -> impl Iterator<Item = i64> + use<> {
        let period = period.max(1);
        let first = if self.aligned { self.from - self.from.rem_euclid(period) } else { self.from };
        let to = self.to;
        (0i64..)
            .map(move |index| first + index * period)
            .take_while(move |at| *at < to)
            .take(MAX_POINTS)
    }
}

impl Series {
    /// Each point with what `change` makes of it; `None` and what is not finite drop it.
    fn map(mut self, mut change: impl FnMut(i64, f64) -> Option<f64>) -> Series {
        self.points = self
            .points
            .into_iter()
            .filter_map(|(at, value)| change(at, value).filter(|value| value.is_finite()).map(|value| (at, value)))
            .collect();
        self
    }

    /// Two series point by point; one that lacks a point counts as 0 there.
    fn zip(self, other: &Series, change: impl Fn(f64, f64) -> f64) -> Series {
        let mut all = self.points.clone();
        all.extend(other.points.keys().map(|at| (*at, 0.0)));
        let points = self.points;
        let with = Series { points: all, ..self };
        with.map(|at, _| {
            let of = |points: &BTreeMap<i64, f64>| points.get(&at).copied().unwrap_or(0.0);
            Some(change(of(&points), of(&other.points)))
        })
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.points.values().copied()
    }
}

fn truth(value: bool) -> f64 {
    if value { 1.0 } else { 0.0 }
}

fn operate(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Or => truth(left != 0.0 || right != 0.0),
        Operator::And => truth(left != 0.0 && right != 0.0),
        Operator::Equal => truth(left == right),
        Operator::NotEqual => truth(left != right),
        Operator::Less => truth(left < right),
        Operator::LessOrEqual => truth(left <= right),
        Operator::Greater => truth(left > right),
        Operator::GreaterOrEqual => truth(left >= right),
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        // Not finite: the point is dropped.
        Operator::Divide => left / right,
        Operator::Power => libm::pow(left, right),
    }
}

fn fold(name: &str, values: impl Iterator<Item = f64>, zeros: usize) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    let count = (values.len() + zeros) as f64;
    let sum: f64 = values.iter().sum();
    let all = values.iter().copied().chain(core::iter::repeat_n(0.0, zeros));
    Some(match name {
        "SUM" => sum,
        "DATAPOINT_COUNT" => values.len() as f64,
        _ if count == 0.0 => return None,
        "AVG" => sum / count,
        "MIN" => values.iter().copied().reduce(f64::min)?,
        "MAX" => values.iter().copied().reduce(f64::max)?,
        "STDDEV" => {
            let mean = sum / count;
            libm::sqrt(all.map(|value| (value - mean) * (value - mean)).sum::<f64>() / count)
        }
        _ => return None,
    })
}

impl Data {
    pub fn named(self, id: &str) -> Data {
        match self {
            Data::Series(series) => Data::Series(Series {
                id: id.to_string(),
                label: id.to_string(),
                ..series
            }),
            other => other,
        }
    }

    pub fn negative(self) -> Result<Data, String> {
        self.each("-", |_, value| Some(-value))
    }

    pub fn binary(operator: Operator, left: Data, right: Data) -> Result<Data, String> {
        let combine = move |left: f64, right: f64| operate(operator, left, right);
        Ok(match (left, right) {
            (Data::Text(_), _) | (_, Data::Text(_)) => return Err("a text is no operand".to_string()),
            (Data::Scalar(left), Data::Scalar(right)) => Data::Scalar(combine(left, right)),
            (Data::Series(left), Data::Scalar(right)) => Data::Series(left.map(|_, value| Some(combine(value, right)))),
            (Data::Scalar(left), Data::Series(right)) => Data::Series(right.map(|_, value| Some(combine(left, value)))),
            (Data::Series(left), Data::Series(right)) => Data::Series(left.zip(&right, combine)),
            (Data::Many(many), Data::Scalar(right)) => Data::Many(many.into_iter().map(|left| left.map(|_, value| Some(combine(value, right)))).collect()),
            (Data::Scalar(left), Data::Many(many)) => Data::Many(many.into_iter().map(|right| right.map(|_, value| Some(combine(left, value)))).collect()),
            (Data::Many(many), Data::Series(right)) => Data::Many(many.into_iter().map(|left| left.zip(&right, combine)).collect()),
            (Data::Series(left), Data::Many(many)) => {
                let each = |right: Series| Series {
                    id: right.id.clone(),
                    label: right.label.clone(),
                    ..left.clone().zip(&right, combine)
                };
                Data::Many(many.into_iter().map(each).collect())
            }
            (Data::Many(_), Data::Many(_)) => return Err("an operator does not take two arrays of time series".to_string()),
        })
    }

    /// A function of one value on each.
    fn each(self, name: &str, mut change: impl FnMut(i64, f64) -> Option<f64>) -> Result<Data, String> {
        Ok(match self {
            Data::Scalar(value) => Data::Scalar(change(0, value).unwrap_or(f64::NAN)),
            Data::Series(series) => Data::Series(series.map(&mut change)),
            Data::Many(many) => Data::Many(many.into_iter().map(|series| series.map(&mut change)).collect()),
            Data::Text(_) => return Err(format!("{name} takes no text")),
        })
    }

    /// A function of a whole series on each.
    fn whole(self, name: &str, change: impl Fn(Series) -> Series) -> Result<Data, String> {
        match self {
            Data::Series(series) => Ok(Data::Series(change(series))),
            Data::Many(many) => Ok(Data::Many(many.into_iter().map(change).collect())),
            _ => Err(format!("{name} takes a time series")),
        }
    }

    fn series(self, name: &str) -> Result<Series, String> {
        match self {
            Data::Series(series) => Ok(series),
            _ => Err(format!("{name} takes a time series")),
        }
    }

    fn scalar(&self, name: &str) -> Result<f64, String> {
        match self {
            Data::Scalar(value) => Ok(*value),
            _ => Err(format!("{name} takes a number there")),
        }
    }

    /// Calls a function. Error: what it takes, or that it is not known or not done.
    pub fn call(name: &str, given: Vec<Data>, window: &Window) -> Result<Data, String> {
        let refused = [
            "ANOMALY_DETECTION_BAND",
            "INSIGHT_RULE_METRIC",
            "SEARCH",
            "SERVICE_QUOTA",
            "DB_PERF_INSIGHTS",
            "LAMBDA",
        ];
        if refused.contains(&name) {
            return Err(format!("Sluice does not do {name} yet"));
        }
        let count = given.len();
        let mut given = given.into_iter();
        let Some(first) = given.next() else {
            return Err(format!("{name} takes an argument, or there is no such function"));
        };
        let (second, third) = (given.next(), given.next());
        let most = match name {
            "IF" => 3,
            "FILL" | "SLICE" => 3,
            "SORT" => 4,
            _ => 1,
        };
        if count > most {
            return Err(format!("{name} takes at most {most} arguments, or there is no such function"));
        }
        let of_time =
            |change: fn(crate::sim::Civil) -> i64| move |at: i64, _: f64| Some(change(SimTime::from_micros(at.saturating_mul(1_000_000)).civil()) as f64);
        match name {
            "ABS" => first.each(name, |_, value| Some(libm::fabs(value))),
            "CEIL" => first.each(name, |_, value| Some(libm::ceil(value))),
            "FLOOR" => first.each(name, |_, value| Some(libm::floor(value))),
            "LOG" => first.each(name, |_, value| Some(libm::log(value))),
            "LOG10" => first.each(name, |_, value| Some(libm::log10(value))),
            "EPOCH" => first.whole(name, |series| series.map(|at, _| Some(at as f64))),
            "MINUTE" => first.whole(name, |series| series.map(of_time(|c| i64::from(c.minute)))),
            "HOUR" => first.whole(name, |series| series.map(of_time(|c| i64::from(c.hour)))),
            "DATE" => first.whole(name, |series| series.map(of_time(|c| i64::from(c.day)))),
            "MONTH" => first.whole(name, |series| series.map(of_time(|c| i64::from(c.month)))),
            "YEAR" => first.whole(name, |series| series.map(of_time(|c| i64::from(c.year)))),
            // Monday is 1.
            "DAY" => first.whole(name, |series| series.map(|at, _| Some(((at.div_euclid(86_400) + 3).rem_euclid(7) + 1) as f64))),
            "DIFF" => first.whole(name, |series| steps(series, |step| step.values)),
            "DIFF_TIME" => first.whole(name, |series| steps(series, |step| step.seconds)),
            "RATE" => first.whole(name, |series| steps(series, |step| step.values / step.seconds)),
            "RUNNING_SUM" => first.whole(name, |series| {
                let mut sum = 0.0;
                series.map(|_, value| {
                    sum += value;
                    Some(sum)
                })
            }),
            "PERIOD" => Ok(Data::Scalar(first.series(name)?.period as f64)),
            "TIME_SERIES" => {
                let value = first.scalar(name)?;
                let points = window.starts(60).map(|at| (at, value)).collect();
                Ok(Data::Series(Series {
                    period: 60,
                    points,
                    ..Series::default()
                }))
            }
            "FIRST" | "LAST" => match first {
                Data::Many(many) => {
                    let found = if name == "FIRST" { many.into_iter().next() } else { many.into_iter().last() };
                    Ok(Data::Series(found.unwrap_or_default()))
                }
                other => {
                    let series = other.series(name)?;
                    let found = if name == "FIRST" { series.values().next() } else { series.values().last() };
                    Ok(Data::Scalar(found.unwrap_or(f64::NAN)))
                }
            },
            "METRIC_COUNT" => match first {
                Data::Many(many) => Ok(Data::Scalar(many.len() as f64)),
                _ => Err("METRIC_COUNT takes an array of time series".to_string()),
            },
            "REMOVE_EMPTY" => match first {
                Data::Many(many) => Ok(Data::Many(many.into_iter().filter(|series| !series.points.is_empty()).collect())),
                _ => Err("REMOVE_EMPTY takes an array of time series".to_string()),
            },
            "AVG" | "SUM" | "MIN" | "MAX" | "STDDEV" | "DATAPOINT_COUNT" => aggregate(name, first),
            "FILL" if third.is_none() => fill(first, &second, window),
            "IF" => choose(first, second, third),
            "SLICE" => slice(first, &second, &third),
            "SORT" => sort(first, &second, &third, given.next()),
            _ => Err(format!("there is no function {name}, or not with {count} arguments")),
        }
    }
}

struct Step {
    values: f64,
    seconds: f64,
}

/// Each point against the one before; the first has none.
fn steps(series: Series, change: impl Fn(Step) -> f64) -> Series {
    let mut before: Option<(i64, f64)> = None;
    series.map(|at, value| {
        let (then, was) = before.replace((at, value))?;
        Some(change(Step {
            values: value - was,
            seconds: (at - then) as f64,
        }))
    })
}

/// S of a series; of an array the series of what its series have at each instant, a missing point as 0 in AVG.
fn aggregate(name: &str, data: Data) -> Result<Data, String> {
    match data {
        Data::Scalar(value) => Ok(Data::Scalar(value)),
        Data::Series(series) => Ok(Data::Scalar(fold(name, series.values(), 0).unwrap_or(f64::NAN))),
        Data::Many(many) => {
            let mut at: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            for series in &many {
                for (second, value) in &series.points {
                    at.entry(*second).or_default().push(*value);
                }
            }
            let points = at.into_iter().filter_map(|(second, values)| {
                let zeros = if name == "AVG" { many.len() - values.len() } else { 0 };
                Some((second, fold(name, values.into_iter(), zeros)?))
            });
            Ok(Data::Series(Series {
                period: many.first().map_or(60, |series| series.period),
                points: points.collect(),
                ..Series::default()
            }))
        }
        Data::Text(_) => Err(format!("{name} takes time series")),
    }
}

fn fill(data: Data, with: &Option<Data>, window: &Window) -> Result<Data, String> {
    let constant = match with {
        Some(Data::Scalar(value)) => Some(*value),
        Some(Data::Series(series)) => series.values().last(),
        Some(Data::Text(word)) if word == "REPEAT" || word == "LINEAR" => None,
        _ => return Err("FILL takes a number, REPEAT or LINEAR".to_string()),
    };
    let linear = matches!(with, Some(Data::Text(word)) if word == "LINEAR");
    data.whole("FILL", |mut series| {
        let known = series.points.clone();
        for at in window.starts(series.period) {
            if known.contains_key(&at) {
                continue;
            }
            let before = known.range(..at).next_back();
            let after = known.range(at..).next();
            let value = match (constant, before, after) {
                (Some(value), ..) => Some(value),
                (None, Some((then, was)), Some((later, will))) if linear => Some(was + (will - was) * (at - then) as f64 / (later - then) as f64),
                (None, Some((_, was)), _) if !linear => Some(*was),
                _ => None,
            };
            series.points.extend(value.map(|value| (at, value)));
        }
        series
    })
}

/// `IF(condition, then, else)`: without `else`, points where the condition does not hold are dropped. The condition may be a number.
fn choose(condition: Data, then: Option<Data>, other: Option<Data>) -> Result<Data, String> {
    let Some(then) = then else {
        return Err("IF takes a condition and a value".to_string());
    };
    let at = |data: &Data, second: i64| match data {
        Data::Scalar(value) => Ok(Some(*value)),
        Data::Series(series) => Ok(series.points.get(&second).copied()),
        _ => Err("IF takes numbers and time series".to_string()),
    };
    match condition {
        Data::Scalar(value) => match (value != 0.0, other) {
            (true, _) => Ok(then),
            (false, Some(other)) => Ok(other),
            (false, None) => then.whole("IF", |series| series.map(|_, _| None)),
        },
        Data::Series(condition) => {
            // Types are checked whether there are points or none.
            at(&then, 0)?;
            if let Some(other) = &other {
                at(other, 0)?;
            }
            let points = condition.points.clone();
            Ok(Data::Series(Series {
                points: points
                    .into_iter()
                    .filter_map(|(second, value)| {
                        let chosen = if value != 0.0 { Some(&then) } else { other.as_ref() };
                        at(chosen?, second).ok().flatten().map(|value| (second, value))
                    })
                    .collect(),
                ..condition
            }))
        }
        _ => Err("IF takes a number or a time series as its condition".to_string()),
    }
}

fn slice(data: Data, from: &Option<Data>, to: &Option<Data>) -> Result<Data, String> {
    let Data::Many(many) = data else {
        return Err("SLICE takes an array of time series".to_string());
    };
    let index = |data: &Option<Data>| data.as_ref().map(|data| data.scalar("SLICE").map(|value| value.max(0.0) as usize)).transpose();
    let Some(from) = index(from)? else {
        return Err("SLICE takes an index".to_string());
    };
    Ok(match index(to)? {
        Some(to) => Data::Many(many.into_iter().take(to).skip(from).collect()),
        None => Data::Series(many.into_iter().nth(from).unwrap_or_default()),
    })
}

fn sort(data: Data, by: &Option<Data>, order: &Option<Data>, limit: Option<Data>) -> Result<Data, String> {
    let (Data::Many(many), Some(Data::Text(by)), Some(Data::Text(order))) = (data, by, order) else {
        return Err("SORT takes an array of time series, AVG, MIN, MAX or SUM, and ASC or DESC".to_string());
    };
    let mut keyed: Vec<(f64, Series)> = many
        .into_iter()
        .map(|series| (fold(by, series.values(), 0).unwrap_or(f64::NEG_INFINITY), series))
        .collect();
    keyed.sort_by(|(a, _), (b, _)| if order == "DESC" { b.total_cmp(a) } else { a.total_cmp(b) });
    let limit = limit
        .map(|limit| limit.scalar("SORT"))
        .transpose()?
        .map_or(usize::MAX, |limit| limit.max(0.0) as usize);
    Ok(Data::Many(keyed.into_iter().take(limit).map(|(_, series)| series).collect()))
}
