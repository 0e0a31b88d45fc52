//! Which workload a pod belongs to: the topmost that controller references lead to.

use rustc_hash::FxHashMap;

use crate::facts::{self, Owner, WorkloadKind};

/// How far controller references are followed; real chains have two links.
const LONGEST_CHAIN: usize = 8;

/// A workload, there or only referred to: the number of its namespace, its kind, its name.
pub(crate) type Identity<'f> = (u32, WorkloadKind, &'f str);

/// Names of namespaces as numbers, in the order first met.
#[derive(Debug, Default)]
pub(crate) struct Names<'f> {
    numbers: FxHashMap<&'f str, u32>,
    all: Vec<&'f str>,
    /// The last that was asked for: objects come by namespace.
    last: u32,
}

impl<'f> Names<'f> {
    /// The number of a name.
    pub(crate) fn number(&mut self, name: &'f str) -> u32 {
        if self.all.get(self.last as usize).is_none_or(|last| *last != name) {
            self.last = *self.numbers.entry(name).or_insert_with(|| {
                self.all.push(name);
                u32::try_from(self.all.len() - 1).expect("fewer namespaces than bytes of a text")
            });
        }
        self.last
    }

    /// The names, by number.
    pub(crate) fn all(&self) -> &[&'f str] {
        &self.all
    }
}

/// Workload objects by identity, to follow controller references upwards.
pub(crate) struct Chains<'f> {
    objects: FxHashMap<Identity<'f>, Option<Identity<'f>>>,
    /// What was found last, and for which owner and `pod-template-hash`: replicas come together.
    last: Option<((Identity<'f>, Option<&'f str>), Identity<'f>)>,
}

impl<'f> Chains<'f> {
    pub(crate) fn of(names: &mut Names<'f>, workloads: &'f [facts::Workload]) -> Self {
        let object = |workload: &'f facts::Workload| {
            let namespace = names.number(&workload.namespace);
            let owner = workload.owner.as_ref().map(|owner| identity(namespace, owner));
            ((namespace, workload.kind, workload.name.as_str()), owner)
        };
        Self { objects: workloads.iter().map(object).collect(), last: None }
    }

    /// Whether the input has an object of it.
    pub(crate) fn has(&self, workload: Identity<'_>) -> bool {
        self.objects.contains_key(&workload)
    }

    /// The topmost workload above `start`, itself included, whether or not the input has an object
    /// of it.
    pub(crate) fn top<'p>(&self, start: Identity<'p>) -> Identity<'p>
    where
        'f: 'p,
    {
        let mut top = start;
        for _ in 0..LONGEST_CHAIN {
            let Some(Some(owner)) = self.objects.get(&top) else { break };
            top = *owner;
        }
        top
    }

    /// The topmost workload above a pod with this owner.
    pub(crate) fn top_of_pod(
        &mut self,
        namespace: u32,
        pod: &'f facts::Pod,
        owner: &'f Owner,
    ) -> Identity<'f> {
        let key = (identity(namespace, owner), pod.shape.labels.known("pod-template-hash"));
        if let Some((_, found)) = self.last.filter(|(last, _)| *last == key) {
            return found;
        }
        let found = self.above_owner(key.0, key.1);
        self.last = Some((key, found));
        found
    }

    /// The same for a pod that need not be one of these facts.
    pub(crate) fn above<'p>(&self, namespace: u32, pod: &'p facts::Pod, owner: &'p Owner) -> Identity<'p>
    where
        'f: 'p,
    {
        self.above_owner(identity(namespace, owner), pod.shape.labels.known("pod-template-hash"))
    }

    /// The same for a pod with this owner and `pod-template-hash`.
    fn above_owner<'p>(&self, direct: Identity<'p>, hash: Option<&str>) -> Identity<'p>
    where
        'f: 'p,
    {
        deployment_by_hash(direct, hash).filter(|_| !self.has(direct)).unwrap_or_else(|| self.top(direct))
    }
}

pub(crate) fn identity(namespace: u32, owner: &Owner) -> Identity<'_> {
    (namespace, owner.kind, owner.name.as_str())
}

/// The Deployment of a ReplicaSet that is not in the input: the Deployment controller names its
/// ReplicaSets after itself and the `pod-template-hash` that it gives their pods.
fn deployment_by_hash<'f>((namespace, kind, name): Identity<'f>, hash: Option<&str>) -> Option<Identity<'f>> {
    let name = name.strip_suffix(hash?)?.strip_suffix('-')?;
    let is_one = kind == WorkloadKind::ReplicaSet && !name.is_empty();
    is_one.then_some((namespace, WorkloadKind::Deployment, name))
}
