#!/usr/bin/env python3
"""The compose file and what the images hold, without Docker: read by docker-compose, walls and settings tried, the scripts that
make secrets and lay out images run for real, Envoy's own word on the configuration that goes into its image."""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import types
import unittest
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))
import compose  # noqa: E402
import images  # noqa: E402
import layout  # noqa: E402

FACTS = json.loads((ROOT / "helm/carillon/files/platform.json").read_text())
OURS = [*layout.SERVICES, "dialer"]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        place = pathlib.Path(cls.folder.name)
        shutil.copyfile(ROOT / "docker-compose.yml", place / "docker-compose.yml")
        cls.own = place / "deploy/compose"
        cls.own.mkdir(parents=True)
        shutil.copy(ROOT / "deploy/compose/prepare", cls.own / "prepare")
        done = run(cls.own / "prepare")
        assert done.returncode == 0, done.stderr
        done = run("docker-compose", "config", cwd=place)
        assert done.returncode == 0, done.stderr
        cls.services = yaml.safe_load(done.stdout)["services"]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_file_is_that_of_its_source(self):
        done = run(ROOT / "deploy/compose/generate", "--check")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_container_is_closed(self):
        self.assertEqual({name.removeprefix("carillon-") for name in self.services} - {"backup"},
                         {*compose.PROCESSES, "gateway", "migrations", "postgres", "redis", "kafka"})
        for name, service in self.services.items():
            self.assertTrue(service["read_only"], name)
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            self.assertIn("no-new-privileges:true", service["security_opt"], name)
            self.assertEqual("ports" in service, name == "carillon-gateway", name)
            if name not in ("carillon-migrations", "backup"):
                self.assertIn("healthcheck", service, name)
            self.assertEqual("outside" in service["networks"], name == "carillon-gateway", name)

    def test_every_process_takes_its_settings_from_the_files_that_prepare_makes(self):
        for instance, name in compose.PROCESSES.items():
            service = self.services[f"carillon-{instance}"]
            mounts = dict(row.split(":")[1::-1] for row in service["volumes"])
            values = {}
            for key, value in service["environment"].items():
                for inside, outside in mounts.items():
                    value = value.replace(inside + "/", outside + "/")
                values[key] = value
                if key.endswith("_FILE") or "_TLS_" in key:
                    self.assertTrue(os.access(value, os.R_OK), f"{name}: {value}")
            done = run(layout.BIN / f"carillon-{name}", "--print-config", env=values)
            self.assertEqual((done.returncode, done.stderr), (0, ""), instance)

    def test_a_standby_is_found_under_the_same_name_and_by_one_of_its_own(self):
        for standby, name in ((instance, name) for instance, name in compose.PROCESSES.items() if instance != name):
            known = [self.services[f"carillon-{instance}"] for instance in (name, standby)]
            names = [{f"carillon-{instance}", *service["networks"]["inside"]["aliases"]}
                     for instance, service in zip((name, standby), known)]
            self.assertEqual(names[0] & names[1], {f"carillon-{name}"})
            prefix = f"CARILLON_{name.upper()}_"
            for which, service in enumerate(known):
                values = service["environment"]
                self.assertEqual(values[prefix + "INSTANCE"], (name, standby)[which])
                host, port = values[prefix + "SHARD_ADDRESS"].split(":")
                self.assertIn(host, names[which] - names[1 - which])
                self.assertEqual(port, str(FACTS["services"][name]["port"]))
                folder = self.own / "tls" / name
                done = run("openssl", "verify", "-CAfile", folder / "ca.crt", "-verify_hostname", host, folder / "tls.crt")
                self.assertEqual(done.returncode, 0, f"{host}: {done.stderr}")
                differing = {"INSTANCE", "SHARD_ADDRESS"}
                self.assertEqual(values[prefix + "TLS_CERT"], known[0]["environment"][prefix + "TLS_CERT"])
                self.assertEqual({key for key in values if values[key] != known[0]["environment"][key]},
                                 {prefix + key for key in differing} if which else set())

    def test_the_demo_looks_in_on_loopback_and_brings_its_clock(self):
        """What `./carillon demo --target compose` lays over the file; the rest stays as it is."""
        place = pathlib.Path(self.folder.name)
        ports = {name: layout.free_port() for name in ["postgres", *layout.SERVICES]}
        over = place / "demo.json"
        over.write_text(json.dumps(compose.Compose.looked_into(types.SimpleNamespace(ports=ports, clock=place / "clock/clock"))))
        done = run("docker-compose", "-f", "docker-compose.yml", "-f", over, "config", cwd=place)
        self.assertEqual(done.returncode, 0, done.stderr)
        services = yaml.safe_load(done.stdout)["services"]
        for name, port in ports.items():
            published = [row.split(":")[:2] for row in services[f"carillon-{name}"]["ports"]]
            self.assertEqual(published, [["127.0.0.1", str(port)]], name)
        for instance, name in compose.PROCESSES.items():
            values = services[f"carillon-{instance}"]["environment"]
            prefix = f"CARILLON_{name.upper()}_"
            self.assertEqual(values[prefix + "PROFILE"], "local")
            self.assertEqual(values[prefix + "CLOCK_FILE"], "/var/lib/carillon/clock/clock")
            self.assertTrue(services[f"carillon-{instance}"]["read_only"])
            over, plain = (those[f"carillon-{instance}"]["networks"]["inside"] or {} for those in (services, self.services))
            self.assertEqual(over, plain, "its names stay")

    def test_passwords_are_the_same_on_both_sides_and_stay(self):
        secrets = self.own / "secrets"
        before = {path: path.read_text() for path in secrets.rglob("*") if path.is_file()}
        self.assertEqual(run(self.own / "prepare").returncode, 0)
        self.assertEqual(before, {path: path.read_text() for path in secrets.rglob("*") if path.is_file()})
        for name in layout.SERVICES:
            self.assertEqual(before[secrets / name / "db_url"], before[secrets / f"migrations/db_{name}_app_url"])
            self.assertEqual(before[secrets / name / "kafka_password"], before[secrets / f"kafka/kafka_{name}"])
        known = dict(row.split("=") for row in before[secrets / "access/services_secrets"].split(","))
        self.assertEqual(known, {name: before[secrets / name / "auth_secret"] for name in OURS})
        self.assertEqual(secrets.stat().st_mode & 0o777, 0o700)

    def test_a_part_that_a_new_version_brings_is_known_to_access(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder) / "compose"
            shutil.copytree(self.own, place)
            known = place / "secrets/access/services_secrets"
            before = known.read_text()
            shutil.rmtree(place / "secrets/qa")
            known.unlink()
            known.write_text(",".join(row for row in before.split(",") if not row.startswith("qa=")))
            self.assertEqual(run(place / "prepare").returncode, 0)
            after = dict(row.split("=") for row in known.read_text().split(","))
            self.assertEqual(after.pop("qa"), (place / "secrets/qa/auth_secret").read_text())
            self.assertEqual(after, {name: secret for name, secret in (row.split("=") for row in before.split(",")) if name != "qa"})
            self.assertEqual(known.stat().st_mode & 0o777, 0o444)

    def test_certificates_name_what_callers_ask_for(self):
        for name in [*OURS, "gateway"]:
            folder = self.own / "tls" / name
            for host in ("localhost", name, f"carillon-{name}"):
                done = run("openssl", "verify", "-CAfile", folder / "ca.crt", "-verify_hostname", host, folder / "tls.crt")
                self.assertEqual(done.returncode, 0, f"{name} {host}: {done.stderr}")


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = pathlib.Path(cls.folder.name) / "parts"
        cls.env = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}  # a commit meanwhile is another input
        done = run(ROOT / "deploy/docker/stage", cls.out, env=cls.env)
        assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def files(self, root):
        return {path.relative_to(root): (path.stat().st_mode, path.stat().st_mtime,
                                            hashlib.sha256(path.read_bytes()).hexdigest())
                for path in root.rglob("*") if path.is_file()}

    def test_who_asks_whether_a_store_is_ready_starts_none(self):
        for name, port in (("postgres", 5432), ("redis", 6379), ("kafka", 9092)):
            with self.subTest(name), tempfile.TemporaryDirectory() as place:
                done = run(self.out / name / "usr/bin/carillon-store", "ready",
                           env={**os.environ, "CARILLON_DATA": f"{place}/data", "CARILLON_SECRETS": place})
                self.assertEqual(os.listdir(place), [])
                if not layout.listening(port):
                    self.assertNotEqual(done.returncode, 0)

    def test_same_inputs_are_the_same_bytes(self):
        again = self.out.parent / "again"
        self.assertEqual(run(ROOT / "deploy/docker/stage", again, env=self.env).returncode, 0)
        self.assertEqual(self.files(self.out), self.files(again))
        for path in again.rglob("*"):
            if path.is_file() and path.stat().st_size < 1_000_000:
                self.assertNotIn(str(again.parent).encode(), path.read_bytes(), "a path of this machine")

    def test_every_target_of_the_dockerfile_has_its_folder(self):
        text = (ROOT / "deploy/docker/Dockerfile").read_text()
        stages = {name: (under, lines) for under, name, lines in
                  re.findall(r"^FROM (\S+) AS (\S+)\n(.*?)(?=^FROM|\Z)", text, re.M | re.S)}
        for part in (part for part in self.out.iterdir() if part.is_dir()):
            under, lines = stages[part.name]
            self.assertIn(f"ADD build/images/parts/{part.name}.tar /\n", lines)
            self.assertIn("USER 65532:65532\n", stages.get(under, ("", ""))[1] + lines)
        for name, packages in json.loads((ROOT / "deploy/docker/packages.json").read_text()).items():
            plain = text.replace("\\\n    ", "")
            self.assertIn(" ".join(["carillon-packages", *packages]) + "\n", plain, name)

    def test_what_comes_from_our_locks_is_named_with_its_licence(self):
        """In the SBOM beside Debian's packages, and in the bundle."""
        seen = {part: set(images.locked(part)) for part in images.PARTS}
        pages = json.loads((ROOT / "web/package.json").read_text())["dependencies"]
        self.assertLessEqual({("npm", name, number) for name, number in pages.items()}, seen["gateway"])
        jars = len(list((layout.TOOLS / "kafka/libs").glob("*.jar")))
        self.assertEqual((len(seen["kafka"]), len(seen["migrations"]), len(seen["ivr"])), (jars, 1, 1))
        texts = {row: images.licence(*row) for rows in seen.values() for row in rows}
        self.assertGreater(len(texts), 100)
        self.assertLess(sum(not text for text in texts.values()), 10, [row for row, text in texts.items() if not text])
        for row in seen["gateway"] | seen["migrations"] | seen["ivr"]:
            self.assertTrue(texts[row], row)

    def test_envoy_finds_every_service_by_its_name(self):
        static = json.loads((self.out / "gateway/usr/share/carillon/gateway/envoy.yaml").read_text())["static_resources"]
        hosts = {row["name"]: row["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]
                 for row in static["clusters"]}
        for name in FACTS["gateway"]["peers"]:
            self.assertEqual(hosts[name]["socket_address"],
                             {"address": f"carillon-{name}", "port_value": FACTS["services"][name]["port"]})

    def test_envoy_takes_the_configuration_of_its_image_and_shows_a_renewed_certificate(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            for name in ("tls", "edge"):
                mounted(place / name)
            home = place / "gateway"
            shutil.copytree(self.out / "gateway/usr/share/carillon/gateway", home)
            for file in [*home.glob("*.json"), home / "envoy.yaml"]:
                file.write_text(file.read_text().replace("/etc/carillon/", f"{place}/").replace(
                    "/usr/share/carillon/gateway", str(home)))
            config = json.loads((home / "envoy.yaml").read_text())
            ports = {listener["name"]: layout.free_port() for listener in config["static_resources"]["listeners"]}
            for listener in config["static_resources"]["listeners"]:
                if "socket_address" in listener["address"]:
                    listener["address"]["socket_address"].update(address="127.0.0.1", port_value=ports[listener["name"]])
            admin = config["admin"]["address"]["socket_address"]["port_value"] = layout.free_port()
            (home / "envoy.yaml").write_text(json.dumps(config).replace("@carillon-keys-", f"@carillon-keys-{admin}-"))
            envoy = [self.out / "gateway/usr/bin/envoy", "-c", home / "envoy.yaml", "--disable-hot-restart", "--concurrency", "1",
                     "--log-level", "error"]
            done = run(*envoy, "--mode", "validate")
            self.assertEqual(done.returncode, 0, done.stderr)
            with subprocess.Popen([str(word) for word in envoy], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                try:
                    first = self.shown_at(ports["edge"], "")
                    self.assertGreater(self.counted(admin, "http.keys.downstream_rq_total"), 0, "nobody asked for the keys")
                    mounted(place / "edge")
                    self.assertNotEqual(self.shown_at(ports["edge"], first), first)
                finally:
                    process.terminate()

    def counted(self, admin, name):
        """One of Envoy's counters, as soon as it counts."""
        end = time.monotonic() + 30
        value = 0
        while value == 0 and time.monotonic() < end:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{admin}/stats?filter=^{name}$") as answer:
                value = int(answer.read().partition(b":")[2])
        return value

    def shown_at(self, port, other_than):
        """The certificate's fingerprint, as soon as it is another."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                shown = hashlib.sha256(ssl.get_server_certificate(("127.0.0.1", port)).encode()).hexdigest()
                if shown != other_than:
                    return shown
            time.sleep(0.2)
        raise AssertionError("no other certificate is shown")


def mounted(folder):
    """A fresh certificate in a folder, as the kubelet mounts a Secret: all of it changes in one move."""
    fresh = folder / f"..{time.monotonic_ns()}"
    fresh.mkdir(parents=True)
    done = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
               fresh / "tls.key", "-out", fresh / "tls.crt", "-subj", "/CN=gateway")
    assert done.returncode == 0, done.stderr
    shutil.copy(fresh / "tls.crt", fresh / "ca.crt")
    (folder / "..new").symlink_to(fresh.name)
    (folder / "..new").rename(folder / "..data")
    for name in ("tls.crt", "tls.key", "ca.crt"):
        if not (folder / name).exists():
            (folder / name).symlink_to(f"..data/{name}")


if __name__ == "__main__":
    os.chdir(ROOT)
    unittest.main(verbosity=1)
