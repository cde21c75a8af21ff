//! The JSON of a request, taken apart by hand so that each fault has its answer.

use async_graphql::Variables;
use cordon_context::{Bilingual, Code, Refusal};
use serde_json::{Map, Value};

use crate::engine::Wanted;
use cordon_guard::{JsonLimits, json};

/// Reads a body.
pub(super) fn parse(body: &[u8], limits: &JsonLimits) -> Result<Wanted, Refusal> {
    if json::is_batch(body) {
        return Err(Refusal::new(Code::BatchNotAllowed));
    }
    json::check(body, limits)?;
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return Err(malformed("body"));
    };
    wanted(members)
}

/// Reads the members of a request, from a body or from a message of a socket.
pub(super) fn wanted(mut members: Map<String, Value>) -> Result<Wanted, Refusal> {
    let query = text(&mut members, "query")?;
    let operation_name = text(&mut members, "operationName")?;
    let document = text(&mut members, "documentId")?;
    let variables = object(&mut members, "variables")?;
    let mut extensions = object(&mut members, "extensions")?;
    let mut persisted = object(&mut extensions, "persistedQuery")?;
    let hash = text(&mut persisted, "sha256Hash")?;
    if let (Some(document), Some(hash)) = (&document, &hash)
        && document.trim_start_matches("sha256:") != hash
    {
        return Err(malformed("documentId"));
    }
    let variables = Variables::from_json(Value::Object(variables));
    Ok(Wanted { query, document: document.or(hash), operation_name, variables })
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(malformed(name)),
    }
}

fn object(members: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(malformed(name)),
    }
}

pub(super) fn malformed(field: &str) -> Refusal {
    Refusal {
        field: Some(field.to_owned()),
        text: Bilingual::new(format!("请求格式错误：{field}"), format!("the request is malformed: {field}")),
        ..Refusal::new(Code::BadRequest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_of_a_body_has_its_code() {
        let code = |body: &str| parse(body.as_bytes(), &JsonLimits::default()).err().map(|refusal| refusal.code);
        assert_eq!(code(r#"{"query": "{a}", "variables": null, "extensions": null, "operationName": null}"#), None);
        assert_eq!(code("[]"), Some(Code::BatchNotAllowed));
        assert_eq!(code(r#"[{"query": "{a}"}]"#), Some(Code::BatchNotAllowed));
        for body in [
            "",
            "null",
            "{",
            "\"x\"",
            r#"{"query": 1}"#,
            r#"{"query": "{a}", "variables": []}"#,
            r#"{"query": "{a}", "variables": "x"}"#,
            r#"{"query": "{a}", "operationName": {}}"#,
            r#"{"query": "{a}", "extensions": 0}"#,
            r#"{"query": "{a}", "variables": {"a": 1e400}}"#,
            r#"{"query": "\ud800"}"#,
        ] {
            assert_eq!(code(body), Some(Code::BadRequest), "{body}");
        }
        assert_eq!(
            code(&format!(r#"{{"query": "{{a}}", "variables": {{"a": {}}}}}"#, "[".repeat(200))),
            Some(Code::BadRequest)
        );
    }
}
