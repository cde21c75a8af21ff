//! What reading, masking, the number plan and the protected list promise.

use cordon_identifier::{
    Identifier, Kind, Network, NumberPlan, ProtectedCategory, ProtectedEntry, ProtectedList, RULES, Scope, Service,
    Violation, Warning, rule_text,
};

#[track_caller]
fn read(kind: Kind, text: &str) -> Identifier {
    match Identifier::parse(kind, text) {
        Ok(identifier) => identifier,
        Err(error) => panic!("{text}: {error}"),
    }
}

#[track_caller]
fn refused(kind: Kind, text: &str) -> Violation {
    match Identifier::parse(kind, text) {
        Ok(identifier) => panic!("{text} was read as {}", identifier.value()),
        Err(error) => {
            assert_eq!(error.kind, kind);
            error.rule
        }
    }
}

#[test]
fn every_usual_way_to_write_a_value_has_one_normal_form() {
    for (kind, written, normal) in [
        (Kind::Phone, "+86 149-7212-0345", "14972120345"),
        (Kind::Phone, "0086 14972120345", "14972120345"),
        (Kind::Phone, "１４９７２１２０３４５", "14972120345"),
        (Kind::Phone, "幺四九七二幺二零三四五", "14972120345"),
        (Kind::Phone, "①④⑨⑦②①②⓪③④⑤", "14972120345"),
        (Kind::Phone, "149\u{200B}7212\u{FEFF}0345", "14972120345"),
        (Kind::FixedLine, "(010) 6234-5678", "01062345678"),
        (Kind::FixedLine, "+86 571 8765 4321", "057187654321"),
        (Kind::Number400, "400-820-1234", "4008201234"),
        (Kind::ServiceNumber, "９５５８８", "95588"),
        (Kind::SmsPort, "+86 1069 5512 3456", "106955123456"),
        (Kind::IotNumber, "1064 8123 4567 8", "1064812345678"),
        (Kind::Domain, "WWW.Shop[.]Example", "www.shop.example"),
        (Kind::Domain, "shop。example。com", "shop.example.com"),
        (Kind::Domain, "shop点example", "shop.example"),
        (Kind::Domain, "积分兑换.example", "xn--e5qzq834byiv.example"),
        (Kind::Domain, "hxxp://shop.example/login?x=1", "shop.example"),
        (Kind::Url, "hxxps://Shop.Example:443/Login?Id=1#top", "https://shop.example/Login?Id=1"),
        (Kind::Url, "http://www.icbc.com.cn@shop.example", "http://shop.example/"),
        (Kind::Ip, "203[.]0[.]113[.]9", "203.0.113.9"),
        (Kind::Ip, "2001:DB8:0:0::1", "2001:db8::1"),
        (Kind::BankCard, "6299 0000 1111 2222 335", "6299000011112222335"),
        (Kind::Wechat, "ＶＩＰ_Kefu88", "vip_kefu88"),
        (Kind::Qq, "２３８５ 9788", "23859788"),
        (Kind::Alipay, "Pay@Shop.example", "pay@shop.example"),
        (Kind::Account, "Telegram: @Kefu_88", "telegram:kefu_88"),
        (Kind::Email, "Boss＠Shop.Example", "boss@shop.example"),
        (Kind::IdNumber, "11010519491231002x", "11010519491231002X"),
        (Kind::CreditCode, "91350100m000100y43", "91350100M000100Y43"),
        (Kind::Iccid, "8986 0012 3456 7890 1234", "89860012345678901234"),
    ] {
        let identifier = read(kind, written);
        assert_eq!(identifier.value(), normal, "{written}");
        assert_eq!(read(kind, identifier.value()), identifier, "{written} reads as itself");
    }
}

#[test]
fn a_refusal_names_the_rule() {
    for (kind, text, rule) in [
        (Kind::Phone, "1497212034", Violation::Length),
        (Kind::Phone, "16072120345", Violation::UnknownPrefix),
        (Kind::Phone, "12072120345", Violation::UnknownPrefix),
        (Kind::Phone, "1497212034a", Violation::Character),
        (Kind::Phone, " ", Violation::Empty),
        (Kind::FixedLine, "01162345678", Violation::UnknownPrefix),
        (Kind::FixedLine, "0101234567", Violation::UnknownPrefix),
        (Kind::BankCard, "6299000011112222336", Violation::CheckDigit),
        (Kind::IdNumber, "110105194912310021", Violation::CheckDigit),
        (Kind::IdNumber, "110105194913310021", Violation::BirthDate),
        (Kind::CreditCode, "91350100M000100Y4I", Violation::Character),
        (Kind::Domain, "com.cn", Violation::PublicSuffix),
        (Kind::Domain, "pages.dev", Violation::PublicSuffix),
        (Kind::Domain, "example", Violation::PublicSuffix),
        (Kind::Domain, "setup.exe", Violation::UnknownSuffix),
        (Kind::Domain, "a b.com", Violation::Character),
        (Kind::Ip, "203.0.113.256", Violation::Form),
        (Kind::Wechat, "abc", Violation::Length),
        (Kind::Wechat, "88abcdef", Violation::Form),
        (Kind::Qq, "0123456", Violation::Form),
        (Kind::Account, "nowhere:abc", Violation::UnknownPlatform),
        (Kind::Imei, "000000000000000", Violation::Form),
        (Kind::Iccid, "1234567890123456789", Violation::UnknownPrefix),
    ] {
        assert_eq!(refused(kind, text), rule, "{kind} {text}");
    }
    let message = Identifier::parse(Kind::BankCard, "6299000011112222336").map_err(|error| error.to_string());
    assert_eq!(
        message.err().as_deref(),
        Some("不是有效的银行卡号：校验位不符（not a valid bank card: its check digit does not fit）")
    );
}

#[test]
fn a_lawful_value_with_a_failing_check_is_kept_with_a_warning() {
    assert_eq!(read(Kind::CreditCode, "91350100M0001TGQXM").warnings(), [Warning::CheckDigit]);
    assert!(read(Kind::CreditCode, "91350100M000100Y43").warnings().is_empty());
    assert_eq!(read(Kind::Imei, "356938035643800").warnings(), [Warning::CheckDigit]);
    assert!(read(Kind::Imei, "356938035643809").warnings().is_empty());
    assert_eq!(read(Kind::IdNumber, "990101199001010000").warnings(), [Warning::UnknownRegion]);
}

#[test]
fn masks_hide_what_names_a_person_and_nothing_else() {
    for (kind, value, masked) in [
        (Kind::Phone, "14972125678", "149****5678"),
        (Kind::FixedLine, "057187654321", "0571******21"),
        (Kind::IdNumber, "11010519491231002X", "110***********002X"),
        (Kind::BankCard, "6299000011112222335", "***************2335"),
        (Kind::Wechat, "kefu88", "ke**88"),
        (Kind::Email, "boss@shop.example", "b***@shop.example"),
        (Kind::Alipay, "14972125678", "149****5678"),
        (Kind::Account, "telegram:kefu", "telegram:k**u"),
        (Kind::Domain, "shop.example", "shop.example"),
        (Kind::SmsPort, "106955123456", "106955123456"),
    ] {
        assert_eq!(read(kind, value).masked(), masked);
    }
    let shown = format!("{:?}", read(Kind::Phone, "14972125678"));
    assert!(!shown.contains("14972125678"), "debug output reaches logs: {shown}");
}

#[test]
fn stored_identifiers_are_checked_when_they_are_read_back() {
    let phone = read(Kind::Phone, "14972125678");
    let json = serde_json::to_string(&phone).unwrap();
    assert_eq!(json, r#"{"kind":"phone","value":"14972125678"}"#);
    assert_eq!(serde_json::from_str::<Identifier>(&json).unwrap(), phone);
    assert!(serde_json::from_str::<Identifier>(r#"{"kind":"phone","value":"123"}"#).is_err());
    for kind in Kind::ALL {
        assert_eq!(kind.code().parse(), Ok(kind));
        assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.code()));
    }
    assert_eq!("port".parse(), Ok(Kind::SmsPort));
    assert!("nothing".parse::<Kind>().is_err());
}

#[test]
fn the_longest_segment_of_the_plan_decides() {
    let plan = NumberPlan::active();
    let class = |kind, value| plan.classify(&read(kind, value)).unwrap();
    let ordinary = class(Kind::Phone, "13872120345");
    assert_eq!(
        (ordinary.network, ordinary.service, ordinary.portable),
        (Some(Network::Mobile), Service::Ordinary, true)
    );
    for (number, parent) in
        [("17012120345", Network::Telecom), ("17032120345", Network::Mobile), ("17042120345", Network::Unicom)]
    {
        let resold = class(Kind::Phone, number);
        assert_eq!((resold.service, resold.portable), (Service::Mvno { parent: Some(parent) }, false), "{number}");
    }
    assert_eq!(class(Kind::Phone, "13492120345").service, Service::Satellite);
    assert_eq!(class(Kind::Phone, "13482120345").service, Service::Ordinary);
    assert_eq!(class(Kind::Phone, "14972120345").service, Service::Iot);
    assert_eq!(class(Kind::Phone, "19272120345").network, Some(Network::Broadnet));
    assert_eq!(class(Kind::IotNumber, "1064812345678").network, Some(Network::Mobile));
    assert_eq!(class(Kind::SmsPort, "10659123456").network, Some(Network::Telecom));
    assert_eq!(class(Kind::SmsPort, "106912345678").network, None);
    assert_eq!(class(Kind::FixedLine, "01062345678").service, Service::Fixed);
    assert_eq!(plan.classify(&read(Kind::Qq, "12345678")), None);
    assert_eq!(
        serde_json::to_string(&class(Kind::Phone, "16572120345")).unwrap(),
        r#"{"network":"mobile","service":"mvno","parent":"mobile","portable":false}"#
    );
}

#[test]
fn another_edition_of_the_plan_opens_a_segment_without_a_release() {
    let text = "edition = \"2030-01\"\n[[segment]]\nkind = \"phone\"\nprefixes = [\"92\"]\ndigits = \"11\"\nnetwork = \"unicom\"\n\
                service = \"ordinary\"\nportable = true\n[fixed_line]\nsubscriber_first = \"2345678\"\narea_codes = [\"010\"]\n";
    let plan = NumberPlan::from_toml(text).unwrap();
    assert_eq!(plan.edition(), "2030-01");
    assert!(NumberPlan::from_toml("edition = \"x\"").is_err());
    assert!(NumberPlan::from_toml(&text.replace("\"92\"", "\"92\", \"92\"")).is_err(), "the same segment twice");
    assert!(NumberPlan::from_toml(&text.replace("\"92\"", "\"9a\"")).is_err());
    assert!(NumberPlan::load(std::path::Path::new("/nonexistent/plan.toml")).is_err());
    // The plan in force is another one, and it keeps this segment for later.
    assert_eq!(refused(Kind::Phone, "92012345678"), Violation::UnknownPrefix);
}

#[test]
fn official_numbers_and_names_are_protected_with_a_reason() {
    let list = ProtectedList::built_in();
    for (kind, value, category) in [
        (Kind::ServiceNumber, "110", ProtectedCategory::Emergency),
        (Kind::ServiceNumber, "96110", ProtectedCategory::AntiFraud),
        (Kind::ServiceNumber, "12381", ProtectedCategory::AntiFraud),
        (Kind::ServiceNumber, "10086", ProtectedCategory::Carrier),
        (Kind::ServiceNumber, "95588", ProtectedCategory::Finance),
        (Kind::SmsPort, "1069900012345", ProtectedCategory::AntiFraud),
        (Kind::Domain, "www.mps.gov.cn", ProtectedCategory::Government),
        (Kind::Url, "https://www.mps.gov.cn/n2254314", ProtectedCategory::Government),
        (Kind::Email, "nobody@mps.gov.cn", ProtectedCategory::Government),
        (Kind::Ip, "192.168.1.1", ProtectedCategory::Infrastructure),
        (Kind::Url, "http://127.0.0.1:8080/", ProtectedCategory::Infrastructure),
        (Kind::Ip, "114.114.114.114", ProtectedCategory::Infrastructure),
    ] {
        let entry = list.check(&read(kind, value)).unwrap_or_else(|| panic!("{value} is protected"));
        assert_eq!(entry.category, category, "{value}");
        assert!(!entry.zh.is_empty() && !entry.en.is_empty());
    }
    for (kind, value) in [
        (Kind::ServiceNumber, "95001"),
        (Kind::Phone, "14972120345"),
        (Kind::Domain, "gov.cn.shop.example"),
        (Kind::Domain, "notqq.com"),
        (Kind::Email, "somebody@qq.com"),
        (Kind::Ip, "203.0.113.9"),
        (Kind::SmsPort, "106955123456"),
    ] {
        assert_eq!(list.check(&read(kind, value)), None, "{value}");
    }
}

#[test]
fn services_add_to_the_protected_list_and_take_from_it() {
    let mut list = ProtectedList::built_in().clone();
    let before = list.entries().len();
    let hospital = read(Kind::FixedLine, "01062345678");
    let entry = ProtectedEntry {
        kind: Kind::FixedLine,
        value: "010623456".to_owned(),
        scope: Scope::Prefix,
        category: ProtectedCategory::Emergency,
        zh: "示例医院总机".to_owned(),
        en: "switchboard of an invented hospital".to_owned(),
    };
    assert_eq!(list.insert(entry.clone()), None);
    assert_eq!(list.check(&hospital), Some(&entry));
    assert_eq!(list.entries().len(), before + 1);
    assert!(list.remove(Kind::FixedLine, "010623456"));
    assert!(!list.remove(Kind::FixedLine, "010623456"));
    assert_eq!(list.check(&hospital), None);
    assert_eq!(ProtectedList::from_entries([entry]).entries().len(), 1);
}

#[test]
fn a_pasted_line_is_read_with_and_without_a_label() {
    let guess =
        |line| Identifier::guess(line).into_iter().map(|found| (found.kind(), found.into_value())).collect::<Vec<_>>();
    assert_eq!(guess("微信号：Kefu_8866"), [(Kind::Wechat, "kefu_8866".to_owned())]);
    assert_eq!(guess("149 7212 0345"), [(Kind::Phone, "14972120345".to_owned())]);
    assert_eq!(guess("shop.example"), [(Kind::Domain, "shop.example".to_owned())]);
    assert_eq!(guess("6299000011112222335"), [(Kind::BankCard, "6299000011112222335".to_owned())]);
    assert_eq!(
        guess("356938035643809")[0].0,
        Kind::BankCard,
        "fifteen digits with a fitting check are a card or a device"
    );
    assert!(guess("356938035643809").iter().any(|(kind, _)| *kind == Kind::Imei));
    assert!(guess("23859788").iter().any(|(kind, _)| *kind == Kind::Qq));
    assert_eq!(guess("kefu_8866"), [(Kind::Wechat, "kefu_8866".to_owned())]);
    assert!(guess("").is_empty());
    assert!(guess("今天天气不错").is_empty());
}

#[test]
fn the_registrable_name_is_what_a_registrar_sold() {
    assert_eq!(read(Kind::Domain, "a.b.shop.com.cn").registrable(), Some("shop.com.cn"));
    assert_eq!(read(Kind::Domain, "x.shop.example").registrable(), Some("shop.example"));
    assert_eq!(read(Kind::Domain, "bad.pages.dev").registrable(), Some("bad.pages.dev"));
    assert_eq!(read(Kind::Url, "http://a.shop.example:8080/x").registrable(), Some("shop.example"));
    assert_eq!(read(Kind::Phone, "14972120345").registrable(), None);
    assert_eq!(read(Kind::Account, "telegram:kefu").platform(), Some("telegram"));
}

#[test]
fn rules_have_distinct_codes_and_words_in_both_languages() {
    let codes: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    assert!(RULES.iter().all(|rule| rule.confidence <= 100 && !rule.zh.is_empty() && !rule.en.is_empty()));
    assert_eq!(rule_text("phone.labelled").map(|rule| rule.confidence), Some(99));
    assert!(rule_text("nothing").is_none());
}
