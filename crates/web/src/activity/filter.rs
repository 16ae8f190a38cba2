//! The filter of the event history: one lookup attribute, as the API has it, and whether data events are listed.

use leptos::prelude::*;
use serde_json::{Value, json};

/// Attribute keys of LookupEvents, and what the console calls them.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("EventName", "Event name"),
    ("EventSource", "Event source"),
    ("ResourceName", "Resource name"),
    ("ResourceType", "Resource type"),
    ("Username", "User name"),
    ("ReadOnly", "Read-only"),
];

/// What to suggest for an attribute.
fn suggestions(attribute: &str) -> &'static [&'static str] {
    match attribute {
        "EventName" => &[
            "CreateBucket",
            "PutObject",
            "DeleteObject",
            "CreateRole",
            "CreateDatabase",
            "CreateCrawler",
            "StartCrawler",
            "CreateTable",
            "CreateJob",
            "UpdateJob",
            "StartJobRun",
        ],
        "EventSource" => &["s3.amazonaws.com", "glue.amazonaws.com", "iam.amazonaws.com", "kms.amazonaws.com"],
        "ResourceType" => &["AWS::S3::Bucket", "AWS::S3::Object", "AWS::IAM::Role", "AWS::Glue::Crawler", "AWS::Glue::Job"],
        "ReadOnly" => &["true", "false"],
        _ => &[],
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    attribute: String,
    /// Empty: everything.
    value: String,
    data_events: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Filter {
            attribute: "EventName".into(),
            value: String::new(),
            data_events: false,
        }
    }
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        self.value.trim().is_empty()
    }

    /// The parameters of LookupEvents. `SluiceIncludeDataEvents` is a member of ours: data events, and the acts of this page that AWS has no call for.
    pub fn params(&self) -> Value {
        let mut params = json!({});
        if !self.is_empty() {
            params["LookupAttributes"] = json!([{ "AttributeKey": self.attribute, "AttributeValue": self.value.trim() }]);
        }
        if self.data_events {
            params["SluiceIncludeDataEvents"] = json!(true);
        }
        params
    }
}

#[component]
pub fn FilterBar(filter: RwSignal<Filter>) -> impl IntoView {
    view! {
        <form class="filter-bar" role="search" aria-label="Filter events" on:submit=|event| event.prevent_default()>
            <div class="field">
                <label for="event-attribute">"Lookup attribute"</label>
                <select
                    id="event-attribute"
                    class="select"
                    on:change=move |event| {
                        filter
                            .update(|filter| {
                                filter.attribute = event_target_value(&event);
                                filter.value.clear();
                            })
                    }
                >
                    {ATTRIBUTES.into_iter().map(|(key, name)| view! { <option value=key>{name}</option> }).collect_view()}
                </select>
            </div>
            <div class="field grow">
                <label for="event-value">"Value"</label>
                <input
                    id="event-value"
                    class="input"
                    type="search"
                    list="event-values"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="all events"
                    prop:value=move || filter.with(|filter| filter.value.clone())
                    on:input=move |event| filter.update(|filter| filter.value = event_target_value(&event))
                />
                <datalist id="event-values">
                    {move || {
                        filter.with(|filter| suggestions(&filter.attribute).iter().map(|value| view! { <option value=*value></option> }).collect_view())
                    }}
                </datalist>
            </div>
            <label class="pick">
                <input
                    type="checkbox"
                    class="check"
                    on:change=move |event| filter.update(|filter| filter.data_events = event_target_checked(&event))
                />
                "Include data events"
            </label>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_filters_nothing() {
        let mut filter = Filter::default();
        assert_eq!(filter.params(), json!({}));
        filter.value = " CreateBucket ".into();
        filter.data_events = true;
        assert_eq!(
            filter.params(),
            json!({ "LookupAttributes": [{ "AttributeKey": "EventName", "AttributeValue": "CreateBucket" }], "SluiceIncludeDataEvents": true })
        );
    }
}
