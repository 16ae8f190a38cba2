"""Accounts that are exported. Each is made of calls alone, the same every time; no lifecycle rule has acted in any of them."""

import json
import random

ACCOUNT = "123456789012"
AWKWARD = [
    "plain.csv",
    "a b/c  d.csv",
    "it's \"quoted\" $HOME `id` \\ back",
    "a\ttab",
    "größe/データ/😀.txt",
    "-dash",
    "file://etc/passwd",
    "semi;colon|pipe&amp<>*?[]{}!#%+=@^~,",
    "folder/",
    "ends with space ",
    "dots..and...more",
]


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service="glue.amazonaws.com"):
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def versioning(s, bucket, status):
    s.do("s3", "PutBucketVersioning", Bucket=bucket, VersioningConfiguration={"Status": status})


def objects(s):
    """One bucket without versions: keys that a shell could take amiss, classes, headers, metadata, tags."""
    s.do("s3", "CreateBucket", Bucket="plain-data")
    s.do("s3", "PutBucketTagging", Bucket="plain-data", Tagging={"TagSet": [{"Key": "team", "Value": "data platform"}, {"Key": "stage", "Value": "it:s/+-=._@"}]})
    for number, key in enumerate(AWKWARD):
        s.do("s3", "PutObject", Bucket="plain-data", Key=key, Body=f"body {number}\n")
    s.do("s3", "PutObject", Bucket="plain-data", Key="empty")
    s.do(
        "s3", "PutObject", Bucket="plain-data", Key="headers.csv", Body="a,b\n1,2\n",
        ContentType="text/csv; charset=utf-8", CacheControl="max-age=60", ContentDisposition="attachment; filename=\"it's.csv\"",
        ContentEncoding="identity", ContentLanguage="en", Metadata={"Owner": "ana's", "note": "a \"b\" $c", "n": "1"},
    )
    for name in ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE", "REDUCED_REDUNDANCY"]:
        s.do("s3", "PutObject", Bucket="plain-data", Key=f"classes/{name}", Body=name, StorageClass=name, Tagging="class=" + name.lower() + "&a%20b=c%2Bd")
    s.do("s3", "CopyObject", Bucket="plain-data", Key="copied.csv", CopySource="plain-data/headers.csv")


def versions(s):
    """Versions with ids over the version `null` and alone; delete markers; versioning suspended in the end."""
    s.do("s3", "CreateBucket", Bucket="versions-data")
    b = {"Bucket": "versions-data"}
    for key in ["null first", "only null"]:
        s.do("s3", "PutObject", **b, Key=key, Body=f"{key} before")
    versioning(s, "versions-data", "Enabled")
    for key in ["null first", "ids", "marked"]:
        for number in range(2):
            s.do("s3", "PutObject", **b, Key=key, Body=f"{key} {number}", Metadata={"n": str(number)})
    s.do("s3", "DeleteObject", **b, Key="marked")
    s.do("s3", "DeleteObject", **b, Key="only null")
    s.do("s3", "PutObject", **b, Key="marked", Body="over a marker", Tagging="late=yes")
    gone = s.do("s3", "PutObject", **b, Key="removed between", Body="1")["VersionId"]
    s.do("s3", "PutObject", **b, Key="removed between", Body="2")
    s.do("s3", "DeleteObject", **b, Key="removed between", VersionId=gone)
    s.do("s3", "CreateBucket", Bucket="suspended-data")
    versioning(s, "suspended-data", "Enabled")
    s.do("s3", "PutObject", Bucket="suspended-data", Key="k", Body="1")
    s.do("s3", "PutObject", Bucket="suspended-data", Key="k", Body="2")
    versioning(s, "suspended-data", "Suspended")


def suspended(s):
    """The version `null` at every place among others, as version and as delete marker; a delete marker alone; a key with line breaks."""
    s.do("s3", "CreateBucket", Bucket="null-data")
    b = {"Bucket": "null-data"}
    for key in ["null first", "only null", "null replaced"]:
        s.do("s3", "PutObject", **b, Key=key, Body=f"{key} before")
    versioning(s, "null-data", "Enabled")
    for key in ["null first", "null middle", "null last", "ids", "line\nbreak\r\n'\""]:
        for number in range(2):
            s.do("s3", "PutObject", **b, Key=key, Body=f"{key} {number}", Metadata={"n": str(number)})
    versioning(s, "null-data", "Suspended")
    for key in ["null middle", "null last", "null replaced", "born suspended"]:
        s.do("s3", "PutObject", **b, Key=key, Body=f"{key} suspended", StorageClass="STANDARD_IA")
    s.do("s3", "DeleteObject", **b, Key="only null")
    s.do("s3", "DeleteObject", **b, Key="ids")
    versioning(s, "null-data", "Enabled")
    for key in ["null middle", "ids"]:
        s.do("s3", "PutObject", **b, Key=key, Body=f"{key} again", Tagging="late=yes")
    alone = s.do("s3", "PutObject", **b, Key="marker alone", Body="gone")["VersionId"]
    s.do("s3", "DeleteObject", **b, Key="marker alone")
    s.do("s3", "DeleteObject", **b, Key="marker alone", VersionId=alone)
    s.do("s3", "DeleteObject", **b, Key="null middle")


def encryption(s):
    """Keys with aliases, rotation and policies; buckets and objects under them; a key that is disabled, and one to be deleted."""
    data = s.do("kms", "CreateKey", Description="The data's key, it's ours")["KeyMetadata"]
    s.do("kms", "CreateAlias", AliasName="alias/data", TargetKeyId=data["KeyId"])
    s.do("kms", "CreateAlias", AliasName="alias/data/second-name", TargetKeyId=data["KeyId"])
    s.do("kms", "EnableKeyRotation", KeyId=data["KeyId"], RotationPeriodInDays=180)
    other = s.do("kms", "CreateKey", Description="file://is no file")["KeyMetadata"]
    late = s.do("kms", "CreateKey")["KeyMetadata"]
    s.do("kms", "CreateAlias", AliasName="alias/late", TargetKeyId=late["KeyId"])
    s.do("iam", "CreateRole", RoleName="reader", Path="/etl/", AssumeRolePolicyDocument=trust(), Description="Reads what is under the key")
    s.do(
        "kms", "PutKeyPolicy", KeyId=other["KeyId"], PolicyName="default",
        Policy=policy(
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/etl/reader"}, "Action": "kms:Decrypt", "Resource": "*"},
        ),
    )
    s.do("iam", "PutRolePolicy", RoleName="reader", PolicyName="decrypt", PolicyDocument=policy({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": data["Arn"]}))

    def rule(bucket, default, bucket_key=False, blocked="SSE-C"):
        s.do(
            "s3", "PutBucketEncryption", Bucket=bucket,
            ServerSideEncryptionConfiguration={"Rules": [{
                "ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key, "BlockedEncryptionTypes": {"EncryptionType": [blocked]},
            }]},
        )

    s.do("s3", "CreateBucket", Bucket="kms-data")
    rule("kms-data", {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": data["Arn"]}, True)
    s.do("s3", "PutObject", Bucket="kms-data", Key="by default", Body="1")
    s.do("s3", "PutObject", Bucket="kms-data", Key="by name", Body="2", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/late")
    s.do("s3", "PutObject", Bucket="kms-data", Key="sse-s3", Body="3", ServerSideEncryption="AES256")
    s.do("s3", "PutObject", Bucket="kms-data", Key="two layers", Body="4", ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=data["KeyId"])
    s.do("s3", "CreateBucket", Bucket="kms-alias-data")
    rule("kms-alias-data", {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/data"}, False)
    s.do("s3", "PutObject", Bucket="kms-alias-data", Key="by alias", Body="5")
    s.do("s3", "CreateBucket", Bucket="open-to-sse-c")
    rule("open-to-sse-c", {"SSEAlgorithm": "AES256"}, False, "NONE")
    s.do("s3", "PutObject", Bucket="open-to-sse-c", Key="under s3's own key", Body="6", ServerSideEncryption="aws:kms")
    s.do("kms", "DisableKey", KeyId=other["KeyId"])
    doomed = s.do("kms", "CreateKey", Description="To be deleted")["KeyMetadata"]
    s.do("kms", "ScheduleKeyDeletion", KeyId=doomed["KeyId"], PendingWindowInDays=10)


def access(s):
    """Users, roles and managed policies; bucket policies that name them; public ones and ACLs, with Block Public Access as it was set."""
    s.do("iam", "CreatePolicy", PolicyName="read-lake", Path="/lake/", Description="Reads it", PolicyDocument=policy(
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]}))
    read_lake = f"arn:aws:iam::{ACCOUNT}:policy/lake/read-lake"
    s.do("iam", "CreatePolicyVersion", PolicyArn=read_lake, SetAsDefault=True, PolicyDocument=policy(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}))
    s.do("iam", "CreatePolicyVersion", PolicyArn=read_lake, PolicyDocument=policy({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}))
    s.do("iam", "CreateUser", UserName="ana", Path="/people/")
    s.do("iam", "PutUserPolicy", UserName="ana", PolicyName="home", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::lake/home/${aws:username}/*"}))
    s.do("iam", "AttachUserPolicy", UserName="ana", PolicyArn=read_lake)
    s.do("iam", "CreateRole", RoleName="etl", AssumeRolePolicyDocument=trust(), MaxSessionDuration=7200)
    s.do("iam", "AttachRolePolicy", RoleName="etl", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole")
    s.do("s3", "CreateBucket", Bucket="lake")
    s.do("s3", "PutObject", Bucket="lake", Key=f"AWSLogs/{ACCOUNT}/x", Body="the number stays in a key")
    s.do("s3", "PutBucketPolicy", Bucket="lake", Policy=policy(
        {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/people/ana", f"arn:aws:iam::{ACCOUNT}:role/etl"]},
         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}))
    s.do("s3", "CreateBucket", Bucket="website-data", ObjectOwnership="BucketOwnerPreferred")
    s.do("s3", "PutPublicAccessBlock", Bucket="website-data", PublicAccessBlockConfiguration={})
    s.do("s3", "PutBucketPolicy", Bucket="website-data", Policy=policy(
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::website-data/*"}))
    s.do("s3", "PutBucketAcl", Bucket="website-data", ACL="public-read")
    s.do("s3", "PutObject", Bucket="website-data", Key="index.html", Body="<p>it's here", ContentType="text/html", ACL="public-read")
    s.do("s3", "CreateBucket", Bucket="closed-again", ObjectOwnership="ObjectWriter")
    s.do("s3", "PutPublicAccessBlock", Bucket="closed-again", PublicAccessBlockConfiguration={"BlockPublicAcls": False, "IgnorePublicAcls": False})
    s.do("s3", "PutObject", Bucket="closed-again", Key="was public", Body="x", ACL="public-read")
    s.do("s3", "PutPublicAccessBlock", Bucket="closed-again", PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    s.do("s3", "CreateBucket", Bucket="access-logs", ObjectOwnership="BucketOwnerPreferred")
    s.do("s3", "PutBucketPolicy", Bucket="access-logs", Policy=policy(
        {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::access-logs/*"}))
    s.do("s3", "PutBucketLogging", Bucket="lake", BucketLoggingStatus={"LoggingEnabled": {
        "TargetBucket": "access-logs", "TargetPrefix": "lake/",
        "TargetGrants": [{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}, "Permission": "READ"}]}})
    # A target without ACLs, as buckets are made today: no grants.
    s.do("s3", "CreateBucket", Bucket="kept-logs")
    s.do("s3", "PutBucketPolicy", Bucket="kept-logs", Policy=policy(
        {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::kept-logs/*"}))
    s.do("s3", "PutBucketLogging", Bucket="website-data", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "kept-logs", "TargetPrefix": ""}})
    s.do("s3", "CreateBucket", Bucket="no-block")
    s.do("s3", "DeletePublicAccessBlock", Bucket="no-block")
    s.do("s3control", "PutPublicAccessBlock", AccountId=ACCOUNT, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})


def rules(s):
    """Lifecycle rules with every action and filter, in two Regions, and configurations of Intelligent-Tiering."""
    s.do("s3", "CreateBucket", Bucket="rules-data")
    versioning(s, "rules-data", "Enabled")
    s.do("s3", "PutObject", Bucket="rules-data", Key="logs/1", Body="1")
    s.do("s3", "PutBucketLifecycleConfiguration", Bucket="rules-data", LifecycleConfiguration={"Rules": [
        {"ID": "down the waterfall", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Transitions": [
            {"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}, {"Days": 365, "StorageClass": "DEEP_ARCHIVE"}],
         "Expiration": {"Days": 3650}},
        {"ID": "old versions", "Status": "Enabled", "Filter": {"And": {"Prefix": "it's \"here\"/", "Tags": [{"Key": "keep", "Value": "no"}, {"Key": "a b", "Value": ""}],
                                                                      "ObjectSizeGreaterThan": 1024, "ObjectSizeLessThan": 1048576}},
         "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER_IR", "NewerNoncurrentVersions": 3}],
         "NoncurrentVersionExpiration": {"NoncurrentDays": 60, "NewerNoncurrentVersions": 5}},
        {"ID": "markers", "Status": "Enabled", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        {"ID": "off", "Status": "Disabled", "Filter": {"Tag": {"Key": "stage", "Value": "raw"}}, "Expiration": {"Date": "2030-01-01T00:00:00Z"}},
    ]})
    s.do("s3", "PutBucketIntelligentTieringConfiguration", Bucket="rules-data", Id="archive", IntelligentTieringConfiguration={
        "Id": "archive", "Status": "Enabled", "Filter": {"And": {"Prefix": "cold/", "Tags": [{"Key": "tier", "Value": "deep"}]}},
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]})
    s.do("s3", "CreateBucket", Bucket="rules-in-ireland", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s.do("s3", "PutBucketLifecycleConfiguration", Bucket="rules-in-ireland", LifecycleConfiguration={"Rules": [
        {"ID": "before filters", "Status": "Enabled", "Prefix": "tmp/", "Expiration": {"Days": 1}}]}, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    s.do("s3", "PutObject", Bucket="rules-in-ireland", Key="k", Body="1")


def parts(s):
    """An object of a multipart upload, whose ETag says so, and an upload that was never finished."""
    s.do("s3", "CreateBucket", Bucket="parts-data")
    params = {"Bucket": "parts-data", "Key": "in parts"}
    upload = s.do("s3", "CreateMultipartUpload", **params, Metadata={"made": "of parts"}, StorageClass="STANDARD_IA", ContentType="text/plain")["UploadId"]
    etags = []
    for number, body in [(2, {"text": "0123456789abcdef", "repeat": 327680}), (5, "the rest\n")]:
        etags.append({"PartNumber": number, "ETag": s.do("s3", "UploadPart", **params, UploadId=upload, PartNumber=number, Body=body)["ETag"]})
    s.do("s3", "CompleteMultipartUpload", **params, UploadId=upload, MultipartUpload={"Parts": etags})
    s.do("s3", "CreateMultipartUpload", Bucket="parts-data", Key="never finished")


def directory(s):
    """Directory buckets of S3 Express One Zone: objects, an upload in parts, a key, a rule and a policy."""
    def made(bucket, zone):
        s.do("s3", "CreateBucket", Bucket=bucket, CreateBucketConfiguration={
            "Location": {"Type": "AvailabilityZone", "Name": zone}, "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}})

    name = "hot--use1-az4--x-s3"
    made(name, "use1-az4")
    for key in ["a.csv", "d/b.csv", "d/it's c.csv"]:
        s.do("s3", "PutObject", Bucket=name, Key=key, Body=f"body of {key}\n", Metadata={"n": "1"}, CacheControl="max-age=60")
    s.do("s3", "PutBucketLifecycleConfiguration", Bucket=name, LifecycleConfiguration={"Rules": [
        {"ID": "tmp", "Status": "Enabled", "Filter": {"And": {"Prefix": "tmp/", "ObjectSizeGreaterThan": 10}}, "Expiration": {"Days": 3}},
        {"ID": "parts", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]})
    s.do("s3", "PutBucketPolicy", Bucket=name, Policy=policy(
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "s3express:CreateSession",
         "Resource": f"arn:aws:s3express:us-east-1:{ACCOUNT}:bucket/{name}", "Condition": {"StringEquals": {"s3express:SessionMode": "ReadOnly"}}}))
    key = s.do("kms", "CreateKey", Description="of the hot bucket")["KeyMetadata"]["Arn"]
    made("keyed--use1-az6--x-s3", "use1-az6")
    s.do("s3", "PutBucketEncryption", Bucket="keyed--use1-az6--x-s3", ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, "BucketKeyEnabled": True}]})
    s.do("s3", "PutObject", Bucket="keyed--use1-az6--x-s3", Key="k", Body="under a key")


def nothing(s):
    """An account without anything."""


def drawn(seed, statuses):
    anything = "Suspended" in statuses

    def scenario(s):
        draw = random.Random(seed)
        buckets = [f"drawn-{seed}-{number}" for number in range(2)]
        for bucket in buckets:
            s.do("s3", "CreateBucket", Bucket=bucket)
        keys = draw.sample(AWKWARD, 4)
        # Ids of what was put, oldest first. Where moto comes along, a key's oldest version stays: moto has no delete marker alone.
        chains = {}
        for step in range(32):
            bucket, key = draw.choice(buckets), draw.choice(keys)
            chain = chains.setdefault((bucket, key), [])
            act = draw.random()
            if act < 0.12:
                versioning(s, bucket, draw.choice(statuses))
            elif act < 0.28:
                if anything or chain and chain[0] != "null":
                    s.do("s3", "DeleteObject", Bucket=bucket, Key=key)
            elif act < 0.36:
                known = [version for version in chain[0 if anything else 1:] if version != "null"]
                if known:
                    version = draw.choice(known)
                    chain.remove(version)
                    s.do("s3", "DeleteObject", Bucket=bucket, Key=key, VersionId=version)
            else:
                params = {"Bucket": bucket, "Key": key, "Body": f"{seed} {step}\n" * draw.randrange(1, 4)}
                if draw.random() < 0.4:
                    params["StorageClass"] = draw.choice(["STANDARD_IA", "GLACIER", "INTELLIGENT_TIERING"])
                if draw.random() < 0.4:
                    params["Metadata"] = {"step": str(step)}
                if draw.random() < 0.4:
                    params["Tagging"] = f"step={step}"
                chain.append(s.do("s3", "PutObject", **params).get("VersionId", "null"))
    scenario.__doc__ = f"Two buckets and four keys, 32 acts drawn from seed {seed}; versioning {' and '.join(statuses).lower()}."
    return scenario


SCENARIOS = {
    "objects": objects,
    "versions": versions,
    "suspended": suspended,
    "encryption": encryption,
    "access": access,
    "rules": rules,
    "parts": parts,
    "directory": directory,
    "nothing": nothing,
    "drawn-1": drawn(1, ["Enabled"]),
    "drawn-2": drawn(2, ["Enabled"]),
    "drawn-3": drawn(3, ["Enabled", "Suspended"]),
}

# In these, buckets are written to while their versioning is suspended, keys have line breaks, delete markers stand alone, or buckets are directory buckets.
NOT_FOR_MOTO = {"suspended", "drawn-3", "directory"}
