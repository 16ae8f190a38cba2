//! Batch or stream: one flow of records, collected and run at intervals, and put on a stream and processed as it comes, on one clock.
//!
//! Belongs here: when each second's records are usable either way, which windows are late, what it costs. Does not belong here: how a stream or a job works inside; both
//! are a queue with a rate here, and the answer says `simplified`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::kinesis::{READ_BYTES, WRITE_BYTES, WRITE_RECORDS};
use crate::account::params::{Member, Shape, TEXT, optional, param_error};
use crate::account::{ApiError, Params};
use crate::sim::Rng;
use crate::storage::money::Picos;
use crate::storage::price::{DEFAULT_PRICE_LIST, PriceList};

const NUMBER: Shape = Shape::Double;
const WHOLE: Shape = Shape::Integer { min: Some(0) };
const BATCH: &[Member] = &[
    optional("IntervalMinutes", NUMBER),
    optional("StartSeconds", NUMBER),
    optional("Dpus", NUMBER),
    optional("MegabytesPerSecond", NUMBER),
    optional("FailedShare", NUMBER),
];
const STREAM: &[Member] = &[
    optional("Shards", NUMBER),
    optional("Kpus", NUMBER),
    optional("RecordsPerSecondPerKpu", NUMBER),
    optional("OutageAtHour", NUMBER),
    optional("OutageMinutes", NUMBER),
];
const COMPARE: &[Member] = &[
    optional("RecordsPerSecond", NUMBER),
    optional("RecordBytes", NUMBER),
    optional("Shape", TEXT),
    optional("Counts", Shape::List { of: &NUMBER, min: 1 }),
    optional("Hours", NUMBER),
    optional("WindowMinutes", NUMBER),
    optional("DeadlineMinutes", NUMBER),
    optional("Batch", Shape::Structure(BATCH)),
    optional("Stream", Shape::Structure(STREAM)),
    optional("Seed", WHOLE),
    optional("PriceList", TEXT),
];
/// Points of the curves.
const POINTS: usize = 1_440;
/// Minutes of a flow that is given by its counts: three days.
const MOST_COUNTS: usize = 4_320;
/// Seconds between a record's arrival in a stream and its result, where nothing queues: a poll and a hand-over.
const PIPE_SECONDS: f64 = 1.0;
/// A Glue run is billed for a minute at least ("AWS Glue pricing", version 2.0 and later).
const LEAST_BILLED: f64 = 60.0;
/// A KPU more than the application's own runs its orchestration ("Amazon Managed Service for Apache Flink pricing").
const ORCHESTRATION: f64 = 1.0;

/// One second's records and when they can be used.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Second {
    records: u64,
    /// Seconds since the start; infinite: not within the time looked at.
    usable: f64,
}

struct Asked {
    rate: f64,
    bytes: f64,
    shape: String,
    /// Records of each minute; in place of rate and shape.
    counts: Vec<f64>,
    hours: f64,
    window: f64,
    deadline: f64,
    seed: u64,
}

fn number(params: Option<&Params<'_>>, path: &str, name: &str, default: f64, low: f64, high: f64) -> Result<f64, ApiError> {
    let value = params.and_then(|params| params.double(name)).unwrap_or(default);
    if value.is_finite() && (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(param_error(alloc::format!(
            "Invalid value for parameter {path}{name}, value: {value}, valid range: {low} to {high}"
        )))
    }
}

/// Records of each second: the mean rate under a shape. `diurnal`: a sine of a day, a fifth at night; `bursty`: five times as much in ten minutes of each hour.
fn arrivals(asked: &Asked) -> Vec<u64> {
    let seconds = (asked.hours * 3_600.0) as usize;
    let mut whole = 0.0_f64;
    let mut counted = 0u64;
    // Whole records by now, less those that were counted.
    let due = |whole: f64, counted: &mut u64| {
        let due = libm::floor(whole + 1e-6) as u64;
        let records = due - *counted;
        *counted = due;
        records
    };
    (0..seconds)
        .map(|second| {
            let at = second as f64;
            if !asked.counts.is_empty() {
                whole += asked.counts.get(second / 60).copied().unwrap_or(0.0) / 60.0;
                return due(whole, &mut counted);
            }
            let factor = match asked.shape.as_str() {
                "diurnal" => 1.0 - 0.8 * libm::cos(at / 86_400.0 * 2.0 * core::f64::consts::PI),
                "bursty" if (second / 600) % 6 == 3 => 3.0,
                "bursty" => 0.6,
                _ => 1.0,
            };
            whole += asked.rate * factor;
            due(whole, &mut counted)
        })
        .collect()
}

/// A run of the batch job.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    at: f64,
    end: f64,
    records: u64,
    failed: bool,
}

struct Job {
    interval: f64,
    start: f64,
    dpus: f64,
    /// Bytes a second of one DPU.
    speed: f64,
    failed_share: f64,
}

/// Runs at each whole interval, one at a time; a run that fails leaves its records to the next.
fn batch(asked: &Asked, job: &Job, came: &[u64]) -> (Vec<Second>, Vec<Run>) {
    let mut rng = Rng::stream(asked.seed, 1);
    let mut seconds: Vec<Second> = came
        .iter()
        .map(|records| Second {
            records: *records,
            usable: f64::INFINITY,
        })
        .collect();
    let mut runs = Vec::new();
    let end = came.len() as f64;
    let (mut done, mut at) = (0usize, job.interval);
    while at <= end {
        let until = (libm::floor(at) as usize).min(seconds.len());
        let records: u64 = seconds.get(done..until).unwrap_or_default().iter().map(|second| second.records).sum();
        let lasts = job.start + records as f64 * asked.bytes / (job.speed * job.dpus);
        let failed = rng.unit() < job.failed_share;
        let run = Run {
            at,
            end: at + lasts,
            records,
            failed,
        };
        if !failed {
            for second in seconds.get_mut(done..until).unwrap_or_default() {
                second.usable = run.end;
            }
            done = until;
        }
        runs.push(run);
        // The next whole interval at which no run is under way.
        at += job.interval;
        if run.end > at {
            at = libm::ceil(run.end / job.interval) * job.interval;
        }
    }
    (seconds, runs)
}

struct Pipe {
    shards: f64,
    kpus: f64,
    /// Records a second of one KPU.
    speed: f64,
    /// Seconds in which nothing is processed.
    outage: (f64, f64),
}

/// First what the shards take, then what the application processes; both in order of arrival. What a shard refuses its producer keeps and puts again.
fn stream(asked: &Asked, pipe: &Pipe, came: &[u64]) -> (Vec<Second>, u64) {
    let least = asked.bytes.max(1.0);
    let takes = pipe.shards * f64::from(WRITE_RECORDS).min(f64::from(WRITE_BYTES) / least);
    let reads = pipe.shards * f64::from(READ_BYTES) / least;
    let works = reads.min(pipe.kpus * pipe.speed);
    let mut seconds: Vec<Second> = came
        .iter()
        .map(|records| Second {
            records: *records,
            usable: f64::INFINITY,
        })
        .collect();
    // Cumulated counts: a second's records are through when that many have come out.
    let (mut waiting, mut queued, mut out) = (0.0_f64, 0.0_f64, 0.0_f64);
    let (mut next, mut goal) = (0usize, seconds.first().map_or(0.0, |second| second.records as f64));
    let mut most_waiting = 0.0_f64;
    for (second, records) in came.iter().enumerate() {
        waiting += *records as f64;
        let taken = waiting.min(takes);
        waiting -= taken;
        most_waiting = most_waiting.max(waiting);
        queued += taken;
        let at = second as f64;
        let stands = at >= pipe.outage.0 && at < pipe.outage.1;
        let worked = if stands { 0.0 } else { queued.min(works) };
        queued -= worked;
        out += worked;
        while next < seconds.len() && next <= second && out + 1e-6 >= goal {
            if let Some(one) = seconds.get_mut(next) {
                one.usable = at + PIPE_SECONDS;
            }
            next += 1;
            goal += seconds.get(next).map_or(0.0, |second| second.records as f64);
        }
    }
    (seconds, most_waiting as u64)
}

/// Latency and windows of one way.
fn told(asked: &Asked, seconds: &[Second]) -> Value {
    let mut waits: Vec<(f64, u64)> = Vec::new();
    let (mut usable, mut late_sum) = (0u64, 0.0_f64);
    for (at, second) in seconds.iter().enumerate() {
        if second.usable.is_finite() {
            let wait = (second.usable - at as f64).max(0.0);
            usable += second.records;
            late_sum += wait * second.records as f64;
            waits.push((wait, second.records));
        }
    }
    waits.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let quantile = |share: f64| {
        let goal = libm::ceil(share * usable as f64).max(1.0) as u64;
        let mut seen = 0;
        waits.iter().find_map(|(wait, records)| {
            seen += records;
            (seen >= goal).then_some(*wait)
        })
    };
    let width = asked.window.max(1.0) as usize;
    let end = seconds.len() as f64;
    let (mut windows, mut missed) = (0u64, Vec::new());
    for (index, window) in seconds.chunks(width).enumerate() {
        let due = ((index + 1) * width) as f64 + asked.deadline;
        // Windows whose deadline is beyond the time looked at are not judged.
        if due > end || window.len() < width {
            continue;
        }
        windows += 1;
        let ready = window
            .iter()
            .filter(|second| second.records > 0)
            .map(|second| second.usable)
            .fold(0.0, f64::max);
        if ready > due {
            missed.push((index * width) as f64);
        }
    }
    json!({
        "MeanSeconds": if usable > 0 { json!(late_sum / usable as f64) } else { Value::Null },
        "P50Seconds": quantile(0.5),
        "P95Seconds": quantile(0.95),
        "MaxSeconds": waits.last().map(|(wait, _)| *wait),
        "Usable": usable,
        "NotYet": seconds.iter().map(|second| second.records).sum::<u64>() - usable,
        "Windows": windows,
        "Missed": missed.len(),
        "MissedAt": missed,
    })
}

/// Records that have arrived, and those that are usable, at each of the points: `[[at, arrived, usable]…]`.
fn curve(seconds: &[Second]) -> Vec<Value> {
    let mut order: Vec<(f64, u64)> = seconds.iter().map(|second| (second.usable, second.records)).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut arrived, mut usable, mut at_second, mut at_usable) = (0u64, 0u64, 0usize, 0usize);
    (0..=POINTS)
        .map(|point| {
            let at = seconds.len() as f64 * point as f64 / POINTS as f64;
            while let Some(second) = seconds.get(at_second).filter(|_| (at_second as f64) < at) {
                arrived += second.records;
                at_second += 1;
            }
            while let Some((_, records)) = order.get(at_usable).filter(|(when, _)| *when <= at) {
                usable += records;
                at_usable += 1;
            }
            json!([at, arrived, usable])
        })
        .collect()
}

/// A line of what it costs: text, quantity, unit, amount.
fn cost(prices: &PriceList, key: &str, text: &str, units: f64) -> Option<(Picos, Value)> {
    const SCALE: u128 = 1_000_000;
    let price = prices.price(key)?;
    let amount = price.cost(libm::round(units.max(0.0) * SCALE as f64) as u128, SCALE);
    let mut line = json!({"Text": text, "Quantity": units, "Unit": price.unit, "Amount": amount});
    if let Some(mark) = &price.confidence {
        line["Confidence"] = json!(mark);
    }
    Some((amount, line))
}

fn costs(lines: impl IntoIterator<Item = Option<(Picos, Value)>>) -> (Picos, Vec<Value>) {
    let lines: Vec<(Picos, Value)> = lines.into_iter().flatten().collect();
    (lines.iter().map(|(amount, _)| *amount).sum(), lines.into_iter().map(|(_, line)| line).collect())
}

/// `sluice:CompareBatchAndStream`: `{RecordsPerSecond, RecordBytes, Shape: steady|diurnal|bursty, Counts: [records of each minute, in place of rate and shape], Hours, WindowMinutes, DeadlineMinutes, Batch: {IntervalMinutes, StartSeconds,
/// Dpus, MegabytesPerSecond, FailedShare}, Stream: {Shards, Kpus, RecordsPerSecondPerKpu, OutageAtHour, OutageMinutes}, Seed, PriceList}`, each with a default, answers for `Batch` and
/// `Stream`: latency of a record from its arrival to its result, windows whose result came after their deadline, cost over the hours, and the curve of usable records. Errors:
/// `ParamValidation`; `InvalidParameterValue` for a price list that is not there.
pub fn compare(params: &Value) -> Result<Value, ApiError> {
    let params = Params::check(params, COMPARE)?;
    let own = Some(&params);
    let counts: Vec<f64> = params.list("Counts").iter().filter_map(Value::as_f64).collect();
    if counts.len() > MOST_COUNTS || counts.iter().any(|count| !(0.0..=60_000_000.0).contains(count)) {
        return Err(param_error(
            "Invalid value for parameter Counts: at most 4320 minutes, each of 0 to 60000000 records",
        ));
    }
    // A flow that is given lasts as long as its counts.
    let hours = match counts.len() {
        0 => number(own, "", "Hours", 24.0, 1.0, 72.0)?,
        minutes => (minutes as f64 / 60.0).max(1.0),
    };
    let asked = Asked {
        counts,
        rate: number(own, "", "RecordsPerSecond", 200.0, 0.01, 1_000_000.0)?,
        bytes: number(own, "", "RecordBytes", 500.0, 1.0, 1_048_576.0)?,
        shape: params.text("Shape").unwrap_or("diurnal").to_string(),
        hours,
        window: number(own, "", "WindowMinutes", 5.0, 1.0, 1_440.0)? * 60.0,
        deadline: number(own, "", "DeadlineMinutes", 10.0, 0.0, 2_880.0)? * 60.0,
        seed: params.integer("Seed").unwrap_or(7).unsigned_abs(),
    };
    if !["steady", "diurnal", "bursty"].contains(&asked.shape.as_str()) {
        return Err(param_error(alloc::format!(
            "Invalid value for parameter Shape, value: {}, valid values: steady, diurnal, bursty",
            asked.shape
        )));
    }
    let (batch_params, stream_params) = (params.structure("Batch"), params.structure("Stream"));
    let of_batch = |name: &str, default, low, high| number(batch_params.as_ref(), "Batch.", name, default, low, high);
    let of_stream = |name: &str, default, low, high| number(stream_params.as_ref(), "Stream.", name, default, low, high);
    let job = Job {
        interval: of_batch("IntervalMinutes", 60.0, 1.0, 2_880.0)? * 60.0,
        start: of_batch("StartSeconds", 30.0, 0.0, 3_600.0)?,
        dpus: of_batch("Dpus", 2.0, 1.0, 1_000.0)?,
        speed: of_batch("MegabytesPerSecond", 10.0, 0.01, 10_000.0)? * 1_048_576.0,
        failed_share: of_batch("FailedShare", 0.0, 0.0, 1.0)?,
    };
    let outage = of_stream("OutageAtHour", 12.0, 0.0, 72.0)? * 3_600.0;
    let pipe = Pipe {
        shards: libm::round(of_stream("Shards", 1.0, 1.0, 20_000.0)?),
        kpus: libm::round(of_stream("Kpus", 1.0, 1.0, 1_000.0)?),
        speed: of_stream("RecordsPerSecondPerKpu", 5_000.0, 1.0, 1_000_000.0)?,
        outage: (outage, outage + of_stream("OutageMinutes", 0.0, 0.0, 2_880.0)? * 60.0),
    };
    let prices = PriceList::load(params.text("PriceList").unwrap_or(DEFAULT_PRICE_LIST))?;
    let came = arrivals(&asked);
    let records: u64 = came.iter().sum();
    let (by_batch, runs) = batch(&asked, &job, &came);
    let (by_stream, waiting) = stream(&asked, &pipe, &came);
    let billed: f64 = runs.iter().map(|run| (run.end - run.at).max(LEAST_BILLED)).sum();
    let (batch_total, batch_lines) = costs([
        cost(&prices, "glue.dpu-hours", "Job runs, DPU hours", billed / 3_600.0 * job.dpus),
        cost(&prices, "s3.requests.STANDARD.tier1", "One file a minute put into S3", asked.hours * 60.0),
    ]);
    let units = libm::ceil(asked.bytes / 25_600.0) * records as f64;
    let (stream_total, stream_lines) = costs([
        cost(&prices, "kinesis.shard-hours", "Shard hours", pipe.shards * asked.hours),
        cost(&prices, "kinesis.put-units", "PUT payload units of 25 KB", units),
        cost(
            &prices,
            "flink.kpu-hours",
            "Flink application, KPU hours",
            (pipe.kpus + ORCHESTRATION) * asked.hours,
        ),
    ]);
    let mut batch_told = told(&asked, &by_batch);
    batch_told["Curve"] = curve(&by_batch).into();
    batch_told["Cost"] = json!({"Total": batch_total, "Lines": batch_lines});
    let shown = runs
        .iter()
        .map(|run| json!({"At": run.at, "End": run.end, "Records": run.records, "Failed": run.failed}));
    batch_told["Runs"] = shown.collect();
    let mut stream_told = told(&asked, &by_stream);
    stream_told["Curve"] = curve(&by_stream).into();
    stream_told["Cost"] = json!({"Total": stream_total, "Lines": stream_lines});
    stream_told["MostWaiting"] = json!(waiting);
    Ok(json!({
        "Seconds": came.len(),
        "Records": records,
        "Batch": batch_told,
        "Stream": stream_told,
        "PriceList": {"Id": prices.id, "Title": prices.title, "AsOf": prices.as_of, "Currency": prices.currency},
        "Fidelity": "simplified",
    }))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn ask(params: Value) -> Value {
        compare(&params).unwrap()
    }

    #[test]
    fn an_hourly_run_makes_records_wait_half_an_hour() {
        let answer =
            ask(json!({"Shape": "steady", "RecordsPerSecond": 100, "Batch": {"StartSeconds": 0, "MegabytesPerSecond": 10_000, "IntervalMinutes": 60}}));
        let mean = answer["Batch"]["MeanSeconds"].as_f64().unwrap();
        assert!((mean - 1_800.5).abs() < 1.0, "{mean}");
        assert_eq!(answer["Batch"]["MaxSeconds"].as_f64().map(libm::floor), Some(3_600.0));
        // Of twelve windows an hour, all but the last two are over ten minutes before the run.
        let (windows, missed) = (answer["Batch"]["Windows"].as_u64().unwrap(), answer["Batch"]["Missed"].as_u64().unwrap());
        assert_eq!((windows, missed), (286, 24 * 10));
        assert_eq!(answer["Stream"]["Missed"], 0);
        assert_eq!(answer["Stream"]["P95Seconds"], 1.0);
        assert_eq!(answer["Stream"]["Cost"]["Lines"][0]["Amount"], "0.36");
    }

    #[test]
    fn a_failed_run_leaves_its_records_to_the_next() {
        let answer = ask(json!({"Shape": "steady", "Batch": {"FailedShare": 1}}));
        assert_eq!(answer["Batch"]["Usable"], 0);
        assert_eq!(answer["Batch"]["MeanSeconds"], Value::Null);
        let some = ask(json!({"Shape": "steady", "Batch": {"FailedShare": 0.4}}));
        let runs = some["Batch"]["Runs"].as_array().unwrap();
        let failed = runs.iter().position(|run| run["Failed"] == true).unwrap();
        assert!(runs[failed + 1]["Records"].as_u64().unwrap() > runs[failed]["Records"].as_u64().unwrap());
    }

    #[test]
    fn an_outage_is_caught_up_and_misses_windows() {
        let answer = ask(
            json!({"Shape": "steady", "RecordsPerSecond": 800, "Stream": {"OutageMinutes": 60, "OutageAtHour": 6, "Kpus": 1, "RecordsPerSecondPerKpu": 1_000}}),
        );
        let stream = &answer["Stream"];
        assert_eq!(stream["NotYet"], 0);
        assert_eq!(stream["MaxSeconds"].as_f64().map(libm::round), Some(3_601.0));
        assert!(stream["Missed"].as_u64().unwrap() > 12);
    }

    #[test]
    fn too_few_shards_never_catch_up() {
        let answer = ask(json!({"Shape": "steady", "RecordsPerSecond": 1_500, "Stream": {"Shards": 1}}));
        assert!(answer["Stream"]["NotYet"].as_u64().unwrap() > 40_000_000);
        let two = ask(json!({"Shape": "steady", "RecordsPerSecond": 1_500, "Stream": {"Shards": 2}}));
        assert_eq!(two["Stream"]["NotYet"], 0);
    }

    #[test]
    fn records_are_conserved() {
        for shape in ["steady", "diurnal", "bursty"] {
            let answer = ask(json!({"Shape": shape, "RecordsPerSecond": 37.7, "Hours": 48, "Batch": {"FailedShare": 0.3}, "Stream": {"OutageMinutes": 10}}));
            let records = answer["Records"].as_u64().unwrap();
            for way in ["Batch", "Stream"] {
                let sum = answer[way]["Usable"].as_u64().unwrap() + answer[way]["NotYet"].as_u64().unwrap();
                assert_eq!(sum, records, "{way}, {shape}");
            }
            assert!((records as f64 / (37.7 * 48.0 * 3_600.0) - 1.0).abs() < 0.001, "{shape}: {records}");
        }
    }

    /// A flow by its own counts: two minutes with records, then none; a run an hour, a stream at once.
    #[test]
    fn a_flow_is_given_by_its_counts() {
        let mut counts = vec![0.0; 180];
        (counts[0], counts[70]) = (60.0, 30.0);
        let answer = ask(json!({"Counts": counts, "WindowMinutes": 1, "DeadlineMinutes": 5}));
        assert_eq!((answer["Records"].as_u64(), answer["Seconds"].as_f64()), (Some(90), Some(10_800.0)));
        assert_eq!((&answer["Batch"]["Missed"], &answer["Stream"]["Missed"]), (&json!(2), &json!(0)));
        let at = |way: &str, second: f64| {
            let curve = answer[way]["Curve"].as_array().unwrap();
            let point = curve.iter().rev().find(|point| point[0].as_f64().unwrap() <= second).unwrap();
            (point[1].as_u64().unwrap(), point[2].as_u64().unwrap())
        };
        assert_eq!(at("Batch", 3_500.0), (60, 0));
        assert_eq!(at("Stream", 3_500.0), (60, 60));
        assert_eq!(at("Batch", 4_000.0), (60, 60));
        assert_eq!(at("Batch", 7_000.0), (90, 60));
        let refused = compare(&json!({"Counts": [-1.0]})).unwrap_err();
        assert_eq!(refused.code, "ParamValidation");
    }
}
