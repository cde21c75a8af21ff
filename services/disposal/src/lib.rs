//! Orders and their tasks, from the draft to the confirmed release: who may move what, by when, to whom it goes and how it
//! gets there.
//!
//! This crate must not know how reports are extracted, who holds which role, or any web framework; rows stay in `store`.

pub mod delivery;
mod domain;
mod jobs;
mod neighbours;
pub mod routing;
mod rpc;
mod service;
mod settings;
mod store;
mod use_cases;

pub use domain::deadlines::{Deadlines, PerUrgency};
pub use domain::measures::{MeasureTable, MeasureTableError};
pub use neighbours::{LinkedNeighbours, Neighbours, Organ, Routes, Superiors};
pub use service::{Disposal, Parts, build};
pub use settings::DisposalSettings;
