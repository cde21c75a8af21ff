//! Rules without input or output: state machines, numbers, deadlines, texts.

pub(crate) mod appeal_machine;
pub(crate) mod content_hash;
pub(crate) mod deadlines;
pub(crate) mod measures;
pub(crate) mod notice_text;
pub(crate) mod numbers;
pub(crate) mod order_machine;
pub(crate) mod order_state;
pub(crate) mod rules;
pub(crate) mod task_machine;
