"""The whole platform on one machine: what runs, with which settings, in which order, and how it is."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time

import backup
import health
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
        self.services = [s for s in layout.SERVICES if binary(s).exists()]
        able = "campaign" in self.services and binary("dialer-1").exists()
        self.dialers = layout.DIALERS if able else []
        self.supervisor = Supervisor(self.run)
        self.clock = self.run / "clock"

    # What the parts are told ------------------------------------------------------------------------------------

    def load(self):
        """Secrets, certificates and the parts that use them; makes what is missing."""
        self.run.mkdir(parents=True, exist_ok=True)
        self.secrets = Secrets(self.run / "secrets")
        self.certificates = Certificates(self.run / "tls")
        self.certificates.ensure([*layout.SERVICES, "dialer", "gateway", "simulator", "operator"])
        users = {name: self.secrets.get(f"kafka_{name}") for name in ["admin", *layout.SERVICES]}
        self.postgres = postgres.Cluster(self.run / "postgres", self.ports["postgres"], self.secrets.get("postgres"))
        self.redis = redis.Redis(self.run / "redis", self.ports["redis"], self.secrets.get("redis"))
        self.kafka = kafka.Broker(self.run / "kafka", self.ports["kafka"], self.ports["kafka_controller"], users)
        return self

    def database_url(self, service, role):
        return self.postgres.url(f"{service}_{role}", self.secrets.get(f"db_{service}_{role}"), service)

    def process(self, part, service):
        """What every process of ours is told, whatever it does."""
        certificate, key = self.certificates.of(service)
        return {
            "LISTEN": f"127.0.0.1:{self.ports[part]}",
            "METRICS": f"127.0.0.1:{self.ports[part + '_metrics']}",
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

    def dialer(self, part):
        """Business time runs fast here, and a promised call is promised to the minute: it looks often."""
        values = self.process(part, "dialer") | {"INSTANCE": part, "POLL_MS": "100", "IDLE_POLL_MS": "300"}
        return {f"CARILLON_DIALER_{name}": value for name, value in values.items()}

    def environment(self, service):
        values = self.process(service, service) | {
            "DB_URL": self.database_url(service, "app"),
            "DB_WORKER_URL": self.database_url(service, "worker"),
            "KAFKA_BROKERS": f"127.0.0.1:{self.ports['kafka']}",
            "KAFKA_USERNAME": service,
            "KAFKA_PASSWORD": self.secrets.get(f"kafka_{service}"),
            "REDIS_URL": self.redis.url(),
        }
        values |= {
            "access": lambda: {
                "BOOTSTRAP_LOGIN": "admin",
                "BOOTSTRAP_PASSWORD": self.secrets.get("admin_password"),
                "SERVICES_SECRETS": ",".join(f"{s}={self.secrets.get(f'auth_{s}')}"
                                             for s in [*layout.SERVICES, "dialer"]),
                "KEYS_MASTER": self.secrets.get("access_master_key"),
                "PUBLIC_URL": f"https://localhost:{self.ports['gateway']}",
            },
            "customer": lambda: {"VAULT_KEYS": f"local1:{self.secrets.get('customer_vault_key')}"},
            "campaign": lambda: {"VAULT_KEYS": f"local1:{self.secrets.get('campaign_vault_key')}"},
            "routing": lambda: {"RPC_THREADS": "32", "RPC_QUEUE": "8192"},  # a burst of calls is taken whole
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
        rows += [("services", s, [str(binary(s))], self.environment(s), 45) for s in self.services]
        rows += [("services", d, [str(binary(d))], self.dialer(d), 30) for d in self.dialers]
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
        self.postgres.create(backup.SETTINGS)
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
        for service in [*self.services, *self.dialers]:
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

    def backups(self):
        copies = os.environ.get("CARILLON_BACKUP_COPIES")
        return backup.Backups(self.postgres, copies.split(":") if copies else None)

    def restore(self, service, at, copy):
        """The database of one service as it was; the service stands still meanwhile."""
        if self.supervisor.pid() is None:
            raise Problem("not running: ./carillon up")
        self.load()
        running = service in self.supervisor.processes()
        if running:
            self.supervisor.stop_part(service)
        try:
            passwords = {role: self.secrets.get(f"db_{service}_{role}") for role in postgres.ROLES}
            done = self.backups().restore(service, passwords, at, copy)
        finally:
            if running:
                self.supervisor.start_part(service)
        if running:
            self.wait(service, lambda: self.health(service) == "SERVING")
        return done

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
            return pid != 0 and os.readlink(f"/proc/{pid}/exe") != str(binary(service))
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
        try:
            return health.service(self.ports[service], self.certificates)
        except health.Silent:
            return "no answer"

    def gateway_ready(self):
        try:
            return health.gateway(self.ports["gateway_admin"]) == ""
        except health.Silent:
            return False

    def backlog(self, service, patience=None):
        """Events and tasks that wait in a service's database, and tasks that failed for good."""
        if not layout.migrations(service):
            return {}
        row = self.postgres.sql("SELECT (SELECT count(*) FROM outbox), count(*) FILTER (WHERE failed_at IS NULL), "
                                "count(failed_at) FROM tasks", service, patience)
        return dict(zip(("outbox", "tasks", "failed tasks"), map(int, row.split("|"))))

    def lag(self, patience=None):
        """group -> events not consumed yet; empty while Kafka cannot say."""
        totals = {}
        for group, _, behind in self.kafka_counts("lag", patience):
            totals[group] = totals.get(group, 0) + int(behind)
        return totals

    def kafka_counts(self, what, patience=None):
        try:
            text = self.kafka.tool(what, layout.ROOT / "deploy/kafka/topics.json", timeout=patience)
        except (Problem, subprocess.TimeoutExpired):
            return []
        return [line.split() for line in text.splitlines()]

    def condition(self, name, process, ended):
        """One part: its state, since when, how often it was brought back, what is wrong and what to do."""
        restarts, last_end, ended_at = ended
        running = process["statename"] == "RUNNING"
        row = {"part": name, "state": "running", "pid": process["pid"], "restarts": restarts,
               "since_seconds": max(0, process["now"] - (process["start"] if running else process["stop"])),
               "wrong": "", "advice": ""}

        def is_(state, wrong, advice):
            return row | {"state": state, "wrong": wrong, "advice": advice}

        logs = f"./carillon logs {name}"
        data = {"postgres": self.postgres.data, "redis": self.redis.directory, "kafka": self.kafka.directory}.get(name)
        room = health.free(data) if data else None
        if room is not None and room < health.DISK_FULL:
            return is_("disk full", f"{room / 2**20:.0f} MiB free where {data} is",
                       "free some space there; everything goes on by itself")
        if process["statename"] in ("STOPPED", "FATAL"):
            return is_("stopped", "it was not started, or was ended", "./carillon up")
        if not running:
            row["since_seconds"] = max(0, int(time.time() - ended_at)) if ended_at else 0
            return is_("restarting", f"it ended: {last_end}" if last_end else "it begins", logs)
        if health.stopped(process["pid"]):
            return is_("hung", "a signal holds the process", f"kill -CONT {process['pid']}, or ./carillon restart {name}")
        try:
            if name in self.ports and f"{name}_metrics" in self.ports:
                answer = health.service(self.ports[name], self.certificates)
                wrong = "" if answer == "SERVING" else answer
            elif name in self.checks():
                answer = wrong = self.checks()[name]()
            else:
                return row  # serves nobody: it runs, and that is all that can be seen of it
        except health.Silent:
            return is_("hung", f"no answer in {health.PATIENCE:g} s", f"{logs}; ./carillon restart {name}")
        if not wrong:
            return row
        if answer == "NOT_SERVING":
            awaited = health.waits_for(self.ports[f"{name}_metrics"])
            if awaited:
                return is_("waiting", f"waiting for {awaited}", f"see {awaited.split(',')[0]}; it goes on by itself")
            return is_("stopping", "it ends, or is about to serve", logs)
        return is_("restarting" if row["since_seconds"] < 20 else "not ready", wrong, logs)

    def checks(self):
        return {"postgres": lambda: health.postgres(self.postgres), "redis": lambda: health.redis(self.redis),
                "kafka": lambda: health.kafka(self.kafka),
                "gateway": lambda: health.gateway(self.ports["gateway_admin"])}

    def look(self):
        """Everything that `status` shows, asked at once."""
        self.load()
        known = self.supervisor.processes()
        ended = health.ends(self.supervisor.logs / "supervisord.log", known)
        patience = health.PATIENCE

        def backlog(service):
            try:
                return self.backlog(service, patience)
            except (Problem, subprocess.TimeoutExpired, ValueError):
                return None

        def clock():
            done = subprocess.run([layout.BIN / "carillon-clock", self.clock, "show"], capture_output=True, text=True)
            return done.stdout.strip() or done.stderr.strip()

        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            rows = [pool.submit(self.condition, name, process, ended[name]) for name, process in known.items()]
            waiting = {service: pool.submit(backlog, service) for service in self.services}
            lag = pool.submit(self.lag, patience)
            dead = pool.submit(self.kafka_counts, "dead", patience)
            seen = {"parts": [row.result() for row in rows],
                    "backlog": {service: found.result() for service, found in waiting.items()},
                    "lag": lag.result(), "dead_letters": {topic: int(n) for topic, n in dead.result() if n != "0"},
                    "disk_free_bytes": health.free(self.run), "clock": clock()}
        seen["wrong"] = [f"{row['part']}: {row['state']}: {row['wrong']}. {row['advice']}"
                         for row in seen["parts"] if row["state"] != "running"]
        limits = json.loads((layout.ROOT / "deploy/monitoring/limits.json").read_text())  # those of the alerts
        alerts = "docs/runbooks/alerts.md"
        for service, counts in seen["backlog"].items():
            if counts and counts["failed tasks"]:
                seen["wrong"].append(f"{service}: {counts['failed tasks']} tasks failed for good. "
                                     f"docs/runbooks/failed-tasks.md")
            if counts and counts["outbox"] > limits["outbox_waiting_events"]:
                seen["wrong"].append(f"{service}: {counts['outbox']} events wait in the outbox. "
                                     f"{alerts}#carillonoutboxstuck")
            if counts and counts["tasks"] > limits["tasks_pending"]:
                seen["wrong"].append(f"{service}: {counts['tasks']} durable tasks wait. {alerts}#carillontaskspile")
        for group, behind in seen["lag"].items():
            if behind > limits["consumer_lag_events"]:
                seen["wrong"].append(f"{group}: {behind} events behind. {alerts}#carillonconsumerbehind")
        for topic, n in seen["dead_letters"].items():
            seen["wrong"].append(f"{n} dead letters of {topic}. docs/runbooks/dead-letters.md")
        if seen["disk_free_bytes"] < health.DISK_LOW:
            seen["wrong"].append(f"{seen['disk_free_bytes'] / 2**30:.1f} GiB of disk are left where {self.run} is. "
                                 "Free some: PostgreSQL and Kafka stop when it is full")
        return seen

    def status(self, as_json):
        if self.supervisor.pid() is None:
            print(json.dumps({"running": False}) if as_json else "not running: ./carillon up")
            return 3
        seen = self.look()
        if as_json:
            print(json.dumps({"running": True, "healthy": not seen["wrong"], **seen}, indent=2))
            return 1 if seen["wrong"] else 0
        print(f"{'part':<11}{'state':<12}{'since':>9}{'restarts':>10}{'pid':>9}  waiting to be sent or done")
        for row in seen["parts"]:
            counts = seen["backlog"].get(row["part"])
            detail = " ".join(f"{t} {n}" for t, n in counts.items() if n or t != "failed tasks") if counts else ""
            print(f"{row['part']:<11}{row['state']:<12}{row['since_seconds']:>7} s{row['restarts']:>10}{row['pid']:>9}"
                  f"  {detail}")
        for group, behind in sorted(seen["lag"].items()):
            print(f"consumer {group}: {behind} events behind")
        print(f"business clock: {seen['clock']}")
        print(f"disk: {seen['disk_free_bytes'] / 2**30:.1f} GiB free; state in {self.run}")
        for line in seen["wrong"]:
            print(f"! {line}")
        return 1 if seen["wrong"] else 0

    def restart(self, names):
        """One after another, each only when the one before serves again."""
        if self.supervisor.pid() is None:
            raise Problem("not running: ./carillon up")
        self.load()
        known = self.supervisor.processes()
        unknown = [name for name in names if name not in known]
        if unknown:
            raise Problem(f"no such part: {', '.join(unknown)}. There are {', '.join(known)}")
        for name in names or [name for name, process in known.items() if process["group"] != "stores"]:
            began = time.monotonic()
            self.supervisor.stop_part(name)
            stopped = time.monotonic() - began
            self.supervisor.start_part(name)
            while self.condition(name, self.supervisor.processes()[name], (0, "", 0))["state"] != "running":
                if time.monotonic() - began > 120:
                    raise Problem(f"{name} does not come back. Its last lines:\n{self.last_lines(name)}")
                time.sleep(0.1)
            print(f"  {name:<10} ended in {stopped:.1f} s, back after {time.monotonic() - began:.1f} s", flush=True)

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
  web client   {gateway}/
  gateway      {gateway}   (CA: {self.certificates.ca})
  login        tenant platform, login admin, password in {self.secrets.directory}/admin_password
  gRPC         grpcurl -cacert {self.certificates.ca} -cert {certificate} -key {key} localhost:{self.ports['customer']} list
  PostgreSQL   psql "$(./carillon env customer DB_URL)"
  more         ./carillon status · ./carillon logs [part] [-f] · ./carillon down""")


def binary(part):
    """What a part of ours runs: dialer-1 runs carillon-dialer."""
    return layout.BIN / f"carillon-{part.split('-')[0]}"


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
