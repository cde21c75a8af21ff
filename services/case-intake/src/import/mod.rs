//! Reading files of reports: what a file is, its rows one by one, and the file that names the broken ones. Nothing is stored here.

mod csv_file;
pub(crate) mod error_file;
mod header;
pub(crate) mod inspect;
pub(crate) mod refusal;
pub(crate) mod rows;
mod xlsx_file;
mod zip_guard;
