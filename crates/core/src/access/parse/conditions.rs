//! Conditions of a statement, and the keys that they may have.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::{Parsed, PolicyKind, Reader};
use crate::access::condition::{Condition, Operator, Test};
use crate::access::document::Scope;
use crate::access::pattern::{has_variable, matches_action};

/// Condition keys that S3 has of its own, and the actions that have each; none named: every action ("Condition keys for Amazon S3").
const S3_KEYS: &[(&str, &[&str])] = &[
    ("s3:AccessGrantsInstanceArn", &[]),
    ("s3:AccessPointNetworkOrigin", &[]),
    ("s3:authType", &[]),
    ("s3:BucketTag/", &[]),
    ("s3:DataAccessPointAccount", &[]),
    ("s3:DataAccessPointArn", &[]),
    ("s3:delimiter", &["ListBucket", "ListBucketVersions"]),
    ("s3:ExistingObjectTag/", &["Get*", "Put*", "Delete*", "RestoreObject", "ReplicateObject"]),
    ("s3:if-match", &["PutObject", "DeleteObject"]),
    ("s3:if-none-match", &["PutObject"]),
    ("s3:InventoryAccessibleOptionalFields", &["PutInventoryConfiguration"]),
    ("s3:JobSuspendedCause", &[]),
    ("s3:locationconstraint", &["CreateBucket"]),
    ("s3:max-keys", &["ListBucket", "ListBucketVersions"]),
    ("s3:object-lock-legal-hold", &["PutObject", "PutObjectLegalHold"]),
    ("s3:object-lock-mode", &["PutObject", "PutObjectRetention"]),
    ("s3:object-lock-remaining-retention-days", &["PutObject", "PutObjectRetention"]),
    ("s3:object-lock-retain-until-date", &["PutObject", "PutObjectRetention"]),
    ("s3:ObjectCreationOperation", &["PutObject"]),
    ("s3:prefix", &["ListBucket", "ListBucketVersions"]),
    (
        "s3:RequestObjectTag/",
        &["PutObject", "PutObjectTagging", "PutObjectVersionTagging", "ReplicateTags"],
    ),
    (
        "s3:RequestObjectTagKeys",
        &["PutObject", "PutObjectTagging", "PutObjectVersionTagging", "ReplicateTags"],
    ),
    ("s3:ResourceAccount", &[]),
    ("s3:signatureAge", &[]),
    ("s3:signatureversion", &[]),
    ("s3:TlsVersion", &[]),
    ("s3:VersionId", &["*ObjectVersion*", "GetObject", "PutObject"]),
    (
        "s3:x-amz-acl",
        &[
            "PutObject",
            "PutObjectAcl",
            "PutObjectVersionAcl",
            "PutBucketAcl",
            "CreateBucket",
            "ReplicateObject",
        ],
    ),
    ("s3:x-amz-content-sha256", &[]),
    ("s3:x-amz-copy-source", &["PutObject"]),
    (
        "s3:x-amz-grant-full-control",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    (
        "s3:x-amz-grant-read",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    (
        "s3:x-amz-grant-read-acp",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    (
        "s3:x-amz-grant-write",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    (
        "s3:x-amz-grant-write-acp",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    ("s3:x-amz-metadata-directive", &["PutObject"]),
    ("s3:x-amz-object-ownership", &["CreateBucket", "PutBucketOwnershipControls"]),
    ("s3:x-amz-server-side-encryption", &["PutObject", "ReplicateObject"]),
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        &["PutObject", "ReplicateObject", "UpdateObjectEncryption"],
    ),
    ("s3:x-amz-server-side-encryption-customer-algorithm", &["PutObject", "ReplicateObject"]),
    ("s3:x-amz-storage-class", &["PutObject"]),
    ("s3:x-amz-website-redirect-location", &["PutObject"]),
];

/// Condition keys of S3 Express ("Actions, resources, and condition keys for Amazon S3 Express").
const EXPRESS_KEYS: &[&str] = &[
    "s3express:AllAccessRestrictedToLocalZoneGroup",
    "s3express:LocationName",
    "s3express:ResourceAccount",
    "s3express:SessionMode",
    "s3express:TlsVersion",
    "s3express:authType",
    "s3express:signatureAge",
    "s3express:signatureversion",
    "s3express:x-amz-content-sha256",
    "s3express:x-amz-server-side-encryption",
    "s3express:x-amz-server-side-encryption-aws-kms-key-id",
];

impl Reader<'_> {
    pub(super) fn conditions(&self, place: &str, value: Option<&Value>, action: &Scope<String>) -> Parsed<Vec<Condition>> {
        let map = match value {
            None => return Ok(Vec::new()),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(self.syntax(place, "Condition is an object of operators.")),
        };
        let mut found = Vec::new();
        for (name, keys) in map {
            let place = format!("{place}.{name}");
            let Some(operator) = Operator::parse(name) else {
                let help = format!("there is no condition operator \"{name}\".");
                return Err(if self.kind.is_bucket() {
                    self.fault(&place, format!("Invalid Condition type : {name}"), help)
                } else {
                    self.syntax(&place, help)
                });
            };
            let Value::Object(keys) = keys else {
                return Err(self.syntax(&place, "an operator has keys and their values."));
            };
            for (key, values) in keys {
                let place = format!("{place}.{key}");
                self.condition_key(&place, key, action)?;
                let values = self.condition_values(&place, values)?;
                if let Some(value) = values.iter().find(|value| !operator.test.takes(value) && !has_variable(value)) {
                    let help = format!("\"{value}\" is nothing that {name} can compare with.");
                    return Err(match (self.kind, operator.test) {
                        (PolicyKind::Bucket(_), Test::Ip { .. }) => self.fault(&place, "Invalid IP address in Conditions", help),
                        (_, Test::Date { .. }) => self.fault(&place, "The policy failed legacy parsing", help),
                        _ => self.syntax(&place, help),
                    });
                }
                found.push(Condition {
                    operator,
                    key: key.clone(),
                    values,
                });
            }
        }
        Ok(found)
    }

    /// Values are text, numbers or booleans, one or a list.
    fn condition_values(&self, place: &str, value: &Value) -> Parsed<Vec<String>> {
        let one = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
            _ => Err(self.syntax(place, "a condition's value is text, a number or a boolean.")),
        };
        match value {
            Value::Array(list) => list.iter().map(one).collect(),
            value => Ok(Vec::from([one(value)?])),
        }
    }

    fn condition_key(&self, place: &str, key: &str, action: &Scope<String>) -> Parsed<()> {
        let Some((vendor, name)) = key.split_once(':') else {
            return Err(if self.kind.is_bucket() {
                self.fault(
                    place,
                    "Policy has an invalid condition key",
                    format!("\"{key}\" has no service before it, as in aws:SourceIp."),
                )
            } else {
                self.fault(place, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", "")
            });
        };
        if !self.kind.is_bucket() {
            return Ok(());
        }
        if vendor.eq_ignore_ascii_case("aws") && !name.is_empty() {
            return Ok(());
        }
        if self.kind.is_directory() {
            return match EXPRESS_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                true => Ok(()),
                false => Err(self.fault(
                    place,
                    "Policy has an invalid condition key",
                    format!("S3 Express has no condition key \"{key}\"."),
                )),
            };
        }
        let known = S3_KEYS.iter().find(|(known, _)| match known.strip_suffix('/') {
            Some(stem) => {
                key.get(..stem.len()).is_some_and(|head| head.eq_ignore_ascii_case(stem))
                    && key.get(stem.len()..).is_some_and(|tail| tail.starts_with('/') && tail.len() > 1)
            }
            None => known.eq_ignore_ascii_case(key),
        });
        let Some((_, actions)) = known else {
            return Err(self.fault(place, "Policy has an invalid condition key", format!("S3 has no condition key \"{key}\".")));
        };
        let Scope::Only(stated) = action else { return Ok(()) };
        let fits = |stated: &String| {
            let name = stated.split_once(':').map_or("*", |(_, name)| name);
            actions.is_empty() || name.contains(['*', '?']) || actions.iter().any(|known| matches_action(known, name))
        };
        match stated.iter().find(|stated| !fits(stated)) {
            None => Ok(()),
            Some(stated) => Err(self.fault(
                place,
                "Conditions do not apply to combination of actions and resources in statement",
                format!("a request for {stated} never has {key}; it belongs to {}.", actions.join(", ")),
            )),
        }
    }
}
