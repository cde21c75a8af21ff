//! What a document must not be, decided before the library sees it.
//!
//! A lexical pass without recursion bounds bytes, nesting and tokens. Only then is the document parsed, and its fragments are
//! expanded on paper, each once, so that neither their number nor a cycle can cost time. Every way in (HTTP, WebSocket, the
//! registration of a document) passes [`Guard::admit`].
//!
//! This crate must not know the schema, who asks, or how a document came.

mod expansion;
pub mod json;
mod lexical;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use cordon_context::{Bilingual, Code, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use json::JsonLimits;

/// How large a document may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentLimits {
    /// The most bytes.
    pub bytes: usize,
    /// The deepest nesting of brackets.
    pub nesting: usize,
    /// The most tokens.
    pub tokens: usize,
    /// The most selections after fragments are put in.
    pub selections: usize,
    /// The most aliases.
    pub aliases: usize,
    /// The most directives.
    pub directives: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { bytes: 16 << 10, nesting: 32, tokens: 2_000, selections: 1_000, aliases: 100, directives: 50 }
    }
}

/// A document that may be executed, with the operation that was chosen.
pub struct Admitted {
    /// The parsed document.
    pub document: ExecutableDocument,
    /// What kind of operation was chosen.
    pub operation: OperationType,
    /// The chosen operation's name.
    pub name: Option<String>,
    /// The names of the fields at its root, as the schema calls them.
    pub root_fields: Vec<String>,
}

/// Admits documents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Guard {
    limits: DocumentLimits,
}

impl Guard {
    /// Sets the limits.
    pub const fn new(limits: DocumentLimits) -> Self {
        Self { limits }
    }

    /// Looks at a document without executing anything, and chooses the operation.
    pub fn admit(&self, text: &str, operation_name: Option<&str>) -> Result<Admitted, Refusal> {
        let document = self.parse(text)?;
        let chosen = expansion::choose(&document, operation_name)?;
        let (operation, name, root_fields) = expansion::describe(&document, chosen);
        let real = root_fields.iter().filter(|field| !field.starts_with("__")).count();
        if operation == OperationType::Mutation && real > 1 {
            return Err(Refusal::new(Code::TooManyMutations));
        }
        Ok(Admitted { document, operation, name, root_fields })
    }

    /// Looks at a document that holds one operation, which is to be registered.
    pub fn admit_for_registration(&self, text: &str) -> Result<Admitted, Refusal> {
        self.admit(text, None)
    }

    fn parse(&self, text: &str) -> Result<ExecutableDocument, Refusal> {
        let measured = lexical::measure(text, &self.limits)?;
        let document = parse_query(text).map_err(|error| {
            let words = lexical::clip(&error.to_string());
            Refusal {
                text: Bilingual::new(
                    format!("GraphQL 语法错误：{words}"),
                    format!("the document does not parse: {words}"),
                ),
                ..Refusal::new(Code::GraphqlParseFailed)
            }
        })?;
        expansion::check(&document, &self.limits)?;
        tracing::trace!(
            graphql.tokens = measured.tokens,
            graphql.nesting = measured.nesting,
            "a document was admitted"
        );
        Ok(document)
    }
}

/// Refuses because something is more than a limit; `rule` names which.
fn too_much(rule: &'static str, limit: usize) -> Refusal {
    Refusal {
        rule: Some(format!("graphql.{rule}")),
        text: Bilingual::new(
            format!("查询过于复杂：{rule} 不得超过 {limit}"),
            format!("the query is too large, deep or wide: at most {limit} {rule}"),
        ),
        ..Refusal::new(Code::QueryTooComplex)
    }
}

#[cfg(test)]
mod tests;
