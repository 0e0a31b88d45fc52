//! `ports[]`: numbers, names, ranges and protocols.

use super::{Type, port, spec};

#[test]
fn numbers_and_names_of_ports() {
    for number in ["1", "65535", "0x50", "\"a\"", "a-1", "a23456789012345", "1a", "~"] {
        port(&format!("{{port: {number}}}"), &[]);
    }
    for wrong in [
        "0",
        "-1",
        "65536",
        "2147483647",
        "-2147483648",
        "\"\"",
        "\"80\"",
        "\"0\"",
        "a234567890123456",
        "a--b",
        "-a",
        "a-",
        "A",
        "a_b",
        "a.b",
        "\"a b\"",
        "é",
    ] {
        port(&format!("{{port: {wrong}}}"), &["P.port Invalid"]);
    }
    for wrong in ["2147483648", "80.5", "true", "[80]", "{}"] {
        spec(&format!("ingress: [{{ports: [{{port: {wrong}}}]}}]"), &Type);
    }
}

#[test]
fn ranges_of_ports() {
    port("{port: 80, endPort: 80}", &[]);
    port("{port: 1, endPort: 65535}", &[]);
    port("{port: 80, endPort: ~}", &[]);
    port("{port: ~, endPort: ~}", &[]);
    port("{port: 80, endPort: 79}", &["P.endPort Invalid"]);
    port("{port: 80, endPort: 65536}", &["P.endPort Invalid"]);
    port("{port: 80, endPort: 0}", &["P.endPort Invalid"]);
    port("{port: 0, endPort: 80}", &["P.port Invalid"]);
    port("{port: 0, endPort: 0}", &["P.port Invalid", "P.endPort Invalid"]);
    port("{port: 65536, endPort: 65535}", &["P.port Invalid", "P.endPort Invalid"]);
    port("{port: 65536, endPort: 65536}", &["P.port Invalid", "P.endPort Invalid"]);
    // Neither a name nor nothing has an end; that it is out of range is then not looked at.
    port("{port: http, endPort: 80}", &["P.endPort Invalid"]);
    port("{port: \"80\", endPort: 90}", &["P.port Invalid", "P.endPort Invalid"]);
    port("{endPort: 80}", &["P.endPort Invalid"]);
    port("{port: ~, endPort: 0, protocol: TCP}", &["P.endPort Invalid"]);
    for wrong in ["\"80\"", "http", "80.5", "true", "2147483648"] {
        spec(&format!("ingress: [{{ports: [{{port: 1, endPort: {wrong}}}]}}]"), &Type);
    }
}

#[test]
fn protocols() {
    for protocol in ["TCP", "UDP", "SCTP", "~"] {
        port(&format!("{{protocol: {protocol}}}"), &[]);
    }
    for wrong in ["tcp", "Udp", "\"\"", "ICMP", "\"TCP \"", "\"*\"", "\"6\"", "Any"] {
        port(&format!("{{protocol: {wrong}}}"), &["P.protocol NotSupported"]);
    }
    port(
        "{protocol: tcp, port: 0, endPort: 70000}",
        &["P.protocol NotSupported", "P.port Invalid", "P.endPort Invalid"],
    );
    spec("ingress: [{ports: [{protocol: 6}]}]", &Type);
}
