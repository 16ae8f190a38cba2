//! Standard output, whose reader may leave before we are done (`sluice run … | head`).

use std::fmt::Display;
use std::io::Write;

/// Writes a line to standard output. A reader that is gone is no error of ours: what it did not want to read is not said.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
