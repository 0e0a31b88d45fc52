//! Ids: 32-bit positions that cannot be mixed up, each of its own type.

macro_rules! id {
    ($(#[$doc:meta])* $visible:vis $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $visible struct $name(u32);

        impl $name {
            /// The position that it stands for.
            $visible fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of a position; beyond 2³² there is none, and nothing that large is ever built.
            pub(crate) fn at(index: usize) -> Self {
                Self(u32::try_from(index).expect("fewer than 2^32 of anything"))
            }
        }
    };
}

id!(
    /// Names a namespace: indexes [`Model::namespaces`](super::Model::namespaces).
    pub NamespaceId
);
id!(
    /// Names a pod, or a workload's template standing for its pods: indexes [`Model::pods`](super::Model::pods).
    pub PodId
);
id!(
    /// Names a workload: indexes [`Model::workloads`](super::Model::workloads).
    pub WorkloadId
);
id!(
    /// Names a node: indexes [`Model::nodes`](super::Model::nodes).
    pub NodeId
);
id!(
    /// Names a Service: indexes [`Model::services`](super::Model::services).
    pub ServiceId
);
id!(
    /// Names an endpoint class: indexes [`Model::classes`](super::Model::classes).
    pub ClassId
);
id!(
    /// Names a peer by its content: indexes the matches of [`Model::peer_match`](super::Model::peer_match).
    pub PeerId
);
id!(
    /// Names a port name with its protocol, as rules use it.
    pub PortNameId
);
id!(
    /// Names a list of ports by its content: indexes the lists of [`Model::ports`](super::Model::ports).
    pub PortsId
);
id!(
    /// Names what a port name resolves to: indexes [`Model::resolutions`](super::Model::resolutions).
    pub ResolvedId
);
id!(
    /// Names the policies that select a class in a direction, by their content.
    pub SelectingId
);
id!(
    /// Names what all port names in use resolve to somewhere, by content.
    pub ResolvedNamesId
);
id!(
    /// Names a selector of pods, by content.
    pub(crate) PodSelectorId
);
id!(
    /// Names the namespaces that a peer means, by content.
    pub(crate) NamespaceSelectorId
);
id!(
    /// Names a block of addresses, by content.
    pub(crate) BlockId
);
