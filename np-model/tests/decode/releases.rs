//! What the releases of Kubernetes read differently: CIDRs that are not written as they should be.
//! The meanings are those that the warnings of 1.33 to 1.35 name.

use np_model::diag::Severity;
use np_model::ir::Peer;
use np_model::{Input, Release};

use crate::policy;

/// What a release makes of a CIDR: the network, if it takes it, and how bad it finds it.
fn read(release: &str, cidr: &str) -> (Option<String>, Vec<Severity>) {
    let release: Release = release.parse().expect("a release");
    let mut input = Input::new("default").with_release(release);
    let text = policy(&format!("{{ingress: [{{from: [{{ipBlock: {{cidr: '{cidr}'}}}}]}}]}}"));
    input.text("m.yaml", text.into_bytes());
    let network = input.policies.first().map(|policy| {
        let rules = policy.ingress.as_ref().expect("ingress");
        match &rules[0].peers.as_ref().expect("peers")[0].peer {
            Peer::Block(block) => block.cidr().to_string(),
            Peer::Pods { .. } => panic!("a block"),
        }
    });
    (network, input.diagnostics.iter().map(|diagnostic| diagnostic.severity).collect())
}

#[test]
fn sloppy_cidrs_mean_the_masked_network_until_they_are_refused() {
    for (cidr, network) in [
        ("10.0.0.1/24", "10.0.0.0/24"),
        ("1.2.3.4/0", "0.0.0.0/0"),
        ("fd00::1/64", "fd00::/64"),
        ("010.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.0/08", "10.0.0.0/8"),
        ("010.0.0.1/8", "10.0.0.0/8"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::ffff:10.1.0.0/112", "10.1.0.0/16"),
    ] {
        let network = || Some(network.to_owned());
        assert_eq!(read("1.32", cidr), (network(), vec![]), "{cidr}");
        for release in ["1.33", "1.35"] {
            assert_eq!(read(release, cidr), (network(), vec![Severity::Warning]), "{cidr}");
        }
        for release in ["1.36", "1.37"] {
            assert_eq!(read(release, cidr), (None, vec![Severity::Error]), "{cidr}");
        }
    }
}

#[test]
fn no_release_takes_what_is_no_cidr() {
    for release in ["1.32", "1.35", "1.37"] {
        for cidr in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "0x0a.0.0.0/8"] {
            assert_eq!(read(release, cidr), (None, vec![Severity::Error]), "{release} {cidr}");
        }
    }
    assert_eq!(read("1.32", "FD00::/8"), (Some("fd00::/8".to_owned()), vec![]));
    assert_eq!(read("1.33", "FD00::/8"), (Some("fd00::/8".to_owned()), vec![Severity::Note]));
}
