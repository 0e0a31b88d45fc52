//! Made-up clusters as teams keep them: namespaces of a team and an environment, workloads labelled in one of
//! several ways, Services that lead to other ports, and who is meant to talk to whom.
//!
//! Names resemble each other as they do in practice (`orders` and `order-worker`, `shop` and `shop-staging`), so that
//! a mistake has neighbours that nearly match too.

use np_oracle::Protocol;

use std::collections::BTreeMap;

use super::random::Random;

pub(crate) type Labels = BTreeMap<String, String>;

/// A cluster before it has policies.
#[derive(Debug)]
pub(crate) struct Estate {
    pub(crate) spaces: Vec<Space>,
    pub(crate) crews: Vec<Crew>,
    pub(crate) flows: Vec<Flow>,
    /// Whether it is a dump with pods that have addresses, or a repository with workloads.
    pub(crate) is_live: bool,
}

/// A namespace.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    pub(crate) has_object: bool,
    /// The namespace that it is a copy of, with the same workloads and policies.
    pub(crate) copy_of: Option<usize>,
}

/// A workload.
#[derive(Debug, Clone)]
pub(crate) struct Crew {
    pub(crate) space: usize,
    pub(crate) name: String,
    /// The first names the workload; the others are what it has in common with others.
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) ports: Vec<Port>,
    copy_of: Option<usize>,
}

/// A port that a workload listens on.
#[derive(Debug, Clone)]
pub(crate) struct Port {
    pub(crate) name: &'static str,
    pub(crate) number: u16,
    pub(crate) protocol: Protocol,
    /// The port of the Service that leads here, if there is one.
    pub(crate) service: Option<u16>,
}

/// Who is meant to reach whom.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub(crate) from: Side,
    pub(crate) to: Side,
    pub(crate) protocol: Protocol,
    pub(crate) number: u16,
    pub(crate) name: Option<&'static str>,
}

/// One side of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// A workload.
    Crew(usize),
    /// An address outside, and the block that it is known by.
    Outside(&'static str, &'static str),
}

/// What a workload may be: its name, its tier, and the ports of the kind that it is.
type Role = (&'static str, &'static str, Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Web,
    Api,
    Grpc,
    Worker,
    Postgres,
    MySql,
    Redis,
    Queue,
    Metrics,
    Controller,
}

const ROLES: [Role; 26] = [
    ("frontend", "frontend", Kind::Web),
    ("web", "frontend", Kind::Web),
    ("storefront", "frontend", Kind::Web),
    ("admin-ui", "frontend", Kind::Web),
    ("api", "backend", Kind::Api),
    ("api-gateway", "backend", Kind::Api),
    ("backend", "backend", Kind::Api),
    ("orders", "backend", Kind::Api),
    ("order-worker", "worker", Kind::Worker),
    ("order-history", "backend", Kind::Grpc),
    ("payments", "backend", Kind::Grpc),
    ("payment-worker", "worker", Kind::Worker),
    ("cart", "backend", Kind::Api),
    ("catalog", "backend", Kind::Grpc),
    ("catalog-sync", "worker", Kind::Worker),
    ("auth", "backend", Kind::Grpc),
    ("user-service", "backend", Kind::Api),
    ("email-worker", "worker", Kind::Worker),
    ("search", "backend", Kind::Api),
    ("postgres", "data", Kind::Postgres),
    ("db", "data", Kind::Postgres),
    ("orders-db", "data", Kind::Postgres),
    ("mysql", "data", Kind::MySql),
    ("redis", "data", Kind::Redis),
    ("cache", "data", Kind::Redis),
    ("rabbitmq", "data", Kind::Queue),
];

const APPLICATIONS: [&str; 8] =
    ["shop", "payments", "checkout", "web-portal", "data-platform", "identity", "logistics", "backend"];

const TEAMS: [&str; 3] = ["checkout", "growth", "core-services"];

/// Addresses outside, and the blocks that people write for them.
const OUTSIDE: [(&str, &str); 7] = [
    ("203.0.113.25", "203.0.113.0/24"),
    ("198.51.100.7", "198.51.100.0/26"),
    ("192.0.2.40", "192.0.2.32/27"),
    ("172.20.3.9", "172.20.0.0/16"),
    ("52.94.236.248", "52.94.0.0/16"),
    ("151.101.1.140", "0.0.0.0/0"),
    ("192.168.40.12", "192.168.40.0/24"),
];

impl Estate {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let mut estate =
            Self { spaces: Vec::new(), crews: Vec::new(), flows: Vec::new(), is_live: random.percent(50) };
        estate.add_platform(random);
        let mut names = APPLICATIONS;
        random.shuffle(&mut names);
        let has_staging = random.percent(40);
        for (at, name) in names.into_iter().take(2 + random.below(2)).enumerate() {
            let suffix = random.pick(&["", "", "-prod"]);
            estate.add_application(random, &format!("{name}{suffix}"), "production", at);
            if at == 0 && has_staging {
                estate.add_staging(random, &format!("{name}-staging"), at);
            }
        }
        estate.add_flows(random);
        estate.add_flows_of_copies();
        estate
    }

    /// A copy of the namespace that was added last, with the same workloads.
    fn add_staging(&mut self, random: &mut Random, name: &str, at: usize) {
        let original = self.spaces.len() - 1;
        let space = self.add_space(random, name, TEAMS[at], "staging");
        self.spaces[space].copy_of = Some(original);
        let here: Vec<usize> =
            (0..self.crews.len()).filter(|crew| self.crews[*crew].space == original).collect();
        for crew in here {
            let Crew { name, mut labels, ports, .. } = self.crews[crew].clone();
            for (key, value) in &mut labels {
                if key == "app.kubernetes.io/part-of" {
                    value.clone_from(&self.spaces[space].name);
                }
            }
            self.crews.push(Crew { space, name, labels, ports, copy_of: Some(crew) });
        }
    }

    /// Within a copy the same talk to each other, and the same others come.
    fn add_flows_of_copies(&mut self) {
        let copy = |side: Side| match side {
            Side::Crew(at) => self.crews.iter().position(|crew| crew.copy_of == Some(at)).map(Side::Crew),
            Side::Outside(..) => None,
        };
        let copied = |flow: &Flow| {
            let (from, to) = (copy(flow.from), copy(flow.to));
            let is_copied = from.is_some() || to.is_some();
            is_copied.then(|| Flow {
                from: from.unwrap_or(flow.from),
                to: to.unwrap_or(flow.to),
                ..flow.clone()
            })
        };
        let more: Vec<Flow> = self.flows.iter().filter_map(copied).collect();
        self.flows.extend(more);
    }

    /// The namespaces that every cluster has.
    fn add_platform(&mut self, random: &mut Random) {
        let labels = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
        let dns = self.add_space(random, "kube-system", "platform", "production");
        let port = |protocol| Port { name: "dns", number: 53, protocol, service: Some(53) };
        let (name, ports) = ("coredns".to_owned(), vec![port(Protocol::Udp), port(Protocol::Tcp)]);
        self.crews.push(Crew {
            space: dns,
            name,
            labels: labels("k8s-app", "kube-dns"),
            ports,
            copy_of: None,
        });
        let of_kind = |kind, random: &mut Random| ports_of(kind, random);
        let monitoring = self.add_space(random, "monitoring", "observability", "production");
        let ports = of_kind(Kind::Metrics, random);
        let name = "prometheus".to_owned();
        self.crews.push(Crew {
            space: monitoring,
            labels: labels("app.kubernetes.io/name", &name),
            name,
            ports,
            copy_of: None,
        });
        let ingress = self.add_space(random, "ingress-nginx", "platform", "production");
        let ports = of_kind(Kind::Controller, random);
        let name = "ingress-nginx-controller".to_owned();
        let mut both = labels("app.kubernetes.io/name", "ingress-nginx");
        both.extend(labels("app.kubernetes.io/component", "controller"));
        self.crews.push(Crew { space: ingress, labels: both, name, ports, copy_of: None });
    }

    fn add_space(&mut self, random: &mut Random, name: &str, team: &str, environment: &str) -> usize {
        let mut labels = Labels::new();
        let mut add = |key: &str, value: &str| labels.insert(key.to_owned(), value.to_owned());
        match random.below(4) {
            0 => {
                add("team", team);
                add("environment", environment);
            }
            1 => {
                add("name", name);
            }
            2 => {
                add("env", environment);
                add("owner", team);
                add("pod-security.kubernetes.io/enforce", "restricted");
            }
            _ => {}
        }
        // As `kubectl get` shows it.
        if self.is_live || random.percent(30) {
            add("kubernetes.io/metadata.name", name);
        }
        let has_object = self.is_live || random.percent(90);
        self.spaces.push(Space { name: name.to_owned(), labels, has_object, copy_of: None });
        self.spaces.len() - 1
    }

    fn add_application(&mut self, random: &mut Random, name: &str, environment: &str, at: usize) {
        let space = self.add_space(random, name, TEAMS[at], environment);
        let dialect = random.below(5);
        let mut roles = ROLES;
        random.shuffle(&mut roles);
        let count = 4 + random.below(4);
        for (name, tier, kind) in roles.into_iter().take(count) {
            let labels = labels_of(random, dialect, name, tier, &self.spaces[space].name);
            let ports = ports_of(kind, random);
            self.crews.push(Crew { space, name: name.to_owned(), labels, ports, copy_of: None });
        }
    }

    fn add_flows(&mut self, random: &mut Random) {
        for to in (0..self.crews.len()).filter(|crew| self.crews[*crew].copy_of.is_none()).collect::<Vec<_>>()
        {
            let ports = self.crews[to].ports.clone();
            for port in ports.iter().filter(|port| port.number != 53) {
                for from in self.clients(random, to, port) {
                    let name = Some(port.name);
                    self.flows.push(Flow {
                        from,
                        to: Side::Crew(to),
                        protocol: port.protocol,
                        number: port.number,
                        name,
                    });
                }
            }
            if random.percent(25) {
                let (address, block) = random.pick(&OUTSIDE);
                let (number, protocol) =
                    random.pick(&[(443, Protocol::Tcp), (5432, Protocol::Tcp), (123, Protocol::Udp)]);
                let to_outside = Side::Outside(address, block);
                self.flows.push(Flow { from: Side::Crew(to), to: to_outside, protocol, number, name: None });
            }
        }
    }

    /// Who uses a port.
    fn clients(&self, random: &mut Random, server: usize, port: &Port) -> Vec<Side> {
        let own = self.crews[server].space;
        if port.name == "metrics" {
            let prometheus = self.crews.iter().position(|crew| crew.name == "prometheus");
            return prometheus.filter(|crew| *crew != server).map(Side::Crew).into_iter().collect();
        }
        let mut clients = Vec::new();
        let controller = self.crews.iter().position(|crew| crew.name == "ingress-nginx-controller");
        let is_web = self.crews[server].ports.iter().any(|port| port.name == "http");
        if let Some(controller) = controller.filter(|crew| is_web && *crew != server && random.percent(50)) {
            clients.push(Side::Crew(controller));
        }
        let neighbours: Vec<usize> =
            (0..self.crews.len()).filter(|crew| *crew != server && self.crews[*crew].space == own).collect();
        for _ in 0..=random.below(3) {
            clients.extend(random.one_of(&neighbours).copied().map(Side::Crew));
        }
        if random.percent(30) {
            // Those of the platform are not at home in another's database.
            let elsewhere: Vec<usize> = (3..self.crews.len())
                .filter(|crew| self.crews[*crew].space != own && self.crews[*crew].copy_of.is_none())
                .collect();
            clients.extend(random.one_of(&elsewhere).copied().map(Side::Crew));
        }
        if random.percent(15) {
            let (address, block) = random.pick(&OUTSIDE);
            clients.push(Side::Outside(address, block));
        }
        let mut seen = Vec::new();
        clients.retain(|client| {
            !seen.contains(client) && {
                seen.push(*client);
                true
            }
        });
        clients
    }

    pub(crate) fn space_of(&self, crew: usize) -> &Space {
        &self.spaces[self.crews[crew].space]
    }
}

fn labels_of(
    random: &mut Random,
    dialect: usize,
    name: &str,
    tier: &str,
    space: &str,
) -> Vec<(String, String)> {
    let version = random.pick(&["v1", "v1", "v2", "1.4.2"]);
    let labels: &[(&str, &str)] = match dialect {
        0 => &[("app", name), ("tier", tier)],
        1 => &[
            ("app.kubernetes.io/name", name),
            ("app.kubernetes.io/component", tier),
            ("app.kubernetes.io/part-of", space),
        ],
        2 => &[("app", name), ("component", tier), ("version", version)],
        3 => &[("k8s-app", name), ("role", tier)],
        _ => &[("name", name), ("tier", tier), ("app.kubernetes.io/managed-by", "Helm")],
    };
    labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn ports_of(kind: Kind, random: &mut Random) -> Vec<Port> {
    let tcp = |name, number, service| Port { name, number, protocol: Protocol::Tcp, service };
    let metrics = |number| tcp("metrics", number, None);
    let mut ports = match kind {
        Kind::Web => vec![tcp("http", random.pick(&[8080, 3000, 8000]), Some(80))],
        Kind::Api => {
            vec![tcp("http", random.pick(&[8080, 8081, 8443, 5000]), Some(random.pick(&[80, 8080])))]
        }
        Kind::Grpc => vec![tcp("grpc", random.pick(&[50051, 9000]), Some(random.pick(&[50051, 443])))],
        Kind::Worker => vec![],
        Kind::Postgres => vec![tcp("postgres", 5432, Some(random.pick(&[5432, 5432, 5433])))],
        Kind::MySql => vec![tcp("mysql", 3306, Some(3306))],
        Kind::Redis => vec![tcp("redis", 6379, Some(random.pick(&[6379, 6380])))],
        Kind::Queue => vec![tcp("amqp", 5672, Some(5672)), tcp("management", 15672, Some(80))],
        Kind::Metrics => vec![tcp("web", 9090, Some(random.pick(&[80, 9090])))],
        Kind::Controller => vec![tcp("http", 8080, Some(80)), tcp("https", 8443, Some(443))],
    };
    if random.percent(30) && kind != Kind::Metrics {
        ports.push(metrics(random.pick(&[9090, 9102, 9113])));
    }
    ports
}
