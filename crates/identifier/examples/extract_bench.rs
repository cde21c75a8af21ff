//! Measures extraction in megabytes a second on one core, beside a plain pass over the same bytes as a baseline.
//!
//! `cargo run --release -p cordon-identifier --example extract_bench [REPORTS.CSV]`; without a file it takes `demo/reports.csv`.

#![expect(clippy::print_stdout, reason = "a measuring program prints its result")]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cordon_identifier::extract;

/// Bytes a second that extraction must reach on one core.
const BAR: u64 = 20_000_000;

/// Runs a piece of work over all texts until enough time has passed and gives bytes a second of the best round.
fn best_rate(texts: &[String], bytes: u64, mut work: impl FnMut(&str)) -> u64 {
    let started = Instant::now();
    let mut best = Duration::MAX;
    let mut rounds = 0;
    while rounds < 3 || started.elapsed() < Duration::from_secs(2) {
        let round = Instant::now();
        for text in texts {
            work(text);
        }
        best = best.min(round.elapsed());
        rounds += 1;
    }
    let nanoseconds = u64::try_from(best.as_nanos()).unwrap_or(u64::MAX).max(1);
    bytes.saturating_mul(1_000_000_000) / nanoseconds
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/reports.csv"));
    let path = std::env::args_os().nth(1).map_or(own, PathBuf::from);
    let mut reader = csv::Reader::from_path(&path)?;
    let column = reader.headers()?.iter().position(|name| name == "text").ok_or("the file has no column named text")?;
    let mut texts = Vec::new();
    for row in reader.records() {
        texts.push(row?.get(column).unwrap_or_default().to_owned());
    }
    let bytes: u64 = texts.iter().map(|text| u64::try_from(text.len()).unwrap_or(0)).sum();
    let mut found = 0_usize;
    let extraction = best_rate(&texts, bytes, |text| found += black_box(extract(black_box(text))).len());
    let baseline = best_rate(&texts, bytes, |text| {
        black_box(std::str::from_utf8(black_box(text.as_bytes())).map_or(0, |text| text.chars().count()));
    });
    black_box(found);
    println!("texts: {}, bytes: {bytes}", texts.len());
    println!("extraction: {}.{:02} MB/s (bar: 20)", extraction / 1_000_000, extraction % 1_000_000 / 10_000);
    println!("baseline (UTF-8 check and character count): {} MB/s", baseline / 1_000_000);
    println!("ratio to the baseline: 1 to {}", baseline / extraction.max(1));
    if extraction < BAR { Err("extraction is slower than its bar".into()) } else { Ok(()) }
}
