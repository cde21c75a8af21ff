//! Whether a request was shown to be the words of whoever sends it.

use serde::{Deserialize, Serialize};

use crate::{Bilingual, Refusal};

/// What is known of a request's signature. A program that has entered a public key signs the raw bytes of each request that
/// changes something; what is not signed, or not by its key, changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// No signature is asked of this caller: a person, a job, or a program without a key.
    NotOwed,
    /// It was signed with a key of the program, and is fresh.
    Signed,
    /// A signature is owed and there is none.
    Missing,
    /// The headers of the signature are malformed.
    Malformed,
    /// It was signed too long ago, or in the future.
    Stale,
    /// The signature fits no key of the program, or the body was changed after it was signed.
    Forged,
}

impl Proof {
    /// Why nothing may be changed by the request, if that is so.
    pub fn refusal(self) -> Option<Refusal> {
        let (rule, zh, en) = match self {
            Self::NotOwed | Self::Signed => return None,
            Self::Missing => ("signature.missing", "请求未签名", "the request is not signed"),
            Self::Malformed => {
                ("signature.malformed", "请求签名头格式错误", "the headers of the signature are malformed")
            }
            Self::Stale => ("signature.stale", "请求签名时间超出允许范围", "the signature is not fresh"),
            Self::Forged => ("signature.forged", "请求签名不匹配", "the signature fits no key of the program"),
        };
        Some(Refusal::rule(rule, Bilingual::new(zh, en)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_owes_a_signature_and_gave_none_is_refused_by_a_rule_of_its_own() {
        let owed = [Proof::Missing, Proof::Malformed, Proof::Stale, Proof::Forged];
        let rules = owed.map(|proof| proof.refusal().and_then(|refusal| refusal.rule).expect("a rule"));
        assert_eq!(rules, ["signature.missing", "signature.malformed", "signature.stale", "signature.forged"]);
        assert!([Proof::NotOwed, Proof::Signed].into_iter().all(|proof| proof.refusal().is_none()));
    }
}
