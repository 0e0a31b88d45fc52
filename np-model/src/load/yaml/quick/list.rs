//! Lists of objects in YAML, for reading in parts.

use std::ops::Range;

use super::Quick;
use super::check::is_ordinary;
use super::lines::{Kind, Level, Line};
use crate::load::list::{Behind, Format, Items, List, Shared};
use crate::load::reading::{Reading, offset};
use crate::load::tree::{Node, Tree};

/// Reads a list; nothing if the text is none, or is not to be read in parts.
pub(crate) fn read<'t, T: Send, R: FnMut(Node<'_>) -> Option<T>, F: Fn() -> R + Sync>(
    shared: &Shared<'t, F>,
) -> Option<List<'t, T>> {
    let mut reading = shared.reading();
    let text = shared.text;
    let mut quick = Quick::new(&reading, 0..text.len(), 0, reading.tree());
    let (mut parts, mut values) = (Vec::new(), 0);
    let mut line = quick.next_line()?;
    let around = line.indent?;
    quick.open_map(line.at, around)?;
    // What stands around the items; the first of them has its part's reader look at the text before it.
    let mut checked = 0;
    while let Some(indent) = line.indent {
        if indent != around {
            return None;
        }
        let key = quick.tree.len();
        let (what, colon) = quick.key(line.at)?;
        if quick.tree.any_key(offset(line.at), what).is_some() {
            return None;
        }
        quick.value(colon)?;
        let is_items = quick.tree.string(what) == "items" && key + 1 == quick.tree.len();
        if is_items && quick.awaited.is_some() {
            line = quick.next_line()?;
            let found = line.indent.filter(|indent| *indent >= around && quick.is_dash(line.at));
            if let Some(indent) = found {
                if !is_ordinary(&text.as_bytes()[checked..line.at]) {
                    return None;
                }
                quick.awaited = None;
                quick.go_deeper()?;
                quick.tree.open_list(offset(line.at));
                quick.tree.close();
                let kind = if indent == around { Kind::ListInMap } else { Kind::List };
                let done = shared.items(&Yaml(Level { indent, kind }), line.at)?;
                (parts, values) = (done.parts, done.values);
                (quick.at, checked) = (done.end, text.len());
                line = quick.next_line()?;
                continue;
            }
            quick.ahead = Some(line);
        }
        line = quick.lines(1)?;
    }
    quick.tree.close();
    if checked == 0 {
        return None;
    }
    reading.count(quick.tree.len() + values, 0).ok()?;
    Some(List { header: quick.tree, parts })
}

/// Items behind dashes, in such a list.
struct Yaml(Level);

/// Where the items of a part are being read.
struct YamlItems<'t> {
    quick: Quick<'t>,
    list: Level,
    values: usize,
    /// How many values all items may have.
    most: usize,
}

impl Format for Yaml {
    type Items<'r, 't: 'r> = YamlItems<'t>;

    fn items<'t>(&self, reading: &mut Reading<'t>, range: Range<usize>) -> Option<YamlItems<'t>> {
        let text = reading.text;
        if !is_ordinary(&text.as_bytes()[range.clone()]) {
            return None;
        }
        let quick = Quick::new(reading, range.start..text.len(), 2, reading.tree());
        Some(YamlItems { list: self.0, values: 0, most: quick.most, quick })
    }

    fn between<'t>(&self, reading: Reading<'t>, first: usize) -> Option<(&'t str, usize)> {
        let text = reading.text;
        let before = text[..first].rfind('\n')?;
        // A blank behind the dash: an item on later lines is rare.
        let pattern = text.get(before..first + 2)?;
        pattern.ends_with(' ').then_some((pattern, first - before))
    }
}

impl Items for YamlItems<'_> {
    fn next(&mut self) -> Option<Behind> {
        let Self { quick, list, .. } = self;
        quick.tree.clear();
        quick.open.clear();
        quick.open.push(*list);
        quick.most = self.most.checked_sub(self.values)?;
        let dash = quick.ahead.take().map_or(quick.at, |line| line.at);
        quick.item(dash)?;
        let line @ Line { at, indent, .. } = quick.lines(1)?;
        self.values += quick.tree.len();
        if indent == Some(list.indent) && quick.is_dash(at) {
            quick.ahead = Some(line);
            return Some(Behind::Item(at));
        }
        let is_end = indent.is_none_or(|indent| indent < list.indent || list.kind == Kind::ListInMap);
        is_end.then(|| Behind::End(at - indent.unwrap_or_default()))
    }

    fn tree(&self) -> &Tree<'_> {
        &self.quick.tree
    }

    fn values(&self) -> usize {
        self.values
    }
}
