//! One entry of a rule's `from` or `to`: pods by labels, or a block of addresses.

use super::Context;
use crate::addr::IpBlock;
use crate::diag::{Cause, Code, Diagnostic, Severity};
use crate::dialect::release::Sloppy;
use crate::fields::Field;
use crate::fields::address::{self, Cidr};
use crate::fields::label_selector;
use crate::ir::{Namespaces, Peer};

const FIELDS: &[&str] = &["ipBlock", "namespaceSelector", "podSelector"];

/// Reads an entry; `None` if it has an error, which is reported.
pub(super) fn read(item: Field<'_>, context: &Context<'_>) -> Option<Peer> {
    let readable = item.is_absent() || item.is_map();
    let item = item.map_of(FIELDS);
    let block = item.get("ipBlock");
    let pods = label_selector::read(item.get("podSelector"));
    let namespaces = label_selector::read(item.get("namespaceSelector"));
    let has_block = !block.is_absent();
    let block = if has_block { ip_block(block, context) } else { None };
    match (pods, namespaces) {
        (None, None) if has_block => block.map(Peer::Block),
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
        (pods, None) => {
            let namespaces = Namespaces::Named(context.namespace.to_owned());
            Some(Peer::Pods { namespaces, pods: pods.unwrap_or_default() })
        }
        (pods, Some(namespaces)) => {
            let namespaces = Namespaces::Matching(namespaces);
            Some(Peer::Pods { namespaces, pods: pods.unwrap_or_default() })
        }
    }
}

fn ip_block(block: Field<'_>, context: &Context<'_>) -> Option<IpBlock> {
    let block = block.map_of(&["cidr", "except"]);
    let (outer, except) = (block.get("cidr"), block.get("except"));
    if outer.is_absent() || outer.text() == Some("") {
        outer.missing("an ipBlock needs a `cidr`");
        return None;
    }
    let cidr = self::cidr(&outer, context)?;
    let mut inner = Vec::new();
    for item in except.items() {
        let Some(except) = self::cidr(&item, context) else { continue };
        if IpBlock::new(cidr, &[except]).is_none() {
            item.invalid(format!("an exception must lie in `cidr` {cidr} and be smaller"));
        }
        inner.push(except);
    }
    IpBlock::new(cidr, &inner)
}

/// Reads a CIDR. What only newer API servers refuse is an error in a manifest for one of them, and a
/// warning in an object that a cluster holds. Releases that refuse nothing may warn all the same.
fn cidr(field: &Field<'_>, context: &Context<'_>) -> Option<ipnet::IpNet> {
    let text = if field.is_absent() { "" } else { field.text()? };
    let Some(Cidr { network, refused, unusual }) = address::cidr(text) else {
        field.invalid_with(format!("`{text}` is no CIDR"), Some("such as 10.9.8.0/24 or 2001:db8::/64"));
        return None;
    };
    let sloppy = context.release.sloppy_cidrs();
    if sloppy == Sloppy::Taken {
        return Some(network);
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
    Some(network)
}
