//! Alarms in the account: when they are evaluated, what they bring about, and their state in snapshots.
//!
//! Belongs here: routing between `monitor`, SNS and the trace. Does not belong here: the rules of an alarm.

use alloc::string::String;

use serde_json::{Value, json};

use super::apply::kind;
use super::{Account, ApiError};
use crate::sim::{SimTime, TraceRow};

/// Evaluates the first alarm that is due by `until`.
pub(super) fn poll(account: &mut Account, until: SimTime) {
    account.cloudwatch.poll_one(&account.options, until);
    account.alarms_changed(None);
}

/// A call of CloudWatch was applied and has its row.
pub(super) fn called(account: &mut Account, row: u32) {
    account.cloudwatch.caused(row);
    account.alarms_changed(Some(row));
}

/// The operations of `sluice:` that CloudWatch and SNS answer.
pub(super) fn read(account: &Account, now: SimTime, operation: &str, params: &Value) -> Result<Value, ApiError> {
    match operation {
        "PreviewAlarm" => account.cloudwatch.preview(now, params),
        _ => account.sns.get_inbox(params),
    }
}

/// The state of CloudWatch and SNS; `None`: there is none.
pub(super) fn save(account: &Account) -> Option<Value> {
    let (cloudwatch, sns) = (&account.cloudwatch, &account.sns);
    let empty = *cloudwatch == Default::default() && *sns == Default::default();
    (!empty).then(|| json!({"cloudwatch": cloudwatch, "sns": sns}))
}

pub(super) fn load(account: &mut Account, state: Value) -> Result<(), String> {
    let read = |error: serde_json::Error| alloc::format!("monitor: {error}");
    let Value::Object(mut state) = state else {
        return Err("monitor: no object".into());
    };
    if let Some(cloudwatch) = state.remove("cloudwatch") {
        account.cloudwatch = serde_json::from_value(cloudwatch).map_err(read)?;
    }
    if let Some(sns) = state.remove("sns") {
        account.sns = serde_json::from_value(sns).map_err(read)?;
    }
    Ok(())
}

impl Account {
    /// Writes what alarms did into the trace, and has their actions done. `row`: of the call that is being recorded.
    fn alarms_changed(&mut self, row: Option<u32>) {
        for changed in self.cloudwatch.take_changes() {
            let alarm = self.names.number(&changed.alarm);
            let by_call = if changed.by_call { row } else { None };
            let mut cause = by_call.or(changed.cause).unwrap_or(TraceRow::NO_CAUSE);
            if let Some(state) = changed.state {
                let subject = self.names.number(state.as_str());
                cause = self.trace_row(changed.at, kind::ALARM_STATE, alarm, subject, cause, 0.0);
            }
            for notification in &changed.notifications {
                let target = notification.target.as_str();
                let (subject, message) = (&notification.subject, &notification.message);
                let done = self.sns.publish(&self.options, changed.at, target, subject, message);
                let error = done.as_ref().err().map(|error| error.message.as_str());
                self.cloudwatch.acted(changed.at, &changed.alarm, target, error);
                let resource = self.names.number(target);
                self.trace_row(changed.at, kind::ALARM_ACTION, resource, alarm, cause, f64::from(u8::from(error.is_none())));
            }
        }
    }
}
