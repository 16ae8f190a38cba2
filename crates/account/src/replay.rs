//! Opening an account: the last good snapshot, and the tail of the log after it.
//!
//! An account never becomes unopenable. A record that can't be read, panics, or answers otherwise than it did is set aside with its reason. Where a panic
//! ends the whole program (wasm), a note in the store says how far the last attempt came: after an opening that didn't end, the next one notes each step
//! before taking it, and a step that
//! didn't end three times running is left out.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};
use sluice_core::account::{Account, ApiError, Call, Outcome, Part};
use sluice_core::sim::SimTime;

use crate::log::{self, Aside, Header, Record, Snapshot};
use crate::parts::Bring;
use crate::record::{self, Scan};
use crate::store::{Folder, Store, StoreError};

/// How a replay applies a call; tests put in calls that panic.
pub(crate) type Apply<'a> = &'a dyn Fn(&mut Account, SimTime, &Call) -> Result<Outcome, ApiError>;

pub(crate) struct Loaded {
    pub account: Account,
    pub header: Header,
    /// Bytes of the log that hold good records.
    pub log_end: u64,
    /// Records replayed on top of the snapshot.
    pub tail: u32,
    /// Highest snapshot generation there is, good or not.
    pub generation: u64,
    /// What this opening set aside.
    pub aside: Vec<Aside>,
}

const MARKER: &str = "replay";
/// A tab may be closed in the middle of a step by chance; of the same step three times in a row, hardly.
const ATTEMPTS: u32 = 3;
/// Replays from the start after which a record that answers otherwise stays where it is: a log where everything differs must still open.
const RESTARTS: usize = 64;

/// The step that an opening is at. `None`: anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Marker {
    step: Option<Step>,
    attempt: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    Snapshot(u64),
    Record(u64),
}

/// Notes steps where an earlier opening didn't end.
struct Steps<'a, S> {
    store: &'a S,
    earlier: Option<Marker>,
    notes: bool,
}

impl<'a, S: Store> Steps<'a, S> {
    async fn begin(store: &'a S, read_only: bool) -> Result<Self, StoreError> {
        let bytes = store.get(Folder::Notes, MARKER).await?;
        let earlier = bytes.map(|bytes| record::unframe(&bytes).and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default());
        let steps = Steps {
            store,
            earlier,
            notes: !read_only,
        };
        if steps.earlier.is_none() {
            steps.note(&Marker::default()).await;
        }
        Ok(steps)
    }

    /// A store that takes no note (it may be full) must still open.
    async fn note(&self, marker: &Marker) {
        if self.notes
            && let Ok(json) = serde_json::to_vec(marker)
        {
            let _ = self.store.put(Folder::Notes, MARKER, &record::frame(&json)).await;
        }
    }

    /// Whether to take the step; false if it ended the program too often.
    async fn enter(&self, step: Step) -> bool {
        let Some(earlier) = &self.earlier else { return true };
        let before = if earlier.step == Some(step) { earlier.attempt } else { 0 };
        if before >= ATTEMPTS {
            return false;
        }
        let marker = Marker {
            step: Some(step),
            attempt: before + 1,
        };
        self.note(&marker).await;
        true
    }

    /// The last step has been taken: what comes after it is not its fault.
    async fn leave(&self) {
        if self.earlier.as_ref().is_some_and(|earlier| earlier.step.is_some()) {
            self.note(&Marker::default()).await;
        }
    }

    async fn end(&self) {
        if self.notes {
            let _ = self.store.delete(Folder::Notes, MARKER).await;
        }
    }
}

const TRAPPED: &str = "replaying it stopped the program";

pub(crate) async fn load<S: Store>(store: &S, fresh: &Header, read_only: bool, bring: &Bring, apply: Apply<'_>) -> Result<Loaded, StoreError> {
    let length = store.log_len().await?;
    let generations = Snapshot::generations(store).await?;
    if length == 0 && generations.is_empty() {
        return Ok(Loaded {
            account: fresh.account(),
            header: fresh.clone(),
            log_end: 0,
            tail: 0,
            generation: 0,
            aside: Vec::new(),
        });
    }
    let steps = Steps::begin(store, read_only).await?;
    let base = choose_base(store, &steps, &generations).await?;
    let from = base.as_ref().map_or(0, |snapshot| snapshot.log);
    let bytes = store.log_read(from).await?;
    let scan = record::scan(&bytes);
    let tail = Tail {
        from,
        bytes: &bytes,
        scan: &scan,
    };
    let header = base
        .as_ref()
        .map(|snapshot| snapshot.header.clone())
        .or_else(|| tail.header())
        .unwrap_or_else(|| fresh.clone());
    let replayed = replay(&steps, base.as_ref(), &header, &tail, bring, apply).await?;
    steps.leave().await;

    let mut loaded = Loaded {
        account: replayed.account,
        header,
        log_end: length.min(from.saturating_add(scan.end as u64)),
        tail: replayed.applied,
        generation: generations.first().copied().unwrap_or(0),
        aside: replayed.aside,
    };
    if !read_only {
        settle(store, &mut loaded, length, from).await?;
    }
    steps.end().await;
    Ok(loaded)
}

/// Cuts the torn tail off, and puts what was set aside behind a snapshot, so that no later opening meets it again.
async fn settle<S: Store>(store: &S, loaded: &mut Loaded, length: u64, from: u64) -> Result<(), StoreError> {
    if loaded.log_end < length {
        store.log_truncate(loaded.log_end).await?;
    }
    if !loaded.aside.is_empty() {
        let _ = log::add_aside(store, &loaded.aside).await;
    }
    // A snapshot that is ahead of its log names an offset at which the next record will not begin.
    if !loaded.aside.is_empty() || from > length {
        loaded.generation += 1;
        let snapshot = Snapshot {
            sluice_snapshot: 1,
            generation: loaded.generation,
            log: loaded.log_end,
            header: loaded.header.clone(),
            account: loaded.account.snapshot(),
        };
        // Without it the next opening meets the same records, and sets them aside again.
        if snapshot.write(store).await.is_ok() {
            loaded.tail = 0;
        }
    }
    Ok(())
}

async fn choose_base<S: Store>(store: &S, steps: &Steps<'_, S>, generations: &[u64]) -> Result<Option<Snapshot>, StoreError> {
    for generation in generations {
        let Some(snapshot) = Snapshot::read(store, *generation).await? else {
            continue;
        };
        if steps.enter(Step::Snapshot(*generation)).await && restore(&snapshot).is_some() {
            return Ok(Some(snapshot));
        }
    }
    Ok(None)
}

fn restore(snapshot: &Snapshot) -> Option<Account> {
    catch_unwind(AssertUnwindSafe(|| Account::restore(&snapshot.account))).ok()?.ok()
}

struct Tail<'a> {
    from: u64,
    bytes: &'a [u8],
    scan: &'a Scan,
}

impl Tail<'_> {
    fn records(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.scan
            .records
            .iter()
            .filter_map(|range| Some((self.from + range.start as u64, self.bytes.get(range.clone())?)))
    }

    fn header(&self) -> Option<Header> {
        serde_json::from_slice(self.records().next()?.1).ok()
    }
}

struct Replayed {
    account: Account,
    applied: u32,
    aside: Vec<Aside>,
}

async fn replay<S: Store>(
    steps: &Steps<'_, S>,
    base: Option<&Snapshot>,
    header: &Header,
    tail: &Tail<'_>,
    bring: &Bring,
    apply: Apply<'_>,
) -> Result<Replayed, StoreError> {
    let mut left_out: BTreeMap<u64, String> = BTreeMap::new();
    loop {
        let mut account = base.and_then(restore).unwrap_or_else(|| header.account());
        let needs = account.needs();
        bring.to(&mut account, &needs).await?;
        let mut replayed = Replayed {
            account,
            applied: 0,
            aside: damage(tail),
        };
        match pass(steps, tail, bring, apply, &mut left_out, &mut replayed).await? {
            Pass::Restart => {}
            Pass::Done => {
                replayed.aside.sort_unstable_by_key(|aside| aside.offset);
                return Ok(replayed);
            }
        }
    }
}

fn damage(tail: &Tail<'_>) -> Vec<Aside> {
    let aside = |range: &std::ops::Range<usize>| Aside {
        offset: tail.from + range.start as u64,
        position: None,
        operation: None,
        reason: format!("{} bytes are damaged", range.len()),
    };
    tail.scan.damaged.iter().map(aside).collect()
}

enum Pass {
    Done,
    Restart,
}

async fn pass<S: Store>(
    steps: &Steps<'_, S>,
    tail: &Tail<'_>,
    bring: &Bring,
    apply: Apply<'_>,
    left_out: &mut BTreeMap<u64, String>,
    replayed: &mut Replayed,
) -> Result<Pass, StoreError> {
    for (offset, json) in tail.records() {
        let record: Record = match serde_json::from_slice(json) {
            Ok(record) => record,
            Err(_) if serde_json::from_slice::<Header>(json).is_ok() => continue,
            Err(error) => {
                replayed.aside.push(Aside {
                    offset,
                    position: None,
                    operation: None,
                    reason: format!("it can't be read: {error}"),
                });
                continue;
            }
        };
        let aside = |reason: String| Aside {
            offset,
            position: Some(record.position),
            operation: Some(format!("{}:{}", record.call.service, record.call.operation)),
            reason,
        };
        if let Some(reason) = left_out.get(&offset) {
            replayed.aside.push(aside(reason.clone()));
            continue;
        }
        bring.to(&mut replayed.account, Part::of(&record.call)).await?;
        if !steps.enter(Step::Record(offset)).await {
            replayed.aside.push(aside(TRAPPED.into()));
            continue;
        }
        match attempt(&mut replayed.account, &record, apply) {
            Attempt::Same => {}
            Attempt::Differs(reason) if left_out.len() >= RESTARTS => replayed.aside.push(aside(reason)),
            Attempt::Differs(reason) | Attempt::Panicked(reason) => {
                left_out.insert(offset, reason);
                return Ok(Pass::Restart);
            }
        }
        replayed.applied = replayed.applied.saturating_add(1);
    }
    Ok(Pass::Done)
}

enum Attempt {
    Same,
    Differs(String),
    Panicked(String),
}

fn attempt(account: &mut Account, record: &Record, apply: Apply<'_>) -> Attempt {
    let result = match catch_unwind(AssertUnwindSafe(|| apply(account, record.at, &record.call))) {
        Ok(result) => result,
        Err(panic) => return Attempt::Panicked(format!("{TRAPPED}: {}", panic_text(panic.as_ref()))),
    };
    match (result, &record.error) {
        (Ok(_), None) | (Err(_), Some(_)) => Attempt::Same,
        (Err(error), None) => Attempt::Differs(format!("it succeeded when it was made and is refused now: {error}")),
        (Ok(_), Some(code)) => Attempt::Differs(format!("it was refused with {code} when it was made and succeeds now")),
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests;
