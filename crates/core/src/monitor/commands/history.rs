use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::describe::types;
use super::members::not_in_enum;
use super::{Response, one, start_of, token};
use crate::account::Params;
use crate::monitor::state::{CloudWatch, HistoryItem};

const KINDS: &[&str] = &["ConfigurationUpdate", "StateUpdate", "Action"];

impl CloudWatch {
    /// Newest first, unless `ScanBy` says otherwise; deleted alarms too.
    pub(super) fn describe_history(&self, params: &Params<'_>) -> Response {
        let kind = params.text("HistoryItemType");
        if let Some(wrong) = kind.filter(|kind| !KINDS.contains(kind)) {
            return Err(not_in_enum(wrong, "historyItemType", KINDS));
        }
        let (metric, composite) = types(params)?;
        let wanted = |item: &&HistoryItem| {
            (if item.composite { composite } else { metric })
                && params.text("AlarmName").is_none_or(|name| name == item.alarm)
                && kind.is_none_or(|kind| kind == item.kind)
                && params.time("StartDate").is_none_or(|start| item.at >= start)
                && params.time("EndDate").is_none_or(|end| item.at <= end)
        };
        let mut found: Vec<&HistoryItem> = self.history.iter().filter(wanted).collect();
        match params.text("ScanBy") {
            None | Some("TimestampDescending") => found.reverse(),
            Some("TimestampAscending") => {}
            Some(other) => return Err(not_in_enum(other, "scanBy", &["TimestampDescending", "TimestampAscending"])),
        }
        let first = start_of(params)?;
        let most = params.integer("MaxRecords").map_or(50, |most| most.clamp(1, 100) as usize);
        let items = found.iter().skip(first).take(most).map(|item| {
            json!({
                "AlarmName": item.alarm,
                "AlarmType": if item.composite { "CompositeAlarm" } else { "MetricAlarm" },
                "Timestamp": item.at.to_string(),
                "HistoryItemType": item.kind,
                "HistorySummary": item.summary,
                "HistoryData": item.data.to_string(),
            })
        });
        let mut response = one("AlarmHistoryItems", items.collect::<Vec<Value>>().into());
        if found.len() > first.saturating_add(most) {
            response.insert("NextToken".to_string(), json!(token(first + most)));
        }
        Ok(response)
    }
}
