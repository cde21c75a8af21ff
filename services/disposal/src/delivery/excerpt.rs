//! What of an answer may be kept.

/// The longest excerpt, in characters.
const LONGEST: usize = 200;

/// A run of this many digits may be a number of a person.
const SUSPICIOUS_RUN: usize = 5;

/// The beginning of an answer as the log may keep it: one line of printable characters, with longer runs of digits hidden,
/// also where blanks or hyphens cut them up.
pub(crate) fn excerpt(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let mut line = String::new();
    for word in text.split(|character: char| character.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    // Cut after hiding, so that the cut does not make a run look shorter than it is.
    let hidden: String = hide_digits(line.trim()).chars().take(LONGEST).collect();
    (!hidden.is_empty()).then_some(hidden)
}

fn hide_digits(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut hidden = String::with_capacity(text.len());
    let mut run: Vec<char> = Vec::new();
    let flush = |run: &mut Vec<char>, hidden: &mut String| {
        let suspicious = run.iter().filter(|character| character.is_numeric()).count() >= SUSPICIOUS_RUN;
        hidden
            .extend(run.drain(..).map(|character| if suspicious && character.is_numeric() { '*' } else { character }));
    };
    for character in characters {
        let joins = matches!(character, ' ' | '-' | '.' | '(' | ')' | '+' | '/');
        if character.is_numeric() || (joins && !run.is_empty()) {
            run.push(character);
        } else {
            flush(&mut run, &mut hidden);
            hidden.push(character);
        }
    }
    flush(&mut run, &mut hidden);
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_do_not_reach_the_log() {
        for (body, expected) in [
            ("code 500", "code 500"),
            ("number 13800138000 is unknown", "number *********** is unknown"),
            ("138-0013-8000", "***-****-****"),
            ("+86 138 0013 8000 x", "+** *** **** **** x"),
            ("１３８００１３８０００", "***********"),
            ("a\r\nb\tc\u{0}", "a b c"),
            ("{\"error\":\"签名错误\"}", "{\"error\":\"签名错误\"}"),
        ] {
            assert_eq!(excerpt(body.as_bytes()).unwrap(), expected);
        }
        assert_eq!(excerpt(b""), None);
        assert_eq!(excerpt(b"\r\n"), None);
        assert_eq!(excerpt(&[b'x'; 4_000]).unwrap().len(), LONGEST);
        let cut = format!("{}13800138000", "x".repeat(LONGEST - 3));
        assert!(!excerpt(cut.as_bytes()).unwrap().contains('1'));
    }
}
