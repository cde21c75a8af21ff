use super::*;
use crate::engine::evaluations;
use crate::matrix::actor_of;

fn refused(text: &str) -> PolicyError {
    evaluate(text).err().expect("this policy must be refused")
}

#[test]
fn the_embedded_policy_passes_and_every_role_has_rows() {
    let authorizer = Authorizer::embedded().unwrap();
    for role in Role::ALL.iter().copied() {
        let any = Resource::ALL.iter().any(|resource| {
            Action::ALL.iter().any(|action| !authorizer.scope(&actor_of(role), *action, *resource).is_nothing())
        });
        assert!(any, "{role} may do nothing at all");
    }
}

#[test]
fn the_table_says_what_casbin_says_about_every_combination() {
    let rows = row::read(EMBEDDED).unwrap();
    let engine = Engine::new(&rows).unwrap();
    let table = Table::evaluate(&engine, &rows);
    let mut asked = 0;
    for role in Role::ALL.iter().copied() {
        for resource in Resource::ALL.iter().copied() {
            for action in Action::ALL.iter().copied() {
                for scope in ScopeWord::ALL.iter().copied() {
                    let naive = engine.allows([role.name(), resource.name(), action.name(), scope.name()]);
                    let fast = table.scopes(role, resource, action).any(|word| word == scope);
                    assert_eq!(naive, fast, "{role} {resource} {action} {}", scope.name());
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(asked, Role::ALL.len() * Resource::ALL.len() * Action::ALL.len() * ScopeWord::ALL.len());
}

#[test]
fn empty_half_and_malformed_policies_are_refused() {
    assert!(matches!(refused(""), PolicyError::Malformed(RowError::Empty)));
    let half: String = EMBEDDED.lines().take(EMBEDDED.lines().count() / 2).map(|line| format!("{line}\n")).collect();
    assert!(matches!(refused(&half), PolicyError::SelfTest(_)));
    assert!(matches!(refused(&format!("{EMBEDDED}\np, auditor, order")), PolicyError::Malformed(RowError::Form(_))));
    assert!(matches!(
        refused(&format!("{EMBEDDED}\np, root, order, read, all")),
        PolicyError::Malformed(RowError::Role(_))
    ));
    assert!(matches!(refused(&format!("{EMBEDDED}\np, , , , ")), PolicyError::Malformed(_)));
}

#[test]
fn a_policy_that_breaks_a_separation_of_duties_is_refused() {
    for row in [
        "p, auditor, order, read, all",
        "p, system_admin, report, read, all",
        "p, system_admin, role_assignment, create, all",
        "p, security_admin, case, read, all",
        "p, police_handler, order, approve, region",
        "p, regulator_officer, clue_query, approve, region",
        "p, enterprise_duty, task, execute, all",
        "p, enterprise_manager, order, read, region",
        "p, system, appeal, decide, all",
        "p, ministry_commander, ledger, read, all",
    ] {
        assert!(matches!(refused(&format!("{EMBEDDED}\n{row}")), PolicyError::SelfTest(_)), "{row}");
    }
    for row in ["p, police_approver, order, approve, instructed", "p, auditor, ledger, read, all"] {
        assert!(matches!(refused(&EMBEDDED.replace(row, "")), PolicyError::SelfTest(_)), "without {row}");
    }
}

#[test]
fn the_digest_names_the_table_that_was_loaded_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("policy.csv");
    fs::write(&file, EMBEDDED).unwrap();
    let embedded = Authorizer::embedded().unwrap();
    let same = Authorizer::load(Some(directory.path())).unwrap();
    assert_eq!(same.digest(), embedded.digest());

    fs::write(&file, EMBEDDED.replace("p, police_handler, report, reveal, region\n", "")).unwrap();
    let other = Authorizer::load(Some(directory.path())).unwrap();
    let handler = actor_of(Role::PoliceHandler);
    assert!(other.scope(&handler, Action::Reveal, Resource::Report).is_nothing());
    // The negative control: another table has another name.
    assert_ne!(other.digest(), embedded.digest());
    assert_eq!(other.digest(), &HEXLOWER.encode(&Sha256::digest(fs::read(&file).unwrap()))[..DIGEST_LENGTH]);

    fs::remove_file(&file).unwrap();
    assert!(matches!(Authorizer::load(Some(directory.path())), Err(PolicyError::Unreadable(_))));
}

#[test]
fn a_model_beside_the_table_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("policy.csv"), EMBEDDED).unwrap();
    fs::write(directory.path().join("model.conf"), crate::engine::MODEL).unwrap();
    assert!(matches!(Authorizer::load(Some(directory.path())), Err(PolicyError::ModelNotReplaceable)));
}

#[test]
fn a_role_in_the_wrong_kind_of_organisation_gives_nothing() {
    let authorizer = Authorizer::embedded().unwrap();
    let mut actor = actor_of(Role::PoliceApprover);
    assert!(!authorizer.scope(&actor, Action::Approve, Resource::Order).is_nothing());
    actor.organisation_kind = cordon_context::OrganisationKind::InternetFirm;
    assert!(authorizer.scope(&actor, Action::Approve, Resource::Order).is_nothing());
    actor.roles = vec![Role::System];
    assert!(authorizer.scope(&actor, Action::Create, Resource::Task).is_nothing());
    actor.roles.clear();
    assert!(authorizer.scope(&actor, Action::Read, Resource::Organisation).is_nothing());
}

#[test]
fn branches_are_reached_through_what_is_addressed_to_them() {
    let authorizer = Authorizer::embedded().unwrap();
    let mut actor = actor_of(Role::GroupReviewer);
    let branch = cordon_context::OrganisationId::new(cordon_context::Timestamp::from_millis(5));
    actor.branches = vec![branch];
    let scope = authorizer.scope(&actor, Action::Read, Resource::Task);
    assert_eq!(scope.reaches(), [cordon_context::Reach::Addressed(vec![actor.organisation, branch])]);
}

#[test]
fn a_decision_is_a_look_up() {
    let authorizer = Authorizer::embedded().unwrap();
    let before = evaluations::asked();
    assert!(before > 0, "the engine is asked while the policy is loaded");
    for role in Role::ALL.iter().copied() {
        let actor = actor_of(role);
        for resource in Resource::ALL.iter().copied() {
            for action in Action::ALL.iter().copied() {
                authorizer.scope(&actor, action, resource);
            }
        }
    }
    assert_eq!(evaluations::asked(), before, "and never again");
    // The negative control: who does ask it is counted.
    let engine = Engine::new(&row::read(EMBEDDED).unwrap()).unwrap();
    assert!(!engine.allows(["police_handler", "ledger", "decide", "all"]));
    assert_eq!(evaluations::asked(), before + 1);
}
