//! `np diff` where answers cannot show what changes: that is told and fails the check, and is never "no change". And lines
//! that must not hide each other.

mod common;

use common::{Folder, np_in, np_with, policy};

fn namespace(name: &str, labels: &str) -> String {
    format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n")
}

fn deployment(namespace: &str, name: &str, labels: &str, more: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
         spec:\n  {more}selector: {{matchLabels: {{app: {name}}}}}\n  \
         template: {{metadata: {{labels: {{app: {name}{labels}}}}}, spec: {{containers: [{{name: c}}]}}}}\n"
    )
}

fn workloads() -> String {
    [deployment("shop", "db", "", ""), deployment("ops", "q", "", "")].concat()
}

fn from_team(team: &str) -> String {
    let peer = format!("{{namespaceSelector: {{matchLabels: {{team: {team}}}}}}}");
    policy("shop", "x", &format!("{{podSelector: {{}}, ingress: [{{from: [{peer}]}}]}}"))
}

/// Without the objects of the namespaces, nobody knows who has these labels: before and after.
#[test]
fn what_hangs_on_unknown_labels_is_not_judged() {
    let folder =
        Folder::with(&[("w.yaml", &workloads()), ("b.yaml", &from_team("a")), ("h.yaml", &from_team("b"))]);
    let ran = np_in(&folder, "diff b.yaml h.yaml -f w.yaml");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.starts_with("1 not judged · ") && ran.out.contains("FAIL: unknown\n"), "{}", ran.out);
    assert!(
        ran.out.contains("not judged: shop/x ingress rule 1 changed") && ran.out.contains("h.yaml:5:"),
        "{}",
        ran.out
    );
    for (word, code) in [("opened", 1), ("closed", 1), ("unknown", 1), ("any", 1), ("internet,dns", 0)] {
        assert_eq!(
            np_in(&folder, &format!("diff b.yaml h.yaml -f w.yaml --fail-on {word}")).code,
            code,
            "{word}"
        );
    }
    let proof = np_in(&folder, "diff b.yaml h.yaml -f w.yaml --prove");
    assert_eq!((proof.code, proof.out.starts_with("not proven\n")), (1, true), "{}", proof.out);
    for format in ["markdown", "sarif", "github", "gitlab", "junit", "json"] {
        let ran = np_in(&folder, &format!("diff b.yaml h.yaml -f w.yaml -o {format}"));
        assert!(ran.code == 1 && ran.out.contains("not judged"), "{format}: {}", ran.out);
    }
    // Known labels are judged, and the same policy is no change.
    let spaces = [namespace("shop", ""), namespace("ops", "team: b")].concat();
    folder.write("n.yaml", spaces);
    let known = np_in(&folder, "diff b.yaml h.yaml -f w.yaml -f n.yaml");
    assert!(known.code == 1 && known.out.starts_with("1 opened · "), "{}", known.out);
    let same = np_in(&folder, "diff b.yaml b.yaml -f w.yaml");
    assert!(same.code == 0 && same.out.starts_with("nothing changes · "), "{}", same.out);
}

#[test]
fn what_a_foreign_policy_may_decide_is_not_judged() {
    let cilium = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\n\
                  spec: {endpointSelector: {}}\n";
    let both = [workloads(), namespace("shop", ""), namespace("ops", ""), cilium.to_owned()].concat();
    let opens = policy("shop", "o", "{podSelector: {}, ingress: [{}]}");
    let deny = policy("shop", "deny", "{podSelector: {}}");
    let folder =
        Folder::with(&[("w.yaml", &both), ("b.yaml", &deny), ("h.yaml", &[deny.clone(), opens].concat())]);
    let ran = np_in(&folder, "diff b.yaml h.yaml -f w.yaml");
    assert!(ran.code == 1 && ran.out.contains("not judged: shop/o added"), "{}{}", ran.out, ran.err);
}

/// What np does not evaluate makes the same answers unknown whatever it says, so that an edit of it shows nowhere else.
/// Without the object of its namespace, nobody knows whether either peer means a pod, whatever its labels are.
#[test]
fn a_label_that_bears_on_what_is_unknown_is_not_judged() {
    let peer = |env: &str, role: &str| {
        format!(
            "{{namespaceSelector: {{matchLabels: {{env: {env}}}}}, podSelector: {{matchLabels: {{role: {role}}}}}}}"
        )
    };
    let rules = format!(
        "{{podSelector: {{}}, ingress: [{{from: [{}, {}]}}]}}",
        peer("prod", "admin"),
        peer("dev", "guest")
    );
    let common =
        [deployment("shop", "db", "", ""), namespace("shop", "a: b"), policy("shop", "x", &rules)].concat();
    let with = |label: &str| deployment("ops", "q", label, "");
    let folder = Folder::with(&[
        ("w.yaml", &common),
        ("b.yaml", &with(", role: guest")),
        ("h.yaml", &with(", role: admin")),
        ("v.yaml", &with(", role: guest, version: '2'")),
        ("n.yaml", &namespace("ops", "env: prod")),
    ]);
    let ran = np_in(&folder, "diff b.yaml h.yaml -f w.yaml");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.starts_with("1 not judged · ") && ran.out.contains("FAIL: unknown\n"), "{}", ran.out);
    let proof = np_in(&folder, "diff b.yaml h.yaml -f w.yaml --prove");
    assert_eq!((proof.code, proof.out.starts_with("not proven\n")), (1, true), "{}", proof.out);
    // Nothing asks for this one.
    assert_eq!(np_in(&folder, "diff b.yaml v.yaml -f w.yaml").code, 0);
    // With the object, it is judged.
    let known = np_in(&folder, "diff b.yaml h.yaml -f w.yaml -f n.yaml");
    assert!(known.code == 1 && known.out.starts_with("1 opened · "), "{}", known.out);
}

/// What a policy that np does not evaluate asks for is not known, so any label may be it.
#[test]
fn a_label_under_a_foreign_policy_is_not_judged() {
    let cilium = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\nspec: {endpointSelector: {matchLabels: {role: w}}, ingress: [{}]}\n";
    let side = |role: &str, team: &str| {
        [
            namespace("shop", &format!("team: {team}")),
            namespace("ops", "a: b"),
            deployment("shop", "db", role, ""),
            deployment("ops", "q", "", ""),
        ]
        .concat()
    };
    let folder = Folder::with(&[
        ("c.yaml", cilium),
        ("b.yaml", &side(", role: w", "a")),
        ("h.yaml", &side(", role: z", "a")),
        ("n.yaml", &side(", role: w", "b")),
    ]);
    for head in ["h.yaml", "n.yaml"] {
        let ran = np_in(&folder, &format!("diff b.yaml {head} -f c.yaml"));
        assert_eq!(ran.code, 1, "{head}: {}", ran.out);
        assert!(ran.out.starts_with("1 not judged · "), "{head}: {}", ran.out);
        assert_eq!(np_in(&folder, &format!("diff b.yaml {head} -f c.yaml --prove")).code, 1, "{head}");
        assert_eq!(
            np_in(&folder, &format!("diff b.yaml {head}")).code,
            0,
            "{head}: without it, nothing asks"
        );
    }
}

#[test]
fn an_edit_within_a_foreign_policy_is_not_judged() {
    let cilium = |name: &str, labels: &str, spec: &str| {
        format!(
            "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n\
             metadata: {{name: {name}, namespace: shop, labels: {{{labels}}}}}\nspec: {{{spec}}}\n"
        )
    };
    let selector = "endpointSelector: {}";
    let opens = format!("{selector}, ingress: [{{fromEntities: [world]}}]");
    let both = [workloads(), namespace("shop", ""), namespace("ops", "")].concat();
    let base = cilium("c", "", selector);
    let folder = Folder::with(&[
        ("w.yaml", &both),
        ("base.yaml", &base),
        ("edited.yaml", &cilium("c", "", &opens)),
        ("labelled.yaml", &cilium("c", "release: two", "endpointSelector: { }")),
        ("added.yaml", &[base.clone(), cilium("d", "", &opens)].concat()),
    ]);
    let diff =
        |head: &str, flags: &str| np_in(&folder, &format!("diff base.yaml {head}.yaml -f w.yaml {flags}"));
    let ran = diff("edited", "");
    let told = "not judged: CiliumNetworkPolicy shop/c changed, which np does not evaluate: what it says is not compared  edited.yaml:4:18\n";
    assert!(ran.code == 1 && ran.out.contains("FAIL: unknown\n") && ran.out.contains(told), "{}", ran.out);
    assert_eq!(diff("edited", "--fail-on internet").code, 0);
    let proof = diff("edited", "--prove");
    assert_eq!((proof.code, proof.out.starts_with("not proven\n")), (1, true), "{}", proof.out);
    // One beside another that already makes all of it unknown.
    let ran = diff("added", "");
    assert!(ran.code == 1 && ran.out.contains("not judged: CiliumNetworkPolicy shop/d added"), "{}", ran.out);
    // What it is called by and how it is written are no edits.
    for head in ["base", "labelled"] {
        let ran = diff(head, "");
        assert!(ran.code == 0 && ran.out.starts_with("nothing changes · "), "{head}: {}", ran.out);
    }
}

#[test]
fn an_edit_within_a_broken_policy_is_not_judged() {
    let folder = Folder::with(&[
        ("w.yaml", &[workloads(), namespace("shop", ""), namespace("ops", "")].concat()),
        ("base.yaml", &policy("shop", "bad", "{podSelectr: {}}")),
        ("head.yaml", &policy("shop", "bad", "{podSelectr: {}, ingress: [{}]}")),
        ("none.yaml", ""),
    ]);
    let told = |base: &str, head: &str| {
        let ran = np_in(&folder, &format!("diff {base}.yaml {head}.yaml -f w.yaml --keep-going"));
        assert_eq!(ran.code, 2, "{}", ran.err);
        ran.out
    };
    let out = told("base", "head");
    let edit = "not judged: NetworkPolicy shop/bad changed, which is broken: what it says is not compared  head.yaml:";
    assert!(out.contains(edit), "{out}");
    assert!(!told("base", "base").contains("shop/bad"), "{out}");
    let out = told("none", "base");
    assert!(out.contains("NetworkPolicy shop/bad added, which is broken"), "{out}");
}

#[test]
fn addresses_of_a_family_that_nobody_shows_are_not_judged() {
    let deny = policy("shop", "deny", "{podSelector: {}}");
    let opens = |cidr: &str| {
        policy(
            "shop",
            "o",
            &format!("{{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: '{cidr}'}}}}]}}]}}"),
        )
    };
    let both = [workloads(), namespace("shop", ""), namespace("ops", ""), deny].concat();
    let folder = Folder::with(&[
        ("w.yaml", &both),
        ("v6/o.yaml", &opens("::/0")),
        ("no/o.yaml", &opens("192.0.2.7/32")),
    ]);
    let ran = np_in(&folder, "diff no v6 -f w.yaml --fail-on opened");
    assert!(ran.code == 1 && ran.out.contains("names addresses of IPv6"), "{}{}", ran.out, ran.err);
    let told = np_in(&folder, "diff no v6 -f w.yaml --fail-on internet --pod-cidr 10.0.0.0/8,fd00::/8");
    assert!(told.code == 1 && !told.out.contains("not judged"), "{}", told.out);
    let v4 = np_in(&folder, "diff no v6 -f w.yaml --pod-cidr 10.0.0.0/8");
    assert!(!v4.out.contains("not judged"), "{}", v4.out);
}

/// Pods of the input count, and its templates do not: a template that changes is not to be overlooked.
#[test]
fn a_template_behind_pods_is_not_judged() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: q-6d4cf56db6-abcde\n  namespace: ops\n  \
               labels: {app: q, pod-template-hash: 6d4cf56db6}\n  \
               ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: q-6d4cf56db6, uid: a, controller: true}]\n\
               spec: {containers: [{name: c}]}\n";
    let policies = [
        policy("ops", "deny", "{podSelector: {}}"),
        policy("ops", "web", "{podSelector: {matchLabels: {tier: web}}, ingress: [{}]}"),
        namespace("ops", ""),
    ]
    .concat();
    let side = |labels: &str| [deployment("ops", "q", labels, ""), policies.clone()].concat();
    let folder = Folder::with(&[("b.yaml", &side("")), ("h.yaml", &side(", tier: web"))]);
    let ran = np_with(&folder, "diff b.yaml h.yaml -f -", pod);
    assert!(
        ran.code == 1 && ran.out.contains("the template of ops/deploy/q changed"),
        "{}{}",
        ran.out,
        ran.err
    );
    let rolled_out = pod.replace("app: q,", "app: q, tier: web,");
    let ran = np_with(&folder, "diff b.yaml h.yaml -f -", rolled_out);
    assert!(ran.code == 0 && !ran.out.contains("not judged"), "{}{}", ran.out, ran.err);
}

#[test]
fn without_anybody_nothing_is_compared() {
    let folder = Folder::with(&[
        ("b.yaml", &from_team("a")),
        ("h.yaml", &policy("shop", "x", "{podSelector: {}, ingress: [{}]}")),
    ]);
    for line in ["diff b.yaml h.yaml", "diff b.yaml h.yaml --prove", "diff b.yaml h.yaml --exit-zero"] {
        let ran = np_in(&folder, line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains("neither side has pods or workloads"), "{}", ran.err);
    }
}

#[test]
fn errors_that_were_passed_over_are_told() {
    let broken = policy("shop", "bad", "{podSelectr: {}}");
    let opens = policy("shop", "bad", "{podSelectr: {}, ingress: [{}]}");
    let folder = Folder::with(&[("w.yaml", &workloads()), ("b.yaml", &broken), ("h.yaml", &opens)]);
    for format in ["text", "markdown", "json"] {
        let ran = np_in(&folder, &format!("diff b.yaml h.yaml -f w.yaml --keep-going -o {format}"));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.out.contains("errors") && !ran.out.contains("PASS"), "{format}: {}", ran.out);
    }
}

#[test]
fn what_is_unknown_hides_nothing_else() {
    let spaces = [namespace("shop", ""), namespace("ops", "")].concat();
    let base = policy("shop", "i", "{podSelector: {matchLabels: {app: db}}}");
    let rules = "[{from: [{namespaceSelector: {}}], ports: [{port: 5432}]}, \
                 {from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 80}]}]";
    let head =
        policy("shop", "i", &format!("{{podSelector: {{matchLabels: {{app: db}}}}, ingress: {rules}}}"));
    let folder =
        Folder::with(&[("w.yaml", &[workloads(), spaces].concat()), ("b.yaml", &base), ("h.yaml", &head)]);
    let ran = np_in(&folder, "diff b.yaml h.yaml -f w.yaml");
    let has = |word: &str, what: &str| {
        ran.out
            .lines()
            .any(|line| line.contains(word) && line.contains("ops/deploy/q") && line.contains(what))
    };
    assert!(has("OPENED", "tcp/5432") && has("UNKNOWN", "tcp/80"), "{}", ran.out);
}

#[test]
fn cluster_dns_is_that_of_either_side() {
    let dns = |label: &str| deployment("kube-system", "coredns", &format!(", k8s-app: {label}"), "");
    let peer = "{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}";
    let egress = format!("[{{to: [{peer}], ports: [{{port: 53, protocol: UDP}}]}}]");
    let spaces = [namespace("shop", ""), namespace("ops", ""), namespace("kube-system", "")].concat();
    let policy =
        policy("shop", "e", &format!("{{podSelector: {{}}, policyTypes: [Egress], egress: {egress}}}"));
    let folder = Folder::with(&[
        ("w.yaml", &[workloads(), spaces, policy].concat()),
        ("b.yaml", &dns("kube-dns")),
        ("h.yaml", &dns("dnsx")),
        ("gone.yaml", ""),
    ]);
    for head in ["h.yaml", "gone.yaml"] {
        let ran = np_in(&folder, &format!("diff b.yaml {head} -f w.yaml --fail-on dns"));
        assert!(ran.code == 1 && ran.out.contains("FAIL: dns"), "{head}: {}{}", ran.out, ran.err);
    }
}

/// What one pod may say to itself is not closed by another beside it.
#[test]
fn a_workload_of_more_pods_closes_nothing() {
    let deny = policy("ops", "deny", "{podSelector: {}}");
    let side = |count: u32| {
        [deployment("ops", "q", "", &format!("replicas: {count}\n  ")), deny.clone(), namespace("ops", "")]
            .concat()
    };
    let folder = Folder::with(&[("one.yaml", &side(1)), ("three.yaml", &side(3))]);
    for line in ["diff one.yaml three.yaml", "diff three.yaml one.yaml"] {
        let ran = np_in(&folder, line);
        assert_eq!(ran.code, 0, "{line}: {}{}", ran.out, ran.err);
        let proof = np_in(&folder, &format!("{line} --prove"));
        assert_eq!((proof.code, proof.out.starts_with("equivalent\n")), (0, true), "{line}: {}", proof.out);
    }
}

/// What is added where nobody knows who has the labels that its peers need.
#[test]
fn what_an_added_workload_may_do_is_told_as_such() {
    let policies = policy(
        "shop",
        "x",
        "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}], ports: [{port: 80}]}]}",
    );
    let folder = Folder::with(&[
        ("w.yaml", &[deployment("ops", "q", "", ""), policies].concat()),
        ("b.yaml", ""),
        ("h.yaml", &deployment("shop", "db", "", "")),
    ]);
    let ran = np_in(&folder, "diff b.yaml h.yaml -f w.yaml");
    assert!(ran.out.contains("tcp/80 from ops/deploy/q, perhaps"), "{}", ran.out);
}

/// Peers that may each do something else are told together, and the sign for it is explained; one pod of several is
/// called by its name.
#[test]
fn signs_and_single_pods_are_explained() {
    let spaces = [namespace("shop", ""), namespace("ops", "")].concat();
    let rules = "[{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: q}}}], ports: [{port: 80}]}, \
                 {from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: r}}}], ports: [{port: 443}]}]";
    let only = policy(
        "shop",
        "x",
        &format!("{{podSelector: {{}}, policyTypes: [Ingress, Egress], ingress: {rules}}}"),
    );
    let both = [deployment("ops", "q", "", ""), deployment("ops", "r", "", ""), spaces, only].concat();
    let folder =
        Folder::with(&[("w.yaml", &both), ("b.yaml", ""), ("h.yaml", &deployment("shop", "db", "", ""))]);
    for format in ["text", "markdown"] {
        let ran = np_in(&folder, &format!("diff b.yaml h.yaml -f w.yaml -o {format}"));
        assert!(ran.out.contains("±tcp/80,443 from ops/deploy/q, ops/deploy/r"), "{format}: {}", ran.out);
        assert!(ran.out.contains("± is what all of them have together"), "{format}: {}", ran.out);
    }
}

/// What an error hides is on both sides, and nothing is proven about it.
#[test]
fn errors_that_were_passed_over_prove_nothing() {
    let broken = policy("shop", "p", "{podSelectr: {}}");
    let folder = Folder::with(&[(
        "all.yaml",
        &[common::pod("shop", "a", ""), common::pod("shop", "b", ""), broken].concat(),
    )]);
    let ran = np_in(&folder, "diff all.yaml all.yaml --prove --keep-going");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.out.starts_with("not proven\n  both sides have errors"), "{}", ran.out);
}

/// Addresses of a family that nothing shows pods to have: what named them and no longer does is not proven to be nothing.
#[test]
fn a_family_that_is_named_no_more() {
    let pods = [common::pod("shop", "a", ""), common::pod("shop", "b", "")].concat();
    let with = |rules: &str| {
        let spec = format!(
            "{{podSelector: {{matchLabels: {{app: b}}}}, policyTypes: [Ingress], ingress: [{rules}]}}"
        );
        [pods.clone(), policy("shop", "p", &spec)].concat()
    };
    let (named, none) = (with("{from: [{ipBlock: {cidr: '2001:db9::/32'}}]}"), with(""));
    let folder = Folder::with(&[("named.yaml", &named), ("none.yaml", &none)]);
    for sides in ["named.yaml none.yaml", "none.yaml named.yaml"] {
        let ran = np_in(&folder, &format!("diff {sides} --prove"));
        assert_eq!((ran.code, ran.out.starts_with("not proven")), (1, true), "{sides}: {}", ran.out);
        assert!(ran.out.contains("addresses of IPv6"), "{}", ran.out);
    }
    let ran = np_in(&folder, "explain -f named.yaml shop/netpol/p");
    assert!(!ran.out.contains("├ idle") && ran.out.contains("├ unknown"), "{}", ran.out);
}

/// What the policies of one end let pass changes, and it is unknown before and after as those of the other end are in doubt.
#[test]
fn what_the_doubt_of_the_other_end_hides() {
    let pods = [common::pod("shop", "a", ""), common::pod("shop", "b", "")].concat();
    // No labels of `shop` are known, so nobody knows what may leave.
    let egress = policy(
        "shop",
        "out",
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {env: x}}}]}]}",
    );
    let ingress =
        |peer: &str| policy("shop", "in", &format!("{{podSelector: {{}}, ingress: [{{from: [{peer}]}}]}}"));
    let [sure, maybe] = ["{podSelector: {}}", "{namespaceSelector: {matchLabels: {team: x}}}"].map(ingress);
    let folder = Folder::with(&[
        ("all.yaml", &[pods, egress].concat()),
        ("base/p.yaml", &sure),
        ("head/p.yaml", &maybe),
    ]);
    for sides in ["base head", "head base"] {
        let ran = np_in(&folder, &format!("diff {sides} -f all.yaml --prove"));
        assert_eq!((ran.code, ran.out.starts_with("not proven")), (1, true), "{sides}: {}", ran.out);
        let ran = np_in(&folder, &format!("diff {sides} -f all.yaml"));
        assert_eq!(ran.code, 1, "{}", ran.out);
        assert!(ran.out.contains("not judged") && ran.out.contains("FAIL: unknown"), "{}", ran.out);
    }
    // Where what may leave is known, nothing is hidden behind it.
    let known = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: x, team: z}}\n";
    folder.write("known.yaml", known);
    let ran = np_in(&folder, "diff base head -f all.yaml -f known.yaml");
    assert!(ran.out.contains("2 closed") && !ran.out.contains("not judged"), "{}", ran.out);
}
