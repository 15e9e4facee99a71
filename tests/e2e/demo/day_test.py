#!/usr/bin/env python3
"""An hour with about sixty calls goes through the whole platform, and every figure adds up."""

import sys

import witnesses
from hour import OwnStack, expect

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

    witnesses.agree(own.stack)

    # The same stack takes a second day, and the day before does not disturb it.
    code, report = own.play("--window", "10:00-10:30", "--call-count", "15", "--customer-count", "200", "--seed", "8")
    expect(code == 0, f"the second day does not add up: {report['reconciliation']}")
print("an hour of calls adds up")
sys.exit(0)
