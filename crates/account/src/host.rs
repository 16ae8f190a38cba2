//! The one owner of an account: applies calls in turn, and answers only what is durable.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sluice_core::account::{
    Account, ApiError, BlobRef, BodyRange, Call, Effect, EffectAnswer, JobOutput, LogEntry, NodeError, ObjectInput, Outcome, Part, Player, SourceInput,
};
use sluice_core::etl::{Graph, NodeId};
use sluice_core::gather::Gather as _;
use sluice_core::sim::SimTime;
use sluice_core::storage::s3::CustomerKeys;
use sluice_core::storage::s3::encryption::ObjectEncryption;

use crate::interrupted;
use crate::log::{Aside, Header, Record, Snapshot};
use crate::parts::Bring;
use crate::record;
use crate::replay::{self, Apply, panic_text};
use crate::sealing::{self, Body, Plaintext, Reader, Sealed, Sealing, Secret, Staging};
use crate::store::{Store, StoreError};
use crate::sync::{Guard, Mutex};

/// Microseconds until a delivery that the store did not take is tried again.
const DELIVER_AGAIN: i64 = 60_000_000;

#[derive(Clone, Debug)]
pub struct HostOptions {
    /// Another holder has the account: it is read as it stands, and calls that would change it are refused.
    pub read_only: bool,
    /// Of an account that is made by this opening; one that is there has its own.
    pub seed: u64,
    /// Begins "… while the run was going", for work that an earlier session left unanswered.
    pub interruption: &'static str,
    /// Log entries after which the account is written as a whole: an opening replays at most so many.
    pub snapshot_every: u32,
    /// Where the code of services comes from.
    pub bring: Bring,
}

impl Default for HostOptions {
    fn default() -> Self {
        HostOptions {
            read_only: false,
            seed: 0,
            interruption: "The process ended",
            snapshot_every: 256,
            bring: Bring::default(),
        }
    }
}

/// What an opening found.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenReport {
    pub position: u64,
    pub now: SimTime,
    pub set_aside: Vec<Aside>,
}

/// The answer to one call.
#[derive(Clone, Debug)]
pub struct Called {
    pub result: Result<Value, ApiError>,
    /// `s3:GetObject`: the bytes of the response's `Body`.
    pub body: Option<Body>,
    /// Work to start now: the call that asks for it is durable.
    pub effects: Vec<Effect>,
    /// Whether views of the account are stale.
    pub changed: bool,
}

impl Called {
    fn refused(error: ApiError) -> Self {
        Called {
            result: Err(error),
            body: None,
            effects: Vec::new(),
            changed: false,
        }
    }
}

pub(crate) struct State {
    pub account: Account,
    pub header: Header,
    pub log_end: u64,
    tail: u32,
    generation: u64,
    /// The account in memory is not what the log says: it is loaded again before anything else is done.
    pub stale: bool,
}

impl State {
    /// The account's clock never goes back, whatever the wall clock does.
    pub(crate) fn now(&self, wall: SimTime) -> SimTime {
        wall.plus_micros(self.account.clock_offset()).max(self.account.now())
    }
}

/// Owns an account, its log and its store. Calls are applied in the order in which they are made.
pub struct Host<S: Store> {
    pub(crate) store: Rc<S>,
    pub(crate) state: Mutex<State>,
    /// Turns for the page's documents, apart from the calls'.
    pub(crate) documents: Mutex<()>,
    /// Scenarios that were looked at, as far as they were played.
    player: RefCell<Player>,
    pub(crate) read_only: bool,
    pub(crate) options: HostOptions,
    /// Blobs that readers outside hold, with how many do. They are not collected.
    pub(crate) pinned: RefCell<BTreeMap<String, u32>>,
    /// The store did not take the last delivery of access logs.
    undelivered: Cell<bool>,
    /// Deliveries that the data engine converts, with the blobs of their rows.
    converting: RefCell<BTreeMap<u64, String>>,
}

/// The delivery of records whose rows a run converted: [`Account::delivery_conversion`] names such runs.
fn delivery_of(answer: &EffectAnswer) -> Option<u64> {
    let run_id = match answer {
        EffectAnswer::JobRunSucceeded { run_id, .. } | EffectAnswer::JobRunFailed { run_id, .. } | EffectAnswer::JobRunStopped { run_id, .. } => run_id,
        _ => return None,
    };
    run_id.strip_prefix("delivery-")?.parse().ok()
}

impl<S: Store> Host<S> {
    /// Opens what the store holds, or an empty account. Work that an earlier session left unanswered is answered as failed.
    pub async fn open(store: Rc<S>, wall: SimTime, options: HostOptions) -> Result<(Host<S>, OpenReport), StoreError> {
        Host::open_with(store, wall, options, &|account, now, call| account.apply(now, call)).await
    }

    pub(crate) async fn open_with(store: Rc<S>, wall: SimTime, options: HostOptions, apply: Apply<'_>) -> Result<(Host<S>, OpenReport), StoreError> {
        let loaded = replay::load(store.as_ref(), &Header::new(options.seed), options.read_only, &options.bring, apply).await?;
        let host = Host {
            store,
            state: Mutex::new(State {
                account: loaded.account,
                header: loaded.header,
                log_end: loaded.log_end,
                tail: loaded.tail,
                generation: loaded.generation,
                stale: false,
            }),
            documents: Mutex::new(()),
            player: RefCell::default(),
            read_only: options.read_only,
            options,
            pinned: RefCell::default(),
            undelivered: Cell::new(false),
            converting: RefCell::default(),
        };
        if !host.read_only {
            host.fail_interrupted(wall).await;
            // What can't be swept now takes room and nothing else.
            let _ = host.store.sweep().await;
            let _ = host.collect().await;
        }
        let state = host.state.lock().await;
        let report = OpenReport {
            position: state.account.position(),
            now: state.now(wall),
            set_aside: loaded.aside,
        };
        drop(state);
        Ok((host, report))
    }

    pub fn store(&self) -> Rc<S> {
        self.store.clone()
    }

    pub fn read_only(&self) -> bool {
        self.read_only
    }

    /// Applies a call as page, script and command line make it: a `Body` is base64, and never part of the log; nor is a key of the caller's. The response's `Body` is left to the
    /// caller (see [`Host::fill_body`]).
    pub async fn call(&self, wall: SimTime, mut call: Call) -> Called {
        if call.service == "effect" {
            return Called::refused(ApiError::new("AccessDenied", "The answers of the data engine are not for callers to give."));
        }
        if call.params.get("SluiceBlob").is_some() {
            return Called::refused(ApiError::new(
                "ParamValidation",
                "Parameter validation failed: Unknown parameter in input: \"SluiceBlob\"",
            ));
        }
        if (call.service.as_str(), call.operation.as_str()) == ("sluice", "PlayScenario") {
            return self.play(&call).await;
        }
        let keys = CustomerKeys::take(&mut call);
        if composes(&call) {
            return self.compose(wall, call, &keys).await;
        }
        if !takes_body(&call) {
            let mut state = self.state.lock().await;
            return self.apply(&mut state, wall, call, &keys).await;
        }
        if let Some(refusal) = self.refusal() {
            return Called::refused(refusal);
        }
        let body = match take_body(&mut call) {
            Ok(body) => body,
            Err(error) => return Called::refused(error),
        };
        let sealed = match self.sealing(wall, &call, &keys).await {
            Ok(sealing) => Staging::all(self.store.as_ref(), sealing, &[body]).await,
            Err(error) => Err(error),
        };
        match sealed {
            Ok(sealed) => self.place(wall, call, &keys, sealed).await,
            Err(error) => Called::refused(error.to_api_error()),
        }
    }

    /// Applies a call that needs bytes of the store as a blob of its own: a completed upload, a copied range, a copy under another key.
    ///
    /// The bytes are joined while other calls go on. Should one of them change what is to be joined, it is done once more.
    async fn compose(&self, wall: SimTime, call: Call, keys: &CustomerKeys) -> Called {
        if let Some(refusal) = self.refusal() {
            return Called::refused(refusal);
        }
        loop {
            let mut state = self.state.lock().await;
            if let Err(error) = self.recover(&mut state).await {
                return Called::refused(error.to_api_error());
            }
            if let Err(error) = self.options.bring.to(&mut state.account, Part::of(&call)).await {
                return Called::refused(error.to_api_error());
            }
            let Some(ranges) = state.account.composition(state.now(wall), &call) else {
                return self.apply(&mut state, wall, call, keys).await;
            };
            // Parts under a caller's key are not joined, so it is a copy's source that may be under one.
            let bodies = ranges.iter().map(|range| Body::new(&state.account, range.clone(), keys.source.as_ref()));
            let bodies: Vec<Body> = bodies.collect();
            let sealing = self.sealing_now(&state, wall, &call, keys);
            drop(state);
            let parts: Vec<Reader<'_, S>> = bodies.iter().map(|body| Reader::new(self.store.as_ref(), body)).collect();
            let sealed = Staging::all(self.store.as_ref(), sealing, &parts).await;
            let state = self.state.lock().await;
            let changed = state.account.composition(state.now(wall), &call).as_ref() != Some(&ranges);
            drop(state);
            match sealed {
                Ok(sealed) if changed => self.store.abandon(sealed.staged).await,
                Ok(sealed) => return self.place(wall, call, keys, sealed).await,
                Err(_) if changed => {}
                Err(error) => return Called::refused(error.to_api_error()),
            }
        }
    }

    /// What the bytes of a call are sealed with. A call that will be refused has its bytes sealed as S3 seals what nobody said anything of.
    fn sealing_now(&self, state: &State, wall: SimTime, call: &Call, keys: &CustomerKeys) -> Sealing {
        let encryption = state.account.encryption_for(state.now(wall), call).unwrap_or_default();
        let checked = call.params.get("ChecksumSHA256").is_some();
        Sealing::new(&state.account, &encryption, keys.key.as_ref(), checked)
    }

    async fn sealing(&self, wall: SimTime, call: &Call, keys: &CustomerKeys) -> Result<Sealing, StoreError> {
        let mut state = self.state.lock().await;
        self.recover(&mut state).await?;
        Ok(self.sealing_now(&state, wall, call, keys))
    }

    /// Begins the body of a call, to be written in pieces; others may be written at the same time. `keys`: what was taken out of the call ([`CustomerKeys::take`]).
    pub async fn stage(&self, wall: SimTime, call: &Call, keys: &CustomerKeys) -> Result<Staging<S>, StoreError> {
        let sealing = self.sealing(wall, call, keys).await?;
        Staging::begin(self.store.as_ref(), sealing).await
    }

    pub async fn write(&self, staging: &mut Staging<S>, bytes: &[u8]) -> Result<(), StoreError> {
        staging.write(self.store.as_ref(), bytes).await
    }

    pub async fn abandon(&self, staging: Staging<S>) {
        staging.abandon(self.store.as_ref()).await;
    }

    /// Applies a call whose body was staged. The bytes are durable before the log names them.
    pub async fn put(&self, wall: SimTime, call: Call, keys: &CustomerKeys, staging: Staging<S>) -> Called {
        match staging.finish(self.store.as_ref()).await {
            Ok(sealed) => self.place(wall, call, keys, sealed).await,
            Err(error) => Called::refused(error.to_api_error()),
        }
    }

    /// Names the bytes and applies their call. Where the bucket's rule, or the key, changed while they came, they are sealed anew first.
    async fn place(&self, wall: SimTime, mut call: Call, keys: &CustomerKeys, mut sealed: Sealed<S>) -> Called {
        if let Some(refusal) = self.refusal() {
            self.store.abandon(sealed.staged).await;
            return Called::refused(refusal);
        }
        if !call.params.is_object() {
            self.store.abandon(sealed.staged).await;
            return Called::refused(params_not_an_object());
        }
        loop {
            let mut state = self.state.lock().await;
            if let Err(error) = self.recover(&mut state).await {
                return Called::refused(error.to_api_error());
            }
            let Sealed { staged, blob } = sealed;
            if let Err(error) = self.store.commit(staged, &blob.id).await {
                return Called::refused(error.to_api_error());
            }
            let planned = state.account.encryption_for(state.now(wall), &call);
            if planned.as_ref().is_ok_and(|encryption| !blob.rests_under(encryption)) {
                let sealing = self.sealing_now(&state, wall, &call, keys);
                match self.seal_anew(state, blob, keys.key.as_ref(), sealing).await {
                    Ok(again) => sealed = again,
                    Err(error) => return Called::refused(error.to_api_error()),
                }
                continue;
            }
            match serde_json::to_value(&blob) {
                Ok(value) => call.params["SluiceBlob"] = value,
                Err(error) => return Called::refused(ApiError::new("InternalError", error.to_string())),
            }
            return self.apply(&mut state, wall, call, keys).await;
        }
    }

    /// Seals bytes anew that are in the store, and that nothing names yet.
    async fn seal_anew(&self, state: Guard<'_, State>, blob: BlobRef, customer: Option<&Secret>, sealing: Sealing) -> Result<Sealed<S>, StoreError> {
        let range = BodyRange {
            offset: 0,
            length: blob.size,
            blob,
        };
        let body = Body::new(&state.account, range, customer);
        self.pin(&body.range.blob.id);
        drop(state);
        let sealed = Staging::all(self.store.as_ref(), sealing, &[Reader::new(self.store.as_ref(), &body)]).await;
        self.unpin(&body.range.blob.id);
        sealed
    }

    /// Seals an output of a run, which becomes an object with the run's answer.
    pub async fn seal_output<P: Plaintext>(&self, wall: SimTime, run_id: &str, output: &JobOutput, bytes: &P) -> Result<Sealed<S>, StoreError> {
        let mut state = self.state.lock().await;
        self.recover(&mut state).await?;
        let sealing = self.sealing_of_output(&state, wall, run_id, output);
        drop(state);
        let sealed = Staging::all(self.store.as_ref(), sealing, std::slice::from_ref(bytes)).await?;
        if sealed.blob.size == output.blob.size && sealed.blob.md5 == output.blob.md5 {
            return Ok(sealed);
        }
        self.store.abandon(sealed.staged).await;
        Err(StoreError::damaged(format!("the output {} is not what the data engine wrote", output.key)))
    }

    fn sealing_of_output(&self, state: &State, wall: SimTime, run_id: &str, output: &JobOutput) -> Sealing {
        let encryption = state
            .account
            .encryption_of_output(state.now(wall), run_id, &output.bucket, &output.key)
            .unwrap_or_default();
        Sealing::new(&state.account, &encryption, None, false)
    }

    /// Lets go of outputs whose answer is not given.
    pub async fn abandon_outputs(&self, outputs: Vec<Sealed<S>>) {
        for sealed in outputs {
            self.store.abandon(sealed.staged).await;
        }
    }

    /// Applies the answer to an effect. `sealed`: the outputs of a run that succeeded, in the order of the answer's; they become blobs first, all of them or the answer isn't given.
    pub async fn answer(&self, wall: SimTime, mut answer: EffectAnswer, sealed: Vec<Sealed<S>>) -> Called {
        if let Some(number) = delivery_of(&answer) {
            return self.converted(wall, number, &answer, sealed).await;
        }
        let mut blobs = Vec::with_capacity(sealed.len());
        for Sealed { staged, blob } in sealed {
            self.pin(&blob.id);
            let committed = self.store.commit(staged, &blob.id).await;
            blobs.push(blob);
            if let Err(error) = committed {
                blobs.iter().for_each(|blob| self.unpin(&blob.id));
                return Called::refused(error.to_api_error());
            }
        }
        let pinned = blobs.clone();
        let called = self.answer_with(wall, &mut answer, blobs).await;
        pinned.iter().for_each(|blob| self.unpin(&blob.id));
        called
    }

    async fn answer_with(&self, wall: SimTime, answer: &mut EffectAnswer, mut blobs: Vec<BlobRef>) -> Called {
        'again: loop {
            let mut state = self.state.lock().await;
            if let Err(error) = self.recover(&mut state).await {
                return Called::refused(error.to_api_error());
            }
            if let EffectAnswer::JobRunSucceeded { run_id, outputs, .. } = &mut *answer {
                if outputs.len() != blobs.len() {
                    return Called::refused(ApiError::new("InternalError", "A run's outputs and their bytes are not the same number."));
                }
                for (output, blob) in outputs.iter_mut().zip(&mut blobs) {
                    let planned = state.account.encryption_of_output(state.now(wall), run_id, &output.bucket, &output.key);
                    if planned.is_ok_and(|encryption| !blob.rests_under(&encryption)) {
                        let sealing = self.sealing_of_output(&state, wall, run_id, output);
                        let sealed = match self.seal_anew(state, blob.clone(), None, sealing).await {
                            Ok(sealed) => sealed,
                            Err(error) => return Called::refused(error.to_api_error()),
                        };
                        if let Err(error) = self.store.commit(sealed.staged, &sealed.blob.id).await {
                            return Called::refused(error.to_api_error());
                        }
                        *blob = sealed.blob;
                        continue 'again;
                    }
                    output.blob = blob.clone();
                }
            }
            return self.apply(&mut state, wall, answer.to_call(), &CustomerKeys::default()).await;
        }
    }

    /// Why this host changes nothing, if it doesn't.
    pub(crate) fn refusal(&self) -> Option<ApiError> {
        self.read_only.then(|| {
            ApiError::new(
                "SluiceReadOnly",
                "This account is open in another tab of this browser, which owns it; here it can only be looked at.",
            )
            .with_help("Close the other tab and reload this one.")
        })
    }

    /// Answers `sluice:PlayScenario`, which sees nothing of the account and is played beside it.
    async fn play(&self, call: &Call) -> Called {
        let mut state = self.state.lock().await;
        if let Err(error) = self.recover(&mut state).await {
            return Called::refused(error.to_api_error());
        }
        let mut parts = Player::parts(&call.params);
        parts.extend(Part::of(call));
        if let Err(error) = self.options.bring.to(&mut state.account, &parts).await {
            return Called::refused(error.to_api_error());
        }
        let mut player = std::mem::take(&mut *self.player.borrow_mut());
        let played = catch_unwind(AssertUnwindSafe(|| {
            let answer = state.account.play_scenario(&mut player, &call.params);
            (player, answer)
        }));
        match played {
            Ok((player, answer)) => {
                *self.player.borrow_mut() = player;
                Called {
                    result: answer,
                    body: None,
                    effects: Vec::new(),
                    changed: false,
                }
            }
            Err(panic) => {
                let message = format!("The scenario panicked: {}", panic_text(panic.as_ref()));
                Called::refused(ApiError::new("InternalError", message).with_help("This is a fault of Sluice. The account was not touched."))
            }
        }
    }

    /// `keys`: what the request brought for the bytes that it reads.
    async fn apply(&self, state: &mut State, wall: SimTime, call: Call, keys: &CustomerKeys) -> Called {
        if let Err(error) = self.recover(state).await {
            return Called::refused(error.to_api_error());
        }
        if let Err(error) = self.options.bring.to(&mut state.account, Part::of(&call)).await {
            return Called::refused(error.to_api_error());
        }
        let now = state.now(wall);
        // Reading an object is an access, which is logged and counted; who only looks reads it all the same.
        let reads = self.read_only || Account::is_read(&call);
        if let Some(refusal) = self.refusal()
            && !Account::can_look(&call)
        {
            return Called::refused(refusal);
        }
        let before = state.account.position();
        let result = match catch_unwind(AssertUnwindSafe(|| match self.read_only {
            true => state.account.look(now, &call),
            false => state.account.apply(now, &call),
        })) {
            Ok(result) => result,
            Err(panic) => {
                state.stale = true;
                let message = format!("{}:{} panicked: {}", call.service, call.operation, panic_text(panic.as_ref()));
                return Called::refused(ApiError::new("InternalError", message).with_help("This is a fault of Sluice. Nothing of this call was kept."));
            }
        };
        // A refused call is logged where the account put it into its trail.
        let opened = |account: &Account, body: Option<BodyRange>| body.map(|range| Body::new(account, range, keys.key.as_ref()));
        let logged = !reads && (result.is_ok() || state.account.position() != before);
        if logged {
            let look = Account::can_look(&call).then(|| call.clone());
            let entry = LogEntry {
                position: before,
                at: now,
                call,
            };
            if let Err(error) = self.append(state, entry, result.as_ref().err()).await {
                // A store that is full still gives its objects; such a read is not counted.
                if let Some(call) = look
                    && self.recover(state).await.is_ok()
                    && let Ok(Outcome { response, body, .. }) = state.account.look(now, &call)
                {
                    return Called {
                        result: Ok(response),
                        body: opened(&state.account, body),
                        effects: Vec::new(),
                        changed: false,
                    };
                }
                return Called::refused(error.to_api_error());
            }
        }
        match result {
            Ok(Outcome { response, body, effects }) => Called {
                result: Ok(response),
                body: opened(&state.account, body),
                effects,
                changed: logged,
            },
            Err(error) => Called {
                changed: logged,
                ..Called::refused(error)
            },
        }
    }

    async fn append(&self, state: &mut State, entry: LogEntry, error: Option<&ApiError>) -> Result<(), StoreError> {
        let record = Record::new(entry, error);
        let bytes = match self.encode(state, &record) {
            Ok(bytes) => bytes,
            Err(error) => {
                state.stale = true;
                return Err(error);
            }
        };
        if let Err(error) = self.store.log_append(&bytes).await {
            state.stale = true;
            // A store that is full answers again once the cut-off bytes are gone; if not, the next call tries.
            let _ = self.recover(state).await;
            return Err(error);
        }
        state.log_end += bytes.len() as u64;
        state.tail = state.tail.saturating_add(1);
        if state.tail >= self.options.snapshot_every {
            state.tail = 0;
            // A snapshot only shortens the next opening: without it the log still says all.
            let _ = self.write_snapshot(state).await;
        }
        Ok(())
    }

    fn encode(&self, state: &State, record: &Record) -> Result<Vec<u8>, StoreError> {
        let json = |error: serde_json::Error| StoreError::failed(format!("the log entry could not be written as JSON: {error}"));
        let mut bytes = Vec::new();
        if state.log_end == 0 {
            bytes = record::frame(&serde_json::to_vec(&state.header).map_err(json)?);
        }
        bytes.extend(record::frame(&serde_json::to_vec(record).map_err(json)?));
        Ok(bytes)
    }

    async fn write_snapshot(&self, state: &mut State) -> Result<(), StoreError> {
        state.generation += 1;
        let snapshot = Snapshot {
            sluice_snapshot: 1,
            generation: state.generation,
            log: state.log_end,
            header: state.header.clone(),
            account: state.account.snapshot(),
        };
        snapshot.write(self.store.as_ref()).await
    }

    /// Brings the account in memory back to what the log says.
    pub(crate) async fn recover(&self, state: &mut State) -> Result<(), StoreError> {
        if !state.stale {
            return Ok(());
        }
        if !self.read_only {
            self.store.log_truncate(state.log_end).await?;
        }
        let loaded = replay::load(
            self.store.as_ref(),
            &state.header,
            self.read_only,
            &self.options.bring,
            &|account, now, call| account.apply(now, call),
        )
        .await?;
        *state = State {
            account: loaded.account,
            header: loaded.header,
            log_end: loaded.log_end,
            tail: loaded.tail,
            generation: loaded.generation,
            stale: false,
        };
        Ok(())
    }

    /// Does what is due by now. The second value is whether anything was.
    pub async fn poll(&self, wall: SimTime) -> (Vec<Effect>, bool) {
        let mut state = self.state.lock().await;
        if self.recover(&mut state).await.is_err() {
            return (Vec::new(), false);
        }
        let now = state.now(wall);
        let mut effects = Vec::new();
        let mut any = state.account.poll_at().is_some_and(|due| due <= now);
        if any {
            match catch_unwind(AssertUnwindSafe(|| state.account.poll(now))) {
                Ok(asked) => effects = asked,
                Err(_) => {
                    state.stale = true;
                    return (effects, true);
                }
            }
        }
        drop(state);
        if self.read_only {
            return (effects, any);
        }
        loop {
            match self.deliver_log(wall).await {
                Ok(false) => break,
                Ok(true) => any = true,
                Err(_) => {
                    self.undelivered.set(true);
                    return (effects, any);
                }
            }
        }
        loop {
            match self.deliver_records(wall, &mut effects).await {
                Ok(false) => break,
                Ok(true) => any = true,
                Err(_) => {
                    self.undelivered.set(true);
                    return (effects, any);
                }
            }
        }
        self.undelivered.set(false);
        (effects, any)
    }

    /// Stores the text of the delivery of access logs that has waited longest, and tells the account. False: there is none.
    async fn deliver_log(&self, wall: SimTime) -> Result<bool, ApiError> {
        let state = self.state.lock().await;
        let Some(delivery) = state.account.next_log_delivery() else {
            return Ok(false);
        };
        let (number, text) = (delivery.number, delivery.text.clone().into_bytes());
        let sealing = Sealing::new(&state.account, &ObjectEncryption::default(), None, false);
        drop(state);
        let store = self.store.as_ref();
        let Sealed { staged, blob } = Staging::all(store, sealing, &[text]).await.map_err(|error| error.to_api_error())?;
        let mut state = self.state.lock().await;
        // Another poll may have been quicker.
        if state.account.next_log_delivery().is_none_or(|delivery| delivery.number != number) {
            store.abandon(staged).await;
            return Ok(true);
        }
        store.commit(staged, &blob.id).await.map_err(|error| error.to_api_error())?;
        let call = Call::new("effect", "LogDelivered", json!({"number": number, "blob": blob}));
        self.apply(&mut state, wall, call, &CustomerKeys::default()).await.result.map(|_| true)
    }

    /// Renders and stores the object of a delivery stream's closed buffer that has waited longest, and tells the account. One that is converted is given to the data
    /// engine: its rows are stored, and the run is among the effects. False: there is none.
    async fn deliver_records(&self, wall: SimTime, effects: &mut Vec<Effect>) -> Result<bool, ApiError> {
        let state = self.state.lock().await;
        let under_way = self.under_way();
        let Some((number, encryption)) = state.account.next_record_delivery_beside(state.now(wall), &under_way) else {
            return Ok(false);
        };
        let Some(body) = state.account.rendered_delivery(number) else {
            return Ok(false);
        };
        let converted = state.account.delivery_conversion(number, &BlobRef::empty()).is_some();
        let encryption = if converted { ObjectEncryption::default() } else { encryption };
        let sealing = Sealing::new(&state.account, &encryption, None, false);
        drop(state);
        let store = self.store.as_ref();
        let Sealed { staged, blob } = Staging::all(store, sealing, &[body]).await.map_err(|error| error.to_api_error())?;
        let mut state = self.state.lock().await;
        // Another poll may have been quicker.
        let waits = state.account.firehose().delivery(number).is_some() && !self.converting.borrow().contains_key(&number);
        if !waits {
            store.abandon(staged).await;
            return Ok(true);
        }
        if converted {
            self.pin(&blob.id);
        }
        if let Err(error) = store.commit(staged, &blob.id).await {
            if converted {
                self.unpin(&blob.id);
            }
            return Err(error.to_api_error());
        }
        if let Some(plan) = state.account.delivery_conversion(number, &blob) {
            self.converting.borrow_mut().insert(number, blob.id);
            effects.push(Effect::Run(plan));
            return Ok(true);
        }
        let call = Call::new("effect", "RecordsDelivered", json!({"number": number, "blob": blob}));
        self.apply(&mut state, wall, call, &CustomerKeys::default()).await.result.map(|_| true)
    }

    /// Deliveries that the data engine converts.
    fn under_way(&self) -> BTreeSet<u64> {
        self.converting.borrow().keys().copied().gather()
    }

    /// The data engine is done with the rows of a delivery: its file becomes the delivery's object. What failed is begun anew at a later poll.
    async fn converted(&self, wall: SimTime, number: u64, answer: &EffectAnswer, mut sealed: Vec<Sealed<S>>) -> Called {
        let file = sealed.pop();
        self.abandon_outputs(sealed).await;
        let called = match (answer, file) {
            (EffectAnswer::JobRunSucceeded { .. }, Some(file)) => self.store_converted(wall, number, file).await,
            (EffectAnswer::JobRunFailed { failure, .. }, _) => Called::refused(ApiError::new("InternalError", failure.error.message.clone())),
            _ => Called::refused(ApiError::new("InternalError", "The data engine made no file of a delivery's rows.")),
        };
        if called.result.is_err() {
            self.undelivered.set(true);
        }
        let rows = self.converting.borrow_mut().remove(&number);
        if let Some(rows) = rows {
            self.unpin(&rows);
        }
        called
    }

    async fn store_converted(&self, wall: SimTime, number: u64, file: Sealed<S>) -> Called {
        let Sealed { staged, mut blob } = file;
        if let Err(error) = self.store.commit(staged, &blob.id).await {
            return Called::refused(error.to_api_error());
        }
        loop {
            let mut state = self.state.lock().await;
            if let Err(error) = self.recover(&mut state).await {
                return Called::refused(error.to_api_error());
            }
            let others: BTreeSet<u64> = self.converting.borrow().keys().copied().filter(|other| *other != number).gather();
            let planned = state.account.next_record_delivery_beside(state.now(wall), &others);
            let planned = planned.filter(|(next, _)| *next == number).map(|(_, encryption)| encryption);
            let Some(encryption) = planned.filter(|encryption| !blob.rests_under(encryption)) else {
                let call = Call::new("effect", "RecordsDelivered", json!({"number": number, "blob": blob}));
                return self.apply(&mut state, wall, call, &CustomerKeys::default()).await;
            };
            let sealing = Sealing::new(&state.account, &encryption, None, false);
            let again = match self.seal_anew(state, blob, None, sealing).await {
                Ok(again) => again,
                Err(error) => return Called::refused(error.to_api_error()),
            };
            if let Err(error) = self.store.commit(again.staged, &again.blob.id).await {
                return Called::refused(error.to_api_error());
            }
            blob = again.blob;
        }
    }

    /// Microseconds of the wall clock until [`Host::poll`] has something to do.
    pub async fn poll_in(&self, wall: SimTime) -> Option<i64> {
        let state = self.state.lock().await;
        let due = state.account.poll_at().map(|due| due.micros().saturating_sub(state.now(wall).micros()).max(0));
        let waits = state.account.next_log_delivery().is_some() || state.account.firehose().next_delivery(&self.under_way()).is_some();
        let delivery = (!self.read_only && waits).then(|| if self.undelivered.get() { DELIVER_AGAIN } else { 0 });
        due.into_iter().chain(delivery).min()
    }

    /// The log position and the account's clock.
    pub async fn at(&self, wall: SimTime) -> (u64, SimTime) {
        let state = self.state.lock().await;
        (state.account.position(), state.now(wall))
    }

    /// What every source node of the graph reads.
    pub async fn inputs(&self, graph: &Graph) -> Result<BTreeMap<NodeId, SourceInput>, Vec<NodeError>> {
        let mut state = self.state.lock().await;
        match self.options.bring.to(&mut state.account, &[Part::Glue]).await {
            Ok(()) => state.account.inputs(graph),
            Err(error) => Err(vec![NodeError {
                node: None,
                field: None,
                message: error.message,
            }]),
        }
    }

    /// The data keys of objects, for a reader outside; `None` for one whose bytes rest as they are, or are under a caller's key.
    pub async fn secrets<'a>(&self, objects: impl Iterator<Item = &'a ObjectInput>) -> Vec<Option<Secret>> {
        let state = self.state.lock().await;
        objects.map(|object| sealing::secret(&state.account, &object.blob, None)).collect()
    }

    /// An object's bytes, to be read piece by piece with [`Host::piece`].
    pub async fn body_of(&self, object: &ObjectInput) -> Body {
        Body::of(&self.state.lock().await.account, object)
    }

    /// Plaintext from `offset` of the body on: at most 1 MiB, none at its end.
    pub async fn piece(&self, body: &Body, offset: u64) -> Result<Vec<u8>, StoreError> {
        Reader::new(self.store.as_ref(), body).piece(offset).await
    }

    /// The object, if the account's owner may read its bytes: what a GetObject would be refused for, a look at the rows is too. It is not counted as an access.
    pub async fn readable(&self, wall: SimTime, bucket: &str, key: &str) -> Result<ObjectInput, ApiError> {
        let mut state = self.state.lock().await;
        let now = state.now(wall);
        let read = Call::new("s3", "GetObject", json!({ "Bucket": bucket, "Key": key }));
        state.account.look(now, &read)?;
        let object = state.account.object(bucket, key);
        object.ok_or_else(|| ApiError::new("NoSuchKey", "The specified key does not exist."))
    }

    /// Puts the bytes of `s3:GetObject` into the response's `Body`, as base64.
    pub async fn fill_body(&self, called: &mut Called) {
        let Some(body) = called.body.take() else { return };
        match self.bytes(&body).await {
            Ok(bytes) => {
                if let Ok(Value::Object(response)) = &mut called.result {
                    response.insert("Body".into(), Value::String(BASE64.encode(bytes)));
                }
            }
            Err(error) => called.result = Err(error.to_api_error()),
        }
    }

    /// All plaintext of a body.
    pub async fn bytes(&self, body: &Body) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        loop {
            let piece = self.piece(body, bytes.len() as u64).await?;
            if piece.is_empty() {
                return Ok(bytes);
            }
            bytes.extend(piece);
        }
    }

    /// Answers the work that an earlier session began and didn't end. Where the store refuses, the next opening tries again.
    async fn fail_interrupted(&self, wall: SimTime) {
        let mut state = self.state.lock().await;
        let pending = state.account.pending_effects();
        for answer in interrupted::answers(&pending, self.options.interruption) {
            // A refusal is the account's word that nobody waits for the answer.
            self.apply(&mut state, wall, answer.to_call(), &CustomerKeys::default()).await;
        }
    }
}

fn takes_body(call: &Call) -> bool {
    call.service == "s3" && matches!(call.operation.as_str(), "PutObject" | "UploadPart")
}

fn composes(call: &Call) -> bool {
    call.service == "s3" && matches!(call.operation.as_str(), "CompleteMultipartUpload" | "UploadPartCopy" | "CopyObject")
}

fn params_not_an_object() -> ApiError {
    ApiError::new("ParamValidation", "Parameter validation failed: the parameters must be a JSON object")
}

/// Takes `Body` out of the parameters and decodes it; absent, the body is empty.
fn take_body(call: &mut Call) -> Result<Vec<u8>, ApiError> {
    let params = call.params.as_object_mut().ok_or_else(params_not_an_object)?;
    match params.remove("Body") {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => BASE64
            .decode(text.as_bytes())
            .map_err(|error| ApiError::new("ParamValidation", format!("Parameter validation failed: Body is not base64: {error}"))),
        Some(_) => Err(ApiError::new(
            "ParamValidation",
            "Parameter validation failed: Invalid type for parameter Body, it must be a string of base64",
        )),
    }
}
