//! A part of the page that comes in a chunk of its own: nothing until it is there, and a way to try again when it did not come.

use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use super::glyph;

/// The fetch of a chunk; ready at once when the chunk is there.
pub type Loading = Pin<Box<dyn Future<Output = Result<(), SplitLoaderError>>>>;
/// What a function in a chunk draws.
pub type Drawn = Result<AnyView, SplitLoaderError>;

/// A function whose chunk is loaded answers on the first poll, so that its view belongs to the reactive owner that asks for it.
pub fn at_once(drawn: impl Future<Output = Drawn>) -> Drawn {
    match pin!(drawn).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(drawn) => drawn,
        Poll::Pending => Ok(().into_any()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    Awaited,
    Here,
    Failed,
}

/// Fetches, then draws, in the reactive owner that asks.
pub fn arrived(load: impl Fn() -> Loading + Send + Sync + 'static, draw: impl Fn() -> Drawn + Send + Sync + 'static) -> impl IntoView {
    let arrival = RwSignal::new(Arrival::Awaited);
    let load = StoredValue::new(load);
    let fetch = move || {
        arrival.set(Arrival::Awaited);
        let loading = load.with_value(|load| load());
        spawn_local(async move {
            let now = if loading.await.is_ok() { Arrival::Here } else { Arrival::Failed };
            // The reader may have gone elsewhere meanwhile.
            let _ = arrival.try_set(now);
        });
    };
    fetch();
    move || match arrival.get() {
        Arrival::Awaited => view! { <div class="awaited" aria-busy="true"></div> }.into_any(),
        Arrival::Here => draw().unwrap_or_else(|_| ().into_any()),
        Arrival::Failed => view! {
            <section class="stopped" role="alert">
                <h1>"This part of the page did not arrive"</h1>
                <p>"The file that draws it could not be fetched. The account and what it holds are as they were."</p>
                <button type="button" class="btn primary" on:click=move |_| fetch()>
                    {glyph("refresh")}
                    "Try again"
                </button>
            </section>
        }
        .into_any(),
    }
}
