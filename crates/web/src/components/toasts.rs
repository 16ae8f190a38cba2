//! Messages in the corner, and the live region.

use leptos::prelude::*;

use super::glyph;
use crate::host::{ToastKind, use_host};

#[component]
pub fn Toasts() -> impl IntoView {
    let feedback = use_host().feedback;
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">
            {move || feedback.spoken.get()}
        </div>
        <section class="toasts" aria-label="Messages" hidden=move || feedback.toasts.with(Vec::is_empty)>
            <For each=move || feedback.toasts.get() key=|(id, _)| *id let:entry>
                {
                    let (id, toast) = entry;
                    let error = toast.kind == ToastKind::Error;
                    let passing = toast.kind == ToastKind::Done;
                    let class = match toast.kind {
                        ToastKind::Done => "toast",
                        ToastKind::Warning => "toast warning",
                        ToastKind::Error => "toast error",
                    };
                    view! {
                        <div class=class role=error.then_some("alert")>
                            <span class="sign">{glyph(if passing { "check" } else { "warn" })}</span>
                            <div>
                                {toast.code.map(|code| view! { <p class="code">{code}</p> })} <p>{toast.message}</p>
                                {toast.help.map(|help| view! { <p class="help">{help}</p> })}
                            </div>
                            <button type="button" class="btn quiet icon" aria-label="Close this message" on:click=move |_| feedback.close(id)>
                                {glyph("close")}
                            </button>
                        </div>
                    }
                }
            </For>
        </section>
    }
}
