use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::acl::canonical_id;
use super::super::encryption::{Algorithm, ObjectEncryption, Protection};
use super::super::multipart::{self, Part, Upload};
use super::super::seal::check_sealed;
use super::super::state::S3;
use super::super::versions::new_upload_id;
use super::super::{MAX_PARTS, MAX_SINGLE_PUT, StorageClass, check_key, errors, tags};
use super::copy::Source;
use super::ownership::acl_of_put;
use super::put::{body, check_digests, check_write_conditions, storage_class, system_metadata, user_metadata};
use super::supported;
use super::walk::{encoding, page_size};
use crate::account::{ApiError, BlobRef, BodyRange, Params};
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;
use crate::storage::s3::Object;

/// An upload that a request names.
struct Named<'a, 's> {
    bucket: &'a str,
    key: &'a str,
    id: &'a str,
    upload: &'s Upload,
}

/// All requests of an upload but its completion have S3 Standard's rate where it goes to an archive (CreateMultipartUpload, "pricing").
fn rate(class: StorageClass) -> StorageClass {
    if class.is_archived() { StorageClass::Standard } else { class }
}

fn part_number(params: &Params<'_>) -> Result<u32, ApiError> {
    let number = params.integer("PartNumber").and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| (1..=MAX_PARTS).contains(number));
    number.ok_or_else(|| errors::invalid_argument("Part number must be an integer between 1 and 10000, inclusive"))
}

impl S3 {
    /// Errors: `NoSuchBucket`, `NoSuchUpload`.
    fn named_upload<'a>(&self, params: &Params<'a>) -> Result<Named<'a, '_>, ApiError> {
        let (bucket, key, id) = (params.required_text("Bucket")?, params.required_text("Key")?, params.required_text("UploadId")?);
        let found = self.named_bucket(bucket)?.uploads.get(id).filter(|upload| upload.key == key);
        let upload = found.ok_or_else(errors::no_such_upload)?;
        Ok(Named { bucket, key, id, upload })
    }

    /// The canonical user id of the account that will own the object of an upload.
    fn upload_owner_id(&self, upload: &Upload) -> String {
        canonical_id(upload.protection.owner.as_deref().unwrap_or(&self.account_id))
    }

    /// Errors: those of PutObject that are not about bytes.
    pub(super) fn create_multipart_upload(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let (bucket, key) = (params.required_text("Bucket")?, params.required_text("Key")?);
        self.named_bucket(bucket)?;
        check_key(key).map_err(errors::key_too_long)?;
        for name in ["ChecksumAlgorithm", "ChecksumType"] {
            if params.has(name) {
                return Err(errors::not_implemented("CreateMultipartUpload", name));
            }
        }
        let (acl, owner) = acl_of_put(self.named_bucket(bucket)?, params, &self.account_id)?;
        let encryption = ObjectEncryption::of_params(params);
        let mut upload = Upload {
            key: key.to_string(),
            initiated: now,
            number: 0,
            storage_class: storage_class(params, self.named_bucket(bucket)?)?,
            headers: system_metadata(params),
            metadata: user_metadata(params)?,
            tags: tags::of_header(params.text("Tagging"))?,
            protection: Protection {
                encryption: encryption.clone(),
                acl,
                owner,
            },
            parts: BTreeMap::new(),
            due: None,
        };
        upload.number = self.next_number();
        let id = new_upload_id(self.seed, upload.number);
        self.metering.request(now, rate(upload.storage_class), RequestKind::Post);
        if let Some(found) = self.buckets.get_mut(bucket) {
            found.uploads.insert(id.clone(), upload);
        }
        self.schedule_upload(bucket, &id);
        let mut response = Map::new();
        encryption.show(&mut response);
        let mut put = |name: &str, value: Value| response.insert(name.to_string(), value);
        put("Bucket", json!(bucket));
        put("Key", json!(key));
        if let Some((at, rule)) = self.abort_date(bucket, &id) {
            put("AbortDate", json!(at.to_string()));
            put("AbortRuleId", json!(rule));
        }
        put("UploadId", json!(id));
        Ok(response)
    }

    /// When a rule will abort an upload, and its ID.
    fn abort_date(&self, bucket: &str, id: &str) -> Option<(SimTime, &str)> {
        let bucket = self.buckets.get(bucket)?;
        let (lifecycle, upload) = (bucket.lifecycle.as_ref()?, bucket.uploads.get(id)?);
        let not_before = lifecycle.since.max(upload.initiated);
        let (at, rule) = super::super::lifecycle::due_upload(&upload.key, upload.initiated, not_before, &lifecycle.configuration)?;
        Some((at, &lifecycle.configuration.rules.get(rule)?.id))
    }

    /// A part of the same number is replaced. Errors: `NoSuchUpload`, `InvalidArgument` for a number beyond 1 to 10,000, `EntityTooLarge`, and those of a body's digests.
    pub(super) fn upload_part(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let named = self.named_upload(params)?;
        let (bucket, id, class) = (named.bucket, named.id, named.upload.storage_class);
        let encryption = named.upload.protection.encryption.clone();
        let number = part_number(params)?;
        let blob = body(params)?;
        check_digests(params, &blob)?;
        check_sealed(&blob, &encryption)?;
        let part = self.take_part(now, bucket, id, number, blob)?;
        self.metering.request(now, rate(class), RequestKind::Put);
        let mut response = Map::new();
        response.insert("ETag".to_string(), json!(part.quoted_etag()));
        encryption.show(&mut response);
        if let Some(sum) = params.text("ChecksumSHA256") {
            response.insert("ChecksumSHA256".to_string(), json!(sum));
        }
        Ok(response)
    }

    fn take_part(&mut self, now: SimTime, bucket: &str, id: &str, number: u32, blob: BlobRef) -> Result<Part, ApiError> {
        if blob.size > MAX_SINGLE_PUT {
            return Err(ApiError::new("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
                .with_help(format!("One part has at most {MAX_SINGLE_PUT} bytes; this one has {}.", blob.size)));
        }
        let upload = self.buckets.get_mut(bucket).and_then(|found| found.uploads.get_mut(id));
        let upload = upload.ok_or_else(errors::no_such_upload)?;
        let part = Part { blob, modified: now };
        self.metering.meter().uploaded(now, upload.storage_class, part.blob.size, 1);
        self.metering.hold_part(now, upload.storage_class, part.blob.size);
        if let Some(replaced) = upload.parts.insert(number, part.clone()) {
            self.metering.release_part(now, upload.storage_class, replaced.blob.size);
        }
        Ok(part)
    }

    /// The bytes of a part that is copied: `None` for the whole source. Errors: those of a copy's source, `InvalidArgument`, `InvalidRange`.
    fn copied_range(&self, params: &Params<'_>) -> Result<(String, String, usize, Option<BodyRange>), ApiError> {
        let written = Source::read(params.get("CopySource").unwrap_or(&Value::Null))?;
        let (source, index, object) = self.copy_source(written, params)?;
        let place = |range| (source.bucket.to_string(), source.key.to_string(), index, range);
        let Some(text) = params.text("CopySourceRange") else { return Ok(place(None)) };
        let size = object.blob().size;
        let bounds = text.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
        let bounds = bounds.and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
        let Some((first, last)) = bounds.filter(|(first, last)| first <= last) else {
            return Err(errors::invalid_argument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to \
                 copy",
            ));
        };
        if last >= size {
            return Err(errors::invalid_argument(&format!(
                "Range specified is not valid for source object of size: {size}"
            )));
        }
        let range = BodyRange {
            blob: object.blob().clone(),
            offset: first,
            length: last - first + 1,
        };
        Ok(place((range.length != size).then_some(range)))
    }

    /// A copied range is a blob of its own, which the host makes of the source's ([`S3::composition`]) and names in `SluiceBlob`.
    pub(super) fn upload_part_copy(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let named = self.named_upload(params)?;
        let (bucket, id, class) = (named.bucket, named.id, named.upload.storage_class);
        let encryption = named.upload.protection.encryption.clone();
        let number = part_number(params)?;
        let (from, key, index, range) = self.copied_range(params)?;
        let object = self.buckets.get(&from).and_then(|found| found.versions(&key)?.get(index));
        let object: &Object = object.ok_or_else(|| errors::no_such_key(&key))?;
        let version = self.source_version(&from, object);
        let (source_class, opened) = (object.storage_class(), object.encryption().clone());
        let blob = match range {
            None if !params.has("SluiceBlob") => object.blob().clone(),
            None => composed(params, object.blob().size, &encryption)?,
            Some(range) => composed(params, range.length, &encryption)?,
        };
        let bytes = blob.size;
        let part = self.take_part(now, bucket, id, number, blob)?;
        self.metering.request(now, rate(class), RequestKind::Copy);
        self.metering.dual_encrypted(now, &opened, bytes);
        self.metering.meter().retrieved(now, source_class, bytes, 1);
        self.accessed(now, &from, &key, index);
        let mut response = Map::new();
        if let Some(version) = version {
            response.insert("CopySourceVersionId".to_string(), json!(version));
        }
        let result = json!({"ETag": part.quoted_etag(), "LastModified": now.whole_second().to_string()});
        response.insert("CopyPartResult".to_string(), result);
        encryption.show(&mut response);
        Ok(response)
    }

    /// Makes the object of the parts named. Their bytes joined are one blob, which the host makes ([`S3::composition`]) and names in `SluiceBlob`.
    ///
    /// Errors: `NoSuchUpload`, `MalformedXML`, `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`, `EntityTooLarge`, `InvalidRequest` for a wrong `MpuObjectSize`,
    /// `PreconditionFailed`.
    pub(super) fn complete_multipart_upload(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let named = self.named_upload(params)?;
        let (bucket, key, id) = (named.bucket, named.key, named.id);
        let blobs = chosen(named.upload, params)?;
        let sizes: Vec<u64> = blobs.iter().map(|blob| blob.size).collect();
        let size = sizes.iter().sum();
        let etag = multipart::etag(&blobs);
        let blob = match blobs.as_slice() {
            [only] if !params.has("SluiceBlob") => (*only).clone(),
            _ if !params.has("SluiceBlob") && named.upload.protection.encryption.algorithm == Algorithm::Customer => {
                BlobRef::of_pieces(&blobs, etag.get(..32).unwrap_or_default(), &named.upload.protection.encryption)
            }
            _ => composed(params, size, &named.upload.protection.encryption)?,
        };
        let current = self.buckets.get(bucket).and_then(|found| found.get(key));
        check_write_conditions(params, key, current)?;
        if params.integer("MpuObjectSize").is_some_and(|given| u64::try_from(given) != Ok(size)) {
            return Err(ApiError::new(
                "InvalidRequest",
                "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
            ));
        }
        let found = self.buckets.get_mut(bucket);
        let upload = found.and_then(|found| found.uploads.remove(id)).ok_or_else(errors::no_such_upload)?;
        if let Some(at) = upload.due {
            self.queue.remove(&(at, upload.number));
        }
        self.metering.release_part(now, upload.storage_class, upload.bytes());
        self.metering.request(now, upload.storage_class, RequestKind::Post);
        let object = self.placed(bucket, Object::new(now, upload.object(etag, sizes, blob)));
        let (etag, encryption) = (object.quoted_etag(), object.encryption().clone());
        let version_id = self.insert(now, bucket, key, object);
        let region = self.buckets.get(bucket).map_or("", |found| found.region());
        let mut response = Map::new();
        encryption.show(&mut response);
        let mut put = |name: &str, value: Value| response.insert(name.to_string(), value);
        put("Location", json!(format!("https://{bucket}.s3.{region}.amazonaws.com/{key}")));
        put("Bucket", json!(bucket));
        put("Key", json!(key));
        put("ETag", json!(etag));
        if let Some(id) = version_id {
            put("VersionId", json!(id));
        }
        if let Some(expiration) = self.expiration(bucket, key) {
            put("Expiration", json!(expiration));
        }
        Ok(response)
    }

    /// The blobs whose bytes, joined, a call needs as one blob of its own in `SluiceBlob`, which will rest under `encryption`: of CompleteMultipartUpload the parts, of UploadPartCopy
    /// a range, of CopyObject the source. `None`: the call needs none, since what is there rests as it should, or is refused anyway; then it is applied as it is.
    pub fn composition(&self, operation: &str, params: &Value, encryption: &ObjectEncryption) -> Option<Vec<BodyRange>> {
        if !matches!(operation, "CompleteMultipartUpload" | "UploadPartCopy" | "CopyObject") {
            return None;
        }
        let params = self.checked(operation, params, super::members::members(operation)).ok()?;
        supported(operation, &params).ok()?;
        let whole = |blob: &BlobRef| BodyRange {
            blob: blob.clone(),
            offset: 0,
            length: blob.size,
        };
        // What one caller's key opens may not rest where another's would have to.
        let shared = |blob: &BlobRef| blob.rests_under(encryption) && encryption.algorithm != Algorithm::Customer;
        match operation {
            "CopyObject" => {
                let written = Source::read(params.get("CopySource")?).ok()?;
                let object = self.copy_source(written, &params).ok()?.2;
                (!shared(object.blob())).then(|| alloc::vec![whole(object.blob())])
            }
            "UploadPartCopy" => {
                self.named_upload(&params).ok()?;
                let (bucket, key, index, range) = self.copied_range(&params).ok()?;
                let source = self.buckets.get(&bucket)?.versions(&key)?.get(index)?.blob();
                range.or_else(|| (!shared(source)).then(|| whole(source))).map(|range| alloc::vec![range])
            }
            _ => {
                let named = self.named_upload(&params).ok()?;
                let blobs = chosen(named.upload, &params).ok()?;
                match blobs.as_slice() {
                    [only] if only.rests_under(encryption) => None,
                    // Their key need not come with the completion: they stay apart.
                    _ if encryption.algorithm == Algorithm::Customer => None,
                    _ => Some(blobs.into_iter().map(whole).collect()),
                }
            }
        }
    }

    pub(super) fn abort_multipart_upload(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let named = self.named_upload(params)?;
        let (bucket, id, class) = (named.bucket, named.id, named.upload.storage_class);
        self.metering.request(now, rate(class), RequestKind::Delete);
        let found = self.buckets.get_mut(bucket);
        if let Some(upload) = found.and_then(|found| found.uploads.remove(id)) {
            self.metering.release_part(now, class, upload.bytes());
            if let Some(at) = upload.due {
                self.queue.remove(&(at, upload.number));
            }
        }
        Ok(Map::new())
    }

    pub(super) fn list_parts(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let Named { bucket, key, id, upload } = self.named_upload(params)?;
        let max = page_size(params, "MaxParts", "max-parts")?;
        let marker = params.integer("PartNumberMarker").unwrap_or(0);
        let mut rest = upload.parts.iter().filter(|(number, _)| i64::from(**number) > marker);
        let page: Vec<_> = rest.by_ref().take(max).collect();
        let owner = json!({"ID": self.upload_owner_id(upload)});
        let mut response = Map::new();
        let mut put = |name: &str, value: Value| response.insert(name.to_string(), value);
        if let Some((at, rule)) = self.abort_date(bucket, id) {
            put("AbortDate", json!(at.to_string()));
            put("AbortRuleId", json!(rule));
        }
        put("Bucket", json!(bucket));
        put("Key", json!(key));
        put("UploadId", json!(id));
        put("PartNumberMarker", json!(marker));
        put("NextPartNumberMarker", json!(page.last().map_or(0, |(number, _)| **number)));
        put("MaxParts", json!(max));
        put("IsTruncated", json!(!page.is_empty() && rest.next().is_some()));
        if !page.is_empty() {
            let parts = page.into_iter().map(|(number, part)| {
                json!({
                    "PartNumber": number, "LastModified": part.modified.whole_second().to_string(), "ETag": part.quoted_etag(), "Size": part.blob.size,
                })
            });
            put("Parts", parts.collect());
        }
        put("Initiator", owner.clone());
        put("Owner", owner);
        put("StorageClass", json!(upload.storage_class));
        Ok(response)
    }

    /// By key, and uploads of the same key in the order in which they were begun.
    pub(super) fn list_multipart_uploads(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = params.required_text("Bucket")?;
        let bucket = self.named_bucket(name)?;
        let prefix = params.text("Prefix").unwrap_or_default();
        let delimiter = params.text("Delimiter").unwrap_or_default();
        let key_marker = params.text("KeyMarker").unwrap_or_default();
        // Only together with a key marker, as S3 has it.
        let id_marker = params.text("UploadIdMarker").filter(|id| !id.is_empty() && !key_marker.is_empty());
        let max = page_size(params, "MaxUploads", "max-uploads")?;
        let encode = encoding(params)?;
        let mut sorted: Vec<(&str, u64, &String)> = bucket.uploads.iter().map(|(id, upload)| (upload.key.as_str(), upload.number, id)).collect();
        sorted.sort_unstable();
        let marked = id_marker.and_then(|id| bucket.uploads.get(id)).map(|upload| upload.number);
        let behind = |key: &str, number: u64| match (key.cmp(key_marker), marked) {
            _ if key_marker.is_empty() => true,
            (core::cmp::Ordering::Greater, _) => true,
            (core::cmp::Ordering::Equal, Some(marked)) => number > marked,
            _ => false,
        };
        let (mut uploads, mut common_prefixes): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        let mut rolled: Option<&str> = None;
        let mut last: Option<(&str, &str)> = None;
        let mut truncated = false;
        for (key, number, id) in sorted {
            let Some(rest) = key.strip_prefix(prefix).filter(|_| behind(key, number)) else {
                continue;
            };
            let common = rest.find(delimiter).filter(|_| !delimiter.is_empty());
            let common = common.and_then(|at| key.get(..prefix.len() + at + delimiter.len()));
            if common.is_some_and(|common| rolled == Some(common) || common == key_marker) {
                continue;
            }
            if uploads.len() + common_prefixes.len() == max {
                truncated = true;
                break;
            }
            match common {
                Some(common) => {
                    common_prefixes.push(json!({"Prefix": encode(common)}));
                    rolled = Some(common);
                    last = Some((common, ""));
                }
                None => {
                    let Some(upload) = bucket.uploads.get(id) else { continue };
                    let owner = json!({"ID": self.upload_owner_id(upload)});
                    uploads.push(json!({
                        "UploadId": id, "Key": encode(key), "Initiated": upload.initiated.whole_second().to_string(), "StorageClass": upload.storage_class,
                        "Owner": owner, "Initiator": owner,
                    }));
                    last = Some((key, id));
                }
            }
        }
        let mut response = Map::new();
        let mut put = |name: &str, value: Value| response.insert(name.to_string(), value);
        put("Bucket", json!(name));
        put("KeyMarker", json!(encode(key_marker)));
        put("UploadIdMarker", json!(id_marker.unwrap_or_default()));
        put("Prefix", json!(encode(prefix)));
        put("MaxUploads", json!(max));
        put("IsTruncated", json!(truncated && last.is_some()));
        if !delimiter.is_empty() {
            put("Delimiter", json!(encode(delimiter)));
        }
        if params.has("EncodingType") {
            put("EncodingType", json!("url"));
        }
        if let Some((key, id)) = last.filter(|_| truncated) {
            put("NextKeyMarker", json!(encode(key)));
            put("NextUploadIdMarker", json!(id));
        }
        for (name, list) in [("Uploads", uploads), ("CommonPrefixes", common_prefixes)] {
            if !list.is_empty() {
                put(name, Value::Array(list));
            }
        }
        Ok(response)
    }
}

/// The blobs of the parts that a completion names.
fn chosen<'s>(upload: &'s Upload, params: &Params<'_>) -> Result<Vec<&'s BlobRef>, ApiError> {
    let parts = params.structure("MultipartUpload");
    let named: Vec<(i64, &str)> = parts
        .iter()
        .flat_map(|parts| parts.structures("Parts"))
        .map(|part| (part.integer("PartNumber").unwrap_or_default(), part.text("ETag").unwrap_or_default()))
        .collect();
    upload.chosen(&named)
}

/// The blob that the host composed.
pub(super) fn composed(params: &Params<'_>, size: u64, encryption: &ObjectEncryption) -> Result<BlobRef, ApiError> {
    let blob = body(params)?;
    if params.has("SluiceBlob") && blob.size == size {
        check_sealed(&blob, encryption)?;
        return Ok(blob);
    }
    Err(ApiError::new("InternalError", "We encountered an internal error. Please try again.")
        .with_help(format!("The host joins {size} bytes and names them in SluiceBlob; it named {}.", blob.size)))
}
