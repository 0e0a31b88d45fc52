//! `np-cluster`: writes a made-up cluster to a file, to try np on by hand.

#![expect(clippy::print_stderr, reason = "a tool for people at a terminal")]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use np_benches::generate::{Cluster, Notation, Profile};

/// Writes a made-up cluster to a file; the same arguments give the same bytes
#[derive(Debug, Parser)]
#[command(name = "np-cluster")]
struct Args {
    /// What to make up: PODS/POLICIES/NAMESPACES[/DISTINCT] or `real`. With DISTINCT, the pods are owned
    /// replicas of so many workloads; without, each has labels of its own
    profile: Profile,

    /// Leave out the policies that allow DNS, which isolate every pod for egress
    #[arg(long)]
    no_dns: bool,

    /// Leave out the policies that deny by default too, so that most pairs are allowed
    #[arg(long)]
    open: bool,

    /// Change so many policies, spread over the cluster: each says what the next one of its namespace says
    #[arg(long, value_name = "COUNT")]
    changed: Option<usize>,

    /// Write so many files of YAML documents, below a folder, as a repository has them
    #[arg(long, value_name = "COUNT", conflicts_with = "format")]
    files: Option<usize>,

    /// How to write it
    #[arg(long, value_enum, default_value = "json")]
    format: Notation,

    /// Where to write it to
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match write(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("np-cluster: `{}` cannot be written: {error}", args.output.display());
            ExitCode::FAILURE
        }
    }
}

fn write(args: &Args) -> io::Result<()> {
    let mut cluster = Cluster::of(&args.profile);
    if args.no_dns {
        cluster = cluster.without_dns();
    }
    if args.open {
        cluster = cluster.open();
    }
    if let Some(count) = args.changed {
        cluster = cluster.changed(count);
    }
    if let Some(count) = args.files {
        for (at, text) in cluster.files(count).enumerate() {
            let folder = args.output.join(format!("{:02}", at / 100));
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(format!("{at:04}.yaml")), text)?;
        }
        return Ok(());
    }
    let mut out = BufWriter::new(File::create(&args.output)?);
    cluster.write(args.format, &mut out)?;
    out.flush()
}
