//! The organisations of the demonstration; their names say that they are invented.

use cordon_context::{Actor, Id, OrganisationId, OrganisationKind, OrganisationLevel, Region, Timestamp};
use cordon_directory_contract::{Contact, Organisation, Responsibility, provinces};

use crate::use_cases::bootstrap::operator;

/// The code of the platform's operator.
pub(super) const OPERATOR: &str = "operator";

/// Provinces whose police have cities and counties in the demonstration: code of the region, its name.
const PLACES: &[(u32, &str)] = &[
    (330_000, "浙江省"),
    (330_100, "浙江省杭州市"),
    (330_106, "杭州市西湖区"),
    (330_110, "杭州市余杭区"),
    (330_200, "浙江省宁波市"),
    (430_000, "湖南省"),
    (430_100, "湖南省长沙市"),
    (430_103, "长沙市天心区"),
    (430_104, "长沙市岳麓区"),
    (440_000, "广东省"),
    (440_100, "广东省广州市"),
    (440_106, "广州市天河区"),
    (440_300, "广东省深圳市"),
    (440_304, "深圳市福田区"),
    (440_305, "深圳市南山区"),
    (440_306, "深圳市宝安区"),
];

/// Code of the network, Chinese and English name, whether it has a branch in every province of the mainland.
const CARRIERS: &[(&str, &str, &str, bool)] = &[
    ("mobile", "示例移动", "Example Mobile", true),
    ("unicom", "示例联通", "Example Unicom", true),
    ("telecom", "示例电信", "Example Telecom", true),
    ("broadnet", "示例广电", "Example Broadnet", false),
];

/// Code, Chinese and English name, network.
const MVNOS: &[(&str, &str, &str, &str)] = &[
    ("lanjing", "示例蓝鲸通信", "Example Blue Whale", "unicom"),
    ("qinghe", "示例青禾移动", "Example Green Grain", "mobile"),
];

/// Code, Chinese and English name, kind, what it answers for.
const FIRMS: &[(&str, &str, &str, OrganisationKind, &[&str])] = &[
    ("weixun", "示例微讯", "Example Weixun", OrganisationKind::InternetFirm, &["platform:wechat", "platform:qq"]),
    (
        "yifu",
        "示例易付",
        "Example Yifu",
        OrganisationKind::InternetFirm,
        &[
            "platform:alipay",
            "platform:taobao",
            "platform:xianyu",
            "platform:dingtalk",
            "platform:jd",
            "platform:pinduoduo",
        ],
    ),
    (
        "duanshi",
        "示例短视",
        "Example Clips",
        OrganisationKind::InternetFirm,
        &[
            "platform:douyin",
            "platform:kuaishou",
            "platform:xiaohongshu",
            "platform:weibo",
            "platform:bilibili",
            "platform:momo",
            "platform:soul",
            "platform:tantan",
        ],
    ),
    (
        "yuming",
        "示例域名注册",
        "Example Names",
        OrganisationKind::Registrar,
        &["registrar:示例域名注册", "registrar:example names"],
    ),
    (
        "yunjieru",
        "示例云接入",
        "Example Cloud",
        OrganisationKind::AccessProvider,
        &["access:示例云接入", "access:example cloud"],
    ),
    (
        "yingyong",
        "示例应用商店",
        "Example Store",
        OrganisationKind::AppStore,
        &["app_store:示例应用商店", "app_store:example store"],
    ),
];

/// Top-level domains for which the demonstration's registrar answers where nothing more precise is known.
const DOMAINS: &str = "com net org cn top fun dev click info shop xyz cc sbs site digital icu pro app cyou cfd vip pics online space \
    store monster club one life buzz live ink lat quest art rest world website wiki link work tech ltd group co me io tv biz mobi asia";

/// The organisation that has this code in every demonstration.
pub(super) fn id_of(code: &str) -> OrganisationId {
    if code == OPERATOR {
        Actor::platform_organisation()
    } else {
        Id::derived(Actor::platform_organisation().uuid(), code)
    }
}

/// The enterprises that have a program.
pub(super) fn enterprises_with_programs() -> Vec<String> {
    let carriers = CARRIERS.iter().map(|(code, ..)| format!("carrier-{code}"));
    let mvnos = MVNOS.iter().map(|(code, ..)| format!("mvno-{code}"));
    let firms = FIRMS.iter().map(|(code, ..)| format!("firm-{code}"));
    carriers.chain(mvnos).chain(firms).chain(["mobile-440000".to_owned()]).collect()
}

/// Every organisation, every parent before its children.
pub(super) fn organisations(now: Timestamp) -> Vec<Organisation> {
    let mut list = vec![operator("统一指挥平台运营中心（演示）".to_owned(), now)];
    let country = OrganisationLevel::Ministry;
    list.push(draft(
        "ministry",
        "示例通信主管部",
        "Example Ministry",
        OrganisationKind::Ministry,
        Region::COUNTRY,
        None,
        now,
    ));
    for (region, name) in mainland() {
        let title = format!("{}通信管理局（演示）", name.zh);
        let title_en = format!("{} Communications Authority (demo)", name.en);
        list.push(draft(
            &format!("authority-{region}"),
            &title,
            &title_en,
            OrganisationKind::CommAuthority,
            region,
            Some("ministry"),
            now,
        ));
    }
    list.push(draft(
        "police-000000",
        "国家反诈中心（演示）",
        "National Anti-Fraud Center (demo)",
        OrganisationKind::Police,
        Region::COUNTRY,
        None,
        now,
    ));
    for (code, name) in PLACES {
        let Ok(region) = Region::from_number(*code) else { continue };
        let title = if code.is_multiple_of(10_000) {
            format!("{name}公安厅（演示）")
        } else {
            format!("{name}公安局（演示）").replace("区公安局", "区公安分局")
        };
        let above = above(*code);
        list.push(draft(
            &format!("police-{region}"),
            &title,
            "Police (demo)",
            OrganisationKind::Police,
            region,
            Some(&format!("police-{above:06}")),
            now,
        ));
    }
    for (code, name, name_en, everywhere) in CARRIERS {
        let group = format!("carrier-{code}");
        let mut carrier =
            draft(&group, &format!("{name}集团"), name_en, OrganisationKind::CarrierGroup, Region::COUNTRY, None, now);
        carrier.responsibilities = vec![Responsibility::network(code, Region::COUNTRY)];
        list.push(carrier);
        for (region, province) in mainland() {
            if !everywhere && !PLACES.iter().any(|(place, _)| *place == region.number()) {
                continue;
            }
            let title = format!("{name}{}公司", province.zh.trim_end_matches("省").trim_end_matches("市"));
            let title_en = format!("{name_en} {}", province.en);
            let mut branch = draft(
                &format!("{code}-{region}"),
                &title,
                &title_en,
                OrganisationKind::CarrierBranch,
                region,
                Some(&group),
                now,
            );
            branch.responsibilities = vec![Responsibility::network(code, Region::COUNTRY)];
            list.push(branch);
        }
    }
    for (code, name, name_en, network) in MVNOS {
        let parent = format!("carrier-{network}");
        let mut mvno =
            draft(&format!("mvno-{code}"), name, name_en, OrganisationKind::Mvno, Region::COUNTRY, Some(&parent), now);
        mvno.responsibilities = vec![Responsibility::mvno(code)];
        list.push(mvno);
    }
    for (code, name, name_en, kind, answers_for) in FIRMS {
        let mut firm = draft(&format!("firm-{code}"), name, name_en, *kind, Region::COUNTRY, None, now);
        firm.responsibilities = answers_for.iter().filter_map(|text| text.parse().ok()).collect();
        if *kind == OrganisationKind::Registrar {
            firm.responsibilities
                .extend(DOMAINS.split_whitespace().map(|domain| Responsibility::TopLevelDomain(domain.to_owned())));
        }
        list.push(firm);
    }
    debug_assert!(
        list.iter().all(|organisation| organisation.level != country || organisation.region == Region::COUNTRY)
    );
    list
}

/// The region of the police organ above one.
fn above(code: u32) -> u32 {
    if code.is_multiple_of(10_000) {
        0
    } else if code.is_multiple_of(100) {
        code / 10_000 * 10_000
    } else {
        code / 100 * 100
    }
}

/// The provinces in which the carriers of the demonstration work.
fn mainland() -> impl Iterator<Item = (Region, cordon_context::Bilingual)> {
    provinces().filter(|(region, _)| region.number() < 700_000)
}

fn draft(
    code: &str,
    name: &str,
    name_en: &str,
    kind: OrganisationKind,
    region: Region,
    parent: Option<&str>,
    now: Timestamp,
) -> Organisation {
    let number = region.number();
    let level = if number == 0 {
        OrganisationLevel::Ministry
    } else if number.is_multiple_of(10_000) {
        OrganisationLevel::Province
    } else if number.is_multiple_of(100) {
        OrganisationLevel::City
    } else {
        OrganisationLevel::County
    };
    Organisation {
        id: id_of(code),
        code: code.to_owned(),
        name: name.to_owned(),
        name_en: name_en.to_owned(),
        kind,
        level,
        region,
        parent: parent.map(id_of),
        responsibilities: Vec::new(),
        contact: Contact {
            office: format!("{name}值班室"),
            telephone: String::new(),
            email: format!("duty@{code}.example"),
        },
        active: true,
        created_at: now,
        version: 1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::tree::{Parent, check};

    #[test]
    fn every_organisation_of_the_demonstration_stands_where_the_rules_allow() {
        let all = organisations(Timestamp::from_millis(0));
        let mut known = HashSet::new();
        for organisation in &all {
            let parent = organisation.parent.map(|id| all.iter().find(|other| other.id == id).unwrap());
            assert!(parent.is_none_or(|parent| known.contains(&parent.id)), "{} before its parent", organisation.code);
            let place = parent.map(|parent| Parent { kind: parent.kind, region: parent.region });
            check(organisation.kind, organisation.level, organisation.region, place.as_ref()).unwrap();
            assert!(known.insert(organisation.id), "{} twice", organisation.code);
        }
        assert!(
            all.iter()
                .any(|organisation| organisation.code == "mobile-110000" && organisation.name == "示例移动北京公司")
        );
        assert!(
            all.iter().any(|organisation| organisation.code == "police-440305"
                && organisation.name == "深圳市南山区公安分局（演示）")
        );
    }

    #[test]
    fn every_mainland_province_has_a_branch_of_each_large_carrier() {
        let all = organisations(Timestamp::from_millis(0));
        for network in ["mobile", "unicom", "telecom"] {
            let branches = all.iter().filter(|organisation| {
                organisation.kind == OrganisationKind::CarrierBranch && organisation.code.starts_with(network)
            });
            assert_eq!(branches.count(), 31, "{network}");
        }
        assert!(
            enterprises_with_programs().iter().all(|code| all.iter().any(|organisation| organisation.code == *code))
        );
    }
}
