//! `np query` as people and scripts see it.

mod common;

use common::{Folder, np, np_in, np_with, pod, policy};

#[track_caller]
fn check(line: &str, code: i32, expected: &str) {
    let ran = np(line);
    assert_eq!(ran.out, expected, "{}", ran.err);
    assert_eq!((ran.code, ran.err.as_str()), (code, ""));
}

#[test]
fn the_example_of_the_readme() {
    check(
        "query -f $T frontend/web backend/postgres 5432",
        1,
        "\
DENIED  frontend/deploy/web → backend/sts/postgres  tcp/5432
  egress   allowed   frontend/deploy/web is not isolated for egress
  ingress  denied    isolated by backend/default-deny-all   default-deny.yaml:4:9
",
    );
}

#[test]
fn a_rule_is_cited_by_its_list_item() {
    check(
        "query -f $T frontend/web backend/api 8080",
        0,
        "\
ALLOWED  frontend/deploy/web → backend/deploy/api  tcp/8080
  egress   allowed   frontend/deploy/web is not isolated for egress
  ingress  allowed   by backend/allow-frontend-to-api, ingress rule 1   allow-frontend-to-api.yaml:13:5
",
    );
}

#[test]
fn several_ports_are_united_and_told_apart() {
    check(
        "query -f $T frontend/web backend/api 80 http",
        3,
        "\
PARTIAL  frontend/deploy/web → backend/deploy/api  tcp/80,8080 (http)  passes tcp/8080 · blocked tcp/80
  egress   allowed   frontend/deploy/web is not isolated for egress
  ingress  partial   tcp/8080   by backend/allow-frontend-to-api, ingress rule 1   allow-frontend-to-api.yaml:13:5
                     tcp/80     isolated by backend/allow-frontend-to-api          allow-frontend-to-api.yaml:4:9
                     tcp/80     isolated by backend/default-deny-all               default-deny.yaml:4:9
",
    );
}

#[test]
fn without_a_port_everything_that_passes() {
    check(
        "query -f $T backend/postgres kube-system/coredns",
        0,
        "\
PARTIAL  backend/sts/postgres → kube-system/deploy/coredns  passes tcp/53 udp/53 · the rest is blocked
  egress   partial   tcp/53 udp/53   by backend/allow-dns, egress rule 1    allow-dns.yaml:11:5
                     the rest        isolated by backend/allow-dns          allow-dns.yaml:4:9
                     the rest        isolated by backend/default-deny-all   default-deny.yaml:4:9
  ingress  allowed   kube-system/deploy/coredns is not isolated for ingress
",
    );
}

#[test]
fn exit_codes() {
    for (line, code) in [
        ("frontend/web backend/api 8080", 0),
        ("frontend/web backend/postgres 5432", 1),
        ("frontend/web backend/api 80,8080", 3),
        ("frontend/web backend/api", 0),
        ("frontend/web backend/postgres", 1),
        ("-n frontend web backend/api 8080", 0),
        ("--default-namespace other -n frontend deploy/web backend/deploy/api 8080/TCP", 0),
        ("external staging", 0),
        ("backend external", 1),
        ("external internet", 2),
        ("frontend/web", 2),
        ("frontend/web backend/api 8080 --nonsense", 2),
        ("frontend/web backend/api -", 2),
        ("--batch - -f - frontend/web", 2),
        ("--help", 0),
    ] {
        let ran = np(&format!("query -f $T {line}"));
        assert_eq!(ran.code, code, "{line}\n{}{}", ran.out, ran.err);
    }
    assert_eq!(np("--version").code, 0);
    assert_eq!(np("help").code, 0);
    assert_eq!(np("").code, 2);
    assert_eq!(np("querry").code, 2);
}

fn unknowns() -> Folder {
    let files = [
        pod("x", "a", "spec: {containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}"),
        pod("z", "b", "spec: {nodeName: n1}\nstatus: {podIP: 10.1.2.3}"),
        pod("z", "h", "spec: {nodeName: n1, hostNetwork: true}"),
        "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 192.168.7.7}]}\n".to_owned(),
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: x}\nspec: {replicas: 1, template: {metadata: {labels: {app: d}}}}\n".to_owned(),
        policy(
            "x",
            "p",
            "{podSelector: {}, policyTypes: [Ingress, Egress], \
             ingress: [{from: [{namespaceSelector: {matchLabels: {team: t}}}], ports: [{port: 80}]}], \
             egress: [{to: [{ipBlock: {cidr: 10.0.0.0/9}}]}, {to: [{podSelector: {matchLabels: {pod-template-hash: h}}}], ports: [{port: 9}]}]}",
        ),
    ];
    Folder::with(&[("a.yaml", &files.concat())])
}

#[test]
fn what_is_unknown_says_what_would_decide_it() {
    let folder = unknowns();
    let ran = np_in(&folder, "query z/b x/a 80");
    assert_eq!(ran.code, 3);
    assert!(ran.out.starts_with("UNKNOWN  z/pod/b → x/pod/a  tcp/80\n"), "{}", ran.out);
    assert!(ran.out.contains("namespace z has no Namespace object: add it, or --assume-bare-namespaces"));
    assert_eq!(ran.err, "", "no answer depends on where pods are");
    assert_eq!(np_in(&folder, "query --assume-bare-namespaces z/b x/a 80").code, 1);

    let ran = np_in(&folder, "query x/a x/d 9");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "ingress decides, wherever the pods are");
    assert!(ran.out.contains("x/deploy/d matches or not by the label pod-template-hash"), "{}", ran.out);
    let ran = np_in(&folder, "query x/a x/d 80");
    assert!(
        ran.out.contains(
            "10.0.0.0/9 may or may not hold the IP of x/deploy/d: give status.podIP, or --pod-cidr"
        )
    );
    assert_eq!(ran.err.matches("note: ").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("1 pod and 1 workload have no IP in the input"), "{}", ran.err);
    let ran = np_in(&folder, "query --pod-cidr 10.0.0.0/16 x/a x/d 99");
    assert!(!ran.out.contains("may or may not"), "{}", ran.out);
    assert_eq!(ran.err, "");

    let ran = np_in(&folder, "query node/n1 x/a 22");
    assert!(ran.out.contains("give the pod's spec.nodeName"), "{}", ran.out);
}

#[test]
fn notes_tell_np_s_readings() {
    let folder = unknowns();
    let ran = np_in(&folder, "query z/b z/h");
    assert!(ran.out.starts_with("ALLOWED  z/pod/b → z/pod/h  all\n"), "{}", ran.out);
    assert!(ran.out.contains("\n  note     z/pod/h: hostNetwork pods are read as their node"), "{}", ran.out);
    let ran = np_in(&folder, "query x/a 10.0.0.0/8 tcp");
    assert!(
        ran.out.contains("\n  note     10.0.0.0/8 also holds z/pod/b, which this leaves out"),
        "{}",
        ran.out
    );
}

#[test]
fn pairs_that_differ_are_grouped() {
    let folder = unknowns();
    let ran = np_in(&folder, "query x/a 10.0.0.0/8 tcp/443");
    let headline = "PARTIAL  x/pod/a → 10.0.0.0/8  tcp/443  passes for some pairs\n";
    assert!(ran.out.starts_with(headline), "{}", ran.out);
    let allowed = "
  allowed  x/pod/a → 10.0.0.0-10.1.2.2, 10.1.2.4-10.127.255.255
    egress   allowed   by x/p, egress rule 1   a.yaml:";
    assert!(ran.out.contains(allowed), "{}", ran.out);
    let denied = "
  denied  x/pod/a → 10.128.0.0/9
    egress   denied    isolated by x/p   a.yaml:";
    assert!(ran.out.contains(denied), "{}", ran.out);
    assert_eq!(ran.code, 3);
}

#[test]
fn no_family_in_common_is_denied() {
    let ran = np("query -f $T frontend/web staging/shop v6:tcp/80");
    let expected = "\
DENIED  frontend/deploy/web → staging/deploy/shop  v6:tcp/80
  egress   denied    the two have no IPv6 in common
  ingress  denied    the two have no IPv6 in common
  note     no pod has an IP in the input, so pods are taken to have IPv4 alone; say otherwise with --pod-cidr
";
    assert_eq!((ran.code, ran.out.as_str()), (1, expected));
}

#[test]
fn a_batch_is_answered_line_by_line() {
    let folder = Folder::with(&[]);
    let questions = "\
# who reaches postgres
frontend/web backend/postgres 5432

frontend/web backend/api tcp/8080   # the front door
frontend/web backend/nothing 80
frontend/web backend/api 99999
frontend/web
frontend/web backend/api http 80
frontend/web backend/api
";
    let example = common::three_tier();
    let ran = np_with(&folder, &format!("query -f {} --batch -", example.display()), questions);
    assert_eq!(ran.code, 2);
    let lines: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[0]["from"], "frontend/deploy/web");
    assert_eq!(lines[0]["to"], "backend/sts/postgres");
    assert_eq!(lines[0]["port"], "tcp/5432");
    assert_eq!(lines[0]["verdict"], "denied");
    assert_eq!(lines[0]["egress"]["verdict"], "allowed");
    assert_eq!(lines[0]["ingress"]["verdict"], "denied");
    assert_eq!(lines[0]["ingress"]["decisions"][0]["policy"], "backend/default-deny-all");
    assert_eq!(lines[0]["ingress"]["decisions"][0]["line"], 4);
    assert_eq!(lines[1]["verdict"], "allowed");
    assert_eq!(lines[2]["line"], 5);
    assert_eq!(lines[2]["to"], "backend/nothing");
    assert!(lines[2]["error"].as_str().is_some_and(|error| error.contains("no endpoint")));
    assert_eq!((&lines[3]["line"], &lines[3]["port"]), (&6.into(), &"99999".into()));
    assert!(lines[4]["error"].is_string());
    assert_eq!((&lines[5]["verdict"], &lines[5]["passes"]), (&"partial".into(), &"tcp/8080".into()));
    assert_eq!(lines[6]["port"], "all");

    let ran = np_with(&folder, &format!("query -f {} --batch -", example.display()), "backend external 1\n");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let both = np_with(&folder, "query -f - --batch -", "");
    assert_eq!(both.code, 2);
    assert!(both.err.contains("stdin can be read once"), "{}", both.err);
}

#[test]
fn a_batch_answers_before_the_next_question_is_asked() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let mut command = common::command();
    command.arg("query").arg("-f").arg(common::three_tier()).args(["--batch", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("np runs");
    let mut ask = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for (question, verdict) in
        [("frontend/web backend/api 8080", "allowed"), ("frontend/web backend/api 1", "denied")]
    {
        writeln!(ask, "{question}").expect("np listens");
        let answer = answers.next().expect("an answer").expect("text");
        assert!(answer.contains(&format!("\"verdict\":\"{verdict}\"")), "{answer}");
    }
    drop(ask);
    assert!(child.wait().expect("np ends").success());
}

#[test]
fn colours_only_when_wanted() {
    let plain = np("query -f $T frontend/web backend/postgres 5432").out;
    assert!(!plain.contains('\u{1b}'));
    let coloured = np("query -f $T --color always frontend/web backend/postgres 5432").out;
    assert!(coloured.contains("\u{1b}[31mDENIED\u{1b}[0m"), "{coloured:?}");
    let mut command = common::command();
    command.env("NO_COLOR", "1").arg("query").arg("-f").arg(common::three_tier());
    let output = command.args(["frontend/web", "backend/nothing"]).output().expect("np runs");
    assert!(!output.stderr.contains(&0x1b));
}
