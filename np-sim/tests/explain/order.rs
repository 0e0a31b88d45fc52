//! Which of several near misses comes first.

use np_model::ir::Direction;

use super::{asked, evidence, line, model, policy, with};

/// The misses of ingress where `shop/frontend` is denied to reach `shop/db` on 5432.
fn lines(policies: &[String]) -> Vec<String> {
    let model = with(policies);
    let explanation = asked(&model, "shop/frontend", "shop/db", &["5432"]);
    let ingress = evidence(&explanation, Direction::Ingress);
    ingress.misses.iter().map(|miss| line(&model, miss)).collect()
}

fn from(name: &str, app: &str, port: u16) -> String {
    policy(
        "shop",
        name,
        &format!(
            "{{podSelector: {{matchLabels: {{app: db}}}}, \
              ingress: [{{from: [{{podSelector: {{matchLabels: {{app: {app}}}}}}}], ports: [{{port: {port}}}]}}]}}"
        ),
    )
}

#[test]
fn a_slip_comes_before_the_business_of_another() {
    let found = lines(&[from("a", "cache", 5432), from("b", "front-end", 5432)]);
    assert_eq!(
        found,
        [
            "b 0 peer 0: pod #0 has frontend, like front-end!",
            "a 0 peer 0: pod #0 has frontend, met elsewhere"
        ]
    );
}

#[test]
fn fewer_gaps_come_first() {
    let found = lines(&[from("a", "front-end", 5433), from("b", "cache", 5432), from("c", "frontend", 5433)]);
    assert_eq!(
        found,
        [
            "c 0 peer 0: port #0 off by 1!",
            "b 0 peer 0: pod #0 has frontend, met elsewhere",
            "a 0 peer 0: pod #0 has frontend, like front-end; port #0 off by 1!"
        ]
    );
}

#[test]
fn equal_ones_stay_in_the_order_of_policies() {
    let found = lines(&[from("b", "front-end", 5432), from("a", "front-end", 5432)]);
    let names: Vec<&str> = found.iter().map(|line| &line[..1]).collect();
    assert_eq!(names, ["a", "b"]);
}

/// `web-1` and `web-2` are a typing error apart, and both are there.
#[test]
fn a_name_that_someone_has_is_no_slip() {
    let pod = |name: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: x, labels: {{app: {name}}}}}}}\n"
        )
    };
    let spec = |app: &str| {
        format!(
            "{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{{podSelector: {{matchLabels: {{app: {app}}}}}}}]}}]}}"
        )
    };
    let pods = ["web-1", "web-2", "db"].map(pod).concat();
    for (app, expected) in [
        ("web-2", "p 0 peer 0: pod #0 has web-1, like web-2, met elsewhere"),
        ("web-3", "p 0 peer 0: pod #0 has web-1, like web-3!"),
    ] {
        let model = model(&(pods.clone() + &policy("x", "p", &spec(app))));
        let explanation = asked(&model, "x/web-1", "x/db", &["80"]);
        let misses = &evidence(&explanation, Direction::Ingress).misses;
        assert_eq!(misses.iter().map(|miss| line(&model, miss)).collect::<Vec<_>>(), [expected]);
    }
}
