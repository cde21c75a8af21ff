//! The whole policy as a text that a reviewer reads: who may do what in the own and in a foreign organisation.

use std::fmt::Write as _;

use cordon_context::{
    Action, Actor, ActorKind, OrganisationId, OrganisationKind, OrganisationLevel, PersonId, Reach, Region, Resource,
    Role, Scope, SessionId,
};

use crate::{Authorizer, PolicyError, fits};

/// How an object relates to the actor; the columns of the matrix.
const RELATIONS: [&str; 4] = ["own", "addr", "area", "else"];

/// Writes the matrix of the policy that is part of the program.
///
/// Each cell holds the actions allowed on an object that belongs to the actor's organisation (`own`), is addressed to it
/// (`addr`), lies in its region (`area`), or has nothing to do with it (`else`).
pub fn matrix() -> Result<String, PolicyError> {
    let authorizer = Authorizer::embedded()?;
    let mut text = String::from(
        "# Generated from policy.csv by `cargo xtask gen`; do not edit.\n\
         # Letters: r read, c create, m modify, a approve, x execute, v verify, d decide, e reveal.\n\
         # Columns: an object of the own organisation, addressed to it, in its region, of a foreign organisation elsewhere.\n\
         # A case in which the organisation takes part, wherever it lies, adds what stands behind `case`.\n",
    );
    for role in Role::ALL.iter().copied() {
        let _infallible = writeln!(text, "\n[{role}]\n{:<20}own       addr      area      else", "");
        let actor = actor_of(role);
        for resource in Resource::ALL.iter().copied() {
            let cells = RELATIONS.map(|relation| letters(&authorizer, &actor, resource, relation));
            let case = letters(&authorizer, &actor, resource, "case");
            let mut line = format!("{:<20}", resource.name());
            for cell in &cells {
                let _infallible = write!(line, "{:<10}", if cell.is_empty() { "." } else { cell });
            }
            if !case.is_empty() && !cells.first().is_some_and(|own| *own == case && cells.last() == Some(&case)) {
                let _infallible = write!(line, "case {case}");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    Ok(text)
}

fn letters(authorizer: &Authorizer, actor: &Actor, resource: Resource, relation: &str) -> String {
    let pairs = [
        (Action::Read, 'r'),
        (Action::Create, 'c'),
        (Action::Modify, 'm'),
        (Action::Approve, 'a'),
        (Action::Execute, 'x'),
        (Action::Verify, 'v'),
        (Action::Decide, 'd'),
        (Action::Reveal, 'e'),
    ];
    let reached = |scope: &Scope| {
        scope.reaches().iter().any(|reach| match reach {
            Reach::All => true,
            // What the own organisation holds lies in its region too.
            Reach::Region(_) | Reach::Instructed(_) => matches!(relation, "own" | "area"),
            Reach::Organisation(_) => relation == "own",
            Reach::Addressed(_) => relation == "addr",
            Reach::OwnCase(_) => relation == "case",
        })
    };
    let allowed = pairs.iter().filter(|(action, _letter)| reached(&authorizer.scope(actor, *action, resource)));
    allowed.map(|(_action, letter)| letter).collect()
}

/// An invented actor who holds one role in an organisation in which it can be held.
pub(crate) fn actor_of(role: Role) -> Actor {
    let nobody = uuid::Uuid::nil();
    let person = ActorKind::Person { person: PersonId::from_uuid(nobody), session: SessionId::from_uuid(nobody) };
    let mut actor = Actor {
        kind: person,
        organisation: OrganisationId::from_uuid(nobody),
        organisation_kind: OrganisationKind::Police,
        level: OrganisationLevel::City,
        region: Region::COUNTRY,
        branches: Vec::new(),
        roles: vec![role],
    };
    if role == Role::System {
        return Actor::system("matrix");
    }
    let kinds = [
        OrganisationKind::Police,
        OrganisationKind::CommAuthority,
        OrganisationKind::Ministry,
        OrganisationKind::PlatformOperator,
        OrganisationKind::CarrierBranch,
        OrganisationKind::CarrierGroup,
    ];
    if let Some(kind) = kinds.into_iter().find(|kind| fits(role, *kind)) {
        actor.organisation_kind = kind;
    }
    actor
}
