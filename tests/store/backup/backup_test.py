#!/usr/bin/env python3
"""A database that is lost comes back as it was at a moment; who was erased stays erased; two copies are equal.

    backup_test.py      needs Debian's pgbackrest and postgresql-15, and dbmate; makes a cluster of its own and removes it
"""

import json
import pathlib
import shutil
import sys
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "deploy/local"))

import backup
import layout
import postgres
from layout import Problem

TENANT = str(uuid.uuid4())
SERVICES = ["customer", "access"]


def expect(right, wrong):
    if not right:
        raise Problem(wrong)


def file_customer(cluster, name):
    made = str(uuid.uuid4())
    cluster.sql(f"""
        INSERT INTO customers (tenant_id, customer_id, state, party_type, display_name, party, grade, life_cycle_stage, brand,
          home_region, home_branch, preferred_language, preferred_channel, do_not_contact, special_needs, addresses, owner_unit,
          owner_user, version, created_at, updated_at, contacted_at)
        VALUES ('{TENANT}', '{made}', 'ACTIVE', 'PERSON', '{name}', '{{"full_name": "{name}"}}', 'STANDARD',
          'LIFE_CYCLE_STAGE_UNSPECIFIED', '', '', '', '', 'CHANNEL_UNSPECIFIED', false, '[]', '[]', '', '', 1, now(), now(), now())
        """, "customer")
    return made


def erase(cluster, customer):
    """As the service does: the row is emptied and the list has it."""
    cluster.sql(f"""
        UPDATE customers SET state = 'ERASED', display_name = '', party = '{{}}' WHERE customer_id = '{customer}';
        INSERT INTO erasures (tenant_id, customer_id, erased_at, body)
        VALUES ('{TENANT}', '{customer}', now(), '{{"customer": "customers/{customer}", "reason": "SUBJECT_REQUEST"}}')
        """, "customer")


def audited_erasure(cluster, customer):
    columns = cluster.sql("SELECT string_agg(column_name || ' ' || data_type, ',') FROM information_schema.columns "
                          "WHERE table_name = 'audit_trail' AND is_nullable = 'NO'", "access")
    values = {}
    for column in columns.split(","):
        name, kind = column.split(" ", 1)
        values[name] = {"uuid": f"'{uuid.uuid4()}'", "bigint": "1", "ARRAY": "'{}'", "text": "''",
                        "timestamp with time zone": "now()"}[kind]
    values |= {"tenant_id": f"'{TENANT}'", "action": "'/carillon.customer.v1.PrivacyService/EraseCustomer'", "result": "'OK'",
               "resources": f"'{{customers/{customer}}}'"}
    cluster.sql(f"INSERT INTO audit_trail ({', '.join(values)}) VALUES ({', '.join(values.values())})", "access")


def names(cluster):
    return set(cluster.sql("SELECT display_name FROM customers WHERE display_name <> ''", "customer").split())


def listed(cluster):
    return set(cluster.sql("SELECT customer_id FROM erasures", "customer").split())


def lost_and_found(cluster, passwords):
    backups = backup.Backups(cluster)
    file_customer(cluster, "before-the-backup")
    full = backups.create("full")
    expect(full["kind"] == "full" and full["copies"] == 2, str(full))
    early = file_customer(cluster, "erased-later")
    file_customer(cluster, "after-the-backup")
    moment = cluster.sql("SELECT clock_timestamp()")
    time.sleep(0.1)  # of the database's clock: what follows is after the moment
    file_customer(cluster, "after-the-moment")
    erase(cluster, early)
    changed = backups.create("incr")
    expect(changed["kind"] == "incr", str(changed))
    expect([one["id"] for one in backups.sets()] == [full["id"], changed["id"]], "sets")

    # A record is dropped, and the database is put back to the moment before: its list of erasures is the newest.
    cluster.sql("DELETE FROM customers WHERE display_name = 'after-the-backup'", "customer")
    done = backups.restore("customer", passwords["customer"], moment)
    expect(names(cluster) == {"before-the-backup", "erased-later", "after-the-backup"}, str(names(cluster)))
    expect(listed(cluster) == {early} and done["erasures"] == 1, "the list of erasures was not carried over")
    owner = cluster.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'customers'", "customer")
    expect(owner == "customer_owner", f"customers belongs to {owner}")
    forced = cluster.sql("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'customers'", "customer")
    expect(forced == "t", "row-level security was lost")

    # The whole database is lost, list and all: the trail in access knows who was erased.
    audited_erasure(cluster, early)
    last = cluster.sql("SELECT clock_timestamp()")
    time.sleep(0.1)
    file_customer(cluster, "after-the-last-moment")  # a moment ends with the first commit after it, here not with the loss
    cluster.sql("DROP DATABASE customer WITH (FORCE)")
    backups.restore("customer", passwords["customer"], last, copy=2)
    expect(names(cluster) == {"before-the-backup", "erased-later", "after-the-backup"}, str(names(cluster)))
    expect(listed(cluster) == {early}, "who was erased is not in the list")

    # A copy that rots is noticed, the other one restores.
    rotten = next(p for p in (backups.copies[0] / "backup" / backup.STANZA / full["id"]).rglob("*.lz4"))
    rotten.write_bytes(rotten.read_bytes()[:-1] + b"\0\0")
    try:
        backups.sets()
        expect(False, "a copy that differs was not noticed")
    except Problem as problem:
        expect("differ" in str(problem), str(problem))
    backups.restore("customer", passwords["customer"], last, copy=2)
    expect("after-the-backup" in names(cluster), str(names(cluster)))
    print(json.dumps({"sets": 2, "bytes": full["bytes"], "checksum": full["checksum"]}))


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="carillon-backup-"))
    directory.chmod(0o755)
    cluster = postgres.Cluster(directory / "postgres", layout.free_port(), "postgres")
    process = None
    try:
        cluster.create(backup.SETTINGS)
        process = cluster.start()
        end = time.monotonic() + 60
        while not cluster.ready():
            expect(process.poll() is None and time.monotonic() < end, "the cluster did not start")
            time.sleep(0.1)
        passwords = {service: {role: f"{service}_{role}" for role in postgres.ROLES} for service in SERVICES}
        for service in SERVICES:
            cluster.ensure_roles(service, passwords[service])
            cluster.ensure_database(service, service)
            cluster.migrate(service, service, passwords[service]["owner"])
        lost_and_found(cluster, passwords)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        if process:
            cluster.stop()
            process.wait(30)
        shutil.rmtree(cluster.data.parent, ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
