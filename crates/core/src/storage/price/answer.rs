use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{DEFAULT_PRICE_LIST, GB, PRICE_LISTS, Price, PriceList};
use crate::account::params::{Member, TEXT, optional};
use crate::account::{ApiError, Params};

/// Members of `sluice:GetPrices`: a list's id, and the beginning of the keys that are wanted (`s3.storage.`).
pub const GET_PRICES: &[Member] = &[optional("PriceList", TEXT), optional("Prefix", TEXT)];

/// Answers `sluice:GetPrices`.
///
/// `{PriceLists: [{Id, Title, AsOf, Source}], PriceList, Title, Region, Currency, AsOf, Source, Note, BytesPerGB,
/// Prices: [{Key, Unit, Per, Steps: [{UpTo, Price}], PriceList, Source?, Confidence?}]}`. Errors: `InvalidParameterValue` for a list that is not there.
pub fn get_prices(given: &Value) -> Result<Value, ApiError> {
    let given = Params::check(given, GET_PRICES)?;
    let list = PriceList::load(given.text("PriceList").unwrap_or(DEFAULT_PRICE_LIST))?;
    let prefix = given.text("Prefix").unwrap_or_default();
    let mut lists = Vec::new();
    for id in PRICE_LISTS {
        let list = PriceList::load(id)?;
        lists.push(json!({"Id": list.id, "Title": list.title, "AsOf": list.as_of, "Source": list.source}));
    }
    let prices: Vec<Value> = list
        .prices()
        .filter(|(key, _)| key.starts_with(prefix))
        .map(|(key, price)| price_json(key, price))
        .collect();
    Ok(json!({
        "PriceLists": lists,
        "PriceList": list.id,
        "Title": list.title,
        "Region": list.region,
        "Currency": list.currency,
        "AsOf": list.as_of,
        "Source": list.source,
        "Note": list.note,
        "BytesPerGB": GB,
        "Prices": prices,
    }))
}

fn price_json(key: &str, price: &Price) -> Value {
    let mut answer = json!({
        "Key": key,
        "Unit": price.unit,
        "Per": price.per,
        "Steps": price.steps,
        "PriceList": price.list,
    });
    if !price.source.is_empty() {
        answer["Source"] = price.source.as_str().into();
    }
    if let Some(mark) = &price.confidence {
        answer["Confidence"] = mark.as_str().into();
    }
    answer
}
