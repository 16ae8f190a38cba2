//! Restoring an archived object, and where its restore stands.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::ApiError;

use super::model::ObjectHead;
use crate::components::{Dialog, Fault};
use crate::host::use_host;

/// Where a restore stands: `restoring`, `restored until …`; nothing where none was asked for.
pub fn restore_state(head: &ObjectHead) -> Option<String> {
    let header = head.restore.as_deref()?;
    if header.contains("ongoing-request=\"true\"") {
        return Some("restoring".into());
    }
    let until = header.split("expiry-date=\"").nth(1)?.split('"').next()?;
    Some(format!("restored until {until}"))
}

#[component]
pub fn RestoreObject(open: RwSignal<bool>, bucket: String, key: String, #[prop(into)] tiered: Signal<bool>) -> impl IntoView {
    let host = use_host();
    let place = StoredValue::new((bucket, key));
    let tier = RwSignal::new(String::from("Standard"));
    let days = RwSignal::new(String::from("7"));
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if open.get() {
            refused.set(None);
        }
    });
    let ask = move |_| {
        let (bucket, key) = place.get_value();
        let typed = days.get_untracked();
        let mut request = json!({ "GlacierJobParameters": { "Tier": tier.get_untracked() } });
        if !tiered.get_untracked() {
            request["Days"] = typed.trim().parse::<i64>().map_or_else(|_| typed.into(), Into::into);
        }
        spawn_local(async move {
            let params = json!({ "Bucket": bucket, "Key": key, "RestoreRequest": request });
            match host.call("s3", "RestoreObject", params).await {
                Ok(_) => {
                    host.toast_done(format!("Restoring {key}."));
                    host.announce(format!("Restoring {key}."));
                    let _ = open.try_set(false);
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <Dialog open=open title="Restore from archive">
            <div class="field">
                <label for="restore-tier">"Retrieval tier"</label>
                <select id="restore-tier" class="select" on:change=move |event| tier.set(event_target_value(&event))>
                    <option value="Standard">"Standard: 5 hours, 12 from a deep archive"</option>
                    <option value="Bulk">"Bulk: 12 hours, 48 from a deep archive"</option>
                    <option value="Expedited">"Expedited: 5 minutes, not from a deep archive"</option>
                </select>
            </div>
            <div class="field" hidden=move || tiered.get()>
                <label for="restore-days">"Days to keep the copy"</label>
                <input
                    id="restore-days"
                    class="input mono"
                    inputmode="numeric"
                    prop:value=move || days.get()
                    on:input=move |event| days.set(event_target_value(&event))
                />
            </div>
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button type="button" class="btn primary" on:click=ask>
                    "Restore"
                </button>
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_says_where_it_stands() {
        let head = |restore: &str| ObjectHead {
            restore: Some(restore.into()),
            ..ObjectHead::default()
        };
        assert_eq!(restore_state(&head("ongoing-request=\"true\"")).as_deref(), Some("restoring"));
        let done = head("ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"");
        assert_eq!(restore_state(&done).as_deref(), Some("restored until Fri, 21 Dec 2012 00:00:00 GMT"));
        assert_eq!(restore_state(&ObjectHead::default()), None);
    }
}
