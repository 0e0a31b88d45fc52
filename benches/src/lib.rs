//! The synthetic clusters that np is measured on.
