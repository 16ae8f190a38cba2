//! What is taken out of a window's list when it fires.
//!
//! Source: flink-runtime `CountEvictor`, `TimeEvictor`.

use alloc::vec::Vec;

use super::Element;

/// What stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvictBy {
    /// The last so many, in order of arrival.
    Count(u64),
    /// Those later than the latest less so many milliseconds.
    Time(i64),
}

/// What stays, and whether the rest goes before the window function or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evictor {
    pub by: EvictBy,
    pub after: bool,
}

impl Evictor {
    pub fn evict(&self, elements: &mut Vec<Element>) {
        match self.by {
            EvictBy::Count(count) => {
                let over = elements.len().saturating_sub(usize::try_from(count).unwrap_or(usize::MAX));
                elements.drain(..over);
            }
            EvictBy::Time(window) => {
                let Some(latest) = elements.iter().map(|element| element.ts).max() else {
                    return;
                };
                let cutoff = latest.minus(window);
                elements.retain(|element| element.ts > cutoff);
            }
        }
    }
}
