//! The same work natively and in headless Chromium, against the budgets of ARCHITECTURE.md.

use anyhow::Result;

use crate::{build, e2e, sh, tools};

pub fn run(args: &[String]) -> Result<()> {
    tools::for_build()?;
    tools::for_browser()?;
    sh::run("cargo", &["bench", "-p", "sluice-core", "--bench", "lifecycle"])?;
    sh::run("cargo", &["bench", "-p", "sluice-engine"])?;
    let dist = build::site()?;
    let mut all = vec!["--config=bench.config.ts".to_owned()];
    all.extend_from_slice(args);
    let counts = e2e::playwright(dist, &all)?;
    anyhow::ensure!(counts.failed == 0, "{} budgets broken", counts.failed);
    Ok(())
}
