//! Event time: events a second through a bounded watermark and a keyed tumbling count, state a key, and one simulated job of 200 events.
//! `cargo bench -p sluice-core --bench event_time`.

mod keyed_count;

use std::time::Instant;

use serde_json::{Value, json};
use sluice_core::event_time::job;

const EVENTS: u32 = 50_000_000;
/// Milliseconds that a call with 200 events may take.
const CALL_MILLIS: f64 = 16.0;

fn keyed_count(events: u32, keys: u32) {
    let start = Instant::now();
    let done = keyed_count::run(events, keys);
    let took = start.elapsed().as_secs_f64();
    assert_eq!(done.counted + done.late, u64::from(events));
    println!(
        "watermark + keyed tumbling count, {keys} keys: {:.1} M events a second natively ({} panes fired)",
        f64::from(events) / took / 1e6,
        done.fired
    );
}

/// Resident bytes of this process; 0 where the system does not say.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok()).unwrap_or(0) * 4_096
}

fn main() {
    // `cargo test` runs benches too, unoptimised: then a small one shows that it runs.
    let measured = std::env::args().any(|arg| arg == "--bench");
    let events = if measured { EVENTS } else { 100_000 };
    keyed_count(events, 1_000);
    keyed_count(events, 100_000);
    let keys = if measured { 1_000_000 } else { 1_000 };
    let before = resident();
    let held = keyed_count::held(keys);
    println!(
        "state: {} bytes a key with one open window, {keys} keys",
        (resident() - before) / u64::from(keys)
    );
    drop(held);

    let events: Vec<Value> = (0..200)
        .map(|at: i64| json!({"Key": format!("k{}", at % 7), "EventTime": at * 100 - at * 7_919 % 4_000, "ArrivalTime": at * 100, "Split": at % 3}))
        .collect();
    let params = json!({
        "Events": events, "Strategy": {"type": "bounded", "outOfOrderness": 2_000}, "Assigner": {"type": "sliding", "size": 2_000, "slide": 500},
        "AllowedLateness": 500, "Aggregate": "sum", "Parallelism": 2, "SourceParallelism": 2, "IdleTimeout": 1_000,
    });
    let mut times = Vec::new();
    for _ in 0..if measured { 100 } else { 2 } {
        let start = Instant::now();
        job::call(&params).expect("it runs");
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let p95 = times[times.len() * 95 / 100];
    println!("a job of 200 events: {p95:.2} ms (p95; budget {CALL_MILLIS} ms)");
    assert!(!measured || p95 <= CALL_MILLIS, "a job of 200 events took {p95} ms");
}
