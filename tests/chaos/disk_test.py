#!/usr/bin/env python3
"""The disk of PostgreSQL fills during a day: writes are refused with UNAVAILABLE, `status` says "disk full", and once
there is room again everything goes on by itself and nothing acknowledged is lost.

The database lies on a small tmpfs; without the right to mount one the test is skipped (exit code 77)."""

import errno
import subprocess
import sys
import time

from platform_under_fire import Clerk, Platform, expect

import postgres

SIZE = 600  # MiB
FULL = 8  # seconds it stays full after the first write was refused
place = None


def small(stack):
    global place
    place = postgres.home(stack.run / "postgres")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=755", "carillon-chaos", place],
                          capture_output=True, text=True)
    if done.returncode != 0:
        place = None
        print(f"skipped: no small file system can be mounted here: {done.stderr.strip()}")
        sys.exit(77)


def fill(own, clerk):
    own.await_day()
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
    parts = {row["part"]: row for row in own.stack.look()["parts"]}
    expect(parts["postgres"]["state"] == "disk full", f"status says {parts['postgres']}")
    print(f"  status: {parts['postgres']['state']}: {parts['postgres']['wrong']}", flush=True)
    expect(own.stack.status(as_json=True) == 1, "status says that all is well")
    before = len(clerk.acknowledged)
    filler.unlink()
    began = time.monotonic()
    while len(clerk.acknowledged) == before:
        expect(time.monotonic() - began < 60, "nothing was acknowledged since there is room again")
        time.sleep(0.05)
    answered = time.monotonic() - began
    for part in own.parts():
        own.await_condition(part, "running", 60)
    print(f"  full for {FULL} s; the next answer {answered:.1f} s after there was room, all parts run after "
          f"{time.monotonic() - began:.1f} s", flush=True)


try:
    with Platform(small) as own:
        with Clerk(own, pause=0.05) as clerk:
            code, report = own.play("--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200",
                                    "--rate", "60", "--seed", "14", meanwhile=lambda own: fill(own, clerk))
        expect(code == 0, f"it does not add up: {report['reconciliation']}")
        clerk.count()
        own.count(report)
finally:
    if place:
        subprocess.run(["umount", place], check=True)
        place.rmdir()
        for folder in (place.parent, place.parent.parent):  # what the mount kept from being removed
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()
print("the disk was full, and it adds up")
sys.exit(0)
