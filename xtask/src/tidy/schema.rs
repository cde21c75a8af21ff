use async_graphql_parser::types::{TypeDefinition, TypeKind, TypeSystemDefinition};
use async_graphql_parser::{Positioned, parse_schema};

use super::{Finding, Tree};

const PATH: &str = "graphql/schema.graphql";

/// Every type, field, argument and enum value of the API says what it is.
pub(super) fn descriptions(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(PATH) else {
        // Fixtures of other rules have no schema; the repository has one as soon as it has the crate.
        return if tree.has("graphql/src/lib.rs") {
            vec![Finding::on("schema-description", PATH, "the file is missing; run cargo xtask gen")]
        } else {
            Vec::new()
        };
    };
    let document = match parse_schema(text) {
        Ok(document) => document,
        Err(error) => return vec![Finding::on("schema-description", PATH, error.to_string())],
    };
    let mut found = Vec::new();
    for definition in &document.definitions {
        match definition {
            TypeSystemDefinition::Type(definition) => of_type(definition, &mut found),
            TypeSystemDefinition::Directive(directive) => {
                let name = &directive.node.name.node;
                // Directives of the language itself are described by its specification.
                if !["include", "skip", "deprecated", "specifiedBy", "oneOf"].contains(&name.as_str()) {
                    expect(directive.node.description.as_ref(), directive, &format!("@{name}"), &mut found);
                }
            }
            TypeSystemDefinition::Schema(_) => {}
        }
    }
    found
}

fn of_type(definition: &Positioned<TypeDefinition>, found: &mut Vec<Finding>) {
    let name = &definition.node.name.node;
    expect(definition.node.description.as_ref(), definition, name, found);
    match &definition.node.kind {
        TypeKind::Object(object) => of_fields(name, &object.fields, found),
        TypeKind::Interface(interface) => of_fields(name, &interface.fields, found),
        TypeKind::InputObject(input) => {
            for field in &input.fields {
                let path = format!("{name}.{}", field.node.name.node);
                expect(field.node.description.as_ref(), field, &path, found);
            }
        }
        TypeKind::Enum(values) => {
            for value in &values.values {
                let path = format!("{name}.{}", value.node.value.node);
                expect(value.node.description.as_ref(), value, &path, found);
            }
        }
        TypeKind::Scalar | TypeKind::Union(_) => {}
    }
}

fn of_fields(
    name: &str,
    fields: &[Positioned<async_graphql_parser::types::FieldDefinition>],
    found: &mut Vec<Finding>,
) {
    for field in fields {
        let path = format!("{name}.{}", field.node.name.node);
        expect(field.node.description.as_ref(), field, &path, found);
        for argument in &field.node.arguments {
            let path = format!("{path}({})", argument.node.name.node);
            expect(argument.node.description.as_ref(), argument, &path, found);
        }
    }
}

fn expect<T>(description: Option<&Positioned<String>>, place: &Positioned<T>, path: &str, found: &mut Vec<Finding>) {
    if description.is_none_or(|text| text.node.trim().is_empty()) {
        found.push(Finding::at("schema-description", PATH, place.pos.line, format!("{path} has no description")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &str) -> Vec<String> {
        descriptions(&Tree::of(&[(PATH, schema)])).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn whatever_has_no_description_is_named() {
        let schema =
            "type Query { orders(first: Int): Int }\nenum Kind { A }\ninput New { text: String }\nscalar Time\n";
        let found = check(schema);
        for path in ["Query", "Query.orders", "Query.orders(first)", "Kind", "Kind.A", "New", "New.text", "Time"] {
            assert!(found.contains(&format!("{path} has no description")), "{path} is missing from {found:?}");
        }
        assert_eq!(found.len(), 8);
    }

    #[test]
    fn a_described_schema_passes() {
        let schema = "\"\"\"The root.\"\"\"\ntype Query {\n  \"Orders.\"\n  orders(\"How many.\" first: Int): Int\n}\n";
        assert_eq!(check(schema), Vec::<String>::new());
    }

    #[test]
    fn a_malformed_or_missing_schema_is_flagged() {
        assert_eq!(check("type {").len(), 1);
        assert_eq!(descriptions(&Tree::of(&[("graphql/src/lib.rs", "")])).len(), 1);
    }
}
