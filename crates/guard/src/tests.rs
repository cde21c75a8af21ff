use std::time::Duration;

use async_graphql::Value;
use async_graphql::parser::types::{Selection, SelectionSet};
use proptest::prelude::*;

use super::*;

fn refused(text: &str) -> Refusal {
    Guard::default().admit(text, None).err().unwrap_or_else(|| panic!("this must be refused: {text:.80}"))
}

/// Documents that cost a parser or a validator much more than they weigh.
fn heavy() -> Vec<(&'static str, String, Code)> {
    let bomb = |fragments: usize, spreads: usize| {
        let mut text = String::from("query { ...f0 }");
        for index in 0..fragments {
            let inner = format!("...f{} ", index + 1).repeat(spreads);
            text.push_str(&format!(" fragment f{index} on Query {{ {inner} }}"));
        }
        text + format!(" fragment f{fragments} on Query {{ __typename }}").as_str()
    };
    vec![
        ("lists", format!("{{ a(b: {}", "[".repeat(2_000)), Code::QueryTooComplex),
        ("closed lists", format!("{{ a(b: {}{}) }}", "[".repeat(500), "]".repeat(500)), Code::QueryTooComplex),
        ("objects", format!("{{ a(b: {}", "{c:".repeat(2_000)), Code::QueryTooComplex),
        ("list types", format!("query($v: {}", "[".repeat(2_000)), Code::QueryTooComplex),
        ("selections", "{a".repeat(10_000), Code::QueryTooComplex),
        ("selections 33", format!("{}{}", "{a".repeat(33), "}".repeat(33)), Code::QueryTooComplex),
        ("large", format!("{{ a }} #{}", "x".repeat(1 << 20)), Code::QueryTooComplex),
        ("tokens", format!("{{ {} }}", "a ".repeat(3_000)), Code::QueryTooComplex),
        (
            "aliases",
            format!("{{ {} }}", (0..300).map(|n| format!("a{n}: b ")).collect::<String>()),
            Code::QueryTooComplex,
        ),
        ("directives", format!("{{ a {} }}", "@include(if: true) ".repeat(100)), Code::QueryTooComplex),
        ("two spreads, 24 deep", bomb(24, 2), Code::QueryTooComplex),
        ("eight spreads, 8 deep", bomb(8, 8), Code::QueryTooComplex),
        ("cycle", "{ ...a } fragment a on Q { ...b } fragment b on Q { ...a }".to_owned(), Code::QueryTooComplex),
        ("cycle on itself", "{ ...a } fragment a on Q { x { ...a } }".to_owned(), Code::QueryTooComplex),
        (
            "cycle nobody uses",
            "{ x } fragment a on Q { ...b } fragment b on Q { ...a }".to_owned(),
            Code::QueryTooComplex,
        ),
        ("unterminated block", "{ a(b: \"\"\"x) }".to_owned(), Code::GraphqlParseFailed),
        ("unterminated string", "{ a(b: \"x\\\") }".to_owned(), Code::GraphqlParseFailed),
        ("closers", "}}}}".to_owned(), Code::GraphqlParseFailed),
        ("empty", String::new(), Code::GraphqlParseFailed),
        ("NUL", "{ a\0 }".to_owned(), Code::GraphqlParseFailed),
        ("wide letters", "{ ａ }".to_owned(), Code::GraphqlParseFailed),
        ("two mutations", "mutation { a b }".to_owned(), Code::TooManyMutations),
        ("two by alias", "mutation { x: a y: a }".to_owned(), Code::TooManyMutations),
        ("two by fragment", "mutation { ...f ... { a } } fragment f on M { b }".to_owned(), Code::TooManyMutations),
        ("two operations", "query a { x } query b { y }".to_owned(), Code::GraphqlValidationFailed),
    ]
}

/// How long the calling thread has been on a processor; time during which others ran does not count.
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn heavy_documents_are_refused_before_they_cost_anything() {
    for (name, text, code) in heavy() {
        let begun = thread_time();
        assert_eq!(refused(&text).code, code, "{name}");
        let took = thread_time().saturating_sub(begun);
        assert!(took < Duration::from_millis(50), "{name} took {took:?}");
    }
    // The negative control: the same measure sees what the limits save.
    let begun = thread_time();
    let (_, text, _) = heavy().swap_remove(10);
    assert!((0..400).all(|_| parse_query(&text).is_ok()));
    assert!(thread_time().saturating_sub(begun) > Duration::from_millis(50));
}

#[test]
fn without_the_limits_the_same_documents_pass() {
    // The negative control: it is the limits that refuse, not something else on the way.
    let open = DocumentLimits {
        bytes: usize::MAX,
        nesting: 200,
        tokens: usize::MAX,
        selections: usize::MAX,
        aliases: usize::MAX,
        directives: usize::MAX,
    };
    for (name, text, code) in heavy() {
        let cheap =
            matches!(name, "selections 33" | "large" | "tokens" | "aliases" | "directives" | "two spreads, 24 deep");
        if code == Code::QueryTooComplex && cheap {
            assert!(Guard::new(open).admit(&text, None).is_ok(), "{name}");
        }
    }
}

#[test]
fn normal_documents_pass() {
    for text in [
        "{ viewer { id } }",
        "\u{feff}query Q($a: [[Int!]!]! = [[1, -2.5e3]]) { a(b: $a, c: {d: \"}}}}[[[[\", e: \"\"\"[[ \\\"\"\" {{\"\"\"}) @skip(if: false) { id } }",
        "# {{{{ [[[[\n{ a # }}}\n}",
        "mutation { ...f } fragment f on M { approveOrder(input: {order: \"ord_1\"}) { status } __typename }",
    ] {
        assert!(Guard::default().admit(text, None).is_ok(), "{text}");
    }
    let admitted =
        Guard::default().admit("query a { x } mutation b { y }", Some("b")).unwrap_or_else(|_| panic!("named"));
    assert_eq!((admitted.operation, admitted.root_fields), (OperationType::Mutation, vec!["y".to_owned()]));
    assert!(Guard::default().admit("query a { x }", Some("c")).is_err());
}

#[test]
fn deep_json_is_refused_and_brackets_in_strings_are_not_counted() {
    let limits = JsonLimits::default();
    assert!(json::check(b"{\"a\": \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"}", &limits).is_ok());
    assert!(json::check("[".repeat(100_000).as_bytes(), &limits).is_err());
    assert!(json::check("{\"a\":".repeat(33).as_bytes(), &limits).is_err());
    assert!(json::check("{\"a\":".repeat(31).as_bytes(), &limits).is_ok());
    assert!(json::check(format!("[{}]", "1,".repeat(100_000)).as_bytes(), &limits).is_err());
    assert!(json::is_batch(b" \n[{}]") && !json::is_batch(b"{}"));
}

/// A value with its variables taken as leaves.
macro_rules! constant {
    ($value:expr) => {
        $value.node.clone().into_const_with(|_variable| Ok::<_, ()>(Value::Null)).unwrap()
    };
}

/// How deep the parsed document really is: selections, arguments and types.
fn depth(document: &ExecutableDocument) -> usize {
    let fragments = document.fragments.values().map(|fragment| set_depth(&fragment.node.selection_set.node));
    let operations = document.operations.iter().map(|(_, operation)| {
        let variables = operation.node.variable_definitions.iter().map(|variable| {
            let default = variable.node.default_value.as_ref().map_or(0, |value| value_depth(&value.node));
            1 + variable.node.var_type.node.to_string().matches('[').count().max(default)
        });
        set_depth(&operation.node.selection_set.node).max(variables.max().unwrap_or(0))
    });
    operations.chain(fragments).max().unwrap_or(0)
}

fn set_depth(set: &SelectionSet) -> usize {
    if set.items.is_empty() {
        return 0;
    }
    let inner = set.items.iter().map(|item| {
        let directives = item.node.directives().iter().flat_map(|directive| &directive.node.arguments);
        let directives = directives.map(|(_, value)| 1 + value_depth(&constant!(value))).max().unwrap_or(0);
        let own = match &item.node {
            Selection::Field(field) => {
                let arguments = field.node.arguments.iter().map(|(_, value)| 1 + value_depth(&constant!(value)));
                set_depth(&field.node.selection_set.node).max(arguments.max().unwrap_or(0))
            }
            Selection::InlineFragment(fragment) => set_depth(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        };
        own.max(directives)
    });
    1 + inner.max().unwrap_or(0)
}

fn value_depth(value: &Value) -> usize {
    match value {
        Value::List(list) => 1 + list.iter().map(value_depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(value_depth).max().unwrap_or(0),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => 0,
    }
}

fn literal() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1".to_owned()),
        Just("$v".to_owned()),
        Just("ENUM".to_owned()),
        Just("\"[{(\\\"\"".to_owned()),
        Just("\"\"\" ]}) \\\"\"\" [ \"\"\"".to_owned()),
    ];
    leaf.prop_recursive(6, 32, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|list| format!("[{}]", list.join(" "))),
            inner.prop_map(|value| format!("{{k: {value}}}")),
        ]
    })
}

fn selection() -> impl Strategy<Value = String> {
    let leaf = literal().prop_map(|value| format!("a(b: {value}) # }}}} ]]\n"));
    leaf.prop_recursive(6, 32, 3, |inner| {
        (prop::collection::vec(inner, 1..3), any::<bool>()).prop_map(|(items, spread)| {
            let head = if spread { "... on T" } else { "x: y @d(e: [1])" };
            format!("{head} {{ {} }}", items.join(" "))
        })
    })
}

#[test]
fn a_text_block_without_an_end_is_refused_although_the_parser_takes_it() {
    let text = "{ a(b: [\"\"\" c \"]) }";
    assert!(parse_query(text).is_ok(), "the reason for the difference is gone");
    let refusal = lexical::measure(text, &DocumentLimits::default()).unwrap_err();
    assert_eq!(refusal.code, Code::GraphqlParseFailed);
}

proptest! {
    #[test]
    fn the_lexer_never_sees_less_depth_than_the_parser(
        items in prop::collection::vec(selection(), 1..4),
        cut in any::<prop::sample::Index>(),
        junk in "[\\[\\]{}()\"#\\\\\n a:$@!.]{0,12}",
    ) {
        let limits = DocumentLimits { nesting: usize::MAX, ..DocumentLimits::default() };
        let whole = format!("query($v: [[T]] = [[1]]) {{ {} }}", items.join(" "));
        let place = whole.char_indices().map(|(at, _)| at).nth(cut.index(whole.chars().count())).unwrap_or(0);
        let (left, right) = whole.split_at(place);
        for (text, well_formed) in [(whole.clone(), true), (format!("{left}{junk}{right}"), false)] {
            let measured = lexical::measure(&text, &limits);
            if let Ok(document) = parse_query(&text)
                && text.len() <= limits.bytes
            {
                match measured {
                    Ok(measured) => prop_assert!(measured.nesting >= depth(&document), "{text}"),
                    // More tokens than allowed is a refusal, not a disagreement. Of what is not well-formed the lexer may refuse more
                    // than the parser, which reads the beginning of a text block without an end as an empty string and another one.
                    Err(refusal) => prop_assert!(
                        refusal.code == Code::QueryTooComplex || (!well_formed && refusal.code == Code::GraphqlParseFailed),
                        "{text}"
                    ),
                }
            }
        }
    }
}
