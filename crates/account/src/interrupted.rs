//! Honest answers to work that nobody does any more.

use std::collections::BTreeSet;

use sluice_core::account::{Effect, EffectAnswer, NodeError, RunFailure, RunReport};
use sluice_core::gather::Gather as _;

/// One answer for each crawl and run that was going. `interruption` completes "… while the run was going".
pub(crate) fn answers(pending: &[Effect], interruption: &str) -> Vec<EffectAnswer> {
    let stopping: BTreeSet<&str> = pending
        .iter()
        .filter_map(|effect| match effect {
            Effect::CancelRun { run_id } => Some(run_id.as_str()),
            _ => None,
        })
        .gather();
    let running: BTreeSet<&str> = pending
        .iter()
        .filter_map(|effect| match effect {
            Effect::Run(plan) => Some(plan.run_id.as_str()),
            _ => None,
        })
        .gather();
    let mut answers: Vec<EffectAnswer> = stopping.iter().map(|run_id| stopped(run_id)).collect();
    answers.extend(
        running
            .difference(&stopping)
            .map(|run_id| run_failed(run_id, format!("{interruption} while the run was going. Run the job again."))),
    );
    answers.extend(pending.iter().filter_map(|effect| match effect {
        Effect::Crawl { crawler, crawl_id, .. } => Some(EffectAnswer::CrawlFailed {
            crawler: crawler.clone(),
            crawl_id: crawl_id.clone(),
            message: format!("{interruption} while the crawl was going. Run the crawler again."),
        }),
        _ => None,
    }));
    answers
}

fn stopped(run_id: &str) -> EffectAnswer {
    EffectAnswer::JobRunStopped {
        run_id: run_id.to_owned(),
        report: RunReport::default(),
    }
}

/// A run that ended for a reason that is no node's.
pub fn run_failed(run_id: &str, message: String) -> EffectAnswer {
    EffectAnswer::JobRunFailed {
        run_id: run_id.to_owned(),
        report: RunReport::default(),
        failure: RunFailure {
            error: NodeError {
                node: None,
                field: None,
                message,
            },
            row: None,
        },
    }
}
