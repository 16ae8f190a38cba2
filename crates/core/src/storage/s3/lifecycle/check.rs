use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Expiration, Filter, FilterForm, Rule, StorageClass, When};
use crate::account::ApiError;
use crate::storage::s3::errors::invalid_argument;
use crate::storage::s3::rules::IA_AFTER_DAYS;

fn invalid_request(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidRequest", message)
}

/// A filter as S3's messages name it: `(prefix=logs/)`, `()` where it has no prefix.
fn shown(filter: &Filter) -> String {
    match &filter.prefix {
        Some(prefix) => format!("(prefix={prefix})"),
        None => String::from("()"),
    }
}

/// What the rules must be together: unique IDs, and filters in all of them or in none ("Lifecycle V2").
pub fn configuration(rules: &[Rule]) -> Result<(), ApiError> {
    let mut ids = BTreeSet::new();
    if rules.iter().any(|rule| !rule.id.is_empty() && !ids.insert(rule.id.as_str())) {
        return Err(invalid_argument("Rule ID must be unique. Found same ID for more than one rule"));
    }
    let old = rules.iter().filter(|rule| rule.filter.form == FilterForm::Prefix).count();
    if old == 0 || old == rules.len() {
        return Ok(());
    }
    let first_is_old = rules.first().is_some_and(|rule| rule.filter.form == FilterForm::Prefix);
    Err(invalid_request(if first_is_old {
        "Filter element can only be used in Lifecycle V2."
    } else {
        "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter."
    }))
}

/// What the actions of one rule must be to each other and to its filter.
pub fn rule(rule: &Rule) -> Result<(), ApiError> {
    let idle = rule.transitions.is_empty()
        && rule.noncurrent_transitions.is_empty()
        && rule.expiration.is_none()
        && rule.noncurrent_expiration.is_none()
        && rule.abort_incomplete.is_none();
    if idle {
        return Err(invalid_request("At least one action needs to be specified in a rule"));
    }
    if matches!(rule.expiration, Some(Expiration::ExpiredMarker(_))) {
        unfiltered(&rule.filter, "ExpiredObjectDeleteMarker")?;
    }
    if rule.abort_incomplete.is_some() {
        unfiltered(&rule.filter, "AbortIncompleteMultipartUpload")?;
    }
    let newer = rule.noncurrent_transitions.iter().any(|transition| transition.newer.is_some())
        || rule.noncurrent_expiration.is_some_and(|expiration| expiration.newer.is_some());
    if newer && rule.filter.form == FilterForm::Prefix {
        return Err(invalid_request("NewerNoncurrentVersions element can only be used in Lifecycle V2."));
    }
    let filter = shown(&rule.filter);
    current(rule, &filter)?;
    noncurrent(rule, &filter)
}

fn unfiltered(filter: &Filter, action: &str) -> Result<(), ApiError> {
    if !filter.tags.is_empty() {
        return Err(invalid_request(format!("{action} cannot be specified with Tags.")));
    }
    if filter.has_size() {
        return Err(invalid_request(format!("{action} cannot be specified with Object Size.")));
    }
    Ok(())
}

/// Steps of a plan, in days or in days since the epoch: they compare within one rule, which has only one of the two.
struct Step {
    at: i64,
    class: StorageClass,
}

fn day(when: When) -> i64 {
    match when {
        When::Days(days) => i64::from(days),
        When::Date(date) => date.micros().div_euclid(86_400_000_000),
    }
}

fn is_date(when: When) -> bool {
    matches!(when, When::Date(_))
}

fn current(rule: &Rule, filter: &str) -> Result<(), ApiError> {
    let expires = match rule.expiration {
        Some(Expiration::At(when)) => Some(when),
        _ => None,
    };
    let mut whens = rule.transitions.iter().map(|transition| transition.when).chain(expires);
    if let Some(first) = whens.next()
        && whens.any(|when| is_date(when) != is_date(first))
    {
        return Err(invalid_request(format!(
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '{filter}'"
        )));
    }
    let by_date = rule.transitions.iter().any(|transition| is_date(transition.when));
    let unit = if by_date { "Date" } else { "Days" };
    let steps: Vec<Step> = rule
        .transitions
        .iter()
        .map(|transition| Step {
            at: day(transition.when),
            class: transition.class,
        })
        .collect();
    order(&steps, by_date, unit, "Transition", filter)?;
    match (expires, steps.iter().map(|step| step.at).max()) {
        (Some(when), Some(last)) if day(when) <= last => Err(invalid_argument(&format!(
            "'{unit}' in the Expiration action for filter '{filter}' must be greater than '{unit}' in the Transition action"
        ))),
        _ => Ok(()),
    }
}

fn noncurrent(rule: &Rule, filter: &str) -> Result<(), ApiError> {
    const UNIT: &str = "NoncurrentDays";
    let steps: Vec<Step> = rule
        .noncurrent_transitions
        .iter()
        .map(|transition| Step {
            at: i64::from(transition.days),
            class: transition.class,
        })
        .collect();
    order(&steps, false, UNIT, "NoncurrentVersionTransition", filter)?;
    match (rule.noncurrent_expiration, steps.iter().map(|step| step.at).max()) {
        (Some(expiration), Some(last)) if i64::from(expiration.days) <= last => Err(invalid_argument(&format!(
            "'{UNIT}' in the NoncurrentVersionExpiration action for filter '{filter}' must be greater than '{UNIT}' in the NoncurrentVersionTransition action"
        ))),
        _ => Ok(()),
    }
}

/// Days that a class must have been held before a rule may archive from it. S3 refuses a rule that would leave sooner than the class's minimum duration.
const fn days_before_archive(from: StorageClass) -> i64 {
    match from {
        StorageClass::StandardIa | StorageClass::OnezoneIa | StorageClass::GlacierIr | StorageClass::Glacier => from.min_days() as i64,
        _ => 0,
    }
}

/// Transitions of one rule: none before its class takes objects, no class twice, down the waterfall only, and no archive before the minimum of the class above.
fn order(steps: &[Step], by_date: bool, unit: &str, action: &str, filter: &str) -> Result<(), ApiError> {
    for step in steps {
        if !by_date && step.at < IA_AFTER_DAYS && matches!(step.class, StorageClass::StandardIa | StorageClass::OnezoneIa) {
            return Err(invalid_argument(&format!(
                "'{unit}' in {action} action must be greater than or equal to {IA_AFTER_DAYS} for storageClass '{}'",
                step.class
            )));
        }
    }
    for (index, second) in steps.iter().enumerate() {
        for first in steps.iter().take(index) {
            if first.class == second.class {
                return Err(invalid_request(format!(
                    "'StorageClass' must be different for '{action}' actions in same 'Rule' with filter '{filter}'"
                )));
            }
            let (warm, cold) = if second.class.can_transition_to(first.class) {
                (second, first)
            } else {
                (first, second)
            };
            let gap = cold.at - warm.at;
            if gap <= 0 || !warm.class.can_transition_to(cold.class) {
                return Err(invalid_argument(&format!(
                    "'{unit}' in the '{action}' action for StorageClass '{}' for filter '{filter}' must be greater than '{unit}' in the '{action}' action for StorageClass '{}' for filter '{filter}'",
                    cold.class, warm.class
                )));
            }
            let least = days_before_archive(warm.class);
            if gap < least && cold.class.is_archived() {
                return Err(invalid_argument(&format!(
                    "'{unit}' in the '{action}' action for StorageClass '{}' for filter '{filter}' must be {least} days more than 'filter '{filter}'' in the '{action}' action for StorageClass '{}'",
                    cold.class, warm.class
                )));
            }
        }
    }
    Ok(())
}
