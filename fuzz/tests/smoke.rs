//! Every target, for a second each, so that the fuzzer itself keeps working.

use std::path::Path;
use std::time::Duration;

use np_fuzz::campaign;
use np_fuzz::targets::TARGETS;

#[test]
fn each_target_runs_for_a_second() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("findings");
    for target in TARGETS {
        let figures = campaign::run(target, 1, Duration::from_secs(1), &folder)
            .unwrap_or_else(|stop| panic!("{}: {stop}", target.name));
        assert!(figures.inputs > 0, "{}", target.name);
        println!("{:<10} {figures}", target.name);
    }
}
