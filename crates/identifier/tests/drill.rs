//! Scores extraction against texts whose identifiers are known: the repository's own `demo/`, and the larger drill beside it.
//!
//! A finding counts by its kind and value, once per report; a page address counts as its host and, where the truth speaks of
//! addresses, by itself. Kinds that a truth file never speaks of are left out of its score,
//! since it cannot say whether they are right; the printed line names how many findings that concerns. Protected findings are no
//! candidates for disposal and are scored apart: no protected number may be among the others.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "the score is the result of this test")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use cordon_identifier::{Disguise, Extraction, Identifier, Kind, extract};
use serde::Deserialize;

#[derive(Deserialize)]
struct Report {
    report_id: String,
    text: String,
}

#[derive(Deserialize)]
struct Truth {
    report_id: String,
    entities: Vec<Entity>,
    protected: Vec<Protected>,
}

#[derive(Deserialize)]
struct Entity {
    kind: String,
    value: String,
    start: usize,
    end: usize,
}

#[derive(Deserialize)]
struct Protected {
    value: String,
    start: usize,
}

#[derive(Default)]
struct Score {
    right: usize,
    wrong: usize,
    missed: usize,
    examples: Vec<String>,
}

impl Score {
    fn precision_per_mille(&self) -> usize {
        self.right * 1000 / (self.right + self.wrong).max(1)
    }

    fn recall_per_mille(&self) -> usize {
        self.right * 1000 / (self.right + self.missed).max(1)
    }

    fn keep(&mut self, example: String) {
        if self.examples.len() < 12 {
            self.examples.push(example);
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn reports(folder: &Path) -> HashMap<String, String> {
    let mut reader = csv::Reader::from_path(folder.join("reports.csv")).unwrap();
    reader.deserialize().map(|row| row.unwrap()).map(|report: Report| (report.report_id, report.text)).collect()
}

fn truths(folder: &Path) -> Vec<Truth> {
    let text = std::fs::read_to_string(folder.join("truth.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn key(identifier: &Identifier) -> (Kind, String) {
    (identifier.kind(), identifier.value().to_owned())
}

/// What an extraction names: the identifier, and the page address whose host it is.
fn keys(extraction: &Extraction) -> impl Iterator<Item = (Kind, String)> + '_ {
    std::iter::once(&extraction.identifier).chain(&extraction.url).map(key)
}

/// What a folder held, as far as its texts and their truth say.
struct Held {
    kinds: BTreeSet<Kind>,
    protected_known: usize,
    protected_found: usize,
    /// Texts that name nothing, however much some of it looks like an identifier.
    harmless: usize,
    /// What was undone at right findings.
    disguises: Vec<Disguise>,
}

/// Scores a folder and fails unless every kind in its truth keeps the bar.
fn score(folder: &Path, exact_places: bool) -> Held {
    let reports = reports(folder);
    let truths = truths(folder);
    assert_eq!(reports.len(), truths.len(), "one truth per report");
    let spoken_of: BTreeSet<Kind> = truths
        .iter()
        .flat_map(|truth| &truth.entities)
        .map(|entity| entity.kind.parse().expect("a known kind"))
        .collect();
    let mut scores: BTreeMap<Kind, Score> = BTreeMap::new();
    let mut unscored: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut disguises = Vec::new();
    let (mut protected_found, mut protected_known, mut leaks, mut misplaced) = (0, 0, Vec::new(), Vec::new());
    for truth in &truths {
        let text = reports.get(&truth.report_id).expect("the report of the truth");
        let (official, found): (Vec<_>, Vec<_>) =
            extract(text).into_iter().partition(|found| found.protected.is_some());
        let known: BTreeSet<(Kind, String)> =
            truth.entities.iter().map(|entity| (entity.kind.parse().unwrap(), entity.value.clone())).collect();
        let given: BTreeSet<(Kind, String)> = found.iter().flat_map(keys).collect();
        for (kind, value) in &given {
            if !spoken_of.contains(kind) {
                *unscored.entry(*kind).or_default() += 1;
            } else if known.contains(&(*kind, value.clone())) {
                scores.entry(*kind).or_default().right += 1;
            } else {
                let score = scores.entry(*kind).or_default();
                score.wrong += 1;
                score.keep(format!("{} wrongly {value} in {text}", truth.report_id));
            }
        }
        for (kind, value) in known.difference(&given) {
            let score = scores.entry(*kind).or_default();
            score.missed += 1;
            score.keep(format!("{} missed {value} in {text}", truth.report_id));
        }
        for entity in &truth.entities {
            let kind: Kind = entity.kind.parse().unwrap();
            let there = found.iter().any(|found| {
                keys(found).any(|key| key == (kind, entity.value.clone()))
                    && found.start == entity.start
                    && found.end == entity.end
            });
            if !there {
                misplaced
                    .push(format!("{} {kind} {} at {}..{}", truth.report_id, entity.value, entity.start, entity.end));
            }
        }
        disguises.extend(
            found.iter().filter(|found| known.contains(&key(&found.identifier))).flat_map(|found| &found.disguises),
        );
        for protected in &truth.protected {
            protected_known += 1;
            protected_found += usize::from(
                official
                    .iter()
                    .any(|found| found.start == protected.start && found.identifier.value() == protected.value),
            );
            if let Some(leak) = found.iter().find(|found| found.identifier.value() == protected.value) {
                leaks.push(format!("{} {}", truth.report_id, leak.identifier.value()));
            }
        }
    }
    println!("{}: {} reports", folder.display(), truths.len());
    for (kind, score) in &scores {
        println!(
            "  {kind}: precision {}‰, recall {}‰ ({} right, {} wrong, {} missed)",
            score.precision_per_mille(),
            score.recall_per_mille(),
            score.right,
            score.wrong,
            score.missed
        );
    }
    println!(
        "  official numbers recognised: {protected_found} of {protected_known}; places that differ: {}",
        misplaced.len()
    );
    println!("  kinds the truth does not speak of, not scored: {unscored:?}");
    for (kind, score) in &scores {
        assert!(score.precision_per_mille() >= 995, "{kind}: {:#?}", score.examples);
        assert!(score.recall_per_mille() >= 970, "{kind}: {:#?}", score.examples);
    }
    assert!(leaks.is_empty(), "official numbers among the targets: {leaks:?}");
    assert!(!exact_places || misplaced.is_empty(), "wrong places: {misplaced:#?}");
    assert_eq!(scores.len(), spoken_of.len(), "every kind of the truth is scored");
    let harmless = truths.iter().filter(|truth| truth.entities.is_empty() && truth.protected.is_empty()).count();
    Held { kinds: spoken_of, protected_known, protected_found, harmless, disguises }
}

#[test]
fn extraction_keeps_the_bar_on_the_repositorys_own_texts() {
    let held = score(&root().join("demo"), true);
    // What the set is for: whatever is left out here would go unscored.
    for kind in Kind::ALL {
        assert!(held.kinds.contains(&kind), "no {kind} in the set");
    }
    for disguise in Disguise::ALL {
        assert!(held.disguises.contains(&disguise), "no {disguise:?} in the set: {:?}", held.disguises);
    }
    assert_eq!(held.protected_found, held.protected_known, "official numbers and names that were not recognised");
    assert!(held.protected_known >= 40, "{} official numbers and names", held.protected_known);
    assert!(held.harmless >= 16, "{} texts that name nothing", held.harmless);
}

#[test]
fn extraction_keeps_the_bar_on_the_drill() {
    let drill = root().join("../shared/data/drill");
    if drill.join("reports.csv").exists() {
        score(&drill, false);
    } else {
        println!("the drill is not beside this repository; its score is skipped");
    }
}

#[test]
fn every_value_of_the_demo_reads_as_itself() {
    for entity in truths(&root().join("demo")).iter().flat_map(|truth| &truth.entities) {
        let kind: Kind = entity.kind.parse().unwrap();
        assert_eq!(Identifier::parse(kind, &entity.value).unwrap().value(), entity.value);
    }
}
