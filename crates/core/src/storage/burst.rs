//! Burst credits: a bucket that fills at a base rate and empties at what is used above it.
//!
//! Belongs here: the arithmetic that gp2, st1, sc1 and EFS share. Does not belong here: the rates of each (`ebs`, `efs`).

/// A bucket of credits. Rates and credits have one unit: I/O operations, or MiB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// What may be used for ever, a second.
    pub base: f64,
    /// What may be used while there are credits, a second.
    pub rate: f64,
    /// Credits when full.
    pub credits: f64,
}

impl Burst {
    /// Seconds that a full bucket serves `demand`; `None`: for ever. 0 where the demand is above the burst rate.
    pub fn lasts(&self, demand: f64) -> Option<f64> {
        if demand <= self.base {
            None
        } else if demand > self.rate {
            Some(0.0)
        } else {
            Some(self.credits / (demand - self.base))
        }
    }

    /// Credits after `seconds` of a demand, and how much of the demand was served.
    pub fn after(&self, balance: f64, demand: f64, seconds: f64) -> (f64, f64) {
        let balance = balance.clamp(0.0, self.credits);
        let wanted = demand.min(self.rate.max(self.base));
        if wanted <= self.base {
            return ((balance + (self.base - wanted) * seconds).min(self.credits), wanted * seconds);
        }
        let until_empty = balance / (wanted - self.base);
        if until_empty >= seconds {
            (balance - (wanted - self.base) * seconds, wanted * seconds)
        } else {
            (0.0, wanted * until_empty + self.base * (seconds - until_empty))
        }
    }

    /// Seconds from empty to full without any use.
    pub fn refills(&self) -> f64 {
        if self.base > 0.0 { self.credits / self.base } else { f64::INFINITY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Amazon EBS volume types": a gp2 volume's first credits carry 3,000 IOPS for at least 30 minutes.
    #[test]
    fn gp2_boots_for_half_an_hour() {
        let boot = Burst {
            base: 0.0,
            rate: 3_000.0,
            credits: 5_400_000.0,
        };
        assert_eq!(boot.lasts(3_000.0), Some(1_800.0));
        let volume = Burst { base: 300.0, ..boot };
        assert_eq!(volume.lasts(3_000.0), Some(2_000.0));
        assert_eq!(volume.lasts(300.0), None);
        assert_eq!(volume.lasts(3_001.0), Some(0.0));
        assert_eq!(volume.refills(), 18_000.0);
    }

    #[test]
    fn an_empty_bucket_serves_its_base() {
        let burst = Burst {
            base: 100.0,
            rate: 300.0,
            credits: 1_000.0,
        };
        assert_eq!(burst.after(1_000.0, 300.0, 5.0), (0.0, 1_500.0));
        assert_eq!(burst.after(1_000.0, 300.0, 10.0), (0.0, 2_000.0));
        assert_eq!(burst.after(0.0, 0.0, 5.0), (500.0, 0.0));
        assert_eq!(burst.after(900.0, 50.0, 60.0), (1_000.0, 3_000.0));
        assert_eq!(burst.after(0.0, 1_000.0, 1.0), (0.0, 100.0));
    }
}
