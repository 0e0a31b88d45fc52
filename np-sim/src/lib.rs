//! Questions over a [`np_model::Model`], answered as plain data.
//!
//! ```text
//!   endpoint   what a question names: a pod, a workload, a namespace, a node, addresses
//!   reach      one pair: what passes, what is open, what is blocked, and who decided it
//!   explain    one pair with the evidence: rules that match, and rules that nearly do
//!   ask        very many questions about one port of one pair of pods, the verdict alone
//!   service    which endpoints a Service means, and its ports as theirs
//!   admit      what a class admits of pods that the input does not show
//!   entry      what leads to pods from outside the cluster, who sends it, and whether it arrives
//!   exposure   what is open to and from the internet, namespaces, and who could come to get in
//!   axis       who stands in the rows and columns of a matrix
//!   matrix     all pairs, on classes, expanded when read
//!   summary    how many pairs there are of each verdict, without looking at them
//!   diff       what two models answer differently, in groups that change alike
//!   cause      which changes of the input bring a difference about
//!   review     the difference as a reviewer reads it: few lines, the riskiest first
//!   graph      the matrix as a petgraph, for paths and components
//! ```
//!
//! A connection passes if the egress of its source and the ingress of its destination allow it.
//! Unknown facts leave part of it *open*; nothing is guessed.

pub mod admit;
mod alike;
mod ask;
pub mod axis;
mod blocks;
pub mod cause;
pub mod diff;
pub mod endpoint;
pub mod entry;
pub mod explain;
pub mod exposure;
pub mod fix;
pub mod graph;
pub mod matrix;
mod members;
pub mod reach;
pub mod review;
mod rows;
pub mod service;
pub mod summary;
mod verdict;

pub use ask::Asker;
pub use axis::{By, Externals, axis, externals};
pub use diff::{Difference, diff};
pub use endpoint::{Destination, Endpoint, FindError, Finder, Object};
pub use entry::{Controllers, Entry, entries};
pub use explain::{Explanation, explain};
pub use exposure::{Exposure, exposure};
pub use fix::{Aim, Fix, fixes};
pub use matrix::Matrix;
pub use reach::{Reach, reach};
pub use review::{Review, review};
pub use service::Services;
pub use summary::{Summary, summary, summary_on};
pub use verdict::{Outcome, Verdict};
