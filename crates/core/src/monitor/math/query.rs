use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::functions::{Data, Series, Window};
use super::parse::{Expr, parse};
use crate::account::{ApiError, Params};
use crate::monitor::commands::members::{check_dimensions, dimensions, invalid, shown_dimensions};
use crate::monitor::metrics::{MetricId, Metrics};
use crate::monitor::statistics::Statistic;
use crate::sim::SimTime;

/// A `MetricDataQuery`: a metric's statistic, or an expression over other queries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub id: String,
    pub source: QuerySource,
    #[serde(default)]
    pub label: Option<String>,
    pub returned: bool,
    /// Seconds, of the metric or as the expression says.
    #[serde(default)]
    pub period: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum QuerySource {
    Metric {
        id: MetricId,
        statistic: String,
        #[serde(default)]
        unit: Option<String>,
    },
    Expression(String),
}

impl Query {
    /// The metric that it reads.
    pub fn metric(&self) -> Option<&MetricId> {
        match &self.source {
            QuerySource::Metric { id, .. } => Some(id),
            QuerySource::Expression(_) => None,
        }
    }

    /// As DescribeAlarms shows it.
    pub fn shown(&self) -> Value {
        let mut shown = json!({"Id": self.id, "ReturnData": self.returned});
        if let Some(label) = &self.label {
            shown["Label"] = json!(label);
        }
        match &self.source {
            QuerySource::Metric { id, statistic, unit } => {
                let metric = json!({"Namespace": id.namespace, "MetricName": id.name, "Dimensions": shown_dimensions(id)});
                shown["MetricStat"] = json!({"Metric": metric, "Period": self.period, "Stat": statistic});
                if let Some(unit) = unit {
                    shown["MetricStat"]["Unit"] = json!(unit);
                }
            }
            QuerySource::Expression(text) => {
                shown["Expression"] = json!(text);
                if let Some(period) = self.period {
                    shown["Period"] = json!(period);
                }
            }
        }
        shown
    }
}

/// Reads the queries of a list, already checked against the members. Errors: `ValidationError`.
pub fn parse_queries<'a>(given: impl Iterator<Item = Params<'a>>) -> Result<Vec<Query>, ApiError> {
    let mut queries: Vec<Query> = Vec::new();
    for params in given {
        let id = params.required_text("Id")?;
        let starts = id.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts || id.len() > 255 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(invalid(format!(
                "The value '{id}' for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$"
            )));
        }
        if queries.iter().any(|query| query.id == id) {
            return Err(invalid(format!("The values for parameter Id must be unique: '{id}' is given twice")));
        }
        let (source, period) = match (params.structure("MetricStat"), params.text("Expression")) {
            (Some(stat), None) => {
                let metric = stat
                    .structure("Metric")
                    .ok_or_else(|| invalid(format!("The MetricStat of '{id}' must name a Metric")))?;
                let namespace = metric
                    .text("Namespace")
                    .ok_or_else(|| invalid(format!("The Metric of '{id}' must have a Namespace")))?;
                let name = metric
                    .text("MetricName")
                    .ok_or_else(|| invalid(format!("The Metric of '{id}' must have a MetricName")))?;
                let statistic = stat.required_text("Stat")?;
                if Statistic::any(statistic).is_none() {
                    return Err(invalid(format!("The value {statistic} for parameter Stat is not supported.")));
                }
                let period = stat.integer("Period").unwrap_or(0);
                check_period(period)?;
                let source = QuerySource::Metric {
                    id: MetricId {
                        namespace: namespace.to_string(),
                        name: name.to_string(),
                        dimensions: check_dimensions(dimensions(&metric))?,
                    },
                    statistic: statistic.to_string(),
                    unit: stat.text("Unit").map(ToString::to_string),
                };
                (source, Some(period))
            }
            (None, Some(expression)) => {
                if expression.chars().count() > 2_048 {
                    return Err(invalid(format!("The Expression of '{id}' is longer than 2048 characters")));
                }
                if let Some(period) = params.integer("Period") {
                    check_period(period)?;
                }
                (QuerySource::Expression(expression.to_string()), params.integer("Period"))
            }
            _ => return Err(invalid(format!("Exactly one of MetricStat and Expression must be given for '{id}'"))),
        };
        queries.push(Query {
            id: id.to_string(),
            source,
            label: params.text("Label").map(ToString::to_string),
            returned: params.boolean("ReturnData").unwrap_or(true),
            period,
        });
    }
    Ok(queries)
}

/// Longest period of a query, seconds: a year, which is more than any alarm looks back.
pub const MAX_PERIOD: i64 = 31_536_000;

fn check_period(period: i64) -> Result<(), ApiError> {
    if matches!(period, 1 | 5 | 10 | 20 | 30) || (1..=MAX_PERIOD).contains(&period) && period % 60 == 0 {
        return Ok(());
    }
    Err(invalid(format!(
        "Metric query period must be 1, 5, 10, 20, 30 or a multiple of 60, and is {period}"
    )))
}

/// Evaluates every query that returns data over `[window.from, window.to)`. Error: which expression and why.
pub fn all(metrics: &Metrics, now: SimTime, queries: &[Query], window: Window) -> Result<Vec<(usize, Vec<Series>)>, String> {
    let mut run = Run {
        metrics,
        now,
        queries,
        window,
        done: BTreeMap::new(),
        open: Vec::new(),
    };
    let mut results = Vec::new();
    for (at, query) in queries.iter().enumerate().filter(|(_, query)| query.returned) {
        let series = match run.query(at)? {
            Data::Series(series) => Vec::from([series]),
            Data::Many(many) => many,
            _ => return Err(format!("Error in expression '{}': the expression must return a time series", query.id)),
        };
        results.push((at, series));
    }
    Ok(results)
}

/// The points of the one series that an alarm's queries return, by the second at which each begins.
pub fn returned(metrics: &Metrics, now: SimTime, queries: &[Query], from: i64, to: i64) -> Result<BTreeMap<i64, f64>, String> {
    let window = Window { from, to, aligned: false };
    let mut results = all(metrics, now, queries, window)?;
    match (results.pop(), results.pop()) {
        (Some((_, series)), None) => match <[Series; 1]>::try_from(series) {
            Ok([series]) => Ok(series.points),
            Err(_) => Err("the expression must return a single time series".to_string()),
        },
        _ => Err("exactly one query must return data".to_string()),
    }
}

/// Whether every expression reads and its types fit: types do not depend on data.
pub fn check(queries: &[Query]) -> Result<(), String> {
    let shown: Vec<Query> = queries
        .iter()
        .map(|query| Query {
            returned: true,
            ..query.clone()
        })
        .collect();
    let window = Window {
        from: 0,
        to: 0,
        aligned: false,
    };
    let mut run = Run {
        metrics: &Metrics::default(),
        now: SimTime::EPOCH,
        queries: &shown,
        window,
        done: BTreeMap::new(),
        open: Vec::new(),
    };
    (0..shown.len()).try_for_each(|at| run.query(at).map(|_| ()))
}

/// Whether the queries may answer points where their metrics have none.
pub fn needs_no_data(queries: &[Query]) -> bool {
    let timeless = |query: &Query| match &query.source {
        QuerySource::Expression(text) => text.contains("TIME_SERIES"),
        QuerySource::Metric { .. } => false,
    };
    queries.iter().any(timeless)
}

struct Run<'a> {
    metrics: &'a Metrics,
    now: SimTime,
    queries: &'a [Query],
    window: Window,
    done: BTreeMap<usize, Data>,
    /// Queries that are being evaluated.
    open: Vec<usize>,
}

impl Run<'_> {
    fn query(&mut self, at: usize) -> Result<Data, String> {
        if let Some(done) = self.done.get(&at) {
            return Ok(done.clone());
        }
        let Some(query) = self.queries.get(at) else {
            return Err("no such query".to_string());
        };
        if self.open.contains(&at) || self.open.len() > 20 {
            return Err(format!("Error in expression '{}': it refers to itself", query.id));
        }
        self.open.push(at);
        let data = match &query.source {
            QuerySource::Metric { id, statistic, unit } => Ok(self.metric(query, id, statistic, unit.as_deref())),
            QuerySource::Expression(text) => parse(text)
                .and_then(|expr| self.expr(&expr))
                .map_err(|error| {
                    if error.starts_with("Error in") {
                        error
                    } else {
                        format!("Error in expression '{}': {error}", query.id)
                    }
                })
                .map(|data| data.named(&query.id)),
        };
        self.open.pop();
        let data = data?;
        self.done.insert(at, data.clone());
        Ok(data)
    }

    fn metric(&self, query: &Query, id: &MetricId, statistic: &str, unit: Option<&str>) -> Data {
        let period = query.period.unwrap_or(60).max(1);
        let mut series = Series {
            id: query.id.clone(),
            label: query.label.clone().unwrap_or_else(|| id.name.clone()),
            period,
            points: BTreeMap::new(),
        };
        if let Some(statistic) = Statistic::any(statistic) {
            for start in self.window.starts(period) {
                let bucket = self.metrics.bucket(self.now, id, unit, start, start + period, period);
                if let Some(value) = bucket.statistic(statistic) {
                    series.points.insert(start, value);
                }
            }
        }
        Data::Series(series)
    }

    fn expr(&mut self, expr: &Expr) -> Result<Data, String> {
        match expr {
            Expr::Number(number) => Ok(Data::Scalar(*number)),
            Expr::Text(text) => Ok(Data::Text(text.clone())),
            Expr::Name(name) => match self.queries.iter().position(|query| query.id == *name) {
                Some(at) => self.query(at),
                None if matches!(name.as_str(), "REPEAT" | "LINEAR" | "ASC" | "DESC" | "AVG" | "MIN" | "MAX" | "SUM") => Ok(Data::Text(name.clone())),
                None => Err(format!("there is no query '{name}'")),
            },
            Expr::List(items) => {
                let mut many = Vec::new();
                for item in items {
                    match self.expr(item)? {
                        Data::Series(series) => many.push(series),
                        Data::Many(more) => many.extend(more),
                        _ => return Err("an array holds time series".to_string()),
                    }
                }
                Ok(Data::Many(many))
            }
            Expr::Negative(inner) => self.expr(inner)?.negative(),
            Expr::Binary(operator, left, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                Data::binary(*operator, left, right)
            }
            Expr::Call(name, given) if name == "METRICS" => {
                let wanted = match given.as_slice() {
                    [] => "",
                    [Expr::Text(text)] => text.as_str(),
                    _ => return Err("METRICS takes a text or nothing".to_string()),
                };
                let found: Vec<usize> = (0..self.queries.len())
                    .filter(|at| self.queries.get(*at).is_some_and(|query| query.metric().is_some() && query.id.contains(wanted)))
                    .collect();
                let mut many = Vec::new();
                for at in found {
                    if let Data::Series(series) = self.query(at)? {
                        many.push(series);
                    }
                }
                Ok(Data::Many(many))
            }
            Expr::Call(name, given) => {
                let given = given.iter().map(|given| self.expr(given)).collect::<Result<Vec<_>, _>>()?;
                Data::call(name, given, &self.window)
            }
        }
    }
}
