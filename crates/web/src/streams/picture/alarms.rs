//! The strips of the alarms that watch the stream.

use leptos::prelude::*;

use super::super::run::Shown;
use crate::alarms::answer::Preview;
use crate::alarms::strip;

#[component]
pub fn AlarmStrips(shown: RwSignal<Option<Shown>>) -> impl IntoView {
    let strips = Memo::new(move |_| {
        shown.with(|shown| {
            let shown = shown.as_ref()?;
            let of = |(index, alarm): (usize, &_)| (Clone::clone(alarm), shown.values.get(index).cloned().unwrap_or_else(Preview::default));
            Some(shown.alarms.iter().enumerate().map(of).collect::<Vec<_>>())
        })
    });
    move || {
        let strips = strips.get().unwrap_or_default();
        (!strips.is_empty()).then(|| {
            view! {
                <h2 class="part">"Alarms"</h2>
                <ul class="alarms" role="list">
                    {strips
                        .iter()
                        .map(|(alarm, preview)| strip::row(alarm, preview, view! { <b>{alarm.alarm_name.clone()}</b> }.into_any()))
                        .collect_view()}
                </ul>
            }
        })
    }
}
