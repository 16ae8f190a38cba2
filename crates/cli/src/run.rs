//! `sluice run JOB.json --data DIR [--json]`: a visual job over the files of a folder.

use crate::say::say;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sluice_core::account::{NodeError, RunPlan};
use sluice_core::catalog::{Glue, READ_MODES};
use sluice_core::etl::{NodeId, ReadMode, from_codegen};
use sluice_engine::{DirStore, Run, RunResult, Step};
use sluice_protocol::RunEnd;

use crate::lake::{Lake, take_flag, take_option};

const USAGE: &str = "usage: sluice run JOB.json --data DIR [--json]";

pub fn main(arguments: &[String]) -> ExitCode {
    let mut arguments = arguments.to_vec();
    let as_json = take_flag(&mut arguments, "--json");
    let (Some(data), [job]) = (take_option(&mut arguments, "--data"), arguments.as_slice()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(job, PathBuf::from(data)) {
        Ok((result, millis)) => {
            if as_json {
                say(as_value(&result, millis));
            } else {
                print(&result, millis);
            }
            if result.end == RunEnd::Succeeded {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(message) => {
            eprintln!("sluice run: {message}");
            ExitCode::from(2)
        }
    }
}

fn words(errors: &[NodeError]) -> String {
    let line = |error: &NodeError| match (&error.node, &error.field) {
        (Some(node), Some(field)) => format!("{node}, {field}: {}", error.message),
        (Some(node), None) => format!("{node}: {}", error.message),
        (None, _) => error.message.clone(),
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn run(job: &str, root: PathBuf) -> Result<(RunResult, f64), String> {
    let text = std::fs::read_to_string(job).map_err(|error| format!("{job}: {error}"))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| format!("{job}: {error}"))?;
    let nodes = value.get("CodeGenConfigurationNodes").unwrap_or(&value);
    let mut graph = from_codegen(nodes).map_err(|errors| words(&errors))?;
    if let Some(modes) = value
        .get("DefaultArguments")
        .and_then(|arguments| arguments.get(READ_MODES))
        .and_then(Value::as_str)
    {
        let modes: BTreeMap<NodeId, ReadMode> = serde_json::from_str(modes).map_err(|error| format!("{READ_MODES}: {error}"))?;
        for (id, mode) in modes {
            if let Some(node) = graph.nodes.get_mut(&id) {
                node.read_mode = mode;
            }
        }
    }
    if !root.is_dir() {
        return Err(format!("{}: there is no such folder", root.display()));
    }
    let lake = Lake { root };
    let inputs = Glue::new().inputs(&graph, &lake).map_err(|errors| words(&errors))?;
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    let plan = RunPlan {
        run_id: format!("run-{started}"),
        job: job.to_owned(),
        graph,
        inputs,
        started_millis: started,
    };
    let scratch = lake.root.join(".sluice-tmp");
    let clock_start = Instant::now();
    let clock = Rc::new(move || clock_start.elapsed().as_secs_f64() * 1000.0);
    let mut run = Run::new(plan, lake.open(), Box::new(DirStore { folder: scratch.clone() }), clock);
    let result = loop {
        if let Step::Done(result) = run.step(&mut || true) {
            break *result;
        }
    };
    let millis = clock_start.elapsed().as_secs_f64() * 1000.0;
    drop(run);
    let moved = result.outputs.iter().zip(&result.files).try_for_each(|(output, file)| {
        let target = lake.path(&output.bucket, &output.key);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::rename(scratch.join(file), target)
    });
    // Nothing else uses the folder.
    let _ = std::fs::remove_dir_all(&scratch);
    moved.map_err(|error| format!("an output could not be put in its place: {error}"))?;
    Ok((result, millis))
}

fn state(end: &RunEnd) -> &'static str {
    match end {
        RunEnd::Succeeded => "SUCCEEDED",
        RunEnd::Stopped => "STOPPED",
        RunEnd::Failed(_) => "FAILED",
    }
}

fn as_value(result: &RunResult, millis: f64) -> Value {
    json!({
        "State": state(&result.end),
        "Failure": match &result.end { RunEnd::Failed(failure) => json!(failure), _ => Value::Null },
        "Millis": millis,
        "Report": result.report,
        "Outputs": result.outputs,
    })
}

fn print(result: &RunResult, millis: f64) {
    say(format_args!("{} in {:.2} s", state(&result.end), millis / 1000.0));
    if let RunEnd::Failed(failure) = &result.end {
        say(words(std::slice::from_ref(&failure.error)));
        if let Some(row) = &failure.row {
            say(format_args!(
                "  s3://{}/{} line {}: {}\n  {}",
                row.bucket, row.key, row.line, row.reason, row.raw
            ));
        }
    }
    say(format_args!(
        "{:<24} {:>12} {:>12} {:>10} {:>10}",
        "node", "rows in", "rows out", "bad rows", "ms"
    ));
    for (id, node) in &result.report.nodes {
        say(format_args!(
            "{:<24} {:>12} {:>12} {:>10} {:>10.1}",
            id.0, node.rows_in, node.rows_out, node.bad_rows, node.millis
        ));
        for row in &node.bad_samples {
            say(format_args!("  s3://{}/{} line {}: {}", row.bucket, row.key, row.line, row.reason));
        }
    }
    for output in &result.outputs {
        say(format_args!(
            "s3://{}/{}  {} rows, {} bytes",
            output.bucket, output.key, output.rows, output.blob.size
        ));
    }
}
