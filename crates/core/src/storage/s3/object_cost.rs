//! What one version costs: a month of it as it stands, what it has cost in that state and since it was put, and what leaving it now would.
//!
//! Belongs here: the question and its answer. Does not belong here: what is metered of an object (`metering`), prices and billing (`storage::cost`). Requests are not
//! told apart by object on a bill, and are not here.

use alloc::string::ToString;

use serde_json::{Value, json};

use super::metering::Metering;
use super::{Object, S3};
use crate::account::params::{Member, NAME, TEXT, optional, required};
use crate::account::{ApiError, Params};
use crate::sim::SimTime;
use crate::storage::cost::{Bill, Meter, Month};
use crate::storage::price::{DEFAULT_PRICE_LIST, PriceList};

const OBJECT_COST: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("VersionId", TEXT),
    optional("PriceList", TEXT),
];

impl S3 {
    /// `sluice:GetObjectCost {Bucket, Key, VersionId?, PriceList?}` answers `{VersionId, StorageClass, Since, PriceList, AsOf, Currency, Month: {Month, Total, Lines},
    /// SoFar: {Total, Lines}, Life: {Since, Total, Lines}, Leaving: {Total, Lines}}`: the calendar month of `now` in the version's present state; from when it entered its
    /// class up to `now`; from when it was put, with every class it has been in, its lifecycle transitions and what leaving a class too soon cost (a version remembers 120
    /// states: `Since` is later where it had more); and the rest of its class's minimum duration, where it is deleted or moved now. Lines as `sluice:GetBill` has them, at the price of the object alone.
    ///
    /// Errors: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker, `InvalidParameterValue` for an unknown price list.
    pub fn object_cost(&self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, OBJECT_COST)?;
        let prices = PriceList::load(params.text("PriceList").unwrap_or(DEFAULT_PRICE_LIST))?;
        let object: &Object = self.found_object(&params)?;
        let month = Month::of(now);
        let billed = |meter: &Meter| {
            let bill = Bill::of(meter, &prices).to_json();
            json!({"Total": bill["Total"], "Lines": bill["Lines"]})
        };
        let mut of_month = billed(&Metering::of_object(object, month.start(), month.end()));
        of_month["Month"] = json!(month);
        let mut life = billed(&Metering::of_life(object, now));
        let since = object.stays(now).first().map_or(now, |stay| stay.from);
        life["Since"] = json!(since.whole_second().to_string());
        Ok(json!({
            "VersionId": object.version_id(),
            "StorageClass": object.storage_class(),
            "Since": object.since().whole_second().to_string(),
            "PriceList": prices.id,
            "AsOf": prices.as_of,
            "Currency": prices.currency,
            "Month": of_month,
            "SoFar": billed(&Metering::of_object(object, object.since(), now)),
            "Life": life,
            "Leaving": billed(&Metering::of_leaving(object, now)),
        }))
    }
}
