//! From operators to tasks, and from tasks to slots.
//!
//! Belongs here: chaining, slot sharing, which subtask is in which slot, key groups of a rescale. Does not belong here: what runs in them.
//! Source: Flink, Flink Architecture ("Tasks and Operator Chains", "Task Slots and Resources") and `KeyGroupRangeAssignment`. That slots are taken
//! task manager by task manager is the scheduler's habit, not its promise.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::event_time::keys::KeyGroups;

/// How records reach an operator from the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Subtask `i` to subtask `i`.
    Forward,
    /// `keyBy`: by key group.
    Hash,
    /// Round-robin.
    Rebalance,
}

/// An operator of the job; the job is a line of them, the first is its source.
#[derive(Clone, Debug)]
pub struct Operator {
    pub name: String,
    pub parallelism: usize,
    /// Microseconds of a thread that a record takes.
    pub cost: i64,
    /// From the operator before; the source's says nothing.
    pub edge: Edge,
    pub group: String,
    /// `disableChaining` is not set.
    pub chains: bool,
}

/// A task: operators that run in one thread a subtask.
#[derive(Clone, Debug)]
pub struct Task {
    /// Places of its operators.
    pub operators: Vec<usize>,
    pub parallelism: usize,
    /// Microseconds a record, all of its operators.
    pub cost: i64,
    pub edge: Edge,
    pub group: String,
}

/// The tasks of a line of operators: an operator joins the task before it over a forward edge, with the same parallelism and slot sharing group.
pub fn tasks(operators: &[Operator]) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    for (at, operator) in operators.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| operators.get(before));
        if let (Some(before), Some(task)) = (before, tasks.last_mut())
            && operator.edge == Edge::Forward
            && operator.parallelism == task.parallelism
            && operator.group == task.group
            && operator.chains
            && before.chains
        {
            task.operators.push(at);
            task.cost += operator.cost;
            continue;
        }
        tasks.push(Task {
            operators: vec![at],
            parallelism: operator.parallelism,
            cost: operator.cost,
            edge: operator.edge,
            group: operator.group.clone(),
        });
    }
    tasks
}

/// A slot of a task manager: (task, subtask) in the order of the tasks.
#[derive(Clone, Debug)]
pub struct Slot {
    pub group: String,
    pub subtasks: Vec<(usize, usize)>,
}

/// The slots that a job needs: of each sharing group as many as its greatest parallelism.
pub fn slots(tasks: &[Task]) -> Vec<Slot> {
    let mut groups: Vec<&str> = Vec::new();
    for task in tasks {
        if !groups.contains(&task.group.as_str()) {
            groups.push(&task.group);
        }
    }
    let mut slots = Vec::new();
    for group in groups {
        let members = || tasks.iter().enumerate().filter(|(_, task)| task.group == group);
        let most = members().map(|(_, task)| task.parallelism).max().unwrap_or(0);
        for index in 0..most {
            slots.push(Slot {
                group: group.into(),
                subtasks: members().filter(|(_, task)| index < task.parallelism).map(|(at, _)| (at, index)).collect(),
            });
        }
    }
    slots
}

/// A subtask's key groups after a rescale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its first and last key group.
    pub range: (u32, u32),
    /// (old subtask, first, last): from whose state they are read.
    pub from: Vec<(u32, u32, u32)>,
}

/// Who reads which key groups when state of `old` is restored with `new`'s parallelism; both have the same maximum.
pub fn rescale(old: KeyGroups, new: KeyGroups) -> Vec<Share> {
    let share = |subtask| {
        let (first, last) = new.range(subtask);
        let from = (0..old.parallelism).filter_map(|before| {
            let (start, end) = old.range(before);
            let (start, end) = (start.max(first), end.min(last));
            (start <= end).then_some((before, start, end))
        });
        Share {
            range: (first, last),
            from: from.collect(),
        }
    };
    (0..new.parallelism).map(share).collect()
}
