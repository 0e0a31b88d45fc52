//! Colours, for those who want them.

use annotate_snippets::Renderer;
use annotate_snippets::renderer::{AnsiColor, Style};
use np_sim::Verdict;

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// With terminal escapes.
    On,
    /// Plain text.
    Off,
}

/// What a text means, and so how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Passes.
    Good,
    /// Is blocked, or an error.
    Bad,
    /// Is not settled, or a warning.
    Open,
    /// Beside the point.
    Dim,
    /// A heading.
    Strong,
}

impl Paint {
    /// The text in a tone; padding belongs outside.
    pub(crate) fn tint(self, tone: Tone, text: &str) -> String {
        let code = match (self, tone) {
            (Self::Off, _) => return text.to_owned(),
            (Self::On, Tone::Good) => "32",
            (Self::On, Tone::Bad) => "31",
            (Self::On, Tone::Open) => "33",
            (Self::On, Tone::Dim) => "2",
            (Self::On, Tone::Strong) => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// What draws excerpts, in the same tones.
    pub(crate) const fn renderer(self) -> Renderer {
        match self {
            Self::Off => Renderer::plain(),
            Self::On => Renderer::styled()
                .error(AnsiColor::Red.on_default())
                .warning(AnsiColor::Yellow.on_default())
                .note(Style::new().dimmed())
                .line_num(Style::new().dimmed()),
        }
    }

    /// The same, filled up with blanks to `width`.
    pub(crate) fn padded(self, tone: Tone, text: &str, width: usize) -> String {
        let fill = width.saturating_sub(text.chars().count());
        format!("{}{:fill$}", self.tint(tone, text), "")
    }
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allowed => Self::Good,
            Verdict::Denied => Self::Bad,
            Verdict::Partial | Verdict::Unknown => Self::Open,
        }
    }
}
