//! Progress of long work, on standard error and only where a person looks at it: a pipe or a file gets none.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over work whose steps are counted before it begins.
pub(crate) fn bar(message: impl Into<String>, steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len}");
    let bar = ProgressBar::new(steps).with_style(style.unwrap_or_else(|_malformed| ProgressStyle::default_bar()));
    bar.set_message(message.into());
    bar
}

/// A sign of life for work of unknown length.
pub(crate) fn spinner(message: impl Into<String>) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar.set_message(message.into());
    bar
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressStyle;

    #[test]
    fn the_bar_looks_as_it_is_meant_to() {
        assert!(ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len}").is_ok());
        assert!(super::bar("x", 3).length() == Some(3));
    }
}
