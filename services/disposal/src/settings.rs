//! What an installation may change about orders, tasks, appeals and notices.

use cordon_context::OrganisationLevel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::deadlines::Deadlines;
use crate::domain::measures::{MeasureTable, MeasureTableError};

/// Settings of the disposal service, delivery and routing excepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DisposalSettings {
    /// How long each step may take.
    pub deadlines: Deadlines,
    /// Whether a target can be called and make emergency calls again when an appeal against what an enterprise's model found
    /// is not decided in time.
    pub limited_resume: bool,
    /// The lowest level at which orders may be drafted.
    #[schemars(with = "String")]
    pub drafter_level: OrganisationLevel,
    /// How often a task is passed on by itself before it goes to the exception desk.
    pub most_hops: u32,
    /// How many targets one order may hold.
    pub most_items: u32,
    /// How often jobs look for work when nothing wakes them, in milliseconds.
    pub job_interval_ms: u64,
    /// How many rows a job takes at once.
    pub job_batch: u32,
    /// A measure table as TOML that replaces the built-in one; empty keeps the built-in one.
    pub measure_table: String,
    /// From which month of the year on the calendar of the next year must be there.
    pub calendar_alarm_month: u32,
}

impl Default for DisposalSettings {
    fn default() -> Self {
        Self {
            deadlines: Deadlines::default(),
            limited_resume: true,
            drafter_level: OrganisationLevel::City,
            most_hops: 2,
            most_items: 10_000,
            job_interval_ms: 1_000,
            job_batch: 200,
            measure_table: String::new(),
            calendar_alarm_month: 12,
        }
    }
}

impl DisposalSettings {
    /// The measure table in use.
    ///
    /// # Errors
    ///
    /// Fails if the configured table is not well-formed.
    pub fn measures(&self) -> Result<MeasureTable, MeasureTableError> {
        if self.measure_table.is_empty() {
            Ok(MeasureTable::default())
        } else {
            MeasureTable::from_toml(&self.measure_table)
        }
    }
}
