//! The sequence behind numbers that people read out.

use chrono::NaiveDate;
use cordon_context::Region;
use cordon_store::{Failure, Tx};

use super::delivery_query::{Query, number};
use crate::domain::numbers::{Series, write};

/// Takes the next number of a series for a region and a day.
pub(crate) async fn next(tx: &Tx, series: Series, region: Region, day: NaiveDate) -> Result<String, Failure> {
    let name = match series {
        Series::Order => "order",
        Series::Appeal => "appeal",
    };
    loop {
        let row = Query::new("INSERT INTO number_sequence (series, region, day, last) VALUES (")
            .value(name)
            .text(", ")
            .value(number(region.number()))
            .text(", ")
            .value(day.to_string())
            .text(", 1) ON CONFLICT (series, region, day) DO UPDATE SET last = number_sequence.last + 1 RETURNING last")
            .one(tx.connection())
            .await?;
        let last: i64 = row.map(|row| row.try_get("", "last")).transpose()?.unwrap_or(1);
        let sequence = u32::try_from(last).unwrap_or(u32::MAX);
        if let Some(text) = write(series, region, day, sequence) {
            return Ok(text);
        }
    }
}
