"""The storage of an account as data that two accounts can be compared by: what differs by nature (ids, times) is named in its order or left out."""

import base64
import hashlib
import json


class Missing(Exception):
    """An error of the API, by its code."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


NOT_TOLD = "not told"

ABSENT = {
    "NoSuchBucketPolicy", "NoSuchLifecycleConfiguration", "NoSuchTagSet", "NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError", "NoSuchConfiguration",
}


def read(call, account, is_moto=False, order=None):
    """Reads by `call(service, operation, region, **params)`. `account`: its number.

    `is_moto`: the server answers for versions only while versioning is enabled, and holds its owner to policies whose conditions it does not read. So both are changed
    once they are noted down. `order(bucket, key)`: ids of a key's versions, the oldest first, where their times do not tell.
    """
    keys = read_keys(call, account)
    names = {key["id"]: f"<key {key['sort']}>" for key in keys}

    def neutral(value):
        text = json.dumps(value, sort_keys=True)
        for key, name in names.items():
            text = text.replace(key, name)
        return json.loads(text.replace(account, "<account>"))

    state = {}
    for bucket in call("s3", "ListBuckets").get("Buckets", []):
        read_bucket(call, bucket["Name"], state, neutral, names, is_moto, order)
    # moto has none.
    for bucket in [] if is_moto else call("s3", "ListDirectoryBuckets").get("Buckets", []):
        read_directory(call, bucket["Name"], state, neutral, names)
    for key in keys:
        name = names[key["id"]]
        for what in ["Description", "KeyState", "aliases"]:
            state[f"key {name}", what] = key[what]
        state[f"key {name}", "rotation"], state[f"key {name}", "rotation days"] = key["rotation"]
        state[f"key {name}", "policy"] = neutral(key["policy"])
    read_identities(call, state, neutral)
    try:
        block = call("s3control", "GetPublicAccessBlock", AccountId=account)
        state["account", "public access"] = switches(block)
    except Missing as missing:
        state["account", "public access"] = missing.code
    return state


def switches(answer):
    given = answer["PublicAccessBlockConfiguration"]
    return {name: given.get(name, False) for name in ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]}


def read_keys(call, account):
    aliases = {}
    for alias in call("kms", "ListAliases").get("Aliases", []):
        if "TargetKeyId" in alias and not alias["AliasName"].startswith("alias/aws/"):
            aliases.setdefault(alias["TargetKeyId"], []).append(alias["AliasName"])
    keys = []
    for key in call("kms", "ListKeys").get("Keys", []):
        data = call("kms", "DescribeKey", KeyId=key["KeyId"])["KeyMetadata"]
        if data["KeyManager"] != "CUSTOMER":
            continue
        rotation = (None, None)
        if data["KeyState"] == "Enabled":
            answer = call("kms", "GetKeyRotationStatus", KeyId=key["KeyId"])
            rotation = (answer["KeyRotationEnabled"], answer.get("RotationPeriodInDays"))
        named = sorted(aliases.get(key["KeyId"], []))
        keys.append({
            "id": key["KeyId"],
            "sort": " ".join(named) or data.get("Description", ""),
            "Description": data.get("Description", ""),
            "KeyState": data["KeyState"],
            "aliases": named,
            "rotation": rotation,
            "policy": json.loads(call("kms", "GetKeyPolicy", KeyId=key["KeyId"], PolicyName="default")["Policy"]),
        })
    return sorted(keys, key=lambda key: key["sort"])


def document(value):
    return json.loads(value) if isinstance(value, str) else value


def read_identities(call, state, neutral):
    for kind, listed, name in [("Role", "Roles", "RoleName"), ("User", "Users", "UserName")]:
        for one in call("iam", f"List{kind}s").get(listed, []):
            who = {name: one[name]}
            entry = f"{kind.lower()} {one[name]}"
            state[entry, "path"] = one["Path"]
            if kind == "Role":
                role = call("iam", "GetRole", **who)["Role"]
                state[entry, "trust"] = neutral(document(role["AssumeRolePolicyDocument"]))
                state[entry, "session"] = role.get("MaxSessionDuration", 3600)
                state[entry, "description"] = role.get("Description", "")
            state[entry, "inline"] = {
                policy: neutral(document(call("iam", f"Get{kind}Policy", **who, PolicyName=policy)["PolicyDocument"]))
                for policy in sorted(call("iam", f"List{kind}Policies", **who)["PolicyNames"])
            }
            attached = call("iam", f"ListAttached{kind}Policies", **who)["AttachedPolicies"]
            state[entry, "attached"] = sorted(neutral(policy["PolicyArn"]) for policy in attached)
    for policy in call("iam", "ListPolicies", Scope="Local").get("Policies", []):
        version = call("iam", "GetPolicyVersion", PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        state[f"policy {policy['PolicyName']}", "document"] = neutral(document(version["Document"]))
        state[f"policy {policy['PolicyName']}", "path"] = policy["Path"]
        # Numbers begin anew; order and which is the default do not.
        listed = call("iam", "ListPolicyVersions", PolicyArn=policy["Arn"])["Versions"]
        listed.sort(key=lambda version: int(version["VersionId"][1:]))
        documents = [call("iam", "GetPolicyVersion", PolicyArn=policy["Arn"], VersionId=version["VersionId"])["PolicyVersion"] for version in listed]
        state[f"policy {policy['PolicyName']}", "versions"] = [(version["IsDefaultVersion"], neutral(document(version["Document"]))) for version in documents]


def read_bucket(call, name, state, neutral, names, is_moto, order):
    entry = f"bucket {name}"
    where = call("s3", "GetBucketLocation", Bucket=name).get("LocationConstraint") or "us-east-1"
    state[entry, "region"] = where

    def get(what, operation, take, **params):
        try:
            state[entry, what] = take(call("s3", operation, region=where, Bucket=name, **params))
        except Missing as missing:
            if missing.code not in ABSENT:
                raise
            state[entry, what] = "none"

    get("versioning", "GetBucketVersioning", lambda a: a.get("Status", "none"))
    if is_moto:
        call("s3", "PutBucketVersioning", region=where, Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    get("ownership", "GetBucketOwnershipControls", lambda a: a["OwnershipControls"]["Rules"])
    get("public access", "GetPublicAccessBlock", switches)
    get("tags", "GetBucketTagging", lambda a: sorted((tag["Key"], tag["Value"]) for tag in a["TagSet"]))
    get("policy", "GetBucketPolicy", lambda a: neutral(json.loads(a["Policy"])))
    if is_moto and state[entry, "policy"] != "none":
        call("s3", "DeleteBucketPolicy", region=where, Bucket=name)
    get("acl", "GetBucketAcl", grants)
    get("logging", "GetBucketLogging", lambda a: logging(a.get("LoggingEnabled")))
    get("encryption", "GetBucketEncryption", lambda a: neutral(encryption(a)))
    get("lifecycle", "GetBucketLifecycleConfiguration", lambda a: [rule(r) for r in a["Rules"]])
    get("lifecycle minimum", "GetBucketLifecycleConfiguration", lambda a: a.get("TransitionDefaultMinimumObjectSize"))
    get("tiering", "ListBucketIntelligentTieringConfigurations", lambda a: sorted(a.get("IntelligentTieringConfigurationList", []), key=lambda c: c["Id"]))
    listed = call("s3", "ListObjectVersions", region=where, Bucket=name)
    assert not listed.get("IsTruncated"), "more versions than a page"
    chains = {}
    for kind in ["Versions", "DeleteMarkers"]:
        for version in listed.get(kind, []):
            chains.setdefault(version["Key"], []).append((version["LastModified"], kind, version))
    for key, chain in chains.items():
        latest = [version["VersionId"] for _, _, version in chain if version["IsLatest"]]
        # One of each kind comes newest first; across kinds the times decide, and what is the latest is the last.
        chain.reverse()
        if order:
            ids = order(name, key)
            chain.sort(key=lambda entry: ids.index(entry[2]["VersionId"]) if entry[2]["VersionId"] in ids else -1)
        else:
            chain.sort(key=lambda entry: str(entry[0]))
        state[f"object {name}/{key}", "versions"] = len(chain)
        state[f"object {name}/{key}", "latest"] = [index for index, (_, _, version) in enumerate(chain) if version["VersionId"] in latest]
        for index, (_, kind, version) in enumerate(chain):
            here = (f"object {name}/{key}", f"version {index + 1}")
            null = version["VersionId"] == "null"
            if kind == "DeleteMarkers":
                state[here] = {"marker": True, "null": null}
                continue
            where_it_is = {"Bucket": name, "Key": key, "VersionId": version["VersionId"]}
            head = call("s3", "HeadObject", region=where, **where_it_is)
            tags = told(lambda: sorted((tag["Key"], tag["Value"]) for tag in call("s3", "GetObjectTagging", region=where, **where_it_is)["TagSet"]))
            acl = told(lambda: grants(call("s3", "GetObjectAcl", region=where, **where_it_is)))
            state[here] = neutral({
                "null": null,
                "size": version["Size"],
                "class": version["StorageClass"],
                "etag": version["ETag"] if head.get("ServerSideEncryption", "AES256") == "AES256" else "of its own",
                "headers": {h: head[h] for h in ["ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage"] if h in head},
                "metadata": head.get("Metadata", {}),
                "tags": tags,
                "encryption": head.get("ServerSideEncryption", "AES256"),
                "key": key_of(head, names),
                "bucket key": head.get("BucketKeyEnabled", False),
                "acl": acl,
                "content": content(call, where, where_it_is),
            })


def read_directory(call, name, state, neutral, names):
    entry = f"bucket {name}"
    head = call("s3", "HeadBucket", Bucket=name)
    state[entry, "region"], state[entry, "zone"] = head["BucketRegion"], head["BucketLocationName"]
    for what, operation, take in [
        ("encryption", "GetBucketEncryption", lambda a: neutral(encryption(a))),
        ("policy", "GetBucketPolicy", lambda a: neutral(json.loads(a["Policy"]))),
        ("lifecycle", "GetBucketLifecycleConfiguration", lambda a: [rule(r) for r in a["Rules"]]),
    ]:
        try:
            state[entry, what] = take(call("s3", operation, Bucket=name))
        except Missing as missing:
            if missing.code not in ABSENT:
                raise
            state[entry, what] = "none"
    for found in call("s3", "ListObjectsV2", Bucket=name).get("Contents", []):
        where = {"Bucket": name, "Key": found["Key"]}
        head = call("s3", "HeadObject", **where)
        state[f"object {name}/{found['Key']}", "versions"] = 1
        state[f"object {name}/{found['Key']}", "version 1"] = neutral({
            "size": found["Size"],
            "class": found["StorageClass"],
            "headers": {h: head[h] for h in ["ContentType", "CacheControl"] if h in head},
            "metadata": head.get("Metadata", {}),
            "encryption": head["ServerSideEncryption"],
            "key": key_of(head, names),
            "content": content(call, None, where),
        })


def key_of(head, names):
    if head.get("ServerSideEncryption") == "aws:kms:dsse" and "SSEKMSKeyId" not in head:
        # moto
        return NOT_TOLD
    return next((key for key in names if key in head.get("SSEKMSKeyId", "")), None)


def told(read):
    """What is read, or that it is not told: moto refuses the tags and the ACL of an archived object, and breaks at the ACL of one made of parts."""
    try:
        return read()
    except Missing as missing:
        if missing.code not in {"InvalidObjectState", "500"}:
            raise
        return NOT_TOLD


def content(call, region, where):
    try:
        body = call("s3", "GetObject", region=region, **where).get("Body", "")
    except Missing as missing:
        # Archived, or under a key that is disabled: the ETag and the size stand for it.
        return missing.code
    data = base64.b64decode(body) if isinstance(body, str) else body.read()
    return hashlib.sha256(data).hexdigest()


def grants(answer):
    return sorted((grant["Permission"], grant["Grantee"].get("URI", "owner")) for grant in answer["Grants"])


def logging(enabled):
    if not enabled:
        return "none"
    given = [(grant["Grantee"].get("URI", "an account"), grant["Permission"]) for grant in enabled.get("TargetGrants", [])]
    return {"to": enabled["TargetBucket"], "prefix": enabled.get("TargetPrefix", ""), "grants": sorted(given), "format": enabled.get("TargetObjectKeyFormat")}


def encryption(answer):
    rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]
    default = rule["ApplyServerSideEncryptionByDefault"]
    return {
        "algorithm": default["SSEAlgorithm"],
        "key": default.get("KMSMasterKeyID"),
        "bucket key": rule.get("BucketKeyEnabled", False),
        "blocked": rule.get("BlockedEncryptionTypes", {}).get("EncryptionType"),
    }


def rule(given):
    given = json.loads(json.dumps(given, default=lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ")))
    inner = given.get("Filter", {}).get("And", {})
    for tag in inner.get("Tags", []):
        tag.setdefault("Value", "")
    if "Tags" in inner:
        inner["Tags"].sort(key=lambda tag: tag["Key"])
    return given
