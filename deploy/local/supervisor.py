"""Debian's supervisor, private to one stack: it starts the parts and brings back those that die."""

import hashlib
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import xmlrpc.client

from layout import Problem


class _Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=120)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        return _Connection(self.path)


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


class Supervisor:
    def __init__(self, run):
        self.run = run
        self.config = run / "supervisord.conf"
        self.pidfile = run / "supervisord.pid"
        self.logs = run / "log"
        self.mark = hashlib.sha256(str(run).encode()).hexdigest()[:12]  # every part has it in its environment
        self.socket = str(run / "supervisor.sock")
        if len(self.socket) > 100:  # the kernel's limit is 107
            self.socket = str(pathlib.Path(tempfile.gettempdir()) / f"carillon-{os.getuid()}-{self.mark}.sock")

    def write(self, programs):
        """`programs`: (group, name, command, environment, patience in seconds when stopping)."""
        self.logs.mkdir(parents=True, exist_ok=True)
        run, logs, sock = (str(p).replace("%", "%%") for p in (self.run, self.logs, self.socket))
        lines = ["[unix_http_server]", f"file={sock}", "chmod=0700", "",
                 "[supervisord]", f"pidfile={run}/{self.pidfile.name}", f"logfile={logs}/supervisord.log",
                 "logfile_maxbytes=5MB", "logfile_backups=1", f"childlogdir={logs}",
                 f"environment=CARILLON_PART_OF={self.mark}", "minfds=4096"]
        if os.geteuid() == 0:
            lines.append("user=root")
        lines += ["", "[rpcinterface:supervisor]",
                  "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface"]
        groups = {}
        for group, name, command, environment, patience in programs:
            groups.setdefault(group, []).append(name)
            lines += ["", f"[program:{name}]", "command=" + " ".join(_quoted(c) for c in command), f"directory={run}",
                      "environment=" + ",".join(f"{k}={_quoted(v)}" for k, v in environment.items()),
                      # started by `up` in order; from then on brought back however often it dies
                      "autostart=false", "autorestart=true", "startretries=1000000000", "startsecs=1",
                      f"stopwaitsecs={patience}", "stopasgroup=false", "killasgroup=true", "redirect_stderr=true",
                      f"stdout_logfile={logs}/{name}.log", "stdout_logfile_maxbytes=20MB",
                      "stdout_logfile_backups=2"]
            if name == "postgres":
                lines.append("stopsignal=INT")  # a fast shutdown
        for group, names in groups.items():
            lines += ["", f"[group:{group}]", f"programs={','.join(names)}"]
        self.config.touch(mode=0o600)
        self.config.write_text("\n".join(lines) + "\n")

    def pid(self):
        """Of the running supervisord, or None."""
        try:
            pid = int(self.pidfile.read_text())
            line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            return pid if str(self.config) in line else None
        except (OSError, ValueError):
            return None

    def start(self):
        if self.pid() is None:
            subprocess.run(["/usr/bin/supervisord", "-c", str(self.config)], check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 15
            while self.pid() is None or not os.path.exists(self.socket):
                if time.monotonic() > deadline:
                    raise Problem(f"supervisor did not start: see {self.logs}/supervisord.log")
                time.sleep(0.05)
        else:
            _, (added, changed, removed) = None, self.ask("reloadConfig")[0]
            for group in [*changed, *removed]:
                self.ask("stopProcessGroup", group)
                self.ask("removeProcessGroup", group)
            for group in [*added, *changed]:
                self.ask("addProcessGroup", group)

    def ask(self, method, *arguments):
        try:
            with xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(self.socket)) as server:
                return getattr(server.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            raise Problem(f"supervisor: {fault.faultString}") from fault

    def processes(self):
        """name -> what supervisor knows of it; empty when it does not run."""
        if self.pid() is None:
            return {}
        return {p["name"]: p for p in self.ask("getAllProcessInfo")}

    def start_part(self, name):
        known = self.processes()[name]
        if known["statename"] not in ("RUNNING", "STARTING"):
            self.ask("startProcess", f"{known['group']}:{name}", False)

    def stop_part(self, name):
        known = self.processes()[name]
        if known["statename"] in ("RUNNING", "STARTING", "BACKOFF"):
            self.ask("stopProcess", f"{known['group']}:{name}")

    def stop(self, groups):
        """Ends everything, group by group, then itself."""
        if self.pid() is not None:
            present = {p["group"] for p in self.processes().values()}
            for group in groups:
                if group in present:
                    self.ask("stopProcessGroup", group)
            pid = self.pid()
            self.ask("shutdown")
            deadline = time.monotonic() + 60
            while pathlib.Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
                time.sleep(0.05)
        self.end_orphans()

    def orphans(self):
        """Processes of this stack whose supervisor is gone: only those bear its mark in their environment."""
        mark = f"CARILLON_PART_OF={self.mark}".encode()
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
        return [] if self.pid() is not None else found

    def end_orphans(self):
        for number, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
            for pid in self.orphans():
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            deadline = time.monotonic() + patience
            while self.orphans() and time.monotonic() < deadline:
                time.sleep(0.1)
