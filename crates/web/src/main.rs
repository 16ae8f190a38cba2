//! The page: screens over the account that its worker holds.
//!
//! Belongs here: what must answer within a keystroke (documents, their validation and geometry), views, the browser.
//! Does not belong here: the account itself, object bytes, arrow.

mod activity;
mod alarms;
mod app;
mod bill;
mod catalog;
mod components;
mod delivery;
mod editor;
mod figures;
mod flink;
mod format;
mod grid;
mod home;
mod host;
mod keys;
mod labs;
mod router;
mod screens;
mod security;
mod settings;
mod storage;
mod streams;
mod timebar;

fn main() {
    host::report_panics();
    leptos::mount::mount_to_body(app::App);
}
