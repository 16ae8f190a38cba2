//! What crawlers and job runs may do: they are sessions of their roles.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::access_log::{LOGGING, LogDelivery};
use super::super::caller::Caller;
use super::super::iam::IdentityPolicies;
use super::super::{Account, ApiError, Effect, EffectAnswer, NodeError, ObjectInput, RunFailure, RunReport, SourceInput};
use super::needs::need;
use crate::access::{Context, Principal};
use crate::etl::NodeId;
use crate::sim::SimTime;

impl Account {
    /// Why a caller may not read an object's bytes: its permissions, the bucket's policy, the object's key, its archive. `context`: the caller's.
    fn refused_read(&self, now: SimTime, caller: &Caller, context: &Context, object: &ObjectInput) -> Option<ApiError> {
        let needs = [need("s3:GetObject", format!("arn:aws:s3:::{}/{}", object.bucket, object.key))];
        let allowed = if caller.principal != self.root() || needs.iter().any(|need| self.is_governed(need)) {
            self.demand(now, caller, &needs, context, "AccessDenied")
        } else {
            Ok(())
        };
        allowed
            .and_then(|()| self.open_for_service(now, caller, &object.bucket, &object.key))
            .and_then(|()| self.s3.readable(&object.bucket, &object.key))
            .err()
    }

    /// The first object of a source that a caller may not read.
    fn refused_source(&self, now: SimTime, caller: &Caller, context: &Context, node: &NodeId, input: &SourceInput) -> Option<NodeError> {
        let refused = |object: &ObjectInput| Some(failed_read(object, &self.refused_read(now, caller, context, object)?));
        Some(NodeError {
            node: Some(node.clone()),
            field: None,
            message: input.objects.iter().find_map(refused)?,
        })
    }

    /// Why the account's owner may not read what a graph's sources name, if something is so: what a preview of the graph answers.
    pub(in crate::account) fn refused_inputs(&self, inputs: &BTreeMap<NodeId, SourceInput>) -> Vec<NodeError> {
        let caller = Caller::new(self.root(), IdentityPolicies::default());
        let context = caller.context(self, self.now);
        let refused = inputs
            .iter()
            .filter_map(|(node, input)| self.refused_source(self.now, &caller, &context, node, input));
        refused.collect()
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
                let context = caller.context(self, now);
                let refused = |object: &ObjectInput| Some(failed_read(object, &self.refused_read(now, &caller, &context, object)?));
                Some(EffectAnswer::CrawlFailed {
                    crawler: crawler.clone(),
                    crawl_id: crawl_id.clone(),
                    message: objects.iter().find_map(refused)?,
                })
            }
            Effect::Run(plan) => {
                let caller = self.service_caller(self.glue.run_role(&plan.run_id)?);
                let context = caller.context(self, now);
                let mut sources = plan.inputs.iter();
                let error = sources.find_map(|(node, input)| self.refused_source(now, &caller, &context, node, input))?;
                Some(EffectAnswer::JobRunFailed {
                    run_id: plan.run_id.clone(),
                    report: RunReport::default(),
                    failure: RunFailure { error, row: None },
                })
            }
            Effect::CancelRun { .. } => None,
        }
    }

    /// Why the target takes no log object: it is gone, its default is a KMS key, or its policy does not allow the delivery.
    pub(in crate::account) fn refused_log(&self, now: SimTime, delivery: &LogDelivery) -> Option<String> {
        let Some(target) = self.s3.bucket(&delivery.bucket) else {
            return Some("NoSuchBucket: The specified bucket does not exist".into());
        };
        if target.access().encryption.algorithm.is_kms() {
            return Some("The target bucket's default encryption is a KMS key; logs are delivered under SSE-S3 alone.".into());
        }
        let caller = Caller::new(Principal::Service(LOGGING.into()), IdentityPolicies::default());
        let mut context = caller.context(self, now);
        context.set("aws:SourceAccount", &self.options.account_id);
        context.set("aws:SourceArn", format!("arn:aws:s3:::{}", delivery.source));
        let needs = [need("s3:PutObject", format!("arn:aws:s3:::{}/{}", delivery.bucket, delivery.key))];
        self.demand(now, &caller, &needs, &context, "AccessDenied").err().map(|error| error.message)
    }

    /// Why a run may not write an output.
    pub(in crate::account) fn refused_write(&self, now: SimTime, caller: &Caller, bucket: &str, key: &str) -> Option<ApiError> {
        let needs = [need("s3:PutObject", format!("arn:aws:s3:::{bucket}/{key}"))];
        self.demand(now, caller, &needs, &caller.context(self, now), "AccessDenied").err()
    }
}

fn failed_read(object: &ObjectInput, error: &ApiError) -> String {
    format!("Reading s3://{}/{} failed: {error}", object.bucket, object.key)
}
