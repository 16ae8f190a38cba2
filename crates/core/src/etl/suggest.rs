//! "Did you mean": the nearest of the names that exist.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// `; did you mean “province”?`, or an empty text if nothing is near. Letter case counts less than a wrong letter.
pub(crate) fn did_you_mean<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(wrong, names) {
        Some(name) => format!("; did you mean “{name}”?"),
        None => String::new(),
    }
}

fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = wrong.trim().to_lowercase();
    let length = folded.chars().count();
    // Long names are no typos of each other, and the distance costs the product of the lengths.
    if length == 0 || length > 80 {
        return None;
    }
    let limit = (length / 3).max(1);
    names
        .into_iter()
        .filter(|name| !name.is_empty() && name.chars().count().abs_diff(length) <= limit)
        .map(|name| (distance(&folded, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Optimal string alignment distance: insertions, deletions, replacements, and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let width = b.len() + 1;
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(width);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let cell = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y;
            row.push(if swapped { cell.min(before[j - 1] + 1) } else { cell });
        }
        before = core::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names() {
        assert_eq!(did_you_mean("provnice", ["location1", "province"]), "; did you mean “province”?");
        assert_eq!(did_you_mean("Province", ["location1", "province"]), "; did you mean “province”?");
        assert_eq!(did_you_mean("amount", ["location1", "province"]), "");
        assert_eq!(did_you_mean("", ["a"]), "");
        assert_eq!(distance("ca", "ac"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
