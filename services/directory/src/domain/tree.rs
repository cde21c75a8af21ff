//! Where an organisation may stand in the tree.

use std::collections::{HashMap, HashSet};

use cordon_context::{Bilingual, OrganisationId, OrganisationKind, OrganisationLevel, Refusal, Region};
use cordon_directory_contract::Organisation;

/// What the rules need to know of a parent.
pub(crate) struct Parent {
    pub(crate) kind: OrganisationKind,
    pub(crate) region: Region,
}

/// Whether an organisation can stand at this place.
pub(crate) fn check(
    kind: OrganisationKind,
    level: OrganisationLevel,
    region: Region,
    parent: Option<&Parent>,
) -> Result<(), Refusal> {
    if level_of(region) != level {
        return Err(Refusal::invalid(
            "region",
            "organisation.level_region",
            Bilingual::new("层级与行政区划代码不一致", "the level does not fit the region's code"),
        ));
    }
    let fits = match (kind, parent) {
        (OrganisationKind::CommAuthority, Some(parent)) => {
            parent.kind == OrganisationKind::Ministry && level == OrganisationLevel::Province
        }
        (OrganisationKind::Police, Some(parent)) => parent.kind == OrganisationKind::Police && parent.region != region,
        (OrganisationKind::CarrierBranch, Some(parent)) => {
            matches!(parent.kind, OrganisationKind::CarrierGroup | OrganisationKind::CarrierBranch)
                && parent.region != region
        }
        (OrganisationKind::Mvno, Some(parent)) => parent.kind == OrganisationKind::CarrierGroup,
        (
            OrganisationKind::Ministry
            | OrganisationKind::Police
            | OrganisationKind::CarrierGroup
            | OrganisationKind::PlatformOperator,
            None,
        ) => level == OrganisationLevel::Ministry,
        (
            OrganisationKind::InternetFirm
            | OrganisationKind::Registrar
            | OrganisationKind::AccessProvider
            | OrganisationKind::AppStore,
            parent,
        ) => parent.is_none_or(|parent| parent.kind == kind),
        _ => false,
    };
    if fits && parent.is_none_or(|parent| parent.region.contains(region)) {
        return Ok(());
    }
    Err(Refusal::invalid(
        "parent",
        "organisation.parent",
        Bilingual::new("该类机构不能置于此上级之下", "an organisation of this kind cannot stand below that one"),
    ))
}

/// The level that a region's code says.
fn level_of(region: Region) -> OrganisationLevel {
    let code = region.number();
    if code == 0 {
        OrganisationLevel::Ministry
    } else if code.is_multiple_of(10_000) {
        OrganisationLevel::Province
    } else if code.is_multiple_of(100) {
        OrganisationLevel::City
    } else {
        OrganisationLevel::County
    }
}

/// Puts every parent before its children, beginning at `root`, or at all organisations whose parent is not among them.
pub(crate) fn ordered(organisations: Vec<Organisation>, root: Option<OrganisationId>) -> Vec<Organisation> {
    let known: HashSet<OrganisationId> = organisations.iter().map(|organisation| organisation.id).collect();
    let mut below: HashMap<Option<OrganisationId>, Vec<Organisation>> = HashMap::new();
    let mut open = Vec::new();
    for organisation in organisations {
        let is_top = root.map_or_else(
            || organisation.parent.is_none_or(|parent| !known.contains(&parent)),
            |root| organisation.id == root,
        );
        if is_top {
            open.push(organisation);
        } else {
            below.entry(organisation.parent).or_default().push(organisation);
        }
    }
    open.reverse();
    let mut ordered = Vec::with_capacity(known.len());
    while let Some(next) = open.pop() {
        let mut children = below.remove(&Some(next.id)).unwrap_or_default();
        children.reverse();
        open.append(&mut children);
        ordered.push(next);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: u32) -> Region {
        Region::from_number(code).unwrap()
    }

    #[test]
    fn places_in_the_tree_follow_the_field() {
        use OrganisationKind as Kind;
        use OrganisationLevel as Level;
        let below = |kind, code| Some(Parent { kind, region: region(code) });
        for (kind, level, code, parent, fits) in [
            (Kind::Ministry, Level::Ministry, 0, None, true),
            (Kind::Police, Level::Province, 440_000, below(Kind::Police, 0), true),
            (Kind::Police, Level::City, 440_300, below(Kind::Police, 440_000), true),
            (Kind::Police, Level::City, 430_100, below(Kind::Police, 440_000), false),
            (Kind::Police, Level::Province, 440_000, None, false),
            (Kind::Police, Level::County, 440_300, below(Kind::Police, 440_000), false),
            (Kind::CommAuthority, Level::Province, 440_000, below(Kind::Ministry, 0), true),
            (Kind::CommAuthority, Level::Province, 440_000, below(Kind::Police, 0), false),
            (Kind::CarrierBranch, Level::Province, 440_000, below(Kind::CarrierGroup, 0), true),
            (Kind::CarrierBranch, Level::Province, 440_000, below(Kind::Mvno, 0), false),
            (Kind::Mvno, Level::Ministry, 0, below(Kind::CarrierGroup, 0), true),
            (Kind::Mvno, Level::Ministry, 0, None, false),
            (Kind::InternetFirm, Level::Ministry, 0, None, true),
        ] {
            assert_eq!(check(kind, level, region(code), parent.as_ref()).is_ok(), fits, "{kind:?} {code}");
        }
    }
}
