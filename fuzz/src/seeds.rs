//! What mutation starts from: the manifests of `testdata/`, and snippets for what they leave out.

use std::fs;
use std::path::Path;

/// Longer files are cut into their documents only.
const LONGEST: usize = 16 * 1024;

const YAML: &[&str] = &[
    "",
    "apiVersion: v1\nkind: List\nitems:\n- &p {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- *p\n",
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n<<: {d: 1}\n",
    "%YAML 1.1\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n...\n",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: x}\nspec:\n  podSelector: {}\n  policyTypes: [Ingress, Egress]\n  egress:\n  - to:\n    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}\n    ports: [{port: 80, endPort: 90}, {port: dns, protocol: UDP}]\n  ingress: [null]\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x, labels: {app: yes}}\nspec:\n  nodeName: n1\n  containers: [{name: c, ports: [{name: http, containerPort: 80}]}]\nstatus: {podIPs: [{ip: 10.0.0.1}, {ip: \"fd00::1\"}], phase: Running}\n",
    "apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {podCIDRs: [10.0.0.0/24]}\nstatus: {addresses: [{type: InternalIP, address: 192.168.0.1}]}\n",
    "a: ['!', 'b', c !d, e!, f]\ng: {h: '!', i: \"j!\"}\nk:\n- l: m n\n    o\n\n    p\n- 'q: r\n  s''t'\n- \"\\e u\\n\n  v\"\n-\n- - w\n  - x:\n    - y\n    z: |+\n      a\n\n       b\n\n",
    "text: |2-\n   a\n  b\nother: >+\n  c\n\n  d\nquoted: \"\\x41\\u263a\\\n  e\"\n'single': 'it''s'\n? [complex, key]\n: !!str 0x1F\n",
];

const JSON: &[&str] = &[
    "{}",
    r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"x","labels":{"app":"w"}},"spec":{"containers":[]},"status":{"podIP":"10.0.0.1"}},{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p","namespace":"x"},"spec":{"podSelector":{"matchExpressions":[{"key":"app","operator":"In","values":["w"]}]},"ingress":[{"from":[{"podSelector":{}}],"ports":[{"port":80}]}]}}]}"#,
    r#"{"kind":"NetworkPolicyList","apiVersion":"networking.k8s.io/v1","items":[{"metadata":{"name":"p","uid":"1"},"spec":{"podSelector":{},"policyTypes":["Egress"]}}]}"#,
    r#"{"a":1.5e300,"b":[true,false,null,-0],"c":"\u00e9\ud83d\ude00\n","d":{"d":{},"d":2}}"#,
];

const SELECTORS: &[&str] = &[
    "app\nIn\nweb\n10.0.0.0/8\nhttp",
    "example.com/tier\nNotIn\n\n2001:db8::/32\n80",
    "app\nExists\n\n0.0.0.0/0\n65535",
    "tier\nDoesNotExist\nx\n010.0.0.1/33\n-1",
    "a b\nin\nü\n::ffff:10.0.0.0/104\nHTTP--x",
];

const LABELS: &[&str] = &[
    "app=web,tier!=db",
    "a in (x, y),example.com/b notin (z,,),!c,d",
    "in in (in,notin),notin==in\n\n,",
    "a>1\n!a in ()\n a\t= ,b=",
];

const ENDPOINTS: &[&str] = &[
    "x/web x/deploy/api 80",
    "x z tcp/80,443",
    "external x/pod/web udp/53",
    "internet x v6:tcp/8000-8100",
    "10.0.0.0/8,192.168.0.0-192.168.0.9 x/web http",
    "node/n1 x/api all",
    "10.0.0.1 fd00::/8 -",
    "x/svc/web sts/db v4:sctp",
    "z/done 0.0.0.0-255.255.255.255 1-65535",
];

/// The snippets and manifests that fit a target of this name.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let texts: Vec<String> = match target {
        "endpoints" => owned(ENDPOINTS),
        "selectors" => owned(SELECTORS),
        "labels" => owned(LABELS),
        "json" => owned(JSON),
        _ => owned(YAML).into_iter().chain(owned(JSON)).chain(testdata()).collect(),
    };
    texts.into_iter().map(String::into_bytes).collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Every manifest below `testdata/`, and every block of YAML in its literate cases, sorted.
fn testdata() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata");
    let (mut folders, mut files) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        match file.extension().and_then(|end| end.to_str()) {
            Some("md") => texts.extend(blocks(&text)),
            Some("yaml" | "yml" | "json") => texts.push(text),
            _ => {}
        }
    }
    texts
        .into_iter()
        .flat_map(|text| {
            if text.len() > LONGEST {
                text.split("\n---\n").filter(|part| part.len() <= LONGEST).map(str::to_owned).collect()
            } else {
                vec![text]
            }
        })
        .collect()
}

/// The fenced blocks of YAML in Markdown.
fn blocks(text: &str) -> Vec<String> {
    let starts = text.split("\n```yaml").skip(1);
    let bodies = starts.filter_map(|block| block.split_once('\n').map(|(_, body)| body));
    bodies.map(|body| body.split("```").next().unwrap_or_default().to_owned()).collect()
}
