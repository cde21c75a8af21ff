//! The keys with which programs sign.

use cordon_context::{ApiClientId, Code};
use cordon_directory_contract::{
    ApiClient, AuthenticateClient, CreateClient, DirectoryClient as _, Secret, SetClientMessageKeys,
};
use cordon_webhook::SigningKey;

use crate::stage::{Stage, refused, rule, settings, stages};

fn public_key() -> String {
    SigningKey::generate_ed25519().unwrap().receiver_text().to_string()
}

fn set(client: ApiClientId, keys: &[&String]) -> SetClientMessageKeys {
    SetClientMessageKeys { client, keys: keys.iter().map(|key| (*key).clone()).collect() }
}

async fn program(stage: &Stage) -> (ApiClient, Secret) {
    let manager = stage.sign_in("mobile.manager").await.actor;
    let input = CreateClient {
        organisation: stage.organisation("mobile-440000"),
        label: "处置接口".to_owned(),
        valid_days: Some(90),
        allowed_addresses: Vec::new(),
    };
    let made = stage.link.create_client(stage.call(&manager), input).await.unwrap();
    (made.client, made.secret.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_known_with_the_keys_that_its_enterprise_entered() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let (client, secret) = program(&stage).await;
        let keys_of = async || {
            let input = AuthenticateClient { client: client.id, secret: secret.clone(), address: None };
            stage.authenticate_client(input).await.unwrap().message_keys
        };
        assert_eq!(keys_of().await, [""; 0]);
        let (old, new) = (public_key(), public_key());
        for keys in [vec![&old], vec![&old, &new], vec![&new], vec![]] {
            let input = set(client.id, &keys);
            let changed = stage.link.set_client_message_keys(stage.call(&manager), input.clone()).await.unwrap();
            assert_eq!(changed.message_keys, input.keys, "{}", stage.store.backend);
            assert_eq!(keys_of().await, input.keys);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_public_key_is_not_entered() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let (client, _secret) = program(&stage).await;
        let private = SigningKey::generate_ed25519().unwrap().secret_text().to_string();
        let shared = SigningKey::generate_hmac().unwrap().secret_text().to_string();
        let (one, other, third) = (public_key(), public_key(), public_key());
        for (keys, expected) in [
            (vec![&private], "client.message_key"),
            (vec![&shared], "client.message_key"),
            (vec![&String::new()], "client.message_key"),
            (vec![&one, &one], "client.message_key_twice"),
            (vec![&one, &other, &third], "client.message_keys"),
        ] {
            let answer = stage.link.set_client_message_keys(stage.call(&manager), set(client.id, &keys)).await;
            assert_eq!(rule(answer), expected, "{}", stage.store.backend);
        }
        let stored = stage.link.clients_by_ids(stage.call(&manager), vec![client.id]).await.unwrap().remove(0);
        assert_eq!((stored.message_keys, stored.version), (Vec::new(), client.version));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_others_and_of_revoked_programs_stay_as_they_are() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let other = stage.sign_in("weixun.manager").await.actor;
        let (client, _secret) = program(&stage).await;
        let key = public_key();
        let foreign = refused(stage.link.set_client_message_keys(stage.call(&other), set(client.id, &[&key])).await);
        let unknown = cordon_context::Id::derived(client.id.uuid(), "unknown");
        let nowhere = refused(stage.link.set_client_message_keys(stage.call(&other), set(unknown, &[&key])).await);
        assert_eq!((foreign.code, &foreign), (Code::NotFound, &nowhere), "{}", stage.store.backend);
        let duty = stage.sign_in("mobile.duty").await.actor;
        let denied = refused(stage.link.set_client_message_keys(stage.call(&duty), set(client.id, &[&key])).await);
        assert_eq!(denied.code, Code::Denied);
        stage.link.revoke_client(stage.call(&manager), client.id).await.unwrap();
        let late = stage.link.set_client_message_keys(stage.call(&manager), set(client.id, &[&key])).await;
        assert_eq!(rule(late), "client.revoked");
    }
}
