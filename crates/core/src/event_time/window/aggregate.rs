//! What a window makes of its elements.
//!
//! Belongs here: accumulators of a reduce or aggregate function, and the list of a process function. Does not belong here: when they are asked.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use super::Evictor;
use crate::event_time::EventTime;
use crate::event_time::number::say_double;

/// An element of a window: the number that is aggregated, and whose it is to whoever put it in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Element {
    pub ts: EventTime,
    pub value: f64,
    pub id: u32,
}

/// How contents grow. The operator does not know what they are.
pub trait Fold {
    type In;
    type Acc: Clone;

    fn first(&self, element: &Self::In) -> Self::Acc;
    fn add(&self, contents: &mut Self::Acc, element: &Self::In);
    fn merge(&self, contents: &mut Self::Acc, other: Self::Acc);
    /// Whether there is anything left. Only a list is ever evicted from.
    fn evict(&self, _contents: &mut Self::Acc, _evictor: &Evictor) -> bool {
        true
    }
}

/// An aggregation over `double`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Sum,
    Count,
    Avg,
    Min,
    Max,
    /// How many different numbers.
    Distinct,
    /// All of them, in order of arrival.
    List,
    /// The greatest so many, falling; of equal ones the earlier first.
    Top(usize),
}

/// What an aggregation keeps.
#[derive(Clone, Debug, PartialEq)]
pub enum Accumulator {
    Number {
        value: f64,
        count: u64,
    },
    /// Bits, in `f64::total_cmp`'s order.
    Set(BTreeSet<u64>),
    List(Vec<f64>),
}

impl Aggregate {
    fn one(&self, value: f64) -> Accumulator {
        match self {
            Aggregate::Distinct => Accumulator::Set(BTreeSet::from([bits(value)])),
            Aggregate::List | Aggregate::Top(_) => {
                let mut list = vec![value];
                self.cut(&mut list);
                Accumulator::List(list)
            }
            _ => Accumulator::Number { value, count: 1 },
        }
    }

    fn cut(&self, list: &mut Vec<f64>) {
        if let Aggregate::Top(n) = self {
            list.sort_by(|a, b| b.total_cmp(a));
            list.truncate(*n);
        }
    }

    fn join(&self, left: &mut Accumulator, right: Accumulator) {
        match (left, right) {
            (Accumulator::Number { value, count }, Accumulator::Number { value: other, count: more }) => {
                *count += more;
                match self {
                    Aggregate::Min => *value = value.min(other),
                    Aggregate::Max => *value = value.max(other),
                    _ => *value += other,
                }
            }
            (Accumulator::Set(set), Accumulator::Set(other)) => set.extend(other),
            (Accumulator::List(list), Accumulator::List(other)) => {
                list.extend(other);
                self.cut(list);
            }
            _ => {}
        }
    }

    /// The result of contents.
    pub fn result(&self, contents: &Accumulator) -> Value {
        match contents {
            Accumulator::Number { count, .. } if *self == Aggregate::Count => Value::from(*count),
            Accumulator::Number { value, count } if *self == Aggregate::Avg => say_double(value / *count as f64),
            Accumulator::Number { value, .. } => say_double(*value),
            Accumulator::Set(set) => Value::from(set.len()),
            Accumulator::List(list) => list.iter().map(|value| say_double(*value)).collect(),
        }
    }

    /// The result of a list of elements, as a process function computes it; `None` for an empty one.
    pub fn of(&self, elements: &[Element]) -> Option<Value> {
        let (first, rest) = elements.split_first()?;
        let mut contents = self.first(first);
        for element in rest {
            self.add(&mut contents, element);
        }
        Some(self.result(&contents))
    }
}

/// -0.0 is 0.0.
fn bits(value: f64) -> u64 {
    if value == 0.0 { 0.0f64.to_bits() } else { value.to_bits() }
}

impl Fold for Aggregate {
    type In = Element;
    type Acc = Accumulator;

    fn first(&self, element: &Element) -> Accumulator {
        self.one(element.value)
    }

    fn add(&self, contents: &mut Accumulator, element: &Element) {
        self.join(contents, self.one(element.value));
    }

    fn merge(&self, contents: &mut Accumulator, other: Accumulator) {
        self.join(contents, other);
    }
}

/// Keeps every element, for evictors and for who wants to see them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Collect;

impl Fold for Collect {
    type In = Element;
    type Acc = Vec<Element>;

    fn first(&self, element: &Element) -> Vec<Element> {
        vec![*element]
    }

    fn add(&self, contents: &mut Vec<Element>, element: &Element) {
        contents.push(*element);
    }

    fn merge(&self, contents: &mut Vec<Element>, other: Vec<Element>) {
        contents.extend(other);
    }

    fn evict(&self, contents: &mut Vec<Element>, evictor: &Evictor) -> bool {
        evictor.evict(contents);
        !contents.is_empty()
    }
}
