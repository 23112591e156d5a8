#!/usr/bin/env python3
"""The benchmark: skein against floors that do the bare minimum, in one run, in turns.

usage: bench.py BUILD [--write FILE] [--pairs N] [--only WORDS] [--smoke]

BUILD has skein and the floors. Each section of the page is printed as soon as it is measured; --write puts it at once into FILE, too,
where it takes the place of the one before it, and the others stay: what is stopped loses nothing. --only: some of
postgresql,schemas,mariadb,sqlite,scale,files. --smoke: tiny sizes, judges no times; that floors and skein do the same work is always
checked. Exit 1: a demand is not met; 2: FILE has what the benchmark did not write, nothing was measured.
"""

import argparse
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import page
import report
from fleet import PROJECT, Mariadb, Postgresql, Schemas, Sqlite
from samples import Ratio, contest, measure

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HISTORY = "seq, revision, direction, state"
PARTS = ("postgresql", "schemas", "mariadb", "sqlite", "scale", "files")
# shell: so many of the databases; few, many: revisions, and on how many databases; schemas_work: how many have work to do,
# the longest of all, while with nothing to do they all take part.
SIZES = {"postgresql": 200, "schemas": 1000, "mariadb": 100, "sqlite": 500, "schemas_work": 400, "shell": 50,
         "few": (10, 32), "many": (1000, 16), "targets": 10000, "files": (100, 1000, 10000)}
SMOKE = {"postgresql": 2, "schemas": 9, "mariadb": 2, "sqlite": 2, "schemas_work": 4, "shell": 2,
         "few": (2, 2), "many": (4, 2), "targets": 20, "files": (2, 4)}


class Tools:
    """Where the programs are, and what each part of the benchmark wants to know."""

    def __init__(self, build, rounds, smoke, folder):
        bench = os.path.join(build, "tests", "bench")
        self.root, self.skein = ROOT, os.path.join(build, "src", "app", "skein")
        self.floor_postgresql = os.path.join(bench, "floor_postgresql")
        self.floor_schemas = os.path.join(bench, "floor_schemas")
        self.floor_mariadb = os.path.join(bench, "floor_mariadb")
        self.floor_sqlite = os.path.join(bench, "floor_sqlite")
        self.measure = os.path.join(bench, "measure")
        self.rounds, self.sizes, self.folder = rounds, SMOKE if smoke else SIZES, folder
        self.smoke = smoke

    def write_out(self):
        """What is on its way to the disk is not in a sample's way; where no time is judged nobody waits for that."""
        if not self.smoke:
            os.sync()


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Results:
    """Takes each result as soon as it is measured: into the page, to the reader, and whether a demand is missed."""

    def __init__(self, path, rounds, judges):
        self.path, self.rounds, self.judges, self.missed = path, rounds, judges, []

    def add(self, result, versions=()):
        text = report.section(result, self.rounds, list(versions))
        if self.path:
            page.put(self.path, result.title, text)
        print(text, flush=True)
        missed = result.missed() if self.judges else []
        self.missed += missed
        for miss in missed:
            say(f"not met: {miss}")


# ---- the fleets of the demands

class SameWork:
    """Looks at what each contestant left; when it saw all: the same schema, version row and history. Called by contest()."""

    KEEP_HISTORY = ("skein", "bookkeeping floor")

    def __init__(self, fleet, names):
        self.fleet, self.names = fleet, set(names)
        self.left, self.histories = {}, {}

    def __call__(self, name):
        fleet = self.fleet
        self.left[name] = [(fleet.schema(number), fleet.rows(number, "alembic_version", "version_num"))
                           for number in (1, fleet.count)]
        if name in self.KEEP_HISTORY:
            self.histories[name] = fleet.rows(fleet.count, "skein_history", HISTORY)
        if set(self.left) == self.names:
            self.compare("what was left", self.left)
            self.compare("histories", self.histories)

    def compare(self, what, left):
        (first, one), *others = left.items() or [("", "")]
        for name, other in others:
            if other != one:
                raise SystemExit(f"bench: {self.fleet.name}: {what} by {first} and {name} differ:\n{one}\n--\n{other}")


def same_work(tools, fleet, contestants):
    """A contest of programs that leave the same: a fleet as it was before, for each sample."""
    return contest(tools, fleet.folder, contestants, fleet.fresh, SameWork(fleet, contestants))


def work(tools, fleet, title, project=PROJECT, bookkeeping=None, bare=None, with_bare=True):
    """skein stands in the middle: it runs beside each of the floors."""
    revisions = report.counted(len(os.listdir(os.path.join(project, "versions"))), "revision")
    what = f"{revisions} on {fleet.size()}"
    say(f"{fleet.name}: {what}")
    contestants = {
        "bookkeeping floor": fleet.floor("bookkeeping", project),
        "skein": fleet.skein("upgrade", "head", project=project),
        "bare floor": fleet.floor("bare", project),
    }
    if not with_bare:
        del contestants["bare floor"]
    samples = same_work(tools, fleet, contestants)
    ratios = [Ratio(samples, "skein", "bookkeeping floor", limit=bookkeeping)]
    if with_bare:
        ratios.append(Ratio(samples, "skein", "bare floor", limit=bare))
    return report.Contest(f"{fleet.name}: {title}", what, samples, ratios)


def three_revisions(tools, fleet):
    return work(tools, fleet, "three revisions", bookkeeping=fleet.BOOKKEEPING, bare=fleet.BARE,
                with_bare=fleet.BARE is not None)


def nothing_to_do(tools, fleet):
    say(f"{fleet.name}: nothing to do on {fleet.count}")
    upgrade = fleet.skein("upgrade", "head")
    fleet.fresh()
    measure(tools, fleet.folder, upgrade)
    samples = contest(tools, fleet.folder, {
        "floor": fleet.floor("heads"),
        "skein": upgrade,
        "floor with open rows": fleet.floor("open"),
    }, fleet.settle)
    return report.Contest(
        f"{fleet.name}: nothing to do", fleet.size(), samples,
        [Ratio(samples, "skein", "floor", limit=fleet.NOTHING),
         Ratio(samples, "skein", "floor with open rows")])


def by_xargs(tools, fleet):
    """A floor that psql comes near to would be none. Some of the databases show it."""
    say(f"{fleet.name}: by xargs -P8 psql on {fleet.count}")
    binary = os.path.join(fleet.bin, "psql")
    samples = same_work(tools, fleet, {
        "xargs -P8 psql": fleet.xargs(shutil.which("psql") or binary),
        "bare floor": fleet.floor("bare"),
        "xargs -P8 psql, the server's binary": fleet.xargs(binary),
    })
    return report.Contest(
        f"{fleet.name}: three revisions by the shell", fleet.size(), samples,
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


def short_revisions(tools, fleet, title, revisions, targets, bare=None):
    """By few and by many of them: what the second costs more, a target and a revision; skein's against the floor's. On one
    file: a project as old as it is long, on one new file, where all that skein does besides the SQL shows."""
    folder = os.path.join(fleet.folder, f"revisions-{revisions}")
    project = folder if os.path.exists(folder) else make_project(folder, revisions)
    with fleet.only(targets):
        return work(tools, fleet, title, project, bare=bare)


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
                     for _ in range(tools.rounds))
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
                    for _ in range(tools.rounds)]
            row.append(sorted(run.user + run.system for run in runs)[len(runs) // 2])
        rows.append(row)
    return report.Files(rows)


# ---- all of it

def few_and_many(tools, fleet):
    for size in ("few", "many"):
        yield short_revisions(tools, fleet, f"{size} short revisions", *tools.sizes[size])


def postgresql(tools, fleet):
    yield three_revisions(tools, fleet)
    yield nothing_to_do(tools, fleet)
    with fleet.only(tools.sizes["shell"]):
        yield by_xargs(tools, fleet)
    yield from few_and_many(tools, fleet)


def schemas(tools, fleet):
    with fleet.only(tools.sizes["schemas_work"]):
        yield three_revisions(tools, fleet)
    yield nothing_to_do(tools, fleet)


def mariadb(tools, fleet):
    yield three_revisions(tools, fleet)


def sqlite(tools, fleet):
    yield three_revisions(tools, fleet)
    yield nothing_to_do(tools, fleet)
    yield from few_and_many(tools, fleet)
    yield short_revisions(tools, fleet, "many short revisions on one file", tools.sizes["many"][0], 1, bare=1.25)


FLEETS = {"postgresql": (Postgresql, postgresql), "schemas": (Schemas, schemas), "mariadb": (Mariadb, mariadb),
          "sqlite": (Sqlite, sqlite)}
OTHERS = {"scale": big_fleet, "files": many_files}


def on_fleet(tools, part, results):
    kind, contests = FLEETS[part]
    fleet = kind(tools, os.path.join(tools.folder, part), tools.sizes[part])
    try:
        say(f"{fleet.name}: made ready")
        fleet.prepare()
        for result in contests(tools, fleet):
            results.add(result, [fleet.versions()])
    finally:
        fleet.close()


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n")[2].removeprefix("usage: "))
    parser.add_argument("build")
    parser.add_argument("--write", metavar="FILE")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    options.only = options.only.split(",")
    for part in options.only:
        if part not in PARTS:
            parser.error(f"--only: no part is named '{part}' (there are {', '.join(PARTS)})")
    if options.pairs < 1:
        parser.error("--pairs: at least 1")
    return options


def end_by_signal(number, _frame):
    """Servers are stopped and folders removed on the way out, which a second signal does not cut short."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def main():
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_by_signal)
    rounds = 1 if options.smoke else options.pairs
    results = Results(options.write, rounds, judges=not options.smoke)
    try:
        page.sections_of(page.read(options.write) if options.write else "")
    except page.PageError as error:
        say(f"{options.write} {error}")
        sys.exit(2)
    with tempfile.TemporaryDirectory(prefix="skein-bench.") as folder:
        os.chmod(folder, 0o755)
        tools = Tools(os.path.abspath(options.build), rounds, options.smoke, folder)
        for part in PARTS:
            if part in options.only and part in FLEETS:
                on_fleet(tools, part, results)
            elif part in options.only:
                results.add(OTHERS[part](tools))
    sys.exit(1 if results.missed else 0)


if __name__ == "__main__":
    main()
