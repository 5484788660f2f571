//! Icons: inline SVG in Lucide's shapes, drawn with the colour of the text around them. Never the only name of a thing.

use leptos::prelude::*;

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Layers: work stacks, and the product.
    Layers,
    /// A list with ticks: the Deletion Queue.
    Queue,
    /// A scroll: the audit log.
    Audit,
    /// Three dots: more.
    More,
    /// A cross: delete now, close.
    X,
    /// A magnifying glass.
    Search,
    /// A circle of arrows: refresh.
    Refresh,
    /// A triangle with a mark.
    Warning,
    /// A tick.
    Check,
    /// Up: sorted from the smallest.
    Up,
    /// Down: sorted from the largest.
    Down,
    /// An empty tray.
    Empty,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Layers => "m12 3 9 5-9 5-9-5zM3 13l9 5 9-5",
            Self::Queue => {
                "m3 6 1.5 1.5L7 5m-4 7 1.5 1.5L7 11m-4 7 1.5 1.5L7 17M11 6h10M11 12h10M11 18h10"
            }
            Self::Audit => "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7",
            Self::More => "M5 12h.01M12 12h.01M19 12h.01",
            Self::X => "M18 6 6 18M6 6l12 12",
            Self::Search => "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM21 21l-5-5",
            Self::Refresh => {
                "M20 11a8 8 0 0 0-14.5-4L3 9.5M3 4v5.5h5.5M4 13a8 8 0 0 0 14.5 4l2.5-2.5M21 20v-5.5h-5.5"
            }
            Self::Warning => "m12 3.5 9.5 17h-19zM12 10v4.5M12 17.5h.01",
            Self::Check => "m4 12.5 5 5L20 6.5",
            Self::Up => "M12 19V5m-6 6 6-6 6 6",
            Self::Down => "M12 5v14m-6-6 6 6 6-6",
            Self::Empty => "M3 13h5l1.5 3h5L16 13h5M5.5 5h13L21 13v6H3v-6z",
        }
    }
}

/// The icon itself, hidden from screen readers.
#[component]
pub fn Icon(
    /// Which one.
    icon: Icon,
) -> impl IntoView {
    view! {
        <svg class="glyph" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
}
