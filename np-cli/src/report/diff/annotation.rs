//! What the formats for tools have in common: how grave a change is, in one sentence, and by what it is known again.

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::decider::Who;
use super::{Note, Row};
use crate::report::clean::clip;

/// How many of those who decide a change are named.
const NAMED: usize = 3;

/// How many bytes of a hash a fingerprint has.
const BYTES: usize = 16;

/// How grave a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Level {
    /// The check fails for it.
    Error,
    /// The check does not fail for it, and it is risky.
    Warning,
    /// Anything else, and what is accepted.
    Note,
}

impl Row {
    pub(super) fn level(&self) -> Level {
        match (&self.accepted, self.fails.as_slice(), self.risks.as_slice()) {
            (Some(_), _, _) | (None, [], []) => Level::Note,
            (None, [], _) => Level::Warning,
            (None, _, _) => Level::Error,
        }
    }

    /// What happens, such as `OPENED internet → shop/sts/db tcp/5432`.
    pub(super) fn headline(&self) -> String {
        let ends: Vec<&str> = self.ends.iter().map(String::as_str).filter(|end| !end.is_empty()).collect();
        format!("{} {} {}", self.change.to_uppercase(), ends.join(" → "), clip(&self.short))
    }

    /// Who decides it, with places, such as `shop/db-ingress rule 2 (db.yaml:22:9)`; empty if nobody is known to.
    pub(super) fn reason(&self) -> String {
        let mut told: Vec<String> = self.changed_by().take(NAMED).map(Who::sentence).collect();
        let count = self.changed_by().count();
        if count > NAMED {
            told.push(format!("{} more", count - NAMED));
        }
        told.join(", ")
    }

    /// Both, in one line.
    pub(super) fn sentence(&self) -> String {
        match self.reason() {
            reason if reason.is_empty() => self.headline(),
            reason => format!("{}: {reason}", self.headline()),
        }
    }

    /// Why it is accepted, if it is, with the place of the entry.
    pub(super) fn acceptance(&self) -> Option<String> {
        let accepted = self.accepted.as_ref()?;
        let until = accepted.expires.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
        Some(format!("{}{until} ({})", clip(&accepted.reason), accepted.place))
    }

    /// A hash of what it is about: neither of lines, nor of the order in which it is told.
    fn hash(&self) -> String {
        let mut digest = Sha256::new();
        let mut add = |parts: &mut dyn Iterator<Item = &str>| {
            for part in parts {
                digest.update(part);
                digest.update([0]);
            }
            digest.update([1]);
        };
        add(&mut [self.change, self.direction.unwrap_or_default(), self.relation.unwrap_or_default()]
            .into_iter());
        add(&mut self.from.iter().map(String::as_str));
        add(&mut self.to.iter().map(String::as_str));
        add(&mut self.connections().into_iter());
        let mut policies: Vec<_> =
            self.changed_by().filter_map(|who| Some((who.policy.as_deref()?, who.direction?))).collect();
        policies.sort_unstable();
        policies.dedup();
        add(&mut policies.into_iter().flat_map(|(policy, direction)| [policy, direction]));
        short(digest)
    }
}

fn short(digest: Sha256) -> String {
    let start = digest.finalize().into_iter().take(BYTES);
    format!("{:032x}", start.fold(0_u128, |number, byte| number << 8 | u128::from(byte)))
}

impl Note {
    /// A hash of what there is to say, without the place.
    pub(super) fn hash(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(&self.message);
        short(digest)
    }

    /// What there is to say, with the place.
    pub(super) fn sentence(&self) -> String {
        match &self.place {
            Some(place) => format!("{} ({place})", self.message),
            None => self.message.clone(),
        }
    }
}

impl Who {
    fn sentence(&self) -> String {
        let side = if self.side == "base" { " in the base" } else { "" };
        match &self.place {
            Some(place) => format!("{} ({place}{side})", self.message),
            None => self.message.clone(),
        }
    }
}

/// By what each of some changes is known again after others came and files were edited: a hash of what it is about, and
/// which of those with that hash it is.
pub(super) fn fingerprints(rows: &[Row]) -> Vec<String> {
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    let fingerprint = |row: &Row| {
        let hash = row.hash();
        let count = seen.entry(hash.clone()).or_default();
        *count += 1;
        format!("{hash}:{count}")
    };
    rows.iter().map(fingerprint).collect()
}
