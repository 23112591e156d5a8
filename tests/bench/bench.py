#!/usr/bin/env python3
"""The benchmark: skein against floors that do the bare minimum, in one run, in turns.

usage: bench.py BUILD [--write FILE] [--pairs N] [--only WORDS] [--smoke]

BUILD has skein and the floors. --only: some of postgresql,schemas,mariadb,sqlite,scale,files. --smoke: tiny sizes, judges no
times; that floors and skein do the same work is always checked. Exit 1: a demand is not met.
"""

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import report
from fleet import CONCURRENCY, PROJECT, Mariadb, Postgresql, Schemas, Sqlite
from samples import Ratio, contest, measure

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HISTORY = "seq, revision, direction, state"
SIZES = {"postgresql": 200, "schemas": 1000, "mariadb": 100, "sqlite": 500, "targets": 10000, "few": 32, "revisions": (10, 1000),
         "files": (100, 1000, 10000)}
SMOKE = {"postgresql": 2, "schemas": 9, "mariadb": 2, "sqlite": 2, "targets": 20, "few": 2, "revisions": (2, 4),
         "files": (2, 4)}


class Tools:
    """Where the programs are, and what each part of the benchmark wants to know."""

    def __init__(self, build, pairs, sizes, folder):
        bench = os.path.join(build, "tests", "bench")
        self.root, self.skein = ROOT, os.path.join(build, "src", "app", "skein")
        self.floor_postgresql = os.path.join(bench, "floor_postgresql")
        self.floor_schemas = os.path.join(bench, "floor_schemas")
        self.floor_mariadb = os.path.join(bench, "floor_mariadb")
        self.floor_sqlite = os.path.join(bench, "floor_sqlite")
        self.measure = os.path.join(bench, "measure")
        self.pairs, self.sizes, self.folder = pairs, sizes, folder


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


# ---- the fleets of the demands

def expect_same(what, one, other):
    if one != other:
        raise SystemExit(f"bench: {what} differ:\n{one}\n--\n{other}")


def check_same_work(tools, fleet, project=PROJECT):
    """Floors and skein leave the same schema, the same version row, the same history."""
    left = {}
    for name, command in (("bare", fleet.floor("bare", project)),
                          ("bookkeeping", fleet.floor("bookkeeping", project)),
                          ("skein", fleet.skein("upgrade", "head", project=project))):
        fleet.fresh()
        measure(tools, fleet.folder, command)
        left[name] = [(fleet.schema(number), fleet.rows(number, "alembic_version", "version_num"))
                      for number in (1, fleet.count)]
        if name != "bare":
            left[name + " history"] = fleet.rows(fleet.count, "skein_history", HISTORY)
    expect_same(f"{fleet.name}: skein and the bare floor", left["skein"], left["bare"])
    expect_same(f"{fleet.name}: the floors", left["bookkeeping"], left["bare"])
    expect_same(f"{fleet.name}: histories", left["skein history"], left["bookkeeping history"])


def work(tools, fleet):
    say(f"{fleet.name}: the work on {fleet.count}")
    check_same_work(tools, fleet)
    samples = contest(tools, fleet.folder, {
        "skein": fleet.skein("upgrade", "head"),
        "bookkeeping floor": fleet.floor("bookkeeping"),
        "bare floor": fleet.floor("bare"),
    }, fleet.fresh, tools.pairs)
    return report.Contest(
        f"{fleet.name}: three revisions on {fleet.count} {fleet.NOUN}", samples,
        [Ratio(samples, "skein", "bookkeeping floor", limit=fleet.BOOKKEEPING),
         Ratio(samples, "skein", "bare floor", limit=fleet.BARE)])


def nothing_to_do(tools, fleet):
    say(f"{fleet.name}: nothing to do on {fleet.count}")
    upgrade = fleet.skein("upgrade", "head")
    fleet.fresh()
    measure(tools, fleet.folder, upgrade)
    samples = contest(tools, fleet.folder, {
        "skein": upgrade,
        "floor": fleet.floor("heads"),
        "floor with open rows": fleet.floor("open"),
    }, fleet.settle, tools.pairs)
    return report.Contest(
        f"{fleet.name}: nothing to do on {fleet.count} {fleet.NOUN}", samples,
        [Ratio(samples, "skein", "floor", limit=fleet.NOTHING),
         Ratio(samples, "skein", "floor with open rows")])


def by_xargs(tools, fleet):
    """A floor that psql comes near to would be none."""
    say("PostgreSQL: by xargs -P8 psql")
    binary = os.path.join(fleet.bin, "psql")
    samples = contest(tools, fleet.folder, {
        "bare floor": fleet.floor("bare"),
        "xargs -P8 psql": fleet.xargs(shutil.which("psql") or binary),
        "xargs -P8 psql, the server's binary": fleet.xargs(binary),
    }, fleet.fresh, max(1, tools.pairs // 2))
    return report.Contest(
        f"PostgreSQL: the same work on {fleet.count} databases by the shell", samples,
        [Ratio(samples, "xargs -P8 psql", "bare floor", least=3),
         Ratio(samples, "xargs -P8 psql, the server's binary", "bare floor")])


# ---- many short revisions

def revision_id(number):
    """As good as random: what is sorted by id must not come in order."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:12]


def revision_text(number, statement):
    parent = revision_id(number - 1) if number > 1 else ""
    return (f"-- Revision {number}\n--\n-- Revision ID: {revision_id(number)}\n-- Revises: {parent}\n\n"
            f"-- skein:upgrade\n{statement}\n\n-- skein:downgrade\n")


def make_project(folder, count):
    versions = os.path.join(folder, "versions")
    os.makedirs(versions)
    for number in range(1, count + 1):
        statement = f"INSERT INTO witness (number) VALUES ({number});" if number > 1 else \
            "CREATE TABLE witness (number integer NOT NULL);"
        path = os.path.join(versions, f"{number:05}_revision.sql")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(revision_text(number, statement))
    return folder


def many_statements(tools, fleet):
    """What the second size costs more than the first, a target and a revision; skein's against the floor's."""
    all_of_them, fleet.count = fleet.count, tools.sizes["few"]
    contests = []
    for count in tools.sizes["revisions"]:
        say(f"{fleet.name}: {count} revisions on {fleet.count}")
        project = make_project(os.path.join(fleet.folder, f"revisions-{count}"), count)
        if count < 100:
            check_same_work(tools, fleet, project)
        samples = contest(tools, fleet.folder, {
            "skein": fleet.skein("upgrade", "head", project=project),
            "bookkeeping floor": fleet.floor("bookkeeping", project),
            "bare floor": fleet.floor("bare", project),
        }, fleet.fresh, tools.pairs)
        contests.append(report.Contest(
            f"{fleet.name}: {count} revisions of one short statement on {fleet.count} databases",
            samples, [Ratio(samples, "skein", "bookkeeping floor"),
                      Ratio(samples, "skein", "bare floor")]))
    fleet.count = all_of_them
    return contests


def one_file(tools, fleet):
    """A project as old as it is long, on one new file: all that skein does besides the SQL shows here."""
    all_of_them, fleet.count = fleet.count, 1
    count = tools.sizes["revisions"][-1]
    say(f"{fleet.name}: {count} revisions on one file")
    project = make_project(os.path.join(fleet.folder, "one-file"), count)
    samples = contest(tools, fleet.folder, {
        "skein": fleet.skein("upgrade", "head", project=project),
        "bookkeeping floor": fleet.floor("bookkeeping", project),
        "bare floor": fleet.floor("bare", project),
    }, fleet.fresh, tools.pairs)
    fleet.count = all_of_them
    return report.Contest(
        f"{fleet.name}: {count} revisions of one short statement on one file", samples,
        [Ratio(samples, "skein", "bookkeeping floor"),
         Ratio(samples, "skein", "bare floor", limit=1.25)])


# ---- the size of a fleet and of a project

def write_tenants(path, project, urls, more=""):
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(f"migrations: {{version_locations: [{project}/versions]}}\ntenants:\n")
        for number, url in enumerate(urls, 1):
            stream.write(f"  - {{name: t{number:05}, url: '{url}'{more}}}\n")
    return path


def first_connection(tools, config):
    """Seconds from the start to the first connection; then the program is ended."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.settimeout(60)
    port = listener.getsockname()[1]
    path = write_tenants(config, PROJECT,
                         (f"postgresql://postgres@127.0.0.1:{port}/b{number:05}"
                          for number in range(1, tools.sizes["targets"] + 1)))
    begin = time.monotonic()
    with subprocess.Popen([tools.skein, "-c", path, "upgrade", "head"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        connection, _ = listener.accept()
        seconds = time.monotonic() - begin
        process.kill()
    connection.close()
    listener.close()
    return seconds


def big_fleet(tools):
    count = tools.sizes["targets"]
    say(f"{count} targets")
    folder = os.path.join(tools.folder, "big")
    databases = os.path.join(folder, "databases")
    os.makedirs(databases)
    config = write_tenants(os.path.join(folder, "skein.yaml"), PROJECT,
                           (f"sqlite:{databases}/{number:05}.db" for number in range(1, count + 1)),
                           ", create: true")
    measured = {}
    for name, command in (("upgrade head", ["upgrade", "head"]),
                          ("upgrade head, again", ["upgrade", "head"]), ("current", ["current"])):
        measured[name] = measure(tools, folder, [tools.skein, "-c", config, *command])
    seconds = sorted(first_connection(tools, os.path.join(folder, "many.yaml"))
                     for _ in range(tools.pairs))
    shutil.rmtree(folder)
    return report.BigFleet(count, measured, seconds[len(seconds) // 2])


def many_files(tools):
    """Processor time of what only reads the project, by its size."""
    folder = os.path.join(tools.folder, "files")
    rows = []
    for count in tools.sizes["files"]:
        say(f"a project of {count} files")
        project = make_project(os.path.join(folder, str(count)), count)
        config = write_tenants(os.path.join(project, "skein.yaml"), project, ["sqlite:one.db"],
                               ", create: true")
        measure(tools, folder, [tools.skein, "-c", config, "stamp", "head"])
        row = [count]
        for command in report.Files.COMMANDS:
            runs = [measure(tools, folder, [tools.skein, "-c", config, *command.split()])
                    for _ in range(tools.pairs)]
            row.append(sorted(run.user + run.system for run in runs)[len(runs) // 2])
        rows.append(row)
    return report.Files(rows)


# ---- all of it

def on_fleet(tools, kind, size, results):
    fleet = kind(tools, os.path.join(tools.folder, kind.__name__.lower()), size)
    try:
        results.append(work(tools, fleet))
        if kind is not Mariadb:
            results.append(nothing_to_do(tools, fleet))
        if kind is Postgresql:
            results.append(by_xargs(tools, fleet))
        if kind in (Postgresql, Sqlite):
            results += many_statements(tools, fleet)
        if kind is Sqlite:
            results.append(one_file(tools, fleet))
        return fleet.versions()
    finally:
        fleet.close()


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n")[2].removeprefix("usage: "))
    parser.add_argument("build")
    parser.add_argument("--write", metavar="FILE")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", default="postgresql,schemas,mariadb,sqlite,scale,files")
    parser.add_argument("--smoke", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    parts = options.only.split(",")
    results, versions = [], []
    with tempfile.TemporaryDirectory(prefix="skein-bench.") as folder:
        os.chmod(folder, 0o755)
        tools = Tools(os.path.abspath(options.build), 1 if options.smoke else options.pairs,
                      SMOKE if options.smoke else SIZES, folder)
        for kind in (Postgresql, Schemas, Mariadb, Sqlite):
            name = kind.__name__.lower()
            if name in parts:
                version = on_fleet(tools, kind, tools.sizes[name], results)
                versions += [version] if version not in versions else []
        if "scale" in parts:
            results.append(big_fleet(tools))
        if "files" in parts:
            results.append(many_files(tools))
    text = report.render(results, versions, CONCURRENCY, tools.pairs)
    if options.write:
        with open(options.write, "w", encoding="utf-8") as stream:
            stream.write(text)
        say(f"written to {options.write}")
    else:
        print(text)
    missed = [] if options.smoke else [miss for result in results for miss in result.missed()]
    for miss in missed:
        say(f"not met: {miss}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
