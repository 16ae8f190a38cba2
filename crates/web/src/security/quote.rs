//! A policy as it stands, with the statement that decided marked in it.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::json::statement;

/// Above the marked lines so many pixels stay in view.
const ABOVE: i32 = 44;

/// A document, read-only; `mark` is the statement (from 0) that is highlighted and scrolled to.
#[component]
pub fn Quote(text: String, #[prop(optional)] mark: Option<usize>, #[prop(into)] label: String) -> impl IntoView {
    let frame: NodeRef<html::Pre> = NodeRef::new();
    Effect::new(move |_| {
        let Some(frame) = frame.get() else { return };
        let marked = frame.query_selector("mark").ok().flatten();
        if let Some(marked) = marked.and_then(|marked| marked.dyn_into::<HtmlElement>().ok()) {
            frame.set_scroll_top((marked.offset_top() - ABOVE).max(0));
        }
    });
    let (before, marked, after) = parts(&text, mark);
    // The mark is a block: the end of its last line is its own.
    let after = if marked.is_empty() {
        after
    } else {
        after.trim_start_matches('\n').to_owned()
    };
    view! {
        <pre class="quote" node_ref=frame tabindex="0" role="region" aria-label=label>
            {before}
            {(!marked.is_empty()).then(|| view! { <mark>{marked}</mark> })}
            {after}
        </pre>
    }
}

/// The text around the whole lines of a statement.
fn parts(text: &str, mark: Option<usize>) -> (String, String, String) {
    let span = mark.and_then(|index| statement(text, index));
    let Some(span) = span else {
        return (text.to_owned(), String::new(), String::new());
    };
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(span.end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| span.end + at);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    (part(0, start), part(start, end), part(end, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_marked() {
        let text = "{\n  \"Statement\": [\n    {\n      \"Sid\": \"a\"\n    },\n    {\n      \"Sid\": \"b\"\n    }\n  ]\n}";
        let (before, marked, after) = parts(text, Some(1));
        assert_eq!(marked, "    {\n      \"Sid\": \"b\"\n    }");
        assert_eq!(format!("{before}{marked}{after}"), text);
        assert_eq!(parts(text, Some(7)).1, "");
        assert_eq!(parts("no json", Some(0)).0, "no json");
    }
}
