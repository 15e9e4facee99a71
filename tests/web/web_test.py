#!/usr/bin/env python3
"""The web client in a real browser on a real stack, with a switch that is driven by the tests.

    web_test.py                     on a stack of its own, after an hour of calls
    web_test.py --run DIR           on the stack that runs in DIR (.run) and has played a day; leaves what it made
    web_test.py [--run DIR] --pictures   makes the pictures of docs/user-guide anew
    web_test.py [--run DIR] --bench      prints the figures of docs/services/web.md; on a stack of its own beside a day
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e/demo"))

from hour import ROOT, OwnStack, expect, layout  # noqa: E402
import web  # noqa: E402
from stack import Stack  # noqa: E402


def browse(stack, spec, title=""):
    """Runs Playwright; how many tests passed and failed."""
    people = json.loads((stack.run / "simulator/people.json").read_text())
    settings = {
        "url": f"https://localhost:{stack.ports['gateway']}", "browser": web.BROWSER, "tenant": people["tenant"],
        "people": {person["login"]: person["password"] for person in people["people"]},
        "pictures": str(ROOT / "docs/user-guide"), "results": str(layout.BUILD / "web-results"),
    }
    certificate, key = stack.certificates.of("ivr")
    settings["channel"] = {"port": stack.ports["routing"], "ca": str(stack.certificates.ca), "certificate": str(certificate), "key": str(key),
                           "secret": stack.secrets.get("auth_ivr")}
    results = pathlib.Path(settings["results"])
    command = [layout.VENV / "node", web.WEB / "node_modules/@playwright/test/cli.js", "test", "-c", HERE / "playwright.config.ts",
               "--output", results, *(["-g", title] if title else []), spec]
    env = {**web.environment(), "NODE_PATH": str(web.WEB / "node_modules"), "CARILLON_WEB_TEST": json.dumps(settings),
           "NODE_EXTRA_CA_CERTS": str(stack.certificates.ca), "CARILLON_WEB_PICTURES": "1" if "pictures" in spec else "",
           "CARILLON_WEB_BENCH": "1" if "bench" in spec else ""}
    count = {"passed": 0, "failed": 0}
    with subprocess.Popen([str(part) for part in command], cwd=HERE, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=env) as done:
        for line in done.stdout:
            print(line, end="", flush=True)
            for number, word in re.findall(r"^\s*(\d+) (passed|failed)", line):
                count[word] += int(number)
    if done.returncode and not count["failed"]:
        count["failed"] = 1
    return count


def figures():
    """A desk and a floor measured while an hour is played at twice its speed on the same machine."""
    counts = []

    def measure(own):
        deadline = time.monotonic() + 400
        while not any(one.get("what") == "talk" for one in own.journal()):
            expect(time.monotonic() < deadline, "the day does not begin")
            time.sleep(1)
        counts.append(browse(own.stack, "bench"))

    with OwnStack() as own:
        own.play("--window", "10:00-10:08", "--rate", "2", "--call-count", "80", "--customer-count", "500", "--seed", "7", meanwhile=measure)
    expect(counts and counts[0]["failed"] == 0 and counts[0]["passed"] > 0, "a figure is missing")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run")
    parser.add_argument("--pictures", action="store_true")
    parser.add_argument("--bench", action="store_true")
    parser.add_argument("--only", help="tests whose file fits: desk, pages, office, records, knowledge")
    parser.add_argument("--title", default="", help="tests whose title fits")
    options = parser.parse_args()
    if not pathlib.Path(web.BROWSER).exists():
        print(f"skipped: {web.BROWSER} is missing; deploy/local/install.sh installs it")
        return 0
    web.build()
    if options.bench and not options.run:
        return figures()
    spec = "pictures" if options.pictures else "bench" if options.bench else options.only or "(desk|pages|office|records|knowledge).spec"
    if options.run:
        count = browse(Stack(options.run).load(), spec, options.title)
    else:
        with OwnStack() as own:
            code, report = own.play("--window", "10:00-11:00", "--call-count", "60", "--customer-count", "200", "--seed", "7")
            expect(code == 0, f"the hour does not add up: {report['reconciliation']}")
            count = browse(own.stack, spec, options.title)
            print(f"{count['passed']} passed, {count['failed']} failed")
            expect(count["failed"] == 0 and count["passed"] > 0, "the web client does not do what it should")
            return 0
    print(f"{count['passed']} passed, {count['failed']} failed")
    return 1 if count["failed"] or not count["passed"] else 0


sys.exit(main())
