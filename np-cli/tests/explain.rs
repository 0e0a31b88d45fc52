//! `np explain` as people and scripts see it.

mod common;

use common::{Folder, command, np, np_in, pod, policy};
use serde_json::Value;

#[track_caller]
fn check(line: &str, expected: &str) {
    let ran = np(line);
    assert_eq!(ran.out, expected, "{}", ran.err);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

/// A database that lets in a client whose label is written wrong.
const SHOP: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata:
  name: frontend
  namespace: shop
  labels: {app: frontend}
---
apiVersion: v1
kind: Pod
metadata:
  name: db
  namespace: shop
  labels: {app: db}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db-ingress
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: db
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: front-end
    ports:
    - port: 5432
";

fn shop() -> Folder {
    Folder::with(&[("db.yaml", SHOP)])
}

/// Runs `np` on a text with these replaced.
#[track_caller]
fn told(replaced: &[(&str, &str)], line: &str) -> String {
    let text = replaced.iter().fold(SHOP.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let ran = np_in(&Folder::with(&[("db.yaml", &text)]), line);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

#[test]
fn the_example_of_the_readme() {
    let readme = include_str!("../../README.md");
    let question = "explain -f testdata/examples/three-tier backend/api backend/postgres 5432";
    let (_, shown) = readme.split_once(&format!("$ np {question}\n")).expect("the example");
    let (shown, _) = shown.split_once("```").expect("its end");
    check("explain -f $T backend/api backend/postgres 5432", shown);
    assert!(shown.lines().count() <= 14, "a few lines");
}

#[test]
fn the_nearest_miss_with_both_places() {
    let expected = "\
DENIED  shop/pod/frontend → shop/pod/db  tcp/5432
├ egress   allowed   shop/pod/frontend is not isolated for egress
└ ingress  denied    isolated by shop/db-ingress   db.yaml:22:9
  nearest  shop/db-ingress, ingress rule 1 wants app=front-end; shop/pod/frontend has app=frontend   db.yaml:32:16
           32 |           app: front-end
              |                ^^^^^^^^^ did you mean `frontend`?
           shop/pod/frontend is at db.yaml:8:9
  fix      shop/db-ingress: podSelector of peer 1 of ingress rule 1: `app=front-end` becomes `app=frontend`: \
opens this connection and nothing else   (--fix prints the patch)
";
    let ran = np_in(&shop(), "explain shop/frontend shop/db 5432");
    assert_eq!((ran.out.as_str(), ran.err.as_str(), ran.code), (expected, "", 0));
}

#[test]
fn each_fact_is_marked_where_it_stands() {
    let ask = "explain shop/frontend shop/db 5432";
    let right = ("front-end", "frontend");
    let marks = |out: &str| -> Vec<String> {
        let lines: Vec<&str> = out.lines().collect();
        let marked = lines.windows(2).filter(|pair| pair[1].contains('^'));
        marked
            .map(|pair| {
                let (above, below): (Vec<char>, Vec<char>) =
                    (pair[0].chars().collect(), pair[1].chars().collect());
                let under = below.iter().enumerate().filter(|(_, mark)| **mark == '^');
                let under: String = under.filter_map(|(at, _)| above.get(at)).collect();
                let hint = pair[1].split_once("^ ").map_or("", |(_, hint)| hint);
                format!("{under} {hint}")
            })
            .collect()
    };
    for (replaced, expected) in [
        (&[("front-end", "frontend"), ("port: 5432", "port: 5433")][..], "5433 did you mean `5432`?"),
        (&[right, ("- port: 5432", "- protocol: UDP\n      port: 5432")], "UDP did you mean `TCP`?"),
        (
            &[
                right,
                ("  ingress:", "  policyTypes: [Egress]\n  ingress:"),
                ("---\napiVersion: networking", DENY),
            ],
            "[ did you mean to list `Ingress` too?",
        ),
        (&[("app: front-end", "ap: frontend")], "ap did you mean the label `app`?"),
        (
            &[(
                "        matchLabels:\n          app: front-end",
                "        matchExpressions:\n        - {key: app, operator: In, values: [a, front-end]}",
            )],
            "front-end did you mean `frontend`?",
        ),
    ] {
        let out = told(replaced, ask);
        assert_eq!(marks(&out).first().map(String::as_str), Some(expected), "{out}");
    }
}

const DENY: &str = "\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: networking";

#[test]
fn an_unlikely_rule_is_not_offered() {
    // Another pod has the value, so the rule is for that one.
    let other = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: cache, namespace: shop, labels: {app: cache}}\n---\napiVersion: networking";
    let out = told(
        &[("front-end", "cache"), ("---\napiVersion: networking", other)],
        "explain shop/frontend shop/db 5432",
    );
    let missing =
        "  missing  an ingress rule for shop/pod/frontend on tcp/5432 in a policy that selects shop/pod/db\n";
    assert!(out.ends_with(missing) && !out.contains("nearest"), "{out}");
}

#[test]
fn what_allows_is_shown() {
    let out = told(&[("front-end", "frontend")], "explain shop/frontend shop/db 5432");
    let expected = "\
└ ingress  allowed   by shop/db-ingress, ingress rule 1   db.yaml:29:5
           selected by shop/db-ingress
           29 |   - from:
           30 |     - podSelector:
           31 |         matchLabels:
           32 |           app: frontend
           33 |     ports:
           34 |     - port: 5432
";
    assert!(out.starts_with("ALLOWED") && out.ends_with(expected), "{out}");
}

#[test]
fn lines_fit_the_terminal() {
    let folder = shop();
    let narrow = |line: &str| {
        let mut narrow = command();
        narrow.current_dir(&folder.path).env("COLUMNS", "60").args(line.split(' '));
        String::from_utf8(narrow.output().expect("np runs").stdout).expect("UTF-8")
    };
    let out = narrow("explain shop/frontend shop/db 5432");
    let expected = "\
  nearest  shop/db-ingress, ingress rule 1 wants
           app=front-end; shop/pod/frontend has app=frontend
           db.yaml:32:16
";
    assert!(out.contains(expected), "{out}");
    let out = narrow("explain shop/frontend shop/db 5432 --fix");
    let told = out.lines().skip_while(|line| !line.starts_with("fix")).take_while(|line| !line.is_empty());
    let told: Vec<&str> = told.collect();
    assert!(told.len() > 4 && told.iter().all(|line| line.chars().count() <= 60), "{out}");
}

#[test]
fn colours_only_when_wanted() {
    let folder = shop();
    let ask = "explain shop/frontend shop/db 5432";
    assert!(!np_in(&folder, ask).out.contains('\u{1b}'));
    let coloured = np_in(&folder, &format!("{ask} --color always")).out;
    assert!(
        coloured.contains("\u{1b}[31m") && coloured.contains("denied") && coloured.contains('^'),
        "{coloured}"
    );
}

#[test]
fn a_service_is_explained_by_its_endpoints() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: 5432}]}\n---\napiVersion: networking";
    let replaced =
        [("---\napiVersion: networking", service), ("front-end", "frontend"), ("port: 5432\n", "port: 80\n")];
    let out = told(&replaced, "explain shop/frontend shop/svc/db:80");
    let expected = "opens tcp/80, a port of shop/svc/db; policies see the port that it leads to, tcp/5432";
    assert!(out.contains(expected) && out.contains("did you mean `5432`?"), "{out}");
}

#[test]
fn one_endpoint() {
    check(
        "explain -f $T backend/postgres",
        "\
backend/sts/postgres
├ egress   isolated by backend/allow-dns, backend/default-deny-all
│          to pods k8s-app=kube-dns of kube-system on udp/53, tcp/53   by backend/allow-dns, egress rule 1   allow-dns.yaml:11:5
└ ingress  isolated by backend/default-deny-all
           nothing passes: no rule allows anything
",
    );
    let out = told(&[("      app: db\n  ingress", "      app: dbs\n  ingress")], "explain shop/db");
    let expected = "\
└ ingress  not isolated: everything passes
  nearly   shop/db-ingress is for pods with app=dbs; shop/pod/db has app=db   db.yaml:27:12
           27 |       app: dbs
              |            ^^^ did you mean `db`?
";
    assert!(out.contains(expected), "{out}");
    assert_eq!(np("explain -f $T external").code, 2);
}

#[test]
fn a_policy() {
    let out = told(&[("front-end", "frontend")], "explain shop/netpol/db-ingress");
    let expected = "\
NetworkPolicy shop/db-ingress   db.yaml:22:9
├ selects  app=db: shop/pod/db
├ egress   not concerned
├ ingress  isolated, and passes:
│          1  from pods app=frontend of shop on tcp/5432   db.yaml:29:5
";
    assert!(out.starts_with(expected), "{out}");
    assert!(out.contains("├ only it  blocks, of "), "{out}");
    assert!(out.ends_with("└ effect   every rule, peer and port of it makes a difference\n"), "{out}");

    // Its only rule is for nobody, so that it can go; the isolation stays.
    let out = told(&[], "explain -n shop netpol/db-ingress");
    assert!(
        out.contains(
            "├ idle     ingress rule 1: what it allows is blocked on the other side, or nobody is there"
        ),
        "{out}"
    );

    let out =
        told(&[("      app: db\n  ingress", "      app: dbs\n  ingress")], "explain shop/netpol/db-ingress");
    assert!(out.contains("├ selects  app=dbs: nobody\n│ nearly   shop/db-ingress is for pods"), "{out}");
    assert!(
        out.ends_with("└ effect   makes no difference: no pod of namespace shop matches app=dbs\n"),
        "{out}"
    );

    let ran = np("explain -f $T backend/netpol/nothing");
    assert_eq!(ran.code, 2);
    assert!(ran.told().contains("it has allow-api-to-postgres, allow-dns,"), "{}", ran.err);
}

#[test]
fn what_a_policy_shares_with_others() {
    let idle = |text: &str| -> Vec<String> {
        let out = np_in(&Folder::with(&[("db.yaml", text)]), "explain shop/netpol/db-ingress").out;
        out.lines().filter_map(|line| line.strip_prefix("├ idle     ")).map(str::to_owned).collect()
    };
    let right = SHOP.replace("front-end", "frontend");
    // The only other pod of the namespace is the frontend, so either rule would do.
    let again = "  - from:\n    - podSelector: {}\n    ports:\n    - port: 5432\n";
    let lines = idle(&(right.clone() + again));
    let passes = "what it allows passes by shop/db-ingress, ingress rule";
    let some = "what it allows, and no other side blocks, passes by shop/db-ingress, ingress rule";
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with(&format!("ingress rule 1: {passes} 2")), "{lines:?}");
    assert!(lines[1].starts_with(&format!("ingress rule 2: {some} 1")), "{lines:?}");

    let lines = idle(&(right + "    - port: 443\n      endPort: 445\n    - port: 444\n"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with(&format!("ingress rule 1, port 3, tcp/444: {passes} 1")), "{lines:?}");
}

#[test]
fn for_machines_and_reviews() {
    let folder = shop();
    let ask = "explain shop/frontend shop/db 5432";
    let json: Value = serde_json::from_str(&np_in(&folder, &format!("{ask} -o json")).out).expect("JSON");
    let yaml: Value = serde_yaml::from_str(&np_in(&folder, &format!("{ask} -o yaml")).out).expect("YAML");
    assert_eq!(json, yaml);
    assert_eq!((&json["kind"], &json["verdict"]), (&"Explanation".into(), &"denied".into()));
    let miss = &json["pairs"][0]["ingress"]["misses"][0];
    assert_eq!((&miss["likely"], &miss["rule"], &miss["idle"]), (&true.into(), &1.into(), &true.into()));
    let gap = &miss["gaps"][0];
    assert_eq!((&gap["gap"], &gap["didYouMean"]), (&"pod-label".into(), &"frontend".into()));
    assert_eq!((&gap["line"], &gap["column"]), (&32.into(), &16.into()));
    assert_eq!(gap["object"]["line"], 8);

    let markdown = np_in(&folder, &format!("{ask} -o markdown")).out;
    let expected = "\
**denied** `shop/pod/frontend` → `shop/pod/db` on `tcp/5432`

- **egress allowed**: shop/pod/frontend is not isolated for egress
- **ingress denied**: isolated by shop/db-ingress (`db.yaml:22:9`)
  - nearest: shop/db-ingress, ingress rule 1 wants app=front-end; shop/pod/frontend has app=frontend (`db.yaml:32:16`)
    did you mean \\`frontend\\`?
";
    assert_eq!(markdown, expected);
}

/// Names of policies are looked up as `--without` looks them up, and what is not there is told with what is near.
#[test]
fn names_of_policies_that_are_not_there() {
    let ran = np_in(&shop(), "explain shop/netpol/db-ingres");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let told = "no object `shop/netpol/db-ingres` in the input; did you mean shop/netpol/db-ingress?";
    assert!(ran.err.contains(told), "{}", ran.err);
    let ran = np_in(&shop(), "explain --without shop/netpol/db-ingres shop/frontend shop/db");
    assert!(ran.code == 2 && ran.err.contains(told), "{}", ran.err);
    assert_eq!(np_in(&shop(), "explain -n shop networkpolicies/db-ingress").code, 0);
}

/// Every explanation of a changed input says what the change does.
#[test]
fn one_name_of_a_changed_input() {
    for name in ["shop/db", "shop/netpol/db-ingress"] {
        let line = format!("explain --label shop/pod/frontend=app=front-end {name}");
        let ran = np_in(&shop(), &line);
        assert!(ran.err.contains("what if: "), "{}", ran.err);
        let ran = np_in(&shop(), &format!("{line} -o json"));
        let told: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!(told["whatIf"]["opened"], 1, "{}", ran.out);
        let ran = np_in(&shop(), &format!("explain {name} -o json"));
        let told: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert!(told.get("whatIf").is_none() && told["apiVersion"] == "np/v1");
    }
}

/// Of a Service, what can be fixed is the way to its pods: the error has the question that does it.
#[test]
fn the_fix_for_a_service_is_one_for_its_pods() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: 5432}]}\n";
    let folder = Folder::with(&[("db.yaml", &(SHOP.to_owned() + service))]);
    let ran = np_in(&folder, "explain shop/frontend shop/svc/db:80 --fix");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let (_, command) = ran.err.split_once("own port: `np ").expect("a command");
    let (command, _) = command.split_once('`').expect("its end");
    assert_eq!(command, "explain shop/pod/frontend shop/pod/db tcp/5432 --fix");
    let ran = np_in(&folder, command);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("app: frontend"), "{}", ran.out);
}

/// A dash before a podSelector means pods of the policy's own namespace; where it would mean nobody, nobody forgot it.
#[test]
fn a_dash_that_would_help_nobody_is_not_offered() {
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n\
                     ---\napiVersion: v1\nkind: Namespace\nmetadata: {name: data}\n";
    let asked = |app: &str| {
        let rule = format!(
            "{{namespaceSelector: {{matchLabels: {{team: shop}}}}, podSelector: {{matchLabels: {{app: {app}}}}}}}"
        );
        let spec = format!("{{podSelector: {{}}, ingress: [{{from: [{rule}]}}]}}");
        let all =
            [pod("shop", "web", ""), pod("data", "db", ""), policy("data", "in", &spec), namespace.into()];
        np_in(&Folder::with(&[("all.yaml", &all.concat())]), "explain shop/web data/db 80 --fix").out
    };
    let found = asked("db");
    assert!(found.contains("did you mean a dash before `podSelector` too?"), "{found}");
    let found = asked("payments");
    assert!(!found.contains("dash"), "{found}");
    // The rule means nobody for one fact, so it is shown all the same.
    let idle = "nearest  data/in, ingress rule 1 wants app=payments; shop/pod/web has app=web";
    assert!(found.contains(idle) && found.contains("\n  missing  an ingress rule"), "{found}");
}

/// A rule that opens one of the ports that were asked is not meant for the other.
#[test]
fn a_port_that_passes_is_not_taken_for_the_other() {
    let out = told(&[("front-end", "frontend")], "explain shop/frontend shop/db 5432,5433");
    assert!(out.starts_with("PARTIAL") && !out.contains("did you mean"), "{out}");
}
