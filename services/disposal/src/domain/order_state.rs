//! Where an order stands, derived from its stage, its tasks and what is still owed to holders.

use cordon_disposal_contract::{OrderStage, OrderState, TaskCounts};

/// Derives the state; an issued order counts as closed when its tasks are ended and nothing is owed.
pub(crate) fn derive(stage: OrderStage, tasks: &TaskCounts) -> OrderState {
    match stage {
        OrderStage::Draft => OrderState::Draft,
        OrderStage::PendingReview => OrderState::PendingReview,
        OrderStage::Returned => OrderState::Returned,
        OrderStage::Approved => OrderState::Approved,
        OrderStage::Withdrawn if tasks.releasing > 0 => OrderState::Releasing,
        OrderStage::Withdrawn => OrderState::Withdrawn,
        OrderStage::Issued => {
            let ended = tasks.released + tasks.withdrawn;
            let going = tasks.total.saturating_sub(ended);
            if going == 0 {
                // 办结: nobody is owed anything any more.
                if tasks.owed > 0 { OrderState::Closing } else { OrderState::Closed }
            } else if tasks.releasing > 0 {
                OrderState::Releasing
            } else if tasks.in_force == going {
                OrderState::InForce
            } else if tasks.in_force + tasks.executed > 0 || ended > 0 {
                OrderState::InProgress
            } else {
                OrderState::Issued
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_task_decides_and_ended_ones_do_not_count() {
        let counts = TaskCounts { total: 3, open: 3, ..TaskCounts::default() };
        assert_eq!(derive(OrderStage::Issued, &counts), OrderState::Issued);
        let counts = TaskCounts { open: 2, in_force: 1, ..counts };
        assert_eq!(derive(OrderStage::Issued, &counts), OrderState::InProgress);
        let counts = TaskCounts { open: 0, in_force: 2, withdrawn: 1, ..counts };
        assert_eq!(derive(OrderStage::Issued, &counts), OrderState::InForce);
        let counts = TaskCounts { in_force: 1, releasing: 1, ..counts };
        assert_eq!(derive(OrderStage::Issued, &counts), OrderState::Releasing);
        let counts = TaskCounts { in_force: 0, releasing: 0, released: 2, ..counts };
        assert_eq!(derive(OrderStage::Issued, &counts), OrderState::Closed);
        let owed = TaskCounts { owed: 1, ..counts };
        assert_eq!(derive(OrderStage::Issued, &owed), OrderState::Closing);
        assert_eq!(derive(OrderStage::Withdrawn, &counts), OrderState::Withdrawn);
    }
}
