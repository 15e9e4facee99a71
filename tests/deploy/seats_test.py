#!/usr/bin/env python3
"""What a centre costs that has so many seats: all of them signed in at one moment, calls at the pace of real time, under Compose;
processor and memory of every container, which must be within what the profile of that size gives it.

  tests/deploy/seats_test.py      as root; needs the images. CARILLON_SEATS=50,300 CARILLON_SEATS_MINUTES=8 CARILLON_SEATS_SETTLE=2
"""

import datetime
import json
import os
import subprocess
import sys
import time
import unittest

import chart_test
import demo
import images
import layout
from chart_test import pod
from compose import PROCESSES
from containers_test import OverDocker

SEATS = [int(word) for word in os.environ.get("CARILLON_SEATS", "50,300").split(",")]
MINUTES = float(os.environ.get("CARILLON_SEATS_MINUTES", "8"))
SETTLE = float(os.environ.get("CARILLON_SEATS_SETTLE", "2"))
CALLS_AN_HOUR = 12.4  # and agent signed in: figure B4h of the bank's day
MEBI = 2**20


def profile_of(seats):
    """The smallest profile for so many."""
    return next(name for name, most in (("small", 50), ("medium", 300), ("large", 3000)) if seats <= most)


def centre(seats):
    """The bank's callers, so many more of them, and everybody at work from 10:00 to 12:00."""
    document = json.loads((layout.ROOT / "deploy/local/profiles/bank-day.json").read_text())
    busy = next(row for row in document["arrivals"] if row["start"] == "10:00")
    mean = {kind: calls for kind, calls in busy.items() if kind != "start"}
    factor = seats * CALLS_AN_HOUR / 2 / sum(mean.values())
    document["arrivals"] = [{"start": row["start"], **{kind: calls * factor for kind, calls in mean.items()}}
                            for row in document["arrivals"]]
    document["calls_per_day"] = seats * CALLS_AN_HOUR * 24
    document["shifts"] = [{"agent": f"agent{number:04}", "in": "10:00", "out": "12:00"} for number in range(1, seats + 1)]
    return document


def given(profile):
    """part -> (requested cores, most bytes) of one of its containers, by the chart."""
    def number(text):
        ends = {"m": 1e-3, "Ki": 2**10, "Mi": MEBI, "Gi": 2**30}
        end = next((end for end in ends if str(text).endswith(end)), "")
        return float(str(text).removesuffix(end)) * ends.get(end, 1)

    found = {}
    for load in chart_test.loads(chart_test.profile(profile)):
        resources = pod(load)["spec"]["containers"][0]["resources"]
        found[chart_test.part(load)] = (number(resources["requests"]["cpu"]), number(resources["limits"]["memory"]))
    return found


class Seats(OverDocker):
    def used(self):
        """part -> (processor seconds since its start, bytes without what the kernel would give back at once)."""
        socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        found = {}
        for name, container in self.running.items():
            url = f"http://docker/containers/{container}/stats?stream=false&one-shot=true"
            row = json.loads(layout.checked(["curl", "--silent", "--fail", "--unix-socket", socket, url], f"no figures of {name}"))
            memory = row["memory_stats"]
            kept = memory["stats"].get("total_inactive_file", memory["stats"].get("inactive_file", 0))
            found[name] = (row["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9, memory["usage"] - kept)
        return found

    def journal(self, what):
        with open(self.folder / "journal.jsonl") as file:
            return sum(f'"what":"{what}"' in line for line in file)

    def business_time(self):
        """Of the last line; it stands still while this machine does not keep up, so nothing is measured against the wall."""
        last = (self.folder / "journal.jsonl").read_text().rpartition("\n")[0].splitlines()[-1]
        return datetime.datetime.fromisoformat(json.loads(last)["at"].replace("Z", "+00:00")).timestamp()

    def measured(self, seats):
        """(business seconds, part -> processor seconds, part -> bytes at most, what happened meanwhile)."""
        (self.folder / "centre.json").write_text(json.dumps(centre(seats)))
        (self.folder / "journal.jsonl").write_text("")
        options = demo.parser().parse_args([])
        command = [*demo.simulator(self.stack, "run"), "--clock", self.stack.clock, "--flow",
                   layout.ROOT / "services/ivr/flows/bank.scxml", "--profile", self.folder / "centre.json", "--customer-count",
                   options.customer_count, "--seed", options.seed, "--rate", 1, "--window", "10:00-12:00", "--journal",
                   self.folder / "journal.jsonl", "--json", self.folder / "run.json", "--quiet"]
        env = {**os.environ, "CARILLON_SIMULATOR_ADMIN_LOGIN": "admin",
               "CARILLON_SIMULATOR_ADMIN_PASSWORD": self.stack.secrets.get("admin_password"),
               "CARILLON_SIMULATOR_SECRET": self.stack.secrets.get("demo_people")}
        with open(self.folder / "simulator.log", "wb") as log:
            playing = subprocess.Popen([str(word) for word in command], env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.until(lambda: self.journal("sign_in") == seats, 1200, playing)
            time.sleep(SETTLE * 60)
            kinds = ("arrive", "talk", "over", "order", "refusal", "desk_lost", "line_lost")
            before, began, seen = self.used(), self.business_time(), {kind: self.journal(kind) for kind in kinds}
            most = {name: bytes for name, (_, bytes) in before.items()}
            end = time.monotonic() + 4 * MINUTES * 60
            while self.business_time() - began < MINUTES * 60:
                self.assertLess(time.monotonic(), end, "this machine does not keep up with a quarter of it")
                time.sleep(10)
                self.assertIsNone(playing.poll(), (self.folder / "simulator.log").read_text()[-2000:])
                after = self.used()
                most = {name: max(most[name], bytes) for name, (_, bytes) in after.items()}
            return (self.business_time() - began, {name: after[name][0] - before[name][0] for name in after}, most,
                    {kind: self.journal(kind) - seen[kind] for kind in kinds})
        finally:
            playing.kill()  # who was in a call hangs up with it; the platform is thrown away
            playing.wait()

    def until(self, right, patience, playing):
        end = time.monotonic() + patience
        while not right():
            self.assertIsNone(playing.poll(), (self.folder / "simulator.log").read_text()[-2000:])
            self.assertLess(time.monotonic(), end, (self.folder / "simulator.log").read_text()[-2000:])
            time.sleep(1)

    def test_what_seats_cost_is_what_their_profile_gives(self):
        for seats in SEATS:
            with self.subTest(seats):
                self.stack.up()
                self.running = {row["Config"]["Labels"]["com.docker.compose.service"].removeprefix("carillon-"): row["Id"]
                                for row in self.stack.containers() if row["State"]["Running"]}
                self.assertEqual(set(self.running), {*images.PARTS, *PROCESSES} - {"migrations"})
                seconds, processor, most, happened = self.measured(seats)
                calls = happened["arrive"]
                print(f"  {seats} seats for {seconds:.0f} s: " + ", ".join(f"{n} {kind}" for kind, n in happened.items()))
                rows = sorted(((processor[name], most[name], name) for name in processor), reverse=True)
                for spent, memory, name in [*rows, (sum(processor.values()), sum(most.values()), "all")]:
                    print(f"  {name:<12} {spent / seconds:6.3f} cores {spent / calls * 1000:6.1f} ms a call {memory / MEBI:6.0f} MiB",
                          flush=True)
                planned = seconds * seats * CALLS_AN_HOUR / 3600
                self.assertGreater(calls, planned - 4 * planned**0.5, "fewer calls came than are planned for")
                self.assertEqual((happened["desk_lost"], happened["line_lost"]), (0, 0))
                have = given(profile_of(seats))
                for name in processor:
                    if name not in have:
                        continue  # a store of the operator's own
                    cores, memory = have[name]
                    self.assertLess(processor[name] / seconds, cores, f"{name} needs more than the profile requests")
                    self.assertLess(most[name], memory, f"{name} is killed at the profile's limit")
                self.stack.compose("down", "-v", "-t", "10")


if __name__ == "__main__":
    os.chdir(layout.ROOT)
    unittest.main(verbosity=2)
