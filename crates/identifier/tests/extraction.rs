//! What extraction promises for any text: order, places, normal forms, disguises undone, look-alikes left alone.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use cordon_identifier::{Disguise, Extraction, Identifier, Kind, ProtectedList, extract, extract_with};
use proptest::prelude::*;

fn found(text: &str) -> Vec<(Kind, String)> {
    extract(text).into_iter().map(|found| (found.identifier.kind(), found.identifier.into_value())).collect()
}

#[track_caller]
fn only(text: &str) -> Extraction {
    let mut found = extract(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found.remove(0)
}

#[test]
fn the_label_decides_where_the_form_does_not() {
    for (text, kind, value) in [
        ("加微信：kefu_8866 领取", Kind::Wechat, "kefu_8866"),
        ("薇信 Kefu8866", Kind::Wechat, "kefu8866"),
        ("加V kefu8866", Kind::Wechat, "kefu8866"),
        ("V❤️kefu8866", Kind::Wechat, "kefu8866"),
        ("ＶＸ：ｋｅｆｕ８８６６", Kind::Wechat, "kefu8866"),
        ("卫星号kefu8866", Kind::Wechat, "kefu8866"),
        ("QQ23859788", Kind::Qq, "23859788"),
        ("扣扣：２３８５９７８８", Kind::Qq, "23859788"),
        ("企鹅号是 23859788", Kind::Qq, "23859788"),
        ("Q群 2385 9788", Kind::Qq, "23859788"),
        ("设备串号356938035643809", Kind::Imei, "356938035643809"),
        ("IMEI: 35 693803 564380 9", Kind::Imei, "356938035643809"),
        ("汇到账号 6299 0000 1111 2222 335", Kind::BankCard, "6299000011112222335"),
        ("支付宝账号 boss@shop.example", Kind::Alipay, "boss@shop.example"),
        ("支付宝14972120345", Kind::Alipay, "14972120345"),
        ("飞机号：@kefu_8866", Kind::Account, "telegram:kefu_8866"),
        ("纸飞机 kefu_8866", Kind::Account, "telegram:kefu_8866"),
        ("抖音号：23859788", Kind::Account, "douyin:23859788"),
        ("微 信 号：kefu8866", Kind::Wechat, "kefu8866"),
        ("薇♥：kefu8866", Kind::Wechat, "kefu8866"),
        ("来自1069-5512-3456的短信", Kind::SmsPort, "106955123456"),
        ("ICCID 89860012345678901234", Kind::Iccid, "89860012345678901234"),
        ("信用代码91350100M0001TGQXM", Kind::CreditCode, "91350100M0001TGQXM"),
        ("身份证99010119900101000 0", Kind::IdNumber, "990101199001010000"),
        ("微信14972120345", Kind::Phone, "14972120345"),
        ("短信来自95001", Kind::ServiceNumber, "95001"),
        ("物联网卡号 1440 1234 5678 9", Kind::IotNumber, "1440123456789"),
        ("端口 1069 5512 3456", Kind::SmsPort, "106955123456"),
    ] {
        assert_eq!(found(text), [(kind, value.to_owned())], "{text}");
    }
}

#[test]
fn the_form_decides_where_no_label_stands() {
    for (text, kind, value) in [
        ("张三14972120345", Kind::Phone, "14972120345"),
        ("（010）62345678", Kind::FixedLine, "01062345678"),
        ("0571-87654321", Kind::FixedLine, "057187654321"),
        ("400-820-1234", Kind::Number400, "4008201234"),
        ("打95588问问", Kind::ServiceNumber, "95588"),
        ("106955123456发来", Kind::SmsPort, "106955123456"),
        ("1064812345678", Kind::IotNumber, "1064812345678"),
        ("990101199001010000", Kind::IdNumber, "990101199001010000"),
        ("11010519491231002x。", Kind::IdNumber, "11010519491231002X"),
        ("91350100M000100Y43", Kind::CreditCode, "91350100M000100Y43"),
        ("写信到boss@shop.example吧", Kind::Email, "boss@shop.example"),
        ("203.0.113.9:8080", Kind::Ip, "203.0.113.9"),
        ("见2001:db8::5 ", Kind::Ip, "2001:db8::5"),
        ("登录积分兑换.example", Kind::Domain, "xn--e5qzq834byiv.example"),
        ("http://积分兑换.example/x", Kind::Domain, "xn--e5qzq834byiv.example"),
        ("登录 www.积分兑换.example 查看", Kind::Domain, "www.xn--e5qzq834byiv.example"),
        ("23-win[.]example", Kind::Domain, "23-win.example"),
        ("登陆 25.shop.example", Kind::Domain, "25.shop.example"),
        ("http://www.icbc.com.cn@shop.example/login", Kind::Domain, "shop.example"),
    ] {
        assert_eq!(found(text), [(kind, value.to_owned())], "{text}");
    }
}

#[test]
fn look_alikes_are_left_alone() {
    for text in [
        "您充8183元即送，额度 8344 6985 万",
        "订单号14972120345，运单号 SF1497212034567",
        "验证码为395588，请勿告诉他人",
        "会议 2026-11-22 14:30:00 开始，编号 20261122-0017",
        "版本 v1.2.3.4 已发布",
        "单价 95588 元，共 10000 元，库存 95599 件",
        "本金 12321.50，利率 3.85%",
        "约一二三四五六七八九十人",
        "二〇二六年一一月二二日",
        "微信支付 iphone 开通",
        "打开 setup.exe 和 main.rs 看看",
        "Mr.Wang 说 OK.",
        "合同编号 6299000011112222336",
        "股票代码600519，航班 MU5735",
        "客户 13812345678901 号",
        "经纬度 116.3975,39.9087",
        "AB14972120345CD",
        "13****5678",
        "std::fmt 和 aa:bb:cc:dd:ee:ff",
        "",
    ] {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
}

#[test]
fn a_finding_explains_itself() {
    let text = "请致电 +86 １４９－７２１２－０３４５ 办理";
    let phone = only(text);
    assert_eq!((phone.start, phone.end), (4, 21));
    assert_eq!(&text[phone.byte_start..phone.byte_end], "+86 １４９－７２１２－０３４５");
    assert_eq!((phone.rule, phone.confidence), ("phone.country_code", 97));
    assert_eq!(phone.disguises, [Disguise::FullWidth, Disguise::Separators, Disguise::CountryCode]);
    let page = only("点击hXXps://SHOP[.]example/Login?Id=7，退订回T");
    assert_eq!(page.identifier.value(), "shop.example");
    assert_eq!(page.url.as_ref().map(Identifier::value), Some("https://shop.example/Login?Id=7"));
    assert_eq!(page.disguises, [Disguise::BracketedDot, Disguise::BrokenScheme, Disguise::UpperCase]);
    assert_eq!((page.start, page.end), (2, 35));
    let spoken = only("联系我幺四九七二幺二零三四五");
    assert_eq!(spoken.disguises, [Disguise::ChineseDigits]);
}

#[test]
fn official_numbers_are_found_and_marked_and_the_list_can_be_another() {
    let bank = only("致电95588");
    assert_eq!(bank.protected.as_ref().map(|entry| entry.en.as_str()), Some("a bank's own line"));
    let name = only("登录www.ccb.com");
    assert!(name.protected.is_some());
    assert!(extract_with("致电95588", &ProtectedList::empty())[0].protected.is_none());
}

#[test]
fn several_findings_keep_their_order_and_do_not_overlap() {
    let text = "我是客服14972120345，微信同号，加QQ23859788，网址shop.example/login，账号6299 0000 1111 2222 335，ip 203.0.113.9";
    let kinds: Vec<Kind> = extract(text).iter().map(|found| found.identifier.kind()).collect();
    assert_eq!(kinds, [Kind::Phone, Kind::Qq, Kind::Domain, Kind::BankCard, Kind::Ip]);
}

#[test]
fn time_grows_with_the_text_and_not_faster() {
    // Each piece begins something that is never finished. A reader that goes back would need the square of the length, which is
    // hours for such a text; the bound is a hundred times what is needed, so that a busy machine does not matter.
    for piece in [
        "1", "1 ", "一", "a.", "a-", "a@", "http://", "[.]", "1.1.", "微信", "+86", "(", "点", "1：", "中.", "a1",
        "xn--.", "微信a-", "a点",
    ] {
        let text = piece.repeat(1_000_000 / piece.len());
        let started = std::time::Instant::now();
        let found = extract(&text);
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{piece}: {:?}", started.elapsed());
        assert!(found.len() <= text.len(), "{piece}");
    }
}

fn places_hold(text: &str, found: &[Extraction]) {
    let mut last = (0, 0);
    for extraction in found {
        assert!(extraction.start < extraction.end && extraction.byte_start < extraction.byte_end);
        assert!(last.0 <= extraction.start && last.1 <= extraction.byte_start, "in order, not overlapping");
        last = (extraction.end, extraction.byte_end);
        let bytes = text.get(extraction.byte_start..extraction.byte_end).expect("bytes on character boundaries");
        let chars: String = text.chars().skip(extraction.start).take(extraction.end - extraction.start).collect();
        assert_eq!(bytes, chars);
        let (kind, value) = (extraction.identifier.kind(), extraction.identifier.value());
        assert_eq!(Identifier::parse(kind, value).as_ref(), Ok(&extraction.identifier), "a value reads as itself");
        if let Some(url) = &extraction.url {
            assert_eq!(Identifier::parse(Kind::Url, url.value()).as_ref(), Ok(url));
        }
        assert!(extraction.confidence <= 100);
    }
}

/// Texts of the pieces that readers look for, in any order.
fn broken_texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "1",
        "86",
        "+",
        "13800138000",
        "一",
        "零",
        "幺",
        "陆",
        "０",
        "Ａ",
        "a",
        "x",
        ".",
        "。",
        "点",
        "[.]",
        "(",
        ")",
        "-",
        " ",
        "/",
        ":",
        "@",
        "http://",
        "hxxp://",
        "com",
        "cn",
        "example",
        "微信",
        "QQ",
        "卡号",
        "订单号",
        "支付宝",
        "telegram",
        "imei",
        "\u{200B}",
        "\u{FE0F}",
        "①",
        "中",
        "é",
        "😀",
        "\n",
        "%",
        "?",
        "=",
        "公司",
        "元",
        "95588",
        "400",
        "010",
        "6299000011112222335",
        "::",
        "xn--",
        "_",
        "\0",
        "８６",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

fn phone() -> impl Strategy<Value = String> {
    (prop::sample::select(vec!["149721", "162099", "167844", "197725", "192622"]), 0_u32..100_000)
        .prop_map(|(segment, rest)| format!("{segment}{rest:05}"))
}

fn styled(digits: &str, style: usize) -> String {
    let styles = ["0123456789", "０１２３４５６７８９", "零幺二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "⓪①②③④⑤⑥⑦⑧⑨"];
    let table = styles.get(style).copied().unwrap_or_default();
    let place = |c: char| c.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
    digits.chars().map(|c| place(c).and_then(|digit| table.chars().nth(digit)).unwrap_or(c)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived_and_places_hold(text in "\\PC{0,80}") {
        places_hold(&text, &extract(&text));
    }

    #[test]
    fn texts_of_broken_pieces_are_survived_and_places_hold(text in broken_texts()) {
        let found = extract(&text);
        places_hold(&text, &found);
        prop_assert_eq!(&found, &extract(&text), "the same text gives the same findings");
        let _ = Identifier::guess(&text);
        for kind in Kind::ALL {
            if let Ok(identifier) = Identifier::parse(kind, &text) {
                prop_assert_eq!(Identifier::parse(kind, identifier.value()), Ok(identifier));
            }
        }
    }

    #[test]
    fn every_disguise_of_a_phone_leads_back_to_it(phone in phone(), style in 0_usize..5, form in 0_usize..9, label in 0_usize..4) {
        let (head, middle, tail) = (&phone[..3], &phone[3..7], &phone[7..]);
        let written = match form {
            0 => phone.clone(),
            1 => format!("{head}-{middle}-{tail}"),
            2 => format!("{head} {middle} {tail}"),
            3 => format!("{head}.{middle}.{tail}"),
            4 => format!("+86 {phone}"),
            5 => format!("0086-{phone}"),
            6 => phone.chars().map(String::from).collect::<Vec<_>>().join(" "),
            7 => phone.chars().map(String::from).collect::<Vec<_>>().join("\u{200B}"),
            _ => format!("{head}—{middle}—{tail}"),
        };
        let label = ["电话", "回电", "手机号：", "请联系 "][label];
        // The country code stays as it is; people do not spell it out.
        let number = if matches!(form, 4 | 5) { written } else { styled(&written, style) };
        let text = format!("您好{label}{number}，谢谢");
        prop_assert_eq!(found(&text), vec![(Kind::Phone, phone)], "{}", text);
    }

    #[test]
    fn every_disguise_of_a_domain_leads_back_to_it(
        name in "[a-z][a-z0-9]{2,10}(-[a-z0-9]{1,6})?",
        top in prop::sample::select(vec!["com", "cn", "net", "example.com", "example"]),
        form in 0_usize..10,
    ) {
        let domain = format!("{name}x.{top}");
        prop_assume!(ProtectedList::built_in().check(&Identifier::parse(Kind::Domain, &domain).unwrap()).is_none());
        let written = match form {
            0 => domain.clone(),
            1 => domain.to_uppercase(),
            2 => domain.replace('.', "[.]"),
            3 => domain.replace('.', "(.)"),
            4 => domain.replace('.', "。"),
            5 => domain.replace('.', "点"),
            6 => format!("hxxp://{domain}/a/B?c=1"),
            7 => domain.chars().map(|c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c }).collect(),
            8 => domain.replace('.', "\u{200B}.\u{200B}"),
            _ => domain.replace('.', " [.] "),
        };
        let text = format!("请登录网址{written}，领取");
        prop_assert_eq!(found(&text), vec![(Kind::Domain, domain)], "{}", text);
    }

    #[test]
    fn accounts_and_cards_are_read_through_width_case_and_spaces(
        name in "[a-z][a-z0-9_]{4,14}[0-9]",
        qq in 1_000_000_u64..3_999_999_999,
        card in 0_u64..100_000_000_000_000,
        wide in any::<bool>(),
    ) {
        let style = usize::from(wide);
        prop_assert_eq!(found(&format!("加微信：{}", name.to_uppercase())), vec![(Kind::Wechat, name)]);
        prop_assert_eq!(found(&format!("扣扣{}", styled(&qq.to_string(), style))), vec![(Kind::Qq, qq.to_string())]);
        let body = format!("6299{card:014}");
        let number = (0..10).map(|check| format!("{body}{check}")).find(|number| Identifier::parse(Kind::BankCard, number).is_ok()).unwrap();
        let spaced: Vec<&str> = [0..4, 4..8, 8..12, 12..16, 16..19].into_iter().map(|range| &number[range]).collect();
        let text = format!("汇款到{}，谢谢", styled(&spaced.join(" "), style));
        prop_assert_eq!(found(&text), vec![(Kind::BankCard, number)], "{}", text);
    }
}

#[test]
fn card_serials_are_judged_by_their_check_digit() {
    let rule = |text: &str| {
        let found = extract(text).into_iter().find(|found| found.identifier.kind() == Kind::Iccid);
        found.map(|found| (found.identifier.into_value(), found.rule, found.confidence))
    };
    let of = |value: &str, rule: &'static str, confidence| Some((value.to_owned(), rule, confidence));
    assert_eq!(rule("卡是89860012345678901238"), of("89860012345678901238", "iccid.prefix", 85));
    assert_eq!(rule("ICCID：89860012345678901238"), of("89860012345678901238", "iccid.labelled", 97));
    // Its last digit was misread, or it is none: after the word it is shown with doubt, without it, not at all.
    assert_eq!(rule("ICCID：89860012345678901234"), of("89860012345678901234", "iccid.unchecked", 80));
    assert_eq!(rule("流量卡89860012345678901234"), of("89860012345678901234", "iccid.unchecked", 80));
    for harmless in
        ["卡是89860012345678901234", "89860012345678901230", "8986001234567890123", "物品码 8986 0012 3456 7890 1231"]
    {
        assert_eq!(rule(harmless), None, "{harmless}");
    }
    // The negative control: a serial in the same place that passes the check is found.
    assert_eq!(rule("物品码 8986 0012 3456 7890 1238").map(|found| found.1), Some("iccid.prefix"));
}
