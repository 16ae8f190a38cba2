use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{PRICE_LISTS, text_of};
use crate::account::ApiError;
use crate::storage::money::Picos;

/// One price list.
///
/// A list may name a `base`: a price that it does not have is the base's, and [`Price::list`] says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceList {
    pub id: String,
    pub title: String,
    pub region: String,
    /// ISO 4217. Amounts of a list in another currency would still be called dollars; there is none.
    pub currency: String,
    /// `YYYY-MM-DD`: the day for which the list holds.
    pub as_of: String,
    pub source: String,
    pub note: String,
    prices: BTreeMap<String, Price>,
}

/// The price of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// AWS's name of the unit: `GB-Mo`, `GB`, `Requests`, `Objects-Mo`, `Tags-Mo`, `Keys-Mo`, `IOPS-Mo`, `MiBps-Mo`, `Hrs`.
    pub unit: String,
    /// Units that a step's price is for: 1,000 requests.
    pub per: u64,
    /// By rising bound; the last has none.
    pub steps: Vec<Step>,
    /// `K` where nobody confirmed the price.
    pub confidence: Option<String>,
    pub source: String,
    /// Id of the list that has it.
    pub list: String,
}

/// One step of a price that falls, or rises, with what a month has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Units of the month up to which the step goes; `None`: no end.
    pub up_to: Option<u64>,
    /// For [`Price::per`] units.
    pub price: Picos,
}

/// What one step of a price makes of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Position of the step.
    pub step: usize,
    /// Of the quantity asked for, in the same scale.
    pub quantity: u128,
    pub price: Picos,
    pub amount: Picos,
}

impl Price {
    /// Bills `quantity / scale` units, of which the month has had `before / scale` already, one charge a step. Each amount is rounded to the nearest pico-dollar.
    pub fn charges(&self, before: u128, quantity: u128, scale: u128) -> Vec<Charge> {
        let mut charges = Vec::new();
        let whole = scale.saturating_mul(u128::from(self.per));
        let (mut at, end) = (before, before.saturating_add(quantity));
        for (step, Step { up_to, price }) in self.steps.iter().enumerate() {
            let bound = up_to.map_or(u128::MAX, |units| u128::from(units).saturating_mul(scale));
            let taken = end.min(bound).saturating_sub(at);
            if taken > 0 {
                charges.push(Charge {
                    step,
                    quantity: taken,
                    price: *price,
                    amount: price.of_ratio(taken, whole),
                });
                at += taken;
            }
        }
        charges
    }

    /// All of it at the price of the first step.
    pub fn first_step(&self, quantity: u128, scale: u128) -> Picos {
        let price = self.steps.first().map_or(Picos::ZERO, |step| step.price);
        price.of_ratio(quantity, scale.saturating_mul(u128::from(self.per)))
    }

    /// What `quantity / scale` units cost alone in a month.
    pub fn cost(&self, quantity: u128, scale: u128) -> Picos {
        self.charges(0, quantity, scale).iter().map(|charge| charge.amount).sum()
    }

    /// The first step's price of one unit, in float dollars: for estimates and pictures.
    pub fn first(&self) -> f64 {
        self.steps.first().map_or(0.0, |step| step.price.dollars()) / self.per.max(1) as f64
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    id: String,
    title: String,
    region: String,
    currency: String,
    as_of: String,
    source: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    base: Option<String>,
    prices: BTreeMap<String, PriceFile>,
}

/// A price in a file: `usd` for one price, `steps` for several.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    unit: String,
    #[serde(default = "one")]
    per: u64,
    #[serde(default)]
    usd: Option<Picos>,
    #[serde(default)]
    steps: Vec<StepFile>,
    #[serde(default)]
    confidence: Option<String>,
    #[serde(default)]
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    #[serde(default)]
    up_to: Option<u64>,
    usd: Picos,
}

fn one() -> u64 {
    1
}

impl PriceFile {
    fn read(self, list: &str) -> Result<Price, String> {
        let steps: Vec<Step> = match self.usd {
            Some(price) if self.steps.is_empty() => [Step { up_to: None, price }].into(),
            None => self
                .steps
                .iter()
                .map(|step| Step {
                    up_to: step.up_to,
                    price: step.usd,
                })
                .collect(),
            Some(_) => return Err("has both usd and steps".to_string()),
        };
        let rising = steps.windows(2).all(|pair| match pair {
            [low, high] => low.up_to.is_some() && high.up_to.is_none_or(|bound| Some(bound) > low.up_to),
            _ => true,
        });
        if self.per == 0 || !rising || steps.last().is_none_or(|last| last.up_to.is_some()) || steps.iter().any(|step| step.price < Picos::ZERO) {
            return Err("needs a positive per and steps that rise to one without bound".to_string());
        }
        Ok(Price {
            unit: self.unit,
            per: self.per,
            steps,
            confidence: self.confidence,
            source: self.source,
            list: list.to_string(),
        })
    }
}

impl PriceList {
    /// Reads a list's JSON. Errors name the list and the price at fault.
    pub fn parse(text: &str) -> Result<PriceList, String> {
        let file: ListFile = serde_json::from_str(text).map_err(|error| format!("the price list does not read: {error}"))?;
        let mut prices = match &file.base {
            None => BTreeMap::new(),
            Some(base) if *base == file.id => return Err(format!("the price list {base} is its own base")),
            Some(base) => {
                let text = text_of(base).ok_or_else(|| format!("the price list {} builds on {base}, which is not there", file.id))?;
                PriceList::parse(text)?.prices
            }
        };
        for (key, price) in file.prices {
            let price = price.read(&file.id).map_err(|fault| format!("price {key} of {}: {fault}", file.id))?;
            prices.insert(key, price);
        }
        Ok(PriceList {
            id: file.id,
            title: file.title,
            region: file.region,
            currency: file.currency,
            as_of: file.as_of,
            source: file.source,
            note: file.note,
            prices,
        })
    }

    /// One of [`PRICE_LISTS`]. Errors: `InvalidParameterValue` for another id.
    pub fn load(id: &str) -> Result<PriceList, ApiError> {
        let unknown = || {
            ApiError::new(
                "InvalidParameterValue",
                format!("There is no price list \"{id}\"; there are {}.", PRICE_LISTS.join(", ")),
            )
        };
        PriceList::parse(text_of(id).ok_or_else(unknown)?).map_err(|fault| ApiError::new("InternalFailure", fault))
    }

    /// A price by its key (`s3.storage.STANDARD`); `None` for a thing that the list does not sell.
    pub fn price(&self, key: &str) -> Option<&Price> {
        self.prices.get(key)
    }

    /// By key, in key order.
    pub fn prices(&self) -> impl Iterator<Item = (&str, &Price)> {
        self.prices.iter().map(|(key, price)| (key.as_str(), price))
    }

    /// What `quantity / scale` units of a thing cost alone in a month; `None` for a thing that the list does not sell.
    pub fn cost(&self, key: &str, quantity: u128, scale: u128) -> Option<Picos> {
        self.price(key).map(|price| price.cost(quantity, scale))
    }
}

/// `quantity / scale` as a float, to 15 digits.
pub(crate) fn as_float(quantity: u128, scale: u128) -> f64 {
    let scale = scale.max(1);
    (quantity / scale) as f64 + (quantity % scale) as f64 / scale as f64
}

impl Serialize for Step {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut step = serializer.serialize_struct("Step", 2)?;
        step.serialize_field("UpTo", &self.up_to)?;
        step.serialize_field("Price", &self.price)?;
        step.end()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;
    use crate::sim::SimTime;

    #[test]
    fn every_list_reads() {
        for id in PRICE_LISTS {
            let list = PriceList::load(id).unwrap();
            assert_eq!(list.id, id);
            assert!(SimTime::parse(&list.as_of).is_some_and(|_| list.as_of.len() == 10), "{id}: {}", list.as_of);
            assert!(!list.source.is_empty() && list.currency == "USD");
            for (key, price) in list.prices() {
                assert!(price.confidence.as_deref().is_none_or(|mark| mark == "K"), "{key}");
                assert!(PRICE_LISTS.contains(&price.list.as_str()));
            }
        }
    }

    #[test]
    fn a_faulty_list_is_named() {
        let list = |price: &str| {
            format!(r#"{{"id": "x", "title": "", "region": "", "currency": "USD", "as_of": "2026-01-01", "source": "", "prices": {{"a.b": {price}}}}}"#)
        };
        assert!(PriceList::parse(&list(r#"{"unit": "GB", "usd": "1"}"#)).is_ok());
        for price in [
            r#"{"unit": "GB"}"#,
            r#"{"unit": "GB", "usd": "1", "per": 0}"#,
            r#"{"unit": "GB", "usd": "-1"}"#,
            r#"{"unit": "GB", "steps": [{"up_to": 5, "usd": "1"}]}"#,
            r#"{"unit": "GB", "steps": [{"up_to": 5, "usd": "1"}, {"up_to": 5, "usd": "1"}, {"usd": "1"}]}"#,
        ] {
            let fault = PriceList::parse(&list(price)).unwrap_err();
            assert!(fault.contains("a.b"), "{fault}");
        }
        assert!(PriceList::parse("{").is_err());
        assert_eq!(PriceList::load("nowhere").unwrap_err().code, "InvalidParameterValue");
    }

    fn stepped() -> Price {
        Price {
            unit: "GB-Mo".into(),
            per: 1,
            steps: vec![
                Step {
                    up_to: Some(10),
                    price: Picos(300),
                },
                Step {
                    up_to: Some(20),
                    price: Picos(200),
                },
                Step {
                    up_to: None,
                    price: Picos(100),
                },
            ],
            confidence: None,
            source: String::new(),
            list: String::new(),
        }
    }

    proptest! {
        /// A month's use billed in two goes costs what it costs at once, but for the rounding of each charge.
        #[test]
        fn steps_split(first in 0_u128..40_000, second in 0_u128..40_000) {
            let price = stepped();
            let sum = |charges: Vec<Charge>| (charges.iter().map(|charge| charge.quantity).sum::<u128>(), charges.iter().map(|charge| charge.amount).sum::<Picos>());
            let (once, at_once) = sum(price.charges(0, first + second, 1_000));
            let (a, low) = sum(price.charges(0, first, 1_000));
            let (b, high) = sum(price.charges(first, second, 1_000));
            prop_assert_eq!(once, a + b);
            prop_assert!((at_once - low - high).0.abs() <= 3);
        }
    }
}
