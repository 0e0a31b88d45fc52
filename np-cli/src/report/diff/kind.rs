//! The kinds of changes that tools list and filter by, each with what it means and what to do. Their ids never change.

use np_sim::review::Risk;

use super::Row;
use super::annotation::Level;

/// A kind of change.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its id.
    pub(super) id: &'static str,
    /// What happens, in a few words.
    pub(super) short: &'static str,
    /// What that means.
    pub(super) full: &'static str,
    /// What to do.
    pub(super) help: &'static str,
    /// How grave it is where nothing says otherwise.
    pub(super) level: Level,
}

/// Every kind, in the order of [`Row::kind`].
pub(super) const KINDS: [Kind; 10] = [
    Kind {
        id: "np/internet",
        short: "Something opens to or from the internet",
        full: "Connections pass, or may pass, between pods and globally routable addresses that did not before.",
        help: "If this is meant, name the addresses as narrowly as they are known (`ipBlock` with a small `cidr`) and \
               accept the change. If it is not, an `ipBlock` of `0.0.0.0/0`, a rule without peers, or a policy that no \
               longer selects the pods is the usual reason.",
        level: Level::Error,
    },
    Kind {
        id: "np/dns",
        short: "Cluster DNS is no longer reached",
        full: "Pods can no longer reach the pods of cluster DNS on its ports, so names stop resolving for them.",
        help: "A policy with egress rules isolates the pods it selects: it must also allow UDP and TCP port 53 to cluster \
               DNS (`namespaceSelector` for `kube-system`, `podSelector` for `k8s-app: kube-dns`).",
        level: Level::Error,
    },
    Kind {
        id: "np/opened",
        short: "Connections open",
        full: "Connections pass, or may pass, that were blocked before.",
        help: "Read the rule at this line: its peers, the namespaces that its selectors match, and its ports.",
        level: Level::Warning,
    },
    Kind {
        id: "np/closed",
        short: "Connections close",
        full: "Connections are blocked that passed, or could pass, before.",
        help: "If something still needs them, bring back the rule, or allow them from or to the pods that this policy \
               isolates.",
        level: Level::Warning,
    },
    Kind {
        id: "np/changed",
        short: "Some connections open and others close",
        full: "Between the same ends some connections pass that did not, and some no longer do.",
        help: "Often a port or protocol was exchanged for another: check that both ends use the new one.",
        level: Level::Warning,
    },
    Kind {
        id: "np/unknown",
        short: "Connections become unknown",
        full: "What was decided now depends on facts that the input does not show.",
        help: "`np query` for one such pair says what would decide it: a missing address, namespace or label, or a policy \
               that np does not evaluate.",
        level: Level::Warning,
    },
    Kind {
        id: "np/workload-added",
        short: "A workload is new",
        full: "Only the head has the workload; all that it may exchange is new with it.",
        help: "Check whom it may talk to. A workload that no policy selects is open to everyone.",
        level: Level::Note,
    },
    Kind {
        id: "np/workload-removed",
        short: "A workload is gone",
        full: "Only the base has the workload; all that it could exchange goes with it.",
        help: "Rules that were there for it alone can go too.",
        level: Level::Note,
    },
    Kind {
        id: "np/isolation-lost",
        short: "Pods are no longer isolated",
        full: "No policy selects the pods in this direction any more, or none does for certain: everything passes that \
               nobody else blocks.",
        help: "A policy was removed, or it selects other pods, or its `policyTypes` leave the direction out.",
        level: Level::Error,
    },
    Kind {
        id: "np/isolation-gained",
        short: "Pods become isolated",
        full: "Policies select the pods in this direction that did not: only what rules allow passes.",
        help: "Check that what the pods need is allowed, cluster DNS included for egress.",
        level: Level::Note,
    },
];

impl Row {
    /// Its kind, as an index of [`KINDS`]: of what opens or closes the risk with a kind of its own, else what happens.
    pub(super) fn kind(&self) -> usize {
        let has = |risks: &[Risk]| risks.iter().any(|risk| self.risks.contains(&risk.name()));
        match self.change {
            "added" => 6,
            "removed" => 7,
            "unprotected" => 8,
            "isolated" => 9,
            _ if has(&[Risk::InternetIngress, Risk::InternetEgress]) => 0,
            _ if has(&[Risk::Dns]) => 1,
            "opened" => 2,
            "closed" => 3,
            "changed" => 4,
            _ => 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::KINDS;

    #[test]
    fn ids_are_unique_and_documented() {
        const DOCS: &str = include_str!("../../../docs/diff.md");
        let ids: BTreeSet<&str> = KINDS.iter().map(|kind| kind.id).collect();
        assert_eq!(ids.len(), KINDS.len());
        for id in ids {
            assert!(DOCS.contains(&format!("`{id}`")), "{id} is not in docs/diff.md");
        }
    }
}
