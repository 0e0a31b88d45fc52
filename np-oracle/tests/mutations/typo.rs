//! Slips of the finger in a word, and words that people take for another: mistakes in labels as they happen.

use super::random::Random;

/// A kind of slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slip {
    Deletion,
    Insertion,
    Swap,
    Substitution,
    /// A dash more, a dash less, or an underscore for it.
    Dash,
    /// One or many.
    Plural,
}

impl Slip {
    const ALL: [Self; 6] =
        [Self::Deletion, Self::Insertion, Self::Swap, Self::Substitution, Self::Dash, Self::Plural];

    fn name(self) -> &'static str {
        match self {
            Self::Deletion => "a letter missing",
            Self::Insertion => "a letter too many",
            Self::Swap => "two letters swapped",
            Self::Substitution => "another letter",
            Self::Dash => "a dash",
            Self::Plural => "one or many",
        }
    }

    fn apply(self, random: &mut Random, word: &str) -> Option<String> {
        let mut letters: Vec<char> = word.chars().collect();
        let any_letter =
            |random: &mut Random| char::from(b'a' + u8::try_from(random.below(26)).expect("a letter"));
        match self {
            Self::Deletion => {
                letters.remove(random.below(letters.len()));
            }
            Self::Insertion => {
                let letter = any_letter(random);
                letters.insert(random.below(letters.len() + 1), letter);
            }
            Self::Swap => {
                let at = random.below(letters.len().checked_sub(1).filter(|count| *count > 0)?);
                letters.swap(at, at + 1);
            }
            Self::Substitution => {
                let at = random.below(letters.len());
                letters[at] = any_letter(random);
            }
            Self::Dash => match letters.iter().position(|letter| *letter == '-') {
                Some(at) if random.percent(50) => letters[at] = '_',
                Some(at) => {
                    letters.remove(at);
                }
                None => letters
                    .insert(1 + random.below(letters.len().checked_sub(1).filter(|count| *count > 0)?), '-'),
            },
            Self::Plural if letters.last() == Some(&'s') => {
                letters.pop();
            }
            Self::Plural => letters.push('s'),
        }
        Some(letters.into_iter().collect())
    }
}

/// The word with one slip that makes another word of it which a label may have, and what slip that is.
pub(crate) fn slip(random: &mut Random, word: &str) -> Option<(String, &'static str)> {
    if word.is_empty() {
        return None;
    }
    for _ in 0..20 {
        let slip = random.pick(&Slip::ALL);
        if let Some(other) = slip.apply(random, word).filter(|other| other != word && is_label(other)) {
            return Some((other, slip.name()));
        }
    }
    None
}

/// The key with a slip in its name, or another key that people use for the same.
pub(crate) fn other_key(random: &mut Random, key: &str) -> Option<(String, &'static str)> {
    let customs: &[&str] = match key {
        "app" => &["app.kubernetes.io/name", "k8s-app", "name"],
        "app.kubernetes.io/name" => &["app", "name", "app.kubernetes.io/instance"],
        "app.kubernetes.io/component" => &["component", "tier"],
        "k8s-app" => &["app", "app.kubernetes.io/name"],
        "name" => &["app", "kubernetes.io/metadata.name"],
        "tier" => &["component", "role"],
        "kubernetes.io/metadata.name" => &["name", "kubernetes.io/name", "metadata.name"],
        "environment" => &["env", "stage"],
        "env" => &["environment"],
        "team" => &["owner"],
        _ => &[],
    };
    if !customs.is_empty() && random.percent(50) {
        return Some((random.pick(customs).to_owned(), "another custom"));
    }
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let (name, how) = slip(random, name)?;
    Some((prefix.map_or_else(|| name.clone(), |prefix| format!("{prefix}/{name}")), how))
}

/// Whether an API server takes it for the value of a label, or for the name of a key.
fn is_label(word: &str) -> bool {
    let ends = word.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && word.ends_with(|letter: char| letter.is_ascii_alphanumeric());
    ends && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
}
