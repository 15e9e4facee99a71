#!/usr/bin/env python3
"""The servers tests run against: one private PostgreSQL, Redis and Kafka on free loopback ports.

    servers.py start [--dir D]    start them, or reuse what runs; migrates a template database per service
    servers.py env [--dir D]      print `export KEY=VALUE` lines:  eval "$(deploy/local/servers.py env)"
    servers.py stop [--dir D]     stop them and remove their data

D defaults to build/<preset>/servers; the settings are in D.env, which tests find through CARILLON_SERVERS_ENV.
ctest calls start and stop with --for-parent: servers started by hand, or in use by another run, are left alone.
"""

import argparse
import fcntl
import hashlib
import os
import pathlib
import shlex
import shutil
import signal
import sys
import time

import kafka
import layout
import postgres
import redis
import secret
from layout import Problem

# Tests survive a killed process, not a power cut: without fsync a template is copied several times faster.
PG_FOR_TESTS = "fsync = off\nfull_page_writes = off\nsynchronous_commit = on\n"


class Fixture:
    def __init__(self, directory):
        self.directory = directory
        self.env_file = directory.with_name(directory.name + ".env")
        self.holders = directory / "holders"
        self.lock_file = directory.with_name(directory.name + ".lock")

    def __enter__(self):
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        self.lock = self.lock_file.open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_):
        self.lock.close()

    def settings(self):
        if not self.env_file.exists():
            return {}
        return dict(line.split("=", 1) for line in self.env_file.read_text().splitlines())

    def parts(self, ports):
        users = {name: name for name in ["admin", *layout.SERVICES]}
        self.certificates = secret.Certificates(self.directory / "tls")
        return (postgres.Cluster(self.directory / "postgres", ports["postgres"], "postgres"),
                redis.Redis(self.directory / "redis", ports["redis"], "redis"),
                kafka.Broker(self.directory / "kafka", ports["kafka"], ports["controller"], users,
                             (ports.get("kafka_tls", 0), *self.certificates.of("kafka"))))

    def saved_ports(self):
        file = self.directory / "ports"
        return dict((k, int(v)) for k, v in (l.split("=") for l in file.read_text().splitlines())) if file.exists() else {}

    def running(self):
        ports = self.saved_ports()
        return bool(ports) and all(part.ready() for part in self.parts(ports)) and self.env_file.exists()

    def start(self, holder):
        began = time.monotonic()
        reused = self.running()
        if not reused:
            self.stop()
            self.directory.mkdir(parents=True)
            self.directory.chmod(0o755)
            ports = {name: layout.free_port() for name in ("postgres", "redis", "kafka", "kafka_tls", "controller")}
            (self.directory / "ports").write_text("".join(f"{k}={v}\n" for k, v in ports.items()))
        cluster, cache, broker = self.parts(self.saved_ports())
        if not reused:
            self._launch(cluster, cache, broker)
        self._templates(cluster)
        broker.ensure_topics()
        self._write_env(cluster, cache, broker)
        self.holders.mkdir(exist_ok=True)
        (self.holders / holder).touch()
        print(f"servers {'reused' if reused else 'started'} in {time.monotonic() - began:.1f} s: {self.env_file}")

    def _launch(self, cluster, cache, broker):
        self.certificates.ensure(["kafka"])
        broker.directory.mkdir()
        broker.create()
        processes = {"kafka": broker.start()}
        cache.create()
        processes["redis"] = cache.start()
        cluster.create(PG_FOR_TESTS)
        processes["postgres"] = cluster.start()
        (self.directory / "pids").write_text(f"{processes['redis'].pid} {cache.directory}\n{processes['kafka'].pid} {broker.directory}\n")
        deadline = time.monotonic() + 90
        for name, part in (("redis", cache), ("postgres", cluster), ("kafka", broker)):
            while not part.ready():
                if processes[name].poll() is not None or time.monotonic() > deadline:
                    raise Problem(f"{name} did not start: see the logs in {self.directory}/{name}")
                time.sleep(0.1)

    def _templates(self, cluster):
        """<svc>_template is made again whenever a migration changed."""
        for service in [*layout.SERVICES, "libs"]:
            folders = layout.migrations(service)
            if not folders:
                continue
            digest = hashlib.sha256()
            for file in sorted(f for folder in folders for f in folder.glob("*.sql")):
                digest.update(file.name.encode() + file.read_bytes())
            stamp = self.directory / f"{service}_template"
            if stamp.exists() and stamp.read_text() == digest.hexdigest():
                continue
            database = f"{service}_template"
            cluster.ensure_roles(service, {role: f"{service}_{role}" for role in postgres.ROLES})
            cluster.sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            cluster.ensure_database(service, database)
            try:
                cluster.migrate(service, database, f"{service}_owner")
            except Problem as problem:  # the others' tests go on; this service's will say that its template is missing
                cluster.sql(f"DROP DATABASE {database} WITH (FORCE)")
                stamp.unlink(missing_ok=True)
                print(problem, file=sys.stderr)
                continue
            stamp.write_text(digest.hexdigest())

    def _write_env(self, cluster, cache, broker):
        values = {
            "CARILLON_TEST_PG_ADMIN_URL": cluster.url(),
            "CARILLON_TEST_PG_PORT": cluster.port,
            "CARILLON_TEST_REDIS_URL": cache.url(),
            "CARILLON_TEST_KAFKA_BROKERS": f"127.0.0.1:{broker.port}",
            "CARILLON_TEST_KAFKA_TLS_BROKERS": f"localhost:{broker.tls[0]}",
            "CARILLON_TEST_KAFKA_CA": self.certificates.ca,
            "CARILLON_TEST_KAFKA_USERNAME": "admin",
            "CARILLON_TEST_KAFKA_PASSWORD": "admin",
        }
        fresh = self.env_file.with_suffix(".new")
        fresh.write_text("".join(f"{k}={v}\n" for k, v in values.items()))
        fresh.rename(self.env_file)

    def release(self, holder):
        """Stops when the last holder is gone; a ctest that was killed does not count."""
        for file in self.holders.glob("*"):
            if file.name == holder or (file.name != "hand" and not pathlib.Path(f"/proc/{file.name}").exists()):
                file.unlink()
        if self.holders.exists() and any(self.holders.iterdir()):
            print("servers left running: in use elsewhere")
        else:
            self.stop()

    def stop(self):
        ports = self.saved_ports()
        if ports:
            cluster, _, _ = self.parts(ports)
            cluster.stop()
            if cluster.data.parent != self.directory / "postgres":
                shutil.rmtree(cluster.data.parent, ignore_errors=True)
        pids = self.directory / "pids"
        for line in pids.read_text().splitlines() if pids.exists() else ():
            pid, mark = line.split(" ", 1)
            _end(int(pid), mark)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.env_file.unlink(missing_ok=True)


def _end(pid, mark):
    """Only while its command line bears our mark: a pid may have passed to somebody else."""
    def ours():
        try:
            return mark in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return False

    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        if not ours():
            return
        os.kill(pid, number)
        deadline = time.monotonic() + patience
        while ours() and time.monotonic() < deadline:
            time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["start", "stop", "env"])
    parser.add_argument("--dir", type=pathlib.Path, default=layout.BUILD / "servers")
    parser.add_argument("--for-parent", action="store_true", help="hold the servers only while the calling process lives")
    arguments = parser.parse_args()
    fixture = Fixture(arguments.dir.resolve())
    if arguments.command == "env":
        settings = fixture.settings()
        if not settings:
            raise Problem("no servers are running: deploy/local/servers.py start")
        for key, value in {**settings, "CARILLON_SERVERS_ENV": str(fixture.env_file)}.items():
            print(f"export {key}={shlex.quote(value)}")
        return
    holder = str(os.getppid()) if arguments.for_parent else "hand"
    with fixture:
        if arguments.command == "start":
            fixture.start(holder)
        elif arguments.for_parent:
            fixture.release(holder)
        else:
            fixture.stop()


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"servers: {problem}")
