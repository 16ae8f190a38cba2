//! `benches/event_time.rs` in a browser: events a second through a bounded watermark and a keyed tumbling count.

#![cfg(target_arch = "wasm32")]

#[path = "../../../crates/core/benches/keyed_count/mod.rs"]
mod keyed_count;

use wasm_bindgen_test::{console_log, wasm_bindgen_test};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// Fewer where nothing is optimised.
const EVENTS: u32 = if cfg!(debug_assertions) { 200_000 } else { 20_000_000 };

#[wasm_bindgen_test]
fn events_a_second() {
    drop(keyed_count::held(10));
    for keys in [1_000, 100_000] {
        let start = js_sys::Date::now();
        let done = keyed_count::run(EVENTS, keys);
        let seconds = (js_sys::Date::now() - start) / 1_000.0;
        assert_eq!(done.counted + done.late, u64::from(EVENTS));
        console_log!(
            "bench: watermark + keyed tumbling count, {keys} keys: {:.1} M events a second in the browser ({} panes fired)",
            f64::from(EVENTS) / seconds / 1e6,
            done.fired
        );
    }
}
