//! The ways in: HTTP, WebSocket, uploads, and the pages that help a developer.

mod graphiql;
mod http;
mod signature;
mod socket;
mod upload;
mod wire;

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use cordon_web::answer::method_not_allowed;

use crate::engine::Engine;

/// Mounts `/graphql`, `/graphql/schema.graphql`, `/graphiql` and `/uploads/reports`; the app wraps them with the edge.
pub fn configure(engine: Arc<Engine>) -> impl FnOnce(&mut ServiceConfig) + Clone {
    move |app| {
        let engine = web::Data::from(engine);
        app.app_data(engine)
            .service(
                web::resource("/graphql")
                    .route(web::post().to(http::post))
                    .route(web::get().guard(actix_web::guard::Header("upgrade", "websocket")).to(socket::open))
                    .default_service(web::to(|| async { method_not_allowed(&[Method::POST]) })),
            )
            .service(
                web::resource("/graphql/schema.graphql")
                    .route(web::get().to(graphiql::schema))
                    .default_service(web::to(|| async { method_not_allowed(&[Method::GET]) })),
            )
            .service(
                web::resource("/uploads/reports")
                    .route(web::post().to(upload::reports))
                    .default_service(web::to(|| async { method_not_allowed(&[Method::POST]) })),
            )
            .service(
                web::resource(["/graphiql", "/graphiql/{file:.*}"])
                    .route(web::get().to(graphiql::page))
                    .default_service(web::to(|| async { method_not_allowed(&[Method::GET]) })),
            );
    }
}
