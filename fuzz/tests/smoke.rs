//! Every target, for a second each, so that the fuzzer itself keeps working.

use std::path::Path;
use std::time::Duration;

use np_fuzz::campaign;
use np_fuzz::dice::Dice;
use np_fuzz::mutate::mutate;
use np_fuzz::seeds::seeds;
use np_fuzz::targets::TARGETS;
use np_model::{Assumptions, Input, compile};

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

/// Texts that are all refused would test nothing but refusing.
#[test]
fn many_texts_are_still_understood() {
    let (mut dice, pool) = (Dice::new(1), seeds("matrix"));
    let [mut compiled, mut with_both] = [0, 0];
    for _ in 0..2_000 {
        let mut text = dice.pick(&pool).cloned().expect("seeds");
        mutate(&mut dice, &mut text, &pool);
        let mut input = Input::new("default");
        input.text("text", text);
        if let Ok(model) = compile(input, &Assumptions::default()) {
            compiled += 1;
            with_both += usize::from(!model.pods().is_empty() && !model.rules().policies.is_empty());
        }
    }
    println!("of 2000 texts, {compiled} compile, {with_both} to pods and policies");
    assert!(compiled > 200, "only {compiled} of 2000");
}
