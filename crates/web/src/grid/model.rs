//! What a grid computes without a browser: which rows and columns are in view, widths, selections, and the text that is copied.

use sluice_core::etl::DataType;
use sluice_protocol::TablePage;

/// Height of a body row, in CSS pixels.
pub const ROW: f64 = 26.0;
/// Rows drawn above and below the view.
const OVERSCAN: u64 = 4;
/// Elements may not grow for ever: beyond this many pixels a browser cuts them off, so a longer table scrolls by proportion.
const TALLEST: f64 = 8_000_000.0;
/// From so many columns on, only those in view are drawn.
const MANY_COLUMNS: usize = 60;
pub const NARROWEST: f64 = 56.0;
pub const WIDEST: f64 = 1_200.0;

/// A cell; row -1 is the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellAt {
    pub row: i64,
    pub column: usize,
}

/// The rows in view, and where the first of them is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowWindow {
    pub first: u64,
    /// One past the last.
    pub end: u64,
    /// Pixels above the first row and below the last.
    pub above: f64,
    pub below: f64,
}

/// Rows to draw when `total` of them are scrolled by `top` pixels in a view of `height` pixels (of the body alone).
///
/// `first`: the row that was gone to; where a pixel stands for many rows, only that can say which.
pub fn row_window(total: u64, top: f64, height: f64, first: Option<u64>) -> RowWindow {
    let full = total as f64 * ROW;
    let visible = (height / ROW).ceil().max(1.0) as u64 + 1;
    if full <= TALLEST {
        let first = ((top.max(0.0) / ROW) as u64).saturating_sub(OVERSCAN).min(total);
        let end = ((top.max(0.0) / ROW) as u64).saturating_add(visible + OVERSCAN).min(total);
        return RowWindow {
            first,
            end,
            above: first as f64 * ROW,
            below: (total - end) as f64 * ROW,
        };
    }
    let last_first = total.saturating_sub((height / ROW).floor().max(1.0) as u64);
    let share = (top / (TALLEST - height).max(1.0)).clamp(0.0, 1.0);
    let first = first.unwrap_or((share * last_first as f64).round() as u64).min(last_first);
    let end = first.saturating_add(visible).min(total);
    let drawn = (end - first) as f64 * ROW;
    let above = top.clamp(0.0, (TALLEST - drawn).max(0.0));
    RowWindow {
        first,
        end,
        above,
        below: (TALLEST - above - drawn).max(0.0),
    }
}

/// How far to scroll so that `row` is in view, and in a long table the row to begin with; `None` when it is in view.
pub fn scroll_to_row(total: u64, row: u64, top: f64, height: f64, first: Option<u64>) -> Option<(f64, Option<u64>)> {
    let full = total as f64 * ROW;
    if full <= TALLEST {
        let (start, end) = (row as f64 * ROW, (row + 1) as f64 * ROW);
        return if start < top {
            Some((start, None))
        } else if end > top + height {
            Some(((end - height).max(0.0), None))
        } else {
            None
        };
    }
    let window = row_window(total, top, height, first);
    let whole = ((height / ROW) as u64).max(1);
    if row >= window.first && row < window.first + whole {
        return None;
    }
    let last_first = total.saturating_sub(whole).max(1);
    let first = if row < window.first { row } else { row.saturating_sub(whole - 1) }.min(last_first);
    Some((first as f64 / last_first as f64 * (TALLEST - height), Some(first)))
}

/// Width of the column that numbers the rows.
pub fn numbers_width(total: u64) -> f64 {
    (crate::format::count(total).len() as f64 * 7.3 + 26.0).max(60.0).ceil()
}

/// The columns in view, and the pixels left and right of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ColumnWindow {
    pub first: usize,
    /// One past the last.
    pub end: usize,
    pub before: f64,
    pub after: f64,
}

pub fn column_window(widths: &[f64], left: f64, width: f64) -> ColumnWindow {
    let whole = ColumnWindow {
        first: 0,
        end: widths.len(),
        before: 0.0,
        after: 0.0,
    };
    if widths.len() <= MANY_COLUMNS {
        return whole;
    }
    // 400 px on either side, so that a scroll finds columns drawn.
    let (from, to) = (left - 400.0, left + width + 400.0);
    let mut window = ColumnWindow {
        first: 0,
        end: 0,
        before: 0.0,
        after: 0.0,
    };
    let mut x = 0.0;
    for (index, column) in widths.iter().enumerate() {
        if x + column < from {
            window.first = index + 1;
            window.before = x + column;
        }
        if x <= to {
            window.end = index + 1;
        } else {
            window.after += column;
        }
        x += column;
    }
    window.end = window.end.max(window.first);
    window
}

/// Widths that fit the headers and the rows at hand, within reason.
pub fn natural_widths(page: &TablePage) -> Vec<f64> {
    let columns = page.columns.iter().enumerate();
    columns
        .map(|(index, column)| {
            let head = column.name.chars().count() as f64 * 7.2 + column.data_type.to_string().chars().count() as f64 * 6.8 + 14.0;
            let cells = page.rows.iter().take(60).filter_map(|row| row.get(index)?.as_ref());
            let longest = cells.map(|cell| cell.chars().take(60).count()).max().unwrap_or(0) as f64 * 7.3;
            let least = if column.profile.is_some() { 144.0 } else { 104.0 };
            (head.max(longest) + 26.0).clamp(least, 360.0).round()
        })
        .collect()
}

/// The rectangle between two cells, rows and columns inclusive; the header is no part of it.
pub fn rectangle(a: CellAt, b: CellAt) -> (u64, u64, usize, usize) {
    let row = |at: CellAt| u64::try_from(at.row).unwrap_or(0);
    (row(a).min(row(b)), row(a).max(row(b)), a.column.min(b.column), a.column.max(b.column))
}

/// A loaded cell: `None` not loaded, `Some(None)` null.
pub fn cell(page: &TablePage, row: u64, column: usize) -> Option<Option<&str>> {
    let index = usize::try_from(row.checked_sub(page.offset)?).ok()?;
    page.rows.get(index)?.get(column).map(Option::as_deref)
}

/// The rectangle as tab-separated text, with the column names on top when it is more than one cell, and how many of its rows are loaded.
///
/// A null is empty. A cell that holds a tab, a line end or a quote is quoted, as spreadsheets do.
pub fn tab_separated(page: &TablePage, from: CellAt, to: CellAt) -> (String, u64) {
    let (top, bottom, left, right) = rectangle(from, to);
    let mut text = String::new();
    let single = top == bottom && left == right;
    if !single || from.row < 0 {
        let names = page.columns.get(left..=right.min(page.columns.len().saturating_sub(1))).unwrap_or_default();
        text.push_str(&names.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join("\t"));
        if from.row < 0 && to.row < 0 {
            return (text, 0);
        }
        text.push('\n');
    }
    let mut rows = 0;
    let loaded = page.offset.max(top)..bottom.saturating_add(1).min(page.offset.saturating_add(page.rows.len() as u64));
    for row in loaded {
        let cells: Vec<String> = (left..=right).map(|column| quoted(cell(page, row, column).flatten().unwrap_or(""))).collect();
        if rows > 0 {
            text.push('\n');
        }
        text.push_str(&cells.join("\t"));
        rows += 1;
    }
    (text, rows)
}

fn quoted(text: &str) -> String {
    if text.contains(['\t', '\n', '\r', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

pub fn is_numeric(data_type: &DataType) -> bool {
    use DataType::{Byte, Decimal, Double, Float, Int, Long, Short};
    matches!(data_type, Byte | Short | Int | Long | Float | Double | Decimal { .. })
}

/// A share as a whole percent; what is there but rounds to nothing reads `<1 %`.
pub fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".into();
    }
    let share = part as f64 / whole as f64 * 100.0;
    if share < 1.0 {
        "<1 %".into()
    } else if share > 99.0 && part < whole {
        ">99 %".into()
    } else {
        format!("{share:.0} %")
    }
}

#[cfg(test)]
mod tests {
    use sluice_protocol::TableColumn;

    use super::*;

    fn at(row: i64, column: usize) -> CellAt {
        CellAt { row, column }
    }

    fn page() -> TablePage {
        let column = |name: &str| TableColumn {
            name: name.into(),
            data_type: DataType::String,
            profile: None,
        };
        TablePage {
            columns: vec![column("a"), column("b")],
            rows: vec![vec![Some("1".into()), None], vec![Some("x\ty".into()), Some("say \"hi\"".into())]],
            offset: 10,
            total: 100,
            complete: true,
            total_columns: 2,
        }
    }

    #[test]
    fn rows_in_view_fill_the_height() {
        for total in [0, 1, 10, 20_000, 1_000_000_000] {
            for top in [0.0, 13.0, 5_000.0, 7_999_000.0, 9e9] {
                let window = row_window(total, top, 400.0, None);
                assert!(window.first <= window.end && window.end <= total, "{window:?}");
                assert!(window.end - window.first <= 40);
                let height = window.above + window.below + (window.end - window.first) as f64 * ROW;
                let wanted = (total as f64 * ROW).min(TALLEST);
                assert!((height - wanted).abs() < 1.0, "{total} {top}: {height} {wanted}");
            }
        }
    }

    #[test]
    fn the_last_row_of_a_billion_can_be_reached() {
        let total = 1_000_000_000;
        let (top, first) = scroll_to_row(total, total - 1, 0.0, 400.0, None).expect("it is not in view");
        let window = row_window(total, top.trunc(), 400.0, first);
        assert!(window.first < total && window.end == total, "{window:?}");
        assert_eq!(scroll_to_row(total, total - 1, top.trunc(), 400.0, first), None);
        assert_eq!(scroll_to_row(total, 0, 0.0, 400.0, None), None);
        // One row up from the first in view is exactly one row, though a pixel is 125 of them.
        let (top, first) = scroll_to_row(total, window.first - 1, top.trunc(), 400.0, first).expect("it is above the view");
        assert_eq!(row_window(total, top.trunc(), 400.0, first).first, window.first - 1);
    }

    #[test]
    fn a_row_below_is_scrolled_to_the_bottom_edge() {
        assert_eq!(scroll_to_row(100, 50, 0.0, 260.0, None), Some((51.0 * ROW - 260.0, None)));
        assert_eq!(scroll_to_row(100, 0, 520.0, 260.0, None), Some((0.0, None)));
        assert_eq!(scroll_to_row(100, 3, 0.0, 260.0, None), None);
    }

    #[test]
    fn columns_in_view_leave_the_width_as_it_is() {
        let widths = vec![120.0; 5_000];
        for left in [0.0, 60_000.0, 599_000.0, 1e9] {
            let window = column_window(&widths, left, 1_000.0);
            assert!(window.end - window.first < 30, "{window:?}");
            let width = window.before + window.after + (window.end - window.first) as f64 * 120.0;
            assert!((width - 600_000.0).abs() < 1.0, "{window:?}");
        }
        assert_eq!(column_window(&[100.0; 11], 500.0, 10.0).end, 11);
    }

    #[test]
    fn copies_are_what_a_spreadsheet_pastes() {
        let page = page();
        assert_eq!(tab_separated(&page, at(10, 0), at(10, 0)), ("1".into(), 1));
        assert_eq!(
            tab_separated(&page, at(11, 1), at(10, 0)),
            ("a\tb\n1\t\n\"x\ty\"\t\"say \"\"hi\"\"\"".into(), 2)
        );
        assert_eq!(tab_separated(&page, at(-1, 1), at(-1, 1)), ("b".into(), 0));
        assert_eq!(tab_separated(&page, at(0, 0), at(99, 0)).1, 2, "only loaded rows");
        assert_eq!(tab_separated(&TablePage::default(), at(0, 0), at(3, 3)).1, 0);
    }

    #[test]
    fn a_share_never_reads_as_none_or_all_when_it_is_not() {
        assert_eq!(percent(0, 20_000), "0 %");
        assert_eq!(percent(1, 20_000), "<1 %");
        assert_eq!(percent(19_999, 20_000), ">99 %");
        assert_eq!(percent(20_000, 20_000), "100 %");
        assert_eq!(percent(0, 0), "0 %");
    }
}
