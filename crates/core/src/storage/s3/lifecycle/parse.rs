use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::{
    Expiration, Filter, FilterForm, LifecycleConfiguration, NoncurrentExpiration, NoncurrentTransition, Rule, StorageClass, Transition, TransitionMinimum,
    When, check,
};
use crate::account::params::{BOOLEAN, INTEGER, Member, NAME, Shape, TEXT, TIMESTAMP, optional, required};
use crate::account::{ApiError, Params};
use crate::gather::Gather as _;
use crate::storage::s3::errors::{self, malformed_xml};
use crate::storage::s3::rules::{MAX_FILTER_SIZE, MAX_KEY_BYTES, MAX_NEWER_NONCURRENT, MAX_RULE_ID, MAX_RULES};

/// Days are an `integer` of the API model: 32 bits.
const MAX_DAYS: i64 = i32::MAX as i64;

const TAG: &[Member] = &[required("Key", NAME), required("Value", TEXT)];
const AND: &[Member] = &[
    optional("Prefix", TEXT),
    optional(
        "Tags",
        Shape::List {
            of: &Shape::Structure(TAG),
            min: 0,
        },
    ),
    optional("ObjectSizeGreaterThan", INTEGER),
    optional("ObjectSizeLessThan", INTEGER),
];
const FILTER: &[Member] = &[
    optional("Prefix", TEXT),
    optional("Tag", Shape::Structure(TAG)),
    optional("ObjectSizeGreaterThan", INTEGER),
    optional("ObjectSizeLessThan", INTEGER),
    optional("And", Shape::Structure(AND)),
];
const EXPIRATION: &[Member] = &[
    optional("Date", TIMESTAMP),
    optional("Days", INTEGER),
    optional("ExpiredObjectDeleteMarker", BOOLEAN),
];
const TRANSITION: &[Member] = &[optional("Date", TIMESTAMP), optional("Days", INTEGER), optional("StorageClass", TEXT)];
const NONCURRENT_TRANSITION: &[Member] = &[
    optional("NoncurrentDays", INTEGER),
    optional("StorageClass", TEXT),
    optional("NewerNoncurrentVersions", INTEGER),
];
const NONCURRENT_EXPIRATION: &[Member] = &[optional("NoncurrentDays", INTEGER), optional("NewerNoncurrentVersions", INTEGER)];
const ABORT: &[Member] = &[optional("DaysAfterInitiation", INTEGER)];
const RULE: &[Member] = &[
    optional("Expiration", Shape::Structure(EXPIRATION)),
    optional("ID", TEXT),
    optional("Prefix", TEXT),
    optional("Filter", Shape::Structure(FILTER)),
    required("Status", TEXT),
    optional(
        "Transitions",
        Shape::List {
            of: &Shape::Structure(TRANSITION),
            min: 0,
        },
    ),
    optional(
        "NoncurrentVersionTransitions",
        Shape::List {
            of: &Shape::Structure(NONCURRENT_TRANSITION),
            min: 0,
        },
    ),
    optional("NoncurrentVersionExpiration", Shape::Structure(NONCURRENT_EXPIRATION)),
    optional("AbortIncompleteMultipartUpload", Shape::Structure(ABORT)),
];

/// Members of the API's `BucketLifecycleConfiguration`.
pub const BUCKET_LIFECYCLE_CONFIGURATION: &[Member] = &[required(
    "Rules",
    Shape::List {
        of: &Shape::Structure(RULE),
        min: 0,
    },
)];

/// The same with the setting that GetBucketLifecycleConfiguration answers beside the rules.
const WITH_MINIMUM: &[Member] = &[BUCKET_LIFECYCLE_CONFIGURATION[0], optional("TransitionDefaultMinimumObjectSize", TEXT)];

impl LifecycleConfiguration {
    /// Reads `{"Rules": […]}`, and `TransitionDefaultMinimumObjectSize` beside them where it is given.
    ///
    /// Errors: `ParamValidation` for what botocore would not send; `MalformedXML`, `InvalidRequest` and `InvalidArgument` as S3 words them.
    pub fn parse(value: &Value) -> Result<LifecycleConfiguration, ApiError> {
        LifecycleConfiguration::read(value, true)
    }

    /// `strict`: with the checks of a new configuration. One that was accepted once is read without them.
    pub(super) fn read(value: &Value, strict: bool) -> Result<LifecycleConfiguration, ApiError> {
        let params = Params::check(value, WITH_MINIMUM)?;
        let minimum = match params.text("TransitionDefaultMinimumObjectSize") {
            None => TransitionMinimum::default(),
            Some(text) => TransitionMinimum::parse(text).ok_or_else(|| ApiError::new("InvalidRequest", "Invalid TransitionDefaultMinimumObjectSize found"))?,
        };
        let given = params.list("Rules").len();
        if given == 0 {
            return Err(malformed_xml().with_help("A configuration has at least one rule."));
        }
        if given > MAX_RULES {
            return Err(ApiError::new(
                "InvalidRequest",
                "The number of lifecycle rules must not exceed the allowed limit of 1000 rules.",
            ));
        }
        let rules: Vec<Rule> = params.structures("Rules").map(|given| rule(&given, strict)).collect::<Result<_, _>>()?;
        if strict {
            check::configuration(&rules)?;
        }
        Ok(LifecycleConfiguration { rules, minimum })
    }

    /// As GetBucketLifecycleConfiguration answers it; [`LifecycleConfiguration::parse`] reads it back.
    pub fn to_json(&self) -> Value {
        let rules: Vec<Value> = self.rules.iter().map(rule_json).collect();
        json!({"Rules": rules, "TransitionDefaultMinimumObjectSize": self.minimum.as_str()})
    }

    /// Gives every rule without an ID one: `id` makes them, in the order of the rules.
    pub fn name_rules(&mut self, mut id: impl FnMut() -> String) {
        for rule in &mut self.rules {
            if rule.id.is_empty() {
                rule.id = id();
            }
        }
    }
}

fn rule(given: &Params<'_>, strict: bool) -> Result<Rule, ApiError> {
    let id = given.text("ID").unwrap_or_default();
    if id.chars().count() > MAX_RULE_ID {
        return Err(errors::invalid_argument("ID length should not exceed allowed limit of 255"));
    }
    let enabled = match given.text("Status") {
        Some("Enabled") => true,
        Some("Disabled") => false,
        _ => return Err(malformed_xml().with_help("Status is Enabled or Disabled.")),
    };
    let filter = match (given.structure("Filter"), given.text("Prefix")) {
        (Some(_), Some(_)) => {
            return Err(ApiError::new(
                "InvalidRequest",
                "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.",
            ));
        }
        (Some(given), None) => filter(&given)?,
        (None, Some(prefix)) => Filter {
            form: FilterForm::Prefix,
            prefix: Some(prefix.to_string()),
            ..Filter::default()
        },
        (None, None) => return Err(malformed_xml().with_help("A rule has a Filter; {} or {\"Prefix\": \"\"} means every object.")),
    };
    if filter.prefix.as_ref().is_some_and(|prefix| prefix.len() > MAX_KEY_BYTES) {
        return Err(errors::invalid_argument("The maximum size of a prefix is 1024"));
    }
    let rule = Rule {
        id: id.to_string(),
        enabled,
        filter,
        transitions: given.structures("Transitions").map(|given| transition(&given)).collect::<Result<_, _>>()?,
        expiration: given.structure("Expiration").map(|given| expiration(&given)).transpose()?,
        noncurrent_transitions: given
            .structures("NoncurrentVersionTransitions")
            .map(|given| noncurrent_transition(&given))
            .collect::<Result<_, _>>()?,
        noncurrent_expiration: given
            .structure("NoncurrentVersionExpiration")
            .map(|given| noncurrent_expiration(&given))
            .transpose()?,
        abort_incomplete: given.structure("AbortIncompleteMultipartUpload").map(|given| abort(&given)).transpose()?,
    };
    if strict {
        check::rule(&rule)?;
    }
    Ok(rule)
}

fn filter(given: &Params<'_>) -> Result<Filter, ApiError> {
    let names: Vec<_> = given.names().collect();
    if names.len() > 1 {
        return Err(malformed_xml().with_help("A Filter has one member; several go into And."));
    }
    let mut filter = Filter::default();
    if let Some(tag) = given.structure("Tag") {
        add_tag(&mut filter.tags, &tag)?;
    }
    let sized = match given.structure("And") {
        Some(and) => {
            filter.form = FilterForm::And;
            let predicates = and.list("Tags").len()
                + ["Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"]
                    .iter()
                    .filter(|name| and.has(name))
                    .count();
            if predicates < 2 {
                return Err(malformed_xml().with_help("And joins two or more predicates."));
            }
            for tag in and.structures("Tags") {
                add_tag(&mut filter.tags, &tag)?;
            }
            and
        }
        None => *given,
    };
    filter.prefix = sized.text("Prefix").map(ToString::to_string);
    filter.larger_than = size(&sized, "ObjectSizeGreaterThan", 0)?;
    filter.smaller_than = size(&sized, "ObjectSizeLessThan", 1)?;
    if let (Some(larger), Some(smaller)) = (filter.larger_than, filter.smaller_than)
        && larger >= smaller
    {
        return Err(ApiError::new(
            "InvalidRequest",
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
        ));
    }
    Ok(filter)
}

fn add_tag(tags: &mut BTreeMap<String, String>, tag: &Params<'_>) -> Result<(), ApiError> {
    let (key, value) = (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default());
    if !(1..=128).contains(&key.chars().count()) {
        return Err(ApiError::new("InvalidRequest", "A Tag's Key must be a length between 1 and 128."));
    }
    if value.chars().count() > 256 {
        return Err(ApiError::new("InvalidRequest", "A Tag's Value must be a length between 0 and 256."));
    }
    match tags.insert(key.to_string(), value.to_string()) {
        None => Ok(()),
        Some(_) => Err(ApiError::new("InvalidRequest", "Duplicate Tag Keys are not allowed.")),
    }
}

fn size(given: &Params<'_>, name: &str, min: i64) -> Result<Option<u64>, ApiError> {
    match given.integer(name) {
        None => Ok(None),
        Some(bytes) if (min..=MAX_FILTER_SIZE).contains(&bytes) => Ok(u64::try_from(bytes).ok()),
        Some(_) => Err(ApiError::new(
            "InvalidRequest",
            alloc::format!("'{name}' should be between {min} and {MAX_FILTER_SIZE}."),
        )),
    }
}

/// A number of days of at least `min`. Error: `InvalidArgument` with `message`.
fn days(value: i64, min: i64, message: &str) -> Result<u32, ApiError> {
    if !(min..=MAX_DAYS).contains(&value) {
        return Err(errors::invalid_argument(message));
    }
    u32::try_from(value).map_err(|_| errors::invalid_argument(message))
}

fn date(given: &Params<'_>) -> Result<Option<When>, ApiError> {
    let Some(date) = given.time("Date") else { return Ok(None) };
    if super::midnight_at_or_after(date) != date {
        return Err(errors::invalid_argument("'Date' must be at midnight GMT"));
    }
    Ok(Some(When::Date(date)))
}

fn expiration(given: &Params<'_>) -> Result<Expiration, ApiError> {
    let marker = given.boolean("ExpiredObjectDeleteMarker");
    match (date(given)?, given.integer("Days"), marker) {
        (Some(when), None, None) => Ok(Expiration::At(when)),
        (None, Some(value), None) => {
            let days = days(value, 1, "'Days' for Expiration action must be a positive integer")?;
            Ok(Expiration::At(When::Days(days)))
        }
        (None, None, Some(marker)) => Ok(Expiration::ExpiredMarker(marker)),
        _ => Err(malformed_xml().with_help("Expiration has one of Days, Date and ExpiredObjectDeleteMarker.")),
    }
}

/// The classes that botocore's `TransitionStorageClass` has; the others of `StorageClass` S3 refuses by name, and anything else does not fit its schema.
fn target(given: &Params<'_>) -> Result<StorageClass, ApiError> {
    let class = given.text("StorageClass").and_then(StorageClass::parse);
    match class {
        Some(StorageClass::Standard | StorageClass::ReducedRedundancy) => Err(errors::invalid_argument("Invalid target Storage class for Transition action")
            .with_help("A lifecycle rule never moves an object back to STANDARD; copying it does.")),
        Some(StorageClass::ExpressOnezone) | None => {
            Err(malformed_xml().with_help("StorageClass of a transition is STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE."))
        }
        Some(class) => Ok(class),
    }
}

fn transition(given: &Params<'_>) -> Result<Transition, ApiError> {
    let when = match (date(given)?, given.integer("Days")) {
        (Some(when), None) => when,
        (None, Some(value)) => When::Days(days(value, 0, "'Days' in Transition action must be nonnegative")?),
        _ => return Err(malformed_xml().with_help("A transition has one of Days and Date.")),
    };
    Ok(Transition { when, class: target(given)? })
}

fn newer(given: &Params<'_>, action: &str) -> Result<Option<u32>, ApiError> {
    let Some(count) = given.integer("NewerNoncurrentVersions") else {
        return Ok(None);
    };
    if !(1..=MAX_NEWER_NONCURRENT).contains(&count) {
        return Err(
            errors::invalid_argument(&alloc::format!("'NewerNoncurrentVersions' for {action} action must be a positive integer"))
                .with_help("NewerNoncurrentVersions is 1 to 100."),
        );
    }
    Ok(u32::try_from(count).ok())
}

fn noncurrent_transition(given: &Params<'_>) -> Result<NoncurrentTransition, ApiError> {
    let Some(value) = given.integer("NoncurrentDays") else {
        return Err(malformed_xml().with_help("A transition of noncurrent versions has NoncurrentDays."));
    };
    Ok(NoncurrentTransition {
        days: days(value, 0, "'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative")?,
        class: target(given)?,
        newer: newer(given, "NoncurrentVersionTransition")?,
    })
}

fn noncurrent_expiration(given: &Params<'_>) -> Result<NoncurrentExpiration, ApiError> {
    let Some(value) = given.integer("NoncurrentDays") else {
        return Err(malformed_xml().with_help("NoncurrentVersionExpiration has NoncurrentDays."));
    };
    Ok(NoncurrentExpiration {
        days: days(value, 1, "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer")?,
        newer: newer(given, "NoncurrentVersionExpiration")?,
    })
}

fn abort(given: &Params<'_>) -> Result<u32, ApiError> {
    let value = given.integer("DaysAfterInitiation").ok_or_else(malformed_xml)?;
    days(
        value,
        1,
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
    )
}

fn when_json(when: When) -> (String, Value) {
    match when {
        When::Days(days) => ("Days".to_string(), json!(days)),
        When::Date(date) => ("Date".to_string(), json!(date.to_string())),
    }
}

fn tag_json((key, value): (&String, &String)) -> Value {
    json!({"Key": key, "Value": value})
}

fn filter_json(filter: &Filter) -> Value {
    let mut members = Map::new();
    if let Some(prefix) = &filter.prefix {
        members.insert("Prefix".to_string(), json!(prefix));
    }
    if let Some(bytes) = filter.larger_than {
        members.insert("ObjectSizeGreaterThan".to_string(), json!(bytes));
    }
    if let Some(bytes) = filter.smaller_than {
        members.insert("ObjectSizeLessThan".to_string(), json!(bytes));
    }
    if filter.form == FilterForm::And {
        if !filter.tags.is_empty() {
            members.insert("Tags".to_string(), filter.tags.iter().map(tag_json).collect());
        }
        return json!({ "And": members });
    }
    if let Some(tag) = filter.tags.iter().next() {
        members.insert("Tag".to_string(), tag_json(tag));
    }
    Value::Object(members)
}

fn rule_json(rule: &Rule) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_string(), value);
    if let Some(expiration) = rule.expiration {
        let member = match expiration {
            Expiration::At(when) => when_json(when),
            Expiration::ExpiredMarker(on) => ("ExpiredObjectDeleteMarker".to_string(), json!(on)),
        };
        put("Expiration", Value::Object([member].into_iter().gather()));
    }
    put("ID", json!(rule.id));
    match rule.filter.form {
        FilterForm::Prefix => put("Prefix", json!(rule.filter.prefix)),
        _ => put("Filter", filter_json(&rule.filter)),
    };
    put("Status", json!(if rule.enabled { "Enabled" } else { "Disabled" }));
    let newer = |mut members: Map<String, Value>, newer: Option<u32>| {
        if let Some(newer) = newer {
            members.insert("NewerNoncurrentVersions".to_string(), json!(newer));
        }
        Value::Object(members)
    };
    let noncurrent = |days: u32| -> Map<String, Value> { [("NoncurrentDays".to_string(), json!(days))].into_iter().gather() };
    if !rule.transitions.is_empty() {
        let transitions = rule.transitions.iter().map(|transition| {
            let class = ("StorageClass".to_string(), json!(transition.class));
            Value::Object([when_json(transition.when), class].into_iter().gather())
        });
        put("Transitions", transitions.collect());
    }
    if !rule.noncurrent_transitions.is_empty() {
        let transitions = rule.noncurrent_transitions.iter().map(|transition| {
            let mut members = noncurrent(transition.days);
            members.insert("StorageClass".to_string(), json!(transition.class));
            newer(members, transition.newer)
        });
        put("NoncurrentVersionTransitions", transitions.collect());
    }
    if let Some(expiration) = rule.noncurrent_expiration {
        put("NoncurrentVersionExpiration", newer(noncurrent(expiration.days), expiration.newer));
    }
    if let Some(days) = rule.abort_incomplete {
        put("AbortIncompleteMultipartUpload", json!({"DaysAfterInitiation": days}));
    }
    Value::Object(members)
}
