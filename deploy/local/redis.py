"""A private Redis 7."""

import subprocess

import layout


class Redis:
    def __init__(self, directory, port, password):
        self.directory = directory
        self.port = port
        self.password = password

    def create(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        layout.fill("deploy/redis/redis.conf", self.directory / "redis.conf", port=self.port, password=self.password,
                    dir=self.directory)

    def command(self):
        return ["redis-server", str(self.directory / "redis.conf")]

    def start(self):
        with (self.directory / "redis.log").open("ab") as log:
            return subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    start_new_session=True)

    def ready(self, patience=None):
        answer = subprocess.run(["redis-cli", "--no-auth-warning", "-h", "127.0.0.1", "-p", str(self.port), "ping"],
                                env={"REDISCLI_AUTH": self.password, "PATH": "/usr/bin:/bin"},
                                capture_output=True, text=True, timeout=patience)
        return answer.stdout.strip() == "PONG"

    def url(self):
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"
