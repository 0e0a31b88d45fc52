//! np's own engine as a judge of the cases.

use np_model::conn::{AskedPort, ConnSet};
use np_model::{Assumptions, Input, Model, compile, compile_anyway};
use np_sim::{Destination, Finder, Outcome, Reach, Services, reach};

use super::{Answer, Judge, Options, Session, Verdict};

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
}

fn text(answer: &Reach, set: &ConnSet) -> String {
    set.text(answer.families)
}

fn verdict(outcome: &Outcome) -> Verdict {
    match outcome.verdict() {
        np_sim::Verdict::Allowed => Verdict::Allow,
        np_sim::Verdict::Denied => Verdict::Deny,
        np_sim::Verdict::Partial => Verdict::Partial,
        np_sim::Verdict::Unknown => Verdict::Unknown,
    }
}
