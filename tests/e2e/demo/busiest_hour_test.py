#!/usr/bin/env python3
"""The busiest hour of a drawn day is what an Erlang-A queue with the same callers and agents predicts."""

import sys

from hour import OwnStack, expect

with OwnStack() as own:
    code, report = own.play("--hour", "--rate", "60", "--customer-count", "500", "--seed", "3")
    expect(code == 0, f"it does not add up: {report['reconciliation']}")
    rows = report["erlang_a"]
    expect(rows["offered"]["here"] > 80, f"only {rows['offered']['here']} callers asked for an agent")
    expect(all(row["low"] < row["high"] for row in rows.values()), f"the prediction has no spread: {rows}")
    expect("campaign" not in report, "campaigns dialled in the hour")
print("the busiest hour is as predicted")
sys.exit(0)
