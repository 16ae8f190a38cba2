use alloc::vec;
use alloc::vec::Vec;

use super::{DAY, RATE_MONTH};
use crate::storage::s3::AccessTier;

/// How an object is read through its life: reads of one object in 30 days, by its age.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Pattern {
    #[default]
    None,
    Steady {
        reads: f64,
    },
    /// Halves every `half_life` days from `reads` at age 0.
    Decaying {
        reads: f64,
        half_life: f64,
    },
    /// `reads` during the first `lasting` days of every `every` days, none between.
    Bursty {
        reads: f64,
        every: u32,
        lasting: u32,
    },
    /// Reads in each 30 days of life; none after the last.
    Custom {
        series: Vec<f64>,
    },
}

/// The pattern, and what a read is.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    pub pattern: Pattern,
    /// Share of an object's bytes that a read takes, 0 to 1.
    pub read_share: f64,
    /// Whether what is read leaves for the internet.
    pub to_internet: bool,
}

impl Default for Access {
    fn default() -> Self {
        Access {
            pattern: Pattern::None,
            read_share: 1.0,
            to_internet: false,
        }
    }
}

impl Pattern {
    /// Reads expected of an object on the day of its life that begins at `day`.
    fn on_day(&self, day: u32) -> f64 {
        let month = match self {
            Pattern::None => 0.0,
            Pattern::Steady { reads } => *reads,
            Pattern::Decaying { reads, half_life } => reads * libm::exp2(-f64::from(day) / half_life),
            Pattern::Bursty { reads, every, lasting } => {
                if day % (*every).max(1) < *lasting {
                    *reads
                } else {
                    0.0
                }
            }
            Pattern::Custom { series } => series.get(day as usize / 30).copied().unwrap_or(0.0),
        };
        month / RATE_MONTH
    }
}

/// Reads of one object from its creation to an age: a running sum by day, straight within a day.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    sums: Vec<f64>,
}

impl Reads {
    pub fn new(pattern: &Pattern, days: u32) -> Reads {
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        for day in 0..=days {
            sum += pattern.on_day(day);
            sums.push(sum);
        }
        Reads { sums }
    }

    pub fn any(&self) -> bool {
        self.sums.last().is_some_and(|sum| *sum > 0.0)
    }

    /// Reads up to an age in microseconds.
    pub fn until(&self, age: i64) -> f64 {
        straight(&self.sums, age)
    }
}

/// A running sum by day at a point in time; flat after its end.
fn straight(sums: &[f64], age: i64) -> f64 {
    let age = age.max(0);
    let (day, rest) = ((age / DAY) as usize, age % DAY);
    let last = sums.last().copied().unwrap_or(0.0);
    let low = sums.get(day).copied().unwrap_or(last);
    if rest == 0 {
        return low;
    }
    let high = sums.get(day + 1).copied().unwrap_or(last);
    low + (high - low) * (rest as f64 / DAY as f64)
}

/// Share of an object's days in each tier of Intelligent-Tiering, by days since it entered the class: running sums.
///
/// An object that nobody read for n days has gone n days without a read: with independent reads that has the probability e^(−reads in those days).
#[derive(Clone, Debug)]
pub(super) struct Tiering {
    /// By tier above Frequent, in the order of [`AccessTier::ALL`].
    below: [Vec<f64>; 4],
    /// Restores from Archive Access and Deep Archive Access.
    restores: [Vec<f64>; 2],
}

/// Days without access after which objects leave a tier ("How S3 Intelligent-Tiering works"); the archive tiers where they were opted in.
const INFREQUENT_AFTER: u32 = 30;
const INSTANT_AFTER: u32 = 90;

impl Tiering {
    /// For objects that enter at `entry` microseconds of age; reads end at `until`.
    pub fn new(reads: &Reads, entry: i64, until: i64, days: u32, archive: Option<u32>, deep: Option<u32>) -> Tiering {
        let read = |day: u32| reads.until(entry.saturating_add(i64::from(day) * DAY).min(until));
        let sums: Vec<f64> = (0..=days).map(read).collect();
        let at = |day: u32| sums.get(day as usize).copied().unwrap_or(0.0);
        let idle = |day: u32, after: u32| if day >= after { libm::exp(at(day - after) - at(day)) } else { 0.0 };
        let mut tiering = Tiering {
            below: [vec![0.0], vec![0.0], vec![0.0], vec![0.0]],
            restores: [vec![0.0], vec![0.0]],
        };
        // Days of inactivity at which each tier begins; one that is not opted in never does.
        let begins = [Some(INFREQUENT_AFTER), Some(INSTANT_AFTER), archive, deep];
        for day in 0..days {
            let reached = begins.map(|begin| begin.map_or(0.0, |begin| idle(day, begin)));
            let [_, instant, cold, deepest] = reached;
            let cold = if deepest > cold { deepest } else { cold };
            let instant = if cold > instant { cold } else { instant };
            let shares = [reached[0] - instant, instant - cold, cold - deepest, deepest];
            for (sums, share) in tiering.below.iter_mut().zip(shares) {
                sums.push(sums.last().copied().unwrap_or(0.0) + share);
            }
            let read_today = 1.0 - libm::exp(at(day) - at(day + 1));
            for (sums, share) in tiering.restores.iter_mut().zip([cold - deepest, deepest]) {
                sums.push(sums.last().copied().unwrap_or(0.0) + share * read_today);
            }
        }
        tiering
    }

    /// Microseconds of one object in each tier between two moments after it entered; they add up to the time between.
    pub fn time(&self, from: i64, to: i64) -> [u64; 5] {
        let whole = u64::try_from(to.saturating_sub(from)).unwrap_or(0);
        let mut times = [0; 5];
        let mut left = whole;
        for (time, sums) in times.iter_mut().skip(1).zip(&self.below) {
            let days = straight(sums, to) - straight(sums, from);
            *time = (libm::round(days * DAY as f64) as u64).min(left);
            left -= *time;
        }
        times[0] = left;
        times
    }

    /// Restores of one object from Archive Access and Deep Archive Access up to a moment after it entered.
    pub fn restores(&self, until: i64) -> [(AccessTier, f64); 2] {
        let [archive, deep] = &self.restores;
        [
            (AccessTier::ArchiveAccess, straight(archive, until)),
            (AccessTier::DeepArchiveAccess, straight(deep, until)),
        ]
    }
}

/// Restores of one archived object: a read finds a temporary copy, or starts a restore that makes one for `copy_days` days.
#[derive(Clone, Debug)]
pub(super) struct Restores {
    started: Vec<f64>,
    /// Days with a copy.
    copied: Vec<f64>,
}

impl Restores {
    pub fn new(reads: &Reads, entry: i64, until: i64, days: u32, copy_days: u32) -> Restores {
        let read = |day: u32| reads.until(entry.saturating_add(i64::from(day) * DAY).min(until));
        let (mut started, mut copied) = (vec![0.0], vec![0.0]);
        let mut sum = 0.0;
        let mut all_copied = 0.0;
        for day in 0..days {
            // Copies that last through this day: those of its days before it, `copy_days` with their own.
            let expired = started.get((day + 1).saturating_sub(copy_days) as usize).copied().unwrap_or(sum);
            let active: f64 = sum - expired;
            let today = (1.0 - libm::exp(read(day) - read(day + 1))) * (1.0 - active).max(0.0);
            sum += today;
            started.push(sum);
            all_copied += sum - expired;
            copied.push(all_copied);
        }
        Restores { started, copied }
    }

    pub fn started(&self, until: i64) -> f64 {
        straight(&self.started, until)
    }

    /// Microseconds with a copy.
    pub fn copied(&self, until: i64) -> u64 {
        libm::round(straight(&self.copied, until) * DAY as f64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn reads_add_up() {
        let steady = Reads::new(&Pattern::Steady { reads: 3.0 }, 400);
        assert!(close(steady.until(30 * DAY), 3.0) && close(steady.until(45 * DAY), 4.5) && close(steady.until(DAY / 2), 0.05));
        let decaying = Reads::new(&Pattern::Decaying { reads: 30.0, half_life: 1.0 }, 400);
        assert!(close(decaying.until(DAY), 1.0) && close(decaying.until(3 * DAY), 1.75) && decaying.until(300 * DAY) < 2.000_001);
        let bursty = Reads::new(
            &Pattern::Bursty {
                reads: 30.0,
                every: 10,
                lasting: 2,
            },
            400,
        );
        assert!(close(bursty.until(10 * DAY), 2.0) && close(bursty.until(100 * DAY), 20.0));
        let custom = Reads::new(&Pattern::Custom { series: vec![3.0, 0.0, 6.0] }, 400);
        assert!(close(custom.until(30 * DAY), 3.0) && close(custom.until(60 * DAY), 3.0) && close(custom.until(400 * DAY), 9.0));
    }

    #[test]
    fn unread_objects_sink_by_the_day() {
        let none = Reads::new(&Pattern::None, 400);
        let tiers = Tiering::new(&none, 0, i64::MAX, 400, None, None);
        assert_eq!(tiers.time(0, 100 * DAY).map(|time| time / DAY as u64), [30, 60, 10, 0, 0]);
        let tiers = Tiering::new(&none, 0, i64::MAX, 400, Some(90), Some(180));
        assert_eq!(tiers.time(0, 200 * DAY).map(|time| time / DAY as u64), [30, 60, 0, 90, 20]);
        let tiers = Tiering::new(&none, 0, i64::MAX, 400, None, Some(180));
        assert_eq!(tiers.time(0, 200 * DAY).map(|time| time / DAY as u64), [30, 60, 90, 0, 20]);
        let often = Reads::new(&Pattern::Steady { reads: 3_000.0 }, 400);
        let tiers = Tiering::new(&often, 0, i64::MAX, 400, Some(90), None);
        assert_eq!(tiers.time(0, 200 * DAY), [200 * DAY as u64, 0, 0, 0, 0]);
    }

    /// One read a month: after a month of it an object was unread for 30 days with probability 1/e.
    #[test]
    fn a_read_a_month_leaves_a_third_infrequent() {
        let reads = Reads::new(&Pattern::Steady { reads: 1.0 }, 4_000);
        let tiers = Tiering::new(&reads, 0, i64::MAX, 4_000, None, None);
        let time = tiers.time(1_000 * DAY, 2_000 * DAY).map(|time| time as f64 / (1_000.0 * DAY as f64));
        let [one, three] = [libm::exp(-1.0), libm::exp(-3.0)];
        assert!(
            (time[0] - (1.0 - one)).abs() < 1e-6 && (time[1] - (one - three)).abs() < 1e-6 && (time[2] - three).abs() < 1e-6,
            "{time:?}"
        );
    }

    #[test]
    fn a_copy_serves_while_it_lasts() {
        let often = Reads::new(&Pattern::Steady { reads: 3_000.0 }, 400);
        let restores = Restores::new(&often, 0, i64::MAX, 400, 10);
        assert!(close(restores.started(100 * DAY), 10.0), "{}", restores.started(100 * DAY));
        assert!(restores.copied(100 * DAY) / DAY as u64 >= 99);
        let rarely = Reads::new(&Pattern::Steady { reads: 0.03 }, 400);
        let restores = Restores::new(&rarely, 0, i64::MAX, 400, 1);
        assert!((restores.started(300 * DAY) - 0.3).abs() < 0.001);
    }
}
