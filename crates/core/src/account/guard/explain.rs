//! "Who can read this?", "what would happen?", and "what is wrong with this policy?", answered with the statement that decides.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::caller::Caller;
use super::super::kms::Usage;
use super::super::params::{ANY, BOOLEAN, Member, NAME, TEXT, optional, required};
use super::super::{Account, ApiError, Params, param_error};
use super::decide::bucket_and_key;
use super::needs::need;
use crate::access::{Context, Decider, Decision, Level, Policy, PolicyKind, Principal, Request, Warning, account_of, is_public, s3_level, warnings};
use crate::gather::object;
use crate::sim::SimTime;

type Response = Result<Map<String, Value>, ApiError>;

const WHO_CAN: &[Member] = &[
    required("Bucket", NAME),
    optional("Key", NAME),
    optional("Action", NAME),
    optional("SecureTransport", BOOLEAN),
    optional("SourceIp", TEXT),
];
const SIMULATE: &[Member] = &[
    required("Principal", NAME),
    required("Action", NAME),
    required("Resource", NAME),
    optional("Context", ANY),
];
const CHECK_POLICY: &[Member] = &[required("Document", TEXT), optional("Kind", TEXT), optional("Bucket", NAME)];

/// An account that is nobody's here.
const ANOTHER_ACCOUNT: &str = "111122223333";

fn decider(decider: Option<&Decider>) -> Value {
    match decider {
        None => Value::Null,
        Some(decider) => json!({"Policy": decider.policy, "Statement": decider.statement, "Sid": decider.sid}),
    }
}

fn verdict(decision: &Decision) -> &'static str {
    use crate::access::Reason;
    match decision.reason {
        _ if decision.allowed => "allowed",
        Reason::DeniedByIdentityPolicy | Reason::DeniedByResourcePolicy | Reason::RestrictPublicBuckets => "explicitDeny",
        _ => "implicitDeny",
    }
}

fn shown(request: &Request, decision: &Decision) -> Value {
    let mut shown = json!({
        "Allowed": decision.allowed,
        "Decision": verdict(decision),
        "Reason": decision.reason.as_str(),
        "DecidedBy": decider(decision.decided_by.as_ref()),
        "Explanation": decision.help(request),
    });
    if !decision.allowed {
        shown["Message"] = json!(decision.message(request));
    }
    shown
}

impl Account {
    /// Answers an operation that explains access; `None` for one that is not here.
    pub(in crate::account) fn explain(&self, now: SimTime, operation: &str, params: &Value) -> Option<Response> {
        Some(match operation {
            "WhoCan" => self.who_can(now, params),
            "Simulate" => self.simulate(now, params),
            "CheckPolicy" => self.check_policy(params),
            "GetKmsUsage" => self.kms_usage(now, params),
            _ => return None,
        })
    }

    /// `sluice:WhoCan {Bucket, Key?, Action?, SecureTransport?, SourceIp?}`: for root, every user, every role, an anonymous caller and another account, whether the
    /// action is allowed and by which statement. A read of an object under a KMS key asks the key too, and so does a write into a bucket whose default is one.
    /// `Action` is `s3:GetObject` where a key is named, else `s3:ListBucket`. Errors: `NoSuchBucket`, `ParamValidation`.
    fn who_can(&self, now: SimTime, params: &Value) -> Response {
        let params = Params::check(params, WHO_CAN)?;
        let (name, key) = (params.required_text("Bucket")?, params.text("Key"));
        let bucket = self
            .s3
            .bucket(name)
            .ok_or_else(|| ApiError::new("NoSuchBucket", "The specified bucket does not exist").with_help(format!("There is no bucket named \"{name}\".")))?;
        let action = params.text("Action").unwrap_or(if key.is_some() { "s3:GetObject" } else { "s3:ListBucket" });
        let level = s3_level(action).ok_or_else(|| param_error(format!("Invalid value for parameter Action, value: {action}, an action of S3 is expected")))?;
        let resource = match (level, key) {
            (Level::Object, Some(key)) => format!("arn:aws:s3:::{name}/{key}"),
            (Level::Object, None) => {
                return Err(param_error(format!(
                    "Missing required parameter in input: \"Key\": {action} is about an object"
                )));
            }
            _ => format!("arn:aws:s3:::{name}"),
        };
        let mut callers: Vec<(String, Caller)> = Vec::from([("root".to_string(), self.caller_named("root")?)]);
        let own = &self.options.account_id;
        let arns = self.iam.users().map(|user| user.arn(own)).chain(self.iam.roles().map(|role| role.arn(own)));
        for arn in arns.collect::<Vec<_>>() {
            let caller = self.caller_named(&arn)?;
            callers.push((arn, caller));
        }
        callers.push(("anonymous".to_string(), self.caller_named("anonymous")?));
        callers.push((ANOTHER_ACCOUNT.to_string(), self.caller_named(ANOTHER_ACCOUNT)?));
        // Whoever owns the object, where it is not the bucket's owner.
        let owner = key
            .and_then(|key| bucket.foreign_owner(bucket.get(key)?))
            .filter(|owner| *owner != ANOTHER_ACCOUNT);
        if let Some(owner) = owner.filter(|owner| account_of(owner).is_some()) {
            callers.push((owner.to_string(), self.caller_named(owner)?));
        }
        let mut answers = Vec::new();
        for (principal, mut caller) in callers {
            caller.secure_transport = params.boolean("SecureTransport").unwrap_or(true);
            if let Some(address) = params.text("SourceIp") {
                caller.source_ip = address.to_string();
            }
            let need = need(action, resource.clone());
            let (request, decision) = self.judge(now, &caller, &need, &caller.context(self, now));
            let mut answer = shown(&request, &decision);
            answer["Principal"] = json!(principal);
            answer["Kind"] = json!(match &caller.principal {
                Principal::Root { account } if account == own => "Root",
                Principal::Root { .. } => "AnotherAccount",
                other => other.kind(),
            });
            if matches!(caller.principal, Principal::Role { .. }) && self.iam.service_role_policies(&caller.principal).is_none() {
                answer["Note"] = json!("A crawler or job with this role is not held to policies, since the role has none that the account can read.");
            }
            if let (true, Some(key)) = (decision.allowed, key)
                && let Err(error) = self.ask_key(now, &caller, action, name, key)
            {
                answer["Allowed"] = json!(false);
                answer["Decision"] = json!("implicitDeny");
                answer["Reason"] = json!("Key");
                answer["DecidedBy"] = Value::Null;
                answer["Message"] = json!(error.message);
                answer["Explanation"] = json!(format!("S3 allows it, and the object's KMS key does not: {}", error.help.unwrap_or(error.code)));
            }
            answers.push(answer);
        }
        let mut response = object([("Answers".to_string(), Value::Array(answers))]);
        response.insert("Action".to_string(), json!(action));
        response.insert("Resource".to_string(), json!(resource));
        let policy = bucket.access().policy.as_ref();
        response.insert("IsPublic".to_string(), json!(policy.is_some_and(|policy| is_public(policy.policy()))));
        Ok(response)
    }

    /// `sluice:Simulate {Principal, Action, Resource, Context?}`: the decision about one request, with every statement that was looked at.
    /// `Context` has condition keys and their values, text or lists; they go over those that follow from the principal.
    fn simulate(&self, now: SimTime, params: &Value) -> Response {
        let params = Params::check(params, SIMULATE)?;
        let caller = self.caller_named(params.required_text("Principal")?)?;
        let mut context = caller.context(self, now);
        if let Some(given) = params.get("Context") {
            set(&mut context, given)?;
        }
        let need = need(params.required_text("Action")?, params.required_text("Resource")?);
        let (request, decision) = self.judge(now, &caller, &need, &context);
        let mut response = shown(&request, &decision);
        let trace = decision.trace.iter().map(|step| {
            json!({
                "Policy": step.policy,
                "Statement": step.statement,
                "Sid": step.sid,
                "Effect": step.effect.as_str(),
                "Applies": step.applies,
                "Because": step.because,
            })
        });
        response["Trace"] = trace.collect();
        if bucket_and_key(&need.resource).is_some_and(|(bucket, _)| self.s3.bucket(bucket).is_none()) {
            response["Explanation"] = json!("There is no such bucket, so no bucket policy was looked at.");
        }
        match response {
            Value::Object(map) => Ok(map),
            _ => Ok(Map::new()),
        }
    }

    /// `sluice:CheckPolicy {Document, Kind?, Bucket?}`: whether a document would be taken, the error and its place, what it probably does not mean, and whether it is public.
    /// `Kind` is `Bucket` (the default, with `Bucket`), `Inline`, `Managed`, `Trust` or `Key`.
    fn check_policy(&self, params: &Value) -> Response {
        let params = Params::check(params, CHECK_POLICY)?;
        let bucket = params.text("Bucket");
        let kind = match (params.text("Kind").unwrap_or("Bucket"), bucket) {
            ("Bucket", Some(bucket)) => PolicyKind::Bucket(bucket),
            ("Bucket", None) => return Err(param_error("Missing required parameter in input: \"Bucket\": whose policy it is")),
            ("Inline", _) => PolicyKind::Inline,
            ("Managed", _) => PolicyKind::Managed,
            ("Trust", _) => PolicyKind::Trust,
            ("Key", _) => PolicyKind::Key,
            (other, _) => {
                let message = format!("Invalid value for parameter Kind, value: {other}, must be one of: Bucket, Inline, Managed, Trust, Key");
                return Err(param_error(message));
            }
        };
        let warned = |warning: &Warning| json!({"Rule": warning.rule, "Statement": warning.statement, "Message": warning.message});
        let response = match Policy::parse(params.required_text("Document")?, kind) {
            Ok(policy) => json!({
                "Valid": true,
                "Warnings": warnings(&policy).iter().map(warned).collect::<Vec<_>>(),
                "IsPublic": is_public(&policy),
            }),
            Err(fault) => json!({
                "Valid": false,
                "Error": {"Code": fault.code, "Message": fault.message, "Place": fault.place, "Help": fault.help},
                "Warnings": [],
            }),
        };
        match response {
            Value::Object(map) => Ok(map),
            _ => Ok(Map::new()),
        }
    }

    /// `sluice:GetKmsUsage {}`: requests that S3 made to KMS, by key, those that bucket keys saved, and what is under each key: the buckets whose default it is,
    /// and in every bucket the versions of objects and their bytes. A key that nothing was asked of, and that nothing names, is left out.
    fn kms_usage(&self, now: SimTime, params: &Value) -> Response {
        Params::check(params, &[])?;
        let mut keys: BTreeMap<String, KeyReach> = BTreeMap::new();
        for (arn, usage) in self.kms.usage(&self.options) {
            keys.entry(arn).or_default().usage = usage;
        }
        for (name, bucket) in self.s3.buckets() {
            let rule = &bucket.access().encryption;
            if let Some(arn) = rule.algorithm.is_kms().then(|| self.kms.arn(&self.options, now, rule.key.as_deref())).flatten() {
                keys.entry(arn).or_default().bucket(name).default = true;
            }
            for version in bucket.keys("").flat_map(|(_, versions)| versions.iter()) {
                if let Some(arn) = &version.encryption().key {
                    let held = keys.entry(arn.clone()).or_default().bucket(name);
                    held.objects += 1;
                    held.bytes += version.blob().size;
                }
            }
        }
        let shown = keys.into_iter().map(|(arn, reach)| {
            let buckets = reach
                .buckets
                .iter()
                .map(|(name, held)| json!({"Bucket": name, "Default": held.default, "Objects": held.objects, "Bytes": held.bytes}));
            json!({
                "KeyArn": arn,
                "GenerateDataKey": reach.usage.generate_data_key,
                "Decrypt": reach.usage.decrypt,
                "SavedByBucketKeys": reach.usage.saved,
                "Buckets": buckets.collect::<Vec<_>>(),
            })
        });
        Ok(object([("Keys".to_string(), shown.collect())]))
    }
}

/// What a key is for: how often it was asked, and what it encrypts, by bucket.
#[derive(Default)]
struct KeyReach {
    usage: Usage,
    buckets: BTreeMap<String, Held>,
}

#[derive(Default)]
struct Held {
    /// New objects are encrypted with the key.
    default: bool,
    /// Versions of objects.
    objects: u64,
    bytes: u64,
}

impl KeyReach {
    fn bucket(&mut self, name: &str) -> &mut Held {
        self.buckets.entry(name.to_string()).or_default()
    }
}

/// Puts condition keys over those of a context; `null` takes one away.
fn set(context: &mut Context, given: &Value) -> Result<(), ApiError> {
    let wrong = || param_error("Invalid type for parameter Context, condition keys and their values are expected");
    for (key, value) in given.as_object().ok_or_else(wrong)? {
        match value {
            Value::Null => context.remove(key),
            Value::String(text) => context.set(key, text),
            Value::Bool(_) | Value::Number(_) => context.set(key, value),
            Value::Array(values) => {
                let texts = values.iter().map(|value| value.as_str().map(ToString::to_string)).collect::<Option<Vec<_>>>();
                context.set_all(key, texts.ok_or_else(wrong)?);
            }
            Value::Object(_) => return Err(wrong()),
        }
    }
    Ok(())
}
