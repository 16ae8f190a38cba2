//! What roles may do as crawlers and job runs, and what stays as it was: a role without policies is not held to any.

#![allow(clippy::unwrap_used)]

mod common;

use common::{account, blob, call, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, Call, Effect};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const GLUE_SERVICE: &str = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole";

fn effects(account: &mut Account, service: &str, operation: &str, params: Value) -> Vec<Effect> {
    let now = account.now().plus_seconds(1);
    account.apply(now, &Call::new(service, operation, params)).unwrap().effects
}

/// A bucket with a file, a crawler over it and a visual job that copies it, both with the role `lab`.
fn lab() -> Account {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "lake"})).unwrap();
    put(&mut account, "lake", "raw/a.csv", "a,b\n1,2\n").unwrap();
    call(&mut account, "glue", "CreateDatabase", json!({"DatabaseInput": {"Name": "lake"}})).unwrap();
    let crawler = json!({"Name": "raw", "Role": "lab", "DatabaseName": "lake", "Targets": {"S3Targets": [{"Path": "s3://lake/raw/"}]}});
    call(&mut account, "glue", "CreateCrawler", crawler).unwrap();
    let nodes = json!({
        "source": {"S3CsvSource": {"Name": "Source", "Paths": ["s3://lake/raw/a.csv"], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true,
            "OutputSchemas": [{"Columns": [{"Name": "a", "Type": "string"}, {"Name": "b", "Type": "string"}]}]}},
        "target": {"S3DirectTarget": {"Name": "Target", "Inputs": ["source"], "Path": "s3://lake/out/", "Format": "csv", "PartitionKeys": []}},
    });
    let job = json!({"Name": "copy", "Role": "lab", "JobMode": "VISUAL", "Command": {"Name": "glueetl", "ScriptLocation": "s3://lake/scripts/copy.py"}, "CodeGenConfigurationNodes": nodes});
    call(&mut account, "glue", "CreateJob", job).unwrap();
    account
}

fn create_role(account: &mut Account) {
    let role = json!({"RoleName": "lab", "AssumeRolePolicyDocument": TRUST});
    call(account, "iam", "CreateRole", role).unwrap();
    call(account, "iam", "AttachRolePolicy", json!({"RoleName": "lab", "PolicyArn": GLUE_SERVICE})).unwrap();
}

fn allow(account: &mut Account, actions: Value, resource: &str) {
    let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]});
    let params = json!({"RoleName": "lab", "PolicyName": "s3", "PolicyDocument": document.to_string()});
    call(account, "iam", "PutRolePolicy", params).unwrap();
}

fn run_state(account: &mut Account, id: &str) -> (String, String) {
    let run = call(account, "glue", "GetJobRun", json!({"JobName": "copy", "RunId": id})).unwrap()["JobRun"].clone();
    let text = |name: &str| run[name].as_str().unwrap_or_default().to_string();
    (text("JobRunState"), text("ErrorMessage"))
}

/// Starts the job and answers its run's id and how many effects were asked for.
fn start(account: &mut Account) -> (String, usize) {
    let now = account.now().plus_seconds(1);
    let outcome = account.apply(now, &Call::new("glue", "StartJobRun", json!({"JobName": "copy"}))).unwrap();
    (outcome.response["JobRunId"].as_str().unwrap().to_string(), outcome.effects.len())
}

fn succeed(account: &mut Account, id: &str) {
    let output = json!({"node": "target", "bucket": "lake", "key": "out/run-1", "blob": blob("x"), "rows": 1, "content_type": "text/csv"});
    let params = json!({"run_id": id, "report": {"nodes": {}}, "outputs": [output]});
    call(account, "effect", "JobRunSucceeded", params).unwrap();
}

#[test]
fn a_role_that_nobody_created_may_do_everything() {
    let mut account = lab();
    assert_eq!(effects(&mut account, "glue", "StartCrawler", json!({"Name": "raw"})).len(), 1);
    let (id, effects) = start(&mut account);
    assert_eq!(effects, 1);
    succeed(&mut account, &id);
    assert_eq!(run_state(&mut account, &id).0, "SUCCEEDED");
    assert!(account.object("lake", "out/run-1").is_some());
}

#[test]
fn a_role_without_policies_too() {
    let mut account = lab();
    call(&mut account, "iam", "CreateRole", json!({"RoleName": "lab", "AssumeRolePolicyDocument": TRUST})).unwrap();
    let (id, effects) = start(&mut account);
    assert_eq!(effects, 1);
    succeed(&mut account, &id);
    assert_eq!(run_state(&mut account, &id).0, "SUCCEEDED");
}

#[test]
fn a_run_that_may_not_read_fails_before_it_reads() {
    let mut account = lab();
    create_role(&mut account);
    let (id, effects) = start(&mut account);
    assert_eq!(effects, 0, "nothing is asked of the host");
    let (state, message) = run_state(&mut account, &id);
    assert_eq!(state, "FAILED");
    assert_eq!(
        message,
        "Source: Reading s3://lake/raw/a.csv failed: AccessDenied: User: arn:aws:sts::123456789012:assumed-role/lab/GlueJobRunnerSession is not authorized to perform: \
         s3:GetObject on resource: \"arn:aws:s3:::lake/raw/a.csv\" because no identity-based policy allows the s3:GetObject action"
    );
    assert!(account.pending_effects().is_empty());
}

#[test]
fn a_run_that_may_not_write_fails_and_leaves_nothing() {
    let mut account = lab();
    create_role(&mut account);
    allow(&mut account, json!("s3:GetObject"), "arn:aws:s3:::lake/raw/*");
    let (id, effects) = start(&mut account);
    assert_eq!(effects, 1);
    succeed(&mut account, &id);
    let (state, message) = run_state(&mut account, &id);
    assert_eq!(state, "FAILED");
    assert!(message.contains("s3:PutObject on resource: \"arn:aws:s3:::lake/out/run-1\""), "{message}");
    assert!(account.object("lake", "out/run-1").is_none());

    allow(&mut account, json!(["s3:GetObject", "s3:PutObject"]), "arn:aws:s3:::lake/*");
    let (id, _) = start(&mut account);
    succeed(&mut account, &id);
    assert_eq!(run_state(&mut account, &id).0, "SUCCEEDED");
    assert!(account.object("lake", "out/run-1").is_some());
}

#[test]
fn a_crawler_is_held_to_its_role() {
    let mut account = lab();
    create_role(&mut account);
    assert!(effects(&mut account, "glue", "StartCrawler", json!({"Name": "raw"})).is_empty());
    let crawler = call(&mut account, "glue", "GetCrawler", json!({"Name": "raw"})).unwrap()["Crawler"].clone();
    assert_eq!(crawler["LastCrawl"]["Status"], "FAILED", "{crawler}");
    assert!(crawler["LastCrawl"]["ErrorMessage"].as_str().unwrap().contains("s3:GetObject"), "{crawler}");
    allow(&mut account, json!("s3:GetObject"), "arn:aws:s3:::lake/raw/*");
    assert_eq!(effects(&mut account, "glue", "StartCrawler", json!({"Name": "raw"})).len(), 1);
}

#[test]
fn a_bucket_policy_denies_services_too() {
    let mut account = lab();
    let deny =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/raw/*"}]});
    s3(&mut account, "PutBucketPolicy", json!({"Bucket": "lake", "Policy": deny.to_string()})).unwrap();
    let (id, effects) = start(&mut account);
    assert_eq!(effects, 0);
    assert!(run_state(&mut account, &id).1.contains("with an explicit deny in a resource-based policy"));
}

#[test]
fn a_runs_outputs_have_the_buckets_encryption() {
    let mut account = lab();
    let key = call(&mut account, "kms", "CreateKey", json!({})).unwrap()["KeyMetadata"]["Arn"].clone();
    let rule = json!({"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}});
    s3(
        &mut account,
        "PutBucketEncryption",
        json!({"Bucket": "lake", "ServerSideEncryptionConfiguration": {"Rules": [rule]}}),
    )
    .unwrap();
    let (id, _) = start(&mut account);
    succeed(&mut account, &id);
    let head = s3(&mut account, "HeadObject", json!({"Bucket": "lake", "Key": "out/run-1"})).unwrap();
    assert_eq!((&head["ServerSideEncryption"], &head["SSEKMSKeyId"]), (&json!("aws:kms"), &key));
    let object = account.s3().bucket("lake").unwrap().get("out/run-1").unwrap();
    assert_ne!(object.encryption().salt, 0);

    call(&mut account, "kms", "DisableKey", json!({"KeyId": key})).unwrap();
    let (id, _) = start(&mut account);
    succeed(&mut account, &id);
    let (state, message) = run_state(&mut account, &id);
    assert!(state == "FAILED" && message.contains("KMS.DisabledException"), "{state} {message}");
}

#[test]
fn a_preview_reads_as_the_owner_does() {
    let mut account = lab();
    let nodes = json!({"source": {"S3CsvSource": {"Name": "Source", "Paths": ["s3://lake/raw/a.csv"], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true}}});
    let graph = sluice_core::etl::from_codegen(&nodes).unwrap();
    assert!(account.inputs(&graph).is_ok());
    let key = call(&mut account, "kms", "CreateKey", json!({})).unwrap()["KeyMetadata"]["KeyId"].clone();
    s3(
        &mut account,
        "PutObject",
        json!({"Bucket": "lake", "Key": "raw/a.csv", "SluiceBlob": blob("x"), "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}),
    )
    .unwrap();
    assert!(account.inputs(&graph).is_ok());
    call(&mut account, "kms", "DisableKey", json!({"KeyId": key})).unwrap();
    let errors = account.inputs(&graph).unwrap_err();
    assert!(errors.len() == 1 && errors[0].message.contains("KMS.DisabledException"), "{errors:?}");
}

/// A snapshot of the version before there were users, keys and policies of buckets.
#[test]
fn older_snapshots_restore() {
    let mut account = lab();
    call(&mut account, "iam", "CreateRole", json!({"RoleName": "lab", "AssumeRolePolicyDocument": TRUST})).unwrap();
    let mut snapshot = account.snapshot();
    snapshot.as_object_mut().unwrap().remove("kms");
    for member in ["users", "policies"] {
        snapshot["iam"].as_object_mut().unwrap().remove(member);
    }
    snapshot["s3"].as_object_mut().unwrap().remove("public_access");
    snapshot["s3"]["buckets"]["lake"].as_object_mut().unwrap().remove("access");
    let mut restored = Account::restore(&snapshot).unwrap();
    assert_eq!(restored.snapshot(), account.snapshot());
    let block = s3(&mut restored, "GetPublicAccessBlock", json!({"Bucket": "lake"})).unwrap();
    assert_eq!(block["PublicAccessBlockConfiguration"]["BlockPublicPolicy"], true);
    let call: Call = serde_json::from_str(r#"{"service": "s3", "operation": "ListBuckets", "params": {}}"#).unwrap();
    assert_eq!(call.caller, None);
    assert_eq!(
        serde_json::to_value(&call).unwrap(),
        json!({"service": "s3", "operation": "ListBuckets", "params": {}})
    );
}
