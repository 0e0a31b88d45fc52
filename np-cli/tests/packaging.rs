//! What a release is made of, and how it is installed: the scripts, run on a stand-in for the binary.

#![expect(clippy::print_stdout, reason = "what is skipped is said")]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::Folder;

/// The repository.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn script(folder: &Folder, name: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg(root().join(name)).current_dir(&folder.path);
    for variable in ["NP_BIN", "NP_VERSION", "NP_REPOSITORY", "NP_RELEASES", "NP_INSTALL_DIR"] {
        command.env_remove(variable);
    }
    command
}

#[track_caller]
fn done(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("UTF-8")
}

/// The name of the archive for this machine; `None`, with the reason printed, where the scripts have no binary for it or
/// a program that they need is missing.
fn target() -> Option<&'static str> {
    let target = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "x86_64-unknown-linux-musl",
        ("linux", "aarch64") => "aarch64-unknown-linux-musl",
        ("macos", "x86_64") => "x86_64-apple-darwin",
        ("macos", "aarch64") => "aarch64-apple-darwin",
        (system, machine) => {
            println!("skipped: no release for {system} on {machine}");
            return None;
        }
    };
    for program in ["curl", "tar", "awk"] {
        if Command::new(program).arg("--version").output().is_err() {
            println!("skipped: no {program} here");
            return None;
        }
    }
    Some(target)
}

/// A folder with a release of a program that says who it is.
fn release(target: &str) -> Folder {
    let folder = Folder::with(&[("program", "#!/bin/sh\necho np 1.2.3\n")]);
    done(script(&folder, "packaging/archive.sh").args(["program", target, "release"]));
    let archive = format!("np-{target}.tar.gz");
    let sum = Command::new("sha256sum").arg(&archive).current_dir(folder.path.join("release")).output();
    let sum = sum.or_else(|_| {
        let mut command = Command::new("shasum");
        command.args(["-a", "256", &archive]).current_dir(folder.path.join("release")).output()
    });
    folder.write("release/SHA256SUMS", sum.expect("a checksum").stdout);
    folder
}

fn install(folder: &Folder) -> Command {
    let mut command = script(folder, "integrations/install.sh");
    command.env("NP_RELEASES", format!("file://{}", folder.path.join("release").display()));
    command.env("NP_INSTALL_DIR", folder.path.join("installed"));
    command
}

#[test]
fn a_release_is_packed_and_installed() {
    let Some(target) = target() else { return };
    let folder = release(target);
    let np = done(&mut install(&folder));
    assert_eq!(np.trim_end(), folder.path.join("installed/np").display().to_string());
    let version = done(Command::new(np.trim_end()).arg("--version"));
    assert_eq!(version, "np 1.2.3\n");
    // The plugin of kubectl is the same program.
    let listed =
        done(Command::new("tar").arg("-tzf").arg(folder.path.join(format!("release/np-{target}.tar.gz"))));
    assert_eq!(listed, "CHANGELOG.md\nLICENSE\nREADME.md\nkubectl-np\nnp\n");
}

#[test]
fn an_archive_with_another_checksum_is_refused() {
    let Some(target) = target() else { return };
    let folder = release(target);
    let wrong = format!("{}  np-{target}.tar.gz\n", "0".repeat(64));
    for sums in [wrong.as_str(), "", "not a checksum\n"] {
        folder.write("release/SHA256SUMS", sums);
        let output = install(&folder).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("is not what SHA256SUMS says"), "{said}");
        assert!(!folder.path.join("installed/np").exists(), "it is not unpacked");
    }
}

#[test]
fn an_np_that_is_there_is_taken() {
    let folder = Folder::with(&[]);
    let here = env!("CARGO_BIN_EXE_np");
    assert_eq!(done(script(&folder, "integrations/install.sh").env("NP_BIN", here)).trim_end(), here);
    let missing =
        script(&folder, "integrations/install.sh").env("NP_BIN", "/nowhere/np").output().expect("it runs");
    assert_eq!(missing.status.code(), Some(2));
}

/// A platform for each binary of a release, with its checksum; what else the release has is none.
#[test]
fn the_plugin_manifest_lists_every_platform() {
    let folder = Folder::with(&[]);
    let targets = [
        ("x86_64-unknown-linux-musl", "linux", "amd64"),
        ("aarch64-unknown-linux-musl", "linux", "arm64"),
        ("x86_64-apple-darwin", "darwin", "amd64"),
        ("aarch64-apple-darwin", "darwin", "arm64"),
    ];
    let sums: Vec<String> = targets
        .iter()
        .zip('a'..)
        .map(|((target, ..), digit)| format!("{}  np-{target}.tar.gz\n", digit.to_string().repeat(64)))
        .collect();
    folder.write("SHA256SUMS", format!("{}{}  notes.txt\n", sums.concat(), "f".repeat(64)));
    let text = done(script(&folder, "packaging/krew.sh").args(["v0.1.0", "example/np", "SHA256SUMS"]));
    let manifest: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
    assert_eq!(manifest["metadata"]["name"], "np");
    assert_eq!(manifest["spec"]["version"], "v0.1.0");
    let platforms = manifest["spec"]["platforms"].as_array().expect("a list");
    assert_eq!(platforms.len(), targets.len());
    for ((platform, (target, system, machine)), digit) in platforms.iter().zip(targets).zip('a'..) {
        let uri = format!("https://github.com/example/np/releases/download/v0.1.0/np-{target}.tar.gz");
        assert_eq!(platform["uri"], uri);
        assert_eq!(platform["sha256"], digit.to_string().repeat(64));
        assert_eq!(platform["bin"], "kubectl-np");
        let labels = &platform["selector"]["matchLabels"];
        assert_eq!((labels["os"].as_str(), labels["arch"].as_str()), (Some(system), Some(machine)));
    }
}
