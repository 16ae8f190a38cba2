"""A session of `sluice call`, and what a case writes for a body that is too long to write."""

import base64
import json
import subprocess


class Refused(Exception):
    """The account's error: `code`, `message`."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]


def body_bytes(body):
    """A body of a case: text, or {"text", "repeat"}."""
    if isinstance(body, dict):
        return body["text"].encode() * body["repeat"]
    return body.encode()


class Sluice:
    """One account; every call that was made is kept in `calls`, with bodies as a case writes them."""

    def __init__(self, binary, account=None):
        command = [binary, "call"] + (["--account", account] if account else [])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.calls = []

    def send(self, service, operation, params):
        line = json.dumps({"service": service, "operation": operation, "params": params})
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["response"]

    def do(self, service, operation, **params):
        """A call that changes the account, which the case keeps; a second passes before it."""
        self.send("clock", "Advance", {"Seconds": 1})
        self.calls.append({"service": service, "operation": operation, "params": params})
        sent = dict(params)
        if "Body" in sent:
            sent["Body"] = base64.b64encode(body_bytes(sent["Body"])).decode()
        return self.send(service, operation, sent)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
