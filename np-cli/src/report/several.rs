//! Lists of names in sentences: the first few, and how many more there are.

/// The first `most` names and a count of the rest, such as `a, b and 3 more`; nothing for none.
pub(crate) fn several<T: AsRef<str>>(names: &[T], most: usize) -> Option<String> {
    let shown = names.iter().take(most).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        _ if names.is_empty() => None,
        0 => Some(shown),
        more => Some(format!("{shown} and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use super::several;

    #[test]
    fn names_and_a_count() {
        assert_eq!(several::<&str>(&[], 2), None);
        assert_eq!(several(&["a", "b"], 2).as_deref(), Some("a, b"));
        assert_eq!(several(&["a", "b", "c"], 2).as_deref(), Some("a, b and 1 more"));
    }
}
