//! Fixes by example: what they change and what else, on clusters small enough to see.

use np_model::edit::{Change, SelectorAt};
use np_model::{Assumptions, Input, Model, compile};
use np_sim::fix::{Aim, Fix, Patch, Step, fixes};
use np_sim::{Finder, Verdict, reach};

fn model(text: &str) -> Model {
    let mut input = Input::new("shop");
    input.text("shop.yaml", text.into());
    compile(input, &Assumptions::default()).expect("a valid input")
}

const PODS: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: frontend, labels: {app: frontend}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: other, labels: {app: other}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, labels: {app: db}}}
---
";

/// The text after the first fix, which has to be asked again and be as aimed.
fn fixed(policies: &str, aim: Aim, ports: &[&str]) -> (Fix, String) {
    fixed_between(["frontend", "db"], policies, aim, ports)
}

fn fixed_between(ends: [&str; 2], policies: &str, aim: Aim, ports: &[&str]) -> (Fix, String) {
    let text = format!("{PODS}{policies}");
    let found = model(&text);
    let finder = Finder::new(&found, Some("shop"));
    let [from, to] = ends.map(|end| finder.find(end).expect("an answer"));
    let asked: Vec<_> = ports.iter().map(|port| port.parse().expect("an answer")).collect();
    let fix = fixes(&found, &from, &to, &asked, aim).expect("an answer").into_iter().next().expect("a fix");
    let mut new = text.clone();
    for patch in fix.patches.as_ref().expect("a patch").iter().rev() {
        match patch {
            Patch::Edit(edit) => new = edit.apply(&new),
            Patch::New { text, .. } => new = [&new, "---\n", text].concat(),
        }
    }
    let again = model(&new);
    let verdict = reach(&again, &from, &to, &asked).expect("an answer").verdict();
    assert_eq!(verdict, if aim == Aim::Open { Verdict::Allowed } else { Verdict::Denied }, "{new}");
    (fix, new.strip_prefix(PODS).expect("the pods as before").to_owned())
}

#[test]
fn a_misspelt_label_is_corrected_and_nothing_else_opens() {
    let policy = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: # the frontend
    - podSelector: {matchLabels: {app: front-end}} # only it
    ports:
    - port: 5432
";
    let (fix, text) = fixed(policy, Aim::Open, &["5432"]);
    assert!(fix.is_slip && fix.effects.is_empty(), "{fix:#?}");
    assert_eq!(text, policy.replace("front-end", "frontend"));
}

#[test]
fn a_missing_dash_is_set() {
    let policy = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {team: x}}
      podSelector: {matchLabels: {app: frontend}}
";
    let (_, text) = fixed(policy, Aim::Open, &["5432"]);
    assert_eq!(text, policy.replace("      podSelector", "    - podSelector"));
}

#[test]
fn a_rule_that_is_lacking_becomes_a_policy_of_its_own() {
    let policy = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny
spec:
  podSelector: {}
  policyTypes: [Ingress]
";
    let (fix, text) = fixed(policy, Aim::Open, &["5432"]);
    assert!(!fix.is_slip && fix.effects.is_empty(), "{fix:#?}");
    let expected = "---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db-allow-from-frontend
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: db
  policyTypes:
  - Ingress
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: frontend
    ports:
    - port: 5432
      protocol: TCP
";
    assert_eq!(text, format!("{policy}{expected}"));
}

#[test]
fn what_is_opened_for_everyone_is_closed_for_one() {
    let policy = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from:
    - podSelector: {}
";
    let (fix, _) = fixed(policy, Aim::Deny, &[]);
    assert!(fix.effects.is_empty(), "{fix:#?}");
}

#[test]
fn a_dash_too_many_is_taken_away() {
    let policy = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {team: x}}
    - podSelector: {}
";
    let (_, text) = fixed(policy, Aim::Deny, &[]);
    assert_ne!(text, policy);
}

#[test]
fn nobody_isolates_the_destination() {
    let (fix, text) = fixed("", Aim::Deny, &["5432"]);
    assert!(text.contains("NotIn"), "{text}");
    assert_eq!(fix.counts().opened, 0);
}

/// What is not the internet is left out of the block, and a family that nobody has is not named.
#[test]
fn the_internet_is_written_without_what_is_private() {
    let policy = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Egress]}
";
    let (_, text) = fixed_between(["frontend", "internet"], policy, Aim::Open, &["443"]);
    let new = &text[policy.len()..];
    assert!(new.contains("- ipBlock:\n        cidr: 0.0.0.0/0\n        except:\n"), "{new}");
    for special in ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"] {
        assert!(new.contains(&format!("        - {special}\n")), "{special}: {new}");
    }
    assert!(!new.contains("::/0"), "{new}");
    let (_, text) = fixed_between(["frontend", "external"], policy, Aim::Open, &["443"]);
    let new = &text[policy.len()..];
    assert!(new.contains("cidr: 0.0.0.0/0\n") && !new.contains("except") && !new.contains("::/0"), "{new}");
}

/// A policy that was written for other pods is no place for a rule, though nothing else would change.
#[test]
fn a_policy_for_others_is_made_one_for_these_last() {
    let policy = |name: &str, spec: &str| {
        format!(
            "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}}}, spec: {spec}}}\n---\n"
        )
    };
    let from_frontend = "{podSelector: {matchLabels: {app: other}},
        ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}], ports: [{port: 5432}]}]}";
    let third = "{apiVersion: v1, kind: Pod, metadata: {name: third, labels: {app: third}}}\n---\n";
    let deny = policy("deny", "{podSelector: {}, policyTypes: [Ingress]}");
    // What `other` is let have by the one it is also let have by the other.
    let text = [PODS, third, &deny, &policy("one", from_frontend), &policy("two", from_frontend)].concat();
    let found = model(&text);
    let finder = Finder::new(&found, Some("shop"));
    let [from, to] = ["frontend", "db"].map(|end| finder.find(end).expect("an answer"));
    let fixes = fixes(&found, &from, &to, &["5432".parse().expect("a port")], Aim::Open).expect("an answer");
    let is_of_others = |fix: &Fix| {
        fix.steps.iter().any(|step| matches!(step, Step::Change(_, Change::SetTerm(SelectorAt::Subject, ..))))
    };
    let order: Vec<(bool, u64)> = fixes.iter().map(|fix| (is_of_others(fix), fix.counts().opened)).collect();
    assert_eq!(order, [(false, 0), (false, 1), (true, 0), (true, 0)], "{fixes:#?}");
}
