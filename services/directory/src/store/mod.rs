//! Rows of the directory: the only place that knows tables and columns.

pub(crate) mod clients;
pub(crate) mod documents;
pub(crate) mod duties;
pub(crate) mod guards;
pub(crate) mod organisations;
pub(crate) mod people;
pub(crate) mod resets;
pub(crate) mod sessions;
