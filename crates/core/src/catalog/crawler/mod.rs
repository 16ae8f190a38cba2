//! Crawlers: their definitions, their runs and what the API tells of both.

mod history;
mod runs;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Glue;
use super::database::{CATALOG_ID, with_token};
use super::discover::{Changes, Delete, Policy, Update};
use super::location::Location;
use super::schedule;
use super::shape::{self, DESCRIPTION, Kind, Member, NAME, NAMES, OBJECTS, TEXT, TEXTS, may, need};
use crate::account::{ApiError, ObjectInput};
use crate::sim::SimTime;

/// Crawlers in an account (Glue quotas; raisable).
const MAX_CRAWLERS: usize = 1_000;
/// Crawls kept for `ListCrawls`.
const MAX_HISTORY: usize = 1_000;
/// Messages kept of a crawl.
const MAX_MESSAGES: usize = 200;
const PAGE: usize = 1_000;

const S3_TARGET: Kind = Kind::Structure(&[
    need("Path", TEXT),
    may("Exclusions", TEXTS),
    may("ConnectionName", TEXT),
    may("SampleSize", Kind::Integer(1, 249)),
    may("EventQueueArn", TEXT),
    may("DlqEventQueueArn", TEXT),
]);

const OTHER_TARGETS: [&str; 7] = [
    "JdbcTargets",
    "MongoDBTargets",
    "DynamoDBTargets",
    "CatalogTargets",
    "DeltaTargets",
    "IcebergTargets",
    "HudiTargets",
];

const TARGETS: Kind = Kind::Structure(&[
    may("S3Targets", Kind::List(&S3_TARGET, 0, usize::MAX)),
    may("JdbcTargets", OBJECTS),
    may("MongoDBTargets", OBJECTS),
    may("DynamoDBTargets", OBJECTS),
    may("CatalogTargets", OBJECTS),
    may("DeltaTargets", OBJECTS),
    may("IcebergTargets", OBJECTS),
    may("HudiTargets", OBJECTS),
]);

const POLICY: Kind = Kind::Structure(&[
    may("UpdateBehavior", Kind::OneOf(&["LOG", "UPDATE_IN_DATABASE"])),
    may("DeleteBehavior", Kind::OneOf(&["LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"])),
]);

const RECRAWL: Kind = Kind::Structure(&[may(
    "RecrawlBehavior",
    Kind::OneOf(&["CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE"]),
)]);

/// Members that `CreateCrawler` and `UpdateCrawler` share.
const DEFINITION: [Member; 13] = [
    may("DatabaseName", TEXT),
    may("Description", DESCRIPTION),
    may("Schedule", TEXT),
    may("Classifiers", NAMES),
    may("TablePrefix", Kind::Text(0, 128)),
    may("SchemaChangePolicy", POLICY),
    may("RecrawlPolicy", RECRAWL),
    may("LineageConfiguration", Kind::Object),
    may("LakeFormationConfiguration", Kind::Object),
    may("Configuration", TEXT),
    may("CrawlerSecurityConfiguration", Kind::Text(0, 128)),
    CATALOG_ID,
    need("Name", NAME),
];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Crawler {
    /// The members of `CreateCrawler`, defaults filled in.
    definition: Map<String, Value>,
    created: SimTime,
    updated: SimTime,
    version: u64,
    running: Option<Running>,
    /// Newest last.
    crawls: Vec<CrawlRecord>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Running {
    crawl_id: String,
    started: SimTime,
    stopping: bool,
    /// What the data worker was asked to look at.
    objects: Vec<ObjectInput>,
    messages: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct CrawlRecord {
    crawl_id: String,
    status: CrawlStatus,
    started: SimTime,
    ended: SimTime,
    error: Option<String>,
    changes: Changes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum CrawlStatus {
    Succeeded,
    Cancelled,
    Failed,
}

impl CrawlStatus {
    /// `LastCrawlStatus` and `CrawlerHistoryState` name the same ends differently.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            CrawlStatus::Succeeded => ("SUCCEEDED", "COMPLETED"),
            CrawlStatus::Cancelled => ("CANCELLED", "STOPPED"),
            CrawlStatus::Failed => ("FAILED", "FAILED"),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct S3Target {
    path: String,
    exclusions: Vec<String>,
    sample_size: Option<f64>,
}

/// `Configuration`, the JSON text of a crawler (Glue developer guide, "Setting crawler configuration options").
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    version: Option<f64>,
    grouping: GroupingConfiguration,
    crawler_output: OutputConfiguration,
    create_partition_index: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct GroupingConfiguration {
    table_grouping_policy: Option<String>,
    table_level_configuration: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct OutputConfiguration {
    tables: BehaviorConfiguration,
    partitions: BehaviorConfiguration,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct BehaviorConfiguration {
    add_or_update_behavior: Option<String>,
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInputException", message)
}

fn missing(name: &str) -> ApiError {
    ApiError::new("EntityNotFoundException", format!("Crawler entry with name {name} does not exist"))
}

fn configuration(text: &str) -> Result<Configuration, ApiError> {
    if text.trim().is_empty() {
        return Ok(Configuration::default());
    }
    let configuration: Configuration = serde_json::from_str(text).map_err(|error| invalid(format!("Configuration is not valid JSON: {error}")))?;
    let _ = configuration.create_partition_index;
    if configuration.version.is_some_and(|version| version != 1.0) {
        return Err(invalid("Configuration: Version must be 1.0."));
    }
    let one_of = |member: &str, value: &Option<String>, allowed: &str| match value {
        Some(value) if value != allowed => Err(invalid(format!("Configuration: {member} is {value}; it can only be {allowed}."))),
        _ => Ok(()),
    };
    one_of("TableGroupingPolicy", &configuration.grouping.table_grouping_policy, "CombineCompatibleSchemas")?;
    one_of(
        "Tables.AddOrUpdateBehavior",
        &configuration.crawler_output.tables.add_or_update_behavior,
        "MergeNewColumns",
    )?;
    one_of(
        "Partitions.AddOrUpdateBehavior",
        &configuration.crawler_output.partitions.add_or_update_behavior,
        "InheritFromTable",
    )?;
    if configuration.grouping.table_level_configuration == Some(0) {
        return Err(invalid("Configuration: TableLevelConfiguration counts from 1, the bucket."));
    }
    Ok(configuration)
}

impl super::Glue {
    /// The role of a crawler, as its definition names it. `None`: no such crawler.
    pub fn crawler_role(&self, name: &str) -> Option<&str> {
        self.crawlers.get(name).map(|crawler| crawler.text("Role"))
    }
}

impl Crawler {
    fn text(&self, name: &str) -> &str {
        shape::text(&self.definition, name)
    }

    fn targets(&self) -> Vec<S3Target> {
        let list = self.definition.get("Targets").and_then(|targets| targets.get("S3Targets"));
        list.and_then(|list| Vec::deserialize(list).ok()).unwrap_or_default()
    }

    fn choice(&self, member: &str, name: &str) -> &str {
        self.definition
            .get(member)
            .and_then(|policy| policy.get(name))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn configuration(&self) -> Configuration {
        // Checked when the crawler was made.
        configuration(self.text("Configuration")).unwrap_or_default()
    }

    fn only_new_folders(&self) -> bool {
        self.choice("RecrawlPolicy", "RecrawlBehavior") == "CRAWL_NEW_FOLDERS_ONLY"
    }

    fn policy(&self) -> Policy {
        let output = self.configuration().crawler_output;
        let update = match self.choice("SchemaChangePolicy", "UpdateBehavior") {
            "LOG" => Update::Log,
            _ if output.tables.add_or_update_behavior.is_some() => Update::NewColumns,
            _ => Update::InDatabase,
        };
        let delete = match self.choice("SchemaChangePolicy", "DeleteBehavior") {
            "LOG" => Delete::Log,
            "DELETE_FROM_DATABASE" => Delete::FromDatabase,
            _ => Delete::Deprecate,
        };
        let partial = self.only_new_folders();
        Policy {
            update: if partial { Update::Log } else { update },
            delete: if partial { Delete::Log } else { delete },
            inherit: output.partitions.add_or_update_behavior.is_some(),
            partial,
        }
    }

    fn state(&self) -> &'static str {
        match &self.running {
            None => "READY",
            Some(running) if running.stopping => "STOPPING",
            Some(_) => "RUNNING",
        }
    }

    fn finish(&mut self, now: SimTime, status: CrawlStatus, error: Option<String>, mut changes: Changes) {
        if let Some(running) = self.running.take() {
            let mut messages = running.messages;
            messages.append(&mut changes.messages);
            let more = messages.len().saturating_sub(MAX_MESSAGES);
            messages.truncate(MAX_MESSAGES);
            if more > 0 {
                messages.push(format!("… and {more} more."));
            }
            changes.messages = messages;
            self.crawls.push(CrawlRecord {
                crawl_id: running.crawl_id,
                status,
                started: running.started,
                ended: now,
                error,
                changes,
            });
            if self.crawls.len() > MAX_HISTORY {
                self.crawls.remove(0);
            }
        }
    }

    fn show(&self, now: SimTime) -> Value {
        let mut shown = self.definition.clone();
        if let Some(Value::Object(targets)) = shown.get_mut("Targets") {
            for kind in OTHER_TARGETS.iter().chain(["S3Targets"].iter()) {
                targets.entry(kind.to_string()).or_insert_with(|| json!([]));
            }
        }
        match shown.remove("Schedule") {
            Some(Value::String(expression)) if !expression.is_empty() => {
                shown.insert("Schedule".into(), json!({ "ScheduleExpression": expression, "State": "SCHEDULED" }));
            }
            _ => {}
        }
        shown.remove("Tags");
        shown.insert("State".into(), json!(self.state()));
        let elapsed = self.running.as_ref().map_or(0, |running| now.millis() - running.started.millis());
        shown.insert("CrawlElapsedTime".into(), json!(elapsed.max(0)));
        shown.insert("CreationTime".into(), json!(self.created.to_string()));
        shown.insert("LastUpdated".into(), json!(self.updated.to_string()));
        shown.insert("Version".into(), json!(self.version));
        if let Some(last) = self.crawls.last() {
            let mut shown_last = json!({
                "Status": last.status.names().0,
                "LogGroup": "/aws-glue/crawlers",
                "LogStream": self.text("Name"),
                "MessagePrefix": last.crawl_id,
                "StartTime": last.started.to_string(),
                "SluiceMessages": last.changes.messages,
            });
            if let (Some(error), Value::Object(members)) = (&last.error, &mut shown_last) {
                members.insert("ErrorMessage".into(), json!(error));
            }
            shown.insert("LastCrawl".into(), shown_last);
        }
        Value::Object(shown)
    }
}

/// Checks a definition as a whole, and fills in the defaults that the API answers.
fn complete(definition: &mut Map<String, Value>) -> Result<(), ApiError> {
    if shape::text(definition, "Role").trim().is_empty() {
        return Err(invalid("Role cannot be empty."));
    }
    let targets = definition.get("Targets").and_then(Value::as_object).cloned().unwrap_or_default();
    let filled = |name: &str| targets.get(name).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    if let Some(other) = OTHER_TARGETS.iter().find(|name| filled(name)) {
        return Err(invalid(format!("{other} are not crawled here: use S3Targets.")).with_help("Sluice crawls Amazon S3 only."));
    }
    if !filled("S3Targets") {
        return Err(invalid("Crawler cannot be created without any targets."));
    }
    for target in targets.get("S3Targets").and_then(Value::as_array).into_iter().flatten() {
        let path = target.get("Path").and_then(Value::as_str).unwrap_or_default();
        Location::parse(path).map_err(|reason| invalid(format!("S3Targets: {reason}")))?;
    }
    if shape::text(definition, "DatabaseName").is_empty() {
        return Err(invalid("DatabaseName cannot be empty for a crawler with S3 targets."));
    }
    let classifiers = definition.get("Classifiers").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(name) = classifiers.iter().find_map(Value::as_str) {
        return Err(ApiError::new("EntityNotFoundException", format!("Classifier {name} not found.")).with_help("Sluice has the built-in classifiers only."));
    }
    let text = shape::text(definition, "Schedule");
    if !text.is_empty() {
        schedule::check(text).map_err(|reason| invalid(format!("Schedule is not a valid cron expression: {reason}")))?;
    }
    configuration(shape::text(definition, "Configuration"))?;
    let recrawl = definition
        .get("RecrawlPolicy")
        .and_then(|policy| policy.get("RecrawlBehavior"))
        .and_then(Value::as_str)
        .unwrap_or("CRAWL_EVERYTHING")
        .to_string();
    if recrawl == "CRAWL_EVENT_MODE" {
        return Err(invalid("CRAWL_EVENT_MODE needs an Amazon SQS queue, which this account does not have."));
    }
    let policy = definition.get("SchemaChangePolicy").and_then(Value::as_object).cloned().unwrap_or_default();
    let chosen = |name: &str, default: &str| policy.get(name).and_then(Value::as_str).unwrap_or(default).to_string();
    let (update, delete) = (
        chosen("UpdateBehavior", "UPDATE_IN_DATABASE"),
        chosen("DeleteBehavior", "DEPRECATE_IN_DATABASE"),
    );
    if recrawl == "CRAWL_NEW_FOLDERS_ONLY" && !policy.is_empty() && (update != "LOG" || delete != "LOG") {
        return Err(invalid(
            "The SchemaChangePolicy for a crawler with RecrawlBehavior CRAWL_NEW_FOLDERS_ONLY can only have LOG as update and delete behavior.",
        ));
    }
    let (update, delete) = if recrawl == "CRAWL_NEW_FOLDERS_ONLY" {
        ("LOG".into(), "LOG".into())
    } else {
        (update, delete)
    };
    definition.insert("SchemaChangePolicy".into(), json!({ "UpdateBehavior": update, "DeleteBehavior": delete }));
    definition.insert("RecrawlPolicy".into(), json!({ "RecrawlBehavior": recrawl }));
    definition.entry("Classifiers").or_insert_with(|| json!([]));
    definition
        .entry("LineageConfiguration")
        .or_insert_with(|| json!({ "CrawlerLineageSettings": "DISABLE" }));
    definition
        .entry("LakeFormationConfiguration")
        .or_insert_with(|| json!({ "UseLakeFormationCredentials": false, "AccountId": "" }));
    Ok(())
}

impl Glue {
    pub(super) fn create_crawler(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let mut members: Vec<Member> = DEFINITION.to_vec();
        members.extend([need("Role", TEXT), need("Targets", TARGETS), may("Tags", Kind::Map)]);
        let mut definition = shape::check(params, &members)?.into_owned();
        complete(&mut definition)?;
        let name = shape::text(&definition, "Name").to_string();
        if self.crawlers.contains_key(&name) {
            return Err(ApiError::new("AlreadyExistsException", format!("Crawler with name {name} already exists")));
        }
        if self.crawlers.len() >= MAX_CRAWLERS {
            return Err(ApiError::new(
                "ResourceNumberLimitExceededException",
                "Number of crawlers exceeds the account's limit.",
            ));
        }
        self.crawlers.insert(
            name,
            Crawler {
                definition,
                created: now,
                updated: now,
                version: 1,
                running: None,
                crawls: Vec::new(),
            },
        );
        Ok(json!({}))
    }

    /// Members that are given replace the old ones.
    pub(super) fn update_crawler(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let mut members: Vec<Member> = DEFINITION.to_vec();
        members.extend([may("Role", TEXT), may("Targets", TARGETS)]);
        let params = &shape::check(params, &members)?;
        let crawler = self.crawler_mut(params)?;
        if crawler.running.is_some() {
            return Err(running(crawler.text("Name")));
        }
        let mut definition = crawler.definition.clone();
        for (name, value) in params.iter().filter(|(_, value)| !value.is_null()) {
            definition.insert(name.clone(), value.clone());
        }
        complete(&mut definition)?;
        if crawler.only_new_folders() && definition.get("Targets") != crawler.definition.get("Targets") {
            return Err(invalid(
                "The targets of a crawler with RecrawlBehavior CRAWL_NEW_FOLDERS_ONLY cannot be changed.",
            ));
        }
        crawler.definition = definition;
        crawler.updated = now;
        crawler.version += 1;
        Ok(json!({}))
    }

    fn crawler_mut(&mut self, params: &Map<String, Value>) -> Result<&mut Crawler, ApiError> {
        let name = shape::text(params, "Name");
        self.crawlers.get_mut(name).ok_or_else(|| missing(name))
    }

    pub(super) fn get_crawler(&self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &[need("Name", NAME)])?;
        let name = shape::text(params, "Name");
        let crawler = self.crawlers.get(name).ok_or_else(|| missing(name))?;
        Ok(json!({ "Crawler": crawler.show(now) }))
    }

    pub(super) fn get_crawlers(&self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &[may("MaxResults", Kind::Integer(1, PAGE as i64)), may("NextToken", TEXT)])?;
        let (page, next) = shape::page(params, self.crawlers.values().collect(), PAGE)?;
        let list: Vec<Value> = page.into_iter().map(|crawler| crawler.show(now)).collect();
        Ok(with_token(json!({ "Crawlers": list }), next))
    }

    pub(super) fn list_crawlers(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[may("MaxResults", Kind::Integer(1, PAGE as i64)), may("NextToken", TEXT), may("Tags", Kind::Map)],
        )?;
        let (page, next) = shape::page(params, self.crawlers.keys().collect(), 100)?;
        Ok(with_token(json!({ "CrawlerNames": page }), next))
    }

    pub(super) fn delete_crawler(&mut self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &[need("Name", NAME)])?;
        let crawler = self.crawler_mut(params)?;
        if crawler.running.is_some() {
            return Err(running(crawler.text("Name")));
        }
        self.crawlers.remove(shape::text(params, "Name"));
        Ok(json!({}))
    }
}

fn running(name: &str) -> ApiError {
    ApiError::new("CrawlerRunningException", format!("Crawler with name {name} has already started"))
}
