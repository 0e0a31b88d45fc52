//! Where things stand, in every style, counted by hand.

use super::*;

/// Where values stand: paths like `a.b[0]` in the first document, `2:a` in the second; `#` behind
/// a path means its key.
#[track_caller]
fn check_places(text: &str, expected: &[(&str, &str)]) {
    let read = read(text);
    assert_eq!(read.problems, [], "{text}");
    for (path, place) in expected {
        assert_eq!(read.place(path), *place, "{path} in {text}");
    }
}

#[test]
fn places_in_block_style() {
    check_places(
        "# first\napiVersion: v1\nspec:\n  list:\n  -   a\n  - b: 'c'\n    d:\n      - \"e\"\n  empty:\n  text: |\n    x\n",
        &[
            ("", "2:1"),
            ("apiVersion#", "2:1"),
            ("apiVersion", "2:13"),
            ("spec#", "3:1"),
            ("spec", "4:3"),
            ("spec.list", "5:3"),
            ("spec.list[0]", "5:7"),
            ("spec.list[1]", "6:5"),
            ("spec.list[1].b", "6:8"),
            ("spec.list[1].d", "8:7"),
            ("spec.list[1].d[0]", "8:9"),
            ("spec.empty#", "9:3"),
            ("spec.empty", "9:9"),
            ("spec.text", "10:9"),
        ],
    );
}

#[test]
fn places_in_flow_style() {
    check_places(
        "a: {b: [c, \"d\",\n  {e: f}]}",
        &[
            ("a", "1:4"),
            ("a.b#", "1:5"),
            ("a.b", "1:8"),
            ("a.b[0]", "1:9"),
            ("a.b[1]", "1:12"),
            ("a.b[2]", "2:3"),
            ("a.b[2].e", "2:7"),
        ],
    );
}

#[test]
fn places_behind_anchors_and_tags() {
    check_places(
        "a: &x b\nc: !!str &y 'd'\ne: &z\n  # f\n  g: &é h\ni: *z\nj: &m !!seq\n- k\nl: &n [o]\np:\n  <<: *z\n  q: &r\n"
            .replace('é', "e")
            .as_str(),
        &[
            ("a", "1:7"),
            ("c", "2:13"),
            ("e", "5:3"),
            ("e.g", "5:9"),
            ("i", "5:3"),
            ("i.g", "5:9"),
            ("j", "8:1"),
            ("j[0]", "8:3"),
            ("l", "9:7"),
            ("l[0]", "9:8"),
            ("p", "11:3"),
            ("p.g#", "5:3"),
            ("p.g", "5:9"),
            ("p.q", "12:6"),
        ],
    );
}

#[test]
fn places_in_several_documents_beyond_ascii() {
    check_places(
        "\u{feff}ä: ö # ü\n--- # ß\né: 🎉\nm: [🎉, 'x']\n---\r\n{\"ñ\": [\"ö\",\r\n 2]}\r\n",
        &[
            ("1:ä#", "1:1"),
            ("1:ä", "1:4"),
            ("2:é#", "3:1"),
            ("2:é", "3:4"),
            ("2:m[0]", "4:5"),
            ("2:m[1]", "4:8"),
            ("3:", "6:1"),
            ("3:ñ#", "6:2"),
            ("3:ñ", "6:7"),
            ("3:ñ[0]", "6:8"),
            ("3:ñ[1]", "7:2"),
        ],
    );
    // A byte order mark is one at the start of a text only; elsewhere it is a character.
    check_places("{\"a\": \"\u{feff}\", \"b\": 1}", &[("a", "1:7"), ("b#", "1:12"), ("b", "1:17")]);
    check_places("a: 1\r\nb:\r\n  - c\r\n", &[("b#", "2:1"), ("b[0]", "3:5")]);
    check_places("a: '!b, !c,'\nd: [e, f]\n", &[("a", "1:4"), ("d[0]", "2:5"), ("d[1]", "2:8")]);
}
