//! The editor of a policy: JSON as text, checked while it is typed, each fault at its line.

use core::time::Duration;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::json::{line_in, line_of, locate, pretty, statement};
use super::model::text as member;
use crate::components::glyph;
use crate::host::use_host;

/// After the last stroke; a check is one call to the account.
const SETTLED: Duration = Duration::from_millis(180);
/// Lines of the smallest and the largest box.
const LINES: (usize, usize) = (9, 28);

/// One thing about the text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Note {
    /// From 1.
    line: Option<usize>,
    /// `Statement[1].Effect`
    place: String,
    message: String,
    help: String,
}

/// What the account says of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Check {
    fault: Option<Note>,
    warnings: Vec<Note>,
}

impl Check {
    fn of(text: &str, response: &Value) -> Check {
        let fault = response.get("Error").map(|error| {
            let (place, help) = (member(error, "/Place"), member(error, "/Help"));
            let span = locate(text, &place);
            Note {
                line: span.map(|span| line_of(text, span.start)).or_else(|| line_in(&help)),
                place,
                message: member(error, "/Message"),
                help,
            }
        });
        let warnings = response.get("Warnings").and_then(Value::as_array).into_iter().flatten().map(|warning| {
            let index = warning.get("Statement").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
            Note {
                line: index.and_then(|index| statement(text, index)).map(|span| line_of(text, span.start)),
                place: index.map(|index| format!("Statement[{index}]")).unwrap_or_default(),
                message: member(warning, "/Message"),
                help: String::new(),
            }
        });
        Check {
            fault,
            warnings: warnings.collect(),
        }
    }
}

/// A box for a policy's text. What the account would refuse, and what the text probably does not mean, stands below it, by line.
#[component]
pub fn PolicyEditor(
    /// Of the box: unique on the page.
    id: &'static str,
    #[prop(into)] label: String,
    /// `CheckPolicy`'s kind: `Bucket`, `Inline`, `Managed`, `Trust`, `Key`.
    kind: &'static str,
    /// Whose policy it is, of kind `Bucket`.
    #[prop(optional, into)]
    bucket: Option<String>,
    text: RwSignal<String>,
    /// Buttons above the text.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let host = use_host();
    let check = RwSignal::new(None::<Check>);
    let asked = StoredValue::new(0_u32);
    let scrolled = RwSignal::new(0);
    let field: NodeRef<html::Textarea> = NodeRef::new();
    let bucket = StoredValue::new(bucket);
    Effect::new(move |before: Option<()>| {
        let now = text.get();
        let this = asked.get_value().wrapping_add(1);
        asked.set_value(this);
        if now.trim().is_empty() {
            check.set(None);
            return;
        }
        let ask = move || {
            if asked.try_get_value() != Some(this) {
                return;
            }
            let mut params = json!({ "Document": now, "Kind": kind });
            if let Some(bucket) = bucket.get_value() {
                params["Bucket"] = json!(bucket);
            }
            spawn_local(async move {
                let answer = host.call("sluice", "CheckPolicy", params).await;
                if asked.try_get_value() == Some(this) {
                    let _ = check.try_set(answer.ok().map(|response| Check::of(&now, &response)));
                }
            });
        };
        if before.is_some() { set_timeout(ask, SETTLED) } else { ask() }
    });
    let lines = Memo::new(move |_| text.with(|text| text.bytes().filter(|byte| *byte == b'\n').count() + 1));
    let rows = move || lines.get().clamp(LINES.0, LINES.1);
    let numbers = move || (1..=lines.get()).map(|line| format!("{line}\n")).collect::<String>();
    let faulty = Memo::new(move |_| check.with(|check| check.as_ref().and_then(|check| check.fault.as_ref()).map(|fault| fault.line)));
    // A line of the box is as high as CSS says (--line), the first one 8 px below its edge.
    let band = move || {
        faulty
            .get()
            .flatten()
            .map(|line| format!("--at: {}; --scrolled: {}px", line - 1, scrolled.get()))
    };
    let write_out = move |_| text.update(|text| *text = pretty(&Value::String(core::mem::take(text))));
    let go = move |line: usize| {
        let Some(field) = field.get_untracked() else { return };
        let (start, end) = text.with_untracked(|text| utf16_line(text, line));
        let _ = field.focus();
        // Both fail for no box of text.
        let _ = field.set_selection_range(start, end);
    };
    let describes = format!("{id}-check");
    view! {
        <div class="policy-editor" class:bad=move || faulty.get().is_some()>
            <div class="bar-row">
                <label for=id>{label}</label>
                <span class="tools">
                    {children.map(|children| children())}
                    <button type="button" class="btn quiet" on:click=write_out>
                        "Format"
                    </button>
                </span>
            </div>
            <div class="code">
                <div class="gutter" aria-hidden="true">
                    <pre style:transform=move || format!("translateY({}px)", -scrolled.get())>{numbers}</pre>
                </div>
                {move || band().map(|style| view! { <div class="band" aria-hidden="true" style=style></div> })}
                <textarea
                    id=id
                    node_ref=field
                    rows=rows
                    wrap="off"
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="none"
                    aria-describedby=describes.clone()
                    aria-invalid=move || faulty.get().map(|_| "true")
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                    on:scroll=move |_| {
                        if let Some(field) = field.get_untracked() {
                            scrolled.set(field.scroll_top());
                        }
                    }
                ></textarea>
            </div>
            <div class="checks" id=describes>
                {move || match check.get() {
                    None => view! { <p class="meta">"An empty policy says nothing."</p> }.into_any(),
                    Some(Check { fault: Some(fault), .. }) => view! { <Remark note=fault class="state err" sign="✕" go=Callback::new(go) /> }.into_any(),
                    Some(Check { warnings, .. }) => {
                        view! {
                            <p role="status">
                                <span class="state ok">"✓ Valid"</span>
                            </p>
                            {warnings
                                .into_iter()
                                .map(|note| view! { <Remark note=note class="state warn" sign="!" go=Callback::new(go) /> })
                                .collect_view()}
                        }
                            .into_any()
                    }
                }}
            </div>
        </div>
    }
}

#[component]
fn Remark(note: Note, class: &'static str, sign: &'static str, go: Callback<usize>) -> impl IntoView {
    let Note { line, place, message, help } = note;
    view! {
        <p class="remark" role="status">
            {match line {
                Some(line) => {
                    view! {
                        <button type="button" class="link" on:click=move |_| go.run(line)>
                            <span class=class>{format!("{sign} Line {line}")}</span>
                        </button>
                    }
                        .into_any()
                }
                None => view! { <span class=class>{if sign == "!" { glyph("warn") } else { sign.into_any() }}</span> }.into_any(),
            }}
            " "
            {message}
            {(!place.is_empty()).then(|| view! { " " <code>{place}</code> })}
            {(!help.is_empty()).then(|| view! { <span class="help">{help}</span> })}
        </p>
    }
}

/// Where a line (from 1) begins and ends, in the units that a box of text counts in.
fn utf16_line(text: &str, line: usize) -> (u32, u32) {
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let mut start = 0;
    for (index, content) in text.split('\n').enumerate() {
        let end = start + units(content);
        if index + 1 == line {
            return (start, end);
        }
        start = end + 1;
    }
    (start, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_stands_at_its_line() {
        let text = "{\n  \"Statement\": [\n    {\n      \"Effect\": \"allow\"\n    }\n  ]\n}";
        let error = json!({"Valid": false, "Error": {"Message": "Invalid effect: allow", "Place": "Statement[0].Effect", "Help": ""}});
        assert_eq!(Check::of(text, &error).fault.and_then(|fault| fault.line), Some(4));
        let syntax = json!({"Valid": false, "Error": {"Message": "This policy contains invalid Json", "Place": "", "Help": "expected `,` at line 2 column 5"}});
        assert_eq!(Check::of("{\n\"a\" 1}", &syntax).fault.and_then(|fault| fault.line), Some(2));
        let warned = json!({"Valid": true, "Warnings": [{"Rule": "public", "Statement": 0, "Message": "m"}]});
        let check = Check::of(text, &warned);
        assert_eq!((check.fault, check.warnings[0].line), (None, Some(3)));
    }

    #[test]
    fn lines_are_counted_as_the_browser_does() {
        assert_eq!(utf16_line("ab\nç𝄞\nx", 2), (3, 6));
        assert_eq!(utf16_line("ab\nç𝄞\nx", 3), (7, 8));
        assert_eq!(utf16_line("ab", 9), (3, 3));
    }
}
