//! Effects: work that a durable call asked for, and its answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use sluice_core::account::{ApiError, Effect, EffectAnswer, JobOutput, ObjectInput, RunPlan, RunReport};
use sluice_core::gather::Gather as _;
use sluice_protocol::{EngineReply, EngineRequest, RunEnd, RunInputs};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::engine::{Cancelled, Engine};
use super::port::wall;
use super::session::Session;
use crate::store::browser::BrowserStore;
use crate::store::js::{blob_bytes, size, store_error};
use crate::store::{Store, StoreError};
use crate::{Plaintext, Sealed, run_failed};

impl Session {
    /// Starts the work; its answers are logged when they come.
    pub fn start(self: &Rc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            let session = self.clone();
            match effect {
                Effect::Run(plan) => {
                    self.engine().announce(&plan.run_id);
                    spawn_local(async move { session.run(plan).await });
                }
                Effect::Crawl { crawler, crawl_id, objects } => spawn_local(async move { session.crawl(crawler, crawl_id, objects).await }),
                Effect::CancelRun { run_id } => spawn_local(async move { session.cancel(&run_id).await }),
            }
        }
    }

    async fn cancel(self: &Rc<Self>, run_id: &str) {
        if self.engine().cancel(run_id) == Cancelled::BeforeStart {
            let answer = EffectAnswer::JobRunStopped {
                run_id: run_id.to_owned(),
                report: RunReport::default(),
            };
            self.answer(&self.engine(), answer, Vec::new()).await;
        }
    }

    async fn crawl(self: &Rc<Self>, crawler: String, crawl_id: String, objects: Vec<ObjectInput>) {
        let engine = self.engine();
        let inputs = self.inputs_of(objects.iter()).await;
        let ids = inputs.ids.clone();
        self.pin(&ids);
        let result = match self.blobs(&ids).await {
            Ok(blobs) => engine.crawl(&EngineRequest::Crawl { objects, inputs }, &blobs).await,
            Err(error) => Err(error.message),
        };
        self.unpin(&ids);
        let answer = match result {
            Ok((EngineReply::Crawled { objects }, _)) => EffectAnswer::CrawlFinished { crawler, crawl_id, objects },
            Ok(_) => EffectAnswer::CrawlFailed {
                crawler,
                crawl_id,
                message: "The data engine gave an answer that does not belong to the question.".into(),
            },
            Err(message) => EffectAnswer::CrawlFailed { crawler, crawl_id, message },
        };
        self.answer(&engine, answer, Vec::new()).await;
    }

    async fn run(self: &Rc<Self>, plan: RunPlan) {
        let run_id = plan.run_id.clone();
        let engine = self.engine();
        let inputs = self.inputs_of(plan.inputs.values().flat_map(|source| &source.objects)).await;
        let ids = inputs.ids.clone();
        self.pin(&ids);
        let answered = match self.blobs(&ids).await {
            Ok(blobs) => engine.run(&run_id, &EngineRequest::Run { plan, inputs }, &blobs).await,
            Err(error) => Some(Err(error.message)),
        };
        self.unpin(&ids);
        let (cancelled, report) = engine.forget(&run_id);
        let (answer, outputs) = match answered {
            // Its end was said when it was cancelled.
            None => return,
            Some(Ok((EngineReply::Ran { end, report, outputs, files }, blobs))) => self.ended(&run_id, end, report, outputs, &files, &blobs).await,
            Some(Ok(_)) => (
                run_failed(&run_id, "The data engine gave an answer that does not belong to the question.".into()),
                Vec::new(),
            ),
            Some(Err(_)) if cancelled => (
                EffectAnswer::JobRunStopped {
                    run_id: run_id.clone(),
                    report,
                },
                Vec::new(),
            ),
            Some(Err(message)) => (with_report(run_failed(&run_id, message), report), Vec::new()),
        };
        if let Some(error) = self.answer(&engine, answer, outputs).await {
            // Storage refused the outputs or the entry: the run must not seem to go on for ever.
            let answer = run_failed(&run_id, format!("The run's result could not be kept: {}", error.message));
            self.answer(&engine, answer, Vec::new()).await;
        }
    }

    async fn ended(
        &self,
        run_id: &str,
        end: RunEnd,
        report: RunReport,
        outputs: Vec<JobOutput>,
        files: &[Option<String>],
        blobs: &[Blob],
    ) -> (EffectAnswer, Vec<Sealed<BrowserStore>>) {
        let run_id = run_id.to_owned();
        match end {
            RunEnd::Stopped => (EffectAnswer::JobRunStopped { run_id, report }, Vec::new()),
            RunEnd::Failed(failure) => (EffectAnswer::JobRunFailed { run_id, report, failure }, Vec::new()),
            RunEnd::Succeeded => match self.take_over(&run_id, &outputs, files, blobs).await {
                Ok(staged) => (EffectAnswer::JobRunSucceeded { run_id, report, outputs }, staged),
                Err(error) => (
                    with_report(run_failed(&run_id, format!("The run's result could not be kept: {error}")), report),
                    Vec::new(),
                ),
            },
        }
    }

    /// Seals outputs as their buckets say. They are read from where the engine wrote them, a piece at a time.
    async fn take_over(&self, run_id: &str, outputs: &[JobOutput], files: &[Option<String>], blobs: &[Blob]) -> Result<Vec<Sealed<BrowserStore>>, StoreError> {
        let host = self.host();
        let mut taken = Vec::new();
        for (index, output) in outputs.iter().enumerate() {
            let sealed = match blobs.get(index) {
                Some(blob) => host.seal_output(wall(), run_id, output, &Written(blob)).await,
                None => Err(StoreError::failed("the data engine handed over an output without its bytes")),
            };
            if let Some(file) = files.get(index).and_then(Option::as_deref) {
                host.store().discard_output(file).await;
            }
            match sealed {
                Ok(sealed) => taken.push(sealed),
                Err(error) => {
                    host.abandon_outputs(taken).await;
                    return Err(error);
                }
            }
        }
        Ok(taken)
    }

    /// Logs an answer. The error is the store's or the account's refusal. What was asked of an account that has been cleared since has no answer.
    async fn answer(self: &Rc<Self>, asked: &Rc<Engine>, answer: EffectAnswer, outputs: Vec<Sealed<BrowserStore>>) -> Option<ApiError> {
        if !Rc::ptr_eq(asked, &self.engine()) {
            self.host().abandon_outputs(outputs).await;
            return None;
        }
        let called = self.host().answer(wall(), answer, outputs).await;
        self.after(called.changed, called.effects);
        called.result.err()
    }

    /// The addresses of inputs, each once, and what opens them.
    pub async fn inputs_of<'a>(&self, objects: impl Iterator<Item = &'a ObjectInput>) -> RunInputs {
        let each: BTreeMap<&str, &ObjectInput> = objects.map(|object| (object.blob.id.as_str(), object)).gather();
        RunInputs {
            secrets: self.host().secrets(each.values().copied()).await,
            ids: each.into_keys().map(str::to_owned).collect(),
        }
    }

    fn pin(&self, ids: &[String]) {
        for id in ids {
            self.host().pin(id);
        }
    }

    fn unpin(&self, ids: &[String]) {
        for id in ids {
            self.host().unpin(id);
        }
    }

    /// The bytes of inputs, in the order of their ids.
    pub async fn blobs(&self, ids: &[String]) -> Result<Vec<Blob>, StoreError> {
        let store = self.host().store();
        let mut blobs = Vec::with_capacity(ids.len());
        for id in ids {
            let blob = store.blob(id).await?;
            blobs.push(blob.ok_or_else(|| StoreError::failed(format!("An input's bytes ({id}) are missing from the store.")))?);
        }
        Ok(blobs)
    }
}

/// A file that the data engine wrote.
struct Written<'a>(&'a Blob);

const PIECE: u64 = 1 << 20;

impl Plaintext for Written<'_> {
    async fn piece(&self, offset: u64) -> Result<Vec<u8>, StoreError> {
        if offset >= size(self.0.size()) {
            return Ok(Vec::new());
        }
        let bytes = blob_bytes(self.0, offset, offset + PIECE)
            .await
            .map_err(|error| store_error("reading an output", &error))?;
        if bytes.is_empty() {
            return Err(StoreError::failed("an output ended before its length"));
        }
        Ok(bytes)
    }
}

fn with_report(answer: EffectAnswer, counted: RunReport) -> EffectAnswer {
    match answer {
        EffectAnswer::JobRunFailed { run_id, failure, .. } => EffectAnswer::JobRunFailed {
            run_id,
            failure,
            report: counted,
        },
        answer => answer,
    }
}
