//! Nobody takes over an account alone: who may take a password or a one-time code away from somebody else.

use std::time::Duration;

use cordon_context::{Bilingual, PersonId, Refusal, Timestamp};

/// What is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    Password,
    Code,
}

impl Credential {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Password => Self::Code,
            Self::Code => Self::Password,
        }
    }
}

/// Somebody at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) by: PersonId,
    pub(crate) at: Timestamp,
}

/// What happened to one credential of a person last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) asked: Option<Act>,
    pub(crate) done: Option<Act>,
}

/// A reset that somebody wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) now: Act,
    /// Whether the person administers, secures or audits the platform.
    pub(crate) administrative: bool,
    /// Whether nothing else keeps the account: whoever makes a new password for it can sign in.
    pub(crate) bare: bool,
    /// For how long the two resets of a person are one story.
    pub(crate) together: Duration,
}

/// What a wanted reset comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is carried out.
    Done,
    /// It waits for a second person who wants the same.
    Asked,
}

/// Decides about a reset; `past` is what happened to the credential, `other` what happened to the person's other one.
pub(crate) fn decide(wanted: &Wanted, past: &Past, other: &Past) -> Result<Step, Refusal> {
    let Wanted { now, administrative, bare, together } = *wanted;
    let recent = |act: Option<Act>| act.filter(|act| now.at < act.at.plus(together));
    if recent(other.done).is_some_and(|other| other.by == now.by) {
        return Err(Refusal::rule(
            "credential.two_people",
            Bilingual::new(
                "同一账号的密码与动态口令不得由同一人先后重置，请由另一名管理员办理",
                "who has reset the password does not remove the code of the same account, nor the other way round; another administrator has to",
            ),
        ));
    }
    let another = |act: Option<Act>| recent(act).is_some_and(|act| act.by != now.by);
    let enough = if administrative {
        another(past.asked)
    } else {
        // Whoever took the other credential away was the first of two.
        !bare || another(past.asked) || another(other.done)
    };
    Ok(if enough { Step::Done } else { Step::Asked })
}

/// The answer while a second administrator is waited for.
pub(crate) fn waits_for_another() -> Refusal {
    Refusal::rule(
        "credential.second_administrator",
        Bilingual::new(
            "已登记；该人员担任管理职责或未启用动态口令，须由另一名安全管理员办理同一操作后生效",
            "noted; this person administers the platform or has no one-time code, so a second security administrator has to ask for the same",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOGETHER: Duration = Duration::from_hours(7 * 24);

    fn act(by: u128, hours: u64) -> Act {
        let person = PersonId::from_uuid(uuid::Uuid::from_u128(by));
        Act { by: person, at: Timestamp::from_millis(0).plus(Duration::from_hours(hours)) }
    }

    fn wanted(by: u128, hours: u64, administrative: bool) -> Wanted {
        Wanted { now: act(by, hours), administrative, bare: false, together: TOGETHER }
    }

    fn bare(by: u128, hours: u64) -> Wanted {
        Wanted { bare: true, ..wanted(by, hours, false) }
    }

    #[test]
    fn one_person_does_not_reset_both_within_the_time() {
        let other = Past { asked: None, done: Some(act(1, 0)) };
        let refused = decide(&wanted(1, 167, false), &Past::default(), &other).unwrap_err();
        assert_eq!(refused.rule.as_deref(), Some("credential.two_people"));
        // The negative controls: somebody else, and the same one later.
        assert_eq!(decide(&wanted(2, 1, false), &Past::default(), &other), Ok(Step::Done));
        assert_eq!(decide(&wanted(1, 168, false), &Past::default(), &other), Ok(Step::Done));
        // The same reset once more is the same story.
        assert_eq!(decide(&wanted(1, 1, false), &other, &Past::default()), Ok(Step::Done));
    }

    #[test]
    fn an_account_that_only_its_password_keeps_is_reset_by_two() {
        let none = Past::default();
        assert_eq!(decide(&bare(1, 0), &none, &none), Ok(Step::Asked));
        let asked = Past { asked: Some(act(1, 0)), done: None };
        assert_eq!(decide(&bare(1, 1), &asked, &none), Ok(Step::Asked), "asking twice is not two people");
        assert_eq!(decide(&bare(2, 1), &asked, &none), Ok(Step::Done));
        assert_eq!(decide(&bare(2, 168), &asked, &none), Ok(Step::Asked), "an old wish counts no more");
        // Two people are at it also where the first has removed the code; alone, nobody does both, however long they wait.
        let removed = Past { asked: None, done: Some(act(1, 0)) };
        assert_eq!(decide(&bare(2, 1), &none, &removed), Ok(Step::Done));
        assert!(decide(&bare(1, 1), &none, &removed).is_err());
        assert_eq!(decide(&bare(1, 168), &none, &removed), Ok(Step::Asked));
        // The negative control: an account with a code.
        assert_eq!(decide(&wanted(1, 0, false), &none, &none), Ok(Step::Done));
    }

    #[test]
    fn an_administrator_is_reset_by_two() {
        let none = Past::default();
        assert_eq!(decide(&wanted(1, 0, true), &none, &none), Ok(Step::Asked));
        let asked = Past { asked: Some(act(1, 0)), done: None };
        assert_eq!(decide(&wanted(1, 1, true), &asked, &none), Ok(Step::Asked), "asking twice is not two people");
        assert_eq!(decide(&wanted(2, 1, true), &asked, &none), Ok(Step::Done));
        assert_eq!(decide(&wanted(2, 168, true), &asked, &none), Ok(Step::Asked), "an old wish counts no more");
    }
}
