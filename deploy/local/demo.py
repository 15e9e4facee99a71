"""The demo: a bank's day of calls through the whole platform, and whether it adds up.

carillon-simulator acts the day from outside, with logins like anybody's. What became of it is then counted again here
from the databases, each for itself: the simulator's own counters prove nothing.
"""

import argparse
import collections
import datetime
import json
import os
import re
import subprocess
import sys
import time

import campaigns
import layout
import quality
from layout import Problem

LAG_LIMIT = 2.0  # simulated seconds, p99
OUTCOMES = ("self_served", "answered", "abandoned", "phantom", "invalid")


def parser():
    top = argparse.ArgumentParser(prog="./carillon demo", description=__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--calls", metavar="FILE", help="replay a log (.txt or .xz) instead of drawing a day; needs --day")
    top.add_argument("--day", metavar="YYYY-MM-DD", help="the day of the log")
    top.add_argument("--profile", metavar="FILE", default="deploy/local/profiles/bank-day.json",
                     help="the profile a day is drawn from (default: %(default)s)")
    top.add_argument("--customers", metavar="CSV", help="customers from a table (age;job;…), .csv or .csv.xz")
    top.add_argument("--customer-count", type=int, default=2000, help="at most so many (default: %(default)s)")
    top.add_argument("--json", metavar="FILE", help="the report as JSON")
    top.add_argument("--seed", type=int, default=1, help="of everything drawn (default: %(default)s)")
    top.add_argument("--rate", type=float, help="simulated seconds a second at most (default: 600, with --hour 1)")
    top.add_argument("--hour", action="store_true",
                     help="the busiest hour alone, without campaigns, and whether it is what an Erlang-A queue predicts")
    top.add_argument("--window", default="00:00-24:00", help="a part of the day (default: %(default)s)")
    top.add_argument("--call-count", type=int, default=0, help="about so many calls, for a drawn day")
    top.add_argument("--target", choices=["local", "compose"], default="local",
                     help="the local stack, or the containers of docker-compose.yml (default: %(default)s)")
    top.add_argument("--no-build", action="store_true", help="with the binaries as they are")
    top.add_argument("--quiet", action="store_true", help="no live line")
    return top


def run(stack, arguments):
    """The stack is up and stays up. Ends the process with 0 only when the day was played and everything adds up."""
    options = parser().parse_args(arguments)
    if bool(options.calls) != bool(options.day):
        raise Problem("--calls and --day belong together")
    started = time.monotonic()
    folder = stack.run / "simulator"
    folder.mkdir(exist_ok=True)
    result, played = play(stack, options, folder)
    report = Report(stack, result, folder / "journal.jsonl")
    report.settle()
    if result["sample_plan"]:
        report.judged = inspect(stack, options, folder, result)
        report.settle()
    report.count()
    report.kpis()
    report.hold_against_erlang(must_fit=options.hour)
    if not played:
        report.faults.insert(0, "the day was not played to its end")
    document = report.document()
    document["seconds"] = round(time.monotonic() - started, 1)
    report.show(document)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump(document, f, ensure_ascii=False, indent=1)
            f.write("\n")
        print(f"\nreport written to {options.json}")
    stack.addresses()
    show_people(folder / "people.json")
    sys.exit(1 if report.faults else 0)


def simulator(stack, part):
    certificate, key = stack.certificates.of("simulator")
    return [layout.BIN / "carillon-simulator", part,
            "--peers", ",".join(f"{s}=127.0.0.1:{stack.ports[s]}" for s in stack.services),
            "--tls-ca", stack.certificates.ca, "--tls-cert", certificate, "--tls-key", key]


def inspect(stack, options, folder, result):
    """When every event of the day was heard, the quality department draws its samples and judges them."""
    file = folder / "inspection.json"
    layout.checked([*simulator(stack, "inspect"), "--tenant", result["tenant"], "--plan", result["sample_plan"],
                    "--seed", options.seed, "--json", file], "the samples were not judged",
                   env={**os.environ, "CARILLON_SIMULATOR_SECRET": stack.secrets.get("demo_people")})
    return json.loads(file.read_text())


def play(stack, options, folder):
    """Runs the simulator; returns its result and whether it ended well."""
    result = folder / "run.json"
    people = folder / "people.json"
    for file in (result, people):
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
    command = [*simulator(stack, "run"), "--clock", stack.clock, "--flow", layout.ROOT / "services/ivr/flows/bank.scxml",
               "--articles", layout.ROOT / "deploy/local/knowledge/articles.json",
               "--profile", options.profile, "--customer-count", options.customer_count, "--seed", options.seed,
               "--rate", options.rate or (1 if options.hour else 600),
               "--window", options.window, "--call-count", options.call_count, "--json", result,
               "--journal", folder / "journal.jsonl", "--people", people]
    if options.calls:
        command += ["--calls", options.calls, "--day", options.day]
    if options.hour:
        command += ["--hour"]
    if options.customers:
        command += ["--customers", options.customers]
    if options.quiet:
        command += ["--quiet"]
    env = {**os.environ, "CARILLON_SIMULATOR_ADMIN_LOGIN": "admin",
           "CARILLON_SIMULATOR_ADMIN_PASSWORD": stack.secrets.get("admin_password"),
           "CARILLON_SIMULATOR_SECRET": stack.secrets.get("demo_people")}
    try:
        done = subprocess.run([str(c) for c in command], env=env, stdin=subprocess.DEVNULL)
    finally:
        # Whatever happened to the simulator, the clock goes on.
        layout.checked([layout.BIN / "carillon-clock", stack.clock, "rate", "1"], "the clock cannot be set")
    text = result.read_text()
    if not text:
        raise Problem(f"the simulator ended with {done.returncode} before the day was played")
    return json.loads(text), done.returncode == 0


class Report:
    """Everything counted again from the databases, as their superuser."""

    def __init__(self, stack, result, journal):
        self.stack = stack
        self.result = result
        self.faults = []
        self.judged = None
        self.tenant = self.value("access", f"SELECT tenant_id FROM tenants WHERE slug = '{result['tenant']}'")
        self.start = datetime.datetime.fromisoformat(result["window"]["from"].replace("Z", "+00:00"))
        self.end = datetime.datetime.fromisoformat(result["window"]["to"].replace("Z", "+00:00"))
        self.campaigns = campaigns.Campaigns(self, journal) if result["campaign"]["campaigns"] else None
        self.quality = None

    # reading ----------------------------------------------------------------------------------------------------

    def rows(self, service, statement):
        text = self.stack.postgres.sql(statement, service)
        return [line.split("|") for line in text.splitlines()]

    def value(self, service, statement):
        rows = self.rows(service, statement)
        return rows[0][0] if rows else ""

    def settle(self):
        """Waits until no event or task is under way anywhere."""
        began = time.monotonic()
        while True:
            waiting = {f"{s} {t}": n for s in self.stack.services for t, n in self.stack.backlog(s).items() if n}
            if not waiting:
                waiting = {f"consumer {g}": n for g, n in self.stack.lag().items() if n}
            if not waiting:
                return
            if time.monotonic() - began > 90:
                self.faults.append("after 90 s there still wait: " + ", ".join(f"{k}: {n}" for k, n in waiting.items()))
                return
            time.sleep(0.5)

    # counting ---------------------------------------------------------------------------------------------------

    def count(self):
        self.count_calls()
        self.count_agents()
        self.count_orders()
        self.count_events()
        if self.campaigns:
            self.campaigns.count()
        if self.judged:
            self.quality = quality.Quality(self, self.judged)
            self.quality.count()

    def count_calls(self):
        run = self.result["run_id"][:8]
        calls = self.rows("telephony", f"SELECT id, state, cause, extract(epoch FROM arrived_at)::bigint FROM calls "
                                       f"WHERE tenant_id = '{self.tenant}' AND direction = 'INBOUND' "
                                       f"AND switch_call_id LIKE '{run}/%'")
        sessions = dict(self.rows("ivr", f"SELECT call_id, coalesce(result, '') FROM sessions "
                                         f"WHERE tenant_id = '{self.tenant}'"))
        interactions = {}
        for call, state, wait, queued, accepted in self.rows(
                "routing", "SELECT call_id, state, wait_us, extract(epoch FROM queued_at)::bigint, "
                           f"accepted_at IS NOT NULL FROM interactions WHERE tenant_id = '{self.tenant}' "
                           "AND call_id IS NOT NULL ORDER BY created_at"):
            interactions[call] = (state, int(wait or 0) / 1e6, int(queued or 0), accepted == "t")
        self.outcome = {}
        self.waits = []  # (queued at, wait, answered)
        unfinished = 0
        for call, state, cause, arrived in calls:
            if state not in ("CLEARED", "FAILED"):
                unfinished += 1
            found = interactions.get(call)
            if found:
                answered = found[3]
                self.waits.append((found[2], found[1], answered))
                outcome = "answered" if answered else "abandoned"
                if found[0] not in ("COMPLETED", "ABANDONED", "CANCELED"):
                    unfinished += 1
            else:
                outcome = {"SELF_SERVED": "self_served", "INVALID": "invalid", "ERROR": "invalid",
                           "TO_AGENT": "abandoned"}.get(sessions.get(call, ""), "phantom")
                if cause == "INVALID_NUMBER":
                    outcome = "invalid"
            self.outcome[call] = (outcome, int(arrived))
        self.outcomes = collections.Counter({name: 0 for name in OUTCOMES})
        self.outcomes.update(outcome for outcome, _ in self.outcome.values())
        planned = self.result["input"]["calls"]
        self.check(len(calls) == planned, f"the input has {planned} calls, telephony has {len(calls)}")
        self.check(unfinished == 0, f"{unfinished} calls or interactions are not over")
        self.check(sum(self.outcomes.values()) == len(calls), "the outcomes do not sum up to the calls")
        self.compare_with_insight()
        self.count_intervals()

    def compare_with_insight(self):
        """Each call for itself: insight built its facts from events alone."""
        known = {row[0] for row in self.rows("insight", "SELECT call_id FROM fact_calls WHERE "
                                                        f"tenant_id = '{self.tenant}' AND ended_at IS NOT NULL")}
        said = {"SERVED": "answered", "LEFT": "abandoned", "WITHDRAWN": "abandoned", "SELF_SERVED": "self_served",
                "INVALID": "invalid", "ERROR": "invalid"}
        theirs = {call: said[result] for call, result in self.rows(
            "insight", f"SELECT call_id, result FROM fact_sessions WHERE tenant_id = '{self.tenant}'")
            if result in said}
        theirs |= {call: said.get(result, "open") for call, result in self.rows(
            "insight", "SELECT call_id, result FROM fact_interactions WHERE "
                       f"tenant_id = '{self.tenant}' AND call_id IS NOT NULL ORDER BY arrived_at")}
        missing = [c for c in self.outcome if c not in known]
        self.check(not missing, f"{len(missing)} calls are unknown to insight, or not over there: {missing[:3]}")
        differing = [(c, mine, theirs.get(c, "phantom")) for c, (mine, _) in self.outcome.items()
                     if c in known and theirs.get(c, mine if mine == "invalid" else "phantom") != mine]
        self.check(not differing, f"insight decided otherwise for {len(differing)} calls, e.g. {differing[:3]}")

    def count_intervals(self):
        """Half-hours by the moment an agent was asked for; calls by their arrival."""
        slots = {}

        def slot(at):
            start = at - at % 1800
            return slots.setdefault(start, collections.Counter(calls=0, offered=0, answered=0, abandoned=0))

        for outcome, arrived in self.outcome.values():
            slot(arrived)["calls"] += 1
        for queued, _, answered in self.waits:
            here = slot(queued)
            here["offered"] += 1
            here["answered" if answered else "abandoned"] += 1
        zone = datetime.timezone(datetime.timedelta(hours=8))
        self.intervals = [{"start": datetime.datetime.fromtimestamp(at, zone).isoformat(), **counts}
                          for at, counts in sorted(slots.items())]
        for name, whole in (("calls", len(self.outcome)), ("answered", self.outcomes["answered"])):
            parts = sum(interval[name] for interval in self.intervals)
            self.check(parts == whole, f"the half-hours have {parts} {name}, the day has {whole}")
        answered = [wait for _, wait, good in self.waits if good]
        left = [wait for _, wait, good in self.waits if not good]
        self.waiting = {
            "mean_wait_answered_s": sum(answered) / len(answered) if answered else 0.0,
            "mean_wait_abandoned_s": sum(left) / len(left) if left else 0.0,
            "answered_within_20_s": sum(1 for wait in answered if wait <= 20),
        }

    def hold_against_erlang(self, must_fit):
        """Beside 1,000 days of an Erlang-A queue with the same callers, service times, patience and shifts. It knows no
        campaigns, so only a day without any must lie within its spread."""
        offered = len(self.waits)
        answered = [wait for _, wait, good in self.waits if good]
        here = {"offered": offered, "answered": len(answered)}
        if offered:
            here["abandoned_share"] = 1 - len(answered) / offered
            here["answered_within_20_s_share"] = self.waiting["answered_within_20_s"] / offered
            here["mean_wait_answered_s"] = self.waiting["mean_wait_answered_s"]
        self.erlang = {name: {"here": value, **self.result["erlang_a"][name]} for name, value in here.items()}
        for name, row in self.erlang.items():
            self.check(not must_fit or row["low"] <= row["here"] <= row["high"],
                       f"{name.replace('_', ' ')} is {row['here']:.4g}, an Erlang-A queue gives {row['low']:.4g} to "
                       f"{row['high']:.4g}")

    def count_agents(self):
        stuck = self.rows("routing", "SELECT agent_id, state FROM agent_sessions WHERE "
                                     f"tenant_id = '{self.tenant}' AND state <> 'SIGNED_OUT'")
        self.agents_stuck = len(stuck)
        self.check(not stuck, f"{len(stuck)} agents are still signed in: {stuck[:5]}")

    def count_orders(self):
        counts = self.rows("workorder", "SELECT type, state, count(*) FROM work_orders WHERE "
                                        f"tenant_id = '{self.tenant}' AND created_at >= '{self.start.isoformat()}' "
                                        "GROUP BY 1, 2 ORDER BY 1, 2")
        self.orders = {"created": sum(int(n) for *_, n in counts), "by_state": {}, "by_type": {}}
        for kind, state, n in counts:
            self.orders["by_state"][state] = self.orders["by_state"].get(state, 0) + int(n)
            self.orders["by_type"][kind] = self.orders["by_type"].get(kind, 0) + int(n)
        seen = self.result["seen"]["orders"]
        self.check(self.orders["created"] == seen,
                   f"the desks made {seen} orders, the database has {self.orders['created']}")
        open_orders = self.orders["created"] - self.orders["by_state"].get("CLOSED", 0)
        self.orders["open"] = open_orders
        self.check(open_orders == self.result["seen"]["orders"] - self.result["seen"]["orders_closed"],
                   f"{open_orders} orders are open that were brought to an end")

    def count_events(self):
        """Published by the outbox of each owner = in the inbox of each consumer that handles the type."""
        published = {}
        for service in self.stack.services:
            for topic, kind, n in self.rows(service, "SELECT topic, type, sum(events) FROM outbox_published "
                                                     "GROUP BY 1, 2"):
                published[topic, kind] = published.get((topic, kind), 0) + int(n)
        dead = self.dead_letters()
        concerning = self.concerning()
        self.events = []
        for consumer, handled in handled_events().items():
            if consumer not in self.stack.services:
                continue
            applied = {(topic, kind): int(n) for topic, kind, n in
                       self.rows(consumer, "SELECT topic, type, count(*) FROM inbox GROUP BY 1, 2")}
            for topic, kind in sorted(handled | set(applied)):
                row = {"topic": topic, "type": kind, "published": published.get((topic, kind), 0),
                       "consumer": consumer, "applied": applied.get((topic, kind), 0),
                       "dlq": dead.get(topic, 0)}
                self.events.append(row)
                least = concerning.get((consumer, kind), row["published"])
                self.check(least <= row["applied"] <= row["published"],
                           f"{consumer} applied {row['applied']} of {row['published']} {kind} of {topic}"
                           + (f", {least} concern it" if least < row["published"] else ""))
        for topic, n in dead.items():
            self.check(n == 0, f"{n} events of {topic} are dead letters")
        self.check(bool(self.events), "no consumer handles any event")

    def concerning(self):
        """(consumer, type) -> how many concern it, where it passes over the others: customer hears of complaints of a
        known customer, campaign of calls and work that it asked for, qa of what came to a conversation. A thing told
        twice may be more."""
        complaints = [state for (state,) in self.rows(
            "workorder", "SELECT state FROM work_orders WHERE type = 'COMPLAINT' AND customer_id IS NOT NULL")]
        orders = {kind: 0 for _, kind in handled_events()["customer"] if kind.startswith("carillon.workorder.")}
        orders |= {"carillon.workorder.v1.WorkOrderCreated": len(complaints),
                   "carillon.workorder.v1.WorkOrderClosed": complaints.count("CLOSED")}
        heard = {("customer", kind): n for kind, n in orders.items()}
        if "campaign" not in self.stack.services or "qa" not in self.stack.services:
            return heard
        ours = {call: (ended == "t", spoken == "t") for call, ended, spoken in self.rows(
            "telephony", "SELECT c.id, c.ended_at IS NOT NULL, EXISTS (SELECT 1 FROM legs l WHERE l.tenant_id = "
                         "c.tenant_id AND l.call_id = c.id AND l.role = 'AGENT' AND l.connected_at IS NOT NULL) "
                         "FROM calls c WHERE c.direction = 'OUTBOUND'")}
        work = [(accepted == "t", state) for call, accepted, state in self.rows(
            "routing", "SELECT call_id, accepted_at IS NOT NULL, state FROM interactions WHERE call_id IS NOT NULL")
            if call in ours]
        concerning = {
            "telephony.v1.CallCleared": sum(1 for ended, _ in ours.values() if ended),
            "telephony.v1.CallEstablished": sum(1 for _, spoken in ours.values() if spoken),
            "routing.v1.InteractionAccepted": sum(1 for accepted, _ in work if accepted),
            "routing.v1.InteractionAbandoned": sum(1 for _, state in work if state == "ABANDONED"),
            "routing.v1.InteractionCompleted": sum(1 for _, state in work if state == "COMPLETED"),
        }
        spoken = int(self.value("campaign", "SELECT count(*) FROM attempts WHERE state = 'ENDED' AND connected_at "
                                            "IS NOT NULL AND body->'attempt'->>'interaction' IS NOT NULL"))
        return heard | {("campaign", f"carillon.{kind}"): n for kind, n in concerning.items()} | {
            ("qa", "carillon.campaign.v1.AttemptEnded"): spoken,
            ("qa", "carillon.routing.v1.InteractionCompleted"): int(self.value(
                "routing", "SELECT count(*) FROM interactions WHERE state = 'COMPLETED' AND talk_us > 0"))}

    def dead_letters(self):
        topics = json.loads((layout.ROOT / "deploy/kafka/topics.json").read_text())["topics"]
        counts = {topic: int(n) for topic, n in self.stack.kafka_counts("dead")}
        self.check(set(counts) == set(topics), "the dead letters cannot be counted")
        return counts

    # what insight says ------------------------------------------------------------------------------------------

    def kpis(self):
        """Named formulas from insight's own report, over its API with the supervisor's login."""
        people = json.loads((self.stack.run / "simulator/people.json").read_text())
        password = next(p["password"] for p in people["people"] if p["login"] == "supervisor")
        tokens = self.ask("access", "AccessService/Login",
                          {"tenant": people["tenant"], "login": "supervisor", "password": password})
        token = tokens["access_token" if "access_token" in tokens else "accessToken"]
        question = {"date": self.result["business_day"], "timeZone": "Asia/Shanghai"}
        day = self.ask("insight", "ReportService/GetDayReport", question, token)
        check = self.ask("insight", "ReportService/GetReconciliation", question, token)
        self.formulas = {k["code"]: {"title": k.get("title", ""), "formula": k.get("formula", ""),
                                     "value": k.get("value"), "numerator": k.get("numerator", 0),
                                     "denominator": k.get("denominator", 0)} for k in day["day"].get("kpis", [])}
        volume = day["day"].get("volume", {})
        summed = collections.Counter()
        for interval in day.get("intervals", []):
            for name, value in interval.get("volume", {}).items():
                if re.fullmatch(r"-?\d+", str(value)):
                    summed[name] += int(value)
        for name, value in volume.items():
            if re.fullmatch(r"-?\d+", str(value)):
                self.check(summed[name] == int(value), f"insight's half-hours have {summed[name]} {name}, "
                                                       f"its day {value}")
        self.check(check.get("reconciled", False), f"insight does not reconcile: {check}")
        whole_day = self.result["window"]["from"] == self.result["played"]["from"] or len(self.outcome) == int(
            check.get("calls", 0))
        if whole_day:
            mine = self.outcomes
            theirs = {o["outcome"]: int(o.get("count", 0)) for o in check.get("outcomes", [])}
            self.check(all(theirs.get(name, 0) == mine[name] for name in OUTCOMES),
                       f"insight's outcomes {theirs} are not those of the databases {dict(mine)}")
        if self.campaigns:
            self.campaigns.compare_with_insight(day, check)
        if self.quality:
            date = self.quality.drawn_on()
            if date != question["date"]:
                question = {**question, "date": date}
                day = self.ask("insight", "ReportService/GetDayReport", question, token)
                check = self.ask("insight", "ReportService/GetReconciliation", question, token)
            self.quality.compare_with_insight(day, check)
        self.insight = {"volume": volume, "reconciled": check.get("reconciled", False)}

    def ask(self, service, method, request, token=None):
        certificate, key = self.stack.certificates.of("operator")
        header = ["-H", f"authorization: Bearer {token}"] if token else []
        done = subprocess.run(
            [layout.TOOLS / "bin/grpcurl", "-max-time", "20", "-cacert", self.stack.certificates.ca,
             "-cert", certificate, "-key", key, *header, "-d", "@", f"localhost:{self.stack.ports[service]}",
             f"carillon.{service}.v1.{method}"],
            input=json.dumps(request), capture_output=True, text=True)
        if done.returncode != 0:
            raise Problem(f"{service} refused {method}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    # showing ----------------------------------------------------------------------------------------------------

    def check(self, good, fault):
        if not good:
            self.faults.append(fault)

    def document(self):
        clock = self.result["clock"]
        self.check(clock["lag_p99"] <= LAG_LIMIT,
                   f"work was late by {clock['lag_p99']:.2f} simulated seconds at p99; {LAG_LIMIT:g} are allowed")
        seen = self.result["seen"]
        self.check(seen["answers_never_seen"] == 0, f"{seen['answers_never_seen']} answers were waited for in vain")
        self.check(seen["refused_requests"] == 0, f"{seen['refused_requests']} requests were refused")
        document = {
            "origin": self.result["origin"], "business_day": self.result["business_day"],
            "input": self.result["input"], "clock": clock,
            "outcomes": {name: self.outcomes[name] for name in OUTCOMES},
            "kpis": self.formulas, "waiting": self.waiting, "intervals": self.intervals, "events": self.events,
            "agents_stuck": self.agents_stuck, "orders": self.orders, "insight": self.insight, "erlang_a": self.erlang,
            "simulator_saw": seen,
        }
        if self.campaigns:
            document["campaign"] = self.campaigns.document()
        if self.quality:
            document["qa"] = self.quality.document()
        if "real_centre" in self.result:
            document["real_centre"] = self.result["real_centre"]
        document["reconciliation"] = {"adds_up": not self.faults, "faults": self.faults}
        return document

    def show(self, document):
        line = "-" * 78
        print(f"\n{line}\n{document['origin']}, played as {document['business_day']} (times of Asia/Shanghai)\n{line}")
        given, clock = document["input"], document["clock"]
        print(f"input       {given['calls']} calls, {given['customers']} customers, {given['agents']} agents in "
              f"{given['shifts']} shifts")
        if given["dirt"]:
            print("dirt        " + ", ".join(f"{kind} {n}" for kind, n in given["dirt"].items()))
        print(f"clock       {clock['rate']:.0f} times as fast on average; lag p50 {clock['lag_p50']:.2f} s, "
              f"p99 {clock['lag_p99']:.2f} s, max {clock['lag_max']:.2f} s of {clock['pieces_of_work']} pieces of work")
        print("outcomes    " + ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in document["outcomes"].items()))
        waiting = document["waiting"]
        if "real_centre" in document:
            real = document["real_centre"]
            print(f"\n{'':<34}{'here':>12}{'the real centre':>18}")
            for title, here, there in (
                    ("answered", document["outcomes"]["answered"], real["answered"]),
                    ("abandoned in the queue", document["outcomes"]["abandoned"], real["abandoned"]),
                    ("answered within 20 s", waiting["answered_within_20_s"], real["answered_within_20_s"]),
                    ("mean wait of the answered, s", waiting["mean_wait_answered_s"], real["mean_wait_answered_s"]),
                    ("mean wait of those who left, s", waiting["mean_wait_abandoned_s"],
                     real["mean_wait_abandoned_s"])):
                print(f"{title:<34}{here:>12.5g}{there:>18.5g}")
        else:
            print(f"waits       answered {waiting['mean_wait_answered_s']:.1f} s on average, those who left "
                  f"{waiting['mean_wait_abandoned_s']:.1f} s")
        print(f"\n{'':<34}{'here':>12}{'Erlang-A: 99 of 100 days':>28}{'middle':>10}")
        for name, row in document["erlang_a"].items():
            between = f"{row['low']:.4g} to {row['high']:.4g}"
            print(f"{name.replace('_', ' '):<34}{row['here']:>12.4g}{between:>28}{row['middle']:>10.4g}")
        print(f"\n{'figure':<8}{'value':>10}  by which formula")
        for code, kpi in document["kpis"].items():
            value = "" if kpi["value"] is None else f"{kpi['value']:.4g}"
            print(f"{code:<8}{value:>10}  {kpi['title']}: {kpi['formula']}")
        print(f"\n{'from':<8}{'calls':>7}{'offered':>9}{'answered':>10}{'abandoned':>11}")
        for interval in document["intervals"]:
            print(f"{interval['start'][11:16]:<8}{interval['calls']:>7}{interval['offered']:>9}"
                  f"{interval['answered']:>10}{interval['abandoned']:>11}")
        orders = document["orders"]
        print(f"\norders      {orders['created']} made, {orders['open']} open: "
              + ", ".join(f"{state} {n}" for state, n in orders["by_state"].items()))
        if "campaign" in document:
            campaigns.show(document["campaign"])
        if "qa" in document:
            quality.show(document["qa"])
        by_consumer = collections.Counter()
        for row in document["events"]:
            by_consumer[row["consumer"]] += row["applied"]
        print("events      " + ", ".join(f"{consumer} applied {n}" for consumer, n in by_consumer.items())
              + f"; dead letters {sum({r['topic']: r['dlq'] for r in document['events']}.values())}")
        print(f"agents      {document['agents_stuck']} stuck")
        if self.faults:
            print(f"\nIT DOES NOT ADD UP\n" + "\n".join(f"  - {fault}" for fault in self.faults))
        else:
            print("\nIt adds up: every call has one outcome, every event was applied once by each consumer, the "
                  "half-hours are the day,\nevery attempt rang once, and every sample is drawn or its lack named.")


def handled_events():
    """consumer -> {(topic, full type name)}, from where the services' sources bind handlers to topics."""
    handled = {}
    for service in layout.SERVICES:
        found = set()
        sources = [p.read_text() for p in sorted((layout.ROOT / "services" / service).rglob("*.[ch]pp"))]
        takes = {}  # handler -> the event it takes, as written
        aliases = {}
        for text in sources:
            aliases |= dict(re.findall(r"namespace (\w+) = carillon::([\w:]+);", text))
            takes |= dict(re.findall(r"Result<void> (\w+)\(Call&[^,]*,\s*\w+&[^,]*,\s*const ([\w:]+)&", text))
        for text in sources:
            named = dict(re.findall(r'constexpr (?:auto|const char\*|std::string_view) (k\w+) = "([^"]+)"', text))
            bound = re.findall(r'Consume<([\w:]+)>\(host, ("[^"]+"|k\w+)', text)
            bound += [(event or takes.get(handler, ""), topic) for topic, handler, event in
                      re.findall(r'host\.On(?:<[^>]*>)?\(\s*("[^"]+"|k\w+),\s*\w+,\s*(?:\w+::)*(\w+)(?:<([\w:]+)>)?',
                                 text)]
            for kind, topic in bound:
                scope, _, name = kind.rpartition("::")
                topic = named.get(topic, topic.strip('"'))
                if name and topic.startswith("carillon."):
                    full = aliases.get(scope, scope.removeprefix("carillon::")).replace("::", ".")
                    found.add((topic, f"carillon.{full}.{name}"))
        handled[service] = found
    return handled


def show_people(file):
    people = json.loads(file.read_text())
    print(f"\n  logins of the tenant {people['tenant']} (all of them in {file}):")
    for person in people["people"][:4]:
        print(f"    {person['login']:<14} {person['password']}   {person['part']}")
    agent = next((p for p in people["people"] if p["part"] == "agent"), None)
    if agent:
        print(f"    {agent['login']:<14} {agent['password']}   {agent['part']}")
