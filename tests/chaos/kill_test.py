#!/usr/bin/env python3
"""kill -9 of every part of the platform, one each few seconds, during a drawn day: it adds up, and nothing that was
acknowledged is lost or there twice. The simulator alone is spared: its journal is the truth to compare with.

On the same platform, once the day is over: a write without a request id that was under way is not repeated by the gateway."""

import argparse
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

from platform_under_fire import Clerk, Platform, expect

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--seed", type=int, default=11, help="of the order and of the day (default: %(default)s)")
options.add_argument("--every", type=float, default=3, help="seconds between two deaths (default: %(default)s)")
options.add_argument("--rounds", type=int, default=1, help="each part dies so often, at least (default: %(default)s)")
options.add_argument("--whole-day", action="store_true", help="a day of 24 hours, deaths to its end")
options = options.parse_args()

recoveries = {}


def watch(own, part, pid):
    try:
        took = own.await_condition(part, "running", 180, other_than=pid)
    except AssertionError as error:
        took = error
    recoveries.setdefault(part, []).append(took)


def kill(own):
    """In rounds; everybody once a round, in an order drawn anew."""
    order = random.Random(options.seed)
    own.await_day()
    watchers = []
    rounds = 0
    while rounds < options.rounds or (options.whole_day and not own.played()):
        parts = own.parts()
        order.shuffle(parts)
        print(f"round {rounds + 1}, seed {options.seed}: {', '.join(parts)}", flush=True)
        for part in parts:
            if own.played():
                expect(rounds >= options.rounds, f"the day ended in round {rounds + 1}: it was too short")
                break
            killed = own.signal(part, signal.SIGKILL)
            watchers.append(threading.Thread(target=watch, args=(own, part, (killed or [0])[0])))
            watchers[-1].start()
            time.sleep(options.every)
        rounds += 1
    for watcher in watchers:
        watcher.join()


def unrepeated(own, clerk):
    """customer dies while its database holds an entry up: only the caller may know whether to send that again."""
    sql = own.stack.postgres.sql

    def repeats():
        with urllib.request.urlopen(f"http://127.0.0.1:{own.stack.ports['gateway_admin']}/stats?filter="
                                    r"cluster\.customer\.upstream_rq_retry$") as answer:
            return answer.read()

    name = f"顾客{clerk.mark}一次"
    answers = []
    expect(clerk.log_in() == 200, "nobody is let in")
    before = repeats()
    with subprocess.Popen(["psql", "-qXAt", own.stack.postgres.url(database="customer")], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:  # until its input ends
        holder.stdin.write("BEGIN; LOCK TABLE customers IN SHARE MODE; SELECT 'held';\n")
        holder.stdin.flush()
        expect(holder.stdout.readline() == "held\n", "nobody can hold the table")
        held = threading.Thread(target=lambda: answers.append(clerk.post("/v1/customers", {
            "person": {"fullName": name}, "contacts": [{"type": "MOBILE", "number": "+8613999999999"}]}, clerk.token)))
        held.start()
        deadline = time.monotonic() + 10
        while sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%customers%'",
                  "customer") == "0":
            expect(time.monotonic() < deadline, f"the entry does not wait: {answers}")
            time.sleep(0.05)
        killed = own.signal("customer", signal.SIGKILL)
        held.join(15)
        own.await_condition("customer", "running", 60, other_than=killed[0])
    expect(answers and answers[0][0] in (502, 503), f"the caller was told {answers}")
    expect(repeats() == before, f"the gateway repeated it: {before} before, {repeats()} after")
    there = sql(f"SELECT count(*) FROM customers WHERE display_name = '{name}'", "customer")
    expect(there == "0", f"the entry is there {there} times")
    print(f"  an entry without a request id was under way: {answers[0][0]}, not repeated", flush=True)


with Platform() as own:
    day = (["--seed", str(options.seed)] if options.whole_day else
           ["--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200", "--rate", "90",
            "--seed", str(options.seed)])
    with Clerk(own) as clerk:
        code, report = own.play(*day, meanwhile=kill)
    lost = {part: took for part, times in recoveries.items() for took in times if isinstance(took, AssertionError)}
    expect(not lost, f"did not come back: {lost}")
    print("part        deaths  back after (median, longest)")
    for part, times in recoveries.items():
        print(f"{part:<12}{len(times):>6}  {statistics.median(times):.1f} s, {max(times):.1f} s", flush=True)
    expect(code == 0, f"it does not add up: {report['reconciliation']}")
    clerk.count()
    own.count(report)
    unrepeated(own, clerk)
    expect(set(recoveries) == set(own.parts()), f"only {sorted(recoveries)} were killed")
print(f"{sum(map(len, recoveries.values()))} deaths of {len(recoveries)} parts, and it adds up")
sys.exit(0)
