//! NetworkPolicy v1 (`networking.k8s.io`).
