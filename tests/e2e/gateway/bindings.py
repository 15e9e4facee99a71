"""Every google.api.http binding of the descriptor set, tried through the gateway.

What a method does is for `tests/walk`; here it is the way there: the path is a route, the token is asked for, and what
the transcoder cannot read is refused by it, not by a crash behind it.
"""

import http.client
import json
import re
import socket
import ssl
import sys
import uuid

import layout

sys.path += [str(path) for path in (layout.TOOLS / "venv/lib").glob("python*/site-packages")]

from google.api import annotations_pb2  # noqa: E402, F401
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # noqa: E402

NAME = re.compile(r'"([a-z][A-Za-z]+)/([0-9a-f]{8}-[0-9a-f-]{27})"')
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HUGE = 5 * 1024 * 1024
DEEP = 20_000


class Binding:
    def __init__(self, method, permission, rule):
        self.method = method
        self.name = method.full_name
        self.public = permission == "public"
        self.streams = method.server_streaming
        kind = rule.WhichOneof("pattern")
        self.verb = rule.custom.kind if kind == "custom" else kind.upper()
        self.template = rule.custom.path if kind == "custom" else getattr(rule, kind)
        self.body = rule.body

    def path(self, ids=None):
        """The path with `ids`, (collection -> id), or ids of nobody in it."""
        def fill(pattern):
            collection, out = "", []
            for part in pattern.split("/"):
                known = (ids or {}).get(collection)
                out.append((known or str(uuid.uuid4())) if part in ("*", "**") else part)
                collection = part
            return "/".join(out)

        def variable(match):
            field, _, pattern = match.group(1).partition("=")
            return fill(pattern) if pattern else "walk"

        return re.sub(r"\{([^}]+)\}", variable, self.template)

    def collections(self):
        return set(re.findall(r"([A-Za-z]+)/\*", self.template))

    def body_fields(self):
        """Fields of the message the body is."""
        if not self.body:
            return []
        whole = self.method.input_type
        return list((whole if self.body == "*" else whole.fields_by_name[self.body].message_type).fields)

    def query_fields(self):
        if self.body == "*":
            return []
        in_path = {v.split("=")[0].split(".")[0] for v in re.findall(r"\{([^}]+)\}", self.template)}
        return [f for f in self.method.input_type.fields if f.name not in in_path and f.name != self.body]


def read(descriptor):
    """Every binding of every method of ours."""
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptor.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    options = message_factory.GetMessageClass(pool.FindMessageTypeByName("google.protobuf.MethodOptions"))
    http_rule = pool.FindExtensionByName("google.api.http")
    permission = pool.FindExtensionByName("carillon.options.v1.permission")
    found, methods = [], 0
    for file in files.file:
        if not file.package.startswith("carillon."):
            continue
        for service in file.service:
            for method in pool.FindServiceByName(f"{file.package}.{service.name}").methods:
                methods += 1
                said = options.FromString(method.GetOptions().SerializeToString())
                if not said.HasExtension(http_rule):
                    continue
                rule = said.Extensions[http_rule]
                found += [Binding(method, said.Extensions[permission], r) for r in (rule, *rule.additional_bindings)]
    return found, methods


class Edge:
    """A kept connection; a new one when the gateway has closed it."""

    def __init__(self, gateway):
        self.port = gateway.port
        self.context = ssl.create_default_context(cafile=gateway.ca)
        self.connection = None

    def ask(self, verb, path, token="", body=None, patience=15):
        """(status, text); status 0: a stream that was opened and has said nothing yet."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["content-type"] = "application/json"
            body = body if isinstance(body, bytes) else body.encode()
        for again in (True, False):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection("localhost", self.port, context=self.context)
                self.connection.connect()
            self.connection.sock.settimeout(patience)
            try:
                try:
                    self.connection.request(verb, path, body, headers)
                except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                    # Refused before all of it was sent; what was said meanwhile can still be read.
                    answer = http.client.HTTPResponse(self.connection.sock, method=verb)
                    answer.begin()
                    status, text = answer.status, answer.read().decode(errors="replace")
                    self.close()
                    return status, text
                answer = self.connection.getresponse()
                streams = answer.getheader("content-length") is None and patience < 5
                text = (answer.read1(65536) if streams else answer.read()).decode(errors="replace")
                if streams or answer.will_close:
                    self.close()
                return answer.status, text
            except (TimeoutError, socket.timeout):
                self.close()
                return 0, ""
            except (http.client.HTTPException, OSError):
                self.close()
                if not again:
                    raise

    def close(self):
        self.connection.close()
        self.connection = None


def wrong_value(field):
    """A JSON value that this field can never hold."""
    if field.is_repeated:
        return True
    if field.message_type:
        return True if field.message_type.full_name.startswith("google.protobuf.") else "neither"
    return {"neither": [1]}


def broken_bodies(binding):
    """(what, body) that no reader may accept."""
    yield "malformed", '{"a": '
    yield "malformed", "\x00\xff{]"
    yield "not an object", '["a", 1]'
    yield "deep unknown object", '{"a":' * DEEP + "1" + "}" * DEEP
    yield "deep list", "[" * DEEP + "]" * DEEP
    for field in binding.body_fields():
        if field.message_type and field.message_type.full_name == "google.protobuf.Struct":
            continue
        yield f"wrong type of {field.name}", json.dumps({field.json_name: wrong_value(field)})
        if field.message_type and not field.is_repeated:
            yield f"deep {field.name}", f'{{"{field.json_name}":' * DEEP + "1" + "}" * DEEP


def broken_queries(binding):
    yield "unknown parameter", "thereIsNoSuchField=1"
    yield "deep unknown parameter", ".".join(["a"] * 2000) + "=1"
    for field in binding.query_fields():
        if field.cpp_type in (field.CPPTYPE_INT32, field.CPPTYPE_INT64, field.CPPTYPE_BOOL, field.CPPTYPE_ENUM):
            yield f"wrong type of {field.name}", f"{field.json_name}=neither"
    yield "huge", "thereIsNoSuchField=" + "x" * 50_000


def by_route(status, text):
    """Nobody behind the gateway was asked: an answer of a service has details."""
    return status in (404, 405, 501) and '"reason"' not in text


def harvest(texts):
    names = {}
    for text in texts:
        for collection, one in NAME.findall(text):
            names.setdefault(collection, []).append(one)
    return names


def furnish(edge, operator, slug):
    """A tenant with an administrator and a few things of its own; (token, texts of all it may read)."""
    def do(path, body, token):
        status, text = edge.ask("POST", path, token, json.dumps(body))
        assert status == 200, f"{path}: {text}"
        return json.loads(text)

    password = "lantern-copper-7431-orbit"
    do("/v1/tenants", {"tenant": {"slug": slug, "displayName": f"{slug} centre"},
                       "administrator": {"login": "admin", "password": password}}, operator)
    token = do("/v1/sessions:login", {"tenant": slug, "login": "admin", "password": password}, "")["accessToken"]
    client = json.loads(edge.ask("GET", "/v1/clients", token)[1])["clients"][0]["name"]
    customer = do("/v1/customers", {"client": client, "person": {"fullName": f"{slug} person"},
                                    "contacts": [{"type": "MOBILE", "number": "+8613800138000"}]}, token)
    do("/v1/queues", {"code": f"{slug}-queue", "displayName": f"{slug} queue", "channels": ["VOICE"], "client": client},
       token)
    do("/v1/workOrders", {"client": client, "type": "COMPLAINT", "title": f"{slug} order", "contactName": f"{slug} caller",
                          "contactNumber": "+8613800138000", "customer": customer["name"]}, token)
    return token


def walk(gateway, expect):
    bindings, methods = read(layout.BUILD / "descriptor.binpb")
    expect(len(bindings) > 150, f"only {len(bindings)} bindings")
    edge = Edge(gateway)
    mark = uuid.uuid4().hex[:6]
    ours, theirs = (furnish(edge, gateway.token, f"{who}-{mark}") for who in ("alpha", "bravo"))
    lists = [b for b in bindings if b.verb == "GET" and not b.collections() and not b.streams and not b.public]
    mine = "".join(edge.ask("GET", b.path(), ours)[1] for b in lists)
    shown = [edge.ask("GET", b.path(), theirs)[1] for b in lists]
    names = harvest(shown)
    secret = set(UUID.findall("".join(shown))) - set(UUID.findall(mine))
    expect(len(secret) > 5 and {"customers", "queues", "workOrders"} <= set(names), f"little to find: {names}")
    cases = {"no token": 0, "route": 0, "another tenant's names": 0, "broken body": 0, "broken query": 0, "huge body": 0}
    wrong = []

    def case(kind, binding, what, allowed, *arguments, **more):
        cases[kind] += 1
        if binding.streams:
            more["patience"] = 1
        status, text = edge.ask(binding.verb, *arguments, **more)
        if not allowed(status, text):
            wrong.append(f"{binding.verb} {binding.template} ({what}): {status} {text[:200]}")
        return status, text

    for b in bindings:
        empty = "{}" if b.body else None
        if b.public:
            case("no token", b, "public", lambda s, t: s < 500 and not by_route(s, t), b.path(), body=empty)
        else:
            case("no token", b, "no token", lambda s, t: s == 401, b.path(), body=empty)
        case("route", b, "own token", lambda s, t: s < 500 and not by_route(s, t), b.path(), ours, body=empty)
        for collection in b.collections() & set(names):
            for one in names[collection][:3]:
                def hidden(status, text, one=one):
                    return status < 500 and f"bravo-{mark}" not in text and not (set(UUID.findall(text)) & secret - {one})
                case("another tenant's names", b, f"{collection} of B", hidden, b.path({collection: one}), ours, body=empty)
        if b.body:
            for what, body in broken_bodies(b):
                case("broken body", b, what, lambda s, t: s in (400, 413), b.path(), ours, body=body)
            # A field nobody knows is passed over, however long: a caller may be newer than the gateway.
            name = next((f.json_name for f in b.body_fields() if f.type == f.TYPE_STRING), "thereIsNoSuchField")
            # 429 is gRPC's own word (RESOURCE_EXHAUSTED) for a message above its limit.
            allowed = (lambda s, t: s < 500) if name == "thereIsNoSuchField" else (lambda s, t: s in (400, 413, 429))
            case("huge body", b, f"huge {name}", allowed, b.path(), ours, body=json.dumps({name: "x" * HUGE}))
        for what, query in broken_queries(b):
            case("broken query", b, what, lambda s, t: s in (400, 413, 414, 431), f"{b.path()}?{query}", ours, body=empty)
    after = [edge.ask("GET", b.path(), theirs)[1] for b in lists]
    lost = secret - set(UUID.findall("".join(after)))
    expect(not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:60]))
    expect(not lost, f"things of B that are no more: {lost}")
    print(f"   {len(bindings)} bindings of {methods} methods, {sum(cases.values())} cases: "
          + ", ".join(f"{count} {kind}" for kind, count in cases.items()), flush=True)
