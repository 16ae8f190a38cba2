//! The account's bill: what its services metered, together.

use serde_json::Value;

use super::{Account, ApiError};
use crate::sim::SimTime;
use crate::storage::cost::get_bill;

impl Account {
    /// `sluice:GetBill`: of S3, the keys of KMS, streams and alarms. `sluice:GetObjectCost`: of one version of an object.
    pub(super) fn bill(&self, now: SimTime, operation: &str, params: &Value) -> Result<Value, ApiError> {
        if operation == "GetObjectCost" {
            return self.s3.object_cost(now, params);
        }
        let mut meter = self.s3.meter_at(now);
        self.kms.charge(now, &mut meter);
        meter.merge(&self.kinesis.usage(now));
        meter.merge(&self.firehose.usage(now));
        meter.merge(&self.cloudwatch.usage(now));
        get_bill(&meter, params)
    }
}
