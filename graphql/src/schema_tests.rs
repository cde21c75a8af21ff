//! What must hold of the schema as a whole.

use std::collections::HashSet;
use std::path::Path;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, TypeKind, TypeSystemDefinition};

use crate::access::root_fields;
use crate::schema::schema_sdl;

fn each_type(mut look: impl FnMut(&str, Option<&str>, &TypeKind)) {
    let document = parse_schema(schema_sdl()).unwrap();
    for definition in &document.definitions {
        if let TypeSystemDefinition::Type(found) = definition {
            let description = found.node.description.as_ref().map(|text| text.node.as_str());
            look(found.node.name.node.as_str(), description, &found.node.kind);
        }
    }
}

fn fields_of(kind: &TypeKind) -> &[Positioned<FieldDefinition>] {
    match kind {
        TypeKind::Object(object) => &object.fields,
        TypeKind::Interface(interface) => &interface.fields,
        TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => &[],
    }
}

fn names_of(kind: &TypeKind) -> Vec<&str> {
    fields_of(kind).iter().map(|field| field.node.name.node.as_str()).collect()
}

#[test]
fn every_root_field_names_its_action_and_every_row_has_its_field() {
    let mut in_schema = HashSet::new();
    each_type(|name, _, kind| {
        if matches!(name, "Query" | "Mutation" | "Subscription") {
            in_schema.extend(names_of(kind).into_iter().map(|field| (name.to_owned(), field.to_owned())));
        }
    });
    let mut in_table = HashSet::new();
    for field in root_fields() {
        assert!(in_table.insert((field.root.to_owned(), field.name.to_owned())), "{} stands there twice", field.name);
    }
    let without: Vec<_> = in_schema.difference(&in_table).collect();
    assert!(without.is_empty(), "root fields that name no action: {without:?}");
    let stale: Vec<_> = in_table.difference(&in_schema).collect();
    assert!(stale.is_empty(), "rows of fields that do not exist: {stale:?}");
    assert!(in_schema.len() > 100);
}

#[test]
fn everything_is_described_in_both_languages() {
    let mut faults = Vec::new();
    let mut check = |place: String, description: Option<&String>| {
        let fits = description.is_some_and(|text| {
            text.contains('/') && text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
        });
        if !fits {
            faults.push(place);
        }
    };
    each_type(|name, description, kind| {
        // The library describes the scalars that it brings along.
        if matches!(name, "JSON" | "ID" | "Int" | "String" | "Boolean" | "Float") {
            return;
        }
        check(name.to_owned(), description.map(str::to_owned).as_ref());
        for field in fields_of(kind) {
            let place = format!("{name}.{}", field.node.name.node);
            check(place.clone(), field.node.description.as_ref().map(|text| &text.node));
            for argument in &field.node.arguments {
                let text = argument.node.description.as_ref().map(|text| &text.node);
                check(format!("{place}({})", argument.node.name.node), text);
            }
        }
        if let TypeKind::InputObject(input) = kind {
            for field in &input.fields {
                check(
                    format!("{name}.{}", field.node.name.node),
                    field.node.description.as_ref().map(|text| &text.node),
                );
            }
        }
        if let TypeKind::Enum(words) = kind {
            for value in &words.values {
                check(
                    format!("{name}.{}", value.node.value.node),
                    value.node.description.as_ref().map(|text| &text.node),
                );
            }
        }
    });
    assert!(faults.is_empty(), "without a description in both languages: {faults:#?}");
}

#[test]
fn every_mutation_takes_one_input_with_a_key_and_answers_a_payload() {
    let mut inputs = HashSet::new();
    let mut with_key = HashSet::new();
    each_type(|name, _, kind| {
        if name == "Mutation" {
            for field in fields_of(kind) {
                let field = &field.node;
                assert_eq!(field.arguments.len(), 1, "{}", field.name.node);
                let payload = field.ty.node.to_string();
                assert!(payload.ends_with("Payload!"), "{}: {payload}", field.name.node);
                let input = field.arguments[0].node.ty.node.to_string();
                inputs.insert(input.trim_end_matches('!').to_owned());
            }
        }
        if let TypeKind::InputObject(input) = kind
            && input.fields.iter().any(|field| field.node.name.node == "idempotencyKey")
        {
            with_key.insert(name.to_owned());
        }
        if name.ends_with("Payload") && !matches!(kind, TypeKind::InputObject(_)) {
            let names = names_of(kind);
            assert!(names.contains(&"refusal") || name == "SignedPayload", "{name}: {names:?}");
        }
    });
    let without: Vec<_> = inputs.difference(&with_key).collect();
    assert!(without.is_empty(), "inputs without an idempotency key: {without:?}");
}

#[test]
fn connections_have_the_form_of_relay() {
    each_type(|name, _, kind| {
        let names = names_of(kind);
        if name.ends_with("Connection") {
            assert!(names.contains(&"edges") && names.contains(&"pageInfo"), "{name}: {names:?}");
        }
        if name.ends_with("Edge") {
            assert!(names.contains(&"node") && names.contains(&"cursor"), "{name}: {names:?}");
        }
    });
}

#[test]
fn the_committed_schema_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(committed == schema_sdl(), "graphql/schema.graphql is not current: run `cargo xtask gen`");
}
