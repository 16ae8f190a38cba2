//! The account worker's program. Natively it does nothing: the command line hosts accounts itself.

#[cfg(target_arch = "wasm32")]
mod chunks;

#[cfg(target_arch = "wasm32")]
fn main() {
    sluice_account::worker::start(sluice_account::Bring::new(chunks::fetch));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
