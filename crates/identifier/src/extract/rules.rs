//! The rules of extraction: code, confidence and words.

/// A rule of extraction in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// Stable code.
    pub code: &'static str,
    /// How sure a finding by this rule is, from 0 to 100.
    pub confidence: u8,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

macro_rules! rules {
    ($($name:ident = $code:literal, $confidence:literal, $zh:literal, $en:literal;)*) => {
        $(pub(super) const $name: &RuleText = &RuleText { code: $code, confidence: $confidence, zh: $zh, en: $en };)*

        /// Every rule, for screens that explain a finding.
        pub const RULES: &[&RuleText] = &[$($name),*];
    };
}

rules! {
    URL_HOST = "url.host", 99, "网址中的主机", "host of a page address";
    URL_ADDRESS = "url.address", 98, "网址中的 IP 地址", "IP address in a page address";
    DOMAIN_DOTTED = "domain.dotted", 95, "以点分隔、顶级域存在的名称", "dotted name under an existing top-level domain";
    DOMAIN_CHINESE_DOT = "domain.chinese_dot", 80, "以句号或“点”字代替点的域名", "name whose dot is a Chinese full stop or word";
    DOMAIN_OTHER_SCRIPT = "domain.other_script", 80, "非英文域名", "name in another script";
    IP_DOTTED = "ip.dotted", 85, "四段点分地址", "four numbers with dots";
    IP_COLONS = "ip.colons", 85, "冒号分隔的 IPv6 地址", "IPv6 address with colons";
    EMAIL_FORM = "email.form", 98, "电子邮箱格式", "form of an e-mail address";
    PHONE_LABELLED = "phone.labelled", 99, "前有电话字样、号段在规划内", "planned segment after a word for telephone";
    PHONE_PLAIN = "phone.plain", 93, "十一位、号段在规划内", "eleven digits in a planned segment";
    PHONE_GROUPED = "phone.grouped", 90, "分组书写的手机号码", "mobile number written in groups";
    PHONE_COUNTRY_CODE = "phone.country_code", 97, "带国家码的手机号码", "mobile number with the country code";
    PHONE_ACCOUNT = "phone.account", 85, "在账号字样后的手机号码", "mobile number after a word for an account";
    FIXED_LABELLED = "fixed_line.labelled", 97, "前有电话字样、区号存在", "existing area code after a word for telephone";
    FIXED_GROUPED = "fixed_line.grouped", 90, "区号与号码分开书写", "area code set apart from the number";
    FIXED_PLAIN = "fixed_line.plain", 75, "连写的区号与号码", "area code and number in one";
    NUMBER_400_LABELLED = "number_400.labelled", 98, "前有电话字样的 400 号码", "400 number after a word for telephone";
    NUMBER_400_GROUPED = "number_400.grouped", 95, "分组书写的 400 号码", "400 number written in groups";
    NUMBER_400_PLAIN = "number_400.plain", 75, "十位、以 400 开头", "ten digits that begin with 400";
    SERVICE_LABELLED = "service_number.labelled", 95, "前有电话字样的服务号码", "service number after a word for telephone";
    SERVICE_KNOWN = "service_number.known", 85, "已知的官方服务号码", "known official service number";
    PORT_LABELLED = "sms_port.labelled", 99, "前有端口字样", "after a word for an SMS port";
    PORT_PLAIN = "sms_port.plain", 90, "以 106 开头的端口号", "number that begins like an SMS port";
    IOT_LABELLED = "iot_number.labelled", 97, "前有物联网卡或号码字样", "after a word for an IoT card or a number";
    IOT_PLAIN = "iot_number.plain", 85, "十三位、以 1064 开头", "thirteen digits that begin with 1064";
    CARD_LABELLED = "bank_card.labelled", 99, "前有账号字样、校验位相符", "check digit fits, after a word for an account";
    CARD_LUHN = "bank_card.luhn", 80, "卡号位数与校验位相符", "length of a card and fitting check digit";
    WECHAT_LABELLED = "wechat.labelled", 97, "前有微信号字样", "after a word for a WeChat account";
    WECHAT_NEAR = "wechat.near", 82, "紧跟“微信”二字", "right after the word WeChat";
    QQ_LABELLED = "qq.labelled", 97, "前有 QQ 字样", "after a word for QQ";
    ALIPAY_LABELLED = "alipay.labelled", 96, "前有支付宝字样", "after a word for Alipay";
    ACCOUNT_LABELLED = "account.labelled", 90, "前有平台名称", "after the name of a platform";
    IMEI_LABELLED = "imei.labelled", 99, "前有串号字样、校验位相符", "check digit fits, after a word for a device serial";
    IMEI_UNCHECKED = "imei.unchecked", 80, "前有串号字样、校验位不符", "check digit does not fit, after a word for a device serial";
    ICCID_LABELLED = "iccid.labelled", 97, "前有 ICCID 字样、校验位相符", "check digit fits, after a word for a card serial";
    ICCID_UNCHECKED = "iccid.unchecked", 80, "前有 ICCID 字样、校验位不符", "check digit does not fit, after a word for a card serial";
    ICCID_PREFIX = "iccid.prefix", 85, "以 8986 开头的电话卡卡号、校验位相符", "card serial that begins with 8986, check digit fits";
    ID_LABELLED = "id_number.labelled", 99, "前有身份证字样、校验位相符", "check digit fits, after a word for an identity card";
    ID_CHECKED = "id_number.checked", 95, "出生日期与校验位相符", "date of birth and check digit fit";
    CREDIT_LABELLED = "credit_code.labelled", 99, "前有信用代码字样、校验位相符", "check character fits, after a word for a credit code";
    CREDIT_UNCHECKED = "credit_code.unchecked", 85, "前有信用代码字样、校验位不符", "check character does not fit, after a word for a credit code";
    CREDIT_CHECKED = "credit_code.checked", 95, "信用代码格式与校验位相符", "form and check character of a credit code";
}

/// Explains a rule by its code.
pub fn rule_text(code: &str) -> Option<&'static RuleText> {
    RULES.iter().copied().find(|rule| rule.code == code)
}
