//! What travels with every call between services.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Actor, Proof, Timestamp};

/// A W3C trace context, as a `traceparent` header carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    trace: u128,
    span: u64,
}

impl Trace {
    /// Starts a new trace.
    pub fn start() -> Self {
        Self { trace: rand::random::<u128>().max(1), span: rand::random::<u64>().max(1) }
    }

    /// A new span in the same trace.
    #[must_use]
    pub fn child(self) -> Self {
        Self { trace: self.trace, span: rand::random::<u64>().max(1) }
    }

    /// The trace identifier, by which a person finds the log lines of a request.
    pub fn trace_id(self) -> String {
        format!("{:032x}", self.trace)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.trace, self.span)
    }
}

impl FromStr for Trace {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let hex = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        let mut parts = text.split('-');
        match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("00"), Some(trace), Some(span), Some(flags), None)
                if hex(trace, 32) && hex(span, 16) && hex(flags, 2) =>
            {
                let trace = u128::from_str_radix(trace, 16).map_err(|_source| ())?;
                let span = u64::from_str_radix(span, 16).map_err(|_source| ())?;
                if trace == 0 || span == 0 { Err(()) } else { Ok(Self { trace, span }) }
            }
            _ => Err(()),
        }
    }
}

/// A key under which an organisation asks for one effect, however often it sends the request: 8 to 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let fits = (8..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

impl<'de> Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|()| serde::de::Error::custom("not an idempotency key"))
    }
}

/// The first parameter of every method of every service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallContext {
    /// Who asks; the receiving service decides again what they may.
    pub actor: Actor,
    /// When the answer is of no use any more.
    pub deadline: Timestamp,
    /// Under which trace.
    pub trace: Trace,
    /// Under which key the effect is asked for once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<IdempotencyKey>,
    /// Whether the request behind the call was shown to be the actor's own words.
    pub proof: Proof,
}

impl CallContext {
    /// A call by a job of the platform, with half a minute to answer.
    pub fn system(reason: &'static str, now: Timestamp) -> Self {
        Self {
            actor: Actor::system(reason),
            deadline: now.plus(std::time::Duration::from_secs(30)),
            trace: Trace::start(),
            idempotency_key: None,
            proof: Proof::NotOwed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traceparent_round_trips_and_broken_ones_are_refused() {
        let trace = Trace::start();
        assert_eq!(trace.to_string().parse::<Trace>(), Ok(trace));
        for broken in [
            "",
            "00-0-0-00",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        ] {
            assert!(broken.parse::<Trace>().is_err(), "{broken}");
        }
    }

    #[test]
    fn idempotency_keys_have_a_length_and_an_alphabet() {
        assert!("0123456789".parse::<IdempotencyKey>().is_ok());
        for broken in ["short", "has space in it", "汉字汉字汉字汉字", &"x".repeat(129)] {
            assert!(broken.parse::<IdempotencyKey>().is_err(), "{broken}");
        }
    }
}
