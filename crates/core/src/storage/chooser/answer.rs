use alloc::vec::Vec;

use serde_json::{Value, json};

use super::object::Limits;
use super::workload::WORKLOAD;
use super::{Limit, StorageOption, Workload, choose};
use crate::account::params::{Member, Shape, TEXT, missing, optional, required};
use crate::account::{ApiError, Params};
use crate::storage::ebs::Ebs;
use crate::storage::efs::Efs;
use crate::storage::price::{DEFAULT_PRICE_LIST, PriceList};

/// Members of `sluice:ChooseStorage`.
pub const CHOOSE_STORAGE: &[Member] = &[optional("PriceList", TEXT), required("Workload", Shape::Structure(WORKLOAD))];

/// Points of a curve between no load and [`LAST`].
const POINTS: u32 = 24;
/// Of saturation, where the even steps end.
const LAST: f64 = 0.98;
/// Further points, at most.
const HALVINGS: u32 = 16;
/// Times the latency without load at which a curve may end.
const KNEE: f64 = 10.0;

/// Answers `sluice:ChooseStorage`.
///
/// `{Fidelity, Model, Sources: [{Service, AsOf, Source, Note}], PriceList, AsOf, Currency, Options: [{Name, Title, Service, Feasible, Deciding?: limit, Limits: [{Name, Needed, Available, Unit, Utilisation?, Holds, Text}],
/// Bottleneck?, Utilisation, ReadLatencyMs?, WriteLatencyMs?, Saturation?: {LoadFactor, OperationsPerSecond, Limit}, Curve: [{OperationsPerSecond, Utilisation, ReadLatencyMs,
/// WriteLatencyMs}], Cost, Lines: [{Text, Key, Quantity, Unit, UnitPrice, Per, Amount, Confidence?}], Volume?: {GiB, Iops, MiBps}, Notes, Confidence?}], Cheapest?: name}`.
/// `ReadLatencyMs` and `WriteLatencyMs` are absent where the workload saturates the option. Amounts are decimal text, for a month of 730 hours.
pub fn choose_storage(given: &Value) -> Result<Value, ApiError> {
    let given = Params::check(given, CHOOSE_STORAGE)?;
    let prices = PriceList::load(given.text("PriceList").unwrap_or(DEFAULT_PRICE_LIST))?;
    let workload = Workload::read(&given.structure("Workload").ok_or_else(|| missing("Workload"))?)?;
    let options = choose(&workload, &prices)?;
    let cheapest = options.iter().filter(|option| option.feasible()).min_by_key(|option| option.cost());
    let (s3, efs, ebs) = (Limits::load()?, Efs::load()?, Ebs::load()?);
    let source = |service: &str, as_of: &str, source: &str, note: &str| json!({"Service": service, "AsOf": as_of, "Source": source, "Note": note});
    let mut answer = json!({
        "Fidelity": "simplified",
        "Sources": [
            source("S3", &s3.as_of, &s3.source, &s3.note),
            source("EFS", &efs.as_of, &efs.source, &efs.note),
            source("EBS", &ebs.as_of, &ebs.source, &ebs.note),
        ],
        "Model": "M/M/c queue, Sakasegawa's approximation: random arrivals, one mean service time, as many servers as are in flight at full load",
        "PriceList": prices.id,
        "AsOf": prices.as_of,
        "Currency": prices.currency,
        "Options": options.iter().map(|option| option_json(option, &workload)).collect::<Vec<_>>(),
    });
    if let Some(option) = cheapest {
        answer["Cheapest"] = option.name.as_str().into();
    }
    Ok(answer)
}

fn limit_json(limit: &Limit) -> Value {
    let mut answer = json!({
        "Name": limit.name,
        "Needed": limit.needed,
        "Available": limit.available,
        "Unit": limit.unit,
        "Holds": limit.holds,
        "Text": limit.text,
    });
    if limit.load && limit.available > 0.0 {
        answer["Utilisation"] = (limit.needed / limit.available).into();
    }
    answer
}

fn option_json(option: &StorageOption, workload: &Workload) -> Value {
    let lines: Vec<Value> = option
        .lines
        .iter()
        .map(|line| {
            let mut answer = json!({
                "Text": line.text,
                "Key": line.key,
                "Quantity": line.quantity,
                "Unit": line.unit,
                "UnitPrice": line.price,
                "Per": line.per,
                "Amount": line.amount,
            });
            if let Some(mark) = &line.confidence {
                answer["Confidence"] = mark.as_str().into();
            }
            answer
        })
        .collect();
    let utilisation = option.utilisation();
    let mut answer = json!({
        "Name": option.name,
        "Title": option.title,
        "Service": option.service,
        "Feasible": option.feasible(),
        "Limits": option.limits.iter().map(limit_json).collect::<Vec<_>>(),
        "Utilisation": utilisation,
        "Curve": curve(option, workload, utilisation),
        "Cost": option.cost(),
        "Lines": lines,
        "Notes": option.notes,
    });
    if let Some(limit) = option.deciding() {
        answer["Deciding"] = limit_json(limit);
    }
    if let Some(limit) = option.bottleneck() {
        answer["Bottleneck"] = limit.name.into();
        if utilisation > 0.0 && utilisation < f64::MAX {
            answer["Saturation"] = json!({
                "LoadFactor": 1.0 / utilisation,
                "OperationsPerSecond": workload.operations() / utilisation,
                "Limit": limit.name,
            });
        }
    }
    if let Some((read, write)) = option.latencies(1.0) {
        answer["ReadLatencyMs"] = (read * 1_000.0).into();
        answer["WriteLatencyMs"] = (write * 1_000.0).into();
    }
    if let Some(volume) = option.volume {
        answer["Volume"] = json!({"GiB": volume.gib, "Iops": volume.iops, "MiBps": volume.mibps});
    }
    if let Some(mark) = &option.confidence {
        answer["Confidence"] = mark.as_str().into();
    }
    answer
}

/// Latency against load. Steps get finer towards saturation; past 98 % each halves what is left, until the queue is what a reader sees: a queue with many servers
/// is short to the very end, and its knee is there.
fn curve(option: &StorageOption, workload: &Workload, utilisation: f64) -> Vec<Value> {
    if utilisation <= 0.0 || utilisation >= f64::MAX {
        return Vec::new();
    }
    let at = |at: f64| Some((at, option.latencies(at / utilisation)?));
    let mut points: Vec<(f64, (f64, f64))> = (0..=POINTS)
        .filter_map(|point| {
            let left = 1.0 - f64::from(point) / f64::from(POINTS);
            at(LAST * (1.0 - left * left))
        })
        .collect();
    let mut left = 1.0 - LAST;
    for _ in 0..HALVINGS {
        let is_long = match (points.first(), points.last()) {
            (Some((_, idle)), Some((_, last))) => last.0 >= KNEE * idle.0 && last.1 >= KNEE * idle.1,
            _ => true,
        };
        if is_long {
            break;
        }
        left /= 2.0;
        points.extend(at(1.0 - left));
    }
    let shown = points.into_iter().map(|(at, (read, write))| {
        json!({
            "OperationsPerSecond": workload.operations() * at / utilisation,
            "Utilisation": at,
            "ReadLatencyMs": read * 1_000.0,
            "WriteLatencyMs": write * 1_000.0,
        })
    });
    shown.collect()
}
