//! Names of the fields that log lines and spans share, dotted by entity, with the unit in the name.
//!
//! Use them as `tracing::info!({ field::ORDER_ID } = %id, "approved the order")`. Names that OpenTelemetry's semantic
//! conventions know are spelled as there.

macro_rules! fields {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)*) => {
        $($(#[$doc])* pub const $constant: &str = $name;)*

        /// Every name with what it means, in the order of the table; the documentation is checked against it.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

fields! {
    /// Id of the person, client or job that acts.
    ACTOR_ID = "actor.id";
    /// Kind of the actor: person, client or system.
    ACTOR_KIND = "actor.kind";
    /// Id of an appeal.
    APPEAL_ID = "appeal.id";
    /// Id of a case.
    CASE_ID = "case.id";
    /// Id that a client can quote to find the line of an internal error.
    CORRELATION_ID = "correlation.id";
    /// Id of a delivery attempt.
    DELIVERY_ID = "delivery.id";
    /// Milliseconds that something took.
    DURATION_MS = "duration_ms";
    /// Stable code of an error.
    ERROR_CODE = "error.code";
    /// The chain of causes of an error, without personal data.
    ERROR_MESSAGE = "error.message";
    /// Id of an event.
    EVENT_ID = "event.id";
    /// Topic of an event.
    EVENT_TOPIC = "event.topic";
    /// Name of the GraphQL operation.
    GRAPHQL_OPERATION_NAME = "graphql.operation.name";
    /// Kind of the GraphQL operation.
    GRAPHQL_OPERATION_TYPE = "graphql.operation.type";
    /// HTTP method.
    HTTP_METHOD = "http.request.method";
    /// HTTP status.
    HTTP_STATUS = "http.response.status_code";
    /// Route pattern, never the path with its values.
    HTTP_ROUTE = "http.route";
    /// Name of a background job.
    JOB_NAME = "job.name";
    /// Id of an order.
    ORDER_ID = "order.id";
    /// Id of an organization.
    ORGANIZATION_ID = "organization.id";
    /// Id of a report.
    REPORT_ID = "report.id";
    /// Name of the RPC method.
    RPC_METHOD = "rpc.method";
    /// Name of the service that speaks.
    SERVICE_NAME = "service.name";
    /// Id of a task.
    TASK_ID = "task.id";
    /// Id that joins the lines of one request across services.
    TRACE_ID = "trace.id";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn names_are_sorted_unique_and_spelled_alike() {
        assert!(ALL.is_sorted(), "{ALL:?}");
        for pair in ALL.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        for name in ALL {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '.' || c == '_'), "{name}");
        }
    }

    #[test]
    fn every_name_is_in_the_documentation() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/LOGGING.md")).unwrap();
        for name in ALL {
            assert!(page.contains(&format!("`{name}`")), "docs/LOGGING.md does not explain {name}");
        }
    }
}
