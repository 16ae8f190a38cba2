//! From a rule to the storage cost figure: the objects that it is about, as they are now, run through its days for years.

use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::draft::Draft;
use crate::figures::address::{self, Texts};
use crate::host::{Host, parse};
use crate::storage::model::ObjectList;

/// The figure's name in a link.
const FIGURE: &str = "storage-cost";
/// Pages of a listing that are counted, a thousand objects each.
const PAGES: usize = 50;

/// The figure's settings for a rule that goes by days and names no tags; `None` for any other, whose objects or days the figure cannot say.
pub fn rules(draft: &Draft) -> Option<String> {
    if !draft.tags.is_empty() || !draft.smaller.is_empty() {
        return None;
    }
    let mut steps: Vec<String> = Vec::new();
    for step in &draft.transitions {
        steps.push(format!("{}-{}", step.when.parse::<u32>().ok()?, step.class));
    }
    if !draft.expiration.is_empty() {
        steps.push(format!("{}-EXPIRE", draft.expiration.parse::<u32>().ok()?));
    }
    (!steps.is_empty()).then(|| steps.join("."))
}

/// How many objects a rule is about, and their bytes.
async fn counted(host: Host, bucket: &str, draft: &Draft) -> Result<(u64, u64), ApiError> {
    let least = draft.larger.parse::<u64>().unwrap_or_default();
    let (mut objects, mut bytes) = (0, 0);
    let mut token = None::<String>;
    for _ in 0..PAGES {
        let mut params = json!({ "Bucket": bucket, "Prefix": draft.prefix });
        if let (Some(token), Some(params)) = (token.take(), params.as_object_mut()) {
            params.insert("ContinuationToken".into(), Value::String(token));
        }
        let list: ObjectList = parse(&host.call("s3", "ListObjectsV2", params).await?)?;
        for object in list.contents.iter().filter(|object| object.size > least) {
            objects += 1;
            bytes += object.size;
        }
        token = list.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    Ok((objects, bytes))
}

/// The address of the figure with a rule and its objects; where there are none yet, with the figure's own.
pub async fn link(host: Host, bucket: &str, draft: &Draft) -> Result<String, ApiError> {
    let (objects, bytes) = counted(host, bucket, draft).await?;
    let mut settings: Texts = vec![("rules", rules(draft).unwrap_or_default()), ("over", draft.larger.clone())];
    if objects > 0 {
        settings.push(("objects", objects.to_string()));
        settings.push(("bytes", (bytes / objects).max(1).to_string()));
    }
    Ok(address::link(FIGURE, &settings, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_by_days_is_one_of_the_figure() {
        let rule = json!({"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "logs/"},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}], "Expiration": {"Days": 400}});
        assert_eq!(rules(&Draft::of(&rule)).as_deref(), Some("30-STANDARD_IA.90-GLACIER.400-EXPIRE"));
        let dated = json!({"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Date": "2026-05-01"}});
        assert_eq!(rules(&Draft::of(&dated)), None);
        let markers = json!({"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": true}});
        assert_eq!(rules(&Draft::of(&markers)), None);
    }
}
