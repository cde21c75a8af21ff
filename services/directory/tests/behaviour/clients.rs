//! Programs of enterprises and registered documents.

use std::time::Duration;

use crate::stage::{Stage, refused, rule, settings, stages};
use cordon_context::{ActorKind, Code, PageRequest, Role};
use cordon_directory_contract::{
    AuthenticateClient, ClientFilter, CreateClient, DirectoryClient as _, DocumentKey, RegisterDocument,
    RotateClientSecret, Secret,
};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

fn credential(client: cordon_context::ApiClientId, secret: &Secret) -> AuthenticateClient {
    AuthenticateClient { client, secret: secret.clone(), address: Some("192.0.2.7".parse().unwrap()) }
}

fn new_client(stage: &Stage, organisation: &str) -> CreateClient {
    CreateClient {
        organisation: stage.organisation(organisation),
        label: "处置接口".to_owned(),
        valid_days: Some(90),
        allowed_addresses: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_acts_for_its_enterprise_with_its_branches() {
    for stage in stages(settings()).await {
        let client = stage.demo.client("carrier-mobile").unwrap();
        let known = stage.authenticate_client(credential(client.id, client.secret.as_ref().unwrap())).await.unwrap();
        assert_eq!(known.message_keys, [""; 0], "nobody has entered a key");
        let actor = known.actor;
        assert_eq!(actor.kind, ActorKind::Client { client: client.id });
        assert_eq!(
            (actor.roles.as_slice(), actor.branches.len()),
            ([Role::EnterpriseSystem].as_slice(), 31),
            "{}",
            stage.store.backend
        );
        let wrong = stage.authenticate_client(credential(client.id, &Secret::new("cdc_wrong"))).await.unwrap_err();
        let unknown = cordon_context::Id::derived(client.id.uuid(), "unknown");
        assert_eq!(
            wrong,
            stage.authenticate_client(credential(unknown, client.secret.as_ref().unwrap())).await.unwrap_err()
        );
        assert_eq!(wrong.code, Code::Unauthenticated);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_overlap_while_they_are_rotated_and_then_stop() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let made = stage.link.create_client(stage.call(&manager), new_client(&stage, "mobile-440000")).await.unwrap();
        let (id, first) = (made.client.id, made.secret.unwrap());
        assert!(stage.authenticate_client(credential(id, &first)).await.is_ok());
        let rotate = RotateClientSecret { client: id, overlap_minutes: Some(60) };
        let second = stage.link.rotate_client_secret(stage.call(&manager), rotate).await.unwrap().secret.unwrap();
        assert_ne!(first, second);
        stage.clock.advance(Duration::from_mins(59));
        for secret in [&first, &second] {
            assert!(stage.authenticate_client(credential(id, secret)).await.is_ok(), "{}", stage.store.backend);
        }
        stage.clock.advance(Duration::from_mins(1));
        assert!(stage.authenticate_client(credential(id, &first)).await.is_err(), "the overlap is over");
        assert!(stage.authenticate_client(credential(id, &second)).await.is_ok());
        stage.clock.advance(Duration::from_hours(24 * 90));
        assert!(stage.authenticate_client(credential(id, &second)).await.is_err(), "it has expired");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_new_secret_works_as_long_as_the_first_was_meant_to() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let input = new_client(&stage, "mobile-440000");
        let made = stage.link.create_client(stage.call(&manager), input).await.unwrap().client;
        for _ in 0..3 {
            stage.clock.advance(Duration::from_hours(24 * 30));
            let rotate = RotateClientSecret { client: made.id, overlap_minutes: Some(0) };
            let rotated = stage.link.rotate_client_secret(stage.call(&manager), rotate).await.unwrap().client;
            let lasts = rotated.expires_at.since(cordon_context::Clock::now(&stage.clock));
            assert_eq!(lasts, Duration::from_hours(24 * 90), "{}", stage.store.backend);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_program_is_out_at_once_and_for_good() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let made = stage.link.create_client(stage.call(&manager), new_client(&stage, "mobile-440000")).await.unwrap();
        let id = made.client.id;
        assert!(stage.authenticate_client(credential(id, made.secret.as_ref().unwrap())).await.is_ok());
        let revoked = stage.link.revoke_client(stage.call(&manager), id).await.unwrap();
        assert!(revoked.revoked_at.is_some());
        assert!(
            stage.authenticate_client(credential(id, made.secret.as_ref().unwrap())).await.is_err(),
            "{}",
            stage.store.backend
        );
        let rotate = RotateClientSecret { client: id, overlap_minutes: None };
        assert_eq!(rule(stage.link.rotate_client_secret(stage.call(&manager), rotate).await), "client.revoked");
        let active = ClientFilter { organisation: None, active: Some(true) };
        let page = stage.link.clients(stage.call(&manager), active, PageRequest::default()).await.unwrap();
        assert!(page.edges.iter().all(|(_, client)| client.id != id && client.organisation == manager.organisation));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_calls_from_its_addresses_only() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let input =
            CreateClient { allowed_addresses: vec!["192.0.2.0/28".to_owned()], ..new_client(&stage, "mobile-440000") };
        let made = stage.link.create_client(stage.call(&manager), input).await.unwrap();
        for (address, let_in) in [(Some("192.0.2.7"), true), (Some("192.0.2.16"), false), (None, false)] {
            let input = AuthenticateClient {
                address: address.map(|address| address.parse().unwrap()),
                ..credential(made.client.id, made.secret.as_ref().unwrap())
            };
            assert_eq!(stage.authenticate_client(input).await.is_ok(), let_in, "{address:?}");
        }
        let broken =
            CreateClient { allowed_addresses: vec!["everywhere".to_owned()], ..new_client(&stage, "mobile-440000") };
        assert_eq!(rule(stage.link.create_client(stage.call(&manager), broken).await), "client.address");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_twice_makes_one_program_whose_secret_is_shown_once() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let input = new_client(&stage, "mobile-440000");
        let first = stage.link.create_client(stage.keyed(&manager, "make-one-client"), input.clone()).await.unwrap();
        let again = stage.link.create_client(stage.keyed(&manager, "make-one-client"), input.clone()).await.unwrap();
        assert_eq!(first.client, again.client, "{}", stage.store.backend);
        assert!(first.secret.is_some() && again.secret.is_none(), "a secret is shown once");
        let other = CreateClient { label: "另一个".to_owned(), ..input };
        assert_eq!(
            refused(stage.link.create_client(stage.keyed(&manager, "make-one-client"), other).await).code,
            Code::IdempotencyMismatch
        );
        let rotate = RotateClientSecret { client: first.client.id, overlap_minutes: None };
        let rotated =
            stage.link.rotate_client_secret(stage.keyed(&manager, "rotate-once"), rotate.clone()).await.unwrap();
        let repeated = stage.link.rotate_client_secret(stage.keyed(&manager, "rotate-once"), rotate).await.unwrap();
        assert_eq!(rotated.client, repeated.client);
        assert_eq!(repeated.secret, None);
        assert!(stage.authenticate_client(credential(rotated.client.id, &rotated.secret.unwrap())).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_sees_and_makes_its_own_programs_only() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let foreign = stage.demo.client("firm-weixun").unwrap().id;
        let unknown = cordon_context::Id::derived(foreign.uuid(), "unknown");
        assert!(stage.link.clients_by_ids(stage.call(&manager), vec![foreign, unknown]).await.unwrap().is_empty());
        let on_foreign = refused(stage.link.revoke_client(stage.call(&manager), foreign).await);
        assert_eq!(on_foreign, refused(stage.link.revoke_client(stage.call(&manager), unknown).await));
        assert_eq!(on_foreign.code, Code::NotFound, "{}", stage.store.backend);
        assert_eq!(
            refused(stage.link.create_client(stage.call(&manager), new_client(&stage, "firm-weixun")).await).code,
            Code::NotFound
        );
        let security = stage.sign_in("admin.security").await.actor;
        assert_eq!(
            rule(stage.link.create_client(stage.call(&security), new_client(&stage, "police-440300")).await),
            "client.organisation"
        );
        // The negative control.
        assert_eq!(stage.link.clients_by_ids(stage.call(&security), vec![foreign, unknown]).await.unwrap().len(), 1);
    }
}

fn document(text: &str) -> RegisterDocument {
    RegisterDocument { hash: HEXLOWER.encode(&Sha256::digest(text.as_bytes())), text: text.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_belong_to_the_organisation_that_registered_them() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let input = document("query Tasks { tasks(first: 10) { edges { node { id } } } }");
        let registered = stage.link.register_document(stage.call(&manager), input.clone()).await.unwrap();
        assert_eq!(stage.link.register_document(stage.call(&manager), input.clone()).await.unwrap(), registered);
        let key = DocumentKey { organisation: manager.organisation, hash: input.hash.clone() };
        assert_eq!(
            stage.link.document(stage.gateway(), key.clone()).await.unwrap(),
            Some(input.text.clone()),
            "{}",
            stage.store.backend
        );
        assert_eq!(stage.link.document(stage.call(&manager), key.clone()).await.unwrap(), Some(input.text.clone()));
        let other = stage.sign_in("weixun.manager").await.actor;
        assert_eq!(stage.link.document(stage.call(&other), key.clone()).await.unwrap(), None);
        let foreign = DocumentKey { organisation: other.organisation, ..key.clone() };
        assert_eq!(stage.link.document(stage.gateway(), foreign).await.unwrap(), None);
        assert!(stage.link.documents(stage.call(&other), PageRequest::default()).await.unwrap().edges.is_empty());
        assert_eq!(refused(stage.link.withdraw_document(stage.call(&other), registered.id).await).code, Code::NotFound);
        let broken = RegisterDocument { text: "query Other { me { id } }".to_owned(), ..input };
        assert_eq!(rule(stage.link.register_document(stage.call(&manager), broken).await), "document.hash");
        stage.link.withdraw_document(stage.call(&manager), registered.id).await.unwrap();
        assert_eq!(stage.link.document(stage.gateway(), key).await.unwrap(), None);
    }
}
