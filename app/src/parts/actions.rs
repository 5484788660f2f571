//! What the page that is open offers to the command palette and to the list of shortcuts. A page calls
//! [`Actions::offer`] once; it is asked each time the palette opens, so that it offers what its buttons would do then.

use std::sync::Arc;

use leptos::prelude::*;

/// Something that can be done on the page.
#[derive(Clone)]
pub struct Action {
    /// The name of its button: `Delete`.
    pub name: String,
    /// What it would take: "3 selected".
    pub hint: String,
    /// Does what the button does.
    pub run: Arc<dyn Fn() + Send + Sync>,
}

impl Action {
    /// An action of that name.
    pub fn new(
        name: &str,
        hint: impl Into<String>,
        run: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.to_owned(),
            hint: hint.into(),
            run: Arc::new(run),
        }
    }
}

/// Keys that the page hears by itself, each with what it does: `("Space", "Select the row")`.
pub type Keys = &'static [(&'static str, &'static str)];

#[derive(Clone)]
struct Offer {
    number: u32,
    keys: Keys,
    list: Arc<dyn Fn() -> Vec<Action> + Send + Sync>,
}

/// What the page offers, as a context.
#[derive(Clone, Copy)]
pub struct Actions {
    offer: StoredValue<Option<Offer>>,
    offers: StoredValue<u32>,
}

impl Actions {
    /// Provides it to all below.
    pub fn provide() -> Self {
        let actions = Self {
            offer: StoredValue::new(None),
            offers: StoredValue::new(0),
        };
        provide_context(actions);
        actions
    }

    /// Offers these until the page goes. What a person may not do, or what its button wouldn't do now, isn't in `list`.
    pub fn offer(self, keys: Keys, list: impl Fn() -> Vec<Action> + Send + Sync + 'static) {
        let number = self.offers.get_value() + 1;
        self.offers.set_value(number);
        self.offer.set_value(Some(Offer {
            number,
            keys,
            list: Arc::new(list),
        }));
        on_cleanup(move || {
            // The next page may have come before this one goes.
            _ = self.offer.try_update_value(|offer| {
                if offer.as_ref().is_some_and(|offer| offer.number == number) {
                    *offer = None;
                }
            });
        });
    }

    /// What can be done now.
    pub fn list(self) -> Vec<Action> {
        let offer = self.offer.get_value();
        offer.map_or_else(Vec::new, |offer| untrack(|| (offer.list)()))
    }

    /// The page's own keys.
    pub fn keys(self) -> Keys {
        self.offer
            .with_value(|offer| offer.as_ref().map_or(&[][..], |offer| offer.keys))
    }
}

/// The actions of the page around.
pub fn use_actions() -> Actions {
    expect_context::<Actions>()
}
