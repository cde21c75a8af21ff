//! The reviewed table promises exactly what the services ask: no row that nobody reads, no question that nobody can answer.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

type Pairs = BTreeSet<(String, String)>;

/// Finds `act::Verb, on::Thing` and `Action::Verb, Resource::Thing` in a source, as the table spells them; its tests do not count.
fn asked_in(source: &str) -> Pairs {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Pairs::new();
    for (verb, thing) in [("act::", "on::"), ("Action::", "Resource::")] {
        for (at, _) in source.match_indices(verb) {
            let rest = &source[at + verb.len()..];
            let (action, rest) = word(rest);
            let Some(rest) = rest.strip_prefix(',').map(str::trim_start).and_then(|rest| rest.strip_prefix(thing))
            else {
                continue;
            };
            found.insert((snake(action), snake(word(rest).0)));
        }
    }
    found
}

fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(text.len()))
}

fn snake(camel: &str) -> String {
    let mut out = String::new();
    for letter in camel.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

fn promised_by(table: &str) -> Pairs {
    let rows = table.lines().filter_map(|line| line.trim().strip_prefix("p,"));
    rows.map(|row| {
        let words: Vec<&str> = row.split(',').map(str::trim).collect();
        (words[2].to_owned(), words[1].to_owned())
    })
    .collect()
}

fn collect(folder: &Path, found: &mut Pairs) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.extend(asked_in(&fs::read_to_string(path).unwrap()));
        }
    }
}

#[test]
fn the_table_and_the_questions_of_the_services_are_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut asked = Pairs::new();
    for service in fs::read_dir(root.join("services")).unwrap() {
        collect(&service.unwrap().path().join("src"), &mut asked);
    }
    // `cordon audit` reads the ledger on the machine, where nobody is asked; the rows keep it from every other role.
    asked.extend(["read", "verify"].map(|action| (action.to_owned(), "ledger".to_owned())));
    let promised = promised_by(include_str!("../policy.csv"));
    let idle: Vec<_> = promised.difference(&asked).collect();
    let hopeless: Vec<_> = asked.difference(&promised).collect();
    assert!(idle.is_empty(), "rows that no service asks for: {idle:?}");
    assert!(hopeless.is_empty(), "questions to which everybody is refused: {hopeless:?}");
}

#[test]
fn a_question_is_seen_however_it_is_written() {
    let source = "let g: Grant<act::Create,\n  on::LegalBasis> = x;\nif gate.permits(a, Action::Read, Resource::Order) {}\n\
                  #[cfg(test)]\nmod tests { fn f() -> Grant<act::Decide, on::Appeal> {} }";
    let pair = |action: &str, resource: &str| (action.to_owned(), resource.to_owned());
    assert_eq!(asked_in(source), Pairs::from([pair("create", "legal_basis"), pair("read", "order")]));
    assert_eq!(promised_by("# p, x\np, auditor, ledger, read, all\n"), Pairs::from([pair("read", "ledger")]));
}
