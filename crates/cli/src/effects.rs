//! Effects done at once, natively, by the data engine in this process.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Instant;

use sluice_account::{DirectoryStore, Host, MemoryStore, Plaintext, Sealed, Secret, Store, StoreError, block_on, run_failed};
use sluice_core::account::{Effect, EffectAnswer, ObjectInput, RunPlan, RunReport};
use sluice_core::sim::SimTime;
use sluice_engine::{ByteSource, Clock, DirStore, FileSource, MemorySource, Open, OutputStore, Run, RunResult, Step, unsealed};
use sluice_protocol::RunEnd;

/// A store that the data engine reads from and writes to natively.
pub trait EngineStore: Store + Sized + 'static {
    /// Where a run's outputs go until its answer is logged.
    type Outputs;

    fn source(blob: &Self::Blob) -> io::Result<Rc<dyn ByteSource>>;
    fn outputs(&self, run_id: &str) -> (Self::Outputs, Box<dyn OutputStore>);
    /// The source of a finished output, by the name that the engine gave it.
    fn written(&self, outputs: &Self::Outputs, file: &str) -> io::Result<Rc<dyn ByteSource>>;
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

    fn written(&self, outputs: &Self::Outputs, file: &str) -> io::Result<Rc<dyn ByteSource>> {
        let bytes = outputs.files.borrow_mut().remove(file);
        let bytes = bytes.ok_or_else(|| io::Error::other(format!("the data engine named an output {file} and wrote none")))?;
        Ok(Rc::new(MemorySource(bytes)))
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

    fn written(&self, outputs: &Self::Outputs, file: &str) -> io::Result<Rc<dyn ByteSource>> {
        Ok(Rc::new(FileSource::open(&outputs.join(file))?))
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
                let crawled = catch_unwind(AssertUnwindSafe(|| sluice_engine::crawl(&objects, &opener(host, objects.iter()))));
                let answered = match crawled {
                    Ok(objects) => EffectAnswer::CrawlFinished { crawler, crawl_id, objects },
                    Err(_) => EffectAnswer::CrawlFailed {
                        crawler,
                        crawl_id,
                        message: PANICKED.into(),
                    },
                };
                answer(host, now, answered, Vec::new())
            }
            // Runs end before the next call is read: there is none to stop.
            Effect::CancelRun { run_id } => {
                let report = RunReport::default();
                answer(host, now, EffectAnswer::JobRunStopped { run_id, report }, Vec::new())
            }
        };
        waiting.extend(effects);
    }
}

const PANICKED: &str = "The data engine panicked; what it said is on standard error.";

fn answer<S: EngineStore>(host: &Host<S>, now: SimTime, answer: EffectAnswer, outputs: Vec<Sealed<S>>) -> Vec<Effect> {
    let called = block_on(host.answer(now, answer, outputs));
    if let Err(error) = called.result {
        eprintln!("sluice: an answer of the data engine was refused: {error}");
    }
    called.effects
}

fn opener<'a, S: EngineStore>(host: &Host<S>, objects: impl Iterator<Item = &'a ObjectInput> + Clone) -> Open {
    let store = host.store();
    let secrets = block_on(host.secrets(objects.clone()));
    let secrets: BTreeMap<String, Option<Secret>> = objects.map(|object| object.blob.id.clone()).zip(secrets).collect();
    Rc::new(move |object: &ObjectInput| {
        let id = &object.blob.id;
        let blob = block_on(store.blob(id)).map_err(io::Error::other)?;
        let missing = || io::Error::new(io::ErrorKind::NotFound, "the object's bytes are missing from the account's folder");
        let stored = S::source(&blob.ok_or_else(missing)?)?;
        unsealed(&object.blob, secrets.get(id).and_then(Option::as_ref), stored)
    })
}

/// An output that becomes an object.
struct Written(Rc<dyn ByteSource>);

impl Plaintext for Written {
    async fn piece(&self, offset: u64) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; 1 << 20];
        let count = self.0.read_at(offset, &mut bytes).map_err(|error| StoreError::failed(error.to_string()))?;
        bytes.truncate(count);
        Ok(bytes)
    }
}

fn run<S: EngineStore>(host: &Host<S>, now: SimTime, plan: RunPlan) -> Vec<Effect> {
    let run_id = plan.run_id.clone();
    let store = host.store();
    let (outputs, written) = store.outputs(&run_id);
    let open = opener(host, plan.inputs.values().flat_map(|input| &input.objects));
    let result = catch_unwind(AssertUnwindSafe(|| finish(plan, open, written)));
    let (answered, staged) = match result {
        Err(_) => (run_failed(&run_id, PANICKED.into()), Vec::new()),
        Ok(result) => ended(host, now, &run_id, result, &outputs),
    };
    let effects = answer(host, now, answered, staged);
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

fn ended<S: EngineStore>(host: &Host<S>, now: SimTime, run_id: &str, result: RunResult, written: &S::Outputs) -> (EffectAnswer, Vec<Sealed<S>>) {
    let run_id = run_id.to_owned();
    let RunResult { end, report, outputs, files } = result;
    match end {
        RunEnd::Stopped => (EffectAnswer::JobRunStopped { run_id, report }, Vec::new()),
        RunEnd::Failed(failure) => (EffectAnswer::JobRunFailed { run_id, report, failure }, Vec::new()),
        RunEnd::Succeeded => {
            let taken = outputs.iter().zip(&files).map(|(output, file)| {
                let bytes = host.store().written(written, file).map_err(|error| StoreError::failed(error.to_string()))?;
                block_on(host.seal_output(now, &run_id, output, &Written(bytes)))
            });
            match taken.collect::<Result<Vec<_>, StoreError>>() {
                Ok(sealed) => (EffectAnswer::JobRunSucceeded { run_id, report, outputs }, sealed),
                Err(error) => (run_failed(&run_id, format!("The run's result could not be kept: {error}")), Vec::new()),
            }
        }
    }
}
