//! `sluice:ExportCloudFormation`: buckets, policies, keys, users and roles as a CloudFormation template; never objects.
//!
//! What holds data or encrypts it is retained when the stack goes (`DeletionPolicy`), as AWS advises. A template makes buckets in its own Region alone.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::names::{Name, Names, Piece};
use super::script::{encryption_rule, tag_set};
use crate::account::Account;
use crate::account::iam::Permissions;
use crate::account::kms::KeyState;
use crate::sim::SimTime;
use crate::storage::s3::access::{Access, CannedAcl};
use crate::storage::s3::acl::Acl;
use crate::storage::s3::encryption::BucketEncryption;
use crate::storage::s3::{Bucket, Versioning};

/// Writes the template.
pub(super) fn write(account: &Account, now: SimTime) -> Value {
    let names = Names::of(account, now);
    let mut template = Template {
        account,
        now,
        names: &names,
        ids: BTreeMap::new(),
        taken: BTreeSet::new(),
        principals: Vec::new(),
        resources: Map::new(),
        notes: Vec::new(),
    };
    template.name_everything();
    template.identities();
    template.keys();
    for (name, number) in names.buckets() {
        if let Some(bucket) = account.s3().bucket(name) {
            template.bucket(name, Name::Bucket(number), bucket);
        }
    }
    if template.resources.is_empty() {
        // A template has at least one resource; this one makes nothing.
        template.add("Nothing", json!({"Type": "AWS::CloudFormation::WaitConditionHandle"}));
    }
    let mut body = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("The buckets, keys and policies of a Sluice account at {}", now.whole_second()),
        "Resources": template.resources,
    });
    if !template.notes.is_empty() {
        body["Metadata"] = json!({"NotIncluded": template.notes});
    }
    let text = serde_json::to_string_pretty(&body).unwrap_or_default();
    json!({"TemplateBody": text, "Notes": template.notes})
}

struct Template<'a> {
    account: &'a Account,
    now: SimTime,
    names: &'a Names<'a>,
    /// Logical ids.
    ids: BTreeMap<Name, String>,
    taken: BTreeSet<String>,
    /// ARNs of users and roles with their logical ids: a policy that names one waits for it.
    principals: Vec<(String, String)>,
    resources: Map<String, Value>,
    notes: Vec<String>,
}

impl<'a> Template<'a> {
    fn add(&mut self, id: &str, resource: Value) {
        self.resources.insert(id.to_string(), resource);
    }

    /// A logical id of letters and digits that nothing else has.
    fn logical(&mut self, kind: &str, name: &str) -> String {
        let mut id = kind.to_string();
        for word in name.split(|character: char| !character.is_ascii_alphanumeric()) {
            let mut characters = word.chars();
            id.extend(characters.next().map(|first| first.to_ascii_uppercase()));
            id.extend(characters);
        }
        id.truncate(200);
        let mut unique = id.clone();
        let mut number = 2;
        while !self.taken.insert(unique.clone()) {
            unique = format!("{id}{number}");
            number += 1;
        }
        unique
    }

    fn name_everything(&mut self) {
        for (name, number) in self.names.buckets() {
            let here = self.account.s3().bucket(name).is_some_and(|bucket| self.is_here(bucket));
            if here {
                let id = self.logical("Bucket", name);
                self.ids.insert(Name::Bucket(number), id);
            }
        }
        for (key, _) in self.account.kms().keys(self.now) {
            if let Some(name) = self.names.key(key) {
                let alias = self.account.kms().aliases().find(|(_, target)| *target == key).map(|(alias, _)| alias);
                let id = self.logical("Key", alias.and_then(|alias| alias.strip_prefix("alias/")).unwrap_or_default());
                self.ids.insert(name, id);
            }
        }
    }

    fn is_here(&self, bucket: &Bucket) -> bool {
        bucket.region() == self.account.options().region
    }

    /// A text with references in the place of names. `own`: what a resource must not refer to, itself.
    fn text(&self, text: &str, own: Option<Name>) -> Value {
        let mut sub = String::new();
        let mut any = false;
        for piece in self.names.split(text) {
            match piece {
                // `${` begins a reference; policies have variables that are written so.
                Piece::Text(text) => sub.push_str(&text.replace("${", "${!")),
                Piece::Name(Name::Account) => {
                    any = true;
                    sub.push_str("${AWS::AccountId}");
                }
                Piece::Name(name) => match self.ids.get(&name).filter(|_| own != Some(name)) {
                    Some(id) => {
                        any = true;
                        sub.push_str(&format!("${{{id}}}"));
                    }
                    None => sub.push_str(&self.literal(name)),
                },
            }
        }
        if any { json!({"Fn::Sub": sub}) } else { json!(text) }
    }

    fn literal(&self, name: Name) -> String {
        let found = match name {
            Name::Account => Some(self.account.options().account_id.as_str()),
            Name::Bucket(_) => self.names.buckets().find(|(_, number)| Name::Bucket(*number) == name).map(|(bucket, _)| bucket),
            Name::Key(_) => self.account.kms().keys(self.now).map(|(id, _)| id).find(|id| self.names.key(id) == Some(name)),
        };
        found.unwrap_or_default().to_string()
    }

    /// A policy document with references in its strings. One that does not read as JSON was never accepted.
    fn document(&self, text: &str, own: Option<Name>) -> Value {
        let value = serde_json::from_str(text).unwrap_or_else(|_| json!({}));
        self.references(value, own)
    }

    fn references(&self, value: Value, own: Option<Name>) -> Value {
        match value {
            Value::String(text) => self.text(&text, own),
            Value::Array(items) => items.into_iter().map(|item| self.references(item, own)).collect(),
            Value::Object(map) => map.into_iter().map(|(name, item)| (name, self.references(item, own))).collect(),
            other => other,
        }
    }

    /// Users and roles that a policy names: it is refused before they are there.
    fn waits_for(&self, policy: &str) -> Vec<&str> {
        let named = |arn: &str| policy.contains(&format!("\"{arn}\""));
        let waits = self.principals.iter().filter(|(arn, _)| named(arn));
        waits.map(|(_, id)| id.as_str()).collect()
    }

    fn identities(&mut self) {
        let account = self.account;
        let mut managed = BTreeMap::new();
        for (arn, policy) in account.iam().managed_policies() {
            let id = self.logical("Policy", policy.name());
            let mut properties = json!({
                "ManagedPolicyName": policy.name(),
                "Path": policy.path(),
                "PolicyDocument": self.document(policy.document(), None),
            });
            if let Some(description) = policy.description() {
                properties["Description"] = json!(description);
            }
            self.add(&id, json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}));
            let versions = policy.versions().len();
            if versions > 1 {
                self.notes.push(format!(
                    "The policy {} has {versions} versions: a template says the default one alone.",
                    policy.name()
                ));
            }
            managed.insert(arn, id);
        }
        let attached = |permissions: &Permissions| -> Vec<Value> {
            let arns = permissions.attached().keys();
            arns.map(|arn| match managed.get(arn.as_str()) {
                Some(id) => json!({"Ref": id}),
                None => json!(arn),
            })
            .collect()
        };
        let own = &account.options().account_id;
        for role in account.iam().roles() {
            let id = self.logical("Role", role.name());
            let mut properties = json!({
                "RoleName": role.name(),
                "Path": role.path(),
                "AssumeRolePolicyDocument": self.document(role.trust_policy(), None),
                "MaxSessionDuration": role.max_session(),
            });
            if let Some(description) = role.description() {
                properties["Description"] = json!(description);
            }
            let arns = attached(role.permissions());
            if !arns.is_empty() {
                properties["ManagedPolicyArns"] = Value::Array(arns);
            }
            self.add(&id, json!({"Type": "AWS::IAM::Role", "Properties": properties}));
            self.principals.push((role.arn(own), id.clone()));
            self.inline("AWS::IAM::RolePolicy", "RoleName", &id, role.permissions());
        }
        for user in account.iam().users() {
            let id = self.logical("User", user.name());
            let mut properties = json!({"UserName": user.name(), "Path": user.path()});
            let arns = attached(user.permissions());
            if !arns.is_empty() {
                properties["ManagedPolicyArns"] = Value::Array(arns);
            }
            self.add(&id, json!({"Type": "AWS::IAM::User", "Properties": properties}));
            self.principals.push((user.arn(own), id.clone()));
            self.inline("AWS::IAM::UserPolicy", "UserName", &id, user.permissions());
        }
    }

    /// Inline policies are resources of their own: they may name a key whose policy names the role.
    fn inline(&mut self, kind: &str, member: &str, of: &str, permissions: &Permissions) {
        for (name, document) in permissions.inline() {
            let id = self.logical(of, name);
            let properties = json!({
                member: {"Ref": of},
                "PolicyName": name,
                "PolicyDocument": self.document(document, None),
            });
            self.add(&id, json!({"Type": kind, "Properties": properties}));
        }
    }

    fn keys(&mut self) {
        let account = self.account;
        for (key_id, key) in account.kms().keys(self.now) {
            let Some(name) = self.names.key(key_id) else { continue };
            let Some(id) = self.ids.get(&name).cloned() else { continue };
            let mut properties = json!({
                "KeyPolicy": self.document(key.policy(), Some(name)),
                "Enabled": key.state() == KeyState::Enabled,
            });
            if !key.description().is_empty() {
                properties["Description"] = json!(key.description());
            }
            if let Some(days) = key.rotation_days() {
                properties["EnableKeyRotation"] = json!(true);
                properties["RotationPeriodInDays"] = json!(days);
            }
            if key.state() == KeyState::PendingDeletion {
                self.notes.push(format!(
                    "The key {key_id} is pending deletion, which a template cannot say: it is made disabled."
                ));
            }
            let mut resource = json!({
                "Type": "AWS::KMS::Key",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": properties,
            });
            let waits = self.waits_for(key.policy());
            if !waits.is_empty() {
                resource["DependsOn"] = json!(waits);
            }
            self.add(&id, resource);
            let aliases: Vec<&str> = account
                .kms()
                .aliases()
                .filter(|(_, target)| *target == key_id)
                .map(|(alias, _)| alias)
                .collect();
            for alias in aliases {
                let alias_id = self.logical("Alias", alias.trim_start_matches("alias/"));
                let properties = json!({"AliasName": alias, "TargetKeyId": {"Ref": id}});
                self.add(&alias_id, json!({"Type": "AWS::KMS::Alias", "Properties": properties}));
            }
        }
    }

    fn bucket(&mut self, name: &str, which: Name, bucket: &Bucket) {
        let Some(id) = self.ids.get(&which).cloned() else {
            let region = bucket.region();
            self.notes
                .push(format!("The bucket {name} is in {region}: a template makes buckets in its own Region alone."));
            return;
        };
        if let Some(zone) = bucket.zone() {
            self.directory(name, &id, zone, bucket);
            return;
        }
        let access = bucket.access();
        let mut properties = Map::new();
        let mut lost = Vec::new();
        let mut set = |member: &str, value: Value| properties.insert(member.to_string(), value);
        let regional = self.names_regional(name, bucket);
        set("BucketName", regional.unwrap_or_else(|| json!(name)));
        if bucket.is_account_regional() {
            set("BucketNamespace", json!("account-regional"));
        }
        if let Some(ownership) = access.ownership {
            set("OwnershipControls", json!({"Rules": [{"ObjectOwnership": ownership.as_str()}]}));
        }
        let acl = match &access.acl {
            _ if !bucket.acls_enabled() => None,
            Acl::Canned(CannedAcl::PublicRead) => Some("PublicRead"),
            Acl::Canned(CannedAcl::PublicReadWrite) => Some("PublicReadWrite"),
            Acl::Canned(CannedAcl::AuthenticatedRead) => Some("AuthenticatedRead"),
            Acl::Canned(CannedAcl::LogDeliveryWrite) => Some("LogDeliveryWrite"),
            Acl::Canned(_) => None,
            Acl::Grants(_) => {
                lost.push(format!("Grants of the ACL of {name}: a template has canned ACLs alone."));
                None
            }
        };
        if let Some(acl) = acl {
            set("AccessControl", json!(acl));
        }
        let block = access.public_access.unwrap_or_default();
        set(
            "PublicAccessBlockConfiguration",
            json!({
                "BlockPublicAcls": block.block_public_acls,
                "IgnorePublicAcls": block.ignore_public_acls,
                "BlockPublicPolicy": block.block_public_policy,
                "RestrictPublicBuckets": block.restrict_public_buckets,
            }),
        );
        set("BucketEncryption", self.encryption(&access.encryption));
        match bucket.versioning() {
            Versioning::Unversioned => {}
            Versioning::Enabled => drop(set("VersioningConfiguration", json!({"Status": "Enabled"}))),
            Versioning::Suspended => drop(set("VersioningConfiguration", json!({"Status": "Suspended"}))),
        }
        if !bucket.tags().is_empty() {
            set("Tags", Value::Array(tag_set(bucket.tags())));
        }
        let tierings: Vec<Value> = bucket.tiering_configurations().map(|(_, configuration)| tiering(&configuration)).collect();
        if !tierings.is_empty() {
            set("IntelligentTieringConfigurations", Value::Array(tierings));
        }
        if let Some(configuration) = bucket.lifecycle() {
            set("LifecycleConfiguration", lifecycle(&configuration.to_json()));
        }
        if let Some(logging) = bucket.logging() {
            let target = self.account.s3().bucket(&logging.target);
            let number = self.names.buckets().find(|(bucket, _)| *bucket == logging.target).map(|(_, number)| number);
            // A target that logs elsewhere may lead back here, and a template has no circles.
            let leads_on = logging.target != name && target.is_some_and(|target| target.logging().is_some());
            match number.and_then(|number| self.ids.get(&Name::Bucket(number))) {
                Some(target) if !leads_on && logging.target != name => {
                    let mut configuration = json!({"DestinationBucketName": {"Ref": target}, "LogFilePrefix": logging.prefix});
                    if let Some(format) = logging.to_json("").get("TargetObjectKeyFormat") {
                        configuration["TargetObjectKeyFormat"] = format.clone();
                    }
                    set("LoggingConfiguration", configuration);
                    if logging.grants.is_some() {
                        lost.push(format!("TargetGrants of the access logs of {name}: a template has no member for them."));
                    }
                }
                _ => lost.push(format!(
                    "The access logs of {name}: a bucket of a template cannot wait for the bucket {}.",
                    logging.target
                )),
            }
        }
        self.notes.append(&mut lost);
        let mut resource = json!({
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": properties,
        });
        if let Some(alias) = self.alias_of(&access.encryption) {
            resource["DependsOn"] = json!([alias]);
        }
        self.add(&id, resource);
        self.policy_of(&id, "AWS::S3::BucketPolicy", access);
    }

    fn directory(&mut self, name: &str, id: &str, zone: &str, bucket: &Bucket) {
        let access = bucket.access();
        let mut properties = json!({"BucketName": name, "LocationName": zone, "DataRedundancy": "SingleAvailabilityZone"});
        if access.encryption.algorithm.is_kms() {
            let mut encryption = self.encryption(&access.encryption);
            if let Some(rule) = encryption["ServerSideEncryptionConfiguration"][0].as_object_mut() {
                rule.remove("BlockedEncryptionTypes");
            }
            properties["BucketEncryption"] = encryption;
        }
        if !bucket.tags().is_empty() {
            properties["Tags"] = Value::Array(tag_set(bucket.tags()));
        }
        if let Some(configuration) = bucket.lifecycle() {
            let rules = lifecycle(&configuration.to_json())["Rules"].take();
            properties["LifecycleConfiguration"] = json!({"Rules": rules});
        }
        let mut resource = json!({
            "Type": "AWS::S3Express::DirectoryBucket",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": properties,
        });
        if let Some(alias) = self.alias_of(&access.encryption) {
            resource["DependsOn"] = json!([alias]);
        }
        self.add(id, resource);
        self.policy_of(id, "AWS::S3Express::BucketPolicy", access);
    }

    /// The policy of a bucket, as a resource of its own.
    fn policy_of(&mut self, id: &str, kind: &str, access: &Access) {
        let Some(policy) = &access.policy else { return };
        let policy_id = self.logical(id, "Policy");
        let properties = json!({"Bucket": {"Ref": id}, "PolicyDocument": self.document(policy.text(), None)});
        let mut resource = json!({"Type": kind, "Properties": properties});
        let waits = self.waits_for(policy.text());
        if !waits.is_empty() {
            resource["DependsOn"] = json!(waits);
        }
        self.add(&policy_id, resource);
    }

    /// The name of a bucket of the account-regional namespace, which holds the account's number.
    fn names_regional(&self, name: &str, bucket: &Bucket) -> Option<Value> {
        let (stem, tail) = self.names.regional(bucket.region(), name).filter(|_| bucket.is_account_regional())?;
        Some(json!({"Fn::Sub": format!("{stem}${{AWS::AccountId}}{tail}")}))
    }

    fn encryption(&self, encryption: &BucketEncryption) -> Value {
        let mut rule = encryption_rule(self.account, encryption);
        let mut default = rule["ApplyServerSideEncryptionByDefault"].take();
        if let Some(key) = default["KMSMasterKeyID"].as_str().map(ToString::to_string) {
            let id = key.rsplit('/').next().and_then(|id| self.ids.get(&self.names.key(id)?));
            default["KMSMasterKeyID"] = match id {
                Some(id) => json!({"Fn::GetAtt": [id, "Arn"]}),
                None => self.text(&key, None),
            };
        }
        json!({"ServerSideEncryptionConfiguration": [{
            "ServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": rule["BucketKeyEnabled"],
            "BlockedEncryptionTypes": rule["BlockedEncryptionTypes"],
        }]})
    }

    /// The resource of the alias by which a bucket names its key.
    fn alias_of(&self, encryption: &BucketEncryption) -> Option<String> {
        let alias = encryption.key.as_deref()?;
        let named = |resource: &Value| resource["Type"] == "AWS::KMS::Alias" && resource["Properties"]["AliasName"] == alias;
        let found = self.resources.iter().find(|(_, resource)| named(resource));
        found.map(|(id, _)| id.clone())
    }
}

/// A list, or nothing where it is empty.
fn filled(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then_some(Value::Array(items))
}

/// Members of `to` that have a value.
fn object(members: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let given = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.filter(|value| !value.is_null())?)));
    Value::Object(given.collect())
}

/// Prefix and tags of a filter of the API, which may stand in an `And`.
fn filter(filter: &Value) -> (Option<Value>, Vec<Value>, &Value) {
    let inner = filter.get("And").unwrap_or(filter);
    let mut tags: Vec<Value> = inner["Tags"].as_array().cloned().unwrap_or_default();
    tags.extend(inner.get("Tag").cloned());
    (inner.get("Prefix").cloned(), tags, inner)
}

/// An Intelligent-Tiering configuration of the API as `AWS::S3::Bucket IntelligentTieringConfiguration`.
fn tiering(configuration: &Value) -> Value {
    let (prefix, tags, _) = filter(&configuration["Filter"]);
    object([
        ("Id", configuration.get("Id").cloned()),
        ("Status", configuration.get("Status").cloned()),
        ("Prefix", prefix),
        ("TagFilters", filled(tags)),
        ("Tierings", configuration.get("Tierings").cloned()),
    ])
}

/// A lifecycle configuration of the API as `AWS::S3::Bucket LifecycleConfiguration`.
fn lifecycle(configuration: &Value) -> Value {
    let rules = configuration["Rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    json!({
        "Rules": rules.iter().map(rule).collect::<Vec<_>>(),
        "TransitionDefaultMinimumObjectSize": configuration["TransitionDefaultMinimumObjectSize"],
    })
}

fn rule(rule: &Value) -> Value {
    let (prefix, tags, inner) = filter(&rule["Filter"]);
    let list = |name: &str| rule[name].as_array().map(Vec::as_slice).unwrap_or_default();
    // CloudFormation has sizes as text.
    let size = |name: &str| inner.get(name).map(|size| json!(size.to_string()));
    let transitions = list("Transitions").iter().map(|transition| {
        object([
            ("StorageClass", transition.get("StorageClass").cloned()),
            ("TransitionInDays", transition.get("Days").cloned()),
            ("TransitionDate", transition.get("Date").cloned()),
        ])
    });
    let noncurrent = list("NoncurrentVersionTransitions").iter().map(|transition| {
        object([
            ("StorageClass", transition.get("StorageClass").cloned()),
            ("TransitionInDays", transition.get("NoncurrentDays").cloned()),
            ("NewerNoncurrentVersions", transition.get("NewerNoncurrentVersions").cloned()),
        ])
    });
    let expiration = &rule["Expiration"];
    object([
        ("Id", rule.get("ID").cloned()),
        ("Status", rule.get("Status").cloned()),
        ("Prefix", prefix.or_else(|| rule.get("Prefix").cloned())),
        ("TagFilters", filled(tags)),
        ("ObjectSizeGreaterThan", size("ObjectSizeGreaterThan")),
        ("ObjectSizeLessThan", size("ObjectSizeLessThan")),
        ("Transitions", filled(transitions.collect())),
        ("NoncurrentVersionTransitions", filled(noncurrent.collect())),
        ("ExpirationInDays", expiration.get("Days").cloned()),
        ("ExpirationDate", expiration.get("Date").cloned()),
        ("ExpiredObjectDeleteMarker", expiration.get("ExpiredObjectDeleteMarker").cloned()),
        ("NoncurrentVersionExpiration", rule.get("NoncurrentVersionExpiration").cloned()),
        ("AbortIncompleteMultipartUpload", rule.get("AbortIncompleteMultipartUpload").cloned()),
    ])
}
