//! `np validate`: reads and checks only. The findings are the answer.

use std::io::Write;

use crate::args::{ValidateArgs, ValidateFormat};
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::read;
use crate::report::diagnostic::Style;
use crate::report::validation;

/// Runs the command. What could be read is checked even if something else could not; the run has
/// then failed all the same, as nobody knows what that would have held.
pub(crate) fn run(args: &ValidateArgs, console: Console) -> Result<Exit, Failure> {
    let default_namespace = args.files.default_namespace.as_deref().unwrap_or("default");
    // Nobody can call valid what nobody can check.
    let (input, unread) = read(&args.files, default_namespace, true, console);
    if input.sources.is_empty() && !unread.is_empty() {
        return Err(Failure::Told(unread));
    }
    console.unread(&unread);
    let mut out = stdout();
    match args.output {
        ValidateFormat::Text => {
            let style = Style { paint: console.out, format: console.format };
            validation::text(&mut out, style, &input, &unread)?;
        }
        ValidateFormat::Json => {
            validation::json(&mut out, &input, args.files.kubernetes.to_string(), &unread)?;
        }
    }
    out.flush()?;
    Ok(match (unread.is_empty(), input.has_errors()) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::No,
        (true, false) => Exit::Yes,
    })
}
