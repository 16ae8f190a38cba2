//! One object: its facts, what can be done with it, and its rows.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::Call;
use web_sys::{Blob, Url};

use super::class::ChangeClass;
use super::client_side::{OpenSealed, sealed_with};
use super::copy::CopyObject;
use super::encryption::EncryptedWith;
use super::model::{ObjectHead, ObjectList, glyph_of, last_name, parent, zone_of};
use super::preview::{FirstBytes, Preview};
use super::remove::Remove;
use super::restore::{RestoreObject, restore_state};
use super::schedule::{Tags, WhenItMoves};
use super::upload_as::with_key;
use crate::components::{Empty, Fault, glyph};
use crate::format;
use crate::host::{parse, query, use_host};
use crate::router::Route;

#[component]
pub fn Detail(bucket: String, key: String) -> impl IntoView {
    let host = use_host();
    let name = last_name(&key).to_owned();
    let place = StoredValue::new((bucket.clone(), key.clone()));
    // Of an object under a caller's own key (SSE-C): it goes with each read, and with this screen.
    let customer_key = RwSignal::new(String::new());
    let head = query(host, move || {
        let (bucket, key) = place.get_value();
        let mut params = with_key(&customer_key.get());
        (params["Bucket"], params["Key"]) = (bucket.into(), key.into());
        Some(Call::new("s3", "HeadObject", params))
    });
    let facts = Memo::new(move |_| head.read::<ObjectHead>());
    // The bytes change when the ETag does; until then the link and the preview stay.
    // What is archived has none to show.
    let head_of = move || facts.with(|facts| facts.as_ref().and_then(|facts| facts.as_ref().ok()).cloned());
    let tag = Memo::new(move |_| head_of().filter(ObjectHead::is_readable).map(|facts| facts.e_tag));
    let archived = Memo::new(move |_| head_of().is_some_and(|facts| facts.is_archived()));
    let tiered = Memo::new(move |_| head_of().is_some_and(|facts| facts.archive_status.is_some()));
    let classing = RwSignal::new(false);
    let restoring = RwSignal::new(false);
    let bytes = RwSignal::new_local(None::<Blob>);
    // Of an object that the client sealed: its bytes, once its key was given.
    let opened = RwSignal::new_local(None::<Blob>);
    let sealed = Memo::new(move |_| head_of().map(|facts| facts.metadata).filter(|metadata| sealed_with(metadata).is_some()));
    let address = RwSignal::new(None::<String>);
    let forget = move || {
        if let Some(address) = address.try_update_untracked(Option::take).flatten() {
            let _ = Url::revoke_object_url(&address);
        }
    };
    on_cleanup(forget);
    Effect::new(move |_| {
        if tag.get().is_none() {
            return;
        }
        let (bucket, key) = place.get_value();
        spawn_local(async move {
            match host.fetch(&bucket, &key, with_key(&customer_key.get_untracked())).await {
                Ok(blob) => {
                    forget();
                    // The screen may be gone meanwhile; its signals then take nothing.
                    if address.is_disposed() {
                        return;
                    }
                    address.set(Url::create_object_url_with_blob(&blob).ok());
                    bytes.set(Some(blob));
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let on_open = Callback::new(move |()| {
        forget();
        address.set(opened.with_untracked(|opened| Url::create_object_url_with_blob(opened.as_ref()?).ok()));
    });
    // An address may name a folder without its slash: go there, if there is one.
    Effect::new(move |_| {
        if !facts.with(|facts| matches!(facts, Some(Err(_)))) {
            return;
        }
        let (bucket, key) = place.get_value();
        spawn_local(async move {
            let folder = format!("{key}/");
            let answer = host
                .call("s3", "ListObjectsV2", json!({ "Bucket": bucket, "Prefix": folder, "MaxKeys": 1 }))
                .await;
            let found = answer
                .and_then(|response| parse::<ObjectList>(&response))
                .is_ok_and(|list| !list.contents.is_empty());
            if found {
                Route::storage(&bucket, &folder).replace();
            }
        });
    });
    let is_directory = zone_of(&bucket).is_some();
    let copying = RwSignal::new(false);
    let removing = RwSignal::new(None::<Vec<String>>);
    let here = Memo::new(move |_| place.with_value(|(_, key)| key.clone()));
    let back = Route::storage(&bucket, parent(&key)).href();
    let file_name = StoredValue::new(name.clone());
    view! {
        <aside class="detail" aria-label=format!("Object {name}")>
            <header>
                <span class="kind">{glyph(glyph_of(&key))}</span>
                <h2 tabindex="-1">{name.clone()}</h2>
                <a class="btn quiet icon" href=back aria-label="Close this object">
                    {glyph("close")}
                </a>
            </header>
            {move || match facts.get() {
                None => ().into_any(),
                Some(Err(error)) if matches!(error.code.as_str(), "404" | "NotFound" | "NoSuchKey") => {
                    view! { <Empty title="There is no such object" text="It may have been deleted or renamed. Keys are exact: upper and lower case differ." /> }
                        .into_any()
                }
                Some(Err(error)) if matches!(error.code.as_str(), "400" | "403") => {
                    view! {
                        <Fault error=error />
                        <OwnKey key=customer_key />
                    }
                        .into_any()
                }
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(facts)) => {
                    view! {
                        <div class="acts">
                            {move || match address.get() {
                                Some(address) => {
                                    view! {
                                        <a class="btn" href=address download=file_name.get_value()>
                                            {glyph("download")}
                                            "Download"
                                        </a>
                                    }
                                        .into_any()
                                }
                                None => view! { <span class="btn" aria-disabled="true">{glyph("download")} "Download"</span> }.into_any(),
                            }}
                            <button type="button" class="btn" on:click=move |_| copying.set(true)>
                                {glyph("copy")}
                                "Copy…"
                            </button>
                            <button type="button" class="btn" hidden=is_directory on:click=move |_| classing.set(true)>
                                "Change class…"
                            </button>
                            {move || {
                                archived
                                    .get()
                                    .then(|| {
                                        view! {
                                            <button type="button" class="btn" on:click=move |_| restoring.set(true)>
                                                "Restore…"
                                            </button>
                                        }
                                    })
                            }}
                            <button
                                type="button"
                                class="btn danger"
                                on:click=move |_| removing.set(Some(vec![place.with_value(|(_, key)| key.clone())]))
                            >
                                {glyph("trash")}
                                "Delete"
                            </button>
                        </div>
                        <Remove bucket=place.with_value(|(bucket, _)| bucket.clone()) targets=removing open=here on_done=Callback::new(|()| ()) />
                        <Facts facts=facts place=place />
                        {move || sealed.get().map(|metadata| view! { <OpenSealed metadata=metadata bytes=bytes on_open=on_open opened=opened /> })}
                        {place.with_value(|(bucket, key)| view! { <WhenItMoves bucket=bucket.clone() key=key.clone() /> })}
                        {(!is_directory).then(|| place.with_value(|(bucket, key)| view! { <Tags bucket=bucket.clone() key=Some(key.clone()) /> }))}
                    }
                        .into_any()
                }
            }}
            // What the client sealed is no table to anybody but its reader.
            {move || {
                opened
                    .with(Option::is_some)
                    .then(|| {
                        view! {
                            <section class="preview" aria-label="Preview">
                                <FirstBytes bytes=opened />
                            </section>
                        }
                    })
            }}
            {move || tag.get().filter(|_| sealed.with(Option::is_none) && customer_key.with(String::is_empty)).map(|_| place.with_value(|(bucket, key)| view! { <Preview bucket=bucket.clone() key=key.clone() bytes=bytes /> }))}
            <ChangeClass
                open=classing
                bucket=bucket.clone()
                keys=Signal::derive(move || vec![place.with_value(|(_, key)| key.clone())])
                on_done=Callback::new(|()| ())
            />
            <RestoreObject open=restoring bucket=bucket.clone() key=key.clone() tiered=tiered />
            <CopyObject open=copying bucket=bucket key=key />
        </aside>
    }
}

/// What the object costs as it stands, for a list of facts: `sluice:GetObjectCost`.
#[component]
fn Costs(place: StoredValue<(String, String)>) -> impl IntoView {
    let cost = query(use_host(), move || {
        let (bucket, key) = place.get_value();
        Some(Call::new("sluice", "GetObjectCost", json!({ "Bucket": bucket, "Key": key })))
    })
    .answer;
    let day = |since: &Value| since.as_str().and_then(|since| since.get(..10)).unwrap_or_default().to_owned();
    let amount = |answer: &Value, part: &str| answer[part]["Total"].as_str().unwrap_or("0").to_owned();
    move || {
        let Some(Ok(answer)) = cost.get() else { return ().into_any() };
        let leaving = amount(&answer, "Leaving");
        view! {
                <dt>"Costs a month"</dt>
                <dd class="mono">{amount(&answer, "Month")} " USD"</dd>
                <dt>"Costs so far"</dt>
                <dd>
                    <span class="mono">{amount(&answer, "Life")} " USD"</span>
                    <span class="meta">{format!(" since {}, requests apart; {} in its class", day(&answer["Life"]["Since"]), amount(&answer, "SoFar"))}</span>
                </dd>
                {(leaving != "0")
                    .then(|| {
                        view! {
                            <dt>"Leaving now"</dt>
                            <dd>
                                <span class="mono">{leaving} " USD"</span>
                                <span class="meta">" for the days left of the class’s minimum"</span>
                            </dd>
                        }
                    })}
        }
        .into_any()
    }
}

/// Asks for the caller's key of an object, in place of what cannot be shown without it.
#[component]
fn OwnKey(key: RwSignal<String>) -> impl IntoView {
    let draft = RwSignal::new(key.get_untracked());
    view! {
        <form
            class="form"
            on:submit=move |event| {
                event.prevent_default();
                key.set(draft.get_untracked());
            }
        >
            <div class="field">
                <label for="own-key">"Key of yours (SSE-C)"</label>
                <input
                    id="own-key"
                    class="input mono"
                    type="text"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby="own-key-hint"
                    prop:value=move || draft.get()
                    on:input=move |event| draft.set(event_target_value(&event))
                />
                <p class="hint" id="own-key-hint">
                    "An object that was uploaded under a key of the caller’s is read with that key alone. It is sent with each read and kept nowhere."
                </p>
            </div>
            <div class="actions">
                <button type="submit" class="btn primary">
                    "Read with this key"
                </button>
            </div>
        </form>
    }
}

#[component]
fn Facts(facts: ObjectHead, place: StoredValue<(String, String)>) -> impl IntoView {
    let uri = place.with_value(|(bucket, key)| format!("s3://{bucket}/{key}"));
    let restore = restore_state(&facts);
    let exact = format!("{} bytes", format::count(facts.content_length));
    view! {
        <dl class="facts">
            <dt>"S3 URI"</dt>
            <dd class="mono">{uri}</dd>
            <dt>"Size"</dt>
            <dd>
                {format::bytes(facts.content_length)} " " <span class="meta">{exact}</span>
            </dd>
            <dt>"ETag"</dt>
            <dd class="mono">{facts.e_tag}</dd>
            <dt>"Last modified"</dt>
            <dd>
                <time datetime=facts.last_modified.clone()>{format::local_time(&facts.last_modified)}</time>
            </dd>
            <dt>"Content type"</dt>
            <dd class="mono">{facts.content_type}</dd>
            <dt>"Storage class"</dt>
            <dd>{facts.storage_class.unwrap_or_else(|| "STANDARD".into())} {facts.archive_status.map(|tier| format!(" · {tier}"))}</dd>
            {facts.version_id.map(|id| view! { <dt>"Version ID"</dt> <dd class="mono">{id}</dd> })}
            <EncryptedWith algorithm=facts.server_side_encryption key=facts.kms_key bucket_key=facts.bucket_key_enabled />
            <Costs place=place />
            {facts.expiration.map(|expiration| view! { <dt>"Expiration"</dt> <dd class="mono">{expiration}</dd> })}
            {restore.map(|restore| view! { <dt>"Restore"</dt> <dd>{restore}</dd> })}
        </dl>
    }
}
