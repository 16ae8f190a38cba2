//! The reader's own records: a file of a bucket, by one of its columns as the times at which they come.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sluice_core::account::ApiError;

use super::super::fields::{Choice, TextField, choices};
use super::settings::{MINUTES, Settings};
use crate::components::Fault;
use crate::format::count;
use crate::host::use_host;
use crate::streams::rows::{self, Parsed, plain};

/// Records of each minute from the first on, and the mean of their bytes. Error: no row has a time in that column, or they are more than three days apart.
fn by_minute(parsed: &Parsed, column: &str) -> Result<(Vec<u32>, f64), ApiError> {
    let times: Vec<f64> = parsed.rows.iter().filter_map(|row| rows::seconds(&plain(row.get(column)))).collect();
    let wrong = |message: String| ApiError::new("InvalidFile", message);
    let (first, last) = times
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(first, last), time| (first.min(*time), last.max(*time)));
    if times.is_empty() {
        return Err(wrong(format!("No row has a time in {column}.")).with_help("A time is ISO 8601, or a number of seconds or milliseconds since 1970."));
    }
    let minutes = ((last - first) / 60.0).floor() as usize + 1;
    if minutes > MINUTES {
        return Err(wrong(format!("The times span {} minutes; three days are looked at.", count(minutes as u64))));
    }
    // An hour at least: a run is not looked at in less.
    let mut counts = vec![0_u32; minutes.max(60)];
    for time in &times {
        if let Some(minute) = counts.get_mut(((time - first) / 60.0) as usize) {
            *minute += 1;
        }
    }
    let bytes: usize = parsed
        .rows
        .iter()
        .map(|row| row.values().map(|value| plain(Some(value)).len() + 1).sum::<usize>())
        .sum();
    Ok((counts, (bytes as f64 / parsed.rows.len().max(1) as f64).round().max(1.0)))
}

#[component]
pub fn OwnRecords(settings: RwSignal<Settings>) -> impl IntoView {
    let host = use_host();
    let path = RwSignal::new(String::new());
    let parsed = RwSignal::new(None::<Result<Parsed, ApiError>>);
    let fault = RwSignal::new(None::<ApiError>);
    let read = move |event: SubmitEvent| {
        event.prevent_default();
        let wanted = path.get_untracked();
        spawn_local(async move {
            let answer = rows::of_object(host, &wanted).await;
            let _ = parsed.try_set(Some(answer));
        });
    };
    let columns = Signal::derive(move || {
        let mut columns = choices(&[("", "choose the column of the times")]).get();
        parsed.with(|parsed| {
            if let Some(Ok(parsed)) = parsed {
                columns.extend(parsed.columns.iter().map(|name| (name.clone(), name.clone())));
            }
        });
        columns
    });
    let take = Callback::new(move |column: String| {
        if column.is_empty() {
            return;
        }
        let answer = parsed.with_untracked(|parsed| parsed.as_ref().and_then(|parsed| parsed.as_ref().ok()).map(|parsed| by_minute(parsed, &column)));
        match answer {
            Some(Ok((counts, bytes))) => {
                fault.set(None);
                settings.update(|settings| {
                    settings.counts = counts;
                    settings.bytes = bytes;
                });
            }
            Some(Err(error)) => fault.set(Some(error)),
            None => {}
        }
    });
    let own = move || settings.with(|settings| settings.counts.iter().map(|count| u64::from(*count)).sum::<u64>());
    view! {
        <details class="own-records" open=settings.with_untracked(|settings| !settings.counts.is_empty())>
            <summary>"Records of a file"</summary>
            <form on:submit=read>
                <TextField label="File: bucket/key" value=path.into() numeric=false set=Callback::new(move |text| path.set(text)) />
                <button type="submit" class="btn">
                    "Read the file"
                </button>
            </form>
            {move || match parsed.get() {
                Some(Err(error)) => Some(view! { <Fault error=error /> }.into_any()),
                Some(Ok(_)) => Some(view! { <Choice label="Times" choices=columns value=Signal::stored(String::new()) set=take /> }.into_any()),
                None => None,
            }}
            {move || fault.get().map(|error| view! { <Fault error=error /> })}
            {move || {
                (own() > 0)
                    .then(|| {
                        let told = settings.with(Settings::counts_told).is_none().then_some(" They are too many for a link.");
                        view! {
                            <p class="meta" role="status">
                                {format!("{} records of a file, minute by minute, in place of rate and shape.", count(own()))} {told}
                            </p>
                            <button type="button" class="btn" on:click=move |_| settings.update(|settings| settings.counts.clear())>
                                "Back to rate and shape"
                            </button>
                        }
                    })
            }}
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_by_the_minute() {
        let parsed = rows::parse("t,v\n2026-01-01T00:00:05Z,a\n2026-01-01T00:00:50Z,b\n2026-01-01T00:02:05Z,c\n,d\n").unwrap();
        let (counts, bytes) = by_minute(&parsed, "t").unwrap();
        assert_eq!((counts.len(), &counts[..4]), (60, &[2, 0, 1, 0][..]));
        assert!(bytes > 10.0);
        assert_eq!(by_minute(&parsed, "v").unwrap_err().code, "InvalidFile");
        let long = rows::parse("t\n0\n400000\n").unwrap();
        assert!(by_minute(&long, "t").unwrap_err().message.contains("three days"));
    }
}
