//! What several screens draw with: the shell, dialogs, glyphs, messages.
//!
//! Belongs here: parts that know no service. Does not belong here: a screen.

mod actions;
mod arrival;
mod dialog;
mod empty;
mod glyph;
mod keyhelp;
mod shell;
mod theme;
mod toasts;

pub use actions::ScreenActions;
pub use arrival::{Drawn, Loading, arrived, at_once};
pub use dialog::{Confirm, Dialog};
pub use empty::{Empty, Fault, key_in};
pub use glyph::{Brand, Glyph, glyph};
pub use keyhelp::KeyHelp;
pub use shell::{Crumb, Shell, ShellState};
