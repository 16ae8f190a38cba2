"""A sample of the run as a case file: calls, and what both sides answered."""

import json

DROPPED = {
    "SequenceNumber", "StartingSequenceNumber", "EndingSequenceNumber", "ShardIterator", "NextShardIterator", "ApproximateArrivalTimestamp", "StreamCreationTimestamp",
    "StreamSummaries", "ChildShards", "MillisBehindLatest",
}


def kept(value):
    if isinstance(value, dict):
        return {name: kept(one) for name, one in value.items() if name not in DROPPED}
    if isinstance(value, list):
        return [kept(one) for one in value]
    return value


class Frozen:
    def __init__(self):
        self.cases = []

    def begin(self, name):
        self.cases.append({"name": name, "steps": []})

    def advance(self, seconds):
        steps = self.cases[-1]["steps"]
        if steps and steps[-1]["operation"] == "Advance":
            steps[-1]["params"]["Seconds"] += seconds
        else:
            steps.append({"service": "clock", "operation": "Advance", "params": {"Seconds": seconds}})

    def params(self, value, side):
        if isinstance(value, dict):
            if "$sequence" in value:
                shard, rank = value["$sequence"]
                return "{{" + f"{shard} {rank}" + "}}"
            if "$iterator" in value:
                return "{{" + value["$iterator"] + "}}"
            if "$time" in value:
                return side.time(value["$time"])
            return {name: self.params(one, side) for name, one in value.items()}
        if isinstance(value, list):
            return [self.params(one, side) for one in value]
        return value

    def step(self, operation, params, ours, iterator, same, to_the_word, side):
        step = {"service": "kinesis", "operation": operation, "params": self.params(params, side)}
        if ours.error:
            step["error"] = ours.error[0]
            if to_the_word and not any(len(word) >= 50 and word.isdigit() for word in ours.error[1].split()):
                step["message"] = ours.error[1]
        elif same:
            answer = kept({name: one for name, one in ours.response.items() if name != "rank"})
            for record in answer.get("Records", []):
                record.pop("rank", None)
            if answer:
                step["answer"] = answer
        saved = {}
        if not ours.error and operation in ("PutRecord", "PutRecords"):
            shards = [ours.response] if operation == "PutRecord" else ours.response["Records"]
            for at, one in enumerate(shards):
                key = next((key for key, texts in side.sequences.items() if one.get("SequenceNumber") in texts), None)
                if key:
                    pointer = "/SequenceNumber" if operation == "PutRecord" else f"/Records/{at}/SequenceNumber"
                    saved[f"{key} {side.sequences[key].index(one['SequenceNumber'])}"] = pointer
        if iterator:
            saved[iterator] = "/ShardIterator" if operation == "GetShardIterator" else "/NextShardIterator"
        if saved:
            step["save"] = saved
        self.cases[-1]["steps"].append(step)

    def write(self, path):
        """One step a line. What no later step asks for is not saved."""
        for case in self.cases:
            asked = "\n".join(json.dumps(step["params"], ensure_ascii=False) for step in case["steps"])
            for step in case["steps"]:
                step["save"] = {name: pointer for name, pointer in step.get("save", {}).items() if "{{" + name + "}}" in asked}
                if not step["save"]:
                    del step["save"]
        text = "{\n  \"cases\": [\n"
        for number, case in enumerate(self.cases):
            steps = ",\n".join("      " + json.dumps(step, ensure_ascii=False) for step in case["steps"])
            comma = "," if number + 1 < len(self.cases) else ""
            text += f"    {{\"name\": {json.dumps(case['name'])}, \"steps\": [\n{steps}\n    ]}}{comma}\n"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "  ]\n}\n")
