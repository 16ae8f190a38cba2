//! Every test, narrowest first, with a count and the minutes of each stage.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{build, e2e, sh, tools};

#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub ignored: usize,
}

struct Stage {
    name: &'static str,
    took: Duration,
    counts: Counts,
}

/// `--all` adds what takes longer or installs more: the cases in Firefox too.
pub fn run(args: &[String]) -> Result<()> {
    let all = match args {
        [] => false,
        [all] if all == "--all" => true,
        [other, ..] => bail!("cargo xtask test takes --all, not {other}"),
    };
    let mut stages = Vec::new();
    let mut stage = |name: &'static str, work: &mut dyn FnMut() -> Result<Counts>| {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let counts = work().unwrap_or_else(|error| {
            eprintln!("{name}: {error:#}");
            Counts {
                failed: 1,
                ..Counts::default()
            }
        });
        stages.push(Stage {
            name,
            took: start.elapsed(),
            counts,
        });
    };
    stage("tools", &mut || {
        tools::for_build()?;
        tools::for_tests()?;
        Ok(Counts::default())
    });
    // Two invocations: features unify within one, and the first set must be seen without arrow.
    stage("native: core, protocol, frames, Flink SQL, account", &mut || {
        cargo_test(&[
            "-p",
            "sluice-core",
            "-p",
            "sluice-protocol",
            "-p",
            "sluice-frames",
            "-p",
            "sluice-flinksql",
            "-p",
            "sluice-account",
        ])
    });
    stage("native: engine, cli", &mut || {
        cargo_test(&[
            "-p",
            "sluice-core",
            "--features",
            "sluice-core/arrow",
            "-p",
            "sluice-engine",
            "-p",
            "sluice-cli",
        ])
    });
    stage("no_std: core without std", &mut || {
        sh::run("cargo", &["build", "-p", "sluice-core", "--no-default-features", "--target", "wasm32v1-none"])?;
        Ok(Counts {
            passed: 1,
            ..Counts::default()
        })
    });
    stage("wasm in headless Chrome", &mut || {
        wasm_pack(&["--chrome", "--chromedriver", "/usr/bin/chromedriver"], &[])
    });
    if all {
        // Same calls, same hashes, another engine (I2). What needs the page's stores is Chromium's alone.
        stage("cases in headless Firefox", &mut || {
            let driver = tools::for_firefox()?;
            wasm_pack(&["--firefox", "--geckodriver", &driver.to_string_lossy()], &["--test", "cases"])
        });
    }
    let mut dist = None;
    stage("site", &mut || {
        dist = Some(build::site()?);
        Ok(Counts::default())
    });
    stage("Playwright", &mut || match dist.take() {
        Some(dist) => e2e::playwright(dist, &[]),
        None => bail!("not run: the site was not built"),
    });

    println!();
    let mut total = Counts::default();
    for Stage { name, took, counts } in &stages {
        println!(
            "{name:<34} {:>5} passed {:>4} failed {:>4} ignored {:>7.1} min",
            counts.passed,
            counts.failed,
            counts.ignored,
            took.as_secs_f64() / 60.0
        );
        total.passed += counts.passed;
        total.failed += counts.failed;
    }
    let minutes: f64 = stages.iter().map(|stage| stage.took.as_secs_f64()).sum::<f64>() / 60.0;
    println!("all stages: {minutes:.1} min");
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 { bail!("{} failed", total.failed) } else { Ok(()) }
}

fn cargo_test(packages: &[&str]) -> Result<Counts> {
    let (ended_well, output) = sh::run_kept(sh::command("cargo").args(["test", "--no-fail-fast"]).args(packages))?;
    Ok(count(&output, ended_well))
}

/// `browser`: which, and where its driver is; `only`: arguments for cargo, such as one test's name.
fn wasm_pack(browser: &[&str], only: &[&str]) -> Result<Counts> {
    let mut command = sh::command("wasm-pack");
    command
        .args(["test", "--headless"])
        .args(browser)
        .args(["--mode", "no-install", "tests/wasm"])
        .args(only)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    let (ended_well, output) = sh::run_kept(&mut command)?;
    Ok(count(&output, ended_well))
}

/// Adds up the `test result:` lines; a run that failed without saying so counts as one failure.
fn count(output: &str, ended_well: bool) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines().filter(|line| line.contains("test result:")) {
        let number = |word: &str| {
            line.split([';', '.'])
                .find_map(|part| {
                    part.trim()
                        .strip_suffix(word)
                        .and_then(|number| number.trim().rsplit(' ').next()?.parse::<usize>().ok())
                })
                .unwrap_or(0)
        };
        counts.passed += number(" passed");
        counts.failed += number(" failed");
        counts.ignored += number(" ignored");
    }
    if !ended_well && counts.failed == 0 {
        counts.failed = 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn counts_are_read_from_cargos_and_wasm_packs_lines() {
        let output = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n    test result: FAILED. 3 passed; 2 failed; 0 ignored\n";
        let counts = count(output, false);
        assert_eq!((counts.passed, counts.failed, counts.ignored), (15, 2, 1));
        assert_eq!(count("", false).failed, 1);
    }
}
