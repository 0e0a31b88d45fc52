//! What a question's words mean: addresses of Services, names with two meanings, mapped addresses.

use np_model::{Assumptions, Input, Model, compile};
use np_sim::{Endpoint, FindError, Finder};

fn model(text: &str) -> Model {
    let mut input = Input::new("default");
    input.text("m.yaml", text.as_bytes().to_vec());
    compile(input, &Assumptions::default()).unwrap_or_else(|invalid| panic!("{invalid}"))
}

const SHOP: &str = r"
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: twin, namespace: shop}, status: {podIP: 10.0.0.9}}
---
{apiVersion: v1, kind: Pod, metadata: {name: other-twin, namespace: shop}, status: {podIP: 10.0.0.9}}
---
{apiVersion: v1, kind: Service, metadata: {name: front, namespace: shop}, spec: {clusterIP: 10.96.0.7, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: external}, status: {podIP: 10.0.0.2}}
";

#[test]
fn the_address_of_a_service_is_not_external() {
    let model = model(SHOP);
    let found = Finder::new(&model, None).find("10.96.0.7");
    assert_eq!(found, Err(FindError::Service("shop/svc/front".to_owned())));
    let around = Finder::new(&model, None).find("10.96.0.0/16").expect("a range");
    let Endpoint::External(around) = around else { panic!("{around:?}") };
    assert!(!around.addresses.contains("10.96.0.7".parse().expect("an address")));
}

#[test]
fn an_ipv4_mapped_address_is_the_ipv4_address() {
    let model = model(SHOP);
    let finder = Finder::new(&model, None);
    assert_eq!(finder.find("::ffff:10.0.0.1"), finder.find("shop/pod/web"));
}

#[test]
fn what_can_mean_two_things_is_asked_back() {
    let model = model(SHOP);
    let finder = Finder::new(&model, None);
    for text in ["10.0.0.9", "external"] {
        assert!(matches!(finder.find(text), Err(FindError::Ambiguous { .. })), "{text}");
    }
    let namespace = finder.find("namespace/external").expect("the namespace");
    assert_eq!(namespace.name(&model), "namespace/external");
}
