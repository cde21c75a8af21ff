//! Logins, passwords, names and reasons: what is accepted, and how a name is masked.

use cordon_context::{Bilingual, Refusal};

/// The shortest password, in bytes.
pub(crate) const SHORTEST_PASSWORD: usize = 12;
/// The longest password, in bytes; hashing costs the same for all, but nobody shall send megabytes.
pub(crate) const LONGEST_PASSWORD: usize = 128;

/// A login in its normal form, or `None` if nobody can have it.
pub(crate) fn login(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (3..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| text.to_ascii_lowercase())
}

/// Whether a password can be somebody's at all; checked before anything is hashed.
pub(crate) fn is_password(text: &str) -> bool {
    (SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&text.len())
}

/// Whether a password may be taken into use.
pub(crate) fn new_password(new: &str, login: &str) -> Result<(), Refusal> {
    let refuse = |rule: &'static str, zh: &'static str, en: &'static str| {
        Err(Refusal::invalid("new", rule, Bilingual::new(zh, en)))
    };
    if !is_password(new) {
        return refuse("password.length", "密码长度须为 12 至 128 字节", "a password has 12 to 128 bytes");
    }
    if new.to_lowercase().contains(login) {
        return refuse("password.contains_login", "密码不得包含登录名", "a password must not contain the login");
    }
    let mut letters: Vec<char> = new.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 5 {
        return refuse(
            "password.too_simple",
            "密码须至少包含 5 个不同字符",
            "a password has at least five different characters",
        );
    }
    Ok(())
}

/// Trims a text and checks that it has between `shortest` and `longest` characters and no control characters.
pub(crate) fn text(field: &'static str, value: &str, shortest: usize, longest: usize) -> Result<String, Refusal> {
    let value = value.trim();
    let length = value.chars().count();
    if length < shortest || length > longest || value.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            field,
            "text.length",
            Bilingual::new(
                format!("须为 {shortest} 至 {longest} 个字符，且不含控制字符"),
                format!("must have {shortest} to {longest} characters and no control characters"),
            ),
        ));
    }
    Ok(value.to_owned())
}

/// Keeps the first character of a name and hides how long the rest is.
pub(crate) fn masked(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}**"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_normal_or_refused() {
        assert_eq!(login(" Chen.Handler "), Some("chen.handler".to_owned()));
        for broken in ["", "ab", ".dot", "has space", "汉字登录名", "a@b.c", &"x".repeat(65)] {
            assert_eq!(login(broken), None, "{broken}");
        }
    }

    #[test]
    fn passwords_have_a_length_in_bytes_and_some_variety() {
        assert!(is_password("correct horse battery"));
        assert!(!is_password("short"));
        assert!(!is_password(&"长".repeat(43)));
        assert!(new_password("四个汉字再加几个字母abc", "chen").is_ok());
        for (weak, rule) in [
            ("aaaaaaaaaaaaaa", "password.too_simple"),
            ("my.name.is.Chen.Handler", "password.contains_login"),
            ("elevenbytes", "password.length"),
        ] {
            assert_eq!(new_password(weak, "chen.handler").unwrap_err().rule.as_deref(), Some(rule));
        }
    }

    #[test]
    fn masks_hide_the_length_of_a_name() {
        assert_eq!(masked("陈示例"), "陈**");
        assert_eq!(masked("欧阳某某"), "欧**");
        assert_eq!(masked(""), "");
    }
}
