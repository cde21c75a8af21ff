//! Rules of case intake: what may follow what, when it is due, what repeats what, what is shown. No input, no output, no waiting.

pub(crate) mod bulletin;
pub(crate) mod case;
pub(crate) mod clue;
pub(crate) mod clue_query;
pub(crate) mod content;
pub(crate) mod fingerprint;
mod machine;
pub(crate) mod mask;
pub(crate) mod numbering;
pub(crate) mod report;
pub(crate) mod row;
pub(crate) mod text;
mod words;
