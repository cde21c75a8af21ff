//! How refusals and surprises look in a GraphQL answer.

use async_graphql::{Error, ErrorExtensionValues, PathSegment, Response, ServerError, Value};
use cordon_context::{Bilingual, Code, Refusal, Trace};

/// A refusal as the error of a field.
pub(crate) fn error_of(refusal: &Refusal) -> Error {
    let mut error = Error::new(refusal.text.to_string());
    error.extensions = Some(extensions_of(refusal));
    error
}

/// A refusal as the only content of an answer.
pub(crate) fn response_of(refusal: &Refusal) -> Response {
    let mut error = ServerError::new(refusal.text.to_string(), None);
    error.extensions = Some(extensions_of(refusal));
    Response::from_errors(vec![error])
}

fn extensions_of(refusal: &Refusal) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    for (name, value) in cordon_web::answer::members(refusal) {
        extensions.set(name, Value::from_json(value).unwrap_or_default());
    }
    extensions
}

/// Gives each error a code. What the library says about the document or its input goes out; anything unexpected is logged once
/// and goes out as a code and a correlation.
pub(crate) fn finish(mut response: Response, trace: Trace) -> Response {
    for error in &mut response.errors {
        if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
            continue;
        }
        let said = error.message.clone();
        let about_input = said.starts_with("Invalid value") || said.starts_with("Variable ");
        let refusal = if said.starts_with("Failed to parse") || (!error.path.is_empty() && about_input) {
            let field = Some(path_of(&error.path)).filter(|path| !path.is_empty());
            let text = Bilingual::new(format!("输入不符合要求：{said}"), said);
            Refusal { field, text, ..Refusal::new(Code::Invalid) }
        } else if error.path.is_empty() && too_complex(&said) {
            Refusal::new(Code::QueryTooComplex)
        } else if error.path.is_empty() {
            let text = Bilingual::new(format!("GraphQL 校验失败：{said}"), said);
            Refusal { text, ..Refusal::new(Code::GraphqlValidationFailed) }
        } else {
            tracing::error!(
                trace.id = trace.trace_id(),
                graphql.path = path_of(&error.path),
                graphql.message = said,
                "a resolver failed"
            );
            Refusal::internal(trace.trace_id())
        };
        error.message = refusal.text.to_string();
        error.extensions = Some(extensions_of(&refusal));
    }
    response
}

fn too_complex(message: &str) -> bool {
    message.contains("too complex") || message.contains("nested too deep") || message.contains("recursion depth")
}

fn path_of(path: &[PathSegment]) -> String {
    let parts: Vec<String> = path
        .iter()
        .map(|segment| match segment {
            PathSegment::Field(name) => name.clone(),
            PathSegment::Index(index) => index.to_string(),
        })
        .collect();
    parts.join(".")
}
