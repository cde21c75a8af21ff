//! The protected list, and pages of lists.

use cordon_context::{Code, Id, PageRequest, Role};
use cordon_disposal_contract::*;

use crate::world::*;

#[tokio::test]
async fn an_entry_protects_at_once_and_is_taken_out_by_two_people() {
    for world in worlds().await {
        let propose = ProposeProtected {
            text: MOBILE.to_owned(),
            target: None,
            kind: ProtectedKind::Hospital,
            reason: "示例医院总机".to_owned(),
        };
        let entry = world.link.propose_protected(regulator(Role::RegulatorOfficer), propose.clone()).await.unwrap();
        assert_eq!(entry.state, ProtectedState::Proposed);
        assert_eq!(
            rule_of(world.link.propose_protected(regulator(Role::RegulatorOfficer), propose).await),
            "protected.duplicate"
        );
        let preview = world.link.preview_disposal(handler(), world.press(&[MOBILE])).await.unwrap();
        assert!(preview.needs_protected_approval, "caution costs no time");

        let step = ProtectedStep { protected: entry.id, reason: "核实".to_owned() };
        let mut both = regulator(Role::RegulatorOfficer);
        both.actor.roles.push(Role::RegulatorApprover);
        assert_eq!(rule_of(world.link.confirm_protected(both, step.clone()).await), "protected.four_eyes");
        assert_eq!(refused(world.link.confirm_protected(handler(), step.clone()).await).code, Code::Denied);
        let confirmed = world.link.confirm_protected(regulator(Role::RegulatorApprover), step.clone()).await.unwrap();
        assert_eq!(confirmed.state, ProtectedState::Confirmed);
        let removal = world.link.propose_removal(regulator(Role::RegulatorOfficer), step.clone()).await.unwrap();
        assert_eq!(removal.state, ProtectedState::RemovalProposed);
        assert!(world.link.preview_disposal(handler(), world.press(&[MOBILE])).await.unwrap().needs_protected_approval);
        let removed = world.link.confirm_protected(regulator(Role::RegulatorApprover), step).await.unwrap();
        assert_eq!(removed.state, ProtectedState::Removed);
        assert!(
            !world.link.preview_disposal(handler(), world.press(&[MOBILE])).await.unwrap().needs_protected_approval
        );
        assert_eq!(world.link.list_protected(handler(), page()).await.unwrap().edges.len(), 1, "what happened stays");
    }
}

#[tokio::test]
async fn whoever_reads_cases_learns_what_is_listed_and_readers_of_the_list_learn_why() {
    for world in worlds().await {
        let task = world.tasks(&world.issued(&[MOBILE]).await).await.remove(0);
        let subject = task.subject.id;
        let asked = || vec![subject, Id::derived(subject.uuid(), "another subject")];
        assert!(world.link.listed_subjects(handler(), asked()).await.unwrap().is_empty(), "nothing is listed yet");

        let propose = ProposeProtected {
            text: MOBILE.to_owned(),
            target: None,
            kind: ProtectedKind::Hospital,
            reason: "示例医院总机".to_owned(),
        };
        let entry = world.link.propose_protected(regulator(Role::RegulatorOfficer), propose).await.unwrap();
        let listed = world.link.listed_subjects(handler(), asked()).await.unwrap();
        let [one] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!(
            (one.subject, one.reason_kind, one.masked.clone()),
            (subject, ProtectedKind::Hospital, entry.subject.masked)
        );
        assert_eq!(one.reason.as_deref(), Some("示例医院总机"));

        let told = world.link.listed_subjects(hotline(), asked()).await.unwrap();
        assert_eq!((told.len(), told[0].subject, told[0].reason.as_ref()), (1, subject, None), "what, and not why");
        let refused_to = refused(world.link.listed_subjects(admin(), asked()).await);
        assert_eq!((refused_to.code, refused_to.rule.as_deref()), (Code::Denied, Some("policy.case.read")));
        // An enterprise reads its own reports, and could write any number into them.
        let curious = refused(world.link.listed_subjects(duty("mobile-gd"), asked()).await);
        assert_eq!((curious.code, curious.rule.as_deref()), (Code::Denied, Some("policy.protected.read")));
        let many = vec![subject; 10_001];
        assert_eq!(rule_of(world.link.listed_subjects(handler(), many).await), "list.length");

        let step = ProtectedStep { protected: entry.id, reason: "核实".to_owned() };
        world.link.propose_removal(regulator(Role::RegulatorOfficer), step.clone()).await.unwrap();
        assert_eq!(
            world.link.listed_subjects(handler(), asked()).await.unwrap().len(),
            1,
            "one person takes nothing out"
        );
        world.link.confirm_protected(regulator(Role::RegulatorApprover), step).await.unwrap();
        assert!(world.link.listed_subjects(handler(), asked()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    for world in worlds().await {
        let targets: Vec<String> = (0..25).map(|last| format!("139123401{last:02}")).collect();
        let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
        let order = world.issued(&targets).await;
        let mut request = PageRequest { first: Some(10), after: None, count: true };
        let mut seen = Vec::new();
        loop {
            let page = world.link.inbox(duty("mobile-gd"), InboxFilter::default(), request.clone()).await.unwrap();
            assert_eq!(page.total, Some(25));
            seen.extend(page.edges.iter().map(|(_, task)| task.id));
            request.after = page.edges.last().map(|(cursor, _)| cursor.clone());
            if !page.has_next {
                break;
            }
        }
        assert_eq!(seen.len(), 25);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 25);
        let items =
            world.link.items_of_order(handler(), order.id, PageRequest { first: Some(20), after: None, count: true });
        let items = items.await.unwrap();
        assert_eq!((items.edges.len(), items.has_next, items.total), (20, true, Some(25)));
        let rest =
            PageRequest { first: Some(20), after: items.edges.last().map(|(cursor, _)| cursor.clone()), count: false };
        assert_eq!(world.link.items_of_order(handler(), order.id, rest).await.unwrap().edges.len(), 5);
        let table = world.link.measure_table(handler()).await.unwrap();
        assert!(table.iter().any(|rule| rule.kind == TargetKind::Phone && rule.measure == Measure::SuspendBoth));
    }
}
