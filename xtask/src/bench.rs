//! The same work natively and in headless Chromium, against the budgets of ARCHITECTURE.md.

use anyhow::{Result, ensure};

use crate::{build, e2e, sh, tools};

pub fn run(args: &[String]) -> Result<()> {
    tools::for_build()?;
    tools::for_tests()?;
    sh::run("cargo", &["bench", "-p", "sluice-core", "--bench", "lifecycle"])?;
    sh::run("cargo", &["bench", "-p", "sluice-core", "--bench", "streams"])?;
    sh::run("cargo", &["bench", "-p", "sluice-engine"])?;
    browser_years()?;
    let dist = build::site()?;
    let mut all = vec!["--config=bench.config.ts".to_owned()];
    all.extend_from_slice(args);
    let counts = e2e::playwright(dist, &all)?;
    ensure!(counts.failed == 0, "{} budgets broken", counts.failed);
    Ok(())
}

/// Ten years of lifecycle rules in headless Chromium, in a release build. Over the budget the test fails.
fn browser_years() -> Result<()> {
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
        .args(["tests/wasm", "--test", "ten_years", "--", "--nocapture"])
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    let (ended_well, output) = sh::run_kept(&mut command)?;
    for line in output.lines().filter_map(|line| line.split_once("bench: ")) {
        println!("{}", line.1);
    }
    ensure!(ended_well, "the ten years in the browser failed");
    Ok(())
}
