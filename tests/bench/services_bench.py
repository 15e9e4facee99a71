"""Figures of whole paths: a platform of its own, pgbench on its PostgreSQL, then carillon-bench-services against it."""

import argparse
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e/demo"))

from hour import OwnStack, layout  # noqa: E402
import postgres  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--seconds", type=float, default=5, help="how long each figure is measured")
parser.add_argument("--customers", type=int, default=100_000, help="how many LookUpCaller chooses from")


def commits(stack, seconds):
    """One-row commits a second, eight writers, on the cluster that the services use."""
    script = stack.run / "commit.sql"
    script.write_text("INSERT INTO pgbench_row VALUES (1, 'x');\n")
    stack.postgres.sql("CREATE TABLE pgbench_row (n int, t text)", "postgres")
    done = subprocess.run([postgres.PG_BIN / "pgbench", "-n", "-f", script, "-c", "8", "-j", "2",
                           "-T", str(max(1, round(seconds))), stack.postgres.url()],
                          capture_output=True, text=True, check=True)
    return re.search(r"tps = ([0-9.]+)", done.stdout).group(1)


def main():
    options = parser.parse_args()
    with OwnStack() as own:
        stack = own.stack
        certificate, key = stack.certificates.of("operator")
        settings = {f"BENCH_{s.upper()}": f"127.0.0.1:{stack.ports[s]}" for s in layout.SERVICES} | {
            "BENCH_TLS_CA": str(stack.certificates.ca), "BENCH_TLS_CERT": str(certificate),
            "BENCH_TLS_KEY": str(key), "BENCH_PASSWORD": stack.secrets.get("admin_password"),
            "BENCH_SECRET": stack.secrets.get("auth_telephony")}
        return subprocess.run([layout.BIN / "carillon-bench-services", "--seconds", str(options.seconds),
                               "--customers", str(options.customers), "--commits", commits(stack, options.seconds)],
                              env={**os.environ, **settings}).returncode


if __name__ == "__main__":
    sys.exit(main())
