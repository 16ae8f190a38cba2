//! `sluice export --account DIR --out DIR`: an account's storage as files for a real account.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use sluice_account::{DirectoryStore, ExportTarget, Exported, Host, HostOptions, SCRIPT, StoreError, TEMPLATE, block_on};

use crate::call::START;
use crate::lake::take_option;
use crate::say::say;

const USAGE: &str = "usage: sluice export --account DIR --out DIR";

pub fn main(arguments: &[String]) -> ExitCode {
    let mut arguments = arguments.to_vec();
    let (Some(account), Some(out), []) = (
        take_option(&mut arguments, "--account"),
        take_option(&mut arguments, "--out"),
        arguments.as_slice(),
    ) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match export(Path::new(&account), Path::new(&out)) {
        Ok(exported) => {
            for note in &exported.notes {
                eprintln!("sluice export: {note}");
            }
            say(format_args!(
                "{out}/{SCRIPT}, {out}/{TEMPLATE} and {} bodies of {} bytes",
                exported.bodies, exported.bytes
            ));
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("sluice export: {message}");
            ExitCode::FAILURE
        }
    }
}

fn export(account: &Path, out: &Path) -> Result<Exported, String> {
    // A store is made where there is none: a name that was mistyped should not be one.
    if !account.join("log").is_file() {
        return Err(format!("{}: there is no account", account.display()));
    }
    if std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{}: the folder is not empty", out.display()));
    }
    let text = |error: StoreError| error.to_string();
    let store = DirectoryStore::open(account).map_err(text)?;
    let options = HostOptions {
        read_only: true,
        ..HostOptions::default()
    };
    let (host, report) = block_on(Host::open(Rc::new(store), START, options)).map_err(text)?;
    for aside in &report.set_aside {
        eprintln!("sluice: {aside}");
    }
    let mut folder = Folder {
        root: out.to_owned(),
        open: None,
    };
    block_on(host.export_storage(START, &mut folder)).map_err(|error| error.to_string())
}

struct Folder {
    root: PathBuf,
    open: Option<(PathBuf, BufWriter<File>)>,
}

impl Folder {
    fn with_open(&mut self, act: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Result<(), StoreError> {
        let Some((path, file)) = &mut self.open else { return Ok(()) };
        act(file).map_err(|error| StoreError::failed(format!("{}: {error}", path.display())))
    }
}

impl ExportTarget for Folder {
    fn begin(&mut self, path: &str) -> Result<(), StoreError> {
        let path = self.root.join(path);
        let failed = |error: std::io::Error| StoreError::failed(format!("{}: {error}", path.display()));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::create(&path).map_err(failed)?;
        self.open = Some((path, BufWriter::new(file)));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.with_open(|file| file.write_all(bytes))
    }

    fn end(&mut self) -> Result<(), StoreError> {
        self.with_open(std::io::Write::flush)?;
        #[cfg(unix)]
        if let Some((path, _)) = self.open.take().filter(|(path, _)| path.ends_with(SCRIPT)) {
            use std::os::unix::fs::PermissionsExt;
            // A script that cannot be made executable can still be given to bash.
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755));
        }
        Ok(())
    }
}
