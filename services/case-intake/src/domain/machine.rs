//! State machines as data: a table of what may follow what, and one function that reads it.

use cordon_context::{Bilingual, Refusal};

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
pub(crate) fn refused(rule: &'static str, from: &str, by: &str) -> Refusal {
    Refusal::rule(
        rule,
        Bilingual::new(
            format!("当前状态“{from}”不允许执行“{by}”"),
            format!("in the state {from} the step {by} is not possible"),
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
