//! What a change is in the text of a policy: which values it concerns, and what becomes of them.

use super::change::{Change, RuleAt, SelectorAt};
use super::piece::{Cut, Ground, Held, More, plain};
use super::place::Piece;
use super::write::{self, Style, Written};
use super::{Edit, NoEdit};
use crate::ir::{Direction, Policy};
use crate::load::yaml::spans::{Form, Span};
use crate::origin::Sources;
use crate::selector::Requirement;

/// One step of the way from an object to a value of it.
#[derive(Clone, Copy)]
enum Step<'s> {
    Key(&'s str),
    Item(u32),
}

use Step::{Item, Key};

/// See [`edit`](super::edit()).
pub(super) fn edit(
    sources: &Sources,
    policy: &Policy,
    changes: &[Change],
    meant: &Policy,
) -> Result<Edit, NoEdit> {
    let mut piece = Piece::find(sources, policy)?;
    let mut so_far = policy.clone();
    for change in changes {
        if loses_type(&piece.root()?, &so_far, change) {
            make(&mut piece, |ground, root| add_type(ground, root, &so_far, Direction::Egress))?;
        }
        make(&mut piece, |ground, root| cuts(ground, root, &so_far, change))?;
        change.apply(&mut so_far).ok_or(NoEdit::Misfit)?;
    }
    if piece.says(meant) { Ok(piece.into_edit(sources)) } else { Err(NoEdit::Unproven) }
}

/// Makes the cuts that are found in a piece.
fn make(
    piece: &mut Piece,
    find: impl FnOnce(&Ground<'_>, &Span) -> Result<Vec<Cut>, NoEdit>,
) -> Result<(), NoEdit> {
    let root = piece.root()?;
    let style = style(piece, &root);
    let Piece { column, line_end, .. } = *piece;
    let mut cuts = find(&Ground { text: &piece.text, column, line_end, style }, &root)?;
    cuts.sort_by_key(|(range, _)| (range.start, range.end));
    for (range, new) in cuts.into_iter().rev() {
        piece.text.replace_range(range, &new);
    }
    Ok(())
}

/// Whether a change takes the last egress rule, which is all that makes a policy without `policyTypes` one of
/// egress: then they have to be written.
fn loses_type(root: &Span, policy: &Policy, change: &Change) -> bool {
    let is_last = matches!(change, Change::RemoveRule(at) if at.direction == Direction::Egress)
        && policy.egress.as_ref().is_some_and(|rules| rules.len() == 1);
    is_last && find(root, &[Key("spec"), Key("policyTypes")]).map_or(true, |held| is_empty(held.value))
}

/// How an object is written: as JSON, or by its first list and its first map within a map.
pub(super) fn style(piece: &Piece, root: &Span) -> Style {
    let is_json = match &root.form {
        Form::Map { is_flow: true, entries } => {
            matches!(entries.first(), Some((Span { form: Form::Scalar { quote: Some('"'), .. }, .. }, _)))
        }
        _ => false,
    };
    let ground = Ground {
        text: &piece.text,
        column: piece.column,
        line_end: piece.line_end,
        style: Style { is_json, step: 2, dash: 2 },
    };
    let (step, dash) = ground.steps(root);
    Style { is_json, step: step.unwrap_or(2), dash: dash.unwrap_or(0) }
}

fn cuts(ground: &Ground<'_>, root: &Span, policy: &Policy, change: &Change) -> Result<Vec<Cut>, NoEdit> {
    let more = |path: &[Step<'_>], more: More| grow(ground, root, path, more);
    let remove = |path: &[Step<'_>], index: u32| ground.remove(find(root, path)?, index as usize);
    match change {
        Change::AddType(direction) => add_type(ground, root, policy, *direction),
        Change::AddRule(direction, rule) => {
            more(&rules(*direction), More::Item(write::rule(rule, *direction)))
        }
        Change::RemoveRule(at) => remove(&rules(at.direction), at.index),
        Change::AddPeer(at, peer) => more(&peers(*at), More::Item(write::peer(peer))),
        Change::Peers(at, list) => {
            let list = Written::List(list.iter().map(write::peer).collect());
            more(&rule(*at), More::Entry(write::peers_key(at.direction).to_owned(), list))
        }
        Change::RemovePeer(at, index) => remove(&peers(*at), *index),
        Change::Split(at, index) => {
            let list = find(root, &peers(*at))?.value;
            ground.split(list, item(list, *index)?)
        }
        Change::Join(at, index) => join(ground, find(root, &peers(*at))?, policy, change, (*at, *index)),
        Change::AddPort(at, port) => more(&ports(*at), More::Item(write::port(port))),
        Change::Ports(at, list) => {
            let list = Written::List(list.iter().map(write::port).collect());
            more(&rule(*at), More::Entry("ports".to_owned(), list))
        }
        Change::RemovePort(at, index) => remove(&ports(*at), *index),
        Change::SetPort(at, index, port) => {
            let held = find(root, &[&ports(*at)[..], &[Item(*index)]].concat())?;
            set_port(ground, held, &write::port(port))
        }
        Change::InNamespaces(at, index, selector) => {
            let item = [peers(*at), vec![Item(*index)]].concat();
            more(&item, More::Entry("namespaceSelector".to_owned(), write::selector(selector)))
        }
        Change::AddExcept(at, index, network) => more(&except(*at, *index), More::Item(write::text(network))),
        Change::RemoveExcept(at, index, network) => {
            let held = find(root, &except(*at, *index))?;
            let Form::List { items, .. } = &held.value.form else { return Err(NoEdit::Style) };
            let is_it = |span: &Span| {
                let Form::Scalar { value, .. } = &span.form else { return false };
                crate::fields::address::cidr(value).is_some_and(|cidr| cidr.network == *network)
            };
            ground.remove(held, items.iter().position(is_it).ok_or(NoEdit::Misfit)?)
        }
        Change::SetTerm(at, old, new) => set_term(ground, find(root, &selector(*at))?, old, new),
        Change::AddTerm(at, term) => match write::single(term) {
            Some((key, value)) => more(
                &[&selector(*at)[..], &[Key("matchLabels")]].concat(),
                More::Entry(key.to_owned(), write::text(value)),
            ),
            None => more(
                &[&selector(*at)[..], &[Key("matchExpressions")]].concat(),
                More::Item(write::expression(term)),
            ),
        },
        Change::RemoveTerm(at, term) => {
            let selector = find(root, &selector(*at))?;
            let (held, index) = term_at(selector, term)?;
            ground.remove(held, index)
        }
    }
}

/// Makes one peer of two: by its dash where both are written alike, else by writing the first anew, if that
/// loses no comment. A `#` in a value passes for one, which costs an edit and no comment.
fn join(
    ground: &Ground<'_>,
    list: Held<'_>,
    policy: &Policy,
    change: &Change,
    (at, index): (RuleAt, u32),
) -> Result<Vec<Cut>, NoEdit> {
    let (one, other) = (item(list.value, index)?, item(list.value, index + 1)?);
    if let Ok(cuts) = ground.join(list.value, one, other) {
        return Ok(cuts);
    }
    let mut joined = policy.clone();
    change.apply(&mut joined).ok_or(NoEdit::Misfit)?;
    let rules = joined.rules(at.direction).unwrap_or_else(|| joined.inert_rules(at.direction));
    let peers = rules.get(at.index as usize).and_then(|rule| rule.peers.as_ref());
    let peer = peers.and_then(|peers| peers.get(index as usize)).ok_or(NoEdit::Misfit)?;
    let in_flow = matches!(&list.value.form, Form::List { is_flow: true, .. });
    let mut cuts = ground.rewrite(Held { key: None, in_flow, value: one }, &write::peer(&peer.peer))?;
    cuts.extend(ground.remove(list, index as usize + 1)?);
    let has_comment = cuts.iter().any(|(gone, _)| ground.text[gone.clone()].contains('#'));
    if has_comment { Err(NoEdit::Comments) } else { Ok(cuts) }
}

/// What a policy without `policyTypes` says by its rules, it says by a list once that has to have more.
fn add_type(
    ground: &Ground<'_>,
    root: &Span,
    policy: &Policy,
    direction: Direction,
) -> Result<Vec<Cut>, NoEdit> {
    let path = [Key("spec"), Key("policyTypes")];
    let is_written = find(root, &path).is_ok_and(|held| !is_empty(held.value));
    if is_written {
        return grow(ground, root, &path, More::Item(write::text(write::policy_type(direction))));
    }
    let concerns = |of: &Direction| *of == direction || policy.rules(*of).is_some();
    let types = [Direction::Ingress, Direction::Egress].into_iter().filter(concerns);
    let types = Written::List(types.map(|of| write::text(write::policy_type(of))).collect());
    match find(root, &path) {
        Ok(held) => ground.fill(held, &types),
        Err(_) => grow(ground, root, &path[..1], More::Entry("policyTypes".to_owned(), types)),
    }
}

fn rules(direction: Direction) -> [Step<'static>; 2] {
    let key = match direction {
        Direction::Egress => "egress",
        Direction::Ingress => "ingress",
    };
    [Key("spec"), Key(key)]
}

fn rule(at: RuleAt) -> Vec<Step<'static>> {
    [&rules(at.direction)[..], &[Item(at.index)]].concat()
}

fn peers(at: RuleAt) -> Vec<Step<'static>> {
    [rule(at), vec![Key(write::peers_key(at.direction))]].concat()
}

fn ports(at: RuleAt) -> Vec<Step<'static>> {
    [rule(at), vec![Key("ports")]].concat()
}

fn except(at: RuleAt, peer: u32) -> Vec<Step<'static>> {
    [peers(at), vec![Item(peer), Key("ipBlock"), Key("except")]].concat()
}

fn selector(at: SelectorAt) -> Vec<Step<'static>> {
    match at {
        SelectorAt::Subject => vec![Key("spec"), Key("podSelector")],
        SelectorAt::Pods(at, peer) => [peers(at), vec![Item(peer), Key("podSelector")]].concat(),
        SelectorAt::Namespaces(at, peer) => [peers(at), vec![Item(peer), Key("namespaceSelector")]].concat(),
    }
}

/// Whether a list or map has nothing in it, or is not there at all.
fn is_empty(span: &Span) -> bool {
    match &span.form {
        Form::List { items, .. } => items.is_empty(),
        Form::Map { entries, .. } => entries.is_empty(),
        Form::Scalar { .. } => span.is_null(),
        Form::Alias => false,
    }
}

/// The only entry of a map with this key; nothing if it has none.
fn entry<'s>(map: Held<'s>, key: &str) -> Result<Option<Held<'s>>, NoEdit> {
    let Form::Map { is_flow, entries } = &map.value.form else { return Err(NoEdit::Style) };
    let mut found = None;
    for (name, value) in entries {
        match &name.form {
            Form::Scalar { value, .. } if value == "<<" => return Err(NoEdit::Style),
            Form::Scalar { value, .. } if value != key => continue,
            Form::Scalar { .. } if found.is_none() => {}
            _ => return Err(NoEdit::Style),
        }
        found = Some(Held { key: Some(name), in_flow: *is_flow, value });
    }
    Ok(found)
}

fn item(list: &Span, index: u32) -> Result<&Span, NoEdit> {
    let Form::List { items, .. } = &list.form else { return Err(NoEdit::Style) };
    items.get(index as usize).ok_or(NoEdit::Misfit)
}

/// The value at the end of a path, one step of it.
fn step<'s>(held: Held<'s>, step: Step<'_>) -> Result<Option<Held<'s>>, NoEdit> {
    plain(held.value)?;
    match step {
        Key(key) => entry(held, key),
        Item(index) => {
            let in_flow = matches!(&held.value.form, Form::List { is_flow: true, .. });
            Ok(Some(Held { key: None, in_flow, value: item(held.value, index)? }))
        }
    }
}

/// The value at the end of a path.
fn find<'s>(root: &'s Span, path: &[Step<'_>]) -> Result<Held<'s>, NoEdit> {
    let mut held = Held { key: None, in_flow: false, value: root };
    for next in path {
        held = step(held, *next)?.ok_or(NoEdit::Misfit)?;
    }
    Ok(held)
}

/// Adds to the list or map at the end of a path, which may have to be made.
fn grow(ground: &Ground<'_>, root: &Span, path: &[Step<'_>], more: More) -> Result<Vec<Cut>, NoEdit> {
    let mut held = Held { key: None, in_flow: false, value: root };
    for (at, next) in path.iter().enumerate() {
        // What is not there yet, around what is added.
        let around = |rest: &[Step<'_>], more: More| {
            rest.iter().rev().try_fold(more.alone(), |inside, step| match step {
                Key(key) => Ok(Written::Map(vec![((*key).to_owned(), inside)])),
                Item(_) => Err(NoEdit::Misfit),
            })
        };
        if is_empty(held.value) {
            return ground.fill(held, &around(&path[at..], more)?);
        }
        held = match (step(held, *next)?, next) {
            (Some(inner), _) => inner,
            (None, Key(key)) => {
                let entry = More::Entry((*key).to_owned(), around(&path[at + 1..], more)?);
                return ground.add(held.value, &entry);
            }
            (None, Item(_)) => return Err(NoEdit::Misfit),
        };
    }
    if is_empty(held.value) { ground.fill(held, &more.alone()) } else { ground.add(held.value, &more) }
}

/// Makes one port another: each of its fields that differs.
fn set_port(ground: &Ground<'_>, item: Held<'_>, port: &Written) -> Result<Vec<Cut>, NoEdit> {
    plain(item.value)?;
    let Written::Map(wanted) = port else { return Err(NoEdit::Misfit) };
    if is_empty(item.value) {
        return ground.fill(item, port);
    }
    let mut cuts = Vec::new();
    for (key, value) in wanted {
        match entry(item, key)? {
            Some(held) if says(held.value, value) => {}
            Some(held) => cuts.extend(ground.replace(held.value, value)?),
            // What no protocol means needs none.
            None if key == "protocol" && matches!(value, Written::Text(text) if text == "TCP") => {}
            None => cuts.extend(ground.add(item.value, &More::Entry(key.clone(), value.clone()))?),
        }
    }
    let Form::Map { entries, .. } = &item.value.form else { return Err(NoEdit::Style) };
    let is_gone = |(key, _): &(Span, Span)| match &key.form {
        Form::Scalar { value, .. } => wanted.iter().all(|(key, _)| key != value),
        _ => true,
    };
    let gone: Vec<usize> = (0..entries.len()).filter(|index| is_gone(&entries[*index])).collect();
    if gone.len() > 1 || gone.len() == entries.len() {
        return ground.rewrite(item, port);
    }
    for index in gone {
        cuts.extend(ground.remove(item, index)?);
    }
    Ok(cuts)
}

/// Whether a scalar is written that says this.
fn says(span: &Span, what: &Written) -> bool {
    let Form::Scalar { value, quote, .. } = &span.form else { return false };
    match what {
        Written::Text(text) => value == text,
        Written::Number(number) => quote.is_none() && *value == number.to_string(),
        Written::List(_) | Written::Map(_) => false,
    }
}

/// Where a term is written: in which map or list, and its place there.
fn term_at<'s>(selector: Held<'s>, term: &Requirement) -> Result<(Held<'s>, usize), NoEdit> {
    plain(selector.value)?;
    let text = |span: &Span| match &span.form {
        Form::Scalar { value, .. } => Some(value.clone()),
        _ => None,
    };
    if let Some((key, value)) = write::single(term)
        && let Some(labels) = entry(selector, "matchLabels")?
        && let Form::Map { entries, .. } = &labels.value.form
    {
        let is_it = |(name, what): &(Span, Span)| {
            text(name).as_deref() == Some(key) && text(what).as_deref() == Some(value)
        };
        if let Some(found) = entries.iter().position(is_it) {
            return Ok((labels, found));
        }
    }
    let expressions = entry(selector, "matchExpressions")?.ok_or(NoEdit::Style)?;
    let Form::List { items, is_flow } = &expressions.value.form else { return Err(NoEdit::Style) };
    let is_it = |value: &Span| {
        let held = Held { key: None, in_flow: *is_flow, value };
        let field = |name| entry(held, name).ok().flatten();
        let values = field("values").map(|held| match &held.value.form {
            Form::List { items, .. } => items.iter().filter_map(text).collect(),
            _ => std::collections::BTreeSet::new(),
        });
        field("key").and_then(|held| text(held.value)).as_deref() == Some(term.key())
            && field("operator").and_then(|held| text(held.value)).as_deref() == Some(write::operator(term))
            && values.unwrap_or_default() == term.values().cloned().unwrap_or_default()
    };
    Ok((expressions, items.iter().position(is_it).ok_or(NoEdit::Style)?))
}

/// Makes one term another, where it is written and as it is written there.
fn set_term(
    ground: &Ground<'_>,
    selector: Held<'_>,
    old: &Requirement,
    new: &Requirement,
) -> Result<Vec<Cut>, NoEdit> {
    let (held, index) = term_at(selector, old)?;
    plain(held.value)?;
    let mut cuts = Vec::new();
    match &held.value.form {
        Form::Map { entries, .. } => {
            let (key, value) = write::single(new).ok_or(NoEdit::Style)?;
            let (old_key, old_value) = entries.get(index).ok_or(NoEdit::Misfit)?;
            for (span, text) in [(old_key, key), (old_value, value)] {
                if !says(span, &write::text(text)) {
                    cuts.extend(ground.replace(span, &write::text(text))?);
                }
            }
        }
        Form::List { items, is_flow } => {
            let value = items.get(index).ok_or(NoEdit::Misfit)?;
            let term = Held { key: None, in_flow: *is_flow, value };
            for (name, text) in [("key", new.key()), ("operator", write::operator(new))] {
                let held = entry(term, name)?.ok_or(NoEdit::Style)?;
                if !says(held.value, &write::text(text)) {
                    cuts.extend(ground.replace(held.value, &write::text(text))?);
                }
            }
            cuts.extend(set_values(ground, term, old, new)?);
        }
        Form::Scalar { .. } | Form::Alias => return Err(NoEdit::Style),
    }
    Ok(cuts)
}

/// Makes the values of one term those of another, if one of them is replaced, added or taken away.
fn set_values(
    ground: &Ground<'_>,
    term: Held<'_>,
    old: &Requirement,
    new: &Requirement,
) -> Result<Vec<Cut>, NoEdit> {
    let (Some(old), Some(new)) = (old.values(), new.values()) else {
        return if old.values() == new.values() { Ok(Vec::new()) } else { Err(NoEdit::Style) };
    };
    let list = entry(term, "values")?.ok_or(NoEdit::Style)?;
    let Form::List { items, .. } = &list.value.form else { return Err(NoEdit::Style) };
    let place = |value: &String| items.iter().position(|item| says(item, &write::text(value)));
    let gone: Vec<&String> = old.difference(new).collect();
    let come: Vec<&String> = new.difference(old).collect();
    match (gone.as_slice(), come.as_slice()) {
        ([], []) => Ok(Vec::new()),
        ([gone], [come]) => ground.replace(&items[place(gone).ok_or(NoEdit::Style)?], &write::text(come)),
        ([], [come]) => ground.add(list.value, &More::Item(write::text(come))),
        ([gone], []) => ground.remove(list, place(gone).ok_or(NoEdit::Style)?),
        _ => Err(NoEdit::Style),
    }
}
