//! What crawlers and job runs may do: they are sessions of their roles.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::super::caller::Caller;
use super::super::{Account, ApiError, Effect, EffectAnswer, NodeError, ObjectInput, RunFailure, RunReport};
use super::needs::need;
use crate::sim::SimTime;

impl Account {
    /// Why a service may not read an object: its permissions, the bucket's policy, the object's key.
    fn refused_read(&self, now: SimTime, caller: &Caller, object: &ObjectInput) -> Option<ApiError> {
        let needs = [need("s3:GetObject", format!("arn:aws:s3:::{}/{}", object.bucket, object.key))];
        let context = caller.context(self, now);
        let allowed = self.demand(now, caller, &needs, &context, "AccessDenied");
        allowed.and_then(|()| self.open_for_service(now, caller, &object.bucket, &object.key)).err()
    }

    /// Takes out of the effects those whose service may not read what they would read, and answers how they end.
    pub(in crate::account) fn refuse_effects(&self, now: SimTime, effects: &mut Vec<Effect>) -> Vec<EffectAnswer> {
        let mut answers = Vec::new();
        effects.retain(|effect| match self.refusal_of(now, effect) {
            None => true,
            Some(answer) => {
                answers.push(answer);
                false
            }
        });
        answers
    }

    fn refusal_of(&self, now: SimTime, effect: &Effect) -> Option<EffectAnswer> {
        match effect {
            Effect::Crawl { crawler, crawl_id, objects } => {
                let caller = self.service_caller(self.glue.crawler_role(crawler)?);
                let (object, error) = objects.iter().find_map(|object| Some((object, self.refused_read(now, &caller, object)?)))?;
                Some(EffectAnswer::CrawlFailed {
                    crawler: crawler.clone(),
                    crawl_id: crawl_id.clone(),
                    message: format!("Reading s3://{}/{} failed: {error}", object.bucket, object.key),
                })
            }
            Effect::Run(plan) => {
                let caller = self.service_caller(self.glue.run_role(&plan.run_id)?);
                let objects = plan
                    .inputs
                    .iter()
                    .flat_map(|(node, input)| input.objects.iter().map(move |object| (node, object)));
                let (node, object, error) = objects
                    .map(|(node, object)| (node, object, self.refused_read(now, &caller, object)))
                    .find_map(|(node, object, error)| Some((node, object, error?)))?;
                Some(EffectAnswer::JobRunFailed {
                    run_id: plan.run_id.clone(),
                    report: RunReport::default(),
                    failure: RunFailure {
                        error: NodeError {
                            node: Some(node.clone()),
                            field: None,
                            message: format!("Reading s3://{}/{} failed: {error}", object.bucket, object.key).to_string(),
                        },
                        row: None,
                    },
                })
            }
            Effect::CancelRun { .. } => None,
        }
    }

    /// Why a run may not write an output.
    pub(in crate::account) fn refused_write(&self, now: SimTime, caller: &Caller, bucket: &str, key: &str) -> Option<ApiError> {
        let needs = [need("s3:PutObject", format!("arn:aws:s3:::{bucket}/{key}"))];
        self.demand(now, caller, &needs, &caller.context(self, now), "AccessDenied").err()
    }
}
