#!/usr/bin/env python3
"""A rolling restart of every service under load: nothing is lost, and nobody who repeats what may be repeated is refused."""

import sys
import time

from platform_under_fire import Clerk, Platform, expect


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


with Platform() as own:
    with Clerk(own, pause=0.05) as clerk:
        code, report = own.play("--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200",
                                "--rate", "60", "--seed", "12", meanwhile=restart)
    expect(code == 0, f"it does not add up: {report['reconciliation']}")
    clerk.count()
    own.count(report)
print("restarted one after another under load, and it adds up")
sys.exit(0)
