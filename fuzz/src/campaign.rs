//! A run of a target for some time: texts are made, judged and counted; the first that is wrong ends
//! the run and is written down. A watchdog and a copy of the text at hand see to it that an input
//! that never ends, or ends the process, is not lost.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::finding::{Problem, judge, minimise};
use crate::mutate::mutate;
use crate::seeds::seeds;
use crate::targets::Target;

/// The most memory that the process may have used, in KiB.
pub const MOST_MEMORY: u64 = 500 * 1024;

/// When an input is taken to never end.
const HANG: Duration = Duration::from_secs(20);

/// How many texts are kept to be changed further, beside the seeds.
const POOL: usize = 512;

/// What a run found out.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// How many inputs were run.
    pub inputs: u64,
    /// How long that took.
    pub time: Duration,
    /// The longest that one took.
    pub slowest: Duration,
    /// The most memory used so far, in KiB, where the system tells.
    pub memory: Option<u64>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate =
            self.inputs.saturating_mul(1_000) / u64::try_from(self.time.as_millis().max(1)).unwrap_or(1);
        write!(
            f,
            "{} inputs in {:.0} s, {rate}/s, slowest {:.1} ms",
            self.inputs,
            self.time.as_secs_f64(),
            self.slowest.as_secs_f64() * 1_000.0
        )?;
        self.memory.map_or(Ok(()), |memory| write!(f, ", peak memory {} MiB", memory / 1024))
    }
}

/// Why a run ended early.
#[derive(Debug)]
pub enum Stop {
    /// An input is wrong; where it was written, minimised.
    Found(Problem, PathBuf),
    /// More memory was used than may be, in KiB; the input at hand.
    Memory(u64, PathBuf),
    /// A finding could not be written.
    Io(io::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(problem, path) => write!(f, "{problem}\n  input: {}", path.display()),
            Self::Memory(memory, path) => {
                write!(f, "{} MiB of memory were used\n  input: {}", memory / 1024, path.display())
            }
            Self::Io(error) => write!(f, "a finding cannot be written: {error}"),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Runs a target for some time; findings go to a folder.
///
/// # Errors
/// [`Stop`] on the first finding.
pub fn run(target: &Target, seed: u64, time: Duration, folder: &Path) -> Result<Figures, Stop> {
    fs::create_dir_all(folder)?;
    let current = folder.join(format!("current-{}", target.name));
    let mut dice = Dice::new(seed);
    let start = Instant::now();
    let mut figures = Figures { inputs: 0, time: Duration::ZERO, slowest: Duration::ZERO, memory: None };
    let dog = Watchdog::new(current.clone());
    let mut pool = seeds(target.name);
    let first_kept = pool.len();
    let mut queue = pool.clone();
    while start.elapsed() < time {
        let text = queue.pop().unwrap_or_else(|| {
            let mut text = dice.pick(&pool).cloned().unwrap_or_default();
            mutate(&mut dice, &mut text, &pool);
            text
        });
        fs::write(&current, &text)?;
        dog.pet();
        figures.inputs += 1;
        match judge(target, &text) {
            Ok(time) => figures.slowest = figures.slowest.max(time),
            Err(problem) => {
                let path = folder.join(format!("{}-{seed}-{}", target.name, figures.inputs));
                fs::write(&path, &text)?;
                dog.rest();
                fs::write(&path, minimise(target, &text))?;
                fs::remove_file(&current)?;
                return Err(Stop::Found(problem, path));
            }
        }
        if figures.inputs.is_multiple_of(64) {
            figures.memory = peak_memory();
            if let Some(memory) = figures.memory.filter(|memory| *memory > MOST_MEMORY) {
                return Err(Stop::Memory(memory, current));
            }
        }
        if dice.roll(16) == 0 && text.len() < 4_096 {
            if pool.len() < first_kept + POOL {
                pool.push(text);
            } else {
                let at = first_kept + dice.roll(POOL);
                pool[at] = text;
            }
        }
    }
    dog.rest();
    figures.time = start.elapsed();
    figures.memory = peak_memory();
    fs::remove_file(&current)?;
    Ok(figures)
}

/// The most memory that this process has used, in KiB; nothing where there is no `/proc`.
pub fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Ends the process if an input never ends.
struct Watchdog {
    start: Instant,
    /// When it was last petted, in milliseconds since the start; 0 while it rests.
    petted: Arc<AtomicU64>,
    /// Closed when the run ends, which ends the thread.
    _alive: mpsc::Sender<()>,
}

impl Watchdog {
    fn new(current: PathBuf) -> Self {
        let (alive, ended) = mpsc::channel::<()>();
        let (start, petted) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let watched = Arc::clone(&petted);
        std::thread::spawn(move || {
            while ended.recv_timeout(Duration::from_secs(1)) == Err(mpsc::RecvTimeoutError::Timeout) {
                let last = Duration::from_millis(watched.load(Ordering::Relaxed));
                if !last.is_zero() && start.elapsed().saturating_sub(last) > HANG {
                    hang(&current);
                }
            }
        });
        Self { start, petted, _alive: alive }
    }

    fn pet(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.petted.store(now.max(1), Ordering::Relaxed);
    }

    fn rest(&self) {
        self.petted.store(0, Ordering::Relaxed);
    }
}

#[expect(clippy::print_stderr, reason = "nobody is left to hand an error to")]
fn hang(current: &Path) -> ! {
    eprintln!("np-fuzz: no end within {} s\n  input: {}", HANG.as_secs(), current.display());
    std::process::exit(1)
}
