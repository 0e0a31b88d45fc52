//! What is expected of the ways into a cluster: Ingresses, Gateways, Routes, and open Services.

use serde::Deserialize;

use super::Verdict;

/// One expectation of an `entries` block.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WayExpectation {
    /// Kind, namespace and name of what leads in: `Ingress shop/front`.
    way: String,
    /// The full name of a backend that it leads to.
    to: Option<String>,
    /// On what.
    ports: Option<String>,
    /// Whether its traffic arrives there.
    expect: Option<Verdict>,
    /// A problem that keeps it from leading anywhere.
    problem: Option<String>,
}

/// One way that a judge has found.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) name: String,
    pub(crate) targets: Vec<(String, String, Verdict)>,
    pub(crate) problems: Vec<String>,
}

/// What is not as expected.
pub(super) fn check(wanted: &WayExpectation, found: &[Way]) -> Result<(), String> {
    let ways: Vec<&Way> = found.iter().filter(|way| way.name == wanted.way).collect();
    if ways.is_empty() {
        let names: Vec<_> = found.iter().map(|way| way.name.as_str()).collect();
        return Err(format!("there is no `{}`, only {}", wanted.way, names.join(", ")));
    }
    if let Some(problem) = &wanted.problem
        && !ways.iter().any(|way| way.targets.is_empty() && way.problems.contains(problem))
    {
        return Err(format!("{}: expected the problem {problem}, got {ways:?}", wanted.way));
    }
    let Some(to) = &wanted.to else { return Ok(()) };
    let is_meant = |(name, ports, _): &&(String, String, Verdict)| {
        name == to && wanted.ports.as_ref().is_none_or(|wanted| wanted == ports)
    };
    let Some((.., verdict)) = ways.iter().flat_map(|way| &way.targets).find(is_meant) else {
        return Err(format!("{} does not lead to {to}: {ways:?}", wanted.way));
    };
    match wanted.expect {
        Some(expect) if expect != *verdict => {
            Err(format!("{} → {to}: expected {expect}, got {verdict}", wanted.way))
        }
        _ => Ok(()),
    }
}
