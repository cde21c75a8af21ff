//! Protected targets: the list is asked at the preview and again at every step until the tasks are out, since an entry protects
//! from the moment it is proposed.

use std::collections::HashMap;

use cordon_identifier::{Identifier, Kind};
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::{Failure, Tx};

use crate::service::Disposal;
use crate::store::items::StoredItem;
use crate::store::orders::StoredOrder;
use crate::store::{Connection, items, protected};

impl Disposal {
    /// For each target what the list of the platform says of it, if anything.
    pub(crate) async fn listed<C: Connection>(
        &self,
        connection: &C,
        targets: &[Vec<Vec<u8>>],
    ) -> Result<Vec<Option<&'static str>>, Failure> {
        let indexes: Vec<Vec<u8>> = targets.iter().flatten().cloned().collect();
        let entries = protected::protecting(connection, &indexes).await?;
        let kinds: HashMap<Vec<u8>, &'static str> =
            entries.into_iter().map(|entry| (entry.subject_index, entry.protected.kind.name())).collect();
        Ok(targets.iter().map(|indexes| indexes.iter().find_map(|index| kinds.get(index).copied())).collect())
    }

    /// The indexes under which a target may be listed: its own, and those of the names above it.
    pub(crate) fn indexes_of(&self, own: &[u8], target: &Identifier) -> Result<Vec<Vec<u8>>, Failure> {
        let mut indexes = vec![own.to_vec()];
        for name in target.names_above() {
            indexes.push(self.subject(&name)?.1);
        }
        Ok(indexes)
    }

    /// For each item what the list says of it now.
    pub(crate) async fn shields<C: Connection>(
        &self,
        connection: &C,
        items: &[StoredItem],
    ) -> Result<Vec<Option<&'static str>>, Failure> {
        let mut indexes = Vec::with_capacity(items.len());
        for item in items {
            // Only names have names above them; the other values stay sealed.
            indexes.push(match item.item.subject.identifier_kind {
                Kind::Domain | Kind::Url => self.indexes_of(&item.subject_index, &item.open(&self.parts.vault)?)?,
                _ => vec![item.subject_index.clone()],
            });
        }
        self.listed(connection, &indexes).await
    }

    /// Asks the list again about an order that moves on; what is protected by now is noted at its item and at the order, whose
    /// row the caller writes.
    pub(crate) async fn shield<A: ActionName, R: ResourceName>(
        &self,
        tx: &Tx,
        grant: &Grant<A, R>,
        order: &mut StoredOrder,
    ) -> Result<(), Failure> {
        let items = items::of_order(tx.connection(), order.id).await?;
        let shields = self.shields(tx.connection(), &items).await?;
        for (item, shield) in items.iter().zip(shields) {
            if let Some(kind) = shield {
                order.needs_protected = true;
                if item.item.protected.is_none() {
                    items::protect(tx, grant, item.item.id, kind).await?;
                }
            }
        }
        Ok(())
    }
}
