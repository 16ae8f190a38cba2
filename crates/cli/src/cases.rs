//! `sluice cases FILE ...`: files of cases in the schema of `tests/cases/flink-cases.json`, so that anyone can bring more.

use std::process::ExitCode;

use serde_json::Value;
use sluice_core::event_time::cases::{self, Outcome};

use crate::say::say;

const USAGE: &str = "usage: sluice cases FILE ...";

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// Success: no case failed. Skipped ones are said, and are no failures.
pub fn main(arguments: &[String]) -> ExitCode {
    if arguments.is_empty() {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    let mut counts = Counts::default();
    for path in arguments {
        if let Err(message) = file(path, &mut counts) {
            eprintln!("sluice cases: {path}: {message}");
            return ExitCode::from(2);
        }
    }
    say(format_args!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped));
    if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(case: &Value) -> Outcome {
    if sluice_flinksql::cases::is_sql(case) {
        sluice_flinksql::cases::run(case).map_or_else(Outcome::Fail, |()| Outcome::Pass)
    } else {
        cases::run(case)
    }
}

fn file(path: &str, counts: &mut Counts) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let file: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let cases = file["cases"].as_array().ok_or("it has no list \"cases\"")?;
    for (at, case) in cases.iter().enumerate() {
        let id = case["id"].as_str().map_or_else(|| format!("#{at}"), String::from);
        match run(case) {
            Outcome::Pass => {
                counts.passed += 1;
                say(format_args!("{id} PASS"));
            }
            Outcome::Fail(reason) => {
                counts.failed += 1;
                say(format_args!("{id} FAIL {reason}"));
            }
            Outcome::Skipped(reason) => {
                counts.skipped += 1;
                say(format_args!("{id} SKIP {reason}"));
            }
        }
    }
    Ok(())
}
