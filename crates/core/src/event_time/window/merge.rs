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

/// The order in which a Java `HashSet` of these windows and the one that joins them is gone through. `windows`: by their start, with what goes along with each.
///
/// Source: `MergingWindowSet.addWindow` goes through the set that `mergeWindows` makes, `TimeWindow.hashCode`, `MathUtils.longToIntWithBitMixing`, `java.util.HashMap`.
pub fn in_hash_order<T>(windows: &mut [(TimeWindow, T)]) {
    let entries = windows.len() + 1;
    let mut buckets = 16;
    while entries > buckets * 3 / 4 {
        buckets *= 2;
    }
    // Windows of one bucket stay in the order in which they were put in.
    windows.sort_by_key(|(window, _)| bucket(*window, buckets));
}

fn bucket(window: TimeWindow, buckets: usize) -> usize {
    let mixed = window.start.0.wrapping_add(window.end.0) as u64;
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let hash = (mixed ^ (mixed >> 31)) as u32;
    (hash ^ (hash >> 16)) as usize & (buckets - 1)
}
