//! Random tokens of 256 bits, of which only the digest is kept.

use cordon_directory_contract::Secret;
use cordon_store::Failure;
use data_encoding::BASE32HEX_NOPAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What a token opens; the word in front lets a leaked one be recognized and revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A session.
    Session,
    /// A program.
    Client,
    /// A password for the first sign-in.
    FirstPassword,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "cds_",
            Self::Client => "cdc_",
            Self::FirstPassword => "",
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Session | Self::Client => 32,
            // 120 bits: typed by hand once.
            Self::FirstPassword => 15,
        }
    }
}

/// Makes a token from the operating system's randomness.
pub(crate) fn fresh(kind: TokenKind) -> Result<Secret, Failure> {
    let mut bytes = vec![0; kind.length()];
    getrandom::fill(&mut bytes)
        .map_err(|source| Failure::internal("the operating system gave no randomness", source))?;
    let digits = BASE32HEX_NOPAD.encode(&bytes).to_ascii_lowercase();
    Ok(Secret::new(format!("{}{digits}", kind.prefix())))
}

/// The digest under which a token is kept; 256 random bits need no slow hash.
pub(crate) fn digest(token: &Secret) -> Vec<u8> {
    Sha256::digest(token.expose().as_bytes()).to_vec()
}

/// Whether two digests are the same, in the same time whatever they are.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_different_and_recognizable() {
        let one = fresh(TokenKind::Session).unwrap();
        let other = fresh(TokenKind::Session).unwrap();
        assert_ne!(one, other);
        assert!(one.expose().starts_with("cds_") && one.expose().len() == 4 + 52);
        assert!(same(&digest(&one), &digest(&one.clone())));
        assert!(!same(&digest(&one), &digest(&other)));
        assert!(crate::domain::names::is_password(fresh(TokenKind::FirstPassword).unwrap().expose()));
    }
}
