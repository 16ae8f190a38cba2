//! The tabs of a bucket's page, as S3's console has them: its objects, and what is set on it.

use leptos::prelude::*;

use super::lifecycle::Management;
use super::permissions::Permissions;
use super::properties::Properties;
use crate::router::{BucketTab, Route};

/// The strip of tabs over a bucket's page; `tab` is `None` for its objects.
#[component]
pub fn Tabs(bucket: String, tab: Memo<Option<BucketTab>>) -> impl IntoView {
    let link = move |label: &'static str, to: Option<BucketTab>, route: Route| {
        view! {
            <a href=route.href() aria-current=move || (tab.get() == to).then_some("page")>
                {label}
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label=format!("Bucket {bucket}")>
            {link("Objects", None, Route::storage(&bucket, ""))}
            {BucketTab::ALL
                .map(|tab| {
                    let route = Route::Bucket { bucket: bucket.clone(), tab };
                    link(tab.label(), Some(tab), route)
                })
                .collect_view()}
        </nav>
    }
}

/// What is under a tab.
pub fn bucket_tab(bucket: String, tab: BucketTab) -> AnyView {
    let content = match tab {
        BucketTab::Properties => view! { <Properties bucket=bucket.clone() /> }.into_any(),
        BucketTab::Permissions => view! { <Permissions bucket=bucket.clone() /> }.into_any(),
        BucketTab::Management => view! { <Management bucket=bucket.clone() /> }.into_any(),
    };
    view! {
        <div class="page">
            <h1 class="visually-hidden">{format!("{}: {bucket}", tab.label())}</h1>
            <div class="settings">{content}</div>
        </div>
    }
    .into_any()
}
