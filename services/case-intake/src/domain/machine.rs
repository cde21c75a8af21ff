//! State machines as data: a table of what may follow what, and one function that reads it.

use cordon_context::{Bilingual, Refusal};

use super::words::Spoken;

/// One line of a table: in the state `from`, the step `by` leads to `to`.
pub(crate) type Transition<S, T> = (S, T, S);

/// The state that a step leads to, or nothing if the table has no such line.
pub(crate) fn follow<S: Copy + PartialEq, T: Copy + PartialEq>(
    table: &[Transition<S, T>],
    from: S,
    by: T,
) -> Option<S> {
    table.iter().find(|(start, step, _)| *start == from && *step == by).map(|(_, _, end)| *end)
}

/// Refuses a step that the table does not have.
pub(crate) fn refused(rule: &'static str, from: impl Spoken, by: impl Spoken) -> Refusal {
    let ((from_zh, from_en), (by_zh, by_en)) = (from.words(), by.words());
    Refusal::rule(
        rule,
        Bilingual::new(
            format!("当前状态“{from_zh}”不允许执行“{by_zh}”"),
            format!("in the state \"{from_en}\" the step \"{by_en}\" is not possible"),
        ),
    )
}

/// Checks a table against a reference model that was written apart from it, over random walks.
#[cfg(test)]
pub(crate) mod check {
    use std::fmt::Debug;

    use super::{Transition, follow};

    /// Walks from `start` along `steps`; at every place table and model agree, and a refused step changes nothing.
    pub(crate) fn walk<S: Copy + PartialEq + Debug, T: Copy + PartialEq + Debug>(
        table: &[Transition<S, T>],
        start: S,
        steps: &[T],
        model: impl Fn(S, T) -> Option<S>,
    ) -> S {
        let mut at = start;
        for step in steps {
            let next = follow(table, at, *step);
            assert_eq!(next, model(at, *step), "from {at:?} by {step:?}");
            at = next.unwrap_or(at);
        }
        at
    }

    /// A table has at most one line for a state and a step, and every state but the first can be reached.
    pub(crate) fn is_sound<S: Copy + PartialEq + Debug, T: Copy + PartialEq + Debug>(
        table: &[Transition<S, T>],
        start: S,
        all: &[S],
    ) {
        for (index, (from, step, _)) in table.iter().enumerate() {
            assert!(
                !table[index + 1..].iter().any(|(f, s, _)| f == from && s == step),
                "two lines for {from:?} by {step:?}"
            );
        }
        let mut reached = vec![start];
        while let Some((_, _, to)) = table.iter().find(|(from, _, to)| reached.contains(from) && !reached.contains(to))
        {
            reached.push(*to);
        }
        for state in all {
            assert!(reached.contains(state), "{state:?} cannot be reached");
        }
    }
}

#[cfg(test)]
mod tests {
    use cordon_case_intake_contract::ClueQueryStatus;

    use super::super::clue_query::Step;
    use super::refused;

    #[test]
    fn a_step_that_does_not_follow_is_refused_in_the_words_of_either_language() {
        let text = refused("clue_query.transition", ClueQueryStatus::PartlyAnswered, Step::Issue).text;
        assert_eq!(text.zh, "当前状态“部分答复”不允许执行“下发”");
        assert_eq!(text.en, "in the state \"partly answered\" the step \"issue\" is not possible");
    }
}
