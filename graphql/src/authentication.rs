//! Credentials are checked by the directory, by its rows as they are now.

use std::sync::Arc;

use async_trait::async_trait;
use cordon_context::{ApiClientId, CallContext, Clock, Code, Refusal, Trace};
use cordon_directory_contract::{Authenticate, AuthenticateClient, AuthenticatedClient, DirectoryClient, Secret};
use cordon_rpc::{Link, refusal_of};
use cordon_web::authentication::Recognised;
use cordon_web::{Authenticator, Credential};

/// Asks the directory; a person shows a session token, a program shows `<client>.<secret>`.
pub struct DirectoryAuthenticator {
    directory: Link,
    clock: Arc<dyn Clock>,
}

impl DirectoryAuthenticator {
    /// Takes the way to the directory.
    pub fn new(directory: Link, clock: Arc<dyn Clock>) -> Self {
        Self { directory, clock }
    }
}

#[async_trait]
impl Authenticator for DirectoryAuthenticator {
    async fn authenticate(&self, credential: &Credential, trace: Trace) -> Result<Recognised, Refusal> {
        let ctx = CallContext { trace: trace.child(), ..CallContext::system("authenticate", self.clock.now()) };
        let program = credential
            .token
            .split_once('.')
            .and_then(|(client, secret)| client.parse::<ApiClientId>().ok().map(|client| (client, secret)));
        let answer = match program {
            Some((client, secret)) => {
                let input = AuthenticateClient { client, secret: Secret::new(secret), address: credential.address };
                let answer = self.directory.authenticate_client(ctx, input).await;
                answer.map(|AuthenticatedClient { actor, message_keys }| Recognised { actor, message_keys })
            }
            None => {
                let input =
                    Authenticate { token: Secret::new(credential.token.as_str()), activity: credential.activity };
                // A person signs in, and signs nothing else.
                let answer = self.directory.authenticate(ctx, input).await;
                answer.map(|actor| Recognised { actor, message_keys: Vec::new() })
            }
        };
        answer.map_err(|error| {
            let refusal = refusal_of(&error);
            // Whatever the directory finds wrong with a credential, the caller learns only that it is not valid.
            if refusal.is_retryable() || refusal.code == Code::Internal {
                refusal
            } else {
                Refusal::new(Code::Unauthenticated)
            }
        })
    }
}
