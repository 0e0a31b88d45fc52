//! `from[]` and `to[]`: selectors or a block, and the CIDRs of blocks.

use np_model::Input;

use super::{Type, peer, spec};

#[test]
fn peers_stand_alone() {
    for empty in ["{}", "~", "{podSelector: ~}", "{ipBlock: ~, namespaceSelector: ~}"] {
        peer(empty, &["P Required"]);
    }
    peer("{podSelector: {}, namespaceSelector: {}}", &[]);
    peer("{podSelector: {}, namespaceSelector: ~, ipBlock: ~}", &[]);
    peer("{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}", &["P Forbidden"]);
    peer("{ipBlock: {cidr: 10.0.0.0/8}, namespaceSelector: {}, podSelector: {}}", &["P Forbidden"]);
    peer("{ipBlock: {}, podSelector: {}}", &["P.ipBlock.cidr Required", "P Forbidden"]);
    peer(
        "{ipBlock: {cidr: x}, podSelector: {matchLabels: {a: -}}}",
        &["P.podSelector.matchLabels Invalid", "P.ipBlock.cidr Invalid", "P Forbidden"],
    );
}

#[test]
fn cidrs() {
    for cidr in ["0.0.0.0/0", "10.0.0.0/32", "\"::/0\"", "2001:DB8::/32", "\"::1.2.3.4/128\"", "64:ff9b::/96"]
    {
        peer(&format!("{{ipBlock: {{cidr: \"{}\"}}}}", cidr.trim_matches('"')), &[]);
    }
    for wrong in [
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/",
        "/8",
        "10.0.0/24",
        "10.0.0.0/8/8",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "all",
        "10.0.0.1/24",
        "010.0.0.0/8",
        "10.0.0.0/08",
        "::ffff:10.0.0.0/104",
        "::ffff:0a00:0/104",
        "fd00::1/64",
        "fd00:00db8::/32",
        "fe80::%eth0/64",
        "[fd00::]/8",
        "::/129",
        "10.0.0.0/255.0.0.0",
        "0x0a.0.0.0/8",
    ] {
        peer(&format!("{{ipBlock: {{cidr: \"{wrong}\"}}}}"), &["P.ipBlock.cidr Invalid"]);
    }
    for absent in ["", "cidr: \"\"", "cidr: ~", "cidr: \"\", except: [x, 10.0.0.0/33]"] {
        peer(&format!("{{ipBlock: {{{absent}}}}}"), &["P.ipBlock.cidr Required"]);
    }
    // What cannot be read has no inside; its exceptions are not looked at.
    peer("{ipBlock: {cidr: x, except: [y]}}", &["P.ipBlock.cidr Invalid"]);
    for wrong in ["10", "true", "[]", "{}"] {
        spec(&format!("egress: [{{to: [{{ipBlock: {{cidr: {wrong}}}}}]}}]"), &Type);
    }
}

#[test]
fn exceptions_lie_in_their_cidr() {
    let block = |cidr: &str, except: &str| format!("{{ipBlock: {{cidr: \"{cidr}\", except: [{except}]}}}}");
    for fine in ["", "10.1.0.0/16", "10.0.0.0/9, 10.128.0.0/9", "10.1.0.0/16, 10.1.0.0/16, 10.1.1.0/24"] {
        peer(&block("10.0.0.0/8", fine), &[]);
    }
    for wrong in [
        "10.0.0.0/8",
        "10.0.0.0/7",
        "11.0.0.0/16",
        "\"fd00::/8\"",
        "\"::/0\"",
        "x",
        "\"\"",
        "~",
        "10.1.0.1/16",
        "10.01.0.0/16",
        "\"::ffff:10.1.0.0/112\"",
    ] {
        peer(&block("10.0.0.0/8", wrong), &["P.ipBlock.except[0] Invalid"]);
    }
    peer(
        &block("10.0.0.0/8", "x, 10.1.0.0/16, 9.0.0.0/8"),
        &["P.ipBlock.except[0] Invalid", "P.ipBlock.except[2] Invalid"],
    );
    // A CIDR that is only written badly has an inside.
    peer(&block("10.0.0.1/8", "11.0.0.0/16"), &["P.ipBlock.cidr Invalid", "P.ipBlock.except[0] Invalid"]);
    peer(&block("10.0.0.1/8", "10.1.0.0/16"), &["P.ipBlock.cidr Invalid"]);
    // The lengths are compared as they are written.
    peer(
        &block("::ffff:10.0.0.0/104", "10.1.0.0/16"),
        &["P.ipBlock.cidr Invalid", "P.ipBlock.except[0] Invalid"],
    );
    peer(&block("::/0", "10.0.0.0/8"), &["P.ipBlock.except[0] Invalid"]);
    for wrong in ["{}", "10.1.0.0/16", "[1]", "[[]]"] {
        spec(&format!("ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8, except: {wrong}}}}}]}}]"), &Type);
    }
}

#[test]
fn two_faults_in_one_exception_are_one_field() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  ingress:\n  - from:\n    - ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.1/16]}\n";
    let mut input = Input::new("default");
    input.text("m.yaml", text.as_bytes().to_vec());
    // Bits beyond the prefix, and outside of the CIDR: the server says both.
    assert_eq!(input.diagnostics.len(), 2, "{:#?}", input.diagnostics);
    assert!(
        input
            .diagnostics
            .iter()
            .all(|one| one.field.as_deref() == Some("spec.ingress[0].from[0].ipBlock.except[0]"))
    );
}
