//! `np docs`: what a code of a diagnostic means, from the registry that the codes come from.

use std::io::Write;

use np_model::diag::Code;

use crate::args::DocsArgs;
use crate::console::stdout;
use crate::exit::Exit;
use crate::failure::{Failure, Message};

/// Runs the command.
pub(crate) fn run(args: &DocsArgs) -> Result<Exit, Failure> {
    let mut out = stdout();
    if let Some(name) = &args.code {
        let code = Code::named(name)
            .ok_or_else(|| Message::new(format!("there is no code `{name}`")).help("`np docs` lists them"))?;
        write!(out, "# {}\n\n{}", code.name(), code.explain())?;
    } else {
        let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
        for code in Code::ALL {
            writeln!(out, "{:width$}  {}", code.name(), code.summary())?;
        }
    }
    out.flush()?;
    Ok(Exit::Yes)
}
