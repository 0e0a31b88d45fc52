//! Which known name someone may have meant by one that is not known.

/// The name among `known` that `name` most likely stands for: the same but for case or a plural
/// `s`, else the one a typing error or two away.
pub(crate) fn near<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = |text: &str| text.to_ascii_lowercase().trim_end_matches('s').to_owned();
    let same = known.iter().find(|other| plain(other) == plain(name));
    same.copied().or_else(|| {
        let close = known.iter().map(|other| (distance(name, other), *other)).min()?;
        (close.0 <= 2 && close.0 * 2 < name.chars().count()).then_some(close.1)
    })
}

/// How many characters must be added, removed or changed to turn one into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, from) in from.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in to.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let known = ["podSelector", "policyTypes", "ingress", "egress"];
        assert_eq!(near("policyType", &known), Some("policyTypes"));
        assert_eq!(near("podselector", &known), Some("podSelector"));
        assert_eq!(near("ingres", &known), Some("ingress"));
        assert_eq!(near("status", &known), None);
        assert_eq!(near("", &known), None);
    }
}
