"""The day's samples counted again: drawn = planned or the shortfall named, and every total added up by hand."""

import collections
import datetime
import json

EARNS = {"FULL": 100, "ZERO": 0}


class Quality:
    def __init__(self, report, judged):
        self.report = report
        self.judged = judged  # what the evaluators say they did
        self.plan = report.result["sample_plan"].rpartition("/")[2]

    def check(self, good, fault):
        self.report.check(good, fault)

    def bodies(self, table, where):
        return [json.loads(line) for line in self.report.stack.postgres.sql(
            f"SELECT body FROM {table} WHERE tenant_id = '{self.report.tenant}' AND {where}", "qa").splitlines()]

    def count(self):
        plan = self.bodies("sample_plans", f"plan_id = '{self.plan}'")[0]
        evaluations = self.bodies("evaluations", f"plan_id = '{self.plan}'")
        self.sheets = {body["name"]: body["content"] for body in self.bodies("scorecard_revisions", "true")}
        drawn = collections.Counter(evaluation["agent"] for evaluation in evaluations)
        self.draw_day = None
        self.planned = self.eligible = 0
        self.short = collections.Counter()
        for quota in plan.get("quotas", []):
            agent, wanted, there = quota["agent"], quota.get("planned", 0), quota.get("eligible", 0)
            self.planned += wanted
            self.eligible += there
            self.draw_day = quota.get("draw_time", self.draw_day)
            self.check(drawn[agent] == quota.get("drawn", 0),
                       f"{agent} has {drawn[agent]} evaluations, the plan says {quota.get('drawn', 0)}")
            self.check(drawn[agent] == min(wanted, there),
                       f"{drawn[agent]} of {wanted} were drawn of {agent}, who had {there} conversations")
            named = [band for band in quota.get("bands", []) if band.get("shortfall")]
            if drawn[agent] < wanted:
                self.check(bool(named), f"{agent} lacks {wanted - drawn[agent]} samples and no band says why")
                self.short["TOO_FEW_ELIGIBLE"] += wanted - drawn[agent]
        self.check(plan.get("state") in ("DRAWN", "CLOSED"), f"the sample plan is {plan.get('state')}")
        self.drawn = len(evaluations)
        self.count_conversations(plan)
        self.count_totals(evaluations)
        self.check(self.drawn == self.judged["drawn"] == self.judged["judged"] == self.scored,
                   f"{self.drawn} were drawn and {self.scored} judged; the evaluators say {self.judged}")
        self.check(self.vetoes == self.judged["vetoed"],
                   f"{self.vetoes} vetoes are kept, the evaluators hit {self.judged['vetoed']}")
        unseen = sum(1 for evaluation in evaluations if evaluation["state"] != "ACKNOWLEDGED")
        self.check(unseen == 0, f"{unseen} evaluations were not acknowledged by their agents")

    def count_conversations(self, plan):
        """The draw chose among all conversations that routing has of the day."""
        zone = datetime.timezone(datetime.timedelta(hours=8))
        date = plan["start_date"]
        start = datetime.datetime(date["year"], date["month"], date["day"], tzinfo=zone)
        end = start + datetime.timedelta(days=1)
        spoken = int(self.report.value("qa", "SELECT count(*) FROM candidates WHERE tenant_id = "
                                             f"'{self.report.tenant}' AND ended_at >= '{start.isoformat()}' AND "
                                             f"ended_at < '{end.isoformat()}'"))
        routed = int(self.report.value(
            "routing", f"SELECT count(*) FROM interactions WHERE tenant_id = '{self.report.tenant}' AND state = "
                       "'COMPLETED' AND talk_us > 0 AND ended_at - wrap_us * interval '1 microsecond' >= "
                       f"'{start.isoformat()}' AND ended_at - wrap_us * interval '1 microsecond' < "
                       f"'{end.isoformat()}'"))
        self.check(self.eligible == spoken == routed,
                   f"routing has {routed} conversations of the day, qa {spoken}, the plan chose among {self.eligible}")

    def count_totals(self, evaluations):
        self.scored = self.vetoes = self.sum = 0
        wrong = []
        for evaluation in evaluations:
            if evaluation["state"] == "DRAWN":
                continue
            self.scored += 1
            self.vetoes += 1 if evaluation.get("vetoes") else 0
            total = self.total(evaluation)
            self.sum += total
            if evaluation.get("total", 0) != total:
                wrong.append((evaluation["name"], evaluation.get("total"), total))
        self.check(not wrong, f"{len(wrong)} totals are not what their answers come to, e.g. {wrong[:3]}")

    def total(self, evaluation):
        """Hundredths of a point, rounded half up; a veto makes it 0."""
        if evaluation.get("vetoes"):
            return 0
        content = self.sheets[evaluation["scorecard_revision"]]
        earns = {**EARNS, "MINOR": content.get("minor_percent", 50), "MAJOR": content.get("major_percent", 25)}
        levels = {answer["item"]: answer["level"] for answer in evaluation["answers"]}
        earned = possible = 0
        for section in content["sections"]:
            for item in section["items"]:
                level = levels[item["code"]]
                if level == "NOT_APPLICABLE":
                    continue
                earned += item["weight"] * earns[level]
                possible += 0 if item.get("bonus") else item["weight"] * 100
        return (min(earned, possible) * 20000 + possible) // (2 * possible)

    def compare_with_insight(self, day, check):
        """`day` and `check` are insight's answers for the day of the draw."""
        volume = day.get("qa", {}).get("total", {}).get("volume", {})
        theirs = {name: int(volume.get(name, 0)) for name in ("planned", "drawn", "shortfall", "scored", "vetoed",
                                                              "score_sum", "published")}
        mine = {"planned": self.planned, "drawn": self.drawn, "shortfall": self.planned - self.drawn,
                "scored": self.scored, "vetoed": self.vetoes, "score_sum": self.sum, "published": self.scored}
        self.check(theirs == mine, f"insight inspects {theirs}, the databases {mine}")
        self.check(check.get("evaluations_add_up", False), f"insight's evaluations do not add up: {check}")

    def drawn_on(self):
        """The local date of the draw: judging a whole day begins the morning after."""
        zone = datetime.timezone(datetime.timedelta(hours=8))
        at = datetime.datetime.fromisoformat(self.draw_day.replace("Z", "+00:00")) if self.draw_day else self.report.start
        return at.astimezone(zone).date().isoformat()

    def document(self):
        return {"conversations": self.eligible, "planned": self.planned, "drawn": self.drawn,
                "shortfall": dict(self.short), "scored": self.scored,
                "average": round(self.sum / self.scored / 100, 2) if self.scored else None, "vetoes": self.vetoes,
                "drawn_on": self.drawn_on()}


def show(qa):
    short = ", ".join(f"{n} short: {reason.lower().replace('_', ' ')}" for reason, n in qa["shortfall"].items())
    average = "" if qa["average"] is None else f", average {qa['average']:.2f}"
    print(f"quality     {qa['planned']} samples planned, {qa['drawn']} drawn of {qa['conversations']} conversations"
          + (f" ({short})" if short else "") + f", {qa['scored']} judged{average}, {qa['vetoes']} vetoes")
