#!/usr/bin/env python3
"""A rolling restart of every service under load: nothing is lost, and nobody who repeats what may be repeated is refused.

On the same platform, once the day is over: what a consumer refused comes again by `./carillon replay`."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import uuid

from platform_under_fire import Clerk, Platform, expect, layout

SESSIONS = "carillon.ivr.sessions.v1"  # which insight alone reads


def restart(own):
    own.await_day()
    before = {part: own.pids(part)[0] for part in own.parts()}
    began = time.monotonic()
    own.stack.restart([])
    print(f"all restarted in {time.monotonic() - began:.1f} s", flush=True)
    after = {part: own.pids(part)[0] for part in own.parts()}
    same = [part for part in before if before[part] == after[part]]
    expect(sorted(same) == ["kafka", "postgres", "redis"], f"not restarted: {same}")
    expect(not own.played(), "the day was over before the last was restarted")
    logs = {part: (own.stack.supervisor.logs / f"{part}.log").read_text(errors="replace") for part in own.stack.services}
    rude = [part for part, log in logs.items() if '"message":"stopped"' not in log]
    expect(not rude, f"did not end in good order: {rude}")


def kcat(own, *arguments):
    return subprocess.run(
        ["kcat", "-b", f"127.0.0.1:{own.stack.ports['kafka']}", "-X", "security.protocol=sasl_plaintext", "-X",
         "sasl.mechanism=PLAIN", "-X", "sasl.username=admin", "-X",
         f"sasl.password={own.stack.secrets.get('kafka_admin')}", *arguments], check=True, capture_output=True).stdout


def replay(own):
    """Two dead letters: one that can be applied by now, and one that nobody will ever decode."""
    key, headers, value = kcat(own, "-C", "-q", "-e", "-c", "1", "-t", SESSIONS, "-o", "beginning", "-f",
                               "%k\n%h\n%s").split(b"\n", 2)
    headers = dict(header.split("=", 1) for header in headers.decode().split(","))

    def put(topic, payload):
        headers["ce_id"] = str(uuid.uuid4())
        with tempfile.NamedTemporaryFile() as file:
            pathlib.Path(file.name).write_bytes(payload)
            kcat(own, "-P", "-t", topic, "-k", key.decode(), *(word for header in headers.items()
                                                               for word in ("-H", "=".join(header))), file.name)
        return headers["ce_id"]

    def await_letters(count):
        began = time.monotonic()
        while (seen := own.stack.look())["dead_letters"].get(SESSIONS, 0) != count:
            expect(time.monotonic() - began < 30, f"not {count} dead letters: {seen['dead_letters']}")
            time.sleep(0.2)
        expect(any(line.startswith(f"{count} dead letters of {SESSIONS}") for line in seen["wrong"]), str(seen["wrong"]))

    def applied(event):
        return own.stack.postgres.sql(f"SELECT count(*) FROM inbox WHERE event_id = '{event}'", "insight").strip() == "1"

    good, bad = put(f"{SESSIONS}.dlq", value), put(SESSIONS, b"\xff" * 40)
    await_letters(2)
    expect(not applied(good), "a dead letter was applied before it was replayed")
    said = subprocess.run([layout.ROOT / "carillon", "replay", SESSIONS], check=True, capture_output=True, text=True,
                          env={**os.environ, "CARILLON_RUN": str(own.stack.run)}).stdout.strip()
    expect(said == f"2 events put back into {SESSIONS}", f"replay said: {said}")
    await_letters(1)
    began = time.monotonic()
    while not applied(good):
        expect(time.monotonic() - began < 30, "a replayed event was not applied")
        time.sleep(0.1)
    expect(not applied(bad), "what cannot be decoded was applied")
    print(f"  {said}: one applied, the other refused again", flush=True)


with Platform() as own:
    with Clerk(own, pause=0.05) as clerk:
        code, report = own.play("--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200",
                                "--rate", "90", "--seed", "12", meanwhile=restart)
    expect(code == 0, f"it does not add up: {report['reconciliation']}")
    clerk.count()
    own.count(report)
    replay(own)
print("restarted one after another under load, and it adds up")
sys.exit(0)
