//! Counts of what np found, by kinds of mistake, and the table of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::fix::Fixed;

/// A number from the environment.
pub(crate) fn setting(name: &str, default: usize) -> usize {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// What came of the mistakes of a kind.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) name: &'static str,
    pub(crate) cases: usize,
    /// Where the broken fact is the first near miss.
    pub(crate) first: usize,
    /// Where it is among the first three.
    pub(crate) among_three: usize,
    /// Where the first fix restores what was.
    pub(crate) restored: usize,
    /// Where some fix does.
    pub(crate) restored_by_any: usize,
    /// Breaks that took nothing away, or left it unknown: they are no cases.
    pub(crate) without_effect: usize,
    /// Cases and those found first, by what kind of mistake it is within its kind.
    by_how: BTreeMap<&'static str, (usize, usize)>,
    /// Cases that went wrong, to be shown.
    pub(crate) wrong: Vec<String>,
}

impl Tally {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// Counts a case, in which the broken fact is the miss with this index, and what fixes make of it.
    pub(crate) fn add(&mut self, how: &'static str, rank: Option<usize>, fixed: &Fixed) {
        self.cases += 1;
        self.restored += usize::from(fixed.is_restored);
        self.restored_by_any += usize::from(fixed.restoring.is_some());
        self.first += usize::from(rank == Some(0));
        self.among_three += usize::from(rank.is_some_and(|rank| rank < 3));
        let (cases, first) = self.by_how.entry(how).or_default();
        *cases += 1;
        *first += usize::from(rank == Some(0));
    }

    /// Keeps a case that went wrong, if more are to be shown.
    pub(crate) fn keep(&mut self, case: impl FnOnce() -> String) {
        if self.wrong.len() < setting("NP_SHOW", 0) {
            self.wrong.push(format!("---- {}\n{}", self.name, case()));
        }
    }
}

fn percent(part: usize, all: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if all == 0 { 0.0 } else { 100.0 * number(part) / number(all) }
}

/// The mean over kinds, each weighted alike, in percent.
pub(crate) fn mean(tallies: &[Tally], of: fn(&Tally) -> usize) -> f64 {
    let sum: f64 = tallies.iter().map(|tally| percent(of(tally), tally.cases)).sum();
    sum / f64::from(u32::try_from(tallies.len().max(1)).unwrap_or(u32::MAX))
}

/// The columns after the counts.
const SHARES: [fn(&Tally) -> usize; 4] =
    [|tally| tally.first, |tally| tally.among_three, |tally| tally.restored, |tally| tally.restored_by_any];

/// A line for each kind, and their mean.
pub(crate) fn table(tallies: &[Tally]) -> String {
    let mut text = format!(
        "{:<24}{:>6}{:>11}{:>8}{:>8}{:>10}{:>8}\n",
        "kind", "cases", "no effect", "first", "of 3", "restored", "by any"
    );
    let mut line = |name: &str, [cases, none]: [String; 2], shares: &[f64]| {
        let _ = write!(text, "{name:<24}{cases:>6}{none:>11}");
        for (share, width) in shares.iter().zip([7, 7, 9, 7]) {
            let _ = write!(text, "{share:>width$.1}%");
        }
        text.push('\n');
    };
    for tally in tallies {
        let counts = [tally.cases.to_string(), tally.without_effect.to_string()];
        line(tally.name, counts, &SHARES.map(|of| percent(of(tally), tally.cases)));
        if tally.by_how.len() > 1 {
            for (how, (cases, first)) in &tally.by_how {
                line(&format!("  {how}"), [cases.to_string(), String::new()], &[percent(*first, *cases)]);
            }
        }
    }
    if tallies.len() > 1 {
        line("mean of kinds", [String::new(), String::new()], &SHARES.map(|of| mean(tallies, of)));
    }
    text
}
