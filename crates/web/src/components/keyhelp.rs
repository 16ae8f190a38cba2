//! The help on `?`: every key that is registered now.

use leptos::prelude::*;

use super::Dialog;
use crate::keys::{Keys, SingleKeys};

#[component]
pub fn KeyHelp(open: RwSignal<bool>) -> impl IntoView {
    let keys = expect_context::<Keys>().0;
    let single = expect_context::<SingleKeys>();
    view! {
        <Dialog open=open title="Keys" wide=true>
            <div class="key-help">
                {move || {
                    keys.get()
                        .into_iter()
                        .rev()
                        .map(|group| {
                            view! {
                                <section>
                                    <h3>{group.title}</h3>
                                    <dl>
                                        {group
                                            .keys
                                            .iter()
                                            .map(|key| {
                                                view! {
                                                    <div>
                                                        <dt>{chord(key.keys)}</dt>
                                                        <dd>{key.action}</dd>
                                                    </div>
                                                }
                                            })
                                            .collect_view()}
                                    </dl>
                                </section>
                            }
                        })
                        .collect_view()
                }}
            </div>
            <label class="pick">
                <input
                    type="checkbox"
                    class="check"
                    prop:checked=move || single.0.get()
                    on:change=move |event| single.set(event_target_checked(&event))
                />
                "Listen to keys of one character"
            </label>
            <p class="meta">"Ctrl is Cmd on a Mac. This help also opens from the top bar."</p>
        </Dialog>
    }
}

/// A chord as key caps: `Ctrl+Shift+Z` is three.
fn chord(keys: &'static str) -> impl IntoView {
    keys.split(' ')
        .flat_map(|chord| {
            if chord.len() == 1 {
                vec![chord]
            } else {
                chord.split('+').filter(|key| !key.is_empty()).collect()
            }
        })
        .map(|key| view! { <kbd>{key}</kbd> })
        .collect_view()
}
