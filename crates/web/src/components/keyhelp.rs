//! The help on `?`: every key that is registered now.

use leptos::prelude::*;

use super::Dialog;
use crate::keys::Keys;

#[component]
pub fn KeyHelp(open: RwSignal<bool>) -> impl IntoView {
    let keys = expect_context::<Keys>().0;
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
            <p class="meta">"Ctrl is Cmd on a Mac. Keys of one letter work only while their part of the page has the focus."</p>
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
