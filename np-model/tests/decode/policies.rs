//! NetworkPolicies: what they are lowered to, what is wrong with them, and the kinds that np refuses.

use np_model::diag::Severity;
use np_model::ir::{Direction, Namespaces, Peer, PortSpec};
use np_model::{Input, UnsupportedKinds};

use crate::{check, fine, lowered, policy, read};

#[test]
fn policies_that_np_does_not_evaluate() {
    for (api, kind) in [
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("crd.projectcalico.org/v1", "GlobalNetworkPolicy"),
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
        ("security.istio.io/v1", "AuthorizationPolicy"),
        ("policy.linkerd.io/v1beta3", "Server"),
    ] {
        let text = format!("{{apiVersion: {api}, kind: {kind}, metadata: {{name: p}}}}");
        check(&text, &["1:14 warning unsupported-policy apiVersion"]);
        let mut strict =
            Input::default().with_unsupported(UnsupportedKinds { ignored: Vec::new(), are_errors: true });
        strict.text("a.yaml", text.clone().into_bytes());
        assert_eq!(strict.diagnostics[0].severity, Severity::Error);
        let ignored = [format!("{kind}.{}", api.split('/').next().expect("a group"))];
        let ignored = ignored.iter().map(|kind| kind.parse().expect("a kind")).collect();
        let mut without = Input::default().with_unsupported(UnsupportedKinds { ignored, are_errors: true });
        without.text("a.yaml", text.into_bytes());
        assert_eq!((without.diagnostics, without.unevaluated), (Vec::new(), Vec::new()));
        assert_eq!(without.ignored_kinds.into_values().collect::<Vec<_>>(), [1]);
    }
    for api in ["extensions/v1beta1", "networking.k8s.io/v1beta1", "apps/v1", "v1"] {
        let text = format!("{{apiVersion: {api}, kind: NetworkPolicy, metadata: {{name: p}}}}");
        check(&text, &["1:14 error unsupported-policy apiVersion"]);
    }
    let input = read("{apiVersion: extensions/v1beta1, kind: NetworkPolicy, metadata: {name: p}}");
    assert!(input.diagnostics[0].help.as_deref().is_some_and(|help| help.contains("networking.k8s.io/v1")));
    assert_eq!(
        input.diagnostics[0].object.as_ref().map(ToString::to_string).as_deref(),
        Some("NetworkPolicy p")
    );
}

#[test]
fn which_directions_a_policy_concerns() {
    let concerns = |spec: &str| {
        let policy = lowered(spec);
        (policy.ingress.map(|rules| rules.len()), policy.egress.map(|rules| rules.len()))
    };
    assert_eq!(concerns(""), (Some(0), None));
    assert_eq!(concerns("{}"), (Some(0), None));
    assert_eq!(concerns("{egress: []}"), (Some(0), None));
    assert_eq!(concerns("{egress: [{}]}"), (Some(0), Some(1)));
    assert_eq!(concerns("{egress: [null], policyTypes: []}"), (Some(0), Some(1)));
    assert_eq!(concerns("{policyTypes: [Egress]}"), (None, Some(0)));
    assert_eq!(concerns("{policyTypes: [Egress, Egress], ingress: [{}]}"), (None, Some(0)));
    assert_eq!(concerns("{policyTypes: [Ingress], egress: [{}]}"), (Some(0), None));
    // Rules of another direction mean nothing, but are kept to be explained, and must be right.
    let inert = lowered("{policyTypes: [Ingress], egress: [{}, {}], ingress: [{}]}");
    assert_eq!([Direction::Egress, Direction::Ingress].map(|way| inert.inert_rules(way).len()), [2, 0]);
    let none = lowered("{policyTypes: [Ingress, Egress], egress: [{}], ingress: [{}]}");
    assert_eq!(none.inert.rules, None);
    check(
        &policy("{policyTypes: [Ingress], egress: [{to: [{}]}]}"),
        &["4:47 error missing-field spec.egress[0].to[0]"],
    );
}

#[test]
fn peers() {
    let peer = |peer: &str| {
        let rules = lowered(&format!("{{ingress: [{{from: [{peer}]}}]}}")).ingress.expect("ingress");
        rules[0].peers.as_ref().expect("peers")[0].peer.clone()
    };
    let Peer::Pods { namespaces, pods } = peer("{podSelector: {matchLabels: {app: x}}}") else {
        panic!("pods")
    };
    assert_eq!(namespaces, Namespaces::Named("a".into()));
    assert_eq!(pods.requirements().len(), 1);
    let Peer::Pods { namespaces, pods } = peer("{namespaceSelector: {}}") else { panic!("pods") };
    assert!(matches!(namespaces, Namespaces::Matching(selector) if selector.is_everything()));
    assert!(pods.is_everything());
    let both = "{namespaceSelector: {matchExpressions: [{key: a, operator: Exists}]}, podSelector: {}}";
    let Peer::Pods { namespaces, .. } = peer(both) else { panic!("pods") };
    assert!(matches!(namespaces, Namespaces::Matching(selector) if !selector.is_everything()));
    let Peer::Block(block) = peer("{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}") else {
        panic!("a block")
    };
    assert_eq!(block.cidr().to_string(), "10.0.0.0/8");
    assert_eq!(block.except().len(), 1);
}

#[test]
fn empty_lists_in_rules_mean_everything() {
    for spec in [
        "{ingress: [{}]}",
        "{ingress: [null]}",
        "{ingress: [{from: [], ports: []}]}",
        "{ingress: [{from: null}]}",
    ] {
        let rules = lowered(spec).ingress.expect("ingress");
        assert!(rules.len() == 1 && rules[0].peers.is_none() && rules[0].ports.is_none(), "{spec}");
    }
}

#[test]
fn ports() {
    let port = |port: &str| {
        let rules = lowered(&format!("{{ingress: [{{ports: [{port}]}}]}}")).ingress.expect("ingress");
        let port = rules[0].ports.as_ref().expect("ports")[0].port.clone();
        (port.protocol.name(), port.ports)
    };
    assert_eq!(port("{}"), ("tcp", PortSpec::All));
    assert_eq!(port("null"), ("tcp", PortSpec::All));
    assert_eq!(port("{protocol: UDP}"), ("udp", PortSpec::All));
    assert_eq!(port("{port: 80}"), ("tcp", PortSpec::Range(80, 80)));
    assert_eq!(port("{port: 80.0}"), ("tcp", PortSpec::Range(80, 80)));
    assert_eq!(port("{port: 80, endPort: 90}"), ("tcp", PortSpec::Range(80, 90)));
    assert_eq!(port("{port: http, protocol: SCTP}"), ("sctp", PortSpec::Named("http".to_owned())));
}

#[test]
fn every_problem_of_a_policy_is_told_with_its_place() {
    let text = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
spec:
  podSelector:
    app: web
  ingress:
  - from:
    - podSelector: {}
    - ipBlock: {cidr: 10.0.0.1/8}
    ports:
    - {port: 0, protocol: tcp}
  egres: []
";
    check(
        text,
        &[
            "8:5 error unknown-field spec.podSelector.app",
            "12:23 error invalid-value spec.ingress[0].from[1].ipBlock.cidr",
            "14:14 error invalid-value spec.ingress[0].ports[0].port",
            "14:27 error invalid-value spec.ingress[0].ports[0].protocol",
            "15:3 error unknown-field spec.egres",
        ],
    );
    let input = read(text);
    assert!(input.policies.is_empty());
    let help = |i: usize| input.diagnostics[i].help.clone().unwrap_or_default();
    assert_eq!(help(4), "did you mean `egress`?");
    assert_eq!(help(0), "labels are written under `matchLabels`");
    assert!(help(1).contains("10.0.0.0/8"));
}

#[test]
fn a_rule_says_from_or_to() {
    check(&policy("{ingress: [{to: []}]}"), &["4:19 error unknown-field spec.ingress[0].to"]);
    check(&policy("{egress: [{from: []}]}"), &["4:18 error unknown-field spec.egress[0].from"]);
}

#[test]
fn what_a_cluster_has_stored_is_read_more_kindly() {
    let stored = |uid: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, {uid}}}\n\
             spec: {{ingress: [{{from: [{{ipBlock: {{cidr: 010.0.0.1/8, except: ['::ffff:10.1.0.0/112']}}}}]}}]}}\nstatus: {{}}\n"
        )
    };
    let severities =
        |text: &str| read(text).diagnostics.iter().map(|problem| problem.severity).collect::<Vec<_>>();
    assert_eq!(severities(&stored("")), [Severity::Error; 3]);
    assert_eq!(severities(&stored("uid: x")), [Severity::Warning; 3]);
    let input = read(&stored("resourceVersion: '5'"));
    let rules = input.policies[0].ingress.as_ref().expect("ingress");
    let Peer::Block(block) = &rules[0].peers.as_ref().expect("peers")[0].peer else { panic!("a block") };
    assert_eq!(
        (block.cidr().to_string(), block.except()[0].to_string()),
        ("10.0.0.0/8".into(), "10.1.0.0/16".into())
    );
}

#[test]
fn places_of_a_policy() {
    let text = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
spec:
  ingress:
  - from:
    - podSelector: {}
    ports:
    - port: 80
";
    let input = fine(text);
    let place = |at| {
        let position = input.sources.position(Option::expect(at, "a place"));
        (position.line, position.column)
    };
    let policy = &input.policies[0];
    let rule = &policy.ingress.as_ref().expect("ingress")[0];
    assert_eq!(place(policy.at), (4, 9));
    assert_eq!(place(rule.at), (7, 5));
    assert_eq!(place(rule.peers.as_ref().expect("peers")[0].at), (8, 7));
    assert_eq!(place(rule.ports.as_ref().expect("ports")[0].at), (10, 7));
}

/// The API server marks each page of a list but the last, and what it lacks may be a policy.
#[test]
fn a_page_of_a_list_is_an_error() {
    let list = |kind: &str, metadata: &str| {
        let group = if kind == "List" || kind == "PodList" { "v1" } else { "networking.k8s.io/v1" };
        format!("apiVersion: {group}\nkind: {kind}\nmetadata: {metadata}\nitems: []\n")
    };
    let page = "{continue: abc, remainingItemCount: 3}";
    for kind in ["List", "PodList", "NetworkPolicyList"] {
        check(&list(kind, page), &["3:22 error partial-list metadata.continue"]);
        check(&list(kind, "{continue: \"\", resourceVersion: \"5\"}"), &[]);
    }
    check(&list("EventList", page).replace("networking.k8s.io/v1", "events.k8s.io/v1"), &[]);
}

/// kubectl takes what has `items` apart, whatever it calls itself.
#[test]
fn a_policy_in_a_list_of_any_kind_is_read() {
    let policy = "- {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: {podSelector: {}}}";
    for (version, kind) in
        [("v1", "VList"), ("\"1\"", "VList"), ("example.com/v1", "List"), ("v1", "PodList")]
    {
        let input = fine(&format!("apiVersion: {version}\nkind: {kind}\nitems:\n{policy}\n"));
        assert_eq!(input.policies.len(), 1, "{version} {kind}");
    }
}
