//! Effects done at once, natively, by the data engine in this process.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Instant;

use sluice_account::{DirectoryStore, Host, MemoryStore, Store, StoreError, block_on, run_failed};
use sluice_core::account::{Effect, EffectAnswer, ObjectInput, RunPlan, RunReport};
use sluice_core::sim::SimTime;
use sluice_engine::{ByteSource, Clock, DirStore, FileSource, MemorySource, Open, OutputStore, Run, RunResult, Step};
use sluice_protocol::RunEnd;

/// A store that the data engine reads from and writes to natively.
pub trait EngineStore: Store + Sized + 'static {
    /// Where a run's outputs go until its answer is logged.
    type Outputs;

    fn source(blob: &Self::Blob) -> io::Result<Rc<dyn ByteSource>>;
    fn outputs(&self, run_id: &str) -> (Self::Outputs, Box<dyn OutputStore>);
    /// A finished output, by the name that the engine gave it.
    fn take(&self, outputs: &Self::Outputs, file: &str) -> Result<Self::Staged, StoreError>;
    /// The run is over: what it left goes.
    fn discard(&self, outputs: Self::Outputs);
}

impl EngineStore for MemoryStore {
    type Outputs = sluice_engine::MemoryStore;

    fn source(blob: &Rc<[u8]>) -> io::Result<Rc<dyn ByteSource>> {
        Ok(Rc::new(MemorySource(blob.to_vec())))
    }

    fn outputs(&self, _run_id: &str) -> (Self::Outputs, Box<dyn OutputStore>) {
        let outputs = sluice_engine::MemoryStore::default();
        (outputs.clone(), Box::new(outputs))
    }

    fn take(&self, outputs: &Self::Outputs, file: &str) -> Result<Vec<u8>, StoreError> {
        let bytes = outputs.files.borrow_mut().remove(file);
        bytes.ok_or_else(|| StoreError::failed(format!("the data engine named an output {file} and wrote none")))
    }

    fn discard(&self, _outputs: Self::Outputs) {}
}

impl EngineStore for DirectoryStore {
    type Outputs = std::path::PathBuf;

    fn source(blob: &std::path::PathBuf) -> io::Result<Rc<dyn ByteSource>> {
        Ok(Rc::new(FileSource::open(blob)?))
    }

    fn outputs(&self, run_id: &str) -> (Self::Outputs, Box<dyn OutputStore>) {
        let folder = self.scratch(run_id);
        (folder.clone(), Box::new(DirStore { folder }))
    }

    fn take(&self, outputs: &Self::Outputs, file: &str) -> Result<Self::Staged, StoreError> {
        self.adopt(&outputs.join(file))
    }

    fn discard(&self, outputs: Self::Outputs) {
        // A run without outputs made no folder; what can't go now goes at the next opening.
        let _ = std::fs::remove_dir_all(outputs);
    }
}

/// Does the work, and what its answers ask for in turn, until nothing is left.
pub fn perform<S: EngineStore>(host: &Host<S>, now: SimTime, effects: Vec<Effect>) {
    let mut waiting = VecDeque::from(effects);
    while let Some(effect) = waiting.pop_front() {
        let effects = match effect {
            Effect::Run(plan) => run(host, now, plan),
            Effect::Crawl { crawler, crawl_id, objects } => {
                let crawled = catch_unwind(AssertUnwindSafe(|| sluice_engine::crawl(&objects, &opener(host))));
                let answered = match crawled {
                    Ok(objects) => EffectAnswer::CrawlFinished { crawler, crawl_id, objects },
                    Err(_) => EffectAnswer::CrawlFailed {
                        crawler,
                        crawl_id,
                        message: PANICKED.into(),
                    },
                };
                answer(host, now, &answered, Vec::new())
            }
            // Runs end before the next call is read: there is none to stop.
            Effect::CancelRun { run_id } => {
                let report = RunReport::default();
                answer(host, now, &EffectAnswer::JobRunStopped { run_id, report }, Vec::new())
            }
        };
        waiting.extend(effects);
    }
}

const PANICKED: &str = "The data engine panicked; what it said is on standard error.";

fn answer<S: EngineStore>(host: &Host<S>, now: SimTime, answer: &EffectAnswer, outputs: Vec<(S::Staged, String)>) -> Vec<Effect> {
    let called = block_on(host.answer(now, answer, outputs));
    if let Err(error) = called.result {
        eprintln!("sluice: an answer of the data engine was refused: {error}");
    }
    called.effects
}

fn opener<S: EngineStore>(host: &Host<S>) -> Open {
    let store = host.store();
    Rc::new(move |object: &ObjectInput| {
        let blob = block_on(store.blob(&object.blob.id)).map_err(io::Error::other)?;
        let missing = || io::Error::new(io::ErrorKind::NotFound, "the object's bytes are missing from the account's folder");
        S::source(&blob.ok_or_else(missing)?)
    })
}

fn run<S: EngineStore>(host: &Host<S>, now: SimTime, plan: RunPlan) -> Vec<Effect> {
    let run_id = plan.run_id.clone();
    let store = host.store();
    let (outputs, written) = store.outputs(&run_id);
    let result = catch_unwind(AssertUnwindSafe(|| finish(plan, opener(host), written)));
    let (answered, staged) = match result {
        Err(_) => (run_failed(&run_id, PANICKED.into()), Vec::new()),
        Ok(result) => ended(store.as_ref(), &run_id, result, &outputs),
    };
    let effects = answer(host, now, &answered, staged);
    store.discard(outputs);
    effects
}

fn finish(plan: RunPlan, open: Open, written: Box<dyn OutputStore>) -> RunResult {
    let started = Instant::now();
    let clock: Clock = Rc::new(move || started.elapsed().as_secs_f64() * 1_000.0);
    let mut run = Run::new(plan, open, written, clock);
    loop {
        if let Step::Done(result) = run.step(&mut || true) {
            return *result;
        }
    }
}

fn ended<S: EngineStore>(store: &S, run_id: &str, result: RunResult, written: &S::Outputs) -> (EffectAnswer, Vec<(S::Staged, String)>) {
    let run_id = run_id.to_owned();
    let RunResult { end, report, outputs, files } = result;
    match end {
        RunEnd::Stopped => (EffectAnswer::JobRunStopped { run_id, report }, Vec::new()),
        RunEnd::Failed(failure) => (EffectAnswer::JobRunFailed { run_id, report, failure }, Vec::new()),
        RunEnd::Succeeded => {
            let taken = outputs
                .iter()
                .zip(&files)
                .map(|(output, file)| Ok((store.take(written, file)?, output.blob.id.clone())));
            match taken.collect::<Result<Vec<_>, StoreError>>() {
                Ok(staged) => (EffectAnswer::JobRunSucceeded { run_id, report, outputs }, staged),
                Err(error) => (run_failed(&run_id, format!("The run's result could not be kept: {error}")), Vec::new()),
            }
        }
    }
}
