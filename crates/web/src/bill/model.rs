//! The parts of `sluice:GetBill` and `sluice:GetPrices` that the screen shows.

use serde::Deserialize;

/// `sluice:GetPrices`, without the prices.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Prices {
    pub price_lists: Vec<ListName>,
    pub price_list: String,
    pub region: String,
    pub as_of: String,
    pub source: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListName {
    pub id: String,
    pub title: String,
}

/// `sluice:GetBill`. Amounts are decimal text, exact.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Bill {
    pub currency: String,
    pub total: String,
    pub months: Vec<MonthTotal>,
    pub lines: Vec<Line>,
    pub unpriced: Vec<Unpriced>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct MonthTotal {
    pub month: String,
    pub total: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Unpriced {
    pub month: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Line {
    pub month: String,
    pub service: String,
    pub usage_type: String,
    pub group: String,
    /// Of what S3 holds or was asked for.
    pub storage_class: Option<String>,
    pub description: String,
    pub quantity: f64,
    pub unit: String,
    pub unit_price: String,
    pub per: u64,
    pub amount: String,
    pub confidence: Option<String>,
}

impl Line {
    /// `0.023`, or `0.005 per 1000`.
    pub fn price(&self) -> String {
        if self.per > 1 {
            format!("{} per {}", self.unit_price, self.per)
        } else {
            self.unit_price.clone()
        }
    }
}

impl Bill {
    /// Month, its total, its lines.
    pub fn by_month(&self) -> Vec<(String, String, Vec<Line>)> {
        let lines = |month: &str| self.lines.iter().filter(|line| line.month == month).cloned().collect();
        self.months
            .iter()
            .map(|month| (month.month.clone(), month.total.clone(), lines(&month.month)))
            .collect()
    }

    /// The lines as CSV (RFC 4180), the total as the last.
    pub fn csv(&self) -> String {
        let mut text = String::from("Month,Service,UsageType,Description,Quantity,Unit,UnitPrice,Per,Amount,Currency\r\n");
        let mut row = |fields: [&str; 10]| {
            let fields = fields.map(quoted);
            text.push_str(&fields.join(","));
            text.push_str("\r\n");
        };
        for line in &self.lines {
            let (quantity, per) = (line.quantity.to_string(), line.per.to_string());
            row([
                &line.month,
                &line.service,
                &line.usage_type,
                &line.description,
                &quantity,
                &line.unit,
                &line.unit_price,
                &per,
                &line.amount,
                &self.currency,
            ]);
        }
        row(["Total", "", "", "simulated, not AWS's invoice", "", "", "", "", &self.total, &self.currency]);
        text
    }
}

fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_a_csv_with_its_total() {
        let line = Line {
            month: "2026-01".into(),
            description: "Storage, \"first\"".into(),
            amount: "0.5".into(),
            ..Line::default()
        };
        let bill = Bill {
            currency: "USD".into(),
            total: "0.5".into(),
            lines: vec![line],
            ..Bill::default()
        };
        let text = bill.csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.get(1).copied(), Some("2026-01,,,\"Storage, \"\"first\"\"\",0,,,0,0.5,USD"));
        assert_eq!(lines.get(2).copied(), Some("Total,,,\"simulated, not AWS's invoice\",,,,,0.5,USD"));
    }
}
