#!/usr/bin/env python3
"""The chart, as rendered: every profile keeps the rules, every process starts with the settings it is given, the walls of
the network are the calls of the source, and a wrong value is refused by name.

  tests/deploy/chart_test.py [CASE...]
"""

import copy
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
sys.path.insert(0, str(ROOT / "deploy/local"))
import layout  # noqa: E402
import secret  # noqa: E402

CHART = ROOT / "helm/carillon"
HELM = layout.TOOLS / "bin/helm"
OWN_STORES = ["--set", "postgres.cidrs={10.1.0.0/24},redis.cidrs={10.1.1.0/24},kafka.cidrs={10.1.2.0/24}",
              "--set", "kafka.brokers={k1.example:9092}"]
JOB = {"dialer": {"jobs": [{"name": "spring", "tenant": "00000000-0000-4000-8000-000000000001", "dialers": 2,
                            "campaign": "00000000-0000-4000-8000-000000000002"}]}}
# name -> arguments; what operators run, and the choices that no profile makes.
PROFILES = {
    "small": ["-f", CHART / "profiles/small.yaml", "--set", "secrets.trialSeed=seed"],
    "medium": ["-f", CHART / "profiles/medium.yaml", *OWN_STORES],
    "large": ["-f", CHART / "profiles/large.yaml", *OWN_STORES, "--set", "kafka.caSecret=kafka-ca,kafka.mechanism=SCRAM-SHA-512"],
    "csi": [*OWN_STORES, "--set", "secrets.source=csi", "--set", "certificates.certManager=false", "--set",
            "gateway.expose=ingress", "--set", "gateway.class=nginx", "--set-json", f"dialer={json.dumps(JOB['dialer'])}"],
    "gateway-api": [*OWN_STORES, "--set", "gateway.expose=gateway-api", "--set-json",
                    'gateway.parent={"name": "edge", "namespace": "gateways"}', "--set", "dialer.replicas=0",
                    # as docs/operations changes what seals access's keys
                    "--set-json", 'services.access.settings={"keys.master_id": "m2", '
                    '"keys.older_file": "/etc/carillon/secrets/keys_older"}'],
}
LOADS = {"StatefulSet", "Deployment", "Job", "CronJob"}


def helm(*arguments):
    """For the oldest Kubernetes that the chart takes."""
    command = [HELM, *arguments, "--kube-version", "1.30.0"]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def render(*arguments):
    done = helm("template", "carillon", CHART, "--namespace", "callcentre", *arguments)
    if done.returncode:
        raise AssertionError(done.stderr)
    return [thing for thing in yaml.load_all(done.stdout, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if thing]


_rendered = {}


def profile(name):
    if name not in _rendered:
        _rendered[name] = render(*PROFILES[name])
    return copy.deepcopy(_rendered[name])


def title(thing):
    return f"{thing['kind']}/{thing['metadata']['name']}"


def pod(thing):
    spec = thing["spec"]["jobTemplate"]["spec"] if thing["kind"] == "CronJob" else thing["spec"]
    return spec["template"]


def part(thing):
    return pod(thing)["metadata"]["labels"]["app.kubernetes.io/name"]


# Rules: each takes all that was rendered and yields what is wrong --------------------------------------------------

def loads(things):
    return [thing for thing in things if thing["kind"] in LOADS]


def restricted(things):
    """PodSecurity `restricted`, and what it does not ask: read-only root, no token."""
    for load in loads(things):
        spec = pod(load)["spec"]
        security = spec.get("securityContext", {})
        if not security.get("runAsNonRoot") or security.get("runAsUser", 0) == 0:
            yield f"{title(load)} may be root"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{title(load)} has no seccomp profile"
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{title(load)} gets a token of the cluster"
        for shared in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(shared):
                yield f"{title(load)} has {shared}"
        for volume in spec.get("volumes", []):
            if not set(volume) & {"secret", "csi", "emptyDir", "persistentVolumeClaim", "configMap", "projected"}:
                yield f"{title(load)} mounts {volume}"
        for container in spec["containers"] + spec.get("initContainers", []):
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
                yield f"{title(load)} may gain rights"
            if own.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{title(load)} keeps capabilities"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{title(load)} can write its root"


def amounts(things):
    for load in loads(things):
        for container in pod(load)["spec"]["containers"]:
            for kind in ("requests", "limits"):
                for what in ("cpu", "memory"):
                    if not container.get("resources", {}).get(kind, {}).get(what):
                        yield f"{title(load)} has no {kind} of {what}"


def probes(things):
    for load in loads(things):
        for container in pod(load)["spec"]["containers"]:
            if load["kind"] in ("StatefulSet", "Deployment"):
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    if probe not in container:
                        yield f"{title(load)} has no {probe}"


def budgets(things):
    for load in loads(things):
        if load["kind"] in ("StatefulSet", "Deployment"):
            labels = pod(load)["metadata"]["labels"]
            if not any(thing["kind"] == "PodDisruptionBudget" and
                       thing["spec"]["selector"]["matchLabels"].items() <= labels.items() for thing in things):
                yield f"{title(load)} has no PodDisruptionBudget"
            if not pod(load)["spec"].get("topologySpreadConstraints"):
                yield f"{title(load)} is not spread"


def drains(things):
    """The grace period is what the host takes at most: the sleep, drain_ms, 20 s for running calls, 10 for the outbox."""
    for load in loads(things):
        for container in pod(load)["spec"]["containers"]:
            drain = next((row["value"] for row in container.get("env", []) if row["name"].endswith("_DRAIN_MS")), None)
            if drain is None:
                continue
            sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            least = sleep + int(drain) / 1000 + (20 if part(load) == "dialer" else 30)
            if pod(load)["spec"]["terminationGracePeriodSeconds"] < least:
                yield f"{title(load)} is killed before it has drained: {least} s"


def accounts(things):
    known = {thing["metadata"]["name"]: thing for thing in things if thing["kind"] == "ServiceAccount"}
    for load in loads(things):
        account = known.get(pod(load)["spec"]["serviceAccountName"])
        if account is None or account.get("automountServiceAccountToken") is not False:
            yield f"{title(load)} has no account of its own without a token"


def hooks(things):
    for load in loads(things):
        if part(load) == "migrations":
            annotations = load["metadata"].get("annotations", {})
            if "pre-upgrade" not in annotations.get("helm.sh/hook", ""):
                yield f"{title(load)} does not run before an upgrade"
            return
    yield "nothing migrates"


def references(things):
    """A trial's Secrets are in the chart: each that is mounted is there with each file that is read."""
    known = {thing["metadata"]["name"]: thing["stringData"] for thing in things if thing["kind"] == "Secret"}
    certificates = {thing["spec"]["secretName"] for thing in things if thing["kind"] == "Certificate"}
    if not known:
        return
    for load in loads(things):
        for volume in pod(load)["spec"].get("volumes", []):
            name = volume.get("secret", {}).get("secretName")
            if name and name not in known and name not in certificates:
                yield f"{title(load)} mounts {name}, which nobody makes"
        for container in pod(load)["spec"]["containers"]:
            for row in container.get("env", []):
                if row["name"].endswith("_FILE"):
                    file = pathlib.Path(row["value"]).name
                    if file not in known.get(f"carillon-{part(load)}", {}):
                        yield f"{title(load)} reads {file}, which its Secret has not"


RULES = [restricted, amounts, probes, budgets, drains, accounts, hooks, references]


def allowed(things, direction):
    """(from, to, port) that the network policies let through, by the label name of either end."""
    found = set()
    for policy in things:
        if policy["kind"] != "NetworkPolicy":
            continue
        me = policy["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/name")
        for rule in policy["spec"].get(direction, []):
            others = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
                      for peer in rule.get("from" if direction == "ingress" else "to", []) if "podSelector" in peer]
            for other in others:
                for port in rule["ports"]:
                    found.add((other, me, port["port"]) if direction == "ingress" else (me, other, port["port"]))
    return found


def calls_of_the_source():
    """(from, to): what the services' own code asks for by name, access for its keys, and the gateway's routes."""
    found = set()
    for service in [*layout.SERVICES, "dialer"]:
        folder = ROOT / "services" / ("campaign/dialer" if service == "dialer" else service)
        for file in folder.rglob("*.cpp"):
            if service == "campaign" and "dialer" in file.parts:
                continue
            text = file.read_text()
            found |= {(service, peer) for peer in re.findall(r'\bpeer\("(\w+)"\)', text)}
            found |= {(service, service)} if '"x-carillon-handed-on"' in text else set()  # one of its kind to another
        if service != "access":
            found.add((service, "access"))
    return found | {("gateway", service) for service in layout.SERVICES}


class Chart(unittest.TestCase):
    def test_lints_with_every_profile(self):
        for name, arguments in PROFILES.items():
            with self.subTest(name):
                done = helm("lint", "--strict", CHART, *arguments)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_profile_keeps_every_rule(self):
        for name in PROFILES:
            for rule in RULES:
                with self.subTest(f"{name} {rule.__name__}"):
                    self.assertEqual(list(rule(profile(name))), [])

    def test_each_rule_sees_when_it_is_broken(self):
        """A rule that cannot fail is none: each is shown a chart that breaks it."""
        def routing(things):
            return next(thing for thing in things if title(thing) == "StatefulSet/carillon-routing")

        def container(things):
            return pod(routing(things))["spec"]["containers"][0]

        breaks = {
            restricted: lambda t: container(t)["securityContext"].update(readOnlyRootFilesystem=False),
            amounts: lambda t: container(t)["resources"]["limits"].pop("memory"),
            probes: lambda t: container(t).pop("readinessProbe"),
            budgets: lambda t: t.remove(next(x for x in t if title(x) == "PodDisruptionBudget/carillon-routing")),
            drains: lambda t: pod(routing(t))["spec"].update(terminationGracePeriodSeconds=20),
            accounts: lambda t: t.remove(next(x for x in t if title(x) == "ServiceAccount/carillon-routing")),
            hooks: lambda t: t.remove(next(x for x in t if title(x) == "Job/carillon-migrations")),
            references: lambda t: next(x for x in t if title(x) == "Secret/carillon-routing")["stringData"].pop("db_url"),
        }
        for rule in RULES:
            with self.subTest(rule.__name__):
                things = profile("small")
                breaks[rule](things)
                self.assertEqual(len(list(rule(things))), 1)

    def test_facts_are_those_of_the_code(self):
        facts = json.loads((CHART / "files/platform.json").read_text())
        ports = json.loads((ROOT / "deploy/local/ports.json").read_text())
        self.assertEqual(list(facts["services"]), layout.SERVICES)
        for name, row in facts["services"].items():
            self.assertEqual((row["port"], row["metrics"]), (ports[name], ports[f"{name}_metrics"]), name)
            self.assertEqual(row["redis"], "redis_url" in row["secrets"], name)
        said = {(name, peer) for name, row in {**facts["services"], "dialer": facts["dialer"],
                                               "gateway": facts["gateway"]}.items() for peer in row["peers"]}
        self.assertEqual(said, calls_of_the_source(), "say it in platform.json, then run deploy/compose/generate")
        redis = {path.relative_to(ROOT / "services").parts[0] for path in (ROOT / "services").rglob("*.cpp")
                 if "redis_url" in path.read_text()}
        self.assertEqual(redis, {name for name, row in facts["services"].items() if row["redis"]})

    def test_walls_are_the_call_graph_and_nothing_more(self):
        facts = json.loads((CHART / "files/platform.json").read_text())
        port = {name: row["port"] for name, row in facts["services"].items()}
        calls = {(caller, called, port[called]) for caller, called in calls_of_the_source()}
        stores = {(name, "postgres", 5432) for name in [*port, "migrations", "backup"]}
        stores |= {(name, "kafka", 9092) for name in [*port, "migrations"]}
        stores |= {(name, "redis", 6379) for name, row in facts["services"].items() if row["redis"]}
        for direction in ("ingress", "egress"):
            self.assertEqual(allowed(profile("small"), direction), calls | stores, direction)
            self.assertEqual(allowed(profile("medium"), direction), calls, direction)
        none = next(x for x in profile("medium") if title(x) == "NetworkPolicy/carillon-none")
        self.assertEqual(none["spec"], {"podSelector": {"matchLabels": {"app.kubernetes.io/part-of": "carillon"}},
                                        "policyTypes": ["Ingress", "Egress"]})
        for thing in loads(profile("medium")):
            self.assertEqual(pod(thing)["metadata"]["labels"]["app.kubernetes.io/part-of"], "carillon", title(thing))

    def test_one_of_several_shows_the_certificate_of_its_own_name(self):
        """gRPC takes a wildcard for the first label alone, and only before a name that has a dot."""
        things = {title(thing): thing for thing in profile("medium")}
        routing = things["StatefulSet/carillon-routing"]
        self.assertEqual(routing["spec"]["replicas"], 2)
        values = {row["name"]: row.get("value") for row in pod(routing)["spec"]["containers"][0]["env"]}
        host, port = values["CARILLON_ROUTING_SHARD_ADDRESS"].replace("$(CARILLON_ROUTING_INSTANCE)", "carillon-routing-1").split(":")
        first, rest = host.split(".", 1)
        self.assertEqual((first, port), ("carillon-routing-1", "7004"))
        self.assertIn(".", rest)
        self.assertIn(f"*.{rest}", things["Certificate/carillon-routing"]["spec"]["dnsNames"])

    def test_a_name_that_one_process_stands_for_is_there_while_it_starts(self):
        seen = set()
        for name in PROFILES:
            things = {title(thing): thing for thing in profile(name)}
            for service in layout.SERVICES:
                alone = things[f"StatefulSet/carillon-{service}"]["spec"].get("replicas") == 1
                named = things[f"Service/carillon-{service}"]["spec"].get("publishNotReadyAddresses", False)
                self.assertEqual(named, alone, f"{name} {service}")
                seen.add(alone)
        self.assertEqual(seen, {True, False})

    def test_every_process_takes_its_settings(self):
        """The binary itself reads what the chart tells it: no key is unknown, none that is required is missing."""
        tried = set()
        for name in PROFILES:
            for load in loads(profile(name)):
                binary = layout.BIN / f"carillon-{part(load)}"
                if part(load) not in [*layout.SERVICES, "dialer"]:
                    continue
                with self.subTest(f"{name} {title(load)}"), tempfile.TemporaryDirectory() as folder:
                    container = pod(load)["spec"]["containers"][0]
                    values = {row["name"]: row.get("value", "a-name") for row in container["env"]}
                    for key in [key for key in values if key.endswith("_FILE")]:
                        file = pathlib.Path(folder) / pathlib.Path(values[key]).name
                        file.write_text("local1:0123456789abcdef0123456789abcdef01234567")
                        values[key] = str(file)
                    done = subprocess.run([binary, "--print-config"], env=values, capture_output=True, text=True)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertIn("profile = production", done.stdout)
                    self.assertRegex(done.stdout, r"(?m)^auth\.secret = \*\*\*")
                    tried.add(part(load))
        self.assertEqual(tried, {*layout.SERVICES, "dialer"})

    def test_probes_ask_the_process_itself(self):
        """carillon-health stands in every image of ours; it takes what the chart gives it."""
        for load in loads(profile("medium")):
            if part(load) in [*layout.SERVICES, "dialer"]:
                command = pod(load)["spec"]["containers"][0]["readinessProbe"]["exec"]["command"]
                self.assertEqual(command, ["/usr/bin/carillon-health", "--prefix", f"CARILLON_{part(load).upper()}"])

    def test_a_wrong_value_is_refused_by_name(self):
        for wrong, said in {
            "image.pullPolicy=Sometimes": "pullPolicy", "services.telephony.replicas=2": "telephony",
            "services.access.replicas=0": "replicas", "services.access.resources.limits.memory=lots": "memory",
            "gateway.expose=yes": "expose", "secrets.source=here": "source", "postgres.cidrs={anywhere}": "cidrs",
            "backup.schedule=daily": "schedule", "services.nobody.replicas=1": "nobody", "dialler.replicas=1": "dialler",
            "services.ivr.settings.Time-Zone=UTC": "Time-Zone", "dialer.jobs[0].name=spring": "jobs",
            "image.digests.routing=latest": "digests", "kafka.mechanism=MD5": "mechanism", "services.telephony.autoscaling.enabled=true": "telephony",
        }.items():
            with self.subTest(wrong):
                done = helm("template", CHART, *OWN_STORES, "--set", wrong)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)

    def test_what_cannot_work_is_refused_with_a_reason(self):
        for arguments, said in [
            (["--set", "kafka.brokers={k1.example:9092}"], "postgres.cidrs says where postgres is"),
            ([], "kafka.brokers says where Kafka is"),
            ([*OWN_STORES, "--set", "secrets.source=trial"], "bundled stores only"),
            ([*OWN_STORES, "--set", "gateway.expose=ingress"], "gateway.class names the ingress class"),
            ([*OWN_STORES, "--set", "kafka.bundled=true,kafka.caSecret=a"], "the bundled Kafka is for trials"),
        ]:
            with self.subTest(said):
                done = helm("template", CHART, *arguments)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)

    def test_the_route_is_of_the_version_that_the_cluster_serves(self):
        for more, version in ([], "v1alpha2"), (["--api-versions", "gateway.networking.k8s.io/v1/TLSRoute"], "v1"):
            route = next(x for x in render(*PROFILES["gateway-api"], *more) if x["kind"] == "TLSRoute")
            self.assertEqual(route["apiVersion"], f"gateway.networking.k8s.io/{version}")

    def test_kafka_with_tls_is_told_everybody_who_speaks_to_it(self):
        told = [thing for thing in loads(profile("large")) if any(
            row["name"].endswith("KAFKA_CA") and row["value"] == "/etc/carillon/kafka/ca.crt"
            for row in pod(thing)["spec"]["containers"][0].get("env", []))]
        self.assertEqual({part(thing) for thing in told}, {*layout.SERVICES, "migrations"})
        for thing in told:
            spec = pod(thing)["spec"]
            self.assertIn({"name": "kafka", "mountPath": "/etc/carillon/kafka", "readOnly": True},
                          spec["containers"][0]["volumeMounts"])
            self.assertIn("kafka-ca", [volume.get("secret", {}).get("secretName") for volume in spec["volumes"]])

    def test_values_are_explained(self):
        """Every choice of values.yaml is in the schema, and each of its lines says what it is; those of services stand before them."""
        schema = json.loads((CHART / "values.schema.json").read_text())
        text = (CHART / "values.yaml").read_text()
        for name in yaml.safe_load(text):
            self.assertIn(name, schema["properties"])
        before, services = text.split("\nservices:\n")
        choices = [line for line in before.splitlines() if re.match(r" *\w+: \S", line)]
        self.assertGreater(len(choices), 70)
        self.assertEqual([line for line in choices if "# " not in line], [])
        for name in set(re.findall(r"^    (\w+):", services, re.M)) - {"resources"}:
            self.assertRegex(before, rf"(?m)^#.*\b{name}\b", name)

    def test_compose_and_chart_say_the_same_version(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        project = re.search(r"VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text().split("project(")[1])
        self.assertEqual(chart["appVersion"], project.group(1))


class Health(unittest.TestCase):
    """carillon-health against a real process that waits for its database: it is alive, and not ready."""

    def test_what_cannot_run_says_why(self):
        done = subprocess.run([layout.BIN / "carillon-dialer"], env={}, capture_output=True, text=True, timeout=60)
        said = json.loads(done.stderr.splitlines()[-1])
        self.assertEqual((done.returncode, said["message"], said["error"]), (1, "cannot run", "the setting peers names no telephony"))

    def test_waiting_is_alive_and_not_ready_and_gone_is_neither(self):
        with tempfile.TemporaryDirectory() as folder:
            certificates = secret.Certificates(pathlib.Path(folder) / "tls")
            certificates.ensure(["routing", "gateway"])
            certificate, key = certificates.of("routing")
            port, nobody = layout.free_port(), layout.free_port()
            env = {"CARILLON_ROUTING_LISTEN": f"127.0.0.1:{port}", "CARILLON_ROUTING_METRICS": "127.0.0.1:0",
                   "CARILLON_ROUTING_TLS_CA": str(certificates.ca), "CARILLON_ROUTING_TLS_CERT": str(certificate),
                   "CARILLON_ROUTING_TLS_KEY": str(key), "CARILLON_ROUTING_DRAIN_MS": "0",
                   "CARILLON_ROUTING_PEERS": f"telephony=127.0.0.1:{nobody}",
                   "CARILLON_ROUTING_DB_URL": f"postgresql://a:b@127.0.0.1:{nobody}/c",
                   "CARILLON_ROUTING_DB_WORKER_URL": f"postgresql://a:b@127.0.0.1:{nobody}/c"}

            def ask(*more, **changed):
                return subprocess.run([layout.BIN / "carillon-health", "--prefix", "CARILLON_ROUTING", *(more or ["--within", "2000"])], env={**env, **changed}, capture_output=True, text=True)

            with subprocess.Popen([layout.BIN / "carillon-routing"], env=env, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                try:
                    self.assertEqual(ask("--alive", "--within", "20000").returncode, 0)
                    ready = ask()
                    self.assertEqual((ready.returncode, ready.stderr), (1, "carillon-health: not serving\n"))
                    stranger = ask("--alive", CARILLON_ROUTING_TLS_CA="")
                    self.assertEqual(stranger.returncode, 1, "it answers who shows no certificate")
                finally:
                    process.terminate()
            self.assertEqual(process.returncode, 0)
            self.assertEqual(ask("--alive").returncode, 1)
            self.assertEqual(ask(CARILLON_ROUTING_LISTEN="").returncode, 2)


if __name__ == "__main__":
    os.chdir(ROOT)
    unittest.main(verbosity=1)
