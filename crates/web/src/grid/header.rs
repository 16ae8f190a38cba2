//! The head of a column: its name and type, and what the profile says about its values.

use leptos::prelude::*;
use sluice_core::etl::DataType;
use sluice_protocol::{ColumnProfile, ProfileBin, TableColumn};

use super::model::percent;
use crate::format::count;

/// What a screen reader says for the whole head.
pub fn spoken(column: &TableColumn, removed: bool) -> String {
    let mut text = format!("{}, {}", column.name, column.data_type);
    if removed {
        text.push_str(", removed");
    }
    if let Some(profile) = &column.profile {
        text.push_str(&format!(", {} null", percent(profile.nulls, profile.rows)));
        match profile.distinct {
            Some(distinct) => text.push_str(&format!(", {} distinct", count(distinct))),
            None => text.push_str(", more than 10,000 distinct"),
        }
    }
    text
}

#[component]
pub fn ColumnHead(column: TableColumn) -> impl IntoView {
    let profile = column.profile.clone();
    view! {
        <span class="head-name" title=column.name.clone()>
            {column.name.clone()}
        </span>
        <span class="head-type">{short_type(&column.data_type)}</span>
        {profile.map(|profile| view! { <Profile profile /> })}
    }
}

/// Nested types are long; the head shows their outermost part and the title the whole.
fn short_type(data_type: &DataType) -> AnyView {
    let whole = data_type.to_string();
    match whole.split_once('<') {
        Some((outer, _)) => {
            let outer = format!("{outer}<…>");
            view! { <span title=whole.clone()>{outer}</span> }.into_any()
        }
        None => whole.into_any(),
    }
}

#[component]
fn Profile(profile: ColumnProfile) -> impl IntoView {
    let nulls = percent(profile.nulls, profile.rows);
    let distinct = profile.distinct.map_or_else(|| "10,000+".into(), count);
    view! {
        <Spark bins=profile.bins.clone() />
        <span class="head-facts">
            <span title=format!("{} of {} rows are null", count(profile.nulls), count(profile.rows)) class:some=profile.nulls != 0>
                {nulls}
                " null"
            </span>
            <span title=range(&profile)>{distinct} " distinct"</span>
            {(profile.empty > 0)
                .then(|| {
                    let title = format!("{} of {} rows are the empty string", count(profile.empty), count(profile.rows));
                    view! { <span class="some" title=title>{percent(profile.empty, profile.rows)} " ''"</span> }
                })}
        </span>
    }
}

fn range(profile: &ColumnProfile) -> String {
    match (&profile.min, &profile.max) {
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        _ => "no values".into(),
    }
}

/// At most twelve bars, as high as the largest bin.
#[component]
fn Spark(bins: Vec<ProfileBin>) -> impl IntoView {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1);
    let bars: Vec<_> = bins
        .into_iter()
        .take(12)
        .enumerate()
        .map(|(index, bin)| {
            // A bin with one row still shows.
            let height = if bin.count == 0 {
                0.0
            } else {
                (bin.count as f64 / most as f64 * 20.0).max(1.0)
            };
            let title = format!("{}: {}", bin.label, count(bin.count));
            view! {
                <rect x=(index * 10).to_string() y=(20.0 - height).to_string() width="8" height=height.to_string()>
                    <title>{title}</title>
                </rect>
            }
        })
        .collect();
    view! {
        <svg class="spark" viewBox="0 0 120 20" aria-hidden="true" preserveAspectRatio="xMinYMax meet">
            {bars}
        </svg>
    }
}
