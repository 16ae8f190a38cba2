//! The parameters of `sluice:RunFlinkCluster`.
//!
//! `Operators` [{`Name`, `Parallelism`? (1), `Cost`? (µs a record, 0..10,000,000; at least 1 for a task), `Edge`?: forward | hash | rebalance (forward),
//! `SlotSharingGroup`? ("default"), `Chaining`? (true)}], the source first; `Rates` [{`From`? (0, ms), `PerSecond`}]; `Seconds`? (10); `RecordBytes`? (512);
//! `Keys`? (1000); `MaxParallelism`?; `SlotsPerTaskManager`? (1); `ParallelismPerKPU`? (1); `RestoreParallelism`? (of the last keyed operator).

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::graph::{self, Edge};
use super::{Cluster, Operator};
use crate::event_time::keys::{KeyGroups, default_max_parallelism};
use crate::event_time::number::long;

const OPERATORS: usize = 12;
const SUBTASKS: i64 = 32;
/// Records, tasks counted, that a run may have.
const WORK: i64 = 20_000_000;

fn within(of: &Value, place: &str, name: &str, otherwise: i64, least: i64, most: i64) -> Result<i64, String> {
    let value = match of.get(name) {
        None | Some(Value::Null) => otherwise,
        Some(value) => long(value).ok_or_else(|| format!("{place}{name} must be a whole number"))?,
    };
    if !(least..=most).contains(&value) {
        return Err(format!("{place}{name} must be {least} to {most}"));
    }
    Ok(value)
}

fn operator(value: &Value, at: usize) -> Result<Operator, String> {
    let place = format!("Operators[{at}].");
    Ok(Operator {
        name: value["Name"].as_str().ok_or_else(|| format!("{place}Name must be text"))?.to_string(),
        parallelism: within(value, &place, "Parallelism", 1, 1, SUBTASKS)? as usize,
        cost: within(value, &place, "Cost", 0, 0, 10_000_000)?,
        edge: match &value["Edge"] {
            Value::Null => Edge::Forward,
            Value::String(edge) if edge == "forward" => Edge::Forward,
            Value::String(edge) if edge == "hash" => Edge::Hash,
            Value::String(edge) if edge == "rebalance" => Edge::Rebalance,
            _ => return Err(format!("{place}Edge must be forward, hash or rebalance")),
        },
        group: match &value["SlotSharingGroup"] {
            Value::Null => "default".to_string(),
            Value::String(group) => group.clone(),
            _ => return Err(format!("{place}SlotSharingGroup must be text")),
        },
        chains: match &value["Chaining"] {
            Value::Null => true,
            other => other.as_bool().ok_or_else(|| format!("{place}Chaining must be true or false"))?,
        },
    })
}

fn rates(params: &Value) -> Result<Vec<(i64, u64)>, String> {
    let list = params["Rates"].as_array().ok_or("Rates must be a list")?;
    let mut rates: Vec<(i64, u64)> = Vec::new();
    for (at, value) in list.iter().enumerate() {
        let place = format!("Rates[{at}].");
        let from = within(value, &place, "From", 0, 0, 600_000)?;
        if rates.last().is_some_and(|(before, _)| *before >= from) {
            return Err(format!("{place}From must be after the one before"));
        }
        rates.push((from, within(value, &place, "PerSecond", 0, 0, 1_000_000)? as u64));
    }
    Ok(rates)
}

pub(super) fn cluster(params: &Value) -> Result<Cluster, String> {
    let list = params["Operators"].as_array().ok_or("Operators must be a list")?;
    if list.is_empty() || list.len() > OPERATORS {
        return Err(format!("Operators must have 1 to {OPERATORS} members"));
    }
    let operators = list.iter().enumerate().map(|(at, value)| operator(value, at)).collect::<Result<Vec<_>, _>>()?;
    let mut names = BTreeSet::new();
    for (at, operator) in operators.iter().enumerate() {
        if !names.insert(operator.name.as_str()) {
            return Err(format!("Operators[{at}].Name {} is there twice", operator.name));
        }
        let before = at.checked_sub(1).map(|before| operators[before].parallelism);
        if operator.edge == Edge::Forward && before.is_some_and(|before| before != operator.parallelism) {
            return Err(format!(
                "Operators[{at}].Edge: forward partitioning does not allow change of parallelism; use hash or rebalance"
            ));
        }
    }
    let tasks = graph::tasks(&operators);
    if let Some(task) = tasks.iter().find(|task| task.cost == 0) {
        return Err(format!("Operators[{}].Cost: a task needs at least 1 µs a record", task.operators[0]));
    }
    let rates = rates(params)?;
    let seconds = within(params, "", "Seconds", 10, 1, 600)?;
    let most = rates.iter().map(|(_, rate)| *rate as i64).max().unwrap_or(0);
    if most.saturating_mul(seconds).saturating_mul(tasks.len() as i64) > WORK {
        return Err(format!(
            "{most} records a second for {seconds} s through {} tasks are more than {WORK}",
            tasks.len()
        ));
    }
    let keyed = operators
        .iter()
        .rfind(|operator| operator.edge == Edge::Hash)
        .map_or(1, |operator| operator.parallelism) as u32;
    let greatest = operators.iter().map(|operator| operator.parallelism).max().unwrap_or(1) as u32;
    let max = within(
        params,
        "",
        "MaxParallelism",
        i64::from(default_max_parallelism(greatest)),
        i64::from(greatest),
        32_768,
    )? as u32;
    let restore = within(params, "", "RestoreParallelism", i64::from(keyed), 1, i64::from(max.min(128)))? as u32;
    Ok(Cluster {
        rates,
        seconds: seconds as usize,
        record: within(params, "", "RecordBytes", 512, 1, 32_768)? as u64,
        keys: within(params, "", "Keys", 1_000, 1, 100_000)? as u64,
        max_parallelism: max,
        slots_per_manager: within(params, "", "SlotsPerTaskManager", 1, 1, 128)? as usize,
        parallelism_per_kpu: within(params, "", "ParallelismPerKPU", 1, 1, 8)? as usize,
        rescale: if params["RestoreParallelism"].is_null() {
            None
        } else {
            Some(KeyGroups::new(restore, max)?)
        },
        operators,
    })
}
