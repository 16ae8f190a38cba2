"""Plays calls drawn from a seed to kinesalite and to `sluice call`, compares every answer, writes the result into docs/parity.md and freezes a sample as a case file."""

import argparse
import collections
import json
import os
import sys

import rules
from draw import Draw
from freeze import Frozen
from report import write_section
from sides import Kinesalite, Sluice

HERE = os.path.dirname(os.path.abspath(__file__))
SHARD_LIMIT = 20_000
CONTROL = {"CreateStream": 10, "DeleteStream": 10, "SplitShard": 30, "MergeShards": 30}


class Run:
    def __init__(self, options, seed, frozen=None):
        self.draw = Draw(seed)
        self.frozen = frozen
        self.sluice = Sluice(options.sluice)
        self.kinesalite = Kinesalite(os.path.join(HERE, "server.cjs"), options.kinesalite, SHARD_LIMIT)
        self.sides = (self.sluice, self.kinesalite)
        self.count = collections.Counter()
        self.errors = collections.Counter()
        self.messages = collections.Counter()
        self.excused = collections.Counter()
        self.differences = []

    def close(self):
        for side in self.sides:
            side.close()

    def advance(self, seconds):
        self.draw.now += seconds
        for side in self.sides:
            side.advance(seconds)
        if self.frozen:
            self.frozen.advance(seconds)

    def rank(self, side, response, params, operation):
        """Sequence numbers by their rank among those of the shard; a shard's own bounds by name."""
        known = {text: f"{shard} {rank}" for shard, texts in side.sequences.items() for rank, text in enumerate(texts)} if operation == "GetRecords" else {}

        def name(member, text):
            if member != "SequenceNumber":
                return "bound"
            return known.get(text, "unknown")

        return name

    def learn(self, operation, params, answers):
        """Keeps what later calls are drawn from: the same for both sides where both answered."""
        if operation in ("PutRecord", "PutRecords"):
            lists = [[side.response] if operation == "PutRecord" else side.response["Records"] for side in answers]
            for ours, theirs in zip(*lists):
                if "SequenceNumber" not in ours or "SequenceNumber" not in theirs or ours["ShardId"] != theirs["ShardId"]:
                    continue
                key = self.draw.key(params["StreamName"], ours["ShardId"])
                for side, one in zip(self.sides, (ours, theirs)):
                    texts = side.sequences.setdefault(key, [])
                    if texts and int(texts[-1]) >= int(one["SequenceNumber"]):
                        raise RuntimeError(f"{side.name}: sequence numbers of {key} do not grow: {int(texts[-1]):x}, then {int(one['SequenceNumber']):x}")
                    texts.append(one["SequenceNumber"])
                self.draw.records.setdefault(key, []).append(self.draw.now)
                ours["rank"] = theirs["rank"] = len(self.sluice.sequences[key]) - 1
        member = {"GetShardIterator": "ShardIterator", "GetRecords": "NextShardIterator"}.get(operation)
        if member and all(side.response.get(member) for side in answers):
            name = f"i{self.draw.made}"
            self.draw.made += 1
            for side, one in zip(self.sides, answers):
                side.iterators[name] = one.response[member]
            stream = params.get("StreamName") or next((one[2] for one in self.draw.iterators if {"$iterator": one[0]} == params["ShardIterator"]), None)
            self.draw.iterators.append((name, self.draw.now, stream))
            return name
        return None

    def play(self, operation, params):
        answers = [side.call(operation, params) for side in self.sides]
        ours, theirs = answers
        self.count[operation] += 1
        name = None
        same = False
        if not ours.error and not theirs.error:
            if operation in ("PutRecord", "PutRecords"):
                shown = [rules.plain(side.response, lambda member, text: "a number") for side in answers]
                name = self.learn(operation, params, answers)
            else:
                shown = [rules.plain(one.response, self.rank(side, one.response, params, operation)) for side, one in zip(self.sides, answers)]
                name = self.learn(operation, params, answers)
            same = shown[0] == shown[1]
        else:
            shown = [one.error and (one.error[0], rules.message(one.error[1])) or "answered" for one in answers]
            same = bool(ours.error and theirs.error and ours.error[0] == theirs.error[0])
            if same:
                self.errors[ours.error[0]] += 1
                if shown[0] != shown[1]:
                    self.messages[(operation, shown[0][1][:300], shown[1][1][:300])] += 1
        if not same:
            reason = rules.excuse(operation, params, ours, theirs, shown)
            if reason:
                self.excused[reason] += 1
            else:
                self.differences.append({"at": self.draw.now, "operation": operation, "params": params, "sluice": shown[0], "kinesalite": shown[1]})
        if self.frozen:
            self.frozen.step(operation, params, ours, name, same, same and shown[0] == shown[1], self.sluice)
        return ours

    def look(self, stream):
        """The shards of a stream as they are now, which is a compared call too."""
        answer = self.play("DescribeStream", {"StreamName": stream})
        if answer.error:
            self.draw.shards.pop(stream, None)
            return
        self.draw.shards[stream] = [
            {
                "id": shard["ShardId"],
                "start": int(shard["HashKeyRange"]["StartingHashKey"]),
                "end": int(shard["HashKeyRange"]["EndingHashKey"]),
                "open": "EndingSequenceNumber" not in shard["SequenceNumberRange"],
            }
            for shard in answer.response["StreamDescription"]["Shards"]
        ]

    def go(self, calls):
        while sum(self.count.values()) < calls:
            self.advance(1)
            for stream in [one for one in sorted(self.draw.busy) if self.draw.busy[one] <= self.draw.now]:
                del self.draw.busy[stream]
                self.look(stream)
            operation, params = self.draw.call()
            answer = self.play(operation, params)
            if answer.error:
                continue
            if operation in CONTROL:
                stream = params["StreamName"]
                self.draw.busy[stream] = self.draw.now + CONTROL[operation]
                if operation == "CreateStream":
                    self.draw.born[stream] = self.draw.born.get(stream, 0) + 1
                    self.draw.iterators = [one for one in self.draw.iterators if one[2] != stream]
                if operation == "DeleteStream":
                    self.draw.forget(stream)
                if self.draw.chance(0.8):
                    self.advance(CONTROL[operation])
                self.look(stream)
            elif operation == "GetShardIterator":
                # What an iterator is, is what it reads.
                self.advance(1)
                self.play("GetRecords", {"ShardIterator": {"$iterator": self.draw.iterators[-1][0]}, "Limit": self.draw.one([3, 10, 10_000])})
            elif self.draw.chance(0.05) and self.draw.shards:
                self.look(self.draw.one(sorted(self.draw.shards)))


def main():
    parser = argparse.ArgumentParser()
    for name in ("--sluice", "--kinesalite", "--case", "--report"):
        parser.add_argument(name, required=True)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    run = Run(options, options.seed)
    try:
        run.go(options.calls)
    finally:
        run.close()
    for one in run.differences[:40]:
        print(json.dumps(one, ensure_ascii=False))
    for (operation, ours, theirs), count in run.messages.most_common(30):
        print(f"{count} messages of {operation} differ:\n   sluice     {ours}\n   kinesalite {theirs}")
    print(f"{sum(run.count.values())} calls, {sum(run.errors.values())} refused alike, {sum(run.excused.values())} under a rule, {len(run.differences)} differences")
    if run.differences:
        sys.exit("The two sides differ.")
    frozen = Frozen()
    for seed in range(1, 4):
        sample = Run(options, seed, frozen)
        frozen.begin(f"120 calls drawn from seed {seed}, as kinesalite answers them")
        try:
            sample.go(120)
        finally:
            sample.close()
    frozen.write(options.case)
    write_section(options.report, run, options)


if __name__ == "__main__":
    main()
