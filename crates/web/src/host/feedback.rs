//! What the page tells the reader on its own: toasts, and the polite live region.

use core::time::Duration;

use leptos::prelude::*;
use sluice_core::account::ApiError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    Done,
    /// Went through, but probably not as meant. Stays until it is closed.
    Warning,
    Error,
}

/// A message in the corner. Errors stay until they are closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub kind: ToastKind,
    /// The API's error code.
    pub code: Option<String>,
    pub message: String,
    pub help: Option<String>,
}

impl Toast {
    pub fn error(error: &ApiError) -> Toast {
        Toast {
            kind: ToastKind::Error,
            code: Some(error.code.clone()),
            message: error.message.clone(),
            help: error.help.clone(),
        }
    }

    pub fn done(message: String) -> Toast {
        Toast {
            kind: ToastKind::Done,
            code: None,
            message,
            help: None,
        }
    }
}

/// Toasts on show, by a number of their own, and the text of the live region.
#[derive(Clone, Copy)]
pub struct Feedback {
    pub toasts: RwSignal<Vec<(u32, Toast)>>,
    pub spoken: RwSignal<String>,
    next: StoredValue<u32>,
    pending: StoredValue<Option<String>>,
    throttled: StoredValue<bool>,
}

/// Of a burst of announcements only the last is worth hearing.
const BETWEEN_ANNOUNCEMENTS: Duration = Duration::from_millis(700);
const DONE_FOR: Duration = Duration::from_secs(6);
/// More than this many at once bury the page.
const MOST_TOASTS: usize = 4;

impl Feedback {
    pub fn new() -> Feedback {
        Feedback {
            toasts: RwSignal::new(Vec::new()),
            spoken: RwSignal::new(String::new()),
            next: StoredValue::new(0),
            pending: StoredValue::new(None),
            throttled: StoredValue::new(false),
        }
    }

    pub fn toast(self, toast: Toast) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let passing = toast.kind == ToastKind::Done;
        self.toasts.update(|toasts| {
            // The same refusal twice is one message.
            toasts.retain(|(_, other)| *other != toast);
            toasts.push((id, toast));
            if toasts.len() > MOST_TOASTS {
                toasts.remove(0);
            }
        });
        if passing {
            set_timeout(move || self.close(id), DONE_FOR);
        }
    }

    pub fn close(self, id: u32) {
        self.toasts.update(|toasts| toasts.retain(|(other, _)| *other != id));
    }

    pub fn announce(self, text: String) {
        self.pending.set_value(Some(text));
        if !self.throttled.get_value() {
            self.speak();
        }
    }

    fn speak(self) {
        let Some(text) = self.pending.try_update_value(Option::take).flatten() else {
            self.throttled.set_value(false);
            return;
        };
        // A text that is said again is only heard when it differs from what stands there.
        let again = self.spoken.with_untracked(|spoken| *spoken == text);
        self.spoken.set(if again { format!("{text}\u{a0}") } else { text });
        self.throttled.set_value(true);
        set_timeout(move || self.speak(), BETWEEN_ANNOUNCEMENTS);
    }
}
