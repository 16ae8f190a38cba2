//! The page's own 20-px glyphs: 1.5 px stroke, square caps, drawn on whole and half pixels.

use leptos::prelude::*;

/// A glyph by name, decorative: the text beside it carries the meaning. An unknown name draws nothing.
pub fn glyph(name: &'static str) -> AnyView {
    view! { <Glyph name=name /> }.into_any()
}

/// A glyph by name, decorative. `small` is 16 px.
#[component]
pub fn Glyph(name: &'static str, #[prop(optional)] small: bool) -> impl IntoView {
    view! {
        <svg class="glyph" class:small=small viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=path(name) />
        </svg>
    }
}

fn path(name: &str) -> &'static str {
    match name {
        // The rail.
        "home" => "M3 9.5L10 3.5l7 6M5 8.5V16.5h10V8.5M8.5 16.5V12h3v4.5",
        "storage" => "M3 6l7-3 7 3v8l-7 3-7-3zM3 6l7 3 7-3M10 9v8",
        "catalog" => "M4 3h12v14H4zM7 7h6M7 10h6M7 13h4",
        "etl" => "M2 5h5v4H2zM13 11h5v4h-5zM7 7h3v6h3",
        "security" => "M10 2.5l6.5 2.5v5q0 5-6.5 7.5Q3.5 15 3.5 10V5zM7 10l2.2 2.2L13.5 8",
        "activity" => "M3 4h2M8 4h9M3 10h2M8 10h9M3 16h2M8 16h6",
        "bill" => "M4.5 2.5h11v15l-2.75-2-2.75 2-2.75-2-2.75 2zM7.5 6.5h5M7.5 9.5h5M7.5 12.5h3",
        "labs" => "M3 4h14v9H8l-3 3v-3H3z",
        "figures" => "M3 3v14h14M5.5 14l3.5-4 3 2 4.5-6",
        "streams" => "M2 10h16M4 6v8M8 6v8M12 6v8M16 6v8",
        "alarms" => "M5 14.5V9q0-5 5-5t5 5v5.5l1.5 1.5h-13zM8.5 17.5h3M10 2v2",
        // Storage.
        "bucket" => "M3.5 5h13l-2 12h-9zM3.5 5q0-2 6.5-2t6.5 2-6.5 2-6.5-2",
        "folder" => "M2.5 4.5h5l2 2h8v9h-15z",
        "file" => "M5 2.5h6.5l3.5 3.5v11.5H5zM11.5 2.5V6H15",
        "table-file" => "M5 2.5h6.5l3.5 3.5v11.5H5zM11.5 2.5V6H15M7.5 9.5h5M7.5 12h5M7.5 14.5h5M10 9.5v5",
        "upload" => "M10 13.5v-10M6 7l4-4 4 4M3.5 13v3.5h13V13",
        "download" => "M10 3v10M6 9.5l4 4 4-4M3.5 13v3.5h13V13",
        "copy" => "M7 6.5h9.5V17H7zM4 13.5H3.5V3H13v.5",
        "trash" => "M3.5 5.5h13M7.5 5.5v-2h5v2M5 5.5l.8 11.5h8.4L15 5.5M8.5 9v5M11.5 9v5",
        "refresh" => "M15.5 6.5A6.5 6.5 0 1 0 16.5 11M16 3v4h-4",
        "disk" => "M3 5q0-2 7-2t7 2v10q0 2-7 2t-7-2zM3 5q0 2 7 2t7-2M3 10q0 2 7 2t7-2",
        // Security.
        "key" => "M6.5 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M10 10h7.5v4M14 10v3",
        "user" => "M10 3a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M3.5 17q0-4.5 6.5-4.5t6.5 4.5",
        "role" => "M4 3h12v14H4zM10 6a2 2 0 1 0 0 4a2 2 0 1 0 0-4M6.5 14.5q0-2.5 3.5-2.5t3.5 2.5",
        "policy" => "M5 2.5h6.5l3.5 3.5v11.5H5zM11.5 2.5V6H15M7.5 9.5h5M7.5 12h5M7.5 14.5h3",
        // Acts.
        "plus" => "M10 4v12M4 10h12",
        "minus" => "M4 10h12",
        "close" => "M5 5l10 10M15 5L5 15",
        "check" => "M4 10.5l4 4 8-9",
        "warn" => "M10 3L18 16.5H2zM10 8v4M10 14v.3",
        "search" => "M8.5 3.5a5 5 0 1 0 0 10a5 5 0 1 0 0-10M12.2 12.2L17 17",
        "left" => "M12 4l-6 6 6 6",
        "right" => "M8 4l6 6-6 6",
        "up" => "M4 12l6-6 6 6",
        "down" => "M4 8l6 6 6-6",
        "more" => "M4 10h.3M10 10h.3M16 10h.3",
        "play" => "M6 4l10 6-10 6z",
        "pause" => "M6.5 4v12M13.5 4v12",
        "to-start" => "M13 4l-6 6 6 6M4.5 4v12",
        "to-end" => "M7 4l6 6-6 6M15.5 4v12",
        "dice" => "M3.5 3.5h13v13h-13zM7 7h.3M13 7h.3M10 10h.3M7 13h.3M13 13h.3",
        "stop" => "M5 5h10v10H5z",
        "undo" => "M7 4L3.5 7.5 7 11M4 7.5h8a4 4 0 0 1 0 8H8",
        "redo" => "M13 4l3.5 3.5L13 11M16 7.5H8a4 4 0 0 0 0 8h4",
        "edit" => "M4 16l1-4 8.5-8.5 3 3L8 15z",
        "link" => "M8 12l4-4M7 9l-2.5 2.5a2.8 2.8 0 0 0 4 4L11 13M13 11l2.5-2.5a2.8 2.8 0 0 0-4-4L9 7",
        "info" => "M10 2.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15M10 9v5M10 6v.3",
        "keyboard" => "M2.5 5h15v10h-15zM5.5 8h.3M8.5 8h.3M11.5 8h.3M14.5 8h.3M5.5 10.5h.3M14.5 10.5h.3M8 12.5h4",
        "sun" => "M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M10 2.5v1M10 16.5v1M2.5 10h1M16.5 10h1M4.7 4.7l.7.7M14.6 14.6l.7.7M4.7 15.3l.7-.7M14.6 5.4l.7-.7",
        "moon" => "M16 11.5A6.5 6.5 0 0 1 8.5 4 6.5 6.5 0 1 0 16 11.5z",
        "auto" => "M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14M10 3v14M12.5 6v8M15 8v4",
        // Nodes of a job.
        "s3-source" => "M15 3H9a7 7 0 000 14h6z",
        "catalog-source" => "M15 3H9a7 7 0 000 14h6zM9 8h6M9 12h6",
        "s3-target" => "M5 3h6a7 7 0 010 14H5z",
        "filter" => "M3 4h14l-5 6v6l-4-2v-4z",
        "drop-fields" => "M4 3v14M9 3v14M14 3l3 14M17 3l-3 14",
        "select-fields" => "M4 3v14M9 3v14M13.5 10.5l2 2.5 3-6",
        "rename-field" => "M3 5h7M3 10h4M3 15h3M9 16l.8-3 6-6 2.2 2.2-6 6z",
        "change-schema" => "M3 5h6M3 10h6M3 15h6M12 5h5M12 15h5M12 10h5M9 5l3 5M9 10l3-5",
        "union" => "M3 4h4q3 0 3 3v6q0 3 3 3h4M3 16h4q3 0 3-3",
        "drop-duplicates" => "M4 5h7v7H4zM8 9h8v7H8z",
        _ => "",
    }
}

/// The mark: a rail that passes a gate.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <svg class="mark" width="26" height="20" viewBox="0 0 26 20" fill="none" stroke-width="2" aria-hidden="true" focusable="false">
            <path d="M1 4h7q3 0 4 3l2 6q1 3 4 3h7" stroke="var(--accent)" />
            <path d="M13 1v18" stroke="var(--ink)" stroke-width="2.5" />
            <circle cx="13" cy="10" r="2.6" fill="var(--surface)" stroke="var(--ink)" />
        </svg>
    }
}
