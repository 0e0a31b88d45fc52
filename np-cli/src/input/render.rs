//! What a command renders: each side of a comparison may be a chart or an overlay, of which only a tool of its
//! own knows what it comes to.
//!
//! The command is run by the shell in the folder of the side, and what it prints is the manifests. If it fails,
//! there is no answer: what it printed until then may lack a policy.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use super::files::unpacked;
use crate::args::LimitArgs;
use crate::failure::Message;

/// How much of what a command complains about is kept, and how many of the last lines are shown.
const KEPT: u64 = 1 << 16;
const LINES: usize = 20;

/// Runs the command in a folder, which is `shown` so, and gives what it prints.
pub(super) fn render(
    command: &str,
    folder: &Path,
    shown: &str,
    limits: &LimitArgs,
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
    let complaints = child.stderr.take();
    // Read beside the output: a command that waits for either to be read would wait forever.
    let complaints = std::thread::spawn(move || {
        let Some(mut pipe) = complaints else { return Vec::new() };
        let mut kept = Vec::new();
        let _ = pipe.by_ref().take(KEPT).read_to_end(&mut kept);
        let _ = io::copy(&mut pipe, &mut io::sink());
        kept
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
    if status.success() {
        return Ok(bytes);
    }
    let complaints = complaints.join().unwrap_or_default();
    let complaints = String::from_utf8_lossy(&complaints);
    let lines: Vec<&str> = complaints.lines().filter(|line| !line.trim().is_empty()).collect();
    let said = lines.iter().skip(lines.len().saturating_sub(LINES)).map(|line| (*line).to_owned()).collect();
    Err(Message { said, ..failed(&status) })
}
