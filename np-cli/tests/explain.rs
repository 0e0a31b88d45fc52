//! `np explain` as people and scripts see it.

mod common;

use common::np;

#[track_caller]
fn check(line: &str, expected: &str) {
    let ran = np(line);
    assert_eq!(ran.out, expected, "{}", ran.err);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn the_example_of_the_readme() {
    check(
        "explain -f $T backend/api backend/postgres 5432",
        "\
",
    );
}
