//! CSV → Drop Fields → Parquet: 1,000,000 rows of 11 columns, 3 kept. `cargo bench -p sluice-engine`.

use std::io;
use std::rc::Rc;
use std::time::Instant;

use divan::counter::{BytesCount, ItemsCount};
use serde_json::json;
use sluice_core::account::{BlobRef, ObjectFormat, ObjectInput, RunPlan, SourceInput};
use sluice_core::etl::{Graph, Node, NodeId, ReadMode};
use sluice_engine::{ByteSource, MemoryStore, Open, Run, Step};
use sluice_protocol::RunEnd;

const ROWS: u64 = 1_000_000;

fn main() {
    divan::main();
}

/// Rows with the shape of the parking tickets: about 85 bytes each.
fn tickets() -> Vec<u8> {
    let mut csv = b"tag_number_masked,date_of_infraction,infraction_code,infraction_description,set_fine_amount,time_of_infraction,location1,location2,location3,location4,province\n".to_vec();
    let descriptions = ["PARK ON PRIVATE PROPERTY", "PARK PROHIBITED TIME NO PERMIT", "STOP-SIGNED HWY-PROHIBIT TM"];
    for row in 0..ROWS {
        let line = format!(
            "***{:05},2022{:02}{:02},{},{},{},{:04},NR,{} MAIN ST,,,ON\n",
            row % 99_991,
            row % 12 + 1,
            row % 28 + 1,
            row % 90 + 3,
            descriptions[(row % 3) as usize],
            row % 5 * 10 + 30,
            row % 2400,
            row % 4000
        );
        csv.extend_from_slice(line.as_bytes());
    }
    csv
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
                break result.outputs.len();
            }
        }
    });
}
