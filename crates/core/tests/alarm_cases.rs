//! CloudWatch and SNS by `tests/cases/alarm-*.json`: one evaluation, metric math, and accounts call by call.

#[path = "common/steps.rs"]
mod steps;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::monitor::{Comparison, Missing, Rule, StateValue, evaluate, range};
use sluice_core::sim::SimTime;

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("a case file is JSON");
    file["cases"].as_array().expect("a case file has cases").clone()
}

fn start() -> SimTime {
    SimTime::parse("2026-01-01").expect("a date")
}

fn rule(n: u64, m: u64, missing: Missing) -> Rule {
    Rule {
        comparison: Comparison::GreaterThanThreshold,
        threshold: 0.5,
        periods: n as usize,
        to_alarm: m as usize,
        missing,
    }
}

#[test]
fn every_row_under_every_policy() {
    let all = cases(include_str!("../../../tests/cases/alarm-evaluation.json"));
    assert!(all.len() >= 40);
    for case in all {
        let data = case["data"].as_str().expect("data");
        let points: Vec<Option<f64>> = data
            .chars()
            .map(|point| match point {
                '0' => Some(0.0),
                'X' => Some(1.0),
                _ => None,
            })
            .collect();
        let n = case["n"].as_u64().expect("n");
        assert_eq!(range(n as usize), points.len(), "{case}");
        let policy = Missing::parse(case["policy"].as_str().expect("a policy")).expect("a policy");
        let found = evaluate(&rule(n, case["m"].as_u64().expect("m"), policy), &points);
        let expected = StateValue::parse(case["state"].as_str().expect("a state"));
        assert_eq!(found.state, expected, "{case}");
        assert!(
            found.counted.len() <= n as usize && found.counted.iter().all(|at| points[*at].is_some()),
            "{case}"
        );
    }
}

#[test]
fn metric_math() {
    for case in cases(include_str!("../../../tests/cases/alarm-math.json")) {
        let mut account = Account::new(AccountOptions::default());
        for (name, values) in [("A", [Some(30), Some(20), Some(0), Some(0)]), ("B", [Some(20), None, Some(20), None])] {
            for (minute, value) in values.iter().enumerate().filter_map(|(minute, value)| Some((minute, (*value)?))) {
                let at = start().plus_seconds(60 * minute as i64).to_string();
                let data = json!({"Namespace": "N", "MetricData": [{"MetricName": name, "Value": value, "Timestamp": at}]});
                account.apply(start(), &Call::new("cloudwatch", "PutMetricData", data)).expect("data");
            }
        }
        let stat = |id: &str, name: &str| json!({"Id": id, "ReturnData": false, "MetricStat": {"Metric": {"Namespace": "N", "MetricName": name}, "Period": 60, "Stat": "Sum"}});
        let params = json!({
            "MetricDataQueries": [{"Id": "e1", "Expression": case["expression"]}, stat("m1", "A"), stat("m2", "B")],
            "StartTime": start().to_string(), "EndTime": start().plus_seconds(240).to_string(), "ScanBy": "TimestampAscending",
        });
        let result = account.apply(start(), &Call::new("cloudwatch", "GetMetricData", params));
        match (result, case["error"].as_str()) {
            (Ok(outcome), None) => {
                let series = &outcome.response["MetricDataResults"][0];
                let mut found = vec![Value::Null; 4];
                for (at, value) in series["Timestamps"]
                    .as_array()
                    .expect("times")
                    .iter()
                    .zip(series["Values"].as_array().expect("values"))
                {
                    let at = SimTime::parse(at.as_str().expect("a time")).expect("a time");
                    found[((at.micros() - start().micros()) / 60_000_000) as usize] = value.clone();
                }
                let expected: Vec<Option<f64>> = case["values"].as_array().expect("values").iter().map(Value::as_f64).collect();
                assert_eq!(found.iter().map(Value::as_f64).collect::<Vec<_>>(), expected, "{case}");
            }
            (Err(error), Some(part)) => assert!(error.code == "ValidationError" && error.message.contains(part), "{case}: {error}"),
            (other, _) => panic!("{case}: {other:?}"),
        }
    }
}

#[test]
fn accounts_call_by_call() {
    steps::accounts_call_by_call(include_str!("../../../tests/cases/alarm-api.json"), start());
}

/// A change of state follows from the call that brought the points, and an action from the change.
#[test]
fn the_trace_says_why() {
    let mut account = Account::new(AccountOptions::default());
    let alarm = json!({
        "AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:gone"],
    });
    let put = json!({"Namespace": "N", "MetricData": [{"MetricName": "M", "Value": 2}]});
    for (operation, params) in [("PutMetricAlarm", alarm), ("PutMetricData", put)] {
        account.apply(start(), &Call::new("cloudwatch", operation, params)).expect("it applies");
    }
    assert_eq!(account.poll_at(), Some(start().plus_seconds(60)));
    account.poll(start().plus_seconds(60));
    let rows: Vec<_> = account.trace().rows().map(|(_, row)| *row).collect();
    let [_, data, change, action] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(account.trace_name(data.resource), Some("cloudwatch:PutMetricData"));
    assert_eq!(
        (account.trace_name(change.resource), account.trace_name(change.subject)),
        (Some("a"), Some("ALARM"))
    );
    assert_eq!((change.time, change.cause, action.cause), (start().plus_seconds(60), 1, 2));
    // No such topic.
    assert_eq!(action.argument, 0.0);
    // Huge numbers are refused, not computed with.
    let params = json!({
        "Namespace": "N", "MetricName": "M", "StartTime": "2026-01-01", "EndTime": "2026-01-02", "Period": 9223372036854775800i64, "Statistics": ["Sum"],
    });
    assert_eq!(
        account
            .apply(start(), &Call::new("cloudwatch", "GetMetricStatistics", params))
            .unwrap_err()
            .code,
        "InvalidParameterValue"
    );
}
