//! What is measured in process: the floor, and np's verbs on the same bytes.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use np_benches::clock::{median, timed};
use np_benches::generate::{Cluster, Notation, Profile};
use np_benches::{floor, verbs};

use crate::rows::Row;

/// The medians of one row. As text, nanoseconds with spaces between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inside {
    /// Reading with plain serde_json.
    pub(crate) parse: Duration,
    /// Reading with np.
    pub(crate) load: Duration,
    /// Compiling and counting.
    pub(crate) work: Duration,
}

/// Writes the cluster of a row to a file; if that is JSON, the notation of the floor, also
/// measures.
pub(crate) fn measure(row: &Row, no_dns: bool, runs: u32, file: &Path) -> Result<Option<Inside>, String> {
    let mut cluster = Cluster::of(&row.profile.parse::<Profile>()?);
    if no_dns {
        cluster = cluster.without_dns();
    }
    write(&cluster, row.notation, file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    if row.notation != Notation::Json {
        return Ok(None);
    }
    let json = cluster.json();
    drop(cluster);
    let [mut parses, mut loads, mut works] = [const { Vec::new() }; 3];
    for _ in 0..runs {
        let (parse, list) = timed(|| floor::read(json.as_bytes()));
        drop(list.map_err(|error| error.to_string())?);
        let bytes = json.clone().into_bytes();
        let (load, input) = timed(|| verbs::load(bytes));
        let (compile, model) = timed(|| verbs::compile(input));
        let model = model.map_err(|invalid| format!("{} problems", invalid.diagnostics.len()))?;
        let (summary, _) = timed(|| verbs::summary(&model));
        parses.push(parse);
        loads.push(load);
        works.push(compile + summary);
    }
    Ok(Some(Inside { parse: median(parses), load: median(loads), work: median(works) }))
}

fn write(cluster: &Cluster, notation: Notation, file: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    cluster.write(notation, &mut out)?;
    out.flush()
}

impl fmt::Display for Inside {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [parse, load, work] = [self.parse, self.load, self.work].map(|time| time.as_nanos());
        write!(out, "{parse} {load} {work}")
    }
}

impl FromStr for Inside {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let times: Option<Vec<Duration>> =
            text.split(' ').map(|time| time.parse().ok().map(Duration::from_nanos)).collect();
        match times.as_deref() {
            Some(&[parse, load, work]) => Ok(Self { parse, load, work }),
            _ => Err(format!("no times: {text}")),
        }
    }
}
