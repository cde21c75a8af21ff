//! All kinds of identifiers, alphabetical; kinds are added, never renamed.

use crate::id::{Id, IdKind};

macro_rules! id_kinds {
    ($($(#[$doc:meta])* $alias:ident = $kind:ident($prefix:literal);)*) => {
        $(
            /// Marks identifiers of this kind.
            #[derive(Debug)]
            pub enum $kind {}
            impl IdKind for $kind {
                const PREFIX: &'static str = $prefix;
            }
            $(#[$doc])*
            pub type $alias = Id<$kind>;
        )*

        /// Every prefix in use; a test holds them unique.
        pub const ID_PREFIXES: &[&str] = &[$($prefix),*];
    };
}

id_kinds! {
    /// A program of an organisation that calls the API.
    ApiClientId = ApiClientKind("cli");
    /// An appeal of the holder against a measure.
    AppealId = AppealKind("apl");
    /// A role that a person holds for a time.
    AssignmentId = AssignmentKind("asg");
    /// A major-case bulletin.
    BulletinId = BulletinKind("bul");
    /// A case.
    CaseId = CaseKind("cas");
    /// A clue that an enterprise sent in.
    ClueId = ClueKind("clu");
    /// A clue query to an enterprise.
    ClueQueryId = ClueQueryKind("clq");
    /// A delegation of a role for a time.
    DelegationId = DelegationKind("dlg");
    /// One attempt to deliver one message.
    DeliveryId = DeliveryKind("dlv");
    /// One message on its way to one endpoint.
    DispatchId = DispatchKind("dsp");
    /// A registered GraphQL document.
    DocumentId = DocumentKind("doc");
    /// A webhook endpoint of an enterprise.
    EndpointId = EndpointKind("end");
    /// An event.
    EventId = EventKind("evt");
    /// An identifier found in a report.
    FindingId = FindingKind("fnd");
    /// An import of a file.
    ImportId = ImportKind("imp");
    /// A disposal item: one subject of an order.
    ItemId = ItemKind("itm");
    /// A merger of cases.
    MergeId = MergeKind("mrg");
    /// A message to enterprises; the same at every endpoint and on every attempt.
    MessageId = MessageKind("msg");
    /// A notice to a holder.
    NoticeId = NoticeKind("ntc");
    /// A disposal order.
    OrderId = OrderKind("ord");
    /// An organisation.
    OrganisationId = OrganisationIdKind("org");
    /// A person who signs in.
    PersonId = PersonKind("per");
    /// A protected number, domain or account.
    ProtectedId = ProtectedKind("prt");
    /// A receipt of an executor.
    ReceiptId = ReceiptKind("rcp");
    /// One question of a clue query.
    QueryItemId = QueryItemKind("cqi");
    /// A decision that a measure ends.
    ReleaseId = ReleaseKind("rel");
    /// A fraud report.
    ReportId = ReportKind("rep");
    /// A signed-in session.
    SessionId = SessionKind("ses");
    /// A subject: one number, account, domain or device in its normal form.
    SubjectId = SubjectKind("sub");
    /// A disposal task: one item at one executor.
    TaskId = TaskKind("tsk");
    /// A trace-back task of a major-case bulletin.
    TraceBackId = TraceBackKind("tbk");
    /// A verification of an executed task.
    VerificationId = VerificationKind("ver");
    /// A key that signs the messages to one endpoint.
    WebhookKeyId = WebhookKeyKind("whk");
}

#[cfg(test)]
mod tests {
    use super::ID_PREFIXES;

    #[test]
    fn prefixes_are_unique() {
        let mut sorted = ID_PREFIXES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), ID_PREFIXES.len());
    }
}
