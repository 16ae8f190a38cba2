//! The Properties tab: server access logging of a bucket.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::model::BucketList;
use super::section::Section;
use crate::components::Fault;
use crate::host::{Host, query, use_host};

/// The service that writes the log objects.
const LOGGER: &str = "logging.s3.amazonaws.com";

/// `TargetObjectKeyFormat`, and what each makes of a key.
const FORMATS: [(&str, &str); 3] = [
    ("Simple", "prefix, then date and time"),
    ("DeliveryTime", "by account, Region, bucket and day of delivery"),
    ("EventTime", "by account, Region, bucket and day of the request"),
];

#[derive(Clone, Debug, PartialEq)]
struct Logging {
    on: bool,
    target: String,
    prefix: String,
    format: String,
}

impl Logging {
    /// `GetBucketLogging`'s answer.
    fn of(answer: &Value) -> Logging {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let enabled = &answer["LoggingEnabled"];
        let partitioned = &enabled["TargetObjectKeyFormat"]["PartitionedPrefix"];
        Logging {
            on: enabled.is_object(),
            target: text(&enabled["TargetBucket"]),
            prefix: text(&enabled["TargetPrefix"]),
            format: match partitioned["PartitionDateSource"].as_str() {
                Some(source) => source.into(),
                None if partitioned.is_object() => "DeliveryTime".into(),
                None => "Simple".into(),
            },
        }
    }

    /// PutBucketLogging's `BucketLoggingStatus`.
    fn status(&self) -> Value {
        if !self.on {
            return json!({});
        }
        let format = match self.format.as_str() {
            "Simple" => json!({ "SimplePrefix": {} }),
            source => json!({ "PartitionedPrefix": { "PartitionDateSource": source } }),
        };
        json!({ "LoggingEnabled": { "TargetBucket": self.target, "TargetPrefix": self.prefix, "TargetObjectKeyFormat": format } })
    }

    /// What the target's policy must say ("Enabling Amazon S3 server access logging").
    fn statement(&self, source: &str) -> Value {
        json!({
            "Sid": "S3ServerAccessLogsPolicy",
            "Effect": "Allow",
            "Principal": { "Service": LOGGER },
            "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{}/{}*", self.target, self.prefix),
            "Condition": { "ArnLike": { "aws:SourceArn": format!("arn:aws:s3:::{source}") } },
        })
    }
}

/// Adds the statement to what the target's policy says.
async fn allow(host: Host, logging: &Logging, source: &str) -> Result<(), ApiError> {
    let target = &logging.target;
    let mut policy = match host.call("s3", "GetBucketPolicy", json!({ "Bucket": target })).await {
        Ok(answer) => serde_json::from_str(answer["Policy"].as_str().unwrap_or_default()).unwrap_or(Value::Null),
        Err(error) if error.code == "NoSuchBucketPolicy" => json!({ "Version": "2012-10-17", "Statement": [] }),
        Err(error) => return Err(error),
    };
    // A lone statement may stand without its list.
    let mut statements = match policy["Statement"].take() {
        Value::Array(statements) => statements,
        Value::Null => Vec::new(),
        alone => vec![alone],
    };
    statements.push(logging.statement(source));
    policy["Statement"] = statements.into();
    let params = json!({ "Bucket": target, "Policy": policy.to_string() });
    host.call("s3", "PutBucketPolicy", params).await.map(drop)
}

#[component]
pub fn AccessLogging(bucket: String) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(bucket);
    let answer = query(host, move || Some(Call::new("s3", "GetBucketLogging", json!({ "Bucket": name.get_value() })))).answer;
    let buckets = query(host, || Some(Call::new("s3", "ListBuckets", json!({}))));
    let draft = RwSignal::new(Logging::of(&Value::Null));
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if let Some(Ok(answer)) = answer.get() {
            draft.set(Logging::of(&answer));
        }
    });
    let put = move |next: Logging, told: &'static str| {
        spawn_local(async move {
            let params = json!({ "Bucket": name.get_value(), "BucketLoggingStatus": next.status() });
            let answer = host.call("s3", "PutBucketLogging", params).await;
            if answer.is_ok() {
                host.toast_done(told);
            }
            let _ = refused.try_set(answer.err());
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let mut next = draft.get_untracked();
        next.on = true;
        put(next, "Server access logging is on.");
    };
    let grant = move |_| {
        let logging = draft.get_untracked();
        spawn_local(async move {
            match allow(host, &logging, &name.get_value()).await {
                Ok(()) => {
                    let _ = refused.try_set(None);
                    host.toast_done(format!("The policy of {} lets the log service in.", logging.target));
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    let is_on = Memo::new(move |_| matches!(answer.get(), Some(Ok(answer)) if Logging::of(&answer).on));
    let without = move || draft.with(|draft| draft.target.is_empty());
    view! {
        <Section
            title="Server access logging"
            about="A line for each request, as objects in a log bucket. They come late, and only if the log bucket’s policy lets S3’s log service put them."
        >
            <form class="line" on:submit=submit novalidate>
                <div class="field">
                    <label for="log-target">"Log bucket"</label>
                    <select id="log-target" class="select mono" on:change=move |event| draft.update(|draft| draft.target = event_target_value(&event))>
                        <option value="" selected=without>
                            "choose…"
                        </option>
                        {move || {
                            let list = buckets.read::<BucketList>().and_then(Result::ok).unwrap_or_default().buckets;
                            list.into_iter()
                                .map(|bucket| {
                                    let value = bucket.name.clone();
                                    let selected = move || draft.with(|draft| draft.target == value);
                                    view! {
                                        <option value=bucket.name.clone() selected=selected>
                                            {bucket.name.clone()}
                                        </option>
                                    }
                                })
                                .collect_view()
                        }}
                    </select>
                </div>
                <div class="field">
                    <label for="log-prefix">"Prefix"</label>
                    <input
                        id="log-prefix"
                        class="input mono"
                        placeholder="logs/"
                        prop:value=move || draft.with(|draft| draft.prefix.clone())
                        on:input=move |event| draft.update(|draft| draft.prefix = event_target_value(&event))
                    />
                </div>
                <div class="field">
                    <label for="log-format">"Keys"</label>
                    <select id="log-format" class="select" on:change=move |event| draft.update(|draft| draft.format = event_target_value(&event))>
                        {FORMATS
                            .map(|(value, means)| {
                                view! {
                                    <option value=value selected=move || draft.with(|draft| draft.format == value)>
                                        {means}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                </div>
                <button type="submit" class="btn" aria-disabled=move || without().to_string()>
                    {move || if is_on.get() { "Save logging" } else { "Turn logging on" }}
                </button>
                <button type="button" class="btn" hidden=without on:click=grant>
                    "Allow it in the log bucket’s policy"
                </button>
                <button
                    type="button"
                    class="btn danger"
                    hidden=move || !is_on.get()
                    on:click=move |_| put(Logging::of(&Value::Null), "Server access logging is off.")
                >
                    "Turn off"
                </button>
            </form>
            {move || match answer.get() {
                Some(Err(error)) => Some(view! { <Fault error=error /> }),
                _ => refused.get().map(|error| view! { <Fault error=error /> }),
            }}
        </Section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_survives_the_form() {
        for format in ["Simple", "DeliveryTime", "EventTime"] {
            let logging = Logging {
                on: true,
                target: "logs".into(),
                prefix: "a/".into(),
                format: format.into(),
            };
            assert_eq!(Logging::of(&logging.status()), logging);
        }
        assert!(!Logging::of(&json!({})).on);
        assert_eq!(Logging::of(&json!({})).status(), json!({}));
        let old = json!({"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}});
        assert_eq!(Logging::of(&old).format, "Simple");
    }
}
