//! Stands where the Glue service will be routed to, until the catalog has one.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ApiError, Effect, EffectAnswer, NodeError, ObjectSource, Outcome, SourceInput};
use crate::etl::{Graph, NodeId};
use crate::sim::SimTime;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Glue {}

impl Glue {
    pub fn new() -> Self {
        Glue {}
    }

    pub fn is_read(_operation: &str) -> bool {
        false
    }

    pub fn call(&mut self, _now: SimTime, operation: &str, _params: &Value, _objects: &dyn ObjectSource) -> Result<Outcome, ApiError> {
        Err(ApiError::new("NotImplemented", format!("Sluice does not do glue:{operation} yet.")))
    }

    pub fn answer(&mut self, _now: SimTime, _answer: &EffectAnswer, _objects: &dyn ObjectSource) -> Result<(), ApiError> {
        Err(ApiError::new("EntityNotFoundException", "Nothing was asked that this answers."))
    }

    pub fn inputs(&self, _graph: &Graph, _objects: &dyn ObjectSource) -> Result<BTreeMap<NodeId, SourceInput>, Vec<NodeError>> {
        Ok(BTreeMap::new())
    }

    pub fn pending_effects(&self, _objects: &dyn ObjectSource) -> Vec<Effect> {
        Vec::new()
    }

    pub fn run_role(&self, _run_id: &str) -> Option<&str> {
        None
    }
}
