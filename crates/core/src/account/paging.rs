use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::{ApiError, Params};
use crate::gather::object;

/// How a service names the members of its marker-paged lists.
pub(super) struct Paging {
    /// The parameter that bounds a page.
    pub limit: &'static str,
    /// Whether more follow, in the response.
    pub truncated: &'static str,
    /// Where the next page begins, in the response; the parameter is `Marker` everywhere.
    pub next: &'static str,
}

impl Paging {
    /// A page of at most `limit` (or `default`) entries after `Marker`, under `name`; entries come by an ordered id, which the marker holds.
    pub fn page<'a>(
        &self,
        params: &Params<'_>,
        name: &str,
        default: usize,
        entries: impl Iterator<Item = (&'a str, Value)>,
    ) -> Result<Map<String, Value>, ApiError> {
        let max = params.integer(self.limit).map_or(default, |max| max.clamp(1, 1_000) as usize);
        let marker = params.text("Marker");
        let mut entries = entries.filter(|(id, _)| marker.is_none_or(|marker| *id > marker));
        let mut last = String::new();
        let mut shown = Vec::new();
        for (id, value) in entries.by_ref().take(max) {
            last = id.to_string();
            shown.push(value);
        }
        let truncated = entries.next().is_some();
        let mut response = object([(name.to_string(), Value::Array(shown))]);
        response.insert(self.truncated.to_string(), json!(truncated));
        if truncated {
            response.insert(self.next.to_string(), json!(last));
        }
        Ok(response)
    }
}
