//! Answers as bytes: one renderer per format. They see np-sim's results and np-model's diagnostics,
//! and whatever they write has been cleaned of what could harm a terminal or a spreadsheet.

pub(crate) mod answer;
pub(crate) mod changes;
pub(crate) mod clean;
pub(crate) mod csv;
pub(crate) mod diagnostic;
pub(crate) mod diff;
mod doubt;
mod excerpt;
pub(crate) mod explain;
pub(crate) mod exposure;
pub(crate) mod finding;
pub(crate) mod fix;
pub(crate) mod grid;
pub(crate) mod json;
mod line;
mod members;
pub(crate) mod ndjson;
pub(crate) mod notes;
pub(crate) mod paint;
pub(crate) mod places;
pub(crate) mod proof;
mod reason;
mod service;
pub(crate) mod several;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod text;
mod token;
pub(crate) mod validation;
mod wrap;
pub(crate) mod yaml;
