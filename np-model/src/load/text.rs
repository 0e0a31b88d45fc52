//! One way in for every text: bytes become text, text becomes documents, YAML and JSON alike.
//!
//! A text is read as kubectl reads a file: cut at lines starting `---`, each piece JSON if it
//! starts like JSON and is, else YAML. A document is handed on as soon as it is read, and one that
//! cannot be read becomes a diagnostic and hides none of the others.

use std::ops::Range;

use super::Limits;
use super::reading::{Document, Reading};
use super::split::{Piece, pieces};
use super::{foreign, json, yaml};
use crate::diag::{Code, Diagnostic, Limit};
use crate::origin::SourceId;

/// Turns bytes into text, if they are not too many and not encrypted.
///
/// # Errors
/// As of [`decode`], and if there is no sense in decoding.
#[expect(clippy::result_large_err, reason = "called once for each file")]
pub(crate) fn accept(bytes: Vec<u8>, limits: &Limits) -> Result<String, Diagnostic> {
    let most = limits.bytes.min(Limits::LARGEST);
    if u64::try_from(bytes.len()).is_ok_and(|found| found > most) {
        let problem = Diagnostic::error(Code::LimitExceeded, format!("more than {most} bytes in one text"));
        return Err(problem.limit(Limit::Bytes).help("it is not read; split it"));
    }
    foreign::encrypted(&bytes).map_or_else(|| decode(bytes), Err)
}

/// Turns bytes into text: UTF-8, or UTF-16 with a byte order mark.
///
/// A byte order mark is left out, so that offsets count from the first character.
///
/// # Errors
/// If the bytes are not valid in their encoding, or hold a NUL, which no manifest may.
#[expect(clippy::result_large_err, reason = "called once for each file")]
pub fn decode(mut bytes: Vec<u8>) -> Result<String, Diagnostic> {
    let utf16 = |units: Option<String>| {
        let problem = "not valid UTF-16, as its byte order mark says it is";
        units.ok_or_else(|| refused(problem).help("save the file as UTF-8"))
    };
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(from_utf16(rest, u16::from_le_bytes))?,
        [0xfe, 0xff, rest @ ..] => utf16(from_utf16(rest, u16::from_be_bytes))?,
        start => {
            if start.starts_with(b"\xef\xbb\xbf") {
                bytes.drain(..3);
            }
            String::from_utf8(bytes).map_err(|error| {
                let place = place_behind(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
                refused(format!("not valid UTF-8 at {place}")).help("save the file as UTF-8")
            })?
        }
    };
    match memchr::memchr(0, text.as_bytes()) {
        None => Ok(text),
        Some(at) => Err(refused(format!("a NUL character at {}", place_behind(&text.as_bytes()[..at])))
            .help("this is no text, or text in an encoding other than UTF-8 and UTF-16")),
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    char::decode_utf16(pairs.iter().copied().map(unit)).collect::<Result<_, _>>().ok()
}

fn refused(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, message)
}

/// Where a text ends, in words: what cannot be decoded has no place that could be shown.
fn place_behind(before: &[u8]) -> String {
    format!("line {}, byte {}", before.split(|byte| *byte == b'\n').count(), before.len())
}

/// Reads the documents of `text` in order and calls `each` with each as it is read.
///
/// Documents that say nothing (empty, only comments, `null`) are left out. What cannot be read is
/// an error in `diagnostics`, and reading goes on behind it.
pub fn documents(
    source: SourceId,
    text: &str,
    limits: &Limits,
    each: &mut dyn FnMut(Document<'_>),
    diagnostics: &mut Vec<Diagnostic>,
) {
    documents_by(&mut yaml::Reader::new(), source, text, limits, each, diagnostics);
}

/// The same without the shortcut for plain YAML, which must give the same: its judge in tests.
#[doc(hidden)]
pub fn strict_documents(
    source: SourceId,
    text: &str,
    limits: &Limits,
    each: &mut dyn FnMut(Document<'_>),
    diagnostics: &mut Vec<Diagnostic>,
) {
    documents_by(&mut yaml::Reader::strict(), source, text, limits, each, diagnostics);
}

fn documents_by<'a>(
    parser: &mut yaml::Reader<'a>,
    source: SourceId,
    text: &'a str,
    limits: &Limits,
    each: &mut dyn FnMut(Document<'_>),
    diagnostics: &mut Vec<Diagnostic>,
) {
    if u32::try_from(text.len()).is_err() {
        diagnostics.push(
            Diagnostic::error(Code::LimitExceeded, "a text of more than 4 GiB")
                .help("split it into several files"),
        );
        return;
    }
    let mut reading = Reading::new(source, text, *limits);
    documents_of(&mut reading, parser, 0..text.len(), each, diagnostics);
}

/// Reads the documents of a part of a text, which starts and ends at separators or where the text does; gives
/// how many there are.
pub(super) fn documents_of<'a>(
    reading: &mut Reading<'a>,
    parser: &mut yaml::Reader<'a>,
    part: Range<usize>,
    each: &mut dyn FnMut(Document<'_>),
    diagnostics: &mut Vec<Diagnostic>,
) -> usize {
    let limits = reading.limits;
    let (mut emitted, mut beyond) = (0_usize, None);
    for piece in pieces(reading.text, part) {
        match piece {
            Piece::BadSeparator(at) => diagnostics.push(
                Diagnostic::error(Code::YamlSyntax, "text behind the document separator `---`")
                    .at(reading.place(at))
                    .help("kubectl allows only a comment there; start the document on the next line"),
            ),
            Piece::Document(range) => {
                let mut hand_on = |document: Document<'_>| {
                    if document.root.is_null() {
                        return;
                    }
                    emitted += 1;
                    if emitted <= limits.documents {
                        each(document);
                    } else if emitted == limits.documents + 1 {
                        beyond = document.root.place();
                    }
                };
                piece_of_text(reading, parser, range, &mut hand_on, diagnostics);
                if emitted > limits.documents {
                    diagnostics.push(reading.too_many_documents(beyond));
                }
                if emitted > limits.documents || reading.is_full() {
                    break;
                }
            }
        }
    }
    emitted
}

/// Reads one piece between separators: JSON if it is, else YAML.
fn piece_of_text<'a>(
    reading: &mut Reading<'a>,
    parser: &mut yaml::Reader<'a>,
    range: Range<usize>,
    each: &mut dyn FnMut(Document<'_>),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let start = reading.text[range.clone()].trim_start_matches('\u{feff}').trim_start();
    let not_json = if start.starts_with(['{', '[']) {
        match json::read(reading, range.clone(), each) {
            Ok(()) => return,
            Err(json::Failure::Broken(problem)) => {
                diagnostics.push(*problem);
                return;
            }
            Err(json::Failure::NotJson(problem)) => Some(problem),
        }
    } else {
        None
    };
    if let Err(not_yaml) = parser.read(reading, range.clone(), each, diagnostics) {
        let broken = not_yaml.at.map_or(0, |at| (at.offset as usize).saturating_sub(range.start));
        if not_yaml.code == Code::YamlSyntax
            && let Some((at, template)) = foreign::template(&reading.text[range.clone()], broken)
        {
            // Of a text that is one, each document would say the same.
            if !std::mem::replace(&mut reading.is_template, true) {
                diagnostics.push(template.at(reading.place(range.start + at)));
            }
            return;
        }
        // What is neither was meant to be whichever could be read further.
        let offset = |problem: &Diagnostic| problem.at.map(|at| at.offset);
        let quoted = start.trim_start_matches(['{', '[', ' ', '\t', '\r', '\n']).starts_with('"');
        diagnostics.push(*match not_json {
            Some(not_json) if (offset(&not_json), quoted) > (offset(&not_yaml), false) => not_json,
            _ => not_yaml,
        });
    }
}

#[cfg(test)]
#[path = "text_tests/mod.rs"]
mod tests;
