//! Time-based one-time codes (RFC 6238): six digits, thirty seconds, one step of tolerance to either side.

use cordon_context::Timestamp;
use cordon_directory_contract::{CodeEnrolment, Secret};
use cordon_store::Failure;
use totp_rs::{Builder, Totp};

/// 160 bits, as RFC 4226 recommends.
const SECRET_LENGTH: usize = 20;

/// Makes a secret from the operating system's randomness.
pub(crate) fn fresh_secret() -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; SECRET_LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|source| Failure::internal("the operating system gave no randomness", source))?;
    Ok(bytes)
}

/// What the person scans; the login has no letter that an address would have to escape.
pub(crate) fn enrolment(secret: &[u8], login: &str) -> Result<CodeEnrolment, Failure> {
    let digits = generator(secret)?.secret().to_base32();
    let address =
        format!("otpauth://totp/Cordon:{login}?secret={digits}&issuer=Cordon&algorithm=SHA1&digits=6&period=30");
    Ok(CodeEnrolment { secret: Secret::new(digits), address: Secret::new(address) })
}

/// The step to which a code belongs, if it is right and later than the last one used: a code that was seen over a shoulder is
/// worth nothing once it was used.
pub(crate) fn step_of(
    secret: &[u8],
    code: &Secret,
    now: Timestamp,
    last_used: Option<i64>,
) -> Result<Option<i64>, Failure> {
    let seconds = u64::try_from(now.millis() / 1_000).unwrap_or(0);
    let code = code.expose().trim();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let step = generator(secret)?.check(code, seconds).and_then(|step| i64::try_from(step).ok());
    Ok(step.filter(|step| last_used.is_none_or(|last| *step > last)))
}

fn generator(secret: &[u8]) -> Result<Totp, Failure> {
    Builder::new()
        .with_secret(secret.to_vec())
        .with_skew(1)
        .build()
        .map_err(|source| Failure::internal("a one-time code's secret is unusable", source))
}

/// The code of a moment, for tests and for the demonstration's printed hints.
#[cfg(test)]
pub(crate) fn code_at(secret: &[u8], now: Timestamp) -> Secret {
    Secret::new(generator(secret).unwrap().generate(u64::try_from(now.millis() / 1_000).unwrap()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn codes_of_rfc_6238_are_right() {
        // Appendix B of RFC 6238, the last six digits of its eight.
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(code_at(SECRET, at(seconds)).expose(), code);
            assert_eq!(step_of(SECRET, &code.into(), at(seconds), None).unwrap(), Some(seconds / 30));
        }
    }

    #[test]
    fn one_step_of_tolerance_and_no_second_use() {
        let now = at(1_000_000_020);
        let step = now.millis() / 30_000;
        for (seconds, right) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let code = code_at(SECRET, at(now.millis() / 1_000 + seconds));
            assert_eq!(step_of(SECRET, &code, now, None).unwrap().is_some(), right, "{seconds}");
        }
        let code = code_at(SECRET, now);
        assert_eq!(step_of(SECRET, &code, now, Some(step)).unwrap(), None);
        assert_eq!(step_of(SECRET, &code, now, Some(step - 1)).unwrap(), Some(step));
        for rubbish in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(step_of(SECRET, &rubbish.into(), now, None).unwrap(), None);
        }
    }
}
