"""carillon: everything one needs on one machine.

  ./carillon demo [--calls FILE --day YYYY-MM-DD] [--json FILE]   a bank's day of calls, start to report; --target compose
  ./carillon test [--long] [--only LABEL]                         every test
  ./carillon up | down | status | restart | logs [PART] [-f]      the local stack
  ./carillon backup [--full] [--list]                             the cluster, in two copies with checksums
  ./carillon restore --service NAME [--at TIME]                   one database as it was at a moment
  ./carillon audit verify [--tenant SLUG] [--json]                whether the audit chains are whole
  ./carillon eval linkage FILE... [--hide COLUMN] [--json]        how well duplicates are found
  ./carillon scxml FOLDER                                         runs a folder of SCXML documents
  ./carillon flow test FOLDER                                     runs the tests of menu flows
  ./carillon images [PART...] | bundle [--key FILE]               what operators install
  ./carillon build | fmt | lint [--all] | bench                   the code

It installs what is missing first and says so. Each command has --help. State is in .run, tools in .tools.
"""

import argparse
import json
import lzma
import os
import pathlib
import subprocess
import sys
import tempfile

import tree
import demo
import images
import layout
from compose import Compose
from layout import Problem
from stack import Stack


def up(arguments):
    if not arguments.no_build:
        tree.build(runnable_only=True)
    stack = Stack()
    stack.up()
    stack.addresses()


def run_demo(options):
    known = demo.parser().parse_args(options)
    if not known.no_build:
        tree.build(runnable_only=True)
    stack = Compose() if known.target == "compose" else Stack()
    stack.up()
    sys.stdout.flush()
    return demo.run(stack, options)


def restart(arguments):
    if bool(arguments.part) == arguments.all:
        raise Problem("name the parts to restart, or say --all")
    Stack().restart(arguments.part)


def audit(arguments):
    """From the database itself; the ends found are remembered outside of it."""
    stack = Stack().load()
    command = [layout.BIN / "carillon-access", "audit", arguments.what, "--heads", stack.run / "audit-heads.json"]
    command += ["--tenant", arguments.tenant] if arguments.tenant else []
    command += ["--json"] if arguments.json else []
    url = stack.database_url("access", "worker")
    return subprocess.run(command, env={**os.environ, "CARILLON_ACCESS_DB_WORKER_URL": url}).returncode


def back_up(arguments):
    backups = Stack().load().backups()
    for one in backups.sets() if arguments.list else [backups.create("full" if arguments.full else "incr")]:
        print(json.dumps(one) if arguments.json else
              f"{one['id']}  {one['kind']:<5} {one['bytes']:>12} bytes  {one['copies']} copies  sha256 {one['checksum']}")


def restore(arguments):
    done = Stack().restore(arguments.service, arguments.at, arguments.copy)
    print(f"{done['service']} is as it was at {done['at']}; {done['erasures']} erased customers are on its list")


def scxml(arguments):
    """The documents of a folder, by the interpreter that plays the menus."""
    tree.build(targets=["carillon-ivr"])
    allowed = [word for place in arguments.allow for word in ("--allow", place)]
    return tree.shown(layout.BIN / "carillon-ivr", "scxml", *allowed, os.path.abspath(arguments.folder))


def flow(arguments):
    """The flow tests of a folder."""
    tree.build(targets=["carillon-ivr"])
    shown = ["--print"] if arguments.print else []
    return tree.shown(layout.BIN / "carillon-ivr", "flow", arguments.what, *shown, os.path.abspath(arguments.folder))


def replay(arguments):
    print(Stack().load().kafka.tool("replay", layout.ROOT / "deploy/kafka/topics.json", arguments.topic).strip())


def env(arguments):
    """Prints one setting of a service, or all, for a shell."""
    values = Stack().load().environment(arguments.service)
    prefix = f"CARILLON_{arguments.service.upper()}_"
    if arguments.key:
        print(values[prefix + arguments.key])
    else:
        for key, value in values.items():
            print(f"export {key}='{value}'")


def evaluate(arguments):
    """Runs the measuring program of one subject over files whose truth is known; .xz files are read through."""
    tree.build_only(f"carillon-eval-{arguments.subject}")
    command = [str(layout.BIN / f"carillon-eval-{arguments.subject}"), "--truth", arguments.truth]
    command += [word for name in arguments.hide for word in ("--hide", name)]
    command += [word for size in arguments.generate for word in ("--generate", str(size))]
    command += ["--explain", str(arguments.explain)] if arguments.explain else []
    command += ["--seed", str(arguments.seed)] if arguments.seed else []
    command += ["--json"] if arguments.json else []
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.file:
            path = pathlib.Path(name)
            if path.suffix == ".xz":
                plain = pathlib.Path(folder) / path.stem
                plain.write_bytes(lzma.decompress(path.read_bytes()))
                path = plain
            command.append(str(path))
        return subprocess.run(command).returncode


def parser():
    top = argparse.ArgumentParser(prog="./carillon", description=__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name, text, run):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    add("demo", "Builds, starts the stack and plays a day of calls through it; the stack stays up.", None)
    sub = add("test", "Builds and runs the tests, those that need servers against private ones.", tree.test)
    sub.add_argument("--long", action="store_true", help="also soak tests, long fuzzing and figures")
    sub.add_argument("--only", metavar="LABEL", help="unit, store, service, e2e, ...")
    sub = add("up", "Starts what is not running: PostgreSQL, Redis, Kafka, every service, the gateway. Services whose "
                    "binary is newer than their process are restarted.", up)
    sub.add_argument("--no-build", action="store_true", help="with the binaries as they are")
    add("down", "Ends what up started, and nothing else. Data stays in .run.", lambda a: Stack().down())
    sub = add("restart", "Ends parts in good order and starts them again, one after another.", restart)
    sub.add_argument("part", nargs="*", help="as status names it")
    sub.add_argument("--all", action="store_true", help="every service and the gateway")
    sub = add("status", "Each part: how it is, since when, what waits, what is wrong and what to do. Exit code 0: all is "
                        "well, 1: something is wrong, 3: not running.",
              lambda a: Stack().status(a.json))
    sub.add_argument("--json", action="store_true")
    sub = add("logs", "Shows the end of one part's log, or of all.", lambda a: Stack().show_logs(a.part, a.follow))
    sub.add_argument("part", nargs="?")
    sub.add_argument("-f", "--follow", action="store_true")
    sub = add("replay", "Puts the dead letters of a topic back into it, once what refused them is mended.", replay)
    sub.add_argument("topic")
    sub = add("env", "Prints a running service's settings: ./carillon env customer DB_URL", env)
    sub.add_argument("service", choices=layout.SERVICES)
    sub.add_argument("key", nargs="?")
    sub = add("audit", "Walks the audit chains of every tenant and says whether they are whole. Exit code 1: one is not, "
                       "2: it could not look.", audit)
    sub.add_argument("what", choices=["verify"])
    sub.add_argument("--tenant", metavar="SLUG")
    sub.add_argument("--json", action="store_true")
    sub = add("backup", "Backs the cluster up with pgBackRest: what changed since the last one, in two copies that are compared. "
                        "From the first one on, all changes go to both copies as they are made. CARILLON_BACKUP_COPIES=DIR:DIR "
                        "says where; without it beside the data.", back_up)
    sub.add_argument("--full", action="store_true", help="everything; the first one always is")
    sub.add_argument("--list", action="store_true", help="what there is, each copy checked against its checksum")
    sub.add_argument("--json", action="store_true")
    sub = add("restore", "Puts one service's database back as it was: the cluster is recovered beside, the database copied back, "
                         "customers erased since are erased again. The service stands still meanwhile.", restore)
    sub.add_argument("--service", required=True, choices=layout.SERVICES)
    sub.add_argument("--at", metavar="TIME", help="2026-03-02T10:32:00+08:00; without it the last there is")
    sub.add_argument("--copy", type=int, choices=[1, 2], default=1, help="which copy to read")
    sub = add("eval", "Measures a capability on sets whose truth is known. linkage: which records are of one person or "
                      "company; prints precision, recall, F1 and seconds.", evaluate)
    sub.add_argument("subject", choices=["linkage"])
    sub.add_argument("file", nargs="*", help="CSV with a heading, also .csv.xz")
    sub.add_argument("--truth", default="rec_id", help="column that says whose a record is; never compared")
    sub.add_argument("--hide", metavar="COLUMN", action="append", default=[], help="a column that is not compared")
    sub.add_argument("--generate", metavar="N", type=int, action="append", default=[],
                     help="also a generated Chinese set of N records; of two sizes, how time grows")
    sub.add_argument("--seed", type=int, help="another generated set")
    sub.add_argument("--explain", metavar="N", type=int, help="the N closest decisions, field by field")
    sub.add_argument("--json", action="store_true")
    sub = add("scxml", "Runs every SCXML document of a folder: a line each, then how many passed. A document passes in its "
                       "final state `pass`, or by the event script (.json) beside it. Exit code 1: not all did.", scxml)
    sub.add_argument("folder")
    sub.add_argument("--allow", metavar="HOST:PORT", action="append", default=[],
                     help="a place on loopback that documents may post to")
    sub = add("flow", "Runs the tests of menu flows in a folder (*.flowtest): a line each with the path taken, then how many "
                      "passed. Exit code 1: not all did.", flow)
    sub.add_argument("what", choices=["test"])
    sub.add_argument("folder")
    sub.add_argument("--print", action="store_true", help="also what the caller hears")
    sub = add("images", "Builds an image of every part for Docker, its SBOM in build/images/sbom, and, once, the passwords and "
                        "certificates for docker-compose up.", images.images)
    sub.add_argument("part", nargs="*", help="only these")
    sub.add_argument("--base", metavar="IMAGE", help="Debian 12 to stand on, e.g. debian:bookworm-slim; without it, bases are made "
                                                     "of Debian's packages, and nothing is pulled")
    sub.add_argument("--no-build", action="store_true", help="with the binaries as they are")
    sub = add("bundle", "Writes one archive to install from without a network: images, chart, compose file, migrations, SBOMs, "
                        "licences, checksums, signature.", images.bundle)
    sub.add_argument("--key", metavar="FILE", help="private key (PEM) that signs the checksums")
    sub.add_argument("--out", metavar="FILE", help="default build/images/carillon-<version>.tar.gz")
    add("build", "Configures and compiles the preset of CARILLON_PRESET (default ci).", lambda a: tree.build())
    add("fmt", "Formats C++, CMake and .proto files in place.", lambda a: tree.fmt())
    sub = add("lint", "Formats checked, contracts linted and compared with the last release, migrations, layers, and "
                      "clang-tidy on changed files.", lambda a: tree.lint(a.all))
    sub.add_argument("--all", action="store_true", help="clang-tidy on every file")
    sub = add("bench", "Runs the figures (ctest bench), each against a limit measured in the same run.",
              lambda a: tree.bench(a.part))
    sub.add_argument("part", nargs="?", choices=["services", "customer", "ivr", "routing", "web"], help="only its figures")
    return top


def main():
    if sys.argv[1:2] == ["demo"]:  # it has its own options, and its own --help
        return run_demo(sys.argv[2:])
    arguments = parser().parse_args()
    return arguments.run(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Problem as problem:
        sys.exit(f"carillon: {problem}")
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(130)
