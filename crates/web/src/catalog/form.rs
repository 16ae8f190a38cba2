//! The form for a new crawler: short, and it makes the role and the database that it names.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::model::{list, s3_parts, text};
use crate::components::{Crumb, Fault, ShellState};
use crate::host::{Host, query, use_host};
use crate::router::Route;

/// What a role of Glue may do beside the data that it reads and writes.
const SERVICE_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole";
/// Lets Glue take the role (the trust policy that the console writes).
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const ROLE_PREFIX: &str = "AWSGlueServiceRole-";
const MOST_SUGGESTIONS: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    OnDemand,
    Daily,
    Cron,
}

/// What the learner has typed.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    path: RwSignal<String>,
    /// `None`: follows the name.
    role: RwSignal<Option<String>>,
    database: RwSignal<String>,
    prefix: RwSignal<String>,
    when: RwSignal<When>,
    time: RwSignal<String>,
    cron: RwSignal<String>,
}

impl Draft {
    fn role_name(&self) -> String {
        self.role.get().unwrap_or_else(|| format!("{ROLE_PREFIX}{}", self.name.get().trim()))
    }

    /// The schedule's expression; `None` on demand.
    fn schedule(&self) -> Option<String> {
        match self.when.get_untracked() {
            When::OnDemand => None,
            When::Daily => {
                let time = self.time.get_untracked();
                let (hour, minute) = time.split_once(':').unwrap_or(("0", "0"));
                let number = |text: &str| text.get(..2).unwrap_or(text).parse::<u8>().unwrap_or(0);
                Some(format!("cron({} {} * * ? *)", number(minute), number(hour)))
            }
            When::Cron => Some(self.cron.get_untracked().trim().to_owned()),
        }
    }
}

#[component]
pub fn NewCrawler() -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    Effect::new(move |_| {
        shell.place(vec![
            Crumb::new("Catalog", &Route::Catalog),
            Crumb::new("New crawler", &Route::Crawler { name: None }),
        ]);
    });
    let draft = Draft {
        name: RwSignal::new(String::new()),
        path: RwSignal::new(String::new()),
        role: RwSignal::new(None),
        database: RwSignal::new(String::new()),
        prefix: RwSignal::new(String::new()),
        when: RwSignal::new(When::OnDemand),
        time: RwSignal::new("02:00".to_string()),
        cron: RwSignal::new("cron(0 2 * * ? *)".to_string()),
    };
    let databases = query(host, || Some(Call::new("glue", "GetDatabases", json!({})))).answer;
    let roles = query(host, || Some(Call::new("iam", "ListRoles", json!({})))).answer;
    let refusal = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let names = move |answer: RwSignal<Option<Result<Value, ApiError>>>, pointer: &'static str, member: &'static str| {
        answer.with(|answer| match answer {
            Some(Ok(response)) => list(response, pointer).iter().map(|item| text(item, member)).collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    };
    let known_databases = Memo::new(move |_| names(databases, "/DatabaseList", "/Name"));
    let known_roles = Memo::new(move |_| names(roles, "/Roles", "/RoleName"));
    let is_new = move |known: Memo<Vec<String>>, name: String| !name.trim().is_empty() && known.with(|known| !known.iter().any(|other| *other == name.trim()));

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refusal.set(None);
        let name = draft.name.get_untracked().trim().to_owned();
        let role = untrack(|| draft.role_name()).trim().to_owned();
        let database = draft.database.get_untracked().trim().to_lowercase();
        let mut params = json!({
            "Name": name,
            "Role": role,
            "DatabaseName": database,
            "Targets": { "S3Targets": [{ "Path": draft.path.get_untracked().trim() }] },
        });
        let prefix = draft.prefix.get_untracked();
        if !prefix.trim().is_empty() {
            params["TablePrefix"] = json!(prefix.trim());
        }
        if let Some(schedule) = draft.schedule() {
            params["Schedule"] = json!(schedule);
        }
        spawn_local(async move {
            match create(host, &role, &database, params).await {
                Ok(()) => {
                    host.announce(format!("Crawler {name} created. Run it to fill the catalog."));
                    Route::Crawler { name: Some(name) }.open();
                }
                Err(error) => {
                    let _ = refusal.try_set(Some(error));
                }
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <header class="screen-head">
            <div>
                <h1>"Create crawler"</h1>
                <p class="sub">"It reads the head of each object under a path, finds out what it is, and writes tables into a database."</p>
            </div>
        </header>
        <form class="form crawler-form" aria-label="New crawler" on:submit=submit>
            <div class="field">
                <label for="crawler-name">"Name"</label>
                <input
                    id="crawler-name"
                    class="input mono"
                    required
                    maxlength="255"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || draft.name.get()
                    on:input=move |event| draft.name.set(event_target_value(&event))
                />
            </div>
            <PathField path=draft.path />
            <div class="field">
                <label for="crawler-role">"IAM role"</label>
                <input
                    id="crawler-role"
                    class="input mono"
                    required
                    maxlength="64"
                    list="roles"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="crawler-role-hint"
                    prop:value=move || draft.role_name()
                    on:input=move |event| draft.role.set(Some(event_target_value(&event)))
                />
                <datalist id="roles">{move || known_roles.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}</datalist>
                <span class="hint" id="crawler-role-hint">
                    {move || {
                        if is_new(known_roles, draft.role_name()) {
                            "There is no role of that name: it is created, for Glue to take, and may read and write under this path."
                        } else {
                            "The role whose rights the crawler has while it reads."
                        }
                    }}
                </span>
            </div>
            <div class="field">
                <label for="crawler-database">"Database"</label>
                <input
                    id="crawler-database"
                    class="input mono"
                    required
                    maxlength="255"
                    list="databases-known"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="crawler-database-hint"
                    prop:value=move || draft.database.get()
                    on:input=move |event| draft.database.set(event_target_value(&event))
                />
                <datalist id="databases-known">
                    {move || known_databases.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
                </datalist>
                <span class="hint" id="crawler-database-hint">
                    {move || {
                        if is_new(known_databases, draft.database.get().to_lowercase()) {
                            "A new database of that name is created."
                        } else {
                            "Where its tables go: a database of the catalog, or a new one."
                        }
                    }}
                </span>
            </div>
            <div class="field">
                <label for="crawler-prefix">"Table prefix " <span class="meta">"(optional)"</span></label>
                <input
                    id="crawler-prefix"
                    class="input mono"
                    maxlength="128"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || draft.prefix.get()
                    on:input=move |event| draft.prefix.set(event_target_value(&event))
                />
            </div>
            <Schedule draft=draft />
            {move || refusal.get().map(|error| view! { <Fault error=error /> })}
            <div class="actions">
                <a class="btn" href="#/catalog">
                    "Cancel"
                </a>
                <button type="submit" class="btn primary" aria-disabled=move || busy.get().then_some("true")>
                    {move || if busy.get() { "Creating…" } else { "Create crawler" }}
                </button>
            </div>
        </form>
    }
}

/// The policy that lets a role read and write what is under an S3 path, under the name that Glue's console gives it. The console makes it a managed policy; here it is
/// the role's own.
fn path_policy(role: &str, path: &str) -> Value {
    let path = path.strip_prefix("s3://").unwrap_or(path);
    // A bucket alone is everything in it, and no other bucket.
    let under = if path.contains('/') { path.to_owned() } else { format!("{path}/") };
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": [format!("arn:aws:s3:::{under}*")] }],
    });
    json!({ "RoleName": role, "PolicyName": format!("{role}-EZCRC-s3Policy"), "PolicyDocument": document.to_string() })
}

/// Makes the role, with the policies that Glue's console gives it, and the database where they are missing, then the crawler.
async fn create(host: Host, role: &str, database: &str, params: Value) -> Result<(), ApiError> {
    // A role may be named by its ARN; then it is one that exists.
    if !role.starts_with("arn:") {
        match host.call("iam", "GetRole", json!({ "RoleName": role })).await {
            Ok(_) => {}
            Err(error) if error.code.starts_with("NoSuchEntity") => {
                let created = json!({ "RoleName": role, "AssumeRolePolicyDocument": TRUST, "Description": "Made for a Glue crawler." });
                host.call("iam", "CreateRole", created).await?;
                host.call("iam", "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": SERVICE_POLICY }))
                    .await?;
                let path = params["Targets"]["S3Targets"][0]["Path"].as_str().unwrap_or_default();
                host.call("iam", "PutRolePolicy", path_policy(role, path)).await?;
            }
            Err(error) => return Err(error),
        }
    }
    match host.call("glue", "GetDatabase", json!({ "Name": database })).await {
        Ok(_) => {}
        Err(error) if error.code == "EntityNotFoundException" => {
            host.call("glue", "CreateDatabase", json!({ "DatabaseInput": { "Name": database } })).await?;
        }
        Err(error) => return Err(error),
    }
    host.call("glue", "CreateCrawler", params).await.map(drop)
}

/// An S3 path with what comes next in the account as suggestions.
#[component]
fn PathField(path: RwSignal<String>) -> impl IntoView {
    let host = use_host();
    // The folder that is typed so far: its children are suggested.
    let folder = Memo::new(move |_| {
        path.with(|path| {
            s3_parts(path).filter(|_| path.matches('/').count() > 2).map(|(bucket, key)| {
                let folder = key.rfind('/').map_or("", |at| key.get(..=at).unwrap_or_default());
                (bucket.to_owned(), folder.to_owned())
            })
        })
    });
    let buckets = query(host, || Some(Call::new("s3", "ListBuckets", json!({})))).answer;
    let children = query(host, move || {
        let (bucket, prefix) = folder.get()?;
        Some(Call::new(
            "s3",
            "ListObjectsV2",
            json!({ "Bucket": bucket, "Prefix": prefix, "Delimiter": "/", "MaxKeys": 100 }),
        ))
    })
    .answer;
    let suggestions = Memo::new(move |_| {
        let mut found: Vec<String> = Vec::new();
        if let (Some((bucket, _)), Some(Ok(response))) = (folder.get(), children.get()) {
            found.extend(
                list(&response, "/CommonPrefixes")
                    .iter()
                    .map(|prefix| format!("s3://{bucket}/{}", text(prefix, "/Prefix"))),
            );
            found.extend(
                list(&response, "/Contents")
                    .iter()
                    .map(|object| text(object, "/Key"))
                    .filter(|key| !key.ends_with('/'))
                    .map(|key| format!("s3://{bucket}/{key}")),
            );
        } else if let Some(Ok(response)) = buckets.get() {
            found.extend(list(&response, "/Buckets").iter().map(|bucket| format!("s3://{}/", text(bucket, "/Name"))));
        }
        let typed = path.get();
        found.retain(|suggestion| suggestion.starts_with(&typed) && *suggestion != typed);
        found.truncate(MOST_SUGGESTIONS);
        found
    });
    view! {
        <div class="field">
            <label for="crawler-path">"S3 path"</label>
            <input
                id="crawler-path"
                class="input mono"
                required
                autocomplete="off"
                spellcheck="false"
                placeholder="s3://bucket/folder/"
                aria-describedby="crawler-path-hint"
                prop:value=move || path.get()
                on:input=move |event| path.set(event_target_value(&event))
            />
            {move || {
                let found = suggestions.get();
                (!found.is_empty())
                    .then(|| {
                        view! {
                            <ul class="suggestions" role="list" aria-label="Paths in this account">
                                {found
                                    .into_iter()
                                    .map(|suggestion| {
                                        let to = suggestion.clone();
                                        view! {
                                            <li>
                                                <button type="button" class="chip mono" on:click=move |_| path.set(to.clone())>
                                                    {suggestion}
                                                </button>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                    })
            }}
            <span class="hint" id="crawler-path-hint">
                "A folder (all objects under it are crawled, its sub-folders become partitions or tables) or one object."
            </span>
        </div>
    }
}

#[component]
fn Schedule(draft: Draft) -> impl IntoView {
    view! {
        <div class="field">
            <label for="crawler-schedule">"Schedule"</label>
            <select
                id="crawler-schedule"
                class="select"
                on:change=move |event| {
                    draft
                        .when
                        .set(
                            match event_target_value(&event).as_str() {
                                "daily" => When::Daily,
                                "cron" => When::Cron,
                                _ => When::OnDemand,
                            },
                        )
                }
            >
                <option value="demand">"On demand"</option>
                <option value="daily">"Daily"</option>
                <option value="cron">"Custom (cron)"</option>
            </select>
        </div>
        {move || match draft.when.get() {
            When::OnDemand => ().into_any(),
            When::Daily => {
                view! {
                    <div class="field">
                        <label for="crawler-time">"Start time (UTC)"</label>
                        <input
                            id="crawler-time"
                            class="input"
                            type="time"
                            required
                            prop:value=move || draft.time.get()
                            on:input=move |event| draft.time.set(event_target_value(&event))
                        />
                    </div>
                }
                    .into_any()
            }
            When::Cron => {
                view! {
                    <div class="field">
                        <label for="crawler-cron">"Cron expression"</label>
                        <input
                            id="crawler-cron"
                            class="input mono"
                            required
                            autocomplete="off"
                            spellcheck="false"
                            aria-describedby="crawler-cron-hint"
                            prop:value=move || draft.cron.get()
                            on:input=move |event| draft.cron.set(event_target_value(&event))
                        />
                        <span class="hint" id="crawler-cron-hint">
                            "Six fields, in UTC: minutes, hours, day of month, month, day of week, year. At most every five minutes."
                        </span>
                    </div>
                }
                    .into_any()
            }
        }}
    }
}
