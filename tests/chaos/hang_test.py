#!/usr/bin/env python3
"""What others need hangs for a while (SIGSTOP: connections stay, answers stay away), or comes last.

Callers are answered within their deadline, `status` says in a few seconds who hangs, everything goes on by itself, and
nothing is lost."""

import json
import subprocess
import sys
import threading
import time

from platform_under_fire import Clerk, Platform, expect, hold, layout

HELD = 8  # seconds
# Who hangs, a method that needs it, and whether that works all the same.
CASES = (("postgres", "customer", "CustomerService/ListCustomers", False),
         ("kafka", "customer", "CustomerService/ListCustomers", True),
         ("redis", "customer", "CustomerService/ListCustomers", True),
         ("customer", "customer", "CustomerService/ListCustomers", False))


def ask(own, service, method, token, seconds):
    """(gRPC code or "OK", seconds it took) of a call with that deadline."""
    certificate, key = own.stack.certificates.of("operator")
    began = time.monotonic()
    done = subprocess.run(
        [layout.TOOLS / "bin/grpcurl", "-max-time", str(seconds), "-cacert", own.stack.certificates.ca, "-cert",
         certificate, "-key", key, "-protoset", layout.BUILD / "descriptor.binpb", "-format-error", "-H",
         f"authorization: Bearer {token}", "-d", "{}", f"localhost:{own.stack.ports[service]}",
         f"carillon.{service}.v1.{method}"], capture_output=True, text=True)
    took = time.monotonic() - began
    if done.returncode == 0:
        return "OK", took
    try:
        return json.loads(done.stderr)["code"], took
    except (ValueError, KeyError):
        return "DEADLINE_EXCEEDED" if "deadline exceeded" in done.stderr else done.stderr.strip(), took


def look(own):
    began = time.monotonic()
    seen = own.stack.look()
    took = time.monotonic() - began
    expect(took < 6, f"status took {took:.1f} s")
    return {row["part"]: row for row in seen["parts"]}, took


def hang(own, clerk):
    own.await_day()
    for part, service, method, works in CASES:
        before = len(clerk.acknowledged)
        held = threading.Thread(target=hold, args=(own, part, HELD))
        held.start()
        time.sleep(0.5)
        code, took = ask(own, service, method, clerk.token, 3)
        parts, looked = look(own)
        held.join()
        expect(took < 4.5, f"{part} hung, and {method} took {took:.1f} s")
        expect((code == "OK") == works and code in ("OK", 4, 14, "DEADLINE_EXCEEDED"), f"{part} hung: {method} said {code}")
        expect(parts[part]["state"] == "hung", f"{part} hung, status says {parts[part]}")
        back = own.await_condition(part, "running", 30)
        began = time.monotonic()
        while len(clerk.acknowledged) == before:
            expect(time.monotonic() - began < 30, f"nothing was acknowledged since {part} hung")
            time.sleep(0.05)
        print(f"  {part} hung {HELD} s: {method} {code} after {took:.1f} s, status after {looked:.1f} s; back "
              f"{back:.1f} s after it went on, the next answer {time.monotonic() - began:.1f} s later", flush=True)


def comes_last(own):
    """Services before what they need: first the database, then access."""
    supervisor = own.stack.supervisor
    services = own.stack.services
    for part in (*services, "gateway", "postgres", "redis", "kafka"):
        supervisor.stop_part(part)
    for part in (*services, "gateway"):
        supervisor.start_part(part)
    for service in services:
        own.await_condition(service, "waiting", 30)
    parts, _ = look(own)
    wrong = {service: parts[service]["wrong"] for service in services if parts[service]["wrong"] != "waiting for postgres"}
    expect(not wrong, f"status says {wrong}")
    expect(all(parts[store]["state"] == "stopped" for store in ("postgres", "redis", "kafka")), str(parts))
    supervisor.stop_part("access")
    began = time.monotonic()
    supervisor.start_part("postgres")
    for service in services[1:]:
        while (row := own.condition(service))["wrong"] != "waiting for access":
            expect(time.monotonic() - began < 60, f"status says {row}")
            time.sleep(0.1)
    for part in ("access", "redis", "kafka"):
        supervisor.start_part(part)
    for part in own.parts():
        own.await_condition(part, "running", 60)
    print(f"  started before what they need: all serve {time.monotonic() - began:.1f} s after postgres began", flush=True)


with Platform() as own:
    with Clerk(own, pause=0.1) as clerk:
        code, report = own.play("--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200",
                                "--rate", "60", "--seed", "13", meanwhile=lambda own: hang(own, clerk))
        expect(code == 0, f"it does not add up: {report['reconciliation']}")
        own.count(report)
        clerk.resumed.set()
        comes_last(own)
        last = len(clerk.acknowledged)
        deadline = time.monotonic() + 60
        while len(clerk.acknowledged) < last + 5:
            expect(time.monotonic() < deadline, "nobody is served after the stores came last")
            time.sleep(0.1)
    clerk.count()
print("hung and late parts: everything went on by itself, and it adds up")
sys.exit(0)
