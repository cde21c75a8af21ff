//! What the mutations of the directory service answer.

use crate::directory::{ApiClient, CodeEnrolment, Delegation, Organisation, Person, RevealedPerson, RoleAssignment};
use crate::outcome::payloads;
use cordon_directory_contract as contract;

/// What a payload shows of a secret.
fn exposed(secret: contract::Secret) -> String {
    secret.expose().to_owned()
}

payloads! {
    /// 结束一个会话的结果 / What revokeSession brought.
    RevokeSessionPayload: () {}

    /// 结束某人的全部会话的结果 / What revokeSessionsOf brought.
    RevokeSessionsOfPayload: u32 {
        /// 已结束的会话数 / How many sessions were open.
        ended: u32 = |done| done,
    }

    /// 修改本人密码的结果 / What changePassword brought.
    ChangePasswordPayload: () {}

    /// 重置某人的密码的结果 / What resetPassword brought.
    ResetPasswordPayload: contract::NewPerson {
        /// 人员 / The person.
        person: Person = |done| Person(done.person),
        /// 首次登录密码，仅显示一次；以相同幂等键重复请求时为空 / The password for the next sign-in, shown once; null where the answer is a repeat.
        first_password: Option<String> = |done| done.first_password.map(exposed),
    }

    /// 登记动态口令的结果 / What enrolCode brought.
    EnrolCodePayload: contract::CodeEnrolment {
        /// 动态口令密钥 / What the authenticator needs.
        enrolment: CodeEnrolment = |done| CodeEnrolment(done),
    }

    /// 确认动态口令的结果 / What confirmCode brought.
    ConfirmCodePayload: () {}

    /// 移除某人的动态口令的结果 / What resetCode brought.
    ResetCodePayload: contract::Person {
        /// 人员 / The person.
        person: Person = |done| Person(done),
    }

    /// 登记机构的结果 / What createOrganisation brought.
    CreateOrganisationPayload: contract::Organisation {
        /// 机构 / The organisation.
        organisation: Organisation = |done| Organisation(done),
    }

    /// 修改机构的结果 / What changeOrganisation brought.
    ChangeOrganisationPayload: contract::Organisation {
        /// 机构 / The organisation.
        organisation: Organisation = |done| Organisation(done),
    }

    /// 登记人员的结果 / What createPerson brought.
    CreatePersonPayload: contract::NewPerson {
        /// 人员 / The person.
        person: Person = |done| Person(done.person),
        /// 首次登录密码，仅显示一次；以相同幂等键重复请求时为空 / The password for the first sign-in, shown once; null where the answer is a repeat.
        first_password: Option<String> = |done| done.first_password.map(exposed),
    }

    /// 启用或停用人员的结果 / What setPersonActive brought.
    SetPersonActivePayload: contract::Person {
        /// 人员 / The person.
        person: Person = |done| Person(done),
    }

    /// 查看人员明文信息的结果 / What revealPerson brought.
    RevealPersonPayload: contract::RevealedPerson {
        /// 明文 / The name and login in the clear.
        revealed: RevealedPerson = |done| RevealedPerson(done),
    }

    /// 授予角色的结果 / What giveRole brought.
    GiveRolePayload: contract::RoleAssignment {
        /// 角色授予 / The assignment.
        assignment: RoleAssignment = |done| RoleAssignment(done),
    }

    /// 收回角色的结果 / What withdrawRole brought.
    WithdrawRolePayload: contract::RoleAssignment {
        /// 角色授予 / The assignment.
        assignment: RoleAssignment = |done| RoleAssignment(done),
    }

    /// 委托角色的结果 / What delegateRole brought.
    DelegateRolePayload: contract::Delegation {
        /// 代理 / The delegation.
        delegation: Delegation = |done| Delegation(done),
    }

    /// 提前结束代理的结果 / What revokeDelegation brought.
    RevokeDelegationPayload: contract::Delegation {
        /// 代理 / The delegation.
        delegation: Delegation = |done| Delegation(done),
    }

    /// 登记接口程序的结果 / What createApiClient brought.
    CreateApiClientPayload: contract::ClientCredential {
        /// 程序 / The program.
        client: ApiClient = |done| ApiClient(done.client),
        /// 密钥，仅显示一次；以相同幂等键重复请求时为空 / The secret, shown once; null where the answer is a repeat.
        secret: Option<String> = |done| done.secret.map(exposed),
    }

    /// 更换接口程序密钥的结果 / What rotateApiClientSecret brought.
    RotateApiClientSecretPayload: contract::ClientCredential {
        /// 程序 / The program.
        client: ApiClient = |done| ApiClient(done.client),
        /// 密钥，仅显示一次；以相同幂等键重复请求时为空 / The secret, shown once; null where the answer is a repeat.
        secret: Option<String> = |done| done.secret.map(exposed),
    }

    /// 设置接口程序签名公钥的结果 / What setApiClientMessageKeys brought.
    SetApiClientMessageKeysPayload: contract::ApiClient {
        /// 程序 / The program.
        client: ApiClient = |done| ApiClient(done),
    }

    /// 停用接口程序的结果 / What revokeApiClient brought.
    RevokeApiClientPayload: contract::ApiClient {
        /// 程序 / The program.
        client: ApiClient = |done| ApiClient(done),
    }

    /// 撤销已登记的文档的结果 / What withdrawDocument brought.
    WithdrawDocumentPayload: () {}
}
