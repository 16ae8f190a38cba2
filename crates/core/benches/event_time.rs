//! Event time: events a second through a bounded watermark and a keyed tumbling count, state a key, and one simulated job of 200 events.
//! `cargo bench -p sluice-core --bench event_time`.

use std::time::Instant;

use serde_json::{Value, json};
use sluice_core::event_time::watermark::{Generator, Strategy};
use sluice_core::event_time::window::{Assigner, Cause, Domain, Fold, Output, TimeWindow, Trigger, TriggerKind, WindowOperator};
use sluice_core::event_time::{EventTime, job};

const EVENTS: u32 = 50_000_000;
/// Milliseconds that a call with 200 events may take.
const CALL_MILLIS: f64 = 16.0;

#[derive(Clone, Debug)]
struct Counting;

impl Fold for Counting {
    type In = ();
    type Acc = u64;

    fn first(&self, (): &()) -> u64 {
        1
    }

    fn add(&self, count: &mut u64, (): &()) {
        *count += 1;
    }

    fn merge(&self, count: &mut u64, other: u64) {
        *count += other;
    }
}

#[derive(Default)]
struct Sum {
    fired: u64,
    counted: u64,
}

impl Output<Counting> for Sum {
    fn fire(&mut self, _: &Counting, _: u32, _: TimeWindow, count: &u64, _: Cause) {
        self.fired += 1;
        self.counted += count;
    }
}

/// `events` at 1,000 a millisecond, up to 2 s out of order, over tumbling windows of 5 s.
fn keyed_count(events: u32, keys: u32) {
    let assigner = Assigner::Tumbling {
        size: 5_000,
        offset: 0,
        natural: false,
        domain: Domain::Event,
    };
    let trigger = Trigger {
        kind: TriggerKind::EventTime,
        purging: false,
    };
    let mut operator = WindowOperator::new(assigner, trigger, None, 0, Counting).expect("parameters");
    let mut generator = Generator::new(Strategy::Bounded(2_000));
    let mut sum = Sum::default();
    let mut state = 1u64;
    let start = Instant::now();
    for event in 0..events {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let key = ((state >> 33) * u64::from(keys)) >> 31;
        let ts = EventTime(i64::from(event / 1_000) - (state >> 20 & 0x7ff) as i64 % 2_000);
        generator.on_event(ts);
        operator.element(key as u32, &(), ts, 0, &mut sum).expect("a verdict");
        // A tick each 200 ms.
        if event % 200_000 == 0
            && let Some(watermark) = generator.on_periodic_emit()
        {
            operator.advance_watermark(watermark, &mut sum);
        }
    }
    operator.advance_watermark(EventTime::MAX, &mut sum);
    let took = start.elapsed().as_secs_f64();
    assert_eq!(sum.counted + operator.late(), u64::from(events));
    println!(
        "watermark + keyed tumbling count, {keys} keys: {:.1} M events a second natively ({} panes fired)",
        f64::from(events) / took / 1e6,
        sum.fired
    );
}

fn main() {
    // `cargo test` runs benches too, unoptimised: then a small one shows that it runs.
    let measured = std::env::args().any(|arg| arg == "--bench");
    let events = if measured { EVENTS } else { 100_000 };
    keyed_count(events, 1_000);
    keyed_count(events, 100_000);

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
