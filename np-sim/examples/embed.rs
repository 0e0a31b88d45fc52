//! np as a library: compile typed API objects, ask one question, read who decided.
//!
//! `cargo run -p np-sim --example embed` prints the answer; `cargo test -p np-sim --examples` checks it.

#![expect(clippy::print_stdout, reason = "an example shows its answer")]

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use np_model::conn::AskedPort;
use np_model::ir::RuleId;
use np_model::{Assumptions, Input, Model, compile};
use np_sim::reach::{Decision, Reach};
use np_sim::{Finder, reach};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = shop()?;
    let answer = ask(&model, "shop/deploy/web", "shop/deploy/db", "tcp/5432")?;
    println!("{}", answer.verdict());
    for decided in &answer.pairs[0].ingress.decisions {
        if let Decision::Rule(RuleId { policy, index, .. }) = &decided.decision {
            let policy = model.policy(*policy);
            println!("ingress rule {} of {}/{}", index + 1, policy.namespace, policy.name);
        }
    }
    Ok(())
}

/// Two Deployments and a policy that lets one in on one port.
fn shop() -> Result<Model, Box<dyn std::error::Error>> {
    let mut input = Input::new("default");
    for name in ["web", "db"] {
        let template = json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": []}});
        let deployment: Deployment = serde_json::from_value(json!({
            "metadata": {"namespace": "shop", "name": name},
            "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
        }))?;
        input.object(&deployment);
    }
    let policy: NetworkPolicy = serde_json::from_value(json!({
        "metadata": {"namespace": "shop", "name": "db-from-web"},
        "spec": {
            "podSelector": {"matchLabels": {"app": "db"}},
            "ingress": [{
                "from": [{"podSelector": {"matchLabels": {"app": "web"}}}],
                "ports": [{"port": 5432}],
            }],
        },
    }))?;
    input.object(&policy);
    Ok(compile(input, &Assumptions::default())?)
}

fn ask(model: &Model, from: &str, to: &str, port: &str) -> Result<Reach, Box<dyn std::error::Error>> {
    let finder = Finder::new(model, None);
    let asked: AskedPort = port.parse()?;
    Ok(reach(model, &finder.find(from)?, &finder.find(to)?, &[asked])?)
}

#[test]
fn answers_with_the_rule_that_decides() {
    let model = shop().expect("valid objects");
    let allowed = ask(&model, "shop/web", "shop/db", "5432").expect("an answer");
    assert_eq!(allowed.verdict(), np_sim::Verdict::Allowed);
    let Decision::Rule(rule) = &allowed.pairs[0].ingress.decisions[0].decision else {
        panic!("not decided by a rule: {:?}", allowed.pairs[0].ingress);
    };
    assert_eq!((model.policy(rule.policy).name.as_str(), rule.index), ("db-from-web", 0));
    let denied = ask(&model, "shop/web", "shop/db", "80").expect("an answer");
    assert_eq!(denied.verdict(), np_sim::Verdict::Denied);
}
