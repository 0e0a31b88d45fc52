//! What is measured, and what it may cost on two cores of a cloud machine.

use np_benches::generate::Notation;

/// A cluster in a notation.
#[derive(Debug)]
pub(crate) struct Row {
    /// What command lines call it.
    pub(crate) name: &'static str,
    /// The profile of the cluster.
    pub(crate) profile: &'static str,
    pub(crate) notation: Notation,
    pub(crate) targets: Targets,
}

/// The most that a row should cost.
#[derive(Debug)]
pub(crate) struct Targets {
    /// Of work as a multiple of parsing.
    pub(crate) ratio: Option<f64>,
    /// Of the whole process.
    pub(crate) milliseconds: u32,
    /// Of the whole process, in millions of bytes.
    pub(crate) megabytes: Option<u32>,
}

/// A row from JSON.
const fn json(name: &'static str, profile: &'static str, targets: (f64, u32, u32)) -> Row {
    let (ratio, milliseconds, megabytes) = targets;
    let targets = Targets { ratio: Some(ratio), milliseconds, megabytes: Some(megabytes) };
    Row { name, profile, notation: Notation::Json, targets }
}

/// A row from YAML, where time is all that counts.
const fn yaml(name: &'static str, profile: &'static str, notation: Notation, milliseconds: u32) -> Row {
    Row { name, profile, notation, targets: Targets { ratio: None, milliseconds, megabytes: None } }
}

/// Every row.
pub(crate) static ALL: &[Row] = &[
    json("1k", "1000/300/10", (1.0, 20, 15)),
    json("10k", "10000/1000/50", (1.0, 130, 50)),
    json("10k-replicas", "10000/1000/50/800", (0.4, 90, 40)),
    json("real", "real", (1.25, 180, 90)),
    json("100k-replicas", "100000/10000/500/5000", (0.75, 700, 350)),
    json("100k", "100000/10000/500", (2.5, 2_200, 500)),
    yaml("1k-yaml", "1000/300/10", Notation::Yaml, 60),
    yaml("10k-kubectl", "10000/1000/50/800", Notation::KubectlYaml, 600),
];

impl Row {
    /// What the cluster is, and in what notation.
    pub(crate) fn what(&self) -> String {
        let notation = match self.notation {
            Notation::Json => "JSON",
            Notation::Yaml => "YAML",
            Notation::KubectlYaml => "kubectl's YAML",
        };
        format!("{}, {notation}", self.profile)
    }
}

/// The row of this name.
pub(crate) fn named(name: &str) -> Result<&'static Row, String> {
    ALL.iter().find(|row| row.name == name).ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|row| row.name).collect();
        format!("rows are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use np_benches::generate::Profile;

    use super::*;

    #[test]
    fn every_row_has_a_profile_and_a_name_of_its_own() {
        for row in ALL {
            assert!(row.profile.parse::<Profile>().is_ok(), "{}", row.profile);
            assert!(std::ptr::eq(named(row.name).unwrap(), row), "{} is the name of two", row.name);
        }
        assert!(named("1k ").unwrap_err().contains("10k-kubectl"));
    }
}
