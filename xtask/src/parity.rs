//! Differential runs against other implementations: exported accounts on a moto server, templates through cfn-lint, shapes against botocore's model, streams against kinesalite, windows against Flink.

use anyhow::Result;

use crate::{sh, tools};

/// Runs `xtask/parity`, which prints a table, writes docs/parity.md, and freezes what passed as cases under tests/cases/export. ARGS name some accounts alone;
/// `kinesis` is the run against kinesalite instead, whose ARGS are `--calls N` and `--seed N`; `flink` the one against Flink, with `--streams N` and `--seed N`.
pub fn run(args: &[String]) -> Result<()> {
    if let Some(("kinesis", rest)) = args.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return kinesis(rest);
    }
    if let Some(("flink", rest)) = args.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return flink(rest);
    }
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

/// Runs `xtask/parity/flink`: random streams on both sides; writes its section of docs/parity.md and tests/cases/flink-parity.json.
fn flink(args: &[String]) -> Result<()> {
    let classes = tools::flink()?;
    sh::run("cargo", &["build", "-p", "sluice-cli"])?;
    let root = sh::root();
    let at = |path: &str| root.join(path).to_string_lossy().into_owned();
    let mut command = sh::command("python3");
    command
        .arg(at("xtask/parity/flink/main.py"))
        .args(["--sluice", &at("target/debug/sluice"), "--classes", &classes, "--version", tools::FLINK])
        .args(["--case", &at("tests/cases/flink-parity.json"), "--report", &at("docs/parity.md")])
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    sh::run_command(&mut command)
}

/// Runs `xtask/parity/kinesis`: random calls on both sides; writes its section of docs/parity.md and tests/cases/kinesis-kinesalite.json.
fn kinesis(args: &[String]) -> Result<()> {
    let module = tools::kinesalite()?;
    sh::run("cargo", &["build", "-p", "sluice-cli"])?;
    let root = sh::root();
    let at = |path: &str| root.join(path).to_string_lossy().into_owned();
    let mut command = sh::command("python3");
    command
        .arg(at("xtask/parity/kinesis/main.py"))
        .args([
            "--sluice",
            &at("target/debug/sluice"),
            "--kinesalite",
            &module.to_string_lossy(),
            "--case",
            &at("tests/cases/kinesis-kinesalite.json"),
            "--report",
            &at("docs/parity.md"),
        ])
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    sh::run_command(&mut command)
}
