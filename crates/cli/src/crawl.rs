//! `sluice crawl --data DIR s3://bucket/prefix`: the tables that a crawler would make, as `get-tables` prints them.

use crate::say::say;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};
use sluice_core::account::{Effect, EffectAnswer};
use sluice_core::catalog::Glue;
use sluice_core::sim::SimTime;
use sluice_engine::crawl;

use crate::lake::{Lake, take_option};

const USAGE: &str = "usage: sluice crawl --data DIR s3://bucket/prefix/ ...";

pub fn main(arguments: &[String]) -> ExitCode {
    let mut arguments = arguments.to_vec();
    let data = take_option(&mut arguments, "--data");
    let (Some(data), false) = (data, arguments.is_empty()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match tables(PathBuf::from(data), &arguments) {
        Ok(tables) => {
            say(format_args!("{tables:#}"));
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("sluice crawl: {message}");
            ExitCode::FAILURE
        }
    }
}

fn tables(root: PathBuf, paths: &[String]) -> Result<Value, String> {
    if !root.is_dir() {
        return Err(format!("{}: there is no such folder", root.display()));
    }
    let lake = Lake { root };
    let mut glue = Glue::new();
    let now = SimTime::from_millis(1_767_225_600_000);
    let targets: Vec<Value> = paths.iter().map(|path| json!({ "Path": path })).collect();
    let calls = [
        ("CreateDatabase", json!({"DatabaseInput": {"Name": "crawl"}})),
        (
            "CreateCrawler",
            json!({"Name": "crawl", "Role": "crawl", "DatabaseName": "crawl", "Targets": {"S3Targets": targets}}),
        ),
        ("StartCrawler", json!({"Name": "crawl"})),
    ];
    let mut effects = Vec::new();
    for (operation, params) in calls {
        let outcome = glue.call(now, operation, &params, &lake).map_err(|error| error.to_string())?;
        effects.extend(outcome.effects);
    }
    for effect in effects {
        if let Effect::Crawl { crawler, crawl_id, objects } = effect {
            let objects = crawl(&objects, &lake.open());
            for object in &objects {
                for note in &object.notes {
                    eprintln!("s3://{}/{}: {note}", object.bucket, object.key);
                }
            }
            let answer = EffectAnswer::CrawlFinished { crawler, crawl_id, objects };
            glue.answer(now, &answer, &lake).map_err(|error| error.to_string())?;
        }
    }
    let outcome = glue
        .call(now, "GetTables", &json!({"DatabaseName": "crawl"}), &lake)
        .map_err(|error| error.to_string())?;
    Ok(outcome.response)
}
