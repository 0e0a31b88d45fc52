//! The generator gives what was asked for, the same every time, and the same in both notations.

use np_benches::generate::{Cluster, Notation, Profile, Size};
use np_benches::{floor, verbs};
use np_model::Model;
use serde_json::Value;

fn sizes() -> [Size; 2] {
    [Size::all_distinct(120, 90, 4), Size::replicas(150, 60, 5, 25)]
}

fn model(text: String) -> Model {
    let input = verbs::load(text.into_bytes());
    assert!(input.diagnostics.is_empty(), "{:#?}", input.diagnostics);
    verbs::compile(input).expect("no errors")
}

#[test]
fn the_same_size_and_seed_give_the_same_bytes() {
    for size in sizes() {
        let (first, second) = (Cluster::new(&size), Cluster::new(&size));
        assert_eq!(first.json(), second.json());
        assert_eq!(first.yaml(), second.yaml());
        let other = Cluster::new(&Size { seed: size.seed + 1, ..size });
        assert_ne!(first.json(), other.json());
    }
}

#[test]
fn the_bytes_are_those_of_the_figures_in_the_readme() {
    // FNV-1a. A change of the generator makes old figures incomparable; measure again.
    let hash = |text: &str| {
        text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let hashes = sizes().map(|size| hash(&Cluster::new(&size).json()));
    assert_eq!(hashes, [5_253_303_835_762_992_403, 13_546_943_299_548_863_185]);
}

#[test]
fn both_notations_are_one_cluster() {
    for size in sizes() {
        let cluster = Cluster::new(&size);
        let (json, yaml) = (model(cluster.json()), model(cluster.yaml()));
        assert_eq!(json.classes().len(), yaml.classes().len());
        assert_eq!(json.pods().len(), yaml.pods().len());
        assert_eq!(verbs::matrix(&json), verbs::matrix(&yaml));
    }
}

/// Five policies change, and nothing else; what a namespace has is not given to another.
#[test]
fn as_many_policies_change_as_asked_for() {
    for size in sizes() {
        let [base, head] = [Cluster::new(&size), Cluster::new(&size).changed(5)].map(|cluster| {
            let list: Value = serde_json::from_str(&cluster.json()).expect("JSON");
            list["items"].as_array().expect("a list").clone()
        });
        assert_eq!(base.len(), head.len());
        let changed: Vec<_> = base.iter().zip(&head).filter(|(base, head)| base != head).collect();
        assert_eq!(changed.len(), 5);
        for (old, head) in changed {
            assert_eq!((&old["kind"], &old["metadata"]), (&head["kind"], &head["metadata"]));
            assert_eq!(old["kind"], "NetworkPolicy");
            let is_source = |other: &&Value| {
                other["spec"] == head["spec"]
                    && other["metadata"]["namespace"] == head["metadata"]["namespace"]
            };
            assert!(base.iter().any(|other| is_source(&other)), "{head}");
        }
    }
}

#[test]
fn files_hold_the_cluster() {
    for size in sizes() {
        let cluster = Cluster::new(&size);
        for count in [1, 7, 100] {
            let files: Vec<String> = cluster.files(count).collect();
            assert_eq!(files.len(), count);
            assert!(files.iter().all(|file| file.starts_with("apiVersion: ")));
            let all = model(files.join("---\n"));
            let one = model(cluster.yaml());
            assert_eq!(verbs::matrix(&all), verbs::matrix(&one));
        }
    }
}

#[test]
fn there_are_as_many_as_asked_for() {
    let [distinct, replicas] = sizes();
    for size in [&distinct, &replicas] {
        let model = model(Cluster::new(size).json());
        assert_eq!(model.pods().len(), size.pods);
        assert_eq!(model.rules().policies.len(), size.policies);
        assert_eq!(model.namespaces().len(), size.namespaces + 1, "and kube-system");
    }
    let owned = model(Cluster::new(&replicas).json());
    assert_eq!(owned.workloads().len(), 25 + 1, "and coredns");
    let bare = model(Cluster::new(&distinct).json());
    assert_eq!(bare.workloads().len(), 0);
    let apps: std::collections::BTreeSet<_> = bare.pods().iter().map(|pod| pod.labels.known("app")).collect();
    assert_eq!(apps.len(), 120 - 2 + 1, "and none for coredns");
}

#[test]
fn few_policies_are_the_defaults() {
    let cluster = Cluster::new(&Size::all_distinct(10, 3, 4));
    assert_eq!(model(cluster.json()).rules().policies.len(), 3);
}

#[test]
fn every_feature_is_there() {
    let text = Cluster::new(&Size::all_distinct(300, 300, 10)).json();
    let features = [
        "matchExpressions",
        "\"NotIn\"",
        "\"In\"",
        "\"Exists\"",
        "\"DoesNotExist\"",
        "endPort",
        "except",
        "\"port\": \"http\"",
        "\"UDP\"",
        "\"SCTP\"",
        "default-deny",
        "allow-dns",
    ];
    for feature in features {
        assert!(text.contains(feature), "no {feature}");
    }
}

#[test]
fn matrix_and_query_have_something_to_do() {
    let model = model(Cluster::new(&sizes()[1]).json());
    let summary = verbs::matrix(&model);
    assert_eq!(summary.pairs(), 26 * 26);
    assert_eq!(summary.unknown, 0);
    assert!(summary.allowed > 0 && summary.denied > 0 && summary.partial > 0, "{summary:?}");
    let pods = u64::try_from(model.pods().len()).unwrap();
    assert_eq!(verbs::summary(&model).pairs(), pods * (pods - 1));
    let asked = verbs::asked();
    assert!(verbs::pairs(&model, 50).iter().all(|pair| verbs::query(&model, pair, &asked).is_some()));
}

#[test]
fn the_floor_reads_all_objects() {
    for size in sizes() {
        let text = Cluster::new(&size).json();
        let list = floor::read(text.as_bytes()).unwrap();
        assert_eq!(list.items.len(), size.pods + size.policies + size.namespaces + 1);
        assert!(list.items.iter().all(|object| !object.metadata.name.is_empty()));
    }
}

/// Whether `whole` has everything that `part` has: of maps, more keys; of lists, the same items.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| holds(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| holds(whole, part))
        }
        _ => whole == part,
    }
}

#[test]
fn what_kubectl_prints_is_the_same_cluster_with_more_in_it() {
    for size in sizes() {
        let cluster = Cluster::new(&size);
        let mut text = Vec::new();
        cluster.write(Notation::KubectlYaml, &mut text).unwrap();
        let printed: Value = serde_yaml::from_slice(&text).unwrap();
        let plain: Value = serde_json::from_str(&cluster.json()).unwrap();
        assert!(holds(&printed, &plain));
        let objects = plain["items"].as_array().unwrap().len();
        let with_managers = |object: &&Value| object["metadata"]["managedFields"].is_array();
        let managed = printed["items"].as_array().unwrap().iter().filter(with_managers).count();
        assert_eq!(managed, objects);
        assert!(text.len() > 2 * cluster.yaml().len(), "most of it is passed over");
    }
}

#[test]
fn only_policies_that_namespaces_start_with_are_left_out() {
    for cluster in sizes().map(Profile::Uniform).into_iter().chain([Profile::Real]).map(|it| Cluster::of(&it))
    {
        let objects = |cluster: &Cluster| -> Vec<Value> {
            let list: Value = serde_json::from_str(&cluster.json()).unwrap();
            list["items"].as_array().unwrap().clone()
        };
        let all = objects(&cluster);
        let dns = |object: &&Value| object["metadata"]["name"] == "allow-dns";
        assert!(all.iter().any(|object| dns(&object)));
        let others: Vec<Value> = all.iter().filter(|object| !dns(object)).cloned().collect();
        let cluster = cluster.without_dns();
        assert_eq!(objects(&cluster), others);
        let deny = |object: &Value| object["metadata"]["name"] == "default-deny";
        let open: Vec<Value> = others.into_iter().filter(|object| !deny(object)).collect();
        assert_eq!(objects(&cluster.open()), open);
    }
}

#[test]
fn profiles_are_read_as_they_are_documented() {
    assert_eq!("real".parse(), Ok(Profile::Real));
    assert_eq!("10/3/4".parse(), Ok(Profile::Uniform(Size::all_distinct(10, 3, 4))));
    assert_eq!("10/3/4/5".parse(), Ok(Profile::Uniform(Size::replicas(10, 3, 4, 5))));
    for wrong in ["", "10", "10/3", "10/3/x", "1/2/3/4/5", "-1/3/4", "Real"] {
        assert!(wrong.parse::<Profile>().is_err(), "{wrong}");
    }
}
