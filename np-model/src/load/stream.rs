//! Reads a text of many documents, as `helm template` or `kustomize build` write it, in parts: a document is handed
//! on and forgotten, and several threads can take part.
//!
//! A separator cuts wherever it stands ([`split`](super::split)), so that parts can start at any. Whatever is
//! out of the ordinary (an error, a key given twice, a limit) leaves the text to be read whole, which says what is
//! wrong with it.

use std::num::NonZero;
use std::ops::Range;

use super::list::LARGE;
use super::reading::{Document, Reading};
use super::tree::Node;
use super::{Limits, split, text, yaml};
use crate::origin::SourceId;
use crate::parallel;

/// What came of a part, and how much was counted in it.
struct Part<T> {
    documents: Vec<T>,
    values: usize,
    copies: usize,
}

/// Reads a text that is long enough to be shared. `reader` gives what reads the documents on a thread, which gives
/// nothing for one that leaves the text to be read whole. Gives what came of the documents of each part, in order.
pub(crate) fn read<T: Send, R: FnMut(Node<'_>) -> Option<T>>(
    source: SourceId,
    text: &str,
    limits: &Limits,
    threads: NonZero<usize>,
    reader: impl Fn() -> R + Sync,
) -> Option<Vec<Vec<T>>> {
    let ranges = ranges(text, threads);
    if ranges.len() < 2 {
        return None;
    }
    let parts = parallel::each(&ranges, |range| part(source, text, limits, range.clone(), reader()));
    let parts: Vec<Part<T>> = parts.into_iter().collect::<Option<_>>()?;
    let sum = |count: fn(&Part<T>) -> usize| parts.iter().map(count).fold(0, usize::saturating_add);
    let is_within = sum(|part| part.documents.len()) <= limits.documents
        && sum(|part| part.values) <= limits.nodes
        && sum(|part| part.copies) <= limits.copies;
    is_within.then(|| parts.into_iter().map(|part| part.documents).collect())
}

/// About as many parts of a text as there are threads, of about the same length.
fn ranges(text: &str, threads: NonZero<usize>) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    if text.len() >= LARGE {
        let size = text.len() / threads;
        let cuts = (1..threads.get()).map(|thread| text.ceil_char_boundary(thread * size));
        starts.extend(cuts.filter_map(|from| split::cut(text, from)));
        starts.dedup();
    }
    let ends = starts[1..].iter().copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| *start..end).collect()
}

/// Reads a part; nothing if there is anything to say about it.
fn part<T>(
    source: SourceId,
    text: &str,
    limits: &Limits,
    range: Range<usize>,
    mut reader: impl FnMut(Node<'_>) -> Option<T>,
) -> Option<Part<T>> {
    let mut reading = Reading::new(source, text, *limits);
    let (mut documents, mut problems, mut is_ordinary) = (Vec::new(), Vec::new(), true);
    let mut each = |document: Document<'_>| {
        if is_ordinary
            && document.duplicates.is_empty()
            && let Some(read) = reader(document.root)
        {
            documents.push(read);
        } else {
            is_ordinary = false;
        }
    };
    text::documents_of(&mut reading, &mut yaml::Reader::new(), range, &mut each, &mut problems);
    let (values, copies) = reading.counted();
    (is_ordinary && problems.is_empty() && !reading.is_full()).then_some(Part { documents, values, copies })
}
