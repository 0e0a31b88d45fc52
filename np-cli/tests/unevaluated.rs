//! Policies that np cannot evaluate, of other kinds or broken: what they may change is unknown, and
//! everything else is answered.

mod common;

use common::{Folder, np_in, pod, policy};
use serde_json::Value;

/// Pods in two namespaces, one of which lets nothing in.
fn cluster() -> String {
    pod("x", "a", "") + &pod("x", "b", "") + &pod("z", "c", "") + &policy("x", "closed", "{podSelector: {}}")
}

fn object(api_version: &str, kind: &str, metadata: &str) -> String {
    format!("---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {metadata}\nspec: {{}}\n")
}

fn exit_codes(folder: &Folder, questions: &[&str]) -> Vec<i32> {
    questions.iter().map(|question| np_in(folder, &format!("query {question} 80")).code).collect()
}

const PAIRS: [&str; 5] = ["x/a x/b", "x/a z/c", "z/c x/a", "z/c 9.9.9.9", "x/a x/a"];

/// By the NetworkPolicies alone x lets nothing in, and everything else passes.
#[test]
fn what_a_kind_may_change_is_unknown() {
    let calico = "crd.projectcalico.org/v1";
    for (api_version, kind, metadata, expected) in [
        ("v1", "ConfigMap", "{name: p}", [1, 0, 1, 0, 0]),
        ("cilium.io/v2", "CiliumNetworkPolicy", "{name: p, namespace: x}", [3, 3, 3, 0, 0]),
        ("cilium.io/v2", "CiliumNetworkPolicy", "{name: p, namespace: z}", [1, 3, 1, 3, 0]),
        (calico, "GlobalNetworkPolicy", "{name: p}", [3, 3, 3, 3, 0]),
        // A mesh can only deny, and only what comes in.
        ("security.istio.io/v1", "AuthorizationPolicy", "{name: p, namespace: x}", [1, 0, 1, 0, 0]),
        ("security.istio.io/v1", "AuthorizationPolicy", "{name: p, namespace: z}", [1, 3, 1, 0, 0]),
        (
            "security.istio.io/v1",
            "AuthorizationPolicy",
            "{name: p, namespace: istio-system}",
            [1, 3, 1, 0, 0],
        ),
        ("k8s.ovn.org/v1", "EgressFirewall", "{name: p, namespace: z}", [1, 0, 1, 3, 0]),
        ("example.org/v1", "FancyNetworkPolicy", "{name: p}", [3, 3, 3, 3, 0]),
        (calico, "StagedNetworkPolicy", "{name: p, namespace: x}", [1, 0, 1, 0, 0]),
    ] {
        let folder = Folder::with(&[("a.yaml", &(cluster() + &object(api_version, kind, metadata)))]);
        assert_eq!(exit_codes(&folder, &PAIRS), expected, "{kind} {metadata}");
    }
}

#[test]
fn the_kind_is_named_with_its_place() {
    let other = object("cilium.io/v2", "CiliumNetworkPolicy", "{name: p, namespace: x}");
    let more = object("cilium.io/v2", "CiliumNetworkPolicy", "{name: q, namespace: x}");
    let folder = Folder::with(&[("a.yaml", &cluster()), ("b.yaml", &other), ("c.yaml", &more)]);
    let ran = np_in(&folder, "query x/a x/b 80");
    assert_eq!(ran.code, 3);
    let line = "CiliumNetworkPolicy x/p and 1 more may decide: np does not evaluate it (--ignore-kind CiliumNetworkPolicy)";
    assert!(ran.out.contains(line) && ran.out.contains("b.yaml:4:18"), "{}", ran.out);
    assert!(
        ran.err
            .starts_with("warning[unsupported-policy]: np does not evaluate CiliumNetworkPolicy of Cilium\n")
    );
    let matrix = np_in(&folder, "matrix -o csv");
    assert_eq!(matrix.code, 0);
    assert!(matrix.out.contains("x/pod/a,x/pod/b,,,all\n"), "{}", matrix.out);
}

#[test]
fn a_kind_that_is_ignored_is_recorded() {
    let other = object("cilium.io/v2", "CiliumNetworkPolicy", "{name: p, namespace: x}");
    let folder = Folder::with(&[("a.yaml", &(cluster() + &other))]);
    let ran = np_in(&folder, "query x/a x/b 80 --ignore-kind CiliumNetworkPolicy -o json");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (1, "note: 1 × CiliumNetworkPolicy.cilium.io left out, as --ignore-kind asks\n")
    );
    for line in ["query x/a x/b 80 -o json", "matrix -o json"] {
        let ran = np_in(&folder, &format!("{line} --ignore-kind ciliumnetworkpolicy.cilium.io"));
        let answer: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!(answer["ignoredKinds"]["CiliumNetworkPolicy.cilium.io"], 1, "{line}");
        let ran = np_in(&folder, line);
        let answer: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert!(answer.get("ignoredKinds").is_none(), "{line}");
    }
    for kind in ["NetworkPolicy", "Deployment", "CiliumNetworkPolice"] {
        let ran = np_in(&folder, &format!("query x/a x/b --ignore-kind {kind}"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{kind}");
    }
    let ran = np_in(&folder, "query x/a x/b --ignore-kind CiliumNetworkPolice");
    assert!(ran.err.contains("did you mean CiliumNetworkPolicy?"), "{}", ran.err);
}

#[test]
fn strict_takes_them_for_errors() {
    let other = object("cilium.io/v2", "CiliumNetworkPolicy", "{name: p, namespace: x}");
    let folder = Folder::with(&[("a.yaml", &(cluster() + &other))]);
    for (line, code) in [("query z/c 9.9.9.9 80 --strict", 2), ("matrix --strict", 2), ("validate", 1)] {
        assert_eq!(np_in(&folder, line).code, code, "{line}");
        let ignoring = np_in(&folder, &format!("{line} --ignore-kind CiliumNetworkPolicy"));
        assert_eq!(ignoring.code, 0, "{line}");
    }
}

/// A second policy can open what the first one closes, and close what none closes; never what a
/// policy allows.
#[test]
fn a_broken_policy_leaves_its_namespace_unknown() {
    let broken = policy("x", "broken", "{podSelector: {}, ingres: []}");
    let open = policy("x", "open", "{podSelector: {}, ingress: [{ports: [{port: 443}]}]}");
    let folder = Folder::with(&[("a.yaml", &(cluster() + &broken + &open))]);
    for question in PAIRS {
        let ran = np_in(&folder, &format!("query {question} 80"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    }
    let word = |question: &str| {
        let ran = np_in(&folder, &format!("query {question} --keep-going"));
        assert_eq!(ran.code, 2, "{question}");
        assert!(ran.err.starts_with("error[unknown-field]: unknown field `ingres`\n"), "{}", ran.err);
        ran.out.split(' ').next().unwrap_or_default().to_owned()
    };
    let asked = PAIRS.map(|pair| word(&format!("{pair} 80")));
    assert_eq!(asked, ["UNKNOWN", "UNKNOWN", "UNKNOWN", "ALLOWED", "ALLOWED"]);
    assert_eq!(word("z/c x/a 443"), "ALLOWED");
    let out = np_in(&folder, "query z/c x/a 80 --keep-going").out;
    assert!(out.contains("NetworkPolicy x/broken has an error and may decide"), "{out}");
    assert_eq!(np_in(&folder, "matrix --keep-going").code, 2);
}

/// Of two policies with one name, nobody knows which is meant.
#[test]
fn a_policy_given_twice_leaves_what_either_says_unknown() {
    let open = policy("x", "p", "{podSelector: {}, ingress: [{}]}");
    let closed = policy("x", "p", "{podSelector: {}}");
    let pods = pod("x", "a", "") + &pod("z", "c", "");
    let folder = Folder::with(&[("a.yaml", &(pods + &open + &closed))]);
    let out = np_in(&folder, "query z/c x/a 80 --keep-going").out;
    assert!(out.starts_with("UNKNOWN"), "{out}");
    let out = np_in(&folder, "query z/c 9.9.9.9 80 --keep-going").out;
    assert!(out.starts_with("ALLOWED"), "{out}");
}

/// What cannot be read at all may hold any policy.
#[test]
fn what_cannot_be_read_leaves_everything_unknown() {
    let misplaced = policy("x", "p", "{podSelector: {}}").replace("namespace: x", "namespace: [x]");
    for (name, text) in
        [("b.yaml", "a: \"\n"), ("b.yaml", misplaced.as_str()), ("b.yaml", "kind: NetworkPolicy\n")]
    {
        let folder = Folder::with(&[("a.yaml", &cluster()), (name, text)]);
        let ran = np_in(&folder, "query z/c 9.9.9.9 80 --keep-going");
        assert_eq!(ran.code, 2);
        assert!(ran.out.starts_with("UNKNOWN"), "{text}: {}{}", ran.out, ran.err);
    }
    let folder = Folder::with(&[("a.yaml", &cluster())]);
    let ran = np_in(&folder, "query z/c 9.9.9.9 80 -f a.yaml -f nowhere --keep-going");
    assert_eq!(ran.code, 2);
    assert!(ran.out.starts_with("UNKNOWN") && ran.err.contains("no such file"), "{}{}", ran.out, ran.err);
}

/// A policy that does not say its namespace may be meant for another: the field that says it may be
/// what is misspelt.
#[test]
fn a_broken_policy_may_be_of_any_namespace_unless_it_says_which() {
    for (metadata, expected) in [
        ("{name: p, namespace: z, label: {}}", "query x/a 9.9.9.9 80"),
        ("{name: p, nameSpace: x}", ""),
        ("{name: p}\nnamespace: x", ""),
    ] {
        let broken = object("networking.k8s.io/v1", "NetworkPolicy", metadata);
        let folder = Folder::with(&[("a.yaml", &(cluster() + &broken))]);
        for question in ["query x/a 9.9.9.9 80", "query z/c 9.9.9.9 80"] {
            let ran = np_in(&folder, &format!("{question} --keep-going"));
            let verdict = if question == expected { "ALLOWED" } else { "UNKNOWN" };
            assert!(ran.code == 2 && ran.out.starts_with(verdict), "{metadata} {question}: {}", ran.out);
        }
    }
}

/// Of an address that cannot be read, the family is not known, so nothing can be denied for the lack
/// of a common one.
#[test]
fn a_broken_address_rules_out_no_family() {
    let with_ips = |name: &str, ips: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: x}}\nstatus: {{podIPs: {ips}}}\n"
        )
    };
    let pods = with_ips("dual", "[{ip: 10.0.0.9}, {ip: 'fd00::zz'}]") + &with_ips("six", "[{ip: 'fd00::1'}]");
    let folder = Folder::with(&[("a.yaml", &pods)]);
    for question in ["query x/dual x/six 80", "query x/six x/dual 80", "query x/dual 2001:db8::1 80"] {
        let ran = np_in(&folder, &format!("{question} --keep-going"));
        assert!(ran.code == 2 && ran.out.starts_with("UNKNOWN"), "{question}: {}", ran.out);
    }
}
