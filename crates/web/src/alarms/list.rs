//! `#/alarms`: the alarms with their strips, topics, the inbox.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::ApiError;

use super::answer::{Alarm, Alarms, Preview};
use super::form::NewAlarm;
use super::inbox::{Mails, TopicList};
use super::strip;
use crate::components::{Fault, ScreenActions, glyph};
use crate::host::{Host, parse, use_host};
use crate::router::Route;
use crate::timebar::LetPass;

/// Alarms with what each shows of its metric.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    alarms: Vec<(Alarm, Preview)>,
}

async fn read(host: Host) -> Result<Shown, ApiError> {
    let answer = host
        .call(
            "cloudwatch",
            "DescribeAlarms",
            json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100}),
        )
        .await?;
    let described: Alarms = parse(&answer)?;
    let mut shown = Shown::default();
    for alarm in described.metric_alarms {
        let asked = json!({"AlarmName": alarm.alarm_name, "Periods": strip::PERIODS});
        let preview = parse(&host.call("sluice", "PreviewAlarm", asked).await?)?;
        shown.alarms.push((alarm, preview));
    }
    shown
        .alarms
        .extend(described.composite_alarms.into_iter().map(|alarm| (alarm, Preview::default())));
    Ok(shown)
}

#[component]
pub fn Overview(new: Option<String>) -> impl IntoView {
    let host = use_host();
    let creating = RwSignal::new(new.is_some());
    let shown = RwSignal::new(None::<Result<Shown, ApiError>>);
    let asked = StoredValue::new(0_u32);
    let refresh = move || {
        let Some(number) = asked.try_update_value(|asked| {
            *asked = asked.wrapping_add(1);
            *asked
        }) else {
            return;
        };
        spawn_local(async move {
            let answer = read(host).await;
            if asked.try_get_value() == Some(number) && shown.try_with_untracked(|before| before.as_ref() != Some(&answer)) == Some(true) {
                let _ = shown.try_set(Some(answer));
            }
        });
    };
    Effect::new(move |_| {
        host.position.track();
        refresh();
    });
    // The account's clock runs, and alarms are evaluated by it.
    let handle = set_interval_with_handle(refresh, core::time::Duration::from_secs(5));
    on_cleanup(move || {
        if let Ok(handle) = handle {
            handle.clear();
        }
    });
    // A link to a new alarm is used once: what is closed does not come back.
    let linked = new.is_some();
    Effect::new(move |_| {
        if linked
            && !creating.get()
            && window()
                .location()
                .hash()
                .is_ok_and(|hash| matches!(Route::parse(&hash), Route::NewAlarm { .. }))
        {
            Route::Alarms { name: None }.replace();
        }
    });
    view! {
        <ScreenActions>
            <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                {glyph("plus")}
                "Create alarm"
            </button>
        </ScreenActions>
        <h1>"Alarms"</h1>
        <LetPass after=Callback::new(move |()| refresh()) />
        <section aria-labelledby="alarms-own">
            <h2 id="alarms-own">"Of this account"</h2>
            {move || match shown.get() {
                None => view! { <p class="meta" role="status">"Reading…"</p> }.into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(shown)) if shown.alarms.is_empty() => {
                    view! {
                        <p class="meta">
                            "No alarms yet. An alarm looks at a metric every minute and says when it leaves its bounds: create one, then let time pass."
                        </p>
                    }
                        .into_any()
                }
                Some(Ok(shown)) => {
                    view! {
                        <ul class="alarms" role="list">
                            {shown
                                .alarms
                                .iter()
                                .map(|(alarm, preview)| {
                                    let href = Route::Alarms { name: Some(alarm.alarm_name.clone()) }.href();
                                    strip::row(alarm, preview, view! { <a href=href>{alarm.alarm_name.clone()}</a> }.into_any())
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
        </section>
        <section aria-labelledby="alarms-inbox">
            <h2 id="alarms-inbox">"Inbox"</h2>
            <Mails />
        </section>
        <section aria-labelledby="alarms-topics">
            <h2 id="alarms-topics">"Topics"</h2>
            <TopicList />
        </section>
        <NewAlarm open=creating metric=new />
    }
}
