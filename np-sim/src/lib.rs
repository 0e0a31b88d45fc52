//! np
