//! Rules without input or output: who may hold what together, how attempts are counted, where things are routed.

pub(crate) mod addresses;
pub(crate) mod duties;
pub(crate) mod guard;
pub(crate) mod message_keys;
pub(crate) mod names;
pub(crate) mod resets;
pub(crate) mod routing;
pub(crate) mod tree;
