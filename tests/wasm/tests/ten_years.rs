//! The ten years of `crates/core/benches/lifecycle.rs` in a browser, built as the site is: `cargo xtask bench` runs it in release and prints what it says.

#![cfg(target_arch = "wasm32")]

#[path = "../../../crates/core/benches/ten_years/mod.rs"]
mod ten_years;

use wasm_bindgen_test::{console_log, wasm_bindgen_test};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// Seconds, of a release build.
const BUDGET: f64 = 3.0;
const RUNS: usize = 3;

fn seconds() -> f64 {
    js_sys::Date::now() / 1_000.0
}

/// A build for tests is a tenth as fast, and shows with fewer objects that it runs.
fn size(measured: usize, small: usize) -> usize {
    if cfg!(debug_assertions) { small } else { measured }
}

#[wasm_bindgen_test]
fn ten_years_of_rules() {
    let objects = size(100_000, 500);
    let account = ten_years::filled(objects);
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let mut copy = account.clone();
        let start = seconds();
        ten_years::pass(&mut copy);
        best = best.min(seconds() - start);
    }
    console_log!("bench: ten years over {objects} objects and five rules: {best:.3} s in the browser (best of {RUNS})");
    assert!(cfg!(debug_assertions) || best < BUDGET, "{best:.3} s are over the budget of {BUDGET} s");
}

#[wasm_bindgen_test]
fn ten_years_with_daily_access() {
    let (objects, reads) = (size(100_000, 200), size(100, 1));
    let mut account = ten_years::tiered(objects);
    let start = seconds();
    let calls = ten_years::pass_with_access(&mut account, objects, reads);
    let took = seconds() - start;
    console_log!("bench: ten years over {objects} objects in Intelligent-Tiering, {reads} read every day: {took:.3} s in the browser, {calls} calls");
}
