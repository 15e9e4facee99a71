#!/usr/bin/env python3
"""services/<svc>/schema.sql is what the migrations make: written by --write, kept equal by the test.

    schema.py [--write]     needs the test servers (CARILLON_SERVERS_ENV)
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*|)$")


def dump(admin_url, service):
    url = re.sub(r"/postgres(\?|$)", rf"/{service}_template\1", admin_url)
    text = subprocess.run(["pg_dump", "--schema-only", "--no-owner", "--no-privileges", url],
                          check=True, capture_output=True, text=True).stdout
    lines = [line for line in text.splitlines() if not NOISE.match(line)]
    return "-- What the migrations make; written by tests/store/schema/schema.py --write, never by hand.\n" + \
        "\n".join(lines) + "\n"


def main():
    settings = dict(line.split("=", 1) for line in
                    pathlib.Path(os.environ["CARILLON_SERVERS_ENV"]).read_text().splitlines())
    wrong = checked = 0
    for folder in sorted(ROOT.glob("services/*/migrations")):
        service, file = folder.parent.name, folder.parent / "schema.sql"
        now = dump(settings["CARILLON_TEST_PG_ADMIN_URL"], service)
        checked += 1
        if "--write" in sys.argv:
            file.write_text(now)
        elif not file.exists() or file.read_text() != now:
            wrong += 1
            kept = file.read_text() if file.exists() else ""
            print(f"{file.relative_to(ROOT)} is not what the migrations make: tests/store/schema/schema.py --write")
            sys.stdout.writelines(list(difflib.unified_diff(kept.splitlines(True), now.splitlines(True), n=1))[:40])
    print(f"{checked} schemas, {wrong} wrong")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
