//! The Glue Data Catalog, crawlers and jobs as an API.
//!
//! Belongs here: state and rules of databases, tables, partitions, crawlers, jobs and their runs. Does not belong here: bytes of objects, what a job does to rows.

mod classifier;
mod crawl;
mod crawler;
mod database;
mod discover;
mod glob;
mod hash;
mod input;
mod job;
mod location;
mod partition;
mod run;
mod schedule;
mod shape;
mod sink;
mod table;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use classifier::{Classified, FIRST_COLUMN, JSON_SAMPLE_BYTES, SAMPLE_BYTES, SAMPLE_RECORDS, classify};
pub use run::READ_MODES;

use crate::account::{ApiError, Effect, EffectAnswer, NodeError, ObjectSource, Outcome, SourceInput, TableInput};
use crate::etl::{Graph, NodeId};
use crate::sim::SimTime;

/// The Glue service of one account: the Data Catalog, crawlers and jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Glue {
    catalog: database::Catalog,
    crawlers: BTreeMap<String, crawler::Crawler>,
    jobs: BTreeMap<String, job::Job>,
    /// Counts crawls and runs; their ids follow from it.
    serial: u64,
}

impl Glue {
    /// `CatalogId` is the account id of AWS's examples; see [`Glue::for_account`].
    pub fn new() -> Glue {
        Glue::for_account("123456789012")
    }

    /// The service of an account: 12 digits, answered as `CatalogId`.
    pub fn for_account(account_id: &str) -> Glue {
        Glue {
            catalog: database::Catalog::of_account(account_id),
            ..Glue::default()
        }
    }

    /// Whether an operation of this service changes nothing.
    pub fn is_read(operation: &str) -> bool {
        operation.starts_with("Get") || operation.starts_with("List")
    }

    /// Applies one operation of the `glue` service model.
    ///
    /// Errors carry the codes of the model; a parameter of the wrong name, type or size is `InvalidInputException`, an operation that is not there `NotImplemented`.
    pub fn call(&mut self, now: SimTime, operation: &str, params: &Value, objects: &dyn ObjectSource) -> Result<Outcome, ApiError> {
        let catalog = &mut self.catalog;
        let (response, effects) = match operation {
            "CreateDatabase" => (catalog.create_database(now, params)?, Vec::new()),
            "GetDatabase" => (catalog.get_database(params)?, Vec::new()),
            "GetDatabases" => (catalog.get_databases(params)?, Vec::new()),
            "DeleteDatabase" => (catalog.delete_database(params)?, Vec::new()),
            "CreateTable" => (catalog.create_table(now, params)?, Vec::new()),
            "UpdateTable" => (catalog.update_table(now, params)?, Vec::new()),
            "GetTable" => (catalog.get_table(params)?, Vec::new()),
            "GetTables" => (catalog.get_tables(params)?, Vec::new()),
            "DeleteTable" => (catalog.delete_table(params)?, Vec::new()),
            "CreatePartition" => (catalog.create_partition(now, params)?, Vec::new()),
            "BatchCreatePartition" => (catalog.batch_create_partition(now, params)?, Vec::new()),
            "GetPartition" => (catalog.get_partition(params)?, Vec::new()),
            "GetPartitions" => (catalog.get_partitions(params)?, Vec::new()),
            "DeletePartition" => (catalog.delete_partition(params)?, Vec::new()),
            "CreateCrawler" => (self.create_crawler(now, params)?, Vec::new()),
            "UpdateCrawler" => (self.update_crawler(now, params)?, Vec::new()),
            "GetCrawler" => (self.get_crawler(now, params)?, Vec::new()),
            "GetCrawlers" => (self.get_crawlers(now, params)?, Vec::new()),
            "ListCrawlers" => (self.list_crawlers(params)?, Vec::new()),
            "StartCrawler" => (json!({}), self.start_crawler(now, params, objects)?),
            "StopCrawler" => (self.stop_crawler(params)?, Vec::new()),
            "DeleteCrawler" => (self.delete_crawler(params)?, Vec::new()),
            "ListCrawls" => (self.list_crawls(params)?, Vec::new()),
            "GetCrawlerMetrics" => (self.get_crawler_metrics(params)?, Vec::new()),
            "CreateJob" => (self.create_job(now, params)?, Vec::new()),
            "UpdateJob" => (self.update_job(now, params)?, Vec::new()),
            "GetJob" => (self.get_job(params)?, Vec::new()),
            "GetJobs" => (self.get_jobs(params)?, Vec::new()),
            "ListJobs" => (self.list_jobs(params)?, Vec::new()),
            "DeleteJob" => self.delete_job(params)?,
            "StartJobRun" => self.start_job_run(now, params, objects)?,
            "GetJobRun" => (self.get_job_run(now, params)?, Vec::new()),
            "GetJobRuns" => (self.get_job_runs(now, params)?, Vec::new()),
            "BatchStopJobRun" => self.batch_stop_job_run(now, params)?,
            _ => {
                return Err(ApiError::new("NotImplemented", format!("The operation glue:{operation} is not implemented.")));
            }
        };
        Ok(Outcome { response, body: None, effects })
    }

    /// Applies an effect's answer. `JobRunSucceeded`: the files are in S3 already; this updates run, tables and partitions.
    ///
    /// Error: nothing waits for the answer (the crawl or run has ended, or its crawler or job is gone), so it is dropped.
    pub fn answer(&mut self, now: SimTime, answer: &EffectAnswer, _objects: &dyn ObjectSource) -> Result<(), ApiError> {
        match answer {
            EffectAnswer::CrawlFinished { crawler, crawl_id, objects } => self.finish_crawl(now, crawler, crawl_id, objects),
            EffectAnswer::CrawlFailed { crawler, crawl_id, message } => self.fail_crawl(now, crawler, crawl_id, message),
            EffectAnswer::JobRunSucceeded { run_id, report, outputs } => self.run_succeeded(now, run_id, report, outputs),
            EffectAnswer::JobRunFailed { run_id, report, failure } => self.run_failed(now, run_id, report, failure),
            EffectAnswer::JobRunStopped { run_id, report } => self.run_stopped(now, run_id, report),
        }
    }

    /// The objects and their layout for every source of the graph, or every reason why one can't be read.
    pub fn inputs(&self, graph: &Graph, objects: &dyn ObjectSource) -> Result<BTreeMap<NodeId, SourceInput>, Vec<NodeError>> {
        input::resolve(&self.catalog, graph, objects)
    }

    /// The columns of a table; names are folded to lower case first.
    pub fn table_input(&self, database: &str, table: &str) -> Option<TableInput> {
        self.catalog.table(database, table).map(table::Table::input)
    }

    /// Work that was started and not answered: crawls and runs.
    pub fn pending_effects(&self) -> Vec<Effect> {
        self.pending_crawls().chain(self.pending_runs()).collect()
    }
}
