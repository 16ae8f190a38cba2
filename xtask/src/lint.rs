//! Format, clippy natively and on wasm, and the dependencies that a crate must not see.

use anyhow::{Result, bail};

use crate::{sh, tools};

const WASM: &str = "wasm32-unknown-unknown";

/// Who must not depend on what: the package, its cargo arguments, and crate name prefixes that may not appear.
const FORBIDDEN: &[(&str, &[&str], &[&str])] = &[
    ("sluice-core", &["--target", WASM], &["wasm-bindgen", "web-sys", "js-sys", "arrow", "parquet"]),
    ("sluice-protocol", &["--target", WASM], &["wasm-bindgen", "web-sys", "arrow", "parquet"]),
    ("sluice-frames", &["--target", WASM], &["wasm-bindgen", "web-sys", "js-sys", "getrandom"]),
    ("sluice-web", &["--target", WASM], &["arrow", "parquet"]),
    ("sluice-account", &["--target", WASM], &["arrow", "parquet"]),
];

pub fn run() -> Result<()> {
    tools::for_build()?;
    tools::for_tests()?;
    sh::run("cargo", &["fmt", "--all", "--check"])?;
    let native: &[&[&str]] = &[
        &[
            "-p",
            "sluice-core",
            "-p",
            "sluice-protocol",
            "-p",
            "sluice-frames",
            "-p",
            "sluice-account",
            "-p",
            "xtask",
        ],
        &[
            "-p",
            "sluice-core",
            "--features",
            "sluice-core/arrow",
            "-p",
            "sluice-engine",
            "-p",
            "sluice-cli",
        ],
    ];
    for packages in native {
        clippy(packages, &["--all-targets"], None)?;
    }
    for package in ["sluice-web", "sluice-account", "sluice-engine", "sluice-wasm-tests"] {
        // The wasm rules forbid blocking calls and the std clock, which panic or hang there.
        clippy(&["-p", package], &["--target", WASM], Some("xtask/clippy-wasm"))?;
    }
    forbidden_dependencies()
}

fn clippy(packages: &[&str], more: &[&str], conf: Option<&str>) -> Result<()> {
    let mut command = sh::command("cargo");
    command.arg("clippy").args(packages).args(more).args(["--", "-D", "warnings"]);
    if let Some(folder) = conf {
        command.env("CLIPPY_CONF_DIR", sh::root().join(folder));
        // clippy does not see that its configuration changed; a target folder of its own keeps the two rule sets apart.
        command.env("CARGO_TARGET_DIR", sh::root().join("target/clippy-wasm"));
    }
    sh::run_command(&mut command)
}

fn forbidden_dependencies() -> Result<()> {
    let mut found = Vec::new();
    for (package, args, forbidden) in FORBIDDEN {
        let mut all = vec!["tree", "-p", package, "--edges", "normal", "--prefix", "none", "--format", "{p}"];
        all.extend(*args);
        let Some(tree) = sh::output("cargo", &all) else {
            bail!("cargo tree -p {package} failed")
        };
        for line in tree.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            if forbidden.iter().any(|prefix| name == *prefix || name.starts_with(&format!("{prefix}-"))) {
                found.push(format!("{package} depends on {name}"));
            }
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        Ok(())
    } else {
        bail!("forbidden dependencies: {}", found.join("; "))
    }
}
