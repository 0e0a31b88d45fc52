//! One entry of a rule's `from` or `to`: pods by labels, or a block of addresses.

use ipnet::IpNet;

use super::Context;
use crate::addr::IpBlock;
use crate::diag::{Cause, Code, Diagnostic, Severity};
use crate::dialect::release::Sloppy;
use crate::facts::Pool;
use crate::fields::Field;
use crate::fields::address::{self, Cidr};
use crate::fields::label_selector;
use crate::ir::{Namespaces, Peer, PeerItem, PeerPlaces, Places};
use crate::origin::Location;

const FIELDS: &[&str] = &["ipBlock", "namespaceSelector", "podSelector"];

/// Reads an entry; `None` if it has an error, which is reported.
pub(super) fn read(item: Field<'_>, context: &Context<'_>, pool: &mut Pool) -> Option<PeerItem> {
    let at = item.at();
    let (peer, parts_at) = parts(item, context, pool)?;
    Some(PeerItem { at, peer, parts_at })
}

fn parts(item: Field<'_>, context: &Context<'_>, pool: &mut Pool) -> Option<(Peer, PeerPlaces)> {
    let readable = item.is_readable();
    let item = item.map_of(FIELDS);
    let block = item.get("ipBlock");
    let pods = label_selector::read(item.get("podSelector"), pool);
    let namespaces = label_selector::read(item.get("namespaceSelector"), pool);
    let has_block = !block.is_absent();
    let block = if has_block { ip_block(block, context) } else { None };
    match (pods, namespaces) {
        (None, None) if has_block => block,
        (None, None) => {
            // A peer of some other API has its unknown field reported, and that is enough.
            if readable && item.entries().all(|(key, _)| FIELDS.contains(&key)) {
                item.missing("a peer needs a podSelector, a namespaceSelector or an ipBlock");
            }
            None
        }
        (Some(_), _) | (_, Some(_)) if has_block => {
            let message = "an ipBlock stands alone in its peer, without selectors";
            let problem = Diagnostic::error(Code::InvalidValue, message).cause(Cause::Forbidden);
            item.report(problem.help("make it a list item of its own"));
            None
        }
        (pods, namespaces) => {
            let (pods, pods_at) = pods.unwrap_or_default();
            let (namespaces, namespaces_at) = match namespaces {
                None => (Namespaces::Named(context.namespace.clone()), Places::default()),
                Some((selector, places)) => (Namespaces::Matching(selector), places),
            };
            let places = PeerPlaces::Pods { namespaces: namespaces_at, pods: pods_at };
            Some((Peer::Pods { namespaces, pods }, places))
        }
    }
}

fn ip_block(block: Field<'_>, context: &Context<'_>) -> Option<(Peer, PeerPlaces)> {
    let readable = block.is_readable();
    let block = block.map_of(&["cidr", "except"]);
    if !readable {
        return None;
    }
    let (outer, except) = (block.get("cidr"), block.get("except"));
    if outer.is_absent() || outer.text() == Some("") {
        outer.missing("an ipBlock needs a `cidr`");
        return None;
    }
    let cidr = self::cidr(&outer, context)?;
    let mut inner: Vec<(IpNet, Option<Location>)> = Vec::new();
    for item in except.items() {
        let Some(except) = self::cidr(&item, context) else { continue };
        // The API server compares the lengths as written, an IPv4 network in IPv6 notation or not.
        if IpBlock::new(cidr.network, &[except.network]).is_none() || except.length <= cidr.length {
            item.invalid(format!("an exception must lie in `cidr` {} and be smaller", cidr.network));
        }
        inner.push((except.network, item.at()));
    }
    inner.sort();
    inner.dedup_by_key(|(network, _)| *network);
    let networks: Vec<IpNet> = inner.iter().map(|(network, _)| *network).collect();
    let except = inner.into_iter().map(|(_, at)| at).collect();
    let block = IpBlock::new(cidr.network, &networks)?;
    Some((Peer::Block(block), PeerPlaces::Block { cidr: outer.at(), except }))
}

/// Reads a CIDR. What only newer API servers refuse is an error in a manifest for one of them, and a
/// warning in an object that a cluster holds. Releases that refuse nothing may warn all the same.
fn cidr(field: &Field<'_>, context: &Context<'_>) -> Option<Cidr> {
    let text = if field.is_absent() { "" } else { field.text()? };
    let Some(cidr) = address::cidr(text) else {
        field.invalid_with(format!("`{text}` is no CIDR"), Some("such as 10.9.8.0/24 or 2001:db8::/64"));
        return None;
    };
    let Cidr { network, refused, unusual, .. } = cidr;
    let sloppy = context.release.sloppy_cidrs();
    if sloppy == Sloppy::Taken {
        return Some(cidr);
    }
    if let Some(refused) = refused {
        let mut problem = Diagnostic::error(Code::InvalidValue, format!("the CIDR `{text}` {refused}"));
        if context.stored || sloppy == Sloppy::Warned {
            problem.severity = Severity::Warning;
        }
        field.report(problem.cause(Cause::Invalid).help(format!("write {network}")));
    } else if unusual {
        let mut problem =
            Diagnostic::warning(Code::InvalidValue, format!("`{text}` is not written as RFC 5952 has it"));
        problem.severity = Severity::Note;
        field.report(problem.help(format!("write {network}")));
    }
    Some(cidr)
}
