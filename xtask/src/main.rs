//! Chores of the workspace: `cargo run -p xtask -- tidy` checks what compilers and linters do not,
//! and `docs` writes or checks the documentation that is made from the code.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people at a terminal")]

mod docs;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = tidy::workspace();
    let result = match words[..] {
        ["tidy"] => tidy::check(&root),
        ["docs", "write"] => docs::write(&root),
        ["docs", "check"] => docs::check(&root),
        _ => {
            eprintln!("usage: cargo run -p xtask -- tidy | docs write | docs check");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(files) => {
            println!("{}: {files} files", words.join(" "));
            ExitCode::SUCCESS
        }
        Err(problems) => {
            for problem in problems {
                eprintln!("{problem}");
            }
            ExitCode::FAILURE
        }
    }
}
