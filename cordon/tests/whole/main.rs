//! The whole program, as users meet it: the main job on both databases, the first-hour guide, and what is refused.

mod case_view;
mod first_hour;
mod journey;
mod ledger;
mod links;
mod operators;
mod production;
mod refusals;
mod support;
mod terminal;
