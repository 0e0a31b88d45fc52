//! Which Kubernetes release is to take the manifests: what a policy may look like differs between
//! releases in how strictly they read CIDRs.
//!
//! Up to 1.35 an API server accepts sloppy CIDRs (bits beyond the prefix, leading zeros, IPv4 in
//! IPv6 notation) and everything that evaluates them reads the masked network; from 1.33 on it
//! warns about them, and from 1.36 on it refuses them.

use std::fmt;
use std::str::FromStr;

/// A minor release of Kubernetes 1 whose reading np knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release(u8);

/// A text that names no release that np knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRelease(String);

/// What a release does with a CIDR that is not written as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sloppy {
    /// It takes it without a word.
    Taken,
    /// It takes it with a warning.
    Warned,
    /// It refuses the policy.
    Refused,
}

impl Release {
    /// The oldest release that np knows.
    pub const OLDEST: Self = Self(32);
    /// The newest release that np knows.
    pub const NEWEST: Self = Self(37);

    /// What it does with a sloppy CIDR in a new policy.
    pub(crate) fn sloppy_cidrs(self) -> Sloppy {
        match self.0 {
            ..=32 => Sloppy::Taken,
            33..=35 => Sloppy::Warned,
            36.. => Sloppy::Refused,
        }
    }
}

impl Default for Release {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

impl FromStr for Release {
    type Err = UnknownRelease;

    fn from_str(text: &str) -> Result<Self, UnknownRelease> {
        let known = Self::OLDEST.0..=Self::NEWEST.0;
        let mut releases = known.map(Self);
        releases.find(|release| release.to_string() == text).ok_or_else(|| UnknownRelease(text.to_owned()))
    }
}

impl fmt::Display for UnknownRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (oldest, newest) = (Release::OLDEST, Release::NEWEST);
        write!(f, "np does not know Kubernetes `{}`; write {oldest} to {newest}", self.0)
    }
}

impl std::error::Error for UnknownRelease {}

#[cfg(test)]
mod tests {
    use super::{Release, Sloppy};

    #[test]
    fn releases_are_those_from_the_oldest_to_the_newest() {
        for (text, sloppy) in [
            ("1.32", Sloppy::Taken),
            ("1.33", Sloppy::Warned),
            ("1.35", Sloppy::Warned),
            ("1.36", Sloppy::Refused),
            ("1.37", Sloppy::Refused),
        ] {
            let release: Release = text.parse().unwrap();
            assert_eq!((release.to_string().as_str(), release.sloppy_cidrs()), (text, sloppy));
        }
        for text in ["", "1.31", "1.38", "1.037", "2.35", "v1.35", "1.35.4", "35"] {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
        assert_eq!(Release::default().to_string(), "1.37");
    }
}
