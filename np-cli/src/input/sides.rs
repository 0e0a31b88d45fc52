//! The two sides of a comparison: what was and what is to be.
//!
//! Most texts are the same on both sides. They are read once, and each side adds its own to a copy of what
//! came of them. The texts of the head are numbered on from those of the base, so that one table of texts
//! shows the places of both.

use np_model::Input;
use np_model::diag::{Diagnostic, Invalid};
use np_model::origin::Sources;

use super::texts::{self, Text, Texts};
use super::{Loaded, compiled, is_useless, name_flags, nothing_found, prepared, refused};
use crate::args::DiffArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::progress::Stage;

/// Two inputs that were understood.
#[derive(Debug)]
pub(crate) struct Sides {
    /// What was.
    pub(crate) base: &'static Loaded,
    /// What is to be.
    pub(crate) head: &'static Loaded,
    /// How many diagnostics, the first of each side, are about what both have in common.
    common: usize,
}

impl Sides {
    /// The texts of both sides.
    pub(crate) fn sources(&self) -> &'static Sources {
        self.head.model.sources()
    }

    /// What is wrong on either side, and what is wrong on both once.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        together([self.base, self.head].map(|side| side.model.diagnostics()), self.common)
    }

    /// What could not be read of either side.
    pub(crate) fn unread(&self) -> Vec<Message> {
        once([&self.base.unread, &self.head.unread])
    }

    /// Of the base and of the head, whether everything was read without errors.
    pub(crate) fn are_whole(&self) -> [bool; 2] {
        [self.base, self.head].map(|side| matches!(side.ends(Exit::Yes), Exit::Yes))
    }

    /// How a run over them ends that would otherwise end with `exit`.
    pub(crate) fn ends(&self, exit: Exit) -> Exit {
        self.base.ends(self.head.ends(exit))
    }
}

/// The diagnostics of both sides, of which the first `common` are about what both have in common. Those without a place
/// name their side, unless both have them.
fn together([base, head]: [&[Diagnostic]; 2], common: usize) -> Vec<Diagnostic> {
    let mut all = base[..common].to_vec();
    let own = [&base[common..], &head[common..]];
    let is_on_both = |one: &Diagnostic| own.iter().all(|side| side.contains(one));
    for (side, word) in own.into_iter().zip(["base", "head"]) {
        for one in side {
            let message = match one.at {
                Some(_) => one.message.clone(),
                None if is_on_both(one) && word == "head" => continue,
                None if is_on_both(one) => one.message.clone(),
                None => format!("in the {word}: {}", one.message),
            };
            all.push(Diagnostic { message, ..one.clone() });
        }
    }
    all
}

/// What either side says, and what both say once.
fn once([base, head]: [&[Message]; 2]) -> Vec<Message> {
    base.iter().chain(head.iter().filter(|message| !base.contains(message))).cloned().collect()
}

/// Reads and compiles both sides. A side may be empty: a change may add the first policies.
pub(crate) fn load_sides(args: &DiffArgs, console: Console) -> Result<Sides, Failure> {
    let Texts { common: shared, own, unread, called, is_told_empty } = texts::collect(args, console)?;
    let (model, files) = (&args.model, &args.model.files);
    let default_namespace = model.default_namespace(args.namespace.as_deref());
    let progress = console.progress();
    let total = shared.len() + own.iter().map(Vec::len).sum::<usize>();
    let mut done = 0;
    let mut add = |input: &mut Input, texts: Vec<Text>| {
        let first = input.diagnostics.len();
        for Text { name, bytes, .. } in texts {
            // What is read of a few large texts is told by their bytes.
            match total {
                1..=4 => progress.start(Stage::text(&name, &bytes)),
                _ if done == 0 => progress.start(Stage::Files(total)),
                _ => progress.done(done),
            }
            done += 1;
            input.text(&name, bytes);
        }
        name_flags(&mut input.diagnostics[first..], files);
    };
    let mut base = prepared(Input::new(default_namespace), files, model.strict, &progress);
    add(&mut base, shared);
    let common = base.diagnostics.len();
    let mut head = base.clone();
    let [of_base, of_head] = own;
    add(&mut base, of_base);
    head.sources = base.sources.clone();
    add(&mut head, of_head);
    drop(progress);
    let mut both = [base, head];
    let is_broken = both.iter().any(Input::has_errors) || unread.iter().any(|unread| !unread.is_empty());
    let useless = both.each_ref().map(is_useless);
    if useless == [true, true] && !is_broken {
        let problem = nothing_found(&both[1]);
        both[1].diagnostics.push(problem);
    }
    if useless == [true, true] || is_broken && !model.keep_going {
        let [base, head] = both.map(Input::into_invalid);
        let diagnostics = together([&base.diagnostics, &head.diagnostics], common);
        let invalid = Invalid { diagnostics, sources: head.sources };
        return Err(refused(invalid, once(unread.each_ref().map(Vec::as_slice))));
    }
    for ((useless, called), is_told) in useless.into_iter().zip(called).zip(is_told_empty) {
        if useless && !is_told {
            console.note(&texts::empty(&called));
        }
    }
    let [base, head] = both;
    let [of_base, of_head] = unread;
    let side = |input: Input, unread: Vec<Message>| -> &'static Loaded {
        Box::leak(Box::new(compiled(input, unread, model, default_namespace, console)))
    };
    Ok(Sides { base: side(base, of_base), head: side(head, of_head), common })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use clap::Parser;
    use np_model::diag::{Code, Diagnostic};

    use super::{Sides, load_sides, texts, together};
    use crate::args::{self, Cli, DiffArgs, MessageFormat, When};
    use crate::console::Console;

    /// How many files there are, and how many of them change.
    const FILES: usize = 2000;
    const CHANGED: usize = 5;

    fn git(folder: &Path, line: &str) {
        let mut command = Command::new("git");
        command.current_dir(folder).env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
        let command = command.args(["-c", "user.name=np", "-c", "user.email=np@example.com"]);
        assert!(command.args(line.split(' ')).status().expect("git runs").success(), "git {line}");
    }

    fn write(folder: &Path, at: usize, port: usize) {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{at}, namespace: x, labels: {{app: a{at}}}}}\n---\n\
             apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{at}, namespace: x}}\n\
             spec: {{podSelector: {{matchLabels: {{app: a{at}}}}}, ingress: [{{ports: [{{port: {port}}}]}}]}}\n"
        );
        std::fs::write(folder.join(format!("{at}.yaml")), text).expect("a file");
    }

    fn arguments(line: &[&str]) -> DiffArgs {
        let cli = Cli::try_parse_from(["np", "diff"].iter().chain(line)).expect("arguments");
        let args::Command::Diff(args) = cli.command else { panic!("it is np diff") };
        args
    }

    /// Every text that is parsed becomes a source. Of 2,000 files that both sides have, those that are the same are
    /// parsed once, wherever the sides come from.
    #[test]
    fn what_both_sides_have_is_parsed_once() {
        if Command::new("git").arg("--version").output().is_err() {
            println!("skipped: git is not installed");
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (folder, deploy) = (folder.path(), folder.path().join("deploy"));
        let before = folder.join("before");
        for side in [&before, &deploy] {
            std::fs::create_dir(side).expect("a folder");
            (0..FILES).for_each(|at| write(side, at, 80));
        }
        for line in ["init -q .", "add deploy", "commit -q -m base"] {
            git(folder, line);
        }
        (0..FILES).step_by(FILES / CHANGED).for_each(|at| write(&deploy, at, 81));
        git(folder, "commit -q -a -m head");
        let console = Console::new(When::Never, MessageFormat::Human);
        let [before, deploy] = [&before, &deploy].map(|path| path.to_str().expect("UTF-8"));
        for line in [
            &["HEAD~1..HEAD", "-f", deploy][..],
            &["HEAD~1...HEAD", "-f", deploy],
            &["HEAD~1", "-f", deploy],
            &[before, deploy],
        ] {
            let args = arguments(line);
            let sides: Sides = load_sides(&args, console).expect("two sides");
            assert_eq!(sides.sources().len(), FILES + CHANGED, "{line:?}");
            for side in [sides.base, sides.head] {
                let policies = side.model.rules().policies.len();
                assert_eq!((side.model.pods().len(), policies), (FILES, FILES), "{line:?}");
            }
            let texts = texts::collect(&args, console).expect("texts");
            assert_eq!(texts.common.len(), FILES - CHANGED, "{line:?}");
            assert_eq!(texts.own.map(|own| own.len()), [CHANGED; 2], "{line:?}");
        }
    }

    #[test]
    fn what_has_no_place_names_its_side() {
        let one = |message: &str| Diagnostic::error(Code::LimitExceeded, message);
        let (base, head) = (["shared", "old", "both"].map(one), ["shared", "new", "both"].map(one));
        let told = together([&base, &head], 1);
        let messages: Vec<&str> = told.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(messages, ["shared", "in the base: old", "both", "in the head: new"]);
    }
}
