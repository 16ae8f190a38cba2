//! Encryption of what S3 is asked to write and read: which key, whether it can be used and the caller may use it, and how often KMS was asked.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::super::caller::Caller;
use super::super::kms::{KeyRef, KeyUse};
use super::super::{Account, ApiError, BodyRange, Call, Params};
use super::needs::{Copied, need, text};
use crate::access::{ANONYMOUS, Principal};
use crate::sim::{SimTime, fnv1a};
use crate::storage::s3::Object;
use crate::storage::s3::encryption::{Algorithm, ObjectEncryption, Protection};

/// One request of S3 to KMS.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    key: KeyRef,
    what: KeyUse,
    /// The bucket and the requester, where a bucket-level key serves.
    bucket_key: Option<(String, String)>,
}

/// What a call of S3 needs of encryption, found to be right. Nothing is changed until the call is done.
#[derive(Clone, Debug, Default)]
pub(in crate::account) struct Sealed {
    /// The parameters with `SluiceEncryption` in them: what the object is encrypted with. `None`: as they came.
    pub params: Option<Value>,
    asked: Vec<Asked>,
}

fn check_signed(caller: &Caller) -> Result<(), ApiError> {
    match caller.principal {
        Principal::Anonymous => Err(ApiError::new(
            "InvalidArgument",
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
        )
        .with_help("Objects under a KMS key are not for anonymous callers.")),
        _ => Ok(()),
    }
}

impl Account {
    /// Errors: those of [`ObjectEncryption::of_put`] and [`ObjectEncryption::check_read`]; `AccessDenied` for a key that the caller may not use, or where the bucket
    /// blocks SSE-C; `KMS.DisabledException` and its like.
    pub(in crate::account) fn seal(&self, now: SimTime, caller: &Caller, operation: &str, params: &Value) -> Result<Sealed, ApiError> {
        let mut sealed = Sealed::default();
        // The members are ours to set.
        if params.get("SluiceEncryption").is_some() || params.get("SluiceOwner").is_some() {
            let mut without = params.clone();
            if let Some(map) = without.as_object_mut() {
                map.remove("SluiceEncryption");
                map.remove("SluiceOwner");
            }
            sealed.params = Some(without);
        }
        if let Some(writer) = self.foreign_writer(caller, operation, params) {
            let with = sealed.params.get_or_insert_with(|| params.clone());
            with["SluiceOwner"] = json!(writer);
        }
        let Some(map) = params.as_object() else { return Ok(sealed) };
        let checked = Params::of(map);
        let (source, prefix) = match operation {
            "GetObject" | "HeadObject" | "GetObjectAttributes" => {
                let named = text(params, "Bucket").zip(text(params, "Key")).map(|(bucket, key)| Copied {
                    bucket: bucket.to_string(),
                    key: key.to_string(),
                    version: text(params, "VersionId").map(ToString::to_string),
                });
                (named, "SSECustomer")
            }
            "CopyObject" | "UploadPartCopy" => (self.copied(params), "CopySourceSSECustomer"),
            _ => (None, ""),
        };
        if let Some(source) = source
            && let Some(object) = self.object_version(&source.bucket, &source.key, source.version.as_deref())
        {
            let opened = object
                .encryption()
                .check_read(&checked, prefix, caller.secure_transport)
                .and_then(|()| match operation {
                    "HeadObject" | "GetObjectAttributes" => Ok(None),
                    _ => self.open(now, caller, &source.bucket, &source.key, object.encryption()),
                });
            sealed.asked.extend(opened.map_err(|error| as_head(operation, error))?);
        }
        // Parts are encrypted, and put together, under the data key that the upload was begun with.
        if matches!(operation, "UploadPart" | "UploadPartCopy" | "CompleteMultipartUpload" | "ListParts")
            && let Some((name, key)) = text(params, "Bucket").zip(text(params, "Key"))
            && let Some(encryption) = self.s3.bucket(name).and_then(|bucket| bucket.upload_encryption(text(params, "UploadId")?))
        {
            encryption.check_part(&checked, operation.starts_with("UploadPart"), caller.secure_transport)?;
            if operation != "ListParts" {
                sealed.asked.extend(self.open(now, caller, name, key, encryption)?);
            }
        }
        if matches!(operation, "PutObject" | "CopyObject" | "CreateMultipartUpload")
            && let Some((bucket, key)) = text(params, "Bucket").zip(text(params, "Key"))
            && let Some((encryption, asked)) = self.close(now, caller, operation, bucket, key, &checked)?
        {
            if encryption != ObjectEncryption::default() {
                let with = sealed.params.get_or_insert_with(|| params.clone());
                with["SluiceEncryption"] = serde_json::to_value(&encryption).unwrap_or_else(|_| json!({}));
            }
            sealed.asked.extend(asked);
        }
        Ok(sealed)
    }

    /// The account that writes into a bucket that is not its own; `anonymous` for a request that nobody signed.
    fn foreign_writer<'a>(&self, caller: &'a Caller, operation: &str, params: &Value) -> Option<&'a str> {
        let writes = matches!(
            operation,
            "PutObject" | "CopyObject" | "CreateMultipartUpload" | "DeleteObject" | "DeleteObjects"
        );
        let writer = match &caller.principal {
            Principal::Anonymous => ANONYMOUS,
            principal => principal.account()?,
        };
        let bucket = self.s3.bucket(text(params, "Bucket")?)?;
        (writes && bucket.acls_enabled() && writer != self.options.account_id && params.is_object()).then_some(writer)
    }

    /// Notes down what was asked of KMS, once the call is done; S3's own key is made at its first use.
    pub(in crate::account) fn settle(&mut self, now: SimTime, sealed: &Sealed) {
        for asked in &sealed.asked {
            if self.kms.key(now, &asked.key.id).is_none() {
                self.kms.s3_key(&self.options, now);
            }
            let bucket_key = asked.bucket_key.as_ref().map(|(bucket, requester)| (bucket.as_str(), requester.as_str()));
            if self.kms.count(now, &asked.key, asked.what, bucket_key) {
                self.s3.asked_kms(now);
            }
        }
    }

    /// What a service's put into a bucket is encrypted with: the bucket's default, under the role's permission to use the key.
    pub(in crate::account) fn seal_service_put(&self, now: SimTime, caller: &Caller, bucket: &str, key: &str) -> Result<(Protection, Sealed), ApiError> {
        let nothing = Value::Null;
        let params = Params::check(&nothing, &[])?;
        let (encryption, asked) = self.close(now, caller, "PutObject", bucket, key, &params)?.unwrap_or_default();
        let protection = Protection {
            encryption,
            ..Protection::default()
        };
        let sealed = Sealed {
            params: None,
            asked: asked.into_iter().collect(),
        };
        Ok((protection, sealed))
    }

    /// Whether a service may read an object's bytes. An object under a caller's own key (SSE-C) is closed to services, which have none.
    pub(in crate::account) fn open_for_service(&self, now: SimTime, caller: &Caller, bucket: &str, key: &str) -> Result<(), ApiError> {
        let Some(object) = self.object_version(bucket, key, None) else {
            return Ok(());
        };
        let nothing = Value::Null;
        object.encryption().check_read(&Params::check(&nothing, &[])?, "SSECustomer", true)?;
        self.open(now, caller, bucket, key, object.encryption()).map(|_| ())
    }

    /// What the bytes that a call of S3 brings, or has joined, are to be sealed under: a host asks before it stores them. Nothing is asked of KMS yet.
    ///
    /// Errors: those of the call; one that is refused here is refused when it is applied.
    pub fn encryption_for(&self, now: SimTime, call: &Call) -> Result<ObjectEncryption, ApiError> {
        let (now, params) = (now.max(self.now), &call.params);
        let Some((bucket, key)) = text(params, "Bucket").zip(text(params, "Key")).filter(|_| call.service == "s3") else {
            return Ok(ObjectEncryption::default());
        };
        let encryption = match call.operation.as_str() {
            "PutObject" | "CopyObject" => {
                let caller = self.caller(call)?;
                let Some(map) = params.as_object() else {
                    return Ok(ObjectEncryption::default());
                };
                self.close(now, &caller, &call.operation, bucket, key, &Params::of(map))?.map(|closed| closed.0)
            }
            operation => {
                let begun = self.s3.bucket(bucket).and_then(|bucket| bucket.upload_encryption(text(params, "UploadId")?));
                if let Some(encryption) = begun
                    && let Some(map) = params.as_object()
                {
                    encryption.check_part(&Params::of(map), operation.starts_with("UploadPart"), self.caller(call)?.secure_transport)?;
                }
                begun.cloned()
            }
        };
        Ok(encryption.unwrap_or_default())
    }

    /// What an output of a run is to be sealed under, when it becomes an object. Errors as [`Account::encryption_for`].
    pub fn encryption_of_output(&self, now: SimTime, run_id: &str, bucket: &str, key: &str) -> Result<ObjectEncryption, ApiError> {
        let caller = self.service_caller(self.glue.run_role(run_id).unwrap_or_default());
        let put = self.seal_service_put(now.max(self.now), &caller, bucket, key)?;
        Ok(put.0.encryption)
    }

    /// The bytes of a version as they are stored, in whatever class: what an export writes. It is no access, and is made as the account's owner.
    ///
    /// Errors: `NoSuchVersion`; `MethodNotAllowed` for a delete marker; `InvalidRequest` for an object under a caller's own key (SSE-C), which the account has not;
    /// KMS's for a key that cannot be used.
    pub fn stored_bytes(&self, now: SimTime, bucket: &str, key: &str, version_id: &str) -> Result<BodyRange, ApiError> {
        let object = self.object_version(bucket, key, Some(version_id));
        let object = object.ok_or_else(|| ApiError::new("NoSuchVersion", "The specified version does not exist."))?;
        if object.is_delete_marker() {
            return Err(ApiError::new("MethodNotAllowed", "The specified method is not allowed against this resource."));
        }
        let nothing = Value::Null;
        object.encryption().check_read(&Params::check(&nothing, &[])?, "SSECustomer", true)?;
        let owner = self.caller_named("root")?;
        self.open(now, &owner, bucket, key, object.encryption())?;
        Ok(BodyRange {
            blob: object.blob().clone(),
            offset: 0,
            length: object.blob().size,
        })
    }

    pub(super) fn object_version(&self, bucket: &str, key: &str, version: Option<&str>) -> Option<&Object> {
        let bucket = self.s3.bucket(bucket)?;
        match version {
            None => bucket.get(key),
            Some(id) => {
                let versions = bucket.versions(key)?;
                versions.get(versions.position(id)?)
            }
        }
    }

    /// The key of an object that is read.
    pub(super) fn open(&self, now: SimTime, caller: &Caller, bucket: &str, key: &str, encryption: &ObjectEncryption) -> Result<Option<Asked>, ApiError> {
        if !encryption.algorithm.is_kms() {
            return Ok(None);
        }
        check_signed(caller)?;
        self.ask(now, caller, bucket, key, encryption, KeyUse::Decrypt).map(|asked| Some(asked.1))
    }

    /// Whether a caller whom S3 lets read or write an object may use its key too: of what lies there, or of the bucket's default for what would.
    pub(super) fn ask_key(&self, now: SimTime, caller: &Caller, action: &str, bucket: &str, key: &str) -> Result<(), ApiError> {
        match action {
            "s3:GetObject" => match self.object_version(bucket, key, None) {
                Some(object) => self.open(now, caller, bucket, key, object.encryption()).map(|_| ()),
                None => Ok(()),
            },
            "s3:PutObject" => {
                let nothing = Value::Null;
                let params = Params::check(&nothing, &[])?;
                self.close(now, caller, "PutObject", bucket, key, &params).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// The key of an object that is written. `None`: there is no such bucket.
    fn close(
        &self,
        now: SimTime,
        caller: &Caller,
        operation: &str,
        bucket: &str,
        key: &str,
        params: &Params<'_>,
    ) -> Result<Option<(ObjectEncryption, Option<Asked>)>, ApiError> {
        let Some(found) = self.s3.bucket(bucket) else { return Ok(None) };
        let rule = &found.access().encryption;
        let encryption = ObjectEncryption::of_put(rule, params, caller.secure_transport)?;
        if found.zone().is_some() && (encryption.algorithm != rule.algorithm || encryption.algorithm.is_kms() && encryption.key != rule.key) {
            return Err(ApiError::new(
                "InvalidRequest",
                "The encryption request headers must match the default encryption configuration of the directory bucket.",
            )
            .with_help("A directory bucket encrypts all that it holds in one way: PutBucketEncryption says which."));
        }
        if encryption.algorithm == Algorithm::Customer {
            if rule.blocks_customer_keys {
                let who = caller.principal.caller_arn().unwrap_or_default();
                let message = format!(
                    "User: {who} is not authorized to perform: s3:{operation} on resource: \"arn:aws:s3:::{bucket}/{key}\" because this bucket has blocked upload requests \
                     that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type"
                );
                return Err(ApiError::new("AccessDenied", message)
                    .with_help("New buckets block SSE-C. PutBucketEncryption with BlockedEncryptionTypes {\"EncryptionType\": [\"NONE\"]} allows it."));
            }
            let salt = self.salt(bucket, key);
            return Ok(Some((ObjectEncryption { salt, ..encryption }, None)));
        }
        if !encryption.algorithm.is_kms() {
            return Ok(Some((encryption, None)));
        }
        check_signed(caller)?;
        let (version, asked) = self.ask(now, caller, bucket, key, &encryption, KeyUse::Encrypt)?;
        let encryption = ObjectEncryption {
            key: Some(asked.key.arn.clone()),
            key_version: version,
            salt: self.salt(bucket, key),
            ..encryption
        };
        Ok(Some((encryption, Some(asked))))
    }

    /// Different for every put: the call's place in the log, and what it is about.
    fn salt(&self, bucket: &str, key: &str) -> u64 {
        fnv1a(fnv1a(self.position, bucket.as_bytes()), key.as_bytes())
    }

    /// Asks KMS for a data key. Errors: `KMS.…` for a key that cannot be used, `AccessDenied` for a caller that may not.
    fn ask(&self, now: SimTime, caller: &Caller, bucket: &str, key: &str, encryption: &ObjectEncryption, what: KeyUse) -> Result<(u32, Asked), ApiError> {
        let found = self.kms.usable(&self.options, now, encryption.key.as_deref())?;
        let arn = match encryption.bucket_key {
            true => format!("arn:aws:s3:::{bucket}"),
            false => format!("arn:aws:s3:::{bucket}/{key}"),
        };
        let mut context = caller.context(self, now);
        context.set("kms:ViaService", format!("s3.{}.amazonaws.com", self.options.region));
        context.set_some("kms:CallerAccount", caller.principal.account());
        context.set("kms:EncryptionContext:aws:s3:arn", &arn);
        context.set("aws:ViaAWSService", true);
        let needs = [need(what.action(), found.arn.clone())];
        self.demand(now, caller, &needs, &context, "AccessDenied")?;
        let requester = caller.principal.arn().unwrap_or_else(|| caller.principal.user_id());
        let asked = Asked {
            bucket_key: encryption.bucket_key.then(|| (bucket.to_string(), requester)),
            what,
            key: found,
        };
        Ok((asked.key.version, asked))
    }
}

/// A HEAD request answers the status alone.
fn as_head(operation: &str, error: ApiError) -> ApiError {
    if operation != "HeadObject" {
        return error;
    }
    let (code, message) = match error.code.as_str() {
        "AccessDenied" => ("403", "Forbidden"),
        _ => ("400", "Bad Request"),
    };
    ApiError::new(code, message).with_help(error.message)
}
