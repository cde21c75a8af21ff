//! Reading and keeping the register of organisations.

use std::sync::Arc;

use cordon_context::{Actor, Bilingual, CallContext, OrganisationId, Page, PageRequest, Refusal};
use cordon_directory_contract::{
    ChangeOrganisation, Contact, CreateOrganisation, Organisation, OrganisationChanged, OrganisationFilter,
    Responsibility, topic,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use super::sessions::end_all;
use super::{Office, at_most, event};
use crate::domain::tree::Parent;
use crate::domain::{names, routing, tree};
use crate::store::{organisations, sessions};

/// The most things that one organisation can answer for.
const MOST_RESPONSIBILITIES: usize = 500;

/// Organisations by their identifiers.
pub(crate) async fn by_ids(
    office: &Office,
    ctx: &CallContext,
    ids: &[OrganisationId],
) -> Result<Vec<Organisation>, Failure> {
    let grant: Grant<act::Read, on::Organisation> = office.gate.authorize(ctx)?;
    at_most(ids)?;
    organisations::by_ids(office.database.reader(), ids, grant.scope()).await
}

/// A page of organisations.
pub(crate) async fn page(
    office: &Office,
    ctx: &CallContext,
    filter: &OrganisationFilter,
    request: &PageRequest,
) -> Result<Page<Organisation>, Failure> {
    let grant: Grant<act::Read, on::Organisation> = office.gate.authorize(ctx)?;
    organisations::page(office.database.reader(), filter, request, grant.scope()).await
}

/// The tree, or the part below one organisation.
pub(crate) async fn whole_tree(
    office: &Office,
    ctx: &CallContext,
    root: Option<OrganisationId>,
) -> Result<Vec<Organisation>, Failure> {
    let grant: Grant<act::Read, on::Organisation> = office.gate.authorize(ctx)?;
    let all = organisations::all(office.database.reader(), grant.scope()).await?;
    if root.is_some_and(|root| !all.iter().any(|organisation| organisation.id == root)) {
        return Err(Refusal::not_found().into());
    }
    Ok(tree::ordered(all, root))
}

/// Who answers for what; the same whoever asks, because an order goes where it belongs.
pub(crate) async fn responsible_for(
    office: &Office,
    ctx: &CallContext,
    questions: &[Responsibility],
) -> Result<Vec<Option<OrganisationId>>, Failure> {
    let _grant: Grant<act::Read, on::Organisation> = office.gate.authorize(ctx)?;
    if questions.len() > 20_000 {
        return Err(Refusal::invalid(
            "queries",
            "list.length",
            Bilingual::new("一次最多查询 20000 项", "at most 20,000 at once"),
        )
        .into());
    }
    let entries = organisations::entries_for(office.database.reader(), questions).await?;
    let mut answers = std::collections::HashMap::new();
    Ok(questions
        .iter()
        .map(|question| *answers.entry(question).or_insert_with(|| routing::answer(question, &entries)))
        .collect())
}

/// Enters an organisation.
pub(crate) async fn create(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: CreateOrganisation,
) -> Result<Organisation, Failure> {
    let grant: Grant<act::Create, on::Organisation> = office.gate.authorize(ctx)?;
    let fits = (2..=64).contains(&input.code.len())
        && input.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !fits {
        let text = Bilingual::new(
            "代码须为 2 至 64 个小写字母、数字或连字符",
            "a code has 2 to 64 lower-case letters, digits and hyphens",
        );
        return Err(Refusal::invalid("code", "organisation.code", text).into());
    }
    let now = office.now();
    let organisation = Organisation {
        id: OrganisationId::new(now),
        code: input.code.clone(),
        name: names::text("name", &input.name, 1, 100)?,
        name_en: names::text("nameEn", &input.name_en, 0, 200)?,
        kind: input.kind,
        level: input.level,
        region: input.region,
        parent: input.parent,
        responsibilities: normal(input.responsibilities.clone())?,
        contact: checked(input.contact.clone())?,
        active: true,
        created_at: now,
        version: 1,
    };
    office
        .database
        .write_once(ctx, "directory.create_organisation", &input, move |mut tx| async move {
            enter(&mut tx, &grant, &organisation).await?;
            tx.commit(organisation).await
        })
        .await
}

/// Checks an organisation against the rows and writes it.
pub(crate) async fn enter(
    tx: &mut Tx,
    grant: &Grant<act::Create, on::Organisation>,
    organisation: &Organisation,
) -> Result<(), Failure> {
    let parent = match organisation.parent {
        Some(id) => Some(organisations::one(tx.connection(), id, grant.scope()).await?),
        None => None,
    };
    let place = parent.as_ref().map(|parent| Parent { kind: parent.kind, region: parent.region });
    tree::check(organisation.kind, organisation.level, organisation.region, place.as_ref())?;
    if organisations::code_is_taken(tx.connection(), &organisation.code).await? {
        return Err(
            Refusal::rule("organisation.code_taken", Bilingual::new("机构代码已被使用", "the code is taken")).into()
        );
    }
    refuse_taken(tx, organisation).await?;
    organisations::insert(tx, grant, organisation).await?;
    tx.record(
        AuditRecord::new(
            "organisation.create",
            organisation.id.to_string(),
            json!({"code": organisation.code, "kind": organisation.kind, "region": organisation.region}),
        )
        .of_organisation(organisation.id),
    );
    tx.emit(event(
        topic::ORGANISATION_CHANGED,
        organisation.id,
        organisation.id,
        &OrganisationChanged { organisation: organisation.clone() },
    )?);
    Ok(())
}

/// Changes an organisation.
pub(crate) async fn change(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: ChangeOrganisation,
) -> Result<Organisation, Failure> {
    let grant: Grant<act::Modify, on::Organisation> = office.gate.authorize(ctx)?;
    if input.id == Actor::platform_organisation() && input.active == Some(false) {
        return Err(Refusal::rule(
            "organisation.operator",
            Bilingual::new("平台运营方不得停用", "the platform's operator cannot be stopped"),
        )
        .into());
    }
    let stored = input.clone();
    office
        .database
        .write_once(ctx, "directory.change_organisation", &stored, move |mut tx| async move {
            let before = organisations::one(tx.connection(), input.id, grant.scope()).await?;
            if before.version != input.version {
                return Err(Refusal::conflict().into());
            }
            let after = changed(before.clone(), input)?;
            refuse_taken(&tx, &after).await?;
            organisations::update(&tx, &grant, &after).await?;
            tx.record(
                AuditRecord::new(
                    "organisation.change",
                    after.id.to_string(),
                    json!({
                        "active": {"before": before.active, "after": after.active},
                        "responsibilities": {"before": before.responsibilities, "after": after.responsibilities},
                    }),
                )
                .of_organisation(after.id),
            );
            tx.emit(event(
                topic::ORGANISATION_CHANGED,
                after.id,
                after.id,
                &OrganisationChanged { organisation: after.clone() },
            )?);
            if !after.active {
                for person in sessions::people_signed_in(&tx, after.id).await? {
                    end_all(&mut tx, person, after.id, None, "organisation").await?;
                }
            }
            tx.commit(after).await
        })
        .await
}

fn changed(mut organisation: Organisation, input: ChangeOrganisation) -> Result<Organisation, Refusal> {
    let ChangeOrganisation { id: _, version, name, name_en, responsibilities, contact, active } = input;
    organisation.version = version + 1;
    if let Some(name) = name {
        organisation.name = names::text("name", &name, 1, 100)?;
    }
    if let Some(name_en) = name_en {
        organisation.name_en = names::text("nameEn", &name_en, 0, 200)?;
    }
    if let Some(responsibilities) = responsibilities {
        organisation.responsibilities = normal(responsibilities)?;
    }
    if let Some(contact) = contact {
        organisation.contact = checked(contact)?;
    }
    if let Some(active) = active {
        organisation.active = active;
    }
    Ok(organisation)
}

fn normal(mut responsibilities: Vec<Responsibility>) -> Result<Vec<Responsibility>, Refusal> {
    responsibilities.sort();
    responsibilities.dedup();
    if responsibilities.len() > MOST_RESPONSIBILITIES {
        return Err(Refusal::invalid("responsibilities", "list.length", Bilingual::new("最多 500 项", "at most 500")));
    }
    Ok(responsibilities)
}

fn checked(contact: Contact) -> Result<Contact, Refusal> {
    Ok(Contact {
        office: names::text("contact.office", &contact.office, 0, 100)?,
        telephone: names::text("contact.telephone", &contact.telephone, 0, 40)?,
        email: names::text("contact.email", &contact.email, 0, 100)?,
    })
}

async fn refuse_taken(tx: &Tx, organisation: &Organisation) -> Result<(), Failure> {
    let outside = organisation.responsibilities.iter().find(|responsibility| {
        !responsibility.code().is_empty()
            && !organisation.region.contains(routing::place(responsibility, organisation.region))
            && matches!(responsibility, Responsibility::Network { .. })
    });
    if let Some(outside) = outside {
        let text = Bilingual::new(
            format!("{outside} 超出机构所在区域"),
            format!("{outside} lies outside the organisation's region"),
        );
        return Err(Refusal::invalid("responsibilities", "organisation.responsibility_region", text).into());
    }
    if !organisation.responsibilities.is_empty() && !(organisation.kind.is_enterprise()) {
        let text = Bilingual::new("仅企业可承担处置责任", "only enterprises answer for the execution of orders");
        return Err(Refusal::invalid("responsibilities", "organisation.responsibility_kind", text).into());
    }
    if let Some(taken) = organisations::taken(tx, organisation).await? {
        let text = Bilingual::new(
            format!("{taken} 已由其他机构负责，请先从该机构移除"),
            format!("another organisation answers for {taken}; remove it there first"),
        );
        return Err(Refusal::rule("organisation.responsibility_taken", text).into());
    }
    Ok(())
}
