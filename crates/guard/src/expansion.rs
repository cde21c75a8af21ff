//! The second pass: what the document amounts to once its fragments are put in, counted with a memory.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use cordon_context::{Bilingual, Code, Refusal};

use super::{DocumentLimits, too_much};

/// Refuses cycles of fragments and documents that grow too large, over all operations together.
pub(super) fn check(document: &ExecutableDocument, limits: &DocumentLimits) -> Result<(), Refusal> {
    let mut counter = Counter { document, limits, memory: HashMap::new(), aliases: 0, directives: 0 };
    let mut total = 0_usize;
    for (_name, operation) in document.operations.iter() {
        counter.directives += operation.node.directives.len();
        total = total.saturating_add(counter.selections(&operation.node.selection_set.node)?);
    }
    for name in document.fragments.keys() {
        counter.fragment(name)?;
    }
    if total > limits.selections {
        return Err(too_much("selections", limits.selections));
    }
    if counter.aliases > limits.aliases {
        return Err(too_much("aliases", limits.aliases));
    }
    if counter.directives > limits.directives {
        return Err(too_much("directives", limits.directives));
    }
    Ok(())
}

enum Visit {
    /// Being counted: meeting it again is a cycle.
    Open,
    Counted(usize),
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    limits: &'a DocumentLimits,
    memory: HashMap<&'a str, Visit>,
    aliases: usize,
    directives: usize,
}

impl<'a> Counter<'a> {
    /// Selection sets nest no deeper than the lexical pass allows, and each fragment is entered once.
    fn selections(&mut self, set: &'a SelectionSet) -> Result<usize, Refusal> {
        let mut count = 0_usize;
        for item in &set.items {
            self.directives += item.node.directives().len();
            let inner = match &item.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    self.selections(&field.node.selection_set.node)?
                }
                Selection::InlineFragment(fragment) => self.selections(&fragment.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str())?,
            };
            count = count.saturating_add(1).saturating_add(inner);
            if count > self.limits.selections {
                return Err(too_much("selections", self.limits.selections));
            }
        }
        Ok(count)
    }

    fn fragment(&mut self, name: &str) -> Result<usize, Refusal> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            // The validation says which name it does not know.
            return Ok(0);
        };
        match self.memory.get(name.as_str()) {
            Some(Visit::Counted(count)) => return Ok(*count),
            Some(Visit::Open) => {
                return Err(Refusal {
                    rule: Some("graphql.fragment_cycle".to_owned()),
                    text: Bilingual::new("片段相互引用形成循环", "fragments refer to each other in a circle"),
                    ..Refusal::new(Code::QueryTooComplex)
                });
            }
            None => {}
        }
        self.memory.insert(name.as_str(), Visit::Open);
        self.directives += fragment.node.directives.len();
        let count = self.selections(&fragment.node.selection_set.node)?;
        self.memory.insert(name.as_str(), Visit::Counted(count));
        Ok(count)
    }
}

/// Finds the one operation that is meant.
pub(super) fn choose<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<&'a str>, &'a OperationDefinition), Refusal> {
    let refusal = |zh: &'static str, en: &'static str| Refusal {
        text: Bilingual::new(zh, en),
        ..Refusal::new(Code::GraphqlValidationFailed)
    };
    let unknown = || refusal("文档中没有该名称的操作", "the document has no operation of that name");
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok((None, &operation.node)),
        (DocumentOperations::Single(_), Some(_)) => Err(unknown()),
        (DocumentOperations::Multiple(operations), Some(name)) => operations
            .get_key_value(name)
            .map(|(name, operation)| (Some(name.as_str()), &operation.node))
            .ok_or_else(unknown),
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.iter();
            match (all.next(), all.next()) {
                (Some((name, operation)), None) => Ok((Some(name.as_str()), &operation.node)),
                _ => Err(refusal(
                    "文档含多个操作，须指明 operationName",
                    "the document has several operations; operationName must say which",
                )),
            }
        }
    }
}

/// The kind, name and root fields of an operation, fragments put in.
pub(super) fn describe(
    document: &ExecutableDocument,
    (name, operation): (Option<&str>, &OperationDefinition),
) -> (OperationType, Option<String>, Vec<String>) {
    let mut fields = Vec::new();
    let mut waiting: Vec<&Positioned<SelectionSet>> = vec![&operation.selection_set];
    // The expanded document is small and free of cycles, so that the loop ends soon.
    while let Some(set) = waiting.pop() {
        for item in &set.node.items {
            match &item.node {
                Selection::Field(field) => fields.push(field.node.name.node.to_string()),
                Selection::InlineFragment(fragment) => waiting.push(&fragment.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    waiting.extend(
                        document.fragments.get(&spread.node.fragment_name.node).map(|found| &found.node.selection_set),
                    );
                }
            }
        }
    }
    (operation.ty, name.map(str::to_owned), fields)
}
