#!/usr/bin/env python3
"""SCRAM inside TLS, with a real broker of the last Kafka that takes it of Debian's client (ADR 105): topics and rights are made
and a service's events arrive, by the very settings that the chart gives their containers; with another password nothing does. Its
database is reached by TLS that is verified, as the URL in its Secret says.

  tests/deploy/scram_test.py      fetches Kafka's jars; makes servers of its own and removes them
"""

import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "deploy/local"), str(ROOT / "tests/deploy")]
import chart_test  # noqa: E402
import kafka  # noqa: E402
import layout  # noqa: E402
import postgres  # noqa: E402
import secret  # noqa: E402
from layout import checked  # noqa: E402

KAFKA = "3.9.1"
MECHANISM = "SCRAM-SHA-512"
PASSWORDS = {name: secrets.token_hex(20) for name in ("admin", "access", "administrator")}


class Broker(kafka.Broker):
    """As the fixture's, of another version; its listener for clients speaks SCRAM inside TLS."""

    def create(self, certificate, key, jars):
        self.jars = jars
        self.directory.mkdir()
        file = self.directory / "server.properties"
        layout.fill("deploy/kafka/server.properties", file, port=self.port, dir=self.directory,
                    controller_port=self.controller_port, admin_password=PASSWORDS["admin"], users="")
        both = self.directory / "tls.pem"
        both.write_text(key.read_text() + certificate.read_text())
        text = re.sub(r"(?m)^listener\.name\.clients\..*\n", "", file.read_text())
        text = text.replace("CLIENTS://127.0.0.1", "CLIENTS://localhost").replace("CLIENTS:SASL_PLAINTEXT", "CLIENTS:SASL_SSL")
        # Brokers among themselves use the listener of clients here, so the broker logs in as well.
        own = f'org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="{PASSWORDS["admin"]}"'
        text = text.replace("broker.protocol=PLAIN", f"broker.protocol={MECHANISM}")
        file.write_text(text.replace("sasl.enabled.mechanisms", "listener.name.controller.sasl.enabled.mechanisms") + f"""
listener.name.clients.sasl.enabled.mechanisms={MECHANISM}
listener.name.clients.{MECHANISM.lower()}.sasl.jaas.config={own};
listener.name.clients.ssl.keystore.type=PEM
listener.name.clients.ssl.keystore.location={both}
listener.name.clients.ssl.truststore.type=PEM
listener.name.clients.ssl.truststore.location={certificate.with_name("ca.crt")}
""")
        users = [word for name, password in PASSWORDS.items()
                 for word in ("--add-scram", f"{MECHANISM}=[name={name},password={password}]")]
        checked([*self._java("128m"), "kafka.tools.StorageTool", "format", "--cluster-id=4L6g3nShT-eMCtK--X86sw", "-c", file, *users],
                "formatting Kafka's log failed")

    def _java(self, heap):
        return [str(self.jars / "*") if word.endswith("libs/*") else word for word in super()._java(heap)]

    def ready(self):
        return layout.listening(self.port)


def settings(kind, name, replaced):
    """The environment that the chart gives a container, with its paths and addresses in this place."""
    things = chart_test.render(*chart_test.PROFILES["medium"], "--set", f"kafka.caSecret=kafka-ca,kafka.mechanism={MECHANISM}")
    load = next(thing for thing in things if thing["kind"] == kind and thing["metadata"]["name"] == name)
    values = {row["name"]: row.get("value", f"{name}-0") for row in chart_test.pod(load)["spec"]["containers"][0]["env"]}
    for here, there in replaced.items():
        values = {key: value.replace(here, str(there)) for key, value in values.items()}
    return values


class Scram(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        checked([ROOT / "deploy/local/install.sh", "deploy"], "not everything could be installed")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-scram-", dir=layout.BUILD))
        cls.servers = contextlib.ExitStack()
        cls.servers.callback(shutil.rmtree, cls.folder, ignore_errors=True)
        try:
            cls.start()
        except BaseException:
            cls.servers.close()
            raise

    @classmethod
    def start(cls):
        jars = cls.folder / "jars"
        pom = cls.folder / "pom.xml"
        pom.write_text(re.sub(r"(kafka_2\.13</artifactId>\s*<version>)[\d.]+", rf"\g<1>{KAFKA}",
                              (ROOT / "deploy/kafka/pom.xml").read_text()))
        checked(["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={jars}"], "no jars of Kafka")
        certificates = secret.Certificates(cls.folder / "tls")
        certificates.ensure(["kafka", "access", "postgres"])
        cls.broker = Broker(cls.folder / "kafka", layout.free_port(), layout.free_port(), PASSWORDS)
        cls.broker.create(*certificates.of("kafka"), jars)
        cls.cluster = postgres.Cluster(cls.folder / "postgres", layout.free_port(), "postgres")
        cls.cluster.create("fsync = off\nssl = on\nssl_cert_file = 'tls.crt'\nssl_key_file = 'tls.key'\n")
        for source, name in zip(certificates.of("postgres"), ("tls.crt", "tls.key")):
            shutil.copy(source, cls.cluster.data / name)
            cls.cluster._own(cls.cluster.data / name)
        running = cls.broker.start()
        cls.servers.callback(running.wait, 60)
        cls.servers.callback(running.terminate)
        cls.servers.callback(cls.cluster.start().wait, 60)
        cls.servers.callback(cls.cluster.stop)
        if cls.cluster.data.parent != cls.folder / "postgres":
            cls.servers.callback(shutil.rmtree, cls.cluster.data.parent, ignore_errors=True)
        end = time.monotonic() + 120
        while not (cls.broker.ready() and cls.cluster.ready()):
            assert time.monotonic() < end and running.poll() is None, (cls.folder / "kafka/kafka.log").read_text()[-2000:]
            time.sleep(0.2)
        cls.cluster.ensure_roles("access", {role: role for role in postgres.ROLES})
        cls.cluster.ensure_database("access", "access")
        cls.cluster.migrate("access", "access", "owner")
        values = cls.folder / "secrets"
        values.mkdir()
        verified = f"sslmode=verify-full&sslrootcert={certificates.ca}"
        urls = {role: cls.cluster.url(f"access_{role}", role, "access").replace("sslmode=disable", verified)
                for role in ("app", "worker")}
        for name, value in {"db_url": urls["app"], "db_worker_url": urls["worker"], "keys_master": "m" * 40,
                            "auth_secret": PASSWORDS["access"],
                            "kafka_password": PASSWORDS["access"], "bootstrap_password": PASSWORDS["administrator"],
                            "services_secrets": f"access={PASSWORDS['access']}"}.items():
            (values / name).write_text(value)
        tls = cls.folder / "mounted"
        tls.mkdir()
        for name, source in zip(("tls.crt", "tls.key", "ca.crt"), (*certificates.of("access"), certificates.ca)):
            shutil.copy(source, tls / name)
        cls.places = {"/etc/carillon/tls": tls, "/etc/carillon/secrets": values, "k1.example:9092": f"localhost:{cls.broker.port}",
                      "/etc/carillon/kafka/ca.crt": certificates.ca}

    @classmethod
    def tearDownClass(cls):
        cls.servers.close()

    def after_a_login(self, **other):
        """access in its container's settings, when somebody has logged in; its log."""
        port = layout.free_port()
        values = settings("StatefulSet", "carillon-access", {
            **self.places, "0.0.0.0:7001": f"127.0.0.1:{port}", "0.0.0.0:7101": f"127.0.0.1:{layout.free_port()}"})
        self.assertEqual(values["CARILLON_ACCESS_KAFKA_MECHANISM"], MECHANISM)
        log = self.folder / "access.log"
        with log.open("wb") as out:
            process = subprocess.Popen([layout.BIN / "carillon-access"], env={**values, **other}, stdout=out, stderr=out)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.terminate)
        tls = self.places["/etc/carillon/tls"]
        login = [layout.TOOLS / "bin/grpcurl", "-max-time", "10", "-cacert", tls / "ca.crt", "-cert", tls / "tls.crt", "-key",
                 tls / "tls.key", "-protoset", layout.BUILD / "descriptor.binpb", "-d",
                 '{"tenant": "platform", "login": "admin", "password": "%s"}' % PASSWORDS["administrator"], f"localhost:{port}",
                 "carillon.access.v1.AccessService/Login"]
        self.until(lambda: subprocess.run(login, capture_output=True).returncode == 0, "nobody can log in", log)
        return log

    def waiting_and_sent(self):
        rows = self.cluster.sql("SELECT count(*) FROM outbox; SELECT coalesce(sum(events), 0) FROM outbox_published", "access")
        return tuple(int(row) for row in rows.split())

    def until(self, right, what, log):
        end = time.monotonic() + 60
        while not right():
            self.assertLess(time.monotonic(), end, f"{what}\n{log.read_text()[-2000:]}")
            time.sleep(0.2)

    def test_1_topics_and_rights_are_made_by_the_migrations_settings(self):
        values = settings("Job", "carillon-migrations", self.places)
        env = {**values, "KAFKA_PASSWORD": PASSWORDS["admin"]}
        topics = ROOT / "deploy/kafka/topics.json"
        checked([kafka.TOOL, "setup", topics, *layout.SERVICES], "carillon-kafka failed", env=env)

        def dead():  # a topic has no leader for a moment
            done = subprocess.run([kafka.TOOL, "dead", topics], env=env, stdout=subprocess.PIPE, text=True)
            return {row.split()[0] for row in done.stdout.splitlines()}

        self.until(lambda: dead() == set(json.loads(topics.read_text())["topics"]), "not every topic is there",
                   self.folder / "kafka/kafka.log")

    def test_2_with_another_password_events_wait_and_the_log_says_why(self):
        wrong = self.folder / "wrong"
        wrong.write_text("not-that-one")
        log = self.after_a_login(CARILLON_ACCESS_KAFKA_PASSWORD_FILE=str(wrong))
        self.until(lambda: "uthentication failed" in log.read_text() and self.waiting_and_sent()[0] > 0, "nothing is said", log)
        self.assertEqual(self.waiting_and_sent()[1], 0)

    def test_3_a_service_connects_and_its_events_arrive(self):
        log = self.after_a_login()
        self.until(lambda: self.waiting_and_sent()[0] == 0 and self.waiting_and_sent()[1] > 0, "events wait", log)
        ways = self.cluster.sql("SELECT DISTINCT usename, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                                "WHERE usename LIKE 'access%' ORDER BY 1")
        self.assertEqual(ways.split(), ["access_app|t", "access_worker|t"])
        print(f"  {self.waiting_and_sent()[1]} events sent by {MECHANISM} inside TLS to Kafka {KAFKA}", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    unittest.main(verbosity=2)
