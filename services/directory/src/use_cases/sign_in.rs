//! Letting people in, and slowing guesses down.

use std::sync::Arc;
use std::time::Duration;

use cordon_context::{Bilingual, CallContext, Code, PersonId, Refusal, SessionId};
use cordon_directory_contract::{Secret, Session, SignIn, SignInOutcome, SignedIn};
use cordon_ledger::Outcome;
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use super::authenticate::actor_of;
use super::{Office, gateway_only, unauthenticated};
use crate::credentials::one_time_code;
use crate::credentials::password::Compared;
use crate::credentials::token::{self, TokenKind};
use crate::domain::guard::Guard;
use crate::domain::names;
use crate::store::{guards, people, sessions};

/// The longest text that is kept of where a request came from.
const LONGEST_ORIGIN: usize = 200;
/// Stands for everything that cannot be a login.
const NO_LOGIN: &str = "-";

/// Lets a person in.
///
/// Whatever is wrong, the answer is the same and takes the same time; every attempt is counted before it is looked at.
pub(crate) async fn sign_in(office: &Arc<Office>, ctx: &CallContext, input: SignIn) -> Result<SignInOutcome, Failure> {
    gateway_only(ctx)?;
    let SignIn { login, password, code, origin } = input;
    let typed = names::login(&login).unwrap_or_else(|| NO_LOGIN.to_owned());
    let indexes = people::login_indexes(&office.vault, &typed)?;
    let index = indexes.first().cloned().unwrap_or_default();
    let _turn = office.turn(&index).await;
    let mine = count(office, ctx, &index).await?;
    let found = people::credentials_by_login(office.database.reader(), &office.vault, &indexes).await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let compared = match compare(office, password.clone(), hash).await {
        Ok(compared) => compared,
        Err(failure) => {
            // The attempt was not looked at, so it does not count.
            refund(office, ctx, &index, mine).await?;
            return Err(failure);
        }
    };
    let known = found.as_ref().map(|found| found.person);
    let Some(person) = found.filter(|found| compared.same && found.active) else {
        return refuse(office, ctx, known, mine).await;
    };
    let now = office.now();
    let step = match (&person.code_secret, code) {
        (None, _) => None,
        (Some(_), None) => {
            refund(office, ctx, &index, mine).await?;
            return Ok(SignInOutcome::CodeRequired);
        }
        (Some(secret), Some(code)) => match one_time_code::step_of(secret, &code, now, person.code_step)? {
            Some(step) => Some(step),
            None => return refuse(office, ctx, Some(person.person), mine).await,
        },
    };
    let rehashed = if compared.outdated { Some(office.passwords.hash(password).await?) } else { None };
    open_session(
        office,
        ctx,
        Admitted { person: person.person, index, step, old_hash: person.password_hash, rehashed, origin },
        mine,
    )
    .await
}

/// A person whose proofs were all right.
struct Admitted {
    person: PersonId,
    index: Vec<u8>,
    step: Option<i64>,
    old_hash: String,
    rehashed: Option<String>,
    origin: Option<String>,
}

async fn open_session(
    office: &Arc<Office>,
    ctx: &CallContext,
    admitted: Admitted,
    mine: Guard,
) -> Result<SignInOutcome, Failure> {
    let now = office.now();
    let person = admitted.person;
    let session = Session {
        id: SessionId::new(now),
        person,
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(Duration::from_secs(u64::from(office.settings.session.longest_hours) * 3_600)),
        origin: admitted
            .origin
            .as_deref()
            .map(|origin| origin.chars().filter(|letter| !letter.is_control()).take(LONGEST_ORIGIN).collect()),
        current: true,
    };
    let token = token::fresh(TokenKind::Session)?;
    let (id, expires_at, digest, vault) =
        (session.id, session.expires_at, token::digest(&token), Arc::clone(&office.vault));
    let Some(known) = actor_of(office, person, id, now).await? else { return Err(refused(&mine).into()) };
    let organisation = known.actor.organisation;
    let opened = office
        .database
        .write(ctx, move |mut tx| async move {
            let unchanged = people::hold_unchanged(&tx, person, &admitted.old_hash).await?;
            let fresh = match admitted.step {
                Some(step) => people::use_step(&tx, person, step).await?,
                None => true,
            };
            if !unchanged || !fresh {
                // A reset, a stop or a second use of the same code was faster.
                let payload = json!({"changed": !unchanged, "replay": !fresh});
                let record = AuditRecord::new("sign_in.refuse", person.to_string(), payload);
                tx.record(record.of_organisation(organisation).with_outcome(Outcome::Denied));
                return tx.commit(false).await;
            }
            guards::forget(&tx, &admitted.index).await?;
            if let Some(hash) = admitted.rehashed {
                people::rehash(&tx, person, &admitted.old_hash, &hash).await?;
            }
            sessions::insert(&tx, &vault, &session, digest).await?;
            tx.record(
                AuditRecord::new(
                    "session.open",
                    id.to_string(),
                    json!({"person": person, "code": admitted.step.is_some()}),
                )
                .of_organisation(organisation),
            );
            tx.commit(true).await
        })
        .await?;
    if !opened {
        return Err(refused(&mine).into());
    }
    Ok(SignInOutcome::SignedIn(Box::new(SignedIn {
        token,
        session: id,
        person,
        expires_at,
        idle_seconds: office.settings.session.idle_minutes.saturating_mul(60),
        pending: known.pending,
        actor: known.actor,
    })))
}

/// Compares a password, if it can be one at all; the caller has counted the attempt.
pub(super) async fn compare(office: &Office, password: Secret, hash: Option<String>) -> Result<Compared, Failure> {
    if names::is_password(password.expose()) {
        office.passwords.compare(password, hash).await
    } else {
        Ok(Compared { same: false, outdated: false })
    }
}

/// Counts an attempt on an account, or says how long to wait.
pub(super) async fn count(office: &Office, ctx: &CallContext, index: &[u8]) -> Result<Guard, Failure> {
    let (index, settings) = (index.to_vec(), office.settings.lock_out);
    let counted = office
        .database
        .write(ctx, move |tx| async move {
            let before = guards::hold(&tx, &index).await?;
            let outcome = Guard::attempt(before, tx.now(), &settings);
            if let Ok(guard) = &outcome {
                guards::put(&tx, &index, guard).await?;
            }
            tx.commit(outcome).await
        })
        .await?;
    counted.map_err(|wait| {
        let seconds = u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
        Refusal {
            rule: Some("sign_in.locked".to_owned()),
            text: Bilingual::new("尝试次数过多，请稍后再试", "too many attempts; try again later"),
            retry_after_seconds: Some(seconds),
            ..Refusal::new(Code::RateLimited)
        }
        .into()
    })
}

/// Takes back the count of an attempt that has not failed.
pub(super) async fn refund(office: &Office, ctx: &CallContext, index: &[u8], mine: Guard) -> Result<(), Failure> {
    let index = index.to_vec();
    office
        .database
        .write(ctx, move |tx| async move {
            if let Some(guard) = guards::hold(&tx, &index).await? {
                guards::put(&tx, &index, &guard.refunded(&mine)).await?;
            }
            tx.commit(()).await
        })
        .await
}

async fn refuse<T>(office: &Office, ctx: &CallContext, person: Option<PersonId>, mine: Guard) -> Result<T, Failure> {
    note_refusal(office, ctx, "sign_in.refuse", person, mine).await?;
    Err(refused(&mine).into())
}

/// Writes a failed attempt down; an unknown login costs the same.
pub(super) async fn note_refusal(
    office: &Office,
    ctx: &CallContext,
    action: &'static str,
    person: Option<PersonId>,
    mine: Guard,
) -> Result<(), Failure> {
    office
        .database
        .write(ctx, move |mut tx| async move {
            let object = person.map_or_else(|| "unknown".to_owned(), |person| person.to_string());
            let payload = json!({"failures": mine.failures, "locked": mine.locked_until.is_some()});
            tx.record(AuditRecord::new(action, object, payload).with_outcome(Outcome::Denied));
            tx.commit(()).await
        })
        .await
}

fn refused(mine: &Guard) -> Refusal {
    let wait = mine.locked_until.map(|until| until.since(mine.last_at).as_secs());
    Refusal {
        rule: Some("sign_in.refused".to_owned()),
        text: Bilingual::new("登录名、密码或验证码错误", "the login, password or code is wrong"),
        retry_after_seconds: wait.and_then(|seconds| u32::try_from(seconds).ok()),
        ..unauthenticated()
    }
}
