//! A small lake in memory, and jobs over it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use sluice_core::account::{BlobRef, ObjectFormat, ObjectInput, RunPlan, SourceInput, TableInput};
use sluice_core::etl::{Graph, Node, NodeId, NodeKind, ReadMode};
use sluice_engine::{ByteSource, Clock, MemorySource, MemoryStore, Open, Run, RunResult, Step};

pub fn clock() -> Clock {
    let start = std::time::Instant::now();
    Rc::new(move || start.elapsed().as_secs_f64() * 1000.0)
}

pub fn id(id: &str) -> NodeId {
    NodeId::from(id)
}

pub fn csv_format(header: bool) -> ObjectFormat {
    ObjectFormat::Csv {
        delimiter: ',',
        quote: Some('"'),
        escape: None,
        header,
        multiline: false,
    }
}

#[derive(Default)]
pub struct Job {
    pub graph: Graph,
    pub inputs: BTreeMap<NodeId, SourceInput>,
    pub objects: BTreeMap<String, Vec<u8>>,
}

impl Job {
    pub fn node(&mut self, name: &str, kind: serde_json::Value, inputs: &[&str]) -> &mut Self {
        let kind: NodeKind = serde_json::from_value(kind).expect("the test writes a node kind");
        self.graph.nodes.insert(
            id(name),
            Node {
                name: name.to_owned(),
                kind,
                inputs: inputs.iter().map(|input| Some(id(input))).collect(),
                read_mode: ReadMode::Permissive,
                rest: Default::default(),
            },
        );
        self
    }

    pub fn source(&mut self, name: &str, format: ObjectFormat, mode: ReadMode, table: Option<TableInput>, objects: &[(&str, &[u8])]) -> &mut Self {
        let kind = match format {
            ObjectFormat::Csv { .. } => {
                serde_json::json!({"S3CsvSource": {"Paths": ["s3://lake/in/"], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true}})
            }
            ObjectFormat::Json { .. } => serde_json::json!({"S3JsonSource": {"Paths": ["s3://lake/in/"]}}),
            ObjectFormat::Parquet => serde_json::json!({"S3ParquetSource": {"Paths": ["s3://lake/in/"]}}),
        };
        self.node(name, kind, &[]);
        let objects = objects
            .iter()
            .map(|(key, bytes)| {
                self.objects.insert((*key).to_owned(), bytes.to_vec());
                ObjectInput {
                    bucket: "lake".to_owned(),
                    key: (*key).to_owned(),
                    blob: BlobRef {
                        id: format!("{key}-{}", bytes.len()),
                        size: bytes.len() as u64,
                        md5: String::new(),
                        seal: None,
                    },
                    partition: key
                        .split('/')
                        .filter_map(|part| part.split_once('='))
                        .map(|(k, v)| (k.to_owned(), v.to_owned()))
                        .collect(),
                }
            })
            .collect();
        self.inputs.insert(id(name), SourceInput { objects, format, table, mode });
        self
    }

    pub fn parquet_target(&mut self, name: &str, input: &str) -> &mut Self {
        self.node(
            name,
            serde_json::json!({"S3GlueParquetTarget": {"Path": format!("s3://lake/{name}/")}}),
            &[input],
        )
    }

    pub fn csv_target(&mut self, name: &str, input: &str) -> &mut Self {
        self.node(
            name,
            serde_json::json!({"S3DirectTarget": {"Path": format!("s3://lake/{name}/"), "Format": "csv"}}),
            &[input],
        )
    }

    pub fn json_target(&mut self, name: &str, input: &str) -> &mut Self {
        self.node(
            name,
            serde_json::json!({"S3DirectTarget": {"Path": format!("s3://lake/{name}/"), "Format": "json"}}),
            &[input],
        )
    }

    pub fn open(&self) -> Open {
        let objects = Rc::new(self.objects.clone());
        Rc::new(move |object: &ObjectInput| {
            let bytes = objects.get(&object.key).cloned().ok_or_else(|| io::Error::other("no such object"))?;
            Ok(Rc::new(MemorySource(bytes)) as Rc<dyn ByteSource>)
        })
    }

    pub fn plan(&self) -> RunPlan {
        RunPlan {
            run_id: "jr_1".to_owned(),
            job: "job".to_owned(),
            graph: self.graph.clone(),
            inputs: self.inputs.clone(),
            started_millis: 1_700_000_000_000,
        }
    }

    pub fn run(&self) -> (RunResult, BTreeMap<String, Vec<u8>>) {
        let store = MemoryStore::default();
        let mut run = Run::new(self.plan(), self.open(), Box::new(store.clone()), clock());
        let result = loop {
            if let Step::Done(result) = run.step(&mut || true) {
                break *result;
            }
        };
        let files = store.files.borrow();
        let outputs = result
            .outputs
            .iter()
            .zip(&result.files)
            .map(|(output, file)| (output.key.clone(), files[file].clone()))
            .collect();
        (result, outputs)
    }
}

/// The one output's text.
pub fn only_text(outputs: &BTreeMap<String, Vec<u8>>) -> String {
    assert_eq!(outputs.len(), 1, "{:?}", outputs.keys());
    String::from_utf8(outputs.values().next().expect("one output").clone()).expect("UTF-8")
}
