use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::super::caller::Caller;
use super::super::{Account, ApiError, Params};
use super::context::add_s3;
use super::needs::{self, Need, need, of_cloudwatch, of_firehose, of_glue, of_iam, of_kinesis, of_s3, of_sns, text};
use crate::access::{Context, Decision, Policies, Policy, PolicyKind, PrincipalPattern, Request, ResourceRule, Source, evaluate, is_public};
use crate::sim::SimTime;
use crate::storage::s3::acl::Acl;
use crate::storage::s3::{directory_arn, is_directory_name};

/// Bucket and key of `arn:aws:s3:::bucket/key`.
pub(super) fn bucket_and_key(arn: &str) -> Option<(&str, Option<&str>)> {
    let Some(path) = arn.strip_prefix("arn:aws:s3:::") else {
        let directory = arn.strip_prefix("arn:aws:s3express:")?.split_once(":bucket/")?.1;
        return Some((directory, None));
    };
    Some(match path.split_once('/') {
        Some((bucket, key)) => (bucket, Some(key)),
        None => (path, None),
    })
}

/// Whether an action on an object that is there is for the object's owner to allow. Writing, deleting, tagging and restoring are for the bucket's.
fn is_of_owner(need: &Need) -> bool {
    const OF_OWNER: [&str; 8] = [
        "GetObject",
        "GetObjectVersion",
        "GetObjectAttributes",
        "GetObjectVersionAttributes",
        "GetObjectAcl",
        "GetObjectVersionAcl",
        "PutObjectAcl",
        "PutObjectVersionAcl",
    ];
    !need.makes && need.action.strip_prefix("s3:").is_some_and(|action| OF_OWNER.contains(&action))
}

impl Account {
    /// Decides about one need of a caller, by its policies and those of the bucket or key.
    pub(super) fn judge(&self, now: SimTime, caller: &Caller, need: &Need, context: &Context) -> (Request, Decision) {
        let directed = self.of_directory(need);
        let need = directed.as_ref().unwrap_or(need);
        let mut request = Request {
            principal: caller.principal.clone(),
            action: need.action.clone(),
            resource: need.resource.clone(),
            resource_account: self.options.account_id.clone(),
            context: context.clone(),
        };
        if directed.is_some() {
            request.context.set("s3express:ResourceAccount", &self.options.account_id);
            if caller.secure_transport {
                request.context.set("s3express:TlsVersion", "1.3");
            }
        }
        if directed.is_some() && need.action == "s3express:CreateSession" {
            request.context.set("s3express:SessionMode", if need.makes { "ReadWrite" } else { "ReadOnly" });
        }
        let mut policies = Policies {
            identity: caller.policies.sources(),
            ..Policies::default()
        };
        let key_policy;
        if let Some((name, key)) = bucket_and_key(&need.resource) {
            if let Some(bucket) = self.s3.bucket(name) {
                let object = key.and_then(|key| self.object_version(name, key, need.version.as_deref()));
                for (key, value) in object.into_iter().flat_map(|object| object.tags()) {
                    request.context.set(&format!("s3:ExistingObjectTag/{key}"), value);
                }
                policies.resource = bucket.access().policy.as_ref().map(|policy| Source {
                    name: "the bucket policy",
                    policy: policy.policy(),
                });
                policies.public_access = self.s3.public_access(bucket);
                policies.acl = bucket.acl_grants(
                    &need.action,
                    object.filter(|_| !need.makes).map(|object| object.acl()),
                    caller.principal.account(),
                );
                policies.object_owner = object.filter(|_| is_of_owner(need)).and_then(|object| bucket.foreign_owner(object));
            }
        } else if let Some((_, id)) = need.resource.split_once(":key/").filter(|_| need.action.starts_with("kms:")) {
            let found = self.kms.policy(&self.options, now, id);
            key_policy = found.and_then(|text| Policy::parse(&text, PolicyKind::Key).ok()).unwrap_or_default();
            policies.rule = ResourceRule::Required;
            policies.resource = Some(Source {
                name: "the key policy",
                policy: &key_policy,
            });
        }
        let decision = evaluate(&request, &policies);
        (request, decision)
    }

    /// Error: `code`, in AWS's words, for the first need that is refused; our line names the statement.
    pub(super) fn demand(&self, now: SimTime, caller: &Caller, needs: &[Need], context: &Context, code: &str) -> Result<(), ApiError> {
        for need in needs {
            let (request, decision) = self.judge(now, caller, need, context);
            if !decision.allowed {
                return Err(ApiError::new(code, decision.message(&request)).with_help(decision.help(&request)));
            }
        }
        Ok(())
    }

    /// Whether a call is allowed to its caller. Our own operations are allowed to everybody.
    ///
    /// Errors: `AccessDenied` or `AccessDeniedException`, as the service has it; `403` for HEAD requests.
    pub(in crate::account) fn authorize(&self, now: SimTime, caller: &Caller, service: &str, operation: &str, params: &Value) -> Result<(), ApiError> {
        let owner = caller.principal == self.root();
        match service {
            "s3" => self.authorize_s3(now, caller, operation, params),
            "kms" => self.demand(
                now,
                caller,
                &self.of_kms(now, operation, params),
                &caller.context(self, now),
                "AccessDeniedException",
            ),
            _ if owner => Ok(()),
            "s3control" => {
                let action = operation.replace("PublicAccessBlock", "AccountPublicAccessBlock").replace("Delete", "Put");
                self.demand(now, caller, &[need(&format!("s3:{action}"), "*")], &caller.context(self, now), "AccessDenied")
            }
            "iam" => self.demand(
                now,
                caller,
                &[of_iam(&self.options, operation, params)],
                &caller.context(self, now),
                "AccessDenied",
            ),
            "glue" => {
                let needs = [of_glue(&self.options, operation, params)];
                self.demand(now, caller, &needs, &caller.context(self, now), "AccessDeniedException")
            }
            "cloudwatch" => {
                let needs = of_cloudwatch(&self.options, operation, params);
                self.demand(now, caller, &needs, &caller.context(self, now), "AccessDenied")
            }
            "sns" => {
                let needs = [of_sns(operation, params, &self.options)];
                self.demand(now, caller, &needs, &caller.context(self, now), "AuthorizationError")
            }
            "kinesis" => {
                let needs = [of_kinesis(&self.options, operation, params)];
                self.demand(now, caller, &needs, &caller.context(self, now), "AccessDeniedException")
            }
            "firehose" => {
                let needs = [of_firehose(&self.options, operation, params)];
                self.demand(now, caller, &needs, &caller.context(self, now), "AccessDeniedException")
            }
            "cloudtrail" => {
                let needs = [need(&format!("cloudtrail:{operation}"), "*")];
                self.demand(now, caller, &needs, &caller.context(self, now), "AccessDeniedException")
            }
            _ => Ok(()),
        }
    }

    /// A need about a directory bucket in the words of S3 Express: its ARN, and for all that is about objects the session that an SDK would open first.
    fn of_directory(&self, need: &Need) -> Option<Need> {
        let (name, key) = bucket_and_key(&need.resource).filter(|(name, _)| is_directory_name(name))?;
        let action = need.action.strip_prefix("s3:")?;
        let reads = ["Get", "List", "Head"].iter().any(|verb| action.starts_with(verb));
        let of_session = key.is_some() || matches!(action, "ListBucket" | "ListBucketMultipartUploads" | "CreateSession");
        let action = if of_session { "CreateSession" } else { action };
        Some(Need {
            action: format!("s3express:{action}"),
            resource: directory_arn(&self.options.region, &self.options.account_id, name),
            version: None,
            makes: !reads,
        })
    }

    /// Whether the account's owner is held to something there: a bucket has a policy, or an object belongs to another account.
    pub(super) fn is_governed(&self, need: &Need) -> bool {
        let Some((name, key)) = bucket_and_key(&need.resource) else { return false };
        let Some(bucket) = self.s3.bucket(name) else { return false };
        let object = key
            .filter(|_| is_of_owner(need))
            .and_then(|key| self.object_version(name, key, need.version.as_deref()));
        bucket.access().policy.is_some() || object.is_some_and(|object| bucket.foreign_owner(object).is_some())
    }

    fn authorize_s3(&self, now: SimTime, caller: &Caller, operation: &str, params: &Value) -> Result<(), ApiError> {
        self.check_public(caller, operation, params)?;
        let source = self.copied(params);
        let mut needs = of_s3(operation, params, source.as_ref());
        // A bucket that is not there is not found, whoever asks.
        needs.retain(|need| operation == "CreateBucket" || bucket_and_key(&need.resource).is_none_or(|(bucket, _)| self.s3.bucket(bucket).is_some()));
        if caller.principal == self.root() && !needs.iter().any(|need| self.is_governed(need)) {
            return Ok(());
        }
        let mut context = caller.context(self, now);
        add_s3(&mut context, operation, params, source.as_ref());
        let result = self
            .demand(now, caller, &needs, &context, "AccessDenied")
            .and_then(|()| self.hide_missing(now, caller, operation, params, &context));
        match operation {
            "HeadObject" | "HeadBucket" => result.map_err(|error| ApiError {
                code: "403".to_string(),
                message: "Forbidden".to_string(),
                help: Some(error.help.unwrap_or(error.message)),
            }),
            _ => result,
        }
    }

    /// A key that is not there is "not found" only to those who may list the bucket (GetObject, API reference).
    fn hide_missing(&self, now: SimTime, caller: &Caller, operation: &str, params: &Value, context: &Context) -> Result<(), ApiError> {
        if !matches!(operation, "GetObject" | "HeadObject" | "GetObjectAttributes") {
            return Ok(());
        }
        let (Some(name), Some(key)) = (text(params, "Bucket"), text(params, "Key")) else {
            return Ok(());
        };
        if self.s3.bucket(name).is_none_or(|bucket| bucket.get(key).is_some()) {
            return Ok(());
        }
        let list = need("s3:ListBucket", format!("arn:aws:s3:::{name}"));
        self.demand(now, caller, &[list], context, "AccessDenied").map_err(|error| {
            let help = "The key does not exist; that is told only to callers who may list the bucket (s3:ListBucket).";
            error.with_help(help)
        })
    }

    /// What Block Public Access refuses to put: public policies and public ACLs; and a policy that names a user or role which the account does not have.
    fn check_public(&self, caller: &Caller, operation: &str, params: &Value) -> Result<(), ApiError> {
        let Some(name) = text(params, "Bucket") else { return Ok(()) };
        let Some(bucket) = self.s3.bucket(name) else { return Ok(()) };
        let block = self.s3.public_access(bucket);
        let prevented = |what: &str, switch: &str| {
            let who = caller.principal.caller_arn().unwrap_or_default();
            let resource = text(params, "Key").map_or_else(|| format!("arn:aws:s3:::{name}"), |key| format!("arn:aws:s3:::{name}/{key}"));
            let message = format!(
                "User: {who} is not authorized to perform: s3:{operation} on resource: \"{resource}\" because {what} are prevented by the {switch} setting in S3 Block \
                 Public Access."
            );
            Err(ApiError::new("AccessDenied", message)
                .with_help(format!("{switch} is on, for the bucket or for the account. PutPublicAccessBlock turns it off.")))
        };
        if operation == "PutBucketPolicy" {
            let Some(Ok(policy)) = text(params, "Policy").map(|text| Policy::parse(text, PolicyKind::Bucket(name))) else {
                return Ok(());
            };
            if block.block_public_policy && is_public(&policy) {
                return prevented("public policies", "BlockPublicPolicy");
            }
            return self.check_principals(&policy);
        }
        let sets_acl = matches!(
            operation,
            "PutBucketAcl" | "PutObjectAcl" | "PutObject" | "CopyObject" | "CreateMultipartUpload"
        );
        let object = text(params, "Key").and_then(|key| self.object_version(name, key, text(params, "VersionId")));
        let owner = match object.filter(|_| operation == "PutObjectAcl") {
            Some(object) => self.s3.object_owner_id(bucket, object),
            None => self.s3.owner_id(),
        };
        let brought = params.as_object().map(|map| Acl::of_request(&Params::of(map), &owner));
        let public = matches!(brought, Some(Ok(Some(acl))) if acl.is_public());
        if sets_acl && public && bucket.acls_enabled() && block.block_public_acls {
            return prevented("public ACLs", "BlockPublicAcls");
        }
        Ok(())
    }

    /// S3 refuses a policy that names somebody who does not exist. Of other accounts it is believed.
    fn check_principals(&self, policy: &Policy) -> Result<(), ApiError> {
        for (at, statement) in policy.statements.iter().enumerate() {
            for pattern in statement.principal.iter().flat_map(|scope| scope.items()) {
                let PrincipalPattern::Aws(arn) = pattern else { continue };
                let prefix = format!("arn:aws:iam::{}:", self.options.account_id);
                let Some(rest) = arn.strip_prefix(&prefix) else { continue };
                let own = &self.options.account_id;
                let known = match rest.split_once('/') {
                    Some(("user", name)) => self.iam.user(name).is_some_and(|user| user.arn(own) == *arn),
                    Some(("role", name)) => self.iam.role(name).is_some_and(|role| role.arn(own) == *arn),
                    _ => true,
                };
                if !known {
                    return Err(ApiError::new("MalformedPolicy", "Invalid principal in policy")
                        .with_help(format!("At Statement[{at}]: the account has no {arn}. Create it before the policy names it.")));
                }
            }
        }
        Ok(())
    }

    /// Parts a DeleteObjects into what the caller may delete and the `Errors` of the rest. `None`: all of it is allowed.
    pub(in crate::account) fn part_deletes(&self, now: SimTime, caller: &Caller, params: &Value) -> Option<(Value, Vec<Value>)> {
        let name = text(params, "Bucket")?;
        let bucket = self.s3.bucket(name)?;
        if caller.principal == self.root() && bucket.access().policy.is_none() {
            return None;
        }
        let objects = params.get("Delete")?.get("Objects")?.as_array()?;
        let context = caller.context(self, now);
        let (mut kept, mut refused) = (Vec::new(), Vec::new());
        for object in objects {
            let mut one = json!({"Bucket": name, "Key": text(object, "Key").unwrap_or_default()});
            if let Some(version) = text(object, "VersionId") {
                one["VersionId"] = json!(version);
            }
            match self.demand(now, caller, &needs::of_s3("DeleteObject", &one, None), &context, "AccessDenied") {
                Ok(()) => kept.push(object.clone()),
                Err(error) => {
                    let mut entry = json!({"Key": one["Key"], "Code": error.code, "Message": error.message});
                    if let Some(version) = one.get("VersionId") {
                        entry["VersionId"] = version.clone();
                    }
                    refused.push(entry);
                }
            }
        }
        if refused.is_empty() {
            return None;
        }
        let mut params = params.clone();
        params["Delete"]["Objects"] = Value::Array(kept);
        Some((params, refused))
    }
}
