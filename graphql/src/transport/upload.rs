//! Files of reports, sent up for an import.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use cordon_context::{Action, CallContext, Code, ImportId, Refusal, Resource};
use cordon_web::{Edge, answer, caller_of, media, trace_of, upload};
use serde_json::json;

use crate::engine::Engine;

/// `POST /uploads/reports`: streams the body to the upload folder and names it; `startImport` takes that name.
pub(super) async fn reports(
    request: HttpRequest,
    payload: Payload,
    engine: Data<Engine>,
    edge: Data<Edge>,
) -> HttpResponse {
    match store(&request, payload, &engine, &edge).await {
        Ok((name, bytes)) => HttpResponse::Created().json(json!({ "upload": name, "bytes": bytes })),
        Err(refusal) => answer::refuse(&refusal),
    }
}

async fn store(
    request: &HttpRequest,
    payload: Payload,
    engine: &Engine,
    edge: &Edge,
) -> Result<(String, usize), Refusal> {
    let settings = engine.settings();
    let folder = settings.upload_folder.as_deref().ok_or_else(Refusal::not_found)?;
    let caller = caller_of(request);
    let actor = caller.actor().cloned().ok_or_else(|| Refusal::new(Code::Unauthenticated))?;
    if !engine.gate().permits(&actor, Action::Create, Resource::Import) {
        let context = CallContext { actor, trace: trace_of(request), ..CallContext::system("upload", engine.now()) };
        return Err(engine.gate().deny(&context, Action::Create, Resource::Import));
    }
    // One kind only, which no form of a foreign page can send.
    media::require(request, "application/octet-stream")?;
    let _place = edge.uploads().take()?;
    let _waiting = edge.wait_for(&caller)?;
    let name = ImportId::new(engine.now()).to_string();
    let file = upload::receive(request, payload, folder, name, settings.upload).await?;
    let bytes = file.bytes();
    Ok((file.keep(), bytes))
}
