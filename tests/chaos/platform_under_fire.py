"""What the chaos tests share: a platform of their own, a clerk who keeps working, and the count afterwards.

Processes are found through the platform's own supervisor and by descent from them, never by name.
"""

import json
import os
import pathlib
import signal
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e/demo"))

from hour import OwnStack, expect  # noqa: E402,F401
import layout  # noqa: E402,F401


class Platform(OwnStack):
    def parts(self):
        return list(self.stack.supervisor.processes())

    def pids(self, part):
        """The part's process and its descendants: the whole cluster of PostgreSQL."""
        found = [self.stack.supervisor.processes()[part]["pid"]]
        if not found[0]:
            return []
        parents = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def signal(self, part, number, pids=None):
        pids = pids or self.pids(part)
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        return pids

    def condition(self, part):
        return self.stack.condition(part, self.stack.supervisor.processes()[part], (0, "", 0))

    def await_condition(self, part, state, seconds, other_than=0):
        """Seconds until the part is in the state (with another pid than the one given)."""
        began = time.monotonic()
        while True:
            row = self.condition(part)
            if row["state"] == state and row["pid"] != other_than:
                return time.monotonic() - began
            if time.monotonic() - began > seconds:
                raise AssertionError(f"{part} is {row['state']} ({row['wrong']}) after {seconds} s, not {state}")
            time.sleep(0.05)

    def await_day(self, seconds=180):
        """Until the first caller of the day has an agent."""
        deadline = time.monotonic() + seconds
        while not any(entry["what"] == "talk" for entry in self.journal()):
            if time.monotonic() > deadline:
                raise AssertionError(f"nobody talked within {seconds} s")
            time.sleep(0.1)

    def played(self):
        """Whether the journal has the end of the day."""
        file = self.stack.run / "simulator/journal.jsonl"
        if not file.exists():
            return False
        with file.open("rb") as journal:
            journal.seek(max(0, file.stat().st_size - 300))
            return b'"what":"end"' in journal.read()

    def count(self, report):
        """What the report does not ask: nobody stuck in any state, each order of the journal there once."""
        sql = self.stack.postgres.sql
        stuck = sql("SELECT state, count(*) FROM agent_sessions WHERE state <> 'SIGNED_OUT' GROUP BY 1", "routing")
        expect(not stuck, f"agents are stuck: {stuck}")
        open_work = sql("SELECT state, count(*) FROM interactions WHERE state NOT IN "
                        "('COMPLETED', 'ABANDONED', 'CANCELED') GROUP BY 1", "routing")
        expect(not open_work, f"interactions are not over: {open_work}")
        made = [entry["order"].removeprefix("workOrders/")
                for entry in self.journal() if entry["what"] == "order"]
        expect(len(made) == len(set(made)), "the journal has an order twice")
        rows = sql("SELECT work_order_id, interaction_id FROM work_orders", "workorder").splitlines()
        kept = dict(row.split("|") for row in rows)
        lost = [order for order in made if order not in kept]
        expect(not lost, f"{len(lost)} orders of the journal are not in workorder: {lost[:3]}")
        doubled = sql("SELECT interaction_id, count(*) FROM work_orders WHERE interaction_id IS NOT NULL "
                      "GROUP BY 1 HAVING count(*) > 1", "workorder")
        expect(not doubled, f"orders were made twice: {doubled}")
        print(f"  {report['input']['calls']} calls, {report['outcomes']['answered']} answered, {len(made)} orders: all "
              f"there, once", flush=True)


class Clerk(threading.Thread):
    """A client as it should be: enters customers through the gateway, each under one request_id, repeats what may be
    repeated, and remembers what was acknowledged. The report counts a platform at rest, so the clerk rests when the day
    is over, until `resumed` is set."""

    PATIENCE = 10  # seconds for one try
    AGAIN = (408, 429, 502, 503, 504)

    def __init__(self, own, pause=0.2):
        super().__init__(daemon=True)
        self.own = own
        self.stack = own.stack
        self.pause = pause
        self.mark = uuid.uuid4().hex[:8]
        self.acknowledged = {}  # full name -> customers/...
        self.refused = []
        self.repeats = 0
        self.longest = 0.0
        self.without_retry_info = []
        self.ending = threading.Event()
        self.resumed = threading.Event()
        self.token = ""
        self.context = ssl.create_default_context(cafile=str(self.stack.certificates.ca))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.ending.set()
        if kind is None:
            self.join(180)
            expect(not self.is_alive(), "the clerk waits for ever")

    def post(self, path, body, token=""):
        """(status, answer); status 0 when there was no answer at all."""
        request = urllib.request.Request(f"https://localhost:{self.stack.ports['gateway']}{path}",
                                         json.dumps(body).encode(), {"content-type": "application/json"})
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=self.PATIENCE, context=self.context) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            try:
                return error.code, json.loads(error.read() or b"{}")
            except ValueError:
                return error.code, {}
        except (OSError, ValueError):
            return 0, {}

    def log_in(self):
        status, answer = self.post("/v1/sessions:login", {
            "tenant": "platform", "login": "admin", "password": self.stack.secrets.get("admin_password")})
        if status == 200:
            self.token = answer["accessToken"]
        return status

    def run(self):
        number = 0
        while not self.ending.is_set():
            if self.own.played() and not self.resumed.is_set():
                self.ending.wait(0.1)
                continue
            number += 1
            self.enter(f"顾客{self.mark}{number}", f"+8613{number:09d}")
            self.ending.wait(self.pause)

    def enter(self, name, phone):
        body = {"person": {"fullName": name}, "contacts": [{"type": "MOBILE", "number": phone}]}
        path = f"/v1/customers?requestId={uuid.uuid4()}"
        began = time.monotonic()
        while time.monotonic() - began < 150:
            status, answer = (self.log_in(), {}) if not self.token else self.post(path, body, self.token)
            if status == 200 and "name" in answer:
                self.acknowledged[name] = answer["name"]
                self.longest = max(self.longest, time.monotonic() - began)
                return
            if status == 200:
                continue
            if status == 401:
                self.token = ""
            elif status not in (0, *self.AGAIN):
                self.refused.append((status, answer))
                return
            elif status in (429, 503) and answer.get("code") in (8, 14) and not any(
                    d["@type"].endswith("RetryInfo") or d.get("reason", "").startswith("GATEWAY_")
                    for d in answer.get("details", [])):
                self.without_retry_info.append(answer)
            self.repeats += 1
            time.sleep(0.2)
        self.refused.append((status, answer, "given up after 150 s"))

    def count(self):
        """What was acknowledged is there, once; nothing else is."""
        expect(not self.refused, f"the clerk was refused {len(self.refused)} times: {self.refused[:3]}")
        expect(not self.without_retry_info, f"UNAVAILABLE without RetryInfo: {self.without_retry_info[:2]}")
        rows = self.stack.postgres.sql("SELECT display_name, customer_id FROM customers "
                                       f"WHERE display_name LIKE '顾客{self.mark}%'", "customer").splitlines()
        kept = [tuple(row.split("|")) for row in rows]
        promised = [(name, customer.removeprefix("customers/")) for name, customer in self.acknowledged.items()]
        lost = set(promised) - set(kept)
        expect(not lost, f"{len(lost)} acknowledged customers are not there: {sorted(lost)[:3]}")
        expect(len(kept) == len(promised), f"{len(promised)} were acknowledged, {len(kept)} are there")
        expect(promised, "the clerk got nothing done")
        print(f"  {len(promised)} customers entered through the gateway and all there, {self.repeats} tries repeated, the "
              f"longest took {self.longest:.1f} s", flush=True)


def hold(own, part, seconds):
    """SIGSTOP for so long."""
    held = own.signal(part, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        own.signal(part, signal.SIGCONT, held)
