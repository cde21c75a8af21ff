//! The documents that the journey sends.

use serde_json::{Value, json};

macro_rules! refusable {
    ($operation:literal, $fields:literal) => {
        concat!("mutation Journey($input: ", $operation, "Input!) { done: ", $fields, " }")
    };
}

pub(crate) const FILE_REPORT: &str = refusable!(
    "FileReport",
    "fileReport(input: $input) { status refusal { code rule messageEn } report { id status } }"
);
pub(crate) const FIND_REPORTS: &str = "query Journey($filter: ReportFilter!) { reports(filter: $filter, first: 5) { edges { node { id externalId textMasked } } } }";
pub(crate) const OPEN_CASE: &str = refusable!(
    "OpenCase",
    "openCase(input: $input) { status refusal { code rule field messageEn } case { id number } }"
);
pub(crate) const CASE: &str =
    "query Journey($id: ID!) { case(id: $id) { id number identifiers(first: 50) { edges { node {
    subject: subjectId kind masked reportCount confidence protected selectable
    responsible { executor { code } obstacle } alreadyInForce measuresInForce { measure orderNumber } } } } } }";
pub(crate) const PREVIEW: &str = "query Journey($input: DisposeSubjectsInput!) { previewDisposal(input: $input) {
    fit approvalLevel needsProtectedApproval rows { position fit executors { code } findings { kind text { zh en } } } } }";
pub(crate) const DISPOSE: &str = refusable!(
    "DisposeSubjects",
    "disposeSubjects(input: $input) { status refusal { code rule field messageEn } order { id number contentHash state } preview { fit rows { findings { kind } } } }"
);
pub(crate) const APPROVE: &str = refusable!(
    "ApproveOrder",
    "approveOrder(input: $input) { status refusal { code rule messageEn } order { id state } }"
);
pub(crate) const REGISTER_DOCUMENT: &str = "mutation Journey($input: RegisterDocumentInput!) { registerDocument(input: $input) { status refusal { code rule messageEn } document { id } } }";
pub(crate) const SET_MESSAGE_KEYS: &str = "mutation Journey($input: SetApiClientMessageKeysInput!) { setApiClientMessageKeys(input: $input) { status refusal { code rule messageEn } client { messageKeys } } }";
pub(crate) const INBOX: &str = "query Journey { inbox(first: 20) { edges { node { id generation state issuedAt due light subject { masked } measure } } } }";
pub(crate) const ACKNOWLEDGE: &str = refusable!(
    "AcknowledgeTask",
    "acknowledgeTask(input: $input) { status refusal { code rule messageEn } task { id state version } }"
);
pub(crate) const EXECUTE: &str = refusable!(
    "ExecuteTask",
    "executeTask(input: $input) { status refusal { code rule messageEn } task { id state version } }"
);
pub(crate) const VERIFY: &str =
    refusable!("VerifyTask", "verifyTask(input: $input) { status refusal { code rule messageEn } task { id state } }");
pub(crate) const TASKS_OF_ORDER: &str =
    "query Journey($order: ID!) { tasks(filter: { order: $order }, first: 50) { edges { node {
    id state generation hops subject { masked kind } measure executedAt executor { code } } } } }";
pub(crate) const ORDER: &str =
    "query Journey($id: ID!) { order(id: $id) { id number state tasks { total inForce open } } }";
pub(crate) const NOTICES: &str =
    "query Journey($states: [TaskState!]!) { tasks(filter: { states: $states }, first: 10) { edges { node {
    id executedAt notices { id state reason { zh en } remedy { zh en } documents { zh en } } } } } }";
pub(crate) const RECORD_NOTICE: &str = refusable!(
    "RecordNotice",
    "recordNotice(input: $input) { status refusal { code rule messageEn } notice { id state } }"
);
pub(crate) const FILE_APPEAL: &str = refusable!(
    "FileAppeal",
    "fileAppeal(input: $input) { status refusal { code rule messageEn } appeal { id number state } code }"
);
pub(crate) const PROGRESS: &str = "query Journey($number: String!, $code: String!) { appealProgress(number: $number, code: $code) { number state subjectMasked text { zh en } } }";
pub(crate) const ACCEPT_APPEAL: &str = refusable!(
    "AcceptAppeal",
    "acceptAppeal(input: $input) { status refusal { code rule messageEn } appeal { id state } }"
);
pub(crate) const ASSIGN_APPEAL: &str = refusable!(
    "AssignAppeal",
    "assignAppeal(input: $input) { status refusal { code rule messageEn } appeal { id state } }"
);
pub(crate) const BEGIN_APPEAL: &str = refusable!(
    "BeginAppealVerification",
    "beginAppealVerification(input: $input) { status refusal { code rule messageEn } appeal { id state } }"
);
pub(crate) const DECIDE_APPEAL: &str = refusable!(
    "DecideAppeal",
    "decideAppeal(input: $input) { status refusal { code rule messageEn } appeal { id state } }"
);
pub(crate) const REPLY_APPEAL: &str = refusable!(
    "ReplyAppeal",
    "replyAppeal(input: $input) { status refusal { code rule messageEn } appeal { id state } }"
);
pub(crate) const TASK_RELEASES: &str =
    "query Journey($id: ID!) { task(id: $id) { id state releases { id state releaseTask { id state generation } } } }";
pub(crate) const TIMELINE: &str = "query Journey($order: ID!) { order(id: $order) { timeline(first: 200) { edges { node { event at taskId party refusedBy } } } } }";
pub(crate) const CASE_CHANGED: &str =
    "subscription Journey($after: Long) { caseChanged(after: $after) { seq topic caseId case { title } } }";
pub(crate) const ORDER_PROGRESSED: &str = "subscription Journey($after: Long, $order: ID) {
    orderProgressed(after: $after, order: $order) { seq topic orderId order { id state } task { id state } } }";
pub(crate) const TASK_ASSIGNED: &str =
    "subscription Journey($after: Long) { taskAssigned(after: $after) { seq taskId task { id executor { code } } } }";
pub(crate) const VIEWER: &str = "query Journey { viewer { person { id } organisation { code } roles } }";
pub(crate) const ORGANISATIONS: &str = "query Journey($filter: OrganisationFilter!) { organisations(filter: $filter, first: 200) { edges { node { id code } } } }";
pub(crate) const CREATE_ENDPOINT: &str = refusable!(
    "CreateEndpoint",
    "createEndpoint(input: $input) { status refusal { code rule field messageEn } endpoint { id } secret }"
);

/// The input of the one button: every kind of target with its measure.
pub(crate) fn disposal(case: Option<&str>, subjects: &[Value]) -> Value {
    json!({
        "subjects": subjects,
        "measures": [
            { "kind": "PHONE", "measures": ["SUSPEND_BOTH"] },
            { "kind": "ACCOUNT", "measures": ["SUSPEND"] },
            { "kind": "DOMAIN", "measures": ["BLOCK_DNS"] },
            { "kind": "URL", "measures": ["BLOCK_IP_URL"] },
        ],
        "legalBasis": {
            "kind": "DISPOSAL_APPROVAL_FORM", "number": "深公（诈）处字〔2026〕0118号", "issuer": "深圳市公安局反诈中心",
            "approver": "王示例", "issuedAt": "2026-11-01T09:00:00+08:00", "validTo": "2027-10-31T23:59:59+08:00",
        },
        "urgency": "FLASH", "case": case, "reason": "涉嫌电信网络诈骗", "durationDays": 90,
    })
}

/// An identifier of an answer that the executor chooses once: the task's own digits with another prefix and place.
pub(crate) fn receipt(task: &Value, place: u32) -> String {
    let id = task["id"].as_str().unwrap();
    let digits = id.split_once('_').unwrap().1;
    let head: String = digits.chars().take(24).collect();
    format!("rcp_{head}{place}0")
}
