use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::state::S3;
use super::super::tags;
use super::super::tiering::TieringConfiguration;
use super::super::{AccessTier, errors};
use super::member;
use crate::account::params::missing;
use crate::account::{ApiError, Params};
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;
use crate::storage::s3::rules::{ARCHIVE_ACCESS_MIN_DAYS, ARCHIVE_TIERS_MAX_DAYS, DEEP_ARCHIVE_ACCESS_MIN_DAYS, MAX_TIERING_CONFIGURATIONS};
use crate::storage::s3::{MAX_OBJECT_TAGS, StorageClass};

/// Configurations of one page (API reference).
const PAGE: usize = 100;
/// Days without access that a configuration may name, by tier ("Archive access tiers").
const ARCHIVE_DAYS: core::ops::RangeInclusive<i64> = ARCHIVE_ACCESS_MIN_DAYS..=ARCHIVE_TIERS_MAX_DAYS;
const DEEP_ARCHIVE_DAYS: core::ops::RangeInclusive<i64> = DEEP_ARCHIVE_ACCESS_MIN_DAYS..=ARCHIVE_TIERS_MAX_DAYS;

fn no_such_configuration() -> ApiError {
    ApiError::new("NoSuchConfiguration", "The specified configuration does not exist.")
}

impl S3 {
    /// Errors: `NoSuchBucket`, `MalformedXML`, `InvalidArgument`, `InvalidTag`, `TooManyConfigurations`.
    pub(super) fn put_bucket_intelligent_tiering_configuration(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let (name, id) = (params.required_text("Bucket")?, params.required_text("Id")?);
        let bucket = self.named_bucket(name)?;
        let given = params
            .structure("IntelligentTieringConfiguration")
            .ok_or_else(|| missing("IntelligentTieringConfiguration"))?;
        if given.text("Id") != Some(id) {
            return Err(errors::invalid_argument("Id in the query and in the configuration must be the same"));
        }
        if !(1..=64).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            return Err(errors::invalid_argument(
                "The configuration ID has 1 to 64 letters, digits, periods, dashes or underscores",
            ));
        }
        if bucket.tiering.len() >= MAX_TIERING_CONFIGURATIONS && !bucket.tiering.contains_key(id) {
            return Err(ApiError::new(
                "TooManyConfigurations",
                "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.",
            ));
        }
        let configuration = read(&given, now)?;
        self.metering.request(now, StorageClass::Standard, RequestKind::Put);
        if let Some(bucket) = self.buckets.get_mut(name) {
            bucket.tiering.insert(id.to_string(), configuration);
        }
        self.reschedule_bucket(name);
        Ok(Map::new())
    }

    /// Errors: `NoSuchBucket`, `NoSuchConfiguration`.
    pub(super) fn get_bucket_intelligent_tiering_configuration(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let id = params.required_text("Id")?;
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        let configuration = bucket.tiering.get(id).ok_or_else(no_such_configuration)?;
        Ok(member("IntelligentTieringConfiguration", configuration.to_json(id)))
    }

    pub(super) fn list_bucket_intelligent_tiering_configurations(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        let token = params.text("ContinuationToken");
        let after = match token {
            None => None,
            Some(token) => {
                let read = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                Some(read.ok_or_else(|| errors::invalid_argument("The continuation token provided is incorrect"))?)
            }
        };
        let mut rest = bucket.tiering.iter().filter(|(id, _)| after.as_ref().is_none_or(|after| *id > after));
        let page: Vec<_> = rest.by_ref().take(PAGE).collect();
        let mut response = member("IsTruncated", json!(false));
        if let Some((last, _)) = page.last()
            && rest.next().is_some()
        {
            response.insert("IsTruncated".to_string(), json!(true));
            response.insert("NextContinuationToken".to_string(), json!(URL_SAFE_NO_PAD.encode(last)));
        }
        if let Some(token) = token {
            response.insert("ContinuationToken".to_string(), json!(token));
        }
        if !page.is_empty() {
            let list = page.into_iter().map(|(id, configuration)| configuration.to_json(id));
            response.insert("IntelligentTieringConfigurationList".to_string(), list.collect());
        }
        Ok(response)
    }

    /// Errors: `NoSuchBucket`, `NoSuchConfiguration`.
    pub(super) fn delete_bucket_intelligent_tiering_configuration(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let (name, id) = (params.required_text("Bucket")?, params.required_text("Id")?);
        self.named_bucket(name)?;
        let removed = self.buckets.get_mut(name).and_then(|bucket| bucket.tiering.remove(id));
        removed.ok_or_else(no_such_configuration)?;
        self.metering.request(now, StorageClass::Standard, RequestKind::Delete);
        self.reschedule_bucket(name);
        Ok(Map::new())
    }
}

fn read(given: &Params<'_>, now: SimTime) -> Result<TieringConfiguration, ApiError> {
    let enabled = match given.text("Status") {
        Some("Enabled") => true,
        Some("Disabled") => false,
        _ => return Err(errors::malformed_xml().with_help("Status is Enabled or Disabled.")),
    };
    let mut configuration = TieringConfiguration {
        enabled,
        prefix: None,
        tags: BTreeMap::new(),
        and: false,
        archive: None,
        deep_archive: None,
        since: now,
    };
    if let Some(filter) = given.structure("Filter") {
        if filter.names().count() > 1 {
            return Err(errors::malformed_xml().with_help("A Filter has one of Prefix, Tag and And."));
        }
        let and = filter.structure("And");
        let inner = and.unwrap_or(filter);
        configuration.and = and.is_some();
        configuration.prefix = inner.text("Prefix").map(ToString::to_string);
        let given = filter.structure("Tag").into_iter().chain(inner.structures("Tags"));
        let pairs = given.map(|tag| (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default()));
        configuration.tags = tags::check(pairs, MAX_OBJECT_TAGS)?;
    }
    for tiering in given.structures("Tierings") {
        let days = tiering.integer("Days").unwrap_or_default();
        let (place, allowed) = match tiering.text("AccessTier").and_then(AccessTier::parse) {
            Some(AccessTier::ArchiveAccess) => (&mut configuration.archive, ARCHIVE_DAYS),
            Some(AccessTier::DeepArchiveAccess) => (&mut configuration.deep_archive, DEEP_ARCHIVE_DAYS),
            _ => return Err(errors::malformed_xml().with_help("AccessTier is ARCHIVE_ACCESS or DEEP_ARCHIVE_ACCESS.")),
        };
        let days = u32::try_from(days).ok().filter(|_| allowed.contains(&days)).ok_or_else(|| {
            errors::invalid_argument("The number of days is out of the range of the access tier")
                .with_help("ARCHIVE_ACCESS takes 90 to 730 days, DEEP_ARCHIVE_ACCESS 180 to 730.")
        })?;
        if place.replace(days).is_some() {
            return Err(errors::malformed_xml().with_help("Each access tier is named once."));
        }
    }
    match (configuration.archive, configuration.deep_archive) {
        (None, None) => Err(errors::malformed_xml().with_help("Tierings names at least one access tier.")),
        (Some(archive), Some(deep)) if deep <= archive => Err(errors::invalid_argument(
            "The number of days of DEEP_ARCHIVE_ACCESS must be greater than that of ARCHIVE_ACCESS",
        )),
        _ => Ok(configuration),
    }
}
