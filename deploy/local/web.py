"""The web client: its packages by the lock file, its types from the contracts, its pages into web/dist."""

import hashlib
import os
import shutil
import time

import layout
from layout import ROOT, VENV

WEB = ROOT / "web"
INPUTS = ("src", "scripts", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
BROWSER = "/usr/bin/chromium"


def environment():
    """The pinned Node.js before any other; npm asks nobody and tells nobody anything."""
    return {**os.environ, "PATH": f"{VENV}:{os.environ['PATH']}", "npm_config_audit": "false", "npm_config_fund": "false",
            "npm_config_update_notifier": "false", "npm_config_loglevel": "error", "CI": "true"}


def digest(files):
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(str(file.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def files_of(*paths):
    for path in paths:
        yield from (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def packages():
    """node_modules as the lock file says."""
    stamp = WEB / "node_modules" / ".carillon"
    wanted = digest([WEB / "package-lock.json", WEB / "package.json"])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    layout.checked([VENV / "npm", "ci"], "npm ci failed", cwd=WEB, env=environment())
    stamp.write_text(wanted)


def build():
    """web/dist, unless it was built of the same sources."""
    began = time.monotonic()
    packages()
    stamp = WEB / "dist" / ".carillon"
    sources = [file for file in files_of(*(WEB / name for name in INPUTS)) if "src/gen/" not in str(file)]
    wanted = digest([*sources, *(ROOT / "proto").rglob("*.proto")])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(WEB / "dist", ignore_errors=True)
    layout.checked([VENV / "npm", "run", "build"], "the web client cannot be built", cwd=WEB, env=environment())
    stamp.write_text(wanted)
    print(f"built the web client in {time.monotonic() - began:.0f} s", flush=True)
