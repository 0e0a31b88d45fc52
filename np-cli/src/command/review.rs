//! What a comparison of two sides says, and whether it passes.

use std::io::{ErrorKind, Write};

use np_model::delta::Deltas;
use np_sim::cause::causes;
use np_sim::{diff, review};

use crate::args::{ReviewArgs, ReviewFormat};
use crate::console::{Console, stdout};
use crate::failure::Failure;
use crate::gate::{self, Allowed};
use crate::input::{Root, Sides};
use crate::progress::Stage;
use crate::report::diff::markdown::{self, Comment};
use crate::report::diff::sarif::{self, Run};
use crate::report::diff::{Context, Report, github, gitlab, junit, text};
use crate::report::places::Places;
use crate::report::{json, yaml};

/// Compares two sides, tells what changes, and gives whether the check passes.
pub(super) fn run(sides: &Sides, args: &ReviewArgs, console: Console) -> Result<bool, Failure> {
    let allowed = Allowed::read(&args.allow)?;
    let models = [&sides.base.model, &sides.head.model];
    let [base, head] = models;
    let progress = console.progress();
    progress.start(Stage::Other("comparing"));
    let difference = diff(base, head);
    let deltas = Deltas::of(base, head);
    let review = review(&deltas, &difference, &causes(&deltas, &difference));
    drop(progress);
    let (verdict, judged) = gate::judge(models, &review, &args.fail_on, &allowed);
    let places = Places::new(sides.sources());
    let root = Root::find()?;
    let are_whole = sides.are_whole();
    let is_whole = are_whole == [true; 2];
    let (changed_at, places) = (&deltas.places()[..], [&places, &places]);
    let context = Context { deltas: &deltas, changed_at, places, root: &root, are_whole };
    let report = Report::of(context, &review, &verdict, &judged);
    if args.quiet_if_unchanged && report.is_empty() {
        return Ok(report.passes);
    }
    let mut out = stdout();
    let written = match args.output {
        ReviewFormat::Text => text::write(&mut out, &report, console.out, console.width),
        ReviewFormat::Json => json::value(&mut out, &report),
        ReviewFormat::Yaml => yaml::value(&mut out, &report),
        ReviewFormat::Markdown => {
            let comment = Comment { id: args.comment_id.as_deref(), most: args.max_bytes as usize };
            markdown::write(&mut out, &report, comment)
        }
        ReviewFormat::Sarif => {
            sarif::write(&mut out, &report, Run { id: args.comment_id.as_deref(), is_whole })
        }
        ReviewFormat::Github => github::write(&mut out, &report),
        ReviewFormat::Gitlab => gitlab::write(&mut out, &report),
        ReviewFormat::Junit => junit::write(&mut out, &report, &args.fail_on),
    };
    match written.and_then(|()| out.flush()) {
        // Nobody reads on; the exit code is the answer all the same.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(report.passes),
        written => written.map(|()| report.passes).map_err(Failure::from),
    }
}
