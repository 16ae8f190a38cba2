"""What is compared, and what is not, each with its reason. A difference that no rule here names is a fault of one side, and the run fails."""

import re

# Operations that kinesalite answers with UnknownOperationException, or does not have.
LACKS = [
    "UpdateShardCount", "RegisterStreamConsumer", "DeregisterStreamConsumer", "DescribeStreamConsumer", "ListStreamConsumers", "SubscribeToShard", "DescribeLimits",
    "EnableEnhancedMonitoring", "DisableEnhancedMonitoring", "StartStreamEncryption", "StopStreamEncryption", "UpdateStreamMode", "UpdateMaxRecordSize",
    "TagResource", "UntagResource", "ListTagsForResource",
]

# Members of today's model that kinesalite's answers do not have.
NEWER = {
    "StreamModeDetails": "capacity modes", "StreamSummaries": "ListStreams since 2022", "NextToken": "ListStreams since 2022", "ConsumerCount": "consumers",
    "MaxRecordSizeInKiB": "record sizes above 1 MiB", "ChildShards": "GetRecords since 2020", "KeyId": "encryption",
}
# Says how far behind the tip a reader is; kinesalite says 0 but at the end of a closed shard.
LOOSE = {"MillisBehindLatest"}
# Instants differ by the two seconds that kinesalite puts its streams back.
INSTANTS = {"StreamCreationTimestamp", "ApproximateArrivalTimestamp"}

AWAY = [
    "the limits that throttle (a second passes before each call): kinesalite has none",
    "records and calls above 1 MiB and 5 MiB: kinesalite has the limits of before 2025",
    "retention above 168 hours, more than 10 tags a call: kinesalite has the limits of before 2020",
    "DescribeStream with Limit or ExclusiveStartShardId, ListShards with MaxResults, NextToken or ShardFilter: kinesalite ignores them",
    "AT_TIMESTAMP after a shard's last record: kinesalite never answers",
    "iterators of a stream that was deleted and made again: kinesalite reads on in the new stream",
    "DeleteStream, tags and retention while a stream is CREATING or UPDATING: what kinesalite does later to the old stream overwrites the new one",
    "splitting or merging a shard that was split or merged: kinesalite does it again, where AWS refuses",
    "fractions where a whole number is asked for: kinesalite rounds them down",
    "sequence numbers of the two formats before version 2, which kinesalite still reads",
    "hash keys and sequence numbers with leading zeros, signs or too many digits: kinesalite's patterns, which have a bar, are anchored on one side of it alone",
    "partition keys of at most 256 characters that are more than 256 units of UTF-16, which kinesalite counts (the model says characters)",
    "StreamARN, capacity modes, encryption: kinesalite is older",
]

LONG = re.compile(r"\b\d{40,60}\b")


def plain(value, rank):
    """An answer without what cannot be the same. `rank(text)` names a sequence number."""
    if isinstance(value, dict):
        shown = {}
        for name, one in value.items():
            if name in NEWER or name in INSTANTS or name in LOOSE or one is None:
                continue
            if name in ("SequenceNumber", "StartingSequenceNumber", "EndingSequenceNumber"):
                shown[name] = rank(name, one)
            elif name in ("ShardIterator", "NextShardIterator"):
                shown[name] = "an iterator"
            else:
                shown[name] = plain(one, rank)
        return shown
    if isinstance(value, list):
        return [plain(one, rank) for one in value]
    return value


def message(text):
    """A message without sequence numbers and instants, which each side has of its own."""
    text = LONG.sub("N", text)
    text = re.sub(r"(created at time|right now it is) .*? (while|which)", r"\1 T \2", text)
    return re.sub(r"\b1[67]\d{8,13}(\.\d+)?\b", "T", text)


CLIENT = "the client's check comes first: botocore refuses it as ParamValidation before it is sent, kinesalite says ValidationException or SerializationException"

END = "the end of a closed shard: there is no NextShardIterator from the answer with its last records on; kinesalite gives one until an answer is empty"
DELETING = "reading a stream that is DELETING: its shards are gone with us; kinesalite has forgotten the records and answers an empty list (AWS: it may still be read until it is gone)"
AFTER = "an ExclusiveStartShardId of ListShards that names no shard: kinesalite compares texts and does not look"
BOTH = "AT_TIMESTAMP with a StartingSequenceNumber, which kinesalite takes for AFTER_SEQUENCE_NUMBER"
KEYLESS = "PutRecord without PartitionKey, which today's model does not require: the stream is looked at first, since it decides"
ARN = "a call without StreamName: since there is StreamARN, the model does not require it"


def shown_records(answer):
    return answer.response.get("Records")


def excuse(operation, params, ours, theirs, shown):
    """The name of the rule by which two answers may differ, or None."""
    mine = ours.error[0] if ours.error else None
    other = theirs.error[0] if theirs.error else None
    if mine == "ParamValidation" and other in ("ValidationException", "SerializationException"):
        return CLIENT
    if mine == "InvalidArgumentException" and ours.error[1].startswith("Either StreamName or StreamARN") and other == "ValidationException":
        return ARN
    if mine == "InvalidArgumentException" and ours.error[1].startswith("Invalid ExclusiveStartShardId"):
        return AFTER
    if operation == "GetShardIterator" and params.get("ShardIteratorType") == "AT_TIMESTAMP" and "StartingSequenceNumber" in params and mine == "InvalidArgumentException":
        return BOTH
    if operation == "PutRecord" and "PartitionKey" not in params and mine == "ResourceNotFoundException" and other == "ValidationException":
        return KEYLESS
    if operation == "GetRecords" and mine == "ResourceNotFoundException" and not other and not shown_records(theirs):
        return DELETING
    if operation == "GetRecords" and not mine and not other and shown[0] == {name: one for name, one in shown[1].items() if name != "NextShardIterator"}:
        return END
    return None
