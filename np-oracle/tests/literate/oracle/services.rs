//! Services as destinations, in np's notation: `ns/svc/name`, with a port behind a colon if one is meant.

use super::super::notation::Set;
use super::super::{Answer, Verdict};
use super::{Cell, Loaded};
use np_oracle::{Bound, End, Family, Point, PortOf, Protocol, ServiceAnswer, boundary_points};
use std::collections::BTreeSet;

/// What is asked, and the points to look at, each with the last port that it stands for.
type Question = (PortOf, Vec<(Point, u16)>);

/// A Service as a text names it.
pub(super) struct Named<'t> {
    namespace: &'t str,
    name: &'t str,
    port: Option<&'t str>,
}

/// The Service that a text names, if it names one.
pub(super) fn named(text: &str) -> Option<Named<'_>> {
    let [namespace, "svc", last] = text.split('/').collect::<Vec<_>>()[..] else { return None };
    let (name, port) = last.split_once(':').map_or((last, None), |(name, port)| (name, Some(port)));
    Some(Named { namespace, name, port })
}

impl Loaded {
    /// Whether the ends reach a Service: every one of them, on every port that is asked about.
    pub(super) fn ask_service(&self, from: &str, to: &Named<'_>, ports: &str) -> Result<Answer, String> {
        let Named { namespace, name, port } = *to;
        let questions = self.questions(to, port, ports)?;
        let everything = Set::read("all").unwrap_or_default();
        let mut cell = Cell::default();
        let mut verdicts = BTreeSet::new();
        for from in self.sources(from, namespace, name)? {
            for (asked, points) in &questions {
                let at: Vec<Point> = points.iter().map(|(point, _)| *point).collect();
                let answer = self.cluster.ask_service(&from, (namespace, name), asked, &at);
                match answer.map_err(|error| format!("{from:?} to {namespace}/svc/{name}: {error:?}"))? {
                    ServiceAnswer::NoEndpoint => verdicts.insert(Verdict::Deny),
                    ServiceAnswer::Unknown => verdicts.insert(Verdict::Unknown),
                    ServiceAnswer::Points { passes, open, blocked } => {
                        let bound = |certain, possible| Bound { certain, possible };
                        let sets = [
                            (passes, bound(true, true)),
                            (open, bound(false, true)),
                            (blocked, bound(false, false)),
                        ];
                        for (set, bound) in sets {
                            for point in set {
                                let known = points.iter().find(|(one, _)| *one == point);
                                let last = known.map_or(point.port, |(_, last)| *last);
                                cell.add(point, last, bound, &everything);
                            }
                        }
                        false
                    }
                };
            }
        }
        cell.asked.extend(verdicts);
        Ok(Answer {
            verdict: cell.verdict(),
            egress: None,
            ingress: None,
            passes: Some(cell.passes.write(&cell.families)),
            open: Some(cell.open.write(&cell.families)),
            blocked: Some(cell.blocked.write(&cell.families)),
        })
    }

    /// The ends that a text means. Of a range, addresses of families that nobody behind the Service has are left out.
    fn sources(&self, from: &str, namespace: &str, name: &str) -> Result<Vec<End>, String> {
        let ends = self.ends(from)?;
        let behind = self.cluster.endpoints_of(namespace, name).unwrap_or_default();
        let families = |end: &End| self.cluster.families(end).unwrap_or_default();
        let there: BTreeSet<Family> = behind.iter().flat_map(families).collect();
        let is_met = |end: &&End| !matches!(end, End::Address(_)) || !families(end).is_disjoint(&there);
        let met: Vec<End> = ends.iter().filter(is_met).cloned().collect();
        Ok(if met.is_empty() { ends } else { met })
    }

    /// What is asked of the Service.
    fn questions(
        &self,
        &Named { namespace, name, .. }: &Named<'_>,
        port: Option<&str>,
        ports: &str,
    ) -> Result<Vec<Question>, String> {
        let translates = self.cluster.translates(namespace, name);
        let translates = translates.ok_or_else(|| format!("there is no `{namespace}/svc/{name}`"))?;
        // A port behind a colon is one of every protocol.
        let behind_colon = port.map(|port| match port.parse::<u16>() {
            Ok(number) => format!("tcp/{number} udp/{number} sctp/{number}"),
            Err(_) => port.to_owned(),
        });
        let text = behind_colon.as_deref().unwrap_or(ports);
        let Some(set) = Set::read(text) else { return Ok(vec![(PortOf::Name(text.to_owned()), Vec::new())]) };
        if !translates {
            return Ok(vec![(PortOf::All, self.points(&set))]);
        }
        if text == "all" {
            return Ok(vec![(PortOf::All, Vec::new())]);
        }
        let questions = self.cluster.questions(namespace, name).into_iter();
        let asked: Vec<_> = questions
            .filter(|question| match question {
                PortOf::Number(protocol, number) => set.has(0, *protocol as usize, *number),
                PortOf::All | PortOf::Name(_) => false,
            })
            .map(|question| (question, Vec::new()))
            .collect();
        if asked.is_empty() { Err(format!("`{namespace}/svc/{name}` has no port {text}")) } else { Ok(asked) }
    }

    /// The points of a set at which an answer may change, each with the last port up to which it holds.
    fn points(&self, set: &Set) -> Vec<(Point, u16)> {
        let mut ports: BTreeSet<u16> = boundary_points(&self.cluster).into_iter().collect();
        ports.extend(set.edges());
        let ports: Vec<_> = ports.into_iter().collect();
        let lasts = ports.iter().skip(1).map(|next| next - 1).chain([u16::MAX]);
        let mut points = Vec::new();
        for (&port, last) in ports.iter().zip(lasts) {
            for family in Family::ALL {
                for protocol in Protocol::ALL {
                    if set.has(family as usize, protocol as usize, port) {
                        points.push((Point { family, protocol, port }, last));
                    }
                }
            }
        }
        points
    }
}
