//! Words that say what the number or name after them is. Labels stand right before their value, so the reader looks back a few
//! characters instead of searching the whole text for them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Phone,
    Port,
    Iot,
    Card,
    Wechat,
    Qq,
    Alipay,
    Imei,
    Iccid,
    IdNumber,
    CreditCode,
    Site,
    Platform(&'static str),
    /// An order number, a code, an amount: what follows is no identifier.
    Other,
}

/// A label before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Labelled {
    pub(super) label: Label,
    /// The words leave little doubt: a colon stands between, or the label says "number" or "add".
    pub(super) strong: bool,
}

const PHONE: &str = "电话 电話 電話 手机 手機 手机号 手机号码 电话号码 热线 熱線 客服 致电 回电 来电 去电 拨打 拨 号码 號碼 联系 联系人 \
    联系方式 聯繫 咨询 详询 询 座机 固话 传真 短信 短信号码 发件人 主叫 被叫 呼叫 同号 同微信 微信同号 vx同号 v信同号 微同 \
    专线 总机 报警 tel phone mobile call telephone 致電 撥打 预约 打 来自";
const PORT: &str = "端口 端口号 短信端口 下行号码 通道号 端口号码 码号";
const IOT: &str = "物联网卡 物联卡 物联网卡号 物联网号码 流量卡 物联网号 行业卡";
const CARD: &str = "卡号 卡號 银行卡 行卡 储蓄卡 借记卡 账号 帐号 賬號 帳號 账户 帐户 户头 汇款到 汇款至 汇到 汇至 汇入 转账到 转账至 转账给 \
    转帐到 转帐至 转到 转至 转入 打款到 打款至 打到 打入 存入 存到 存至 收款卡 付款至 付款到 card 工行 农行 建行 中行 \
    交行";
/// Strong by themselves: they say "number" or "add".
const WECHAT: &str = "微信号 微信號 微信id 加微信 添加微信 加我微信 微信客服 微信搜 搜微信 薇信 威信 徽信 维信 葳信 薇信号 威信号 加薇信 加v \
    ➕v +v 加v信 v信 v信号 vx vx号 加vx v❤ 薇❤ 微❤ 威❤ wx号 加wx wxid weixin wechat 加薇 \
    加微 加威 加卫星 卫星号 加徽 v号 微心 微芯 加围信 围信 加好友";
/// Weak: these words also stand in other sentences.
const WECHAT_WEAK: &str = "微信 微 薇 卫星 wx v 徽 威 微信群 公众号";
const QQ: &str = "qq qq号 qq号码 qq群 qq群号 q群 q群号 q号 加q 加qq 扣扣 扣扣号 扣扣群 扣群 扣号 加扣 企鹅 企鹅号 企鹅群 \
    球球 秋秋 蔻蔻 叩叩 扣q 口口号";
const QQ_WEAK: &str = "q 扣";
const ALIPAY: &str = "支付宝 支付寶 支付宝账号 支付宝帐号 支付宝账户 支付宝号 alipay zfb 转支付宝 支付宝转账到";
const IMEI: &str = "imei imei1 imei2 串号 设备串号 手机串号 机身码 设备识别码 设备号 imei号 imei码";
const ICCID: &str = "iccid iccid号 sim卡号 电话卡卡号 卡序列号 sim卡序列号 集成电路卡识别码 电话卡序列号";
const ID_NUMBER: &str = "身份证 身份证号 身份证号码 证件号 证件号码 公民身份号码 身份号码 身份證 身份證號";
const CREDIT_CODE: &str = "信用代码 统一社会信用代码 社会信用代码 营业执照号 信用代碼";
const SITE: &str = "网址 网站 官网 网页 域名 链接 登录 登陆 登入 点击 打开 访问 进入 戳 浏览 浏览器 下载 地址 请进 登錄 網址 鏈接 转到网页 \
    输入 手机网";
const OTHER: &str = "订单 订单号 订单编号 订单号码 单号 运单号 运单 快递单号 物流单号 流水号 交易号 交易单号 交易流水 编号 验证码 校验码 动态码 \
    提取码 取件码 确认码 激活码 兑换码 工号 警号 学号 合同号 合同编号 保单号 票号 航班号 案号 文号 邮编 序号 批号 账单号 \
    凭证号 期号 条形码 房号 受理号 受理编号 货号 会员号 户号 准考证号 ¥ $ £ € no. 訂單 驗證碼 序列号 批次号 车牌号 \
    股票代码 受理单号";
/// Words before amounts and codes that may also stand before a telephone number without a colon.
const OTHER_WEAK: &str =
    "编码 口令 合同 保单 车次 航班 金额 余额 代码 密码 积分 总额 合计 人民币 现金 第 批次 额度 流水 邀请码";
/// Each platform with the words people use for it.
const PLATFORMS: &[(&str, &str)] = &[
    ("telegram", "telegram tg 飞机 纸飞机 电报"),
    ("whatsapp", "whatsapp"),
    ("line", "line"),
    ("skype", "skype"),
    ("facebook", "facebook 脸书"),
    ("instagram", "instagram"),
    ("twitter", "twitter 推特"),
    ("douyin", "抖音"),
    ("kuaishou", "快手"),
    ("weibo", "微博"),
    ("xiaohongshu", "小红书"),
    ("momo", "陌陌"),
    ("tantan", "探探"),
    ("soul", "soul"),
    ("taobao", "旺旺 淘宝"),
    ("xianyu", "闲鱼"),
    ("jd", "京东"),
    ("pinduoduo", "拼多多"),
    ("dingtalk", "钉钉"),
    ("feishu", "飞书"),
    ("batchat", "蝙蝠"),
    ("potato", "potato"),
    ("signal", "signal"),
    ("zalo", "zalo"),
    ("kakaotalk", "kakaotalk"),
    ("viber", "viber"),
    ("bilibili", "哔哩哔哩 b站"),
    ("messenger", "messenger"),
];
/// Words that may stand between a platform's name and the account, and leave no doubt.
const ACCOUNT_WORDS: &str = "账号 帐号 用户名 号码 群号 号 id 群 账户 搜 搜索";

/// How far back a label may begin, in characters; the longest label and its filling fit.
const REACH: usize = 24;

struct Entry {
    word: Vec<char>,
    label: Label,
    strong: bool,
}

/// Labels by their last character, longest first.
static TABLE: LazyLock<HashMap<char, Vec<Entry>>> = LazyLock::new(|| {
    let mut table: HashMap<char, Vec<Entry>> = HashMap::new();
    let groups: [(&str, Label, bool); 16] = [
        (PHONE, Label::Phone, true),
        (PORT, Label::Port, true),
        (IOT, Label::Iot, true),
        (CARD, Label::Card, true),
        (WECHAT, Label::Wechat, true),
        (WECHAT_WEAK, Label::Wechat, false),
        (QQ, Label::Qq, true),
        (QQ_WEAK, Label::Qq, false),
        (ALIPAY, Label::Alipay, true),
        (IMEI, Label::Imei, true),
        (ICCID, Label::Iccid, true),
        (ID_NUMBER, Label::IdNumber, true),
        (CREDIT_CODE, Label::CreditCode, true),
        (SITE, Label::Site, true),
        (OTHER, Label::Other, true),
        (OTHER_WEAK, Label::Other, false),
    ];
    let mut add = |word: &str, label, strong| {
        let word: Vec<char> = word.chars().collect();
        if let Some(&last) = word.last() {
            table.entry(last).or_default().push(Entry { word, label, strong });
        }
    };
    for (words, label, strong) in groups {
        for word in words.split_whitespace() {
            add(word, label, strong);
        }
    }
    for (platform, words) in PLATFORMS {
        for word in words.split_whitespace() {
            add(word, Label::Platform(platform), false);
            for suffix in ACCOUNT_WORDS.split_whitespace() {
                add(&format!("{word}{suffix}"), Label::Platform(platform), true);
                if suffix.is_ascii() {
                    add(&format!("{word} {suffix}"), Label::Platform(platform), true);
                }
            }
        }
    }
    for entries in table.values_mut() {
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.word.len()));
    }
    table
});

/// Finds the label that ends right before `end`, apart from spaces, colons, quotes, hearts and the words for "is".
pub(super) fn before(chars: &[char], end: usize) -> Option<Labelled> {
    let from = end.saturating_sub(REACH);
    let mut before = chars.get(from..end)?;
    let mut marked = false;
    let mut is = 0;
    while let Some((&last, rest)) = before.split_last() {
        match last {
            ':' | '=' | '❤' | '♥' | '♡' | '💚' | '💗' | '💛' => marked = true,
            ' ' | '"' | '\'' | '“' | '‘' | '(' | '[' | '「' | '<' | '《' | '-' | '>' | '→' | '\t' | '#' | '~' | '@'
            | '+' => {}
            '是' | '为' | '爲' if is == 0 => is += 1,
            _ => break,
        }
        before = rest;
    }
    let found = longest(before).or_else(|| spread(before))?;
    // `v` and `q` alone are labels only before a colon or a heart.
    let single = matches!(found.word.as_slice(), [letter] if letter.is_ascii())
        && matches!(found.label, Label::Wechat | Label::Qq);
    if single && !marked {
        return None;
    }
    Some(Labelled { label: found.label, strong: found.strong || marked })
}

/// Reads a label whose characters are set apart: `微 信 号`.
fn spread(text: &[char]) -> Option<&'static Entry> {
    let [.., first, ' ', last] = text else { return None };
    if first.is_ascii() || last.is_ascii() {
        return None;
    }
    let together: Vec<char> = text.iter().copied().filter(|&c| c != ' ').collect();
    longest(&together)
}

/// Says whether a word is itself a label, so that it cannot be the value of the label before it.
pub(super) fn is_label(word: &[char]) -> bool {
    word.last().and_then(|last| TABLE.get(last)).is_some_and(|entries| entries.iter().any(|entry| entry.word == word))
}

/// Finds the longest label of sites at the end of a run of characters, for names that are glued to it.
pub(super) fn site_label_within(run: &[char]) -> Option<usize> {
    (1..=run.len()).rev().find(|&end| run.get(..end).and_then(longest).is_some_and(|entry| entry.label == Label::Site))
}

fn longest(text: &[char]) -> Option<&'static Entry> {
    let entries = TABLE.get(text.last()?)?;
    entries.iter().find(|entry| {
        let Some(start) = text.len().checked_sub(entry.word.len()) else { return false };
        let whole_word = |at: usize| {
            // A label in Latin letters is a word of its own: `line` is none in `online`.
            let first_is_letter = entry.word.first().is_some_and(char::is_ascii_alphanumeric);
            !first_is_letter || at == 0 || !text.get(at - 1).is_some_and(char::is_ascii_alphanumeric)
        };
        text.get(start..) == Some(entry.word.as_slice()) && whole_word(start)
    })
}
