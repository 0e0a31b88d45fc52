//! Whether a rule tells two classes apart.
//!
//! Members of one class look the same to every rule. Two classes look different to some selector, but
//! that need not matter: a label may be asked for together with others that neither has.

use super::{ClassId, Model, PeerId};
use crate::ir::Direction;

impl Model {
    /// Whether some rule in force, or the resolution of port names, tells members of two classes apart,
    /// as subjects or as peers; takes a step for each different peer of the rules.
    pub fn tells_apart(&self, a: ClassId, b: ClassId) -> bool {
        let look = |id: ClassId| {
            let class = self.class(id);
            (class.kind, class.families, self.resolved_names(id))
        };
        let selecting = |id: ClassId| Direction::BOTH.map(|direction| self.selecting_id(id, direction));
        let is_same_to = |peer: PeerId| self.peer_truth(peer, a) == self.peer_truth(peer, b);
        a != b
            && (look(a) != look(b)
                || selecting(a) != selecting(b)
                || !(0..self.peers.keys.len()).map(PeerId::at).all(is_same_to))
    }
}
