//! What a citizen sees with number and code.

use cordon_context::{Bilingual, CallContext, Refusal};
use cordon_disposal_contract::{AppealProgress, AppealState, AskProgress};
use cordon_store::Failure;

use crate::domain::numbers::{Series, is_valid};
use crate::service::Disposal;
use crate::store::appeals;
use crate::use_cases::appeal_file::code_digest;

impl Disposal {
    /// Tells how an appeal stands. Whoever asks is nobody in particular; number and code together are the permission.
    pub(crate) async fn appeal_progress(
        &self,
        _ctx: &CallContext,
        input: AskProgress,
    ) -> Result<AppealProgress, Failure> {
        let number = input.number.trim().to_ascii_uppercase();
        let found = if is_valid(Series::Appeal, &number) {
            appeals::by_number(self.parts.database.reader(), &number).await?
        } else {
            None
        };
        // The same work is done whether the number exists or not, and both answers are the same.
        let given = code_digest(&input.code);
        let expected = found.as_ref().map_or_else(|| vec![0; given.len()], |stored| stored.code_digest.clone());
        let same = expected.len() == given.len()
            && expected.iter().zip(&given).fold(0_u8, |difference, (one, other)| difference | (one ^ other)) == 0;
        let Some(stored) = found.filter(|_| same) else { return Err(Refusal::not_found().into()) };
        let appeal = stored.appeal;
        let answered = matches!(appeal.state, AppealState::Replied | AppealState::Closed);
        Ok(AppealProgress {
            due: match appeal.state {
                AppealState::Submitted => Some(appeal.accept_due),
                AppealState::Accepted | AppealState::Assigned | AppealState::Verifying => appeal.verify_due,
                _ => None,
            },
            text: words(appeal.state),
            number: appeal.number,
            subject_masked: appeal.subject.masked,
            state: appeal.state,
            submitted_at: appeal.submitted_at,
            supplement: appeal.supplement,
            outcome: appeal.outcome.filter(|_| answered),
        })
    }
}

fn words(state: AppealState) -> Bilingual {
    let (zh, en) = match state {
        AppealState::Submitted => ("申诉已登记并转交作出决定的机关", "registered and passed to the organ that decided"),
        AppealState::SupplementNeeded => ("需要补充材料", "something is missing"),
        AppealState::Accepted => ("已受理", "accepted"),
        AppealState::NotAccepted => ("不予受理", "not accepted"),
        AppealState::Assigned => ("已分派承办人", "given to an officer"),
        AppealState::Verifying => ("核查中", "being looked into"),
        AppealState::Decided => ("已作出决定，正在执行", "decided; being carried out"),
        AppealState::Executed => ("决定已执行，即将答复", "carried out; you will be answered"),
        AppealState::Replied => ("已答复", "answered"),
        AppealState::Closed => ("已办结", "closed"),
    };
    Bilingual::new(zh, en)
}
