//! `np query --batch`: a query a line, answered in order, over one load.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use np_model::conn::AskedPort;
use np_sim::{Finder, Services};

use super::{not_found, query};
use crate::args::port;
use crate::console::{Console, stdout};
use crate::exit::Exit;
use crate::failure::{Failure, Message};
use crate::input::Loaded;
use crate::report::answer::{Answer, Depth, Question, answer};
use crate::report::ndjson::{Unanswered, answered, unanswered};
use crate::report::notes;
use crate::report::places::Places;

/// Answers every line of a file, or of stdin if it is `-`.
pub(super) fn run(
    file: &Path,
    loaded: &Loaded,
    finder: &Finder<'_>,
    places: &Places<'_>,
    console: Console,
) -> Result<Exit, Failure> {
    let input: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(|error| unreadable(file, &error))?)
    };
    let services = Services::new(&loaded.model);
    let mut batch = Batch { loaded, finder, services: &services, places, assumed: false };
    let (mut input, mut out) = (BufReader::new(input), stdout());
    let (mut line, mut number, mut exit) = (Vec::new(), 0, Exit::Yes);
    loop {
        // Whoever asks line by line waits for the answer before the next question.
        if input.buffer().is_empty() {
            out.flush()?;
        }
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(|error| unreadable(file, &error))? == 0 {
            break;
        }
        number += 1;
        let text = String::from_utf8_lossy(&line);
        let words: Vec<&str> = text.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
        if words.is_empty() {
            continue;
        }
        match batch.answer(&words) {
            Ok(answer) => answered(&mut out, &answer)?,
            Err(error) => {
                exit = Exit::Failed;
                let word = |at: usize| words.get(at).copied().unwrap_or_default();
                let (port, error) = (words.get(2..).unwrap_or_default().join(" "), error.text);
                let line =
                    Unanswered { line: number, from: word(0), to: word(1), port: &port, error: &error };
                unanswered(&mut out, line)?;
            }
        }
    }
    out.flush()?;
    if batch.assumed {
        console.note(&notes::pod_space(&loaded.model));
    }
    Ok(loaded.ends(exit))
}

struct Batch<'a> {
    loaded: &'a Loaded,
    finder: &'a Finder<'a>,
    services: &'a Services<'a>,
    places: &'a Places<'a>,
    /// Whether some answer depends on where np assumes pods to be.
    assumed: bool,
}

impl Batch<'_> {
    fn answer(&mut self, words: &[&str]) -> Result<Answer, Message> {
        let [from, to, ports @ ..] = words else {
            return Err(Message::new("a line is FROM TO PORT"));
        };
        let model = &self.loaded.model;
        let unknown = |error| not_found(self.loaded, &error);
        let from = self.finder.find(from).map_err(unknown)?;
        let to = self.finder.find_destination(to).map_err(unknown)?;
        let ports = ports
            .iter()
            .map(|text| port(text))
            .collect::<Result<Vec<AskedPort>, _>>()
            .map_err(Message::new)?;
        let ports = query::ports(&to, &ports)?;
        let question = Question { from: &from, to: &to, ports: &ports };
        let reached = query::ask(self.services, question)?;
        self.assumed |= notes::assumes_pod_space(model, reached.reach());
        Ok(answer(self.services, self.places, question, &reached, Depth::Decisions))
    }
}

fn unreadable(file: &Path, error: &io::Error) -> Failure {
    let file = file.display();
    Message::new(match error.kind() {
        io::ErrorKind::NotFound => format!("no such file: `{file}`"),
        _ => format!("`{file}` cannot be read: {error}"),
    })
    .into()
}
