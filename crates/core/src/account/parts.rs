//! Operations that come in parts: a host in a browser fetches the code of a service when the first call for it comes.
//!
//! Belongs here: which call needs which part, and the table of what is there. Does not belong here: fetching, which is the host's.
//! Everywhere but in a build with the feature `apart`, all parts are there from the start, and nobody need know of them.

use serde_json::Value;

use super::{Account, ApiError, Call, EffectAnswer, NodeError, ObjectSource, Outcome, SourceInput};
use crate::catalog::Glue;
use crate::etl::{Graph, NodeId};
use crate::sim::SimTime;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

/// A part of the account's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Glue's operations, the answers of crawls and runs, and the checks of labs.
    Glue,
    /// What is computed from prices and limits alone.
    Figures,
}

impl Part {
    /// The part that a call needs, if it needs one.
    pub fn of(call: &Call) -> Option<Part> {
        match call.service.as_str() {
            "glue" | "effect" => Some(Part::Glue),
            "sluice" if call.operation == "EvaluateLab" => Some(Part::Glue),
            "sluice" if crate::storage::figures::is_read(&call.operation) => Some(Part::Figures),
            _ => None,
        }
    }
}

type Read<'a> = &'a dyn Fn(&Call) -> Result<Value, ApiError>;
type Inputs = Result<BTreeMap<NodeId, SourceInput>, Vec<NodeError>>;

#[derive(Clone, Copy, Debug)]
struct GluePart {
    call: fn(&mut Glue, SimTime, &str, &Value, &dyn ObjectSource) -> Result<Outcome, ApiError>,
    answer: fn(&mut Glue, SimTime, &EffectAnswer, &dyn ObjectSource) -> Result<(), ApiError>,
    inputs: fn(&Glue, &Graph, &dyn ObjectSource) -> Inputs,
    evaluate: fn(&Value, Read<'_>) -> Result<Value, ApiError>,
}

type FiguresPart = fn(SimTime, &str, &Value) -> Option<Result<Value, ApiError>>;

/// The parts that an account has.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    glue: Option<GluePart>,
    figures: Option<FiguresPart>,
}

impl Parts {
    const NONE: Parts = Parts { glue: None, figures: None };

    /// [`Part::Glue`] alone.
    pub fn glue() -> Parts {
        Parts {
            glue: Some(GluePart {
                call: Glue::call,
                answer: Glue::answer,
                inputs: Glue::inputs,
                evaluate: crate::lab::evaluate,
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::Figures`] alone.
    pub fn figures() -> Parts {
        Parts {
            figures: Some(crate::storage::figures::call),
            ..Parts::NONE
        }
    }

    fn and(self, other: Parts) -> Parts {
        Parts {
            glue: self.glue.or(other.glue),
            figures: self.figures.or(other.figures),
        }
    }
}

impl Default for Parts {
    #[cfg(not(feature = "apart"))]
    fn default() -> Self {
        Parts::glue().and(Parts::figures())
    }

    #[cfg(feature = "apart")]
    fn default() -> Self {
        Parts::NONE
    }
}

fn not_there(part: Part) -> ApiError {
    ApiError::new("ServiceUnavailable", format!("The part {part:?} of Sluice was not loaded."))
}

impl Account {
    /// Whether the part is there.
    pub fn has(&self, part: Part) -> bool {
        match part {
            Part::Glue => self.parts.glue.is_some(),
            Part::Figures => self.parts.figures.is_some(),
        }
    }

    /// Adds parts. A call that needs one that is not there fails with `ServiceUnavailable`; a host sees to it before it applies the call ([`Part::of`]).
    pub fn link(&mut self, parts: Parts) {
        self.parts = self.parts.and(parts);
    }

    pub(super) fn glue_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Outcome, ApiError> {
        let part = self.parts.glue.ok_or_else(|| not_there(Part::Glue))?;
        (part.call)(&mut self.glue, now, operation, params, &self.s3)
    }

    pub(super) fn glue_answer(&mut self, now: SimTime, answer: &EffectAnswer) -> Result<(), ApiError> {
        let part = self.parts.glue.ok_or_else(|| not_there(Part::Glue))?;
        (part.answer)(&mut self.glue, now, answer, &self.s3)
    }

    /// What every source node of a graph reads, as StartJobRun resolves it; previews ask the same.
    pub fn inputs(&self, graph: &Graph) -> Inputs {
        match self.parts.glue {
            Some(part) => (part.inputs)(&self.glue, graph, &self.s3),
            None => Err(alloc::vec![NodeError {
                node: None,
                field: None,
                message: not_there(Part::Glue).message,
            }]),
        }
    }

    pub(super) fn evaluate_lab(&self) -> Result<fn(&Value, Read<'_>) -> Result<Value, ApiError>, ApiError> {
        self.parts.glue.map(|part| part.evaluate).ok_or_else(|| not_there(Part::Glue))
    }

    pub(super) fn figure(&self, now: SimTime, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
        match self.parts.figures {
            Some(call) => call(now, operation, params),
            None if crate::storage::figures::is_read(operation) => Some(Err(not_there(Part::Figures))),
            None => None,
        }
    }
}
