//! Amazon EFS: kinds of file system, what one can do, and what it costs.
//!
//! Belongs here: limits as data, how throughput is metered, credits, price keys. Does not belong here: file systems of the account (there are none),
//! comparison with other services (`chooser`).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use super::burst::Burst;
use crate::account::ApiError;

/// Kinds of file system and where their limits are from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Efs {
    pub as_of: String,
    pub source: String,
    pub note: String,
    pub file_systems: Vec<FileSystem>,
    pub bursting: Bursting,
    pub storage_classes: Vec<EfsStorageClass>,
}

/// A type of file system with a throughput mode and a performance mode.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSystem {
    pub name: String,
    pub title: String,
    /// Availability Zones that hold the data: 3 stands for three or more.
    pub zones: u64,
    /// `ThroughputMode` of the EFS API.
    pub throughput_mode: String,
    /// `PerformanceMode` of the EFS API.
    pub performance_mode: String,
    pub read_iops: u64,
    pub write_iops: u64,
    #[serde(default)]
    pub raisable_to: Option<Raisable>,
    /// MiB/s of the file system.
    pub read_mibps: u64,
    pub write_mibps: u64,
    /// MiB/s of one client.
    pub client_mibps: u64,
    pub read_latency_us: u64,
    pub write_latency_us: u64,
    #[serde(default)]
    pub max_provisioned_mibps: Option<u64>,
    /// Part of the price keys: `regional` or `onezone`.
    pub storage: String,
    #[serde(default)]
    pub confidence: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raisable {
    pub read_iops: u64,
    pub write_iops: u64,
}

/// Throughput that storage brings with it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bursting {
    pub base_kib_per_gib: u64,
    pub burst_mibps_per_tib: u64,
    pub least_burst_mibps: u64,
    pub least_base_mibps: u64,
    /// Credits of a full bucket; a file system below 1 TiB has those of 1 TiB.
    pub credits_tib_per_tib: f64,
    #[serde(default)]
    pub confidence: Option<String>,
}

/// A storage class of EFS: `TransitionToIA` and `TransitionToArchive` move files there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EfsStorageClass {
    pub name: String,
    /// Bytes that a file bills at least.
    pub min_bytes: u64,
    pub min_days: u32,
    #[serde(default)]
    pub first_byte_ms: Option<u64>,
    #[serde(default)]
    pub confidence: Option<String>,
}

impl Efs {
    /// Reads the data file. Error: `InternalFailure` where it is at fault, which a test rules out.
    pub fn load() -> Result<Efs, ApiError> {
        serde_json::from_str(include_str!("../../../data/limits-efs.json"))
            .map_err(|error| ApiError::new("InternalFailure", format!("The limits of EFS do not read: {error}")))
    }
}

/// MiB/s that count towards bursting and provisioned throughput: a read counts as a third ("Throughput modes").
pub fn metered(read_mibps: f64, write_mibps: f64) -> f64 {
    read_mibps / 3.0 + write_mibps
}

impl Bursting {
    /// Metered MiB/s that `gib` in the Standard class bring for ever.
    pub fn base(&self, gib: f64) -> f64 {
        (gib * self.base_kib_per_gib as f64 / 1_024.0).max(self.least_base_mibps as f64)
    }

    /// The credits of a file system, in MiB.
    pub fn credits(&self, gib: f64) -> Burst {
        let tib = (gib / 1_024.0).max(1.0);
        Burst {
            base: self.base(gib),
            rate: (gib / 1_024.0 * self.burst_mibps_per_tib as f64).max(self.least_burst_mibps as f64),
            credits: tib * self.credits_tib_per_tib * 1_024.0 * 1_024.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_brings_throughput() {
        let efs = Efs::load().unwrap();
        assert_eq!((efs.bursting.base(1_024.0), efs.bursting.base(1.0)), (50.0, 1.0));
        let credits = efs.bursting.credits(2_048.0);
        assert_eq!((credits.base, credits.rate), (100.0, 200.0));
        // At 100 MiB/s a TiB some 12 hours a day, as AWS's table of burst times has it.
        let day = efs.bursting.credits(1_024.0).lasts(100.0).unwrap();
        assert!((day / 3_600.0 - 12.0).abs() < 0.5, "{day}");
        assert_eq!(metered(300.0, 100.0), 200.0);
    }

    #[test]
    fn modes_keep_to_their_rules() {
        for system in Efs::load().unwrap().file_systems {
            assert!(system.zones == 3 || system.performance_mode == "generalPurpose", "{}", system.name);
            assert!(
                system.throughput_mode != "elastic" || system.performance_mode == "generalPurpose",
                "{}",
                system.name
            );
            assert_eq!(
                system.throughput_mode == "provisioned",
                system.max_provisioned_mibps.is_some(),
                "{}",
                system.name
            );
        }
    }
}
