//! Crawls: starting one, stopping it, and what its answer does to the catalog.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{CrawlStatus, Crawler, Running, missing, running};
use crate::account::{ApiError, CrawledObject, Effect, ObjectInput, ObjectSource};
use crate::catalog::Glue;
use crate::catalog::crawl::{Counts, FoundTable, Grouping, group, sanitize};
use crate::catalog::database::fold;
use crate::catalog::discover::{Changes, Crawl};
use crate::catalog::glob;
use crate::catalog::hash::uuid;
use crate::catalog::location::{Location, is_hidden, normal, objects_at};
use crate::catalog::shape::{self, NAME, need};
use crate::sim::SimTime;

impl Glue {
    /// Effect: [`Effect::Crawl`] with the objects under the include paths. Without any object the crawl ends at once.
    pub(in crate::catalog) fn start_crawler(&mut self, now: SimTime, params: &Value, objects: &dyn ObjectSource) -> Result<Vec<Effect>, ApiError> {
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

    pub(in crate::catalog) fn stop_crawler(&mut self, params: &Value) -> Result<Value, ApiError> {
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

    /// Applies the data worker's answer. Error: the crawl is not running (any more), so the answer is dropped.
    pub(in crate::catalog) fn finish_crawl(&mut self, now: SimTime, name: &str, crawl_id: &str, classified: &[CrawledObject]) -> Result<(), ApiError> {
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

    pub(in crate::catalog) fn fail_crawl(&mut self, now: SimTime, name: &str, crawl_id: &str, message: &str) -> Result<(), ApiError> {
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

    pub(in crate::catalog) fn pending_crawls(&self) -> impl Iterator<Item = Effect> {
        self.crawlers.iter().filter_map(|(name, crawler)| {
            crawler.running.as_ref().map(|run| Effect::Crawl {
                crawler: name.clone(),
                crawl_id: run.crawl_id.clone(),
                objects: run.objects.clone(),
            })
        })
    }
}

/// Objects at an include path: the object of that key, else all below the folder.
fn listing(source: &dyn ObjectSource, location: &Location, exclusions: &[glob::Glob]) -> Vec<ObjectInput> {
    objects_at(source, location, true, exclusions)
        .into_iter()
        .filter(|object| !is_hidden(object.key.rsplit('/').next().unwrap_or_default()))
        .collect()
}

/// The first `size` objects of each folder.
fn sample(objects: Vec<ObjectInput>, size: usize) -> Vec<ObjectInput> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
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
    let mut counts = Counts::default();
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
