//! Differential runs against other implementations: exported accounts on a moto server, templates through cfn-lint, shapes against botocore's model.

use anyhow::Result;

use crate::{sh, tools};

/// Runs `xtask/parity`, which prints a table, writes docs/parity.md, and freezes what passed as cases under tests/cases/export. ARGS name some accounts alone.
pub fn run(args: &[String]) -> Result<()> {
    let python = tools::parity_python()?;
    sh::run("cargo", &["build", "-p", "sluice-cli"])?;
    let root = sh::root();
    let at = |path: &str| root.join(path).to_string_lossy().into_owned();
    let mut command = sh::command(&python.to_string_lossy());
    command
        .arg(at("xtask/parity/main.py"))
        .args([
            "--sluice",
            &at("target/debug/sluice"),
            "--cases",
            &at("tests/cases/export"),
            "--report",
            &at("docs/parity.md"),
        ])
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    sh::run_command(&mut command)
}
