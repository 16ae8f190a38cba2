use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use super::super::restore::{Restore, is_deep, restore_seconds};
use super::super::state::S3;
use super::super::{Object, Tiering, errors};
use crate::account::params::missing;
use crate::account::{ApiError, Params};
use crate::sim::SimTime;
use crate::storage::cost::{RestoreTier, StorageTier};

impl S3 {
    /// Begins a restore, makes a running one faster, or moves the expiry of a copy that is there.
    ///
    /// Errors: those of naming an object; `InvalidObjectState` for an object in no archive, `RestoreAlreadyInProgress`, `InvalidArgument` for a tier that the archive does
    /// not offer, `MalformedXML` for missing or superfluous `Days` and an unknown tier, `NotImplemented` for a SELECT.
    pub(super) fn restore_object(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let named = self.named_object(params)?;
        let request = params.structure("RestoreRequest").ok_or_else(|| missing("RestoreRequest"))?;
        for name in ["Type", "SelectParameters", "OutputLocation", "Description"] {
            if request.has(name) {
                return Err(errors::not_implemented("RestoreObject", &format!("RestoreRequest.{name}")));
            }
        }
        let (name, key, index, object) = (named.name, named.key, named.index, named.object);
        let Some(deep) = is_deep(object) else {
            return Err(
                ApiError::new("InvalidObjectState", "Restore is not allowed for the object's current storage class")
                    .with_help(format!("The object is in {}: it can be read as it is.", object.storage_class())),
            );
        };
        let days = days(&request, object)?;
        let tier = tier(&request)?;
        let Some(seconds) = restore_seconds(tier, deep) else {
            return Err(errors::invalid_argument("Retrieval option is not supported by this storage class").with_help("A deep archive has Standard and Bulk."));
        };
        let (place, bytes) = (
            StorageTier::new(object.storage_class(), object.tiering().map(Tiering::tier)),
            object.blob().size,
        );
        let ready = now.plus_seconds(seconds);
        let mut restore = Restore {
            speed: tier,
            requested: now,
            ready,
            days,
            expires: None,
            cause: None,
        };
        match object.restore() {
            None => {}
            Some(there) if there.expires.is_some() => {
                restore = Restore {
                    days,
                    expires: days.map(|days| Restore::expiry(now, days)),
                    ..there.clone()
                };
                self.change(now, name, key, index, |object| object.restore = Some(restore));
                return Ok(Map::new());
            }
            // The lesser tier is the faster one.
            Some(running) if tier < running.speed => {
                restore.ready = ready.min(running.ready);
                restore.days = running.days;
            }
            Some(_) => return Err(ApiError::new("RestoreAlreadyInProgress", "Object restore is already in progress")),
        }
        self.metering.meter().restored(now, place, tier, bytes, 1);
        self.change(now, name, key, index, |object| object.restore = Some(restore));
        Ok(Map::new())
    }
}

/// `Days` of the copy: required of GLACIER and DEEP_ARCHIVE, and not allowed in Intelligent-Tiering, where no copy is made.
fn days(request: &Params<'_>, object: &Object) -> Result<Option<u32>, ApiError> {
    let days = match request.integer("Days") {
        None => None,
        Some(days) => Some(
            u32::try_from(days)
                .ok()
                .filter(|days| (1..=i32::MAX as u32).contains(days))
                .ok_or_else(|| errors::malformed_xml().with_help("Days is at least 1."))?,
        ),
    };
    match (object.tiering().is_some(), days) {
        (true, Some(_)) => Err(errors::malformed_xml().with_help("An object of Intelligent-Tiering is restored for good: Days is left out.")),
        (false, None) => Err(errors::malformed_xml().with_help("Days says how long the restored copy stays.")),
        (_, days) => Ok(days),
    }
}

fn tier(request: &Params<'_>) -> Result<RestoreTier, ApiError> {
    let inner = request.structure("GlacierJobParameters");
    let given = inner.as_ref().and_then(|parameters| parameters.text("Tier")).or_else(|| request.text("Tier"));
    match given {
        None => Ok(RestoreTier::Standard),
        Some(text) => RestoreTier::parse(text).ok_or_else(|| errors::malformed_xml().with_help("Tier is Standard, Bulk or Expedited.")),
    }
}
