//! The storage cost figure as a table and in words: the same numbers as the picture's.

use super::super::frame::Table;
use super::super::text::{day, dollars, money, number};
use super::answer::{Plan, bands};

/// A row a month, a column a band.
pub fn table(plan: &Plan, by_part: bool) -> Table {
    let bands = bands(plan, by_part);
    let mut head = vec!["Month".to_owned()];
    head.extend(bands.iter().map(|band| band.name.clone()));
    head.push("Total".into());
    let rows = plan.months.iter().map(|month| {
        let mut row = vec![month.month.clone()];
        row.extend(bands.iter().map(|band| money(&month.band(&band.name, by_part).to_string())));
        row.push(money(&month.total));
        row
    });
    Table {
        words: 1,
        rows: rows.collect(),
        head,
    }
}

/// The picture in sentences.
pub fn describe(plan: &Plan) -> String {
    let mut text = format!(
        "Over {} months from {} the bill is {}.",
        plan.months.len(),
        day(&plan.start),
        money(&plan.total)
    );
    if let (Some(first), Some(last)) = (plan.months.first(), plan.months.last()) {
        text += &format!(" The first month costs {}, the last {}.", money(&first.total), money(&last.total));
    }
    let dear = plan.months.iter().max_by(|a, b| dollars(&a.total).total_cmp(&dollars(&b.total)));
    if let Some(month) = dear {
        text += &format!(" The dearest is {} with {}.", month.month, money(&month.total));
    }
    let parts: Vec<String> = plan.by_group.iter().map(|(name, amount)| format!("{name} {}", money(amount))).collect();
    if !parts.is_empty() {
        text += &format!(" Parts of the bill: {}.", parts.join(", "));
    }
    if let Some(timeline) = plan.timelines.first() {
        for span in &timeline.spans {
            text += &format!(
                " An object of the start is in {} from {} to {}.",
                span.storage_class,
                day(&span.from),
                day(&span.to)
            );
        }
        if timeline.removal == "Rule" {
            text += " Then a rule expires it.";
        }
    }
    for point in &plan.break_even {
        let class = &point.storage_class;
        text += &match point.pays_from_day {
            Some(day) => format!(" {class} is cheaper than STANDARD from day {day}."),
            None => format!(" {class} does not pay within the run."),
        };
        if let Some(reads) = point.reads_per_month {
            text += &format!(
                " With more than {} reads of an object in a month, a month there costs more than in STANDARD.",
                number(reads)
            );
        }
    }
    text
}
