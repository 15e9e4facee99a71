"""What only this machine may know: passwords, a private CA and one certificate a process. All below .run."""

import os
import secrets
import subprocess
import time

from layout import checked


class Secrets:
    """Made when first asked for, one file each, readable by the owner alone."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)

    def get(self, name):
        file = self.directory / name
        if not file.exists():
            fresh = file.with_suffix(".new")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
                f.write(secrets.token_hex(20))
            fresh.rename(file)
        return file.read_text()

    def put(self, name, value):
        """One that was made elsewhere."""
        file = self.directory / name
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(value)


class Certificates:
    """EC P-256, for loopback only: server and client at once, since every process is both."""

    DAYS = 365

    def __init__(self, directory):
        self.directory = directory
        self.ca = directory / "ca.crt"

    def ensure(self, names):
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        key = self.directory / "ca.key"
        if not self._good(self.ca):
            for old in self.directory.glob("*.crt"):
                old.unlink()
            self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                          "-keyout", key, "-out", self.ca, "-days", self.DAYS, "-subj", "/CN=Carillon local CA",
                          "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        for name in names:
            certificate = self.directory / f"{name}.crt"
            if self._good(certificate):
                continue
            request, extensions = self.directory / f"{name}.csr", self.directory / f"{name}.ext"
            extensions.write_text(f"subjectAltName=DNS:localhost,DNS:{name},IP:127.0.0.1\n"
                                  "extendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n")
            self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                          self.directory / f"{name}.key", "-out", request, "-subj", f"/CN={name}")
            self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", key, "-set_serial",
                          f"0x{secrets.token_hex(16)}", "-days", self.DAYS, "-extfile", extensions, "-out", certificate)
            request.unlink()
            extensions.unlink()

    def of(self, name):
        return self.directory / f"{name}.crt", self.directory / f"{name}.key"

    def _good(self, certificate):
        """Still valid in 30 days."""
        if not certificate.exists() or time.time() - certificate.stat().st_mtime < 0:
            return False
        return subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-checkend", str(30 * 86400)],
                              stdout=subprocess.DEVNULL).returncode == 0

    def _openssl(self, *arguments):
        old = os.umask(0o077)
        try:
            checked(["openssl", *arguments], "openssl failed")
        finally:
            os.umask(old)
