//! One rule as a form. What S3 refuses stands at the part of the form that it speaks of.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sluice_core::account::ApiError;

use super::Configuration;
use super::draft::{Draft, Step};
use crate::components::{Fault, glyph};
use crate::host::use_host;
use crate::storage::model::CLASSES;
use crate::storage::section::Section;

/// Parts of the form that an error can belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Name,
    Filter,
    Current,
    Noncurrent,
    Uploads,
    Whole,
}

/// The part that S3's message names.
fn part_of(error: &ApiError) -> Part {
    let message = error.message.as_str();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["Rule ID", "ID length"]) {
        Part::Name
    } else if says(&["Noncurrent"]) {
        Part::Noncurrent
    } else if says(&["AbortIncomplete", "DaysAfterInitiation"]) {
        Part::Uploads
    } else if says(&["Transition", "Expiration", "Days", "'Date'", "StorageClass", "ExpiredObjectDeleteMarker"]) {
        Part::Current
    } else if says(&["Tag", "ObjectSize", "Prefix", "Filter"]) {
        Part::Filter
    } else {
        Part::Whole
    }
}

#[component]
pub fn RuleForm(bucket: StoredValue<String>, configuration: Configuration, index: Option<usize>, draft: Draft, on_close: Callback<()>) -> impl IntoView {
    let host = use_host();
    let draft = RwSignal::new(draft);
    let refused = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let mut next = configuration.clone();
        let rule = draft.with_untracked(Draft::to_rule);
        match index.and_then(|index| next.rules.get_mut(index)) {
            Some(place) => *place = rule,
            None => next.rules.push(rule),
        }
        spawn_local(async move {
            let answer = next.put(host, &bucket.get_value()).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(()) => {
                    host.announce("Saved the lifecycle rule.");
                    host.toast_done("Saved the lifecycle rule.");
                    on_close.run(());
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    let fault = move |part: Part| {
        move || {
            refused
                .get()
                .filter(|error| part_of(error) == part)
                .map(|error| view! { <Fault error=error /> })
        }
    };
    let field = move |id: &'static str, label: &'static str, hint: &'static str, get: fn(&Draft) -> String, set: fn(&mut Draft, String)| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input
                    id=id
                    class="input mono"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=(!hint.is_empty()).then(|| format!("{id}-hint"))
                    prop:value=move || draft.with(get)
                    on:input=move |event| draft.update(|draft| set(draft, event_target_value(&event)))
                />
                {(!hint.is_empty()).then(|| view! { <span class="hint" id=format!("{id}-hint")>{hint}</span> })}
            </div>
        }
    };
    let title = if index.is_some() { "Edit lifecycle rule" } else { "Create lifecycle rule" };
    view! {
        <Section title=title about="A rule acts on the objects that its filter names; all that is said must hold.">
            <form class="form rule-form" on:submit=submit novalidate>
                <fieldset>
                    <legend>"Rule"</legend>
                    {field("rule-id", "Rule name (ID)", "Left empty, S3 makes one up.", |draft| draft.id.clone(), |draft, text| draft.id = text)}
                    <label class="pick">
                        <input
                            type="checkbox"
                            class="check"
                            prop:checked=move || draft.with(|draft| draft.enabled)
                            on:change=move |event| draft.update(|draft| draft.enabled = event_target_checked(&event))
                        />
                        "Enabled"
                    </label>
                    {fault(Part::Name)}
                </fieldset>
                <fieldset>
                    <legend>"Filter"</legend>
                    {field("rule-prefix", "Prefix", "", |draft| draft.prefix.clone(), |draft, text| draft.prefix = text)}
                    {field("rule-tags", "Object tags", "key=value, several with a comma between them", |draft| draft.tags.clone(), |draft, text| draft.tags = text)}
                    {field("rule-larger", "Larger than (bytes)", "", |draft| draft.larger.clone(), |draft, text| draft.larger = text)}
                    {field("rule-smaller", "Smaller than (bytes)", "", |draft| draft.smaller.clone(), |draft, text| draft.smaller = text)}
                    {fault(Part::Filter)}
                </fieldset>
                <fieldset>
                    <legend>"Current versions"</legend>
                    <Steps draft=draft id="transition" noncurrent=false />
                    {field(
                        "rule-expire",
                        "Expire after days, or on a date",
                        "400 or 2027-01-01. In a bucket with versions a delete marker comes; without, the object is deleted.",
                        |draft| draft.expiration.clone(),
                        |draft, text| draft.expiration = text,
                    )}
                    <label class="pick">
                        <input
                            type="checkbox"
                            class="check"
                            prop:checked=move || draft.with(|draft| draft.expired_marker)
                            on:change=move |event| draft.update(|draft| draft.expired_marker = event_target_checked(&event))
                        />
                        "Delete expired object delete markers"
                    </label>
                    {fault(Part::Current)}
                </fieldset>
                <fieldset>
                    <legend>"Noncurrent versions"</legend>
                    <Steps draft=draft id="noncurrent" noncurrent=true />
                    {field(
                        "rule-noncurrent-expire",
                        "Permanently delete after days noncurrent",
                        "",
                        |draft| draft.noncurrent_expiration.clone(),
                        |draft, text| draft.noncurrent_expiration = text,
                    )}
                    {field(
                        "rule-noncurrent-newer",
                        "Newer noncurrent versions to retain",
                        "",
                        |draft| draft.noncurrent_newer.clone(),
                        |draft, text| draft.noncurrent_newer = text,
                    )}
                    {fault(Part::Noncurrent)}
                </fieldset>
                <fieldset>
                    <legend>"Unfinished uploads"</legend>
                    {field("rule-abort", "Abort incomplete multipart uploads after days", "", |draft| draft.abort.clone(), |draft, text| draft.abort = text)}
                    {fault(Part::Uploads)}
                </fieldset>
                {fault(Part::Whole)}
                <div class="line">
                    <button type="submit" class="btn primary" aria-disabled=move || busy.get().then_some("true")>
                        "Save rule"
                    </button>
                    <button type="button" class="btn" on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                </div>
            </form>
        </Section>
    }
}

fn steps(draft: &mut Draft, noncurrent: bool) -> &mut Vec<Step> {
    if noncurrent { &mut draft.noncurrent } else { &mut draft.transitions }
}

/// The transitions of current or of noncurrent versions, one a row.
#[component]
fn Steps(draft: RwSignal<Draft>, id: &'static str, noncurrent: bool) -> impl IntoView {
    let read = move |index: usize| {
        draft.with(|draft| {
            if noncurrent { &draft.noncurrent } else { &draft.transitions }
                .get(index)
                .cloned()
                .unwrap_or_default()
        })
    };
    let count = Memo::new(move |_| draft.with(|draft| if noncurrent { draft.noncurrent.len() } else { draft.transitions.len() }));
    let change = move |index: usize, act: &dyn Fn(&mut Step)| {
        draft.update(|draft| {
            if let Some(step) = steps(draft, noncurrent).get_mut(index) {
                act(step);
            }
        });
    };
    let when = if noncurrent { "Days noncurrent" } else { "Days after creation, or a date" };
    view! {
        <div class="steps">
            {move || {
                (0..count.get())
                    .map(|index| {
                        let class = untrack(move || read(index).class);
                        view! {
                            <div class="step">
                                <div class="field">
                                    <label for=format!("{id}-when-{index}")>{when}</label>
                                    <input
                                        id=format!("{id}-when-{index}")
                                        class="input mono"
                                        autocomplete="off"
                                        prop:value=move || read(index).when
                                        on:input=move |event| change(index, &|step| step.when = event_target_value(&event))
                                    />
                                </div>
                                <div class="field">
                                    <label for=format!("{id}-class-{index}")>"Move to"</label>
                                    <select
                                        id=format!("{id}-class-{index}")
                                        class="select"
                                        on:change=move |event| change(index, &|step| step.class = event_target_value(&event))
                                    >
                                        {CLASSES
                                            .into_iter()
                                            .filter(|(value, _)| *value != "STANDARD")
                                            .map(|(value, name)| {
                                                view! {
                                                    <option value=value selected=value == class>
                                                        {name}
                                                    </option>
                                                }
                                            })
                                            .collect_view()}
                                    </select>
                                </div>
                                {noncurrent
                                    .then(|| {
                                        view! {
                                            <div class="field">
                                                <label for=format!("{id}-newer-{index}")>"Newer versions to retain"</label>
                                                <input
                                                    id=format!("{id}-newer-{index}")
                                                    class="input mono"
                                                    autocomplete="off"
                                                    prop:value=move || read(index).newer
                                                    on:input=move |event| change(index, &|step| step.newer = event_target_value(&event))
                                                />
                                            </div>
                                        }
                                    })}
                                <button
                                    type="button"
                                    class="btn quiet icon"
                                    aria-label=format!("Remove transition {}", index + 1)
                                    on:click=move |_| {
                                        draft
                                            .update(|draft| {
                                                let steps = steps(draft, noncurrent);
                                                if index < steps.len() {
                                                    steps.remove(index);
                                                }
                                            })
                                    }
                                >
                                    {glyph("close")}
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <button
                type="button"
                class="btn"
                on:click=move |_| {
                    draft
                        .update(|draft| {
                            steps(draft, noncurrent)
                                .push(Step {
                                    class: "STANDARD_IA".into(),
                                    when: "30".into(),
                                    newer: String::new(),
                                })
                        })
                }
            >
                {glyph("plus")}
                {if noncurrent { "Add noncurrent transition" } else { "Add transition" }}
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stands_where_it_belongs() {
        for (message, part) in [
            ("Rule ID must be unique. Found same ID for more than one rule", Part::Name),
            (
                "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
                Part::Current,
            ),
            ("'NoncurrentDays' in NoncurrentVersionTransition action must be greater", Part::Noncurrent),
            ("AbortIncompleteMultipartUpload cannot be specified with Tags.", Part::Uploads),
            ("At least one action needs to be specified in a rule", Part::Whole),
        ] {
            assert_eq!(part_of(&ApiError::new("InvalidRequest", message)), part, "{message}");
        }
    }
}
