//! Parquet files of other writers: their types, tables that say otherwise, files that disagree.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, Decimal128Array, FixedSizeBinaryArray, Float16Array, Float32Array, Float64Array, Int8Array, Int32Array,
    Int64Array, ListArray, MapArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType as ArrowType, Field as ArrowField, Float16Type, Int32Type, TimeUnit};
use common::{Job, only_text};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use sluice_core::account::{ObjectFormat, TableInput};
use sluice_core::etl::{DataType, Field, ReadMode};
use sluice_protocol::RunEnd;

type Half = <Float16Type as ArrowPrimitiveType>::Native;

/// A file as a writer that is not Arrow leaves it: without an Arrow schema.
fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap();
    let mut bytes = Vec::new();
    let options = ArrowWriterOptions::new().with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(&mut bytes, batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// What a job that reads `files` writes as JSON lines, or why it failed.
fn read(files: &[&[u8]], table: Option<Vec<(&str, &str)>>) -> Result<String, String> {
    let table = table.map(|columns| TableInput {
        columns: columns
            .into_iter()
            .map(|(name, data_type)| Field::new(name, DataType::parse_catalog(data_type).unwrap()))
            .collect(),
        partition_keys: Vec::new(),
        skip_lines: 0,
    });
    let keys: Vec<String> = (0..files.len()).map(|index| format!("in/{index}.parquet")).collect();
    let objects: Vec<(&str, &[u8])> = keys.iter().map(String::as_str).zip(files.iter().copied()).collect();
    let mut job = Job::default();
    job.source("in", ObjectFormat::Parquet, ReadMode::Permissive, table, &objects);
    job.json_target("out", "in");
    let (result, outputs) = job.run();
    match result.end {
        RunEnd::Succeeded => Ok(only_text(&outputs)),
        RunEnd::Failed(failure) => Err(failure.error.message),
        other => Err(format!("{other:?}")),
    }
}

fn item(name: &str, data_type: ArrowType) -> Arc<ArrowField> {
    Arc::new(ArrowField::new(name, data_type, true))
}

#[test]
fn every_type_of_a_file_is_read() {
    let list = ListArray::new(
        item("item", ArrowType::UInt8),
        OffsetBuffer::from_lengths([2, 0, 0]),
        Arc::new(UInt8Array::from(vec![1, 255])),
        Some(NullBuffer::from(vec![true, true, false])),
    );
    let pairs = StructArray::from(vec![
        (
            Arc::new(ArrowField::new("k", ArrowType::Utf8, false)),
            Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef,
        ),
        (item("v", ArrowType::UInt16), Arc::new(UInt16Array::from(vec![Some(7), None])) as ArrayRef),
    ]);
    let entries = Arc::new(ArrowField::new("entries", pairs.data_type().clone(), false));
    let map = MapArray::new(entries, OffsetBuffer::from_lengths([1, 1, 0]), pairs, None, false);
    let record = StructArray::new(
        vec![item("at", ArrowType::Timestamp(TimeUnit::Millisecond, None)), item("x", ArrowType::Int32)].into(),
        vec![
            Arc::new(TimestampMillisecondArray::from(vec![0, 1, 2])),
            Arc::new(Int32Array::from(vec![1, 2, 3])),
        ],
        Some(NullBuffer::from(vec![true, false, true])),
    );
    let bytes = file(vec![
        ("i8", Arc::new(Int8Array::from(vec![Some(-128), None, Some(127)]))),
        ("u8", Arc::new(UInt8Array::from(vec![Some(255), None, Some(0)]))),
        ("u16", Arc::new(UInt16Array::from(vec![Some(65_535), None, Some(0)]))),
        ("u32", Arc::new(UInt32Array::from(vec![Some(u32::MAX), None, Some(0)]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(0)]))),
        (
            "f16",
            Arc::new(Float16Array::from(vec![Some(Half::from_bits(0x3e00)), None, Some(Half::from_bits(0xc000))])),
        ),
        ("ms", Arc::new(TimestampMillisecondArray::from(vec![Some(-1), None, Some(i64::MAX)]))),
        ("us", Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None, Some(1)]))),
        (
            "ns",
            Arc::new(TimestampNanosecondArray::from(vec![Some(-1), None, Some(1_999)]).with_timezone("UTC")),
        ),
        (
            "fixed",
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(vec![Some(b"ab"), None, Some(b"cd")].into_iter(), 2).unwrap()),
        ),
        (
            "dec",
            Arc::new(
                Decimal128Array::from(vec![Some(12_345), None, Some(-5)])
                    .with_precision_and_scale(7, 2)
                    .unwrap(),
            ),
        ),
        ("list", Arc::new(list)),
        ("map", Arc::new(map)),
        ("record", Arc::new(record)),
    ]);
    let lines = read(&[&bytes], None).unwrap();
    assert_eq!(
        lines,
        concat!(
            r#"{"i8":-128,"u8":255,"u16":65535,"u32":4294967295,"u64":18446744073709551615,"f16":1.5,"ms":"1969-12-31T23:59:59.999Z","us":"1969-12-31T23:59:59.999Z","ns":"1969-12-31T23:59:59.999Z","fixed":"YWI=","dec":123.45,"list":[1,255],"map":{"a":7},"record":{"at":"1970-01-01T00:00:00.000Z","x":1}}"#,
            "\n",
            r#"{"list":[],"map":{"b":null}}"#,
            "\n",
            r#"{"i8":127,"u8":0,"u16":0,"u32":0,"u64":0,"f16":-2.0,"us":"1970-01-01T00:00:00.000Z","ns":"1970-01-01T00:00:00.000Z","fixed":"Y2Q=","dec":-0.05,"map":{},"record":{"at":"1970-01-01T00:00:00.002Z","x":3}}"#,
            "\n"
        )
    );
}

#[test]
fn a_table_says_how_a_file_is_read() {
    let bytes = file(vec![
        ("wide", Arc::new(Int32Array::from(vec![Some(1), None, Some(-3)]))),
        ("narrow", Arc::new(Int64Array::from(vec![1 << 40, 2, -3]))),
        ("Double", Arc::new(Float32Array::from(vec![0.5, 2.0, -1.5]))),
        ("whole", Arc::new(Float64Array::from(vec![1e30, 2.9, f64::NAN]))),
        (
            "money",
            Arc::new(Decimal128Array::from(vec![12_345, -199, 300]).with_precision_and_scale(12, 2).unwrap()),
        ),
        ("text", Arc::new(BinaryArray::from(vec![&b"a"[..], b"\xff", "é".as_bytes()]))),
        ("number", Arc::new(Float64Array::from(vec![1.0, 1e10, -0.25]))),
        ("when", Arc::new(TimestampMicrosecondArray::from(vec![0, 1_500_000, -1]))),
        (
            "record",
            Arc::new(StructArray::new(
                vec![item("b", ArrowType::Int32), item("A", ArrowType::Int32)].into(),
                vec![Arc::new(Int32Array::from(vec![1, 2, 3])), Arc::new(Int32Array::from(vec![4, 5, 6]))],
                None,
            )),
        ),
    ]);
    let table = vec![
        ("wide", "bigint"),
        ("narrow", "int"),
        ("double", "double"),
        ("whole", "bigint"),
        ("money", "smallint"),
        ("text", "string"),
        ("number", "string"),
        ("when", "string"),
        ("record", "struct<a:bigint,b:string,c:int>"),
        ("missing", "int"),
    ];
    assert_eq!(
        read(&[&bytes], Some(table)).unwrap(),
        concat!(
            r#"{"wide":1,"double":0.5,"money":123,"text":"a","number":"1.0","when":"1970-01-01 00:00:00","record":{"a":4,"b":"1"}}"#,
            "\n",
            r#"{"narrow":2,"double":2.0,"whole":2,"money":-1,"number":"1.0E10","when":"1970-01-01 00:00:01.5","record":{"a":5,"b":"2"}}"#,
            "\n",
            r#"{"wide":-3,"narrow":-3,"double":-1.5,"money":3,"text":"é","number":"-0.25","when":"1969-12-31 23:59:59.999999","record":{"a":6,"b":"3"}}"#,
            "\n"
        )
    );
    let refused = read(&[&bytes], Some(vec![("record", "int")])).unwrap_err();
    assert!(refused.ends_with("a column of type struct<b:int,A:int> is not read as int"), "{refused}");
}

#[test]
fn files_that_disagree_are_read_as_the_wider_type() {
    let first = file(vec![
        ("n", Arc::new(Int32Array::from(vec![1]))),
        ("f", Arc::new(Float32Array::from(vec![0.5]))),
        ("s", Arc::new(Int64Array::from(vec![7]))),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1), None])]))),
    ]);
    let second = file(vec![
        ("n", Arc::new(Int64Array::from(vec![1 << 40]))),
        ("f", Arc::new(Int32Array::from(vec![16_777_217]))),
        ("s", Arc::new(StringArray::from(vec!["x"]))),
        ("list", Arc::new(StringArray::from(vec!["y"]))),
    ]);
    assert_eq!(
        read(&[&first, &second], None).unwrap(),
        concat!(
            r#"{"n":1,"f":0.5,"s":"7","list":"[1, null]"}"#,
            "\n",
            r#"{"n":1099511627776,"f":1.6777217E7,"s":"x","list":"y"}"#,
            "\n"
        )
    );
}
