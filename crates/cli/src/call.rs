//! `sluice call`: one JSON object a line in, one a line out, against one account.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

use serde_json::{Value, json};
use sluice_account::{DirectoryStore, Disk, Host, HostOptions, MemoryStore, StoreError, block_on};
use sluice_core::account::{ApiError, Call};
use sluice_core::sim::SimTime;

use crate::effects::{self, EngineStore};

/// 2026-01-01T00:00:00Z. The wall clock has no part in a session, so that it can be repeated.
pub const START: SimTime = SimTime::from_millis(1_767_225_600_000);

pub fn main(arguments: &[String]) -> ExitCode {
    let (folder, rest) = match arguments {
        [flag, path, rest @ ..] if flag == "--account" => (Some(path.as_str()), rest),
        [first, rest @ ..] if first.starts_with("--account=") => (Some(first.trim_start_matches("--account=")), rest),
        rest => (None, rest),
    };
    let one = match rest {
        [] => None,
        [service, operation] if !service.starts_with('-') => Some(line(service, operation, "{}")),
        [service, operation, params] if !service.starts_with('-') => Some(line(service, operation, params)),
        _ => {
            eprintln!("usage: sluice call [--account DIR] [SERVICE OPERATION [PARAMETERS]]");
            return ExitCode::from(2);
        }
    };
    let mut input: Box<dyn BufRead> = match one {
        None => Box::new(io::stdin().lock()),
        Some(Ok(line)) => Box::new(io::Cursor::new(line)),
        Some(Err(reason)) => {
            eprintln!("sluice call: the parameters are no JSON: {reason}");
            return ExitCode::from(2);
        }
    };
    let result = match folder {
        None => session(MemoryStore::new(Disk::default()), &mut input),
        Some(path) => DirectoryStore::open(Path::new(path))
            .map_err(Problem::Store)
            .and_then(|store| session(store, &mut input)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("sluice call: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// One call as a line of a session.
fn line(service: &str, operation: &str, params: &str) -> Result<String, serde_json::Error> {
    let params: Value = serde_json::from_str(params)?;
    Ok(json!({"service": service, "operation": operation, "params": params}).to_string())
}

enum Problem {
    Store(StoreError),
    Io(io::Error),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Problem::Store(error) => write!(f, "{error}"),
            Problem::Io(error) => write!(f, "{error}"),
        }
    }
}

fn session<S: EngineStore>(store: S, input: &mut dyn BufRead) -> Result<(), Problem> {
    let (host, report) = block_on(Host::open(Rc::new(store), START, HostOptions::default())).map_err(Problem::Store)?;
    for aside in &report.set_aside {
        eprintln!("sluice: {aside}");
    }
    let mut output = io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Problem::Io)? == 0 {
            return Ok(());
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = answer(&host, &line);
        match writeln!(output, "{answer}").and_then(|()| output.flush()) {
            // Whoever listened has left.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(Problem::Io)?,
        }
    }
}

/// A line as a call. A member that no call has is an error: who misspells `as` would make the call as somebody else.
fn read(line: &[u8]) -> serde_json::Result<Call> {
    const MEMBERS: [&str; 4] = ["service", "operation", "params", "as"];
    let value: Value = serde_json::from_slice(line)?;
    let unknown = value
        .as_object()
        .and_then(|members| members.keys().find(|name| !MEMBERS.contains(&name.as_str())));
    match unknown {
        Some(name) => Err(serde::de::Error::custom(format!(
            "there is no member \"{name}\"; a call has {}",
            MEMBERS.join(", ")
        ))),
        None => serde_json::from_value(value),
    }
}

/// The answer to one line. A line that is no call is answered with an error, as a call that is refused.
fn answer<S: EngineStore>(host: &Host<S>, line: &[u8]) -> Value {
    let result = match read(line) {
        Ok(call) => perform(host, call),
        Err(error) => Err(ApiError::new(
            "SerializationException",
            format!("The line is not a call {{\"service\", \"operation\", \"params\"}}: {error}"),
        )),
    };
    match result {
        Ok(response) => json!({ "response": response }),
        Err(error) => json!({ "error": error }),
    }
}

fn perform<S: EngineStore>(host: &Host<S>, mut call: Call) -> Result<Value, ApiError> {
    if call.params.is_null() {
        call.params = json!({});
    }
    let mut called = block_on(host.call(START, call));
    block_on(host.fill_body(&mut called));
    effects::perform(host, START, called.effects);
    let (due, _) = block_on(host.poll(START));
    effects::perform(host, START, due);
    called.result
}
