//! EBS: each type of volume as an option, one volume of the smallest size that does the work with a fifth of its speed to spare.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::option::shown;
use super::workload::PROVISIONED_SHARE;
use super::{Interface, StorageOption, Workload};
use crate::storage::ebs::{Ebs, VolumeType};
use crate::storage::price::PriceList;

pub(super) fn options(workload: &Workload, ebs: &Ebs, prices: &PriceList) -> Vec<StorageOption> {
    ebs.volume_types.iter().map(|kind| option(kind, workload, prices)).collect()
}

fn option(kind: &VolumeType, workload: &Workload, prices: &PriceList) -> StorageOption {
    let mut option = StorageOption::new("EBS", &kind.name, &kind.title);
    option.confidence = kind.unsure();
    let file = workload.interface == Interface::File && workload.instances == 1;
    option.must(
        "Interface",
        file || matches!(workload.interface, Interface::Any | Interface::Block),
        "A device with a file system of its instance's; several instances need a file system that is made for clusters.",
    );
    let sharing = if kind.attach > 1 {
        format!(
            "{} instances; Multi-Attach joins at most {} of them, in one Availability Zone",
            workload.instances, kind.attach
        )
    } else {
        format!("{} instances; a volume of this type is attached to one", workload.instances)
    };
    option.most("Sharing", workload.instances as f64, kind.attach as f64, "instances", sharing);
    option.most(
        "Zones",
        workload.zones as f64,
        1.0,
        "zones",
        format!("{} Availability Zones; a volume is in one", workload.zones),
    );
    if workload.survive_zone_loss {
        option.must("ZoneLoss", false, "A volume is lost with its zone; a snapshot is the way out.");
    }
    let gib = libm::ceil(workload.total_gb).max(1.0) as u64;
    option.most("Size", gib as f64, kind.max_gib as f64, "GiB", format!("{gib} GiB of at most {}", kind.max_gib));
    let ios = workload.reads * kind.ios(workload.read_bytes) as f64 + workload.writes * kind.ios(workload.write_bytes) as f64;
    let mibps = workload.read_mibps() + workload.write_mibps();
    let asked = |need: f64| libm::ceil(need / PROVISIONED_SHARE) as u64;
    let volume = kind.smallest(gib, asked(ios), asked(mibps));
    option.load("Iops", ios, volume.iops as f64, "IOPS");
    option.load("Throughput", mibps, volume.mibps as f64, "MiB/s");
    for (key, units) in kind.bill(&volume) {
        let text = match key.rsplit('.').next() {
            Some("iops") => "Provisioned IOPS",
            Some("throughput") => "Provisioned throughput",
            _ => "Storage",
        };
        option.charge(prices, &key, text, u128::from(units), 1);
    }
    if volume.gib > gib {
        option
            .notes
            .push(format!("{} GiB are bought where {gib} would hold the data: speed comes with size.", volume.gib));
    }
    let credits = kind.io_credits(volume.gib).map(|burst| (burst, "IOPS"));
    let credits = credits.or_else(|| kind.throughput_credits(volume.gib).map(|burst| (burst, "MiB/s")));
    if let Some((burst, unit)) = credits {
        option.notes.push(format!(
            "Burst credits carry {} {unit} for {} minutes; counted here is what it does for ever.",
            shown(burst.rate),
            shown(burst.lasts(burst.rate).unwrap_or(0.0) / 60.0)
        ));
    }
    if kind.attach > 1 && workload.instances > 1 {
        option
            .notes
            .push("Multi-Attach does not order writes: the instances need a cluster file system or their own agreement.".to_string());
    }
    let base = kind.latency_us as f64 / 1e6;
    (option.read_base, option.write_base) = (base, base);
    option.volume = Some(volume);
    option.finish(workload)
}
