use alloc::vec;
use alloc::vec::Vec;

/// A share of the objects has this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeShare {
    pub bytes: u64,
    pub weight: u64,
}

/// How many objects there are, and how large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// Put at the start.
    pub objects: u64,
    /// Put evenly through each month after it, a day's at noon UTC.
    pub uploads_per_month: u64,
    pub sizes: Vec<SizeShare>,
}

/// Middles of nine equal parts of the standard normal distribution.
const NORMAL_NINTHS: [f64; 9] = [-1.593_22, -0.967_42, -0.589_46, -0.282_22, 0.0, 0.282_22, 0.589_46, 0.967_42, 1.593_22];

/// Sizes of a log-normal distribution as nine equal shares: its median, and the standard deviation of the logarithm.
pub(super) fn log_normal(median: u64, sigma: f64) -> Vec<SizeShare> {
    let size = |z: f64| SizeShare {
        bytes: (median as f64 * libm::exp(sigma * z)) as u64,
        weight: 1,
    };
    let mut sizes: Vec<SizeShare> = NORMAL_NINTHS.into_iter().map(size).collect();
    sizes.dedup_by(|next, kept| {
        let same = next.bytes == kept.bytes;
        kept.weight += if same { next.weight } else { 0 };
        same
    });
    sizes
}

/// Deals objects out to sizes by weight, so that after any number of deals each size has its share to within one object a size.
#[derive(Clone, Debug)]
pub(super) struct Dealer {
    weights: Vec<u128>,
    dealt: Vec<u128>,
    all: u128,
}

impl Dealer {
    pub fn new(sizes: &[SizeShare]) -> Dealer {
        Dealer {
            weights: sizes.iter().map(|size| u128::from(size.weight)).collect(),
            dealt: vec![0; sizes.len()],
            all: 0,
        }
    }

    /// The next `count` objects, by size.
    pub fn deal(&mut self, count: u64) -> Vec<u64> {
        let total: u128 = self.weights.iter().sum::<u128>().max(1);
        self.all += u128::from(count);
        let mut left = u128::from(count);
        let mut parts: Vec<u128> = Vec::with_capacity(self.weights.len());
        for (weight, dealt) in self.weights.iter().zip(&self.dealt) {
            let part = (self.all * weight / total).saturating_sub(*dealt).min(left);
            left -= part;
            parts.push(part);
        }
        // What rounding left goes where most is owed.
        while left > 0 {
            let owed = |at: usize| {
                let (weight, dealt, part) = (self.weights.get(at)?, self.dealt.get(at)?, parts.get(at)?);
                Some((self.all * weight) as i128 - ((dealt + part) * total) as i128)
            };
            let Some(most) = (0..parts.len()).max_by_key(|at| (owed(*at), core::cmp::Reverse(*at))) else {
                break;
            };
            let Some(part) = parts.get_mut(most) else { break };
            *part += 1;
            left -= 1;
        }
        for (dealt, part) in self.dealt.iter_mut().zip(&parts) {
            *dealt += part;
        }
        parts.into_iter().map(|part| u64::try_from(part).unwrap_or(u64::MAX)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_log_normal_has_its_median_in_the_middle() {
        let sizes = log_normal(1 << 20, 2.0);
        assert_eq!((sizes.len(), sizes[4].bytes), (9, 1 << 20));
        assert!(sizes.windows(2).all(|pair| pair[0].bytes < pair[1].bytes));
        assert_eq!(log_normal(1 << 20, 0.0), [SizeShare { bytes: 1 << 20, weight: 9 }]);
    }

    proptest! {
        #[test]
        fn every_object_has_a_size(weights in prop::collection::vec(1_u64..20, 1..9), counts in prop::collection::vec(0_u64..50, 1..40)) {
            let sizes: Vec<SizeShare> = weights.iter().map(|weight| SizeShare { bytes: 1, weight: *weight }).collect();
            let mut dealer = Dealer::new(&sizes);
            let mut sums = vec![0; sizes.len()];
            for count in &counts {
                let parts = dealer.deal(*count);
                prop_assert_eq!(parts.iter().sum::<u64>(), *count);
                for (sum, part) in sums.iter_mut().zip(parts) {
                    *sum += part;
                }
            }
            let (all, total) = (counts.iter().sum::<u64>(), weights.iter().sum::<u64>());
            for (sum, weight) in sums.iter().zip(&weights) {
                let ideal = (all * weight) as f64 / total as f64;
                prop_assert!((*sum as f64 - ideal).abs() <= weights.len() as f64, "{} of {}", sum, ideal);
            }
        }
    }
}
