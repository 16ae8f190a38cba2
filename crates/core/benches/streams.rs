//! Streams: keys routed a second, a minute of 100,000 records a second over 1,000 shards, and seeking in a run of a million records.
//! `cargo bench -p sluice-core --bench streams`. `e2e/playwright/bench/streams.spec.ts` is the same in Chromium.

use std::time::Instant;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Player};
use sluice_core::stream::kinesis::{Ring, hash_of, initial_ranges};

const SHARDS: u32 = 4_000;
const KEYS: u32 = 1_000_000;
/// Milliseconds that a seek may take in a run of a million records.
const SEEK_MILLIS: f64 = 50.0;

/// `e2e/playwright/bench/streams.spec.ts` plays the same, from tests/cases/stream-scenarios.json.
fn minute(rate: u32, shards: u32) -> Value {
    json!({"Seed": 7, "Start": "2026-11-22T09:00:00Z", "Calls": [
        {"At": 0, "Service": "kinesis", "Operation": "CreateStream", "Params": {"StreamName": "s", "ShardCount": shards}},
        {"At": 10, "Service": "sluice", "Operation": "AddProducer", "Params": {
            "Name": "p", "StreamName": "s", "RecordsPerSecond": rate, "RecordBytes": 200, "Keys": {"Count": 100_000},
            "Client": {"Kind": "sdk", "Retries": 0}, "Until": 60,
        }},
    ]})
}

fn play(player: &mut Player, account: &Account, scenario: &Value, at: f64) -> Value {
    let params = json!({"Scenario": scenario, "At": at, "Budget": 1_000_000_000u64});
    account.play_scenario(player, &params).expect("a scenario plays")
}

fn main() {
    // `cargo test` runs benches too, unoptimised: then a small one shows that it runs.
    let measured = std::env::args().any(|arg| arg == "--bench");
    let keys: Vec<String> = (0..if measured { KEYS } else { 1_000 }).map(|key| format!("vehicle-{key}")).collect();
    let ring = Ring::new(initial_ranges(SHARDS).zip(0..));
    let start = Instant::now();
    let sum: u64 = keys.iter().map(|key| u64::from(ring.shard_of(hash_of(key)).expect("a shard"))).sum();
    let rate = keys.len() as f64 / start.elapsed().as_secs_f64();
    println!("keys routed over {SHARDS} shards: {:.2} M a second natively (sum {sum})", rate / 1e6);

    let account = Account::new(AccountOptions::default());
    let scenario = minute(if measured { 100_000 } else { 1_000 }, if measured { 1_000 } else { 10 });
    let start = Instant::now();
    let played = play(&mut Player::default(), &account, &scenario, 70.0);
    let took = start.elapsed().as_secs_f64();
    println!(
        "a minute of 100,000 records a second over 1,000 shards: {took:.2} s natively, {} pieces of work, trace {}",
        played["Events"], played["Hash"]
    );

    let scenario = minute(if measured { 16_700 } else { 100 }, 20);
    let mut player = Player::default();
    let whole = play(&mut player, &account, &scenario, 75.0);
    let mut seeks = Vec::new();
    for seek in 0..200u32 {
        let at = 10.0 + f64::from(seek * 37 % 200) / 200.0 * 60.0;
        let start = Instant::now();
        play(&mut player, &account, &scenario, at);
        seeks.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let again = play(&mut player, &account, &scenario, 75.0);
    assert_eq!(whole["Hash"], again["Hash"], "seeking changes nothing");
    seeks.sort_by(f64::total_cmp);
    let (middle, worst) = (seeks[seeks.len() / 2], seeks[seeks.len() - 1]);
    println!(
        "seeking in a run of {} pieces of work: {middle:.1} ms at the median and {worst:.1} ms at most natively",
        whole["Events"]
    );
    assert!(!measured || worst < SEEK_MILLIS, "over the budget of {SEEK_MILLIS} ms");
}
