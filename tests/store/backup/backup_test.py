#!/usr/bin/env python3
"""A database that is lost comes back as it was at a moment; who was erased stays erased; two copies are equal.

    backup_test.py      needs Debian's pgbackrest and postgresql-15, dbmate and carillon-customer; makes a cluster of its
                        own and removes it
"""

import json
import os
import pathlib
import shutil
import subprocess
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
CANARIES = 1000


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


def file_canaries(cluster):
    """People whose every personal value begins with the word `canary`; their ids."""
    cluster.sql(f"""
        INSERT INTO customers (tenant_id, customer_id, state, party_type, display_name, party, grade, life_cycle_stage, brand,
          home_region, home_branch, preferred_language, preferred_channel, do_not_contact, special_needs, addresses,
          custom_fields, owner_unit, owner_user, version, created_at, updated_at, contacted_at)
        SELECT '{TENANT}', gen_random_uuid(), 'PROSPECT', 'PERSON', 'canary-name-' || n,
          jsonb_build_object('full_name', 'canary-name-' || n, 'employer', 'canary-employer-' || n), 'STANDARD',
          'LIFE_CYCLE_STAGE_UNSPECIFIED', '', '', '', '', 'CHANNEL_UNSPECIFIED', false, '[]',
          jsonb_build_array(jsonb_build_object('detail', 'canary-street-' || n)),
          jsonb_build_object('note', 'canary-note-' || n), '', '', 1, now(), now(), now()
        FROM generate_series(1, {CANARIES}) n;
        INSERT INTO contact_media (tenant_id, customer_id, position, type, address, is_primary, purpose, best_time, own_line)
        SELECT tenant_id, customer_id, 1, 'EMAIL', display_name || '@canary.example', true, '', '', false
        FROM customers WHERE display_name LIKE 'canary-%';
        INSERT INTO customer_terms (tenant_id, customer_id, term)
        SELECT tenant_id, customer_id, 'n' || display_name FROM customers WHERE display_name LIKE 'canary-%'
        """, "customer")
    return cluster.sql("SELECT customer_id FROM customers WHERE display_name LIKE 'canary-%'", "customer").split()


def canaries(cluster):
    """How many stand readable in everything the database holds."""
    said = subprocess.run([postgres.PG_BIN / "pg_dump", cluster.url("postgres", "postgres", "customer")],
                          capture_output=True, text=True)
    expect(said.returncode == 0, said.stderr)
    return said.stdout.count("canary-")


def served(cluster, passwords):
    """The service starts over what was restored, as `./carillon restore` has it do; it answers nobody before it has erased."""
    urls = {role: cluster.url(f"customer_{role}", passwords["customer"][role], "customer") for role in ("app", "worker")}
    port = layout.free_port()
    environment = {f"CARILLON_CUSTOMER_{key}": value for key, value in {
        "LISTEN": f"127.0.0.1:{port}", "METRICS": "127.0.0.1:0", "DB_URL": urls["app"], "DB_WORKER_URL": urls["worker"],
        "VAULT_KEYS": "b1:0123456789abcdef0123456789abcdef", "DRAIN_MS": "0"}.items()}
    log = tempfile.TemporaryFile("w+")  # a pipe that nobody empties would hold up who writes
    process = subprocess.Popen([layout.BIN / "carillon-customer"], env={**os.environ, **environment}, stdout=log,
                               stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 120
        while subprocess.run([layout.BIN / "carillon-health", "--prefix", "CARILLON_CUSTOMER"], capture_output=True,
                             env={**os.environ, **environment}).returncode:
            if process.poll() is not None:
                log.seek(0)
                raise Problem(f"the service does not start: {log.read()}")
            expect(time.monotonic() < end, "the service does not serve")
            time.sleep(0.2)
    finally:
        process.kill()
        process.wait()
        log.close()


def forgotten(cluster, passwords):
    """A thousand people are in a backup and erased after it: nobody is readable once it was put back and served."""
    backups = backup.Backups(cluster)
    people = file_canaries(cluster)
    expect(len(people) == CANARIES, str(len(people)))
    backups.create("incr")
    moment = cluster.sql("SELECT clock_timestamp() FROM pg_sleep(1.1)")
    time.sleep(0.1)
    cluster.sql(f"""
        INSERT INTO erasures (tenant_id, customer_id, erased_at, body)
        SELECT tenant_id, customer_id, now(),
          jsonb_build_object('customer', 'customers/' || customer_id, 'reason', 'SUBJECT_REQUEST')
        FROM customers WHERE display_name LIKE 'canary-%'
        """, "customer")
    served(cluster, passwords)
    expect(canaries(cluster) == 0, "after the erasure values are readable")
    backups.restore("customer", passwords["customer"], moment)
    back = canaries(cluster)
    expect(back >= 7 * CANARIES, f"the backup holds {back} canaries, so nothing is shown")
    served(cluster, passwords)
    left = canaries(cluster)
    expect(left == 0, f"{left} values of erased people came back with the backup")
    return back


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
    # A backup knows its end to the second, and what follows the moment is after it by the database's clock.
    moment = cluster.sql("SELECT clock_timestamp() FROM pg_sleep(1.1)")
    time.sleep(0.1)
    file_customer(cluster, "after-the-moment")
    erase(cluster, early)
    changed = backups.create("incr")
    expect(changed["kind"] == "incr", str(changed))
    expect([one["id"] for one in backups.sets()] == [full["id"], changed["id"]], "sets")

    # A record is dropped, and the database is put back to the moment before: its list of erasures is the newest.
    cluster.sql("DELETE FROM customers WHERE display_name = 'after-the-backup'", "customer")
    done = backups.restore("customer", passwords["customer"], moment.replace(" ", "T"))  # as people write it
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
    good = rotten.read_bytes()
    rotten.write_bytes(good[:-1] + b"\0\0")
    try:
        backups.sets()
        expect(False, "a copy that differs was not noticed")
    except Problem as problem:
        expect("differ" in str(problem), str(problem))
    backups.restore("customer", passwords["customer"], last, copy=2)
    expect("after-the-backup" in names(cluster), str(names(cluster)))
    rotten.write_bytes(good)
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
        print(json.dumps({"canaries in the backup": forgotten(cluster, passwords), "readable afterwards": 0}))
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
