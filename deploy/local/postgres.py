"""A private PostgreSQL 15 cluster: one database and one set of roles a service."""

import hashlib
import os
import pathlib
import pwd
import shutil
import subprocess
import urllib.parse

import layout
from layout import Problem, checked

PG_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
ROLES = ("owner", "app", "worker")


def runs_as():
    """PostgreSQL refuses to run as root: then it runs as Debian's postgres user."""
    return "postgres" if os.geteuid() == 0 else None


def as_user(command):
    user = runs_as()
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *command] if user else list(command)


def home(directory):
    """`directory`, or a place of its own below /var/lib when the user of the server can't reach it."""
    directory.mkdir(parents=True, exist_ok=True)
    if runs_as() is None:
        return directory
    reach = subprocess.run(as_user(["test", "-x", str(directory)]), stderr=subprocess.DEVNULL)
    if reach.returncode == 0:
        return directory
    digest = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    elsewhere = pathlib.Path("/var/lib") / f"carillon-{digest}"
    elsewhere.mkdir(exist_ok=True)
    (directory / "elsewhere").write_text(f"{elsewhere}\n")
    return elsewhere


def roles(service, passwords):
    """owner runs migrations, app runs the service, worker sees every tenant (relay, sweeps)."""
    statements = []
    for role in ROLES:
        bypass = "BYPASSRLS" if role == "worker" else "NOBYPASSRLS"
        name = f"{service}_{role}"
        statements.append(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {name}; "
            f"END IF; END $$;\n"
            f"ALTER ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT {bypass} "
            f"PASSWORD '{passwords[role]}';")
    statements.append(f"ALTER ROLE {service}_owner SET lock_timeout = '5s';")
    return "\n".join(statements)


def rights(service, database):
    """Nobody but the service's own roles can open it; what the owner makes, app and worker may use."""
    users = f"{service}_app, {service}_worker"
    default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {service}_owner GRANT"
    return f"""
        REVOKE ALL ON DATABASE {database} FROM PUBLIC;
        GRANT CONNECT ON DATABASE {database} TO {users};
        ALTER SCHEMA public OWNER TO {service}_owner;
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT USAGE ON SCHEMA public TO {users};
        {default} USAGE ON SCHEMAS TO {users};
        {default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {users};
        {default} USAGE, SELECT, UPDATE ON SEQUENCES TO {users};
        {default} EXECUTE ON FUNCTIONS TO {users};
        """


class Cluster:
    def __init__(self, directory, port, password):
        self.data = home(directory) / "data"
        self.log = directory / "postgres.log"
        self.port = port
        self.password = password

    def create(self, extra=""):
        """initdb, once; the settings are written again each time."""
        if not (self.data / "PG_VERSION").exists():
            shutil.rmtree(self.data, ignore_errors=True)  # an initdb that was interrupted
            self.data.mkdir(mode=0o700)
            secret = self.data.parent / "pwfile"
            secret.touch(mode=0o600)
            secret.write_text(self.password)
            self._own(self.data)
            self._own(secret)
            try:
                checked(as_user([PG_BIN / "initdb", "-D", self.data, "-U", "postgres", "--pwfile", secret,
                                 "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
                                 "--no-instructions"]), "initdb failed", cwd="/")
            finally:
                secret.unlink()
        conf = self.data / "carillon.conf"
        layout.fill("deploy/postgres/postgresql.conf", conf, port=self.port)
        with conf.open("a") as f:
            f.write(extra)
        self._own(conf)
        main = self.data / "postgresql.conf"
        if "carillon.conf" not in main.read_text():
            with main.open("a") as f:
                f.write("include 'carillon.conf'\n")

    def _own(self, path):
        user = runs_as()
        if user:
            entry = pwd.getpwnam(user)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def command(self):
        """The server in the foreground, for a supervisor."""
        return as_user([str(PG_BIN / "postgres"), "-D", str(self.data)])

    def start(self):
        with self.log.open("ab") as log:
            process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True, cwd="/")
        return process

    def ready(self):
        return subprocess.run([PG_BIN / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            subprocess.run(as_user([str(PG_BIN / "pg_ctl"), "-D", str(self.data), "-m", "fast", "-w", "-t", "30", "stop"]),
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def url(self, user="postgres", password=None, database="postgres"):
        secret = urllib.parse.quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def sql(self, statements, database="postgres", patience=None):
        """Runs statements as the superuser; returns what they print, unaligned. TimeoutExpired after `patience` s."""
        done = subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", self.url(database=database)],
                              input=statements, text=True, capture_output=True, timeout=patience)
        if done.returncode != 0:
            raise Problem(f"psql on {database}: {done.stderr.strip()}")
        return done.stdout.strip()

    def ensure_roles(self, service, passwords):
        self.sql(roles(service, passwords))

    def ensure_database(self, service, database):
        if self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'") != "1":
            self.sql(f"CREATE DATABASE {database} OWNER {service}_owner TEMPLATE template0")
        self.sql(rights(service, database), database)

    def migrate(self, service, database, password):
        """As the owner, so that row-level security holds for what it makes."""
        command = [layout.VENV / "dbmate", "--no-dump-schema"]
        for folder in layout.migrations(service):
            command += ["-d", folder]
        checked(command + ["--url", self.url(f"{service}_owner", password, database), "migrate"],
                f"the migrations of {service} failed", cwd=layout.ROOT)
