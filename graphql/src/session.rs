//! What one request knows: who asks, by when, with which loaders.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use async_graphql::{Context, Result};
use cordon_context::{Action, Actor, Bilingual, CallContext, Code, IdempotencyKey, Proof, Refusal, Resource, Trace};
use cordon_web::authentication::Known;
use cordon_web::{Caller, Credential, Edge};

use crate::answer::error_of;
use crate::budget;
use crate::engine::{Engine, Origin};
use crate::loaders::Loaders;
use crate::services::Services;

/// Lives as long as one request; that of a subscription is renewed before each event.
pub(crate) struct Session {
    pub(crate) engine: Arc<Engine>,
    pub(crate) trace: Trace,
    edge: Arc<Edge>,
    header_key: Option<IdempotencyKey>,
    proof: Proof,
    cost: AtomicUsize,
    unpaid: OnceLock<Refusal>,
    denials: Mutex<HashMap<(Action, Resource), Refusal>>,
    now: RwLock<Now>,
}

/// What changes when a session is renewed.
#[derive(Clone)]
struct Now {
    caller: Caller,
    loaders: Option<Arc<Loaders>>,
}

impl Session {
    pub(crate) fn new(engine: Arc<Engine>, edge: Arc<Edge>, origin: Origin) -> Self {
        let Origin { caller, trace, key, proof } = origin;
        let now = RwLock::new(Now { loaders: loaders_of(&engine, &caller, trace), caller });
        Self {
            engine,
            trace,
            edge,
            header_key: key,
            proof,
            cost: AtomicUsize::new(0),
            unpaid: OnceLock::new(),
            denials: Mutex::default(),
            now,
        }
    }

    pub(crate) fn services(&self) -> &Services {
        self.engine.services()
    }

    pub(crate) fn caller(&self) -> Caller {
        self.now.read().unwrap_or_else(PoisonError::into_inner).caller.clone()
    }

    pub(crate) fn actor(&self) -> Result<Actor, Refusal> {
        self.caller().actor().cloned().ok_or_else(|| Refusal::new(Code::Unauthenticated))
    }

    /// Asks again who calls, and forgets what was loaded before; refuses if the credential is not valid any more.
    pub(crate) async fn renew(&self) -> Result<(), Refusal> {
        let caller = self.caller();
        let Caller::Known(known) = &caller else {
            return Err(Refusal::new(Code::Unauthenticated));
        };
        let credential = Credential { activity: false, ..known.credential.clone() };
        let recognised = self.engine.authenticator().authenticate(&credential, self.trace).await?;
        let caller = Caller::Known(Known::new(recognised, credential));
        let loaders = loaders_of(&self.engine, &caller, self.trace);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Now { caller, loaders };
        Ok(())
    }

    /// The context of a reading call.
    pub(crate) fn call(&self) -> Result<CallContext, Refusal> {
        Ok(CallContext { proof: self.proof, ..context_of(&self.engine, self.actor()?, self.trace) })
    }

    /// The context of a changing call, under the key of the input or of the request's header; of a signed request, the signed
    /// identifier stands for the header.
    pub(crate) fn changing_call(&self, key: Option<&str>) -> Result<CallContext, Refusal> {
        let given = key.map(|text| text.parse::<IdempotencyKey>().map_err(|()| invalid_key())).transpose()?;
        if let (Some(given), Some(header)) = (&given, &self.header_key)
            && given != header
            && self.proof == Proof::NotOwed
        {
            return Err(invalid_key());
        }
        Ok(CallContext { idempotency_key: given.or_else(|| self.header_key.clone()), ..self.call()? })
    }

    /// The context of a call that the gateway itself makes, such as a sign-in.
    pub(crate) fn gateway_call(&self, reason: &'static str) -> CallContext {
        context_of(&self.engine, Actor::system(reason), self.trace)
    }

    /// Takes units from the caller's budget, or refuses and says when to come back.
    pub(crate) fn spend(&self, units: u32) -> Result<(), Refusal> {
        let Some(units) = NonZeroU32::new(units) else { return Ok(()) };
        self.edge.per_caller().spend(&self.caller().budget(), units).map(|_left| ())
    }

    /// Takes the price of a document of this cost, before anything of it is resolved.
    pub(crate) fn pay_for(&self, cost: usize) -> Result<(), Refusal> {
        self.cost.store(cost, Ordering::Relaxed);
        self.spend(budget::of_cost(cost)).inspect_err(|refusal| drop(self.unpaid.set(refusal.clone())))
    }

    /// Why nothing was resolved, if the caller could not pay for it.
    pub(crate) fn unpaid(&self) -> Option<&Refusal> {
        self.unpaid.get()
    }

    /// Refuses, and notes the attempt the first time: a document may try the same thing under a hundred aliases.
    pub(crate) fn deny(&self, context: &CallContext, action: Action, resource: Resource) -> Refusal {
        let mut denials = self.denials.lock().unwrap_or_else(PoisonError::into_inner);
        let first = denials.entry((action, resource));
        first.or_insert_with(|| self.engine.gate().deny(context, action, resource)).clone()
    }

    pub(crate) fn cost(&self) -> usize {
        self.cost.load(Ordering::Relaxed)
    }

    fn loaders(&self) -> Result<Arc<Loaders>, Refusal> {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        now.loaders.clone().ok_or_else(|| Refusal::new(Code::Unauthenticated))
    }
}

fn context_of(engine: &Engine, actor: Actor, trace: Trace) -> CallContext {
    let timeout = Duration::from_secs(u64::from(engine.settings().timeout_seconds));
    CallContext {
        actor,
        deadline: engine.now().plus(timeout),
        trace: trace.child(),
        idempotency_key: None,
        proof: Proof::NotOwed,
    }
}

fn loaders_of(engine: &Engine, caller: &Caller, trace: Trace) -> Option<Arc<Loaders>> {
    let actor = caller.actor()?.clone();
    Some(Arc::new(Loaders::new(engine.services(), engine.gate(), &context_of(engine, actor, trace))))
}

pub(crate) fn invalid_key() -> Refusal {
    let text = Bilingual::new(
        "幂等键须为 8 至 128 个可见 ASCII 字符，且请求头与输入中的须一致",
        "an idempotency key has 8 to 128 visible ASCII characters, the same in header and input",
    );
    Refusal::invalid("idempotencyKey", "idempotency_key.form", text)
}

/// The session of the request.
pub(crate) fn session<'a>(ctx: &Context<'a>) -> Result<&'a Arc<Session>> {
    ctx.data::<Arc<Session>>()
}

/// The loaders of the request, for fields.
pub(crate) fn loaders(ctx: &Context<'_>) -> Result<Arc<Loaders>> {
    session(ctx)?.loaders().map_err(|refusal| error_of(&refusal))
}
