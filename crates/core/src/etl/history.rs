//! What was done to a document, so that it can be undone: one unit a gesture, bounded, saved with the document.
//!
//! Belongs here: the two stacks as one list with a cursor, grouping, merging of strokes. Does not belong here: what an edit does.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::document::Edit;

/// Units kept; older ones are forgotten first.
pub const HISTORY_LIMIT: usize = 200;

/// One gesture: what undo takes back at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// In the past tense, without a full stop: "Added Filter".
    pub label: String,
    /// Strokes with the same key, one after another, are one unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    pub(super) forward: Vec<Edit>,
    /// Inverses, the one of the last edit first.
    pub(super) backward: Vec<Edit>,
}

/// The units of a document, oldest first, and how many of them are in effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    units: Vec<Unit>,
    cursor: usize,
    #[serde(skip, default = "limit")]
    pub(super) limit: usize,
}

fn limit() -> usize {
    HISTORY_LIMIT
}

impl Default for History {
    fn default() -> Self {
        History {
            units: Vec::new(),
            cursor: 0,
            limit: HISTORY_LIMIT,
        }
    }
}

impl History {
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Units in effect; those after it can be redone.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn undoable(&self) -> Option<&Unit> {
        self.cursor.checked_sub(1).and_then(|last| self.units.get(last))
    }

    pub fn redoable(&self) -> Option<&Unit> {
        self.units.get(self.cursor)
    }

    /// Whether a cursor that came from a file points into the list.
    pub(super) fn is_sound(&self) -> bool {
        self.cursor <= self.units.len() && self.units.len() <= HISTORY_LIMIT
    }

    pub(super) fn record(&mut self, label: String, group: Option<String>, forward: Edit, backward: Edit) {
        self.units.truncate(self.cursor);
        if group.is_some()
            && let Some(last) = self.units.last_mut()
            && last.group == group
        {
            if let Some(stroke) = last.forward.last_mut()
                && stroke.is_restroke(&forward)
            {
                // The inverse of the first stroke already leads to where the second one would.
                *stroke = forward;
            } else {
                last.forward.push(forward);
                last.backward.insert(0, backward);
            }
            last.label = label;
            return;
        }
        self.units.push(Unit {
            label,
            group,
            forward: Vec::from([forward]),
            backward: Vec::from([backward]),
        });
        if self.units.len() > self.limit {
            self.units.remove(0);
        }
        self.cursor = self.units.len();
    }

    /// Ends the current group: the next stroke starts a unit of its own, whatever its key.
    pub(super) fn close_group(&mut self) {
        if let Some(last) = self.cursor.checked_sub(1).and_then(|last| self.units.get_mut(last)) {
            last.group = None;
        }
    }

    pub(super) fn back(&mut self) {
        self.cursor = self.cursor.saturating_sub(1);
    }

    pub(super) fn forth(&mut self) {
        self.cursor = (self.cursor + 1).min(self.units.len());
    }

    pub(super) fn clear(&mut self) {
        self.units.clear();
        self.cursor = 0;
    }
}
