//! Crawlers: their definitions, their runs and what the API tells of both.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Glue;
use super::crawl::{FoundTable, Grouping, group, sanitize};
use super::database::{CATALOG_ID, fold, with_token};
use super::discover::{Changes, Crawl, Delete, Policy, Update};
use super::glob;
use super::hash::uuid;
use super::location::{Location, is_hidden, normal};
use super::schedule;
use super::shape::{self, DESCRIPTION, Kind, Member, NAME, NAMES, OBJECTS, TEXT, TEXTS, may, need};
use crate::account::{ApiError, CrawledObject, Effect, ObjectInput, ObjectSource};
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

const CRAWLS_FILTER: Kind = Kind::Structure(&[
    may("FieldName", Kind::OneOf(&["CRAWL_ID", "STATE", "START_TIME", "END_TIME", "DPU_HOUR"])),
    may("FilterOperator", Kind::OneOf(&["GT", "GE", "LT", "LE", "EQ", "NE"])),
    may("FieldValue", TEXT),
]);

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

    /// Effect: [`Effect::Crawl`] with the objects under the include paths. Without any object the crawl ends at once.
    pub(super) fn start_crawler(&mut self, now: SimTime, params: &Value, objects: &dyn ObjectSource) -> Result<Vec<Effect>, ApiError> {
        let params = &shape::check(params, &[need("Name", NAME)])?;
        let name = shape::text(params, "Name").to_string();
        let crawler = self.crawlers.get(&name).ok_or_else(|| missing(&name))?;
        if crawler.running.is_some() {
            return Err(running(&name));
        }
        self.serial += 1;
        let crawl_id = uuid(&name, self.serial);
        let listed = self.list_targets(crawler, objects);
        let Some(crawler) = self.crawlers.get_mut(&name) else {
            return Err(missing(&name));
        };
        let mut run = Running {
            crawl_id: crawl_id.clone(),
            started: now,
            stopping: false,
            objects: Vec::new(),
            messages: Vec::new(),
        };
        match listed {
            Err(message) => {
                crawler.running = Some(run);
                crawler.finish(now, CrawlStatus::Failed, Some(message), Changes::default());
                Ok(Vec::new())
            }
            Ok((found, messages)) => {
                run.messages = messages;
                let nothing = found.is_empty();
                run.objects.clone_from(&found);
                crawler.running = Some(run);
                if nothing {
                    self.finish_crawl(now, &name, &crawl_id, &[])?;
                    return Ok(Vec::new());
                }
                Ok(Vec::from([Effect::Crawl {
                    crawler: name,
                    crawl_id,
                    objects: found,
                }]))
            }
        }
    }

    /// The objects to classify, and remarks. Error: why the crawl fails.
    fn list_targets(&self, crawler: &Crawler, source: &dyn ObjectSource) -> Result<(Vec<ObjectInput>, Vec<String>), String> {
        let mut found: Vec<ObjectInput> = Vec::new();
        let mut taken: BTreeSet<(String, String)> = BTreeSet::new();
        let mut messages = Vec::new();
        let known = if crawler.only_new_folders() {
            self.known_folders(crawler)
        } else {
            BTreeSet::new()
        };
        for target in crawler.targets() {
            let location = Location::parse(&target.path)?;
            if !source.bucket_exists(&location.bucket) {
                return Err(format!("NoSuchBucket: The specified bucket does not exist: {}", location.bucket));
            }
            let exclusions = glob::compile(&target.exclusions);
            let mut listed = listing(source, &location, &exclusions);
            if listed.is_empty() {
                messages.push(format!("There are no objects to crawl at {}.", location.path()));
            }
            listed.retain(|object| {
                let folder = object.key.rfind('/').map_or("", |at| object.key.get(..at).unwrap_or_default());
                !known.contains(&normal(&format!("s3://{}/{folder}", object.bucket)))
            });
            if let Some(size) = target.sample_size {
                // Checked to be whole and within 1 to 249.
                listed = sample(listed, size as usize);
            }
            for object in listed {
                if taken.insert((object.bucket.clone(), object.key.clone())) {
                    found.push(object);
                }
            }
        }
        Ok((found, messages))
    }

    /// Folders that tables and partitions of the crawler's database point to.
    fn known_folders(&self, crawler: &Crawler) -> BTreeSet<String> {
        let mut known = BTreeSet::new();
        for table in self.catalog.tables(crawler.text("DatabaseName")).into_iter().flat_map(|tables| tables.values()) {
            if table.partition_keys.is_empty() {
                known.insert(normal(&table.storage_descriptor.location));
            }
            known.extend(table.partitions().iter().map(|partition| normal(&partition.storage_descriptor.location)));
        }
        known
    }

    pub(super) fn stop_crawler(&mut self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &[need("Name", NAME)])?;
        let crawler = self.crawler_mut(params)?;
        let name = crawler.text("Name").to_string();
        match &mut crawler.running {
            None => Err(ApiError::new("CrawlerNotRunningException", format!("Crawler with name {name} isn't running"))),
            Some(run) if run.stopping => Err(ApiError::new(
                "CrawlerStoppingException",
                format!("Crawler with name {name} is already stopping"),
            )),
            Some(run) => {
                run.stopping = true;
                Ok(json!({}))
            }
        }
    }

    /// Newest first, as the console lists them.
    pub(super) fn list_crawls(&self, params: &Value) -> Result<Value, ApiError> {
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

    pub(super) fn get_crawler_metrics(&self, params: &Value) -> Result<Value, ApiError> {
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

    /// Applies the data worker's answer. Error: the crawl is not running (any more), so the answer is dropped.
    pub(super) fn finish_crawl(&mut self, now: SimTime, name: &str, crawl_id: &str, classified: &[CrawledObject]) -> Result<(), ApiError> {
        let crawler = self.running_crawler(name, crawl_id)?;
        if crawler.running.as_ref().is_some_and(|run| run.stopping) {
            crawler.finish(now, CrawlStatus::Cancelled, None, Changes::default());
            return Ok(());
        }
        let configuration = crawler.configuration();
        let grouping = Grouping {
            combine: configuration.grouping.table_grouping_policy.is_some(),
            level: configuration.grouping.table_level_configuration,
        };
        let policy = crawler.policy();
        let (database, prefix) = (crawler.text("DatabaseName").to_string(), crawler.text("TablePrefix").to_string());
        let targets = crawler.targets();
        let mut messages = Vec::new();
        for object in classified {
            let path = format!("s3://{}/{}", object.bucket, object.key);
            if object.classification == "UNKNOWN" {
                messages.push(format!("{path} is of no known format: {}", object.notes.join(" ")));
            } else {
                messages.extend(object.notes.iter().map(|note| format!("{path}: {note}")));
            }
        }
        let mut found: Vec<FoundTable> = Vec::new();
        let mut includes = Vec::new();
        for target in targets {
            let Ok(location) = Location::parse(&target.path) else { continue };
            includes.push(normal(&target.path));
            let here: Vec<&CrawledObject> = classified
                .iter()
                .filter(|object| object.bucket == location.bucket && (object.key == location.key || object.key.starts_with(&location.folder())))
                .collect();
            let known: Vec<&CrawledObject> = here.iter().copied().filter(|object| object.classification != "UNKNOWN").collect();
            if known.is_empty() && !here.is_empty() {
                found.push(unknown_table(&location, &here));
            }
            for table in group(&location, &known, grouping) {
                if !found.iter().any(|other| other.location == table.location) {
                    found.push(table);
                }
            }
        }
        let seen: BTreeSet<String> = classified
            .iter()
            .map(|object| normal(&format!("s3://{}/{}", object.bucket, object.key)))
            .collect();
        let mut changes = self.catalog.discover(
            now,
            &Crawl {
                crawler: name,
                crawl_id,
                database: &fold(&database),
                prefix: &prefix,
                includes: &includes,
                seen: &seen,
                policy,
            },
            found,
        );
        messages.append(&mut changes.messages);
        changes.messages = messages;
        self.running_crawler(name, crawl_id)?.finish(now, CrawlStatus::Succeeded, None, changes);
        Ok(())
    }

    pub(super) fn fail_crawl(&mut self, now: SimTime, name: &str, crawl_id: &str, message: &str) -> Result<(), ApiError> {
        let crawler = self.running_crawler(name, crawl_id)?;
        let stopping = crawler.running.as_ref().is_some_and(|run| run.stopping);
        let (status, error) = if stopping {
            (CrawlStatus::Cancelled, None)
        } else {
            (CrawlStatus::Failed, Some(message.to_string()))
        };
        crawler.finish(now, status, error, Changes::default());
        Ok(())
    }

    fn running_crawler(&mut self, name: &str, crawl_id: &str) -> Result<&mut Crawler, ApiError> {
        self.crawlers
            .get_mut(name)
            .filter(|crawler| crawler.running.as_ref().is_some_and(|run| run.crawl_id == crawl_id))
            .ok_or_else(|| ApiError::new("EntityNotFoundException", format!("Crawler {name} has no running crawl {crawl_id}.")))
    }

    pub(super) fn pending_crawls(&self) -> impl Iterator<Item = Effect> {
        self.crawlers.iter().filter_map(|(name, crawler)| {
            crawler.running.as_ref().map(|run| Effect::Crawl {
                crawler: name.clone(),
                crawl_id: run.crawl_id.clone(),
                objects: run.objects.clone(),
            })
        })
    }
}

fn running(name: &str) -> ApiError {
    ApiError::new("CrawlerRunningException", format!("Crawler with name {name} has already started"))
}

/// Objects at an include path: the object of that key, else all below the folder.
fn listing(source: &dyn ObjectSource, location: &Location, exclusions: &[glob::Glob]) -> Vec<ObjectInput> {
    super::location::objects_at(source, location, true, exclusions)
        .into_iter()
        .filter(|object| !is_hidden(object.key.rsplit('/').next().unwrap_or_default()))
        .collect()
}

/// The first `size` objects of each folder.
fn sample(objects: Vec<ObjectInput>, size: usize) -> Vec<ObjectInput> {
    let mut taken: alloc::collections::BTreeMap<String, usize> = alloc::collections::BTreeMap::new();
    objects
        .into_iter()
        .filter(|object| {
            let folder = object.key.rsplit_once('/').map_or("", |(folder, _)| folder);
            let count = taken.entry(folder.to_string()).or_insert(0);
            *count += 1;
            *count <= size
        })
        .collect()
}

/// Where nothing is recognised a table of classification `UNKNOWN` without columns remains.
fn unknown_table(location: &Location, objects: &[&CrawledObject]) -> FoundTable {
    let single = objects.iter().any(|object| object.key == location.key);
    let key = if single { location.key.clone() } else { location.folder() };
    let name = match key.trim_end_matches('/').rsplit('/').next() {
        None | Some("") => location.bucket.as_str(),
        Some(name) => name,
    };
    let mut counts = super::crawl::Counts::default();
    for object in objects {
        counts.objects += 1;
        counts.bytes = counts.bytes.saturating_add(object.size);
    }
    FoundTable {
        name: sanitize(name),
        location: format!("s3://{}/{key}", location.bucket),
        classification: "UNKNOWN".into(),
        compression: "none".into(),
        format: None,
        columns: Vec::new(),
        partition_keys: Vec::new(),
        partitions: Vec::new(),
        counts,
        quoted: false,
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
