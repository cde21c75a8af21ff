//! Trace-back tasks of major-case bulletins, and the form that an enterprise files.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::CaseIntakeClient as _;
use cordon_context::{BulletinKind, OrganisationIdKind, SubjectKind, TraceBackKind};

use super::bulletin::Bulletin;
use crate::directory::Organisation;
use crate::loaders::one;
use crate::names::IdentifierKind;
use crate::outcome::{change, payloads};
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;

/// 倒查任务的状态 / How far a trace-back task has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::TraceBackStatus")]
pub(crate) enum TraceBackStatus {
    /// 待填报 / The enterprise has to file.
    Open,
    /// 已填报 / The enterprise has filed.
    Filed,
}

/// 企业自查的责任认定 / How far the enterprise's own people are liable, as it finds itself.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Liability")]
pub(crate) enum Liability {
    /// 合规，无责任 / Everything was done by the rules.
    None,
    /// 管理责任 / Management fell short.
    Management,
    /// 受理人责任 / The person who served the customer broke the rules.
    Clerk,
    /// 代理商责任 / The agent broke the rules.
    Agent,
    /// 尚未查清 / Not clear yet; more has to be found out.
    Unclear,
}

/// 办理方式 / Where the subject was opened.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Handling")]
pub(crate) enum Handling {
    /// 属地办理 / In its own local network.
    Local,
    /// 非属地办理 / Elsewhere.
    Elsewhere,
    /// 线上办理 / Online.
    Online,
}

/// 一家企业对一个对象的倒查任务 / One enterprise's task to trace one subject back.
#[derive(Clone)]
pub(crate) struct TraceBack(pub(crate) contract::TraceBack);

/// 一家企业对一个对象的倒查任务 / One enterprise's task to trace one subject back.
#[Object]
impl TraceBack {
    /// 标识 / The task's identifier.
    pub(crate) async fn id(&self) -> Gid<TraceBackKind> {
        self.0.id.into()
    }

    /// 所属通报（标识）/ Of which bulletin (identifier).
    async fn bulletin_id(&self) -> Gid<BulletinKind> {
        self.0.bulletin.into()
    }

    /// 所属通报 / Of which bulletin.
    async fn bulletin(&self, ctx: &Context<'_>) -> Result<Option<Bulletin>> {
        one(&loaders(ctx)?.case_intake.bulletins, self.0.bulletin, Bulletin).await
    }

    /// 负责企业（标识）/ Which enterprise has to do it (identifier).
    async fn enterprise_id(&self) -> Gid<OrganisationIdKind> {
        self.0.enterprise.into()
    }

    /// 负责企业 / Which enterprise has to do it.
    async fn enterprise(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.enterprise, Organisation).await
    }

    /// 倒查对象 / Which subject.
    async fn subject_id(&self) -> Gid<SubjectKind> {
        self.0.subject.into()
    }

    /// 对象种类 / What the subject is.
    async fn kind(&self) -> IdentifierKind {
        self.0.kind.into()
    }

    /// 对象的规范值：负责企业可见明文，其他人所见的个人类已脱敏 / The subject's normal form: in the clear for the enterprise, masked for others if the kind is personal.
    async fn value(&self) -> &str {
        &self.0.value
    }

    /// 状态 / How far it has come.
    async fn status(&self) -> TraceBackStatus {
        self.0.status.into()
    }

    /// 时限，通报发送后才有 / When it is due, once the bulletin is sent.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(Into::into)
    }

    /// 是否超期 / Whether it is late, or was.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// 企业自查的责任认定，填报后才有 / What the enterprise found about itself, once filed.
    async fn liability(&self) -> Option<Liability> {
        self.0.liability.map(Into::into)
    }

    /// 填报时间 / When it was filed.
    async fn filed_at(&self) -> Option<DateTime> {
        self.0.filed_at.map(Into::into)
    }

    /// 版本，每次变更递增；变更时须回传所见版本 / Grows with every change; a change names the version that it saw.
    async fn version(&self) -> Long {
        self.0.version.into()
    }
}

/// 倒查表，明文；查看已记入审计台账 / The trace-back form in the clear; that it was seen is in the ledger.
#[derive(SimpleObject)]
pub(crate) struct TraceBackForm {
    /// 入网时间 / When it was opened.
    opened_at: Option<DateTime>,
    /// 在网时长（月） / For how many months it has been in the network.
    months_in_network: Option<u32>,
    /// 是否新装（否则为存量） / Whether it was newly opened, rather than long in use.
    newly_opened: Option<bool>,
    /// 入网属地 / Where it is at home.
    home_location: Option<String>,
    /// 属地或非属地办理 / Where it was opened, seen from its home.
    handling: Option<Handling>,
    /// 机主 / The holder.
    holder: Option<String>,
    /// 证件地址 / The address on the holder's document.
    document_address: Option<String>,
    /// 是否政企（否则为个人） / Whether a company or authority holds it, rather than a person.
    corporate: Option<bool>,
    /// 名下号码数 / How many numbers the holder has.
    numbers_of_holder: Option<u32>,
    /// 年龄 / The holder's age.
    age: Option<u8>,
    /// 代理商 / The agent.
    agent: Option<String>,
    /// 受理厅店 / The outlet that served the customer.
    outlet: Option<String>,
    /// 受理人工号 / The staff number of the person who served the customer.
    clerk_number: Option<String>,
    /// 受理人姓名 / The name of the person who served the customer.
    clerk_name: Option<String>,
    /// 同时办理的卡数 / How many cards were opened with it.
    opened_together: Option<u32>,
    /// 套餐 / The tariff.
    plan: Option<String>,
    /// 是否融合业务 / Whether it is part of a bundle.
    bundled: Option<bool>,
    /// 是否有宽带 / Whether it comes with broadband.
    broadband: Option<bool>,
    /// 是否主卡（否则为副卡） / Whether it is a main card, rather than a secondary one.
    main_card: Option<bool>,
    /// 是否合规受理 / Whether it was opened by the rules.
    opened_by_the_rules: Option<bool>,
    /// 涉诈前是否有复通 / Whether it was resumed before the fraud.
    resumed_before: Option<bool>,
    /// 复通是否规范 / Whether it was resumed by the rules.
    resumed_by_the_rules: Option<bool>,
    /// 是否本人或亲属使用 / Whether the holder or a relative uses it.
    used_by_holder: Option<bool>,
    /// 警企协同情况 / What police and enterprise did together.
    police_cooperation: Option<String>,
    /// 户主备注 / Remarks on the holder.
    holder_remark: Option<String>,
    /// 异常场景 / What was abnormal.
    abnormal_scene: Option<String>,
    /// 反馈 / Anything else.
    remark: Option<String>,
}

impl From<contract::TraceBackForm> for TraceBackForm {
    fn from(form: contract::TraceBackForm) -> Self {
        Self {
            opened_at: form.opened_at.map(Into::into),
            months_in_network: form.months_in_network,
            newly_opened: form.newly_opened,
            home_location: form.home_location,
            handling: form.handling.map(Into::into),
            holder: form.holder,
            document_address: form.document_address,
            corporate: form.corporate,
            numbers_of_holder: form.numbers_of_holder,
            age: form.age,
            agent: form.agent,
            outlet: form.outlet,
            clerk_number: form.clerk_number,
            clerk_name: form.clerk_name,
            opened_together: form.opened_together,
            plan: form.plan,
            bundled: form.bundled,
            broadband: form.broadband,
            main_card: form.main_card,
            opened_by_the_rules: form.opened_by_the_rules,
            resumed_before: form.resumed_before,
            resumed_by_the_rules: form.resumed_by_the_rules,
            used_by_holder: form.used_by_holder,
            police_cooperation: form.police_cooperation,
            holder_remark: form.holder_remark,
            abnormal_scene: form.abnormal_scene,
            remark: form.remark,
        }
    }
}

/// 倒查表，加密保存；未填的项为不详 / The trace-back form, stored sealed; what is left out is unknown.
#[derive(InputObject)]
pub(crate) struct TraceBackFormInput {
    /// 入网时间 / When it was opened.
    opened_at: Option<DateTime>,
    /// 在网时长（月） / For how many months it has been in the network.
    months_in_network: Option<u32>,
    /// 是否新装（否则为存量） / Whether it was newly opened, rather than long in use.
    newly_opened: Option<bool>,
    /// 入网属地 / Where it is at home.
    #[graphql(secret)]
    home_location: Option<String>,
    /// 属地或非属地办理 / Where it was opened, seen from its home.
    handling: Option<Handling>,
    /// 机主 / The holder.
    #[graphql(secret)]
    holder: Option<String>,
    /// 证件地址 / The address on the holder's document.
    #[graphql(secret)]
    document_address: Option<String>,
    /// 是否政企（否则为个人） / Whether a company or authority holds it, rather than a person.
    corporate: Option<bool>,
    /// 名下号码数 / How many numbers the holder has.
    numbers_of_holder: Option<u32>,
    /// 年龄 / The holder's age.
    age: Option<u8>,
    /// 代理商 / The agent.
    agent: Option<String>,
    /// 受理厅店 / The outlet that served the customer.
    outlet: Option<String>,
    /// 受理人工号 / The staff number of the person who served the customer.
    #[graphql(secret)]
    clerk_number: Option<String>,
    /// 受理人姓名 / The name of the person who served the customer.
    #[graphql(secret)]
    clerk_name: Option<String>,
    /// 同时办理的卡数 / How many cards were opened with it.
    opened_together: Option<u32>,
    /// 套餐 / The tariff.
    plan: Option<String>,
    /// 是否融合业务 / Whether it is part of a bundle.
    bundled: Option<bool>,
    /// 是否有宽带 / Whether it comes with broadband.
    broadband: Option<bool>,
    /// 是否主卡（否则为副卡） / Whether it is a main card, rather than a secondary one.
    main_card: Option<bool>,
    /// 是否合规受理 / Whether it was opened by the rules.
    opened_by_the_rules: Option<bool>,
    /// 涉诈前是否有复通 / Whether it was resumed before the fraud.
    resumed_before: Option<bool>,
    /// 复通是否规范 / Whether it was resumed by the rules.
    resumed_by_the_rules: Option<bool>,
    /// 是否本人或亲属使用 / Whether the holder or a relative uses it.
    used_by_holder: Option<bool>,
    /// 警企协同情况 / What police and enterprise did together.
    #[graphql(secret)]
    police_cooperation: Option<String>,
    /// 户主备注 / Remarks on the holder.
    #[graphql(secret)]
    holder_remark: Option<String>,
    /// 异常场景 / What was abnormal.
    #[graphql(secret)]
    abnormal_scene: Option<String>,
    /// 反馈 / Anything else.
    #[graphql(secret)]
    remark: Option<String>,
}

impl From<TraceBackFormInput> for contract::TraceBackForm {
    fn from(form: TraceBackFormInput) -> Self {
        Self {
            opened_at: form.opened_at.map(Into::into),
            months_in_network: form.months_in_network,
            newly_opened: form.newly_opened,
            home_location: form.home_location,
            handling: form.handling.map(Into::into),
            holder: form.holder,
            document_address: form.document_address,
            corporate: form.corporate,
            numbers_of_holder: form.numbers_of_holder,
            age: form.age,
            agent: form.agent,
            outlet: form.outlet,
            clerk_number: form.clerk_number,
            clerk_name: form.clerk_name,
            opened_together: form.opened_together,
            plan: form.plan,
            bundled: form.bundled,
            broadband: form.broadband,
            main_card: form.main_card,
            opened_by_the_rules: form.opened_by_the_rules,
            resumed_before: form.resumed_before,
            resumed_by_the_rules: form.resumed_by_the_rules,
            used_by_holder: form.used_by_holder,
            police_cooperation: form.police_cooperation,
            holder_remark: form.holder_remark,
            abnormal_scene: form.abnormal_scene,
            remark: form.remark,
        }
    }
}

/// 填报倒查的输入 / Files a trace-back.
#[derive(InputObject)]
pub(crate) struct FileTraceBackInput {
    /// 倒查任务的标识 / Which task.
    trace_back: Gid<TraceBackKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 责任认定 / What the enterprise finds about itself.
    liability: Liability,
    /// 倒查表 / The form.
    form: TraceBackFormInput,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 查看倒查表明文的输入 / Asks for a filed form in the clear.
#[derive(InputObject)]
pub(crate) struct RevealTraceBackInput {
    /// 倒查任务的标识 / Of which task.
    trace_back: Gid<TraceBackKind>,
    /// 查看目的，记入审计台账 / Why; written to the ledger.
    purpose: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

payloads! {
    /// 填报倒查的结果 / What filing a trace-back brought.
    FileTraceBackPayload: contract::TraceBack {
        /// 倒查任务 / The task.
        trace_back: TraceBack = |task| TraceBack(task),
    }
    /// 查看倒查表明文的结果 / What asking for a form in the clear brought.
    RevealTraceBackPayload: contract::RevealedTraceBack {
        /// 倒查表，明文 / The form in the clear.
        form: TraceBackForm = |revealed| revealed.form.into(),
    }
}

#[derive(Default)]
pub(crate) struct TraceBackQuery;

#[Object]
impl TraceBackQuery {
    /// 一项倒查任务；不存在或不在可见范围内则为空 / One trace-back task; null if it does not exist or lies out of reach.
    async fn trace_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "倒查任务的标识 / The task's identifier.")] id: Gid<TraceBackKind>,
    ) -> Result<Option<TraceBack>> {
        one(&loaders(ctx)?.case_intake.trace_backs, id.0, TraceBack).await
    }
}

#[derive(Default)]
pub(crate) struct TraceBackMutation;

#[Object]
impl TraceBackMutation {
    /// 填报倒查 / Files a trace-back.
    async fn file_trace_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: FileTraceBackInput,
    ) -> Result<FileTraceBackPayload> {
        let FileTraceBackInput { trace_back, version, liability, form, idempotency_key } = input;
        let filed = contract::FileTraceBack {
            trace_back: trace_back.0,
            version: version.0,
            liability: liability.into(),
            form: form.into(),
        };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.file_trace_back(call, filed).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 查看倒查表的明文，须说明目的 / Gives a filed form in the clear, for a stated purpose.
    async fn reveal_trace_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevealTraceBackInput,
    ) -> Result<RevealTraceBackPayload> {
        let RevealTraceBackInput { trace_back, purpose, idempotency_key } = input;
        let asked = contract::RevealTraceBack { trace_back: trace_back.0, purpose };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.reveal_trace_back(call, asked).await
        })
        .await?;
        Ok(outcome.into())
    }
}
