"""The day's campaigns counted again: campaign's attempts, telephony's calls and insight's facts, each from its own
database, beside the journal of the switch, which alone knows whose telephone rang."""

import collections
import datetime
import json

STAGES = ("target", "dialled", "reached", "interested", "sold")
# What the line says; everything else is an agent's word.
LINE = {"BUSY", "NO_ANSWER", "INVALID_NUMBER", "POWER_OFF", "VOICEMAIL", "ABANDONED", "FAILED"}
KEPT_WITHIN = 60.0  # seconds after the promised time


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else 0.0


def uuid(name):
    return name.rpartition("/")[2]


class Attempt:
    def __init__(self, row):
        (self.id, self.target, self.customer, self.state, self.disposition, self.call, dialled, callback,
         answered, connected, again, self.dialer) = row
        self.dialled, self.callback, self.answered, self.connected, self.again = (
            float(value or 0) for value in (dialled, callback, answered, connected, again))


class Campaigns:
    def __init__(self, report, journal):
        self.report = report
        self.seen = report.result["campaign"]
        self.ids = [uuid(name) for name in self.seen["campaigns"]]
        self.journal = this_run(journal, report.result["run_id"])
        self.attempts, self.dialled = [], []

    def check(self, good, fault):
        self.report.check(good, fault)

    def rows(self, service, statement):
        return self.report.rows(service, statement)

    def of_campaigns(self):
        quoted = ", ".join(f"'{campaign}'" for campaign in self.ids)
        return f"tenant_id = '{self.report.tenant}' AND campaign_id IN ({quoted})"

    def count(self):
        self.attempts = [Attempt(row) for row in self.rows(
            "campaign", "SELECT attempt_id, target_record_id, customer_id, state, disposition, call_id, "
                        "extract(epoch FROM dialled_at), extract(epoch FROM callback_at), "
                        "extract(epoch FROM (body->'attempt'->>'answer_time')::timestamptz), "
                        "extract(epoch FROM connected_at), "
                        "extract(epoch FROM (body->'attempt'->>'next_callback_time')::timestamptz), "
                        f"body->'attempt'->>'dialer' FROM attempts WHERE {self.of_campaigns()}")]
        self.dialled = [attempt for attempt in self.attempts if attempt.dialled]
        self.targets = int(self.report.value("campaign", "SELECT count(*) FROM target_records WHERE "
                                                         + self.of_campaigns()))
        self.refusals = {reason: int(n) for reason, n in self.rows(
            "campaign", f"SELECT refusal, count(*) FROM contact_refusals WHERE {self.of_campaigns()} GROUP BY 1 "
                        "ORDER BY 1")}
        self.left_out = collections.Counter()
        for (refused,) in self.rows("campaign", "SELECT coalesce(body->'build'->'refused', '{}') FROM campaigns "
                                                "WHERE " + self.of_campaigns()):
            self.left_out.update(json.loads(refused))
        open_ones = [a.id for a in self.dialled if a.state != "ENDED"]
        self.check(not open_ones, f"{len(open_ones)} attempts were dialled and are not over: {open_ones[:3]}")
        self.count_rings()
        self.count_words()
        self.count_people()
        self.count_callbacks()
        self.funnel = self.stages()

    def count_rings(self):
        """Attempts made = tokens redeemed = outbound calls = rings, one by one."""
        made = {a.call: a for a in self.dialled}
        self.check(len(made) == len(self.dialled) and "" not in made,
                   f"{len(self.dialled)} attempts were made with {len(made)} redeemed tokens")
        rung = collections.Counter(uuid(e["call"]) for e in self.journal if e["what"] == "ring")
        self.rings = sum(rung.values())
        twice = [call for call, n in rung.items() if n > 1]
        self.check(not twice, f"{len(twice)} calls rang the customer twice: {twice[:3]}")
        first, last = (self.report.start.isoformat(), self.report.end.isoformat())
        calls = {call: attempt for call, attempt in self.rows(
            "telephony", f"SELECT id, attempt_id FROM calls WHERE tenant_id = '{self.report.tenant}' AND direction = "
                         f"'OUTBOUND' AND dialled_at >= '{first}' AND dialled_at < '{last}'")}
        told = {call: attempt for call, attempt in self.rows(
            "insight", f"SELECT call_id, attempt_id FROM fact_calls WHERE tenant_id = '{self.report.tenant}' AND "
                       f"direction = 'OUTBOUND' AND dialled_at >= '{first}' AND dialled_at < '{last}'")}
        facts = {attempt for (attempt,) in self.rows(
            "insight", f"SELECT attempt_id FROM fact_attempts WHERE {self.of_campaigns()}")}
        for where, found in (("telephony", calls), ("insight", told)):
            wrong = {call for call in set(made) | set(found)
                     if call not in made or call not in found or found[call] != made[call].id}
            self.check(not wrong, f"campaign made {len(made)} attempts, {where} has {len(found)} outbound calls; "
                                  f"{len(wrong)} differ: {sorted(wrong)[:3]}")
        missing = facts ^ {a.id for a in self.dialled}
        self.check(not missing, f"insight and campaign differ in {len(missing)} attempts: {sorted(missing)[:3]}")
        silent = set(made) ^ set(rung)
        self.check(not silent, f"{len(made)} attempts, {len(rung)} calls rang at the switch; these differ: "
                               f"{sorted(silent)[:3]}")

    def count_words(self):
        """What agents said, beside what stands in the attempts."""
        self.dispositions = collections.Counter(a.disposition for a in self.dialled)
        said = {uuid(e["attempt"]): e["disposition"] for e in self.journal if e["what"] == "disposition"}
        # Of a conversation without the agent's word campaign says that the customer hung up.
        kept = {a.id: a.disposition for a in self.dialled
                if a.disposition not in LINE and (a.id in said or a.disposition != "HUNG_UP")}
        differing = {a for a in set(said) | set(kept) if said.get(a) != kept.get(a)}
        self.check(not differing, f"agents said {len(said)} words, campaign has {len(kept)}; {len(differing)} differ, "
                                  f"e.g. {[(a, said.get(a), kept.get(a)) for a in sorted(differing)[:3]]}")
        sold = [e for e in self.journal if e["what"] == "disposition" and e["disposition"] == "SOLD"]
        orders = {uuid(e["order"]) for e in sold if e["order"]}
        there = {order for (order,) in self.rows(
            "workorder", f"SELECT work_order_id FROM work_orders WHERE tenant_id = '{self.report.tenant}'")}
        self.check(len(orders) == len(sold) and orders <= there,
                   f"{len(sold)} sales left {len(orders & there)} work orders")

    def count_people(self):
        """Nobody was rung who did not want it, and nobody had two contacts that the cap forbids."""
        tenant = f"tenant_id = '{self.report.tenant}'"
        unwilling = dict(self.rows("customer", f"SELECT customer_id, 'do_not_contact' FROM customers WHERE {tenant} "
                                               "AND do_not_contact"))
        unwilling |= dict(self.rows(
            "customer", f"SELECT c.customer_id, 'consent' FROM customers c WHERE {tenant} AND NOT EXISTS (SELECT 1 "
                        "FROM consents o WHERE o.tenant_id = c.tenant_id AND o.customer_id = c.customer_id "
                        "AND o.purpose = 'MARKETING' AND o.decision = 'GIVEN')"))
        since = {customer: float(at) for customer, at in self.rows(
            "customer", f"SELECT customer_id, extract(epoch FROM min(raised_at)) FROM alerts WHERE {tenant} AND code = "
                        "'DO_NOT_CALL' GROUP BY 1")}
        for customer, at in self.rows("campaign", "SELECT customer_id, extract(epoch FROM created_at) FROM do_not_call "
                                                  f"WHERE {tenant} AND customer_id IS NOT NULL"):
            since[customer] = min(since.get(customer, float(at)), float(at))
        wrong = [a for a in self.dialled if a.customer in unwilling
                 or a.dialled > since.get(a.customer, float("inf"))]
        self.check(not wrong, f"{len(wrong)} attempts rang customers who did not want it, e.g. "
                              f"{[(a.id, unwilling.get(a.customer, 'do not call')) for a in wrong[:3]]}")
        unasked = {e["customer"]: e["why"] for e in self.journal if e["what"] == "unwilling"}
        wrong = [unasked[e["customer"]] for e in self.journal if e["what"] == "ring" and e["customer"] in unasked]
        self.check(not wrong, f"the switch rang {len(wrong)} customers who may not be called: {wrong[:3]}")
        suppressed = {target for (target,) in self.rows(
            "campaign", f"SELECT target_record_id FROM target_records WHERE {self.of_campaigns()} AND state = "
                        "'SUPPRESSED' AND coalesce((body->>'attempts')::int, 0) = 0")}
        wrong = [a.id for a in self.dialled if a.target in suppressed]
        self.check(not wrong, f"{len(wrong)} attempts rang targets that are suppressed: {wrong[:3]}")
        reached = collections.defaultdict(set)
        for a in self.dialled:
            if a.answered:
                reached[a.customer].add(a.target)
        often = [customer for customer, targets in reached.items() if len(targets) > 1]
        self.check(not often, f"{len(often)} customers were spoken to by two campaigns: {often[:3]}")
        alive = sorted((a.customer, a.dialled, a.id) for a in self.dialled)
        same = [pair for pair in zip(alive, alive[1:]) if pair[0][:2] == pair[1][:2]]
        self.check(not same, f"{len(same)} customers were rung twice at the same moment")

    def count_callbacks(self):
        """Promised by an agent for a minute of the day; kept when the customer's telephone rang within it."""
        promised = [(a.target, a.again) for a in self.dialled if a.again and a.disposition == "CALLBACK_BOOKED"]
        rung = collections.defaultdict(list)
        for a in self.dialled:
            if a.callback:
                rung[a.target, a.callback].append(a.dialled - a.callback)
        self.lateness = [min(rung[promise]) for promise in promised if rung[promise]]
        self.due = len(promised)
        self.kept = sum(1 for late in self.lateness if 0 <= late <= KEPT_WITHIN)
        self.check(self.due == self.seen["callbacks"],
                   f"agents promised {self.seen['callbacks']} callbacks, campaign has {self.due}")
        self.check(self.kept == self.seen["callbacks_kept"],
                   f"{self.seen['callbacks_kept']} callbacks rang within the minute, campaign says {self.kept}")
        late = [e for e in self.journal if e["what"] == "promise_late"]
        self.nobody_free = sum(1 for e in late if e["nobody_free"])
        self.check(self.kept + self.nobody_free >= self.due,
                   f"{self.due - self.kept} of {self.due} callbacks were not kept to the minute, and for "
                   f"{len(late) - self.nobody_free} of them an agent was free")

    def stages(self):
        return {"target": self.targets, "dialled": len({a.target for a in self.dialled}),
                "reached": len({a.target for a in self.dialled if a.connected}),
                "interested": len({a.target for a in self.dialled
                                   if a.disposition in ("INTERESTED", "SEND_MATERIAL", "SOLD")}),
                "sold": len({a.target for a in self.dialled if a.disposition == "SOLD"})}

    def compare_with_insight(self, day, check):
        """`day` and `check` are insight's own answers for the business day, made from events alone."""
        theirs = day.get("campaign", {}).get("total", {})
        volume = {name: int(theirs.get("volume", {}).get(name, 0))
                  for name in ("attempts", "ended", "sold", "callbacks_due", "callbacks_kept")}
        volume["calls"] = int(day["day"].get("volume", {}).get("outbound", {}).get("calls", 0))
        mine = {"attempts": len(self.dialled), "ended": len(self.dialled), "sold": self.dispositions["SOLD"],
                "callbacks_due": self.due, "callbacks_kept": self.kept, "calls": len(self.dialled)}
        self.check(volume == mine, f"insight's day sells {volume}, the databases {mine}")
        funnel = {stage["code"]: int(stage.get("customers", 0)) for stage in theirs.get("funnel", [])}
        self.check(funnel == self.funnel, f"insight's funnel {funnel} is not that of campaign {self.funnel}")
        said = {word: int(n) for word, n in theirs.get("dispositions", {}).items() if int(n)}
        self.check(said == dict(self.dispositions), f"insight's dispositions {said} are not {dict(self.dispositions)}")
        self.check(check.get("outbound_adds_up", False), f"insight's outbound calls do not add up: {check}")

    def document(self):
        return {**self.funnel, "attempts": len(self.dialled), "tokens_redeemed": len({a.call for a in self.dialled}),
                "rings": self.rings, "by_dialer": dict(sorted(collections.Counter(
                    a.dialer for a in self.dialled).items())),
                "dispositions": dict(sorted(self.dispositions.items())), "refusals": self.refusals,
                "left_out_of_lists": dict(sorted(self.left_out.items())),
                "callbacks_due": self.due, "callbacks_kept": self.kept,
                "callbacks_nobody_free": self.nobody_free, "latest_callback_s": round(max(self.lateness, default=0.0), 1),
                "windows": self.seen["windows"]}


def show(campaign):
    def listed(counts):
        return ", ".join(f"{name.lower().replace('_', ' ')} {n}" for name, n in counts.items()) or "none"

    hours = " and ".join(f"{local(w['from'])} to {local(w['to'])}" for w in campaign["windows"])
    print(f"\ncampaigns   dialled from {hours}; " + " → ".join(f"{campaign[stage]} {stage}" for stage in STAGES))
    print(f"            {campaign['attempts']} attempts = {campaign['tokens_redeemed']} tokens redeemed = "
          f"{campaign['rings']} rings, by " + listed(campaign["by_dialer"]))
    print(f"            said: {listed(campaign['dispositions'])}")
    print(f"            refused before dialling: {listed(campaign['refusals'])}; "
          f"left out of the lists: {listed(campaign['left_out_of_lists'])}")
    print(f"            callbacks {campaign['callbacks_kept']} of {campaign['callbacks_due']} kept to the minute, "
          f"the latest {campaign['latest_callback_s']:.1f} s after its time"
          + (f"; for {campaign['callbacks_nobody_free']} nobody was free" if campaign["callbacks_nobody_free"] else ""))


def local(text):
    zone = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.fromtimestamp(seconds(text), zone).strftime("%H:%M")


def this_run(journal, run):
    """The journal's entries of one run; a line that a kill cut short is left out."""
    entries, mine = [], False
    for line in journal.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry["what"] == "begin":
            mine = entry["run"] == run
        elif mine:
            entries.append(entry)
    return entries
