"""The two sides of the run: the account of `sluice call`, and kinesalite over HTTP. Both are asked with the same call, in which a sequence number, an iterator and an
instant are named, since each side has its own: {"$sequence": [shard key, rank]}, {"$iterator": name}, {"$time": seconds since the start}."""

import datetime
import http.client
import json
import subprocess

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
ACCOUNT = "123456789012"


class Answer:
    """`error` is None or (code, message)."""

    def __init__(self, response=None, error=None):
        self.response = response if response is not None else {}
        self.error = error


class Side:
    def __init__(self):
        self.sequences = {}
        self.iterators = {}

    def resolve(self, value):
        if isinstance(value, dict):
            if "$sequence" in value:
                shard, rank = value["$sequence"]
                return self.sequences[shard][rank]
            if "$iterator" in value:
                return self.iterators[value["$iterator"]]
            if "$time" in value:
                return self.time(value["$time"])
            return {name: self.resolve(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.resolve(one) for one in value]
        return value


class Sluice(Side):
    name = "sluice"

    def __init__(self, binary):
        super().__init__()
        self.process = subprocess.Popen([binary, "call"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def send(self, service, operation, params):
        self.process.stdin.write(json.dumps({"service": service, "operation": operation, "params": params}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"sluice ended at {operation} {json.dumps(params)[:300]}")
        return json.loads(line)

    def call(self, operation, params):
        answer = self.send("kinesis", operation, self.resolve(params))
        if "error" in answer:
            return Answer(error=(answer["error"]["code"], answer["error"].get("message", "")))
        return Answer(answer["response"])

    def advance(self, seconds):
        self.send("clock", "Advance", {"Seconds": seconds})

    @staticmethod
    def time(seconds):
        return (START + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Kinesalite(Side):
    name = "kinesalite"

    def __init__(self, server, module, shard_limit):
        super().__init__()
        start = int(START.timestamp() * 1000)
        command = ["node", server, module, str(start), str(shard_limit)]
        environment = {"AWS_ACCOUNT_ID": ACCOUNT, "AWS_REGION": "us-east-1"}
        import os

        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        self.http = http.client.HTTPConnection("127.0.0.1", int(self.process.stdout.readline()), timeout=30)

    def call(self, operation, params):
        # It asks for the parts of a signature and does not check it.
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"Kinesis_20131202.{operation}",
            "X-Amz-Date": "20260101T000000Z",
            "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=b",
        }
        self.http.request("POST", "/", json.dumps(self.resolve(params)).encode(), headers)
        response = self.http.getresponse()
        text = response.read().decode()
        body = json.loads(text) if text else {}
        if response.status == 200:
            return Answer(body)
        return Answer(error=(body.get("__type", str(response.status)), body.get("message", body.get("Message", ""))))

    def advance(self, seconds):
        self.process.stdin.write(f"{int(seconds * 1000)}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    @staticmethod
    def time(seconds):
        return START.timestamp() + seconds

    def close(self):
        self.process.stdin.close()
        self.process.wait()
