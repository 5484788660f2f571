//! Who is signed in and what the menu shows, as a context for all pages inside the frame.

use domain::Permission;
use domain::session::Shell;
use leptos::prelude::*;

use crate::session;

/// The shell as it was last read.
#[derive(Clone, Copy)]
pub struct CurrentShell {
    shell: RwSignal<Shell>,
    changes: RwSignal<u32>,
    /// Counts the readings: an answer that a later one has overtaken is dropped.
    turn: StoredValue<u32>,
}

impl CurrentShell {
    /// Provides it to all below.
    pub fn provide(shell: Shell) -> Self {
        let current = Self {
            shell: RwSignal::new(shell),
            changes: RwSignal::new(0),
            turn: StoredValue::new(0),
        };
        provide_context(current);
        current
    }

    /// The shell, tracked.
    pub fn get(self) -> Shell {
        self.shell.get()
    }

    /// Reads a part of it, tracked.
    pub fn with<T>(self, read: impl FnOnce(&Shell) -> T) -> T {
        self.shell.with(read)
    }

    /// Whether the page may offer what this permission allows. What is refused is decided on the server.
    pub fn may(self, permission: Permission) -> bool {
        self.shell.with(|shell| shell.may(permission))
    }

    /// Grows with everything that this person did: a page that shows leads or deletions reads anew when it does.
    pub fn changes(self) -> u32 {
        self.changes.get()
    }

    /// After an act: reads the shell anew and tells the pages. Only in handlers and effects.
    pub fn refresh(self) {
        _ = self.changes.try_update(|n| *n += 1);
        self.reread();
    }

    /// Reads the shell anew: counts and badge.
    pub fn reread(self) {
        let Some(turn) = self.turn.try_get_value() else {
            return;
        };
        self.turn.set_value(turn + 1);
        leptos::task::spawn_local(async move {
            // One that can't be read leaves what stands; the page's own calls say why.
            if let Ok(shell) = session::shell().await
                && self.turn.try_get_value() == Some(turn + 1)
            {
                _ = self.shell.try_set(shell);
            }
        });
    }
}

/// The shell of the page around.
pub fn use_shell() -> CurrentShell {
    expect_context::<CurrentShell>()
}
