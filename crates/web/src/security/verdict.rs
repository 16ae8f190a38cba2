//! Decisions about access as the account's evaluator answers them, the statement that made each, and the same request tried for real.
//!
//! Belongs here: calls and what they answer. Does not belong here: views (`who`).

use serde::Deserialize;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call, CallAs, RequestAs};
use sluice_protocol::{PageReply, PageRequest};

use super::json::pretty;
use super::model::{Kind, Managed, inline_document, managed_document, text};
use crate::host::{Host, parse, unexpected};

/// What is asked about: `key` is empty for the bucket itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub bucket: String,
    pub key: String,
    pub action: String,
    /// Over https.
    pub secure: bool,
}

impl Question {
    pub fn resource(&self) -> String {
        if self.key.is_empty() || !is_about_objects(&self.action) {
            format!("arn:aws:s3:::{}", self.bucket)
        } else {
            format!("arn:aws:s3:::{}/{}", self.bucket, self.key)
        }
    }
}

/// Operations that the question offers: the action, whether it is about an object, what it is called.
pub const ACTIONS: [(&str, bool, &str); 7] = [
    ("s3:GetObject", true, "read the object"),
    ("s3:PutObject", true, "write the object"),
    ("s3:DeleteObject", true, "delete the object"),
    ("s3:ListBucket", false, "list the bucket"),
    ("s3:GetBucketPolicy", false, "read the bucket’s policy"),
    ("s3:PutBucketPolicy", false, "change the bucket’s policy"),
    ("s3:DeleteBucket", false, "delete the bucket"),
];

pub fn is_about_objects(action: &str) -> bool {
    ACTIONS.iter().any(|(known, objects, _)| *known == action && *objects)
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Decider {
    pub policy: String,
    /// From 0.
    pub statement: usize,
    #[serde(default)]
    pub sid: Option<String>,
}

/// One identity's answer of `WhoCan`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// `root`, `anonymous`, an account's number, or the ARN of a user or role.
    pub principal: String,
    pub kind: String,
    pub allowed: bool,
    /// `allowed`, `explicitDeny`, `implicitDeny`.
    pub decision: String,
    pub reason: String,
    #[serde(default)]
    pub decided_by: Option<Decider>,
    #[serde(default)]
    pub explanation: String,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub note: String,
}

impl Answer {
    /// As a person says it.
    pub fn name(&self) -> String {
        match self.kind.as_str() {
            "Root" => "You, the owner (root)".into(),
            "Anonymous" => "Anonymous, nobody signed in".into(),
            "AnotherAccount" => format!("Another account ({})", self.principal),
            _ => self.identity().map_or_else(|| self.principal.clone(), |(_, name)| name),
        }
    }

    /// The user or role that it is.
    pub fn identity(&self) -> Option<(Kind, String)> {
        let (_, rest) = self.principal.split_once(":iam::")?;
        let (_, path) = rest.split_once(':')?;
        let name = path.rsplit('/').next()?.to_owned();
        let kind = if path.starts_with("user/") { Kind::User } else { Kind::Role };
        Some((kind, name))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Answers {
    pub answers: Vec<Answer>,
    pub is_public: bool,
}

pub async fn who_can(host: Host, question: Question) -> Result<Answers, ApiError> {
    let mut params = json!({ "Bucket": question.bucket, "Action": question.action, "SecureTransport": question.secure });
    if is_about_objects(&question.action) {
        params["Key"] = json!(question.key);
    }
    parse(&host.call("sluice", "WhoCan", params).await?)
}

/// The statement that decided, in its policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// `inline policy read-lake of the user ana`
    pub policy: String,
    /// Where the policy is edited.
    pub href: Option<String>,
    pub text: String,
    /// From 0.
    pub statement: usize,
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: String,
}

/// Fetches the policy that an answer names. `None`: no statement decided, or its policy is not the account's to show.
pub async fn quoted(host: Host, (bucket, answer): (String, Answer)) -> Result<Option<Quoted>, ApiError> {
    let Some(decider) = answer.decided_by.clone() else { return Ok(None) };
    let found = if decider.policy == "the bucket policy" {
        Some((format!("the policy of the bucket {bucket}"), None, bucket_policy(host, bucket.clone()).await?))
    } else if let Some((kind, name)) = answer.identity() {
        identity_policy(host, kind, &name, &decider).await?
    } else {
        None
    };
    Ok(found.map(|(policy, href, document)| Quoted {
        policy,
        href,
        effect: text(
            &serde_json::from_str(&document).unwrap_or_default(),
            &format!("/Statement/{}/Effect", decider.statement),
        ),
        text: document,
        statement: decider.statement,
        sid: decider.sid.filter(|sid| !sid.is_empty()),
    }))
}

type Found = Option<(String, Option<String>, String)>;

/// An inline and an attached policy may have the same name: the one is meant whose statement has the id.
async fn identity_policy(host: Host, kind: Kind, name: &str, decider: &Decider) -> Result<Found, ApiError> {
    let title = kind.title();
    let whose = format!("of the {} {name}", kind.noun());
    let href = Some(kind.route(name).href());
    let names = host.call("iam", &format!("List{title}Policies"), kind.params(name)).await?;
    let is_inline = names["PolicyNames"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|inline| inline.as_str() == Some(&decider.policy));
    if is_inline {
        let document = inline_document(host, kind, name, &decider.policy).await?;
        if fits(&document, decider) {
            return Ok(Some((format!("inline policy {} {whose}", decider.policy), href, document)));
        }
    }
    let attached = host.call("iam", &format!("ListAttached{title}Policies"), kind.params(name)).await?;
    let mut attached = attached["AttachedPolicies"].as_array().into_iter().flatten();
    let Some(found) = attached.find(|policy| text(policy, "/PolicyName") == decider.policy) else {
        return Ok(None);
    };
    let policy = Managed {
        name: decider.policy.clone(),
        arn: text(found, "/PolicyArn"),
    };
    let sort = if policy.is_aws() { "AWS managed" } else { "customer managed" };
    let document = managed_document(host, policy.arn.clone()).await?;
    Ok(Some((format!("{sort} policy {} {whose}", policy.name), href, document)))
}

fn fits(document: &str, decider: &Decider) -> bool {
    let value: Value = serde_json::from_str(document).unwrap_or_default();
    let statement = match &value["Statement"] {
        Value::Array(list) => list.get(decider.statement),
        one @ Value::Object(_) => Some(one),
        _ => None,
    };
    statement.is_some_and(|statement| statement.get("Sid").and_then(Value::as_str).unwrap_or_default() == decider.sid.as_deref().unwrap_or_default())
}

/// One statement that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Step {
    pub policy: String,
    pub statement: usize,
    #[serde(default)]
    pub sid: Option<String>,
    pub effect: String,
    pub applies: bool,
    pub because: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Trace {
    trace: Vec<Step>,
}

/// Every statement that was looked at for one identity.
pub async fn trace(host: Host, (question, principal): (Question, String)) -> Result<Vec<Step>, ApiError> {
    let mut context = json!({ "aws:SecureTransport": question.secure });
    if !question.secure {
        context["s3:TlsVersion"] = Value::Null;
    }
    let params = json!({ "Principal": principal, "Action": question.action, "Resource": question.resource(), "Context": context });
    let trace: Trace = parse(&host.call("sluice", "Simulate", params).await?)?;
    Ok(trace.trace)
}

/// Whether the question can be tried without changing anything.
pub fn can_try(action: &str) -> bool {
    matches!(action, "s3:GetObject" | "s3:ListBucket" | "s3:GetBucketPolicy")
}

/// Makes the call as that identity. The answer: what came, in words; the error is AWS's.
pub async fn attempt(host: Host, question: &Question, principal: &str) -> Result<String, ApiError> {
    let (bucket, key) = (&question.bucket, &question.key);
    let (operation, params) = match question.action.as_str() {
        "s3:GetObject" => {
            let head = host.call("s3", "HeadObject", json!({ "Bucket": bucket, "Key": key })).await;
            let size = head.ok().and_then(|head| head.get("ContentLength").and_then(Value::as_u64)).unwrap_or(0);
            let mut params = json!({ "Bucket": bucket, "Key": key });
            // The first byte is enough to know; an object without bytes has no range.
            if size > 0 {
                params["Range"] = json!("bytes=0-0");
            }
            ("GetObject", params)
        }
        "s3:GetBucketPolicy" => ("GetBucketPolicy", json!({ "Bucket": bucket })),
        _ => ("ListObjectsV2", json!({ "Bucket": bucket, "MaxKeys": 1 })),
    };
    let mut call = Call::new("s3", operation, params);
    call.caller = Some(CallAs::Request(RequestAs {
        principal: Some(principal.to_owned()),
        secure_transport: Some(question.secure),
        source_ip: None,
    }));
    let result = match host.request(PageRequest::Call { call }, Vec::new()).await.0 {
        PageReply::Called { result } => result?,
        other => return Err(unexpected(other)),
    };
    Ok(match operation {
        "GetObject" => format!("GetObject answered with the object, {}.", text(&result, "/ContentType")),
        "GetBucketPolicy" => "GetBucketPolicy answered with the policy.".to_owned(),
        _ => "ListObjectsV2 answered with the list.".to_owned(),
    })
}

/// A bucket's policy as it stands; empty: there is none.
pub async fn bucket_policy(host: Host, bucket: String) -> Result<String, ApiError> {
    match host.call("s3", "GetBucketPolicy", json!({ "Bucket": bucket })).await {
        Ok(response) => {
            let policy = text(&response, "/Policy");
            // What was put on one line is shown on many.
            let one_line = !policy.contains('\n');
            Ok(if one_line { pretty(&Value::String(policy)) } else { policy })
        }
        Err(error) if error.code == "NoSuchBucketPolicy" => Ok(String::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(principal: &str, kind: &str) -> Answer {
        Answer {
            principal: principal.into(),
            kind: kind.into(),
            allowed: false,
            decision: "implicitDeny".into(),
            reason: "NoIdentityAllow".into(),
            decided_by: None,
            explanation: String::new(),
            message: String::new(),
            note: String::new(),
        }
    }

    #[test]
    fn an_arn_is_a_user_or_a_role() {
        let user = answer("arn:aws:iam::123456789012:user/team/ana", "User");
        assert_eq!(user.identity(), Some((Kind::User, "ana".into())));
        assert_eq!(user.name(), "ana");
        assert_eq!(
            answer("arn:aws:iam::123456789012:role/etl", "AssumedRole").identity(),
            Some((Kind::Role, "etl".into()))
        );
        assert_eq!(answer("anonymous", "Anonymous").identity(), None);
    }

    #[test]
    fn a_statement_is_known_by_its_id() {
        let decider = Decider {
            policy: "p".into(),
            statement: 0,
            sid: Some("Mine".into()),
        };
        assert!(fits(r#"{"Statement":[{"Sid":"Mine"}]}"#, &decider));
        assert!(fits(r#"{"Statement":{"Sid":"Mine"}}"#, &decider));
        assert!(!fits(r#"{"Statement":[{"Sid":"Other"}]}"#, &decider));
        assert!(!fits("no json", &decider));
    }

    #[test]
    fn a_resource_follows_from_the_action() {
        let mut question = Question {
            bucket: "lake".into(),
            key: "a/b".into(),
            action: "s3:GetObject".into(),
            secure: true,
        };
        assert_eq!(question.resource(), "arn:aws:s3:::lake/a/b");
        question.action = "s3:ListBucket".into();
        assert_eq!(question.resource(), "arn:aws:s3:::lake");
    }
}
