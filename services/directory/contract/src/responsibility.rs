//! What an organisation answers for when an order is routed.

use std::fmt;
use std::str::FromStr;

use cordon_context::Region;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One thing that exactly one active organisation answers for; written as `kind:code` or `network:code@region`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Responsibility {
    /// Numbers in a carrier's network; in a question the region is the number's home, in a register entry the whole country
    /// stands for "the region of the organisation itself".
    Network {
        /// The network's code: `mobile`, `unicom`, `telecom`, `broadnet`.
        network: String,
        /// The region.
        region: Region,
    },
    /// Numbers of a mobile resale enterprise.
    Mvno(String),
    /// Accounts on a platform, such as `wechat`.
    Platform(String),
    /// Domains under a registrar's sponsorship.
    Registrar(String),
    /// Addresses and sites at an access or hosting provider.
    Access(String),
    /// Applications in a store.
    AppStore(String),
    /// All domains under a top-level domain, for its registry.
    TopLevelDomain(String),
}

/// The text does not name a responsibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidResponsibility;

impl fmt::Display for InvalidResponsibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a responsibility such as network:mobile@440000, mvno:CODE, platform:CODE or registrar:NAME")
    }
}

impl std::error::Error for InvalidResponsibility {}

/// The longest code, in bytes.
const LONGEST: usize = 120;

impl Responsibility {
    /// Numbers in a carrier's network whose home is `region`.
    pub fn network(code: &str, region: Region) -> Self {
        Self::Network { network: normal(code), region }
    }

    /// Numbers of a mobile resale enterprise.
    pub fn mvno(code: &str) -> Self {
        Self::Mvno(normal(code))
    }

    /// Accounts on a platform.
    pub fn platform(code: &str) -> Self {
        Self::Platform(normal(code))
    }

    /// Domains at a registrar, by the name under which it sponsors.
    pub fn registrar(name: &str) -> Self {
        Self::Registrar(normal(name))
    }

    /// Sites at an access provider, by name.
    pub fn access(name: &str) -> Self {
        Self::Access(normal(name))
    }

    /// The word before the colon.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Network { .. } => "network",
            Self::Mvno(_) => "mvno",
            Self::Platform(_) => "platform",
            Self::Registrar(_) => "registrar",
            Self::Access(_) => "access",
            Self::AppStore(_) => "app_store",
            Self::TopLevelDomain(_) => "tld",
        }
    }

    /// The code after the colon, without the region.
    pub fn code(&self) -> &str {
        match self {
            Self::Network { network: code, .. }
            | Self::Mvno(code)
            | Self::Platform(code)
            | Self::Registrar(code)
            | Self::Access(code)
            | Self::AppStore(code)
            | Self::TopLevelDomain(code) => code,
        }
    }
}

/// Registrars and stores are written in many ways; case and the space around do not tell two of them apart.
fn normal(code: &str) -> String {
    code.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl fmt::Display for Responsibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.code())?;
        match self {
            Self::Network { region, .. } if *region != Region::COUNTRY => write!(f, "@{region}"),
            _ => Ok(()),
        }
    }
}

impl FromStr for Responsibility {
    type Err = InvalidResponsibility;

    fn from_str(text: &str) -> Result<Self, InvalidResponsibility> {
        let (kind, code) = text.split_once(':').ok_or(InvalidResponsibility)?;
        let code = normal(code);
        if code.is_empty() || code.len() > LONGEST || code.chars().any(char::is_control) {
            return Err(InvalidResponsibility);
        }
        match kind {
            "network" => {
                let (network, region) = match code.split_once('@') {
                    Some((network, region)) => (network, region.parse().map_err(|_source| InvalidResponsibility)?),
                    None => (code.as_str(), Region::COUNTRY),
                };
                if network.is_empty() {
                    return Err(InvalidResponsibility);
                }
                Ok(Self::network(network, region))
            }
            "mvno" => Ok(Self::Mvno(code)),
            "platform" => Ok(Self::Platform(code)),
            "registrar" => Ok(Self::Registrar(code)),
            "access" => Ok(Self::Access(code)),
            "app_store" => Ok(Self::AppStore(code)),
            "tld" => Ok(Self::TopLevelDomain(code)),
            _ => Err(InvalidResponsibility),
        }
    }
}

impl Serialize for Responsibility {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Responsibility {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms_round_trip_and_are_normal() {
        for text in [
            "network:mobile",
            "network:mobile@440000",
            "mvno:example-mvno",
            "platform:wechat",
            "registrar:示例域名 有限公司",
            "access:example cloud",
            "app_store:example",
            "tld:cn",
        ] {
            assert_eq!(text.parse::<Responsibility>().unwrap().to_string(), text);
        }
        assert_eq!("registrar:  Example   Names ".parse(), Ok(Responsibility::registrar("example names")));
        for broken in ["", "network", "network:", "network:@440000", "network:mobile@44", "planet:mars", "mvno: "] {
            assert_eq!(broken.parse::<Responsibility>(), Err(InvalidResponsibility), "{broken}");
        }
    }
}
