//! Who holds a number, a name or an address, as a table says it.

use std::fmt;
use std::str::FromStr;

use cordon_context::OrganisationId;
use cordon_directory_contract::Responsibility;

/// A holder: by what it answers for, or an organisation outright.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Whoever the directory names for this.
    Responsible(Responsibility),
    /// This organisation.
    Organisation(OrganisationId),
}

/// The text names no holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHolder;

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Responsible(responsibility) => responsibility.fmt(f),
            Self::Organisation(organisation) => organisation.fmt(f),
        }
    }
}

impl FromStr for Holder {
    type Err = InvalidHolder;

    fn from_str(text: &str) -> Result<Self, InvalidHolder> {
        let text = text.trim();
        if text.starts_with("org_") {
            return text.parse().map(Self::Organisation).map_err(|_source| InvalidHolder);
        }
        text.parse().map(Self::Responsible).map_err(|_source| InvalidHolder)
    }
}

impl Holder {
    /// Reads a network as people write it: a code, a Chinese name, `mvno:CODE`, or any holder in full.
    pub(crate) fn network(text: &str) -> Result<Self, InvalidHolder> {
        let code = match text.trim() {
            "mobile" | "移动" | "中国移动" | "cmcc" | "CMCC" => "mobile",
            "unicom" | "联通" | "中国联通" | "cucc" | "CUCC" => "unicom",
            "telecom" | "电信" | "中国电信" | "ctcc" | "CTCC" => "telecom",
            "broadnet" | "广电" | "中国广电" | "cbn" | "CBN" => "broadnet",
            other => {
                return match other.parse()? {
                    Self::Responsible(Responsibility::Network { .. } | Responsibility::Mvno(_))
                    | Self::Organisation(_) => other.parse(),
                    Self::Responsible(_) => Err(InvalidHolder),
                };
            }
        };
        Ok(Self::Responsible(Responsibility::network(code, cordon_context::Region::COUNTRY)))
    }

    /// The network's or enterprise's code, for showing.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Responsible(Responsibility::Network { network, .. }) => network.clone(),
            Self::Responsible(other) => other.to_string(),
            Self::Organisation(organisation) => organisation.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_people_write_them() {
        for (text, expected) in [
            ("mobile", "network:mobile"),
            ("中国联通", "network:unicom"),
            ("mvno:example", "mvno:example"),
            ("network:telecom", "network:telecom"),
        ] {
            assert_eq!(Holder::network(text).unwrap().to_string(), expected);
        }
        for broken in ["", "orange", "registrar:x", "org_x", "platform:wechat"] {
            assert!(Holder::network(broken).is_err(), "{broken}");
        }
    }
}
