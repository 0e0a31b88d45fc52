//! One port from one pod to another, as fast as can be: the verdict without the evidence.
//!
//! [`reach`](crate::reach()) tells who decides; this only decides. It serves those that have very many
//! questions about one model, each about ids: the rows of the matrix are computed once, and what a
//! question needs of a pod is kept together. An answer is then two looks into rows.

use np_model::Model;
use np_model::addr::Families;
use np_model::conn::{ConnId, ConnTable, Protocol};
use np_model::ir::Direction;
use np_model::model::{ClassId, ClassKind, Pod, PodId};
use np_model::truth::Truth;
use rustc_hash::FxHashMap;

use crate::reach::may_come_between;
use crate::rows::{Bounds, Rows};
use crate::verdict::Verdict;

/// A model prepared for questions about pods.
///
/// ```
/// use np_model::conn::Protocol;
/// use np_sim::{Asker, Verdict};
///
/// let pods = r#"
/// {apiVersion: v1, kind: Pod, metadata: {name: a}}
/// ---
/// {apiVersion: v1, kind: Pod, metadata: {name: b}}
/// "#;
/// let mut input = np_model::Input::default();
/// input.text("pods.yaml", pods.into());
/// let model = np_model::compile(input, &np_model::Assumptions::default()).unwrap();
/// let asker = Asker::new(&model);
/// let pods: Vec<_> = model.pod_ids().collect();
/// assert_eq!(asker.ask(pods[0], pods[1], Protocol::Tcp, 80), Verdict::Allowed);
/// ```
#[derive(Debug)]
pub struct Asker {
    rows: Rows,
    table: ConnTable,
    /// By pod.
    pods: Vec<Who>,
}

/// What questions need of a pod.
#[derive(Debug)]
struct Who {
    class: ClassId,
    /// By direction: its row, if something isolates it.
    rows: [Option<u32>; 2],
    /// The node it is on, if that is known.
    node: Option<usize>,
    families: Families,
    /// Whether it is its node to every policy.
    is_host: bool,
    /// Whether it stands for several pods.
    is_several: bool,
    /// By direction: whether something may deny it even its own node.
    is_apart: [bool; 2],
}

/// What two pods are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Strangers,
    Itself,
    OwnNode,
    MaybeOwnNode,
}

impl Asker {
    /// Prepares a model: computes its rows, as [`Matrix::new`](crate::Matrix::new) does, and a step for
    /// each pod.
    pub fn new(model: &Model) -> Self {
        let mut table = ConnTable::default();
        let rows = Rows::build(model, &mut table);
        let mut nodes = FxHashMap::default();
        let mut who = |pod: &Pod| {
            let (class, next) = (pod.class, nodes.len());
            let node = pod.node_name.as_deref().map(|name| *nodes.entry(name.to_owned()).or_insert(next));
            let is_apart = |direction| may_come_between(model.selecting(class, direction));
            Who {
                class,
                rows: Direction::BOTH.map(|direction| rows.row(direction, class)),
                node,
                families: model.class(class).families,
                is_host: model.class(class).kind == ClassKind::Hosts,
                is_several: pod.is_several(),
                is_apart: Direction::BOTH.map(is_apart),
            }
        };
        let pods = model.pods().iter().map(&mut who).collect();
        Self { rows, table, pods }
    }

    /// Whether a connection to `port` (1–65535) passes from one pod to another, as
    /// [`reach`](crate::reach()) answers about the two. Allocates nothing; grows with the different
    /// things that the policies of the two pods open, whatever the size of the cluster.
    ///
    /// # Panics
    /// If an id is not of this model.
    pub fn ask(&self, from: PodId, to: PodId, protocol: Protocol, port: u16) -> Verdict {
        let (a, b) = (&self.pods[from.index()], &self.pods[to.index()]);
        let relation = if from == to && !a.is_several { Relation::Itself } else { relation(a, b) };
        let bounds = match relation {
            Relation::OwnNode if a.is_apart[EGRESS] || b.is_apart[INGRESS] => [Bounds::OPEN; 2],
            Relation::Itself | Relation::OwnNode => [Bounds::ALL; 2],
            Relation::Strangers | Relation::MaybeOwnNode => {
                [self.bounds(Direction::Egress, a, b), self.bounds(Direction::Ingress, b, a)]
            }
        };
        let (common, mut allowed, mut denied) = (a.families.and(b.families), false, false);
        for family in common.iter() {
            let is_in = |id: ConnId| match id {
                ConnId::NONE => false,
                ConnId::ALL => true,
                id => self.table.get(id).slot(family, protocol).contains(port),
            };
            let truth = |bounds: Bounds| match is_in(bounds.certain) {
                true => Truth::Yes,
                false if bounds.possible != bounds.certain && is_in(bounds.possible) => Truth::Maybe,
                false => Truth::No,
            };
            let truth = match truth(bounds[EGRESS]) {
                Truth::No => Truth::No,
                egress => egress.and(truth(bounds[INGRESS])),
            };
            match truth {
                Truth::Yes => allowed = true,
                Truth::No if relation != Relation::MaybeOwnNode => denied = true,
                Truth::No | Truth::Maybe => return Verdict::Unknown,
            }
        }
        match (allowed, denied) {
            (true, true) => Verdict::Partial,
            (true, false) => Verdict::Allowed,
            (false, _) => Verdict::Denied,
        }
    }

    /// What the policies of `subject` in one direction let pass with `peer`.
    fn bounds(&self, direction: Direction, subject: &Who, peer: &Who) -> Bounds {
        subject.rows[direction as usize]
            .map_or(Bounds::ALL, |row| self.rows.get(direction, row).at(peer.class))
    }
}

const EGRESS: usize = Direction::Egress as usize;
const INGRESS: usize = Direction::Ingress as usize;

/// What two pods are to each other that are not one and the same.
fn relation(a: &Who, b: &Who) -> Relation {
    match (a.node, b.node) {
        _ if a.is_host == b.is_host => Relation::Strangers,
        (Some(one), Some(other)) if one == other => Relation::OwnNode,
        (Some(_), Some(_)) => Relation::Strangers,
        _ => Relation::MaybeOwnNode,
    }
}
