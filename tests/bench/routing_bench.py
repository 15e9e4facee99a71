"""The engine alone (carillon-bench-routing), then routing as its users meet it (carillon-bench-routing-service) beside
pgbench on the same cluster. Without --short: a day of 100,000 calls and 30,000 live streams too (a quarter of an hour)."""

import argparse
import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

import layout  # noqa: E402
import postgres  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--seconds", type=float, default=5, help="how long each figure is measured")
parser.add_argument("--short", action="store_true", help="small numbers, every figure: does it add up?")
parser.add_argument("--only", help="figures of the service alone, comma between")


@contextlib.contextmanager
def on_disk():
    """The test servers do not wait for the disk; what is measured here does."""
    def system(*statements):
        for statement in (*statements, "SELECT pg_reload_conf()"):
            subprocess.run([postgres.PG_BIN / "psql", "-qX", admin_url(), "-c", statement], check=True,
                           stdout=subprocess.DEVNULL)

    names = ("fsync", "synchronous_commit", "full_page_writes")
    system(*(f"ALTER SYSTEM SET {name} = on" for name in names))
    try:
        yield
    finally:
        system(*(f"ALTER SYSTEM RESET {name}" for name in names))


def admin_url():
    with open(os.environ["CARILLON_SERVERS_ENV"], encoding="utf-8") as settings:
        return dict(line.strip().split("=", 1) for line in settings)["CARILLON_TEST_PG_ADMIN_URL"]


def commits(seconds):
    """One-row commits a second of eight writers, with the time within which half and 99 of 100 were done, ms."""
    url = admin_url()
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "commit.sql")
        script.write_text("INSERT INTO routing_bench_row VALUES (1, 'x');\n", encoding="utf-8")
        psql = [postgres.PG_BIN / "psql", "-qX", url, "-c"]
        subprocess.run([*psql, "CREATE TABLE routing_bench_row (n int, t text)"], check=True)
        try:
            done = subprocess.run([postgres.PG_BIN / "pgbench", "-n", "-f", script, "-c", "8", "-j", "2", "-l",
                                   "-T", str(max(1, round(seconds))), url],
                                  capture_output=True, text=True, check=True, cwd=folder)
        finally:
            subprocess.run([*psql, "DROP TABLE routing_bench_row"], check=True)
        took = sorted(int(line.split()[2]) / 1000 for log in pathlib.Path(folder).glob("pgbench_log*")
                      for line in log.read_text(encoding="utf-8").splitlines())
    return re.search(r"tps = ([0-9.]+)", done.stdout).group(1), statistics.median(took), took[len(took) * 99 // 100]


def main():
    options = parser.parse_args()
    seconds = ["--seconds", str(options.seconds)]
    if not options.only and subprocess.run([layout.BIN / "carillon-bench-routing", *seconds]).returncode:
        return 1
    with on_disk():
        return serve(options, seconds)


def serve(options, seconds):
    rate, half, late = commits(options.seconds)
    size = ["--agents", "40", "--waiting", "300", "--day", "200", "--streams", "100"] if options.short else \
        [] if options.only else ["--day", "100000", "--streams", "30000"]
    only = ["--only", options.only] if options.only else []
    return subprocess.run([layout.BIN / "carillon-bench-routing-service", *seconds, *size, *only, "--commits", rate,
                           "--commit-p50", f"{half:.2f}", "--commit-p99", f"{late:.2f}"]).returncode


if __name__ == "__main__":
    sys.exit(main())
