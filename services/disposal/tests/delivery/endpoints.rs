//! Where messages go: keys, addresses, what is switched off, and who reaches them.

use std::time::Duration;

use cordon_context::{CallContext, Clock as _, Code, OrganisationKind, OrganisationLevel, PageRequest, Role};
use cordon_disposal::delivery::DeliverySettings;
use cordon_disposal_contract::delivery::{
    AttemptOutcome, ChangeEndpoint, CreateEndpoint, DELIVERY_EXHAUSTED, DeliveryClient, DisabledReason, DispatchFilter,
    DispatchState, ENDPOINT_DISABLED, EndpointFilter, EndpointState, MessageKind, Replay, RotateEndpointKey,
    SignatureKind,
};
use cordon_rpc::refusal_of;
use cordon_testkit::{actor, call, keyed_call};
use serde_json::Value;

use crate::receiver::{Receiver, Vice};
use crate::stage::*;

#[tokio::test]
async fn an_endpoint_that_is_gone_is_switched_off_and_its_owner_is_told() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(410)).await;
        let endpoint = stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await.endpoint;
        stage.publish(&assigned("carrier")).await;
        stage.delivery.run_due().await.unwrap();
        let [found] = stage.link.endpoints_by_ids(call(&who), vec![endpoint.id]).await.unwrap().try_into().unwrap();
        assert_eq!((found.state, found.disabled_reason), (EndpointState::Disabled, Some(DisabledReason::Gone)));
        assert_eq!(stage.told(ENDPOINT_DISABLED).await.len(), 1);
        stage.clock.advance(Duration::from_hours(1));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 0);
        let test = stage.link.test_endpoint(call(&who), endpoint.id).await.unwrap_err();
        assert_eq!(refusal_of(&test).rule.as_deref(), Some("endpoint.disabled"));

        receiver.turn(Vice::Status(200));
        let on = ChangeEndpoint {
            endpoint: endpoint.id,
            version: found.version,
            label: None,
            url: None,
            kinds: None,
            enabled: Some(true),
        };
        stage.link.change_endpoint(call(&who), on.clone()).await.unwrap();
        let stale = stage.link.change_endpoint(call(&who), on).await.unwrap_err();
        assert_eq!(refusal_of(&stale).code, Code::Conflict);
        assert_eq!(stage.delivery.run_due().await.unwrap(), 1);
        assert_eq!(stage.dispatches(&who).await[0].state, DispatchState::Delivered);
    }
}

#[tokio::test]
async fn both_keys_sign_while_one_replaces_the_other_and_secrets_are_shown_once() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(200)).await;
        let input = CreateEndpoint {
            label: "x".to_owned(),
            url: format!("http://127.0.0.1:{}/hook", receiver.port),
            kinds: vec![MessageKind::TaskAssigned],
            signature: SignatureKind::Hmac,
        };
        let keyed = keyed_call(&who, "create-endpoint-1");
        let first = stage.link.create_endpoint(keyed.clone(), input.clone()).await.unwrap();
        let again = stage.link.create_endpoint(keyed, input).await.unwrap();
        assert_eq!((again.endpoint.id, again.secret), (first.endpoint.id, None));
        let old = first.secret.unwrap();
        let rotate = RotateEndpointKey {
            endpoint: first.endpoint.id,
            signature: Some(SignatureKind::Ed25519),
            overlap_hours: Some(2),
        };
        stage.clock.advance(Duration::from_secs(1));
        let rotated = stage.link.rotate_endpoint_key(call(&who), rotate).await.unwrap();
        let new = rotated.secret.unwrap();
        assert_eq!(rotated.endpoint.keys.len(), 2);
        assert_eq!(rotated.endpoint.keys[0].public.as_deref(), Some(new.as_str()));
        assert_eq!(rotated.endpoint.keys[1].public, None);

        stage.publish(&assigned("carrier")).await;
        stage.delivery.run_due().await.unwrap();
        stage.clock.advance(Duration::from_hours(3));
        stage.publish(&assigned("carrier")).await;
        stage.delivery.run_due().await.unwrap();
        let [during, after] = receiver.seen().try_into().unwrap();
        let then = stage.clock.now().minus(Duration::from_hours(3));
        check(&during, &old, then).unwrap();
        check(&during, &new, then).unwrap();
        check(&after, &new, stage.clock.now()).unwrap();
        assert!(check(&after, &old, stage.clock.now()).is_err(), "the old key has retired");

        // Neither secret lies readable in any row or file.
        if stage.database.backend == "sqlite" {
            let path = stage.database.settings.url.trim_start_matches("sqlite:").to_owned();
            for file in [path.clone(), format!("{path}-wal")] {
                let bytes = std::fs::read(&file).unwrap_or_default();
                let encoded = old.trim_start_matches("whsec_").as_bytes();
                assert!(!bytes.windows(encoded.len()).any(|window| window == encoded), "{file}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_reaches_the_endpoints_of_another_enterprise() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let (own, foreign) = (manager("carrier"), manager("rival"));
        let receiver = Receiver::start(Vice::Status(200)).await;
        let endpoint = stage.endpoint(&own, receiver.port, SignatureKind::Hmac).await.endpoint;
        stage.publish(&assigned("carrier")).await;
        let dispatch = stage.dispatches(&own).await[0].id;
        let unknown = cordon_context::EndpointId::new(stage.clock.now());
        let ctx: CallContext = call(&foreign);
        let change = |endpoint| ChangeEndpoint {
            endpoint,
            version: 1,
            label: Some("x".into()),
            url: None,
            kinds: None,
            enabled: None,
        };
        let rotate = |endpoint| RotateEndpointKey { endpoint, signature: None, overlap_hours: None };
        for endpoint in [endpoint.id, unknown] {
            let refusals = [
                refusal_of(&stage.link.change_endpoint(ctx.clone(), change(endpoint)).await.unwrap_err()),
                refusal_of(&stage.link.rotate_endpoint_key(ctx.clone(), rotate(endpoint)).await.unwrap_err()),
                refusal_of(&stage.link.remove_endpoint(ctx.clone(), endpoint).await.unwrap_err()),
                refusal_of(&stage.link.test_endpoint(ctx.clone(), endpoint).await.unwrap_err()),
            ];
            assert!(refusals.iter().all(|refusal| *refusal == cordon_context::Refusal::not_found()), "{refusals:?}");
        }
        let replay = stage.link.replay(ctx.clone(), Replay::One { dispatch }).await.unwrap_err();
        assert_eq!(refusal_of(&replay), cordon_context::Refusal::not_found());
        assert!(stage.link.endpoints_by_ids(ctx.clone(), vec![endpoint.id]).await.unwrap().is_empty());
        assert!(stage.link.dispatches_by_ids(ctx.clone(), vec![dispatch]).await.unwrap().is_empty());
        assert!(stage.link.attempts_of_dispatches(ctx.clone(), vec![dispatch]).await.unwrap().is_empty());
        let counted = PageRequest { count: true, ..PageRequest::default() };
        let list = stage.link.list_endpoints(ctx.clone(), EndpointFilter::default(), counted.clone()).await.unwrap();
        assert_eq!((list.edges.len(), list.total), (0, Some(0)));
        let log = stage.link.list_dispatches(ctx, DispatchFilter::default(), counted.clone()).await.unwrap();
        assert_eq!((log.edges.len(), log.total), (0, Some(0)));

        let level = OrganisationLevel::Province;
        let regulator = |region| {
            actor("officer", "authority", OrganisationKind::CommAuthority, level, region, &[Role::RegulatorOfficer])
        };
        let seen = async |region| {
            let filter = EndpointFilter::default();
            stage.link.list_endpoints(call(&regulator(region)), filter, counted.clone()).await.unwrap().edges.len()
        };
        assert_eq!((seen("440000").await, seen("430000").await), (1, 0));
        let police = actor(
            "handler",
            "police",
            OrganisationKind::Police,
            OrganisationLevel::City,
            "440300",
            &[Role::PoliceHandler],
        );
        let input = CreateEndpoint {
            label: "x".into(),
            url: "https://x.example.com/".into(),
            kinds: vec![],
            signature: SignatureKind::Hmac,
        };
        let denied = stage.link.create_endpoint(call(&police), input).await.unwrap_err();
        assert_eq!(refusal_of(&denied).code, Code::Denied);
    }
}

#[tokio::test]
async fn addresses_inside_are_refused_when_they_are_entered() {
    let stage = stages(DeliverySettings::default(), 2_000).await.remove(0);
    let who = manager("carrier");
    for (url, rule) in [
        ("http://hooks.example.com/", "endpoint.blocked.not_loopback"),
        ("https://10.0.0.1/", "endpoint.blocked.address"),
        ("https://[::ffff:10.0.0.1]/", "endpoint.blocked.address"),
        ("https://169.254.169.254/", "endpoint.blocked.address"),
        ("https://user@hooks.example.com/", "endpoint.blocked.user_info"),
        ("file:///etc/passwd", "endpoint.blocked.scheme"),
    ] {
        let input =
            CreateEndpoint { label: "x".into(), url: url.into(), kinds: vec![], signature: SignatureKind::Hmac };
        match stage.link.create_endpoint(call(&who), input).await {
            Err(error) => assert_eq!(refusal_of(&error).rule.as_deref(), Some(rule), "{url}"),
            // With every port of this machine open for the test, port 80 stands for this machine too and is refused when it is called.
            Ok(created) => {
                assert_eq!(url, "http://hooks.example.com/");
                let tried = stage.link.test_endpoint(call(&who), created.endpoint.id).await.unwrap();
                assert_eq!(tried.outcome, AttemptOutcome::Failed);
            }
        }
    }
}

#[tokio::test]
async fn a_test_message_is_posted_at_once_and_never_again() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(200)).await;
        let credential = stage.endpoint(&who, receiver.port, SignatureKind::Ed25519).await;
        let good = stage.link.test_endpoint(call(&who), credential.endpoint.id).await.unwrap();
        assert_eq!((good.outcome, good.status), (AttemptOutcome::Accepted, Some(200)));
        receiver.turn(Vice::Status(401));
        let bad = stage.link.test_endpoint(call(&who), credential.endpoint.id).await.unwrap();
        assert_eq!((bad.outcome, bad.status), (AttemptOutcome::Refused, Some(401)));
        stage.clock.advance(Duration::from_hours(1));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 0);
        let seen = receiver.seen();
        check(&seen[0], &credential.secret.unwrap(), good.at).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&seen[0].body).unwrap()["type"], "endpoint.test");
        assert!(stage.told(DELIVERY_EXHAUSTED).await.is_empty());
    }
}
