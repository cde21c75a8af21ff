use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an identifier is; the set is closed, because each kind has its own normal form, mask and executor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Mobile number of eleven digits.
    Phone,
    /// Fixed line with its area code.
    FixedLine,
    /// Short service number: 95xxx, 96xxx, 10086, 110 and the like.
    ServiceNumber,
    /// 400 or 800 number of ten digits.
    #[serde(rename = "number_400")]
    Number400,
    /// Port that sends text messages, beginning with 106.
    SmsPort,
    /// Number of thirteen digits for things, not people.
    IotNumber,
    /// Host name, in its ASCII form.
    Domain,
    /// Whole address of a page, with its path.
    Url,
    /// IPv4 or IPv6 address.
    Ip,
    /// Bank card or account number that passes the Luhn check.
    BankCard,
    /// WeChat account.
    Wechat,
    /// QQ number or QQ group.
    Qq,
    /// Alipay account: a phone number or an e-mail address.
    Alipay,
    /// Account on another platform, written `platform:name`.
    Account,
    /// E-mail address.
    Email,
    /// Serial number of a device.
    Imei,
    /// Serial number of a card in a device.
    Iccid,
    /// Number of a resident's identity card.
    IdNumber,
    /// Unified social credit code of an organisation.
    CreditCode,
}

impl Kind {
    /// Every kind, in the order in which a list shows them.
    pub const ALL: [Self; 19] = [
        Self::Phone,
        Self::FixedLine,
        Self::ServiceNumber,
        Self::Number400,
        Self::SmsPort,
        Self::IotNumber,
        Self::Domain,
        Self::Url,
        Self::Ip,
        Self::BankCard,
        Self::Wechat,
        Self::Qq,
        Self::Alipay,
        Self::Account,
        Self::Email,
        Self::Imei,
        Self::Iccid,
        Self::IdNumber,
        Self::CreditCode,
    ];

    /// Gives the stable code that is stored and sent.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::FixedLine => "fixed_line",
            Self::ServiceNumber => "service_number",
            Self::Number400 => "number_400",
            Self::SmsPort => "sms_port",
            Self::IotNumber => "iot_number",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Ip => "ip",
            Self::BankCard => "bank_card",
            Self::Wechat => "wechat",
            Self::Qq => "qq",
            Self::Alipay => "alipay",
            Self::Account => "account",
            Self::Email => "email",
            Self::Imei => "imei",
            Self::Iccid => "iccid",
            Self::IdNumber => "id_number",
            Self::CreditCode => "credit_code",
        }
    }

    /// Names the kind in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Phone => "手机号码",
            Self::FixedLine => "固定电话",
            Self::ServiceNumber => "服务号码",
            Self::Number400 => "400 号码",
            Self::SmsPort => "端口短信号码",
            Self::IotNumber => "物联网号码",
            Self::Domain => "域名",
            Self::Url => "网址",
            Self::Ip => "IP 地址",
            Self::BankCard => "银行卡号",
            Self::Wechat => "微信号",
            Self::Qq => "QQ 号",
            Self::Alipay => "支付宝账号",
            Self::Account => "其他平台账号",
            Self::Email => "电子邮箱",
            Self::Imei => "设备串号",
            Self::Iccid => "电话卡卡号",
            Self::IdNumber => "公民身份号码",
            Self::CreditCode => "统一社会信用代码",
        }
    }

    /// Names the kind in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Phone => "mobile number",
            Self::FixedLine => "fixed line",
            Self::ServiceNumber => "service number",
            Self::Number400 => "400 number",
            Self::SmsPort => "SMS port",
            Self::IotNumber => "IoT number",
            Self::Domain => "domain",
            Self::Url => "URL",
            Self::Ip => "IP address",
            Self::BankCard => "bank card",
            Self::Wechat => "WeChat account",
            Self::Qq => "QQ number",
            Self::Alipay => "Alipay account",
            Self::Account => "account on another platform",
            Self::Email => "e-mail address",
            Self::Imei => "device serial (IMEI)",
            Self::Iccid => "card serial (ICCID)",
            Self::IdNumber => "identity number",
            Self::CreditCode => "social credit code",
        }
    }

    /// Says whether the number plan speaks about this kind.
    pub const fn is_numbering_resource(self) -> bool {
        matches!(
            self,
            Self::Phone | Self::FixedLine | Self::ServiceNumber | Self::Number400 | Self::SmsPort | Self::IotNumber
        )
    }

    /// Says whether the value names a person or leads to one, so that it is masked and encrypted at rest.
    pub const fn is_personal(self) -> bool {
        !matches!(self, Self::ServiceNumber | Self::Number400 | Self::SmsPort | Self::Domain | Self::Url | Self::Ip)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The code names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("没有这种标识类型：{0}（there is no identifier kind {0}）")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    /// Reads a code; `port`, which the exchange files use, means an SMS port.
    fn from_str(code: &str) -> Result<Self, UnknownKind> {
        if code == "port" {
            return Ok(Self::SmsPort);
        }
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or_else(|| UnknownKind(code.to_owned()))
    }
}
