//! A store in a folder of the file system: `log`, `snapshots/`, `blobs/`, `docs/`, `notes/`, and `tmp/` for what is being written.

use std::cell::{Cell, RefCell};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Folder, Store, StoreError};

/// Holds the folder's lock file for as long as it lives.
pub struct DirectoryStore {
    root: PathBuf,
    log: RefCell<File>,
    next: Cell<u64>,
    _lock: File,
}

/// A file in `tmp/`.
pub struct StagedFile {
    file: File,
    path: PathBuf,
}

impl DirectoryStore {
    /// Makes the folder if it is missing. An empty file in its place (as `mktemp` makes one) is replaced by it. Fails if another process has the account.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let at = |error: io::Error| failed(root, &error);
        if fs::metadata(root).is_ok_and(|data| data.is_file() && data.len() == 0) {
            fs::remove_file(root).map_err(at)?;
        }
        fs::create_dir_all(root.join("tmp")).map_err(at)?;
        for folder in Folder::ALL {
            fs::create_dir_all(root.join(folder.name())).map_err(at)?;
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))
            .map_err(at)?;
        if lock.try_lock().is_err() {
            return Err(StoreError::failed(format!("{}: another process has this account open", root.display())));
        }
        let log = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(root.join("log"))
            .map_err(at)?;
        Ok(DirectoryStore {
            root: root.to_owned(),
            log: RefCell::new(log),
            next: Cell::new(0),
            _lock: lock,
        })
    }

    /// A folder under `tmp/` for what is written by others, to be taken over with [`DirectoryStore::adopt`]. Swept at the next opening.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.root.join("tmp").join(name)
    }

    /// A finished file of a scratch folder, ready to be committed.
    pub fn adopt(&self, path: &Path) -> Result<StagedFile, StoreError> {
        // Opened for writing, since some systems flush no file that is open for reading alone.
        let file = OpenOptions::new().write(true).open(path).map_err(|error| failed(path, &error))?;
        Ok(StagedFile { file, path: path.to_owned() })
    }

    fn path(&self, folder: Folder, name: &str) -> PathBuf {
        self.root.join(folder.name()).join(name)
    }

    fn failed(&self, error: &io::Error) -> StoreError {
        failed(&self.root, error)
    }

    fn create_staged(&self) -> Result<StagedFile, StoreError> {
        let number = self.next.replace(self.next.get() + 1);
        let path = self.root.join("tmp").join(format!("{}-{number}", std::process::id()));
        let file = File::create(&path).map_err(|error| self.failed(&error))?;
        Ok(StagedFile { file, path })
    }

    /// Renames a file that was written into place. The rename is durable once the folder is.
    fn settle(&self, staged: &StagedFile, folder: Folder, name: &str) -> io::Result<()> {
        staged.file.sync_all()?;
        fs::rename(&staged.path, self.path(folder, name))?;
        sync_folder(&self.root.join(folder.name()))
    }

    fn put_now(&self, staged: &mut StagedFile, bytes: &[u8], folder: Folder, name: &str) -> io::Result<()> {
        staged.file.write_all(bytes)?;
        self.settle(staged, folder, name)
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn failed(path: &Path, error: &io::Error) -> StoreError {
    let message = format!("{}: {error}", path.display());
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        StoreError::full(message)
    } else {
        StoreError::failed(message)
    }
}

impl Store for DirectoryStore {
    type Staged = StagedFile;
    type Blob = PathBuf;

    async fn log_len(&self) -> Result<u64, StoreError> {
        Ok(self.log.borrow().metadata().map_err(|error| self.failed(&error))?.len())
    }

    async fn log_read(&self, from: u64) -> Result<Vec<u8>, StoreError> {
        let read = |file: &mut File| {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(from))?;
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read(&mut self.log.borrow_mut()).map_err(|error: io::Error| self.failed(&error))
    }

    async fn log_append(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let append = |file: &mut File| {
            file.seek(SeekFrom::End(0))?;
            file.write_all(bytes)?;
            file.sync_data()
        };
        append(&mut self.log.borrow_mut()).map_err(|error| self.failed(&error))
    }

    async fn log_truncate(&self, length: u64) -> Result<(), StoreError> {
        let truncate = |file: &mut File| {
            if file.metadata()?.len() > length {
                file.set_len(length)?;
                file.sync_data()?;
            }
            Ok(())
        };
        truncate(&mut self.log.borrow_mut()).map_err(|error: io::Error| self.failed(&error))
    }

    async fn put(&self, folder: Folder, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let mut staged = self.create_staged()?;
        self.put_now(&mut staged, bytes, folder, name).map_err(|error| {
            let _ = fs::remove_file(&staged.path);
            self.failed(&error)
        })
    }

    async fn get(&self, folder: Folder, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.path(folder, name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    async fn list(&self, folder: Folder) -> Result<Vec<(String, u64)>, StoreError> {
        let list = || {
            let mut files = Vec::new();
            for entry in fs::read_dir(self.root.join(folder.name()))? {
                let entry = entry?;
                if let Ok(name) = entry.file_name().into_string() {
                    files.push((name, entry.metadata()?.len()));
                }
            }
            files.sort();
            Ok(files)
        };
        list().map_err(|error: io::Error| self.failed(&error))
    }

    async fn delete(&self, folder: Folder, name: &str) -> Result<(), StoreError> {
        match fs::remove_file(self.path(folder, name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(&error)),
            _ => Ok(()),
        }
    }

    async fn stage(&self) -> Result<StagedFile, StoreError> {
        self.create_staged()
    }

    async fn write(&self, staged: &mut StagedFile, bytes: &[u8]) -> Result<(), StoreError> {
        staged.file.write_all(bytes).map_err(|error| self.failed(&error))
    }

    async fn commit(&self, staged: StagedFile, id: &str) -> Result<(), StoreError> {
        self.settle(&staged, Folder::Blobs, id).map_err(|error| {
            let _ = fs::remove_file(&staged.path);
            self.failed(&error)
        })
    }

    async fn abandon(&self, staged: StagedFile) {
        // Swept at the next opening if it can't be removed now.
        let _ = fs::remove_file(&staged.path);
    }

    async fn blob(&self, id: &str) -> Result<Option<PathBuf>, StoreError> {
        let path = self.path(Folder::Blobs, id);
        Ok(path.is_file().then_some(path))
    }

    async fn read(&self, blob: &PathBuf, offset: u64, length: u64) -> Result<Vec<u8>, StoreError> {
        let read = || {
            let mut file = File::open(blob)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::new();
            file.take(length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|error: io::Error| self.failed(&error))
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        let sweep = || {
            for entry in fs::read_dir(self.root.join("tmp"))? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    fs::remove_dir_all(entry.path())?;
                } else {
                    fs::remove_file(entry.path())?;
                }
            }
            Ok(())
        };
        sweep().map_err(|error: io::Error| self.failed(&error))
    }
}
