//! The data worker's program. Natively the command line is the host of the engine.

#[cfg(target_arch = "wasm32")]
mod worker;

#[cfg(target_arch = "wasm32")]
fn main() {
    worker::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This is the browser's data worker. Natively, use `sluice run` and `sluice crawl`.");
}
