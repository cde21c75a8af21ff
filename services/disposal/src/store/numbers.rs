//! The sequence behind numbers that people read out.

use chrono::NaiveDate;
use cordon_context::Region;
use cordon_store::sql::{Sql, region_value};
use cordon_store::{Failure, Tx};

use crate::domain::numbers::{Series, write};

/// Takes the next number of a series for a region and a day.
pub(crate) async fn next(tx: &Tx, series: Series, region: Region, day: NaiveDate) -> Result<String, Failure> {
    let name = match series {
        Series::Order => "order",
        Series::Appeal => "appeal",
    };
    loop {
        let last: Option<i64> = Sql::new("INSERT INTO number_sequence (series, region, day, last) VALUES (")
            .bind(name)
            .with(", ", region_value(region))
            .with(", ", day.to_string())
            .text(", 1) ON CONFLICT (series, region, day) DO UPDATE SET last = number_sequence.last + 1 RETURNING last")
            .value(tx.connection())
            .await?;
        let sequence = u32::try_from(last.unwrap_or(1)).unwrap_or(u32::MAX);
        if let Some(text) = write(series, region, day, sequence) {
            return Ok(text);
        }
    }
}
