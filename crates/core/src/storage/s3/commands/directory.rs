//! Operations on directory buckets: those that they have, what each of them refuses, and the listing, which has an order of its own.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::acl::Permission;
use super::super::directory::{QUOTA, check_directory_name, directory_arn, express_zones, is_directory_name};
use super::super::encryption::Algorithm;
use super::super::rules::MAX_BUCKET_TAGS;
use super::super::state::{Bucket, S3};
use super::super::{Object, errors, tags};
use super::walk::{encoding, page_size};
use super::{Answer, inputs, members, settings, unknown};
use crate::account::params::{BOOLEAN, Member, Shape, TEXT, optional, required};
use crate::account::{ApiError, Params};
use crate::gather::object;
use crate::sim::{Rng, SimTime, fnv1a};

type Response = Result<Map<String, Value>, ApiError>;

const CREATE_SESSION: &[Member] = &[
    optional("SessionMode", TEXT),
    required("Bucket", TEXT),
    optional("ServerSideEncryption", TEXT),
    optional("SSEKMSKeyId", TEXT),
    optional("SSEKMSEncryptionContext", TEXT),
    optional("BucketKeyEnabled", BOOLEAN),
];
const LIST_DIRECTORY_BUCKETS: &[Member] = &[
    optional("ContinuationToken", TEXT),
    optional("MaxDirectoryBuckets", Shape::Integer { min: Some(0) }),
];

const MINIMUM_SIZE: &str = "TransitionDefaultMinimumObjectSize";

/// A session lasts five minutes (CreateSession, API reference).
const SESSION_SECONDS: i64 = 300;
/// Streams of the account's numbers: what a session is known by, and the order of listings.
const SESSIONS: u64 = 0x6578_7072_6573_7332;
const ORDER: u64 = 0x6578_7072_6573_7333;

/// What directory buckets have ("API operations supported for directory buckets"). RenameObject is not done here.
const OPERATIONS: [&str; 29] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "CreateMultipartUpload",
    "CreateSession",
    "DeleteBucket",
    "DeleteBucketEncryption",
    "DeleteBucketLifecycle",
    "DeleteBucketPolicy",
    "DeleteObject",
    "DeleteObjects",
    "GetBucketEncryption",
    "GetBucketLifecycleConfiguration",
    "GetBucketPolicy",
    "GetObject",
    "GetObjectAttributes",
    "HeadBucket",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectsV2",
    "ListParts",
    "PutBucketEncryption",
    "PutBucketLifecycleConfiguration",
    "PutBucketPolicy",
    "PutObject",
    "UploadPart",
    "UploadPartCopy",
    "ListDirectoryBuckets",
];

/// Members of [`super::members`] that are of this file.
pub(super) fn own_members(operation: &str) -> Option<&'static [Member]> {
    match operation {
        "CreateSession" => Some(CREATE_SESSION),
        "ListDirectoryBuckets" => Some(LIST_DIRECTORY_BUCKETS),
        _ => None,
    }
}

fn not_of_directories(what: &str) -> ApiError {
    ApiError::new("NotImplemented", "A header you provided implies functionality that is not implemented")
        .with_help(format!("A directory bucket has no {what}."))
}

fn invalid(message: &str, help: &str) -> ApiError {
    ApiError::new("InvalidRequest", message).with_help(help)
}

impl S3 {
    /// Applies an operation to a directory bucket: [`is_directory_name`] says which those are.
    ///
    /// Errors: the operation's; `MethodNotAllowed` for one that directory buckets do not have; `NotImplemented`, `InvalidRequest`, `InvalidArgument` for what they refuse of one.
    pub(super) fn call_directory(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Answer, ApiError> {
        let known = inputs::members(operation)
            .or_else(|| settings::members(operation))
            .or_else(|| members::members(operation))
            .or_else(|| own_members(operation));
        let given = self.checked(operation, params, known)?;
        let name = given.required_text("Bucket")?;
        if operation == "CreateBucket" {
            return self.create_directory_bucket(now, &given).map(Answer::from);
        }
        let Some(bucket) = self.bucket(name) else {
            return Err(match operation {
                "HeadBucket" | "HeadObject" => errors::not_found(),
                _ => errors::no_such_bucket(name),
            });
        };
        if !OPERATIONS.contains(&operation) {
            return Err(ApiError::new("MethodNotAllowed", "The specified method is not allowed against this resource.")
                .with_help(format!("Directory buckets have no {operation}.")));
        }
        refuse(bucket, operation, &given)?;
        match operation {
            "CreateSession" => self.create_session(now, &given).map(Answer::from),
            "HeadBucket" => self.head_directory(name, bucket).map(Answer::from),
            "ListObjectsV2" => self.list_directory(bucket, &given).map(Answer::from),
            _ if inputs::members(operation).is_some() => self.call(now, operation, params),
            _ => self.call_other(now, operation, params).map(|mut answer| {
                // Nothing moves between classes here.
                answer.response.remove(MINIMUM_SIZE);
                answer
            }),
        }
    }

    /// Errors: `InvalidBucketName`, `InvalidRequest` for a configuration that is none of a directory bucket, `NotImplemented` for Local Zones and what such a bucket
    /// has not, `BucketAlreadyOwnedByYou`, `TooManyBuckets`.
    pub(super) fn create_directory_bucket(&mut self, now: SimTime, params: &Params<'_>) -> Response {
        let name = params.required_text("Bucket")?;
        let configuration = params.structure("CreateBucketConfiguration");
        let member = |structure: &str, member: &str| configuration?.structure(structure)?.text(member);
        let form =
            "CreateBucketConfiguration is {Location: {Type: AvailabilityZone, Name}, Bucket: {Type: Directory, DataRedundancy: SingleAvailabilityZone}}.";
        if configuration
            .as_ref()
            .is_none_or(|configuration| !configuration.has("Bucket") && !configuration.has("Location"))
        {
            return Err(ApiError::new("InvalidBucketName", "The specified bucket is not valid.")
                .with_help(format!("\"{name}\" is the name of a directory bucket, which says so: {form}")));
        }
        match (member("Bucket", "Type"), member("Bucket", "DataRedundancy")) {
            (Some("Directory"), Some("SingleAvailabilityZone")) => {}
            (_, Some("SingleLocalZone")) => return Err(not_of_directories("Local Zone here")),
            _ => return Err(invalid("The specified bucket configuration is not valid.", form)),
        }
        let zone = match (member("Location", "Type"), member("Location", "Name")) {
            (Some("AvailabilityZone"), Some(zone)) => zone,
            (Some("LocalZone"), _) => return Err(not_of_directories("Local Zone here")),
            _ => return Err(invalid("The specified bucket configuration is not valid.", form)),
        };
        let zones = express_zones(&self.region);
        if !zones.contains(&zone) {
            let help = match zones {
                [] => format!("{} has no zone with S3 Express One Zone.", self.region),
                zones => format!("Zones of {} with S3 Express One Zone: {}.", self.region, zones.join(", ")),
            };
            return Err(ApiError::new("InvalidRequest", "The specified Availability Zone is not valid.").with_help(help));
        }
        check_directory_name(name, zone)
            .map_err(|fault| ApiError::new("InvalidBucketName", "The specified bucket is not valid.").with_help(format!("\"{name}\": {fault}")))?;
        for unfit in ["ACL", "ObjectLockEnabledForBucket", "ObjectOwnership", "BucketNamespace"] {
            if params.has(unfit) {
                return Err(not_of_directories(unfit));
            }
        }
        if Permission::ALL.iter().any(|permission| params.has(permission.member())) {
            return Err(not_of_directories("ACL"));
        }
        if configuration.as_ref().is_some_and(|configuration| configuration.has("LocationConstraint")) {
            return Err(invalid(
                "The specified bucket configuration is not valid.",
                "LocationConstraint is of general purpose buckets.",
            ));
        }
        let pairs = configuration.iter().flat_map(|configuration| configuration.structures("Tags"));
        let tags = tags::check(
            pairs.map(|tag| (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default())),
            MAX_BUCKET_TAGS,
        )?;
        if self.buckets.contains_key(name) {
            return Err(ApiError::new(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            ));
        }
        if self.buckets.values().filter(|bucket| bucket.zone.is_some()).count() >= QUOTA {
            return Err(ApiError::new("TooManyBuckets", "You have attempted to create more buckets than allowed")
                .with_help(format!("An account has {QUOTA} directory buckets in a Region by default.")));
        }
        let mut bucket = Bucket::new(self.region.clone(), now, false);
        bucket.zone = Some(zone.to_string());
        bucket.tags = tags;
        // Bucket keys are always on here.
        bucket.access.encryption.bucket_key = true;
        self.buckets.insert(name.to_string(), bucket);
        let location = format!("https://{name}.s3express-{zone}.{}.amazonaws.com/", self.region);
        Ok(object([
            ("Location".to_string(), json!(location)),
            ("BucketArn".to_string(), json!(self.arn_of_directory(name))),
        ]))
    }

    fn arn_of_directory(&self, name: &str) -> String {
        directory_arn(&self.region, &self.account_id, name)
    }

    fn head_directory(&self, name: &str, bucket: &Bucket) -> Response {
        Ok(object([
            ("BucketArn".to_string(), json!(self.arn_of_directory(name))),
            ("BucketLocationType".to_string(), json!("AvailabilityZone")),
            ("BucketLocationName".to_string(), json!(bucket.zone())),
            ("BucketRegion".to_string(), json!(bucket.region())),
            ("AccessPointAlias".to_string(), json!(false)),
        ]))
    }

    /// In the order of their names, at most 1,000 a page.
    pub(super) fn list_directory_buckets(&self, params: &Params<'_>) -> Response {
        let max = page_size(params, "MaxDirectoryBuckets", "max-directory-buckets")?;
        let read = |token: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok();
        let after = match params.text("ContinuationToken") {
            None => None,
            Some(token) => Some(read(token).ok_or_else(|| errors::invalid_argument("The continuation token provided is incorrect"))?),
        };
        let of = |(name, bucket): (&'_ String, &'_ Bucket)| bucket.zone.is_some() && after.as_ref().is_none_or(|after| name > after);
        let mut matching = self.buckets.iter().filter(|(name, bucket)| of((name, bucket)));
        let mut last = None;
        let mut buckets = Vec::new();
        for (name, bucket) in matching.by_ref().take(max) {
            buckets.push(json!({
                "Name": name, "CreationDate": bucket.created.whole_second().to_string(), "BucketRegion": bucket.region, "BucketArn": self.arn_of_directory(name),
            }));
            last = Some(name);
        }
        let mut response = object([("Buckets".to_string(), Value::Array(buckets))]);
        if let Some(last) = last.filter(|_| matching.next().is_some()) {
            response.insert("ContinuationToken".to_string(), json!(URL_SAFE_NO_PAD.encode(last)));
        }
        Ok(response)
    }

    /// What a client signs its requests with for five minutes. Nothing here asks for it: calls say who makes them, and are asked for `s3express:CreateSession` each.
    fn create_session(&self, now: SimTime, params: &Params<'_>) -> Response {
        let name = params.required_text("Bucket")?;
        if !matches!(params.text("SessionMode"), None | Some("ReadOnly" | "ReadWrite")) {
            return Err(errors::invalid_argument("Invalid session mode").with_help("SessionMode is ReadOnly or ReadWrite."));
        }
        let mut rng = Rng::stream(self.seed ^ SESSIONS, fnv1a(now.micros().unsigned_abs(), name.as_bytes()));
        let mut text = |alphabet: &[u8], length: usize| -> String {
            let pick = |number: u64| alphabet.get((number % alphabet.len().max(1) as u64) as usize).copied().map_or('A', char::from);
            (0..length).map(|_| pick(rng.next_u64())).collect()
        };
        const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let credentials = json!({
            "AccessKeyId": format!("ASIA{}", text(CAPITALS, 16)),
            "SecretAccessKey": text(BASE64, 40),
            "SessionToken": text(BASE64, 120),
            "Expiration": now.plus_seconds(SESSION_SECONDS).whole_second().to_string(),
        });
        let mut response = object([("Credentials".to_string(), credentials)]);
        if let Some(encryption) = self.bucket(name).map(|bucket| &bucket.access().encryption) {
            response.insert("ServerSideEncryption".to_string(), json!(encryption.algorithm.as_str()));
            if let Some(key) = &encryption.key {
                response.insert("SSEKMSKeyId".to_string(), json!(key));
                response.insert("BucketKeyEnabled".to_string(), json!(true));
            }
        }
        Ok(response)
    }

    /// Not in the order of keys, as AWS says: here by a hash of key or common prefix under the account's seed, so that nobody comes to rely on another one.
    /// With a delimiter, prefixes of unfinished uploads are common prefixes too.
    fn list_directory(&self, bucket: &Bucket, params: &Params<'_>) -> Response {
        let prefix = params.text("Prefix").unwrap_or_default();
        let delimiter = params.text("Delimiter").unwrap_or_default();
        let max = page_size(params, "MaxKeys", "maxKeys")?;
        let encode = encoding(params)?;
        let token = params.text("ContinuationToken");
        let after = match token {
            None => None,
            Some(token) => Some(read_place(token).ok_or_else(|| errors::invalid_argument("The continuation token provided is incorrect"))?),
        };
        let place = |text: &str| (fnv1a(self.seed ^ ORDER, text.as_bytes()), text.to_string());
        let common = |key: &str| -> Option<String> {
            let end = key.strip_prefix(prefix)?.find(delimiter).filter(|_| !delimiter.is_empty())?;
            key.get(..prefix.len() + end + delimiter.len()).map(ToString::to_string)
        };
        let mut entries: BTreeMap<(u64, String), Option<&Object>> = BTreeMap::new();
        for (key, object) in bucket.objects(prefix) {
            match common(key) {
                Some(common) => entries.insert(place(&common), None),
                None => entries.insert(place(key), Some(object)),
            };
        }
        for common in bucket.uploads.values().filter_map(|upload| common(&upload.key)) {
            entries.insert(place(&common), None);
        }
        let mut rest = entries.iter().filter(|(place, _)| after.as_ref().is_none_or(|after| *place > after));
        let (mut contents, mut prefixes, mut last) = (Vec::new(), Vec::new(), None);
        for (place, object) in rest.by_ref().take(max) {
            match object {
                None => prefixes.push(json!({"Prefix": encode(&place.1)})),
                Some(object) => contents.push(json!({
                    "Key": encode(&place.1),
                    "LastModified": object.last_modified().whole_second().to_string(),
                    "ETag": object.quoted_etag(),
                    "Size": object.blob().size,
                    "StorageClass": object.storage_class(),
                })),
            }
            last = Some(place);
        }
        let next = last.filter(|_| rest.next().is_some());
        let mut response = Map::new();
        let mut put = |name: &str, value: Value| response.insert(name.to_string(), value);
        put("Name", json!(params.required_text("Bucket")?));
        put("Prefix", json!(encode(prefix)));
        put("MaxKeys", json!(max));
        put("KeyCount", json!(contents.len() + prefixes.len()));
        put("IsTruncated", json!(next.is_some()));
        if !contents.is_empty() {
            put("Contents", Value::Array(contents));
        }
        if !prefixes.is_empty() {
            put("CommonPrefixes", Value::Array(prefixes));
        }
        if !delimiter.is_empty() {
            put("Delimiter", json!(encode(delimiter)));
        }
        if params.has("EncodingType") {
            put("EncodingType", json!("url"));
        }
        if let Some(token) = token {
            put("ContinuationToken", json!(token));
        }
        if let Some((hash, text)) = next {
            put("NextContinuationToken", json!(URL_SAFE_NO_PAD.encode(format!("{hash:016x}{text}"))));
        }
        Ok(response)
    }
}

fn read_place(token: &str) -> Option<(u64, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (hash, text) = text.split_at_checked(16)?;
    Some((u64::from_str_radix(hash, 16).ok()?, text.to_string()))
}

/// What a directory bucket refuses of an operation that it has.
fn refuse(bucket: &Bucket, operation: &str, params: &Params<'_>) -> Result<(), ApiError> {
    if params.has("ACL") || Permission::ALL.iter().any(|permission| params.has(permission.member())) {
        return Err(not_of_directories("ACLs"));
    }
    if params.text("Tagging").is_some_and(|tags| !tags.is_empty()) {
        return Err(not_of_directories("tags of objects"));
    }
    for (member, what) in [
        ("WebsiteRedirectLocation", "websites"),
        ("RequestPayer", "Requester Pays"),
        ("OptionalObjectAttributes", "restores"),
        ("MFA", "MFA delete"),
    ] {
        if params.has(member) {
            return Err(not_of_directories(what));
        }
    }
    let versions = params
        .structure("Delete")
        .map(|delete| delete.structures("Objects").any(|object| is_version(&object)));
    if is_version(params) || versions == Some(true) {
        return Err(errors::invalid_argument("Invalid version id specified").with_help("A directory bucket has no versions but null."));
    }
    match operation {
        "ListObjectsV2" | "ListMultipartUploads" => {
            if params.text("Delimiter").is_some_and(|delimiter| !matches!(delimiter, "" | "/")) {
                return Err(errors::invalid_argument("Invalid delimiter").with_help("The one delimiter of a directory bucket is /."));
            }
            if params.text("Prefix").is_some_and(|prefix| !prefix.is_empty() && !prefix.ends_with('/')) {
                return Err(errors::invalid_argument("Invalid prefix").with_help("A prefix of a directory bucket ends with /: it is a directory."));
            }
            match ["StartAfter", "KeyMarker", "UploadIdMarker"].into_iter().find(|member| params.has(member)) {
                Some(member) => Err(not_of_directories(&format!("{member}: its listings have no order of keys"))),
                None => Ok(()),
            }
        }
        "CompleteMultipartUpload" => {
            let parts = params.structure("MultipartUpload");
            let numbers = parts.iter().flat_map(|parts| parts.structures("Parts")).map(|part| part.integer("PartNumber"));
            match numbers.zip(1..).all(|(number, place)| number == Some(place)) {
                true => Ok(()),
                false => Err(invalid(
                    "The list of parts was not consecutive.",
                    "Parts of a directory bucket's upload are numbered from 1 on without a gap.",
                )),
            }
        }
        "PutBucketLifecycleConfiguration" => refuse_rules(params),
        "PutBucketEncryption" => refuse_encryption(bucket, params),
        _ => Ok(()),
    }
}

fn is_version(params: &Params<'_>) -> bool {
    params.text("VersionId").is_some_and(|id| id != "null")
}

/// Rules of a directory bucket expire objects and abort uploads, by prefix and size ("Creating and managing a lifecycle configuration for directory buckets").
fn refuse_rules(params: &Params<'_>) -> Result<(), ApiError> {
    if params.has(MINIMUM_SIZE) {
        return Err(not_of_directories(MINIMUM_SIZE));
    }
    let configuration = params.structure("LifecycleConfiguration");
    for rule in configuration.iter().flat_map(|configuration| configuration.structures("Rules")) {
        let other = ["Transitions", "NoncurrentVersionTransitions", "NoncurrentVersionExpiration"]
            .into_iter()
            .find(|member| rule.has(member));
        if let Some(member) = other {
            return Err(invalid(
                "The lifecycle action is not supported for directory buckets.",
                &format!("A rule of a directory bucket expires objects or aborts uploads; {member} is neither."),
            ));
        }
        let filter = rule.structure("Filter");
        let and = filter.as_ref().and_then(|filter| filter.structure("And"));
        let by_tag = filter.is_some_and(|filter| filter.has("Tag")) || and.is_some_and(|and| and.has("Tags"));
        if by_tag {
            return Err(invalid(
                "The lifecycle filter is not supported for directory buckets.",
                "Objects of a directory bucket have no tags.",
            ));
        }
        if rule
            .structure("Expiration")
            .is_some_and(|expiration| expiration.has("ExpiredObjectDeleteMarker"))
        {
            return Err(invalid(
                "The lifecycle action is not supported for directory buckets.",
                "A directory bucket has no delete markers.",
            ));
        }
    }
    Ok(())
}

/// SSE-S3, or SSE-KMS under one key of the customer's for as long as the bucket lives ("Using server-side encryption with AWS KMS keys in directory buckets").
fn refuse_encryption(bucket: &Bucket, params: &Params<'_>) -> Result<(), ApiError> {
    let configuration = params.structure("ServerSideEncryptionConfiguration");
    for rule in configuration.iter().flat_map(|configuration| configuration.structures("Rules")) {
        if rule.boolean("BucketKeyEnabled") == Some(false) {
            return Err(invalid(
                "S3 Bucket Keys can't be disabled for directory buckets.",
                "They are always on in a directory bucket.",
            ));
        }
        let Some(default) = rule.structure("ApplyServerSideEncryptionByDefault") else {
            continue;
        };
        match (default.text("SSEAlgorithm").and_then(Algorithm::parse), default.text("KMSMasterKeyID")) {
            (Some(Algorithm::KmsDsse), _) => return Err(not_of_directories("DSSE-KMS")),
            (Some(Algorithm::Kms), None) => {
                return Err(invalid(
                    "A customer managed key must be specified for directory buckets.",
                    "aws/s3 is not for directory buckets: name a key of your own.",
                ));
            }
            (Some(Algorithm::Kms), Some(key)) => {
                let before = &bucket.access().encryption;
                if before.algorithm == Algorithm::Kms && before.key.as_deref() != Some(key) {
                    return Err(invalid(
                        "The customer managed key of a directory bucket can't be changed.",
                        "A directory bucket has one key of the customer's for as long as it lives.",
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

impl S3 {
    /// An operation of directory buckets that names none, or a general purpose bucket.
    pub(super) fn call_of_directories(&self, operation: &str, params: &Params<'_>) -> Response {
        match operation {
            "ListDirectoryBuckets" => self.list_directory_buckets(params),
            "CreateSession" => {
                let name = params.required_text("Bucket")?;
                self.named_bucket(name)?;
                Err(ApiError::new("MethodNotAllowed", "The specified method is not allowed against this resource.")
                    .with_help("Sessions are of directory buckets."))
            }
            _ => Err(unknown(operation)),
        }
    }
}

/// Whether a call is about a directory bucket, by the bucket's name.
pub fn is_of_directory(params: &Value) -> bool {
    params.get("Bucket").and_then(Value::as_str).is_some_and(is_directory_name)
}
