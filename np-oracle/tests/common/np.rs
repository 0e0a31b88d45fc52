//! np's own engine: it reads the manifests as text, half of them JSON and half YAML, and is asked
//! both ways, pair by pair and through the matrix.

use std::collections::HashMap;

use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet, Protocol as Transport};
use np_model::diag::Severity;
use np_model::model::ClassKind;
use np_model::{Assumptions, Input, Model, compile, compile_anyway};
use np_oracle::{Bound, Bounds, End, Family, Point, PortOf, Protocol};
use np_sim::axis::{By, axis};
use np_sim::endpoint::External;
use np_sim::matrix::Matrix;
use np_sim::{Asker, Endpoint, Finder, Outcome, Services, Summary, Verdict, reach, summary};

use serde_json::Value;

use super::{Answer, Built, Case, Engine, OfService, Pair, Verdict4};

/// np.
pub(crate) struct Np;

struct Compiled {
    model: Model,
    asker: Asker,
    /// Every cell of the matrix over pods, nodes and ranges that the rules distinguish.
    cells: HashMap<(Endpoint, Endpoint), Outcome>,
    ranges: Vec<Endpoint>,
}

impl Engine for Np {
    fn name(&self) -> &'static str {
        "np"
    }

    fn build(&self, case: &Case) -> Box<dyn Built> {
        let pod_cidrs = case.pod_cidrs.iter().map(|cidr| cidr.parse().expect("a CIDR")).collect();
        let assumptions = Assumptions { pod_cidrs, bare_namespaces: case.assume_bare_namespaces };
        let model = if case.broken == 0 {
            compile(read(case), &assumptions).unwrap_or_else(|invalid| panic!("{invalid}"))
        } else {
            // One mistake for each such policy, and no other.
            let invalid = read(case).into_invalid();
            let errors = invalid.diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
            assert_eq!(errors, case.broken, "{invalid}");
            compile_anyway(read(case), &assumptions)
        };
        let external = model.classes().filter(|class| class.kind == ClassKind::External);
        let ranges: Vec<Endpoint> = external
            .map(|class| Endpoint::External(External::new(&model, "range", &class.addresses)))
            .collect();
        let cells = cells(&model, &ranges);
        // The cells are held against the judge, and so the summary is.
        let all = ConnSet::all(Families::BOTH);
        assert_eq!(summary(&model, &all), counted(&model, &cells), "the summary and the matrix disagree");
        Box::new(Compiled { asker: Asker::new(&model), model, cells, ranges })
    }
}

/// The manifests, half of them JSON and half YAML.
pub(crate) fn read(case: &Case) -> Input {
    let mut input = Input::new("default");
    for (at, manifest) in case.manifests.iter().enumerate() {
        if at % 2 == 0 {
            input.text("case.json", manifest.to_string().into_bytes());
        } else {
            input.text("case.yaml", block(manifest, 0).into_bytes());
        }
    }
    input
}

/// Block YAML with every string quoted: Kubernetes reads a bare `y` as a boolean.
pub(crate) fn block(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let entry = |(key, value): (&String, &Value)| {
        format!("\n{indent}{}:{}", Value::from(key.as_str()), block(value, depth + 1))
    };
    let item = |value: &Value| format!("\n{indent}-{}", block(value, depth + 1));
    match value {
        Value::Object(map) if !map.is_empty() => map.iter().map(entry).collect(),
        Value::Array(items) if !items.is_empty() => items.iter().map(item).collect(),
        scalar => format!(" {scalar}"),
    }
}

fn cells(model: &Model, ranges: &[Endpoint]) -> HashMap<(Endpoint, Endpoint), Outcome> {
    let mut matrix = Matrix::new(model);
    let mut ends = axis(model, By::Pod);
    ends.extend(model.node_ids().map(Endpoint::Node));
    ends.extend(ranges.iter().cloned());
    let parties: Vec<_> = ends.iter().map(|end| matrix.party(end)).collect();
    let class = |end: &Endpoint| match end {
        Endpoint::Pod(id) => Some(model.pod(*id).class).filter(|id| model.class(*id).kind == ClassKind::Pods),
        _ => None,
    };
    let (mut cells, mut numbers, mut numbered) = (HashMap::new(), Vec::new(), HashMap::new());
    for (from, a) in ends.iter().zip(&parties) {
        if let Some(class) = class(from) {
            matrix.alike(class, &mut numbers);
        }
        for (to, b) in ends.iter().zip(&parties) {
            if let (Some(_), Some(destination)) = (class(from), class(to))
                && from != to
            {
                let cell = matrix.cell(a, b);
                let first = *numbered.entry(numbers[destination.index()]).or_insert(cell);
                assert_eq!(cell, first, "{from:?} to {to:?} has the number of another cell");
            }
            if !matches!((from, to), (Endpoint::External(_), Endpoint::External(_))) {
                let cell = matrix.cell(a, b);
                cells.insert((from.clone(), to.clone()), matrix.outcome(cell));
            }
        }
    }
    cells
}

/// The verdicts of all pairs of two pods.
fn counted(model: &Model, cells: &HashMap<(Endpoint, Endpoint), Outcome>) -> Summary {
    let mut summary = Summary::default();
    for ((from, to), outcome) in cells {
        if let (Endpoint::Pod(a), Endpoint::Pod(b)) = (from, to)
            && (a != b || model.pod(*a).is_several())
        {
            summary.add(outcome.verdict(), 1);
        }
    }
    summary
}

/// The endpoint that an end of the judge's is.
pub(crate) fn find(model: &Model, end: &End) -> Endpoint {
    let text = match end {
        End::Pod { namespace, name } => format!("{namespace}/pod/{name}"),
        End::Workload { kind, namespace, name } => format!("{namespace}/{}/{name}", kind.name()),
        End::Node(name) => format!("node/{name}"),
        End::Address(address) => address.to_string(),
    };
    let found = Finder::new(model, None).find(&text).unwrap_or_else(|error| panic!("{error}"));
    match found {
        // A template is a pod to the matrix.
        Endpoint::Workload(id) => Endpoint::Pod(model.workload(id).pods[0]),
        other => other,
    }
}

impl Compiled {
    fn find(&self, end: &End) -> Endpoint {
        find(&self.model, end)
    }

    /// What the matrix says of a pair: an address is in the range that holds it.
    fn cell(&self, from: &Endpoint, to: &Endpoint) -> Option<&Outcome> {
        let in_range = |end: &Endpoint| match end {
            Endpoint::External(one) => {
                let holds = |range: &&Endpoint| matches!(range, Endpoint::External(all) if one.addresses.minus(&all.addresses).is_empty());
                self.ranges.iter().find(holds).cloned()
            }
            other => Some(other.clone()),
        };
        self.cells.get(&(in_range(from)?, in_range(to)?))
    }
}

impl Built for Compiled {
    fn between<'a>(&'a self, from: &End, to: &End) -> Pair<'a> {
        let (from, to) = (self.find(from), self.find(to));
        let answer = reach(&self.model, &from, &to, &[]);
        let answer = answer.unwrap_or_else(|error| panic!("{error:?}"));
        if !answer.families.is_empty() {
            let cell = self.cell(&from, &to).expect("a cell for every pair of families in common");
            assert_eq!(*cell, answer.outcome, "the matrix and the pair disagree on {from:?} to {to:?}");
        }
        Box::new(move |point: Point| {
            let asked = point_set(point);
            let is_common = asked.families().and(answer.families) == asked.families();
            is_common.then(|| Bounds {
                egress: bound(&answer.egress, &asked),
                ingress: bound(&answer.ingress, &asked),
            })
        })
    }

    fn service(
        &self,
        from: &End,
        (namespace, name): (&str, &str),
        asked: &PortOf,
        points: &[Point],
    ) -> Option<OfService> {
        let asked = match asked {
            PortOf::All => Vec::new(),
            PortOf::Number(protocol, port) => {
                let set = ConnSet::ports(Families::BOTH, transport(*protocol), *port, *port);
                vec![AskedPort::Connections(set)]
            }
            PortOf::Name(name) => vec![AskedPort::Named(name.clone())],
        };
        let services = Services::new(&self.model);
        let id = services.find(namespace, name).expect("the Service is there");
        let answer = services.reach(&self.find(from), id, &asked).ok()?.reach;
        let Outcome { passes, open, blocked } = &answer.outcome;
        let has =
            |set: &ConnSet| points.iter().copied().filter(|point| set.covers(&point_set(*point))).collect();
        let sets = [has(passes), has(open), has(blocked)];
        Some(OfService {
            verdict: verdict(answer.verdict()),
            points: (!answer.pairs.is_empty()).then_some(sets),
        })
    }

    fn ask(&self, from: &End, to: &End, protocol: Protocol, port: u16) -> Answer {
        let asked = ConnSet::ports(Families::BOTH, transport(protocol), port, port);
        let asked = [AskedPort::Connections(asked)];
        let (from, to) = (self.find(from), self.find(to));
        let answer = reach(&self.model, &from, &to, &asked);
        let answer = answer.unwrap_or_else(|error| panic!("{error:?}"));
        if let (Endpoint::Pod(a), Endpoint::Pod(b)) = (&from, &to) {
            let verdict = self.asker.ask(*a, *b, transport(protocol), port);
            assert_eq!(
                verdict,
                answer.verdict(),
                "the short way and the long one disagree on {from:?} to {to:?}"
            );
        }
        Answer {
            verdict: verdict(answer.verdict()),
            egress: verdict(answer.egress.verdict()),
            ingress: verdict(answer.ingress.verdict()),
        }
    }
}

fn bound(outcome: &Outcome, asked: &ConnSet) -> Bound {
    let certain = outcome.passes.covers(asked);
    Bound { certain, possible: certain || outcome.open.covers(asked) }
}

pub(crate) fn point_set(point: Point) -> ConnSet {
    let family = match point.family {
        Family::V4 => np_model::addr::Family::V4,
        Family::V6 => np_model::addr::Family::V6,
    };
    ConnSet::ports(Families::only(family), transport(point.protocol), point.port, point.port)
}

pub(crate) fn transport(protocol: Protocol) -> Transport {
    Transport::from_api(protocol.name()).expect("the same three protocols")
}

fn verdict(verdict: Verdict) -> Verdict4 {
    match verdict {
        Verdict::Allowed => Verdict4::Allowed,
        Verdict::Denied => Verdict4::Denied,
        Verdict::Partial => Verdict4::Partial,
        Verdict::Unknown => Verdict4::Unknown,
    }
}
