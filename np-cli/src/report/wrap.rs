//! Text in lines that fit.

/// The narrowest column that words are wrapped in.
const NARROWEST: usize = 24;

/// The text in lines of at most `width` characters, as far as its words allow; as it is without a width.
pub(super) fn wrap(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width.map(|width| width.max(NARROWEST)) else { return vec![text.to_owned()] };
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn words_stay_whole() {
        let text = "wants app=front-end; shop/deploy/frontend has app=frontend";
        assert_eq!(wrap(text, None), [text]);
        assert_eq!(wrap(text, Some(200)), [text]);
        let lines = ["wants app=front-end;", "shop/deploy/frontend has", "app=frontend"];
        assert_eq!(wrap(text, Some(3)), lines, "never narrower than words need");
        assert_eq!(wrap("", Some(30)), [""]);
    }
}
