//! `sluice:PutFunction` and what belongs to it: functions of ours that stand for Lambda functions.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::super::{Firehose, Function, Outcome};
use crate::account::params::{Member, NAME, TEXT, param_error, required};
use crate::account::{AccountOptions, ApiError, Params};

const PUT: &[Member] = &[required("FunctionName", NAME), required("Source", TEXT)];
const DELETE: &[Member] = &[required("FunctionName", NAME)];
const TRY: &[Member] = &[required("Source", TEXT), required("Data", TEXT)];
const MAX_FUNCTIONS: usize = 1_000;

fn checked(source: &str) -> Result<Function, ApiError> {
    Function::read(source).map_err(|error| ApiError::new("InvalidParameterValueException", error))
}

fn shown(options: &AccountOptions, name: &str, source: &str) -> Value {
    json!({
        "FunctionName": name,
        "FunctionArn": format!("arn:aws:lambda:{}:{}:function:{name}", options.region, options.account_id),
        "Source": source,
    })
}

impl Firehose {
    /// Adds, changes or removes a function; `None` for another operation. Errors: `ParamValidation`, `InvalidParameterValueException`, `ResourceNotFoundException`.
    pub fn change_function(&mut self, options: &AccountOptions, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
        match operation {
            "PutFunction" => Some(self.put_function(options, params)),
            "DeleteFunction" => Some(self.delete_function(params)),
            _ => None,
        }
    }

    fn put_function(&mut self, options: &AccountOptions, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, PUT)?;
        let (name, source) = (params.required_text("FunctionName")?, params.required_text("Source")?);
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.len() > 64 || !name.chars().all(allowed) {
            return Err(param_error(format!(
                "Invalid value for parameter FunctionName, value: {name}: letters, digits, - and _, at most 64"
            )));
        }
        checked(source)?;
        if !self.functions.contains_key(name) && self.functions.len() >= MAX_FUNCTIONS {
            return Err(ApiError::new("CodeStorageExceededException", format!("There are {MAX_FUNCTIONS} functions.")));
        }
        self.functions.insert(name.to_string(), source.to_string());
        Ok(shown(options, name, source))
    }

    fn delete_function(&mut self, params: &Value) -> Result<Value, ApiError> {
        let name = Params::check(params, DELETE)?.required_text("FunctionName")?.to_string();
        match self.functions.remove(&name) {
            Some(_) => Ok(json!({})),
            None => Err(ApiError::new("ResourceNotFoundException", format!("Function not found: {name}"))),
        }
    }

    /// `sluice:ListFunctions` and `TryFunction`; `None` for another operation.
    pub fn read_function(&self, options: &AccountOptions, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
        match operation {
            "ListFunctions" => {
                let all: Vec<Value> = self.functions.iter().map(|(name, source)| shown(options, name, source)).collect();
                Some(Ok(json!({"Functions": all})))
            }
            "TryFunction" => Some(try_function(params)),
            _ => None,
        }
    }
}

/// What a function makes of one record, whose data is text here.
fn try_function(params: &Value) -> Result<Value, ApiError> {
    let params = Params::check(params, TRY)?;
    let function = checked(params.required_text("Source")?)?;
    let (result, data, keys, message) = match function.run(params.required_text("Data")?.as_bytes()) {
        Outcome::Ok(data, keys) => ("Ok", Some(String::from_utf8_lossy(&data).into_owned()), keys, None),
        Outcome::Dropped => ("Dropped", None, BTreeMap::new(), None),
        Outcome::Failed(message) => ("ProcessingFailed", None, BTreeMap::new(), Some(message)),
    };
    Ok(json!({"Result": result, "Data": data, "PartitionKeys": keys, "Message": message}))
}
