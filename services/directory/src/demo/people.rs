//! The people of the demonstration: a surname for the person, a word for the duty.

use cordon_context::Role;

/// Login, name, post, code of the organisation, roles.
pub(super) type Entry = (&'static str, &'static str, &'static str, &'static str, &'static [Role]);

/// Everybody who can sign in.
pub(super) const PEOPLE: &[Entry] = &[
    // The platform's operator.
    ("admin.system", "安示例", "系统管理员", "operator", &[Role::SystemAdmin]),
    ("admin.security", "卫示例", "安全管理员", "operator", &[Role::SecurityAdmin]),
    ("audit.reader", "严示例", "审计员", "operator", &[Role::Auditor]),
    ("desk.command", "令示例", "指挥席", "operator", &[Role::CommandDesk]),
    ("hotline.clerk", "何示例", "12321 受理员", "operator", &[Role::HotlineClerk]),
    // The ministry and authorities.
    ("zhou.commander", "周示例", "指挥长", "ministry", &[Role::MinistryCommander]),
    ("wu.viewer", "吴示例", "值班处长", "ministry", &[Role::MinistryViewer]),
    ("shen.appeals", "沈示例", "申诉复核员", "ministry", &[Role::AppealOfficer]),
    ("zheng.officer", "郑示例", "网安处干部", "authority-440000", &[Role::RegulatorOfficer]),
    ("feng.approver", "冯示例", "网安处处长", "authority-440000", &[Role::RegulatorApprover]),
    ("chu.appeals", "褚示例", "申诉复核员", "authority-440000", &[Role::AppealOfficer]),
    ("jiang.officer", "蒋示例", "网安处干部", "authority-330000", &[Role::RegulatorOfficer]),
    ("han.approver", "韩示例", "网安处处长", "authority-330000", &[Role::RegulatorApprover]),
    ("yang.officer", "杨示例", "网安处干部", "authority-430000", &[Role::RegulatorOfficer]),
    // Police.
    ("ma.lead", "马示例", "值班长", "police-000000", &[Role::PoliceDutyLead]),
    ("tang.analyst", "唐示例", "研判员", "police-000000", &[Role::Analyst]),
    ("fei.approver", "费示例", "审批员", "police-000000", &[Role::PoliceApprover]),
    ("cen.handler", "岑示例", "办案民警", "police-000000", &[Role::PoliceHandler]),
    ("qian.handler", "钱示例", "办案民警", "police-440000", &[Role::PoliceHandler]),
    ("he.approver", "贺示例", "审批员", "police-440000", &[Role::PoliceApprover]),
    ("lv.lead", "吕示例", "值班长", "police-440000", &[Role::PoliceDutyLead]),
    ("wei.appeals", "魏示例", "申诉复核员", "police-440000", &[Role::AppealOfficer]),
    ("chen.handler", "陈示例", "办案民警", "police-440300", &[Role::PoliceHandler]),
    ("wang.handler", "王示例", "办案民警", "police-440300", &[Role::PoliceHandler]),
    ("li.approver", "李示例", "审批员", "police-440300", &[Role::PoliceApprover]),
    ("zhao.lead", "赵示例", "值班长", "police-440300", &[Role::PoliceDutyLead]),
    ("sun.analyst", "孙示例", "研判员", "police-440300", &[Role::Analyst]),
    ("jin.appeals", "金示例", "申诉复核员", "police-440300", &[Role::AppealOfficer]),
    ("huang.handler", "黄示例", "办案民警", "police-440305", &[Role::PoliceHandler]),
    ("lin.approver", "林示例", "审批员", "police-440305", &[Role::PoliceApprover]),
    ("zhu.handler", "朱示例", "办案民警", "police-330100", &[Role::PoliceHandler]),
    ("qin.approver", "秦示例", "审批员", "police-330100", &[Role::PoliceApprover]),
    ("you.lead", "尤示例", "值班长", "police-330000", &[Role::PoliceDutyLead]),
    ("xu.handler", "许示例", "办案民警", "police-430100", &[Role::PoliceHandler]),
    ("shi.approver", "施示例", "审批员", "police-430100", &[Role::PoliceApprover]),
    // Carriers.
    ("mobile.reviewer", "孔示例", "集团审核员", "carrier-mobile", &[Role::GroupReviewer]),
    ("mobile.group", "曹示例", "集团管理员", "carrier-mobile", &[Role::EnterpriseManager]),
    ("mobile.duty", "华示例", "值班员", "mobile-440000", &[Role::EnterpriseDuty]),
    ("mobile.manager", "姜示例", "反诈中心主任", "mobile-440000", &[Role::EnterpriseManager]),
    ("mobile.legal", "戚示例", "法务", "mobile-440000", &[Role::EnterpriseLegal]),
    ("mobile.zhejiang", "谢示例", "值班员", "mobile-330000", &[Role::EnterpriseDuty]),
    ("mobile.hunan", "邹示例", "值班员", "mobile-430000", &[Role::EnterpriseDuty]),
    ("unicom.group", "喻示例", "集团管理员", "carrier-unicom", &[Role::EnterpriseManager]),
    ("unicom.reviewer", "柏示例", "集团审核员", "carrier-unicom", &[Role::GroupReviewer]),
    ("unicom.duty", "水示例", "值班员", "unicom-440000", &[Role::EnterpriseDuty]),
    ("unicom.manager", "窦示例", "反诈中心主任", "unicom-440000", &[Role::EnterpriseManager]),
    ("telecom.group", "章示例", "集团管理员", "carrier-telecom", &[Role::EnterpriseManager]),
    ("telecom.duty", "云示例", "值班员", "telecom-440000", &[Role::EnterpriseDuty]),
    ("telecom.manager", "苏示例", "反诈中心主任", "telecom-440000", &[Role::EnterpriseManager]),
    ("broadnet.duty", "潘示例", "值班员", "carrier-broadnet", &[Role::EnterpriseDuty]),
    ("lanjing.duty", "葛示例", "值班员", "mvno-lanjing", &[Role::EnterpriseDuty]),
    ("lanjing.manager", "奚示例", "安全负责人", "mvno-lanjing", &[Role::EnterpriseManager]),
    ("qinghe.duty", "范示例", "值班员", "mvno-qinghe", &[Role::EnterpriseDuty]),
    // Internet firms, registrar, access provider, store.
    ("weixun.duty", "彭示例", "值班员", "firm-weixun", &[Role::EnterpriseDuty]),
    ("weixun.manager", "郎示例", "安全负责人", "firm-weixun", &[Role::EnterpriseManager]),
    ("weixun.legal", "鲁示例", "法务", "firm-weixun", &[Role::EnterpriseLegal]),
    ("yifu.duty", "韦示例", "值班员", "firm-yifu", &[Role::EnterpriseDuty]),
    ("yifu.manager", "昌示例", "安全负责人", "firm-yifu", &[Role::EnterpriseManager]),
    ("duanshi.duty", "苗示例", "值班员", "firm-duanshi", &[Role::EnterpriseDuty]),
    ("yuming.duty", "凤示例", "值班员", "firm-yuming", &[Role::EnterpriseDuty]),
    ("yuming.manager", "花示例", "安全负责人", "firm-yuming", &[Role::EnterpriseManager]),
    ("yunjieru.duty", "方示例", "值班员", "firm-yunjieru", &[Role::EnterpriseDuty]),
    ("yingyong.duty", "俞示例", "值班员", "firm-yingyong", &[Role::EnterpriseDuty]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::demo::country::organisations;
    use crate::domain::{duties, names};

    #[test]
    fn everybody_has_a_login_of_their_own_and_roles_that_exist_there() {
        let organisations = organisations(cordon_context::Timestamp::from_millis(0));
        let mut logins = HashSet::new();
        for (login, name, post, code, roles) in PEOPLE {
            assert_eq!(names::login(login).as_deref(), Some(*login));
            assert!(logins.insert(login), "{login} twice");
            assert!(name.ends_with("示例") && !post.is_empty(), "{login}");
            let organisation = organisations.iter().find(|organisation| organisation.code == *code).unwrap();
            assert!(roles.iter().all(|role| duties::fits(*role, organisation.kind)), "{login}");
        }
        for role in Role::ALL {
            let held = PEOPLE.iter().any(|(.., roles)| roles.contains(role));
            assert_eq!(held, !matches!(role, Role::System | Role::EnterpriseSystem), "{role}");
        }
    }
}
