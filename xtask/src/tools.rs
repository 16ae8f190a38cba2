//! Installing what is missing, and only that.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::sh;

const TRUNK: &str = "0.21.14";
const GECKODRIVER: &str = "0.37.1";
const WASM_PACK: &str = "0.15.1";

/// What the site's build needs: the wasm target, wasm-bindgen of the locked version, Trunk, and a wasm optimiser that works.
pub fn for_build() -> Result<()> {
    rust_target("wasm32-unknown-unknown")?;
    let locked = locked_version("wasm-bindgen")?;
    if version_of("wasm-bindgen").as_deref() != Some(locked.as_str()) {
        // Not --locked: its lock file can name versions newer than a lagging index has.
        cargo_install("wasm-bindgen-cli", &locked, false, 3)?;
    }
    if !version_of("trunk").is_some_and(|version| version.starts_with("0.21.")) {
        cargo_install("trunk", TRUNK, true, 10)?;
    }
    npm_tools()
}

/// What the tests need beyond the build.
pub fn for_tests() -> Result<()> {
    rust_target("wasm32v1-none")?;
    if version_of("wasm-pack").is_none() {
        cargo_install("wasm-pack", WASM_PACK, true, 4)?;
    }
    for_browser()
}

/// What a browser run needs: Chromium, its driver, Playwright, and a Parquet reader that isn't ours.
pub fn for_browser() -> Result<()> {
    if sh::output("chromium", &["--version"]).is_none() || sh::output("chromedriver", &["--version"]).is_none() {
        debian(&["chromium", "chromium-driver"])?;
    }
    let e2e = sh::root().join("e2e/playwright");
    if !up_to_date(&e2e.join("package-lock.json"), &e2e.join("node_modules/.package-lock.json")) {
        sh::run_command(
            sh::command("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(&e2e)
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
        )?;
    }
    python().map(|_| ())
}

/// Firefox and its driver, which `cargo xtask test --all` alone asks for: where the driver is.
pub fn for_firefox() -> Result<PathBuf> {
    if sh::output("firefox", &["--version"]).is_none() && sh::output("firefox-esr", &["--version"]).is_none() {
        debian(&["firefox-esr"])?;
    }
    if version_of("geckodriver").is_none() {
        cargo_install("geckodriver", GECKODRIVER, true, 4)?;
    }
    let found = sh::output("sh", &["-c", "command -v geckodriver"]).context("geckodriver is installed, and not on the PATH")?;
    Ok(PathBuf::from(found))
}

/// A Python with pyarrow: the other reader that the tests compare Parquet files with.
pub fn python() -> Result<PathBuf> {
    python_with("venv", "import pyarrow", &["pyarrow"])
}

/// A Python with what `cargo xtask parity` compares with: moto, the AWS CLI, boto3 and cfn-lint, in the versions that were last compared with.
pub fn parity_python() -> Result<PathBuf> {
    python_with(
        "parity",
        "import moto.server, boto3, awscli, cfnlint",
        &["moto[server,s3]==5.2.5", "awscli==1.46.3", "boto3==1.44.5", "cfn-lint==1.58.0"],
    )
}

/// The release of Flink that streams are compared with.
pub const FLINK: &str = "2.3.0";

/// A class path with Flink and the compiled `xtask/parity/flink`. Flink's jars come with its Python package, of which nothing else is used.
pub fn flink() -> Result<String> {
    if sh::output("javac", &["-version"]).is_none() {
        debian(&["openjdk-17-jdk-headless"])?;
    }
    let folder = sh::root().join("target/tools/flink");
    let jar = folder.join(format!("flink-dist-{FLINK}.jar"));
    let at = |path: &PathBuf| path.to_string_lossy().into_owned();
    if !jar.exists() {
        fs::create_dir_all(&folder)?;
        let python = python_with("pip", "import pip", &[])?;
        let package = format!("apache-flink-libraries=={FLINK}");
        let download = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            ":all:",
            "-d",
            &at(&folder),
            &package,
        ];
        sh::run(&at(&python), &download)?;
        let name = format!("apache_flink_libraries-{FLINK}");
        let archive = folder.join(format!("{name}.tar.gz"));
        let inside = format!("{name}/deps/lib/flink-dist-{FLINK}.jar");
        sh::run("tar", &["xzf", &at(&archive), "--strip-components=3", "-C", &at(&folder), &inside])?;
        fs::remove_file(archive)?;
    }
    let classes = folder.join("classes");
    fs::create_dir_all(&classes)?;
    let source = |name: &str| at(&sh::root().join("xtask/parity/flink").join(name));
    let sources = [source("FlinkParity.java"), source("FlinkBench.java")];
    sh::run("javac", &["-nowarn", "-d", &at(&classes), "-cp", &at(&jar), &sources[0], &sources[1]])?;
    Ok(format!("{}:{}", at(&classes), at(&jar)))
}

/// The Python of a virtual environment under target/tools in which `check` runs, made and filled where it does not.
fn python_with(name: &str, check: &str, packages: &[&str]) -> Result<PathBuf> {
    let venv = sh::root().join("target/tools").join(name);
    let python = venv.join("bin/python");
    let path = python.to_string_lossy().into_owned();
    if sh::output(&path, &["-c", check]).is_none() {
        let make = |venv: &str| sh::run("python3", &["-m", "venv", venv]);
        let target = venv.to_string_lossy().into_owned();
        if make(&target).is_err() {
            debian(&["python3", "python3-venv"])?;
            make(&target)?;
        }
        if !packages.is_empty() {
            let mut install = vec!["-m", "pip", "install", "--quiet"];
            install.extend(packages);
            sh::run(&path, &install)?;
        }
    }
    Ok(python)
}

/// Version of a crate in Cargo.lock.
pub fn locked_version(name: &str) -> Result<String> {
    let lock = fs::read_to_string(sh::root().join("Cargo.lock")).context("Cargo.lock is missing")?;
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        if line == format!("name = \"{name}\"")
            && let Some(version) = lines.next().and_then(|line| line.strip_prefix("version = "))
        {
            return Ok(version.trim_matches('"').to_owned());
        }
    }
    bail!("Cargo.lock names no {name}")
}

/// The last word of `TOOL --version`'s first line that looks like a version.
fn version_of(tool: &str) -> Option<String> {
    let printed = sh::output(tool, &["--version"])?;
    printed
        .lines()
        .next()?
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}

fn rust_target(target: &str) -> Result<()> {
    let sysroot = sh::output("rustc", &["--print", "sysroot"]).context("rustc does not answer")?;
    if PathBuf::from(sysroot).join("lib/rustlib").join(target).exists() {
        return Ok(());
    }
    sh::run("rustup", &["target", "add", target])
}

fn cargo_install(package: &str, version: &str, locked: bool, minutes: u32) -> Result<()> {
    if sh::output("cargo", &["binstall", "-V"]).is_some() && sh::run("cargo", &["binstall", "--no-confirm", &format!("{package}@{version}")]).is_ok() {
        return Ok(());
    }
    eprintln!("{package} {version} is missing: compiling it, about {minutes} minutes on two cores");
    let mut args = vec!["install", package, "--version", version];
    if locked {
        args.push("--locked");
    }
    sh::run("cargo", &args)
}

/// binaryen and esbuild from npm: distributions' own wasm-opt can be too old for the output of wasm-bindgen.
fn npm_tools() -> Result<()> {
    npm_into("xtask/npm", "target/tools").map(|_| ())
}

/// kinesalite, in the version that was last compared with: the folder of its module.
pub fn kinesalite() -> Result<PathBuf> {
    Ok(npm_into("xtask/parity/kinesis/npm", "target/tools/kinesis")?.join("node_modules/kinesalite"))
}

/// Installs what the lock file in one folder says into another, where that is not done.
fn npm_into(from: &str, to: &str) -> Result<PathBuf> {
    let (from, to) = (sh::root().join(from), sh::root().join(to));
    if up_to_date(&from.join("package-lock.json"), &to.join("node_modules/.package-lock.json")) {
        return Ok(to);
    }
    fs::create_dir_all(&to)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(from.join(name), to.join(name)).with_context(|| format!("{}/{name}", from.display()))?;
    }
    sh::run_command(sh::command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&to))?;
    Ok(to)
}

fn up_to_date(lock: &PathBuf, installed: &PathBuf) -> bool {
    let modified = |path: &PathBuf| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    match (modified(lock), modified(installed)) {
        (Some(lock), Some(installed)) => installed >= lock,
        _ => false,
    }
}

fn debian(packages: &[&str]) -> Result<()> {
    if sh::output("apt-get", &["--version"]).is_none() {
        bail!(
            "{} missing, and this machine has no apt-get: install it with its own package manager and run again",
            packages.join(" and ")
        );
    }
    let root = sh::output("id", &["-u"]).as_deref() == Some("0");
    let apt = |args: &[&str]| {
        let mut command = if root { sh::command("apt-get") } else { sh::command("sudo") };
        if !root {
            command.arg("apt-get");
        }
        sh::run_command(command.args(args).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "-qq"])?;
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}
