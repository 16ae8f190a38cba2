use alloc::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SimTime;

/// What is due when: events come out by time, and those of the same instant in the order in which they went in.
///
/// Serialised as a list of `[time, event]` in that order.
#[derive(Clone, Debug)]
pub struct EventQueue<T> {
    events: BTreeMap<(SimTime, u64), T>,
    next: u64,
}

impl<T> Default for EventQueue<T> {
    fn default() -> Self {
        EventQueue {
            events: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<T> EventQueue<T> {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, at: SimTime, event: T) {
        self.events.insert((at, self.next), event);
        self.next += 1;
    }

    /// When the first event is due.
    pub fn next_at(&self) -> Option<SimTime> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// The first event that is due by `now`, with its own time.
    pub fn pop_due(&mut self, now: SimTime) -> Option<(SimTime, T)> {
        if self.next_at()? > now {
            return None;
        }
        self.events.pop_first().map(|((at, _), event)| (at, event))
    }

    /// Events in the order in which they come out.
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, &T)> {
        self.events.iter().map(|((at, _), event)| (*at, event))
    }

    /// Drops the events that `keep` refuses: what a deleted resource had planned.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.events.retain(|_, event| keep(event));
    }

    pub fn len(&self) -> usize {
        self.events.len()
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

impl<T: PartialEq> PartialEq for EventQueue<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Serialize> Serialize for EventQueue<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for EventQueue<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let events = alloc::vec::Vec::<(SimTime, T)>::deserialize(deserializer)?;
        let mut queue = EventQueue::new();
        for (at, event) in events {
            queue.push(at, event);
        }
        Ok(queue)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::{prop_assert_eq, proptest};

    use super::*;

    proptest! {
        #[test]
        fn is_a_stable_sort(times in proptest::collection::vec(0i64..20, 0..100)) {
            let mut queue = EventQueue::new();
            let mut expected: Vec<_> = times.iter().enumerate().map(|(index, &at)| (SimTime::from_micros(at), index)).collect();
            for &(at, index) in &expected {
                queue.push(at, index);
            }
            let again: EventQueue<usize> = serde_json::from_value(serde_json::to_value(&queue).unwrap()).unwrap();
            prop_assert_eq!(&again, &queue);
            expected.sort_by_key(|(at, _)| *at);
            let drained: Vec<_> = core::iter::from_fn(|| queue.pop_due(SimTime::from_micros(20))).collect();
            prop_assert_eq!(drained, expected);
        }
    }

    #[test]
    fn what_is_not_due_stays() {
        let mut queue = EventQueue::new();
        queue.push(SimTime::from_micros(5), 'a');
        assert_eq!(queue.pop_due(SimTime::from_micros(4)), None);
        assert_eq!(queue.next_at(), Some(SimTime::from_micros(5)));
        assert_eq!(queue.pop_due(SimTime::from_micros(5)), Some((SimTime::from_micros(5), 'a')));
    }
}
