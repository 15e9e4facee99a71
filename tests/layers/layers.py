#!/usr/bin/env python3
"""Who may include whom (CONTRIBUTING.md), read from the #include and import lines of the tree.

Prints how many lines it judged; exits 1 and names each forbidden one.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Each lib may include those before it, so there is no circle.
LIBS = [{"base"}, {"config", "obs", "calendar", "crypto", "text"}, {"runtime"}, {"redis", "kafka", "pg"}, {"rpc"},
        {"host"}, {"testing"}]
LEVEL = {lib: level for level, libs in enumerate(LIBS) for lib in libs}
SERVICES = {p.name for p in (ROOT / "services").iterdir() if p.is_dir()}
DOMAIN_LIBS = {"base", "calendar"}
# Libraries that stay behind the lib or room that wraps them.
WRAPPED = {
    "grpc": r"libs/(rpc|testing|host)/|services/\w+/(clients|api)/",
    "grpcpp": r"libs/(rpc|testing|host)/|services/\w+/(clients|api)/|deploy/docker/health.cpp",
    "pqxx": r"libs/(pg|testing)/|services/\w+/store/",
    "librdkafka": r"libs/kafka/|deploy/local/",
    "hiredis": r"libs/redis/",
    "prometheus": r"libs/obs/",
    "openssl": r"libs/crypto/",
    "unicode": r"libs/(text|calendar)/",
    "phonenumbers": r"libs/text/",
    "spdlog": r"libs/obs/.*\.cpp",
}
# (file, include): why this one is right.
GRANTED = {
    ("libs/host/", "carillon/access/v1/access_service.pb.h"): "every process gets its token and the keys from access",
    ("services/ivr/domain/", "quickjs.h"): "docs/adr/0050: the script engine is pure computation",
    ("services/ivr/domain/", "pugixml.hpp"): "docs/adr/0050: a flow is XML, and reading it is pure",
}


def judge(path, include):
    """Why `path` must not include `include`, or None."""
    # A service's second executable has the same rooms in a folder of its own.
    path, include = (line.replace("campaign/dialer/", "campaign/") for line in (path, include))
    parts, target = path.split("/"), include.split("/")
    if any(path.startswith(p) and include == i for p, i in GRANTED):
        return None
    if target[0] in WRAPPED and parts[0] in ("libs", "services", "deploy") and not re.match(WRAPPED[target[0]], path):
        return f"{target[0]} stays behind {WRAPPED[target[0]]}"
    ours = target[0] in LEVEL and len(target) > 1
    trade = include.startswith("carillon/") and target[1] in SERVICES
    if parts[0] == "libs":
        lib = parts[1]
        if target[0] in SERVICES and len(target) > 1 or trade:
            return "libs know no service"
        own = target[0] == lib or "tests" in parts and target[0] == "testing"
        if ours and not own and LEVEL[target[0]] >= LEVEL.get(lib, 0):
            return f"lib {lib} comes before {target[0]}"
    if parts[0] == "services":
        service, room = parts[1], parts[2] if len(parts) > 3 else "service"
        if target[0] in SERVICES - {service} and len(target) > 1:
            return "services share only protos"
        if ours and target[0] == "testing":
            return "testing is for tests"
        if trade and target[1] != service and room not in ("clients", "events", "service") and service != "simulator":
            return "another service's proto belongs in clients/ or events/"
        if room == "domain":
            if ours and target[0] not in DOMAIN_LIBS:
                return "domain takes base, calendar, its proto and the standard library"
            if target[0] == service and target[1] != "domain":
                return "domain knows no other room"
            if not ours and not include.startswith(("carillon/", "google/")) and target[0] not in (service, "ext") and "." in include and include != "time.h":
                return "domain takes base, calendar, its proto and the standard library"
        if room == "store" and target[0] == service and target[1] not in ("store", "domain"):
            return "store knows only domain"
    return None


def judge_import(path, imported):
    """The same for .proto files."""
    own = path.split("/")[2]
    if imported.startswith(("google/", f"carillon/{own}/")):
        return None
    allowed = {"options": (), "type": ("options",)}.get(own, ("options", "type"))
    return None if imported.split("/")[1] in allowed else "a contract imports only its own, type and options"


# The judge itself: each of these must be refused, or the check is worth nothing.
FORBIDDEN = [
    ("libs/pg/pool.cpp", "rpc/server.hpp"), ("libs/base/ids.cpp", "obs/log.hpp"), ("libs/pg/pool.cpp", "customer/domain/a.hpp"),
    ("libs/rpc/server.cpp", "carillon/customer/v1/customer.pb.h"), ("libs/kafka/kafka.cpp", "testing/database.hpp"),
    ("services/customer/domain/a.cpp", "customer/store/b.hpp"), ("services/customer/domain/a.cpp", "pg/tx.hpp"),
    ("services/customer/domain/a.cpp", "pqxx/pqxx"), ("services/customer/domain/a.cpp", "nlohmann/json.hpp"),
    ("services/customer/domain/a.cpp", "carillon/ivr/v1/flow.pb.h"), ("services/customer/store/a.cpp", "customer/api/b.hpp"),
    ("services/customer/api/a.cpp", "routing/domain/b.hpp"), ("services/customer/api/a.cpp", "carillon/ivr/v1/flow.pb.h"),
    ("services/customer/api/a.cpp", "pqxx/pqxx"), ("services/customer/store/a.cpp", "grpcpp/grpcpp.h"),
    ("services/customer/service.cpp", "testing/database.hpp"),
]


def main():
    slipped = [pair for pair in FORBIDDEN if judge(*pair) is None]
    if slipped or judge_import("proto/carillon/ivr/v1/a.proto", "carillon/customer/v1/b.proto") is None:
        sys.exit(f"the judge lets through: {slipped}")
    names = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard", "--", "libs", "services", "deploy", "proto"],
                           cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    judged, broken = 0, []
    for name in names:
        file = ROOT / name
        if not file.exists() or file.suffix not in (".hpp", ".cpp", ".proto"):
            continue
        proto = file.suffix == ".proto"
        pattern = r'^import\s+(?:public\s+)?"([^"]+)"' if proto else r'^\s*#\s*include\s*[<"]([^>"]+)[>"]'
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = re.match(pattern, line)
            if match:
                judged += 1
                why = (judge_import if proto else judge)(name, match.group(1))
                if why:
                    broken.append(f"{name}:{number}: {match.group(1)}: {why}")
    print(f"{judged} includes and imports judged, {len(broken)} forbidden")
    if broken or judged < 100:
        sys.exit("\n".join(broken) or "too few lines were found: is this the tree?")


if __name__ == "__main__":
    main()
