//! The cheapest rules for the same objects and reads, with what they were compared to: `sluice:BestStoragePlan`.

use leptos::prelude::*;
use serde_json::Value;
use sluice_core::account::Call;

use super::super::fields::{Choice, choices};
use super::super::text::{dollars, money};
use super::answer::{Best, Candidate};
use super::settings::{Cost, READABLE, Step};
use crate::components::{Fault, glyph};
use crate::format::count;
use crate::host::{query, use_host};

/// Asked for when it is opened: a search over ten years takes a moment.
#[component]
pub fn BestPlan(settings: RwSignal<Cost>) -> impl IntoView {
    let host = use_host();
    let open = RwSignal::new(false);
    let question = Memo::new(move |_| settings.with(Cost::search));
    let answer = query(host, move || open.get().then(|| Call::new("sluice", "BestStoragePlan", question.get())));
    view! {
        <section class="best-plan" aria-label="The cheapest rules">
            <div class="row">
                <button
                    type="button"
                    class="btn"
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {glyph("search")}
                    "Find the cheapest rules"
                </button>
                <Choice
                    label="A read is answered within"
                    choices=choices(&READABLE)
                    value=Signal::derive(move || settings.with(|s| s.readable.clone()))
                    set=Callback::new(move |within| settings.update(|s| s.readable = within))
                />
            </div>
            {move || {
                if !open.get() {
                    return ().into_any();
                }
                match answer.read::<Best>() {
                    None => view! { <p class="meta" role="status">"Searching…"</p> }.into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                    Some(Ok(best)) => view! { <Proof best=best settings=settings /> }.into_any(),
                }
            }}
        </section>
    }
}

#[component]
fn Proof(best: Best, settings: RwSignal<Cost>) -> impl IntoView {
    let size = best.sizes.first().cloned();
    let winner = size.as_ref().and_then(|size| size.best.clone());
    let larger_than = best.lifecycle_configuration.as_ref().and_then(larger_than);
    let text = winner.as_ref().map(Candidate::text).unwrap_or_default();
    let expires = settings.with_untracked(|s| s.steps.iter().any(|step| step.class.is_empty()));
    let readable = settings.with_untracked(|s| s.readable.clone());
    let within = READABLE.into_iter().find(|(value, _)| *value == readable).map_or("", |(_, text)| text);
    let most = [&best.total, &best.given, &best.without_rules]
        .into_iter()
        .map(|sum| dollars(sum))
        .fold(0.0, f64::max);
    let bar = move |label: &'static str, sum: &str| {
        let share = if most > 0.0 { (dollars(sum) / most).clamp(0.0, 1.0) } else { 0.0 };
        view! {
            <dt>{label}</dt>
            <dd>
                <span class="length" style:width=format!("{:.1}%", share * 100.0)></span>
                <span class="mono">{money(sum)}</span>
            </dd>
        }
    };
    let use_them = move |_| {
        let Some(winner) = &winner else { return };
        let found = winner.transitions.iter().map(|step| Step {
            days: step.days,
            class: step.storage_class.clone(),
        });
        settings.update(|s| {
            // What the rule removes was no part of the search.
            let kept: Vec<Step> = s.steps.iter().filter(|step| step.class.is_empty()).cloned().collect();
            s.steps = found.chain(kept).collect();
            if !winner.transitions.is_empty() {
                s.larger_than = larger_than;
            }
        });
    };
    view! {
        <p>
            <b>{text}</b>
            {format!(
                ": the least of {} legal sets of transitions on a grid of days, each read answered within {within}{}.",
                count(best.candidates),
                if expires { ", with the rule’s own expiration kept" } else { "" },
            )}
            {(dollars(&best.given) < dollars(&best.total))
                .then_some(" The rules above cost less: they use a class that is not read so soon, or days that are not on the grid.")}
        </p>
        <dl class="lengths">
            {bar("These rules", &best.total)} {bar("The rules above", &best.given)} {bar("No rules", &best.without_rules)}
        </dl>
        <button type="button" class="btn" on:click=use_them>
            "Use these rules"
        </button>
        <details>
            <summary>"Proof: the best of every chain of classes"</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Candidates">
                <table class="list" aria-label="Candidates">
                    <thead>
                        <tr>
                            <th scope="col">"Transitions"</th>
                            <th scope="col" class="num">
                                "Cost"
                            </th>
                            <th scope="col" class="num">
                                "Above the best"
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {size
                            .into_iter()
                            .flat_map(|size| size.chains)
                            .map(|candidate| {
                                view! {
                                    <tr>
                                        <td>{candidate.text()}</td>
                                        <td class="num">{money(&candidate.cost)}</td>
                                        <td class="num">{money(&candidate.above)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </details>
    }
}

/// The lower bound on size of the first rule that moves objects, where it has one. A rule that takes small objects by a bound from above takes any.
fn larger_than(configuration: &Value) -> Option<u64> {
    let rules = configuration.get("Rules")?.as_array()?;
    let filter = rules.iter().find(|rule| rule.get("Transitions").is_some())?.get("Filter")?;
    let bound = |name: &str| {
        let own = filter.get(name).and_then(Value::as_u64);
        own.or_else(|| filter.get("And")?.get(name)?.as_u64())
    };
    bound("ObjectSizeGreaterThan").or_else(|| bound("ObjectSizeLessThan").map(|_| 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bound_is_found_where_the_transitions_are() {
        let moves = |filter: Value| json!({"Filter": filter, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]});
        let expires = json!({"Filter": {"ObjectSizeGreaterThan": 9}, "Expiration": {"Days": 60}});
        let of = |filter: Value| larger_than(&json!({"Rules": [expires, moves(filter)]}));
        assert_eq!(of(json!({"ObjectSizeGreaterThan": 5})), Some(5));
        assert_eq!(of(json!({"And": {"ObjectSizeGreaterThan": 7, "ObjectSizeLessThan": 90}})), Some(7));
        // Small objects are named by a bound from above: the figure says the same with one from below.
        assert_eq!(of(json!({"ObjectSizeLessThan": 16_385})), Some(1));
        assert_eq!(of(json!({"Prefix": ""})), None);
    }
}
