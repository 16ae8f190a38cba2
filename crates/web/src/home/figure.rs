//! The account drawn as it stands: four services and the rails between them, every number asked of the account.

use leptos::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::Call;

use crate::components::glyph;
use crate::format::plural;
use crate::host::{Query, query, use_host};

fn length(query: Query, member: &'static str) -> Memo<Option<u64>> {
    Memo::new(move |_| {
        query.answer.with(|answer| match answer {
            Some(Ok(response)) => Some(response.get(member).and_then(Value::as_array).map_or(0, |list| list.len() as u64)),
            _ => None,
        })
    })
}

#[component]
pub fn AccountFigure() -> impl IntoView {
    let host = use_host();
    let ask = move |service: &'static str, operation: &'static str| query(host, move || Some(Call::new(service, operation, json!({}))));
    let buckets = length(ask("s3", "ListBuckets"), "Buckets");
    let crawlers = ask("glue", "GetCrawlers");
    let crawler_count = length(crawlers, "Crawlers");
    let databases = ask("glue", "GetDatabases");
    let database_count = length(databases, "DatabaseList");
    let jobs = length(ask("glue", "GetJobs"), "Jobs");
    let running = Memo::new(move |_| {
        crawlers.answer.with(|answer| match answer {
            Some(Ok(response)) => response
                .get("Crawlers")
                .and_then(Value::as_array)
                .is_some_and(|list| list.iter().any(|crawler| crawler.get("State").and_then(Value::as_str) == Some("RUNNING"))),
            _ => false,
        })
    });
    let is_empty = Memo::new(move |_| [buckets, crawler_count, database_count, jobs].iter().all(|count| count.get() == Some(0)));
    let text = |count: Memo<Option<u64>>, one: &'static str, many: &'static str| {
        move || match count.get() {
            None => "…".to_string(),
            Some(0) => format!("no {many}"),
            Some(count) => plural(count, one, many),
        }
    };
    view! {
        <figure class="account-figure" aria-labelledby="figure-caption">
            <div class="plan">
                // The rails say which way data flows; the cards carry the words.
                <svg class="rails" viewBox="0 0 1000 232" preserveAspectRatio="none" aria-hidden="true">
                    <path d="M220 116H300Q312 116 312 104V70Q312 58 324 58H390" vector-effect="non-scaling-stroke" />
                    <path d="M220 116H300Q312 116 312 128V162Q312 174 324 174H390" vector-effect="non-scaling-stroke" />
                    <path d="M610 58H676Q688 58 688 70V104Q688 116 700 116H780" vector-effect="non-scaling-stroke" />
                    <path d="M610 174H676Q688 174 688 162V128Q688 116 700 116H780" vector-effect="non-scaling-stroke" />
                </svg>
                <ul class="cards" role="list">
                    <li class="card a" style:--role="var(--source)">
                        <a href="#/storage">
                            <span class="title">{glyph("storage")} "Amazon S3"</span>
                            <span class="mono">{text(buckets, "bucket", "buckets")}</span>
                        </a>
                    </li>
                    <li class="card b" style:--role="var(--transform)">
                        <a href="#/catalog">
                            <span class="title">{glyph("search")} "Glue crawlers"</span>
                            <span class="mono">
                                {text(crawler_count, "crawler", "crawlers")}
                                {move || running.get().then_some(" · running")}
                            </span>
                        </a>
                    </li>
                    <li class="card c" style:--role="var(--transform)">
                        <a href="#/etl">
                            <span class="title">{glyph("etl")} "Glue jobs"</span>
                            <span class="mono">{text(jobs, "visual job", "visual jobs")}</span>
                        </a>
                    </li>
                    <li class="card d" style:--role="var(--target)">
                        <a href="#/catalog">
                            <span class="title">{glyph("catalog")} "Data Catalog"</span>
                            <span class="mono">{text(database_count, "database", "databases")}</span>
                        </a>
                    </li>
                </ul>
            </div>
            <figcaption id="figure-caption">
                <b>"Your account"</b>
                <span>
                    {move || {
                        if is_empty.get() {
                            "Empty so far. Files come in on the left, tables come out on the right."
                        } else {
                            "As it stands. Files come in on the left, tables come out on the right."
                        }
                    }}
                </span>
                <span class="chip">{move || plural(host.position.get(), "call logged", "calls logged")}</span>
            </figcaption>
        </figure>
    }
}
