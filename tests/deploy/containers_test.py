#!/usr/bin/env python3
"""The platform in containers, for real: images made without a pull, the demo's day under Compose and counted again, each
container killed and each service restarted while calls are played, every password and key changed meanwhile, a backup put back, a version
up and down, the bundle installed where there is no network.

  tests/deploy/containers_test.py [CASE...]     in this order; as root

Uses the Docker that answers, or starts one of its own that is gone afterwards. What ran as this project under Compose is ended.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "deploy/local"), str(ROOT / "tests/chaos")]
import images  # noqa: E402
import layout  # noqa: E402
from compose import OWN, PROCESSES, Compose  # noqa: E402
from layout import checked  # noqa: E402
from platform_under_fire import Clerk, Platform  # noqa: E402

CARILLON = [sys.executable, ROOT / "deploy/local/carillon.py"]
# What install.sh would do on the machine that has no network: nothing but the bundle, its own Docker, and loopback.
INSTALL = r"""
set -eu
docker() { command "$CARILLON_DOCKER" "$@"; }
ip link set lo up
test -z "$(ip route show)" || { echo "there is a route"; exit 1; }
dockerd --host "unix://$PWD/docker.sock" --data-root "$PWD/data" --exec-root "$PWD/exec" --pidfile "$PWD/pid" \
  --iptables=false --bridge=none >dockerd.log 2>&1 &
daemon=$!
export DOCKER_HOST="unix://$PWD/docker.sock"
top=$PWD
leave() {
  cd "$top"/carillon-*/ && docker-compose down -v -t 5 >/dev/null 2>&1 || true
  kill $daemon
  wait $daemon || true
}
trap leave EXIT
for _ in $(seq 100); do docker version >/dev/null 2>&1 && break; sleep 0.2; done
tar xf bundle.tar.gz
cd carillon-*/
openssl dgst -sha256 -verify signer.pub -signature SHA256SUMS.sig SHA256SUMS
cmp signer.pub ../signer.pub
sha256sum --quiet -c SHA256SUMS
docker load -q -i images.tar
test -z "$(docker images --format '{{.Repository}}' | grep -v ^carillon-)"
deploy/compose/prepare
docker-compose up -d
for _ in $(seq 300); do
  [ "$(docker inspect -f '{{.State.Health.Status}}' "$(docker-compose ps -q carillon-gateway)")" = healthy ] && break
  sleep 1
done
curl --silent --show-error --fail --cacert deploy/compose/tls/ca.crt -H 'content-type: application/json' \
  -d "{\"tenant\": \"platform\", \"login\": \"admin\", \"password\": \"$(cat deploy/compose/secrets/access/bootstrap_password)\"}" \
  "https://localhost:${CARILLON_PORT}/v1/sessions:login" | grep -q accessToken
echo "installed without a network"
"""


class Own(Platform):
    """What a clerk works at, and where some hours of calls are played."""

    HOURS = ["--window", "10:00-12:00", "--call-count", "150", "--customer-count", "200", "--rate", "30", "--seed", "13"]

    def __init__(self, stack):
        self.stack = stack
        self.playing = False

    def played(self):
        return self.playing and super().played()

    def hours_of_calls(self, meanwhile):
        """Counted again afterwards as the demo's day is: each call has one outcome, nobody is stuck, no order is lost or there twice."""
        (self.stack.run / "simulator/journal.jsonl").unlink(missing_ok=True)
        self.playing = True
        with Clerk(self) as clerk:
            code, report = self.play(*self.HOURS, meanwhile=meanwhile)
        if code != 0:
            raise AssertionError(f"it does not add up: {report['reconciliation']}")
        clerk.count()
        self.count(report)


def shown(*command, **options):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command[:4]))} ended with {done.returncode}")


def layers(tag):
    return json.loads(checked([images.DOCKER, "image", "inspect", tag], tag))[0]["RootFS"]["Layers"]


class OverDocker(unittest.TestCase):
    """Docker and the compose file's platform, `stack`, which is not up yet."""

    daemon = None

    @classmethod
    def setUpClass(cls):
        checked([ROOT / "deploy/local/install.sh", "containers"], "not everything could be installed")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-containers-", dir=layout.BUILD))
        os.environ["CARILLON_PORT"] = f"127.0.0.1:{layout.free_port()}"
        if subprocess.run([images.DOCKER, "version"], capture_output=True).returncode != 0:
            os.environ["DOCKER_HOST"] = f"unix://{cls.folder}/docker.sock"
            with open(cls.folder / "dockerd.log", "wb") as log:
                cls.daemon = subprocess.Popen(
                    ["dockerd", "--host", os.environ["DOCKER_HOST"], "--data-root", cls.folder / "data", "--exec-root",
                     cls.folder / "exec", "--pidfile", cls.folder / "pid", "--iptables=false", "--bridge=none"], stdout=log, stderr=log)
            end = time.monotonic() + 60
            while subprocess.run([images.DOCKER, "version"], capture_output=True).returncode != 0:
                assert time.monotonic() < end and cls.daemon.poll() is None, (cls.folder / "dockerd.log").read_text()[-2000:]
                time.sleep(0.5)
        cls.stack = Compose()

    @classmethod
    def tearDownClass(cls):
        if cls.stack.override.exists():
            with contextlib.suppress(layout.Problem):
                cls.stack.compose("down", "-v", "-t", "10")
        if cls.daemon:
            cls.daemon.terminate()
            cls.daemon.wait()
        shutil.rmtree(cls.folder, ignore_errors=True)


class Containers(OverDocker):
    def test_1_images_are_made_without_a_pull(self):
        shown(*CARILLON, "images", "--no-build")
        rows = checked([images.DOCKER, "image", "inspect", *checked([images.DOCKER, "images", "-q"], "docker images").split()],
                       "docker image inspect")
        for row in json.loads(rows):
            self.assertEqual(row["RepoDigests"], [], "an image came from a registry")
            for tag in row["RepoTags"]:
                self.assertTrue(tag.startswith("carillon-"), tag)
        for part in images.PARTS:
            row = json.loads(checked([images.DOCKER, "image", "inspect", f"carillon-{part}:{images.version()}"], part))[0]
            self.assertEqual(row["Config"]["User"], "65532:65532", part)
            for name, value in images.labels(part).items():
                self.assertEqual(row["Config"]["Labels"][f"org.opencontainers.image.{name}"], value, part)
            self.assertTrue((images.OUT / f"sbom/{part}.cdx.json").exists())
        for part in ("routing", "gateway"):
            images.build(part, "carillon-again", f"MADE={images.base(images.kind(part))}", "--no-cache")
            self.assertEqual(layers("carillon-again"), layers(f"carillon-{part}:{images.version()}"), "other bytes of the same inputs")

    def test_2_the_demos_day_adds_up(self):
        report = self.folder / "report.json"
        shown(*CARILLON, "demo", "--no-build", "--target", "compose", "--quiet", "--json", report,
              *os.environ.get("CARILLON_CONTAINERS_DAY", "").split())
        document = json.loads(report.read_text())
        print(f"  {document['input']['calls']} calls in {document['seconds']:.0f} s, all of them accounted for", flush=True)

    def test_3_each_container_is_killed_and_comes_back(self):
        self.stack.up()

        def kill(own):
            own.await_day()
            for row in self.stack.containers():
                if not row["State"]["Running"]:
                    continue  # migrations are over
                began = time.monotonic()
                os.kill(row["State"]["Pid"], signal.SIGKILL)
                self.healthy_again(row["Id"], row["State"]["Pid"], 240)
                print(f"  {row['Name'].lstrip('/'):<34} back after {time.monotonic() - began:.1f} s", flush=True)
            self.assertFalse(own.played(), "the calls were over before the last was killed")

        Own(self.stack).hours_of_calls(kill)

    def healthy_again(self, container, old, patience):
        end = time.monotonic() + patience
        while True:
            state = json.loads(checked([images.DOCKER, "inspect", container], "docker inspect"))[0]["State"]
            if state["Running"] and state["Pid"] != old and state["Health"]["Status"] == "healthy":
                return
            self.assertLess(time.monotonic(), end, state)
            time.sleep(0.2)

    def test_4_every_part_is_restarted_under_load_and_nothing_is_lost(self):
        self.stack.up()

        def restart(own):
            own.await_day()
            for part in [*PROCESSES, "gateway"]:
                container = self.stack.compose("ps", "-q", f"carillon-{part}").strip()
                old = json.loads(checked([images.DOCKER, "inspect", container], "docker inspect"))[0]["State"]["Pid"]
                began = time.monotonic()
                self.stack.compose("restart", f"carillon-{part}")
                self.healthy_again(container, old, 240)
                print(f"  {part:<34} {time.monotonic() - began:.1f} s", flush=True)
            self.assertFalse(own.played(), "the calls were over before the last was restarted")

        Own(self.stack).hours_of_calls(restart)

    def test_5_everything_that_protects_it_is_changed_while_people_work(self):
        self.stack.up()
        folder = OWN / "secrets"
        env = {**os.environ, "COMPOSE_FILE": f"docker-compose.yml:{self.stack.override}"}

        def seen():
            return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}

        def let_in(url):  # by PostgreSQL, from outside its network
            outside = re.sub(r"@[^/]*/", f"@127.0.0.1:{self.stack.ports['postgres']}/", url)
            return subprocess.run(["psql", "-qXAt", outside, "-c", "SELECT 1"], capture_output=True).returncode == 0

        before = seen()
        with Clerk(Own(self.stack)) as clerk:
            while not clerk.acknowledged:
                time.sleep(0.1)
            person = {"person": {"fullName": "钥匙"}, "identifiers": [{"type": "PASSPORT", "number": "E12345678"}]}
            status, made = clerk.post(f"/v1/customers?requestId={uuid.uuid4()}", person, clerk.token)
            self.assertEqual(status, 200, made)
            for what in ("secret routing", "secret dialer", "database routing", "kafka customer", "kafka admin", "redis",
                         "vault customer", "vault campaign", "master", "certificates"):
                began = time.monotonic()
                shown(OWN / "rotate", *what.split(), stdout=subprocess.DEVNULL, env=env)
                print(f"  {what:<34} {time.monotonic() - began:.1f} s", flush=True)
                if what == "vault customer":
                    self.until_forgotten(env)
            self.assertEqual(clerk.log_in(), 200)
            status, kept = clerk.post("/v1/customers:search", {"identifier": {"type": "PASSPORT", "number": "E12345678"}}, clerk.token)
            self.assertEqual((status, [one["name"] for one in kept.get("customers", [])]), (200, [made["name"]]), kept)
        clerk.count()
        after = seen()
        self.assertEqual({name for name in after if after[name] != before[name]}, {
            "routing/auth_secret", "dialer/auth_secret", "access/services_secrets", "routing/db_url", "routing/db_worker_url",
            *(f"migrations/db_routing_{role}_url" for role in ("owner", "app", "worker")), "backup/db_routing_worker_url",
            "kafka/kafka_customer", "customer/kafka_password", "kafka/kafka_admin_password", "migrations/kafka_admin_password",
            "redis/password", "customer/redis_url", "customer/vault_keys", "campaign/vault_keys", "access/keys_master",
            "access/keys_older"})
        self.assertEqual((let_in(before["routing/db_url"]), let_in(after["routing/db_url"])), (False, True))

    def until_forgotten(self, env):
        """The old key goes as soon as the service says that nothing is sealed under it."""
        end = time.monotonic() + 120
        while subprocess.run([OWN / "rotate", "forget", "customer"], capture_output=True, env=env).returncode != 0:
            self.assertLess(time.monotonic(), end, "values are not sealed again")
            time.sleep(2)
        self.assertNotIn(",", (OWN / "secrets/customer/vault_keys").read_text())

    def test_6_what_was_backed_up_is_put_back(self):
        self.stack.up()
        with Clerk(Own(self.stack)) as clerk:
            while len(clerk.acknowledged) < 20:
                time.sleep(0.1)
        clerk.count()
        said = self.stack.compose("run", "--rm", "-T", "backup")
        folder = re.search(r"^backup: (\S+)$", said, re.M).group(1)
        self.assertEqual(len(re.findall(r"^\w+ [1-9]\d* bytes", said, re.M)), len(layout.SERVICES))
        self.stack.postgres.sql("TRUNCATE customers CASCADE", "customer")
        with self.assertRaisesRegex(SystemExit, "acknowledged customers are not there"):
            clerk.count()
        began = time.monotonic()
        self.stack.compose("stop", "carillon-customer")
        self.stack.compose("run", "--rm", "-T", "--entrypoint", "/usr/bin/carillon-restore", "backup", folder, "customer")
        self.stack.compose("start", "carillon-customer")
        self.until_well()
        print(f"  the customers' database is back after {time.monotonic() - began:.1f} s", flush=True)
        clerk.count()
        with Clerk(Own(self.stack)) as clerk:
            while not clerk.acknowledged:
                time.sleep(0.1)
        clerk.count()

    def test_7_the_next_version_comes_and_goes_while_people_work(self):
        """Of the same programs, so this tries the way, not two schemas: migrations first, then each container."""
        self.stack.up()
        for part in images.PARTS:
            checked([images.DOCKER, "tag", f"carillon-{part}:{images.version()}", f"carillon-{part}:next"], "docker tag failed")
        with Clerk(Own(self.stack)) as clerk:
            for version in ("next", images.version()):
                began = time.monotonic()
                with mock.patch.dict(os.environ, CARILLON_VERSION=version):
                    self.stack.compose("up", "-d", "--no-build")
                    self.until_well()
                    used = {row["Config"]["Image"].rpartition(":")[2] for row in self.stack.containers()}
                self.assertEqual(used, {version})
                print(f"  {version:<34} {time.monotonic() - began:.1f} s", flush=True)
        clerk.count()

    def until_well(self):
        end = time.monotonic() + 300
        while unwell := self.stack.unwell():
            self.assertLess(time.monotonic(), end, unwell)
            time.sleep(0.5)

    def test_8_the_bundle_is_installed_without_a_network(self):
        self.stack.compose("down", "-v", "-t", "10")
        key = self.folder / "signer.key"
        checked(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key], "openssl failed")
        place = self.folder / "apart"
        place.mkdir()
        checked(["openssl", "pkey", "-in", key, "-pubout", "-out", place / "signer.pub"], "openssl failed")
        shown(*CARILLON, "bundle", "--key", key, "--out", place / "bundle.tar.gz")
        port = os.environ["CARILLON_PORT"].rpartition(":")[2]
        shown("unshare", "--net", "bash", "-c", f"cd {place} && {INSTALL}", env={**os.environ, "CARILLON_DOCKER": images.DOCKER, "CARILLON_PORT": port})


if __name__ == "__main__":
    os.chdir(ROOT)
    unittest.main(verbosity=2)
