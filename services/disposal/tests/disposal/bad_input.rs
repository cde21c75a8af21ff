//! What is named before anything is issued, and never silently dropped or changed.

use cordon_context::{Code, SubjectId};
use cordon_disposal_contract::*;
use cordon_identifier::Kind;
use cordon_testkit::organisation;

use crate::world::*;

fn kinds(row: &PreviewRow) -> Vec<FindingKind> {
    row.findings.iter().map(|finding| finding.kind).collect()
}

#[tokio::test]
async fn the_preview_names_everything_and_changes_nothing() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        world.in_force(&task, "mobile-gd").await;
        let known = world.link.preview_disposal(handler(), world.press(&[VICTIMS])).await.unwrap();
        let victim = known.rows[0].subject.clone().unwrap();
        let value = cordon_case_intake_contract::SubjectValue {
            subject: victim.id,
            kind: Kind::Phone,
            value: VICTIMS.to_owned(),
            masked: victim.masked.clone(),
            cases: Vec::new(),
            protected: None,
            victims_own: true,
        };
        world.neighbours.values.lock().unwrap().insert(victim.id, value);

        let mut press =
            world.press(&[MOBILE, MOBILE_2, MOBILE_2, PORTED, NOBODYS, "96110", "不是号码", "6222020200112233445"]);
        press.subjects.push(Chosen::Subject { id: victim.id });
        press.subjects.push(Chosen::Subject { id: SubjectId::new(world.now()) });
        press.subjects.push(Chosen::Typed { text: "11010519491231002X".to_owned(), kind: Some(Kind::IdNumber) });
        press.subjects.push(Chosen::Typed { text: "110105194912310021".to_owned(), kind: Some(Kind::IdNumber) });
        let preview = world.link.preview_disposal(handler(), press.clone()).await.unwrap();
        assert_eq!(preview.rows.len(), press.subjects.len(), "one row for each target, in the order of the input");
        assert_eq!(kinds(&preview.rows[0]), [FindingKind::AlreadyInForce]);
        assert_eq!(kinds(&preview.rows[1]), []);
        assert_eq!(kinds(&preview.rows[2]), [FindingKind::Duplicate]);
        assert_eq!(kinds(&preview.rows[3]), [FindingKind::Ported]);
        assert_eq!(preview.rows[3].executors, [organisation("unicom-gd")]);
        assert_eq!(kinds(&preview.rows[4]), [FindingKind::Unroutable]);
        assert!(kinds(&preview.rows[5]).contains(&FindingKind::Protected));
        assert_eq!(kinds(&preview.rows[6]), [FindingKind::Unreadable]);
        assert_eq!(kinds(&preview.rows[8]), [FindingKind::VictimOwn]);
        assert_eq!(kinds(&preview.rows[9]), [FindingKind::UnknownSubject]);
        assert_eq!(kinds(&preview.rows[10]), [FindingKind::NeverTarget]);
        assert_eq!(kinds(&preview.rows[11]), [FindingKind::InvalidCheckDigit]);
        assert!(preview.needs_protected_approval);
        let fit: Vec<u32> = preview.rows.iter().filter(|row| row.fit).map(|row| row.position).collect();
        assert_eq!(fit, [0, 1, 3, 4, 5, 8]);
        assert_eq!(world.link.list_orders(handler(), OrderFilter::default(), page()).await.unwrap().edges.len(), 1);

        // Without saying so, nothing is left out: the first target that cannot be ordered is named.
        let whole = refused(world.link.dispose_subjects(handler(), press.clone()).await);
        assert_eq!((whole.code, whole.field.as_deref()), (Code::Invalid, Some("subjects.2")));
        press.skip_unfit = true;
        let pressed = world.link.dispose_subjects(handler(), press).await.unwrap();
        assert_eq!(pressed.order.item_count, 6);
        assert_eq!(pressed.preview, preview);
    }
}

#[tokio::test]
async fn a_measure_must_fit_its_kind_and_name_its_functions() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.measures[0].measures = vec![Measure::BlockDns];
        let preview = world.link.preview_disposal(handler(), press.clone()).await.unwrap();
        assert_eq!(kinds(&preview.rows[0]), [FindingKind::MeasureUnfit]);
        press.measures[0].measures = vec![Measure::RestrictFunctions];
        let preview = world.link.preview_disposal(handler(), press.clone()).await.unwrap();
        assert_eq!(kinds(&preview.rows[0]), [FindingKind::MeasureUnfit]);
        press.measures[0].functions = vec![PhoneFunction::CallOut];
        assert!(world.link.preview_disposal(handler(), press.clone()).await.unwrap().rows[0].fit);
        press.measures.remove(0);
        let preview = world.link.preview_disposal(handler(), press).await.unwrap();
        assert_eq!(kinds(&preview.rows[0]), [FindingKind::NoMeasure]);
    }
}

#[tokio::test]
async fn empty_overlong_and_contradictory_input_is_refused_by_field() {
    for world in worlds().await {
        let cases: Vec<(DisposeSubjects, &str)> = vec![
            (DisposeSubjects { subjects: Vec::new(), ..world.press(&[]) }, "subjects"),
            (DisposeSubjects { reason: " ".to_owned(), ..world.press(&[MOBILE]) }, "reason"),
            (DisposeSubjects { reason: "长".repeat(2_001), ..world.press(&[MOBILE]) }, "reason"),
            (DisposeSubjects { duration_days: Some(0), ..world.press(&[MOBILE]) }, "duration_days"),
            (
                DisposeSubjects {
                    legal_basis: Some(LegalBasis { number: String::new(), ..world.basis() }),
                    ..world.press(&[MOBILE])
                },
                "legal_basis.number",
            ),
            (
                DisposeSubjects {
                    legal_basis: Some(LegalBasis { valid_to: Some(world.basis().issued_at), ..world.basis() }),
                    ..world.press(&[MOBILE])
                },
                "legal_basis.valid_to",
            ),
        ];
        for (press, field) in cases {
            let refusal = refused(world.link.dispose_subjects(handler(), press).await);
            assert_eq!((refusal.code, refusal.field.as_deref()), (Code::Invalid, Some(field)));
        }
    }
}

#[tokio::test]
async fn disguised_spellings_of_one_number_are_one_target() {
    for world in worlds().await {
        let press = world.press(&[MOBILE, "+86 139-1234-0001", "１３９１２３４０００１"]);
        let preview = world.link.preview_disposal(handler(), press).await.unwrap();
        assert!(preview.rows[0].fit);
        assert_eq!(kinds(&preview.rows[1]), [FindingKind::Duplicate]);
        assert_eq!(kinds(&preview.rows[2]), [FindingKind::Duplicate]);
    }
}
