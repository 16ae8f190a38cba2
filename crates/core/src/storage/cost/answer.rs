use serde_json::{Value, json};

use super::{Bill, Meter, Month};
use crate::account::params::{Member, TEXT, TIMESTAMP, optional};
use crate::account::{ApiError, Params};
use crate::storage::price::{DEFAULT_PRICE_LIST, PriceList};

/// Parameters of `sluice:GetBill`: the months from that of `From` to that of `To`, both included.
pub const GET_BILL: &[Member] = &[optional("PriceList", TEXT), optional("From", TIMESTAMP), optional("To", TIMESTAMP)];

/// Answers `sluice:GetBill` from a meter: [`Bill::to_json`]. Errors: `ParamValidation`; `InvalidParameterValue` for a price list that is not there.
pub fn get_bill(meter: &Meter, params: &Value) -> Result<Value, ApiError> {
    let params = Params::check(params, GET_BILL)?;
    let prices = PriceList::load(params.text("PriceList").unwrap_or(DEFAULT_PRICE_LIST))?;
    let first = params.time("From").map_or(Month { year: i32::MIN, month: 1 }, Month::of);
    let last = params.time("To").map_or(Month { year: i32::MAX, month: 12 }, Month::of);
    let mut answer = Bill::of(&meter.between(first, last), &prices).to_json();
    answer["Title"] = json!(prices.title);
    Ok(answer)
}
