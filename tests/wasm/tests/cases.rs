//! The same cases that run natively, in a browser: what core answers must not depend on the machine (I2).

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "../../../crates/core/tests/access_cases.rs"]
mod access_cases;
#[path = "../../../crates/core/tests/alarm_cases.rs"]
mod alarm_cases;
#[path = "../../../crates/core/tests/chooser_cases.rs"]
mod chooser_cases;
#[path = "../../../crates/core/tests/cost_cases.rs"]
mod cost_cases;
#[path = "../../../crates/core/tests/crawler_cases.rs"]
mod crawler_cases;
#[path = "../../../crates/core/tests/etl/casts.rs"]
mod etl_casts;
#[path = "../../../crates/core/tests/etl/codegen.rs"]
mod etl_codegen;
#[path = "../../../crates/core/tests/etl/filters.rs"]
mod etl_filters;
#[path = "../../../crates/core/tests/etl/schemas.rs"]
mod etl_schemas;
#[path = "../../../crates/core/tests/event_time_jobs.rs"]
mod event_time_jobs;
#[path = "../../../crates/core/tests/export_cases.rs"]
mod export_cases;
#[path = "../../../crates/core/tests/firehose_cases.rs"]
mod firehose_cases;
#[path = "../../../crates/core/tests/flink_cases.rs"]
mod flink_cases;
#[path = "../../../crates/core/tests/flink_cluster.rs"]
mod flink_cluster;
#[path = "../../../crates/core/tests/flink_parity.rs"]
mod flink_parity;
#[path = "../../../crates/flinksql/tests/flink_sql_cases.rs"]
mod flink_sql_cases;
#[path = "../../../crates/frames/tests/frame_cases.rs"]
mod frame_cases;
#[path = "../../../crates/core/tests/kinesis_cases.rs"]
mod kinesis_cases;
#[path = "../../../crates/core/tests/kms_bill.rs"]
mod kms_bill;
#[path = "../../../crates/core/tests/lab_route.rs"]
mod lab_route;
#[path = "../../../crates/core/tests/plan_cases.rs"]
mod plan_cases;
#[path = "../../../crates/core/tests/policy_cases.rs"]
mod policy_cases;
#[path = "../../../crates/core/tests/s3_cases.rs"]
mod s3_cases;
#[path = "../../../crates/core/tests/s3_directory.rs"]
mod s3_directory;
#[path = "../../../crates/core/tests/s3_script_cases.rs"]
mod s3_script_cases;
#[path = "../../../crates/core/tests/stream_bill.rs"]
mod stream_bill;
#[path = "../../../crates/core/tests/watermark_rules.rs"]
mod watermark_rules;
