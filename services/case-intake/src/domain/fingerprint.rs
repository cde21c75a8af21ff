//! When two texts say nearly the same.

use cordon_context::OrganisationId;

use super::content::Found;

/// The skeleton of a text: its words without case, width, spaces, punctuation and loose digits, and what it names in its place.
///
/// Two reports with one skeleton tell of the same approach to the same contacts, however the sender or the clerk spaced,
/// disguised or dated it; the same advertisement with another contact has another skeleton. The organisation is part of it, so
/// that no report tells that another organisation holds the same text.
pub(crate) fn skeleton(organisation: OrganisationId, text: &str, found: &[Found]) -> Vec<u8> {
    let owner = organisation.uuid();
    let mut bytes = Vec::with_capacity(owner.as_bytes().len() + text.len());
    bytes.extend_from_slice(owner.as_bytes());
    let mut next = found.iter().peekable();
    let mut covered_to = 0_u32;
    for (place, character) in (0_u32..).zip(text.chars()) {
        while let Some(found) = next.next_if(|found| found.span.0 <= place) {
            if found.span.0 == place || found.span.1 > covered_to {
                bytes.push(0);
                bytes.extend_from_slice(found.subject.as_bytes());
                covered_to = covered_to.max(found.span.1);
            }
        }
        if place < covered_to {
            continue;
        }
        push_letter(character, &mut bytes);
    }
    bytes
}

fn push_letter(character: char, bytes: &mut Vec<u8>) {
    let folded = match u32::from(character) {
        // Full-width letters and signs stand 0xFEE0 above their plain forms.
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(character),
        _ => character,
    };
    if !folded.is_alphabetic() {
        return;
    }
    let mut buffer = [0; 4];
    let lower = if folded.is_ascii() { folded.to_ascii_lowercase() } else { folded };
    bytes.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
}

#[cfg(test)]
mod tests {
    use cordon_identifier::Kind;
    use uuid::Uuid;

    use super::*;

    fn skeleton(text: &str, found: &[Found]) -> Vec<u8> {
        super::skeleton(OrganisationId::from_uuid(Uuid::nil()), text, found)
    }

    fn phone(subject: u128, span: (u32, u32)) -> Found {
        Found {
            subject: Uuid::from_u128(subject),
            above: Vec::new(),
            kind: Kind::Phone,
            value: "13800138000".to_owned(),
            page: None,
            span,
            confidence: 90,
            rule: "test".into(),
            disguises: Vec::new(),
            victims_own: false,
        }
    }

    #[test]
    fn spacing_width_case_and_amounts_do_not_matter() {
        let plain = skeleton("贷款 5000 元，Call 13800138000", &[phone(1, (15, 26))]);
        let disguised = skeleton("贷款9000元!ＣＡＬＬ138-0013-8000", &[phone(1, (12, 25))]);
        assert_eq!(plain, disguised);
    }

    #[test]
    fn another_contact_or_another_word_matters() {
        let one = skeleton("致电13800138000", &[phone(1, (2, 13))]);
        assert_ne!(one, skeleton("致电13800138000", &[phone(2, (2, 13))]));
        assert_ne!(one, skeleton("来电13800138000", &[phone(1, (2, 13))]));
    }

    #[test]
    fn another_organisation_has_another_skeleton_of_the_same_text() {
        let of =
            |organisation| super::skeleton(OrganisationId::from_uuid(Uuid::from_u128(organisation)), "低息贷款", &[]);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
