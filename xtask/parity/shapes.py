"""Shapes against botocore's service models.

For every operation of a model: one that the account does not do answers NotImplemented by its name; one that it does takes the model's members and no others, and says
what is wrong with a request in botocore's words. Every answer that the scenarios got fits the operation's output shape. Every error code of S3 in the source is one of
the model or of AWS's list ("Error responses", Amazon S3 API reference).
"""

import pathlib
import re

import botocore.session
from botocore.validate import ParamValidator

from scenarios import ACCOUNT, SCENARIOS
from sluice import Refused, Sluice

# Services whose every operation is looked at, and those of which only what is offered is.
WHOLE = ["s3", "s3control", "kms", "iam"]
PARTS = ["glue", "cloudtrail"]

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "crates/core/src/storage/s3"

# Codes of the S3 API reference's list that no operation of the model declares, and HTTP's statuses, which are the codes of HEAD requests and of 304.
DOCUMENTED = set("""
AccessControlListNotSupported AccessDenied BadDigest BadRequest BucketNotEmpty CrossLocationLoggingProhibited EntityTooLarge EntityTooSmall IllegalLocationConstraintException IllegalVersioningConfigurationException IncompleteBody
InternalError InvalidArgument InvalidBucketAclWithBlockPublicAccessError InvalidBucketAclWithObjectOwnership InvalidBucketName InvalidBucketState InvalidDigest
InvalidEncryptionAlgorithmError InvalidLocationConstraint InvalidNamespaceHeader InvalidObjectState InvalidPart InvalidPartNumber InvalidPartOrder InvalidRange
InvalidRequest InvalidStorageClass InvalidTag InvalidTargetBucketForLogging InvalidURI KeyTooLongError MalformedACLError MalformedPolicy MalformedXML MetadataTooLarge
MethodNotAllowed MissingSecurityHeader NoSuchBucket NoSuchBucketPolicy NoSuchConfiguration NoSuchKey NoSuchLifecycleConfiguration NoSuchPublicAccessBlockConfiguration
NoSuchTagSet NoSuchUpload NoSuchVersion NotImplemented NotModified OwnershipControlsNotFoundError PolicyTooLarge PreconditionFailed RestoreAlreadyInProgress
ServerSideEncryptionConfigurationNotFoundError TooManyBuckets TooManyConfigurations UnexpectedContent UnresolvableGrantByEmailAddress
304 400 403 404 405 412 416
""".split())
# Ours: botocore refuses such a request before it is sent, and the AWS CLI calls that ParamValidation.
OURS = {"ParamValidation"}


def sample(shape, depth=0):
    """A value of a shape, with all its members."""
    kind = shape.type_name
    if kind == "structure":
        if shape.metadata.get("eventstream") or depth > 6:
            return {}
        members = list(shape.members.items())
        if shape.metadata.get("union") or getattr(shape, "is_tagged_union", False):
            members = members[:1]
        return {name: sample(member, depth + 1) for name, member in members}
    if kind == "list":
        return [sample(shape.member, depth + 1)] if depth <= 6 else []
    if kind == "map":
        return {"k": sample(shape.value, depth + 1)} if depth <= 6 else {}
    if kind == "string":
        if shape.enum:
            return shape.enum[0]
        return "x" * max(1, shape.metadata.get("min", 1))
    return {"integer": 1, "long": 1, "boolean": True, "blob": "eA==", "timestamp": "2026-01-01T00:00:00Z", "double": 1.5, "float": 1.5}[kind]


def faults_of_output(value, shape, path):
    kind = shape.type_name
    if value is None:
        # GetBucketLocation says us-east-1 so.
        return [] if path.endswith(".LocationConstraint") else [f"{path} is null"]
    types = {"string": str, "integer": int, "long": int, "boolean": bool, "timestamp": str, "double": (int, float), "float": (int, float), "blob": str,
             "structure": dict, "list": list, "map": dict}
    if not isinstance(value, types[kind]) or kind in ("integer", "long") and isinstance(value, bool):
        # The parsers of botocore make a document of a policy that travels as text.
        if kind == "string" and isinstance(value, dict) and path.endswith("Document"):
            return []
        return [f"{path} is {type(value).__name__}, not {kind}"]
    if kind == "structure":
        found = []
        for name, inner in value.items():
            if name not in shape.members:
                found.append(f"{path}.{name} is no member")
            else:
                found += faults_of_output(inner, shape.members[name], f"{path}.{name}")
        for name in shape.required_members:
            if name not in value:
                found.append(f"{path}.{name} is missing")
        return found
    if kind == "list":
        return [fault for item in value for fault in faults_of_output(item, shape.member, f"{path}[]")]
    if kind == "map":
        return [fault for item in value.values() for fault in faults_of_output(item, shape.value, f"{path}{{}}")]
    # ObjectVersionStorageClass lists STANDARD alone, and S3 answers the class that the version has.
    if kind == "string" and shape.enum and value not in shape.enum and shape.name != "ObjectVersionStorageClass":
        return [f"{path} is {value!r}, which the model does not list"]
    if kind == "timestamp" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
        return [f"{path} is no ISO 8601 time: {value}"]
    return []


def refusal(session, service, operation, params):
    try:
        session.send(service, operation, params)
    except Refused as refused:
        return refused
    return None


def members(model):
    return list(model.input_shape.members) if model.input_shape else []


def requests(session, service, model, faults):
    """Whether an operation is offered, and what its members lack."""
    name = model.name
    empty = refusal(session, service, name, {})
    if empty is not None and empty.code == "NotImplemented":
        if name not in empty.message:
            faults.append(f"{service}:{name} answers NotImplemented without its name: {empty.message}")
        return False
    # The members of a request that the account knows, by its own words about one that it does not know.
    bogus = {"Bogus": 1}
    for given, what in [({}, "nothing"), (bogus, "an unknown member")]:
        said = refusal(session, service, name, given)
        expected = ParamValidator().validate(dict(given), model.input_shape).generate_report() if model.input_shape else ""
        if expected:
            wanted = f"Parameter validation failed:\n{expected}"
            text = said.message if said else "an answer"
            # Of Glue the members are compared, and not which of them a newer model requires, nor their order.
            if (member_list(text) != member_list(wanted)) if service in PARTS else sorted(text.splitlines()) != sorted(wanted.splitlines()):
                faults.append(f"{service}:{name} with {what}: {difference(text, wanted)}")
        elif said is not None and said.code == "ParamValidation":
            faults.append(f"{service}:{name} with {what}: {said.message}, and botocore finds nothing")
    if model.input_shape:
        whole = refusal(session, service, name, sample(model.input_shape))
        unknown = [line for line in (whole.message.splitlines() if whole else []) if line.startswith("Unknown parameter")]
        faults += [f"{service}:{name}: {line[:160]}" for line in unknown]
    return True


def member_list(text):
    """The members that a report lists as the choices; `None`: it lists none."""
    found = re.findall(r"must be one of: (.*)$", text, re.M)
    return set(found[0].split(", ")) if found else None


def difference(text, wanted):
    """What two lists of members differ in, where that is all."""
    listed = [member_list(text), member_list(wanted)]
    if None not in listed and listed[0] != listed[1]:
        return f"missing {sorted(listed[1] - listed[0])}, too many {sorted(listed[0] - listed[1])}"
    return f"{text!r}, and botocore says {wanted!r}"


class Recorder:
    """Calls as `Sluice` makes them, whose answers are held against the model."""

    def __init__(self, session, models, faults):
        self.session, self.models, self.faults, self.answers = session, models, faults, {}

    def look(self, service, operation, response):
        if service not in self.models or operation not in self.models[service].operation_names:
            return
        shape = self.models[service].operation_model(operation).output_shape
        self.answers.setdefault((service, operation), 0)
        self.answers[service, operation] += 1
        if shape is None:
            found = [f"members where the model has none: {sorted(response)}"] if response else []
        else:
            found = faults_of_output(response, shape, "")
        for fault in found:
            text = f"{service}:{operation} answers {fault}"
            if text not in self.faults:
                self.faults.append(text)


def documented(faults):
    declared = set()
    model = botocore.session.get_session().get_service_model("s3")
    for name in model.operation_names:
        declared |= {shape.metadata.get("error", {}).get("code", shape.name) for shape in model.operation_model(name).error_shapes}
    used = set()
    for file in SOURCE.rglob("*.rs"):
        used |= set(re.findall(r'ApiError::new\(\s*"([A-Za-z0-9]+)"', file.read_text(encoding="utf-8")))
    for code in sorted(used - declared - DOCUMENTED - OURS):
        faults.append(f"s3 has the error code {code}, which neither the model nor the API reference lists")
    return len(used)


def run(binary):
    from state import read, Missing

    faults, lines = [], []
    models = {service: botocore.session.get_session().get_service_model(service) for service in WHOLE + PARTS}
    offered = {}
    session = Sluice(binary)
    for service, model in models.items():
        offered[service] = [name for name in model.operation_names if requests(session, service, model.operation_model(name), faults)]
    session.close()
    answered = {}
    for scenario in SCENARIOS.values():
        session = Sluice(binary)
        recorder = Recorder(session, models, faults)
        send = session.send

        def recorded(service, operation, params, send=send, recorder=recorder):
            response = send(service, operation, params)
            recorder.look(service, operation, response)
            return response

        session.send = recorded
        scenario(session)

        def call(service, operation, region=None, session=session, **params):
            try:
                return session.send(service, operation, params)
            except Refused as refused:
                raise Missing(refused.code) from refused

        read(call, ACCOUNT)
        others(session)
        for key, count in recorder.answers.items():
            answered[key] = answered.get(key, 0) + count
        session.close()
    codes = documented(faults)
    lines += ["| service | operations of the model | offered | the rest | answers held against the model |", "|---|---|---|---|---|"]
    for service in WHOLE + PARTS:
        count = len(models[service].operation_names)
        seen = sum(1 for (of, _) in answered if of == service)
        rest = "NotImplemented by name" if len(offered[service]) < count else ""
        lines.append(f"| {service} | {count} | {len(offered[service])} | {rest} | of {seen} operations |")
    unseen = {service: [name for name in offered[service] if (service, name) not in answered] for service in WHOLE}
    lines += ["", "An offered operation takes the members of the model and no others, and refuses in botocore's words a request that lacks some or has another; its answers have",
              "the model's members, types and enums (but ObjectVersionStorageClass, which lists STANDARD alone)."]
    lines += ["", f"{codes} error codes of S3 stand in the source; each is one of the model or of the API reference's list."]
    for service, names in unseen.items():
        if names:
            lines.append(f"No answer was looked at of {service}: {', '.join(names)}.")
    lines.append("")
    lines.append(f"Differences: {len(faults) or 'none'}.")
    return lines, faults


def others(session):
    """Reads and deletions that exports need not, over whatever the scenario made."""
    def attempt(service, operation, **params):
        try:
            return session.send(service, operation, params)
        except Refused:
            return {}

    attempt("s3", "CreateBucket", Bucket="other-things")
    at = {"Bucket": "other-things"}
    attempt("s3", "PutBucketVersioning", **at, VersioningConfiguration={"Status": "Enabled"})
    attempt("s3", "PutObject", **at, Key="k", Body="eA==", Tagging="a=b")
    attempt("s3", "PutObject", **at, Key="cold", Body="eA==", StorageClass="GLACIER")
    attempt("s3", "RestoreObject", **at, Key="cold", RestoreRequest={"Days": 1})
    for operation in ["HeadObject", "GetObject", "GetObjectTagging", "GetObjectAcl"]:
        attempt("s3", operation, **at, Key="k")
    attempt("s3", "HeadObject", **at, Key="cold")
    attempt("s3", "GetObjectAttributes", **at, Key="k", ObjectAttributes=["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"])
    attempt("s3", "PutObjectTagging", **at, Key="k", Tagging={"TagSet": [{"Key": "c", "Value": "d"}]})
    attempt("s3", "DeleteObjectTagging", **at, Key="k")
    for operation in ["HeadBucket", "ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads", "GetBucketLocation", "GetBucketPolicyStatus"]:
        attempt("s3", operation, **at)
    attempt("s3", "ListObjectsV2", **at, Delimiter="/", FetchOwner=True, StartAfter="a", OptionalObjectAttributes=["RestoreStatus"])
    upload = attempt("s3", "CreateMultipartUpload", **at, Key="parts").get("UploadId", "")
    attempt("s3", "UploadPart", **at, Key="parts", UploadId=upload, PartNumber=1, Body="eA==")
    attempt("s3", "UploadPartCopy", **at, Key="parts", UploadId=upload, PartNumber=2, CopySource="other-things/k")
    attempt("s3", "ListParts", **at, Key="parts", UploadId=upload)
    attempt("s3", "ListMultipartUploads", **at)
    attempt("s3", "AbortMultipartUpload", **at, Key="parts", UploadId=upload)
    attempt("s3", "CopyObject", **at, Key="copy", CopySource="other-things/k")
    attempt("s3", "PutBucketPolicy", **at, Policy='{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::other-things/x"}]}')
    attempt("s3", "GetBucketPolicyStatus", **at)
    attempt("s3", "PutBucketIntelligentTieringConfiguration", **at, Id="i", IntelligentTieringConfiguration={
        "Id": "i", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]})
    attempt("s3", "GetBucketIntelligentTieringConfiguration", **at, Id="i")
    attempt("s3", "DeleteBucketIntelligentTieringConfiguration", **at, Id="i")
    for operation in ["DeleteBucketPolicy", "DeleteBucketTagging", "DeleteBucketLifecycle", "DeleteBucketEncryption", "DeletePublicAccessBlock", "DeleteBucketOwnershipControls"]:
        attempt("s3", operation, **at)
    attempt("s3", "PutBucketOwnershipControls", **at, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    attempt("s3", "PutObjectAcl", **at, Key="k", ACL="private")
    zone = {"Location": {"Type": "AvailabilityZone", "Name": "use1-az5"}, "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}}
    express = {"Bucket": "other--use1-az5--x-s3"}
    attempt("s3", "CreateBucket", **express, CreateBucketConfiguration=zone)
    attempt("s3", "CreateSession", **express)
    attempt("s3", "HeadBucket", **express)
    attempt("s3", "PutObject", **express, Key="d/k", Body="eA==")
    attempt("s3", "ListObjectsV2", **express, Delimiter="/")
    attempt("s3", "DeleteObject", **express, Key="d/k")
    attempt("s3", "ListDirectoryBuckets")
    attempt("s3", "DeleteBucket", **express)
    attempt("s3", "DeleteObjects", **at, Delete={"Objects": [{"Key": "copy"}, {"Key": "never"}]})
    attempt("s3", "DeleteObject", **at, Key="k")
    attempt("s3control", "DeletePublicAccessBlock", AccountId=ACCOUNT)
    key = attempt("kms", "CreateKey").get("KeyMetadata", {}).get("KeyId", "")
    attempt("kms", "CreateAlias", AliasName="alias/other", TargetKeyId=key)
    for operation in ["DescribeKey", "EnableKeyRotation", "GetKeyRotationStatus", "RotateKeyOnDemand", "ListKeyRotations", "DisableKeyRotation", "ListResourceTags",
                      "ListKeyPolicies", "DisableKey", "EnableKey", "ListAliases"]:
        attempt("kms", operation, KeyId=key)
    attempt("kms", "GetKeyPolicy", KeyId=key)
    attempt("kms", "UpdateAlias", AliasName="alias/other", TargetKeyId=key)
    attempt("kms", "UpdateKeyDescription", KeyId=key, Description="other")
    attempt("kms", "DeleteAlias", AliasName="alias/other")
    attempt("kms", "ScheduleKeyDeletion", KeyId=key)
    attempt("kms", "CancelKeyDeletion", KeyId=key)
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    attempt("iam", "CreateUser", UserName="other")
    for operation in ["GetUser", "ListUserPolicies", "ListAttachedUserPolicies"]:
        attempt("iam", operation, UserName="other")
    attempt("iam", "PutUserPolicy", UserName="other", PolicyName="p", PolicyDocument=document)
    attempt("iam", "GetUserPolicy", UserName="other", PolicyName="p")
    attempt("iam", "DeleteUserPolicy", UserName="other", PolicyName="p")
    arn = attempt("iam", "CreatePolicy", PolicyName="other", PolicyDocument=document).get("Policy", {}).get("Arn", "")
    for operation in ["GetPolicy", "ListEntitiesForPolicy", "ListPolicyVersions"]:
        attempt("iam", operation, PolicyArn=arn)
    attempt("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document)
    attempt("iam", "SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v2")
    attempt("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId="v1")
    attempt("iam", "AttachUserPolicy", UserName="other", PolicyArn=arn)
    attempt("iam", "DetachUserPolicy", UserName="other", PolicyArn=arn)
    attempt("iam", "DeletePolicy", PolicyArn=arn)
    attempt("iam", "DeleteUser", UserName="other")
    attempt("cloudtrail", "LookupEvents")
