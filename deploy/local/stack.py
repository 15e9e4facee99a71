"""The whole platform on one machine: what runs, with which settings, in which order, and how it is."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

import kafka
import layout
import postgres
import redis
from layout import Problem
from secret import Certificates, Secrets
from supervisor import Supervisor

STORES = ["postgres", "redis", "kafka"]


class Stack:
    def __init__(self, run=None):
        self.run = pathlib.Path(run or os.environ.get("CARILLON_RUN", layout.ROOT / ".run")).resolve()
        self.ports = layout.ports()
        self.services = [s for s in layout.SERVICES if (layout.BIN / f"carillon-{s}").exists()]
        self.supervisor = Supervisor(self.run)
        self.clock = self.run / "clock"

    # What the parts are told ------------------------------------------------------------------------------------

    def load(self):
        """Secrets, certificates and the parts that use them; makes what is missing."""
        self.run.mkdir(parents=True, exist_ok=True)
        self.secrets = Secrets(self.run / "secrets")
        self.certificates = Certificates(self.run / "tls")
        self.certificates.ensure([*layout.SERVICES, "gateway", "simulator", "operator"])
        users = {name: self.secrets.get(f"kafka_{name}") for name in ["admin", *layout.SERVICES]}
        self.postgres = postgres.Cluster(self.run / "postgres", self.ports["postgres"], self.secrets.get("postgres"))
        self.redis = redis.Redis(self.run / "redis", self.ports["redis"], self.secrets.get("redis"))
        self.kafka = kafka.Broker(self.run / "kafka", self.ports["kafka"], self.ports["kafka_controller"], users)
        return self

    def database_url(self, service, role):
        return self.postgres.url(f"{service}_{role}", self.secrets.get(f"db_{service}_{role}"), service)

    def environment(self, service):
        certificate, key = self.certificates.of(service)
        values = {
            "LISTEN": f"127.0.0.1:{self.ports[service]}",
            "METRICS": f"127.0.0.1:{self.ports[service + '_metrics']}",
            "DB_URL": self.database_url(service, "app"),
            "DB_WORKER_URL": self.database_url(service, "worker"),
            "KAFKA_BROKERS": f"127.0.0.1:{self.ports['kafka']}",
            "KAFKA_USERNAME": service,
            "KAFKA_PASSWORD": self.secrets.get(f"kafka_{service}"),
            "REDIS_URL": self.redis.url(),
            "TLS_CA": str(self.certificates.ca),
            "TLS_CERT": str(certificate),
            "TLS_KEY": str(key),
            "CLOCK_FILE": str(self.clock),
            "PEERS": ",".join(f"{s}=127.0.0.1:{self.ports[s]}" for s in layout.SERVICES if s != service),
            "AUTH_SECRET": self.secrets.get(f"auth_{service}"),
            "DRAIN_MS": "500",  # nobody else routes traffic here
            "PROFILE": "local",
            "LOG_LEVEL": os.environ.get("CARILLON_LOG_LEVEL", "info"),
        }
        values |= {
            "access": lambda: {
                "BOOTSTRAP_LOGIN": "admin",
                "BOOTSTRAP_PASSWORD": self.secrets.get("admin_password"),
                "SERVICES_SECRETS": ",".join(f"{s}={self.secrets.get(f'auth_{s}')}" for s in layout.SERVICES),
                "KEYS_MASTER": self.secrets.get("access_master_key"),
                "PUBLIC_URL": f"https://localhost:{self.ports['gateway']}",
            },
            "customer": lambda: {"VAULT_KEYS": f"local1:{self.secrets.get('customer_vault_key')}"},
        }.get(service, dict)()
        return {f"CARILLON_{service.upper()}_{name}": value for name, value in values.items()}

    def gateway(self):
        """Envoy's command, once its configuration is written; None while the tree has no gateway."""
        render = layout.ROOT / "deploy/envoy/render"
        if not render.exists():
            return None
        certificate, key = self.certificates.of("gateway")
        folder = self.run / "gateway"
        folder.mkdir(exist_ok=True)
        config = folder / "envoy.yaml"
        layout.checked([render, config], "deploy/envoy/render failed", env={
            **os.environ, "CARILLON_ROOT": str(layout.ROOT), "CARILLON_BUILD": str(layout.BUILD),
            "CARILLON_RUN": str(self.run), "CARILLON_PORTS_JSON": json.dumps(self.ports),
            "CARILLON_TLS_CA": str(self.certificates.ca), "CARILLON_TLS_CERT": str(certificate),
            "CARILLON_TLS_KEY": str(key)})
        return [str(layout.VENV / "envoy"), "-c", str(config), "--disable-hot-restart", "--log-level", "warning",
                "--concurrency", "1"]

    def programs(self):
        rows = [("stores", "postgres", self.postgres.command(), {}, 30),
                ("stores", "redis", self.redis.command(), {}, 10),
                ("stores", "kafka", self.kafka.command(), {"LC_ALL": "C.UTF-8"}, 30)]
        rows += [("services", s, [str(layout.BIN / f"carillon-{s}")], self.environment(s), 45) for s in self.services]
        gateway = self.gateway()
        if gateway:
            rows.append(("gateway", "gateway", gateway, {}, 10))
        return rows

    # Up and down ------------------------------------------------------------------------------------------------

    def up(self):
        began = time.monotonic()
        fresh = self.supervisor.pid() is None
        if fresh:
            self.supervisor.end_orphans()
            self.refuse_busy_ports()
        self.load()
        self.postgres.create()
        self.redis.create()
        self.kafka.create()
        programs = self.programs()
        self.supervisor.write(programs)
        self.supervisor.start()
        for name in STORES:
            self.supervisor.start_part(name)
        self.wait("postgres", self.postgres.ready)
        self.wait("redis", self.redis.ready)
        for service in self.services:
            self.database(service)
        self.wait("kafka", self.kafka.ready, 90)
        self.kafka.ensure_topics()
        layout.checked([layout.BIN / "carillon-clock", self.clock, "create"], "the clock file cannot be made")
        for service in self.services:
            if self.outdated(service):
                self.supervisor.stop_part(service)
            self.supervisor.start_part(service)
            self.wait(service, lambda: self.health(service) == "SERVING")
        if any(name == "gateway" for _, name, *_ in programs):
            self.supervisor.start_part("gateway")
            self.wait("gateway", self.gateway_ready)
        print(f"up in {time.monotonic() - began:.1f} s: {', '.join(name for _, name, *_ in programs)}")
        absent = [s for s in layout.SERVICES if s not in self.services]
        if absent:
            print(f"not built, so not started: {', '.join(absent)}")

    def database(self, service):
        passwords = {role: self.secrets.get(f"db_{service}_{role}") for role in postgres.ROLES}
        self.postgres.ensure_roles(service, passwords)
        self.postgres.ensure_database(service, service)
        if layout.migrations(service):
            self.postgres.migrate(service, service, passwords["owner"])

    def wait(self, name, ready, seconds=60):
        began = time.monotonic()
        while not ready():
            if time.monotonic() - began > seconds:
                raise Problem(f"{name} is not ready after {seconds} s. Its last lines:\n{self.last_lines(name)}")
            time.sleep(0.1)
        print(f"  {name:<10} ready after {time.monotonic() - began:.1f} s", flush=True)

    def last_lines(self, name, count=15):
        log = self.supervisor.logs / f"{name}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log.exists() else "(no log)"

    def outdated(self, service):
        """Runs a binary that was built anew since."""
        pid = self.supervisor.processes().get(service, {}).get("pid", 0)
        try:
            return pid != 0 and os.readlink(f"/proc/{pid}/exe") != str(layout.BIN / f"carillon-{service}")
        except OSError:
            return False

    def refuse_busy_ports(self):
        busy = [f"port {port} ({name}) is taken by {holder(port)}" for name, port in self.ports.items()
                if layout.listening(port)]
        if busy:
            raise Problem("\n".join(busy) + "\nEnd it, or name other ports in a file:  "
                          "CARILLON_PORTS=my-ports.json ./carillon up   (see deploy/local/ports.json)")

    def down(self):
        running = self.supervisor.pid() is not None or self.supervisor.orphans()
        self.supervisor.stop(["gateway", "services", "stores"])
        data = self.run / "postgres"
        if data.exists():  # when supervisor was killed: postgres hides its environment
            postgres.Cluster(data, self.ports["postgres"], "").stop()
        print("down" if running else "nothing was running")

    # How it is --------------------------------------------------------------------------------------------------

    def health(self, service):
        certificate, key = self.certificates.of("operator")
        done = subprocess.run(
            [layout.TOOLS / "bin/grpcurl", "-max-time", "3", "-cacert", self.certificates.ca, "-cert", certificate,
             "-key", key, "-import-path", layout.ROOT / "deploy/local", "-proto", "health.proto",
             f"localhost:{self.ports[service]}", "grpc.health.v1.Health/Check"], capture_output=True, text=True)
        if done.returncode != 0:
            return (done.stderr.strip().splitlines() or ["no answer"])[-1].strip()
        return json.loads(done.stdout).get("status", "UNKNOWN")

    def gateway_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['gateway_admin']}/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def backlog(self, service):
        """Events and tasks that wait in a service's database."""
        tables = [t for t in ("outbox", "tasks") if self.postgres.sql(f"SELECT to_regclass('public.{t}')", service)]
        return {t: int(self.postgres.sql(f"SELECT count(*) FROM {t}", service)) for t in tables}

    def lag(self):
        """group -> events not consumed yet; empty while Kafka cannot say."""
        totals = {}
        try:
            lines = self.kafka.tool("lag", layout.ROOT / "deploy/kafka/topics.json").splitlines()
        except Problem:
            lines = []
        for line in lines:
            group, _, behind = line.split()
            totals[group] = totals.get(group, 0) + int(behind)
        return totals

    def look(self):
        """One row a part: name, pid, uptime, health, detail, advice."""
        self.load()
        known = self.supervisor.processes()
        checks = {"postgres": self.postgres.ready, "redis": self.redis.ready, "kafka": self.kafka.ready,
                  "gateway": self.gateway_ready}
        rows = []
        for name in known or [*STORES, *self.services]:
            process = known.get(name, {"statename": "DOWN", "pid": 0, "start": 0, "now": 0})
            row = {"part": name, "pid": process["pid"], "state": process["statename"],
                   "up_seconds": max(0, process["now"] - process["start"]) if process["pid"] else 0, "detail": ""}
            if process["statename"] != "RUNNING":
                row |= {"health": "down", "advice": f"./carillon logs {name}, then ./carillon up"}
            elif name in checks:
                good = checks[name]()
                row |= {"health": "ok" if good else "not ready", "advice": "" if good else f"./carillon logs {name}"}
            else:
                answer = self.health(name)
                good = answer == "SERVING"
                row |= {"health": "ok" if good else answer, "advice": "" if good else f"./carillon logs {name}"}
                if good:
                    row["detail"] = " ".join(f"{t} {n}" for t, n in self.backlog(name).items())
            rows.append(row)
        return rows

    def status(self, as_json):
        if self.supervisor.pid() is None:
            print(json.dumps({"running": False}) if as_json else "not running: ./carillon up")
            return 3
        rows = self.look()
        healthy = all(row["health"] == "ok" for row in rows)
        lag = self.lag() if any(r["part"] == "kafka" and r["health"] == "ok" for r in rows) else {}
        disk = shutil.disk_usage(self.run)
        clock = subprocess.run([layout.BIN / "carillon-clock", self.clock, "show"], capture_output=True, text=True)
        if as_json:
            print(json.dumps({"running": True, "healthy": healthy, "parts": rows, "lag": lag,
                              "disk_free_bytes": disk.free, "clock": clock.stdout.strip()}, indent=2))
            return 0 if healthy else 1
        print(f"{'part':<11}{'health':<12}{'pid':>8}  {'up':>9}  waiting")
        for row in rows:
            print(f"{row['part']:<11}{row['health'][:40]:<12}{row['pid']:>8}  {row['up_seconds']:>7} s  {row['detail']}")
        for group, behind in sorted(lag.items()):
            print(f"consumer {group}: {behind} events behind")
        print(f"business clock: {clock.stdout.strip() or clock.stderr.strip()}")
        print(f"disk: {disk.free / 2**30:.1f} GiB free; state in {self.run}")
        for row in rows:
            if row["advice"]:
                print(f"! {row['part']}: {row['health']}. {row['advice']}")
        if disk.free < 2 * 2**30:
            print("! less than 2 GiB of disk: PostgreSQL and Kafka stop when it is full")
        return 0 if healthy else 1

    def show_logs(self, part, follow):
        logs = [self.supervisor.logs / f"{part}.log"] if part else sorted(self.supervisor.logs.glob("*.log"))
        logs = [log for log in logs if log.exists()]
        if not logs:
            raise Problem(f"no log of {part}" if part else "no logs yet: ./carillon up")
        command = ["tail", "-n", "200" if part else "20", *(["-F"] if follow else []), *map(str, logs)]
        sys.stdout.flush()
        os.execvp("tail", command)

    def addresses(self):
        gateway = f"https://localhost:{self.ports['gateway']}"
        certificate, key = self.certificates.of("operator")
        print(f"""
  gateway      {gateway}   (CA: {self.certificates.ca})
  login        tenant platform, login admin, password in {self.secrets.directory}/admin_password
  gRPC         grpcurl -cacert {self.certificates.ca} -cert {certificate} -key {key} localhost:{self.ports['customer']} list
  PostgreSQL   psql "$(./carillon env customer DB_URL)"
  more         ./carillon status · ./carillon logs [part] [-f] · ./carillon down""")


def holder(port):
    """The process that listens on a port, for a message."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:] if os.path.exists(table) else ():
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(fd) in inodes for fd in (folder / "fd").iterdir()):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {folder.name}: {line[:120]}"
        except OSError:
            continue
    return "a process of another user"
