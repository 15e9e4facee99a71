"""Where things are: the tree, the pinned tools, the services, the ports."""

import contextlib
import json
import os
import pathlib
import random
import socket
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
VENV = TOOLS / "venv" / "bin"
PRESET = os.environ.get("CARILLON_PRESET", "ci")
BUILD = ROOT / "build" / PRESET
BIN = BUILD / "bin"
RUN = ROOT / ".run"
# Start order: what others ask first comes first.
SERVICES = ["access", "customer", "telephony", "routing", "ivr", "workorder", "campaign", "qa", "knowledge",
            "insight"]
# Parts that run carillon-dialer, which has no database: two, since it is made to run in any number.
DIALERS = ["dialer-1", "dialer-2"]


class Problem(Exception):
    """Something the person at the terminal can put right; shown without a trace."""


def migrations(service):
    """The folders dbmate applies, in one version sequence; empty when the service has no tables yet."""
    shared = ROOT / "libs" / "pg" / "migrations"
    own = ROOT / ("libs/pg/tests/migrations" if service == "libs" else f"services/{service}/migrations")
    if service != "libs" and not any(own.glob("*.sql")):
        return []
    return [folder for folder in (shared, own) if any(folder.glob("*.sql"))]


def ports():
    """name -> port: deploy/local/ports.json, overridden by the file CARILLON_PORTS names."""
    known = json.loads((ROOT / "deploy/local/ports.json").read_text())
    override = os.environ.get("CARILLON_PORTS")
    if override:
        extra = json.loads(pathlib.Path(override).read_text())
        unknown = sorted(set(extra) - set(known))
        if unknown:
            raise Problem(f"{override}: no such port: {', '.join(unknown)}")
        known.update(extra)
    return known


given_ports = set()


def free_port():
    """A port that nobody has, below those the kernel takes for outgoing connections: it is still free a second later."""
    while True:
        port = random.randrange(20000, 32768)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            if port not in given_ports:
                given_ports.add(port)
                return port


def listening(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def fill(template, target, mode=0o600, **values):
    """Writes the template with each @name@ replaced."""
    text = (ROOT / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    target.write_text(text)
    target.chmod(mode)


def checked(command, problem, **options):
    """Runs a command quietly; its output is shown only when it fails."""
    done = subprocess.run([str(c) for c in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        raise Problem(f"{problem}\n{done.stdout.strip()}")
    return done.stdout
