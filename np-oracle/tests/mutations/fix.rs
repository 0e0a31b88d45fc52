//! np's fixes of a broken cluster, made in the files and read again by another reader.

use np_model::Model;
use np_oracle::{Cluster, Verdict};
use np_sim::fix::{Aim, Fix, Patch, fixes};

use super::case::Connection;
use super::compare::difference;
use super::np::question;
use super::write::{File, read};

/// What came of asking for fixes.
#[derive(Debug)]
pub(crate) struct Fixed {
    /// Whether the first restores every cell of the original.
    pub(crate) is_restored: bool,
    /// Which of them is the first that does.
    pub(crate) restoring: Option<usize>,
    /// The first, and what differs from the original.
    pub(crate) first: String,
}

impl Fixed {
    /// In words.
    pub(crate) fn told(&self) -> String {
        format!("first fix: {}\nrestored by {:?}", self.first, self.restoring)
    }
}

/// Asks for fixes of a connection and makes each, whose aim the judge then finds reached.
///
/// # Errors
/// Says which fix does not do what it is for, or cannot be made.
pub(crate) fn fixed(
    model: &Model,
    files: &[File],
    connection: &Connection,
    aim: Aim,
    original: &Cluster,
) -> Result<Fixed, String> {
    let (from, to, asked) = question(model, connection);
    let given = fixes(model, &from, &to, &asked, aim).map_err(|error| format!("{error:?}"))?;
    let mut fixed = Fixed { is_restored: false, restoring: None, first: "no fix".to_owned() };
    for (at, fix) in given.iter().enumerate() {
        let wrong = |why: String| format!("{why}: fix {at}: {:?} {:?}", fix.steps, fix.patches);
        let after = patched(model, files, fix).map_err(wrong)?;
        let cluster = read(&after).map_err(wrong)?;
        let aimed = match aim {
            Aim::Open => Verdict::Allowed,
            Aim::Deny => Verdict::Denied,
        };
        let verdict = connection.verdict(&cluster);
        if verdict != aimed {
            return Err(wrong(format!("it is {verdict:?}")));
        }
        let difference = difference(original, &cluster);
        if at == 0 {
            fixed.is_restored = difference.is_none();
            fixed.first = format!("{:?}: {difference:?}", fix.steps);
        }
        if difference.is_none() && fixed.restoring.is_none() {
            fixed.restoring = Some(at);
        }
    }
    Ok(fixed)
}

/// The files with the patches of a fix.
fn patched(model: &Model, files: &[File], fix: &Fix) -> Result<Vec<File>, String> {
    let mut files = files.to_vec();
    let patches = fix.patches.as_ref().map_err(|why| format!("no patch, as {why}"))?;
    // The last first, so that places before stay where they are.
    for patch in patches.iter().rev() {
        match patch {
            Patch::Edit(edit) => {
                let name = model.sources().name(edit.source);
                let file = files.iter_mut().find(|(other, _)| other == name).ok_or("a file of no name")?;
                file.1 = edit.apply(&file.1);
            }
            Patch::New { text, .. } => files.push(("new.yaml".to_owned(), text.clone())),
        }
    }
    Ok(files)
}
