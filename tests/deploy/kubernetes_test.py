#!/usr/bin/env python3
"""The chart at a real Kubernetes: the API server and its controllers (no kubelet, so pods stay pending) with Debian's etcd take
every profile without a warning, an upgrade from the last release's chart and back, and are clean after an uninstall.

  tests/deploy/kubernetes_test.py [CASE...]     installs the API server first (15 minutes of processor, once)

kubernetes/carillon-<version>.tgz is the chart of the last release: `helm package` writes the next one.
"""

import base64
import csv
import contextlib
import http.client
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest

import yaml

import chart_test
import layout
from chart_test import CHART, HELM, LOADS, PROFILES, pod, title

HERE = pathlib.Path(__file__).resolve().parent / "kubernetes"
TOKEN = "of-this-test-alone"


def waited(what, seconds, true):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.2)


class Cluster:
    """etcd, kube-apiserver and kube-controller-manager on free loopback ports, in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.port = layout.free_port()
        self.processes = []
        self.kinds = {}

    def start(self):
        store, peers = layout.free_port(), layout.free_port()
        self.run("etcd", "--data-dir", self.folder / "etcd", "--listen-client-urls", f"http://127.0.0.1:{store}",
                 "--advertise-client-urls", f"http://127.0.0.1:{store}", "--listen-peer-urls", f"http://127.0.0.1:{peers}",
                 "--initial-advertise-peer-urls", f"http://127.0.0.1:{peers}", "--initial-cluster",
                 f"default=http://127.0.0.1:{peers}", "--unsafe-no-fsync", "--log-level", "warn")
        waited("etcd", 60, lambda: layout.listening(store))
        key = self.folder / "accounts.key"
        layout.checked(["openssl", "genpkey", "-algorithm", "RSA", "-out", key], "openssl failed")
        with open(self.folder / "tokens.csv", "w", newline="") as file:
            csv.writer(file).writerow([TOKEN, "admin", "admin", "system:masters"])
        self.run(layout.TOOLS / "bin/kube-apiserver", "--etcd-servers", f"http://127.0.0.1:{store}", "--bind-address", "127.0.0.1",
                 "--secure-port", self.port, "--cert-dir", self.folder, "--token-auth-file", self.folder / "tokens.csv",
                 "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.0.0.0/16", "--service-account-key-file", key,
                 "--service-account-signing-key-file", key, "--service-account-issuer", "https://kubernetes.default.svc",
                 "--profiling=false", "--v", "1")
        self.authority = self.folder / "apiserver.crt"
        waited("kube-apiserver", 120, self.ready)
        self.config = self.folder / "kubeconfig"
        self.config.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "test", "users": [{"name": "admin", "user": {"token": TOKEN}}],
            "clusters": [{"name": "test", "cluster": {"server": f"https://127.0.0.1:{self.port}",
                                                      "certificate-authority": str(self.authority)}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}]}))
        self.config.chmod(0o600)
        self.run(layout.TOOLS / "bin/kube-controller-manager", "--kubeconfig", self.config, "--service-account-private-key-file",
                 key, "--secure-port", layout.free_port(), "--bind-address", "127.0.0.1", "--cert-dir", self.folder / "controllers",
                 "--leader-elect=false", "--use-service-account-credentials=false", "--v", "1")
        for file in sorted((layout.TOOLS / "kinds").glob("*.yaml")):
            for thing in yaml.safe_load_all(file.read_text()):
                if thing:
                    self.apply(thing, "", strict=False)
        waited("the kinds of others", 60, lambda: {"Certificate", "Issuer", "ClusterIssuer", "PodMonitor", "PrometheusRule",
                                                   "TLSRoute"} <= {kind for _, kind in self.known()})
        return self

    def run(self, *command):
        with open(self.folder / f"{pathlib.Path(command[0]).name}.log", "wb") as log:
            self.processes.append(subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()

    def ready(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/readyz")[0] == 200
        return False

    def ask(self, method, path, body=None, kind="application/json"):
        """(status, answer, warnings) of the API."""
        context = ssl.create_default_context(cafile=self.authority)
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind, "Accept": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
            with contextlib.suppress(json.JSONDecodeError):
                text = json.loads(text)
            return answer.status, text, answer.headers.get_all("Warning") or []

    def known(self):
        """(apiVersion, kind) -> its row of the API's own list; asked anew, since kinds are added."""
        groups = self.ask("GET", "/apis")[1]["groups"]
        for version in ["v1", *(version["groupVersion"] for group in groups for version in group["versions"])]:
            listed = self.ask("GET", f"/{'api' if version == 'v1' else 'apis'}/{version}")[1]
            for row in listed.get("resources", []) if isinstance(listed, dict) else []:
                if "/" not in row["name"]:
                    self.kinds[version, row["kind"]] = row
        return self.kinds

    def path(self, version, kind, namespace, name=""):
        row = self.kinds.get((version, kind)) or self.known()[version, kind]
        place = f"/namespaces/{namespace}" if row["namespaced"] else ""
        return f"/{'api' if version == 'v1' else 'apis'}/{version}{place}/{row['name']}" + (f"/{name}" if name else "")

    def apply(self, thing, namespace, strict=True):
        """Server-side apply; (what the server keeps, its warnings)."""
        path = self.path(thing["apiVersion"], thing["kind"], namespace, thing["metadata"]["name"])
        unknown = "Strict" if strict else "Ignore"
        status, answer, warnings = self.ask("PATCH", f"{path}?fieldManager=carillon&fieldValidation={unknown}", thing,
                                            "application/apply-patch+yaml")
        if status not in (200, 201):
            raise AssertionError(f"{title(thing)}: {status} {answer}")
        return answer, warnings

    def namespace(self, name):
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {
            f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}}}, "")
        waited(f"the account of {name}", 60, lambda: self.ask("GET", f"/api/v1/namespaces/{name}/serviceaccounts/default")[0] == 200)

    def all_of(self, namespace):
        """Everything in a namespace that somebody made: "Kind/name" -> the thing."""
        found = {}
        for (version, kind), row in self.known().items():
            if row["namespaced"] and "list" in row["verbs"] and kind not in ("Event", "EndpointSlice", "Endpoints"):
                for item in self.ask("GET", self.path(version, kind, namespace))[1].get("items", []):
                    found[f"{kind}/{item['metadata']['name']}"] = item
        for everywhere in ("ServiceAccount/default", "ConfigMap/kube-root-ca.crt"):
            found.pop(everywhere, None)
        return found

    def helm(self, *arguments):
        command = [HELM, *arguments, "--kubeconfig", self.config]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600)

    @contextlib.contextmanager
    def migrations_done(self, namespace):
        """Stands in for the kubelet: pods of the migrations' Job end well."""
        over = threading.Event()

        def look():
            while not over.wait(0.5):
                pods = f"/api/v1/namespaces/{namespace}/pods"
                listed = self.ask("GET", f"{pods}?labelSelector=app.kubernetes.io/name=migrations")[1]
                for each in listed.get("items", []):
                    if each["status"].get("phase") == "Pending":
                        self.ask("PATCH", f"{pods}/{each['metadata']['name']}/status", {"status": {"phase": "Succeeded"}},
                                 "application/merge-patch+json")

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = subprocess.run([chart_test.ROOT / "deploy/local/install.sh", "kubernetes"])
        assert done.returncode == 0
        cls.folder = tempfile.TemporaryDirectory()
        cls.cluster = Cluster(pathlib.Path(cls.folder.name))
        try:
            cls.cluster.start()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.cluster.stop()
        cls.folder.cleanup()

    def test_the_wall_is_there(self):
        """Without it "accepted" would say nothing: a pod that may be root is refused, a template of one is warned of."""
        self.cluster.namespace("wall")
        spec = {"containers": [{"name": "a", "image": "a"}]}
        status, answer, _ = self.cluster.ask("POST", "/api/v1/namespaces/wall/pods", {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "root"}, "spec": spec})
        self.assertEqual(status, 403, answer)
        self.assertIn('violates PodSecurity "restricted:latest"', answer["message"])
        _, warnings = self.cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "root"}, "spec": {
            "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": spec}}}, "wall")
        self.assertEqual(len(warnings), 1)
        with self.assertRaisesRegex(AssertionError, "field not declared in schema"):
            self.cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "dataa": {}}, "wall")

    def test_every_profile_is_accepted_without_a_warning(self):
        for name, arguments in PROFILES.items():
            with self.subTest(name):
                place = f"profile-{name}"
                self.cluster.namespace(place)
                things = chart_test.render(*arguments, "--namespace", place)
                first = {}
                for thing in things:
                    first[title(thing)], warnings = self.cluster.apply(thing, place)
                    self.assertEqual(warnings, [], title(thing))
                for thing in things:
                    if thing["kind"] in LOADS:  # what the controllers would make, asked of the wall itself
                        made = {"apiVersion": "v1", "kind": "Pod", **pod(thing)}
                        made["metadata"] = {**made["metadata"], "generateName": "tried-"}
                        made["spec"].setdefault("volumes", []).extend(
                            {"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": "a"}}
                            for claim in thing["spec"].get("volumeClaimTemplates", []))
                        status, answer, warnings = self.cluster.ask("POST", f"/api/v1/namespaces/{place}/pods?dryRun=All", made)
                        self.assertEqual((status, warnings), (201, []), f"{title(thing)}: {answer}")
                for thing in things:
                    if thing["kind"] not in LOADS | {"HorizontalPodAutoscaler", "PodDisruptionBudget", "PersistentVolumeClaim"}:
                        again, _ = self.cluster.apply(thing, place)  # of those no controller writes in
                        self.assertEqual(again["metadata"]["resourceVersion"], first[title(thing)]["metadata"]["resourceVersion"],
                                         f"{title(thing)} is never the same twice")

    def test_up_from_the_last_release_and_back_and_away(self):
        place = "callcentre"
        self.cluster.namespace(place)
        before = next(HERE.glob("carillon-*.tgz"))
        with tarfile.open(before) as packed:
            services = yaml.safe_load(packed.extractfile("carillon/values.yaml"))["services"]  # it may know fewer
        small = ["-n", place, "-f", CHART / "profiles/small.yaml"]

        def passwords():
            everything = self.cluster.all_of(place).items()
            return {name: thing["data"] for name, thing in everything if name.startswith("Secret/carillon-")}

        def helm(*arguments):
            with self.cluster.migrations_done(place):
                done = self.cluster.helm(*arguments)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotIn("warn", done.stderr.lower())

        helm("install", "carillon", before, *small)
        waited("pods of every set", 60, lambda: len([
            name for name in self.cluster.all_of(place)
            if name.startswith("Pod/carillon-") and name.endswith("-0")]) == len(services) + 3)
        first = passwords()
        self.assertEqual(len(first), len(services) + 7)  # the seed, dialer, three stores, migrations, backup
        helm("upgrade", "carillon", CHART, *small)
        now = passwords()
        self.assertEqual(len(now), len(layout.SERVICES) + 7)
        for name, data in first.items():
            for key, old in data.items():
                kept = set(base64.b64decode(now[name][key]).split(b","))  # a list of passwords grows by those of new services
                self.assertLessEqual(set(base64.b64decode(old).split(b",")), kept, f"an upgrade keeps every password: {name} {key}")
        routing = self.cluster.ask("GET", self.cluster.path("apps/v1", "StatefulSet", place, "carillon-routing"))[1]
        version = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]
        self.assertEqual(routing["metadata"]["labels"]["helm.sh/chart"], f"carillon-{version}")
        helm("rollback", "carillon", "1", "-n", place)
        helm("upgrade", "carillon", CHART, *small)
        self.assertEqual(passwords(), now)
        helm("uninstall", "carillon", "-n", place)
        volumes = {f"PersistentVolumeClaim/{name}" for name in
                   ("carillon-backup", "data-carillon-postgres-0", "data-carillon-redis-0", "data-carillon-kafka-0")}
        kept = volumes | {"Secret/carillon-trial-seed"}  # what opens a trial's volumes
        waited("only volumes are left", 120, lambda: not set(self.cluster.all_of(place)) - kept)
        self.assertEqual(set(self.cluster.all_of(place)), kept)
        helm("install", "carillon", CHART, *small)
        self.assertEqual(passwords(), now, "the same passwords open what the volumes hold")


if __name__ == "__main__":
    os.chdir(chart_test.ROOT)
    unittest.main(verbosity=2)
