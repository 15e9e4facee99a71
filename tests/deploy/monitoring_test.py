#!/usr/bin/env python3
"""Alerts fire when they should and are silent when they should; every metric that is asked for is exported by the code;
every alert has its page in both languages; the generated files are those of their source."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "helm/carillon/files/monitoring"
SERVICES = list(json.loads((ROOT / "helm/carillon/files/platform.json").read_text())["services"])

RPC, ERR = "carillon_rpc_handling_seconds", "carillon_rpc_errors_total"
SVC = 'job="carillon",service="{}",instance="a"'


def up(name, values):
    return {f'up{{{SVC.format(name)}}}': values}


def buckets(metric, slow, labels='service="routing",instance="a"'):
    """Ten observations a minute, all of them in one bucket of the histogram."""
    edges = ["0.05", "0.1", "0.2", "0.5", "1", "2", "5", "+Inf"]
    return {f'{metric}_bucket{{{labels},le="{edge}"}}': "0+10x60" if edge == "+Inf" or float(edge) >= slow else "0+0x60"
            for edge in edges} | {f'{metric}_count{{{labels}}}': "0+10x60"}


def ratio(part, whole, calls, failed):
    return {whole: f"0+{calls}x60", part: f"0+{failed}x60"}


def calls(failed, code="13"):
    return ratio(f'{ERR}{{service="ivr",instance="a",method="/x",code="{code}"}}',
                 f'{RPC}_count{{service="ivr",instance="a",method="/x"}}', 600, failed)


EDGE = 'envoy_http_downstream_rq_xx{{envoy_http_conn_manager_prefix="edge",envoy_response_code_class="{}",instance="a"}}'
OUT = 'service="ivr",instance="a"'
everybody = {}
for _name in [*SERVICES, "gateway"]:
    everybody |= up(_name, "1x60")

# alert -> (series that make it fire after half an hour, series under which it is silent); one sample a minute.
CASES = {
    "CarillonPartDown": (up("ivr", "1x25 0x60"), up("ivr", "1x28 0 1x60")),
    "CarillonPartMissing": ({k: v for k, v in everybody.items() if '"qa"' not in k}, everybody),
    "CarillonPartRestarts": ({f"carillon_outbox_published_total{{{OUT}}}": "5 9 0 4 0 6 0 2 0 3 5x60"},
                             {f"carillon_outbox_published_total{{{OUT}}}": "5 9 0 4 9x60"}),
    "CarillonPartWaits": ({f'carillon_waiting{{{OUT},for="postgres"}}': "0x20 1x60"},
                          {f'carillon_waiting{{{OUT},for="postgres"}}': "1x20 0x60"}),
    "CarillonCallsRefused": ({f"carillon_rpc_shed_total{{{OUT}}}": "0x26 5 9 12 20x60"},
                             {f"carillon_rpc_shed_total{{{OUT}}}": "7x60"}),
    "CarillonCallsFail": (calls(60), calls(600, code="5")),
    "CarillonCallsSlow": (buckets(RPC, 2), buckets(RPC, 0.5)),
    "CarillonDatabaseSlow": (buckets("carillon_pg_transaction_seconds", 1), buckets("carillon_pg_transaction_seconds", 0.2)),
    "CarillonDatabaseConnectionsShort": (buckets("carillon_pg_acquire_seconds", 0.5),
                                         buckets("carillon_pg_acquire_seconds", 0.05)),
    "CarillonOutboxStuck": ({f"carillon_outbox_waiting{{{OUT}}}": "500x60", f"carillon_outbox_published_total{{{OUT}}}": "9x60"},
                            {f"carillon_outbox_waiting{{{OUT}}}": "500x60",
                             f"carillon_outbox_published_total{{{OUT}}}": "0+500x60"}),
    "CarillonConsumerBehind": ({f'carillon_consumer_lag_events{{{OUT},topic="t"}}': "0x10 10001x60"},
                               {f'carillon_consumer_lag_events{{{OUT},topic="t"}}': "0x10 10000x60"}),
    "CarillonDeadLetters": ({f'carillon_consumer_dead_letters_total{{{OUT},topic="t"}}': "_x25 1x60"},
                            {f'carillon_consumer_dead_letters_total{{{OUT},topic="t"}}': "1x60"}),
    "CarillonTasksFailed": ({f"carillon_tasks_failed_total{{{OUT}}}": "0x25 1x60"},
                            {f"carillon_tasks_failed_total{{{OUT}}}": "0x60"}),
    "CarillonTasksPile": ({f"carillon_tasks_pending{{{OUT}}}": "1001x60"}, {f"carillon_tasks_pending{{{OUT}}}": "1000x60"}),
    "CarillonShardDropped": ({'carillon_routing_shard_drops_total{service="routing",instance="a"}': "_x25 1x60"},
                             {'carillon_routing_shard_drops_total{service="routing",instance="a"}': "3x60"}),
    "CarillonInvariantBroken": (
        {'carillon_routing_broken_invariants{service="routing",instance="a",invariant="an agent rings"}': "0x20 1x60"},
        {'carillon_routing_broken_invariants{service="routing",instance="a",invariant="an agent rings"}': "0x20 1 0x60"}),
    "CarillonJournalSlow": (buckets("carillon_routing_append_seconds", 1), buckets("carillon_routing_append_seconds", 0.2)),
    "CarillonAuditBehind": ({'carillon_access_audit_waiting{service="access",instance="a"}': "10001x60"},
                            {'carillon_access_audit_waiting{service="access",instance="a"}': "9999x60"}),
    "CarillonDialerUnanswered": ({'carillon_dialer_failures_total{service="dialer",instance="a",question="lease"}': "0+6x60"},
                                 {'carillon_dialer_failures_total{service="dialer",instance="a",question="lease"}': "0x25 1x60"}),
    "CarillonDialerExpires": (ratio('carillon_dialer_calls_total{instance="a",result="expired"}',
                                    'carillon_dialer_calls_total{instance="a",result="originated"}', 60, 10),
                              ratio('carillon_dialer_calls_total{instance="a",result="expired"}',
                                    'carillon_dialer_calls_total{instance="a",result="originated"}', 60, 5)),
    "CarillonGatewayWithoutService": (
        {'envoy_cluster_membership_healthy{job="carillon",instance="a",envoy_cluster_name="qa"}': "2x20 0x60"},
        {'envoy_cluster_membership_healthy{job="carillon",instance="a",envoy_cluster_name="qa"}': "1x60",
         'envoy_cluster_membership_healthy{job="carillon",instance="a",envoy_cluster_name="keys"}': "0x60"}),
    "CarillonGatewayErrors": (ratio(EDGE.format(5), EDGE.format(2), 60, 6), ratio(EDGE.format(5), EDGE.format(2), 60, 2)),
}


def rules():
    return json.loads((FOLDER / "rules.yaml").read_text().split("\n", 1)[1])["groups"]


def promtool(*arguments):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)


def expressions():
    """(where, PromQL) of every rule and panel."""
    for group in rules():
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]
    for file in sorted((FOLDER / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{file.name}: {panel['title']}", target["expr"]


def exported():
    """What the code registers, by name, and what Envoy and Prometheus themselves are known to give."""
    found = {"up", "envoy_cluster_membership_healthy", "envoy_cluster_upstream_rq_total", "envoy_http_downstream_rq_xx",
             "envoy_http_downstream_cx_active"}
    for folder in ("libs", "services"):
        for file in (ROOT / folder).rglob("*.cpp"):
            if "tests" in file.parts:
                continue
            for kind, name in re.findall(r'(Counter|Gauge|Timing)Of\(\s*"(carillon_\w+)"', file.read_text()):
                found |= {f"{name}_{end}" for end in ("bucket", "sum", "count")} if kind == "Timing" else {name}
    return found


class Monitoring(unittest.TestCase):
    def test_files_are_those_of_the_source(self):
        done = subprocess.run([ROOT / "deploy/monitoring/generate", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_rules_and_panels_are_promql(self):
        done = promtool("check", "rules", FOLDER / "rules.yaml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "panels.yaml"
            file.write_text(json.dumps({"groups": [{"name": "panels", "rules": [
                {"record": f"panel:{number}", "expr": text} for number, (_, text) in enumerate(expressions())]}]}))
            done = promtool("check", "rules", file)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_metric_asked_for_is_exported(self):
        known = exported() | {rule["record"] for group in rules() for rule in group["rules"] if "record" in rule}
        self.assertGreater(len(known), 30)
        for where, text in expressions():
            plain = re.sub(r'"[^"]*"', "", text)
            for name in re.findall(r"\b(?:carillon:\w+(?::\w+)?|carillon_\w+|envoy_[a-z_]+(?=\{)|up(?=\{))", plain):
                self.assertIn(name, known, where)

    def test_every_metric_that_scales_a_part_is_exported(self):
        known = exported()
        asked = 0
        for file in [ROOT / "helm/carillon/values.yaml", *(ROOT / "helm/carillon/profiles").glob("*.yaml")]:
            for part in yaml.safe_load(file.read_text()).get("services", {}).values():
                scaling = part.get("autoscaling", {})
                for name in [*scaling.get("metrics", {}), *scaling.get("external", {})]:
                    self.assertIn(name, known, file.name)
                    asked += 1
        self.assertGreaterEqual(asked, 6)

    def test_every_exported_metric_is_seen_somewhere(self):
        text = " ".join(text for _, text in expressions())
        unseen = {name for name in exported() if re.sub("_(bucket|sum|count)$", "", name) not in text}
        self.assertEqual(unseen, set())

    def test_every_alert_fires_and_is_silent(self):
        alerts = {rule["alert"] for group in rules() for rule in group["rules"] if "alert" in rule}
        self.assertEqual(set(CASES), alerts, "an alert without a test, or a test without its alert")
        tests = []
        for alert, (fire, silent) in CASES.items():
            firing = f'ALERTS{{alertname="{alert}",alertstate="firing"}}'
            for series, query, wanted in ((fire, f"count({firing}) > bool 0", "{}"),
                                          (silent, f"absent({firing})", f'{{alertname="{alert}",alertstate="firing"}}')):
                tests.append({"name": alert, "interval": "1m",
                              "input_series": [{"series": name, "values": values} for name, values in series.items()],
                              "promql_expr_test": [{"expr": query, "eval_time": "30m",
                                                    "exp_samples": [{"labels": wanted, "value": 1}]}]})
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "tests.yaml"
            file.write_text(json.dumps({"rule_files": [str(FOLDER / "rules.yaml")], "evaluation_interval": "1m",
                                        "tests": tests}))
            done = promtool("test", "rules", file)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_has_its_page_in_both_languages(self):
        for file, cause, cure in (("alerts.md", "**Cause**", "**Do**"), ("alerts.zh.md", "**原因**", "**处理**")):
            text = (ROOT / "docs/runbooks" / file).read_text()
            pages = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
            self.assertEqual(set(pages), set(CASES), file)
            for alert, page in pages.items():
                self.assertIn(cause, page, f"{file} {alert}")
                self.assertIn(cure, page, f"{file} {alert}")
                for link in re.findall(r"\]\((\S+?)\)", page):
                    self.assertTrue((ROOT / "docs/runbooks" / link).exists(), f"{file} {alert} {link}")
                    self.assertEqual(link.endswith(".zh.md"), file.endswith(".zh.md"), f"{file} {alert} leads to another language")


if __name__ == "__main__":
    os.chdir(ROOT)
    unittest.main(verbosity=1)
