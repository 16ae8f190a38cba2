//! The `sluice:` calls that answer from prices and limits alone: none of them looks at the account or changes it.
//!
//! Belongs here: which is answered where. Their parameters and answers are documented where they are computed.

use serde_json::Value;

use crate::account::ApiError;
use crate::sim::SimTime;
use crate::storage::{chooser, plan, price};

/// Answers an operation; `None` for one that is not here.
pub fn call(now: SimTime, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
    Some(match operation {
        "GetPrices" => price::get_prices(params),
        "PlanStorage" => plan::plan_storage(now, params),
        "BestStoragePlan" => plan::best_storage_plan(now, params),
        "ChooseStorage" => chooser::choose_storage(params),
        "CompareBatchAndStream" => crate::stream::batch::compare(params),
        _ => return None,
    })
}
