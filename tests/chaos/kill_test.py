#!/usr/bin/env python3
"""kill -9 of every part of the platform, one each few seconds, during a drawn day: it adds up, and nothing that was
acknowledged is lost or there twice. The simulator alone is spared: its journal is the truth to compare with."""

import argparse
import random
import signal
import statistics
import sys
import threading
import time

from platform_under_fire import Clerk, Platform, expect

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--seed", type=int, default=11, help="of the order and of the day (default: %(default)s)")
options.add_argument("--every", type=float, default=4, help="seconds between two deaths (default: %(default)s)")
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


with Platform() as own:
    day = (["--seed", str(options.seed)] if options.whole_day else
           ["--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200", "--rate", "60",
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
    expect(set(recoveries) == set(own.parts()), f"only {sorted(recoveries)} were killed")
print(f"{sum(map(len, recoveries.values()))} deaths of {len(recoveries)} parts, and it adds up")
sys.exit(0)
