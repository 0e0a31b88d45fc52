//! What np reads, and what it says when it cannot: one clear message each, exit 2, nothing skipped.

mod common;

use common::{Folder, np, np_in, np_with, pod, policy};

/// Runs a query on a folder that is no good and checks what is said.
#[track_caller]
fn refuses(folder: &Folder, line: &str, expected: &str) {
    let ran = np_in(folder, line);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert_eq!(ran.err, expected);
}

fn pods() -> String {
    pod("x", "a", "") + &pod("x", "b", "")
}

#[test]
fn a_missing_path() {
    let folder = Folder::with(&[("a.yaml", &pods())]);
    let expected = "error: no such file or folder: `nowhere`\nerror: no such file or folder: `no/where.yaml`\nnp: 2 errors\n";
    refuses(&folder, "query -f nowhere -f a.yaml -f no/where.yaml x/a x/b", expected);
    refuses(&folder, "query --batch none.txt", "error: no such file: `none.txt`\n");
}

#[test]
fn an_empty_folder() {
    let folder = Folder::with(&[("sub/readme.txt", "hello"), (".git/config.yaml", "a: b")]);
    let expected = "\
error: no manifests in `.`
help: np reads .yaml, .yml and .json files, also with .gz or .zst behind, in subfolders too
np: 1 error
";
    refuses(&folder, "matrix", expected);
    refuses(&folder, "matrix -f sub", &expected.replace("`.`", "`sub`"));
}

#[test]
fn no_yaml() {
    let folder =
        Folder::with(&[("a.yaml", "kind: Pod\n  bad: : [\n"), ("b.yml", "a: \"\n"), ("c.yaml", &pods())]);
    let ran = np_in(&folder, "query x/a x/b");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error[yaml-syntax]: "), "{}", ran.err);
    assert_eq!(ran.err.matches("error[").count(), 2, "{}", ran.err);
    assert!(ran.err.contains("\n --> a.yaml:2:"), "{}", ran.err);
    assert!(ran.err.contains("\n --> b.yml:"), "{}", ran.err);
    assert!(ran.err.contains("\n2 |   bad: : [\n"), "{}", ran.err);
    assert!(ran.err.ends_with("np: 2 errors\n"), "{}", ran.err);
    folder.write("a.yaml", b"\xff\xff\x00");
    assert!(np_in(&folder, "query x/a x/b").err.contains("not valid UTF-8"));
}

#[test]
fn nothing_that_np_could_answer_about() {
    let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
    let folder = Folder::with(&[("a.yaml", &map.repeat(2))]);
    let ran = np_in(&folder, "matrix");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error[nothing-found]: nothing found but 2 × ConfigMap\n"), "{}", ran.err);
    let ran = np_with(&folder, "matrix -f -", "");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("nothing found: the input is empty"), "{}", ran.err);
}

#[test]
fn an_unknown_endpoint() {
    let folder = Folder::with(&[("a.yaml", &(pod("front", "web", "") + &pod("front", "gateway", "")))]);
    refuses(
        &folder,
        "query front/wbe front/gateway",
        "error: no endpoint `front/wbe` in the input; did you mean front/pod/web?\n",
    );
    let ran = np_in(&folder, "query front/wbe front/gatewya");
    assert_eq!(ran.err.lines().count(), 2, "both are told: {}", ran.err);
    let ran = np("matrix -f $T --from nobody --to frontend/wbe");
    assert_eq!((ran.code, ran.err.lines().count()), (2, 2), "{}", ran.err);
    let unnamed = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n";
    let folder = Folder::with(&[("a.yaml", unnamed)]);
    let ran = np_in(&folder, "query front/web front/web");
    assert!(
        ran.err.contains("help: objects that do not say their namespace are taken to be in `default`"),
        "{}",
        ran.err
    );
    assert_eq!(np_in(&folder, "query -n front web front/web").code, 0);
    assert_eq!(np_in(&folder, "query -n front --default-namespace other web web").code, 2);
}

#[test]
fn an_ambiguous_endpoint() {
    let workload = |kind: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: w, namespace: x}}\nspec: {{template: {{metadata: {{labels: {{a: b}}}}}}}}\n"
        )
    };
    let folder = Folder::with(&[("a.yaml", &(workload("Deployment") + &workload("StatefulSet")))]);
    refuses(
        &folder,
        "query x/w external",
        "error: `x/w` can mean x/deploy/w or x/sts/w; write one of them\n",
    );
    let names = np_in(&folder, "matrix --port 80");
    assert!(names.out.contains("x/deploy/w") && names.out.contains("x/sts/w"), "{}", names.out);
}

#[test]
fn a_bad_port() {
    for port in ["99999", "0", "icmp/8", "80-70", "tcp/"] {
        let ran = np(&format!("query -f $T frontend/web backend/api {port}"));
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(&format!("`{port}` is not a port; write 443, udp/53")), "{}", ran.err);
    }
    let ran = np("query -f $T frontend/web backend/api web");
    let expected = "\
error: `backend/deploy/api` has no port named `web`
help: its named ports are http; else write the number
";
    assert_eq!((ran.code, ran.err.as_str()), (2, expected));
}

#[test]
fn a_policy_that_is_broken_or_of_an_old_version() {
    let broken = policy("x", "p", "{podSelector: {}, ingres: []}");
    let folder = Folder::with(&[("a.yaml", &(pods() + &broken))]);
    let ran = np_in(&folder, "query x/a x/b");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error[unknown-field]: "), "{}", ran.err);
    assert!(ran.err.contains("\n   = note: in NetworkPolicy x/p, spec.ingres\n"), "{}", ran.err);
    assert!(ran.err.ends_with("np: 1 error\n"), "{}", ran.err);

    let other = policy("x", "p", "{}").replace("networking.k8s.io/v1", "extensions/v1beta1");
    folder.write("a.yaml", pods() + &other);
    let ran = np_in(&folder, "query x/a x/b");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("write `apiVersion: networking.k8s.io/v1`"), "{}", ran.err);
}

#[test]
fn positions_are_relative_to_the_one_folder() {
    let deny = policy("x", "deny", "{podSelector: {}, policyTypes: [Ingress]}");
    let folder = Folder::with(&[("m/pods.yaml", &pods()), ("m/sub/deny.yml", &deny), ("n/readme.md", "")]);
    let cited = |options: &str| {
        let out = np_in(&folder, &format!("query {options} x/a x/b 80")).out;
        let line = out.lines().find(|line| line.contains("isolated by")).unwrap_or_default().to_owned();
        line.rsplit(' ').next().unwrap_or_default().to_owned()
    };
    assert_eq!(cited("-f m"), "sub/deny.yml:4:18");
    assert_eq!(cited(""), "m/sub/deny.yml:4:18");
    assert_eq!(cited("-f m/pods.yaml -f m/sub"), "m/sub/deny.yml:4:18");
    assert_eq!(cited("-f m -f m/sub/deny.yml"), "m/sub/deny.yml:4:18", "a file named twice is read once");
    let ran = np_with(&folder, "query -f - -f m/pods.yaml x/a x/b 80", &deny);
    assert!(ran.out.contains(" stdin:4:18\n"), "{}", ran.out);
}

#[cfg(unix)]
#[test]
fn links_and_special_files() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with(&[("m/pods.yaml", &pods()), ("secret.yaml", "password: hunter2")]);
    symlink(".", folder.path.join("m/again")).expect("a link");
    symlink("pods.yaml", folder.path.join("m/same.yaml")).expect("a link");
    assert_eq!(np_in(&folder, "query -f m x/a x/b 80").code, 0, "circles are followed once");
    symlink("../secret.yaml", folder.path.join("m/leak.yaml")).expect("a link");
    let ran = np_in(&folder, "query -f m x/a x/b 80");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`m/leak.yaml` is a link that leads out of the folder"), "{}", ran.err);
    assert!(!ran.err.contains("hunter2"));
    std::fs::remove_file(folder.path.join("m/leak.yaml")).expect("gone");
    let pipe = folder.path.join("m/pipe.yaml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let ran = np_in(&folder, "query -f m x/a x/b 80");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`m/pipe.yaml` is no regular file"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere() {
    use std::os::unix::fs::symlink;
    for name in ["gone.yaml", "gone", ".gone.yaml"] {
        let folder = Folder::with(&[("m/pods.yaml", &pods())]);
        symlink("nowhere", folder.path.join("m").join(name)).expect("a link");
        let expected = format!(
            "error: `m/{name}` is a link that leads nowhere\nhelp: restore its target, or remove it\nnp: 1 error\n"
        );
        refuses(&folder, "query -f m x/a x/b 80", &expected);
    }
    let folder = Folder::with(&[("m/pods.yaml", &pods())]);
    symlink("loop", folder.path.join("m/loop")).expect("a link");
    let ran = np_in(&folder, "query -f m x/a x/b 80");
    assert!(ran.code == 2 && ran.err.starts_with("error: `m/loop` cannot be read: "), "{}", ran.err);
}

#[test]
fn hidden_folders_are_told_and_hidden_files_read() {
    let deny = policy("x", "deny", "{podSelector: {}}");
    let folder =
        Folder::with(&[("pods.yaml", &pods()), (".git/config.yaml", "a: b"), (".one/deny.yaml", &deny)]);
    let one = "note: the hidden folder `./.one` is not read; name it with -f if it holds manifests\n";
    let ran = np_in(&folder, "query x/a x/b 80");
    assert_eq!((ran.code, ran.err.as_str()), (0, one));
    assert_eq!(np_in(&folder, "query -f . -f .one x/a x/b 80").code, 1);
    folder.write("sub/.two/deny.yaml", &deny);
    let two =
        "note: 2 hidden folders are not read, such as `./.one`; name those with -f that hold manifests\n";
    for line in ["query x/a x/b 80", "matrix", "validate"] {
        assert_eq!(np_in(&folder, line).err, two);
    }
    folder.write(".deny.yaml", &deny);
    assert_eq!(np_in(&folder, "query x/a x/b 80").code, 1, "a hidden file is a file");
}

#[test]
fn repeated_warnings_are_summed_up() {
    let namespace = |number: u32| {
        let labels = "{kubernetes.io/metadata.name: other}";
        format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: n{number}, labels: {labels}}}\n")
    };
    let files = (0..9).map(namespace).collect::<Vec<_>>().concat();
    let folder = Folder::with(&[("a.yaml", &(files + &pods()))]);
    let ran = np_in(&folder, "query x/a x/b 80");
    assert_eq!(ran.code, 0);
    assert_eq!(ran.err.matches("warning[namespace-name-label]: ").count(), 4, "{}", ran.err);
    assert!(ran.err.ends_with("warning[namespace-name-label]: and 6 more of this kind\n"), "{}", ran.err);
}

#[test]
fn hostile_names_are_written_out() {
    let folder = Folder::with(&[("a\u{1b}[31m\u{202e}.yaml", "kind: \"\u{202e}\u{7}\"\n")]);
    for line in ["matrix", "query \u{1b}[31mx\u{202e} y", "query --batch \u{1b}x"] {
        let ran = np_in(&folder, line);
        assert_eq!(ran.code, 2);
        let text = ran.out + &ran.err;
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
    }
    let folder = Folder::with(&[("a.yaml", &pods())]);
    let ran = np_in(&folder, "query x/\u{1b}[31m\u{202e} x/b --color never");
    assert!(ran.err.contains("`x/\\u{1b}[31m\\u{202e}`"), "{}", ran.err);
    let ran = np_in(&folder, "query x/a x/b \u{1b}[31m");
    assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
    let ran = np_with(&folder, "query --batch -", "x/\u{1b}\u{202e} x/b 80\n");
    assert!(ran.out.contains("\"from\":\"x/\\\\u{1b}\\\\u{202e}\""), "{}", ran.out);
}
