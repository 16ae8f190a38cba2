use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::members::{bad_combination, bad_value, check_dimensions, dimensions, invalid, unit};
use super::{Response, one, start_of, token};
use crate::account::{ApiError, Params};
use crate::monitor::math::{self, Window};
use crate::monitor::metrics::MetricId;
use crate::monitor::state::CloudWatch;
use crate::monitor::statistics::Statistic;
use crate::sim::SimTime;

/// Datapoints of one answer of GetMetricStatistics.
const MAX_STATISTICS: i64 = 1_440;
/// Datapoints of one answer of GetMetricData.
const MAX_DATA: usize = 100_800;
const PAGE: usize = 500;

fn seconds(time: SimTime) -> i64 {
    time.micros().div_euclid(1_000_000)
}

fn shown_time(second: i64) -> String {
    SimTime::from_micros(second.saturating_mul(1_000_000)).to_string()
}

impl CloudWatch {
    /// StartTime goes down to the second, minute, five minutes or hour, by its age ("GetMetricStatistics"); periods follow each other from there.
    pub(super) fn get_statistics(&self, now: SimTime, params: &Params<'_>) -> Response {
        let id = MetricId {
            namespace: params.required_text("Namespace")?.to_string(),
            name: params.required_text("MetricName")?.to_string(),
            dimensions: check_dimensions(dimensions(params))?,
        };
        let period = params.integer("Period").unwrap_or(60);
        if !matches!(period, 1 | 5 | 10 | 20 | 30) && (period % 60 != 0 || !(60..=math::MAX_PERIOD).contains(&period)) {
            return Err(bad_value("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.".to_string()));
        }
        let start = params.time("StartTime").unwrap_or(now);
        let end = params.time("EndTime").unwrap_or(now);
        if start >= end {
            return Err(bad_combination("The parameter StartTime must be less than the parameter EndTime."));
        }
        let mut statistics: Vec<(&str, Statistic, bool)> = Vec::new();
        for name in params.texts("Statistics") {
            let statistic = Statistic::plain(name).ok_or_else(|| bad_value(format!("The value {name} for parameter Statistics is invalid.")))?;
            statistics.push((name, statistic, false));
        }
        for name in params.texts("ExtendedStatistics") {
            let statistic = Statistic::extended(name).ok_or_else(|| bad_value(format!("The value {name} for parameter ExtendedStatistics is invalid.")))?;
            statistics.push((name, statistic, true));
        }
        if statistics.is_empty() {
            return Err(ApiError::new(
                "MissingParameter",
                "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
            ));
        }
        let age = seconds(now) - seconds(start);
        let step = match age {
            age if age <= 10_800 => period.min(60),
            age if age <= 1_296_000 => 60,
            age if age <= 5_443_200 => 300,
            _ => 3_600,
        };
        let from = seconds(start) - seconds(start).rem_euclid(step);
        let to = seconds(end);
        if (to - from) / period > MAX_STATISTICS {
            return Err(bad_combination(&format!(
                "You have requested up to {} datapoints, which exceeds the limit of {MAX_STATISTICS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
                (to - from) / period
            )));
        }
        let unit = unit(params)?;
        let mut points = Vec::new();
        for at in (0..).map(|index| from + index * period).take_while(|at| *at < to) {
            let bucket = self.metrics.bucket(now, &id, unit.as_deref(), at, (at + period).min(to), period);
            if bucket.is_empty() {
                continue;
            }
            let mut point = json!({"Timestamp": shown_time(at), "Unit": unit.as_deref().or_else(|| self.metrics.unit(&id)).unwrap_or("None")});
            for (name, statistic, extended) in &statistics {
                if let Some(value) = bucket.statistic(*statistic) {
                    if *extended {
                        point["ExtendedStatistics"][*name] = json!(value);
                    } else {
                        point[*name] = json!(value);
                    }
                }
            }
            points.push(point);
        }
        let mut response = one("Label", json!(id.name));
        response.insert("Datapoints".to_string(), Value::Array(points));
        Ok(response)
    }

    pub(super) fn get_data(&self, now: SimTime, params: &Params<'_>) -> Response {
        let queries = math::parse_queries(params.structures("MetricDataQueries"))?;
        if queries.is_empty() || queries.len() > 500 {
            return Err(invalid("The collection MetricDataQueries must have a size between 1 and 500.".to_string()));
        }
        let (start, end) = (params.time("StartTime").unwrap_or(now), params.time("EndTime").unwrap_or(now));
        if start >= end {
            return Err(invalid("The parameter StartTime must be less than the parameter EndTime.".to_string()));
        }
        let most = match params.integer("MaxDatapoints") {
            None => MAX_DATA,
            Some(most @ 1..=100_800) => most as usize,
            Some(most) => {
                return Err(invalid(format!(
                    "The value {most} for parameter MaxDatapoints must lie between 1 and {MAX_DATA}."
                )));
            }
        };
        let ascending = match params.text("ScanBy") {
            None | Some("TimestampDescending") => false,
            Some("TimestampAscending") => true,
            Some(other) => return Err(super::members::not_in_enum(other, "scanBy", &["TimestampDescending", "TimestampAscending"])),
        };
        let finest = queries.iter().filter_map(|query| query.period).min().unwrap_or(60).max(1);
        if (seconds(end) - seconds(start)) / finest > MAX_DATA as i64 {
            return Err(invalid(format!("The queries ask for more than {MAX_DATA} datapoints each.")).with_help("Ask for a longer Period or a shorter time."));
        }
        let window = Window {
            from: seconds(start),
            to: seconds(end),
            aligned: true,
        };
        let results = math::all(&self.metrics, now, &queries, window).map_err(invalid)?;
        // A page is a stretch of the points of all series, one series after the other.
        let first = start_of(params)?;
        let (mut at, mut shown) = (0, Vec::new());
        for (index, many) in results {
            for series in many {
                let label = queries.get(index).and_then(|query| query.label.clone()).unwrap_or(series.label);
                let mut points: Vec<(i64, f64)> = series.points.into_iter().collect();
                if !ascending {
                    points.reverse();
                }
                let length = points.len();
                let skipped = first.saturating_sub(at).min(length);
                let room = first.saturating_add(most).saturating_sub(at.max(first));
                let page: Vec<_> = points.iter().skip(skipped).take(room).collect();
                if first == 0 || !page.is_empty() {
                    let complete = skipped + page.len() == length;
                    shown.push(json!({
                        "Id": queries.get(index).map(|query| query.id.as_str()),
                        "Label": label,
                        "Timestamps": page.iter().map(|(at, _)| shown_time(*at)).collect::<Vec<_>>(),
                        "Values": page.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
                        "StatusCode": if complete { "Complete" } else { "PartialData" },
                    }));
                }
                at += length;
            }
        }
        let mut response = one("MetricDataResults", Value::Array(shown));
        response.insert("Messages".to_string(), json!([]));
        if at > first.saturating_add(most) {
            response.insert("NextToken".to_string(), json!(token(first.saturating_add(most))));
        }
        Ok(response)
    }

    /// Metrics that had a point in the last two weeks; with `RecentlyActive` in the last three hours.
    pub(super) fn list_metrics(&self, now: SimTime, params: &Params<'_>) -> Response {
        let age = match params.text("RecentlyActive") {
            None => 14 * 86_400,
            Some("PT3H") => 3 * 3_600,
            Some(other) => return Err(super::members::not_in_enum(other, "recentlyActive", &["PT3H"])),
        };
        let oldest = now.plus_seconds(-age);
        let wanted = |id: &MetricId| {
            params.text("Namespace").is_none_or(|namespace| namespace == id.namespace)
                && params.text("MetricName").is_none_or(|name| name == id.name)
                && params.structures("Dimensions").all(|filter| {
                    let (name, value) = (filter.text("Name").unwrap_or_default(), filter.text("Value"));
                    id.dimensions.iter().any(|(known, has)| known == name && value.is_none_or(|value| value == has))
                })
        };
        let first = start_of(params)?;
        let mut found = self.metrics.iter().filter(|(id, last)| *last >= oldest && wanted(id)).skip(first);
        let page: Vec<Value> = found
            .by_ref()
            .take(PAGE)
            .map(|(id, _)| json!({"Namespace": id.namespace, "MetricName": id.name, "Dimensions": super::members::shown_dimensions(id)}))
            .collect();
        let mut response: Map<String, Value> = one("Metrics", Value::Array(page));
        if found.next().is_some() {
            response.insert("NextToken".to_string(), json!(token(first + PAGE)));
        }
        Ok(response)
    }
}
