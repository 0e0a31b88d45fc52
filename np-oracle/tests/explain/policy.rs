//! What is said about whole policies: what is redundant in them can go, and nothing changes.

use np_model::Model;
use np_oracle::Cluster;

use super::Counts;

pub(super) fn check(_: &Cluster, _: &Model, _: &Counts) -> Result<(), String> {
    Ok(())
}
