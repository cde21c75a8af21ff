//! Rows: the only part of this service that knows the database.

pub(crate) mod appeals;
pub(crate) mod calendar;
pub(crate) mod delivery;
pub(crate) mod delivery_dispatch;
pub(crate) mod fields;
pub(crate) mod items;
pub(crate) mod late_reports;
pub(crate) mod notices;
pub(crate) mod numbers;
pub(crate) mod orders;
pub(crate) mod protected;
pub(crate) mod reach;
pub(crate) mod receipts;
pub(crate) mod releases;
pub(crate) mod routing;
pub(crate) mod task_due;
pub(crate) mod task_holds;
pub(crate) mod task_lists;
pub(crate) mod tasks;
pub(crate) mod timeline;

pub(crate) use sea_orm::ConnectionTrait as Connection;
