//! Questions: whatever a text names, it is found again by its full and by its short name, and what
//! is asked is answered.

use std::sync::OnceLock;

use np_model::addr::Families;
use np_model::conn::{AskedPort, ConnSet};
use np_model::{Assumptions, Input, Model, compile};
use np_sim::{Endpoint, Finder, reach};

use super::holds_together;

const CLUSTER: &str = "
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: x, labels: {app: web}}, spec: {nodeName: n1, containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: done, namespace: z}, status: {phase: Succeeded}}
---
{apiVersion: v1, kind: Pod, metadata: {name: six, namespace: z}, status: {podIP: 'fd00::6'}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: x}, spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: api, namespace: x}, spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}}}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: x}, spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}]}]}}
";

fn cluster() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        let mut input = Input::new("x");
        input.text("cluster.yaml", CLUSTER.as_bytes().to_vec());
        compile(input, &Assumptions::default()).unwrap_or_else(|invalid| panic!("{invalid}"))
    })
}

/// Asks each line: an endpoint, another, and ports.
///
/// # Panics
/// If np breaks a promise.
pub fn endpoints(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let model = cluster();
    let (finder, in_x) = (Finder::new(model, None), Finder::new(model, Some("x")));
    for line in text.lines().take(8) {
        let mut words = line.split(' ');
        let (from, to) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let ports: Vec<AskedPort> = words.filter_map(port).collect();
        let (from, to) = (look_up(model, &finder, &in_x, from), look_up(model, &finder, &in_x, to));
        if let (Some(from), Some(to)) = (from, to)
            && !ports.is_empty()
            && let Ok(answer) = reach(model, &from, &to, &ports)
        {
            holds_together(&answer);
        }
    }
}

/// Reads a port; what it is written as is read as the same.
fn port(text: &str) -> Option<AskedPort> {
    let port = text.parse::<AskedPort>().map_err(|error| error.to_string()).ok()?;
    if let AskedPort::Connections(set) = &port {
        let written = set.text(Families::BOTH);
        let read = written.split(' ').fold(ConnSet::none(), |union, item| match item.parse() {
            Ok(AskedPort::Connections(one)) => union.or(&one),
            _ => panic!("`{text}` is written as `{written}`, which is no port"),
        });
        assert_eq!(read, *set, "`{text}` is written as `{written}`");
    }
    Some(port)
}

fn look_up(model: &Model, finder: &Finder<'_>, in_x: &Finder<'_>, text: &str) -> Option<Endpoint> {
    if let Err(error) = in_x.find(text) {
        assert!(!error.to_string().is_empty(), "an error without words");
    }
    let end = finder.find(text).ok()?;
    let full = end.name(model);
    let again = finder.find(&full);
    assert_eq!(again.as_ref(), Ok(&end), "`{text}` is called `{full}`, which is something else");
    let short = finder.short_name(&end);
    assert_eq!(finder.find(&short).as_ref(), Ok(&end), "`{text}` is called `{short}` for short");
    Some(end)
}
