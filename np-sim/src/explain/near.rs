//! Whether a name is much like another, so that one was probably written for the other.

use strsim::osa_distance;

/// How much two different texts are alike: the less, the more; `None` if they are not.
///
/// Alike are texts that differ in case, hyphens, dots and underscores alone (0), that a typing error or two tells
/// apart, given their length (1 and 2), or of which one starts or ends the other (3).
pub(super) fn alike(a: &str, b: &str) -> Option<u32> {
    let plain = |text: &str| -> String {
        let is_letter = |character: &char| character.is_alphanumeric();
        text.chars().filter(is_letter).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (plain(a), plain(b));
    let (shorter, longer) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if shorter.is_empty() {
        return None;
    }
    if a == b {
        return Some(0);
    }
    let distance = match longer.len() - shorter.len() {
        0..=2 => osa_distance(&a, &b),
        _ => usize::MAX,
    };
    let is_swapped = a.chars().rev().eq(b.chars());
    match distance {
        1 if longer.len() >= 3 || is_swapped => Some(1),
        2 if longer.len() >= 6 => Some(2),
        _ => {
            let is_part = longer.starts_with(shorter.as_str()) || longer.ends_with(shorter.as_str());
            (shorter.len() >= 3 && is_part).then_some(3)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn what_is_taken_for_the_same_name() {
        for (a, b, expected) in [
            ("front-end", "frontend", Some(0)),
            ("Web", "web", Some(0)),
            ("frontend", "fronted", Some(1)),
            ("frontend", "forntend", Some(1)),
            ("db", "dbs", Some(1)),
            ("db", "bd", Some(1)),
            ("frontend", "fornted", Some(2)),
            ("prod", "production", Some(3)),
            ("app", "k8s-app", Some(3)),
            ("web", "api", None),
            ("db", "dc", None),
            ("cache", "queue", None),
            ("", "a", None),
            ("-", "-.", None),
        ] {
            assert_eq!(alike(a, b), expected, "{a} {b}");
            assert_eq!(alike(b, a), expected, "{b} {a}");
        }
    }
}
