use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::access::{Access, ObjectOwnership};
use super::super::acl::{Acl, canonical_id};
use super::super::rules::{BUCKET_QUOTA, MAX_BUCKET_TAGS};
use super::super::state::{Bucket, S3};
use super::super::versions::{Versioning, Versions};
use super::super::{StorageClass, check_bucket_name, errors, tags};
use super::ownership::acl_with_enforced_ownership;
use crate::account::{ApiError, Params};
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;

type Response = Result<Map<String, Value>, ApiError>;

/// botocore's enum `BucketLocationConstraint`. `EU` is the old name of eu-west-1; us-east-1 is not in it: there the constraint is left out.
const LOCATION_CONSTRAINTS: [&str; 38] = [
    "EU",
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

pub(super) fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

impl S3 {
    /// The canonical user id that S3 shows as an owner: 64 hex digits that stand for the account.
    pub(crate) fn owner_id(&self) -> String {
        canonical_id(&self.account_id)
    }

    /// Errors: `InvalidBucketName`, `BucketAlreadyOwnedByYou`, `InvalidLocationConstraint`, `IllegalLocationConstraintException`, `InvalidNamespaceHeader`,
    /// `InvalidBucketAclWithObjectOwnership`, `TooManyBuckets`.
    ///
    /// In us-east-1 a bucket that one already owns is created again without an error and keeps its objects (API model, `BucketAlreadyOwnedByYou`).
    pub(super) fn create_bucket(&mut self, now: SimTime, params: &Params<'_>) -> Response {
        let name = params.required_text("Bucket")?;
        let account_regional = self.namespace(name, params.text("BucketNamespace"))?;
        check_bucket_name(name, account_regional).map_err(|fault| errors::invalid_bucket_name(name, fault))?;
        let access = new_access(params, &self.owner_id())?;
        let region = self.location(params)?;
        let given = params.structure("CreateBucketConfiguration");
        let pairs = given.iter().flat_map(|configuration| configuration.structures("Tags"));
        let tags = tags::check(
            pairs.map(|tag| (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default())),
            MAX_BUCKET_TAGS,
        )?;
        let location = if region == "us-east-1" {
            format!("/{name}")
        } else {
            format!("http://{name}.s3.amazonaws.com/")
        };
        let mut response = Map::new();
        response.insert("Location".to_string(), json!(location));
        response.insert("BucketArn".to_string(), json!(bucket_arn(name)));
        if let Some(existing) = self.buckets.get(name) {
            if region == "us-east-1" && existing.region == region {
                return Ok(response);
            }
            return Err(ApiError::new(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            ));
        }
        if self.buckets.values().filter(|bucket| bucket.zone.is_none()).count() >= BUCKET_QUOTA {
            return Err(ApiError::new("TooManyBuckets", "You have attempted to create more buckets than allowed"));
        }
        let mut bucket = Bucket::new(region, now, account_regional);
        bucket.access = access;
        bucket.tags = tags;
        self.metering.request(now, StorageClass::Standard, RequestKind::Put);
        self.buckets.insert(name.to_string(), bucket);
        Ok(response)
    }

    /// Whether the name is for the account-regional namespace, whose names end with `-<account>-<region>-an`.
    fn namespace(&self, name: &str, namespace: Option<&str>) -> Result<bool, ApiError> {
        match namespace {
            None | Some("global") => Ok(false),
            Some("account-regional") => {
                let suffix = format!("-{}-{}-an", self.account_id, self.region);
                if name.ends_with(&suffix) {
                    return Ok(true);
                }
                Err(ApiError::new(
                    "InvalidNamespaceHeader",
                    format!(
                        "The requested bucket name did not include the account-regional namespace suffix, but the provided x-amz-bucket-namespace header value is \
                         account-regional. Specify {suffix} as the bucket name suffix to create a bucket in your account-regional namespace, or remove the header."
                    ),
                ))
            }
            Some(other) => Err(errors::invalid_argument("Invalid x-amz-bucket-namespace header value")
                .with_help(format!("\"{other}\" is neither global nor account-regional."))),
        }
    }

    /// The Region that the bucket will be in.
    fn location(&self, params: &Params<'_>) -> Result<String, ApiError> {
        let configuration = params.structure("CreateBucketConfiguration");
        if configuration.is_some_and(|configuration| configuration.has("Location") || configuration.has("Bucket")) {
            return Err(ApiError::new("InvalidBucketName", "The specified bucket is not valid.")
                .with_help("The name of a directory bucket ends with --zone--x-s3, as in lake--use1-az4--x-s3."));
        }
        let constraint = configuration.and_then(|configuration| configuration.text("LocationConstraint"));
        let illegal = |what: &str| {
            Err(ApiError::new(
                "IllegalLocationConstraintException",
                format!("The {what} location constraint is incompatible for the region specific endpoint this request was sent to."),
            ))
        };
        match constraint {
            None if self.region == "us-east-1" => Ok(self.region.clone()),
            None => illegal("unspecified")
                .map_err(|error: ApiError| error.with_help(format!("Outside us-east-1 the bucket's Region is named: LocationConstraint={}.", self.region))),
            Some(region) if !LOCATION_CONSTRAINTS.contains(&region) => {
                Err(ApiError::new("InvalidLocationConstraint", "The specified location-constraint is not valid")
                    .with_help("For us-east-1 leave LocationConstraint out."))
            }
            Some("EU") if self.region == "us-east-1" || self.region == "eu-west-1" => Ok("eu-west-1".to_string()),
            Some(region) if self.region == "us-east-1" || self.region == region => Ok(region.to_string()),
            Some(region) => illegal(region),
        }
    }

    /// Unfinished uploads go with the bucket. Errors: `NoSuchBucket`, `BucketNotEmpty`.
    pub(super) fn delete_bucket(&mut self, now: SimTime, params: &Params<'_>) -> Response {
        let name = params.required_text("Bucket")?;
        let bucket = self.named_bucket(name)?;
        if !bucket.is_empty() {
            let (objects, versions) = (bucket.len(), bucket.objects.values().map(Versions::len).sum::<usize>());
            return Err(match bucket.versioning() {
                Versioning::Unversioned => ApiError::new("BucketNotEmpty", "The bucket you tried to delete is not empty")
                    .with_help(format!("It still holds {objects} object(s). Delete them first.")),
                _ => ApiError::new(
                    "BucketNotEmpty",
                    "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
                )
                .with_help(format!(
                    "It still holds {versions} version(s), delete markers among them; ListObjectVersions shows them."
                )),
            });
        }
        self.forget_schedule(name);
        let removed = self.buckets.remove(name);
        for upload in removed.iter().flat_map(|bucket| bucket.uploads.values()) {
            self.metering.release_part(now, upload.storage_class, upload.bytes());
        }
        Ok(Map::new())
    }

    pub(super) fn head_bucket(&self, params: &Params<'_>) -> Response {
        let name = params.required_text("Bucket")?;
        let bucket = self.named_bucket(name).map_err(|error| match error.code.as_str() {
            "InvalidBucketName" => ApiError::new("400", "Bad Request"),
            _ => errors::not_found(),
        })?;
        let mut response = Map::new();
        response.insert("BucketArn".to_string(), json!(bucket_arn(name)));
        response.insert("BucketRegion".to_string(), json!(bucket.region));
        response.insert("AccessPointAlias".to_string(), json!(false));
        Ok(response)
    }

    /// `BucketRegion` of an entry is shown where the request has any parameter, as the API model says.
    pub(super) fn list_buckets(&self, params: &Params<'_>) -> Response {
        let prefix = params.text("Prefix").unwrap_or_default();
        let max = params.integer("MaxBuckets").map_or(10_000, |max| max.clamp(1, 10_000) as usize);
        let after = match params.text("ContinuationToken") {
            None => String::new(),
            Some(token) => read_token(token).ok_or_else(|| errors::invalid_argument("The continuation token provided is incorrect"))?,
        };
        let with_region = params.names().next().is_some();
        let region = params.text("BucketRegion");
        let mut matching = self.buckets.iter().filter(|(name, bucket)| {
            bucket.zone.is_none() && name.starts_with(prefix) && name.as_str() > after.as_str() && region.is_none_or(|region| region == bucket.region)
        });
        let mut entries = Vec::new();
        let mut last = "";
        for (name, bucket) in matching.by_ref().take(max) {
            let mut entry = json!({"Name": name, "CreationDate": bucket.created.whole_second().to_string(), "BucketArn": bucket_arn(name)});
            if with_region {
                entry["BucketRegion"] = json!(bucket.region);
            }
            entries.push(entry);
            last = name;
        }
        let mut response = Map::new();
        if matching.next().is_some() {
            response.insert("ContinuationToken".to_string(), json!(URL_SAFE_NO_PAD.encode(last)));
        }
        response.insert("Buckets".to_string(), Value::Array(entries));
        response.insert("Owner".to_string(), json!({"ID": self.owner_id()}));
        if params.has("Prefix") {
            response.insert("Prefix".to_string(), json!(prefix));
        }
        Ok(response)
    }

    /// `LocationConstraint` is null for us-east-1.
    pub(super) fn get_bucket_location(&self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        let constraint = if bucket.region == "us-east-1" { Value::Null } else { json!(bucket.region) };
        let mut response = Map::new();
        response.insert("LocationConstraint".to_string(), constraint);
        Ok(response)
    }
}

fn read_token(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

/// Object ownership and ACL of a new bucket: ACLs are disabled where nothing is said (since April 2023), and a public one is refused while Block Public Access is on,
/// which it is from the first moment.
fn new_access(params: &Params<'_>, owner: &str) -> Result<Access, ApiError> {
    let ownership = match params.text("ObjectOwnership") {
        None => ObjectOwnership::BucketOwnerEnforced,
        Some(text) => ObjectOwnership::parse(text).ok_or_else(|| errors::invalid_argument("Invalid x-amz-object-ownership header"))?,
    };
    let acl = Acl::of_request(params, owner)?.unwrap_or_default();
    if matches!(acl, Acl::Canned(canned) if !canned.is_of_buckets()) {
        return Err(errors::invalid_argument("Invalid canned ACL"));
    }
    if !acl.is_private(owner) && ownership == ObjectOwnership::BucketOwnerEnforced {
        return Err(acl_with_enforced_ownership());
    }
    if acl.is_public() {
        return Err(ApiError::new(
            "InvalidBucketAclWithBlockPublicAccessError",
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
        ));
    }
    Ok(Access {
        ownership: Some(ownership),
        acl,
        ..Access::default()
    })
}
