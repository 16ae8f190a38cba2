//! What holds of every evaluation of an alarm.

use proptest::prelude::*;
use serde_json::json;
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::monitor::{Comparison, Missing, Rule, StateValue, evaluate, range};
use sluice_core::sim::SimTime;

fn start() -> SimTime {
    SimTime::parse("2026-01-01").unwrap()
}

/// State, reason and history of an alarm after points came in this order.
fn outcome(points: &[(i64, i32)], statistic: &str) -> serde_json::Value {
    let mut account = Account::new(AccountOptions::default());
    let mut call = |operation: &str, params: serde_json::Value, at: i64| {
        account
            .apply(start().plus_seconds(at), &Call::new("cloudwatch", operation, params))
            .map(|outcome| outcome.response)
            .unwrap()
    };
    let member = if statistic.starts_with('p') { "ExtendedStatistic" } else { "Statistic" };
    let alarm = json!({
        "AlarmName": "a", "Namespace": "N", "MetricName": "M", member: statistic, "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 2,
        "Threshold": 0.3, "ComparisonOperator": "GreaterThanThreshold",
    });
    call("PutMetricAlarm", alarm, 0);
    for (second, value) in points {
        let at = start().plus_seconds(*second).to_string();
        let datum = json!({"MetricName": "M", "Value": f64::from(*value) * 0.1, "Timestamp": at});
        call("PutMetricData", json!({"Namespace": "N", "MetricData": [datum]}), 1);
    }
    let described = call("DescribeAlarms", json!({}), 400)["MetricAlarms"].clone();
    json!([described, call("DescribeAlarmHistory", json!({}), 800)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_arrival_changes_nothing(
        (points, shuffled) in prop::collection::vec((0i64..300, -20i32..20), 1..20).prop_flat_map(|points| (Just(points.clone()), Just(points).prop_shuffle())),
        statistic in prop::sample::select(vec!["Average", "Sum", "Maximum", "p90"]),
    ) {
        prop_assert_eq!(outcome(&points, statistic), outcome(&shuffled, statistic));
    }

    /// Over values that came in their own periods, a preview says what the alarm did.
    #[test]
    fn a_preview_is_what_happened(
        points in prop::collection::btree_map(0i64..1_200, 0i32..10, 0..24), periods in 1i64..5, part in 0i64..5, period in prop::sample::select(vec![10i64, 60, 120]),
        missing in prop::sample::select(vec!["missing", "ignore", "breaching", "notBreaching"]), statistic in prop::sample::select(vec!["Sum", "SampleCount", "p90"]),
    ) {
        let mut account = Account::new(AccountOptions::default());
        let mut call = |service: &str, operation: &str, params: serde_json::Value, at: i64| {
            account.apply(start().plus_seconds(at), &Call::new(service, operation, params)).map(|outcome| outcome.response).unwrap()
        };
        let member = if statistic.starts_with('p') { "ExtendedStatistic" } else { "Statistic" };
        let settings = json!({
            "AlarmName": "a", "Namespace": "N", "MetricName": "M", member: statistic, "Period": period, "EvaluationPeriods": periods, "DatapointsToAlarm": 1 + part % periods,
            "Threshold": 4.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": missing,
        });
        call("cloudwatch", "PutMetricAlarm", settings.clone(), 0);
        for (second, value) in &points {
            let at = start().plus_seconds(*second).to_string();
            let datum = json!({"MetricName": "M", "Value": value, "Timestamp": at, "StorageResolution": 1});
            call("cloudwatch", "PutMetricData", json!({"Namespace": "N", "MetricData": [datum]}), *second);
        }
        let span = json!({"StartTime": start().to_string(), "EndTime": start().plus_seconds(1_800).to_string()});
        let with = |name: &str, value: serde_json::Value| {
            let mut params = span.clone();
            params[name] = value;
            params
        };
        let preview = call("sluice", "PreviewAlarm", with("Alarm", settings), 1_800);
        prop_assert_eq!(&preview, &call("sluice", "PreviewAlarm", with("AlarmName", json!("a")), 1_800));
        let history = call("cloudwatch", "DescribeAlarmHistory", json!({"HistoryItemType": "StateUpdate", "ScanBy": "TimestampAscending", "MaxRecords": 100}), 1_800);
        let happened: Vec<(String, String)> = history["AlarmHistoryItems"].as_array().unwrap().iter().map(|item| {
            let data: serde_json::Value = serde_json::from_str(item["HistoryData"].as_str().unwrap()).unwrap();
            (item["Timestamp"].to_string(), data["newState"]["stateReason"].to_string())
        }).collect();
        let foreseen: Vec<(String, String)> =
            preview["States"].as_array().unwrap().iter().skip(1).map(|state| (state["At"].to_string(), state["Reason"].to_string())).collect();
        prop_assert_eq!(happened, foreseen);
    }

    /// One more breaching point, in place of one that is not, never ends an alarm.
    #[test]
    fn breaching_points_only_raise(
        periods in 1usize..12, part in 0usize..12, points in prop::collection::vec(prop::option::weighted(0.7, any::<bool>()), 20), at in 0usize..20,
        missing in prop::sample::select(vec![Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching]),
    ) {
        let rule = Rule {
            comparison: Comparison::GreaterThanOrEqualToThreshold,
            threshold: 1.0,
            periods,
            to_alarm: 1 + part % periods,
            missing,
        };
        let mut values: Vec<Option<f64>> = points.iter().take(range(periods)).map(|point| point.map(|breaching| f64::from(u8::from(breaching)))).collect();
        let before = evaluate(&rule, &values).state;
        let at = at % values.len();
        if values[at] == Some(0.0) {
            values[at] = Some(1.0);
            let after = evaluate(&rule, &values).state;
            prop_assert!(before != Some(StateValue::Alarm) || after == Some(StateValue::Alarm), "{:?} {:?}", before, after);
        }
    }
}
