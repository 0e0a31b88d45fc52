//! New texts from old ones: bytes are changed, pieces moved, and tokens put in that mean something
//! to YAML, JSON, policies or questions.

use crate::dice::Dice;

/// What most texts are kept below; a rare one is blown up beyond it.
const USUAL: usize = 8 * 1024;

/// What no text grows beyond.
const LARGEST: usize = 128 * 1024;

const TOKENS: &[&str] = &[
    "\n",
    "\n  ",
    "\n- ",
    "- ",
    ": ",
    ":",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "|",
    "|+\n",
    ">-\n ",
    "# c",
    "&x ",
    "*x",
    "<<: ",
    "!!str ",
    "!!binary ",
    "!",
    "? ",
    "\n---\n",
    "\n--- a",
    "\n...\n",
    "%YAML 1.1\n",
    "%TAG ! b\n",
    "~",
    "null",
    "yes",
    "no",
    "1",
    "-1",
    "0",
    "0x1f",
    "1e999",
    "65536",
    "9223372036854775808",
    ".inf",
    "\t",
    "\r\n",
    "\r",
    "\\",
    "\\x4",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "ü",
    "🎉",
    "\u{1b}[31m",
    "{}",
    "[]",
    "[null]",
    "/",
    "-",
    "=",
    "!=",
    " in (",
    " notin (",
    "!a",
    "(",
    ")",
    "v4:",
    "tcp/",
    "udp/53",
    "all",
    "80",
    "1-65535",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "::/0",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "010.1.1.1/33",
    "x/web",
    "external",
    "internet",
    "node/n1",
    "apiVersion: v1\n",
    "apiVersion: networking.k8s.io/v1\n",
    "kind: NetworkPolicy\n",
    "kind: List\n",
    "kind: Pod\n",
    "items:\n",
    "metadata:\n  name: a\n",
    "spec:\n",
    "podSelector:",
    "namespaceSelector:",
    "matchLabels:",
    "matchExpressions:",
    "key: a",
    "operator: In",
    "operator: Exists",
    "values: [a]",
    "ingress:",
    "egress:",
    "from:",
    "to:",
    "ports:",
    "port: 80",
    "endPort: 90",
    "protocol: UDP",
    "ipBlock:",
    "cidr: 10.0.0.0/8",
    "except:",
    "policyTypes: [Egress]",
    "hostNetwork: true",
    "generateName: a-",
    "\"kind\":\"Pod\"",
    "\"items\":[",
    "\"\\ud800\"",
];

/// Changes a text in up to eight places.
pub fn mutate(dice: &mut Dice, text: &mut Vec<u8>, others: &[Vec<u8>]) {
    for _ in 0..=dice.roll(8) {
        let at = dice.roll(text.len() + 1);
        match dice.roll(12) {
            0 => flip(dice, text, at),
            1 => insert(text, at, &[u8::try_from(dice.roll(256)).unwrap_or(0)]),
            2 => drop(text.drain(piece(dice, text.len(), 16))),
            3 => drop(text.drain(piece(dice, text.len(), 256))),
            4 | 5 => splice(dice, text, at, others),
            6 => lines(dice, text),
            7 if dice.roll(50) == 0 => blow_up(dice, text),
            8 => {
                let copy = text[piece(dice, text.len(), 64)].to_vec();
                insert(text, at, &copy);
            }
            _ => {
                let token = dice.pick(TOKENS).copied().unwrap_or_default();
                insert(text, at, token.as_bytes());
            }
        }
        text.truncate(LARGEST);
    }
    if text.len() > USUAL && dice.roll(20) != 0 {
        text.truncate(USUAL);
    }
}

fn flip(dice: &mut Dice, text: &mut [u8], at: usize) {
    if let Some(byte) = text.get_mut(at) {
        *byte ^= 1 << dice.roll(8);
    }
}

fn insert(text: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    text.splice(at..at, bytes.iter().copied());
}

/// A range of a text, of at most `longest` bytes.
fn piece(dice: &mut Dice, length: usize, longest: usize) -> std::ops::Range<usize> {
    let start = dice.roll(length + 1);
    let end = start + dice.roll(longest.min(length - start) + 1);
    start..end
}

/// Puts a piece of another text in.
fn splice(dice: &mut Dice, text: &mut Vec<u8>, at: usize, others: &[Vec<u8>]) {
    if let Some(other) = dice.pick(others) {
        let range = piece(dice, other.len(), 1_024);
        insert(text, at, &other[range]);
    }
}

/// Copies, drops or indents a line.
fn lines(dice: &mut Dice, text: &mut Vec<u8>) {
    let mut all: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let at = dice.roll(all.len());
    let Some(line) = all.get(at).cloned() else { return };
    match dice.roll(4) {
        0 => drop(all.remove(at)),
        1 => all[at].splice(0..0, b"  ".iter().copied()).for_each(drop),
        2 => drop(all[at].drain(..line.len().min(2))),
        _ => all.insert(dice.roll(all.len() + 1), line),
    }
    *text = all.concat();
}

/// Repeats a piece very often: what takes more than linear time shows.
fn blow_up(dice: &mut Dice, text: &mut Vec<u8>) {
    let range = piece(dice, text.len(), 64);
    let at = range.end;
    let repeated = text[range].repeat(dice.roll(4_096));
    insert(text, at, &repeated);
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, mutate};
    use crate::dice::Dice;

    #[test]
    fn the_same_seed_gives_the_same_texts() {
        let run = |seed| {
            let (mut dice, mut text) = (Dice::new(seed), b"a: 1\nb: [2]\n".to_vec());
            for _ in 0..1_000 {
                mutate(&mut dice, &mut text, &[b"other".to_vec()]);
                assert!(text.len() <= LARGEST);
            }
            text
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}
