//! A new alarm: what it watches (a metric, an expression of metrics, other alarms), its condition, and whom it notifies.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::answer::{Dimension, Metric, Metrics, Topics, last_of};
use super::draft::Draft;
use crate::components::{Dialog, Fault};
use crate::figures::{Choice, TextField, choices};
use crate::host::{Host, query, use_host};
use crate::router::Route;

/// What a stream tells CloudWatch whether or not it has yet: namespace, name of the dimension, metrics.
const OF_STREAMS: [&str; 5] = [
    "IncomingRecords",
    "IncomingBytes",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "GetRecords.IteratorAgeMilliseconds",
];
const OF_DELIVERY: [&str; 5] = [
    "DataReadFromKinesisStream.Records",
    "IncomingRecords",
    "DeliveryToS3.Records",
    "DeliveryToS3.DataFreshness",
    "ThrottledRecords",
];

const WATCHES: [(&str, &str); 3] = [
    ("metric", "a metric"),
    ("math", "an expression of metrics"),
    ("composite", "other alarms: a composite alarm"),
];
pub const STATISTICS: [(&str, &str); 8] = [
    ("Sum", "Sum"),
    ("Average", "Average"),
    ("Minimum", "Minimum"),
    ("Maximum", "Maximum"),
    ("SampleCount", "SampleCount"),
    ("p50", "p50"),
    ("p90", "p90"),
    ("p99", "p99"),
];
pub const COMPARISONS: [(&str, &str); 4] = [
    ("GreaterThanThreshold", "Greater than ( > )"),
    ("GreaterThanOrEqualToThreshold", "Greater or equal ( ≥ )"),
    ("LessThanThreshold", "Lower than ( < )"),
    ("LessThanOrEqualToThreshold", "Lower or equal ( ≤ )"),
];
pub const PERIODS: [(&str, &str); 6] = [
    ("10", "10 seconds"),
    ("30", "30 seconds"),
    ("60", "1 minute"),
    ("300", "5 minutes"),
    ("900", "15 minutes"),
    ("3600", "1 hour"),
];
pub const MISSING: [(&str, &str); 4] = [
    ("missing", "missing: it is not known"),
    ("ignore", "ignore: the state stays"),
    ("breaching", "breaching: counts as bad"),
    ("notBreaching", "notBreaching: counts as good"),
];

/// Metrics that have values, and those of the account's streams.
fn known(host: Host) -> Memo<Vec<Metric>> {
    let listed = query(host, || Some(Call::new("cloudwatch", "ListMetrics", json!({}))));
    let streams = query(host, || Some(Call::new("kinesis", "ListStreams", json!({"Limit": 1_000}))));
    let delivery = query(host, || Some(Call::new("firehose", "ListDeliveryStreams", json!({"Limit": 1_000}))));
    Memo::new(move |_| {
        let mut found: Vec<Metric> = match listed.read::<Metrics>() {
            Some(Ok(metrics)) => metrics.metrics,
            _ => Vec::new(),
        };
        let names = |query: &crate::host::Query, member: &str| -> Vec<String> {
            query.answer.with(|answer| {
                let names = answer.as_ref().and_then(|answer| answer.as_ref().ok()?.get(member)?.as_array().cloned());
                names.unwrap_or_default().iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
            })
        };
        for (namespace, dimension, metrics, names) in [
            ("AWS/Firehose", "DeliveryStreamName", OF_DELIVERY, names(&delivery, "DeliveryStreamNames")),
            ("AWS/Kinesis", "StreamName", OF_STREAMS, names(&streams, "StreamNames")),
        ] {
            for name in names {
                for metric in metrics {
                    let metric = Metric {
                        namespace: namespace.into(),
                        metric_name: metric.into(),
                        dimensions: vec![Dimension {
                            name: dimension.into(),
                            value: name.clone(),
                        }],
                    };
                    if !found.contains(&metric) {
                        found.push(metric);
                    }
                }
            }
        }
        found.sort_by(|a, b| a.text().cmp(&b.text()));
        found
    })
}

#[component]
pub fn NewAlarm(open: RwSignal<bool>, #[prop(optional_no_strip)] metric: Option<String>) -> impl IntoView {
    let host = use_host();
    let metrics = known(host);
    let picked = RwSignal::new(metric.unwrap_or_default());
    let watches = RwSignal::new("metric".to_owned());
    let (second, expression, rule) = (RwSignal::new(String::new()), RwSignal::new("m2 / m1".to_owned()), RwSignal::new(String::new()));
    let name = RwSignal::new(String::new());
    let draft = RwSignal::new(Draft {
        statistic: "Sum".into(),
        period: 60,
        comparison: "GreaterThanThreshold".into(),
        threshold: 0.0,
        need: 1,
        of: 1,
        missing: "missing".into(),
    });
    let (topic, new_topic, address) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let topics = query(host, || Some(Call::new("sns", "ListTopics", json!({}))));
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<ApiError>));
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), "Choose a metric".to_owned())];
        let own = picked.get();
        let mut all = metrics.get();
        if let Some(own) = Metric::parse(&own).filter(|own| !all.contains(own)) {
            all.insert(0, own);
        }
        options.extend(
            all.into_iter()
                .map(|metric| (metric.text(), format!("{} · {} · {}", metric.metric_name, metric.of(), metric.namespace))),
        );
        options
    });
    let topic_options = Signal::derive(move || {
        let mut options = vec![(String::new(), "Nobody".to_owned()), ("new".to_owned(), "A new topic, by e-mail".to_owned())];
        if let Some(Ok(topics)) = topics.read::<Topics>() {
            options.extend(
                topics
                    .topics
                    .into_iter()
                    .map(|topic| (topic.topic_arn.clone(), last_of(&topic.topic_arn).to_owned())),
            );
        }
        options
    });
    let is_composite = Memo::new(move |_| watches.get() == "composite");
    let is_math = Memo::new(move |_| watches.get() == "math");
    let ready = move || {
        let watched = if is_composite.get() {
            !rule.with(|rule| rule.trim().is_empty())
        } else {
            !picked.with(String::is_empty)
        };
        watched && !name.with(|name| name.trim().is_empty())
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if !untrack(ready) {
            refused.set(Some(ApiError::new("InvalidAlarm", "An alarm needs what it watches and a name.")));
            return;
        }
        let name = name.get_untracked().trim().to_owned();
        let draft = draft.get_untracked();
        let first = Metric::parse(&picked.get_untracked());
        let mut base = match (watches.get_untracked().as_str(), first) {
            ("composite", _) => json!({"AlarmName": name, "AlarmRule": rule.get_untracked().trim()}),
            ("math", Some(first)) => {
                let second = Metric::parse(&second.get_untracked());
                json!({"AlarmName": name, "Metrics": queries(&draft, first, second, expression.get_untracked().trim())})
            }
            (_, Some(metric)) => json!({"AlarmName": name, "Namespace": metric.namespace, "MetricName": metric.metric_name, "Dimensions": dimensions(&metric)}),
            (_, None) => return,
        };
        let composite = is_composite.get_untracked();
        let (topic, new_topic, address) = (topic.get_untracked(), new_topic.get_untracked(), address.get_untracked());
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let made = async {
                let target = match topic.as_str() {
                    "" => None,
                    "new" => Some(make_topic(host, new_topic.trim(), address.trim()).await?),
                    arn => Some(arn.to_owned()),
                };
                if let (Some(target), Some(base)) = (target, base.as_object_mut()) {
                    base.insert("AlarmActions".into(), json!([target]));
                }
                if composite {
                    host.call("cloudwatch", "PutCompositeAlarm", base).await
                } else {
                    host.call("cloudwatch", "PutMetricAlarm", draft.params(&base)).await
                }
            };
            let made = made.await;
            let _ = busy.try_set(false);
            match made {
                Ok(_) => {
                    host.announce(format!("The alarm {name} watches from now on."));
                    Route::Alarms { name: Some(name) }.open();
                    let _ = open.try_set(false);
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <Dialog open=open title="Create an alarm">
            <form class="form alarm-form" on:submit=submit novalidate>
                <Choice label="It watches" choices=choices(&WATCHES) value=watches.into() set=Callback::new(move |kind| watches.set(kind)) />
                {move || {
                    is_composite
                        .get()
                        .then(|| {
                            view! {
                                <TextField label="Rule" value=rule.into() numeric=false set=Callback::new(move |text| rule.set(text)) />
                                <p class="hint">"ALARM(\"a\") AND NOT OK(\"b\"): states of other alarms with AND, OR, NOT and brackets; ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE."</p>
                            }
                        })
                }}
                {move || {
                    (!is_composite.get())
                        .then(|| {
                            view! {
                                <Choice
                                    label=if is_math.get() { "Metric m1" } else { "Metric" }
                                    choices=options
                                    value=picked.into()
                                    set=Callback::new(move |metric| picked.set(metric))
                                />
                                {is_math
                                    .get()
                                    .then(|| {
                                        view! {
                                            <Choice label="Metric m2" choices=options value=second.into() set=Callback::new(move |metric| second.set(metric)) />
                                            <TextField label="Expression" value=expression.into() numeric=false set=Callback::new(move |text| expression.set(text)) />
                                            <p class="hint">"Metric math of m1 and m2: + − * /, numbers, and functions as FILL, RATE, IF, SUM, PERIOD."</p>
                                        }
                                    })}
                                <Condition draft=Signal::derive(move || Some(draft.get())) set=Callback::new(move |new| draft.set(new)) math=false />
                                <TextField
                                    label="Threshold"
                                    value=Signal::derive(move || draft.with(|draft| draft.threshold.to_string()))
                                    numeric=true
                                    set=Callback::new(move |text: String| {
                                        if let Ok(value) = text.trim().parse::<f64>() {
                                            draft.update(|draft| draft.threshold = value);
                                        }
                                    })
                                />
                            }
                        })
                }}
                <Choice label="When in alarm, notify" choices=topic_options value=topic.into() set=Callback::new(move |to| topic.set(to)) />
                {move || {
                    (topic.get() == "new")
                        .then(|| {
                            view! {
                                <TextField label="Topic name" value=new_topic.into() numeric=false set=Callback::new(move |text| new_topic.set(text)) />
                                <TextField label="E-mail address" value=address.into() numeric=false set=Callback::new(move |text| address.set(text)) />
                                <p class="hint">"The address gets a mail to confirm first; mails arrive in the inbox on this page and nowhere else."</p>
                            }
                        })
                }}
                <TextField label="Alarm name" value=name.into() numeric=false set=Callback::new(move |text| name.set(text)) />
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || busy.get()>
                        "Create alarm"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

fn dimensions(metric: &Metric) -> Vec<Value> {
    metric.dimensions.iter().map(|own| json!({"Name": own.name, "Value": own.value})).collect()
}

/// PutMetricAlarm's `Metrics`: one or two metrics as m1 and m2, and the expression that is watched.
fn queries(draft: &Draft, first: Metric, second: Option<Metric>, expression: &str) -> Vec<Value> {
    let of = |(metric, id): (Metric, &str)| {
        json!({
            "Id": id,
            "MetricStat": {
                "Metric": {"Namespace": metric.namespace, "MetricName": metric.metric_name, "Dimensions": dimensions(&metric)},
                "Period": draft.period,
                "Stat": draft.statistic,
            },
            "ReturnData": false,
        })
    };
    let metrics = core::iter::once(first).chain(second).zip(["m1", "m2"]);
    let watched = json!({"Id": "e1", "Expression": expression, "Label": expression, "ReturnData": true});
    metrics.map(of).chain([watched]).collect()
}

/// A topic with one address; its ARN.
async fn make_topic(host: Host, name: &str, address: &str) -> Result<String, ApiError> {
    let topic = host.call("sns", "CreateTopic", json!({"Name": name})).await?;
    let arn = topic.get("TopicArn").and_then(Value::as_str).unwrap_or_default().to_owned();
    let subscribe = json!({"TopicArn": arn, "Protocol": "email", "Endpoint": address});
    host.call("sns", "Subscribe", subscribe).await?;
    Ok(arn)
}

/// Statistic, period, comparison, M of N, missing data: all of the condition but its threshold. `math`: the alarm has no metric of its own.
#[component]
pub fn Condition(draft: Signal<Option<Draft>>, set: Callback<Draft>, math: bool) -> impl IntoView {
    let with = move |change: &dyn Fn(&mut Draft)| {
        if let Some(mut new) = draft.get_untracked() {
            change(&mut new);
            set.run(new);
        }
    };
    let text = move |of: fn(&Draft) -> String| Signal::derive(move || draft.with(|draft| draft.as_ref().map(of).unwrap_or_default()));
    let whole = |text: &str| text.trim().parse::<u32>().ok().filter(|count| (1..=8_640).contains(count));
    view! {
        {(!math)
            .then(|| {
                view! {
                    <div class="pair">
                        <Choice
                            label="Statistic"
                            choices=choices(&STATISTICS)
                            value=text(|draft| draft.statistic.clone())
                            set=Callback::new(move |value: String| with(&|draft| draft.statistic.clone_from(&value)))
                        />
                        <Choice
                            label="Period"
                            choices=choices(&PERIODS)
                            value=text(|draft| draft.period.to_string())
                            set=Callback::new(move |value: String| with(&|draft| draft.period = value.parse().unwrap_or(60)))
                        />
                    </div>
                }
            })}
        <Choice
            label="Alarm when it is"
            choices=choices(&COMPARISONS)
            value=text(|draft| draft.comparison.clone())
            set=Callback::new(move |value: String| with(&|draft| draft.comparison.clone_from(&value)))
        />
        <div class="pair">
            <TextField
                label="Datapoints to alarm (M)"
                value=text(|draft| draft.need.to_string())
                numeric=true
                set=Callback::new(move |value: String| {
                    if let Some(need) = whole(&value) {
                        with(&|draft| {
                            draft.need = need;
                            draft.of = draft.of.max(need);
                        });
                    }
                })
            />
            <TextField
                label="out of periods (N)"
                value=text(|draft| draft.of.to_string())
                numeric=true
                set=Callback::new(move |value: String| {
                    if let Some(of) = whole(&value) {
                        with(&|draft| {
                            draft.of = of;
                            draft.need = draft.need.min(of);
                        });
                    }
                })
            />
        </div>
        <Choice
            label="Missing data"
            choices=choices(&MISSING)
            value=text(|draft| draft.missing.clone())
            set=Callback::new(move |value: String| with(&|draft| draft.missing.clone_from(&value)))
        />
    }
}
