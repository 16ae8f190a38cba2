//! The same work natively and in headless Chromium, against the budgets of ARCHITECTURE.md.

use anyhow::{Result, ensure};

use crate::{build, e2e, sh, tools};

/// Runs everything; `flink` alone: events a second through windows natively, in Chromium and on Flink.
pub fn run(args: &[String]) -> Result<()> {
    tools::for_build()?;
    tools::for_tests()?;
    if args.first().is_some_and(|first| first == "flink") {
        return event_time();
    }
    sh::run("cargo", &["bench", "-p", "sluice-core", "--bench", "lifecycle"])?;
    sh::run("cargo", &["bench", "-p", "sluice-core", "--bench", "streams"])?;
    sh::run("cargo", &["bench", "-p", "sluice-engine"])?;
    in_browser("ten_years")?;
    event_time()?;
    let dist = build::site()?;
    let mut all = vec!["--config=bench.config.ts".to_owned()];
    all.extend_from_slice(args);
    let counts = e2e::playwright(dist, &all)?;
    ensure!(counts.failed == 0, "{} budgets broken", counts.failed);
    Ok(())
}

/// Events that Flink counts for each number of keys, after a quarter as many for warming up.
const EVENTS: &str = "40000000";

/// The same stream through the window operator natively, in Chromium, and through a local Flink job.
fn event_time() -> Result<()> {
    sh::run("cargo", &["bench", "-p", "sluice-core", "--bench", "event_time"])?;
    in_browser("event_time")?;
    let classes = tools::flink()?;
    sh::run(
        "java",
        &[
            "-Xmx2g",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "-cp",
            &classes,
            "FlinkBench",
            EVENTS,
        ],
    )
}

/// A test of tests/wasm in headless Chromium, in a release build, and what it prints. Over its budget it fails.
fn in_browser(test: &str) -> Result<()> {
    let mut command = sh::command("wasm-pack");
    command
        .args([
            "test",
            "--headless",
            "--chrome",
            "--chromedriver",
            "/usr/bin/chromedriver",
            "--mode",
            "no-install",
            "--release",
        ])
        .args(["tests/wasm", "--test", test, "--", "--nocapture"])
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    let (ended_well, output) = sh::run_kept(&mut command)?;
    for line in output.lines().filter_map(|line| line.split_once("bench: ")) {
        println!("{}", line.1);
    }
    ensure!(ended_well, "{test} in the browser failed");
    Ok(())
}
