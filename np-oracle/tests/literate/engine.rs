//! np's own engine as a judge of the cases.

use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet};
use np_model::{Assumptions, Input, Model, compile, compile_anyway};
use np_sim::entry::{self, Controllers, Entry, entries};
use np_sim::{Destination, Finder, Outcome, Reach, Services, reach};

use super::{Answer, Judge, Options, Session, Verdict, Way};

/// np.
pub(crate) struct Engine;

impl Judge for Engine {
    fn name(&self) -> &'static str {
        "np"
    }

    fn load(&self, manifests: &[(String, String)], options: &Options) -> Result<Box<dyn Session>, String> {
        let mut input = Input::new(options.default_namespace.as_deref().unwrap_or("default"));
        for (name, text) in manifests {
            input.text(name, text.clone().into_bytes());
        }
        let pod_cidrs = options.pod_cidr.iter().map(|cidr| cidr.parse().expect("a CIDR")).collect();
        let assumptions = Assumptions { pod_cidrs, bare_namespaces: options.assume_bare_namespaces };
        if options.keep_going {
            return Ok(Box::new(Loaded { model: compile_anyway(input, &assumptions) }));
        }
        match compile(input, &assumptions) {
            Ok(model) => Ok(Box::new(Loaded { model })),
            Err(invalid) => {
                let codes = invalid.diagnostics.iter().map(|diagnostic| diagnostic.code.name());
                Err(format!("{invalid}\n{}", codes.collect::<Vec<_>>().join(" ")))
            }
        }
    }
}

struct Loaded {
    model: Model,
}

impl Session for Loaded {
    fn ask(&self, from: &str, to: &str, ports: &str) -> Result<Answer, String> {
        let finder = Finder::new(&self.model, None);
        let (from, to) = (finder.find(from), finder.find_destination(to));
        let (from, to) = (from.map_err(|error| error.to_string())?, to.map_err(|error| error.to_string())?);
        let asked: Result<Vec<AskedPort>, _> = ports.split_whitespace().map(str::parse).collect();
        let asked = asked.map_err(|error| error.to_string())?;
        let answer = match to {
            Destination::Endpoint(to) => {
                reach(&self.model, &from, &to, &asked).map_err(|error| format!("{error:?}"))?
            }
            Destination::Service { id, port } => {
                let asked = port.map_or(if ports == "all" { Vec::new() } else { asked }, |port| vec![port]);
                let answer = Services::new(&self.model).reach(&from, id, &asked);
                answer.map_err(|error| error.to_string())?.reach
            }
        };
        Ok(Answer {
            verdict: verdict(&answer.outcome),
            egress: Some(verdict(&answer.egress)),
            ingress: Some(verdict(&answer.ingress)),
            passes: Some(text(&answer, &answer.outcome.passes)),
            open: Some(text(&answer, &answer.outcome.open)),
            blocked: Some(text(&answer, &answer.outcome.blocked)),
        })
    }

    fn ways(&self) -> Option<Vec<Way>> {
        let services = Services::new(&self.model);
        let entries = entries(&services, &Controllers::default());
        Some(entries.iter().map(|entry| self.way(entry)).collect())
    }
}

impl Loaded {
    fn way(&self, entry: &Entry) -> Way {
        let name = match &entry.way {
            entry::Way::Ingress { namespace, name, .. } => format!("Ingress {namespace}/{name}"),
            entry::Way::Gateway { kind, namespace, name, .. } => format!("{} {namespace}/{name}", kind.api()),
            entry::Way::Route { namespace, name, .. } => format!("Route {namespace}/{name}"),
            entry::Way::Service { service, .. } => self.model.service_name(*service),
        };
        let target = |target: &entry::Target| {
            let ports = target.ports.text(Families::BOTH);
            (target.endpoint.name(&self.model), ports, of(target.verdict(&entry.sender)))
        };
        // A problem by the name of its variant.
        let problem = |problem: &entry::Problem| {
            let text = format!("{problem:?}");
            text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
        };
        Way {
            name,
            targets: entry.targets.iter().map(target).collect(),
            problems: entry.problems.iter().map(problem).collect(),
        }
    }
}

fn text(answer: &Reach, set: &ConnSet) -> String {
    set.text(answer.families)
}

fn verdict(outcome: &Outcome) -> Verdict {
    of(outcome.verdict())
}

fn of(verdict: np_sim::Verdict) -> Verdict {
    match verdict {
        np_sim::Verdict::Allowed => Verdict::Allow,
        np_sim::Verdict::Denied => Verdict::Deny,
        np_sim::Verdict::Partial => Verdict::Partial,
        np_sim::Verdict::Unknown => Verdict::Unknown,
    }
}
