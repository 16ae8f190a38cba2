use alloc::format;
use alloc::string::ToString;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ApiError, Call, EffectAnswer};

impl EffectAnswer {
    /// The answer as a command: service `effect`, operation = the variant, params = its fields.
    pub fn to_call(&self) -> Call {
        let value = serde_json::to_value(self).expect("an answer has text keys and no map that JSON cannot hold");
        let (operation, params) = match value {
            Value::Object(map) => map.into_iter().next().unwrap_or_default(),
            other => (other.to_string(), Value::Null),
        };
        Call::new("effect", &operation, params)
    }

    /// Reads an `effect:` command. Errors: `InvalidAction` for another service or an unknown answer, `ParamValidation` for fields that do not fit.
    pub fn from_call(call: &Call) -> Result<EffectAnswer, ApiError> {
        const ANSWERS: [&str; 5] = ["CrawlFinished", "CrawlFailed", "JobRunSucceeded", "JobRunFailed", "JobRunStopped"];
        if call.service != "effect" || !ANSWERS.contains(&call.operation.as_str()) {
            return Err(ApiError::new(
                "InvalidAction",
                format!(
                    "{}:{} is not an answer to an effect; answers are {}.",
                    call.service,
                    call.operation,
                    ANSWERS.join(", ")
                ),
            ));
        }
        let mut tagged = Map::new();
        tagged.insert(call.operation.clone(), call.params.clone());
        EffectAnswer::deserialize(&Value::Object(tagged)).map_err(|error| ApiError::new("ParamValidation", format!("effect:{}: {}", call.operation, error)))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use serde_json::json;

    use super::*;
    use crate::account::{NodeError, RunFailure, RunReport};

    #[test]
    fn an_answer_survives_the_log() {
        let answers = vec![
            EffectAnswer::CrawlFinished {
                crawler: "c".into(),
                crawl_id: "1".into(),
                objects: vec![],
            },
            EffectAnswer::JobRunFailed {
                run_id: "jr_1".into(),
                report: RunReport::default(),
                failure: RunFailure {
                    error: NodeError {
                        node: None,
                        field: None,
                        message: "m".into(),
                    },
                    row: None,
                },
            },
        ];
        for answer in answers {
            let call = answer.to_call();
            assert_eq!(call.service, "effect");
            assert_eq!(EffectAnswer::from_call(&call), Ok(answer));
        }
    }

    #[test]
    fn a_wrong_answer_is_named() {
        let call = Call::new("effect", "CrawlFinished", json!({"crawler": "c"}));
        let error = EffectAnswer::from_call(&call).unwrap_err();
        assert_eq!(error.code, "ParamValidation");
        assert!(error.message.contains("crawl_id"), "{error}");
        assert_eq!(
            EffectAnswer::from_call(&Call::new("effect", "Nope", json!({}))).unwrap_err().code,
            "InvalidAction"
        );
    }
}
