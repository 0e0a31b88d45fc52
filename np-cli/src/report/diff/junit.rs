//! A review as a JUnit report: a test for each word that the check fails for. So tests have the same names in every run,
//! and their history says since when one fails.

use std::io::{self, Write};

use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::writer::Writer;

use super::{Note, Report, Row};
use crate::gate::Word;
use crate::report::summary::grouped;

/// How many changes the text of a failure lists.
const LISTED: usize = 200;

/// What is tested for one word.
struct Case<'r> {
    word: Word,
    /// What fails it.
    rows: Vec<&'r Row>,
    /// What may, as no answer shows it.
    unjudged: Vec<&'r Note>,
}

/// Writes a report on a check that fails for these words (none: any change of a connection).
pub(crate) fn write(out: &mut dyn Write, report: &Report, fail_on: &[Word]) -> io::Result<()> {
    let cases: Vec<Case<'_>> = words(fail_on).into_iter().map(|word| Case::of(word, report)).collect();
    let tests = cases.len().to_string();
    let failures = cases.iter().filter(|case| case.fails()).count().to_string();
    let counts = [("tests", tests.as_str()), ("failures", &failures), ("errors", "0"), ("skipped", "0")];
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites")
        .with_attribute(("name", "np diff"))
        .with_attributes(counts.into_iter().take(3))
        .write_inner_content(|xml| {
            xml.create_element("testsuite")
                .with_attribute(("name", "np diff"))
                .with_attributes(counts)
                .write_inner_content(|xml| {
                    cases.iter().try_for_each(|case| case.write(xml))?;
                    system_out(xml, report)
                })?;
            Ok(())
        })?;
    writeln!(out)
}

/// The words that are tested: those that any change means are one.
fn words(fail_on: &[Word]) -> Vec<Word> {
    let mut words = fail_on.to_vec();
    if words.is_empty() || words.contains(&Word::Any) {
        words.retain(|word| !Word::ANY.contains(word));
        words.push(Word::Any);
    }
    words.sort_unstable();
    words.dedup();
    words
}

impl<'r> Case<'r> {
    fn of(word: Word, report: &'r Report) -> Self {
        let names: Vec<&str> = match word {
            Word::Any => Word::ANY.iter().map(|word| word.name()).collect(),
            word => vec![word.name()],
        };
        let fails = |row: &&Row| row.fails.iter().any(|name| names.contains(name));
        // What is not judged may be whatever a connection can do.
        let is_blind = word == Word::Any || Word::ANY.contains(&word);
        let unjudged = if is_blind { report.unjudged.iter().collect() } else { Vec::new() };
        Self { word, rows: report.changes.iter().filter(fails).collect(), unjudged }
    }

    fn fails(&self) -> bool {
        !(self.rows.is_empty() && self.unjudged.is_empty())
    }

    fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let name = tested(self.word);
        let mut element = xml.create_element("testcase").with_attribute(("name", name));
        element = element.with_attribute(("classname", "np diff"));
        if !self.fails() {
            element.write_empty()?;
            return Ok(());
        }
        let file = self.rows.first().and_then(|first| first.spot.as_ref()).map(|spot| valid(&spot.file));
        if let Some(file) = &file {
            element = element.with_attribute(("file", file.as_str()));
        }
        let noun = if self.rows.len() == 1 { "change" } else { "changes" };
        let changes = format!("{} {noun}", grouped(self.rows.len() as u64));
        let message = match self.unjudged.len() {
            0 => changes,
            count => format!("{changes}, {count} not judged"),
        };
        let mut lines: Vec<String> =
            self.rows.iter().take(LISTED).map(|row| valid(&row.sentence())).collect();
        if self.rows.len() > LISTED {
            lines.push(format!("and {} more", grouped((self.rows.len() - LISTED) as u64)));
        }
        lines.extend(self.unjudged.iter().take(LISTED).map(|note| valid(&note.sentence())));
        element.write_inner_content(|xml| {
            xml.create_element("failure")
                .with_attribute(("message", message.as_str()))
                .with_attribute(("type", self.word.name()))
                .write_text_content(BytesText::new(&lines.join("\n")))?;
            Ok(())
        })?;
        Ok(())
    }
}

/// What is true if the test passes.
fn tested(word: Word) -> &'static str {
    match word {
        Word::Any => "no change of connectivity",
        Word::Opened => "nothing opens",
        Word::Closed => "nothing closes",
        Word::Internet => "nothing opens to or from the internet",
        Word::Dns => "cluster DNS stays reachable",
        Word::Unprotected => "no isolation is lost",
        Word::Unknown => "nothing becomes unknown",
        Word::CrossEnvironment => "nothing opens between environments",
        Word::CrossNamespace => "nothing opens between namespaces",
    }
}

/// The counts, what is accepted, and what there is to say about that.
fn system_out<W: Write>(xml: &mut Writer<W>, report: &Report) -> io::Result<()> {
    let mut lines = vec![report.summary.line()];
    let accepted = report.changes.iter().filter_map(|row| Some((row, row.acceptance()?)));
    lines.extend(accepted.take(LISTED).map(|(row, why)| format!("accepted: {}: {why}", row.headline())));
    lines.extend(report.told().map(Note::sentence));
    xml.create_element("system-out").write_text_content(BytesText::new(&valid(&lines.join("\n"))))?;
    Ok(())
}

/// The text without the two characters that are never escaped otherwise, and that XML does not know.
fn valid(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
