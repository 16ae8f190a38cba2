//! Collecting into ordered maps and sets one entry after the other.
//!
//! `collect` sorts first, and links a stable sort of its own for every type of entry: four kilobytes each, where a page is counted in them. For what is not
//! hot, [`Gather::gather`] does the same without it.

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
