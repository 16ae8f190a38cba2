//! `RunFlinkSql` by what it answers.

use serde_json::json;
use sluice_flinksql::call::call;

#[test]
fn a_temporal_join_takes_the_version_of_its_time() {
    let script = "CREATE TABLE o (id INT, cur STRING, t TIMESTAMP(3), WATERMARK FOR t AS t) WITH ('connector' = 'kinesis');\n\
        CREATE TABLE r (cur STRING, rate INT, u TIMESTAMP(3), WATERMARK FOR u AS u, PRIMARY KEY (cur) NOT ENFORCED);\n\
        SELECT id, rate FROM o LEFT JOIN r FOR SYSTEM_TIME AS OF o.t ON o.cur = r.cur";
    let rows = json!({"o": [{"id": 1, "cur": "e", "t": 1_000}, {"id": 2, "cur": "e", "t": 3_000}, {"id": 3, "cur": "x", "t": 3_000}],
        "r": [{"cur": "e", "rate": 10, "u": 1_000}, {"cur": "e", "rate": 20, "u": 2_000}]});
    let answer = call(&json!({"Script": script, "Tables": rows})).unwrap();
    println!("{answer}");
    let rows: Vec<_> = answer["Queries"][0]["Rows"].as_array().unwrap().iter().map(|row| row["Row"].clone()).collect();
    assert_eq!(rows, [json!([1, 10]), json!([2, 20]), json!([3, null])]);
}

#[test]
fn what_is_not_covered_is_named_with_its_place() {
    let error = call(&json!({"Script": "CREATE TABLE t (a INT);\nSELECT * FROM t\n  MATCH_RECOGNIZE (PATTERN (A))"})).unwrap_err();
    assert_eq!(error, "line 3, column 3: MATCH_RECOGNIZE is not covered");
}
