//! 复核: one review of an answered appeal, by the organ above the one that decided.

use cordon_context::{Bilingual, CallContext, Refusal, Scope};
use cordon_disposal_contract::{Appeal, AppealText, AppealedMeasure, Competence, FileAppeal, FiledAppeal};
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::domain::appeal_machine::reviewable;
use crate::domain::content_hash::digest_of;
use crate::domain::rules::RuleViolation;
use crate::service::{Disposal, Standing as _};
use crate::store::appeals::{SealedWords, Words};
use crate::store::{appeals, orders, tasks};
use crate::use_cases::appeal_file::Hearing;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::refuse;

const REVIEW: &str = "disposal.request_appeal_review";

impl Disposal {
    /// Registers the review of an appeal.
    pub(crate) async fn request_appeal_review(
        &self,
        ctx: &CallContext,
        input: AppealText,
    ) -> Result<FiledAppeal, Failure> {
        let grant = self.grant::<act::Create, on::Appeal>(ctx)?;
        check_text("text", &input.text)?;
        if let Some(before) = self.parts.database.answered::<_, Appeal>(ctx, REVIEW, &input).await? {
            let code = self.code_of(before.id)?;
            return Ok(FiledAppeal { appeal: before, code });
        }
        let first = appeals::load(self.parts.database.reader(), grant.scope(), input.appeal).await?;
        let (target, digest) = (Target::Appeal(input.appeal), digest_of(&input));
        let is_review = first.appeal.review_of.is_some();
        // The one review belongs to the appellant, who speaks through whoever registered the appeal.
        let receives = ctx.actor.acts_for(first.appeal.received_by) || ctx.actor.executes_for(first.appeal.received_by);
        let superior = match reviewable(first.appeal.state, first.appeal.outcome, is_review) {
            Ok(()) if !receives => Err(refuse(RuleViolation::APPEAL_RECEIVER)),
            Ok(()) => self.superior_of(first.appeal.competent).await,
            Err(rule) => Err(refuse(rule)),
        };
        let superior = self.noting(ctx, target, "appeal.request_review", digest.clone(), superior).await?;
        let service = self.clone();
        let asked = input.clone();
        let kept = digest.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, REVIEW, &asked, move |mut tx| async move {
                let first = appeals::load(tx.connection(), grant.scope(), input.appeal).await?;
                let is_review = first.appeal.review_of.is_some();
                reviewable(first.appeal.state, first.appeal.outcome, is_review).map_err(Refusal::from)?;
                let scope = Scope::system("register a review");
                let mut task = tasks::load(tx.connection(), &scope, first.appeal.task).await?;
                let order = orders::load(tx.connection(), &scope, task.order).await?;
                let vault = &service.parts.vault;
                let open = |column| first.sealed.open(vault, first.appeal.id, column);
                let (appellant, contact, papers) = (open("appellant")?, open("contact")?, open("papers")?);
                let filed = FileAppeal {
                    against: AppealedMeasure::Task { task: task.id },
                    channel: first.appeal.channel,
                    appellant: appellant.clone(),
                    contact: contact.clone(),
                    statement: input.text.clone(),
                    proxy_document: first.appeal.by_proxy.then(String::new),
                    documents: Vec::new(),
                };
                let mut stored = service.new_appeal(&tx, &task, &order, superior, &filed).await?;
                stored.appeal.review_of = Some(first.appeal.id);
                stored.appeal.received_by = first.appeal.received_by;
                let words = Words { appellant: &appellant, contact: &contact, statement: &input.text, papers: &papers };
                stored.sealed = SealedWords::seal(vault, stored.appeal.id, words)?;
                let stored = match service.register(&mut tx, &grant, stored, &mut task, kept).await {
                    Err(error) if error.is_duplicate() => Err(refuse(RuleViolation::APPEAL_REVIEWED)),
                    other => other,
                }?;
                tx.commit(stored.appeal).await
            })
            .await;
        let appeal: Appeal = self.noting(ctx, target, "appeal.request_review", digest, outcome).await?;
        let code = self.code_of(appeal.id)?;
        Ok(FiledAppeal { appeal, code })
    }

    async fn superior_of(&self, organ: cordon_context::OrganisationId) -> Result<Hearing, Failure> {
        let ctx = self.system("appeal review");
        let nobody = || {
            let text = Bilingual::new("该机关没有可复核的上级机关", "no organ stands above that one");
            Failure::from(Refusal::rule("appeal.no_superior", text))
        };
        let neighbours = &self.parts.neighbours;
        let below = neighbours.organs(&ctx, vec![organ]).await?.into_iter().next().ok_or_else(nobody)?;
        let parent = below.parent.ok_or_else(nobody)?;
        let above = neighbours.organs(&ctx, vec![parent]).await?.into_iter().next().ok_or_else(nobody)?;
        Ok(Hearing { organ: above.id, region: above.region, competence: Competence::Superior })
    }
}
