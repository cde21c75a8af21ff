//! An order of ten thousand targets is made, approved and issued in one go, and every task is told of.

use cordon_disposal_contract::*;

use crate::world::*;

#[tokio::test]
async fn ten_thousand_targets_become_ten_thousand_tasks_in_one_transaction() {
    for world in worlds().await {
        let targets: Vec<String> = (0..10_000).map(|number| format!("1391{:07}", 2_400_000 + number)).collect();
        let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
        let order = world.issued(&targets).await;
        assert_eq!((order.item_count, order.tasks.total, order.tasks.open), (10_000, 10_000, 10_000));
        let page = cordon_context::PageRequest { first: Some(1), after: None, count: true };
        let inbox = world.link.inbox(duty("mobile-gd"), InboxFilter::default(), page).await.unwrap();
        assert_eq!(inbox.total, Some(10_000));
        let last = world.link.last_position(desk()).await.unwrap();
        assert!(last >= 10_000, "{last}");
        let one_more: Vec<&str> = targets.iter().copied().chain([MOBILE]).collect();
        let refusal = refused(world.link.preview_disposal(handler(), world.press(&one_more)).await);
        assert_eq!(refusal.rule.as_deref(), Some("order.too_many_items"));
    }
}
