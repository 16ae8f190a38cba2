use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::Response;
use super::members::{bad_combination, bad_value, check_dimensions, dimensions, unit};
use crate::account::{ApiError, Params};
use crate::monitor::metrics::{MetricId, Sample};
use crate::monitor::state::CloudWatch;
use crate::sim::SimTime;

/// Metrics of one call ("PutMetricData").
const MAX_METRICS: usize = 1_000;
/// Values of one datum.
const MAX_VALUES: usize = 150;

struct Datum {
    id: MetricId,
    at: SimTime,
    unit: alloc::string::String,
    resolution: i64,
    samples: Vec<Sample>,
}

impl CloudWatch {
    /// All of it, or nothing.
    pub(super) fn put_metric_data(&mut self, now: SimTime, params: &Params<'_>) -> Response {
        let namespace = params.required_text("Namespace")?;
        if namespace.starts_with(':') || namespace.len() > 255 {
            return Err(bad_value(format!("The value {namespace} for parameter Namespace is invalid.")));
        }
        if namespace.starts_with("AWS/") {
            return Err(
                bad_value("The value AWS/ for parameter Namespace is invalid. Namespaces that begin with AWS/ are reserved.".to_string())
                    .with_help("Put your own metrics under a namespace of your own."),
            );
        }
        if params.has("EntityMetricData") {
            return Err(ApiError::new(
                "NotImplemented",
                "Sluice does not do cloudwatch:PutMetricData with EntityMetricData yet.",
            ));
        }
        let given = params.list("MetricData");
        if given.is_empty() {
            return Err(ApiError::new("MissingParameter", "The parameter MetricData is required."));
        }
        if given.len() > MAX_METRICS {
            return Err(bad_value(format!("The collection MetricData must not have a size greater than {MAX_METRICS}.")));
        }
        let read = |(datum, number)| read(now, namespace, &datum, number);
        let data: Vec<Datum> = params.structures("MetricData").zip(1..).map(read).collect::<Result<_, _>>()?;
        for datum in data {
            for sample in datum.samples {
                self.take(now, &datum.id, datum.at, &datum.unit, datum.resolution, sample);
            }
            self.metrics.mark(&datum.id, None);
        }
        Ok(Map::new())
    }
}

fn read(now: SimTime, namespace: &str, datum: &Params<'_>, number: usize) -> Result<Datum, ApiError> {
    let place = |member: &str| format!("MetricData.member.{number}.{member}");
    let at = datum.time("Timestamp").unwrap_or(now);
    if at < now.plus_seconds(-14 * 86_400) || at > now.plus_seconds(2 * 3_600) {
        return Err(bad_value(format!(
            "The parameter {} must specify a time within the past two weeks and no more than two hours in the future.",
            place("Timestamp")
        )));
    }
    let resolution = datum.integer("StorageResolution").unwrap_or(60);
    if !matches!(resolution, 1 | 60) {
        return Err(bad_value(format!(
            "The value {resolution} for parameter {} is invalid. It must be 1 or 60.",
            place("StorageResolution")
        )));
    }
    let checked = |value: f64, member: &str| {
        // 2^360.
        let most = libm::pow(2.0, 360.0);
        if value.is_finite() && libm::fabs(value) <= most {
            return Ok(value);
        }
        Err(bad_value(format!(
            "The value {value} for parameter {} is invalid. It must lie between -2^360 and 2^360.",
            place(member)
        )))
    };
    let kinds = ["Value", "Values", "StatisticValues"].into_iter().filter(|name| datum.has(name));
    let samples = match kinds.collect::<Vec<_>>().as_slice() {
        ["Value"] => {
            let value = checked(datum.double("Value").unwrap_or_default(), "Value")?;
            Vec::from([Sample::Value { value, count: 1.0 }])
        }
        ["Values"] => {
            let values: Vec<f64> = datum.list("Values").iter().filter_map(Value::as_f64).collect();
            let counts: Vec<f64> = datum.list("Counts").iter().filter_map(Value::as_f64).collect();
            if values.is_empty() || values.len() > MAX_VALUES {
                return Err(bad_value(format!(
                    "The collection {} must have a size between 1 and {MAX_VALUES}.",
                    place("Values")
                )));
            }
            if datum.has("Counts") && counts.len() != values.len() {
                return Err(bad_combination(&format!(
                    "The parameters {} and {} must have the same size.",
                    place("Values"),
                    place("Counts")
                )));
            }
            let mut samples = Vec::new();
            for (at, value) in values.into_iter().enumerate() {
                let count = checked(counts.get(at).copied().unwrap_or(1.0), "Counts")?;
                if count < 0.0 {
                    return Err(bad_value(format!("The value {count} for parameter {} is invalid.", place("Counts"))));
                }
                let value = checked(value, "Values")?;
                if count > 0.0 {
                    samples.push(Sample::Value { value, count });
                }
            }
            samples
        }
        ["StatisticValues"] => {
            let set = datum.structure("StatisticValues").unwrap_or(*datum);
            let of = |name: &str| checked(set.double(name).unwrap_or_default(), &format!("StatisticValues.{name}"));
            let (sum, minimum, maximum, count) = (of("Sum")?, of("Minimum")?, of("Maximum")?, of("SampleCount")?);
            if count <= 0.0 || minimum > maximum {
                return Err(bad_value(format!("The values of parameter {} are invalid.", place("StatisticValues"))));
            }
            Vec::from([Sample::Set { sum, minimum, maximum, count }])
        }
        [] => {
            return Err(ApiError::new(
                "MissingParameter",
                format!(
                    "At least one of the parameters must be specified: {}, Values or StatisticValues.",
                    place("Value")
                ),
            ));
        }
        _ => {
            return Err(bad_combination(&format!(
                "The parameters {}, Values and StatisticValues are mutually exclusive and you have specified more than one.",
                place("Value")
            )));
        }
    };
    Ok(Datum {
        id: MetricId {
            namespace: namespace.to_string(),
            name: datum.required_text("MetricName")?.to_string(),
            dimensions: check_dimensions(dimensions(datum))?,
        },
        at,
        unit: unit(datum)?.unwrap_or_else(|| "None".to_string()),
        resolution,
        samples,
    })
}
