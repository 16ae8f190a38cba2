//! The buffer's two hints, compression and prefixes of a delivery stream that is there.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::ApiError;

use super::answer::Description;
use crate::components::Fault;
use crate::figures::{Choice, LogNumber, TextField, choices};
use crate::host::use_host;

pub const FORMATS: [(&str, &str); 3] = [("UNCOMPRESSED", "None"), ("GZIP", "GZIP"), ("ZIP", "ZIP")];

#[derive(Clone, Debug, Default, PartialEq)]
struct Draft {
    size: f64,
    interval: f64,
    compression: String,
    prefix: String,
    error_prefix: String,
}

impl Draft {
    fn of(description: &Description) -> Draft {
        let s3 = description.s3().cloned().unwrap_or_default();
        Draft {
            size: s3.buffering_hints.size_in_mbs,
            interval: s3.buffering_hints.interval_in_seconds,
            compression: s3.compression_format,
            prefix: s3.prefix.unwrap_or_default(),
            error_prefix: s3.error_output_prefix.unwrap_or_default(),
        }
    }
}

#[component]
pub fn Settings(description: Memo<Description>, refresh: Callback<()>) -> impl IntoView {
    let host = use_host();
    let saved = Memo::new(move |_| description.with(Draft::of));
    let draft = RwSignal::new(saved.get_untracked());
    Effect::new(move |before: Option<Draft>| {
        let saved = saved.get();
        // What was saved is taken up; an edit under way stays.
        if before.is_none_or(|before| draft.get_untracked() == before) {
            draft.set(saved.clone());
        }
        saved
    });
    let changed = Memo::new(move |_| draft.get() != saved.get());
    let refused = RwSignal::new(None::<ApiError>);
    let save = move |_| {
        let (draft, description) = (draft.get_untracked(), description.get_untracked());
        let destination = description.destinations.first().map(|one| one.destination_id.clone()).unwrap_or_default();
        refused.set(None);
        spawn_local(async move {
            let params = json!({
                "DeliveryStreamName": description.delivery_stream_name, "CurrentDeliveryStreamVersionId": description.version_id, "DestinationId": destination,
                "ExtendedS3DestinationUpdate": {
                    "BufferingHints": {"SizeInMBs": draft.size.round() as i64, "IntervalInSeconds": draft.interval.round() as i64},
                    "CompressionFormat": draft.compression, "Prefix": draft.prefix, "ErrorOutputPrefix": draft.error_prefix,
                },
            });
            match host.call("firehose", "UpdateDestination", params).await {
                Ok(_) => {
                    host.announce("The destination has these settings from now on.");
                    refresh.run(());
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <fieldset class="hints">
            <legend>"Destination"</legend>
            <LogNumber
                label="Buffer size"
                unit="MB"
                least=1.0
                most=128.0
                value=Signal::derive(move || draft.with(|draft| draft.size))
                set=Callback::new(move |value: f64| draft.update(|draft| draft.size = value.round()))
            />
            <LogNumber
                label="Buffer interval"
                unit="s"
                least=1.0
                most=900.0
                zero=true
                value=Signal::derive(move || draft.with(|draft| draft.interval))
                set=Callback::new(move |value: f64| draft.update(|draft| draft.interval = value.round()))
            />
            <Choice
                label="Compression"
                choices=choices(&FORMATS)
                value=Signal::derive(move || draft.with(|draft| draft.compression.clone()))
                set=Callback::new(move |value| draft.update(|draft| draft.compression = value))
            />
            <TextField
                label="Prefix"
                value=Signal::derive(move || draft.with(|draft| draft.prefix.clone()))
                numeric=false
                set=Callback::new(move |value| draft.update(|draft| draft.prefix = value))
            />
            <TextField
                label="Error prefix"
                value=Signal::derive(move || draft.with(|draft| draft.error_prefix.clone()))
                numeric=false
                set=Callback::new(move |value| draft.update(|draft| draft.error_prefix = value))
            />
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
            {move || {
                changed
                    .get()
                    .then(|| {
                        view! {
                            <div class="row">
                                <button type="button" class="btn primary" on:click=save>
                                    "Save changes"
                                </button>
                                <button type="button" class="btn" on:click=move |_| draft.set(saved.get_untracked())>
                                    "Discard"
                                </button>
                            </div>
                        }
                    })
            }}
        </fieldset>
    }
}
