//! What is signed, and how it is checked.

use std::time::Duration;

use crate::{SigningKey, VerifyingKey};

/// The header that names the message; the same on every attempt.
pub const HEADER_ID: &str = "webhook-id";
/// The header with the seconds since 1970 at which this attempt was made.
pub const HEADER_TIMESTAMP: &str = "webhook-timestamp";
/// The header with one signature per key, separated by spaces.
pub const HEADER_SIGNATURE: &str = "webhook-signature";

/// How far a message's time may lie from the receiver's clock.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// More signatures than anybody needs are not worth the work of checking them.
const MOST_SIGNATURES: usize = 16;

/// A message id that would make the signed text ambiguous.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a message id is 1 to 256 visible ASCII characters without a full stop / 消息编号须为不含句点的可见 ASCII 字符"
)]
pub struct InvalidMessageId;

/// The three headers of a signed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeaders {
    /// For [`HEADER_ID`].
    pub id: String,
    /// For [`HEADER_TIMESTAMP`].
    pub timestamp: String,
    /// For [`HEADER_SIGNATURE`].
    pub signature: String,
}

/// Signs raw bytes with every key, in the given order; `seconds` is the time of this attempt since 1970.
pub fn sign(keys: &[SigningKey], id: &str, seconds: i64, body: &[u8]) -> Result<SignedHeaders, InvalidMessageId> {
    if !is_message_id(id) {
        return Err(InvalidMessageId);
    }
    let timestamp = seconds.to_string();
    let signed = signed_parts(id, &timestamp, body);
    let signature = keys.iter().map(|key| key.signature(&signed)).collect::<Vec<_>>().join(" ");
    Ok(SignedHeaders { id: id.to_owned(), timestamp, signature })
}

/// The headers of a message as they arrived.
#[derive(Clone, Copy, Debug, Default)]
pub struct Received<'a> {
    /// From [`HEADER_ID`].
    pub id: Option<&'a str>,
    /// From [`HEADER_TIMESTAMP`].
    pub timestamp: Option<&'a str>,
    /// From [`HEADER_SIGNATURE`].
    pub signature: Option<&'a str>,
}

/// Why a message is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// A header is missing or malformed.
    #[error("a webhook header is missing or malformed / 缺少 webhook 头或格式错误")]
    Malformed,
    /// The time lies too far in the past or in the future.
    #[error("the message is not fresh / 消息时间超出允许范围")]
    Stale,
    /// No signature fits any key.
    #[error("no signature fits / 签名不匹配")]
    Forged,
}

/// Checks a message against every key that is accepted now, and gives its id.
pub fn verify<'a>(
    keys: &[VerifyingKey],
    received: Received<'a>,
    body: &[u8],
    now_seconds: i64,
    tolerance: Duration,
) -> Result<&'a str, Rejected> {
    let (Some(id), Some(timestamp), Some(signatures)) = (received.id, received.timestamp, received.signature) else {
        return Err(Rejected::Malformed);
    };
    // A sign, a blank or a leading zero would be another text with the same meaning.
    let canonical = timestamp.bytes().all(|byte| byte.is_ascii_digit()) && !timestamp.starts_with('0');
    let seconds: i64 = timestamp.parse().ok().filter(|_| canonical).ok_or(Rejected::Malformed)?;
    if !is_message_id(id) {
        return Err(Rejected::Malformed);
    }
    if now_seconds.abs_diff(seconds) > tolerance.as_secs() {
        return Err(Rejected::Stale);
    }
    let signed = signed_parts(id, timestamp, body);
    let fits = signatures
        .split(' ')
        .take(MOST_SIGNATURES)
        .filter_map(|signature| signature.split_once(','))
        .any(|(version, signature)| keys.iter().any(|key| key.accepts(version, signature, &signed)));
    if fits { Ok(id) } else { Err(Rejected::Forged) }
}

fn signed_parts<'a>(id: &'a str, timestamp: &'a str, body: &'a [u8]) -> [&'a [u8]; 5] {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body]
}

fn is_message_id(id: &str) -> bool {
    (1..=256).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.')
}
