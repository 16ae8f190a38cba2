//! The browser tests, over the built site.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::serve::Server;
use crate::test::Counts;
use crate::{build, sh, tools};

pub fn run(args: &[String]) -> Result<()> {
    let dist = build::site()?;
    tools::for_browser()?;
    let counts = playwright(dist, args)?;
    println!("Playwright: {} passed, {} failed", counts.passed, counts.failed);
    if counts.failed > 0 {
        bail!("{} browser tests failed", counts.failed)
    } else {
        Ok(())
    }
}

/// Runs Playwright against a server of our own; counts come from its JSON report.
pub fn playwright(dist: std::path::PathBuf, args: &[String]) -> Result<Counts> {
    let server = Server::on_free_port(&dist)?;
    let report = sh::root().join("target/playwright.json");
    let _ = std::fs::remove_file(&report);
    let mut command = sh::command("npx");
    command
        .args(["playwright", "test", "--reporter=list,json"])
        .args(args)
        .current_dir(sh::root().join("e2e/playwright"))
        .env("SLUICE_URL", server.address())
        .env("SLUICE_PYTHON", tools::python()?)
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    let (ended_well, _) = sh::run_kept(&mut command)?;
    let text = std::fs::read_to_string(&report).context("Playwright left no report")?;
    let stats = serde_json::from_str::<Value>(&text)?;
    let stat = |name: &str| stats["stats"][name].as_u64().unwrap_or(0) as usize;
    // A test that only passed when tried again counts as failed here: a learner gets one try.
    let counts = Counts {
        passed: stat("expected"),
        failed: stat("unexpected") + stat("flaky") + usize::from(!ended_well && stat("unexpected") == 0),
        ignored: stat("skipped"),
    };
    Ok(counts)
}
