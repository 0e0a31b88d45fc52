//! The floor: what reading the same bytes costs at the least.
//!
//! Plain serde_json into a slim structure that borrows its text: names, labels, ports, addresses
//! and the shape of policies, without checks, places, or any use of them. Times are given as
//! multiples of this, which holds on machines of any speed. **Frozen**: a change here would make
//! figures from before and after it incomparable.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// A List of namespaces, pods and policies.
#[derive(Debug, Deserialize)]
pub struct List<'t> {
    /// Its objects.
    #[serde(borrow)]
    pub items: Vec<Object<'t>>,
}

/// An object of any kind.
#[derive(Debug, Deserialize)]
pub struct Object<'t> {
    /// Its kind.
    pub kind: &'t str,
    /// What it is called.
    #[serde(borrow)]
    pub metadata: Metadata<'t>,
    /// What is wanted.
    #[serde(borrow, default)]
    pub spec: Spec<'t>,
    /// What is.
    #[serde(borrow, default)]
    pub status: Status<'t>,
}

/// What an object is called.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata<'t> {
    /// Its name.
    pub name: &'t str,
    /// Its namespace, if its kind has one.
    #[serde(default)]
    pub namespace: Option<&'t str>,
    /// Its labels.
    #[serde(borrow, default)]
    pub labels: Labels<'t>,
    /// Who made it.
    #[serde(borrow, default)]
    pub owner_references: Vec<Owner<'t>>,
}

/// Who made an object.
#[derive(Debug, Deserialize)]
pub struct Owner<'t> {
    /// The owner's kind.
    pub kind: &'t str,
    /// The owner's name.
    pub name: &'t str,
}

/// The fields of the specs of pods and of policies.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spec<'t> {
    /// A pod's node.
    pub node_name: Option<&'t str>,
    /// Whether a pod shares its node's network.
    pub host_network: bool,
    /// A pod's containers.
    #[serde(borrow)]
    pub containers: Vec<Container<'t>>,
    /// Whom a policy selects.
    #[serde(borrow)]
    pub pod_selector: Option<Selector<'t>>,
    /// The directions of a policy.
    #[serde(borrow)]
    pub policy_types: Vec<&'t str>,
    /// Its rules for ingress.
    #[serde(borrow)]
    pub ingress: Vec<Rule<'t>>,
    /// Its rules for egress.
    #[serde(borrow)]
    pub egress: Vec<Rule<'t>>,
}

/// A container.
#[derive(Debug, Deserialize)]
pub struct Container<'t> {
    /// Its ports.
    #[serde(borrow, default)]
    pub ports: Vec<ContainerPort<'t>>,
}

/// A port of a container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPort<'t> {
    /// Its name.
    #[serde(default)]
    pub name: Option<&'t str>,
    /// Its number.
    pub container_port: u16,
    /// Its protocol.
    #[serde(default)]
    pub protocol: Option<&'t str>,
}

/// The state of a pod.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status<'t> {
    /// Its phase.
    pub phase: Option<&'t str>,
    /// Its addresses.
    #[serde(borrow, rename = "podIPs")]
    pub pod_ips: Vec<Address<'t>>,
}

/// An address of a pod.
#[derive(Debug, Deserialize)]
pub struct Address<'t> {
    /// As text.
    pub ip: &'t str,
}

/// A rule of a policy.
#[derive(Debug, Deserialize)]
pub struct Rule<'t> {
    /// With whom.
    #[serde(borrow, default, alias = "from", alias = "to")]
    pub peers: Vec<Peer<'t>>,
    /// On what.
    #[serde(borrow, default)]
    pub ports: Vec<Port<'t>>,
}

/// An item of a rule's peers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Peer<'t> {
    /// Which pods.
    #[serde(borrow, default)]
    pub pod_selector: Option<Selector<'t>>,
    /// Which namespaces.
    #[serde(borrow, default)]
    pub namespace_selector: Option<Selector<'t>>,
    /// Which addresses.
    #[serde(borrow, default)]
    pub ip_block: Option<Block<'t>>,
}

/// A block of addresses.
#[derive(Debug, Deserialize)]
pub struct Block<'t> {
    /// All of them.
    pub cidr: &'t str,
    /// But for these.
    #[serde(borrow, default)]
    pub except: Vec<&'t str>,
}

/// A label selector.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selector<'t> {
    /// Labels that must be there.
    #[serde(borrow, default)]
    pub match_labels: Labels<'t>,
    /// Conditions that must hold.
    #[serde(borrow, default)]
    pub match_expressions: Vec<Expression<'t>>,
}

/// A condition of a selector.
#[derive(Debug, Deserialize)]
pub struct Expression<'t> {
    /// The label's key.
    pub key: &'t str,
    /// What is asked of it.
    pub operator: &'t str,
    /// With which values.
    #[serde(borrow, default)]
    pub values: Vec<&'t str>,
}

/// A port of a rule.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port<'t> {
    /// Its protocol.
    #[serde(default)]
    pub protocol: Option<&'t str>,
    /// Its number or name.
    #[serde(borrow, default)]
    pub port: Option<PortRef<'t>>,
    /// The last number of a range.
    #[serde(default)]
    pub end_port: Option<u16>,
}

/// Which port a rule means.
#[derive(Debug)]
pub enum PortRef<'t> {
    /// By number.
    Number(u16),
    /// By name.
    Name(&'t str),
}

/// Labels, in the order of the text.
#[derive(Debug, Default)]
pub struct Labels<'t>(pub Vec<(&'t str, &'t str)>);

/// Reads a List.
///
/// # Errors
/// If it is not JSON, or not of the shape that the generator gives it; among others, no text may
/// have escapes.
pub fn read(json: &[u8]) -> Result<List<'_>, serde_json::Error> {
    serde_json::from_slice(json)
}

impl<'de: 't, 't> Deserialize<'de> for PortRef<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrName;

        impl<'de> Visitor<'de> for NumberOrName {
            type Value = PortRef<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("the number or the name of a port")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                u16::try_from(number).map(PortRef::Number).map_err(E::custom)
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(PortRef::Name(name))
            }
        }

        deserializer.deserialize_any(NumberOrName)
    }
}

impl<'de: 't, 't> Deserialize<'de> for Labels<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Labels<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a map of labels")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut labels = Vec::new();
                while let Some(label) = map.next_entry()? {
                    labels.push(label);
                }
                Ok(Labels(labels))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
