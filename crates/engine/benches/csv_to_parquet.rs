//! CSV → Drop Fields → Parquet: 1,000,000 rows of 11 columns, 3 kept. `cargo bench -p sluice-engine`.

use std::io;
use std::rc::Rc;
use std::sync::Mutex;
use std::time::Instant;

use divan::counter::{BytesCount, ItemsCount};
use serde_json::json;
use sluice_core::account::{BlobRef, ObjectFormat, ObjectInput, RunPlan, SourceInput};
use sluice_core::etl::{Graph, Node, NodeId, ReadMode};
use sluice_core::lab::ParkingSample;
use sluice_engine::{ByteSource, MemoryStore, Open, Run, Step};
use sluice_protocol::RunEnd;

const ROWS: u64 = 1_000_000;

/// Seconds of each run.
static TIMES: Mutex<Vec<f64>> = Mutex::new(Vec::new());

fn main() {
    divan::main();
    // `cargo test` runs benches too, once and unoptimised.
    if std::env::args().any(|arg| arg == "--bench") {
        leave_figure();
    }
}

/// Writes `target/bench-native.json`, which the bench in the browser prints its own figure beside.
fn leave_figure() {
    let mut times = std::mem::take(&mut *TIMES.lock().expect("no run panics with the lock held"));
    times.sort_by(f64::total_cmp);
    let Some(median) = times.get(times.len() / 2) else { return };
    let rows_per_second = ROWS as f64 / median;
    println!("CSV to Parquet: {rows_per_second:.0} rows/s natively (median of {})", times.len());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench-native.json");
    std::fs::write(path, json!({"rows_per_second": rows_per_second, "runs": times.len()}).to_string()).expect("target/ is there while cargo runs");
}

/// The sample that `cargo xtask sample --rows 1000000` writes.
fn tickets() -> Vec<u8> {
    let mut sample = ParkingSample::new(ROWS, 2022);
    let mut csv = Vec::new();
    loop {
        let chunk = sample.next_chunk(10_000);
        if chunk.is_empty() {
            return csv;
        }
        csv.extend_from_slice(chunk.as_bytes());
    }
}

struct Shared(Rc<Vec<u8>>);

impl ByteSource for Shared {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut &self.0[(offset as usize).min(self.0.len())..], buf)
    }
}

fn node(kind: serde_json::Value, input: Option<&str>) -> Node {
    serde_json::from_value(json!({"name": "n", "kind": kind, "inputs": input.map(|id| vec![id]).unwrap_or_default()})).expect("a node of the bench")
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn keep_three_of_eleven(bencher: divan::Bencher) {
    let csv = Rc::new(tickets());
    let source = json!({"S3CsvSource": {"Paths": ["s3://b/in/"], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true}});
    let keep = json!({"SelectFields": {"paths": [["date_of_infraction"], ["infraction_code"], ["infraction_description"]]}});
    let target = json!({"S3GlueParquetTarget": {"Path": "s3://b/out/"}});
    let nodes = [
        (NodeId::from("in"), node(source, None)),
        (NodeId::from("keep"), node(keep, Some("in"))),
        (NodeId::from("out"), node(target, Some("keep"))),
    ];
    let input = SourceInput {
        objects: vec![ObjectInput {
            bucket: "b".to_owned(),
            key: "in/tickets.csv".to_owned(),
            blob: BlobRef {
                id: "tickets".to_owned(),
                size: csv.len() as u64,
                md5: String::new(),
                seal: None,
            },
            partition: Vec::new(),
        }],
        format: ObjectFormat::Csv {
            delimiter: ',',
            quote: Some('"'),
            escape: None,
            header: true,
            multiline: false,
        },
        table: None,
        mode: ReadMode::Permissive,
    };
    let plan = RunPlan {
        run_id: "jr_bench".to_owned(),
        job: "bench".to_owned(),
        graph: Graph { nodes: nodes.into() },
        inputs: [(NodeId::from("in"), input)].into(),
        started_millis: 0,
    };
    let bytes = csv.len() as u64;
    let open: Open = Rc::new(move |_: &ObjectInput| Ok(Rc::new(Shared(csv.clone())) as Rc<dyn ByteSource>));
    bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(ROWS)).bench_local(|| {
        let start = Instant::now();
        let clock = Rc::new(move || start.elapsed().as_secs_f64() * 1000.0);
        let mut run = Run::new(plan.clone(), open.clone(), Box::new(MemoryStore::default()), clock);
        loop {
            if let Step::Done(result) = run.step(&mut || true) {
                assert_eq!(result.end, RunEnd::Succeeded);
                TIMES.lock().expect("no run panics with the lock held").push(start.elapsed().as_secs_f64());
                break result.outputs.len();
            }
        }
    });
}
