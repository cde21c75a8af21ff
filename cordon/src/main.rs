//! The `cordon` program: serves the platform and does an operator's work on it.
//!
//! It reads the settings once, hands every service its parts and starts them. It must not know the rules of the field: what
//! may happen is decided in the services.

mod allocator;
mod assembly;
mod audit;
mod cli;
mod doctor;
mod exit;
mod export;
mod head_folder;
mod heads;
mod help;
mod import;
mod init;
mod keys;
mod policy;
mod private;
mod progress;
mod remote;
mod seed;
mod serve;
mod settings;

use std::process::ExitCode;

use cordon_telemetry::{Format, LogOptions};

use crate::cli::{AuditCommand, Cli, Command, KeysCommand, PolicyCommand, SeedCommand};
use crate::exit::Ending;
use crate::settings::Settings;

fn main() -> ExitCode {
    let cli = help::parse();
    if matches!(cli.command, Command::Serve(_)) {
        allocator::settle();
    }
    let settings = match settings::load(cli.config.clone()) {
        Ok(settings) => settings,
        Err(error) => return exit::report(&Err(error.context("配置有误 / the configuration cannot be used"))),
    };
    if let Err(error) = start_log(&settings, &cli) {
        return exit::report(&Err(error));
    }
    // Fails only if another part of this process was first, which is as good.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::report(&Err(anyhow::Error::new(error).context("no threads could be started"))),
    };
    exit::report(&runtime.block_on(run(cli, settings)))
}

async fn run(cli: Cli, settings: Settings) -> anyhow::Result<Ending> {
    match cli.command {
        Command::Serve(options) => serve::run(&settings, &options).await,
        Command::Migrate => assembly::migrate_all(&settings).await,
        Command::Init(options) => init::run(&settings, options).await,
        Command::Seed { command: SeedCommand::Demo(options) } => seed::demo(&settings, &options).await,
        Command::Import(options) => import::run(&settings, &options).await,
        Command::Export(options) => export::run(&settings, &options).await,
        Command::Audit { command: AuditCommand::Verify(options) } => audit::verify(&settings, &options).await,
        Command::Audit { command: AuditCommand::ExportHeads(options) } => {
            audit::export_heads(&settings, &options).await
        }
        Command::Keys { command: KeysCommand::List } => keys::list(&settings),
        Command::Keys { command: KeysCommand::Rotate(options) } => keys::rotate(&settings, &options).await,
        Command::Policy { command: PolicyCommand::Explain(options) } => policy::explain(&settings, &options).await,
        Command::Config { what } => settings::print(what),
        Command::Doctor => doctor::run(&settings).await,
    }
}

fn start_log(settings: &Settings, cli: &Cli) -> anyhow::Result<()> {
    let telemetry = &settings.telemetry;
    let format = if telemetry.format.is_json(settings.mode) { Format::Json } else { Format::Text };
    // A person who runs one command wants its answer and what went wrong, not the log of a server.
    let quiet = !matches!(cli.command, Command::Serve(_)) && telemetry.filter == "info";
    let filter = if quiet { "warn".to_owned() } else { telemetry.filter.clone() };
    cordon_telemetry::start(&LogOptions { filter, format })?;
    Ok(())
}
