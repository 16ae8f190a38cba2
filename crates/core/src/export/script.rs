//! `sluice:ExportScript`: the account's storage as calls of the AWS CLI, in an order that a real account accepts.
//!
//! What would stand in the way comes last: an account that puts objects is not yet held by the policies of their bucket, and a key is disabled when everything
//! under it is encrypted.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::names::{Name, Names};
use super::order::{Placed, placed};
use super::shell::{Cli, OWNER, Script, quoted, taken, variable};
use super::{Body, bodies_json};
use crate::access::PublicAccess;
use crate::account::Account;
use crate::account::iam::Permissions;
use crate::account::kms::{Key, KeyState};
use crate::sim::SimTime;
use crate::storage::s3::access::CannedAcl;
use crate::storage::s3::acl::{Acl, Grant, Grantee};
use crate::storage::s3::encryption::{Algorithm, BucketEncryption};
use crate::storage::s3::{Bucket, Object, StorageClass, Versioning};

/// Writes the script.
pub(super) fn write(account: &Account, now: SimTime) -> Value {
    let names = Names::of(account, now);
    let mut export = Export {
        account,
        now,
        names: &names,
        script: Script::new(&names),
        bodies: Vec::new(),
        notes: Vec::new(),
    };
    export.all();
    let Export { script, bodies, notes, .. } = export;
    json!({"Script": script.text, "Bodies": bodies_json(&bodies), "Notes": notes})
}

struct Export<'a> {
    account: &'a Account,
    now: SimTime,
    names: &'a Names<'a>,
    script: Script<'a>,
    bodies: Vec<Body<'a>>,
    notes: Vec<String>,
}

impl<'a> Export<'a> {
    fn all(&mut self) {
        self.head();
        self.identities();
        self.keys();
        self.permissions();
        for (name, number) in self.names.buckets().collect::<Vec<_>>() {
            if let Some(bucket) = self.account.s3().bucket(name) {
                self.bucket(name, number, bucket);
            }
        }
        self.access_logs();
        self.last();
    }

    /// Access logs go on when every bucket is there, the targets with their policies among them.
    fn access_logs(&mut self) {
        let owner = self.account.s3().owner_id();
        for (name, _) in self.names.buckets().collect::<Vec<_>>() {
            let Some(bucket) = self.account.s3().bucket(name) else { continue };
            let Some(logging) = bucket.logging() else { continue };
            self.script.heading(&format!("Access logs of {name}"));
            let mut enabled = logging.to_json(&owner);
            for grant in enabled.get_mut("TargetGrants").and_then(Value::as_array_mut).into_iter().flatten() {
                if grant["Grantee"]["ID"] == owner {
                    grant["Grantee"]["ID"] = json!(taken(OWNER));
                }
            }
            let mut call = Cli::new(
                "s3api put-bucket-logging",
                json!({"Bucket": name, "BucketLoggingStatus": {"LoggingEnabled": enabled}}),
            );
            call.region = Some(bucket.region().to_string()).filter(|region| *region != self.account.options().region);
            self.script.call(&call);
        }
    }

    /// Says what the script does not do, in it and in the answer.
    fn note(&mut self, text: String) {
        self.script.comment(&text);
        self.notes.push(text);
    }

    fn call(&mut self, command: &'static str, params: Value) {
        self.script.call(&Cli::new(command, params));
    }

    fn head(&mut self) {
        let region = quoted(&self.account.options().region);
        let now = self.now.whole_second();
        self.script.line("#!/usr/bin/env bash");
        self.script
            .comment(&format!("The storage of a Sluice account at {now}, as calls of the AWS CLI (version 1 or 2)."));
        self.script.comment(
            "Run it with credentials of an administrator of an account that has none of these buckets, keys, users and roles yet. AWS bills what it makes.",
        );
        self.script
            .comment("It begins with an empty place: version ids, key ids and modification times are new, and lifecycle rules count from the day it runs.");
        self.script.line("set -euo pipefail");
        self.script.line("cd \"$(dirname \"$0\")\"");
        self.script.line("export AWS_PAGER=\"\"");
        self.script.line(&format!("export AWS_REGION={region} AWS_DEFAULT_REGION={region}"));
        self.script.line("ACCOUNT=$(aws sts get-caller-identity --query Account --output text)");
        if self.has_grants() {
            self.script.line(&format!("{OWNER}=$(aws s3api list-buckets --query Owner.ID --output text)"));
        }
        if self.names.buckets().next().is_none() {
            return;
        }
        self.script
            .heading("Names of buckets are taken once in the whole world: where one is, choose another here.");
        for (name, number) in self.names.buckets().collect::<Vec<_>>() {
            let regional = self.names.regional(&self.account.options().region, name);
            let value = match regional.filter(|_| self.account.s3().bucket(name).is_some_and(Bucket::is_account_regional)) {
                Some((stem, tail)) => format!("{}\"$ACCOUNT\"{}", quoted(stem), quoted(&tail)),
                None => quoted(name),
            };
            self.script.line(&format!("{}={value}", variable(Name::Bucket(number))));
        }
    }

    /// Whether an ACL names accounts, and so perhaps this one.
    fn has_grants(&self) -> bool {
        let by_hand = |acl: &Acl| matches!(acl, Acl::Grants(_));
        // ACLs of other accounts' objects stay behind.
        self.account.s3().buckets().any(|(_, bucket)| {
            let versions = || bucket.keys("").flat_map(|(_, versions)| versions.iter());
            let of_objects = || versions().any(|version| by_hand(version.acl()) && bucket.foreign_owner(version).is_none());
            let of_logs = bucket.logging().is_some_and(|logging| logging.grants.is_some());
            of_logs || bucket.acls_enabled() && (by_hand(&bucket.access().acl) || of_objects())
        })
    }

    /// Users and roles come first, since the policies of keys and buckets may name them.
    fn identities(&mut self) {
        let iam = self.account.iam();
        for role in iam.roles() {
            self.script.heading(&format!("The role {}", role.name()));
            let mut params = json!({
                "RoleName": role.name(),
                "Path": role.path(),
                "AssumeRolePolicyDocument": role.trust_policy(),
                "MaxSessionDuration": role.max_session(),
            });
            set_some(&mut params, "Description", role.description());
            self.call("iam create-role", params);
        }
        for user in iam.users() {
            self.script.heading(&format!("The user {}", user.name()));
            self.call("iam create-user", json!({"UserName": user.name(), "Path": user.path()}));
        }
        if iam.roles().next().is_some() || iam.users().next().is_some() {
            self.script
                .heading("A policy that names a user or role is refused until IAM has told everybody of it.");
            self.script.line("sleep \"${IAM_WAIT:-15}\"");
        }
    }

    /// What users and roles may do. Their policies may name keys, which have their ids by now.
    fn permissions(&mut self) {
        let iam = self.account.iam();
        for (arn, policy) in iam.managed_policies() {
            self.script.heading(&format!("The policy {arn}"));
            let versions = policy.versions();
            let mut of_document = versions.iter().map(|version| version.document.as_str());
            let first = of_document.next().unwrap_or(policy.document());
            let mut params = json!({"PolicyName": policy.name(), "Path": policy.path(), "PolicyDocument": first});
            set_some(&mut params, "Description", policy.description());
            self.call("iam create-policy", params);
            for version in versions.iter().skip(1) {
                let params = json!({"PolicyArn": arn, "PolicyDocument": version.document, "SetAsDefault": version.is_default});
                self.call("iam create-policy-version", params);
            }
            let gaps = versions.iter().zip(1..).any(|(version, place)| version.number != place);
            if gaps {
                let numbers: Vec<String> = versions.iter().map(|version| format!("v{}", version.number)).collect();
                self.note(format!(
                    "Versions {} of the policy {} are numbered from v1 on here: deleted ones leave no gap.",
                    numbers.join(", "),
                    policy.name()
                ));
            }
        }
        for role in iam.roles() {
            self.policies_of("RoleName", role.name(), "iam put-role-policy", "iam attach-role-policy", role.permissions());
        }
        for user in iam.users() {
            self.policies_of("UserName", user.name(), "iam put-user-policy", "iam attach-user-policy", user.permissions());
        }
    }

    fn policies_of(&mut self, member: &str, name: &str, put: &'static str, attach: &'static str, permissions: &Permissions) {
        if permissions.inline().is_empty() && permissions.attached().is_empty() {
            return;
        }
        self.script.heading(&format!("What {name} may do"));
        let with = |rest: Value| {
            let mut params = rest;
            params[member] = json!(name);
            params
        };
        for (policy, document) in permissions.inline() {
            self.call(put, with(json!({"PolicyName": policy, "PolicyDocument": document})));
        }
        for arn in permissions.attached().keys() {
            self.call(attach, with(json!({"PolicyArn": arn})));
        }
    }

    /// Keys that the account made, those whose deletion is scheduled too: objects may be under them.
    fn own_keys(&self) -> Vec<(&'a str, &'a Key, Name)> {
        let keys = self.account.kms().keys(self.now);
        keys.filter_map(|(id, key)| Some((id, key, self.names.key(id)?))).collect()
    }

    fn keys(&mut self) {
        for (id, key, name) in self.own_keys() {
            self.script.heading(&format!("The key {id}, which will have an id and material of its own"));
            let mut params = json!({});
            set_some(&mut params, "Description", Some(key.description()).filter(|text| !text.is_empty()));
            let mut create = Cli::new("kms create-key", params);
            create.capture = Some((variable(name), "KeyMetadata.KeyId"));
            self.script.call(&create);
            let aliases: Vec<&str> = self.account.kms().aliases().filter(|(_, key)| *key == id).map(|(alias, _)| alias).collect();
            for alias in aliases {
                self.call("kms create-alias", json!({"AliasName": alias, "TargetKeyId": id}));
            }
            if let Some(days) = key.rotation_days() {
                self.call("kms enable-key-rotation", json!({"KeyId": id, "RotationPeriodInDays": days}));
            }
            let rotations = key.version(self.now);
            if rotations > 0 {
                self.note(format!("The key {id} was rotated {}; the new one begins anew.", times(u64::from(rotations))));
            }
        }
    }

    fn bucket(&mut self, name: &'a str, number: usize, bucket: &'a Bucket) {
        self.script.heading(&format!("The bucket {name} (BUCKET_{number})"));
        let region = Some(bucket.region().to_string()).filter(|region| *region != self.account.options().region);
        let in_region = |command: &'static str, params: Value| Cli {
            region: region.clone(),
            ..Cli::new(command, params)
        };
        let access = bucket.access();
        self.script.call(&in_region("s3api create-bucket", create_bucket(name, bucket)));
        if bucket.zone().is_some() {
            self.directory(name, bucket);
            return;
        }
        if access.ownership.is_none() {
            self.script.call(&in_region("s3api delete-bucket-ownership-controls", json!({"Bucket": name})));
        }
        // Block Public Access as it is now would refuse what was granted when it was open.
        if is_open(bucket) {
            self.script
                .call(&in_region("s3api put-public-access-block", public_access_block(name, PublicAccess::default())));
        }
        match &access.acl {
            _ if !bucket.acls_enabled() => {}
            Acl::Canned(CannedAcl::Private) => {}
            Acl::Canned(acl) => self
                .script
                .call(&in_region("s3api put-bucket-acl", json!({"Bucket": name, "ACL": acl.as_str()}))),
            Acl::Grants(grants) => {
                let params = json!({"Bucket": name, "AccessControlPolicy": self.control_policy(grants)});
                self.script.call(&in_region("s3api put-bucket-acl", params));
            }
        }
        let rules = [encryption_rule(self.account, &access.encryption)];
        let params = json!({"Bucket": name, "ServerSideEncryptionConfiguration": {"Rules": rules}});
        self.script.call(&in_region("s3api put-bucket-encryption", params));
        if !bucket.tags().is_empty() {
            let tags: Vec<Value> = tag_set(bucket.tags());
            self.script
                .call(&in_region("s3api put-bucket-tagging", json!({"Bucket": name, "Tagging": {"TagSet": tags}})));
        }
        self.objects(name, bucket, region.as_deref());
        for (id, configuration) in bucket.tiering_configurations() {
            let params = json!({"Bucket": name, "Id": id, "IntelligentTieringConfiguration": configuration});
            self.script.call(&in_region("s3api put-bucket-intelligent-tiering-configuration", params));
        }
        if let Some(lifecycle) = bucket.lifecycle() {
            self.script
                .call(&in_region("s3api put-bucket-lifecycle-configuration", put_lifecycle(name, lifecycle.to_json())));
        }
        if let Some(policy) = &access.policy {
            self.script
                .call(&in_region("s3api put-bucket-policy", json!({"Bucket": name, "Policy": policy.text()})));
        }
        self.script.call(&match access.public_access {
            Some(block) => in_region("s3api put-public-access-block", public_access_block(name, block)),
            None => in_region("s3api delete-public-access-block", json!({"Bucket": name})),
        });
    }

    /// A directory bucket: its key, its objects, its rules and its policy, and nothing else, since it has no more.
    fn directory(&mut self, name: &'a str, bucket: &'a Bucket) {
        let access = bucket.access();
        if access.encryption.algorithm.is_kms() {
            let mut rule = encryption_rule(self.account, &access.encryption);
            if let Some(rule) = rule.as_object_mut() {
                rule.remove("BlockedEncryptionTypes");
            }
            let params = json!({"Bucket": name, "ServerSideEncryptionConfiguration": {"Rules": [rule]}});
            self.call("s3api put-bucket-encryption", params);
        }
        if !bucket.tags().is_empty() {
            self.note(format!("Tags of the directory bucket {name}, which s3control sets."));
        }
        self.objects(name, bucket, None);
        if let Some(lifecycle) = bucket.lifecycle() {
            let mut params = put_lifecycle(name, lifecycle.to_json());
            if let Some(params) = params.as_object_mut() {
                params.remove("TransitionDefaultMinimumObjectSize");
            }
            self.call("s3api put-bucket-lifecycle-configuration", params);
        }
        if let Some(policy) = &access.policy {
            self.call("s3api put-bucket-policy", json!({"Bucket": name, "Policy": policy.text()}));
        }
    }

    fn objects(&mut self, name: &'a str, bucket: &'a Bucket, region: Option<&str>) {
        self.what_is_lost(name, bucket);
        let mut versioning = Versioning::Unversioned;
        let mut set = |export: &mut Self, wanted: Versioning| {
            let status = match wanted {
                _ if wanted == versioning => return,
                Versioning::Unversioned => return,
                Versioning::Enabled => "Enabled",
                Versioning::Suspended => "Suspended",
            };
            versioning = wanted;
            let mut call = Cli::new(
                "s3api put-bucket-versioning",
                json!({"Bucket": name, "VersioningConfiguration": {"Status": status}}),
            );
            call.region = region.map(ToString::to_string);
            export.script.call(&call);
        };
        for placed in placed(bucket) {
            set(self, placed.phase.versioning());
            self.version(name, bucket, &placed, region);
        }
        set(self, bucket.versioning());
    }

    /// What becomes of a bucket in time that no script can make again.
    fn what_is_lost(&mut self, name: &str, bucket: &Bucket) {
        let versions = || bucket.keys("").flat_map(|(_, versions)| versions.iter());
        let acted = bucket.lifecycle_actions();
        let moved = versions()
            .filter(|version| version.since() > version.last_modified() && version.tiering().is_none())
            .count();
        if acted > 0 || moved > 0 {
            let acted = if acted > 0 { format!("acted {}", times(acted)) } else { "acted".to_string() };
            self.note(format!(
                "Lifecycle rules have {acted} in {name}. Objects are put into the classes in which they are now, what has expired is not put, and the days that the \
                 rules count, and minimum storage durations, begin anew."
            ));
        }
        let foreign = versions().filter(|version| bucket.foreign_owner(version).is_some()).count();
        if foreign > 0 {
            self.note(format!(
                "{foreign} version(s) of {name} belong to other accounts, which wrote them: here they belong to whoever runs the script, and their ACLs are left out."
            ));
        }
        let tiered = versions()
            .filter(|version| {
                version
                    .tiering()
                    .is_some_and(|tiering| tiering.tier() != crate::storage::s3::AccessTier::Frequent)
            })
            .count();
        if tiered > 0 {
            self.note(format!(
                "{tiered} version(s) of {name} in INTELLIGENT_TIERING are in a lower tier than Frequent Access, in which every object begins."
            ));
        }
        let restored = versions().filter(|version| version.restore().is_some()).count();
        if restored > 0 {
            self.note(format!(
                "{restored} restored or restoring object(s) of {name} are archived again: a restore is not exported."
            ));
        }
        let uploads = bucket.uploads().count();
        if uploads > 0 {
            self.note(format!("{uploads} unfinished multipart upload(s) of {name} are not exported."));
        }
    }

    /// `AccessControlPolicy` of grants by hand. Accounts go by their canonical ids, this one's by a variable.
    fn control_policy(&self, grants: &[Grant]) -> Value {
        let own = self.account.s3().owner_id();
        let grants = grants.iter().map(|grant| {
            let grantee = match &grant.grantee {
                Grantee::Account(id) if *id == own => json!({"Type": "CanonicalUser", "ID": taken(OWNER)}),
                Grantee::Account(id) => json!({"Type": "CanonicalUser", "ID": id}),
                group => json!({"Type": "Group", "URI": group.as_str()}),
            };
            json!({"Grantee": grantee, "Permission": grant.permission.as_str()})
        });
        json!({"Grants": grants.collect::<Vec<_>>(), "Owner": {"ID": taken(OWNER)}})
    }

    /// A version, and its ACL where no put can bring it.
    fn version(&mut self, name: &'a str, bucket: &'a Bucket, placed: &Placed<'a>, region: Option<&str>) {
        if !self.bytes_and_settings(name, bucket, placed, region) {
            return;
        }
        if let Acl::Grants(grants) = placed.version.acl()
            && bucket.foreign_owner(placed.version).is_none()
            && bucket.acls_enabled()
        {
            let params = json!({"Bucket": name, "Key": placed.key, "AccessControlPolicy": self.control_policy(grants)});
            self.script.call(&Cli {
                region: region.map(ToString::to_string),
                ..Cli::new("s3api put-object-acl", params)
            });
        }
    }

    /// Whether there is a version with bytes in the end.
    fn bytes_and_settings(&mut self, name: &'a str, bucket: &'a Bucket, placed: &Placed<'a>, region: Option<&str>) -> bool {
        let (key, version) = (placed.key, placed.version);
        let in_region = |command: &'static str, params: Value| Cli {
            region: region.map(ToString::to_string),
            ..Cli::new(command, params)
        };
        if version.is_delete_marker() {
            self.script.call(&in_region("s3api delete-object", json!({"Bucket": name, "Key": key})));
            return false;
        }
        if let Err(error) = self.account.stored_bytes(self.now, name, key, version.version_id()) {
            let id = version.version_id();
            self.note(format!("Left out: version {id} of {name}/{key}, whose bytes cannot be read: {error}"));
            return false;
        }
        let params = self.put_params(name, bucket, key, version);
        let path = format!("bodies/{:06}", self.bodies.len() + 1);
        if version.parts().is_empty() {
            let mut put = in_region("s3api put-object", params);
            if version.blob().size > 0 {
                put.body = Some(path.clone());
                self.body(path, name, key, version, 0, version.blob().size);
            }
            self.script.call(&put);
            return true;
        }
        // The object of an upload in parts is uploaded in the same parts: so its ETag is the same.
        let mut create = in_region("s3api create-multipart-upload", params);
        create.capture = Some(("UPLOAD".to_string(), "UploadId"));
        self.script.call(&create);
        let mut parts = Vec::new();
        let mut offset = 0;
        for (length, part) in version.parts().iter().zip(1..) {
            let path = format!("{path}.{part}");
            let params = json!({"Bucket": name, "Key": key, "PartNumber": part, "UploadId": taken("UPLOAD")});
            let mut upload = in_region("s3api upload-part", params);
            upload.body = (*length > 0).then(|| path.clone());
            let variable = format!("ETAG_{part}");
            upload.capture = Some((variable.clone(), "ETag"));
            self.script.call(&upload);
            // The quotes are part of an ETag, and would end the text in which it is written.
            self.script.line(&format!("{variable}=${{{variable}//\\\"/}}"));
            if *length > 0 {
                self.body(path, name, key, version, offset, *length);
            }
            offset += length;
            parts.push(json!({"PartNumber": part, "ETag": taken(&variable)}));
        }
        let params = json!({"Bucket": name, "Key": key, "UploadId": taken("UPLOAD"), "MultipartUpload": {"Parts": parts}});
        self.script.call(&in_region("s3api complete-multipart-upload", params));
        true
    }

    fn body(&mut self, path: String, bucket: &'a str, key: &'a str, version: &'a Object, offset: u64, length: u64) {
        self.bodies.push(Body {
            path,
            bucket,
            key,
            version_id: version.version_id(),
            offset,
            length,
        });
    }

    /// What PutObject and CreateMultipartUpload are told of an object.
    fn put_params(&self, name: &str, bucket: &Bucket, key: &str, version: &Object) -> Value {
        let mut params = Map::new();
        let mut set = |member: &str, value: Value| params.insert(member.to_string(), value);
        set("Bucket", json!(name));
        set("Key", json!(key));
        if version.storage_class() != StorageClass::Standard {
            set("StorageClass", json!(version.storage_class().as_str()));
        }
        for (member, value) in version.headers() {
            set(member, json!(value));
        }
        if !version.metadata().is_empty() {
            set("Metadata", json!(version.metadata()));
        }
        if !version.tags().is_empty() {
            let pairs = version.tags().iter().map(|(key, value)| format!("{}={}", percent(key), percent(value)));
            set("Tagging", json!(pairs.collect::<Vec<_>>().join("&")));
        }
        if let Acl::Canned(acl) = version.acl()
            && bucket.acls_enabled()
            && bucket.foreign_owner(version).is_none()
            && *acl != CannedAcl::Private
        {
            set("ACL", json!(acl.as_str()));
        }
        let encryption = version.encryption();
        let default = &bucket.access().encryption;
        if encryption.algorithm != Algorithm::Aes256 || default.algorithm != Algorithm::Aes256 {
            set("ServerSideEncryption", json!(encryption.algorithm.as_str()));
        }
        if encryption.algorithm.is_kms() {
            // The account's own keys are named; S3's key is what is meant where none is.
            let own = encryption
                .key
                .as_deref()
                .filter(|arn| self.names.key(arn.rsplit('/').next().unwrap_or(arn)).is_some());
            if let Some(key) = own {
                set("SSEKMSKeyId", json!(key));
            }
            if let Some(context) = &encryption.context {
                set("SSEKMSEncryptionContext", json!(context));
            }
            if encryption.algorithm == Algorithm::Kms {
                set("BucketKeyEnabled", json!(encryption.bucket_key));
            }
        }
        Value::Object(params)
    }

    /// What would have stood in the way before.
    fn last(&mut self) {
        if let Some(block) = self.account.s3().account_public_access() {
            self.script.heading("Block Public Access of the account");
            let params = json!({"AccountId": self.account.options().account_id, "PublicAccessBlockConfiguration": switches(block)});
            self.call("s3control put-public-access-block", params);
        }
        for (id, key, _) in self.own_keys() {
            let has_policy = !key.has_default_policy(self.account.options());
            if !has_policy && key.state() == KeyState::Enabled {
                continue;
            }
            self.script.heading(&format!("The key {id} as it is in the end"));
            if has_policy {
                // The policy may be one that shuts out whoever runs the script, as it did in this account.
                let params = json!({"KeyId": id, "PolicyName": "default", "Policy": key.policy(), "BypassPolicyLockoutSafetyCheck": true});
                self.call("kms put-key-policy", params);
            }
            match key.state() {
                KeyState::Enabled => {}
                KeyState::Disabled => self.call("kms disable-key", json!({"KeyId": id})),
                KeyState::PendingDeletion => {
                    let days = key.deletion_days().unwrap_or(30);
                    self.note(format!(
                        "The deletion of the key {id} is scheduled anew, {days} days from the run of this script."
                    ));
                    self.call("kms schedule-key-deletion", json!({"KeyId": id, "PendingWindowInDays": days}));
                }
            }
        }
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_string() } else { format!("{count} times") }
}

fn set_some(params: &mut Value, member: &str, text: Option<&str>) {
    if let Some(text) = text {
        params[member] = json!(text);
    }
}

/// `TransitionDefaultMinimumObjectSize` is a header of the request, and a member of the response.
fn put_lifecycle(name: &str, mut configuration: Value) -> Value {
    let minimum = configuration.as_object_mut().and_then(|map| map.remove("TransitionDefaultMinimumObjectSize"));
    json!({"Bucket": name, "LifecycleConfiguration": configuration, "TransitionDefaultMinimumObjectSize": minimum})
}

fn create_bucket(name: &str, bucket: &Bucket) -> Value {
    let mut params = json!({"Bucket": name});
    if let Some(zone) = bucket.zone() {
        params["CreateBucketConfiguration"] = json!({
            "Location": {"Type": "AvailabilityZone", "Name": zone}, "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
        });
        return params;
    }
    // For us-east-1 the constraint is left out.
    if bucket.region() != "us-east-1" {
        params["CreateBucketConfiguration"] = json!({"LocationConstraint": bucket.region()});
    }
    if bucket.is_account_regional() {
        params["BucketNamespace"] = json!("account-regional");
    }
    if let Some(ownership) = bucket.access().ownership {
        params["ObjectOwnership"] = json!(ownership.as_str());
    }
    params
}

/// Whether something in the bucket is public by ACL or policy.
fn is_open(bucket: &Bucket) -> bool {
    let access = bucket.access();
    let policy = access.policy.as_ref().is_some_and(|policy| crate::access::is_public(policy.policy()));
    let versions = || bucket.keys("").flat_map(|(_, versions)| versions.iter());
    policy || bucket.acls_enabled() && (access.acl.is_public() || versions().any(|version| version.acl().is_public()))
}

fn switches(block: PublicAccess) -> Value {
    json!({
        "BlockPublicAcls": block.block_public_acls,
        "IgnorePublicAcls": block.ignore_public_acls,
        "BlockPublicPolicy": block.block_public_policy,
        "RestrictPublicBuckets": block.restrict_public_buckets,
    })
}

fn public_access_block(name: &str, block: PublicAccess) -> Value {
    json!({"Bucket": name, "PublicAccessBlockConfiguration": switches(block)})
}

/// A rule of PutBucketEncryption. The ARN of S3's own key is left out, since naming none means it.
pub(super) fn encryption_rule(account: &Account, encryption: &BucketEncryption) -> Value {
    let mut default = json!({"SSEAlgorithm": encryption.algorithm.as_str()});
    if let Some(key) = encryption.key.as_deref().filter(|key| !is_s3_key(account, key)) {
        default["KMSMasterKeyID"] = json!(key);
    }
    let blocked = if encryption.blocks_customer_keys { "SSE-C" } else { "NONE" };
    json!({
        "ApplyServerSideEncryptionByDefault": default,
        "BucketKeyEnabled": encryption.bucket_key,
        "BlockedEncryptionTypes": {"EncryptionType": [blocked]},
    })
}

/// Whether a key's id or ARN is that of `aws/s3`.
fn is_s3_key(account: &Account, key: &str) -> bool {
    let id = key.rsplit('/').next().unwrap_or(key);
    account.kms().aliases().any(|(alias, target)| alias == "alias/aws/s3" && target == id)
}

pub(super) fn tag_set(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// A part of a URL's query: everything but letters, digits and `-._~` escaped.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
