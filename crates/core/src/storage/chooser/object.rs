//! S3: each storage class as an option.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;

use super::{Interface, StorageOption, Workload};
use crate::account::ApiError;
use crate::storage::cost::StorageTier;
use crate::storage::price::{GB, PriceList};
use crate::storage::s3::{ARCHIVE_OVERHEAD, ARCHIVE_OVERHEAD_STANDARD, MIN_BILLABLE, StorageClass};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub as_of: String,
    pub source: String,
    pub note: String,
    general_purpose: GeneralPurpose,
    directory: Directory,
    /// Microseconds of a Standard restore, by class.
    restore_us: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GeneralPurpose {
    reads_per_prefix: u64,
    writes_per_prefix: u64,
    latency_us: u64,
    confidence: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Directory {
    reads: u64,
    writes: u64,
    latency_us: u64,
    confidence: Option<String>,
}

/// Classes that are compared; Reduced Redundancy is not advised by AWS.
const CLASSES: [StorageClass; 8] = [
    StorageClass::Standard,
    StorageClass::IntelligentTiering,
    StorageClass::StandardIa,
    StorageClass::OnezoneIa,
    StorageClass::ExpressOnezone,
    StorageClass::GlacierIr,
    StorageClass::Glacier,
    StorageClass::DeepArchive,
];

impl Limits {
    /// Reads the data file. Error: `InternalFailure` where it is at fault, which a test rules out.
    pub fn load() -> Result<Limits, ApiError> {
        serde_json::from_str(include_str!("../../../data/limits-s3.json"))
            .map_err(|error| ApiError::new("InternalFailure", format!("The limits of S3 do not read: {error}")))
    }
}

pub(super) fn options(workload: &Workload, limits: &Limits, prices: &PriceList) -> Vec<StorageOption> {
    CLASSES.into_iter().map(|class| option(class, workload, limits, prices)).collect()
}

fn option(class: StorageClass, workload: &Workload, limits: &Limits, prices: &PriceList) -> StorageOption {
    let mut option = StorageOption::new("S3", class.as_str(), StorageTier::Class(class).title());
    option.must(
        "Interface",
        matches!(workload.interface, Interface::Any | Interface::Object),
        "Objects are read and written whole or by range over HTTP; there are no writes in place, no locks and no device.",
    );
    let one_zone = matches!(class, StorageClass::OnezoneIa | StorageClass::ExpressOnezone);
    let zones = if one_zone {
        "The data lies in one Availability Zone."
    } else {
        "The data lies in three Availability Zones or more."
    };
    option.must("Zones", !(one_zone && workload.survive_zone_loss), zones);
    let seconds = |micros: u64| micros as f64 / 1e6;
    if class == StorageClass::ExpressOnezone {
        let directory = &limits.directory;
        option.confidence.clone_from(&directory.confidence);
        option.load("ReadRate", workload.reads, directory.reads as f64, "GET/s");
        option.load("WriteRate", workload.writes, directory.writes as f64, "PUT/s");
        (option.read_base, option.write_base) = (seconds(directory.latency_us), seconds(directory.latency_us));
    } else {
        let bucket = &limits.general_purpose;
        option.confidence.clone_from(&bucket.confidence);
        let prefixes = workload.prefixes as f64;
        option.load("ReadRate", workload.reads, bucket.reads_per_prefix as f64 * prefixes, "GET/s");
        option.load("WriteRate", workload.writes, bucket.writes_per_prefix as f64 * prefixes, "PUT/s");
        (option.read_base, option.write_base) = (seconds(bucket.latency_us), seconds(bucket.latency_us));
        option.notes.push(format!(
            "Rates are for {} prefix(es); each further prefix brings as much again.",
            workload.prefixes
        ));
    }
    if let Some(micros) = limits.restore_us.get(class.as_str()) {
        option.read_base = seconds(*micros);
        option
            .notes
            .push("A read needs a restore first; its latency is that of a Standard restore.".to_string());
    }
    charges(&mut option, class, workload, prices);
    option.finish(workload)
}

fn charges(option: &mut StorageOption, class: StorageClass, workload: &Workload, prices: &PriceList) {
    let gb = u128::from(GB);
    let tier = match class {
        StorageClass::IntelligentTiering => StorageTier::from(class),
        class => StorageTier::Class(class),
    };
    let least = u128::from(class.min_billable_bytes());
    let billed = workload.bytes().max(workload.objects().saturating_mul(least));
    let overhead = if class.is_archived() { u128::from(ARCHIVE_OVERHEAD) } else { 0 };
    let stored = billed.saturating_add(workload.objects().saturating_mul(overhead));
    option.charge(prices, &format!("s3.storage.{}", tier.as_str()), "Storage", stored, gb);
    if class.is_archived() {
        let names = workload.objects().saturating_mul(u128::from(ARCHIVE_OVERHEAD_STANDARD));
        option.charge(prices, "s3.storage.STANDARD", "Names and metadata at S3 Standard", names, gb);
    }
    let (reads, writes) = (workload.monthly(workload.reads), workload.monthly(workload.writes));
    option.charge(prices, &format!("s3.requests.{class}.tier1"), "PUT requests", writes, 1);
    option.charge(prices, &format!("s3.requests.{class}.tier2"), "GET requests", reads, 1);
    let read = reads.saturating_mul(u128::from(workload.read_bytes));
    match class {
        StorageClass::StandardIa | StorageClass::OnezoneIa | StorageClass::GlacierIr | StorageClass::ExpressOnezone => {
            option.charge(prices, &format!("s3.retrieval.{class}"), "Retrieval", read, gb);
        }
        StorageClass::Glacier | StorageClass::DeepArchive => {
            option.charge(prices, &format!("s3.restore.{class}.Standard"), "Restore requests", reads, 1);
            option.charge(prices, &format!("s3.retrieval.{class}.Standard"), "Retrieval", read, gb);
        }
        StorageClass::IntelligentTiering => {
            let watched = if workload.object_bytes >= MIN_BILLABLE { workload.objects() } else { 0 };
            option.charge(prices, "s3.monitoring", "Monitoring and automation", watched, 1);
            option
                .notes
                .push("Priced with everything in Frequent Access; what is not read for 30 days costs less.".to_string());
        }
        _ => {}
    }
    if class == StorageClass::ExpressOnezone {
        let written = writes.saturating_mul(u128::from(workload.write_bytes));
        option.charge(prices, "s3.upload.EXPRESS_ONEZONE", "Upload", written, gb);
    }
    if class.min_days() > 0 && workload.writes > 0.0 {
        option.notes.push(format!(
            "What is overwritten before {} days is billed to their end; not in this cost.",
            class.min_days()
        ));
    }
}
