//! Files of other tools: what may hide a policy is an error that says which tool has to work on it
//! first, what cannot is one warning, and kinds that have nothing to do with reachability are only
//! counted.

mod common;

use common::{Folder, np_in, np_with, pod, policy};

const HELM: &str = "help: render it first: `helm template CHART | np ... -f -`\n";

/// Two pods in a file of their own, and another file.
fn with(name: &str, text: &str) -> Folder {
    Folder::with(&[("pods.yaml", &(pod("x", "a", "") + &pod("x", "b", ""))), (name, text)])
}

/// A query on the pods and another file is refused, with nothing but this.
#[track_caller]
fn refuses(name: &str, text: &str, expected: &str) {
    let folder = with(name, text);
    for line in ["query x/a x/b", "matrix"] {
        let ran = np_in(&folder, line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert_eq!(ran.told(), format!("{expected}np: 1 error\n"));
    }
    assert_eq!(np_in(&folder, "validate").code, 1);
    // The same from a pipe.
    assert_eq!(np_with(&folder, "query -f - -f pods.yaml x/a x/b", text).code, 2);
}

/// The pods are asked about as if the other file were not there, with nothing but this.
#[track_caller]
fn warns(name: &str, text: &str, expected: &str) {
    let folder = with(name, text);
    let ran = np_in(&folder, "query x/a x/b 80");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.told(), expected);
    assert_eq!(np_in(&folder, "validate").code, 0);
}

#[test]
fn helm_templates() {
    let helm = |place: &str| {
        format!("error[foreign-format]: this is a Helm template, not a manifest\n--> t.yaml:{place}\n{HELM}")
    };
    let guarded = "{{- if .Values.policies }}\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n{{- end }}\n";
    refuses("t.yaml", guarded, &helm("1:1"));
    let unquoted = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {{ .Release.Name }}\nspec: {podSelector: {}}\n";
    refuses("t.yaml", unquoted, &helm("4:9"));
    refuses("t.yaml", "{{ include \"common.networkpolicy\" . }}\n", &helm("1:1"));
    // One error a file, however many documents it has.
    refuses("t.yaml", &format!("{unquoted}---\n{unquoted}---\n{guarded}"), &helm("4:9"));
    // What is YAML all the same: in quotes, or within a word.
    let inside = policy("x", "\"{{ .Release.Name }}-p\"", "{podSelector: {}}");
    let ran = np_in(&with("t.yaml", &inside), "query x/a x/b");
    assert_eq!(ran.code, 2);
    assert!(
        ran.told()
            .starts_with("error[foreign-format]: this is a Helm template, not a manifest\n--> t.yaml:4:18\n"),
        "{}",
        ran.err
    );
    let label = pod("x", "c", "").replace("app: c", "app: 'c-{{ .Chart.Name }}'");
    let ran = np_in(&with("t.yaml", &label), "query x/a x/b");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error[foreign-format]: this is a Helm template"), "{}", ran.err);
    assert!(ran.err.contains("metadata.labels.app\n"), "{}", ran.err);
    let key = pod("x", "c", "").replace("app: c", "'{{ .Values.key }}': c");
    let ran = np_in(&with("t.yaml", &key), "query x/a x/b");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error[foreign-format]: this is a Helm template"), "{}", ran.err);
}

#[test]
fn other_templates() {
    let expected = "error[foreign-format]: this is a template, not a manifest: something has to fill in what `{{ ... }}` stands for\n--> t.yaml:4:18\nhelp: render it first; if it is one of Helm: `helm template CHART | np ... -f -`\n";
    refuses(
        "t.yaml",
        &policy("x", "{{ name }}", "{podSelector: {}}").replace("---\n", "# A policy\n"),
        expected,
    );
    // Braces in a file that is broken otherwise, and braces that mean nothing.
    let ran = np_in(&with("t.yaml", "a: {b: {c: \"\n"), "matrix");
    assert!(ran.err.starts_with("error[yaml-syntax]"), "{}", ran.err);
    warns(
        "t.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {a: '{{ b }}'}\n",
        "",
    );
}

#[test]
fn charts() {
    let chart = "apiVersion: v2\nname: web\nversion: 1.2.3\n";
    let described = "warning[foreign-format]: the description of a Helm chart, not a manifest\n";
    warns("Chart.yaml", chart, &format!("{described}--> Chart.yaml:1:1\n{HELM}"));
    warns(
        "old/Chart.yaml",
        "name: web\nversion: 1.2.3\n",
        &format!("{described}--> old/Chart.yaml:1:1\n{HELM}"),
    );
    let values = "warning[foreign-format]: the values of a Helm chart, not a manifest\n";
    warns("values.yaml", "replicas: 3\n", &format!("{values}--> values.yaml:1:1\n{HELM}"));
    warns("values-prod.yaml", "replicas: 3\n", &format!("{values}--> values-prod.yaml:1:1\n{HELM}"));
    // A whole chart is one error, at whatever depth, and nothing in it is read.
    let folder = with("charts/web/Chart.yaml", chart);
    folder.write("charts/web/values.yaml", "a: b\n");
    folder.write("charts/web/templates/policy.yaml", policy("x", "p", "{podSelector: {}}"));
    folder.write("charts/web/templates/broken.yaml", "{{ if }}\n");
    for (line, path) in [("matrix", "./charts/web"), ("matrix -f charts/web", "charts/web")] {
        let ran = np_in(&folder, line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert_eq!(ran.err, format!("error: `{path}` is a Helm chart, not manifests\n{HELM}np: 1 error\n"));
    }
    // Its templates, if they are named: those that need no rendering are manifests.
    std::fs::remove_file(folder.path.join("charts/web/templates/broken.yaml")).expect("gone");
    assert_eq!(np_in(&folder, "query -f pods.yaml -f charts/web/templates x/a x/b 80").code, 1);
}

#[test]
fn kustomizations() {
    let expected = |place: &str| {
        format!(
            "warning[foreign-format]: a kustomization, which np does not apply: manifests are read as they stand, also those that it changes or leaves out\n--> {place}:1:1\nHELP"
        )
    };
    let help = "help: build it first, and give np nothing else: `kustomize build DIR | np ... -f -`\n";
    let typed = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [pods.yaml]\n";
    let line = "note: in a Kustomization without a name\n";
    for (name, text) in [
        ("kustomization.yaml", typed),
        ("other.yaml", typed),
        ("kustomization.yml", "resources: [pods.yaml]\n"),
        ("kustomization.yaml", "kind: Kustomization\nresources: [pods.yaml]\n"),
    ] {
        let folder = with(name, text);
        let ran = np_in(&folder, "query x/a x/b 80");
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(ran.told().replace(line, ""), expected(name).replace("HELP", help));
    }
}

#[test]
fn encrypted_files() {
    let sealed = |tool: &str, name: &str, help: &str| {
        format!(
            "error[foreign-format]: encrypted with {tool}, so np cannot tell what it holds\n--> {name}:1:1\nhelp: {help}\n"
        )
    };
    for (tool, text, help) in [
        (
            "Ansible Vault",
            "$ANSIBLE_VAULT;1.1;AES256\n62313365396662343061393464336163\n",
            "decrypt it first: `ansible-vault view FILE | np ... -f -`",
        ),
        (
            "PGP",
            "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n",
            "decrypt it first: `gpg --decrypt FILE | np ... -f -`",
        ),
        (
            "age",
            "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
            "decrypt it first: `age --decrypt -i KEY FILE | np ... -f -`",
        ),
        (
            "age",
            "age-encryption.org/v1\n-> X25519 abc\n",
            "decrypt it first: `age --decrypt -i KEY FILE | np ... -f -`",
        ),
        ("git-crypt", "\0GITCRYPT\0\u{1}\u{2}", "unlock the repository first: `git-crypt unlock`"),
    ] {
        refuses("s.yaml", text, &sealed(tool, "s.yaml", help));
    }
}

const STAMP: &str = "sops:\n  mac: ENC[AES256_GCM,data:bWFj,iv:aXY=,tag:dGFn,type:str]\n  version: 3.9.0\n";

#[test]
fn sops() {
    let secret = "ENC[AES256_GCM,data:dmFsdWU=,iv:aXY=,tag:dGFn,type:str]";
    let refused = |text: &str, place: &str| {
        let ran = np_in(&with("s.yaml", text), "query x/a x/b");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{text}");
        let expected = format!(
            "error[foreign-format]: encrypted with SOPS, so np cannot tell what it holds\n--> s.yaml:{place}\n"
        );
        let said = ran.told();
        assert!(said.starts_with(&expected), "{said}");
        assert!(
            said.contains("help: decrypt it first: `sops decrypt FILE | np ... -f -`\nnp: 1 error\n"),
            "{}",
            ran.err
        );
    };
    // Everything but keys is encrypted, so nobody knows the kind; nor of a file that was no YAML.
    refused(&format!("apiVersion: {secret}\nkind: {secret}\nspec: {{}}\n{STAMP}"), "5:3");
    refused(&format!("data: {secret}\n{STAMP}"), "3:3");
    refused(&format!("apiVersion: {secret}\nkind: {secret}\n"), "1:13");
    // A policy whose type can be read.
    let stamped = policy("x", "p", "{podSelector: {}}") + STAMP;
    refused(&stamped, &format!("{}:3", stamped.lines().count() - 1));
    // A label that a policy may select by.
    let pod = pod("x", "c", "").replace("app: c", &format!("app: '{secret}'"));
    let ran = np_in(&with("s.yaml", &pod), "query x/a x/b");
    assert!(
        ran.code == 2 && ran.err.starts_with("error[foreign-format]: encrypted with SOPS"),
        "{}",
        ran.err
    );
    // Most of what SOPS encrypts is a Secret, which has nothing to do with reachability.
    warns(
        "s.yaml",
        &format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: {{a: '{secret}'}}\n{STAMP}"),
        "",
    );
    warns(
        "s.yaml",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: s}\nspec: {}\n",
        "",
    );
}

#[test]
fn kinds_without_a_part_in_it_are_counted() {
    let other = |kind: &str, count: usize| {
        (0..count)
            .map(|number| format!("---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: n{number}}}\n"))
            .collect::<Vec<_>>()
            .concat()
    };
    let folder = with("other.yaml", &(other("ConfigMap", 500) + &other("Secret", 70)));
    for line in ["query x/a x/b 80", "matrix"] {
        let ran = np_in(&folder, line);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    }
    let ran = np_in(&folder, "validate");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let expected = "valid: 0 policies among 572 objects in 2 files\nignored: 500 × ConfigMap, 70 × Secret\n";
    assert_eq!(ran.out, expected);
    let answer: serde_json::Value =
        serde_json::from_str(&np_in(&folder, "validate -o json").out).expect("JSON");
    assert_eq!(answer["ignored"], serde_json::json!({"ConfigMap": 500, "Secret": 70}));
    assert_eq!(answer["findings"], serde_json::json!([]));
}
