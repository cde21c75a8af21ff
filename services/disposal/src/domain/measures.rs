//! The measure table: what a measure means for a kind of target. It is data; an installation may replace it.

use std::collections::HashMap;

use cordon_context::OrganisationLevel;
use cordon_disposal_contract::{Measure, MeasureRule, TargetKind};
use serde::Deserialize;

const BUILT_IN: &str = include_str!("measures.toml");

/// The table in use.
#[derive(Clone, Debug)]
pub struct MeasureTable {
    rules: Vec<MeasureRule>,
    index: HashMap<(TargetKind, Measure), usize>,
}

/// A measure table could not be taken into use.
#[derive(Debug, thiserror::Error)]
pub enum MeasureTableError {
    /// The text is no table.
    #[error("the measure table does not parse")]
    Malformed(#[from] toml::de::Error),
    /// The same measure is named twice for one kind of target.
    #[error("{measure} is named twice for {kind}")]
    Twice {
        /// The kind.
        kind: TargetKind,
        /// The measure.
        measure: Measure,
    },
    /// A measure that cannot be undone must not end by itself.
    #[error("{measure} for {kind} cannot be undone and must have no longest time")]
    EndsButStays {
        /// The kind.
        kind: TargetKind,
        /// The measure.
        measure: Measure,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<MeasureRule>,
}

impl MeasureTable {
    /// Reads a table from TOML.
    pub fn from_toml(text: &str) -> Result<Self, MeasureTableError> {
        let File { rule: rules } = toml::from_str(text)?;
        let mut index = HashMap::new();
        for (place, rule) in rules.iter().enumerate() {
            let MeasureRule { kind, measure, .. } = *rule;
            if index.insert((kind, measure), place).is_some() {
                return Err(MeasureTableError::Twice { kind, measure });
            }
            if !rule.reversible && rule.max_days.is_some() {
                return Err(MeasureTableError::EndsButStays { kind, measure });
            }
        }
        Ok(Self { rules, index })
    }

    /// Every row.
    pub fn rules(&self) -> &[MeasureRule] {
        &self.rules
    }

    /// The row for a measure and a kind of target; none if it does not fit.
    pub fn rule(&self, kind: TargetKind, measure: Measure) -> Option<&MeasureRule> {
        self.index.get(&(kind, measure)).and_then(|place| self.rules.get(*place))
    }

    /// The lowest level at which all of these may be approved.
    pub(crate) fn approval_level(&self, wanted: impl IntoIterator<Item = (TargetKind, Measure)>) -> OrganisationLevel {
        wanted
            .into_iter()
            .filter_map(|(kind, measure)| self.rule(kind, measure))
            .map(|rule| rule.approval_level)
            .min()
            .unwrap_or(OrganisationLevel::City)
    }
}

impl Default for MeasureTable {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the table is part of the program and a test reads it")]
        Self::from_toml(BUILT_IN).expect("the built-in measure table is well-formed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_measure_has_a_row() {
        let table = MeasureTable::default();
        for kind in TargetKind::ALL {
            assert!(table.rules().iter().any(|rule| rule.kind == *kind), "{kind}");
        }
        for measure in Measure::ALL {
            assert!(table.rules().iter().any(|rule| rule.measure == *measure), "{measure}");
        }
        assert!(table.rule(TargetKind::Phone, Measure::BlockDns).is_none());
    }

    #[test]
    fn the_strictest_measure_decides_the_level() {
        let table = MeasureTable::default();
        let stop = (TargetKind::Phone, Measure::SuspendBoth);
        let close = (TargetKind::Phone, Measure::Close);
        assert_eq!(table.approval_level([stop]), OrganisationLevel::City);
        assert_eq!(table.approval_level([stop, close]), OrganisationLevel::Province);
    }

    #[test]
    fn contradictory_tables_are_refused() {
        let row = "[[rule]]\nkind = \"phone\"\nmeasure = \"close\"\nreversible = false\nreverify = \"police_consent\"\napproval_level = \"province\"\npace = \"number\"\n";
        assert!(MeasureTable::from_toml(row).is_ok());
        assert!(matches!(MeasureTable::from_toml(&format!("{row}{row}")), Err(MeasureTableError::Twice { .. })));
        assert!(matches!(
            MeasureTable::from_toml(&format!("{row}max_days = 3\n")),
            Err(MeasureTableError::EndsButStays { .. })
        ));
    }
}
