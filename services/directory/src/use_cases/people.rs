//! Entering people, stopping them, and showing who they are.

use std::sync::Arc;

use cordon_context::{Bilingual, CallContext, Page, PageRequest, PersonId, Refusal, Role};
use cordon_directory_contract::{
    CreatePerson, NewPerson, Person, PersonChanged, PersonFilter, Profile, RevealPerson, RevealedPerson,
    SetPersonActive, topic,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use super::authenticate::actor_of;
use super::sessions::end_all;
use super::{Office, at_most, event, oneself, reason, unauthenticated};
use crate::credentials::token::{self, TokenKind};
use crate::domain::names;
use crate::store::people::NewRow;
use crate::store::{duties, organisations, people};

/// People by their identifiers.
pub(crate) async fn by_ids(office: &Office, ctx: &CallContext, ids: &[PersonId]) -> Result<Vec<Person>, Failure> {
    let grant: Grant<act::Read, on::Person> = office.gate.authorize(ctx)?;
    at_most(ids)?;
    people::by_ids(office.database.reader(), &office.vault, ids, grant.scope()).await
}

/// A page of people.
pub(crate) async fn page(
    office: &Office,
    ctx: &CallContext,
    filter: &PersonFilter,
    request: &PageRequest,
) -> Result<Page<Person>, Failure> {
    let grant: Grant<act::Read, on::Person> = office.gate.authorize(ctx)?;
    people::page(office.database.reader(), &office.vault, filter, request, grant.scope(), office.now()).await
}

/// What the caller may know of themselves.
pub(crate) async fn profile(office: &Office, ctx: &CallContext) -> Result<Profile, Failure> {
    let (person, session) = oneself(ctx)?;
    let reader = office.database.reader();
    let oneself = cordon_context::Scope::system("own profile");
    let credentials = people::credentials_of(reader, &office.vault, person).await?;
    let (login, name) = credentials.login_and_name(&office.vault)?;
    let known = actor_of(office, person, session, office.now()).await?.ok_or_else(unauthenticated)?;
    Ok(Profile {
        person: people::one(reader, &office.vault, person, &oneself).await?,
        name,
        login,
        roles: duties::assignments_of(reader, &[person], &oneself).await?,
        pending: known.pending,
    })
}

/// Enters a person.
pub(crate) async fn create(office: &Arc<Office>, ctx: &CallContext, input: CreatePerson) -> Result<NewPerson, Failure> {
    let grant: Grant<act::Create, on::Person> = office.gate.authorize(ctx)?;
    let login = names::login(&input.login).ok_or_else(|| {
        let text = Bilingual::new(
            "登录名须为 3 至 64 个字母、数字、点、连字符或下划线",
            "a login has 3 to 64 letters, digits, dots, hyphens and underscores",
        );
        Refusal::invalid("login", "person.login", text)
    })?;
    let name = names::text("name", &input.name, 1, 50)?;
    let post = names::text("post", &input.post, 0, 50)?;
    let first = token::fresh(TokenKind::FirstPassword)?;
    let hash = office.passwords.hash(first.clone()).await?;
    let id = PersonId::new(office.now());
    let vault = Arc::clone(&office.vault);
    let stored = input.clone();
    let person = office
        .database
        .write_once(ctx, "directory.create_person", &stored, move |mut tx| async move {
            let organisation = organisations::one(tx.connection(), input.organisation, grant.scope()).await?;
            if !organisation.active {
                return Err(Refusal::rule(
                    "organisation.inactive",
                    Bilingual::new("机构已停用", "the organisation is stopped"),
                )
                .into());
            }
            // Who sees one organisation only must not learn from a taken login that somebody of another one has it.
            if !grant.scope().is_all() && !login.starts_with(&format!("{}.", organisation.code)) {
                let text = Bilingual::new(
                    format!("登录名须以 {}. 开头", organisation.code),
                    format!("a login of this organisation begins with {}.", organisation.code),
                );
                return Err(Refusal::invalid("login", "person.login_prefix", text).into());
            }
            let indexes = people::login_indexes(&vault, &login)?;
            if people::credentials_by_login(tx.connection(), &vault, &indexes).await?.is_some() {
                return Err(Refusal::rule(
                    "person.login_taken",
                    Bilingual::new("登录名已被使用", "the login is taken"),
                )
                .into());
            }
            let row = NewRow {
                id,
                organisation: organisation.id,
                login: &login,
                name: &name,
                post: &post,
                password_hash: &hash,
                must_change: true,
            };
            people::insert(&tx, &vault, &grant, &row).await?;
            tx.record(
                AuditRecord::new("person.create", id.to_string(), json!({"organisation": organisation.id}))
                    .of_organisation(organisation.id),
            );
            tx.emit(event(
                topic::PERSON_CHANGED,
                id,
                organisation.id,
                &PersonChanged { person: id, organisation: organisation.id, active: true },
            )?);
            let person = people::one(tx.connection(), &vault, id, grant.scope()).await?;
            tx.commit(person).await
        })
        .await?;
    // A repeat answers an earlier person, whose password went out then and is kept nowhere.
    let first_password = (person.id == id).then_some(first);
    Ok(NewPerson { person, first_password })
}

/// Lets a person act, or stops them at once.
pub(crate) async fn set_active(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: SetPersonActive,
) -> Result<Person, Failure> {
    let grant: Grant<act::Modify, on::Person> = office.gate.authorize(ctx)?;
    let why = reason(&input.reason)?;
    if ctx.actor.person() == Some(input.person) {
        return Err(
            Refusal::rule("person.self", Bilingual::new("不得停用或启用自己", "nobody stops themselves")).into()
        );
    }
    let vault = Arc::clone(&office.vault);
    let stored = input.clone();
    office
        .database
        .write_once(ctx, "directory.set_person_active", &stored, move |mut tx| async move {
            let before = people::one(tx.connection(), &vault, input.person, grant.scope()).await?;
            if !input.active {
                let roles = duties::effective_roles(tx.connection(), input.person, tx.now()).await?;
                if roles.contains(&Role::SecurityAdmin)
                    && people::holders_beside(&tx, Role::SecurityAdmin, input.person).await? == 0
                {
                    return Err(super::roles::last_security_admin().into());
                }
            }
            people::set_active(&tx, &grant, input.person, input.version, input.active).await?;
            tx.record(
                AuditRecord::new(
                    "person.set_active",
                    input.person.to_string(),
                    json!({"before": before.active, "after": input.active, "reason": why}),
                )
                .of_organisation(before.organisation),
            );
            let change =
                PersonChanged { person: input.person, organisation: before.organisation, active: input.active };
            tx.emit(event(topic::PERSON_CHANGED, input.person, before.organisation, &change)?);
            if !input.active {
                end_all(&mut tx, input.person, before.organisation, None, "stopped").await?;
            }
            let after = people::one(tx.connection(), &vault, input.person, grant.scope()).await?;
            tx.commit(after).await
        })
        .await
}

/// Shows a person's name and login in the clear.
pub(crate) async fn reveal(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: RevealPerson,
) -> Result<RevealedPerson, Failure> {
    let grant: Grant<act::Reveal, on::Person> = office.gate.authorize(ctx)?;
    let why = reason(&input.reason)?;
    let vault = Arc::clone(&office.vault);
    let stored = input.clone();
    office
        .database
        .write_once(ctx, "directory.reveal_person", &stored, move |mut tx| async move {
            let person = people::one(tx.connection(), &vault, input.person, grant.scope()).await?;
            let credentials = people::credentials_of(tx.connection(), &vault, person.id).await?;
            let (login, name) = credentials.login_and_name(&vault)?;
            tx.record(
                AuditRecord::new("person.reveal", person.id.to_string(), json!({"reason": why}))
                    .of_organisation(person.organisation),
            );
            tx.commit(RevealedPerson { id: person.id, name, login }).await
        })
        .await
}
