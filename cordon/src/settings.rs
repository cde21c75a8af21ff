//! The settings of this program: its own sections and those of every service.

use std::path::PathBuf;

use cordon_case_intake::CaseIntakeSettings;
use cordon_config::{Config, Sources};
use cordon_directory::DirectorySettings;
use cordon_disposal::DisposalSettings;
use cordon_disposal::delivery::DeliverySettings;
use cordon_disposal::routing::RoutingSettings;
use cordon_graphql::GraphqlSettings;
use cordon_outbound::OutboundSettings;
use cordon_web::EdgeSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cli::ConfigPage;
use crate::exit::Ending;
use crate::remote;

/// Everything that was read at the start.
pub(crate) type Settings = Config<Services>;

/// The sections of the services; each has defaults.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Services {
    /// Sign-in, sessions and duties.
    pub(crate) directory: DirectorySettings,
    /// Reports, imports, cases and clues.
    pub(crate) case_intake: CaseIntakeSettings,
    /// Orders, deadlines, notices, appeals and releases.
    pub(crate) disposal: DisposalSettings,
    /// How long answers about numbers are trusted.
    pub(crate) routing: RoutingSettings,
    /// How messages are delivered to enterprises.
    pub(crate) delivery: DeliverySettings,
    /// What may be called from here.
    pub(crate) outbound: OutboundSettings,
    /// The documents that production executes beside those of this program.
    pub(crate) documents: Documents,
    /// The GraphQL API.
    pub(crate) graphql: GraphqlSettings,
    /// What the edge lets through.
    pub(crate) edge: EdgeSettings,
    /// The policy table.
    pub(crate) policy: Policy,
}

/// The documents that production executes beside those of this program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Documents {
    /// A JSON object of `sha256:…` and document.
    pub(crate) manifest: Option<PathBuf>,
}

/// The policy table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    /// A folder whose `policy.csv` takes the place of the built-in table from the next start on; a `model.conf` in it is refused.
    pub(crate) directory: Option<PathBuf>,
}

/// Reads the settings of this process.
pub(crate) fn load(file: Option<PathBuf>) -> anyhow::Result<Settings> {
    let settings: Settings = Config::load(Sources::of_process(file))?;
    Ok(settings)
}

/// Prints the example file or the schema of the settings, or the built-in documents.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) fn print(page: ConfigPage) -> anyhow::Result<Ending> {
    match page {
        ConfigPage::Example => print!("{}", cordon_config::example::<Services>()),
        ConfigPage::Documents => println!("{}", remote::documents::listed()?),
        ConfigPage::Schema => println!("{}", serde_json::to_string_pretty(&cordon_config::schema::<Services>())?),
    }
    Ok(Ending::Done)
}
