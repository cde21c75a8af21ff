#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use cordon_telemetry::{Format, LogError, LogOptions, field, subscriber};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn careless() {
    let span = tracing::info_span!("disposal.order.approve", holder = "13800138000");
    let _inside = span.enter();
    tracing::info!(
        { field::ORDER_ID } = "order_1",
        card = 6_222_021_234_567_890_123_u64,
        reason = ?"身份证 11010519491231002X",
        "approved for 13800138000"
    );
}

fn lines_of(format: Format) -> String {
    let captured = Captured::default();
    let options = LogOptions { filter: "info".to_owned(), format };
    tracing::subscriber::with_default(subscriber(&options, captured.clone()).unwrap(), careless);
    captured.text()
}

const NUMBERS: [&str; 3] = ["13800138000", "6222021234567890123", "11010519491231002X"];

#[test]
fn without_the_belt_the_numbers_are_there() {
    let captured = Captured::default();
    let bare = tracing_subscriber::fmt().with_writer(captured.clone()).with_ansi(false).finish();
    tracing::subscriber::with_default(bare, careless);
    for number in NUMBERS {
        assert!(captured.text().contains(number), "{number} should be in {}", captured.text());
    }
}

#[test]
fn with_the_belt_no_number_is_in_a_text_line() {
    let text = lines_of(Format::Text);
    for number in NUMBERS {
        assert!(!text.contains(number), "{number} is in {text}");
    }
    assert!(text.contains("approved for") && text.contains("order_1"), "{text}");
}

#[test]
fn with_the_belt_a_json_line_stays_json_with_its_fields() {
    let text = lines_of(Format::Json);
    for number in NUMBERS {
        assert!(!text.contains(number), "{number} is in {text}");
    }
    let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!(line.get("order.id").unwrap(), "order_1");
    assert_eq!(line.get("level").unwrap(), "INFO");
    assert_eq!(line.pointer("/span/name").unwrap(), "disposal.order.approve");
}

#[test]
fn the_filter_decides_what_is_written_and_a_broken_one_is_refused() {
    let captured = Captured::default();
    let options = LogOptions { filter: "warn".to_owned(), format: Format::Json };
    tracing::subscriber::with_default(subscriber(&options, captured.clone()).unwrap(), careless);
    assert_eq!(captured.text(), "");

    let broken = LogOptions { filter: "info,=".to_owned(), format: Format::Json };
    assert!(matches!(subscriber(&broken, captured), Err(LogError::Filter { .. })));
}
