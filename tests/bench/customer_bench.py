"""carillon-bench-customer with certificates as the platform has them, and pgbench and psql of the cluster's version."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

import layout  # noqa: E402
import postgres  # noqa: E402
import secret  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--seconds", type=float, default=5, help="how long each figure is measured")
parser.add_argument("customers", type=int, nargs="?", default=1_000_000, help="how many are loaded")


def main():
    options = parser.parse_args()
    folder = layout.BUILD / f"bench-customer-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        certificates = secret.Certificates(folder / "tls")
        certificates.ensure(["bench"])
        certificate, key = certificates.of("bench")
        return subprocess.run(
            [layout.BIN / "carillon-bench-customer", "--seconds", str(options.seconds), "--customers",
             str(options.customers), "--pgbench", postgres.PG_BIN / "pgbench", "--psql", postgres.PG_BIN / "psql",
             "--dir", folder],
            env={**os.environ, "BENCH_TLS_CA": str(certificates.ca), "BENCH_TLS_CERT": str(certificate),
                 "BENCH_TLS_KEY": str(key)}).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
