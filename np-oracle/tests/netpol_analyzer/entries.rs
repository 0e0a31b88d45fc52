//! What reaches a workload from an ingress controller that the manifests do not show: the union over
//! everything that leads there of what the workload admits from a pod that nobody knows.

use std::collections::BTreeMap;

use np_model::Model;
use np_model::conn::ConnSet;
use np_sim::entry::{Entry, Source, Way, entries};
use np_sim::{Controllers, Outcome, Services};

use crate::Tally;
use crate::cells::{Line, list_name};
use crate::lists::{Expected, v4};

/// Compares what controllers send to each workload of a case.
pub(crate) fn judge(
    case: &str,
    model: &Model,
    lines: &[Line<'_>],
    expected: &Expected,
    in_focus: impl Fn(&Line<'_>) -> bool,
    tally: &mut Tally,
) {
    let led = led_to(case, model);
    for name in expected.entries.keys() {
        assert!(lines.iter().any(|line| line.side.name == *name), "{case}: np has no {name}");
    }
    for line in lines.iter().filter(|line| in_focus(line)) {
        let (name, none) = (&line.side.name, ConnSet::none());
        let right = expected.entries.get(name).unwrap_or(&none);
        let outcome = led.get(name).cloned().unwrap_or_default();
        let passes = outcome.passes.within(v4());
        if passes == *right && outcome.open.is_empty() {
            tally.agreed += 1;
            tally.led_to += usize::from(!right.is_empty());
        } else {
            let (right, passes, open) = (right.text(v4()), passes.text(v4()), outcome.open.text(v4()));
            tally.wrong.push(format!(
                "{case}: a controller => {name}: the list says {right}, np {passes} (open {open})"
            ));
        }
    }
}

/// By workload, what becomes of the traffic that is led to it.
pub(crate) fn led_to(case: &str, model: &Model) -> BTreeMap<String, Outcome> {
    let mut led: BTreeMap<String, Outcome> = BTreeMap::new();
    // Lists leave out Services that are open to the outside themselves.
    let has_controller = |entry: &Entry| !matches!(entry.way, Way::Service { .. });
    let all = entries(&Services::new(model), &Controllers::default());
    for target in all.iter().filter(|entry| has_controller(entry)).flat_map(|entry| &entry.targets) {
        let unseen = target.readings.iter().find(|reading| reading.from == Source::UnseenPod);
        let unseen = unseen.unwrap_or_else(|| panic!("{case}: the controller is in the manifests"));
        let led = led.entry(list_name(model, &target.endpoint)).or_default();
        *led = led.or(&unseen.outcome);
    }
    led
}
