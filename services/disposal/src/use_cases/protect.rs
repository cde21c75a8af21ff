//! The protected list. An entry protects from the moment it is proposed; taking one out takes two persons.

use cordon_context::{Bilingual, CallContext, Page, PageRequest, ProtectedId, Refusal};
use cordon_disposal_contract::{ProposeProtected, Protected, ProtectedState, ProtectedStep, Subject, TargetKind};
use cordon_identifier::Identifier;
use cordon_policies::{ActionName, Grant, act, on};
use cordon_store::{AuditRecord, Failure};
use cordon_vault::Place;
use serde_json::json;

use crate::domain::rules::RuleViolation;
use crate::service::{Disposal, Standing as _};
use crate::store::protected::{self, StoredProtected};
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::refuse;

impl Disposal {
    /// Proposes an entry.
    pub(crate) async fn propose_protected(
        &self,
        ctx: &CallContext,
        input: ProposeProtected,
    ) -> Result<Protected, Failure> {
        let grant = self.grant::<act::Create, on::Protected>(ctx)?;
        let person = ctx.actor.named_person()?;
        check_text("reason", &input.reason)?;
        let identifier = match input.target {
            Some(kind) => Identifier::parse(kind, &input.text).map_err(|invalid| {
                let text = Bilingual::new(invalid.rule.zh(), invalid.rule.en());
                Refusal::invalid("text", format!("identifier.{}", invalid.rule.code()), text)
            })?,
            None => Identifier::guess(&input.text)
                .into_iter()
                .find(|guess| TargetKind::of(guess.kind()).is_some())
                .ok_or_else(|| {
                    Refusal::invalid("text", "identifier.form", Bilingual::new("无法识别", "it cannot be read"))
                })?,
        };
        let Some(kind) = TargetKind::of(identifier.kind()) else {
            let text = Bilingual::new("该类标识不是处置对象", "identifiers of this kind are no targets");
            return Err(Refusal::invalid("target", "subject.never_target", text).into());
        };
        let (subject, subject_index) = self.subject(&identifier)?;
        let subject = Subject { id: subject, kind, identifier_kind: identifier.kind(), masked: identifier.masked() };
        let service = self.clone();
        let asked = input.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, "disposal.propose_protected", &asked, move |mut tx| async move {
                let now = tx.now();
                let id = ProtectedId::new(now);
                let value = service
                    .parts
                    .vault
                    .seal(Place::new("protected_entry", "value", id.uuid().as_bytes()), identifier.value().as_bytes())
                    .map_err(|source| Failure::internal("a protected target could not be sealed", source))?
                    .into_vec();
                let actor = tx.context().actor.clone();
                let entry = StoredProtected {
                    protected: Protected {
                        id,
                        subject,
                        kind: input.kind,
                        reason: input.reason.trim().to_owned(),
                        state: ProtectedState::Proposed,
                        proposed_by: person,
                        confirmed_by: None,
                        changed_at: now,
                        version: 1,
                    },
                    subject_index,
                    value,
                    organisation: actor.organisation,
                    region: actor.region,
                };
                protected::insert(&tx, &grant, &entry).await?;
                tx.record(AuditRecord::new(
                    "protected.propose",
                    id.to_string(),
                    json!({ "kind": entry.protected.kind }),
                ));
                tx.commit(entry.protected).await
            })
            .await;
        match outcome {
            Err(error) if error.is_duplicate() => Err(refuse(RuleViolation::PROTECTED_DUPLICATE)),
            other => other,
        }
    }

    /// Proposes to take an entry out; it goes on protecting until somebody else confirms.
    pub(crate) async fn propose_removal(&self, ctx: &CallContext, input: ProtectedStep) -> Result<Protected, Failure> {
        let grant = self.grant::<act::Create, on::Protected>(ctx)?;
        // Any organ that may propose entries may propose to take one out; a second person at an approving duty decides.
        let reading = self.grant::<act::Read, on::Protected>(ctx)?;
        self.step_protected(ctx, grant, reading, input, "protected.propose_removal").await
    }

    /// Confirms the last proposal on an entry.
    pub(crate) async fn confirm_protected(
        &self,
        ctx: &CallContext,
        input: ProtectedStep,
    ) -> Result<Protected, Failure> {
        let grant = self.grant::<act::Approve, on::Protected>(ctx)?;
        let reading = self.grant::<act::Read, on::Protected>(ctx)?;
        self.step_protected(ctx, grant, reading, input, "protected.confirm").await
    }

    async fn step_protected<A: ActionName>(
        &self,
        ctx: &CallContext,
        grant: Grant<A, on::Protected>,
        reading: Grant<act::Read, on::Protected>,
        input: ProtectedStep,
        event: &'static str,
    ) -> Result<Protected, Failure> {
        let person = ctx.actor.named_person()?;
        check_text("reason", &input.reason)?;
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, event, &asked, move |mut tx| async move {
                let mut entry = protected::load(tx.connection(), reading.scope(), input.protected).await?;
                let confirming = event == "protected.confirm";
                let from = entry.protected.state;
                let to = match (from, confirming) {
                    (ProtectedState::Proposed, true) => ProtectedState::Confirmed,
                    (ProtectedState::RemovalProposed, true) => ProtectedState::Removed,
                    (ProtectedState::Proposed | ProtectedState::Confirmed, false) => ProtectedState::RemovalProposed,
                    _ => return Err(refuse(RuleViolation::PROTECTED_STATE)),
                };
                if confirming && entry.protected.proposed_by == person {
                    return Err(refuse(RuleViolation::PROTECTED_FOUR_EYES));
                }
                entry.protected.state = to;
                if confirming {
                    entry.protected.confirmed_by = Some(person);
                } else {
                    entry.protected.proposed_by = person;
                    entry.protected.confirmed_by = None;
                }
                entry.protected.changed_at = tx.now();
                protected::update(&tx, &grant, &mut entry).await?;
                let detail = json!({ "from": from, "to": to, "reason": input.reason.trim() });
                tx.record(AuditRecord::new(event, input.protected.to_string(), detail));
                tx.commit(entry.protected).await
            })
            .await
    }

    /// Lists the protected list.
    pub(crate) async fn list_protected(
        &self,
        ctx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<Protected>, Failure> {
        let grant = self.grant::<act::Read, on::Protected>(ctx)?;
        let found = protected::list(self.parts.database.reader(), grant.scope(), &page).await?;
        Ok(found.map(|entry| entry.protected))
    }
}
