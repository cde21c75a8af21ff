//! The part of the schema that the disposal service stands behind.

mod access;
mod appeal;
mod appeal_input;
mod by_id_input;
mod calendar;
mod calendar_input;
mod delivery;
mod delivery_input;
mod holder_mutations;
mod measure;
mod more_words;
mod notice;
mod notice_input;
mod order;
mod order_input;
mod order_mutations;
mod order_parts;
mod payloads;
mod protected;
mod protected_input;
mod protective_input;
mod protective_mutations;
mod queries;
mod release;
mod release_input;
mod routing;
mod routing_input;
mod table_mutations;
mod task;
mod task_input;
mod timeline;
mod words;

pub(crate) use access::ACCESS;
pub(crate) use appeal::{Appeal, AppealProgress, RevealedAppeal};
pub(crate) use appeal_input::{
    AcceptAppealInput, AppealFilter, AssignAppealInput, BeginAppealVerificationInput, CloseAppealInput,
    DecideAppealInput, DeclineAppealInput, ExtendAppealInput, FileAppealInput, ReplyAppealInput,
    RequestAppealReviewInput, RequestSupplementInput, RevealAppealInput, SupplementAppealInput,
};
pub(crate) use by_id_input::{RemoveEndpointInput, TestEndpointInput};
pub(crate) use calendar::CalendarYear;
pub(crate) use calendar_input::SetCalendarYearInput;
pub(crate) use delivery::{DeliveryAttempt, Dispatch, Endpoint};
pub(crate) use delivery_input::{
    ChangeEndpointInput, CreateEndpointInput, DispatchFilter, EndpointFilter, ReplayDispatchInput, ReplayEndpointInput,
    RotateEndpointKeyInput,
};
pub(crate) use holder_mutations::HolderMutation;
pub(crate) use measure::MeasureRule;
pub(crate) use more_words::{
    ApprovalKind, DeadlineLight, DeskReason, Escalation, InstrumentKind, NoticeChannel, OrderStage, OrderState,
    PreviewFindingKind, ProtectedReasonKind, ProtectedState, ReceiptAnswer, ReleaseReason, ReleaseState, RouteObstacle,
    RoutingSource, RoutingTable, TaskAction, TaskRefusalCode, TaskState, VerifyMethod,
};
pub(crate) use notice::Notice;
pub(crate) use notice_input::{ApproveNoticeDeferralInput, RecordNoticeInput, RequestNoticeDeferralInput};
pub(crate) use order::{DisposalPreview, Item, Order, RevealedItem, Subject};
pub(crate) use order_input::{
    ApproveOrderInput, ApprovePaperworkInput, ApproveProtectedTargetsInput, DisposeSubjectsInput, EditOrderInput,
    FilePaperworkInput, IssueEmergencyOrderInput, LegalBasisInput, OrderFilter, ReturnOrderInput, RevealItemInput,
    SubmitOrderInput, WithdrawOrderInput,
};
pub(crate) use order_mutations::OrderMutation;
pub(crate) use order_parts::{Approval, Emergency, LegalBasis, TaskCounts};
pub(crate) use payloads::{
    AcceptAppealPayload, AcknowledgeTaskPayload, ApproveNoticeDeferralPayload, ApproveOrderPayload,
    ApprovePaperworkPayload, ApproveProtectedTargetsPayload, ApproveRenewalPayload, AssignAppealPayload,
    BeginAppealVerificationPayload, BeginTaskPayload, ChangeEndpointPayload, ClearReviewFlagPayload,
    CloseAppealPayload, ConfirmProtectedPayload, ConfirmProtectiveMeasurePayload, ConsentReleasePayload,
    CreateEndpointPayload, DecideAppealPayload, DeclineAppealPayload, DisownTaskPayload, DisposeSubjectsPayload,
    DropTaskPayload, EditOrderPayload, ExecuteTaskPayload, ExtendAppealPayload, FailTaskPayload, FileAppealPayload,
    FilePaperworkPayload, ImportRoutingPayload, IssueEmergencyOrderPayload, OrderReleasePayload,
    ProposeProtectedPayload, ProposeProtectedRemovalPayload, RecordNoticePayload, RecordProtectiveMeasurePayload,
    RefuseTaskPayload, ReissueTaskPayload, RemoveEndpointPayload, RemoveRoutingEntryPayload, RenewMeasurePayload,
    ReplayDispatchPayload, ReplayEndpointPayload, ReplyAppealPayload, RequestAppealReviewPayload,
    RequestNoticeDeferralPayload, RequestSupplementPayload, ReturnOrderPayload, RevealAppealPayload, RevealItemPayload,
    RotateEndpointKeyPayload, RouteTaskPayload, SetCalendarYearPayload, SetRoutingEntryPayload, SubmitOrderPayload,
    SupplementAppealPayload, TestEndpointPayload, VerifyTaskPayload, WithdrawOrderPayload, WithdrawTaskPayload,
};
pub(crate) use protected::ProtectedEntry;
pub(crate) use protected_input::{ConfirmProtectedInput, ProposeProtectedInput, ProposeProtectedRemovalInput};
pub(crate) use protective_input::{ConfirmProtectiveMeasureInput, RecordProtectiveMeasureInput};
pub(crate) use protective_mutations::ProtectiveMutation;
pub(crate) use queries::DisposalQuery;
pub(crate) use release::{MeasureInForce, Release};
pub(crate) use release_input::{
    ApproveRenewalInput, ClearReviewFlagInput, ConsentReleaseInput, OrderReleaseInput, RenewMeasureInput,
};
pub(crate) use routing::{ImportedRouting, Route, RoutingEntry};
pub(crate) use routing_input::{ImportRoutingInput, RemoveRoutingEntryInput, RouteQuestionInput, SetRoutingEntryInput};
pub(crate) use table_mutations::TableMutation;
pub(crate) use task::{PayloadKey, SignedPayload, Task, TaskStatus};
pub(crate) use task_input::{
    AcknowledgeTaskInput, BeginTaskInput, DisownTaskInput, DropTaskInput, ExecuteTaskInput, FailTaskInput, InboxFilter,
    RefuseTaskInput, ReissueTaskInput, RouteTaskInput, TaskFilter, VerifyTaskInput, WithdrawTaskInput,
};
pub(crate) use timeline::TimelineEntry;
pub(crate) use words::{
    AppealChannel, AppealCompetence, AppealOutcome, AppealState, AttemptOutcome, CalendarYearState, DeadlinePace,
    DispatchState, DisposalDayKind, EndpointCircuit, EndpointDisabledReason, EndpointState, Measure, MessageKind,
    NoticeKind, NoticeState, PhoneFunction, ReverifyLevel, SignatureKind, TargetKind, Urgency,
};
