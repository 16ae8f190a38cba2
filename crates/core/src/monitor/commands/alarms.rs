use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::members::{check_longest, invalid, not_in_enum};
use super::{Response, one};
use crate::account::{AccountOptions, ApiError, Params};
use crate::monitor::alarm::{Alarm, arn};
use crate::monitor::poll::NewState;
use crate::monitor::state::{CloudWatch, StateValue};
use crate::sim::SimTime;

pub const STATES: &[&str] = &["OK", "ALARM", "INSUFFICIENT_DATA"];

/// `Tags` of a call.
pub fn tags_of(params: &Params<'_>) -> impl Iterator<Item = (String, String)> {
    params
        .structures("Tags")
        .filter_map(|tag| Some((tag.text("Key")?.to_string(), tag.text("Value")?.to_string())))
}

fn names(params: &Params<'_>) -> Result<Vec<String>, ApiError> {
    let names: Vec<String> = params.texts("AlarmNames").map(ToString::to_string).collect();
    if names.len() > 100 {
        return Err(invalid("The collection AlarmNames must not have a size greater than 100.".to_string()));
    }
    Ok(names)
}

impl CloudWatch {
    pub(super) fn delete_alarms(&mut self, now: SimTime, params: &Params<'_>) -> Response {
        let names = names(params)?;
        let gone: Vec<&str> = names.iter().map(String::as_str).filter(|name| !self.alarms.contains_key(*name)).collect();
        if !gone.is_empty() {
            return Err(ApiError::new("ResourceNotFound", format!("Alarms {} do not exist", gone.join(", "))));
        }
        if names.len() > 1 && names.iter().filter(|name| self.alarms.get(*name).is_some_and(Alarm::is_composite)).count() > 1 {
            return Err(invalid("Only one composite alarm can be deleted in a single request.".to_string()));
        }
        self.charge(now);
        for name in &names {
            self.note(
                now,
                name,
                "ConfigurationUpdate",
                format!("Alarm \"{name}\" deleted"),
                json!({"version": "1.0", "type": "Delete"}),
            );
            self.alarms.remove(name);
        }
        Ok(Map::new())
    }

    /// Names that no alarm has are passed over, as in AWS.
    pub(super) fn enable_actions(&mut self, now: SimTime, params: &Params<'_>, enabled: bool) -> Response {
        for name in names(params)? {
            let Some(alarm) = self.alarms.get_mut(&name) else { continue };
            if alarm.actions_enabled != enabled {
                alarm.actions_enabled = enabled;
                alarm.configured = now;
                let summary = format!("Alarm \"{name}\" updated");
                self.note(now, &name, "ConfigurationUpdate", summary, json!({"version": "1.0", "type": "Update"}));
            }
        }
        Ok(Map::new())
    }

    /// Forces a state until the next evaluation.
    pub(super) fn set_state(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let name = params.required_text("AlarmName")?;
        let state = params.required_text("StateValue")?;
        let state = StateValue::parse(state).ok_or_else(|| not_in_enum(state, "stateValue", STATES))?;
        check_longest(params, "StateReason", "stateReason", 1_023)?;
        check_longest(params, "StateReasonData", "stateReasonData", 4_000)?;
        let data = match params.text("StateReasonData") {
            None => None,
            Some(text) => Some(
                serde_json::from_str::<Value>(text).map_err(|error| ApiError::new("InvalidFormat", format!("StateReasonData is not valid JSON: {error}")))?,
            ),
        };
        let alarm = self
            .alarms
            .get_mut(name)
            .ok_or_else(|| ApiError::new("ResourceNotFound", format!("Alarm {name} does not exist")))?;
        alarm.wake(now);
        let new = NewState {
            state,
            reason: params.required_text("StateReason")?.to_string(),
            data,
            cause: None,
            by_call: true,
        };
        self.change(options, now, name, new);
        Ok(Map::new())
    }

    fn tagged(&mut self, options: &AccountOptions, params: &Params<'_>) -> Result<&mut BTreeMap<String, String>, ApiError> {
        let wanted = params.required_text("ResourceARN")?;
        let found = self.alarms.iter_mut().find(|(name, _)| arn(options, name) == wanted);
        found
            .map(|(_, alarm)| &mut alarm.tags)
            .ok_or_else(|| ApiError::new("ResourceNotFoundException", format!("The resource {wanted} does not exist")))
    }

    pub(super) fn tag(&mut self, options: &AccountOptions, params: &Params<'_>) -> Response {
        let tags = self.tagged(options, params)?;
        let mut new = tags.clone();
        new.extend(tags_of(params));
        if new.len() > 50 {
            return Err(super::members::bad_value("An alarm has at most 50 tags".to_string()));
        }
        *tags = new;
        Ok(Map::new())
    }

    pub(super) fn untag(&mut self, options: &AccountOptions, params: &Params<'_>) -> Response {
        let tags = self.tagged(options, params)?;
        for key in params.texts("TagKeys") {
            tags.remove(key);
        }
        Ok(Map::new())
    }

    pub(super) fn list_tags(&mut self, options: &AccountOptions, params: &Params<'_>) -> Response {
        let tags = self.tagged(options, params)?;
        Ok(one("Tags", tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()))
    }
}
