"""Asks a cloud through boto3, or through the aws command, whatever it is told on standard input.

One line of JSON a question: {"client": "boto3" | "aws", "service": "sqs", "operation": "CreateQueue", "input": {...}}, or
{"command": ["s3", "ls"]} for any other call of the aws command, {"program": "answer = 1"} for a program. One line of JSON an answer: {"answer": ...}, {"error": ...}
or {"code": ..., "out": ...}. Bytes travel as {"$bytes": base64}. Endpoint, keys and region come from the environment.
"""

import base64
import contextlib
import datetime
import io
import json
import os
import socket
import sys
import urllib.request

import boto3
import botocore
from botocore import xform_name
from botocore.config import Config

# Not every machine knows that names below "localhost" are its own, as RFC 6761 has it.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve(
    "127.0.0.1" if isinstance(host, str) and host.endswith(".localhost") else host, *rest, **more
)

SERVICES = {"eventbridge": "events", "cloudwatch-logs": "logs", "resource-groups-tagging-api": "resourcegroupstaggingapi"}
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
clients = {}


def outward(value):
    if isinstance(value, dict):
        return {key: outward(one) for key, one in value.items() if key != "ResponseMetadata"}
    if isinstance(value, (list, tuple)):
        return [outward(one) for one in value]
    if isinstance(value, datetime.datetime):
        return {"$time": value.timestamp()}
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    return value


def inward(value):
    if isinstance(value, dict):
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
        return {key: inward(one) for key, one in value.items()}
    if isinstance(value, list):
        return [inward(one) for one in value]
    return value


def by_boto3(service, operation, given):
    if service not in clients:
        clients[service] = boto3.client(service, endpoint_url=ENDPOINT)
    method = getattr(clients[service], xform_name(operation))
    return {"answer": outward(method(**inward(given)))}


driver = None


def by_aws(words):
    global driver
    if driver is None:
        import awscli.clidriver

        driver = awscli.clidriver.create_clidriver()
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        # Older versions know of no endpoint in the environment for SQS.
        code = driver.main([*words, "--endpoint-url", ENDPOINT])
    out.flush()
    return {"code": code, "out": out.buffer.getvalue().decode("utf8", "replace"), "err": err.getvalue()}


def by_program(text):
    names = dict(globals(), answer=None)
    exec(text, names)
    return {"answer": outward(names["answer"])}


def ask(question):
    if "program" in question:
        return by_program(question["program"])
    if "command" in question:
        return by_aws(question["command"])
    service = SERVICES.get(question["service"], question["service"])
    if question["client"] == "boto3":
        return by_boto3(service, question["operation"], question["input"])
    # The command has a word of its own for what everybody else calls the plain S3 operations.
    words = ["s3api" if service == "s3" else service, xform_name(question["operation"], "-")]
    done = by_aws([*words, "--no-paginate", "--output", "json", "--cli-input-json", json.dumps(question["input"])])
    if done["code"] != 0:
        return {"error": done["err"].strip()}
    return {"answer": json.loads(done["out"]) if done["out"].strip() else {}}


print(json.dumps({"boto3": boto3.__version__, "botocore": botocore.__version__}), flush=True)
for line in sys.stdin:
    try:
        answer = ask(json.loads(line))
    except Exception as error:  # Whatever went wrong is the answer.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
