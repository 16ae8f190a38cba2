//! The answer of `sluice:RunFlinkCluster`.
//!
//! `Tasks` [{`Name` ("Source -> Map"), `Operators`, `Parallelism`, `SlotSharingGroup`, `KeyGroups`? [[first, last]]}]; `SlotsNeeded`;
//! `TaskManagers` [{`Id`, `Slots` [{`SlotSharingGroup`, `Subtasks` ["Window (1/2)"]}]}]; `KPUs` (parallelism over `ParallelismPerKPU`, rounded up; unconfirmed);
//! `KeyGroupsRestored`? [{`Range`, `From` [[old subtask, first, last]]}]; `Seconds` [{`Offered`, `Read`, `InBuffers` (with those in a thread's hands), `Done`, `Tasks` [[{`Busy`, `BackPressured`,
//! `Idle` (ms; they sum to 1000), `In`, `Out`, `InPool`, `OutPool` ([taken, size])}]]}].

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::graph::{self, Edge, Task};
use super::{Cluster, Run, Second};
use crate::event_time::keys::KeyGroups;

fn name(cluster: &Cluster, task: &Task) -> String {
    let names: Vec<&str> = task.operators.iter().map(|at| cluster.operators[*at].name.as_str()).collect();
    names.join(" -> ")
}

/// Whole milliseconds that sum to 1000; a span of nothing stays 0.
fn second(of: &Second) -> Value {
    let (busy, awake) = (of.busy / 1_000, (of.busy + of.blocked) / 1_000);
    let blocked = awake - busy;
    json!({"Busy": busy, "BackPressured": blocked, "Idle": 1_000 - busy - blocked, "In": of.records_in, "Out": of.records_out,
        "InPool": [of.in_pool.0, of.in_pool.1], "OutPool": [of.out_pool.0, of.out_pool.1]})
}

pub(super) fn answer(cluster: &Cluster, run: &Run) -> Value {
    let tasks = graph::tasks(&cluster.operators);
    let groups = |parallelism: usize| KeyGroups {
        parallelism: parallelism as u32,
        max_parallelism: cluster.max_parallelism,
    };
    let say = |task: &Task| {
        let operators: Vec<&str> = task.operators.iter().map(|at| cluster.operators[*at].name.as_str()).collect();
        let mut said = json!({"Name": name(cluster, task), "Operators": operators, "Parallelism": task.parallelism, "SlotSharingGroup": task.group});
        if task.edge == Edge::Hash {
            let of = groups(task.parallelism);
            said["KeyGroups"] = (0..of.parallelism).map(|subtask| json!(of.range(subtask))).collect();
        }
        said
    };
    let slots = graph::slots(&tasks);
    let slot = |slot: &graph::Slot| {
        let subtask = |(task, index): &(usize, usize)| format!("{} ({}/{})", name(cluster, &tasks[*task]), index + 1, tasks[*task].parallelism);
        json!({"SlotSharingGroup": slot.group, "Subtasks": slot.subtasks.iter().map(subtask).collect::<Vec<_>>()})
    };
    let managers: Vec<Value> = slots
        .chunks(cluster.slots_per_manager)
        .enumerate()
        .map(|(at, slots)| json!({"Id": format!("taskmanager-{}", at + 1), "Slots": slots.iter().map(slot).collect::<Vec<_>>()}))
        .collect();
    let parallelism = tasks.iter().map(|task| task.parallelism).max().unwrap_or(1);
    let seconds = run.seconds.iter().zip(&run.totals).map(|(tasks, (offered, read, buffered, done))| {
        let tasks: Vec<Vec<Value>> = tasks.iter().map(|task| task.iter().map(second).collect()).collect();
        json!({"Offered": offered, "Read": read, "InBuffers": buffered, "Done": done, "Tasks": tasks})
    });
    let mut answer = json!({
        "Tasks": tasks.iter().map(say).collect::<Vec<_>>(),
        "SlotsNeeded": slots.len(),
        "TaskManagers": managers,
        "KPUs": parallelism.div_ceil(cluster.parallelism_per_kpu),
        "Seconds": seconds.collect::<Vec<_>>(),
    });
    if let (Some(new), Some(keyed)) = (cluster.rescale, tasks.iter().rfind(|task| task.edge == Edge::Hash)) {
        let share = |share: graph::Share| json!({"Range": share.range, "From": share.from});
        answer["KeyGroupsRestored"] = graph::rescale(groups(keyed.parallelism), new).into_iter().map(share).collect();
    }
    answer
}
