//! Sets of connections as np writes them, read and written here on their own, so that a mistake in np's
//! notation is seen.

use std::collections::BTreeSet;

/// Per family (4, 6) and protocol, a sorted list of disjoint port ranges that do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Set([[Vec<(u16, u16)>; 3]; 2]);

pub(super) const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

impl Set {
    /// Reads `tcp/80,443 udp/53`, `all`, `-`, a bare port; an item without a family is for both. None if it is
    /// something else, a port name for one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut set = Self::default();
        for item in text.split_whitespace() {
            let (families, item) = match item.split_once(':') {
                Some(("v4", rest)) => (0..1, rest),
                Some(("v6", rest)) => (1..2, rest),
                Some(_) => return None,
                None => (0..2, item),
            };
            let (protocols, ports) = match item.split_once('/') {
                _ if item == "-" => continue,
                None if item == "all" => (0..3, None),
                None => match PROTOCOLS.iter().position(|name| *name == item) {
                    Some(at) => (at..at + 1, None),
                    None => (0..1, Some(item)),
                },
                Some((protocol, ports)) => {
                    let at = PROTOCOLS.iter().position(|name| *name == protocol)?;
                    (at..at + 1, Some(ports))
                }
            };
            let mut ranges = Vec::new();
            for range in ports.unwrap_or("1-65535").split(',') {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                ranges.push((first.parse().ok().filter(|first| *first > 0)?, last.parse().ok()?));
            }
            for family in families {
                for protocol in protocols.clone() {
                    for &(first, last) in &ranges {
                        set.add(family, protocol, first, last);
                    }
                }
            }
        }
        Some(set)
    }

    /// Adds a range of ports.
    pub(super) fn add(&mut self, family: usize, protocol: usize, first: u16, last: u16) {
        let mut ranges = std::mem::take(&mut self.0[family][protocol]);
        ranges.push((first, last));
        ranges.sort_unstable();
        let merged = &mut self.0[family][protocol];
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
    }

    pub(super) fn has(&self, family: usize, protocol: usize, port: u16) -> bool {
        self.0[family][protocol].iter().any(|&(first, last)| first <= port && port <= last)
    }

    /// Every port at which a range begins, and every port after one.
    pub(super) fn edges(&self) -> BTreeSet<u16> {
        let ranges = self.0.iter().flatten().flatten();
        ranges.flat_map(|&(first, last)| [Some(first), last.checked_add(1)]).flatten().collect()
    }

    /// The set as np writes it for ends with these families: prefixes only where the families differ.
    pub(super) fn write(&self, families: &BTreeSet<usize>) -> String {
        let items = |family: usize, prefix: &str| -> Vec<String> {
            let lists = self.0[family].iter().zip(PROTOCOLS).filter(|(ranges, _)| !ranges.is_empty());
            lists
                .map(|(ranges, name)| {
                    let ranges: Vec<_> =
                        ranges.iter().map(|(first, last)| format!("{first}-{last}")).collect();
                    format!("{prefix}{name}/{}", ranges.join(","))
                })
                .collect()
        };
        let differ = families.len() == 2 && self.0[0] != self.0[1];
        let texts = match families.first() {
            Some(_) if differ => [items(0, "v4:"), items(1, "v6:")].concat(),
            Some(&family) => items(family, ""),
            None => Vec::new(),
        };
        if texts.is_empty() { "-".to_owned() } else { texts.join(" ") }
    }
}
