//! The commented example file and the JSON schema, rendered from the types that are read.

use std::fmt::Write as _;

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::load::OWN;
use crate::{Database, Keys, Ledger, Mode, Server, Telemetry};

const HEAD: &str = "\
# Every setting of Cordon with its default. Generated; copy it to cordon.toml and change what you need.
# A variable overrides the file: CORDON_SERVER__LISTEN=0.0.0.0:8080 (two underscores between section and key).
# 全部设置及其默认值。由程序生成；复制为 cordon.toml 后按需修改。环境变量优先于文件。
";

/// A JSON schema of the whole file; `S` holds the sections of the services.
pub fn schema<S: JsonSchema>() -> Value {
    let mut generator = SchemaGenerator::default();
    let mut properties = Map::new();
    for (name, section) in sections::<S>(&mut generator) {
        properties.insert(name, section);
    }
    let definitions = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cordon configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "$defs": definitions,
    })
}

/// The commented example file: every section, every key, every default.
pub fn example<S: JsonSchema>() -> String {
    let schema = schema::<S>();
    let mut text = HEAD.to_owned();
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return text };
    // A plain key must stand before the first section, else it would belong to that section.
    let (plain, tables): (Vec<_>, Vec<_>) =
        properties.iter().partition(|(_name, section)| table_of(&schema, section).is_none());
    for (name, section) in plain {
        text.push('\n');
        key(&mut text, &schema, name, section, None);
    }
    for (name, section) in tables {
        render(&mut text, &schema, name, section, None);
    }
    text
}

fn sections<S: JsonSchema>(generator: &mut SchemaGenerator) -> Vec<(String, Value)> {
    let own = [
        generator.subschema_for::<Mode>(),
        generator.subschema_for::<Server>(),
        generator.subschema_for::<Database>(),
        generator.subschema_for::<Keys>(),
        generator.subschema_for::<Ledger>(),
        generator.subschema_for::<Telemetry>(),
    ];
    let mut all: Vec<(String, Value)> =
        OWN.iter().map(|name| (*name).to_owned()).zip(own.into_iter().map(schemars::Schema::to_value)).collect();
    if let Some((_name, mode)) = all.first_mut().filter(|(name, _section)| name == "mode")
        && let Some(mode) = mode.as_object_mut()
    {
        mode.insert("default".to_owned(), json!(Mode::default()));
    }
    let services = S::json_schema(generator).to_value();
    if let Some(properties) = services.get("properties").and_then(Value::as_object) {
        all.extend(properties.iter().map(|(name, section)| (name.clone(), section.clone())));
    }
    all
}

/// The schema of a table, with a reference followed; none for a plain key.
fn table_of<'a>(root: &'a Value, section: &'a Value) -> Option<&'a Map<String, Value>> {
    followed(root, section).get("properties")?.as_object()
}

fn followed<'a>(root: &'a Value, section: &'a Value) -> &'a Value {
    section
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| root.pointer(reference.trim_start_matches('#')))
        .unwrap_or(section)
}

/// Renders a table; `given` is what the surrounding table sets by default, which wins over the table's own defaults.
fn render(text: &mut String, root: &Value, path: &str, section: &Value, given: Option<&Value>) {
    let Some(properties) = table_of(root, section) else { return };
    text.push('\n');
    comment(text, description(root, section));
    let _infallible = writeln!(text, "[{path}]");
    let (plain, tables): (Vec<_>, Vec<_>) =
        properties.iter().partition(|(_name, property)| table_of(root, property).is_none());
    let given = given.or_else(|| section.get("default"));
    for (name, property) in plain {
        key(text, root, name, property, given.and_then(|given| given.get(name)));
    }
    for (name, property) in tables {
        render(text, root, &format!("{path}.{name}"), property, given.and_then(|given| given.get(name)));
    }
}

fn key(text: &mut String, root: &Value, name: &str, property: &Value, given: Option<&Value>) {
    comment(text, description(root, property));
    let choices = choices(root, property);
    if !choices.is_empty() {
        let _infallible = writeln!(text, "# One of: {}.", choices.join(", "));
    }
    match given.or_else(|| property.get("default")).filter(|default| !default.is_null()).map(literal) {
        Some(Some(default)) => {
            let _infallible = writeln!(text, "#{name} = {default}");
        }
        Some(None) | None => {
            let _infallible = writeln!(text, "#{name} =");
        }
    }
}

fn description<'a>(root: &'a Value, property: &'a Value) -> Option<&'a str> {
    property.get("description").or_else(|| followed(root, property).get("description")).and_then(Value::as_str)
}

fn comment(text: &mut String, description: Option<&str>) {
    for line in description.unwrap_or_default().lines() {
        let _infallible = writeln!(text, "{}", format!("# {line}").trim_end());
    }
}

/// The names that an enumeration accepts.
fn choices(root: &Value, property: &Value) -> Vec<String> {
    let schema = followed(root, property);
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let described =
        schema.get("oneOf").and_then(Value::as_array).into_iter().flatten().filter_map(|choice| choice.get("const"));
    listed.chain(described).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The value as TOML; none for what TOML cannot hold.
fn literal(value: &Value) -> Option<String> {
    let value = toml::Value::try_from(value).ok()?;
    Some(value.to_string())
}
