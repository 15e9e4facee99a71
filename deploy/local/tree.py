"""What one does with the code: build, test, format, lint, measure. Thin over the presets and the tools' own commands."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import layout
import web
from layout import BUILD, PRESET, ROOT, VENV, Problem


def shown(*command, **options):
    """Runs a command in view; its exit code."""
    sys.stdout.flush()
    return subprocess.run([str(c) for c in command], cwd=ROOT, stdin=subprocess.DEVNULL, **options).returncode


def listed(*patterns):
    """Files of the tree, tracked or new, that match."""
    names = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).exists()]


def jobs():
    """A compiler may take 2 GB."""
    free = re.search(r"MemAvailable:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return max(1, min(len(os.sched_getaffinity(0)), int(free.group(1)) // (2 * 1024 * 1024)))


def configure():
    if not (BUILD / "build.ninja").exists() and shown("cmake", "--preset", PRESET):
        raise Problem("cmake failed")


def build_only(target):
    """One program, without a word when it is there."""
    configure()
    done = subprocess.run(["ninja", "-C", BUILD, f"-j{jobs()}", target], capture_output=True, text=True)
    if done.returncode:
        raise Problem(done.stdout + done.stderr)


def build(runnable_only=False, targets=()):
    """All of it, only what the stack runs, or the targets named."""
    began = time.monotonic()
    configure()
    targets = list(targets)
    if runnable_only:
        known = subprocess.run(["ninja", "-C", BUILD, "-t", "targets", "all"], capture_output=True, text=True).stdout
        targets = sorted(set(re.findall(r"^(carillon-[a-z]+): phony", known, re.M)) - {"carillon-bench"})
    # with a base folder, another checkout finds the same objects in ccache
    settings = {**os.environ, "NINJA_STATUS": "[%f/%t %es] ", "CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}
    if shown("ninja", "-C", BUILD, f"-j{jobs()}", *targets, env=settings):
        raise Problem("the build failed")
    if len(targets) == 1:
        return
    web.build()
    print(f"built {PRESET} in {time.monotonic() - began:.0f} s")


def test(arguments):
    build()
    command = ["ctest", "--no-tests=error", "-j2", "--output-on-failure", "--test-dir", BUILD]
    if arguments.only:
        command += ["-L", f"^{arguments.only}$"]
    if not arguments.long:
        command += ["-LE", "^long$"]
    try:
        return shown(*command)
    finally:
        shown(ROOT / "deploy/local/servers.py", "stop", "--for-parent", stdout=subprocess.DEVNULL)


def bench(part=None):
    """All figures, or those of one part."""
    build()
    name = f"^bench\\.{part}$" if part else "^bench(\\.(services|customer|ivr|routing))?$"
    return shown("ctest", "--no-tests=error", "--test-dir", BUILD, "-R", name, "-V")


def cmake_files():
    return listed("*CMakeLists.txt", "*.cmake")


def fmt():
    shown(VENV / "clang-format", "-i", *listed("*.cpp", "*.hpp"))
    shown(VENV / "gersemi", "-i", "-q", "--no-warn-about-unknown-commands", *cmake_files())
    return shown(VENV / "buf", "format", "-w", "proto")


def lint(everything):
    """Each check by name; all of them run, the exit code says whether one failed."""
    configure()
    checks = {
        "C++ format": [VENV / "clang-format", "--dry-run", "-Werror", *listed("*.cpp", "*.hpp")],
        "CMake format": [VENV / "gersemi", "--check", "-q", "--no-warn-about-unknown-commands", *cmake_files()],
        "contracts": [VENV / "buf", "lint"],
        "layers": [ROOT / "tests/layers/layers.py"],
    }
    image = ROOT / "proto/image.binpb"
    if image.exists():
        checks["contracts since the last release"] = [VENV / "buf", "breaking", "proto", "--against", image]
    migrations = listed("*/migrations/*.sql")
    if migrations:
        checks["migrations"] = [VENV / "squawk", "-c", "deploy/postgres/squawk.toml", *migrations]
    sources = listed("libs/*.cpp", "services/*.cpp", "deploy/*.cpp") if everything else changed("*.cpp")
    if sources:
        checks["clang-tidy"] = [VENV / "run-clang-tidy.py", "-quiet", "-use-color=0", "-p", tidy_database(), f"-j{jobs()}",
                                "-clang-tidy-binary", VENV / "clang-tidy",
                                *("/" + re.escape(name) + "$" for name in sources)]
    failed = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if shown(*command):
            failed.append(name)
    print(f"lint: {len(checks) - len(failed)} of {len(checks)} checks pass" + (f"; not: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def changed(pattern):
    """Files that differ from the main branch, or are not committed yet."""
    base = subprocess.run(["git", "merge-base", "HEAD", "origin/main"], cwd=ROOT, capture_output=True, text=True)
    since = base.stdout.strip() or "HEAD"
    names = subprocess.run(["git", "diff", "--name-only", "--diff-filter=d", since, "--", pattern], cwd=ROOT,
                           capture_output=True, text=True).stdout.split()
    new = subprocess.run(["git", "ls-files", "-o", "--exclude-standard", "--", pattern], cwd=ROOT, capture_output=True,
                         text=True).stdout.split()
    return sorted({*names, *new} & set(listed("libs/*.cpp", "services/*.cpp", "deploy/*.cpp")))


def tidy_database():
    """compile_commands.json a file at a time: the preset's own compiles a room as one unit."""
    folder = ROOT / "build" / "tidy"
    layout.checked(["cmake", "--preset", "dev", "-B", folder, "-DCARILLON_SANITIZE="], "cmake failed", cwd=ROOT)
    generated = folder / "gen"
    if (BUILD / "gen").exists() and not generated.is_symlink():  # the generated headers are the built ones
        shutil.rmtree(generated, ignore_errors=True)
        generated.symlink_to(BUILD / "gen")
    return folder
