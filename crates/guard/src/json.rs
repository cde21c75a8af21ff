//! A look at a JSON body before it is parsed: one loop, no recursion.

use cordon_context::{Bilingual, Code, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How large the JSON of a request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JsonLimits {
    /// The deepest nesting of arrays and objects.
    pub nesting: usize,
    /// The most values.
    pub values: usize,
}

impl Default for JsonLimits {
    fn default() -> Self {
        // An order over ten thousand targets is one list of small objects.
        Self { nesting: 32, values: 60_000 }
    }
}

/// Refuses what is nested too deeply or has too many values; whether it is JSON at all is decided by the parser after it.
pub fn check(body: &[u8], limits: &JsonLimits) -> Result<(), Refusal> {
    let mut open = 0_usize;
    let mut values = 1_usize;
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(inner) = bytes.next() {
                    match inner {
                        b'\\' => {
                            bytes.next();
                        }
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b'{' | b'[' => {
                open += 1;
                values += 1;
                if open > limits.nesting {
                    return Err(refusal("body.nesting", limits.nesting));
                }
            }
            b'}' | b']' => open = open.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if values > limits.values {
            return Err(refusal("body.values", limits.values));
        }
    }
    Ok(())
}

fn refusal(rule: &'static str, limit: usize) -> Refusal {
    Refusal {
        rule: Some(rule.to_owned()),
        text: Bilingual::new(format!("请求体超出限制：{limit}"), format!("the body is beyond the limit of {limit}")),
        ..Refusal::new(Code::BadRequest)
    }
}

/// Whether the body is a JSON array, which would be a batch.
pub fn is_batch(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}
