//! The threads of the subtasks, step by step.
//!
//! Belongs here: who takes a record when, and what a thread's time went to. Does not belong here: buffers (`network`).
//! A thread is blocked when its output has no free buffer, and then takes no record (Flink's soft back-pressure: availability is asked before a record).
//! In a step the last task runs first.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::graph::{self, Edge, Task};
use super::network::Network;
use super::{Cluster, Run, Second};
use crate::event_time::keys::{KeyGroups, string_hash};

/// Microseconds of a step.
const STEP: i64 = 10_000;
const STEPS: i64 = 1_000_000 / STEP;
/// Steps from flush to flush: `execution.buffer-timeout`, 100 ms.
const FLUSH: i64 = 10;

/// A subtask's thread.
#[derive(Clone, Debug, Default)]
struct Thread {
    /// Microseconds that its record still takes.
    owed: i64,
    /// Its record is done when nothing is owed.
    holds: bool,
    /// Records that it has handed on: the next one's key, or its channel.
    handed: u64,
    second: Second,
}

/// Which subtask of a keyed task has a key, key by key.
fn owners(cluster: &Cluster, task: &Task) -> Vec<usize> {
    let groups = KeyGroups {
        parallelism: task.parallelism as u32,
        max_parallelism: cluster.max_parallelism,
    };
    let owner = |key| groups.operator(groups.group(string_hash(&format!("key-{key}")))) as usize;
    (0..cluster.keys).map(owner).collect()
}

pub(super) fn run(cluster: &Cluster) -> Run {
    let tasks = graph::tasks(&cluster.operators);
    let mut threads: Vec<Vec<Thread>> = tasks.iter().map(|task| vec![Thread::default(); task.parallelism]).collect();
    let mut networks: Vec<Network> = tasks
        .windows(2)
        .map(|pair| Network::new(pair[0].parallelism, pair[1].parallelism, pair[1].edge == Edge::Forward, cluster.record))
        .collect();
    let owners: Vec<Vec<usize>> = tasks
        .iter()
        .map(|task| if task.edge == Edge::Hash { owners(cluster, task) } else { Vec::new() })
        .collect();
    let (mut run, mut offered, mut rest, mut read, mut done) = (Run::default(), 0_u64, 0_u64, 0_u64, 0_u64);
    for second in 0..cluster.seconds as i64 {
        for step in 0..STEPS {
            let now = second * 1_000 + step * STEP / 1_000;
            let rate = cluster.rates.iter().rev().find(|(from, _)| *from <= now).map_or(0, |(_, rate)| *rate);
            rest += rate;
            offered += rest / STEPS as u64;
            rest %= STEPS as u64;
            for at in (0..tasks.len()).rev() {
                for (subtask, thread) in threads[at].iter_mut().enumerate() {
                    let mut left = STEP;
                    while left > 0 {
                        if !thread.holds {
                            if networks.get(at).is_some_and(|out| !out.available(subtask)) {
                                thread.second.blocked += left;
                                run.unexplained += u64::from(!networks[at].starved(subtask));
                                break;
                            }
                            let got = match at.checked_sub(1) {
                                Some(before) => networks[before].take(subtask),
                                None => {
                                    // Each source subtask has its share of what is offered.
                                    let parallelism = tasks[0].parallelism as u64;
                                    let share = offered / parallelism + u64::from((subtask as u64) < offered % parallelism);
                                    thread.handed < share
                                }
                            };
                            if !got {
                                thread.second.idle += left;
                                break;
                            }
                            read += u64::from(at == 0);
                            thread.second.records_in += 1;
                            thread.holds = true;
                            thread.owed = tasks[at].cost;
                        }
                        let spent = thread.owed.min(left);
                        thread.owed -= spent;
                        left -= spent;
                        thread.second.busy += spent;
                        if thread.owed > 0 {
                            break;
                        }
                        thread.holds = false;
                        let number = thread.handed;
                        thread.handed += 1;
                        thread.second.records_out += 1;
                        match networks.get_mut(at) {
                            None => done += 1,
                            Some(out) => {
                                let next = &tasks[at + 1];
                                let spread = number * tasks[at].parallelism as u64 + subtask as u64;
                                let receiver = match next.edge {
                                    Edge::Forward => subtask,
                                    Edge::Hash => owners[at + 1][(spread % cluster.keys) as usize],
                                    Edge::Rebalance => (number % next.parallelism as u64) as usize,
                                };
                                out.put(subtask, receiver);
                            }
                        }
                    }
                }
            }
            if step % FLUSH == FLUSH - 1 {
                networks.iter_mut().for_each(Network::flush);
            }
        }
        let held = threads.iter().flatten().filter(|thread| thread.holds).count() as u64;
        run.totals
            .push((offered, read, held + networks.iter().map(Network::records).sum::<u64>(), done));
        let of = |(at, task): (usize, &mut Vec<Thread>)| {
            let mut seconds = Vec::with_capacity(task.len());
            for (subtask, thread) in task.iter_mut().enumerate() {
                let mut second = core::mem::take(&mut thread.second);
                second.in_pool = at.checked_sub(1).map_or((0, 0), |before| networks[before].in_pool(subtask));
                second.out_pool = networks.get(at).map_or((0, 0), |out| out.out_pool(subtask));
                seconds.push(second);
            }
            seconds
        };
        run.seconds.push(threads.iter_mut().enumerate().map(of).collect());
    }
    run
}
