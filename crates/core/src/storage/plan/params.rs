use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use super::population::log_normal;
use super::run::{MAX_PIECES, pieces};
use super::search::MAX_GRID;
use super::{Access, Bucket, Constraint, Pattern, Population, Readable, Scenario, SizeShare};
use crate::account::params::{ANY, BOOLEAN, Member, NAME, Shape, TEXT, TEXT_MAP, TIMESTAMP, missing, optional, required};
use crate::account::{ApiError, Params, param_error};
use crate::sim::SimTime;
use crate::storage::cost::RestoreTier;
use crate::storage::price::{DEFAULT_PRICE_LIST, PriceList};
use crate::storage::s3::lifecycle::LifecycleConfiguration;
use crate::storage::s3::{StorageClass, Versioning};

const COUNT: Shape = Shape::Integer { min: Some(0) };
const POSITIVE: Shape = Shape::Integer { min: Some(1) };
const NUMBER: Shape = Shape::Double;

const SIZE: &[Member] = &[required("Bytes", COUNT), optional("Weight", POSITIVE)];
const LOG_NORMAL: &[Member] = &[required("MedianBytes", POSITIVE), required("Sigma", NUMBER)];
const POPULATION: &[Member] = &[
    optional("Objects", COUNT),
    optional("UploadsPerMonth", COUNT),
    optional(
        "Sizes",
        Shape::List {
            of: &Shape::Structure(SIZE),
            min: 1,
        },
    ),
    optional("LogNormal", Shape::Structure(LOG_NORMAL)),
    optional("StorageClass", TEXT),
    optional("Key", NAME),
    optional("Tags", TEXT_MAP),
    optional("OverwriteEveryDays", POSITIVE),
    optional("DeleteAfterDays", POSITIVE),
];
const NUMBERS: Shape = Shape::List { of: &NUMBER, min: 0 };
const ACCESS: &[Member] = &[
    optional("Pattern", TEXT),
    optional("ReadsPerMonth", NUMBER),
    optional("HalfLifeDays", NUMBER),
    optional("EveryDays", POSITIVE),
    optional("LastingDays", POSITIVE),
    optional("Series", NUMBERS),
    optional("ReadShare", NUMBER),
    optional("ToInternet", BOOLEAN),
];
const BUCKET: &[Member] = &[
    optional("Versioning", TEXT),
    optional("ArchiveAccessDays", POSITIVE),
    optional("DeepArchiveAccessDays", POSITIVE),
    optional("RestoreTier", TEXT),
    optional("DeepRestoreTier", TEXT),
    optional("RestoreDays", POSITIVE),
    optional("SSEAlgorithm", TEXT),
    optional("BucketKeyEnabled", BOOLEAN),
];
const CONSTRAINT: &[Member] = &[
    optional("Readable", TEXT),
    optional("OneZone", BOOLEAN),
    optional("Days", Shape::List { of: &COUNT, min: 1 }),
];

/// Members of `sluice:PlanStorage`. Everything but the population has a default; see the readers below for the values.
pub(super) const SCENARIO: [Member; 7] = [
    optional("PriceList", TEXT),
    optional("Start", TIMESTAMP),
    optional("Months", POSITIVE),
    required("Population", Shape::Structure(POPULATION)),
    optional("Access", Shape::Structure(ACCESS)),
    optional("Bucket", Shape::Structure(BUCKET)),
    optional("LifecycleConfiguration", ANY),
];
/// The same for `sluice:BestStoragePlan`.
pub(super) const BEST: [Member; 8] = [
    SCENARIO[0],
    SCENARIO[1],
    SCENARIO[2],
    SCENARIO[3],
    SCENARIO[4],
    SCENARIO[5],
    SCENARIO[6],
    optional("Constraint", Shape::Structure(CONSTRAINT)),
];
/// Members that `sluice:PlanStorage` has beside those of a scenario.
pub(super) const LINES: Member = optional("Lines", BOOLEAN);
pub(super) const BREAK_EVEN: Member = optional("BreakEven", BOOLEAN);

/// Months of a run: fifty years.
const MAX_MONTHS: i64 = 600;
/// Objects of a population, and uploads a month.
const MAX_OBJECTS: i64 = 10_000_000_000;
/// The largest object, bytes: 48.8 TiB ("Amazon S3 multipart upload limits").
const MAX_BYTES: i64 = 53_687_091_200_000;
const MAX_SIZES: usize = 32;
const MAX_READS: f64 = 1e6;
const MAX_SERIES: usize = 1_200;
const MAX_DAYS: i64 = 36_500;

fn beyond(name: &str, value: impl core::fmt::Display, least: impl core::fmt::Display, most: impl core::fmt::Display) -> ApiError {
    param_error(format!("Invalid value for parameter {name}, value: {value}, valid range: {least} to {most}"))
}

fn one_of(name: &str, value: &str, choices: &[&str]) -> ApiError {
    param_error(format!(
        "Invalid value for parameter {name}, value: {value}, must be one of: {}",
        choices.join(", ")
    ))
}

fn whole(given: &Params<'_>, path: &str, name: &str, most: i64) -> Result<Option<u64>, ApiError> {
    match given.integer(name) {
        None => Ok(None),
        Some(value) if value <= most => Ok(u64::try_from(value).ok()),
        Some(value) => Err(beyond(&format!("{path}{name}"), value, 0, most)),
    }
}

fn days(given: &Params<'_>, path: &str, name: &str) -> Result<Option<u32>, ApiError> {
    Ok(whole(given, path, name, MAX_DAYS)?.and_then(|days| u32::try_from(days).ok()))
}

fn number(given: &Params<'_>, path: &str, name: &str, least: f64, most: f64) -> Result<Option<f64>, ApiError> {
    match given.double(name) {
        None => Ok(None),
        Some(value) if (least..=most).contains(&value) => Ok(Some(value)),
        Some(value) => Err(beyond(&format!("{path}{name}"), value, least, most)),
    }
}

/// The price list that a call names.
pub(super) fn prices(given: &Params<'_>) -> Result<PriceList, ApiError> {
    PriceList::load(given.text("PriceList").unwrap_or(DEFAULT_PRICE_LIST))
}

/// Reads the members of [`SCENARIO`], already checked. Errors name the member; a run that would be too long is refused.
pub(super) fn scenario(given: &Params<'_>, now: SimTime) -> Result<Scenario, ApiError> {
    let months = given.integer("Months").unwrap_or(12);
    if months > MAX_MONTHS {
        return Err(beyond("Months", months, 1, MAX_MONTHS));
    }
    let start = given.time("Start").unwrap_or_else(|| {
        let day = 86_400_000_000;
        SimTime::from_micros(now.micros() - now.micros().rem_euclid(day))
    });
    if start.civil().year > 9_900 || start.civil().year < 1 {
        return Err(beyond("Start", start, "0001-01-01", "9900-12-31"));
    }
    let objects = given.structure("Population").ok_or_else(|| missing("Population"))?;
    let at = "Population.";
    let population = Population {
        objects: whole(&objects, at, "Objects", MAX_OBJECTS)?.unwrap_or(0),
        uploads_per_month: whole(&objects, at, "UploadsPerMonth", MAX_OBJECTS)?.unwrap_or(0),
        sizes: sizes(&objects)?,
    };
    let class = match objects.text("StorageClass") {
        None => StorageClass::Standard,
        Some(text) => StorageClass::parse(text).ok_or_else(|| one_of("Population.StorageClass", text, &StorageClass::ALL.map(StorageClass::as_str)))?,
    };
    let tags = objects.map("Tags").into_iter().flatten();
    let scenario = Scenario {
        start,
        months: u32::try_from(months).unwrap_or(1),
        class,
        key: objects.text("Key").unwrap_or("object").to_string(),
        tags: tags
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_string()))
            .collect(),
        overwrite_days: days(&objects, at, "OverwriteEveryDays")?,
        delete_days: days(&objects, at, "DeleteAfterDays")?,
        population,
        access: access(given)?,
        bucket: bucket(given)?,
        lifecycle: match given.get("LifecycleConfiguration") {
            None | Some(Value::Null) => LifecycleConfiguration::default(),
            Some(value) if value.get("Rules").and_then(Value::as_array).is_some_and(Vec::is_empty) => LifecycleConfiguration::default(),
            Some(value) => {
                let mut lifecycle = LifecycleConfiguration::parse(value)?;
                let mut number = 0;
                lifecycle.name_rules(|| {
                    number += 1;
                    format!("rule-{number}")
                });
                lifecycle
            }
        },
    };
    let needed = pieces(&scenario);
    if needed > MAX_PIECES {
        return Err(ApiError::new(
            "LimitExceeded",
            format!("The run would meter {needed} months of versions; it meters at most {MAX_PIECES}."),
        )
        .with_help("Fewer months, fewer sizes, or a longer time between overwrites makes it shorter."));
    }
    Ok(scenario)
}

fn sizes(given: &Params<'_>) -> Result<Vec<SizeShare>, ApiError> {
    let path = "Population.";
    if let Some(curve) = given.structure("LogNormal") {
        if given.has("Sizes") {
            return Err(param_error("Population has one of Sizes and LogNormal"));
        }
        let median = whole(&curve, "Population.LogNormal.", "MedianBytes", MAX_BYTES)?.unwrap_or(1);
        let sigma = number(&curve, "Population.LogNormal.", "Sigma", 0.0, 5.0)?.unwrap_or(0.0);
        let sizes = log_normal(median, sigma);
        return match sizes.iter().find(|size| size.bytes > MAX_BYTES as u64) {
            Some(size) => Err(beyond("Population.LogNormal", size.bytes, 0, MAX_BYTES)),
            None => Ok(sizes),
        };
    }
    if given.list("Sizes").len() > MAX_SIZES {
        return Err(beyond("Population.Sizes", given.list("Sizes").len(), 1, MAX_SIZES));
    }
    let mut sizes = Vec::new();
    for size in given.structures("Sizes") {
        sizes.push(SizeShare {
            bytes: whole(&size, &format!("{path}Sizes[]."), "Bytes", MAX_BYTES)?.unwrap_or(0),
            weight: whole(&size, &format!("{path}Sizes[]."), "Weight", 1_000_000)?.unwrap_or(1),
        });
    }
    if sizes.is_empty() {
        sizes = vec![SizeShare { bytes: 1 << 20, weight: 1 }];
    }
    Ok(sizes)
}

fn access(given: &Params<'_>) -> Result<Access, ApiError> {
    let Some(given) = given.structure("Access") else {
        return Ok(Access::default());
    };
    let path = "Access.";
    let reads = number(&given, path, "ReadsPerMonth", 0.0, MAX_READS)?.unwrap_or(1.0);
    let pattern = match given.text("Pattern").unwrap_or("None") {
        "None" => Pattern::None,
        "Steady" => Pattern::Steady { reads },
        "Decaying" => Pattern::Decaying {
            reads,
            half_life: number(&given, path, "HalfLifeDays", 0.1, 36_500.0)?.unwrap_or(30.0),
        },
        "Bursty" => Pattern::Bursty {
            reads,
            every: days(&given, path, "EveryDays")?.unwrap_or(90),
            lasting: days(&given, path, "LastingDays")?.unwrap_or(7),
        },
        "Custom" => Pattern::Custom {
            series: series(given.list("Series"))?,
        },
        other => return Err(one_of("Access.Pattern", other, &["None", "Steady", "Decaying", "Bursty", "Custom"])),
    };
    Ok(Access {
        pattern,
        read_share: number(&given, path, "ReadShare", 0.0, 1.0)?.unwrap_or(1.0),
        to_internet: given.boolean("ToInternet").unwrap_or(false),
    })
}

fn series(given: &[Value]) -> Result<Vec<f64>, ApiError> {
    if given.len() > MAX_SERIES {
        return Err(beyond("Access.Series", given.len(), 0, MAX_SERIES));
    }
    let reads = |value: &Value| {
        let reads = value.as_f64().unwrap_or(0.0);
        if (0.0..=MAX_READS).contains(&reads) {
            Ok(reads)
        } else {
            Err(beyond("Access.Series[]", reads, 0, MAX_READS))
        }
    };
    given.iter().map(reads).collect()
}

fn bucket(given: &Params<'_>) -> Result<Bucket, ApiError> {
    let Some(given) = given.structure("Bucket") else {
        return Ok(Bucket::default());
    };
    let path = "Bucket.";
    let restore = |name: &str| match given.text(name) {
        None => Ok(RestoreTier::Standard),
        Some(text) => RestoreTier::parse(text).ok_or_else(|| one_of(&format!("Bucket.{name}"), text, &RestoreTier::ALL.map(RestoreTier::as_str))),
    };
    let opted = |name: &str, least: u32| match days(&given, path, name)? {
        Some(days) if !(least..=730).contains(&days) => Err(beyond(&format!("Bucket.{name}"), days, least, 730)),
        days => Ok(days),
    };
    Ok(Bucket {
        versioning: match given.text("Versioning") {
            None => Versioning::Unversioned,
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            Some(other) => return Err(one_of("Bucket.Versioning", other, &["Enabled", "Suspended"])),
        },
        archive_days: opted("ArchiveAccessDays", 90)?,
        deep_archive_days: opted("DeepArchiveAccessDays", 180)?,
        restore: restore("RestoreTier")?,
        restore_deep: restore("DeepRestoreTier")?,
        restore_days: days(&given, path, "RestoreDays")?.unwrap_or(1),
        kms: match given.text("SSEAlgorithm") {
            None | Some("AES256") => None,
            Some("aws:kms") => Some(given.boolean("BucketKeyEnabled").unwrap_or(false)),
            Some(other) => return Err(one_of("Bucket.SSEAlgorithm", other, &["AES256", "aws:kms"])),
        },
    })
}

/// Reads `Constraint`.
pub(super) fn constraint(given: &Params<'_>) -> Result<Constraint, ApiError> {
    let Some(given) = given.structure("Constraint") else {
        return Ok(Constraint::default());
    };
    let readable = match given.text("Readable").unwrap_or("Milliseconds") {
        "Milliseconds" => Readable::Milliseconds,
        "Minutes" => Readable::Minutes,
        "Hours" => Readable::Hours,
        "Days" => Readable::Days,
        other => return Err(one_of("Constraint.Readable", other, &["Milliseconds", "Minutes", "Hours", "Days"])),
    };
    if given.list("Days").len() > MAX_GRID {
        return Err(beyond("Constraint.Days", given.list("Days").len(), 1, MAX_GRID));
    }
    let mut grid = Vec::new();
    for day in given.list("Days") {
        let day = day.as_i64().unwrap_or(-1);
        let fits = u32::try_from(day).ok().filter(|_| day <= MAX_DAYS);
        grid.push(fits.ok_or_else(|| beyond("Constraint.Days[]", day, 0, MAX_DAYS))?);
    }
    Ok(Constraint {
        readable,
        one_zone: given.boolean("OneZone").unwrap_or(false),
        days: grid,
    })
}
