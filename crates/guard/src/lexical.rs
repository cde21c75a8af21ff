//! The first pass: bytes, nesting and tokens, counted in one loop without recursion.

use cordon_context::{Code, Refusal};

use super::{DocumentLimits, too_much};

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) tokens: usize,
    /// The deepest nesting of brackets of any kind.
    pub(super) nesting: usize,
}

/// Counts, and refuses at the first limit that is passed. What the grammar calls a string or a comment counts as one token
/// or none, whatever brackets it holds.
pub(super) fn measure(text: &str, limits: &DocumentLimits) -> Result<Measured, Refusal> {
    if text.len() > limits.bytes {
        return Err(too_much("bytes", limits.bytes));
    }
    let mut rest = text.as_bytes();
    let mut measured = Measured::default();
    let mut open = 0_usize;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b' ' | b'\t' | b',' | b'\r' | b'\n' => after,
            // The byte-order mark is white space to the grammar.
            0xEF if after.starts_with(&[0xBB, 0xBF]) => after.get(2..).unwrap_or_default(),
            b'#' => skip_comment(after),
            b'"' => {
                measured.tokens += 1;
                skip_string(after)?
            }
            b'{' | b'[' | b'(' => {
                measured.tokens += 1;
                open += 1;
                measured.nesting = measured.nesting.max(open);
                after
            }
            b'}' | b']' | b')' => {
                measured.tokens += 1;
                open = open.checked_sub(1).ok_or_else(|| Refusal::new(Code::GraphqlParseFailed))?;
                after
            }
            b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                measured.tokens += 1;
                let word = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                after.get(word..).unwrap_or_default()
            }
            _ => {
                measured.tokens += 1;
                after
            }
        };
        if measured.nesting > limits.nesting {
            return Err(too_much("nesting", limits.nesting));
        }
        if measured.tokens > limits.tokens {
            return Err(too_much("tokens", limits.tokens));
        }
    }
    if open == 0 { Ok(measured) } else { Err(Refusal::new(Code::GraphqlParseFailed)) }
}

fn skip_comment(text: &[u8]) -> &[u8] {
    let length = text.iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
    text.get(length..).unwrap_or_default()
}

/// Skips the rest of a string whose first quotation mark was read.
fn skip_string(text: &[u8]) -> Result<&[u8], Refusal> {
    let unterminated = || Refusal::new(Code::GraphqlParseFailed);
    if let Some(mut block) = text.strip_prefix(b"\"\"") {
        loop {
            if let Some(after) = block.strip_prefix(b"\"\"\"") {
                return Ok(after);
            }
            let step = if block.starts_with(b"\\\"\"\"") { 4 } else { 1 };
            block = block.get(step..).filter(|_rest| !block.is_empty()).ok_or_else(unterminated)?;
        }
    }
    let mut rest = text;
    loop {
        rest = match rest.split_first() {
            Some((b'"', after)) => return Ok(after),
            Some((b'\\', [_escaped, after @ ..])) => after,
            Some((b'\\' | b'\r' | b'\n', _)) | None => return Err(unterminated()),
            Some((_, after)) => after,
        };
    }
}

/// Cuts a message of the parser, which may quote the document, to one short line.
pub(super) fn clip(message: &str) -> String {
    let line: String = message.lines().filter(|line| line.contains('=')).collect::<Vec<_>>().join(" ");
    let line = if line.is_empty() { message.lines().next().unwrap_or_default().to_owned() } else { line };
    line.chars().filter(|character| !character.is_control()).take(200).collect()
}
