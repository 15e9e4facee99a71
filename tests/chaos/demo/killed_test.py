#!/usr/bin/env python3
"""kill -9 of routing and of ivr while calls are talked, waited and keyed: it still adds up, and nobody is stuck."""

import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "e2e/demo"))
from hour import OwnStack, expect  # noqa: E402

killed = []


def kill(own):
    """Each twice, in the middle: after so many conversations began."""
    for service, after in (("routing", 6), ("ivr", 12), ("routing", 20), ("ivr", 26)):
        deadline = time.monotonic() + 300
        while sum(1 for entry in own.journal() if entry["what"] == "talk") < after:
            if time.monotonic() > deadline:
                raise AssertionError(f"no {after} conversations within 300 s")
            time.sleep(0.02)
        pid = own.stack.supervisor.processes()[service]["pid"]
        if pid:
            os.kill(pid, signal.SIGKILL)
            killed.append((service, pid))


with OwnStack() as own:
    code, report = own.play("--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200", "--seed", "9",
                            meanwhile=kill)
    expect([service for service, _ in killed] == ["routing", "ivr", "routing", "ivr"], f"killed: {killed}")
    now = own.stack.supervisor.processes()
    expect(all(now[service]["pid"] != pid for service, pid in killed), "nothing was brought back")
    expect(code == 0, f"it does not add up: {report['reconciliation']}")
    expect(report["agents_stuck"] == 0, "agents are stuck")
    expect(report["outcomes"]["answered"] > 26, f"outcomes: {report['outcomes']}")
print("killed four times, and it adds up")
sys.exit(0)
