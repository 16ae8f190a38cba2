//! EFS: each kind of file system as an option.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::option::shown;
use super::workload::PROVISIONED_SHARE;
use super::{Interface, StorageOption, Workload};
use crate::storage::efs::{Efs, FileSystem, metered};
use crate::storage::price::{GB, PriceList};

pub(super) fn options(workload: &Workload, efs: &Efs, prices: &PriceList) -> Vec<StorageOption> {
    efs.file_systems.iter().map(|system| option(system, workload, efs, prices)).collect()
}

fn option(system: &FileSystem, workload: &Workload, efs: &Efs, prices: &PriceList) -> StorageOption {
    let mut option = StorageOption::new("EFS", &system.name, &system.title);
    option.confidence.clone_from(&system.confidence);
    option.must(
        "Interface",
        matches!(workload.interface, Interface::Any | Interface::File),
        "An NFS file system: directories, locks, writes in place, by many clients at once; no device and no HTTP.",
    );
    let zones = if system.zones == 1 {
        "The data lies in one Availability Zone; clients in others reach it at the price of transfer between zones."
    } else {
        "The data lies in three Availability Zones or more, with a mount target in each."
    };
    option.must("Zones", !(system.zones == 1 && workload.survive_zone_loss), zones);
    option.load("ReadRate", workload.reads, system.read_iops as f64, "reads/s");
    option.load("WriteRate", workload.writes, system.write_iops as f64, "writes/s");
    let (read, write) = (workload.read_mibps(), workload.write_mibps());
    option.load("ReadThroughput", read, system.read_mibps as f64, "MiB/s");
    option.load("WriteThroughput", write, system.write_mibps as f64, "MiB/s");
    let clients = workload.instances.max(1) as f64;
    option.load("ClientThroughput", (read + write) / clients, system.client_mibps as f64, "MiB/s a client");
    let metered = metered(read, write);
    let base = efs.bursting.base(workload.total_gb);
    let gb = u128::from(GB);
    option.charge(
        prices,
        &format!("efs.{}.standard", system.storage),
        "Storage in the Standard class",
        workload.bytes(),
        gb,
    );
    match system.throughput_mode.as_str() {
        "bursting" => {
            option.load("BaselineThroughput", metered, base, "metered MiB/s");
            let credits = efs.bursting.credits(workload.total_gb);
            if let Some(seconds) = credits.lasts(metered).filter(|seconds| *seconds > 0.0) {
                let minutes = seconds / 60.0;
                option.notes.push(format!(
                    "A full credit balance carries {} MiB/s for {} minutes, then {} MiB/s are left.",
                    shown(metered),
                    shown(minutes),
                    shown(base)
                ));
            }
            option.confidence = option.confidence.or_else(|| efs.bursting.confidence.clone());
        }
        "provisioned" => {
            let most = system.max_provisioned_mibps.unwrap_or(0);
            let asked = (libm::ceil(metered / PROVISIONED_SHARE) as u64).clamp(1, most.max(1));
            option.load("ProvisionedThroughput", metered, asked as f64, "metered MiB/s");
            let above = asked.saturating_sub(base as u64);
            option.charge(
                prices,
                "efs.provisioned",
                "Provisioned throughput above what storage brings",
                u128::from(above),
                1,
            );
            option.notes.push(format!("{asked} MiB/s are provisioned; a read counts as a third."));
        }
        _ => {
            let bytes = |rate: f64, size: u64| workload.monthly(rate).saturating_mul(u128::from(size));
            option.charge(
                prices,
                "efs.elastic.read",
                "Elastic throughput, reads",
                bytes(workload.reads, workload.read_bytes),
                gb,
            );
            option.charge(
                prices,
                "efs.elastic.write",
                "Elastic throughput, writes",
                bytes(workload.writes, workload.write_bytes),
                gb,
            );
            if let Some(raised) = &system.raisable_to {
                option.notes.push(format!(
                    "Default quotas; they can be raised to {} reads/s and {} writes/s.",
                    raised.read_iops, raised.write_iops
                ));
            }
        }
    }
    (option.read_base, option.write_base) = (system.read_latency_us as f64 / 1e6, system.write_latency_us as f64 / 1e6);
    if system.performance_mode == "maxIO" {
        option
            .notes
            .push("Max I/O trades latency for rate; AWS advises General Purpose with elastic throughput.".to_string());
    }
    option.finish(workload)
}
