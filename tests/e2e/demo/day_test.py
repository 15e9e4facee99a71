#!/usr/bin/env python3
"""An hour with about sixty calls goes through the whole platform, and every figure adds up."""

import json
import os
import subprocess
import sys
import time

import witnesses
from hour import OwnStack, expect, layout
from selling import sold_and_inspected


def audited(stack, services):
    """The audit chains are whole, and every service is in them; entries may be on their way for some seconds."""
    command = [layout.BIN / "carillon-access", "audit", "verify", "--json", "--heads", stack.run / "audit-heads.json"]
    url = stack.database_url("access", "worker")
    until = time.monotonic() + 60
    while True:
        done = subprocess.run(command, env={**os.environ, "CARILLON_ACCESS_DB_WORKER_URL": url}, capture_output=True, text=True)
        report = json.loads(done.stdout or "{}")
        seen = {service for tenant in report.get("tenants", []) for service in tenant["services"]}
        if services <= seen or time.monotonic() > until:
            break
        time.sleep(0.5)
    expect(done.returncode == 0, f"the audit chains are not whole: {done.stdout}{done.stderr}")
    expect(services <= seen, f"nothing was audited of {services - seen}")


with OwnStack() as own:
    code, report = own.play("--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200", "--seed", "7")
    expect(code == 0, f"it does not add up: {report['reconciliation']}")
    calls = report["input"]["calls"]
    expect(40 <= calls <= 90, f"{calls} calls were played")
    expect(sum(report["outcomes"].values()) == calls, f"{report['outcomes']} are not {calls} calls")
    expect(report["outcomes"]["answered"] >= calls / 2, f"only {report['outcomes']['answered']} were answered")
    expect(sum(i["calls"] for i in report["intervals"]) == calls, "the half-hours are not the hour")
    expect(report["agents_stuck"] == 0, "agents are stuck")
    expect(report["orders"]["created"] > 0 and report["orders"]["open"] == 0, f"orders: {report['orders']}")
    expect(report["clock"]["lag_p99"] <= 2, f"late: {report['clock']}")
    expect(len(report["events"]) >= 10, f"only {len(report['events'])} kinds of events were applied")
    expect(len([k for k in report["kpis"] if k.startswith("SL")]) >= 3, f"figures: {list(report['kpis'])}")
    sold_and_inspected(report)

    witnesses.agree(own.stack)
    audited(own.stack, set(own.stack.services) - {"insight"})  # which users only read

    # The same stack takes a second day, and the day before does not disturb it.
    code, report = own.play("--window", "10:00-10:30", "--call-count", "15", "--customer-count", "200", "--seed", "8")
    expect(code == 0, f"the second day does not add up: {report['reconciliation']}")
print("an hour of calls adds up")
sys.exit(0)
