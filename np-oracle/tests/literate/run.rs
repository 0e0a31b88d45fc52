//! Runs cases against a judge and collects every failure.

use super::documents::pods;
use super::notation::Set;
use super::{Answer, Case, Expectation, Expected, Judge, Session, Step, ways};
use std::fmt;

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) cases: usize,
    pub(crate) expectations: usize,
    pub(crate) questions: usize,
    pub(crate) skipped: Vec<String>,
    pub(crate) failures: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cases, expectations, questions, .. } = self;
        write!(f, "{cases} cases, {expectations} expectations, {questions} questions; ")?;
        writeln!(f, "{} skipped, {} failed", self.skipped.len(), self.failures.len())?;
        self.failures.iter().try_for_each(|failure| writeln!(f, "{failure}"))
    }
}

/// Asks a judge everything.
pub(crate) fn run(cases: &[Case], judge: &dyn Judge) -> Report {
    let mut report = Report::default();
    for case in cases {
        if let Some(reason) = judge.skips(case) {
            report.skipped.push(format!("{}:{}: {}: {reason}", case.file, case.line, case.title));
            continue;
        }
        report.cases += 1;
        for (number, step) in case.steps.iter().enumerate() {
            let failures = run_step(case, step, judge, &mut report);
            let place = |(line, failure): (usize, String)| {
                let step = if case.steps.len() > 1 { format!(" step {}", number + 1) } else { String::new() };
                format!("{}:{line}: `{}`{step}: {}: {failure}", case.file, case.title, judge.name())
            };
            report.failures.extend(failures.into_iter().map(place));
        }
        if let Some(failure) = run_refusal(case, judge, &mut report) {
            report.failures.push(failure);
        }
    }
    report
}

/// The texts of a state, as a judge loads them.
fn texts(documents: &[super::Document]) -> Vec<(String, String)> {
    documents.iter().map(|document| (document.name.clone(), document.text.clone())).collect()
}

fn run_step(case: &Case, step: &Step, judge: &dyn Judge, report: &mut Report) -> Vec<(usize, String)> {
    let session = match judge.load(&texts(&step.documents), &case.options) {
        Ok(session) => session,
        Err(error) => return vec![(case.line, format!("does not load: {error}"))],
    };
    let mut failures = Vec::new();
    for expectation in &step.expectations {
        report.expectations += 1;
        for (from, to) in pairs(case, step, expectation) {
            for ports in &expectation.ports {
                report.questions += 1;
                if let Err(failure) = check(session.as_ref(), expectation, &from, &to, ports) {
                    failures.push((expectation.line, format!("{from} → {to} {ports}: {failure}")));
                }
            }
        }
    }
    if let Some(found) = session.ways().filter(|_| !step.ways.is_empty()) {
        for (line, wanted) in &step.ways {
            report.expectations += 1;
            report.questions += 1;
            failures.extend(ways::check(wanted, &found).err().map(|failure| (*line, failure)));
        }
    }
    failures
}

fn run_refusal(case: &Case, judge: &dyn Judge, report: &mut Report) -> Option<String> {
    let refusal = case.refusal.as_ref()?;
    report.expectations += 1;
    report.questions += 1;
    let failure = match judge.load(&texts(&refusal.documents), &case.options) {
        Ok(_) => "accepted, but must be refused".to_owned(),
        Err(error) => {
            let missing = refusal.says.iter().find(|text| !error.contains(*text))?;
            format!("refused, but without `{missing}`: {error}")
        }
    };
    Some(format!("{}:{}: `{}`: {}: {failure}", case.file, refusal.line, case.title, judge.name()))
}

/// Every combination of the two ends. Patterns and lists leave out a pod to itself.
pub(crate) fn pairs(case: &Case, step: &Step, expectation: &Expectation) -> Vec<(String, String)> {
    let pods = pods(&step.documents, &case.options);
    let expand = |ends: &[String]| -> Vec<String> {
        let expand_one = |end: &String| match end.as_str() {
            "*" => pods.clone(),
            pattern => match pattern.strip_suffix('*') {
                Some(prefix) => pods.iter().filter(|pod| pod.starts_with(prefix)).cloned().collect(),
                None => vec![end.clone()],
            },
        };
        ends.iter().flat_map(expand_one).collect()
    };
    let (from, to) = (expand(&expectation.from), expand(&expectation.to));
    let is_single = from.len() == 1 && to.len() == 1;
    let all = from.iter().flat_map(|from| to.iter().map(|to| (from.clone(), to.clone())));
    all.filter(|(from, to)| from != to || is_single).collect()
}

fn check(
    session: &dyn Session,
    wanted: &Expectation,
    from: &str,
    to: &str,
    ports: &str,
) -> Result<(), String> {
    let answer = match (session.ask(from, to, ports), wanted.expect) {
        (Err(_), Expected::Error) => return Ok(()),
        (Err(error), expect) => return Err(format!("expected {expect}, got an error: {error}")),
        (Ok(answer), _) => answer,
    };
    if Expected::from(answer.verdict) != wanted.expect {
        let sides = match (answer.egress, answer.ingress) {
            (Some(egress), Some(ingress)) => format!(" (egress {egress}, ingress {ingress})"),
            _ => String::new(),
        };
        return Err(format!("expected {}, got {}{sides}", wanted.expect, answer.verdict));
    }
    for (side, wanted, got) in
        [("egress", wanted.egress, answer.egress), ("ingress", wanted.ingress, answer.ingress)]
    {
        match (wanted, got) {
            (Some(wanted), Some(got)) if wanted != got => {
                return Err(format!("{side}: expected {wanted}, got {got}"));
            }
            (Some(wanted), None) => return Err(format!("{side}: expected {wanted}, got nothing")),
            _ => {}
        }
    }
    let connections = &wanted.connections;
    let wanted =
        [("passes", &connections.passes), ("open", &connections.open), ("blocked", &connections.blocked)];
    if wanted.iter().all(|(_, set)| set.is_none()) {
        return Ok(());
    }
    let Answer { passes, open, blocked, .. } = session.ask(from, to, "all")?;
    for ((name, wanted), got) in wanted.into_iter().zip([passes, open, blocked]) {
        let Some(wanted) = wanted else { continue };
        let got = got.ok_or_else(|| format!("{name}: expected `{wanted}`, got nothing"))?;
        let read =
            |text: &str| Set::read(text).ok_or_else(|| format!("{name}: `{text}` is not np's notation"));
        if read(wanted)? != read(&got)? {
            return Err(format!("{name}: expected `{wanted}`, got `{got}`"));
        }
    }
    Ok(())
}
