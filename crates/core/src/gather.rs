//! Collecting into ordered maps and sets one entry after the other, and sorting what is short.
//!
//! `collect` sorts first, and links a stable sort of its own for every type of entry: four kilobytes each, where a page is counted in them. For what is not
//! hot, [`Gather::gather`] does the same without it.

use alloc::string::String;

use serde_json::{Map, Value};

/// An iterator whose items are put into a collection one by one.
pub trait Gather: Iterator + Sized {
    /// As `collect`: of entries with the same key the last one stays.
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut gathered = C::default();
        gathered.extend(self);
        gathered
    }
}

impl<I: Iterator> Gather for I {}

/// A JSON object of these members.
pub fn object<const N: usize>(members: [(String, Value); N]) -> Map<String, Value> {
    members.into_iter().gather()
}

/// Sorting of short lists by insertion: stable, quadratic, and without the six kilobytes that a stable sort is for every type.
pub trait Order<T> {
    /// As `sort_by`, where `before` says whether the first of two belongs before the second.
    fn order_by(&mut self, before: impl FnMut(&T, &T) -> bool);

    /// As `sort_by_key`.
    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a) < key(b));
    }
}

impl<T> Order<T> for [T] {
    fn order_by(&mut self, mut before: impl FnMut(&T, &T) -> bool) {
        for end in 1..self.len() {
            let mut at = end;
            while at > 0 && before(&self[at], &self[at - 1]) {
                self.swap(at, at - 1);
                at -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::{collection::vec, prop_assert_eq, proptest};

    use super::Order;

    proptest! {
        #[test]
        fn order_is_a_stable_sort(keys in vec(0u8..6, 0..60)) {
            let mut ordered: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut sorted = ordered.clone();
            ordered.order_by_key(|(key, _)| *key);
            sorted.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(ordered, sorted);
        }
    }
}
