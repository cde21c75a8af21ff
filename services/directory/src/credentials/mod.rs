//! Passwords, one-time codes and random tokens: making them, checking them, and never keeping them.

pub(crate) mod one_time_code;
pub(crate) mod password;
pub(crate) mod token;
