/// Values of the characters of a credit code: digits, then letters without I, O, S, V, Z.
const CREDIT_CODE_SET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// Says whether a run of digits passes the Luhn check of ISO/IEC 7812.
pub(crate) fn luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (place, byte) in digits.bytes().rev().enumerate() {
        let Some(value) = digit(byte) else { return false };
        sum += if place % 2 == 0 {
            value
        } else if value > 4 {
            value * 2 - 9
        } else {
            value * 2
        };
    }
    sum % 10 == 0 && !digits.is_empty()
}

/// Says whether the eighteenth character of an identity number fits (GB 11643, ISO 7064 MOD 11-2).
pub(crate) fn id_number(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: [u8; 11] = *b"10X98765432";
    let Some((&last, body)) = number.as_bytes().split_last() else { return false };
    if body.len() != WEIGHTS.len() {
        return false;
    }
    let mut sum = 0;
    for (&byte, weight) in body.iter().zip(WEIGHTS) {
        let Some(value) = digit(byte) else { return false };
        sum += value * weight;
    }
    let remainder = usize::try_from(sum % 11).unwrap_or(0);
    CHECK.get(remainder) == Some(&last)
}

/// Gives the value of a character within a credit code.
pub(crate) fn credit_code_value(byte: u8) -> Option<u32> {
    CREDIT_CODE_SET.iter().position(|&known| known == byte).and_then(|at| u32::try_from(at).ok())
}

/// Says whether the eighteenth character of a credit code fits (GB 32100, weights of powers of three modulo 31).
pub(crate) fn credit_code(code: &str) -> bool {
    let Some((&last, body)) = code.as_bytes().split_last() else { return false };
    if body.len() != 17 {
        return false;
    }
    let mut weight = 1;
    let mut sum = 0;
    for &byte in body {
        let Some(value) = credit_code_value(byte) else { return false };
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    credit_code_value(last) == Some((31 - sum % 31) % 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_with_a_fitting_check_character_pass() {
        for number in ["11010519491231002X", "34052419800101001X", "440524188001010014", "990101199001010000"] {
            assert!(id_number(number), "{number}");
        }
        for number in ["110105194912310021", "11010519491231002x", "1101051949123100", ""] {
            assert!(!id_number(number), "{number}");
        }
    }

    #[test]
    fn early_credit_codes_fail_the_check_and_later_ones_pass() {
        for code in ["91350100M0001TGQXM", "91350211M0000XUF46"] {
            assert!(!credit_code(code), "{code}");
        }
        assert!(credit_code("91350100M000100Y43"));
        assert!(!credit_code("91350100M000100Y44"));
    }

    #[test]
    fn luhn_catches_every_single_wrong_digit() {
        let good = "6299000011112222335";
        assert!(luhn(good));
        for place in 0..good.len() {
            for other in b'0'..=b'9' {
                let mut bytes = good.as_bytes().to_vec();
                if bytes[place] != other {
                    bytes[place] = other;
                    assert!(!luhn(std::str::from_utf8(&bytes).unwrap()));
                }
            }
        }
    }
}
