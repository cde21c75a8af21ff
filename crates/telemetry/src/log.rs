use tracing::Subscriber;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

use crate::RedactingWriter;

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object per line.
    Json,
    /// For reading on a terminal.
    Text,
}

/// What is logged and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// A level, or levels by module such as `info,cordon_disposal=debug`.
    pub filter: String,
    /// How a line looks.
    pub format: Format,
}

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is malformed.
    #[error("the log filter {filter:?} cannot be read")]
    Filter {
        /// The filter as given.
        filter: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// The process has a log already.
    #[error("the log is set up already")]
    Taken(#[from] SetGlobalDefaultError),
}

/// Sets up the log of the process on standard error; standard output belongs to what a command answers.
pub fn start(options: &LogOptions) -> Result<(), LogError> {
    tracing::subscriber::set_global_default(subscriber(options, std::io::stderr)?)?;
    Ok(())
}

/// The subscriber behind [`start`], writing elsewhere; every line passes the redaction belt.
pub fn subscriber<M>(options: &LogOptions, writer: M) -> Result<Box<dyn Subscriber + Send + Sync>, LogError>
where
    M: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(&options.filter)
        .map_err(|source| LogError::Filter { filter: options.filter.clone(), source })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(RedactingWriter::new(writer));
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match options.format {
        Format::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        Format::Text => lines.compact().with_ansi(false).with_target(true).boxed(),
    };
    Ok(Box::new(Registry::default().with(lines.with_filter(filter))))
}
