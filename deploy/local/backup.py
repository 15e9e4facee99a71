"""Backups of the whole cluster with pgBackRest, in two copies; one database put back as it was at a moment.

Write-ahead log goes to both copies as it is written, from the first backup on. A restore recovers the cluster beside the
running one, copies the one database over, and puts the newest list of erased customers into it before anybody may ask.
"""

import datetime
import hashlib
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import time

import layout
import postgres
from layout import Problem

# Nothing is archived until the first backup says where to; changing this later needs a restart of the cluster.
SETTINGS = "archive_mode = on\narchive_command = 'true'\n"
STANZA = "carillon"
LABEL = re.compile(r"\d{8}-\d{6}[FDI](_\d{8}-\d{6}[DI])?")
PATIENCE = 300  # seconds
# The method's entry names the customer and those merged into it.
AUDITED = """
    SELECT DISTINCT ON (tenant_id, name) json_build_object('tenant', tenant_id, 'customer', substr(name, 11), 'client', NULL,
      'at', occurred_at, 'body', json_build_object('customer', name, 'reason', 'SUBJECT_REQUEST', 'erased_by', subject))
    FROM audit_trail, unnest(resources) AS name
    WHERE action = '/carillon.customer.v1.PrivacyService/EraseCustomer' AND result = 'OK' AND name LIKE 'customers/%'
    ORDER BY tenant_id, name, occurred_at
"""


class Backups:
    """Of one cluster. `copies`: where the two are kept; a second disk or a mounted share is a good place for the second."""

    def __init__(self, cluster, copies=None):
        self.cluster = cluster
        self.root = cluster.data.parent / "backup"
        self.copies = [pathlib.Path(copy) for copy in copies] if copies else [self.root / "copy1", self.root / "copy2"]
        self.conf = self.root / "pgbackrest.conf"

    # Backing up -------------------------------------------------------------------------------------------------

    def create(self, kind="incr"):
        """Takes a backup (full, or what changed since the last), copies it and compares; returns what it is."""
        self._prepare()
        if self.cluster.sql("SHOW archive_mode") != "on":
            raise Problem("the cluster was started before backups were known: ./carillon restart postgres, then again")
        push = f"pgbackrest --config={self.conf} --stanza={STANZA} archive-push %p"
        self.cluster.sql(f"ALTER SYSTEM SET archive_command = '{push}'")
        self.cluster.sql("SELECT pg_reload_conf()")
        self._run("stanza-create")
        self._run("backup", f"--type={kind}", "--repo=1")
        self._mirror()
        self._run("expire", "--repo=2")
        return self.sets()[-1]

    def sets(self):
        """Every backup: id, kind, size in bytes, and the checksum that both copies have."""
        known = json.loads(self._run("info", "--repo=1", "--output=json"))
        out = []
        for one in known[0]["backup"] if known else []:
            sums = [checksum(copy / "backup" / STANZA / one["label"]) for copy in self.copies]
            if len(set(sums)) != 1:
                raise Problem(f"the copies of backup {one['label']} differ: {sums}")
            stated = (self.root / "sums" / one["label"]).read_text()
            if stated != sums[0]:
                raise Problem(f"backup {one['label']} is not what was written: {sums[0]} instead of {stated}")
            out.append({"id": one["label"], "kind": one["type"], "copies": len(self.copies), "checksum": sums[0],
                        "bytes": one["info"]["repository"]["size"]})
        return out

    def _prepare(self):
        for folder in [self.root, *self.copies, self.root / "log", self.root / "lock", self.root / "spool",
                       self.root / "sums"]:
            folder.mkdir(parents=True, exist_ok=True)
        repos = "".join(f"repo{n}-path={copy}\nrepo{n}-retention-full=2\n" for n, copy in enumerate(self.copies, 1))
        self.conf.write_text(
            f"[global]\n{repos}start-fast=y\ncompress-type=lz4\nlog-path={self.root}/log\nlock-path={self.root}/lock\n"
            f"spool-path={self.root}/spool\nlog-level-console=warn\n"
            f"[{STANZA}]\npg1-path={self.cluster.data}\npg1-port={self.cluster.port}\npg1-user=postgres\n")
        secret = self.root / "pgpass"
        secret.touch(mode=0o600)
        secret.write_text(f"*:*:*:postgres:{self.cluster.password}\n")
        user = postgres.runs_as()
        if user:
            entry = pwd.getpwnam(user)
            for folder in [self.root, *self.copies]:
                os.chown(folder, entry.pw_uid, entry.pw_gid)
                for path in folder.rglob("*"):
                    os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)

    def _run(self, command, *options):
        environment = ["env", "PGHOST=127.0.0.1", f"PGPASSFILE={self.root}/pgpass", "PGSSLMODE=disable"]
        done = subprocess.run(postgres.as_user([*environment, "pgbackrest", f"--config={self.conf}", f"--stanza={STANZA}",
                                                command, *options]), capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise Problem(f"pgbackrest {command} failed: {(done.stdout + done.stderr).strip()}")
        return done.stdout

    def _mirror(self):
        """The second copy has the same backups, byte for byte."""
        first, second = (copy / "backup" / STANZA for copy in self.copies)
        labels = {path.name for path in first.iterdir() if LABEL.fullmatch(path.name)}
        for gone in {path.name for path in second.iterdir() if LABEL.fullmatch(path.name)} - labels:
            shutil.rmtree(second / gone)
        for label in sorted(labels):
            if not (second / label).exists():
                part = second / f"part-{label}"
                shutil.rmtree(part, ignore_errors=True)
                shutil.copytree(first / label, part, symlinks=True)
                part.rename(second / label)
                (self.root / "sums" / label).write_text(checksum(first / label))
        for name in ("backup.info", "backup.info.copy"):
            shutil.copy2(first / name, second / name)
        self._prepare()  # what was copied belongs to the server's user

    # Putting back -----------------------------------------------------------------------------------------------

    def restore(self, service, passwords, at=None, copy=1):
        """Replaces one database by what it was at a moment (none = the last there is); its service must not run. Returns the
        moment and how many erasures were put back."""
        self._prepare()
        moment = self._close_log() if at is None else spelled(at)
        beside = Beside(self, service)
        try:
            beside.recover(moment if at else None, copy)
            erased = erasures(self.cluster) if service == "customer" else []
            fresh = f"{service}_restored"
            self.cluster.sql(f"DROP DATABASE IF EXISTS {fresh} WITH (FORCE)")
            self.cluster.ensure_roles(service, passwords)
            self.cluster.ensure_database(service, fresh)
            dump = beside.directory / "database.dump"
            layout.checked(["pg_dump", "--format=custom", "--compress=0", f"--file={dump}",
                            f"--dbname={beside.cluster.url(database=service)}"], f"{service} cannot be read beside")
            layout.checked(["pg_restore", "--exit-on-error", "--single-transaction",
                            f"--dbname={self.cluster.url(database=fresh)}", dump], f"{service} cannot be put back")
        finally:
            beside.end()
        self.cluster.migrate(service, fresh, passwords["owner"])  # the moment may be before a migration
        if erased:
            rows = json.dumps(erased).replace("'", "''")
            self.cluster.sql(
                "INSERT INTO erasures (tenant_id, customer_id, client_id, erased_at, body) "
                "SELECT (e->>'tenant')::uuid, (e->>'customer')::uuid, (e->>'client')::uuid, (e->>'at')::timestamptz, e->'body' "
                f"FROM jsonb_array_elements('{rows}'::jsonb) AS e ON CONFLICT (tenant_id, customer_id) DO NOTHING", fresh)
        self.cluster.sql(f"DROP DATABASE IF EXISTS {service} WITH (FORCE)")
        self.cluster.sql(f"ALTER DATABASE {fresh} RENAME TO {service}")
        return {"service": service, "at": str(moment), "erasures": len(erased)}

    def _close_log(self):
        """Everything up to now is in both copies; returns now."""
        now = self.cluster.sql("SELECT clock_timestamp()")
        segment = self.cluster.sql("SELECT txid_current(); SELECT pg_walfile_name(pg_switch_wal())").splitlines()[-1]
        end = time.monotonic() + PATIENCE
        while self.cluster.sql(f"SELECT coalesce(last_archived_wal, '') >= '{segment}' FROM pg_stat_archiver") != "t":
            if time.monotonic() > end:
                raise Problem("the write-ahead log is not archived: see pg_stat_archiver")
            time.sleep(0.1)
        return now


class Beside:
    """The cluster as it was, on a port of its own, until its database is copied."""

    def __init__(self, backups, service):
        self.backups = backups
        self.service = service
        self.directory = backups.root / "beside"
        self.cluster = postgres.Cluster(self.directory, layout.free_port(), backups.cluster.password)
        self.process = None

    def recover(self, at, copy):
        self.backups._close_log()
        shutil.rmtree(self.directory, ignore_errors=True)
        self.cluster = postgres.Cluster(self.directory, self.cluster.port, self.backups.cluster.password)
        data = self.cluster.data
        data.mkdir(parents=True, mode=0o700)
        self.backups._prepare()
        target = [f"--target={at}", "--type=time", "--target-action=promote"] if at else []
        self.backups._run("restore", f"--pg1-path={data}", f"--repo={copy}", "--archive-mode=off", *target)
        with self.cluster.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.cluster.command(), "-c", f"port={self.cluster.port}", "-c", "listen_addresses=127.0.0.1",
                 "-c", "unix_socket_directories=", "-c", "shared_buffers=64MB"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/")
        end = time.monotonic() + PATIENCE
        while not self._open():
            if self.process.poll() is not None or time.monotonic() > end:
                lines = self.cluster.log.read_text(errors="replace").splitlines()[-8:]
                raise Problem("the cluster was not recovered beside:\n" + "\n".join(lines))
            time.sleep(0.2)

    def _open(self):
        try:
            return self.cluster.ready() and self.cluster.sql("SELECT pg_is_in_recovery()") == "f"
        except Problem:
            return False

    def end(self):
        if self.process and self.process.poll() is None:
            self.cluster.stop()
            self.process.wait(30)
        shutil.rmtree(self.directory, ignore_errors=True)


def spelled(moment):
    """As pgBackRest wants it, whose zone nobody guesses: without one it is this machine's."""
    try:
        return datetime.datetime.fromisoformat(moment).astimezone().isoformat(" ", "microseconds")
    except ValueError:
        raise Problem(f"{moment} is no time: 2026-03-02T10:32:00+08:00") from None


def checksum(folder):
    """One for all files of a backup and their names."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{digest} {path.relative_to(folder)}\n".encode())
    return total.hexdigest()


def erasures(cluster):
    """Who was erased, as the database that is replaced says, and as the trail in `access` says when that one is lost."""
    found = {}

    def take(database, query):
        if cluster.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'") != "1":
            return
        for line in cluster.sql(query, database).splitlines():
            one = json.loads(line)
            found.setdefault((one["tenant"], one["customer"]), one)

    take("customer", "SELECT json_build_object('tenant', tenant_id, 'customer', customer_id, 'client', client_id, "
                     "'at', erased_at, 'body', body) FROM erasures")
    take("access", AUDITED)
    return list(found.values())
