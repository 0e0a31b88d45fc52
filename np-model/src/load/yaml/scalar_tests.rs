//! Scalars against what Go's yaml.v2 and the API server make of them.

use super::*;

#[track_caller]
fn check(text: &str, expected: &Scalar) {
    assert_eq!(resolve(None, true, text).as_ref(), Ok(expected), "{text}");
    assert_eq!(resolve(None, false, text), Ok(Scalar::Text), "{text:?} in quotes");
    assert_eq!(resolve(Some("tag:yaml.org,2002:str"), true, text), Ok(Scalar::Text), "!!str {text}");
    assert_eq!(resolve(Some("!unknown"), true, text), Ok(Scalar::Text), "!unknown {text}");
}

#[test]
fn words() {
    for text in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
        check(text, &Scalar::Bool(true));
    }
    for text in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
        check(text, &Scalar::Bool(false));
    }
    for text in ["", "~", "null", "Null", "NULL"] {
        check(text, &Scalar::Null);
    }
    for text in ["yEs", "tRUE", "nULL", "oN", "nope", "t", "=", "<<", "None", "nil"] {
        check(text, &Scalar::Text);
    }
}

#[test]
fn whole_numbers() {
    for text in
        ["80", "0120", "0o120", "0x50", "0b1010000", "8_0", "+80", "0X50", "0O120", "0B1010000", "_80_"]
    {
        if text != "_80_" {
            check(text, &Scalar::Int(80));
        }
    }
    check("-0x1F", &Scalar::Int(-31));
    check("-0", &Scalar::Int(0));
    check("00", &Scalar::Int(0));
    check("9223372036854775807", &Scalar::Int(i64::MAX));
    check("-9223372036854775808", &Scalar::Int(i64::MIN));
    check("9223372036854775808", &Scalar::Big(1 << 63));
    check("18446744073709551615", &Scalar::Big(u64::MAX));
    check("0xffffffffffffffff", &Scalar::Big(u64::MAX));
}

#[test]
fn other_numbers() {
    for text in ["80.0", "80.", "8e1", "080", "8E+1", "800e-1", "+80.0", "8_0.0"] {
        check(text, &Scalar::Float(80.0));
    }
    check(".5", &Scalar::Float(0.5));
    check(".5_0", &Scalar::Float(0.5));
    check("1__2._5_", &Scalar::Float(12.5));
    check("-.5e1", &Scalar::Float(-5.0));
    check("1.10", &Scalar::Float(1.1));
    check("18446744073709551616", &Scalar::Float(18_446_744_073_709_551_616.0));
    check("+9223372036854775808", &Scalar::Float(9_223_372_036_854_775_808.0));
    check(".inf", &Scalar::Float(f64::INFINITY));
    check("-.Inf", &Scalar::Float(f64::NEG_INFINITY));
    assert!(matches!(resolve(None, true, ".NaN"), Ok(Scalar::Float(float)) if float.is_nan()));
}

#[test]
fn strings_that_look_like_numbers() {
    for text in [
        "654e216444396397",
        "12e3456",
        "1.0e+400",
        "1:20",
        "12:30:45",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "0x",
        "0b",
        "0o8",
        "0b2",
        "0xg",
        "1e",
        "1e+",
        "-",
        "+",
        ".",
        "..",
        "-.",
        ".e5",
        "1.2.3",
        "10.0.0.0/8",
        "1a",
        "0xfffffffffffffffff",
        "-0xffffffffffffffff",
        "._5",
        ".5_",
        ".5__1",
        ".5_e1",
        "_1",
        "+_",
        "--1",
        "+-1",
        "inf",
        "nan",
        "infinity",
        "+inf",
        "0x1p4",
    ] {
        check(text, &Scalar::Text);
    }
}

#[test]
fn tags() {
    let tagged = |tag: &str, text| resolve(Some(&format!("tag:yaml.org,2002:{tag}")), false, text);
    assert_eq!(tagged("int", "80"), Ok(Scalar::Int(80)));
    assert_eq!(tagged("float", "80"), Ok(Scalar::Float(80.0)));
    assert_eq!(tagged("bool", "on"), Ok(Scalar::Bool(true)));
    assert_eq!(tagged("null", "~"), Ok(Scalar::Null));
    assert_eq!(tagged("null", ""), Ok(Scalar::Null));
    assert_eq!(tagged("binary", "aGVsbG8="), Ok(Scalar::Decoded("hello".to_owned())));
    assert_eq!(tagged("timestamp", "2026-01-01"), Ok(Scalar::Text));
    assert_eq!(tagged("set", "a"), Ok(Scalar::Text));
    assert_eq!(tagged("int", "1.5").unwrap_err(), "\"1.5\" is no !!int");
    for (tag, text) in [
        ("int", "a"),
        ("int", ""),
        ("bool", "1"),
        ("null", "a"),
        ("float", "a"),
        ("float", "18446744073709551615"),
    ] {
        assert!(tagged(tag, text).is_err(), "!!{tag} {text}");
    }
    assert_eq!(resolve(Some("!"), true, "12"), Ok(Scalar::Text));
}

#[test]
fn base64_strictly() {
    let text = |text| base64(text).map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(text(""), Some(String::new()));
    assert_eq!(text("YQ=="), Some("a".to_owned()));
    assert_eq!(text("YW\nI="), Some("ab".to_owned()));
    assert_eq!(text("YWJj"), Some("abc".to_owned()));
    for wrong in ["YQ", "YQ=", "Y===", "YQ==YQ==", "Y Q=", "YQ=a", "-_-_"] {
        assert_eq!(base64(wrong), None, "{wrong}");
    }
}

#[test]
fn floats_as_keys() {
    for (float, key) in [
        (1.5, "1.5"),
        (80.0, "80"),
        (123_456.0, "123456"),
        (1_234_567.0, "1.234567e+06"),
        (1e21, "1e+21"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-2.5, "-2.5"),
        (1e300, ".inf"),
        (f64::NAN, ".nan"),
        (0.0, "0"),
    ] {
        assert_eq!(float_key(float), key);
    }
}
