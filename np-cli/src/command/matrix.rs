//! `np matrix`: who reaches whom on what.

use std::io::Write;

use np_model::addr::{Families, Family};
use np_model::conn::ConnSet;
use np_model::model::{Class, ClassKind};
use np_sim::{Endpoint, Matrix, reach, summary};

use super::axes::{Axes, choose};
use crate::args::{MatrixArgs, MatrixFormat};
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{Loaded, load};
use crate::progress::Stage;
use crate::report::grid::Grid;
use crate::report::places::Places;
use crate::report::several::several;
use crate::report::summary::Report;
use crate::report::{csv, json, notes, table, yaml};

/// How many cells a terminal shows well.
const TABLE_CELLS: usize = 60 * 60;

/// How many names a note lists.
const NAMED: usize = 3;

/// Runs the command.
pub(crate) fn run(args: &MatrixArgs, console: Console) -> Result<Exit, Failure> {
    let loaded = load(&args.input, args.namespace.as_deref(), console)?;
    let model = &loaded.model;
    console.input(&Places::new(model.sources()), loaded);
    if args.summary {
        return summarize(args, loaded, console);
    }
    let Axes { rows, columns, split } = choose(loaded, args)?;
    if rows.is_empty() || columns.is_empty() {
        console.note("the input has no pods or workloads, so there is nobody to show");
    } else if !rows.iter().chain(&columns).any(|taking| taking.is_wanted) {
        console.note("no pod matches what -n and -l ask for");
    }
    if args.output == MatrixFormat::Table && console.is_terminal && rows.len() * columns.len() > TABLE_CELLS {
        console.note("a large table: -n, -l, --from and --to make it smaller, -o csv is made for long lists");
    }
    let progress = console.progress_of_output();
    progress.start(Stage::Rows(rows.len()));
    let mut grid = Grid::new(Matrix::new(model), &rows, &columns, args.port.clone(), progress);
    grid.what_if = loaded.what_if.as_ref();
    let mut out = stdout();
    match args.output {
        MatrixFormat::Table => table::matrix(&mut out, console.out, &mut grid)?,
        MatrixFormat::Json => json::matrix(&mut out, &mut grid)?,
        MatrixFormat::Yaml => yaml::matrix(&mut out, &mut grid)?,
        MatrixFormat::Csv => csv::matrix(&mut out, &mut grid)?,
    }
    out.flush()?;
    grid.end();
    let is_assumed = |(from, to): (&Endpoint, &Endpoint)| {
        reach(model, from, to, &[]).is_ok_and(|reach| notes::assumes_pod_space(model, &reach))
    };
    let is_v6 = |class: &Class| class.kind == ClassKind::External && class.families.contains(Family::V6);
    if args.external.is_some()
        && model.families_assumed()
        && model.classes().filter(|class| is_v6(class)).count() > 1
    {
        console.note(notes::FAMILIES);
    }
    if model.pod_space_assumed() && grid.open_cells().any(is_assumed) {
        console.note(&notes::pod_space(model));
    }
    if let Some(names) = several(&split, NAMED) {
        console.note(&format!(
            "the rules tell the pods of {names} apart, so they are shown one by one; --by workload unites them"
        ));
    }
    Ok(loaded.ends(Exit::Yes))
}

/// Counts the pairs.
fn summarize(args: &MatrixArgs, loaded: &Loaded, console: Console) -> Result<Exit, Failure> {
    let model = &loaded.model;
    let everything = ConnSet::all(Families::BOTH);
    let progress = console.progress();
    progress.start(Stage::Other("counting the pairs"));
    let summary = summary(model, args.port.as_ref().unwrap_or(&everything));
    drop(progress);
    let mut report = Report::new(model, args.port.as_ref(), summary);
    report.what_if = loaded.what_if.as_ref();
    let mut out = stdout();
    match args.output {
        MatrixFormat::Table => report.table(&mut out)?,
        MatrixFormat::Json => report.json(&mut out)?,
        MatrixFormat::Yaml => report.yaml(&mut out)?,
        MatrixFormat::Csv => report.csv(&mut out)?,
    }
    out.flush()?;
    if summary.unknown > 0 && model.pod_space_assumed() {
        console.note(&notes::pod_space(model));
    }
    Ok(loaded.ends(Exit::Yes))
}
