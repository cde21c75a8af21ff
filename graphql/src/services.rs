//! The ways to the services.

use cordon_rpc::Link;

/// One link for each service; local or remote makes no difference here.
#[derive(Clone, Debug)]
pub struct Services {
    /// Organisations, people, credentials.
    pub directory: Link,
    /// Reports, cases, clues, bulletins.
    pub case_intake: Link,
    /// Orders, tasks, appeals, delivery, routing.
    pub disposal: Link,
}
