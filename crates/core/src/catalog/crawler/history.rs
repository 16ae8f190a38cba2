//! What the API tells of crawls: `ListCrawls` and `GetCrawlerMetrics`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{CrawlRecord, PAGE, missing};
use crate::account::ApiError;
use crate::catalog::Glue;
use crate::catalog::database::with_token;
use crate::catalog::discover::Changes;
use crate::catalog::shape::{self, Kind, NAME, TEXT, may, need};
use crate::sim::SimTime;

const CRAWLS_FILTER: Kind = Kind::Structure(&[
    may("FieldName", Kind::OneOf(&["CRAWL_ID", "STATE", "START_TIME", "END_TIME", "DPU_HOUR"])),
    may("FilterOperator", Kind::OneOf(&["GT", "GE", "LT", "LE", "EQ", "NE"])),
    may("FieldValue", TEXT),
]);

impl CrawlRecord {
    fn summary(&self) -> String {
        let changes = &self.changes;
        json!({
            "TABLE": { "ADD": changes.tables_created, "UPDATE": changes.tables_updated, "DELETE": changes.tables_deleted },
            "PARTITION": { "ADD": changes.partitions_created, "UPDATE": changes.partitions_updated, "DELETE": changes.partitions_deleted },
        })
        .to_string()
    }

    fn seconds(&self) -> f64 {
        (self.ended.millis() - self.started.millis()).max(0) as f64 / 1_000.0
    }

    fn show(&self, crawler: &str) -> Value {
        let mut shown = json!({
            "CrawlId": self.crawl_id,
            "State": self.status.names().1,
            "StartTime": self.started.to_string(),
            "EndTime": self.ended.to_string(),
            "Summary": self.summary(),
            "LogGroup": "/aws-glue/crawlers",
            "LogStream": crawler,
            "MessagePrefix": self.crawl_id,
            // A crawl runs on 2 DPU.
            "DPUHour": self.seconds() * 2.0 / 3_600.0,
            "SluiceMessages": self.changes.messages,
        });
        if let (Some(error), Value::Object(members)) = (&self.error, &mut shown) {
            members.insert("ErrorMessage".into(), json!(error));
        }
        shown
    }
}

impl Glue {
    /// Newest first, as the console lists them.
    pub(in crate::catalog) fn list_crawls(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[
                need("CrawlerName", NAME),
                may("MaxResults", Kind::Integer(1, PAGE as i64)),
                may("NextToken", TEXT),
                may("Filters", Kind::List(&CRAWLS_FILTER, 0, usize::MAX)),
            ],
        )?;
        let name = shape::text(params, "CrawlerName");
        let crawler = self.crawlers.get(name).ok_or_else(|| missing(name))?;
        let mut list = Vec::new();
        if let Some(run) = &crawler.running {
            list.push(json!({
                "CrawlId": run.crawl_id,
                "State": "RUNNING",
                "StartTime": run.started.to_string(),
                "LogGroup": "/aws-glue/crawlers",
                "LogStream": name,
                "MessagePrefix": run.crawl_id,
            }));
        }
        list.extend(crawler.crawls.iter().rev().map(|crawl| crawl.show(name)));
        for filter in params.get("Filters").and_then(Value::as_array).into_iter().flatten() {
            list.retain(|crawl| passes(crawl, filter));
        }
        let (page, next) = shape::page(params, list, 20)?;
        Ok(with_token(json!({ "Crawls": page }), next))
    }

    pub(in crate::catalog) fn get_crawler_metrics(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[
                may("CrawlerNameList", Kind::List(&NAME, 0, 100)),
                may("MaxResults", Kind::Integer(1, PAGE as i64)),
                may("NextToken", TEXT),
            ],
        )?;
        let wanted: Vec<&str> = params
            .get("CrawlerNameList")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let metrics = self
            .crawlers
            .iter()
            .filter(|(name, _)| wanted.is_empty() || wanted.contains(&name.as_str()))
            .map(|(name, crawler)| {
                let last = crawler.crawls.last();
                let mut times: Vec<f64> = crawler.crawls.iter().map(CrawlRecord::seconds).collect();
                times.sort_by(f64::total_cmp);
                let count = |pick: fn(&Changes) -> u64| last.map_or(0, |last| pick(&last.changes));
                json!({
                    "CrawlerName": name,
                    "TimeLeftSeconds": 0.0,
                    "StillEstimating": crawler.running.is_some(),
                    "LastRuntimeSeconds": last.map_or(0.0, CrawlRecord::seconds),
                    "MedianRuntimeSeconds": times.get(times.len() / 2).copied().unwrap_or(0.0),
                    "TablesCreated": count(|changes| changes.tables_created),
                    "TablesUpdated": count(|changes| changes.tables_updated),
                    "TablesDeleted": count(|changes| changes.tables_deleted),
                })
            })
            .collect();
        let (page, next) = shape::page(params, metrics, PAGE)?;
        Ok(with_token(json!({ "CrawlerMetricsList": page }), next))
    }
}

/// Text comparison: times are ISO 8601 in UTC, and the numbers are compared as numbers.
fn passes(crawl: &Value, filter: &Value) -> bool {
    let member = |name: &str| filter.get(name).and_then(Value::as_str).unwrap_or_default();
    let field = match member("FieldName") {
        "CRAWL_ID" => "CrawlId",
        "STATE" => "State",
        "START_TIME" => "StartTime",
        "END_TIME" => "EndTime",
        _ => "DPUHour",
    };
    let wanted = member("FieldValue");
    let order = match crawl.get(field) {
        Some(Value::String(text)) => match (SimTime::parse(text), SimTime::parse(wanted)) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => Some(text.as_str().cmp(wanted)),
        },
        Some(Value::Number(number)) => number
            .as_f64()
            .zip(wanted.parse::<f64>().ok())
            .and_then(|(left, right)| left.partial_cmp(&right)),
        _ => None,
    };
    order.is_some_and(|order| match member("FilterOperator") {
        "GT" => order.is_gt(),
        "GE" => order.is_ge(),
        "LT" => order.is_lt(),
        "LE" => order.is_le(),
        "NE" => order.is_ne(),
        _ => order.is_eq(),
    })
}
