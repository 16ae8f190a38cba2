//! A store in memory for processes that keep nothing, and for tests: a disk that outlives its store, and faults at any operation.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Folder, Store, StoreError};

/// What is durable. A crashed store's disk is given to the next one.
#[derive(Clone, Default)]
pub struct Disk(Rc<RefCell<Contents>>);

#[derive(Clone, Default)]
struct Contents {
    log: Vec<u8>,
    files: BTreeMap<(Folder, String), Rc<[u8]>>,
}

impl Disk {
    /// Another disk with the same contents.
    pub fn fork(&self) -> Disk {
        Disk(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    pub fn log(&self) -> Vec<u8> {
        self.0.borrow().log.clone()
    }

    pub fn set_log(&self, bytes: Vec<u8>) {
        self.0.borrow_mut().log = bytes;
    }

    pub fn file(&self, folder: Folder, name: &str) -> Option<Rc<[u8]>> {
        self.0.borrow().files.get(&(folder, name.to_owned())).cloned()
    }

    pub fn set_file(&self, folder: Folder, name: &str, bytes: &[u8]) {
        self.0.borrow_mut().files.insert((folder, name.to_owned()), bytes.into());
    }

    pub fn names(&self, folder: Folder) -> Vec<String> {
        self.0
            .borrow()
            .files
            .keys()
            .filter(|(of, _)| *of == folder)
            .map(|(_, name)| name.clone())
            .collect()
    }
}

/// What goes wrong at an operation that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It fails and does nothing; later ones work.
    Fail,
    /// It fails, and of an append some permille of the bytes is there.
    FailTorn(u16),
    /// It is done, and says it failed.
    FailAfter,
    /// From here on whatever takes room fails.
    Full,
    /// The process ends before it.
    Crash,
    /// The process ends in it: of an append some permille of the bytes is there, a file is not.
    CrashTorn(u16),
    /// The process ends after it, before it could answer.
    CrashAfter,
}

/// `kind` at the `at`-th changing operation, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub at: u64,
    pub kind: FaultKind,
}

#[derive(Default)]
pub struct MemoryStore {
    disk: Disk,
    fault: Option<Fault>,
    operations: Cell<u64>,
    crashed: Cell<bool>,
}

impl MemoryStore {
    pub fn new(disk: Disk) -> Self {
        MemoryStore {
            disk,
            ..MemoryStore::default()
        }
    }

    pub fn with_fault(disk: Disk, fault: Fault) -> Self {
        MemoryStore {
            fault: Some(fault),
            ..MemoryStore::new(disk)
        }
    }

    /// Changing operations so far.
    pub fn operations(&self) -> u64 {
        self.operations.get()
    }

    /// The process is gone: nothing is done any more.
    pub fn crash(&self) {
        self.crashed.set(true);
    }

    pub fn crashed(&self) -> bool {
        self.crashed.get()
    }

    fn alive(&self) -> Result<(), StoreError> {
        if self.crashed.get() {
            Err(StoreError::failed("the process has ended"))
        } else {
            Ok(())
        }
    }

    /// Does one changing operation under the fault. `bytes`: how many it writes; `act` does it with as many of them as get through, `None` for all.
    fn change(&self, grows: bool, bytes: usize, act: impl FnOnce(&mut Contents, Option<usize>)) -> Result<(), StoreError> {
        self.alive()?;
        let operation = self.operations.replace(self.operations.get() + 1);
        let contents = &mut *self.disk.0.borrow_mut();
        let fault = self
            .fault
            .filter(|fault| operation == fault.at || fault.kind == FaultKind::Full && operation > fault.at);
        let torn = |permille: u16| bytes * usize::from(permille) / 1000;
        let failed = || Err(StoreError::failed("injected fault"));
        match fault.map(|fault| fault.kind) {
            None => act(contents, None),
            Some(FaultKind::Full) if grows => return Err(StoreError::full("injected: no room")),
            Some(FaultKind::Full) => act(contents, None),
            Some(FaultKind::Fail) => return failed(),
            Some(FaultKind::FailTorn(permille)) => {
                act(contents, Some(torn(permille)));
                return failed();
            }
            Some(FaultKind::FailAfter) => {
                act(contents, None);
                return failed();
            }
            Some(FaultKind::Crash) => {
                self.crash();
                return failed();
            }
            Some(FaultKind::CrashTorn(permille)) => {
                act(contents, Some(torn(permille)));
                self.crash();
                return failed();
            }
            Some(FaultKind::CrashAfter) => {
                act(contents, None);
                self.crash();
                return failed();
            }
        }
        Ok(())
    }
}

fn length(bytes: usize) -> u64 {
    bytes as u64
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

impl Store for MemoryStore {
    type Staged = Vec<u8>;
    type Blob = Rc<[u8]>;

    async fn log_len(&self) -> Result<u64, StoreError> {
        self.alive()?;
        Ok(length(self.disk.0.borrow().log.len()))
    }

    async fn log_read(&self, from: u64) -> Result<Vec<u8>, StoreError> {
        self.alive()?;
        Ok(self.disk.0.borrow().log.get(index(from)..).unwrap_or_default().to_vec())
    }

    async fn log_append(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.change(true, bytes.len(), |contents, torn| {
            contents.log.extend(bytes.iter().take(torn.unwrap_or(bytes.len())));
        })
    }

    async fn log_truncate(&self, length: u64) -> Result<(), StoreError> {
        self.change(false, 0, |contents, torn| {
            if torn.is_none() {
                contents.log.truncate(index(length));
            }
        })
    }

    async fn put(&self, folder: Folder, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.change(true, bytes.len(), |contents, torn| {
            if torn.is_none() {
                contents.files.insert((folder, name.to_owned()), bytes.into());
            }
        })
    }

    async fn get(&self, folder: Folder, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.alive()?;
        Ok(self.disk.file(folder, name).map(|bytes| bytes.to_vec()))
    }

    async fn list(&self, folder: Folder) -> Result<Vec<(String, u64)>, StoreError> {
        self.alive()?;
        let contents = self.disk.0.borrow();
        let files = contents.files.iter().filter(|((of, _), _)| *of == folder);
        Ok(files.map(|((_, name), bytes)| (name.clone(), length(bytes.len()))).collect())
    }

    async fn delete(&self, folder: Folder, name: &str) -> Result<(), StoreError> {
        self.change(false, 0, |contents, torn| {
            if torn.is_none() {
                contents.files.remove(&(folder, name.to_owned()));
            }
        })
    }

    async fn stage(&self) -> Result<Vec<u8>, StoreError> {
        self.alive()?;
        Ok(Vec::new())
    }

    async fn write(&self, staged: &mut Vec<u8>, bytes: &[u8]) -> Result<(), StoreError> {
        self.change(true, bytes.len(), |_, torn| staged.extend(bytes.iter().take(torn.unwrap_or(bytes.len()))))
    }

    async fn commit(&self, staged: Vec<u8>, id: &str) -> Result<(), StoreError> {
        self.put(Folder::Blobs, id, &staged).await
    }

    async fn abandon(&self, _staged: Vec<u8>) {}

    async fn blob(&self, id: &str) -> Result<Option<Rc<[u8]>>, StoreError> {
        self.alive()?;
        Ok(self.disk.file(Folder::Blobs, id))
    }

    async fn read(&self, blob: &Rc<[u8]>, offset: u64, length: u64) -> Result<Vec<u8>, StoreError> {
        let start = index(offset).min(blob.len());
        let end = start.saturating_add(index(length)).min(blob.len());
        Ok(blob.get(start..end).unwrap_or_default().to_vec())
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
