//! Amazon EBS: the types of volume, what one volume can do, and what it costs.
//!
//! Belongs here: limits as data, ratios between size, IOPS and throughput, credits, price keys. Does not belong here: volumes of the account (there are none),
//! comparison with other services (`chooser`).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;

use super::burst::Burst;
use crate::account::ApiError;

/// The volume types and where their limits are from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ebs {
    pub as_of: String,
    pub source: String,
    pub note: String,
    pub volume_types: Vec<VolumeType>,
}

/// A `VolumeType` of the EC2 API.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeType {
    pub name: String,
    pub title: String,
    pub min_gib: u64,
    pub max_gib: u64,
    pub iops: Iops,
    pub mibps: Throughput,
    #[serde(default)]
    pub burst: Option<IoBurst>,
    /// Largest I/O that counts as one, KiB.
    pub io_kib: u64,
    /// Instances that one volume can be attached to, all in its Availability Zone.
    pub attach: u64,
    /// Of one I/O at low load, microseconds.
    pub latency_us: u64,
    #[serde(default)]
    pub latency_confidence: Option<String>,
    pub durability: String,
    pub boot: bool,
    #[serde(default)]
    pub confidence: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iops {
    /// What any volume of the type has.
    pub base: u64,
    pub max: u64,
    /// Most that can be provisioned for a GiB.
    #[serde(default)]
    pub per_gib: Option<u64>,
    /// What a GiB brings with it.
    #[serde(default)]
    pub earned_per_gib: Option<u64>,
    /// Provisioned ones cost from here; `None`: none are provisioned.
    #[serde(default)]
    pub priced_above: Option<u64>,
}

/// MiB/s.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    pub base: u64,
    pub max: u64,
    /// Most for each provisioned IOPS.
    #[serde(default)]
    pub per_iops: Option<f64>,
    /// Most that `per_iops` brings; beyond it only `per_iops_above` counts, of all IOPS (io1).
    #[serde(default)]
    pub flat: Option<u64>,
    #[serde(default)]
    pub per_iops_above: Option<f64>,
    #[serde(default)]
    pub priced_above: Option<u64>,
    /// Size from which a volume has the most without credits.
    #[serde(default)]
    pub full_from_gib: Option<u64>,
    #[serde(default)]
    pub earned_per_tib: Option<u64>,
    #[serde(default)]
    pub burst_per_tib: Option<u64>,
    #[serde(default)]
    pub burst_max: Option<u64>,
}

/// Credits in I/O operations (gp2).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IoBurst {
    pub below_gib: u64,
    pub rate: u64,
    pub credits: u64,
    pub unit: String,
}

/// One volume as it would be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volume {
    pub gib: u64,
    pub iops: u64,
    pub mibps: u64,
}

impl Ebs {
    /// Reads the data file. Error: `InternalFailure` where it is at fault, which a test rules out.
    pub fn load() -> Result<Ebs, ApiError> {
        serde_json::from_str(include_str!("../../../data/limits-ebs.json"))
            .map_err(|error| ApiError::new("InternalFailure", format!("The limits of EBS do not read: {error}")))
    }

    pub fn volume_type(&self, name: &str) -> Option<&VolumeType> {
        self.volume_types.iter().find(|kind| kind.name == name)
    }
}

/// `a / b` rounded up.
const fn up(a: u64, b: u64) -> u64 {
    a.div_ceil(if b == 0 { 1 } else { b })
}

impl VolumeType {
    /// I/O operations that a request of `bytes` is.
    pub fn ios(&self, bytes: u64) -> u64 {
        up(bytes.max(1), self.io_kib * 1_024)
    }

    /// IOPS and MiB/s that a volume of `gib` can do for ever, at its most.
    pub fn most(&self, gib: u64) -> (u64, u64) {
        let iops = match (self.iops.per_gib, self.iops.earned_per_gib) {
            (Some(per_gib), _) => gib.saturating_mul(per_gib).max(self.iops.base).min(self.iops.max),
            (None, Some(earned)) => gib.saturating_mul(earned).clamp(self.iops.base, self.iops.max),
            (None, None) => self.iops.max,
        };
        (iops, self.throughput(gib, iops))
    }

    fn throughput(&self, gib: u64, iops: u64) -> u64 {
        let mibps = &self.mibps;
        if let Some(earned) = mibps.earned_per_tib {
            return (gib.saturating_mul(earned) / 1_024).min(mibps.max);
        }
        if let Some(full) = mibps.full_from_gib {
            return if gib >= full { mibps.max } else { mibps.base };
        }
        match mibps.per_iops {
            Some(per_iops) => {
                let first = ((iops as f64 * per_iops) as u64).min(mibps.flat.unwrap_or(mibps.max));
                let above = (iops as f64 * mibps.per_iops_above.unwrap_or(0.0)) as u64;
                first.max(above).max(mibps.base).min(mibps.max)
            }
            None => mibps.max,
        }
    }

    /// The smallest volume that holds `gib` and does `iops` and `mibps` for ever: a larger one where only size brings speed, and no more than the type's limits where they are not enough.
    pub fn smallest(&self, gib: u64, iops: u64, mibps: u64) -> Volume {
        let mut size = gib.max(self.min_gib);
        let mut ios = iops.max(self.iops.base).min(self.iops.max);
        if let Some(per_iops) = self.mibps.per_iops
            && mibps > self.mibps.base
            && per_iops > 0.0
        {
            let wanted = mibps.min(self.mibps.max);
            let per_iops = match (self.mibps.flat, self.mibps.per_iops_above) {
                (Some(flat), Some(above)) if wanted > flat && above > 0.0 => above,
                _ => per_iops,
            };
            let needed = libm::ceil(wanted as f64 / per_iops) as u64;
            ios = ios.max(needed).min(self.iops.max);
        }
        let per_gib = self.iops.per_gib.or(self.iops.earned_per_gib);
        if let Some(per_gib) = per_gib.filter(|_| ios > self.iops.base) {
            size = size.max(up(ios, per_gib));
        }
        if let Some(earned) = self.mibps.earned_per_tib {
            size = size.max(up(mibps.min(self.mibps.max).saturating_mul(1_024), earned));
        }
        if let Some(full) = self.mibps.full_from_gib.filter(|_| mibps > self.mibps.base) {
            size = size.max(full);
        }
        let size = size.min(self.max_gib);
        let (most_iops, _) = self.most(size);
        let ios = if self.iops.priced_above.is_some() { ios.min(most_iops) } else { most_iops };
        let reach = self.throughput(size, ios);
        let through = if self.mibps.priced_above.is_some() {
            mibps.max(self.mibps.base).min(reach)
        } else {
            reach
        };
        Volume {
            gib: size,
            iops: ios,
            mibps: through,
        }
    }

    /// The I/O credits of a volume, where it has any.
    pub fn io_credits(&self, gib: u64) -> Option<Burst> {
        let burst = self.burst.as_ref().filter(|burst| gib < burst.below_gib)?;
        Some(Burst {
            base: self.most(gib).0 as f64,
            rate: burst.rate as f64,
            credits: burst.credits as f64,
        })
    }

    /// The throughput credits of an HDD volume, in MiB: a bucket of as many TiB as the volume has.
    pub fn throughput_credits(&self, gib: u64) -> Option<Burst> {
        let (per_tib, most) = (self.mibps.burst_per_tib?, self.mibps.burst_max?);
        Some(Burst {
            base: self.most(gib).1 as f64,
            rate: (gib as f64 * per_tib as f64 / 1_024.0).min(most as f64),
            credits: gib as f64 * 1_024.0,
        })
    }

    /// What a volume costs in a month: price keys with whole units.
    pub fn bill(&self, volume: &Volume) -> Vec<(String, u64)> {
        let key = |what: &str| format!("ebs.{}.{what}", self.name);
        let mut lines = Vec::from([(key("storage"), volume.gib)]);
        if let Some(free) = self.iops.priced_above {
            lines.push((key("iops"), volume.iops.saturating_sub(free)));
        }
        if let Some(free) = self.mibps.priced_above {
            lines.push((key("throughput"), volume.mibps.saturating_sub(free)));
        }
        lines.retain(|(_, units)| *units > 0);
        lines
    }

    /// `K` where any limit of the type is unconfirmed.
    pub fn unsure(&self) -> Option<String> {
        self.confidence.clone().or_else(|| self.latency_confidence.as_ref().map(ToString::to_string))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> VolumeType {
        Ebs::load().unwrap().volume_type(name).unwrap().clone()
    }

    #[test]
    fn every_type_is_there() {
        let names: Vec<String> = Ebs::load().unwrap().volume_types.into_iter().map(|kind| kind.name).collect();
        assert_eq!(names, ["gp3", "gp2", "io1", "io2", "st1", "sc1"]);
    }

    #[test]
    fn size_brings_what_the_type_says() {
        assert_eq!(kind("gp3").most(1), (3_000, 750));
        assert_eq!(kind("gp3").most(200), (80_000, 2_000));
        assert_eq!(kind("gp2").most(10), (100, 128));
        assert_eq!(kind("gp2").most(1_000), (3_000, 250));
        assert_eq!(kind("gp2").most(16_384), (16_000, 250));
        assert_eq!(kind("io1").most(100).0, 5_000);
        assert_eq!(kind("io2").most(4).0, 4_000);
        assert_eq!(kind("io2").most(65_536), (256_000, 4_000));
        assert_eq!(kind("st1").most(1_024), (500, 40));
        assert_eq!(kind("st1").most(16_384), (500, 500));
        assert_eq!(kind("sc1").most(16_384), (250, 192));
    }

    #[test]
    fn the_smallest_volume_that_will_do() {
        let volume = |gib, iops, mibps| Volume { gib, iops, mibps };
        assert_eq!(kind("gp3").smallest(100, 20_000, 100), volume(100, 20_000, 125));
        assert_eq!(kind("gp3").smallest(10, 20_000, 100), volume(40, 20_000, 125));
        assert_eq!(kind("gp3").smallest(100, 100, 2_000), volume(100, 8_000, 2_000));
        assert_eq!(kind("gp2").smallest(100, 6_000, 10), volume(2_000, 6_000, 250));
        assert_eq!(kind("io1").smallest(100, 20_000, 10), volume(400, 20_000, 500));
        assert_eq!(kind("st1").smallest(500, 100, 200), volume(5_120, 500, 200));
        assert_eq!(kind("sc1").smallest(10, 1, 1), volume(125, 250, 1));
    }

    #[test]
    fn credits() {
        assert_eq!(kind("gp2").io_credits(100).unwrap().lasts(3_000.0), Some(2_000.0));
        assert!(kind("gp2").io_credits(1_000).is_none() && kind("gp3").io_credits(1).is_none());
        let st1 = kind("st1").throughput_credits(2_048).unwrap();
        assert_eq!((st1.base, st1.rate, st1.credits), (80.0, 500.0, 2_097_152.0));
    }
}
