//! The root: host, router, theme, and the shell with the screen that the route names.

use leptos::prelude::*;

use crate::components::{Shell, ShellState};
use crate::host::{Host, install_script};
use crate::keys::{Keys, SingleKeys};
use crate::router::Router;
use crate::settings::Settings;

#[component]
pub fn App() -> impl IntoView {
    let settings = Settings::from_address();
    let host = Host::start(&settings);
    install_script(host);
    provide_context(host);
    provide_context(Router::start());
    provide_context(Keys::new());
    provide_context(SingleKeys::new());
    provide_context(ShellState::new(&settings));
    view! { <Shell /> }
}
