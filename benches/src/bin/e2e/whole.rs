//! The binary `np` from start to end, as a user waits for it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use np_benches::clock::median;
use wait4::Wait4;

/// The medians of several runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    /// On the clock, from before the process is started until it has gone.
    pub(crate) wall: Duration,
    /// The most memory that was resident, in bytes.
    pub(crate) peak: u64,
}

/// Has `np` count the pairs of each verdict in a file, after one run that warms the system's caches.
pub(crate) fn measure(np: &Path, file: &Path, runs: u32) -> io::Result<Whole> {
    once(np, file)?;
    let (mut walls, mut peaks) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let Whole { wall, peak } = once(np, file)?;
        walls.push(wall);
        peaks.push(peak);
    }
    Ok(Whole { wall: median(walls), peak: median(peaks) })
}

fn once(np: &Path, file: &Path) -> io::Result<Whole> {
    let mut command = Command::new(np);
    command.args(["matrix", "--summary", "-o", "csv", "-f"]).arg(file).stdout(Stdio::null());
    let start = Instant::now();
    let used = command.spawn()?.wait4()?;
    let wall = start.elapsed();
    if used.status.success() {
        Ok(Whole { wall, peak: used.rusage.maxrss })
    } else {
        Err(io::Error::other(format!("it ended with {}", used.status)))
    }
}
