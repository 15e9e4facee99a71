"""The platform of docker-compose.yml, driven as the demo needs it: with the business clock that runs fast, and with the ports
that the demo looks in by, on loopback. Its state beside Docker's own is in .run/compose."""

import json
import os
import subprocess
import time

import layout
import postgres
from images import DOCKER
from layout import ROOT, Problem, checked
from secret import Certificates, Secrets
from stack import Stack

OWN = ROOT / "deploy/compose"
FACTS = json.loads((ROOT / "helm/carillon/files/platform.json").read_text())
CLOCK = "/var/lib/carillon/clock"
TOPICS = "/usr/share/carillon/topics.json"
# process -> its program: routing's standby is another of the same.
PROCESSES = {instance: name for name, facts in [*FACTS["services"].items(), ("dialer", FACTS["dialer"])]
             for instance in (name, facts.get("standby")) if instance}


class Kafka:
    """carillon-kafka in a container of its own: the broker's name is known inside only."""

    def __init__(self, compose):
        self.compose = compose

    def tool(self, what, _, timeout=None):
        password = (OWN / "secrets/kafka/kafka_admin_password").read_text()
        return self.compose("run", "--rm", "-T", "--entrypoint", "/usr/bin/carillon-kafka", "-e", f"KAFKA_PASSWORD={password}",
                            "carillon-migrations", what, TOPICS, timeout=timeout)


class Postgres(postgres.Cluster):
    """The one in the container, looked into; nothing of it is made here."""

    def __init__(self, port):
        self.port = port
        self.password = (OWN / "secrets/postgres/admin_password").read_text()


class Compose(Stack):
    def __init__(self):
        self.run = layout.RUN / "compose"
        self.run.mkdir(parents=True, exist_ok=True)
        self.services = layout.SERVICES
        self.clock = self.run / "clock/clock"
        self.override = self.run / "demo.json"
        self.kafka = Kafka(self.compose)

    def compose(self, *arguments, timeout=None):
        done = subprocess.run(["docker-compose", "-f", ROOT / "docker-compose.yml", "-f", self.override, *map(str, arguments)],
                              cwd=ROOT, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout)
        if done.returncode != 0:
            raise Problem(f"docker-compose {arguments[0]} failed\n{done.stderr.strip()}")
        return done.stdout

    def up(self):
        began = time.monotonic()
        if subprocess.run([DOCKER, "version"], capture_output=True).returncode != 0:
            raise Problem("no Docker answers:  apt-get install docker.io docker-compose   and start it")
        checked([OWN / "prepare"], "deploy/compose/prepare failed")
        self.certificates = Certificates(OWN / "tls")
        self.certificates.ensure(["simulator", "operator"])
        self.secrets = Secrets(self.run / "secrets")
        self.secrets.put("admin_password", (OWN / "secrets/access/bootstrap_password").read_text())
        self.clock.parent.mkdir(exist_ok=True)
        checked([layout.BIN / "carillon-clock", self.clock, "create"], "the clock file cannot be made")
        self.clock.chmod(0o644)
        self.ports = self.published()
        self.postgres = Postgres(self.ports["postgres"])
        self.override.write_text(json.dumps(self.looked_into(), indent=1))
        self.compose("up", "-d", "--no-build")
        while unwell := self.unwell():
            if time.monotonic() - began > 600:
                raise Problem(f"not well after 600 s: {', '.join(unwell)}.  docker-compose logs")
            time.sleep(1)
        print(f"up under Compose in {time.monotonic() - began:.1f} s")

    def published(self):
        """name -> port on loopback, the same from one time to the next."""
        file = self.run / "ports.json"
        if not file.exists():
            file.write_text(json.dumps({name: layout.free_port() for name in ["postgres", *self.services]}))
        return json.loads(file.read_text()) | {"gateway": int(os.environ.get("CARILLON_PORT", "8443").rsplit(":", 1)[-1])}

    def looked_into(self):
        """What is laid over docker-compose.yml."""
        both = ["inside", "outside"]
        services = {"carillon-postgres": {"networks": both, "ports": [f"127.0.0.1:{self.ports['postgres']}:5432"]}}
        for instance, name in PROCESSES.items():
            values = {"PROFILE": "local", "CLOCK_FILE": f"{CLOCK}/clock"}
            row = {"volumes": [f"{self.clock.parent}:{CLOCK}:ro"]}
            if name == "dialer":  # as the local stack's: business time runs fast
                values |= {"POLL_MS": "100", "IDLE_POLL_MS": "300"}
            elif instance == name:
                row |= {"networks": both, "ports": [f"127.0.0.1:{self.ports[name]}:{FACTS['services'][name]['port']}"]}
            services[f"carillon-{instance}"] = row | {
                "environment": {f"CARILLON_{name.upper()}_{key}": value for key, value in values.items()}}
        return {"services": services}

    def unwell(self):
        """Containers that run and are not healthy, or ended badly."""
        found = []
        for row in self.containers():
            state = row["State"]
            ended = state["Status"] == "exited" and state["ExitCode"] == 0  # the migrations
            if not (state["Health"]["Status"] == "healthy" if "Health" in state else ended):
                found.append(row["Name"].lstrip("/"))
        return found

    def containers(self):
        ids = self.compose("ps", "-q").split()
        return json.loads(checked([DOCKER, "inspect", *ids], "docker inspect failed")) if ids else []

    def addresses(self):
        print(f"""
  web client   https://localhost:{self.ports['gateway']}/   (CA: {self.certificates.ca})
  login        tenant platform, login admin, password in {OWN}/secrets/access/bootstrap_password
  back to the wall clock   docker-compose up -d""")
