"""A short day on a platform of its own: the real launcher, real servers, free ports. Shared by e2e and chaos."""

import json
import os
import pathlib
import shutil
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "deploy/local"))

import demo  # noqa: E402
import layout  # noqa: E402
from stack import Stack  # noqa: E402


class OwnStack:
    """Everything up on free ports in a folder of its own, gone afterwards; its logs stay when the test failed."""

    def __init__(self, prepare=None):
        """`prepare(stack)` runs before anything is started."""
        self.prepare = prepare

    def __enter__(self):
        self.folder = layout.BUILD / f"stack-{os.getpid()}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        known = json.loads((ROOT / "deploy/local/ports.json").read_text())
        ports = self.folder / "ports.json"
        ports.write_text(json.dumps({name: layout.free_port() for name in known}))
        os.environ["CARILLON_PORTS"] = str(ports)
        self.stack = Stack(self.folder / "run")
        try:
            if self.prepare:
                self.prepare(self.stack)
            self.stack.up()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, value, _):
        elsewhere = self.folder / "run/postgres/elsewhere"
        data = pathlib.Path(elsewhere.read_text().strip()) if elsewhere.exists() else None
        self.stack.down()
        if kind is not None and not (kind is SystemExit and value.code == 0):
            logs = layout.BUILD / "stack-logs"
            shutil.rmtree(logs, ignore_errors=True)
            if (self.folder / "run/log").exists():
                shutil.copytree(self.folder / "run/log", logs, dirs_exist_ok=True)
                print(f"the logs are in {logs}")
        shutil.rmtree(self.folder, ignore_errors=True)
        if data:
            shutil.rmtree(data, ignore_errors=True)

    def play(self, *arguments, meanwhile=None):
        """Plays a day; `meanwhile(self)` runs in a thread beside it. The exit code and the report."""
        report = pathlib.Path(tempfile.mkstemp(suffix=".json")[1])
        problems = []

        def beside():
            try:
                meanwhile(self)
            except (Exception, SystemExit) as error:  # shown by the test, not lost in a thread
                problems.append(error)

        thread = threading.Thread(target=beside, daemon=True)
        if meanwhile:
            thread.start()
        try:
            demo.run(self.stack, ["--json", str(report), "--quiet", *arguments])
        except SystemExit as end:
            code = end.code or 0
        if meanwhile:
            thread.join(200)
            expect(not thread.is_alive(), "what was to be done beside the day goes on after it")
        if problems:
            raise problems[0]
        document = json.loads(report.read_text())
        report.unlink()
        return code, document

    def journal(self):
        """What the simulator did so far."""
        file = self.stack.run / "simulator/journal.jsonl"
        if not file.exists():
            return []
        lines = file.read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
