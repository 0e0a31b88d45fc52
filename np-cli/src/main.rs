//! np: can A reach B on port P, and which line of which file decides?
//!
//! `main` reads the arguments, hands them to the command, and turns what comes back into an exit
//! code. Everything else has a place of its own:
//!
//! ```text
//!   args/        what the command line can say; validation only
//!   input/       files, folders and stdin → Model
//!   command/     one file each: ask np-sim, choose a renderer
//!   gate/        whether a change passes, and what of it is accepted
//!   report/      one renderer per format, over np-sim's results and np-model's diagnostics
//!   progress.rs  how far long work is
//!   exit.rs      the exit codes
//! ```

mod args;
mod command;
mod console;
mod exit;
mod failure;
mod gate;
mod input;
mod progress;
mod report;

use std::process::ExitCode;

/// With musl's own, what np does takes up to half as long again.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

use crate::args::{Cli, Command};
use crate::console::Console;

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return console::usage(&error).into(),
    };
    let console = Console::new(cli.color, cli.message_format);
    let ended = match &cli.command {
        Command::Query(args) => command::query::run(args, console),
        Command::Matrix(args) => command::matrix::run(args, console),
        Command::Explain(args) => command::explain::run(args, console),
        Command::Exposure(args) => command::exposure::run(args, console),
        Command::Diff(args) => command::diff::run(args, console),
        Command::Validate(args) => command::validate::run(args, console),
        Command::Docs(args) => command::docs::run(args),
    };
    ended.unwrap_or_else(|failure| console.fail(&failure)).into()
}
