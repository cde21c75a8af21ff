use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Kind;

/// The rule of its kind that a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Violation {
    /// Nothing is left after spaces are taken away.
    Empty,
    /// The number of characters is not one the kind allows.
    Length,
    /// A character does not belong to the kind.
    Character,
    /// The check digit does not fit.
    CheckDigit,
    /// No segment of the number plan begins like this.
    UnknownPrefix,
    /// The date of birth within the number does not exist.
    BirthDate,
    /// The name is a public suffix, under which strangers hold names.
    PublicSuffix,
    /// The name ends in no known top-level domain.
    UnknownSuffix,
    /// The text lacks the structure of the kind, such as the `@` of an address.
    Form,
    /// No known platform stands before the colon.
    UnknownPlatform,
}

impl Violation {
    /// Gives the stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Length => "length",
            Self::Character => "character",
            Self::CheckDigit => "check_digit",
            Self::UnknownPrefix => "unknown_prefix",
            Self::BirthDate => "birth_date",
            Self::PublicSuffix => "public_suffix",
            Self::UnknownSuffix => "unknown_suffix",
            Self::Form => "form",
            Self::UnknownPlatform => "unknown_platform",
        }
    }

    /// Says in Chinese what is wrong.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Empty => "内容为空",
            Self::Length => "位数不对",
            Self::Character => "含有不允许的字符",
            Self::CheckDigit => "校验位不符",
            Self::UnknownPrefix => "号段不在号码规划内",
            Self::BirthDate => "出生日期不存在",
            Self::PublicSuffix => "是公共后缀，不能作为对象",
            Self::UnknownSuffix => "顶级域不存在",
            Self::Form => "格式不对",
            Self::UnknownPlatform => "平台未知",
        }
    }

    /// Says in English what is wrong.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Empty => "it is empty",
            Self::Length => "its length is wrong",
            Self::Character => "it holds a character that is not allowed",
            Self::CheckDigit => "its check digit does not fit",
            Self::UnknownPrefix => "its prefix is not in the number plan",
            Self::BirthDate => "its date of birth does not exist",
            Self::PublicSuffix => "it is a public suffix and can be no subject",
            Self::UnknownSuffix => "its top-level domain does not exist",
            Self::Form => "its form is wrong",
            Self::UnknownPlatform => "its platform is unknown",
        }
    }
}

/// A text is no identifier of the kind it was said to be; the text itself is not repeated, since errors reach logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InvalidIdentifier {
    /// The kind that was expected.
    pub kind: Kind,
    /// The rule that is broken.
    pub rule: Violation,
}

impl InvalidIdentifier {
    pub(crate) const fn new(kind: Kind, rule: Violation) -> Self {
        Self { kind, rule }
    }
}

impl fmt::Display for InvalidIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, rule } = self;
        write!(f, "不是有效的{}：{}（not a valid {}: {}）", kind.zh(), rule.zh(), kind.en(), rule.en())
    }
}

impl std::error::Error for InvalidIdentifier {}
