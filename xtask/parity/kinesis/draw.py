"""Calls drawn from a seed. What it knows of the account it has from the answers of `sluice call`; where it must not go, `rules.py` says why."""

import base64
import random

NAMES = ["s", "orders", "clicks.eu-1", "a_b", "T"]
GREATEST = 2**128 - 1
TYPES = ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]
LETTERS = "abcdefghijklmnopqrstuvwxyzäß日本🙂"


class Draw:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now = 0.0
        self.born = {}  # stream -> how often it was made, so that shards of two lives differ
        self.shards = {}  # stream -> [{id, start, end, open}]
        self.records = {}  # shard key -> [instant]
        self.busy = {}  # stream -> when its change is over
        self.iterators = []  # (name, made, stream)
        self.made = 0

    def key(self, stream, shard):
        return f"{stream}#{self.born.get(stream, 0)}/{shard}"

    def forget(self, stream):
        self.records = {key: instants for key, instants in self.records.items() if not key.startswith(f"{stream}#")}

    def one(self, items):
        return self.random.choice(items)

    def chance(self, share):
        return self.random.random() < share

    def text(self, low=1, high=12):
        return "".join(self.one(LETTERS) for _ in range(self.random.randint(low, high)))

    def stream(self):
        if self.shards and self.chance(0.97):
            return self.one(sorted(self.shards))
        return self.one(NAMES + ["nowhere"])

    def settled(self):
        """A stream that nothing is being done to, or one that is not there."""
        free = [name for name in sorted(self.shards) if self.busy.get(name, 0) <= self.now]
        return self.one(free) if free and self.chance(0.95) else "nowhere"

    def shard(self, stream):
        known = self.shards.get(stream, [])
        if known and self.chance(0.95):
            return self.one(known)["id"]
        return self.one(["shardId-000000000000", "shardId-000000000099", "shardId-7", "3", "shardId-x", "nothing", "shardId-99999999999"])

    def hash_key(self):
        kind = self.random.random()
        if kind < 0.75:
            return str(self.random.randint(0, GREATEST))
        if kind < 0.85:
            edges = [(one["start"], one["end"]) for shards in self.shards.values() for one in shards]
            return str(self.one(edges)[self.random.randint(0, 1)] if edges else 0)
        return self.one(["0", "1", str(GREATEST), str(GREATEST + 1), "9" * 39, "", "x", "1x"])

    def record(self):
        record = {"PartitionKey": self.one([self.text(), f"key-{self.random.randint(0, 99)}", self.text(1, 128)]) if self.chance(0.98) else "k" * self.one([256, 257]),
                  "Data": base64.b64encode(self.random.randbytes(self.random.randint(0, 60))).decode()}
        if self.chance(0.25):
            record["ExplicitHashKey"] = self.hash_key()
        return record

    def sequence(self, stream, shard):
        keys = [key for key in sorted(self.records) if self.records[key]]
        own = self.key(stream, shard)
        if self.records.get(own) and self.chance(0.85):
            return {"$sequence": [own, self.random.randrange(len(self.records[own]))]}
        if keys and self.chance(0.5):
            key = self.one(keys)
            return {"$sequence": [key, self.random.randrange(len(self.records[key]))]}
        return self.one(["x", "1x", "9" * 100, "9" * 58])

    def call(self):
        operations = [
            (self.create_stream, 5), (self.delete_stream, 1.5), (self.plain("DescribeStream"), 5), (self.plain("DescribeStreamSummary"), 5),
            (self.list_streams, 3), (self.list_shards, 6), (self.put_record, 22), (self.put_records, 10), (self.get_iterator, 18),
            (self.get_records, 12), (self.split, 4), (self.merge, 4), (self.add_tags, 3), (self.remove_tags, 2), (self.list_tags, 3),
            (self.retention("IncreaseStreamRetentionPeriod"), 2), (self.retention("DecreaseStreamRetentionPeriod"), 2),
        ]
        drawn = self.random.choices([one for one, _ in operations], [weight for _, weight in operations])[0]
        while True:
            operation, params = drawn()
            if self.chance(0.12):
                self.spoil(operation, params)
            if not self.closed(params.get("ShardToSplit"), params) and not self.closed(params.get("ShardToMerge"), params) \
                    and not self.closed(params.get("AdjacentShardToMerge"), params):
                return operation, params

    def closed(self, shard, params):
        """Whether a shard is named that was split or merged: kinesalite does it again."""
        stream = params.get("StreamName")
        if not isinstance(shard, str) or not isinstance(stream, str):
            return False
        digits = shard.split("-")[1] if "-" in shard else shard
        known = [one for one in self.shards.get(stream, []) if not one["open"]]
        return digits.isdigit() and any(int(one["id"].split("-")[1]) == int(digits) for one in known)

    def spoil(self, operation, params):
        """Makes one member wrong. The members are in the drawn order, which is that of the code above."""
        if not params:
            return
        # An AT_TIMESTAMP elsewhere could be after the last record there, upon which kinesalite never answers.
        name = "Timestamp" if "Timestamp" in params else self.one(list(params))
        value = params[name]
        kind = self.random.random()
        if name == "Timestamp":
            params[name] = self.one([True, [], {}])
        elif kind < 0.25:
            del params[name]
        elif kind < 0.45:
            params[name] = self.one([True, [], {}, 7, "text"])
        elif isinstance(value, str) and name not in ("Data", "ShardIterator"):
            params[name] = self.one(["", "a b", "ß", "x" * 129, "x" * 128, "x/y"])
        elif isinstance(value, int):
            params[name] = self.one([0, -1, 10_000_000])

    def create_stream(self):
        return "CreateStream", {"ShardCount": self.one([1, 2, 3, 3, 4, 5, 7, 12, 100_000, 30_000]), "StreamName": self.one(NAMES)}

    def delete_stream(self):
        return "DeleteStream", {"StreamName": self.settled()}

    def plain(self, operation):
        return lambda: (operation, {"StreamName": self.stream()})

    def list_streams(self):
        params = {"Limit": self.random.randint(1, 10)}
        if self.chance(0.4):
            params["ExclusiveStartStreamName"] = self.one(NAMES + ["b", "zz"])
        return "ListStreams", params

    def list_shards(self):
        stream = self.stream()
        params = {"StreamName": stream}
        if self.chance(0.4):
            params["ExclusiveStartShardId"] = f"shardId-{self.random.randint(0, 20):012}"
        return "ListShards", params

    def put_record(self):
        stream = self.stream()
        params = {"StreamName": stream, **self.record()}
        if self.chance(0.1):
            params["SequenceNumberForOrdering"] = self.sequence(stream, self.shard(stream))
        return "PutRecord", params

    def put_records(self):
        return "PutRecords", {"StreamName": self.stream(), "Records": [self.record() for _ in range(self.random.randint(1, 8))]}

    def get_iterator(self):
        stream = self.stream()
        shard = self.shard(stream)
        kind = self.one(TYPES)
        params = {"StreamName": stream, "ShardId": shard, "ShardIteratorType": kind}
        if kind.endswith("SEQUENCE_NUMBER") != self.chance(0.08):
            params["StartingSequenceNumber"] = self.sequence(stream, shard)
        if kind == "AT_TIMESTAMP" and self.chance(0.9):
            params.pop("StartingSequenceNumber", None)
            # No instant after the last record: kinesalite never answers then.
            times = self.records.get(self.key(stream, shard), [])
            if times and self.chance(0.85):
                params["Timestamp"] = {"$time": self.one(times) - self.one([0, 0, 0.5, 30])}
            else:
                params["Timestamp"] = {"$time": self.now + self.one([60, 86_400])}
        elif kind == "AT_TIMESTAMP":
            params.pop("Timestamp", None)
        return "GetShardIterator", params

    def get_records(self):
        recent = [one for one in self.iterators[-40:]]
        if not recent or self.chance(0.04):
            return "GetRecords", {"ShardIterator": self.one(["x", "AAAA", "A" * 200, "A" * 600])}
        params = {"ShardIterator": {"$iterator": self.one(recent)[0]}}
        if self.chance(0.5):
            params["Limit"] = self.one([1, 2, 5, 10_000])
        return "GetRecords", params

    def split(self):
        stream = self.stream()
        shards = [one for one in self.shards.get(stream, []) if one["open"]]
        params = {"NewStartingHashKey": self.hash_key(), "StreamName": stream, "ShardToSplit": self.shard(stream)}
        if shards and self.chance(0.7):
            shard = self.one(shards)
            params["ShardToSplit"] = shard["id"]
            middle = (shard["start"] + shard["end"]) // 2
            edges = [shard["start"], shard["start"] + 1, shard["start"] + 2, shard["end"] - 1, shard["end"], shard["end"] + 1]
            params["NewStartingHashKey"] = str(middle if self.chance(0.6) else self.one(edges))
        return "SplitShard", params

    def merge(self):
        stream = self.stream()
        shards = sorted((one for one in self.shards.get(stream, []) if one["open"]), key=lambda one: one["start"])
        first, second = self.shard(stream), self.shard(stream)
        if len(shards) > 1 and self.chance(0.75):
            at = self.random.randrange(len(shards) - 1)
            first, second = shards[at]["id"], shards[at + 1]["id"]
        return "MergeShards", {"ShardToMerge": first, "AdjacentShardToMerge": second, "StreamName": stream}

    def add_tags(self):
        tags = {self.one([self.text(1, 6), "team", "env", "a%b", "a,b", "x" * 128]): self.one(["", self.text(), "1/2", "x" * 256, "a;b"])
                for _ in range(self.random.randint(1, 3))}
        return "AddTagsToStream", {"Tags": tags, "StreamName": self.settled()}

    def remove_tags(self):
        return "RemoveTagsFromStream", {"TagKeys": [self.one(["team", "env", self.text(1, 3), "a%b"])], "StreamName": self.settled()}

    def list_tags(self):
        params = {"StreamName": self.stream(), "Limit": self.random.randint(1, 10)}
        if self.chance(0.3):
            params["ExclusiveStartTagKey"] = self.one(["a", "env", "team", "日"])
        return "ListTagsForStream", params

    def retention(self, operation):
        return lambda: (operation, {"RetentionPeriodHours": self.one([24, 25, 48, 100, 167, 168, 23, 1, 0, 9_000]), "StreamName": self.settled()})
