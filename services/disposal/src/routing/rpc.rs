//! The methods as others call them.

use async_trait::async_trait;
use cordon_context::{CallContext, Page, PageRequest};
use cordon_disposal_contract::routing::{
    Destination, ImportRouting, ImportedRouting, RemoveRoutingEntry, Route, RouteObstacle, RouteQuestion, RoutingEntry,
    RoutingServer, RoutingTable, SetRoutingEntry,
};
use cordon_identifier::Identifier;
use cordon_policies::{act, on};
use cordon_rpc::RpcFailure;
use cordon_store::Failure;
use jsonrpsee::Methods;

use super::resolve::words;
use super::{Question, Router};

pub(super) fn methods(router: Router) -> Methods {
    let clock = std::sync::Arc::clone(&router.parts.clock);
    cordon_rpc::timely(RoutingServer::into_rpc(router), clock)
}

fn out(failure: Failure) -> RpcFailure {
    RpcFailure(failure.into())
}

impl Router {
    /// Answers questions as they come from outside; what cannot be read goes to the desk like everything else without a route.
    async fn answer(&self, ctx: &CallContext, questions: Vec<RouteQuestion>) -> Result<Vec<Route>, Failure> {
        let _grant = self.parts.gate.authorize::<act::Read, on::Routing>(ctx)?;
        let mut readable = Vec::with_capacity(questions.len());
        let mut slots = Vec::with_capacity(questions.len());
        for question in questions {
            let subject = Identifier::parse(question.kind, &question.value);
            slots.push(subject.is_ok());
            if let Ok(subject) = subject {
                readable.push(Question { subject, region_hint: question.region_hint, measure: question.measure });
            }
        }
        let mut routes = self.route_many(&readable).await?.into_iter();
        let now = self.parts.clock.now();
        let unreadable = || Route {
            destination: Destination::Desk {
                obstacle: RouteObstacle::Unreadable,
                text: words(RouteObstacle::Unreadable),
            },
            responsibility: None,
            carrier_original: None,
            carrier_current: None,
            region: None,
            resolved_at: now,
            resolver: "plan".to_owned(),
        };
        Ok(slots
            .into_iter()
            .map(|readable| readable.then(|| routes.next()).flatten().unwrap_or_else(unreadable))
            .collect())
    }
}

#[async_trait]
impl RoutingServer for Router {
    async fn route(&self, ctx: CallContext, questions: Vec<RouteQuestion>) -> Result<Vec<Route>, RpcFailure> {
        self.answer(&ctx, questions).await.map_err(out)
    }

    async fn list_entries(
        &self,
        ctx: CallContext,
        table: RoutingTable,
        page: PageRequest,
    ) -> Result<Page<RoutingEntry>, RpcFailure> {
        Self::list_entries(self, &ctx, table, &page).await.map_err(out)
    }

    async fn set_entry(&self, ctx: CallContext, input: SetRoutingEntry) -> Result<RoutingEntry, RpcFailure> {
        Self::set_entry(self, &ctx, input).await.map_err(out)
    }

    async fn remove_entry(&self, ctx: CallContext, input: RemoveRoutingEntry) -> Result<bool, RpcFailure> {
        Self::remove_entry(self, &ctx, input).await.map_err(out)
    }

    async fn import(&self, ctx: CallContext, input: ImportRouting) -> Result<ImportedRouting, RpcFailure> {
        Self::import(self, &ctx, input).await.map_err(out)
    }
}
