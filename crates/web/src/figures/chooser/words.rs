//! The chooser as a table and in words: the same numbers as the picture's.

use super::super::frame::Table;
use super::super::text::{latency, money, number, share};
use super::answer::{Answer, Way};

/// A row a way.
pub fn table(answer: &Answer) -> Table {
    let head = [
        "Way",
        "Can it?",
        "What decides",
        "Use of its limit",
        "Saturates at (operations/s)",
        "Read",
        "Write",
        "A month",
    ];
    let rows = answer.options.iter().map(|way| {
        vec![
            way.title.clone(),
            way.verdict().to_owned(),
            way.deciding.as_ref().map(|limit| limit.text.clone()).unwrap_or_default(),
            used(way),
            way.saturation
                .as_ref()
                .map(|saturation| number(saturation.operations_per_second))
                .unwrap_or_default(),
            took(way.read_latency_ms),
            took(way.write_latency_ms),
            money(&way.cost),
        ]
    });
    Table {
        words: 3,
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// The name of a limit in words: `ReadRate` → `Read rate`.
pub fn limit(name: &str) -> String {
    if name == "Iops" {
        return "IOPS".to_owned();
    }
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push(' ');
            text.push(letter.to_ascii_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

/// Use of the limit that is nearest.
pub fn used(way: &Way) -> String {
    way.utilisation.map_or_else(|| "no capacity".to_owned(), share)
}

/// A latency, or that there is none.
pub fn took(millis: Option<f64>) -> String {
    millis.map_or_else(|| "saturated".to_owned(), latency)
}

/// The picture in sentences.
pub fn describe(answer: &Answer) -> String {
    let can = answer.options.iter().filter(|way| way.feasible);
    let mut text = format!("{} of {} ways can.", can.clone().count(), answer.options.len());
    for way in can {
        text += &format!(
            " {}: {} of its limit, reads {}, writes {}, {} a month.",
            way.title,
            used(way),
            took(way.read_latency_ms),
            took(way.write_latency_ms),
            money(&way.cost)
        );
    }
    for way in answer.options.iter().filter(|way| !way.feasible) {
        if let Some(limit) = &way.deciding {
            text += &format!(" {} cannot: {}", way.title, limit.text);
            if !text.ends_with('.') {
                text.push('.');
            }
        }
    }
    text
}
