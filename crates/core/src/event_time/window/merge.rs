//! Windows that intersect or touch become one.
//!
//! Source: flink-runtime `TimeWindow.mergeWindows`.

use alloc::vec;
use alloc::vec::Vec;

use super::TimeWindow;

/// What became one window: the result, and those it was made of. Windows that stay as they are are left out; equal ones count once.
pub fn merge_windows(windows: impl IntoIterator<Item = TimeWindow>) -> Vec<(TimeWindow, Vec<TimeWindow>)> {
    let mut sorted: Vec<TimeWindow> = windows.into_iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut merged: Vec<(TimeWindow, Vec<TimeWindow>)> = Vec::new();
    for window in sorted {
        match merged.last_mut() {
            Some((result, of)) if result.intersects(window) => {
                *result = result.cover(window);
                of.push(window);
            }
            _ => merged.push((window, vec![window])),
        }
    }
    merged.retain(|(_, of)| of.len() > 1);
    merged
}
