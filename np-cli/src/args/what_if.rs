//! What to change before answering: the same for every command that answers questions.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use np_model::selector::{Requirement, Selector};

/// What is changed, in this order.
#[derive(Debug, Default, Args)]
pub(crate) struct WhatIfArgs {
    /// As if these manifests were applied: a file, a folder or - for stdin; repeatable
    #[arg(long, help_heading = "What if", value_name = "PATH")]
    pub(crate) with: Vec<PathBuf>,
    /// As if it were deleted: ns/netpol/NAME, ns/pod/NAME, ns/deploy/NAME, namespace/NAME; repeatable
    #[arg(long, help_heading = "What if", value_name = "OBJECT")]
    pub(crate) without: Vec<String>,
    /// As if it were labelled, or no longer (KEY-): ns/deploy/web=app=api, namespace/shop=team-; repeatable
    #[arg(long, help_heading = "What if", value_name = "OBJECT=KEY=VALUE")]
    pub(crate) label: Vec<LabelChange>,
}

/// A label to be set or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LabelChange {
    /// What has it: a pod, a workload for its pods, or a namespace.
    pub(crate) object: String,
    pub(crate) key: String,
    /// `None` takes it away.
    pub(crate) value: Option<String>,
}

impl WhatIfArgs {
    /// Whether anything is changed.
    pub(crate) fn is_asked(&self) -> bool {
        !(self.with.is_empty() && self.without.is_empty() && self.label.is_empty())
    }

    /// Whether stdin is read for manifests.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.with.iter().any(|path| path.as_os_str() == "-")
    }
}

impl FromStr for LabelChange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = "write OBJECT=KEY=VALUE, or OBJECT=KEY- to take a label away";
        let (object, label) = text.split_once('=').filter(|(object, _)| !object.is_empty()).ok_or(form)?;
        let (key, value) = match label.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (label.strip_suffix('-').ok_or(form)?, None),
        };
        // A label is what a selector for just this asks for: not `app!=web`, nor two at once.
        let value_asked = value.unwrap_or_default();
        let asked = format!("{key}={value_asked}").parse::<Selector>();
        let is_this = Selector::new([Requirement::In(key.to_owned(), [value_asked.to_owned()].into())]);
        if asked.ok() != Some(is_this) {
            return Err(format!("`{label}` is no label: {form}"));
        }
        if key == "kubernetes.io/metadata.name" {
            return Err(format!("the API server sets the label {key} itself, to the name of the namespace"));
        }
        Ok(Self { object: object.to_owned(), key: key.to_owned(), value: value.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::LabelChange;

    #[test]
    fn labels_are_set_and_taken_away_as_kubectl_does() {
        let change = |object: &str, key: &str, value: Option<&str>| LabelChange {
            object: object.to_owned(),
            key: key.to_owned(),
            value: value.map(str::to_owned),
        };
        let read = |text: &str| text.parse::<LabelChange>();
        assert_eq!(read("a/deploy/b=app=web"), Ok(change("a/deploy/b", "app", Some("web"))));
        assert_eq!(read("a/deploy/b=x.io/app="), Ok(change("a/deploy/b", "x.io/app", Some(""))));
        assert_eq!(read("namespace/a=team-"), Ok(change("namespace/a", "team", None)));
        for wrong in [
            "a/b",
            "a/b=app",
            "=app=web",
            "a/b==web",
            "a/b=a b=c",
            "a/b=app=a=b",
            "a/b=-",
            "a/b=app!=web",
            "a/b=a=b,c=d",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(read("namespace/a=kubernetes.io/metadata.name=b").is_err());
    }
}
