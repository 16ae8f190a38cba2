//! Building the site into `dist/`.

use std::path::PathBuf;

use anyhow::Result;

use crate::{sh, tools};

/// Installs what is missing, builds everything in release, and answers where the site is. Trunk calls `finish` before it puts the site in its place.
pub fn site() -> Result<PathBuf> {
    tools::for_build()?;
    // Trunk reads NO_COLOR as a value of its own flag and refuses "1".
    sh::run_command(sh::command("trunk").args(["build", "--release"]).env_remove("NO_COLOR"))?;
    Ok(sh::root().join("dist"))
}
