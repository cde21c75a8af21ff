//! Puts the parts together: rows, keys, policy, services, links, and the jobs that run beside them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use cordon_case_intake::CaseIntake;
use cordon_config::KeySuite;
use cordon_context::{CallContext, Clock};
use cordon_directory::Directory;
use cordon_disposal::delivery::{Delivery, DeliveryParts};
use cordon_disposal::routing::{Router, RouterParts};
use cordon_disposal::{Disposal, LinkedNeighbours};
use cordon_events::{Bus, MemoryBus, Outbox, Relay, RelaySettings};
use cordon_graphql::{DirectoryAuthenticator, Ledgers, Manifest, Services};
use cordon_identifier::ProtectedList;
use cordon_outbound::{Outbound, OutboundSettings, SystemResolver};
use cordon_policies::{Authorizer, Gate};
use cordon_rpc::Link;
use cordon_store::{Database, DatabaseSettings, Opening};
use cordon_vault::{KeyService, LocalKeyService, Suite, Vault};
use cordon_web::Authenticator;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use indicatif::ProgressBar;
use tokio_util::sync::CancellationToken;

use crate::exit::Ending;
use crate::heads::{Followed, HeadJob, InstalledLedgers};
use crate::progress;
use crate::remote::documents;
use crate::settings::Settings;

/// The services, by the names under which they keep their rows.
pub(crate) const SERVICES: [&str; 3] = ["directory", "case-intake", "disposal"];

/// Opens every service's database; the tables stay as they are.
pub(crate) async fn databases(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    opening: Opening,
) -> anyhow::Result<Vec<Database>> {
    let mut databases = Vec::with_capacity(SERVICES.len());
    for service in SERVICES {
        databases.push(database(settings, service, Arc::clone(&clock), opening).await?);
    }
    Ok(databases)
}

pub(crate) async fn database(
    settings: &Settings,
    service: &'static str,
    clock: Arc<dyn Clock>,
    opening: Opening,
) -> anyhow::Result<Database> {
    let url = settings.database.url_of(service);
    if let Some(file) = sqlite_file(url.reveal())
        && opening == Opening::Existing
        && !file.exists()
    {
        anyhow::bail!(
            "服务 {service} 的数据库不存在，请先运行 cordon migrate / {} does not exist; run cordon migrate first",
            file.display()
        );
    }
    let opened = DatabaseSettings { url: url.reveal().to_owned(), max_connections: settings.database.max_connections };
    Database::open_as(&opened, service, clock, opening)
        .await
        .with_context(|| format!("服务 {service} 的数据库 / the database of {service}"))
}

/// The file behind an address of SQLite.
fn sqlite_file(url: &str) -> Option<&std::path::Path> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(std::path::Path::new(path.split('?').next().unwrap_or(path)))
}

/// Brings the tables of every service up to date; the bar counts services.
pub(crate) async fn migrate(databases: &[Database], bar: &ProgressBar) -> anyhow::Result<()> {
    for database in databases {
        let service = database.service();
        bar.set_message(service.to_owned());
        match service {
            "directory" => cordon_migrations::apply::<cordon_migrations::directory::Migrator>(database).await,
            "case-intake" => cordon_migrations::apply::<cordon_migrations::case_intake::Migrator>(database).await,
            "disposal" => cordon_migrations::apply::<cordon_migrations::disposal::Migrator>(database).await,
            unknown => anyhow::bail!("no tables are known for {unknown}"),
        }
        .with_context(|| {
            format!("升级 {service} 的数据库结构失败 / the tables of {service} could not be brought up to date")
        })?;
        bar.inc(1);
    }
    Ok(())
}

/// `cordon migrate`.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn migrate_all(settings: &Settings) -> anyhow::Result<Ending> {
    let databases = databases(settings, Arc::new(cordon_context::SystemClock), Opening::Making).await?;
    let bar = progress::bar("", u64::try_from(databases.len())?);
    let migrated = migrate(&databases, &bar).await;
    bar.finish_and_clear();
    migrated?;
    println!("数据库结构已是最新 / the tables are up to date: {}", SERVICES.join(", "));
    Ok(Ending::Done)
}

/// Opens the key folder.
pub(crate) fn keys(settings: &Settings, opening: Opening) -> anyhow::Result<Arc<LocalKeyService>> {
    let suite = match settings.keys.suite {
        KeySuite::Aes256GcmSha256 => Suite::Aes256GcmSha256,
        KeySuite::Sm4GcmSm3 => Suite::Sm4GcmSm3,
    };
    let folder = &settings.keys.directory;
    let opened = match opening {
        Opening::Making => LocalKeyService::open_or_create(folder, suite),
        Opening::Existing => LocalKeyService::open(folder, suite),
    };
    let keys = opened.with_context(|| format!("密钥目录 / the key folder {}", folder.display()))?;
    Ok(Arc::new(keys))
}

/// Loads the policy of the settings' folder, or the one that is built in.
pub(crate) async fn authorizer(settings: &Settings) -> anyhow::Result<Arc<Authorizer>> {
    let directory = settings.services.policy.directory.clone();
    // The policy engine blocks while it loads.
    let loaded = tokio::task::spawn_blocking(move || Authorizer::load(directory.as_deref())).await?;
    Ok(Arc::new(loaded.context("权限策略无法使用 / the policy cannot be used")?))
}

/// A call by the program itself, for `reason`.
pub(crate) fn own_call(reason: &'static str, clock: &dyn Clock) -> CallContext {
    CallContext::system(reason, clock.now())
}

/// How many schema changes a database still waits for.
pub(crate) async fn pending_migrations(database: &Database) -> anyhow::Result<usize> {
    let pending = match database.service() {
        "directory" => cordon_migrations::pending::<cordon_migrations::directory::Migrator>(database).await,
        "case-intake" => cordon_migrations::pending::<cordon_migrations::case_intake::Migrator>(database).await,
        "disposal" => cordon_migrations::pending::<cordon_migrations::disposal::Migrator>(database).await,
        unknown => anyhow::bail!("no tables are known for {unknown}"),
    };
    Ok(pending?)
}

/// Every service in this process, linked without sockets.
pub(crate) struct Platform {
    databases: Vec<Database>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    keys: Arc<dyn KeyService>,
    vaults: Vec<Arc<Vault>>,
    followed: Vec<Followed>,
    bus: Arc<MemoryBus>,
    links: Services,
    directory: Directory,
    case_intake: CaseIntake,
    disposal: Disposal,
    delivery: Delivery,
}

impl Platform {
    /// Opens rows and keys, brings tables up to date and builds every service.
    pub(crate) async fn assemble(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let databases = databases(settings, Arc::clone(&clock), Opening::Making).await?;
        migrate(&databases, &ProgressBar::hidden()).await?;
        let [directory_rows, intake_rows, disposal_rows] = databases.as_slice() else {
            anyhow::bail!("there is not one database for each service");
        };
        let keys: Arc<dyn KeyService> = keys(settings, Opening::Making)?;
        let authorizer = authorizer(settings).await?;
        for database in &databases {
            database.set_policy_version(authorizer.digest());
        }
        // Every vault looks again which keys are in use, so that a rotation by another process takes effect.
        let mut vaults = Vec::with_capacity(SERVICES.len());
        let mut vault = |service: &str| {
            let vault = Arc::new(Vault::new(Arc::clone(&keys), service));
            vaults.push(Arc::clone(&vault));
            vault
        };
        let gate = |database: &Database| Arc::new(Gate::new(Arc::clone(&authorizer), Arc::new(database.clone())));
        let services = &settings.services;

        let directory = cordon_directory::build(cordon_directory::Parts {
            database: directory_rows.clone(),
            gate: gate(directory_rows),
            vault: vault("directory"),
            clock: Arc::clone(&clock),
            settings: sign_in(settings),
        })
        .context("directory")?;
        let directory_link = Link::local(directory.methods());
        let case_intake = cordon_case_intake::build(cordon_case_intake::Parts {
            database: intake_rows.clone(),
            gate: gate(intake_rows),
            vault: vault("case-intake"),
            clock: Arc::clone(&clock),
            directory: directory_link.clone(),
            protected: Arc::new(ProtectedList::built_in().clone()),
            settings: services.case_intake.clone(),
        });
        let intake_link = Link::local(case_intake.methods());
        let disposal_vault = vault("disposal");
        let router = Router::new(RouterParts {
            database: disposal_rows.clone(),
            gate: gate(disposal_rows),
            vault: Arc::clone(&disposal_vault),
            clock: Arc::clone(&clock),
            directory: directory_link.clone(),
            settings: services.routing.clone(),
        });
        let delivery = Delivery::new(DeliveryParts {
            database: disposal_rows.clone(),
            gate: gate(disposal_rows),
            vault: Arc::clone(&disposal_vault),
            clock: Arc::clone(&clock),
            outbound: Outbound::new(outbound_settings(settings), Arc::new(SystemResolver)).context("outbound")?,
            settings: services.delivery.clone(),
        });
        let disposal = cordon_disposal::build(cordon_disposal::Parts {
            database: disposal_rows.clone(),
            gate: gate(disposal_rows),
            vault: Arc::clone(&disposal_vault),
            clock: Arc::clone(&clock),
            router: Arc::new(router.clone()),
            neighbours: Arc::new(LinkedNeighbours {
                case_intake: intake_link.clone(),
                directory: directory_link.clone(),
            }),
            settings: services.disposal.clone(),
        })
        .context("disposal.measure_table")?;
        disposal.prepare().await.context("disposal")?;

        let mut methods = disposal.methods();
        methods.merge(router.methods())?;
        methods.merge(delivery.methods())?;
        let bus = Arc::new(MemoryBus::default());
        bus.add(disposal.consumer());
        bus.add(delivery.consumer());
        bus.add(cordon_disposal::delivery::undelivered(disposal.clone()));
        let edge_gate = gate(directory_rows);
        let links = Services { directory: directory_link, case_intake: intake_link, disposal: Link::local(methods) };
        Ok(Self {
            followed: databases.iter().map(|_database| Followed::default()).collect(),
            databases,
            gate: edge_gate,
            clock,
            keys,
            vaults,
            bus,
            links,
            directory,
            case_intake,
            disposal,
            delivery,
        })
    }

    /// Everything that runs beside the requests until `stop` is cancelled.
    pub(crate) fn jobs(&self, settings: &Settings, stop: &CancellationToken) -> Vec<BoxFuture<'static, ()>> {
        let mut jobs = self.directory.jobs(stop.clone());
        jobs.extend(self.case_intake.jobs(stop));
        jobs.extend(self.disposal.jobs(stop));
        jobs.push(self.delivery.clone().run(stop.clone()).boxed());
        for (database, followed) in self.databases.iter().zip(&self.followed) {
            let outbox: Arc<dyn Outbox> = Arc::new(database.clone());
            let bus: Arc<dyn Bus> = Arc::<MemoryBus>::clone(&self.bus);
            let relay = Relay::new(outbox, bus, Arc::clone(&self.clock), RelaySettings::default());
            jobs.push(relay.run(stop.clone()).boxed());
            let heads = HeadJob {
                database: database.clone(),
                keys: Arc::clone(&self.keys),
                clock: Arc::clone(&self.clock),
                settings: settings.ledger.clone(),
                followed: followed.clone(),
            };
            jobs.push(heads.run(stop.clone()).boxed());
        }
        jobs.push(refresh_keys(self.vaults.clone(), stop.clone()).boxed());
        let (databases, clock) = (self.databases.clone(), Arc::clone(&self.clock));
        jobs.push(forget(databases, clock, settings.database.clone(), stop.clone()).boxed());
        jobs
    }

    /// Waits until writes that have begun are through.
    pub(crate) async fn drain(&self) {
        self.case_intake.settle().await;
        for database in &self.databases {
            database.drain().await;
        }
    }

    pub(crate) fn databases(&self) -> &[Database] {
        &self.databases
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(crate) fn case_intake(&self) -> &CaseIntake {
        &self.case_intake
    }

    pub(crate) fn services(&self) -> Services {
        self.links.clone()
    }

    pub(crate) fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate)
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    pub(crate) fn bus(&self) -> Arc<dyn Bus> {
        Arc::<MemoryBus>::clone(&self.bus)
    }

    pub(crate) fn ledgers(&self) -> Arc<dyn Ledgers> {
        Arc::new(InstalledLedgers {
            gate: Arc::clone(&self.gate),
            keys: Arc::clone(&self.keys),
            chains: self.databases.iter().cloned().zip(self.followed.iter().cloned()).collect(),
        })
    }

    pub(crate) fn authenticator(&self) -> Arc<dyn Authenticator> {
        Arc::new(DirectoryAuthenticator::new(self.links.directory.clone(), Arc::clone(&self.clock)))
    }
}

/// In development an enterprise's program usually runs on the same machine.
fn outbound_settings(settings: &Settings) -> OutboundSettings {
    let mut outbound = settings.services.outbound.clone();
    outbound.any_loopback_port |= !settings.mode.is_production();
    outbound
}

/// The documents that production executes: those of this program, and those of the file in the settings.
pub(crate) fn manifest(settings: &Settings) -> anyhow::Result<Manifest> {
    let file = match &settings.services.documents.manifest {
        Some(file) => Manifest::read(file).with_context(|| format!("{}", file.display()))?,
        None => Manifest::default(),
    };
    Ok(file.with(documents::ALL))
}

/// Forgets answers that were kept long enough for any client to have asked again, and events that were told long ago.
async fn forget(
    databases: Vec<Database>,
    clock: Arc<dyn Clock>,
    settings: cordon_config::Database,
    stop: CancellationToken,
) {
    let days = |days: u32| Duration::from_hours(24) * days.max(1);
    while !stop.is_cancelled() {
        let now = clock.now();
        for database in &databases {
            if let Err(error) = database.forget_answers(now.minus(days(settings.keep_answers_days))).await {
                tracing::error!(error = &error as &dyn std::error::Error, "old answers could not be forgotten");
            }
        }
        if let Err(error) = cordon_store::forget_events(&databases, now.minus(days(settings.keep_events_days))).await {
            tracing::error!(error = &error as &dyn std::error::Error, "old events could not be forgotten");
        }
        stop.run_until_cancelled(tokio::time::sleep(Duration::from_hours(1))).await;
    }
}

/// Takes up keys that another process of the installation rotated.
async fn refresh_keys(vaults: Vec<Arc<Vault>>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(Duration::from_mins(1))).await.is_some() {
        for vault in &vaults {
            if let Err(error) = vault.refresh() {
                tracing::error!(error = &error as &dyn std::error::Error, "keys could not be read again");
            }
        }
    }
}

/// The directory's settings; on a developer's machine nobody has an authenticator for the invented people.
pub(crate) fn sign_in(settings: &Settings) -> cordon_directory::DirectorySettings {
    let mut directory = settings.services.directory.clone();
    if !settings.mode.is_production() {
        directory.code_required.clear();
    }
    directory
}
