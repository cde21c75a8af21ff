//! Address ranges, kept in memory because a range cannot be found by an equal key.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use cordon_disposal_contract::routing::RoutingTable;
use cordon_store::{Database, Failure};
use ipnet::IpNet;

use super::holder::Holder;
use crate::store::routing as store;

/// Ranges by the length of their prefix.
#[derive(Debug, Default)]
pub(crate) struct Ranges {
    by_length: BTreeMap<(bool, u8), HashMap<IpAddr, Holder>>,
}

impl Ranges {
    fn insert(&mut self, range: IpNet, holder: Holder) {
        let key = (range.addr().is_ipv4(), range.prefix_len());
        self.by_length.entry(key).or_default().insert(range.network(), holder);
    }

    /// The holder of the narrowest range that contains an address.
    pub(crate) fn find(&self, address: IpAddr) -> Option<&Holder> {
        self.by_length
            .range((address.is_ipv4(), 0)..=(address.is_ipv4(), u8::MAX))
            .rev()
            .find_map(|((_, length), ranges)| ranges.get(&IpNet::new(address, *length).ok()?.network()))
    }
}

/// The address table as it was when it was read last.
#[derive(Default)]
pub(crate) struct AddressTable(RwLock<Option<(i64, Arc<Ranges>)>>);

impl AddressTable {
    /// The ranges of the present edition.
    pub(crate) async fn ranges(&self, database: &Database) -> Result<Arc<Ranges>, Failure> {
        let edition = store::edition(database.reader(), RoutingTable::Address).await?;
        if let Some((known, ranges)) = self.0.read().unwrap_or_else(PoisonError::into_inner).as_ref()
            && *known == edition
        {
            return Ok(Arc::clone(ranges));
        }
        let mut rows = store::whole(database.reader(), RoutingTable::Address).await?;
        // A person's entry comes last and so replaces an imported one.
        rows.sort_by_key(|row| (std::cmp::Reverse(row.source), row.recorded_at));
        let mut ranges = Ranges::default();
        for row in rows {
            if let (Ok(range), Ok(holder)) = (row.entry.parse(), row.holder.parse()) {
                ranges.insert(range, holder);
            } else {
                tracing::error!(routing.entry = %row.id, "an address range is unreadable and left out");
            }
        }
        let ranges = Arc::new(ranges);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((edition, Arc::clone(&ranges)));
        Ok(ranges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_range_decides() {
        let mut ranges = Ranges::default();
        for (range, holder) in [
            ("0.0.0.0/0", "access:everything"),
            ("203.0.0.0/8", "access:wide"),
            ("203.0.113.0/24", "access:narrow"),
            ("203.0.113.7/32", "access:one"),
            ("2400:3200::/32", "access:six"),
        ] {
            ranges.insert(range.parse().unwrap(), holder.parse().unwrap());
        }
        for (address, expected) in [
            ("203.0.113.7", Some("access:one")),
            ("203.0.113.8", Some("access:narrow")),
            ("203.1.1.1", Some("access:wide")),
            ("8.8.8.8", Some("access:everything")),
            ("2400:3200::1", Some("access:six")),
            ("2400:3201::1", None),
        ] {
            let found = ranges.find(address.parse().unwrap()).map(ToString::to_string);
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
