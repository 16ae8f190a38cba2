"""Exports accounts and runs what comes out: the script against a moto server, the template through cfn-lint.

Called by `cargo xtask parity`, which installs what this needs. Prints a table, writes it to docs/parity.md, and freezes calls, scripts and templates under tests/cases.
"""

import argparse
import json
import logging
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request

import boto3
import botocore.exceptions
from botocore import xform_name
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

import shapes
import state
from resolve import sitecustomize as _  # noqa: F401
from scenarios import ACCOUNT, NOT_FOR_MOTO, SCENARIOS
from sluice import Refused, Sluice

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = pathlib.Path(sys.executable).parent

# What moto does not do, or does otherwise than AWS: (what is compared, why).
NOT_MOTO = {
    "lifecycle minimum": "moto keeps no TransitionDefaultMinimumObjectSize",
    "ObjectSizeGreaterThan": "of a rule's And moto keeps no sizes",
    "ObjectSizeLessThan": "of a rule's And moto keeps no sizes",
    "NewerNoncurrentVersions": "of a NoncurrentVersionExpiration moto keeps no NewerNoncurrentVersions",
    "rotation days": "moto keeps no RotationPeriodInDays",
    "tiering": "moto has no configurations of Intelligent-Tiering",
    "blocked": "moto keeps no BlockedEncryptionTypes",
}


def ask_sluice(session):
    def call(service, operation, region=None, **params):
        try:
            return session.send(service, operation, params)
        except Refused as refused:
            raise state.Missing(refused.code) from refused
    return call


def ask_moto(endpoint):
    clients = {}

    def call(service, operation, region="us-east-1", **params):
        key = (service, region)
        if key not in clients:
            address = control(endpoint) if service == "s3control" else endpoint
            clients[key] = boto3.client(service, region_name=region, endpoint_url=address, aws_access_key_id="a", aws_secret_access_key="b")
        try:
            answer = getattr(clients[key], xform_name(operation))(**params)
        except botocore.exceptions.ClientError as error:
            raise state.Missing(error.response["Error"]["Code"]) from error
        answer.pop("ResponseMetadata", None)
        return answer
    return call


def control(endpoint):
    """The server's address for S3 Control, which needs a name to put the account's number before."""
    return endpoint.replace("127.0.0.1", "localhost")


def run_script(folder, tools, **environment):
    environment = {
        **os.environ, **environment, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "IAM_WAIT": "0",
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C",
        "PYTHONPATH": str(HERE / "resolve"),
    }
    done = subprocess.run(["bash", str(folder / "storage.sh")], env=environment, capture_output=True, text=True, errors="replace")
    return [] if done.returncode == 0 else [f"storage.sh ended with {done.returncode}: {done.stderr.strip()[-600:]}"]


class Server:
    """An empty account of ours, for the stand-in of the AWS CLI in `bin`."""

    def __init__(self, binary, path):
        self.session, self.path = Sluice(binary), path
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                stream = connection.makefile("rw", encoding="utf-8")
                call = json.loads(stream.readline())
                try:
                    self.session.send("clock", "Advance", {"Seconds": 1})
                    if call["service"] == "sts":
                        answer = {"response": {"Account": ACCOUNT}}
                    else:
                        answer = {"response": self.session.send(call["service"], call["operation"], call["params"])}
                except Refused as refused:
                    answer = {"error": str(refused)}
                stream.write(json.dumps(answer) + "\n")
                stream.flush()

    def close(self):
        self.listener.close()
        self.session.close()


def lint(folder):
    # W3045 advises against ACLs: an account that has one is exported with it.
    command = [str(TOOLS / "cfn-lint"), "--ignore-checks", "W3045", "--format", "parseable", "--", str(folder / "template.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    return [line.split("/template.json:", 1)[-1] for line in done.stdout.splitlines() + done.stderr.splitlines() if line.strip()]


def differences(ours, theirs, but):
    found = []
    for entry in sorted(set(ours) | set(theirs), key=str):
        if entry[1] in but:
            continue
        one, other = ours.get(entry, "missing"), theirs.get(entry, "missing")
        one, other = comparable(one, but), comparable(other, but)
        if isinstance(one, dict) and isinstance(other, dict):
            # What one side does not tell cannot be compared.
            for name in [name for name in one if state.NOT_TOLD in (one[name], other.get(name))]:
                one.pop(name), other.pop(name, None)
        if one != other:
            found.append(f"{entry[0]}, {entry[1]}: {json.dumps(one, sort_keys=True)} here, {json.dumps(other, sort_keys=True)} there")
    return found


def comparable(value, but):
    """The value as JSON, without the members that are not compared."""
    def pruned(value):
        if isinstance(value, dict):
            return {name: pruned(inner) for name, inner in value.items() if name not in but}
        return [pruned(item) for item in value] if isinstance(value, list) else value
    return pruned(json.loads(json.dumps(value, default=str)))


def counts(found):
    buckets = sum(1 for entry in found if entry[1] == "region")
    versions = sum(1 for entry in found if entry[0].startswith("object ") and entry[1].startswith("version "))
    return buckets, versions


def freeze(path, name, about, calls, folder):
    case = {
        "about": about,
        "source": "The script was run against a moto server and the template through cfn-lint; what is here passed.",
        "calls": calls,
        "script": (folder / "storage.sh").read_text(encoding="utf-8").splitlines(),
        "template": json.loads((folder / "template.json").read_text(encoding="utf-8")),
    }
    text = json.dumps(case, indent=1, ensure_ascii=False) + "\n"
    file = path / f"{name}.json"
    changed = not file.exists() or file.read_text(encoding="utf-8") != text
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return changed


def moto_order(bucket, key):
    """Ids of a key's versions, the oldest first. moto tells times to the second, within which versions and delete markers would have no order; its server is of this process."""
    return [version.version_id for version in s3_backends[ACCOUNT]["aws"].buckets[bucket].keys.getlist(key)]


def export_one(binary, name, scenario, endpoint, cases):
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).read()
    with tempfile.TemporaryDirectory() as scratch:
        account, out = f"{scratch}/account", pathlib.Path(scratch) / "out"
        session = Sluice(binary, account)
        session.send("clock", "Advance", {"Seconds": 0})
        scenario(session)
        calls = session.calls
        session.close()
        exported = subprocess.run([binary, "export", "--account", account, "--out", str(out)], capture_output=True, text=True)
        if exported.returncode:
            return {"faults": [f"sluice export: {exported.stderr.strip()}"], "buckets": 0, "versions": 0, "lint": [], "moto": "-", "again": "-"}
        session = Sluice(binary, account)
        ours = state.read(ask_sluice(session), ACCOUNT)
        session.close()
        # Ours first: what it refuses, AWS would refuse.
        server = Server(binary, f"{scratch}/socket")
        again = run_script(out, HERE / "bin", SLUICE_SOCKET=server.path)
        again += differences(ours, state.read(ask_sluice(server.session), ACCOUNT), {})
        server.close()
        faults, moto = again, "same"
        if name in NOT_FOR_MOTO:
            moto = "cannot"
        else:
            found = run_script(out, TOOLS, AWS_ENDPOINT_URL=endpoint, AWS_ENDPOINT_URL_S3_CONTROL=control(endpoint))
            theirs = state.read(ask_moto(endpoint), ACCOUNT, is_moto=True, order=moto_order)
            found += differences(ours, theirs, NOT_MOTO)
            faults = faults + found
            moto = f"{len(found)} differences" if found else "same"
        linted = lint(out)
        changed = not faults and not linted and freeze(cases, name, scenario.__doc__, calls, out)
        if faults and os.environ.get("PARITY_KEEP"):
            print((out / "storage.sh").read_text())
    buckets, versions = counts(ours)
    return {
        "faults": faults, "buckets": buckets, "versions": versions, "lint": linted, "changed": changed, "moto": moto,
        "again": f"{len(again)} differences" if again else "same",
    }


def versions_of_tools():
    from importlib.metadata import version
    return ", ".join(f"{name} {version(name)}" for name in ["moto", "awscli", "boto3", "cfn-lint"])


def main():
    # moto reads it when it is loaded with the first request for IAM.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    parser = argparse.ArgumentParser()
    parser.add_argument("--sluice", required=True)
    parser.add_argument("--cases", required=True, type=pathlib.Path)
    parser.add_argument("--report", required=True, type=pathlib.Path)
    parser.add_argument("only", nargs="*")
    options = parser.parse_args()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    rows, bad = [], 0
    for name, scenario in SCENARIOS.items():
        if options.only and name not in options.only:
            continue
        result = export_one(options.sluice, name, scenario, endpoint, options.cases)
        bad += len(result["faults"]) + len(result["lint"])
        rows.append((scenario.__doc__, result["buckets"], result["versions"], result["again"], result["moto"], len(result["lint"])))
        print(f"{name:<12} {result['buckets']:>3} buckets {result['versions']:>4} versions  sluice: {result['again']:<15} moto: {result['moto']:<15} "
              f"cfn-lint: {len(result['lint'])}  {'frozen anew' if result.get('changed') else ''}", flush=True)
        for fault in (result["faults"] + result["lint"])[:12]:
            print(f"    {fault[:1800]}", flush=True)
    server.stop()
    said = []
    if not options.only or "shapes" in options.only:
        said, faults = shapes.run(options.sluice)
        bad += len(faults)
        print("\n".join(said))
        for fault in faults:
            print(f"    {fault}")
    if not options.only:
        report(options.report, rows, said)
    sys.exit(1 if bad else 0)


def report(path, rows, said):
    lines = [
        "# Parity",
        "",
        "What `cargo xtask parity` found, with " + versions_of_tools() + ".",
        "",
        "## Exports",
        "",
        "Each account is made by calls and exported. Its script is run twice: against an empty account of our own, through a stand-in for the AWS CLI, and by the",
        "AWS CLI against an empty moto server. Both sides are then read by the same calls and compared: buckets with their Region, versioning, ownership, ACL, Block Public Access, tags, encryption, lifecycle, Intelligent-Tiering, access logs and policy; every key's",
        "versions by order with content, ETag, class, headers, tags, metadata, encryption and ACL; KMS keys; users, roles and policies with their versions. Templates go through cfn-lint.",
        "",
        "| account | buckets | versions | sluice | moto | cfn-lint |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {about} | {buckets} | {versions} | {again} | {moto} | {linted} findings |" for about, buckets, versions, again, moto, linted in rows]
    lines += ["", "moto: \"cannot\" where a bucket is written to while its versioning is suspended, upon which moto drops every version that it has, or a key has a line",
              "break, for which it has no route, or a delete marker is all that a key has; it has no directory buckets. It tells neither tags nor ACL of an archived object, nor the ACL of one made of parts, nor the key of one under DSSE-KMS. Not compared there: " + "; ".join(dict.fromkeys(NOT_MOTO.values())) + ".", "", "## Shapes", "", *said, ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    # The section of the run against kinesalite is written by that run.
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if "\n## Kinesis\n" in kept:
        lines += ["## Kinesis", *kept.split("\n## Kinesis\n", 1)[1].split("\n")]
    path.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
