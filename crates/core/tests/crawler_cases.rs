//! Classifiers and crawls as data: `tests/cases/crawler-*.json`.

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use common::{account, at, call, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, Call, CrawledObject, Effect, EffectAnswer, ObjectFormat};
use sluice_core::catalog::classify;

fn file(text: &str) -> Value {
    serde_json::from_str(text).expect("a case file is JSON")
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

#[test]
fn classifiers() {
    for case in list(&file(include_str!("../../../tests/cases/crawler-classify.json"))["cases"]) {
        let name = case["name"].as_str().expect("a name");
        let mut text = case["text"].as_str().expect("a text").to_string();
        text.push_str(&case["body"].as_str().unwrap_or_default().repeat(case["repeat"].as_u64().unwrap_or(0) as usize));
        let found = classify(text.as_bytes(), case["complete"].as_bool().unwrap_or(true));
        assert_eq!(found.classification, case["classification"], "{name}: {found:?}");
        if let Some(note) = case["note"].as_str() {
            assert!(found.notes.iter().any(|n| n.contains(note)), "{name}: {:?}", found.notes);
        } else {
            assert!(found.notes.is_empty(), "{name}: {:?}", found.notes);
        }
        if found.classification == "UNKNOWN" {
            assert_eq!((found.format, found.columns.len()), (None, 0), "{name}");
            continue;
        }
        let columns: Vec<Value> = found.columns.iter().map(|field| json!([field.name, field.data_type.to_catalog()])).collect();
        assert_eq!(json!(columns), case["columns"], "{name}");
        assert_eq!(found.rows, case["rows"], "{name}");
        assert!(found.bytes > 0 && found.bytes <= text.len() as u64, "{name}");
        match found.format.expect("a classification has a format") {
            ObjectFormat::Csv { delimiter, header, quote, .. } => {
                assert_eq!(delimiter.to_string(), case["delimiter"], "{name}");
                assert_eq!(header, case["header"], "{name}");
                assert_eq!(quote, None, "{name}");
            }
            ObjectFormat::Json { multiline } => assert_eq!(multiline, case["multiline"], "{name}"),
            ObjectFormat::Parquet => panic!("{name}: the text classifiers know no Parquet"),
        }
    }
}

#[test]
fn utf_16_and_bad_utf_8_are_named() {
    let utf16: Vec<u8> = "id,a\n1,x\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark: Vec<u8> = [0xFF, 0xFE].into_iter().chain(utf16.iter().copied()).collect();
    for bytes in [utf16, with_mark] {
        let found = classify(&bytes, true);
        assert_eq!(found.classification, "UNKNOWN");
        assert!(found.notes[0].contains("UTF-16"), "{:?}", found.notes);
    }
    let latin1 = classify(b"id,name\n1,caf\xE9 and a row long enough to be text\n2,x\n", true);
    assert_eq!(latin1.classification, "csv");
    assert!(latin1.notes[0].contains("offset 13"), "{:?}", latin1.notes);
    // A character that the sample cuts in two is no fault.
    let cut = classify(
        "id,name\n1,café\n2,caf"
            .as_bytes()
            .iter()
            .chain(b"\xC3")
            .copied()
            .collect::<Vec<u8>>()
            .as_slice(),
        false,
    );
    assert_eq!((cut.classification.as_str(), cut.rows, cut.notes.len()), ("csv", 1, 0));
}

/// Any bytes end in an answer.
#[test]
fn no_bytes_are_too_strange() {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..3_000 {
        let mut bytes = Vec::new();
        for _ in 0..(round % 97) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let alphabet = b"{}[]\":,;|\t\n\r0123456789.-eEtruefalsn \"\xE9\x00\x01";
            bytes.push(if round % 2 == 0 {
                (seed >> 33) as u8
            } else {
                alphabet[(seed >> 33) as usize % alphabet.len()]
            });
        }
        for complete in [true, false] {
            let found = classify(&bytes, complete);
            assert_eq!(found.format.is_none(), found.classification == "UNKNOWN", "{bytes:?}");
            assert!(found.format.is_some() || !found.notes.is_empty(), "{bytes:?}");
        }
    }
    let nested = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_ne!(classify(nested.as_bytes(), true).classification, "json");
}

/// An account whose crawls are answered by classifying the texts that were put.
struct Site {
    account: Account,
    texts: BTreeMap<String, String>,
}

impl Site {
    fn new() -> Site {
        let mut account = account();
        s3(&mut account, "CreateBucket", json!({"Bucket": "bucket"})).expect("the name is valid");
        Site {
            account,
            texts: BTreeMap::new(),
        }
    }

    fn put(&mut self, key: &str, text: &str) {
        put(&mut self.account, "bucket", key, text).expect("the bucket exists");
        self.texts.insert(key.to_string(), text.to_string());
    }

    fn glue(&mut self, operation: &str, params: Value) -> Value {
        call(&mut self.account, "glue", operation, params).unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    fn crawl(&mut self, crawler: &str) -> Value {
        let now = self.account.now().max(at(0)).plus_seconds(1);
        let start = Call::new("glue", "StartCrawler", json!({"Name": crawler}));
        let outcome = self.account.apply(now, &start).expect("the crawler is ready");
        for effect in outcome.effects {
            let Effect::Crawl { crawler, crawl_id, objects } = effect else {
                panic!("a crawler crawls")
            };
            assert_eq!(self.glue("GetCrawler", json!({"Name": crawler}))["Crawler"]["State"], "RUNNING");
            let objects = objects
                .into_iter()
                .map(|object| {
                    let text = &self.texts[&object.key];
                    let found = classify(text.as_bytes(), true);
                    CrawledObject {
                        bucket: object.bucket,
                        key: object.key,
                        size: text.len() as u64,
                        classification: found.classification,
                        compression: "none".into(),
                        format: found.format,
                        columns: found.columns,
                        sample_rows: found.rows,
                        sample_bytes: found.bytes,
                        notes: found.notes,
                    }
                })
                .collect();
            let answer = EffectAnswer::CrawlFinished { crawler, crawl_id, objects };
            self.account.apply(now.plus_seconds(30), &answer.to_call()).expect("the crawl is running");
        }
        let crawler = self.glue("GetCrawler", json!({"Name": crawler}))["Crawler"].clone();
        assert_eq!(crawler["State"], "READY");
        assert_eq!(crawler["LastCrawl"]["Status"], "SUCCEEDED", "{crawler}");
        crawler
    }

    fn tables(&mut self) -> BTreeMap<String, Value> {
        let tables = self.glue("GetTables", json!({"DatabaseName": "db"}))["TableList"].clone();
        list(&tables)
            .into_iter()
            .map(|table| (table["Name"].as_str().expect("a name").to_string(), table))
            .collect()
    }

    fn partitions(&mut self, table: &str) -> Vec<Value> {
        list(&self.glue("GetPartitions", json!({"DatabaseName": "db", "TableName": table}))["Partitions"])
    }
}

fn columns(list_of: &Value) -> Value {
    list(list_of).iter().map(|column| json!([column["Name"], column["Type"]])).collect()
}

#[test]
fn tables_of_a_crawl() {
    let data = file(include_str!("../../../tests/cases/crawler-tables.json"));
    for case in list(&data["cases"]) {
        let name = case["name"].as_str().expect("a name");
        let mut site = Site::new();
        for (key, content) in case["objects"].as_object().expect("objects") {
            let text = match content.as_str() {
                Some("") => "",
                Some(file) => data["files"][file].as_str().expect("a file of the list"),
                None => content["text"].as_str().expect("a text"),
            };
            site.put(key, text);
        }
        let paths = case["path"].as_array().cloned().unwrap_or_else(|| vec![case["path"].clone()]);
        let targets: Vec<Value> = paths
            .iter()
            .map(|path| {
                let mut target = json!({"Path": path, "Exclusions": list(&case["exclusions"])});
                if !case["sample_size"].is_null() {
                    target["SampleSize"] = case["sample_size"].clone();
                }
                target
            })
            .collect();
        let mut params = json!({"Name": "c", "Role": "role", "DatabaseName": "db", "Targets": {"S3Targets": targets}});
        if !case["prefix"].is_null() {
            params["TablePrefix"] = case["prefix"].clone();
        }
        if !case["configuration"].is_null() {
            params["Configuration"] = json!(case["configuration"].to_string());
        }
        site.glue("CreateCrawler", params);
        let crawler = site.crawl("c");
        let tables = site.tables();
        if let Some(message) = case["message"].as_str() {
            let messages = crawler["LastCrawl"]["SluiceMessages"].to_string();
            assert!(messages.contains(message), "{name}: {messages}");
        }
        if let Some(count) = case["count"].as_u64() {
            assert_eq!(tables.len() as u64, count, "{name}: {:?}", tables.keys());
        }
        for wanted in list(&case["names"]) {
            let wanted = wanted.as_str().expect("a name");
            let fits = |table: &&String| match wanted.strip_suffix('*') {
                Some(start) => table.len() == start.len() + 32 && table.starts_with(start),
                None => *table == wanted,
            };
            assert_eq!(tables.keys().filter(fits).count(), 1, "{name}: {wanted} in {:?}", tables.keys());
        }
        let Some(expected) = case["tables"].as_object() else { continue };
        assert_eq!(tables.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{name}");
        for (table_name, wanted) in expected {
            let table = &tables[table_name];
            let descriptor = &table["StorageDescriptor"];
            if !wanted["columns"].is_null() {
                assert_eq!(columns(&descriptor["Columns"]), wanted["columns"], "{name}, {table_name}");
            }
            if !wanted["partition_keys"].is_null() {
                assert_eq!(columns(&table["PartitionKeys"]), wanted["partition_keys"], "{name}, {table_name}");
            }
            if let Some(location) = wanted["location"].as_str() {
                assert_eq!(descriptor["Location"], format!("s3://bucket/{location}"), "{name}");
            }
            if let Some(parameters) = wanted["serde"].as_object() {
                for (key, value) in parameters {
                    assert_eq!(&descriptor["SerdeInfo"]["Parameters"][key], value, "{name}");
                }
            }
            if !wanted["partitions"].is_null() {
                let values: Value = site.partitions(table_name).iter().map(|partition| partition["Values"].clone()).collect();
                assert_eq!(values, wanted["partitions"], "{name}, {table_name}");
            }
        }
    }
}

fn crawler_over(path: &str, more: Value) -> Value {
    let mut params = json!({"Name": "c", "Role": "role", "DatabaseName": "db", "Targets": {"S3Targets": [{"Path": path}]}});
    for (name, value) in more.as_object().into_iter().flatten() {
        params[name] = value.clone();
    }
    params
}

const AB: &str = "a,b\n1,x\n2,y\n";

#[test]
fn a_table_has_what_a_crawler_writes() {
    let mut site = Site::new();
    site.put("t/x.csv", AB);
    site.glue("CreateCrawler", crawler_over("s3://bucket/t/", json!({})));
    let crawler = site.crawl("c");
    let table = &site.tables()["t"];
    let parameters = &table["Parameters"];
    for (name, value) in [
        ("classification", "csv"),
        ("compressionType", "none"),
        ("typeOfData", "file"),
        ("objectCount", "1"),
        ("recordCount", "2"),
        ("averageRecordSize", "6"),
        ("sizeKey", "12"),
        ("UPDATED_BY_CRAWLER", "c"),
        ("CrawlerSchemaSerializerVersion", "1.0"),
        ("CrawlerSchemaDeserializerVersion", "1.0"),
        ("delimiter", ","),
        ("columnsOrdered", "true"),
        ("areColumnsQuoted", "false"),
        ("skip.header.line.count", "1"),
    ] {
        assert_eq!(parameters[name], value, "{name}");
        assert_eq!(table["StorageDescriptor"]["Parameters"][name], value, "{name}");
    }
    assert_eq!(parameters["CRAWL_RUN_ID"], crawler["LastCrawl"]["MessagePrefix"]);
    let descriptor = &table["StorageDescriptor"];
    assert_eq!(descriptor["InputFormat"], "org.apache.hadoop.mapred.TextInputFormat");
    assert_eq!(
        descriptor["SerdeInfo"]["SerializationLibrary"],
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    );
    assert_eq!(descriptor["SerdeInfo"]["Parameters"]["field.delim"], ",");
    assert_eq!(descriptor["NumberOfBuckets"], -1);
    assert_eq!(table["TableType"], "EXTERNAL_TABLE");
    let metrics = site.glue("GetCrawlerMetrics", json!({}))["CrawlerMetricsList"][0].clone();
    assert_eq!((&metrics["TablesCreated"], &metrics["LastRuntimeSeconds"]), (&json!(1), &json!(30.0)));
    let crawls = site.glue("ListCrawls", json!({"CrawlerName": "c"}))["Crawls"].clone();
    assert_eq!(crawls[0]["State"], "COMPLETED");
    assert!(crawls[0]["Summary"].as_str().is_some_and(|text| text.contains("\"ADD\":1")));
}

#[test]
fn a_second_crawl_follows_the_policies() {
    for (update, merge, expected) in [
        ("UPDATE_IN_DATABASE", false, json!([["a", "string"], ["c", "bigint"]])),
        ("UPDATE_IN_DATABASE", true, json!([["a", "bigint"], ["b", "string"], ["c", "bigint"]])),
        ("LOG", false, json!([["a", "bigint"], ["b", "string"]])),
    ] {
        let mut site = Site::new();
        site.put("t/x.csv", AB);
        let configuration = if merge {
            json!({"Version": 1.0, "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}}).to_string()
        } else {
            String::new()
        };
        let policy = json!({"SchemaChangePolicy": {"UpdateBehavior": update, "DeleteBehavior": "LOG"}, "Configuration": configuration});
        site.glue("CreateCrawler", crawler_over("s3://bucket/t/", policy));
        site.crawl("c");
        let before = site.tables()["t"]["VersionId"].clone();
        site.crawl("c");
        assert_eq!(site.tables()["t"]["VersionId"], before, "{update}: nothing has changed");
        site.put("t/x.csv", "a,c\nx,1\ny,2\n");
        site.crawl("c");
        let table = site.tables()["t"].clone();
        assert_eq!(columns(&table["StorageDescriptor"]["Columns"]), expected, "{update} {merge}");
        let updated = site.glue("GetCrawlerMetrics", json!({}))["CrawlerMetricsList"][0]["TablesUpdated"].clone();
        assert_eq!(updated, if update == "LOG" { 0 } else { 1 });
    }
}

#[test]
fn new_partitions_are_added_whatever_the_policy_and_lost_ones_follow_it() {
    for (delete, left, deprecated) in [("LOG", 2, false), ("DELETE_FROM_DATABASE", 1, false), ("DEPRECATE_IN_DATABASE", 2, true)] {
        let mut site = Site::new();
        site.put("t/year=2021/x.csv", AB);
        let policy = json!({"SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": delete}});
        site.glue("CreateCrawler", crawler_over("s3://bucket/t/", policy));
        site.crawl("c");
        site.put("t/year=2022/x.csv", AB);
        site.crawl("c");
        assert_eq!(site.partitions("t").len(), 2);
        s3(&mut site.account, "DeleteObject", json!({"Bucket": "bucket", "Key": "t/year=2021/x.csv"})).expect("the bucket exists");
        site.crawl("c");
        let partitions = site.partitions("t");
        assert_eq!(partitions.len(), left, "{delete}");
        let marked = partitions.iter().any(|partition| partition["Parameters"]["DEPRECATED_BY_CRAWLER"].is_string());
        assert_eq!(marked, deprecated, "{delete}");
        s3(&mut site.account, "DeleteObject", json!({"Bucket": "bucket", "Key": "t/year=2022/x.csv"})).expect("the bucket exists");
        site.crawl("c");
        let tables = site.tables();
        assert_eq!(tables.contains_key("t"), delete != "DELETE_FROM_DATABASE", "{delete}");
        if let Some(table) = tables.get("t") {
            assert_eq!(table["Parameters"]["DEPRECATED_BY_CRAWLER"].is_string(), deprecated, "{delete}");
        }
    }
}

#[test]
fn new_folders_only_looks_at_no_known_folder() {
    let mut site = Site::new();
    site.put("t/year=2021/x.csv", AB);
    let policy = json!({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}});
    site.glue("CreateCrawler", crawler_over("s3://bucket/t/", policy));
    let crawler = site.crawl("c");
    assert_eq!(crawler["SchemaChangePolicy"], json!({"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}));
    site.put("t/year=2021/y.csv", "q,r\n1,2\n");
    site.put("t/year=2022/x.csv", AB);
    site.crawl("c");
    let tables = site.tables();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["t"]);
    assert_eq!(site.partitions("t").len(), 2);
}
