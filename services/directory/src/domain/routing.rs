//! Who answers for what.

use cordon_context::{OrganisationId, Region};
use cordon_directory_contract::Responsibility;

/// An entry of the register whose organisation is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: String,
    pub(crate) code: String,
    /// Where; the country for everything but networks.
    pub(crate) region: Region,
    pub(crate) organisation: OrganisationId,
}

/// Finds the organisation that answers; of several regions of a network the narrowest one that holds the question.
pub(crate) fn answer(question: &Responsibility, entries: &[Entry]) -> Option<OrganisationId> {
    let asked = match question {
        Responsibility::Network { region, .. } => *region,
        _ => Region::COUNTRY,
    };
    entries
        .iter()
        .filter(|entry| entry.kind == question.kind() && entry.code == question.code() && entry.region.contains(asked))
        .min_by_key(|entry| {
            let (low, high) = entry.region.range();
            high - low
        })
        .map(|entry| entry.organisation)
}

/// Where an entry of an organisation stands: a network without a region of its own stands for the organisation's.
pub(crate) fn place(responsibility: &Responsibility, own: Region) -> Region {
    match responsibility {
        Responsibility::Network { region, .. } if *region == Region::COUNTRY => own,
        Responsibility::Network { region, .. } => *region,
        _ => Region::COUNTRY,
    }
}

#[cfg(test)]
mod tests {
    use cordon_context::Timestamp;

    use super::*;

    fn region(code: u32) -> Region {
        Region::from_number(code).unwrap()
    }

    #[test]
    fn the_narrowest_region_answers_and_the_group_takes_the_rest() {
        let ids: Vec<OrganisationId> = (0..4).map(|index| OrganisationId::new(Timestamp::from_millis(index))).collect();
        let entry = |kind: &str, code: &str, place: u32, at: usize| Entry {
            kind: kind.to_owned(),
            code: code.to_owned(),
            region: region(place),
            organisation: ids[at],
        };
        let entries = [
            entry("network", "mobile", 0, 0),
            entry("network", "mobile", 440_000, 1),
            entry("network", "mobile", 440_300, 2),
            entry("mvno", "mobile", 0, 3),
        ];
        for (asked, expected) in [(440_305, 2), (440_100, 1), (110_000, 0), (0, 0)] {
            assert_eq!(
                answer(&Responsibility::network("mobile", region(asked)), &entries),
                Some(ids[expected]),
                "{asked}"
            );
        }
        assert_eq!(answer(&Responsibility::network("unicom", region(440_000)), &entries), None);
        assert_eq!(answer(&Responsibility::mvno("Mobile"), &entries), Some(ids[3]));
        assert_eq!(answer(&Responsibility::platform("mobile"), &entries), None);
    }
}
