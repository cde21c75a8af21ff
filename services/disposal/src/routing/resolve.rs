//! Routes many targets with few look-ups.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use cordon_context::{Bilingual, CallContext, OrganisationId, Region, Timestamp};
use cordon_directory_contract::{DirectoryClient, Responsibility};
use cordon_disposal_contract::routing::{Destination, Route, RouteObstacle, RoutingSource, RoutingTable};
use cordon_identifier::{Identifier, NumberClass, Service};
use cordon_rpc::refusal_of;
use cordon_store::Failure;

use super::Router;
use super::holder::Holder;
use super::portability::{Ported, best};
use super::question::{Question, Way, way};
use crate::store::routing::{self as store, StoredEntry};

/// What the tables say about one target, before the directory is asked.
struct Finding {
    /// Holders to ask for, in turn, until somebody answers.
    holders: Vec<Holder>,
    /// What is wrong if nobody does.
    obstacle: RouteObstacle,
    original: Option<String>,
    current: Option<String>,
    region: Option<Region>,
    resolver: &'static str,
}

impl Finding {
    const fn none(obstacle: RouteObstacle) -> Self {
        Self { holders: Vec::new(), obstacle, original: None, current: None, region: None, resolver: "plan" }
    }
}

/// Rows of one table by key.
type Rows = HashMap<String, Vec<StoredEntry>>;

impl Router {
    /// Finds out who answers for one target.
    pub async fn route(&self, subject: &Identifier, region_hint: Option<Region>) -> Result<Route, Failure> {
        let question = Question { subject: subject.clone(), region_hint, measure: None };
        let mut routes = self.route_many(std::slice::from_ref(&question)).await?;
        Ok(routes.pop().unwrap_or_else(|| desk(Finding::none(RouteObstacle::Unreadable), self.parts.clock.now())))
    }

    /// Finds out who answers for each of many targets, in the order of the questions.
    pub async fn route_many(&self, questions: &[Question]) -> Result<Vec<Route>, Failure> {
        let ways: Vec<Way> = questions.iter().map(way).collect();
        let reader = self.parts.database.reader();

        let prefixes = unique(ways.iter().flat_map(|way| match way {
            Way::Number { prefixes, .. } => prefixes.as_slice(),
            _ => &[],
        }));
        let names = unique(ways.iter().filter_map(|way| match way {
            Way::Domain { name, .. } => Some(name),
            _ => None,
        }));
        let platforms = unique(ways.iter().filter_map(|way| match way {
            Way::Platform(platform) => Some(platform),
            _ => None,
        }));
        let segments = by_key(store::lookup(reader, RoutingTable::Segment, &prefixes).await?);
        let domains = by_key(store::lookup(reader, RoutingTable::Domain, &names).await?);
        let overrides = by_key(store::lookup(reader, RoutingTable::Platform, &platforms).await?);
        let ranges = if ways.iter().any(|way| matches!(way, Way::Address(_))) {
            Some(self.addresses.ranges(&self.parts.database).await?)
        } else {
            None
        };
        let portable = |way: &Way| matches!(way, Way::Number { class: Some(NumberClass { portable: true, .. }), .. });
        let asked: Vec<usize> =
            ways.iter().enumerate().filter(|(_, way)| portable(way)).map(|(index, _)| index).collect();
        let numbers: Vec<Identifier> =
            asked.iter().filter_map(|index| questions.get(*index)).map(|question| question.subject.clone()).collect();
        let mut ported: HashMap<usize, Ported> = asked
            .into_iter()
            .zip(self.portability.resolve(&numbers).await?)
            .filter_map(|(index, ported)| Some((index, ported?)))
            .collect();

        let now = self.parts.clock.now();
        let learned = Duration::from_secs(self.parts.settings.learned_days * 86_400);
        let mut findings = Vec::with_capacity(questions.len());
        for (index, (question, way)) in questions.iter().zip(&ways).enumerate() {
            findings.push(match way {
                Way::Number { prefixes, class } => {
                    let segment = prefixes.iter().find_map(|prefix| {
                        let rows: Vec<&StoredEntry> = segments.get(prefix)?.iter().collect();
                        best(&rows, now, learned)
                    });
                    number(*class, segment, ported.remove(&index), question.region_hint)
                }
                Way::Domain { name, top, prefer_access } => {
                    domain(domains.get(name), top, *prefer_access, now, learned)
                }
                Way::Store { host, name } => Finding {
                    holders: [host, name]
                        .map(|store| Holder::Responsible(Responsibility::AppStore(store.clone())))
                        .to_vec(),
                    resolver: "domain",
                    ..Finding::none(RouteObstacle::NobodyAnswers)
                },
                Way::Address(address) => match ranges.as_ref().and_then(|ranges| ranges.find(*address)) {
                    Some(holder) => Finding {
                        holders: vec![holder.clone()],
                        resolver: "address",
                        ..Finding::none(RouteObstacle::NobodyAnswers)
                    },
                    None => Finding { resolver: "address", ..Finding::none(RouteObstacle::AccessUnknown) },
                },
                Way::Platform(platform) => {
                    let rows: Vec<&StoredEntry> = overrides.get(platform).into_iter().flatten().collect();
                    let holder = best(&rows, now, learned).and_then(|row| row.holder.parse().ok());
                    let holder = holder.unwrap_or_else(|| Holder::Responsible(Responsibility::platform(platform)));
                    Finding {
                        holders: vec![holder],
                        resolver: "platform",
                        ..Finding::none(RouteObstacle::NobodyAnswers)
                    }
                }
                Way::None(obstacle) => Finding::none(*obstacle),
            });
        }
        self.ask_directory(findings, now).await
    }

    /// Turns findings into routes with two calls, however many there are.
    async fn ask_directory(&self, findings: Vec<Finding>, now: Timestamp) -> Result<Vec<Route>, Failure> {
        let mut responsibilities = HashSet::new();
        let mut organisations = HashSet::new();
        for holder in findings.iter().flat_map(|finding| &finding.holders) {
            match holder {
                Holder::Responsible(responsibility) => drop(responsibilities.insert(responsibility.clone())),
                Holder::Organisation(organisation) => drop(organisations.insert(*organisation)),
            }
        }
        let mut answers: HashMap<Holder, OrganisationId> = HashMap::new();
        let ctx = CallContext::system("routing", now);
        let refused = |error| Failure::from(refusal_of(&error));
        if !responsibilities.is_empty() {
            let asked: Vec<Responsibility> = responsibilities.into_iter().collect();
            let found = DirectoryClient::responsible_for(&self.parts.directory, ctx.clone(), asked.clone())
                .await
                .map_err(refused)?;
            for (responsibility, organisation) in asked.into_iter().zip(found) {
                if let Some(organisation) = organisation {
                    answers.insert(Holder::Responsible(responsibility), organisation);
                }
            }
        }
        if !organisations.is_empty() {
            let asked: Vec<OrganisationId> = organisations.into_iter().collect();
            let found =
                DirectoryClient::organisations_by_ids(&self.parts.directory, ctx, asked).await.map_err(refused)?;
            for organisation in
                found.into_iter().filter(|organisation| organisation.active && organisation.kind.is_enterprise())
            {
                answers.insert(Holder::Organisation(organisation.id), organisation.id);
            }
        }
        Ok(findings
            .into_iter()
            .map(|finding| {
                let answered =
                    finding.holders.iter().find_map(|holder| Some((holder.to_string(), *answers.get(holder)?)));
                match answered {
                    Some((asked, organisation)) => Route {
                        destination: Destination::Executor { organisation },
                        responsibility: Some(asked),
                        carrier_original: finding.original,
                        carrier_current: finding.current,
                        region: finding.region,
                        resolved_at: now,
                        resolver: finding.resolver.to_owned(),
                    },
                    None => desk(finding, now),
                }
            })
            .collect())
    }
}

/// A route to the desk: never nowhere.
fn desk(finding: Finding, now: Timestamp) -> Route {
    let obstacle = finding.obstacle;
    Route {
        destination: Destination::Desk { obstacle, text: words(obstacle) },
        responsibility: finding.holders.first().map(ToString::to_string),
        carrier_original: finding.original,
        carrier_current: finding.current,
        region: finding.region,
        resolved_at: now,
        resolver: finding.resolver.to_owned(),
    }
}

fn unique<'a>(keys: impl Iterator<Item = impl Into<KeyRef<'a>>>) -> Vec<String> {
    let unique: HashSet<&str> = keys.map(|key| key.into().0).collect();
    unique.into_iter().map(str::to_owned).collect()
}

/// A key, borrowed from a way.
struct KeyRef<'a>(&'a str);

impl<'a> From<&'a String> for KeyRef<'a> {
    fn from(key: &'a String) -> Self {
        Self(key)
    }
}

fn by_key(rows: Vec<StoredEntry>) -> Rows {
    let mut map = Rows::new();
    for row in rows {
        map.entry(row.entry.clone()).or_default().push(row);
    }
    map
}

/// A number: where it was taken counts before its segment, and the segment table before the plan.
fn number(
    class: Option<NumberClass>,
    segment: Option<&StoredEntry>,
    ported: Option<Ported>,
    hint: Option<Region>,
) -> Finding {
    let planned = class.and_then(|class| match class.service {
        // A reseller's number whose reseller no table knows: the carrier below knows it and can say so.
        Service::Mvno { parent } => parent,
        _ => class.network,
    });
    let planned = planned.map(|network| Holder::Responsible(Responsibility::network(network.code(), Region::COUNTRY)));
    let listed: Option<Holder> = segment.and_then(|row| row.holder.parse().ok());
    let region = segment.and_then(|row| row.region).or(hint);
    let original = listed.as_ref().or(planned.as_ref()).map(Holder::label);
    let (holder, resolver) = match (ported, listed, planned) {
        (Some(ported), ..) => {
            (Some(ported.holder), if ported.source == RoutingSource::Executor { "executor" } else { "portability" })
        }
        (None, Some(listed), _) => (Some(listed), "segment"),
        (None, None, planned) => (planned, "plan"),
    };
    let Some(holder) = holder else {
        return Finding { original, region, ..Finding::none(RouteObstacle::NetworkUnknown) };
    };
    let current = Some(holder.label());
    let (holders, obstacle) = at_home(holder, region);
    Finding { holders, obstacle, original, current, region, resolver }
}

/// The organisation of a network at a number's home, then the one for the whole network.
fn at_home(holder: Holder, region: Option<Region>) -> (Vec<Holder>, RouteObstacle) {
    let Holder::Responsible(Responsibility::Network { network, .. }) = &holder else {
        return (vec![holder], RouteObstacle::NobodyAnswers);
    };
    let whole = Holder::Responsible(Responsibility::network(network, Region::COUNTRY));
    match region.filter(|region| *region != Region::COUNTRY) {
        Some(region) => {
            (vec![Holder::Responsible(Responsibility::network(network, region)), whole], RouteObstacle::NobodyAnswers)
        }
        None => (vec![whole], RouteObstacle::RegionUnknown),
    }
}

fn domain(
    rows: Option<&Vec<StoredEntry>>,
    top: &str,
    prefer_access: bool,
    now: Timestamp,
    learned: Duration,
) -> Finding {
    let of = |aspect: &str| {
        let rows: Vec<&StoredEntry> = rows.into_iter().flatten().filter(|row| row.aspect == aspect).collect();
        best(&rows, now, learned).and_then(|row| row.holder.parse::<Holder>().ok())
    };
    let (registrar, access) = (of("registrar"), of("access"));
    let listed = registrar.is_some() || access.is_some();
    let registry = Holder::Responsible(Responsibility::TopLevelDomain(top.to_owned()));
    let mut holders: Vec<Holder> = if prefer_access {
        access.into_iter().chain(registrar).collect()
    } else {
        registrar.into_iter().chain(access).collect()
    };
    // The registry of the top-level domain can stop any name under it, but is asked last.
    holders.push(registry);
    let obstacle = match (listed, prefer_access) {
        (true, _) => RouteObstacle::NobodyAnswers,
        (false, true) => RouteObstacle::AccessUnknown,
        (false, false) => RouteObstacle::RegistrarUnknown,
    };
    Finding { holders, obstacle, original: None, current: None, region: None, resolver: "domain" }
}

pub(crate) fn words(obstacle: RouteObstacle) -> Bilingual {
    let (zh, en) = match obstacle {
        RouteObstacle::Unreadable => ("无法识别该标识", "the text is no identifier of its kind"),
        RouteObstacle::NotExecutable => (
            "该类标识没有执行单位，请由人工处理",
            "nobody executes on identifiers of this kind; a person has to decide",
        ),
        RouteObstacle::MoneySide => {
            ("银行账户请通过银行止付冻结系统办理", "bank accounts are stopped through the banks' own system")
        }
        RouteObstacle::NetworkUnknown => (
            "号码规划和号段表均未说明归属网络",
            "neither the number plan nor the segment table says whose network it is in",
        ),
        RouteObstacle::RegionUnknown => {
            ("号码归属地未知，且无全网负责单位", "its home region is unknown and nobody answers for the whole network")
        }
        RouteObstacle::RegistrarUnknown => ("域名表中没有该域名的注册商", "no table names the registrar of the domain"),
        RouteObstacle::AccessUnknown => ("没有该地址的接入商信息", "no table names who gives the address its access"),
        RouteObstacle::PlatformUnknown => ("账号所属平台未知", "the platform of the account is unknown"),
        RouteObstacle::NobodyAnswers => {
            ("单位名录中没有在用的负责单位", "no active organisation of the directory answers for it")
        }
    };
    Bilingual::new(zh, en)
}
