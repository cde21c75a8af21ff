//! What helps a developer: the schema, and GraphiQL from a folder of our own.

use std::sync::LazyLock;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cordon_context::{Bilingual, Code, Refusal};
use cordon_web::{answer, caller_of};

use crate::engine::Engine;
use crate::schema::schema_sdl;
use crate::settings::Mode;

/// GraphiQL loads nothing from anywhere else.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'";

/// The text is the same for everybody, and long to write.
static SCHEMA: LazyLock<String> = LazyLock::new(schema_sdl);

/// `GET /graphql/schema.graphql`; in production for those who are signed in.
pub(super) async fn schema(request: HttpRequest, engine: Data<Engine>) -> HttpResponse {
    if engine.settings().mode == Mode::Production && caller_of(&request).actor().is_none() {
        return answer::refuse(&Refusal::new(Code::Unauthenticated));
    }
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(SCHEMA.as_str())
}

/// `GET /graphiql` and its files, in development.
pub(super) async fn page(engine: Data<Engine>, file: Option<Path<String>>) -> HttpResponse {
    let settings = engine.settings();
    if settings.mode == Mode::Production {
        return answer::refuse(&Refusal::not_found());
    }
    let file = file.map(Path::into_inner).filter(|file| !file.is_empty()).unwrap_or_else(|| "index.html".to_owned());
    let Some((folder, kind)) = settings.graphiql_folder.as_ref().zip(kind_of(&file)) else {
        return absent();
    };
    match tokio::fs::read(folder.join(&file)).await {
        Ok(bytes) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, kind))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .body(bytes),
        Err(_absent) => absent(),
    }
}

fn absent() -> HttpResponse {
    let text = Bilingual::new(
        "GraphiQL 未构建：请先在 frontend/graphiql 构建，并在配置中指明其目录",
        "GraphiQL is not built: build frontend/graphiql and name its folder in the configuration",
    );
    answer::refuse(&Refusal { text, ..Refusal::not_found() })
}

/// The content type of a file that may be served; a path that could leave the folder is none.
fn kind_of(file: &str) -> Option<&'static str> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    if !file.split('/').all(plain) {
        return None;
    }
    match file.rsplit_once('.')?.1 {
        "html" => Some("text/html; charset=utf-8"),
        "js" | "mjs" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "json" | "map" => Some("application/json"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        "ttf" => Some("font/ttf"),
        "wasm" => Some("application/wasm"),
        "png" => Some("image/png"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::kind_of;

    #[test]
    fn only_plain_paths_of_known_kinds_are_served() {
        assert!(kind_of("index.html").is_some() && kind_of("assets/main-1a.js").is_some());
        for path in ["../Cargo.toml", "/etc/passwd", "a/../b.js", ".env.js", "a//b.js", "a%2f.js", "x.sh", "x"] {
            assert!(kind_of(path).is_none(), "{path}");
        }
    }
}
