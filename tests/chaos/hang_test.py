#!/usr/bin/env python3
"""What others need hangs for a while (SIGSTOP: connections stay, answers stay away), has no disk left, or comes last.

Callers are answered within their deadline, `status` says in a few seconds what is wrong, everything goes on by itself,
and nothing is lost. The database lies on a small tmpfs; who may not mount one tries all but the full disk."""

import concurrent.futures
import errno
import json
import subprocess
import sys
import time

from platform_under_fire import Clerk, Platform, expect, hold, layout

import postgres

HELD = 6  # seconds
SIZE = 600  # MiB of the database's disk
FULL = 5  # seconds it stays full after the first write was refused
# Who hangs, a method that needs it, and whether that works all the same.
CASES = (("postgres", "customer", "CustomerService/ListCustomers", False),
         ("kafka", "customer", "CustomerService/ListCustomers", True),
         ("redis", "customer", "CustomerService/ListCustomers", True),
         ("customer", "customer", "CustomerService/ListCustomers", False))
place = None  # of the database, when it has a small disk


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
    expect(took < 8, f"status took {took:.1f} s")
    return {row["part"]: row for row in seen["parts"]}, took


def await_answer(clerk, before, since):
    """Seconds until the clerk has more than `before` acknowledged."""
    began = time.monotonic()
    while len(clerk.acknowledged) == before:
        expect(time.monotonic() - began < 60, f"nothing was acknowledged since {since}")
        time.sleep(0.05)
    return time.monotonic() - began


def small(stack):
    global place
    place = postgres.home(stack.run / "postgres")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=755", "carillon-chaos", place],
                          capture_output=True, text=True)
    if done.returncode != 0:
        place = None
        print(f"the full disk is not tried: no small file system can be mounted here: {done.stderr.strip()}")


def free():
    subprocess.run(["umount", place], check=True)
    place.rmdir()
    for folder in (place.parent, place.parent.parent):  # what the mount kept from being removed
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()


def hang(own, clerk):
    own.await_day()
    for part, service, method, works in CASES:
        before = len(clerk.acknowledged)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            held = pool.submit(hold, own, part, HELD)
            time.sleep(0.5)
            asked = pool.submit(ask, own, service, method, clerk.token, 3)
            parts, looked = look(own)
            code, took = asked.result()
            held.result()
        expect(took < 4.5, f"{part} hung, and {method} took {took:.1f} s")
        expect((code == "OK") == works and code in ("OK", 4, 14, "DEADLINE_EXCEEDED"), f"{part} hung: {method} said {code}")
        expect(parts[part]["state"] == "hung", f"{part} hung, status says {parts[part]}")
        back = own.await_condition(part, "running", 30)
        answered = await_answer(clerk, before, f"{part} hung")
        print(f"  {part} hung {HELD} s: {method} {code} after {took:.1f} s, status after {looked:.1f} s; back "
              f"{back:.1f} s after it went on, the next answer {answered:.1f} s later", flush=True)


def fill(own, clerk):
    """The database's disk: writes are refused with UNAVAILABLE until there is room again."""
    filler = place / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(2**20))
    except OSError as error:
        expect(error.errno == errno.ENOSPC, f"the disk cannot be filled: {error}")
    refused = clerk.repeats
    began = time.monotonic()
    while clerk.repeats == refused:
        expect(time.monotonic() - began < 60, "no write was refused though the disk is full")
        time.sleep(0.05)
    time.sleep(FULL)
    parts, _ = look(own)
    expect(parts["postgres"]["state"] == "disk full", f"status says {parts['postgres']}")
    print(f"  status: {parts['postgres']['state']}: {parts['postgres']['wrong']}", flush=True)
    before = len(clerk.acknowledged)
    filler.unlink()
    began = time.monotonic()
    answered = await_answer(clerk, before, "there is room again")
    for part in own.parts():
        own.await_condition(part, "running", 60)
    print(f"  full for {FULL} s; the next answer {answered:.1f} s after there was room, all parts run after "
          f"{time.monotonic() - began:.1f} s", flush=True)


def trouble(own, clerk):
    hang(own, clerk)
    if place:
        fill(own, clerk)
    expect(not own.played(), "the day was too short")


def comes_last(own):
    """Services before what they need: first the database, then access."""
    supervisor = own.stack.supervisor
    services = own.stack.services
    for group in ("gateway", "services", "stores"):
        supervisor.ask("stopProcessGroup", group)
    for group in ("services", "gateway"):
        supervisor.ask("startProcessGroup", group, False)
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


try:
    with Platform(small) as own:
        with Clerk(own, pause=0.1) as clerk:
            code, report = own.play("--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200",
                                    "--rate", "90", "--seed", "13", meanwhile=lambda own: trouble(own, clerk))
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
finally:
    if place:
        free()
print("hung, full and late parts: everything went on by itself, and it adds up")
sys.exit(0)
