//! The details of an entry in their canonical form.

use serde::Serialize;
use serde_json::Value;

use crate::hash::{Algorithm, Hash};

/// Deeper payloads are a mistake; the limit also bounds the recursion below.
const MAX_DEPTH: usize = 32;

/// The details of what happened. They hold no personal content: ids, codes, counts and digests only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Kept in the row; the text is canonical JSON.
    Inline(CanonicalText),
    /// Kept elsewhere; only its digest, made with [`Payload::digest`], is in the row.
    Beside(Hash),
}

/// Canonical JSON text, only made by [`Payload::inline`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalText(String);

impl CanonicalText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Payload {
    /// A payload without details.
    pub fn empty() -> Self {
        Self::Inline(CanonicalText("{}".to_owned()))
    }

    /// Brings any serializable value into canonical form.
    pub fn inline(value: &impl Serialize) -> Result<Self, BadPayload> {
        let value = serde_json::to_value(value)?;
        let mut text = String::new();
        write_canonical(&value, &mut text, 0)?;
        Ok(Self::Inline(CanonicalText(text)))
    }

    /// The digest of a payload text under the algorithm of its chain.
    pub fn digest(algorithm: Algorithm, text: &str) -> Hash {
        algorithm.hash(&[b"cordon-ledger/payload/1", text.as_bytes()])
    }
}

/// Why a value cannot be a payload.
#[derive(Debug, thiserror::Error)]
pub enum BadPayload {
    /// The value cannot be written as JSON.
    #[error("the audit payload cannot be written as JSON: {0} / 审计内容无法序列化")]
    Json(#[from] serde_json::Error),
    /// Fractions have more than one spelling and are therefore refused; scale them to integers.
    #[error("the audit payload holds a fraction ({0}) / 审计内容不能包含小数")]
    Fraction(String),
    /// The value is nested too deeply.
    #[error("the audit payload is nested too deeply / 审计内容嵌套过深")]
    TooDeep,
}

fn write_canonical(value: &Value, out: &mut String, depth: usize) -> Result<(), BadPayload> {
    if depth > MAX_DEPTH {
        return Err(BadPayload::TooDeep);
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) if number.is_f64() => return Err(BadPayload::Fraction(number.to_string())),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => out.push_str(&serde_json::to_string(text)?),
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_canonical(item, out, depth + 1)?;
            }
            out.push(']');
        }
        Value::Object(map) => {
            // Sorted here and not left to the map, whose order depends on a feature that any crate can switch on.
            let mut fields: Vec<(&String, &Value)> = map.iter().collect();
            fields.sort_unstable_by(|left, right| left.0.cmp(right.0));
            out.push('{');
            for (position, (key, item)) in fields.into_iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(key)?);
                out.push(':');
                write_canonical(item, out, depth + 1)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: &Value, expected: &str) {
        match Payload::inline(value).unwrap() {
            Payload::Inline(text) => assert_eq!(text.as_str(), expected),
            Payload::Beside(_) => unreachable!("inline makes inline payloads"),
        }
    }

    #[test]
    fn keys_are_sorted_and_white_space_is_gone() {
        check(
            &json!({"b": [1, {"z": null, "a": true}], "a": "号\n\"", "B": -7}),
            r#"{"B":-7,"a":"号\n\"","b":[1,{"a":true,"z":null}]}"#,
        );
        check(&json!({}), "{}");
    }

    #[test]
    fn fractions_and_deep_nesting_are_refused() {
        assert!(matches!(Payload::inline(&json!({"rate": 0.5})), Err(BadPayload::Fraction(_))));
        let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
        assert!(matches!(Payload::inline(&deep), Err(BadPayload::TooDeep)));
    }
}
