#!/usr/bin/env python3
"""The public face of the platform, as curl, grpcurl and a browser meet it.

    gateway_test.py             on a stack of its own
    gateway_test.py --run DIR   on the stack that runs in DIR (.run); leaves what it made
"""

import argparse
import http.client
import json
import os
import pathlib
import ssl
import subprocess
import sys
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "demo"))

from hour import OwnStack, expect  # noqa: E402
import bindings  # noqa: E402
import layout  # noqa: E402
from stack import Stack  # noqa: E402


class Answer:
    def __init__(self, text):
        head, _, self.body = text.replace("\r\n", "\n").partition("\n\n")
        lines = head.splitlines()
        self.status = int(lines[0].split()[1])
        self.headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:] if ": " in line)}

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def reason(self):
        return next(d["reason"] for d in self.json["details"] if d["@type"].endswith("ErrorInfo"))


class Gateway:
    def __init__(self, stack):
        self.stack = stack
        self.port = stack.ports["gateway"]
        self.url = f"https://localhost:{self.port}"
        self.ca = str(stack.certificates.ca)
        self.token = ""

    def curl(self, path, *arguments, body=None, token=None):
        command = ["curl", "-sS", "-i", "--max-time", "10", "--cacert", self.ca, self.url + path]
        token = self.token if token is None else token
        if token:
            command += ["-H", f"authorization: Bearer {token}"]
        if body is not None:
            command += ["-d", body if isinstance(body, str) else json.dumps(body)]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True)
        expect(done.returncode == 0, f"curl {path}: {done.stderr}")
        return Answer(done.stdout)

    def grpcurl(self, method, request, token=None):
        command = [str(layout.TOOLS / "bin/grpcurl"), "-cacert", self.ca, "-protoset",
                   str(layout.BUILD / "descriptor.binpb"), "-d", json.dumps(request)]
        if token:
            command += ["-H", f"authorization: Bearer {token}"]
        return subprocess.run([*command, f"localhost:{self.port}", method], capture_output=True, text=True, timeout=15)

    def login(self, login, password):
        return self.curl("/v1/sessions:login", token="",
                         body={"tenant": "platform", "login": login, "password": password})


def logins(gateway):
    """A login by curl; what is wrong with one is said in google.rpc.Status."""
    answer = gateway.login("admin", gateway.stack.secrets.get("admin_password"))
    expect(answer.status == 200, answer.body)
    gateway.token = answer.json["accessToken"]
    wrong = gateway.login("admin", "guess")
    expect((wrong.status, wrong.reason) == (401, "LOGIN_FAILED"), wrong.body)
    fresh = gateway.curl("/v1/sessions:refresh", token="", body={"refreshToken": answer.json["refreshToken"]})
    expect(fresh.status == 200 and fresh.json["accessToken"], fresh.body)


def discovery(gateway):
    """Keys and OpenID metadata are open to everybody."""
    keys = gateway.curl("/.well-known/jwks.json", token="").json["keys"]
    expect(len(keys) >= 1 and keys[0]["kty"] == "EC" and keys[0]["alg"] == "ES256", str(keys))
    document = gateway.curl("/.well-known/openid-configuration", token="").json
    expect(document["jwks_uri"].endswith("/.well-known/jwks.json"), str(document))


def customers(gateway):
    """Create, get, list and change a customer; the same request_id gives the same answer."""
    request_id = str(uuid.uuid4())
    number = f"+86138{time.time_ns() % 10**8:08d}"
    body = {"person": {"fullName": "王芳"}, "contacts": [{"type": "MOBILE", "number": number}]}
    made = gateway.curl(f"/v1/customers?requestId={request_id}", body=body)
    expect(made.status == 200, made.body)
    name = made.json["name"]
    again = gateway.curl(f"/v1/customers?requestId={request_id}", body=body)
    expect(again.json["name"] == name, "a repeat made another customer")
    masked = gateway.curl(f"/v1/{name}")
    expect(masked.status == 200 and masked.json["person"]["fullName"] == "王*", masked.body)
    got = gateway.curl(f"/v1/{name}?purpose=IDENTITY")
    expect(got.status == 200 and got.json["person"]["fullName"] == "王芳", got.body)
    expect(gateway.curl("/v1/customers?pageSize=1").status == 200, "list")
    changed = gateway.curl(f"/v1/{name}?updateMask=grade", "-X", "PATCH", body={"grade": "GOLD"})
    expect(changed.status == 200 and changed.json["grade"] == "GOLD", changed.body)
    stale = gateway.curl(f"/v1/{name}?updateMask=grade", "-X", "PATCH", body={"grade": "SILVER", "etag": "0"})
    expect((stale.status, stale.reason) == (409, "ETAG_MISMATCH"), stale.body)
    none = gateway.curl(f"/v1/customers/{uuid.uuid4()}")
    expect((none.status, none.reason) == (404, "CUSTOMER_UNKNOWN"), none.body)
    done = gateway.grpcurl("carillon.customer.v1.CustomerService/GetCustomer", {"name": name}, gateway.token)
    expect(json.loads(done.stdout)["name"] == name, done.stderr)


def mistakes(gateway):
    """What a caller gets wrong is told in the same form, whoever notices it."""
    malformed = gateway.curl("/v1/customers", body='{"person": {')
    expect(malformed.status == 400 and malformed.json["code"] == 3, malformed.body)
    expect(malformed.headers["content-type"] == "application/json", str(malformed.headers))
    typed = gateway.curl("/v1/customers", body={"grade": {"not": "a grade"}})
    expect(typed.status == 400 and typed.json["code"] == 3, typed.body)
    unknown = gateway.curl("/v1/customers?nope=1")
    expect(unknown.status == 400 and unknown.json["code"] == 3, unknown.body)
    ruled = gateway.curl("/v1/customers", body={"person": {}})
    violations = next(d for d in ruled.json["details"] if d["@type"].endswith("BadRequest"))["fieldViolations"]
    expect(ruled.status == 400 and violations[0]["field"] == "customer.person.full_name", ruled.body)
    nowhere = gateway.curl("/v1/nothing")
    expect(nowhere.status == 404 and nowhere.json["code"] == 5, nowhere.body)


def guards(gateway):
    """No token, a forged one, one without the permission."""
    for token, status in (("", 401), ("a.b.c", 401), (gateway.token[:-4] + "AAAA", 401)):
        answer = gateway.curl("/v1/customers", token=token)
        expect(answer.status == status and answer.json["code"] == 16, f"{token[:10]}: {answer.body}")
    login = f"agent.{uuid.uuid4().hex[:8]}"
    made = gateway.curl("/v1/users", body={"user": {"login": login, "roles": ["FIELD_CREW"]},
                                           "password": "a seat by the window", "permanentPassword": True})
    expect(made.status == 200, made.body)
    crew = gateway.login(login, "a seat by the window").json["accessToken"]
    refused = gateway.curl("/v1/customers", token=crew)
    expect((refused.status, refused.json["code"], refused.reason) == (403, 7, "PERMISSION_MISSING"), refused.body)
    unnamed = gateway.grpcurl("carillon.access.v1.AccessService/ListUsers", {})
    expect("Unauthenticated" in unnamed.stderr, unnamed.stderr)
    tenant = gateway.curl("/v1/users", "-H", f"x-carillon-tenant: {uuid.uuid4()}")
    expect(tenant.status == 200 and tenant.json["users"], "a caller named a tenant and was believed")


def grpc_web(gateway):
    """A browser's call: five bytes of frame, an empty message, and the trailers in the body."""
    done = subprocess.run(
        ["curl", "-sS", "--cacert", gateway.ca, "--data-binary", "@-", "-H", "content-type: application/grpc-web+proto",
         "-H", "x-grpc-web: 1", gateway.url + "/carillon.access.v1.AccessService/GetJsonWebKeySet"],
        input=b"\0\0\0\0\0", capture_output=True)
    size = int.from_bytes(done.stdout[1:5], "big")
    expect(done.stdout[0] == 0 and b"P-256" in done.stdout[5:5 + size], str(done))
    expect(done.stdout[5 + size] == 0x80 and b"grpc-status:0" in done.stdout[10 + size:], str(done.stdout))
    preflight = gateway.curl("/v1/customers", "-X", "OPTIONS", "-H", "origin: http://localhost:5173", "-H",
                             "access-control-request-method: POST", token="")
    expect(preflight.headers.get("access-control-allow-origin") == "http://localhost:5173", str(preflight.headers))
    stranger = gateway.curl("/v1/customers", "-X", "OPTIONS", "-H", "origin: https://elsewhere.test", "-H",
                            "access-control-request-method: POST", token="")
    expect("access-control-allow-origin" not in stranger.headers, str(stranger.headers))


def streams(gateway):
    """A server stream is one JSON object a line, and lasts."""
    code = f"q-{uuid.uuid4().hex[:8]}"
    client = gateway.curl("/v1/clients").json["clients"][0]["name"]
    made = gateway.curl("/v1/queues", body={"code": code, "displayName": "gateway test", "channels": ["VOICE"],
                                            "client": client})
    expect(made.status == 200, made.body)
    process = subprocess.Popen(["curl", "-sSN", "--cacert", gateway.ca, gateway.url + "/v1/queues:watch", "-H",
                                f"authorization: Bearer {gateway.token}"], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        expect("queue" in json.loads(line), line)
        expect(process.poll() is None, "the stream ended by itself")
    finally:
        process.kill()
        process.wait()


def docs(gateway):
    """The OpenAPI document and a page that shows it, nothing beside them."""
    page = gateway.curl("/docs/", token="")
    expect(page.status == 200 and "<title>Carillon API</title>" in page.body, page.body[:300])
    expect(gateway.curl("/docs", token="").status in (301, 302), "/docs")
    document = gateway.curl("/docs/openapi.yaml", token="")
    for path in ("/v1/customers", "/v1/sessions:login", "/v1/queues:watch"):
        expect(f"\n    {path}:\n" in document.body, f"{path} is not in the document")
    expect("bearerFormat: JWT" in document.body, "the document knows no token")
    viewer = gateway.curl("/docs/swagger-ui-bundle.js", token="")
    expect(viewer.status == 200 and len(viewer.body) > 500_000, "the viewer is missing")
    outside = gateway.curl("/docs/../../secrets/admin_password", "--path-as-is", token="")
    expect(outside.status != 200 or 'id="root"' in outside.body, "a path led outside, and not to the web client's page")


def contracts(gateway):
    """Every path of the contracts: a route, a token, nothing of another tenant, nothing broken gets through."""
    bindings.walk(gateway, expect)


def limits(gateway):
    """One stranger who never stops is told to wait; whoever has a token is not."""
    context = ssl.create_default_context(cafile=gateway.ca)
    connection = http.client.HTTPSConnection("localhost", gateway.port, context=context)
    statuses = []
    deadline = time.monotonic() + 60
    while 429 not in statuses and time.monotonic() < deadline:
        connection.request("GET", "/docs/start.js")
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    expect(statuses[-1] == 429, f"{len(statuses)} requests and no end: {set(statuses)}")
    expect(set(statuses[:-1]) == {200} and len(statuses) > 1000, f"refused after {len(statuses)}")
    expect(gateway.curl("/v1/customers?pageSize=1").status == 200, "the limit hit somebody else")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", help="folder of a stack that runs")
    options = parser.parse_args()
    steps = [logins, discovery, customers, mistakes, guards, grpc_web, streams, docs, contracts]

    def walk(stack, all_steps):
        gateway = Gateway(stack)
        for _ in range(100):  # the gateway fetches the keys once access is there
            if gateway.curl("/v1/customers", token="a.b.c").json["message"].find("Jwks") < 0:
                break
            time.sleep(0.1)
        for step in all_steps:
            step(gateway)
            print(f"ok {step.__name__}: {(step.__doc__ or '').strip().splitlines()[0] if step.__doc__ else ''}", flush=True)
        print(f"{len(all_steps)} passed, 0 failed")

    if options.run:
        os.environ.setdefault("CARILLON_RUN", options.run)
        walk(Stack(options.run).load(), steps)
    else:
        with OwnStack() as own:
            walk(own.stack, [*steps, limits])
    return 0


sys.exit(main())
