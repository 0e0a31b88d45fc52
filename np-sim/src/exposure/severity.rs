//! How bad it is what one direction leaves open, so that the worst can be shown first.

use np_model::addr::Family;
use np_model::conn::{ConnSet, PortSet, Protocol};

use super::Facing;
use crate::admit::{Admission, Home};

/// How bad one direction is: who at worst, whether that is certain, and on how many ports. Of two
/// that are as bad in one respect the next decides; unknown comes right behind certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Severity {
    /// Who at worst.
    pub level: Level,
    /// Whether something certainly passes with those, or that depends on facts not in the input.
    pub is_certain: bool,
    /// On how many ports, of all protocols.
    pub breadth: u32,
}

/// With whom something passes, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Every address of the internet.
    Internet,
    /// Some addresses of the internet.
    SomeInternet,
    /// Every pod of every namespace, whatever its labels.
    EveryPod,
    /// Pods that choose their labels, or those of their namespace, whatever its name.
    ChosenLabels,
    /// Addresses outside the cluster that are not routed globally.
    Outside,
    /// Pods of other namespaces, by the names of those.
    OtherNamespaces,
    /// Pods of its own namespace.
    OwnNamespace,
    /// Nobody.
    Nobody,
}

impl Severity {
    /// Nothing passes with anybody.
    pub const NOTHING: Self = Self { level: Level::Nobody, is_certain: true, breadth: 0 };

    /// How bad a direction is of a subject in the namespace `own`.
    pub(super) fn of(facing: &Facing, own: &str) -> Self {
        let chosen = |is_meant: &dyn Fn(&Home) -> bool| {
            let meant = facing.admits.admissions.iter().filter(|it| is_meant(&it.needs.namespace));
            let (certain, maybe): (Vec<_>, Vec<_>) = meant.partition(|it| it.is_certain);
            [union(&certain), union(&maybe)]
        };
        let is_any = |home: &Home| matches!(home, Home::Any { .. });
        let is_own = |home: &Home| matches!(home, Home::Named { names, .. } if names.as_slice() == [own]);
        let is_other = |home: &Home| !is_any(home) && !is_own(home);
        let with = |outcome: &crate::Outcome, [certain, maybe]: [ConnSet; 2]| {
            [outcome.passes.or(&certain), outcome.open.or(&maybe)]
        };
        let whole = facing.internet.every();
        let everyone = &facing.admits.everyone;
        let levels = [
            (Level::Internet, [whole, ConnSet::none()]),
            (Level::SomeInternet, [facing.internet.passes.clone(), facing.internet.open.clone()]),
            (Level::EveryPod, [everyone.passes.clone(), everyone.open.clone()]),
            (Level::ChosenLabels, chosen(&is_any)),
            (Level::Outside, [facing.outside.passes.clone(), facing.outside.open.clone()]),
            (Level::OtherNamespaces, with(&facing.others, chosen(&is_other))),
            (Level::OwnNamespace, with(&facing.own, chosen(&is_own))),
        ];
        let worst = levels.into_iter().find_map(|(level, [passes, open])| {
            let (is_certain, set) = if passes.is_empty() { (false, open) } else { (true, passes) };
            (!set.is_empty()).then(|| Self { level, is_certain, breadth: breadth(&set) })
        });
        worst.unwrap_or(Self::NOTHING)
    }
}

fn union(admissions: &[&Admission]) -> ConnSet {
    admissions.iter().fold(ConnSet::none(), |set, admission| set.or(&admission.connections))
}

/// How many ports, over the family that has more of them.
fn breadth(set: &ConnSet) -> u32 {
    let of_family = |family: Family| -> u32 {
        let slots = Protocol::ALL.into_iter().map(|protocol| set.slot(family, protocol));
        slots.flat_map(PortSet::ranges).map(|(first, last)| u32::from(last - first) + 1).sum()
    };
    Family::BOTH.into_iter().map(of_family).max().unwrap_or(0)
}
