//! What a command renders: each side of a comparison may be a chart or an overlay, of which only a tool of its
//! own knows what it comes to.
//!
//! The command is run by the shell in the folder of the side, and what it prints is the manifests. If it fails,
//! there is no answer: what it printed until then may lack a policy. If it does not, what it says on stderr is passed on,
//! with the side that it is about.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use super::files::unpacked;
use crate::args::LimitArgs;
use crate::failure::Message;

/// How much of what a command says on stderr is kept, and how many of the last lines are shown if it fails.
const KEPT: u64 = 1 << 16;
const LINES: usize = 20;

/// Runs the command in a folder, which is `shown` so, and gives what it prints. What it says besides becomes notes.
pub(super) fn render(
    command: &str,
    folder: &Path,
    shown: &str,
    limits: &LimitArgs,
    notes: &mut Vec<String>,
) -> Result<Vec<u8>, Message> {
    let failed = |why: &dyn std::fmt::Display| Message::new(format!("`{command}` fails in `{shown}`: {why}"));
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    let said = child.stderr.take();
    // Read beside the output: a command that waits for either to be read would wait forever.
    let said = std::thread::spawn(move || {
        let Some(mut pipe) = said else { return (Vec::new(), 0) };
        let mut kept = Vec::new();
        let _ = pipe.by_ref().take(KEPT).read_to_end(&mut kept);
        let dropped = io::copy(&mut pipe, &mut io::sink()).unwrap_or_default();
        (kept, dropped)
    });
    let output = child.stdout.take().ok_or_else(|| failed(&"nothing can be read from it"))?;
    let name = format!("what `{command}` prints in `{shown}`");
    let read = unpacked(limits, output, 0, &name, |error| failed(error));
    if read.is_err() {
        // It may go on for ever.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    let (bytes, _) = read?;
    let (said, dropped) = said.join().unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    if status.success() {
        notes.extend(lines.into_iter().map(|line| format!("rendering `{shown}`: {line}")));
        notes.extend((dropped > 0).then(|| format!("rendering `{shown}`: and {dropped} bytes more")));
        return Ok(bytes);
    }
    let said = lines.iter().skip(lines.len().saturating_sub(LINES)).map(|line| (*line).to_owned()).collect();
    Err(Message { said, ..failed(&status) })
}
