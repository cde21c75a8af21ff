//! Who calls; decided in the edge, before any body is read.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{HttpMessage as _, HttpRequest};
use async_trait::async_trait;
use cordon_context::{Actor, Code, Refusal, Trace};

/// What a caller shows, with the address that it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The text behind `Bearer`.
    pub token: String,
    /// Where the caller is.
    pub address: Option<IpAddr>,
    /// Whether this is a person's or program's own doing, and not a re-check of an open connection.
    pub activity: bool,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Whom a credential stands for.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// Who.
    pub actor: Actor,
    /// The public keys with which the requests of a program are signed; none are asked for where there is no key.
    pub message_keys: Vec<String>,
}

/// Turns a credential into an actor, by the rows as they are at this moment.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// Says who it is, or refuses.
    async fn authenticate(&self, credential: &Credential, trace: Trace) -> Result<Recognised, Refusal>;
}

/// Who calls.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody in particular.
    Anonymous {
        /// Where the caller is.
        address: Option<IpAddr>,
    },
    /// Somebody who showed a valid credential.
    Known(Arc<Known>),
}

/// A caller who showed a valid credential.
#[derive(Debug)]
pub struct Known {
    /// Who.
    pub actor: Actor,
    /// The public keys with which the requests of a program are signed.
    pub message_keys: Vec<String>,
    /// What was shown, for the re-check of open connections.
    pub credential: Credential,
}

impl Known {
    /// Puts whom a credential stands for and the credential together.
    pub fn new(recognised: Recognised, credential: Credential) -> Arc<Self> {
        let Recognised { actor, message_keys } = recognised;
        Arc::new(Self { actor, message_keys, credential })
    }
}

impl Caller {
    /// The actor, if there is one.
    pub fn actor(&self) -> Option<&Actor> {
        match self {
            Self::Anonymous { .. } => None,
            Self::Known(known) => Some(&known.actor),
        }
    }

    /// Where the caller is.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Anonymous { address } => *address,
            Self::Known(known) => known.credential.address,
        }
    }

    /// The name of the caller's budget; many addresses of one IPv6 customer are one.
    pub fn budget(&self) -> String {
        match self {
            Self::Known(known) => known.actor.party(),
            Self::Anonymous { address } => budget_of(*address),
        }
    }
}

/// The name of the budget of an address.
pub(crate) fn budget_of(address: Option<IpAddr>) -> String {
    match address {
        None => "nowhere".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The caller whom the edge found; anonymous where no edge stands before the handler.
pub fn caller_of(request: &HttpRequest) -> Caller {
    request.extensions().get::<Caller>().cloned().unwrap_or(Caller::Anonymous { address: None })
}

/// The longest token that is looked at.
const MAX_TOKEN: usize = 4_096;

/// Reads the bearer token; none is fine, a malformed or a second one is not.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let refusal = || Refusal::new(Code::Unauthenticated);
    let mut values = headers.get_all(AUTHORIZATION);
    let only = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only.to_str().map_err(|_source| refusal())?,
        (Some(_), Some(_)) => return Err(refusal()),
    };
    let (scheme, token) = only.split_once(' ').ok_or_else(refusal)?;
    let token = token.trim();
    let fits = scheme.eq_ignore_ascii_case("bearer")
        && (1..=MAX_TOKEN).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(Some(token.to_owned())) } else { Err(refusal()) }
}
