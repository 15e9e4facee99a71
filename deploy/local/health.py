"""How each part is, asked from outside; nothing here waits longer than a few seconds, also for what hangs."""

import json
import re
import shutil
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request

import layout

PATIENCE = 2.0  # seconds
DISK_FULL = 32 * 2**20  # two segments of PostgreSQL's log: it stops when it cannot make the next one
DISK_LOW = 2 * 2**30


class Silent(Exception):
    """It took the connection, or the question, and said nothing."""


def postgres(cluster):
    try:
        cluster.sql("SELECT 1", patience=PATIENCE)
    except subprocess.TimeoutExpired as late:
        raise Silent from late
    except layout.Problem as problem:
        return str(problem).splitlines()[-1]
    return ""


def redis(cache):
    try:
        return "" if cache.ready(PATIENCE) else "no PONG"
    except subprocess.TimeoutExpired as late:
        raise Silent from late


def kafka(broker):
    """ApiVersions, the one request that needs no login: its answer shows that requests are handled."""
    header = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection(("127.0.0.1", broker.port), PATIENCE) as connection:
            connection.settimeout(PATIENCE)
            connection.sendall(struct.pack(">i", len(header)) + header)
            return "" if connection.recv(4) else "the connection was closed"
    except TimeoutError as late:
        raise Silent from late
    except OSError as error:
        return error.strerror


def gateway(port):
    """Envoy's own word."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=PATIENCE) as answer:
            return "" if answer.status == 200 else f"ready: {answer.status}"
    except TimeoutError as late:
        raise Silent from late
    except urllib.error.HTTPError as error:
        return f"ready: {error.code}"
    except OSError as error:
        if isinstance(getattr(error, "reason", None), TimeoutError):
            raise Silent from error
        return str(getattr(error, "reason", error))


def service(port, certificates):
    """gRPC's health service: SERVING, NOT_SERVING or what grpcurl says of the connection."""
    certificate, key = certificates.of("operator")
    try:
        done = subprocess.run(
            [layout.TOOLS / "bin/grpcurl", "-max-time", str(PATIENCE), "-connect-timeout", str(PATIENCE), "-cacert",
             certificates.ca, "-cert", certificate, "-key", key, "-import-path", layout.ROOT / "deploy/local", "-proto",
             "health.proto", f"localhost:{port}", "grpc.health.v1.Health/Check"],
            capture_output=True, text=True, timeout=2 * PATIENCE)
    except subprocess.TimeoutExpired as late:
        raise Silent from late
    if done.returncode == 0:
        return json.loads(done.stdout).get("status", "UNKNOWN")
    error = (done.stderr.strip().splitlines() or ["no answer"])[-1].strip()
    if "deadline exceeded" in done.stderr.lower() and "refused" not in done.stderr:
        raise Silent
    return error


def waits_for(metrics_port):
    """What a service that does not serve says it waits for; empty when it says nothing."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode(errors="replace")
    except OSError:
        return ""
    return ", ".join(re.findall(r'^carillon_waiting\{for="(\w+)"\} 1', text, re.MULTILINE))


def stopped(pid):
    """Whether the process is held by a signal (or a debugger)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] in ("T", "t")
    except OSError:
        return False


def free(folder):
    return shutil.disk_usage(folder).free if folder.exists() else None


def ends(log, names):
    """part -> (how often it ended by itself since supervisor started, how it ended last, when)."""
    found = {name: (0, "", 0.0) for name in names}
    lines = []
    for file in (log.with_name(log.name + ".1"), log):
        if file.exists():
            lines += file.read_text(errors="replace").splitlines()
    for line in lines:
        if "supervisord started" in line:
            found = {name: (0, "", 0.0) for name in names}
        end = re.match(r"(\S+ \S+),\d+ \w+ exited: (\S+) \((.*)\)", line)
        if end and end.group(2) in found:
            at = time.mktime(time.strptime(end.group(1), "%Y-%m-%d %H:%M:%S"))
            found[end.group(2)] = (found[end.group(2)][0] + 1, end.group(3), at)
    return found
