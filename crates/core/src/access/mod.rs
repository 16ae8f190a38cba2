//! Access: policy documents and the logic that decides by them.
//!
//! Belongs here: documents as text and as data (`document`, `parse`), matching (`pattern`, `condition`), the decision (`evaluate`), the test whether a policy is public
//! (`public`), and what a document probably does not mean (`warn`). All of it is pure: a request and the policies come in, a decision and its trace go out.
//! Does not belong here: where policies are kept (IAM, S3, KMS), and which action on which resource a call needs (the account knows).

mod actions;
mod condition;
mod context;
mod document;
mod evaluate;
mod parse;
mod pattern;
mod principal;
mod public;
mod warn;

pub use actions::{Level, s3_level};
pub use condition::{Condition, Operator};
pub use context::Context;
pub use document::{Effect, Policy, PrincipalPattern, Scope, Statement, Version};
pub use evaluate::{AclGrant, Decider, Decision, Policies, Reason, Request, ResourceRule, Source, Step, evaluate};
pub use parse::{Fault, PolicyKind};
pub use principal::{ANONYMOUS, ANONYMOUS_ID, Principal, account_of, canonical_id};
pub use public::{PublicAccess, is_public};
pub use warn::{Warning, warnings};

/// Bytes of a bucket policy ("Bucket policies for Amazon S3": 20 KB).
pub const MAX_BUCKET_POLICY: usize = 20_480;
