//! Every GraphQL document that the agent sends. In production the platform executes registered documents only, so each text
//! is fixed, is registered once at start and is named by its SHA-256 from then on.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Registers another document for our organisation; part of every release of the platform, so that a program can begin.
pub(crate) const REGISTER_DOCUMENT: &str = "mutation RegisterDocument($input: RegisterDocumentInput!) { \
registerDocument(input: $input) { status refusal { code messageEn } } }\n";

/// The open tasks of our organisation, the most pressing first.
pub(crate) const INBOX: &str = "query AgentInbox($first: Int!, $after: String) { \
inbox(first: $first, after: $after) { edges { node { id generation state } } pageInfo { hasNextPage endCursor } } }";

/// What has to be done, in the clear and signed.
pub(crate) const TASK_PAYLOAD: &str =
    "query AgentTaskPayload($id: ID!) { taskPayload(id: $id) { generation body digest keyId signature } }";

/// The public keys with which the platform signs what has to be done.
pub(crate) const PAYLOAD_KEYS: &str = "query AgentPayloadKeys { payloadKeys { keyId publicKey } }";

/// 签收.
pub(crate) const ACKNOWLEDGE: &str = "mutation AgentAcknowledge($input: AcknowledgeTaskInput!) { \
acknowledgeTask(input: $input) { status refusal { code rule messageEn } task { id generation state } } }";

/// 已执行, with evidence.
pub(crate) const EXECUTE: &str = "mutation AgentExecute($input: ExecuteTaskInput!) { \
executeTask(input: $input) { status refusal { code rule messageEn } task { id generation state } } }";

/// 退件, with a code.
pub(crate) const REFUSE: &str = "mutation AgentRefuse($input: RefuseTaskInput!) { \
refuseTask(input: $input) { status refusal { code rule messageEn } task { id generation state } } }";

/// Not ours: ported to another enterprise, or unknown whose.
pub(crate) const DISOWN: &str = "mutation AgentDisown($input: DisownTaskInput!) { \
disownTask(input: $input) { status refusal { code rule messageEn } task { id generation state } } }";

/// Those that are registered at start.
pub(crate) const ALL: &[&str] = &[INBOX, TASK_PAYLOAD, PAYLOAD_KEYS, ACKNOWLEDGE, EXECUTE, REFUSE, DISOWN];

/// The SHA-256 of a document, in lower-case hexadecimal.
pub(crate) fn hash(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_sha256() {
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn the_first_document_is_the_one_of_the_release() {
        assert_eq!(REGISTER_DOCUMENT, include_str!("../../../cordon/operations/register_document.graphql"));
    }

    #[test]
    fn every_document_is_one_line_with_one_named_operation() {
        for text in ALL.iter().chain([&REGISTER_DOCUMENT]) {
            assert!(!text.trim_end().contains('\n') && !text.contains("  "), "{text}");
            assert!(text.starts_with("query ") || text.starts_with("mutation "), "{text}");
        }
    }
}
