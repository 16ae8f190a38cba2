//! Effects done at once, natively.

use std::collections::VecDeque;

use sluice_account::{Host, Store, block_on, run_failed};
use sluice_core::account::{Effect, EffectAnswer, RunReport};
use sluice_core::sim::SimTime;

const NO_ENGINE: &str = "This build of the command line has no data engine.";

/// Does the work, and what its answers ask for in turn, until nothing is left.
pub fn perform<S: Store>(host: &Host<S>, now: SimTime, effects: Vec<Effect>) {
    let mut waiting = VecDeque::from(effects);
    while let Some(effect) = waiting.pop_front() {
        let answer = match effect {
            Effect::Run(plan) => run_failed(&plan.run_id, NO_ENGINE.into()),
            Effect::Crawl { crawler, crawl_id, .. } => EffectAnswer::CrawlFailed {
                crawler,
                crawl_id,
                message: NO_ENGINE.into(),
            },
            // Runs end before the next call is read: there is none to stop.
            Effect::CancelRun { run_id } => EffectAnswer::JobRunStopped {
                run_id,
                report: RunReport::default(),
            },
        };
        let called = block_on(host.answer(now, &answer, Vec::new()));
        if let Err(error) = called.result {
            eprintln!("sluice: an answer of the data engine was refused: {error}");
        }
        waiting.extend(called.effects);
    }
}
