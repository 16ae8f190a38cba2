//! The home screen: what Sluice is, the account as it stands, the labs.
//!
//! Belongs here: words, and figures that were asked of the account. Does not belong here: a number that was not.

mod figure;

use leptos::prelude::*;
use sluice_protocol::{Backend, StoreInfo};

use crate::components::ShellState;
use crate::format::{bytes, plural};
use crate::host::use_host;
use crate::labs::LabList;
use figure::AccountFigure;

const SOURCE: &str = env!("CARGO_PKG_REPOSITORY");

#[component]
pub fn HomeScreen() -> impl IntoView {
    let shell = expect_context::<ShellState>();
    Effect::new(move |_| shell.place(Vec::new()));
    view! {
        <div class="home">
            <section class="hero">
                <h1>"A cloud account that lives in this tab."</h1>
                <div>
                    <p>"Make buckets, crawlers and visual jobs. Send real files through them. Break things. No sign-up, no bill, and nothing leaves your browser."</p>
                    <div class="row">
                        <a class="btn primary large" href="#/storage">
                            "Open the account"
                        </a>
                        <a class="btn large" href="#/labs/ingest-csv-with-glue">
                            "Start with a lab"
                        </a>
                    </div>
                </div>
            </section>
            <AccountFigure />
            <section aria-labelledby="home-labs">
                <h2 id="home-labs">"Labs"</h2>
                <p class="sub">"Each checks itself against your account: a step is done when the account shows it."</p>
                <LabList />
            </section>
            <section aria-labelledby="home-what">
                <h2 id="home-what">"What this is"</h2>
                <p class="sub">"A place to learn and to try data engineering the way AWS does it, before it costs anything."</p>
                <div class="what">
                    <div>
                        <h3>"The rules are real"</h3>
                        <p>
                            "Every click is an API call with AWS’s own name, parameters and error codes. "
                            <a href="#/activity">"Activity"</a>
                            " lists them as CloudTrail would. Bucket names, key rules, what a crawler takes for a header, what a job does to a null: as AWS and Spark do it."
                        </p>
                    </div>
                    <div>
                        <h3>"The data is yours"</h3>
                        <p>
                            "Jobs read your CSV, JSON and Parquet, and write files that other tools open. The work is done here, by this computer, in a worker beside the page; files larger than memory stream through it."
                        </p>
                    </div>
                    <div>
                        <h3>"It stays here"</h3>
                        <p>
                            <Kept />
                        </p>
                    </div>
                </div>
            </section>
            <footer class="colophon">
                <p>
                    "Sluice is not AWS, and not affiliated with it. Simple Storage Service, Glue and CloudTrail are Amazon’s names for services that this page imitates; a real account differs in scale, speed and price."
                </p>
                {(!SOURCE.is_empty()).then(|| view! { <a href=SOURCE>"Source"</a> })}
            </footer>
        </div>
    }
}

/// Where this account's bytes are, as the worker says; asked again when the account changes.
#[component]
fn Kept() -> impl IntoView {
    let host = use_host();
    let info = RwSignal::new(None::<StoreInfo>);
    Effect::new(move |_| {
        host.position.track();
        leptos::task::spawn_local(async move {
            if let Ok(answer) = host.store_info().await {
                let _ = info.try_set(Some(answer));
            }
        });
    });
    move || {
        let place = match info.get() {
            None => "Everything is kept by this browser, on this computer.".to_string(),
            Some(info) => {
                let kept = format!("{} in {}", bytes(info.used), plural(info.objects, "object", "objects"));
                match info.backend {
                    Backend::Opfs => format!("This account is kept in the browser’s private file system on this computer: {kept}."),
                    Backend::IndexedDb => format!("This account is kept in this browser’s database on this computer: {kept}."),
                    Backend::Memory => format!("This account is kept in memory and ends with this tab: {kept}."),
                }
            }
        };
        view! {
            {place}
            " What you put in is sent nowhere: the page talks to no server but the one that it came from, and that only to load itself. "
            <a href="#/storage">"Storage"</a>
            " shows how much there is, and empties it."
        }
    }
}
