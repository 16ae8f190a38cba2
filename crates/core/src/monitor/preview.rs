//! `sluice:PreviewAlarm`: what an alarm would have done over values that are there.
//!
//! Belongs here: the settings of an alarm laid over past periods. Does not belong here: the rule (`evaluate`), and what a real alarm did, which its history says.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::alarm::Kind;
use super::commands::members::PUT_ALARM;
use super::commands::put_alarm::metric_alarm;
use super::reason::reason;
use super::state::{CloudWatch, StateValue};
use crate::account::params::{Member, NAME, Shape, TIMESTAMP, optional};
use crate::account::{ApiError, Params};
use crate::sim::SimTime;

const PREVIEW: &[Member] = &[
    optional("AlarmName", NAME),
    optional("Alarm", Shape::Structure(PUT_ALARM)),
    optional("StartTime", TIMESTAMP),
    optional("EndTime", TIMESTAMP),
    optional("Periods", Shape::Integer { min: Some(1) }),
];
/// Evaluations of one answer, and points.
const MOST: i64 = 3_000;
/// Periods that are looked at if nothing is said.
const PERIODS: i64 = 30;

impl CloudWatch {
    /// `{AlarmName | Alarm: PutMetricAlarm's parameters, StartTime?, EndTime?, Periods?}` → `{Period, Now, Points: [{At, Value, Breaching}], States: [{At, State, Reason}], Counted,
    /// Breaching}`: the value of each period (null: missing), and each state that an alarm of these settings would have gone to, had it stood since the start and had all values come
    /// by the end of their period. Left out, the end is now and the start is `Periods` (30) periods before. `Counted` and `Breaching` are numbers of points of the last evaluation.
    ///
    /// Errors: those of PutMetricAlarm for `Alarm`; `ResourceNotFound`; `ValidationError` for a span of more than 3,000 evaluations or points.
    pub fn preview(&self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, PREVIEW)?;
        let metric = match (params.structure("Alarm"), params.text("AlarmName")) {
            (Some(alarm), None) => metric_alarm(&alarm)?,
            (None, Some(name)) => match self.alarms.get(name).map(|alarm| &alarm.kind) {
                Some(Kind::Metric(metric)) => metric.clone(),
                Some(Kind::Composite(_)) => {
                    return Err(ApiError::new(
                        "ValidationError",
                        format!("Alarm {name} follows other alarms; it has no values of its own."),
                    ));
                }
                None => return Err(ApiError::new("ResourceNotFound", format!("There is no alarm {name}."))),
            },
            _ => return Err(ApiError::new("ValidationError", "One of AlarmName and Alarm is needed.")),
        };
        let (period, rule) = (metric.period().max(1), metric.rule());
        let interval = if period < 60 { 10 } else { 60 };
        let whole = |time: SimTime| time.micros().div_euclid(interval * 1_000_000);
        let end = params.time("EndTime").unwrap_or(now);
        let last = whole(end);
        let to = last.saturating_mul(interval);
        let back = params.integer("Periods").unwrap_or(PERIODS).min(MOST + 1).saturating_mul(period);
        let start = params
            .time("StartTime")
            .unwrap_or_else(|| SimTime::from_micros(to.saturating_sub(back).saturating_mul(1_000_000)));
        let first = whole(start) + 1;
        let count = (last - first + 1).max(0);
        let length = (to - start.micros().div_euclid(1_000_000)).max(0).div_euclid(period);
        if count > MOST || length > MOST {
            return Err(ApiError::new(
                "ValidationError",
                format!("From StartTime to EndTime there are more than {MOST} evaluations or periods."),
            ));
        }
        let from = to - length * period;
        let points = self.points(end, &metric, from, to, period, length as usize);
        let points: Vec<Value> = points
            .iter()
            .enumerate()
            .map(|(index, point)| {
                json!({
                    "At": SimTime::from_micros((from + index as i64 * period) * 1_000_000).to_string(),
                    "Value": point.map(|point| point.value),
                    "Breaching": point.is_some_and(|point| rule.comparison.breaches(point.value, rule.threshold)),
                })
            })
            .collect();
        let mut state = StateValue::InsufficientData;
        let mut states = alloc::vec![json!({"At": start.to_string(), "State": state.as_str(), "Reason": "Unchecked: Initial alarm creation"})];
        let (mut counted, mut breaching) = (0, 0);
        for evaluation in first..=last {
            let at = SimTime::from_micros(evaluation * interval * 1_000_000);
            let look = self.look(at, &metric);
            (counted, breaching) = (look.counted.len(), look.evaluation.breaching.len());
            if let Some(new) = look.state().filter(|new| *new != state) {
                let reason = reason(&rule, &look.evaluation, &look.counted, state);
                state = new;
                states.push(json!({"At": at.to_string(), "State": new.as_str(), "Reason": reason}));
            }
        }
        Ok(json!({"Period": period, "Now": now.to_string(), "Points": points, "States": states, "Counted": counted, "Breaching": breaching}))
    }
}
