"""A private Kafka: one KRaft node, a user and rights for each service."""

import base64
import os
import subprocess
import uuid

import layout
from layout import checked

TOOL = layout.BIN / "carillon-kafka"


class Broker:
    def __init__(self, directory, port, controller_port, passwords, tls=None):
        """`passwords`: user -> password; `admin` is the super user. `tls`: (port, certificate, key) of a listener beside."""
        self.directory = directory
        self.port = port
        self.controller_port = controller_port
        self.passwords = passwords
        self.tls = tls

    def create(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        properties = self.directory / "server.properties"
        users = " ".join(f'user_{name}="{password}"' for name, password in self.passwords.items())
        layout.fill("deploy/kafka/server.properties", properties, port=self.port, dir=self.directory,
                    controller_port=self.controller_port, admin_password=self.passwords["admin"], users=users)
        if self.tls:
            self._listen_with_tls(properties, *self.tls)
        if not (self.directory / "formatted").exists():
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            checked([*self._java("128m"), "kafka.tools.StorageTool", "format", "--ignore-formatted", f"--cluster-id={cluster}",
                     "-c", properties], "formatting Kafka's log failed", env=self._env())
            (self.directory / "formatted").touch()

    def _listen_with_tls(self, properties, port, certificate, key):
        both = self.directory / "tls.pem"
        both.touch(mode=0o600)
        both.write_text(key.read_text() + certificate.read_text())
        text = properties.read_text().replace("CLIENTS://127.0.0.1:", f"TLS://localhost:{port},CLIENTS://127.0.0.1:")
        plain = "listener.name.clients.plain.sasl.jaas.config="
        users = next(line for line in text.splitlines() if line.startswith(plain)).removeprefix(plain)
        properties.write_text(text.replace("protocol.map=", "protocol.map=TLS:SASL_SSL,") + f"""
listener.name.tls.plain.sasl.jaas.config={users}
listener.name.tls.ssl.keystore.type=PEM
listener.name.tls.ssl.keystore.location={both}
""")

    def _java(self, heap):
        return ["java", f"-Xmx{heap}", f"-Xms{heap}", "-XX:+UseSerialGC" if heap == "128m" else "-XX:+UseG1GC",
                "-XX:TieredStopAtLevel=1" if heap == "128m" else "-XX:+ExplicitGCInvokesConcurrent",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-cp", str(layout.TOOLS / "kafka" / "libs" / "*")]

    def _env(self):
        return {**os.environ, "LC_ALL": "C.UTF-8"}

    def command(self):
        return [*self._java("512m"), "kafka.Kafka", str(self.directory / "server.properties")]

    def start(self):
        with (self.directory / "kafka.log").open("ab") as log:
            return subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    start_new_session=True, env=self._env())

    def ready(self):
        return layout.listening(self.port)

    def tool(self, *arguments, **options):
        """carillon-kafka as the super user."""
        env = {**os.environ, "KAFKA_BROKERS": f"127.0.0.1:{self.port}", "KAFKA_USERNAME": "admin",
               "KAFKA_PASSWORD": self.passwords["admin"]}
        return checked([TOOL, *arguments], "carillon-kafka failed", env=env, **options)

    def ensure_topics(self):
        """Topics with their dead-letter twins and every service's rights; repeating it changes nothing."""
        self.tool("setup", layout.ROOT / "deploy/kafka/topics.json", *layout.SERVICES)
